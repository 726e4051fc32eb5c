/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Equal components stand on a saddle: every half-step leaves them equal, and the bound stands still.

   Two of them are parted by leaning one to the rows above the mean of a column and the other to those
   below; after some passes either the bound is higher, and the fit goes on from there (half-step V,
   "nudge"), or it comes back and the next column is tried. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"
#include "engine/start.h"

enum
{
  PASSES = 20, /* after which a bound that is not higher counts as lower */
  COLUMNS = 8  /* that are tried */
};
#define LEAN 0.75 /* of the rows above */

/* Numbers that differ by less, of their sum, are equal. */
static const double SAME = 1e-7;

/* --- which components are equal -------------------------------------------------------------------- */

/* Do the mean statistics of a and b agree in one field? */
static int
same_field (const elbo_field *field, const elbo_shape *shape, const double *v, const double *count,
            size_t a, size_t b)
{
  const size_t each = elbo_field_size (field, shape) / shape->ncomp;
  for (size_t i = 0; i < each; i++)
    {
      const double x = v[a * each + i] / count[a], y = v[b * each + i] / count[b];
      if (fabs (x - y) > SAME * (fabs (x) + fabs (y)) + 1e-3 * SAME)
        return 0;
    }
  return 1;
}

/* Rows of two components that look the same to every family give the same beliefs, whatever the
   weights are. */
static int
are_equal (const elbo_fit *fit, size_t a, size_t b)
{
  const elbo_model *model = fit->model;
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const double *v = fit->stat + part->stat_at;
      for (const elbo_field *field = part->factor->stat; field->name; field++)
        {
          if (field->extent[0] == ELBO_COMP
              && !same_field (field, &part->shape, v, fit->stat, a, b))
            return 0;
          v += elbo_field_size (field, &part->shape);
        }
    }
  return 1;
}

/* The first two equal components that have rows; 0 when there are none. */
static int
find_equal (const elbo_fit *fit, size_t pair[2])
{
  for (size_t a = 1; a < fit->model->ncomp; a++)
    for (size_t b = 0; b < a; b++)
      if (fit->stat[a] >= 1 && fit->stat[b] >= 1 && are_equal (fit, a, b))
        {
          pair[0] = b;
          pair[1] = a;
          return 1;
        }
  return 0;
}

/* --- a lean ------------------------------------------------------------------------------------------ */

typedef struct
{
  const elbo_model *model;
  size_t pair[2], column;
  double middle;
} lean;

/* The responsibilities of a tile under the model, unweighted. */
static int
respond (const elbo_model *model, const elbo_tile *tile, double *resp)
{
  const size_t K = model->ncomp;
  double *stat = elbo_doubles (model->part->nstat + K);
  elbo_workspace w = { .score = resp };
  int status = stat ? elbo_score_tile (model, tile, &w) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = model->latent.assign (&model->part->shape, model->part->coef, tile, resp,
                                   stat + model->part->nstat, stat);
  for (size_t i = 0; i < tile->n && tile->weight && status == GSL_SUCCESS; i++)
    for (size_t k = 0; k < K && tile->weight[i] > 0; k++)
      resp[k * ELBO_TILE + i] /= tile->weight[i];
  free (stat);
  return status;
}

static int
assign_lean (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const lean *l = start->state;
  const int status = respond (l->model, tile, resp);
  (void)ncomp;
  for (size_t i = 0; i < tile->n && status == GSL_SUCCESS; i++)
    {
      double *a = resp + l->pair[0] * ELBO_TILE + i, *b = resp + l->pair[1] * ELBO_TILE + i;
      const double both = *a + *b;
      const double share = tile->x[l->column * ELBO_TILE + i] > l->middle ? LEAN : 1 - LEAN;
      *a = share * both;
      *b = both - *a;
    }
  return status;
}

/* The mean of a column over the rows of the pair. */
static int
find_middle (const elbo_fit *fit, lean *l)
{
  const elbo_model *model = fit->model;
  elbo_workspace w = { 0 };
  double sum[2] = { 0, 0 }, total[2] = { 0, 0 };
  int status = elbo_workspace_init (model, &w);
  for (size_t t = 0; t < fit->source.ntile && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = elbo_workspace_tile (&w, &fit->source, t, &tile);
      if (status == GSL_SUCCESS)
        status = respond (model, &tile, w.score);
      for (size_t i = 0; i < tile.n && status == GSL_SUCCESS; i++)
        {
          const double r
              = (tile.weight ? tile.weight[i] : 1)
                * (w.score[l->pair[0] * ELBO_TILE + i] + w.score[l->pair[1] * ELBO_TILE + i]);
          elbo_sum_add (total, r);
          elbo_sum_add (sum, r * tile.x[l->column * ELBO_TILE + i]);
        }
    }
  elbo_workspace_clear (&w);
  l->middle = (sum[0] + sum[1]) / (total[0] + total[1]);
  return status;
}

/* Lean and run; the statistics of the last look stand in spare.  *value is its bound. */
static int
run_lean (elbo_fit *fit, lean *l, double *value)
{
  const elbo_start start = { .name = "lean", .assign = assign_lean, .state = l };
  int status = find_middle (fit, l);
  memset (fit->spare, 0, fit->model->nstat * sizeof *fit->spare);
  if (status == GSL_SUCCESS)
    status = elbo_pass_source (fit->model, &fit->source, &fit->plan, &start, fit->options.threads,
                               fit->spare);
  for (size_t pass = 0; pass < PASSES && status == GSL_SUCCESS; pass++)
    {
      status = elbo_global (fit->model, fit->spare);
      if (status == GSL_SUCCESS)
        status = elbo_fit_look (fit, value);
    }
  return status;
}

/* Higher by more than what ends a run. */
static int
is_higher (const elbo_fit *fit, double value)
{
  const elbo_trace *last = fit->trace + fit->nrecord - 1;
  return value > last->elbo + fmax (last->tau, fit->options.tol * fit->source.total);
}

int
elbo_fit_nudge (elbo_fit *fit)
{
  lean l = { .model = fit->model };
  if (!find_equal (fit, l.pair))
    return GSL_SUCCESS;
  double *saved = elbo_beliefs_alloc (fit->model);
  int status = saved ? GSL_SUCCESS : GSL_ENOMEM;
  if (saved)
    elbo_beliefs_save (fit->model, saved);
  for (; l.column < fit->model->dim && l.column < COLUMNS && status == GSL_SUCCESS; l.column++)
    {
      double value = NAN;
      const int tried = run_lean (fit, &l, &value);
      if (tried == GSL_SUCCESS && is_higher (fit, value))
        {
          double *swap = fit->stat;
          fit->stat = fit->spare;
          fit->spare = swap;
          status = GSL_CONTINUE;
        }
      else
        elbo_beliefs_restore (fit->model, saved);
      if (tried == GSL_ENOMEM)
        status = tried;
    }
  free (saved);
  return status;
}
