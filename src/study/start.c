/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts: responsibilities from labels, from a matrix, from a random draw, from the caller.  Random
   numbers are keyed by the canonical rank of a row, never by its number, so that the order of rows
   and their units do not matter; rows that are equal share a rank and so a draw. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* --- ranks ------------------------------------------------------------------------------------- */

elbo_ranks *
elbo_ranks_alloc (const elbo_data *data)
{
  if (!data)
    {
      elbo_fail (GSL_EFAULT, "rows are ranked, not a null pointer");
      return NULL;
    }
  elbo_ranks *ranks = elbo_calloc (1, sizeof *ranks);
  if (!ranks)
    return NULL;
  ranks->data = data;
  ranks->n = data->n;
  ranks->rank = elbo_calloc (data->n, sizeof *ranks->rank);
  ranks->copies = elbo_doubles (data->n);
  if (ranks->rank && ranks->copies
      && elbo_data_rank (data, ranks->rank, ranks->copies, &ranks->ndistinct) == GSL_SUCCESS)
    return ranks;
  elbo_ranks_free (ranks);
  return NULL;
}

void
elbo_ranks_free (elbo_ranks *ranks)
{
  if (!ranks)
    return;
  free (ranks->rank);
  free (ranks->copies);
  free (ranks);
}

size_t
elbo_ranks_rows (const elbo_ranks *ranks)
{
  return ranks ? ranks->n : 0;
}

size_t
elbo_ranks_distinct (const elbo_ranks *ranks)
{
  return ranks ? ranks->ndistinct : 0;
}

/* --- any start --------------------------------------------------------------------------------- */

elbo_start *
elbo_start_new (elbo_start start)
{
  elbo_start *new = elbo_calloc (1, sizeof *new);
  if (new)
    *new = start;
  else if (start.release)
    start.release (&start);
  return new;
}

void
elbo_start_free (elbo_start *start)
{
  if (!start)
    return;
  if (start->release)
    start->release (start);
  free (start);
}

const char *
elbo_start_name (const elbo_start *start)
{
  return start ? start->name : "";
}

int
elbo_start_check (const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks)
{
  if (!model || !data || !ranks)
    return elbo_fail (GSL_EFAULT, "a start needs a model, data and ranks, not null pointers");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  if (ranks->n != data->n)
    return elbo_fail (GSL_EBADLEN, "the ranks are of %zu rows, the data have %zu", ranks->n,
                      data->n);
  return elbo_data_check (model, data, ELBO_FITTABLE);
}

static int
write_tile (const elbo_start *start, const elbo_source *source, size_t t, size_t ncomp, size_t n,
            double *work, double *resp)
{
  elbo_tile tile;
  int status = source->tile (source, t, work, &tile);
  double *tiled = work + (source->dim + 1) * ELBO_TILE;
  if (status == GSL_SUCCESS)
    status = start->assign (start, &tile, ncomp, tiled);
  for (size_t i = 0; i < n && status == GSL_SUCCESS; i++)
    for (size_t k = 0; k < ncomp; k++)
      resp[i * ncomp + k] = tiled[k * ELBO_TILE + i];
  return status;
}

int
elbo_start_part (const elbo_start *start, const elbo_model *model, const elbo_data *data,
                 size_t first, size_t n, double *resp)
{
  if (!start || !model || !data || !resp)
    return elbo_fail (GSL_EFAULT, "a start is written of a model, data and into a place");
  if (data->dim != model->dim || (start->n && start->n != data->n)
      || (start->ncomp && start->ncomp != model->ncomp))
    return elbo_fail (GSL_EBADLEN, "the start is not for this model and these data");
  if (first % ELBO_TILE != 0 || first > data->n || n > data->n - first)
    return elbo_fail (GSL_EINVAL, "rows %zu to %zu of %zu are no part of the data", first + 1,
                      first + n, data->n);
  const size_t K = model->ncomp;
  double *work = elbo_doubles (elbo_times (K + data->dim + 1, ELBO_TILE));
  elbo_source source;
  elbo_source_data (&source, model, data);
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t at = 0; at < n && status == GSL_SUCCESS; at += ELBO_TILE)
    status = write_tile (start, &source, (first + at) / ELBO_TILE, K,
                         n - at < ELBO_TILE ? n - at : ELBO_TILE, work, resp + at * K);
  free (work);
  return status;
}

/* --- borrowed arrays --------------------------------------------------------------------------- */

static int
assign_labels (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const size_t *label = (const size_t *)start->state + tile->first;
  memset (resp, 0, ncomp * ELBO_TILE * sizeof *resp);
  for (size_t i = 0; i < tile->n; i++)
    resp[label[i] * ELBO_TILE + i] = 1;
  return GSL_SUCCESS;
}

