/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a picture needs to know beside the model: the rows it draws and the run that was chosen. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "cli/picture.h"

/* Points in a picture: an SVG file spends a hundred bytes on each. */
enum
{
  MOST_POINTS = 6000
};

size_t
subject_block (const subject *s)
{
  size_t b = 0;
  while (b < elbo_model_nblock (s->model)
         && !elbo_covariance_name (elbo_model_block (s->model, b)->family))
    b++;
  return b;
}

/* Panels in which each row is a point. */
static size_t
panels (const subject *s)
{
  size_t column[MOST_SCATTER];
  const size_t n = scatter_columns (s, column);
  return n < 2 ? 1 : n * (n - 1) / 2;
}

int
subject_rows (subject *s, scores *rows)
{
  const size_t n = elbo_data_rows (rows->data), ncomp = elbo_model_ncomp (s->model);
  const size_t most = MOST_POINTS / panels (s);
  int more;
  s->data = rows->data;
  s->stride = 1 + (n - 1) / most;
  s->shown = calloc (most, sizeof *s->shown);
  s->resp = calloc (most, ncomp * sizeof *s->resp);
  if (!s->shown || !s->resp)
    {
      complain ("out of memory");
      return EXIT_DATA;
    }
  scores_rewind (rows, 0);
  while ((more = scores_next (rows)) > 0)
    for (size_t i = 0; i < rows->n; i++)
      if ((rows->first + i) % s->stride == 0 && elbo_data_weight (s->data, rows->first + i) > 0)
        {
          s->shown[s->nshown] = rows->first + i;
          memcpy (s->resp + s->nshown++ * ncomp, rows->resp + i * ncomp, ncomp * sizeof *s->resp);
        }
  return more < 0 ? EXIT_DATA : 0;
}

void
subject_free (subject *s)
{
  free (s->shown);
  free (s->resp);
}

int
subject_empty (const subject *s, size_t k)
{
  return s->record->count && s->record->count[k] < 1 && s->record->weight > 1;
}

int
subject_rival (const subject *s, const trace_run *run)
{
  /* each structure has its own starts: their numbers go on from one to the next */
  const size_t starts = s->record->starts ? s->record->starts : 1;
  return run->ncomp == elbo_model_ncomp (s->model) && run->nrecord && s->record->start
         && (run->start - 1) / starts == (s->record->start - 1) / starts;
}

const trace_run *
subject_chosen (const subject *s)
{
  for (size_t i = 0; s->trace && i < s->trace->nrun; i++)
    if (subject_rival (s, &s->trace->run[i]) && s->trace->run[i].start == s->record->start)
      return &s->trace->run[i];
  return NULL;
}
