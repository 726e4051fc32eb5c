/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a lesson shows of a fit: which half-steps, rows of the data, columns and parameters.  A page
   stays below a few megabytes whatever the data. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

enum
{
  MOST_PASSES = 100, /* with two half-steps each */
  FIRST_PASSES = 40, /* of a longer fit: the first ones, all of them */
  MOST_POINTS = 2000
};

/* How far a fit has come at an E half-step after the first ones: half of the way is counted in
   passes, half in nats, so that a late climb is seen as well as a long plateau. */
static double
way_so_far (const lesson *l, size_t pass, double elbo, double begin)
{
  const double end = l->record[l->nrecord - 1].elbo, all = (double)(l->npass - FIRST_PASSES);
  const double climbed = end > begin ? (elbo - begin) / (end - begin) : 1;
  return 0.5 * (double)(pass + 1 - FIRST_PASSES) / all + 0.5 * fmin (fmax (climbed, 0), 1);
}

/* Of a long fit the first passes, and later ones at even distances on this way; the last is one. */
static void
choose_passes (lesson *l)
{
  const double places = MOST_PASSES - FIRST_PASSES;
  double begin = 0, reached = 0;
  size_t pass = 0;
  for (size_t i = 0; i < l->nrecord; i++)
    {
      if (l->record[i].half != 'E')
        continue;
      if (pass + 1 == FIRST_PASSES)
        begin = l->record[i].elbo;
      l->kept[pass] = l->npass <= MOST_PASSES || pass < FIRST_PASSES;
      if (!l->kept[pass])
        {
          const double place = floor (places * way_so_far (l, pass, l->record[i].elbo, begin));
          l->kept[pass] = place > reached;
          reached = fmax (reached, place);
        }
      pass++;
    }
}

/* Is a row of the table one of the page's?  Of columns with places those that are drawn. */
static int
is_shown (const lesson *l, const table_row *row)
{
  if (row->kind != TABLE_COLUMN || row->block != place_block (l->subject->model))
    return row->kind == TABLE_WEIGHT || row->kind == TABLE_COLUMN;
  for (size_t i = 0; i < l->ncolumn; i++)
    if (l->column[i] == row->column)
      return 1;
  return 0;
}

static void
choose_parameters (lesson *l)
{
  for (size_t i = 0; i < l->table.nrow; i++)
    if (!is_shown (l, &l->table.row[i]))
      continue;
    else if (l->nrow < LESSON_ROWS)
      l->row[l->nrow++] = i;
    else
      l->nleft++;
}

static void
choose_rows (lesson *l)
{
  const elbo_data *data = l->subject->data;
  const size_t n = elbo_data_rows (data);
  l->stride = 1 + (n - 1) / MOST_POINTS;
  for (size_t i = 0; i < n; i += l->stride)
    if (elbo_data_weight (data, i) > 0)
      l->shown[l->nshown++] = i;
}

int
lesson_plan (lesson *l, const subject *s, const elbo_outcome *chosen)
{
  memset (l, 0, sizeof *l);
  l->subject = s;
  l->nrecord = elbo_outcome_records (chosen);
  l->record = calloc (l->nrecord + 1, sizeof *l->record);
  if (!l->record)
    return complain_memory ();
  trace_copy (l->record, chosen);
  for (size_t i = 0; i < l->nrecord; i++)
    l->npass += l->record[i].half == 'E';
  l->kept = calloc (l->npass + 1, 1);
  l->shown = calloc (MOST_POINTS, sizeof *l->shown);
  l->belief = calloc (MOST_PASSES, sizeof *l->belief);
  /* for each pass the q before it and after it, and one more where sticks are reordered */
  l->q = calloc (3 * MOST_PASSES + 1, sizeof *l->q);
  /* M, E and V, and H after M and V; the first M and its H besides */
  l->step = calloc (5 * MOST_PASSES + 2, sizeof *l->step);
  const int status = table_make (&l->table, s->model, s->record);
  if (status || !l->kept || !l->shown || !l->belief || !l->q || !l->step)
    return complain_memory ();
  choose_passes (l);
  l->ncolumn = scatter_columns (s, l->column);
  choose_parameters (l);
  choose_rows (l);
  return 0;
}

void
lesson_free (lesson *l)
{
  table_free (&l->table);
  for (size_t i = 0; i < l->nbelief; i++)
    {
      free (l->belief[i].value);
      free (l->belief[i].covariance);
    }
  for (size_t i = 0; i < l->nq; i++)
    {
      free (l->q[i].count);
      free (l->q[i].tone);
    }
  free (l->record);
  free (l->kept);
  free (l->shown);
  free (l->belief);
  free (l->q);
  free (l->step);
}
