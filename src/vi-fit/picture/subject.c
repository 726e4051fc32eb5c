/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a picture needs to know beside the model: the rows it draws and the run that was chosen. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

/* Points in a picture: an SVG file spends a hundred bytes on each. */
enum
{
  MOST_POINTS = 6000
};

/* Variance of the component means over the mean variance within: how well a column separates. */
static double
separation (size_t ncomp, size_t dim, size_t j, const double *weight, const double *mean,
            const double *within)
{
  double total = 0, between = 0, inside = 0;
  for (size_t k = 0; k < ncomp; k++)
    total += weight[k] * mean[k * dim + j];
  for (size_t k = 0; k < ncomp; k++)
    {
      const double d = mean[k * dim + j] - total;
      between += weight[k] * d * d;
      inside += weight[k] * within[k * dim + j] * within[k * dim + j];
    }
  return inside > 0 ? between / inside : 0;
}

double *
deviations (const subject *s, size_t b)
{
  return view_take (s->model, b, view_find (s->model, b, ELBO_LENGTH, 1), VIEW_VALUE);
}

size_t
keep_best (const double *score, size_t dim, size_t *column)
{
  size_t n = 0;
  for (size_t j = 0; j < dim; j++)
    {
      size_t better = 0;
      for (size_t i = 0; i < dim; i++)
        better += score[i] > score[j] || (!(score[i] < score[j]) && i < j);
      if (better < MOST_SCATTER)
        column[n++] = j;
    }
  return n;
}

size_t
scatter_columns (const subject *s, size_t column[MOST_SCATTER])
{
  const size_t b = place_block (s->model), ncomp = elbo_model_ncomp (s->model);
  if (b == elbo_model_nblock (s->model))
    return 0;
  const size_t dim = elbo_model_block (s->model, b)->dim;
  double *score = calloc (dim + ncomp, sizeof *score), *within = deviations (s, b);
  double *mean = places (s->model, b, VIEW_VALUE);
  size_t n = 0;
  if (score && within && mean)
    {
      elbo_model_weights (s->model, score + dim);
      for (size_t j = 0; j < dim; j++)
        score[j] = separation (ncomp, dim, j, score + dim, mean, within);
      n = keep_best (score, dim, column);
    }
  free (score);
  free (within);
  free (mean);
  return n;
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
    return complain_memory ();
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
  /* each structure has its own numbers */
  return run->ncomp == elbo_model_ncomp (s->model) && run->nrecord && s->record->start
         && (run->start - 1) / STRUCTURE_RUNS == (s->record->start - 1) / STRUCTURE_RUNS;
}

const trace_run *
subject_chosen (const subject *s)
{
  for (size_t i = 0; s->trace && i < s->trace->nrun; i++)
    if (subject_rival (s, &s->trace->run[i]) && s->trace->run[i].start == s->record->start)
      return &s->trace->run[i];
  return NULL;
}