static int
assign_matrix (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const double *row = (const double *)start->state + tile->first * ncomp;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      resp[k * ELBO_TILE + i] = i < tile->n ? row[i * ncomp + k] : 0;
  return GSL_SUCCESS;
}

static int
check_labels (const size_t *label, size_t n, size_t ncomp)
{
  if (!label || n == 0 || ncomp == 0)
    return elbo_fail (label ? GSL_EINVAL : GSL_EFAULT,
                      "a start from labels needs labels of rows and components");
  for (size_t i = 0; i < n; i++)
    if (label[i] >= ncomp)
      return elbo_fail (GSL_EINVAL, "row %zu: label %zu, but there are %zu components", i + 1,
                        label[i] + 1, ncomp);
  return GSL_SUCCESS;
}

elbo_start *
elbo_start_labels (const size_t *label, size_t n, size_t ncomp)
{
  if (check_labels (label, n, ncomp) != GSL_SUCCESS)
    return NULL;
  return elbo_start_new ((elbo_start){
      .name = "labels", .n = n, .ncomp = ncomp, .assign = assign_labels, .state = (void *)label });
}

static int
check_row (const double *resp, size_t i, size_t ncomp)
{
  double sum = 0;
  for (size_t k = 0; k < ncomp; k++)
    {
      const double r = resp[i * ncomp + k];
      if (!(r >= 0) || !isfinite (r))
        return elbo_fail (GSL_EINVAL, "row %zu: responsibility %g is not a number of 0 or more",
                          i + 1, r);
      sum += r;
    }
  if (fabs (sum - 1) > 1e-9)
    return elbo_fail (GSL_EINVAL, "row %zu: responsibilities sum to %.17g, not to 1", i + 1, sum);
  return GSL_SUCCESS;
}

elbo_start *
elbo_start_responsibilities (const double *resp, size_t n, size_t ncomp)
{
  int status = resp && n > 0 && ncomp > 0
                   ? GSL_SUCCESS
                   : elbo_fail (resp ? GSL_EINVAL : GSL_EFAULT,
                                "a start from responsibilities needs them, of rows and components");
  for (size_t i = 0; i < n && status == GSL_SUCCESS; i++)
    status = check_row (resp, i, ncomp);
  if (status != GSL_SUCCESS)
    return NULL;
  return elbo_start_new ((elbo_start){ .name = "responsibilities",
                                       .n = n,
                                       .ncomp = ncomp,
                                       .assign = assign_matrix,
                                       .state = (void *)resp });
}

/* --- the caller's ------------------------------------------------------------------------------ */

static int
assign_own (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  return start->own (tile, ncomp, resp, start->state);
}

elbo_start *
elbo_start_own (const char *name, elbo_start_assign *assign, void *state)
{
  if (!name || !assign)
    {
      elbo_fail (GSL_EFAULT, "a start of one's own needs a name and a function");
      return NULL;
    }
  return elbo_start_new (
      (elbo_start){ .name = name, .assign = assign_own, .state = state, .own = assign });
}

/* --- flat -------------------------------------------------------------------------------------- */

typedef struct
{
  const size_t *rank;
  uint64_t stream;
} draws;

/* Dirichlet (1, ..., 1): exponential variates over their sum. */
static int
assign_flat (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const draws *from = start->state;
  memset (resp, 0, ncomp * ELBO_TILE * sizeof *resp);
  for (size_t i = 0; i < tile->n; i++)
    {
      const size_t rank = from->rank[tile->first + i];
      double sum = 0;
      for (size_t k = 0; k < ncomp; k++)
        sum += resp[k * ELBO_TILE + i] = -log (elbo_uniform (elbo_key (from->stream, rank, k)));
      for (size_t k = 0; k < ncomp; k++)
        resp[k * ELBO_TILE + i] /= sum;
    }
  return GSL_SUCCESS;
}

static void
release_state (elbo_start *start)
{
  free (start->state);
}

elbo_start *
elbo_start_flat (const elbo_model *model, const elbo_ranks *ranks, uint64_t seed, size_t number)
{
  draws *state = elbo_calloc (1, sizeof *state);
  if (!state)
    return NULL;
  state->rank = ranks->rank;
  state->stream = elbo_key (seed, model->ncomp, number);
  return elbo_start_new ((elbo_start){ .name = "flat",
                                       .n = ranks->n,
                                       .ncomp = model->ncomp,
                                       .assign = assign_flat,
                                       .release = release_state,
                                       .state = state });
}
