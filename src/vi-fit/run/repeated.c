/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components that are equal at the end of a fit: a saddle, where EM stands still. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/run/run.h"

enum
{
  MOST_COMPARED = 1000 /* components, all pairs of which are compared */
};

/* Difference, of a standard deviation or of the number itself, under which two numbers are equal. */
static const double SAME = 1e-6;

/* Do two components say the same of a Gaussian block?  covariance [K x D x D]. */
static int
same_gauss (const double *mean, const double *covariance, size_t dim, size_t a, size_t b)
{
  const double *c = covariance + a * dim * dim, *e = covariance + b * dim * dim;
  for (size_t i = 0; i < dim; i++)
    {
      const double sd = sqrt (c[i * dim + i]);
      if (fabs (mean[a * dim + i] - mean[b * dim + i]) > SAME * sd)
        return 0;
      for (size_t j = 0; j <= i; j++)
        if (fabs (c[i * dim + j] - e[i * dim + j]) > SAME * sd * sqrt (c[j * dim + j]))
          return 0;
    }
  return 1;
}

/* Do they in another block?  Fields of its belief for each component, number by number. */
static int
same_fields (const elbo_field *field, const elbo_shape *shape, const double *v, size_t ncomp,
             size_t a, size_t b)
{
  for (; field->name; v += elbo_field_size (field, shape), field++)
    {
      const size_t each = elbo_field_size (field, shape) / ncomp;
      for (size_t i = 0; field->extent[0] == ELBO_COMP && i < each; i++)
        {
          const double x = v[a * each + i], y = v[b * each + i];
          if (fabs (x - y) > SAME * (fabs (x) + fabs (y)))
            return 0;
        }
    }
  return 1;
}

/* Strike off `same` the components that block b tells from the earlier ones; same [K x K], a pair
   by its later component first. */
static int
tell_apart (const elbo_model *model, size_t b, char *same)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const elbo_block *block = elbo_model_block (model, b);
  const elbo_field *field = elbo_model_belief (model, b + 1)->param;
  const elbo_shape *shape = elbo_model_shape (model, b + 1);
  const size_t dim = elbo_covariance_name (block->family) ? block->dim : 0;
  const size_t size = elbo_field_total (field, shape);
  double *covariance = calloc (ncomp * dim * dim + 1, sizeof *covariance);
  double *v = calloc (size + 1, sizeof *v);
  char path[80];
  size_t extent[3];
  snprintf (path, sizeof path, "%s.mean", block->family->base->name);
  const double *mean = dim ? elbo_model_field (model, path, extent) : NULL;
  int status = covariance && v ? GSL_SUCCESS : GSL_ENOMEM;
  if (!status)
    elbo_model_param (model, b + 1, v);
  for (size_t k = 0; k < ncomp && dim && !status; k++)
    {
      gsl_matrix_view view = gsl_matrix_view_array (covariance + k * dim * dim, dim, dim);
      status = elbo_component_covariance (model, b, k, &view.matrix);
    }
  for (size_t k = 1; k < ncomp && !status; k++)
    for (size_t l = 0; l < k; l++)
      if (same[k * ncomp + l])
        same[k * ncomp + l] = (char)(mean ? same_gauss (mean, covariance, dim, k, l)
                                          : same_fields (field, shape, v, ncomp, k, l));
  free (covariance);
  free (v);
  return status;
}

size_t
count_repeated (const candidate *c, size_t *first, size_t *again)
{
  const elbo_model *model = elbo_search_model (c->search);
  const double *count = elbo_search_counts (c->search);
  const size_t K = c->ncomp, nblock = elbo_model_nblock (model);
  char *same = K > 1 && K <= MOST_COMPARED && count ? calloc (K, K) : NULL;
  size_t n = 0;
  if (!same)
    return 0;
  for (size_t k = 1; k < K; k++)
    for (size_t l = 0; l < k; l++)
      same[k * K + l] = count[k] >= 1 && count[l] >= 1;
  int status = GSL_SUCCESS;
  for (size_t b = 0; b < nblock && !status; b++)
    status = tell_apart (model, b, same);
  for (size_t k = 1; k < K && !status; k++)
    {
      const char *earlier = memchr (same + k * K, 1, k);
      if (earlier && !n++)
        {
          *first = (size_t)(earlier - (same + k * K));
          *again = k;
        }
    }
  free (same);
  return n;
}
