/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts: responsibilities from labels, from a matrix, from a random draw.  Random numbers are
   keyed by the canonical rank of a row, never by its number, so that the order of rows and their
   units do not matter; rows that are equal share a rank and so a draw. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

int
elbo_ranks_make (const elbo_data *data, elbo_ranks *ranks)
{
  ranks->rank = elbo_room (data->n, sizeof *ranks->rank);
  ranks->copies = elbo_doubles (data->n);
  ranks->ndistinct = 0;
  int status = ranks->rank && ranks->copies ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = elbo_data_rank (data, ranks->rank, ranks->copies, &ranks->ndistinct);
  if (status != GSL_SUCCESS)
    elbo_ranks_free (ranks);
  return status;
}

void
elbo_ranks_free (elbo_ranks *ranks)
{
  free (ranks->rank);
  free (ranks->copies);
  ranks->rank = NULL;
  ranks->copies = NULL;
}

void
elbo_start_release (elbo_start *start)
{
  if (start->release)
    start->release (start);
  start->release = NULL;
  start->state = NULL;
}

/* --- borrowed arrays --------------------------------------------------------------------- */

static void
assign_labels (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const size_t *label = (const size_t *)start->state + tile->first;
  memset (resp, 0, ncomp * ELBO_TILE * sizeof *resp);
  for (size_t i = 0; i < tile->n; i++)
    resp[label[i] * ELBO_TILE + i] = 1;
}

static void
assign_matrix (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const double *row = (const double *)start->state + tile->first * ncomp;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      resp[k * ELBO_TILE + i] = i < tile->n ? row[i * ncomp + k] : 0;
}

int
elbo_start_labels (elbo_start *start, const size_t *label, size_t n, size_t ncomp)
{
  if (!start || !label)
    return elbo_fail (GSL_EINVAL, "a start from labels needs labels, not a null pointer");
  for (size_t i = 0; i < n; i++)
    if (label[i] >= ncomp)
      return elbo_fail (GSL_EINVAL, "row %zu: label %zu, but there are %zu components", i + 1,
                        label[i] + 1, ncomp);
  *start = (elbo_start){ .name = "labels", .assign = assign_labels, .state = (void *)label };
  return GSL_SUCCESS;
}

int
elbo_start_responsibilities (elbo_start *start, const double *resp, size_t n, size_t ncomp)
{
  if (!start || !resp)
    return elbo_fail (GSL_EINVAL, "a start from responsibilities needs them, not a null pointer");
  for (size_t i = 0; i < n; i++)
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
        return elbo_fail (GSL_EINVAL, "row %zu: responsibilities sum to %.17g, not to 1", i + 1,
                          sum);
    }
  *start
      = (elbo_start){ .name = "responsibilities", .assign = assign_matrix, .state = (void *)resp };
  return GSL_SUCCESS;
}

/* --- random ------------------------------------------------------------------------------ */

typedef struct
{
  const size_t *rank;
  uint64_t stream;
} draws;

/* Dirichlet (1, ..., 1): exponential variates over their sum. */
static void
assign_random (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
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
}

static void
release_state (elbo_start *start)
{
  free (start->state);
}

int
elbo_start_random (elbo_start *start, const elbo_model *model, const elbo_data *data,
                   const elbo_ranks *ranks, uint64_t seed, size_t number)
{
  (void)data;
  draws *state = elbo_room (1, sizeof *state);
  if (!state)
    return GSL_ENOMEM;
  state->rank = ranks->rank;
  state->stream = elbo_key (seed, model->ncomp, number);
  *start = (elbo_start){
    .name = "random", .assign = assign_random, .release = release_state, .state = state
  };
  return GSL_SUCCESS;
}
