/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows old and new: responsibilities of an E half-step, log predictive densities, draws. */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* What is left to components beyond K (nested sticks): the prior predictive of every block. */
typedef struct
{
  double weight;          /* 0: nothing is left */
  double **param, **coef; /* [nblock], for one component */
} leftover;

static void
leftover_clear (const elbo_model *model, leftover *rest)
{
  for (size_t b = 0; b < model->nblock; b++)
    {
      if (rest->param)
        free (rest->param[b]);
      if (rest->coef)
        free (rest->coef[b]);
    }
  free (rest->param);
  free (rest->coef);
}

/* A belief without rows is the prior. */
static int
prior_belief (const elbo_part *part, double **param, double **coef)
{
  const elbo_shape one = elbo_part_shape (part, 1);
  double *stat = elbo_doubles (elbo_field_total (part->factor->stat, &one));
  *param = elbo_doubles (elbo_field_total (part->belief->param, &one));
  *coef = elbo_doubles (elbo_field_total (part->factor->coef, &one));
  int status = stat && *param && *coef ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = part->belief->solve (&one, part->prior, stat, *param);
  if (status == GSL_SUCCESS)
    status = part->belief->expect (&one, *param, *coef);
  free (stat);
  return status;
}

static int
leftover_make (const elbo_model *model, const double *weight, leftover *rest)
{
  double sum = 0;
  for (size_t k = 0; k < model->ncomp; k++)
    sum += weight[k];
  rest->weight = model->latent.order != ELBO_ORDER_FREE && 1 - sum > 1e-15 ? 1 - sum : 0;
  if (rest->weight == 0)
    return GSL_SUCCESS;
  rest->param = elbo_calloc (model->nblock, sizeof *rest->param);
  rest->coef = elbo_calloc (model->nblock, sizeof *rest->coef);
  int status = rest->param && rest->coef ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t b = 0; b < model->nblock && status == GSL_SUCCESS; b++)
    status = prior_belief (model->part + 1 + b, rest->param + b, rest->coef + b);
  return status;
}

/* --- one tile ---------------------------------------------------------------------------- */

double
elbo_log_sum (const double *score, size_t ncomp, size_t i)
{
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < ncomp; k++)
    top = fmax (top, score[k * ELBO_TILE + i]);
  for (size_t k = 0; k < ncomp && isfinite (top); k++)
    sum += exp (score[k * ELBO_TILE + i] - top);
  return isfinite (top) ? top + log (sum) : top;
}

typedef struct
{
  const elbo_model *model;
  double *log_weight; /* [K + 1], the last of what is left */
  leftover rest;
} density;

static int
density_make (const elbo_model *model, density *d)
{
  const size_t K = model->ncomp;
  memset (d, 0, sizeof *d);
  d->model = model;
  d->log_weight = elbo_doubles (K + 1);
  if (!d->log_weight)
    return GSL_ENOMEM;
  elbo_model_weights (model, d->log_weight);
  const int status = leftover_make (model, d->log_weight, &d->rest);
  d->log_weight[K] = d->rest.weight;
  for (size_t k = 0; k <= K; k++)
    d->log_weight[k] = log (d->log_weight[k]);
  return status;
}

static void
density_clear (density *d)
{
  leftover_clear (d->model, &d->rest);
  free (d->log_weight);
}

/* What a family without a predictive density of its own has is the expected log density. */
static int
add_density (const elbo_part *part, const elbo_shape *shape, const double *param,
             const double *coef, const elbo_tile *tile, double *score)
{
  if (part->belief->predict)
    return part->belief->predict (shape, param, coef, tile, score);
  return part->family->score (shape, coef, tile, score);
}

