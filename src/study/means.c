/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A start from means: every row belongs to the nearest. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

typedef struct
{
  size_t dim;
  const double *mean; /* [K x dim], the model's units */
  const double *unit; /* [dim] 1 / sd^2 in these units; 0 leaves a column out */
} places;

static int
assign_nearest (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const places *p = start->state;
  memset (resp, 0, ncomp * ELBO_TILE * sizeof *resp);
  for (size_t i = 0; i < tile->n; i++)
    {
      size_t nearest = 0;
      double least = INFINITY;
      for (size_t k = 0; k < ncomp; k++)
        {
          double square = 0;
          for (size_t d = 0; d < p->dim; d++)
            {
              const double off = tile->x[d * ELBO_TILE + i] - p->mean[k * p->dim + d];
              square += p->unit[d] * off * off;
            }
          if (square < least)
            {
              least = square;
              nearest = k;
            }
        }
      resp[nearest * ELBO_TILE + i] = 1;
    }
  return GSL_SUCCESS;
}

static void
release_places (elbo_start *start)
{
  free (start->state);
}

/* One piece of memory, so that one free releases it. */
static places *
places_alloc (size_t ncomp, size_t dim, double **mean, double **unit)
{
  places *p = elbo_calloc (sizeof *p + (ncomp + 1) * dim * sizeof (double), 1);
  if (!p)
    return NULL;
  *mean = (double *)(p + 1);
  *unit = *mean + ncomp * dim;
  *p = (places){ dim, *mean, *unit };
  return p;
}

static int
check_means (const elbo_model *model, const elbo_data *data, const gsl_matrix *means)
{
  if (!model || !data || !means)
    return elbo_fail (GSL_EFAULT, "a start from means needs a model, data and means");
  if (data->dim != model->dim || means->size2 != model->dim || means->size1 != model->ncomp)
    return elbo_fail (GSL_EBADLEN,
                      "means of %zu components and %zu columns for a model of %zu and %zu and data "
                      "of %zu columns",
                      means->size1, means->size2, model->ncomp, model->dim, data->dim);
  for (size_t k = 0; k < means->size1; k++)
    for (size_t d = 0; d < means->size2; d++)
      if (!isfinite (means->data[k * means->tda + d]))
        return elbo_fail (GSL_EINVAL, "mean %zu, column %zu: %g is not finite", k + 1, d + 1,
                          means->data[k * means->tda + d]);
  return GSL_SUCCESS;
}

elbo_start *
elbo_start_means (const elbo_model *model, const elbo_data *data, const gsl_matrix *means)
{
  double *mean, *unit;
  if (check_means (model, data, means) != GSL_SUCCESS)
    return NULL;
  places *p = places_alloc (model->ncomp, model->dim, &mean, &unit);
  if (!p)
    return NULL;
  for (size_t b = 0; b < model->nblock; b++)
    for (size_t d = model->block[b].column; d < model->block[b].column + model->block[b].dim; d++)
      {
        double middle, sd;
        elbo_data_moments (data, d, &middle, &sd);
        sd /= model->scale[d];
        unit[d] = sd > 0 && model->block[b].level == 0 ? 1 / (sd * sd) : 0;
        for (size_t k = 0; k < model->ncomp; k++)
          mean[k * model->dim + d]
              = (means->data[k * means->tda + d] - model->shift[d]) / model->scale[d];
      }
  return elbo_start_new ((elbo_start){ .name = "means",
                                       .n = data->n,
                                       .ncomp = model->ncomp,
                                       .assign = assign_nearest,
                                       .release = release_places,
                                       .state = p });
}