/* Log predictive density of the rows of a tile; score [(K + 1) x ELBO_TILE] is room. */
static int
density_tile (const density *d, const elbo_tile *tile, double *score, double *out)
{
  const elbo_model *model = d->model;
  const size_t K = model->ncomp, parts = K + (d->rest.weight > 0);
  for (size_t k = 0; k < parts; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = d->log_weight[k];
  int status = GSL_SUCCESS;
  for (size_t b = 0; b < model->nblock && status == GSL_SUCCESS; b++)
    {
      const elbo_part *part = model->part + 1 + b;
      const elbo_tile mine = elbo_tile_of (tile, part);
      const elbo_shape one = elbo_part_shape (part, 1);
      status = add_density (part, &part->shape, part->param, part->coef, &mine, score);
      if (parts > K && status == GSL_SUCCESS)
        status = add_density (part, &one, d->rest.param[b], d->rest.coef[b], &mine,
                              score + K * ELBO_TILE);
    }
  for (size_t i = 0; i < tile->n; i++)
    out[i] = elbo_log_sum (score, parts, i) + model->jacobian;
  return status;
}

/* A row this far out has squares that are no numbers: every component would be impossible.  It sees
   them in its direction alone, and does so from nearer, where differences of scores are still
   large. */
#define FAR_AWAY 1e150
#define NEARER 0x1p26

/* The rows of a tile with those far away brought nearer, in copy [dim x ELBO_TILE], if there are
   any. */
static const double *
bring_nearer (const elbo_model *model, const elbo_tile *tile, double *copy)
{
  const double *x = tile->x;
  for (size_t f = 1; f <= model->nblock; f++)
    for (size_t i = 0; i < tile->n && model->part[f].family->scaling != ELBO_SCALE_NONE; i++)
      {
        const elbo_part *part = model->part + f;
        double largest = 0;
        for (size_t d = part->column; d < part->column + part->shape.dim; d++)
          largest = fmax (largest, fabs (tile->x[d * ELBO_TILE + i]));
        if (!(largest > FAR_AWAY))
          continue;
        if (x != copy)
          memcpy (copy, tile->x, tile->dim * ELBO_TILE * sizeof *copy);
        x = copy;
        for (size_t d = part->column; d < part->column + part->shape.dim; d++)
          copy[d * ELBO_TILE + i] *= NEARER / largest;
      }
  return x;
}

/* Unweighted responsibilities of a tile in w->score. */
static int
responsibilities (const elbo_model *model, elbo_tile tile, double *copy, elbo_workspace *w,
                  double *ignored)
{
  tile.weight = NULL;
  tile.x = bring_nearer (model, &tile, copy);
  return elbo_explain_tile (model, &tile, w, ignored);
}

/* --- all rows ---------------------------------------------------------------------------- */

typedef struct
{
  elbo_workspace work;
  double *density, *ignored, *copy;
} buffers;

static int
buffers_init (const elbo_model *model, buffers *b)
{
  memset (b, 0, sizeof *b);
  b->density = elbo_doubles (elbo_times (model->ncomp + 1, ELBO_TILE));
  b->ignored = elbo_doubles (model->part->nstat);
  b->copy = elbo_doubles (elbo_times (model->dim, ELBO_TILE));
  const int status = elbo_workspace_init (model, &b->work);
  return b->density && b->ignored && b->copy ? status : GSL_ENOMEM;
}

static void
buffers_clear (buffers *b)
{
  elbo_workspace_clear (&b->work);
  free (b->density);
  free (b->ignored);
  free (b->copy);
}

/* Where the results of one call go: rows first .. first + n - 1. */
typedef struct
{
  size_t first, n;
  double *resp, *log_density;
  size_t tda, stride;
} target;

static int
predict_tile (const density *d, const elbo_source *source, size_t t, buffers *b, const target *to)
{
  const size_t K = d->model->ncomp;
  elbo_tile tile;
  int status = elbo_workspace_tile (&b->work, source, t, &tile);
  const size_t at = tile.first - to->first;
  if (status == GSL_SUCCESS && !source->scorable)
    status = elbo_tile_check (d->model, &tile, ELBO_SCORABLE);
  if (to->log_density && status == GSL_SUCCESS)
    {
      double value[ELBO_TILE];
      status = density_tile (d, &tile, b->density, value);
      for (size_t i = 0; i < tile.n && at + i < to->n; i++)
        to->log_density[(at + i) * to->stride] = value[i];
    }
  if (!to->resp || status != GSL_SUCCESS)
    return status;
  status = responsibilities (d->model, tile, b->copy, &b->work, b->ignored);
  for (size_t i = 0; i < tile.n && at + i < to->n; i++)
    for (size_t k = 0; k < K; k++)
      to->resp[(at + i) * to->tda + k] = b->work.score[k * ELBO_TILE + i];
  return status;
}

/* What all threads share: the status and the sentence of the lowest tile that failed. */
typedef struct
{
  int status;
  size_t tile;
  char why[512];
} outcome;

static void
keep_failure (outcome *o, size_t t, int status)
{
#pragma omp critical(elbo_predict_failure)
  if (o->status == GSL_SUCCESS || t < o->tile)
    {
      o->status = status;
      o->tile = t;
      snprintf (o->why, sizeof o->why, "%s", elbo_message ());
    }
}

static void
predict_tiles (const density *d, const elbo_source *source, size_t begin, size_t end,
               const target *to, outcome *o)
{
  buffers b;
  const int ready = buffers_init (d->model, &b);
#pragma omp for schedule(static)
  for (size_t t = begin; t < end; t++)
    {
      const int status = ready == GSL_SUCCESS ? predict_tile (d, source, t, &b, to) : ready;
      if (status != GSL_SUCCESS)
        keep_failure (o, t, status);
    }
  buffers_clear (&b);
}

/* Tiles begin .. end - 1 of a source. */
static int
predict_source (const elbo_model *model, const elbo_source *source, size_t begin, size_t end,
                int threads, const target *to)
{
  density d;
  outcome o = { GSL_SUCCESS, 0, "" };
  const int status = density_make (model, &d);
  threads = elbo_cores (threads);
  if ((size_t)threads > end - begin)
    threads = (int)(end - begin);
  if (status == GSL_SUCCESS)
#pragma omp parallel num_threads(threads) if (threads > 1)
    predict_tiles (&d, source, begin, end, to, &o);
  density_clear (&d);
  return o.status != GSL_SUCCESS ? elbo_fail (o.status, "%s", o.why) : status;
}

static int
check_part (const elbo_model *model, const elbo_data *data, size_t first, size_t n)
{
  if (!model || !data)
    return elbo_fail (GSL_EFAULT, "a prediction needs a model and data, not null pointers");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  if (first % ELBO_TILE != 0 || first > data->n || n > data->n - first)
    return elbo_fail (GSL_EINVAL, "rows %zu to %zu of %zu are no part of the data", first + 1,
                      first + n, data->n);
  return elbo_model_ready (model);
}

int
elbo_predict_part (const elbo_model *model, const elbo_data *data, size_t first, size_t n,
                   int threads, double *resp, double *log_density)
{
  const int status = check_part (model, data, first, n);
  if (status != GSL_SUCCESS)
    return status;
  const target to = { first, n, resp, log_density, model->ncomp, 1 };
  elbo_source source;
  elbo_source_data (&source, model, data);
  source.scorable = elbo_data_supports (model, data, ELBO_SCORABLE);
  return predict_source (model, &source, first / ELBO_TILE, (first + n + ELBO_TILE - 1) / ELBO_TILE,
                         threads, &to);
}

int
elbo_predict_data (const elbo_model *model, const elbo_data *data, int threads, double *resp,
                   double *log_density)
{
  return elbo_predict_part (model, data, 0, data ? data->n : 0, threads, resp, log_density);
}

/* Rows of the caller, where they are. */
static int
predict_rows (const elbo_model *model, const elbo_rows *rows, int threads, const target *to)
{
  elbo_rows copy;
  elbo_source source;
  int status = elbo_model_ready (model);
  if (status == GSL_SUCCESS)
    status = elbo_rows_check (model, rows, &copy);
  if (status != GSL_SUCCESS)
    return status;
  elbo_source_rows (&source, model, &copy);
  return predict_source (model, &source, 0, source.ntile, threads, to);
}

int
elbo_predict (const elbo_model *model, const gsl_matrix *x, int threads, gsl_matrix *resp,
              gsl_vector *log_density)
{
  if (!model || !x)
    return elbo_fail (GSL_EFAULT, "a prediction needs a model and rows, not null pointers");
  const size_t n = x->size1, K = model->ncomp;
  if ((resp && (resp->size1 != n || resp->size2 != K)) || (log_density && log_density->size != n))
    return elbo_fail (GSL_EBADLEN, "results have room for other than %zu rows and %zu components",
                      n, K);
  elbo_rows rows = ELBO_ROWS (x->data, n, x->size2);
  rows.tda = x->tda;
  const target to = { 0,
                      n,
                      resp ? resp->data : NULL,
                      log_density ? log_density->data : NULL,
                      resp ? resp->tda : 0,
                      log_density ? log_density->stride : 0 };
  return predict_rows (model, &rows, threads, &to);
}

int
elbo_predict_row (const elbo_model *model, const double *x, double *resp, double *log_density)
{
  if (!model || !x)
    return elbo_fail (GSL_EFAULT, "a prediction needs a model and a row, not null pointers");
  const elbo_rows row = ELBO_ROWS (x, 1, model->dim);
  const target to = { 0, 1, resp, log_density, model->ncomp, 1 };
  return predict_rows (model, &row, 1, &to);
}

int
elbo_hardness (const elbo_model *model, const elbo_data *data, double *sum)
{
  double pair[2] = { 0, 0 };
  const size_t K = model->ncomp;
  buffers b;
  elbo_source source;
  elbo_source_data (&source, model, data);
  int status = buffers_init (model, &b);
  for (size_t t = 0; t < source.ntile && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = elbo_workspace_tile (&b.work, &source, t, &tile);
      if (status == GSL_SUCCESS)
        status = responsibilities (model, tile, b.copy, &b.work, b.ignored);
      for (size_t i = 0; i < tile.n; i++)
        {
          const double w = tile.weight ? tile.weight[i] : 1;
          double most = 0;
          for (size_t k = 0; k < K; k++)
            most = fmax (most, b.work.score[k * ELBO_TILE + i]);
          if (w > 0) /* rows of weight 0 may be impossible */
            elbo_sum_add (pair, w * -log (most));
        }
    }
  buffers_clear (&b);
  *sum = pair[0] + pair[1];
  return status;
}

/* --- draws ------------------------------------------------------------------------------- */

int
elbo_sample (const elbo_model *model, gsl_rng *rng, double *x, size_t *component)
{
  if (!model || !rng || !x)
    return elbo_fail (GSL_EFAULT, "a draw needs a model, a generator and room, not null pointers");
  if (elbo_model_ready (model) != GSL_SUCCESS)
    return GSL_EINVAL;
  for (size_t b = 0; b < model->nblock; b++)
    if (!model->part[1 + b].belief->draw)
      return elbo_fail (ELBO_EUNSUP, "%s has no function draw", model->part[1 + b].factor->name);
  const size_t K = model->ncomp;
  leftover rest = { 0, NULL, NULL };
  double *weight = elbo_doubles (K), u = gsl_rng_uniform (rng);
  if (!weight)
    return GSL_ENOMEM;
  elbo_model_weights (model, weight);
  int status = leftover_make (model, weight, &rest);
  size_t k = 0;
  for (; k < K && u >= weight[k]; k++)
    u -= weight[k];
  if (k == K && rest.weight == 0)
    k = K - 1;
  for (size_t b = 0; b < model->nblock && status == GSL_SUCCESS; b++)
    {
      const elbo_part *part = model->part + 1 + b;
      const elbo_shape one = elbo_part_shape (part, 1);
      double *to = x + part->column;
      if (k < K)
        part->belief->draw (&part->shape, part->param, part->coef, k, rng, to);
      else
        part->belief->draw (&one, rest.param[b], rest.coef[b], 0, rng, to);
      for (size_t d = 0; d < part->shape.dim; d++)
        to[d] = to[d] * model->scale[part->column + d] + model->shift[part->column + d];
    }
  if (component)
    *component = k;
  leftover_clear (model, &rest);
  free (weight);
  return status;
}
