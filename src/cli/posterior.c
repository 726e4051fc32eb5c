/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is believed about single parameters: the marginals of means and weights. */
#include <config.h>
#include <math.h>
#include "cli/picture.h"

/* The number of component k and column j in a field of K, K x D, D or 1 numbers. */
static double
pick (const double *v, const size_t extent[3], size_t dim, size_t k, size_t j)
{
  return v[extent[1] > 1 ? k * dim + j : k];
}

double
mean_error (const elbo_model *model, size_t b, size_t k, size_t j)
{
  size_t e[3], f[3];
  const size_t dim = elbo_model_block (model, b)->dim;
  if (elbo_model_method (model) != ELBO_VB)
    return NAN;
  const double *kappa = block_field (model, b, "kappa", e);
  const double kappa_k = kappa ? pick (kappa, e, dim, k, j) : NAN;
  const double *scale = block_field (model, b, "scale", f);
  if (scale)
    {
      const int shared = f[2] <= 1 && dim > 1 ? 1 : dim == 1 && f[0] == 1;
      const double b_jj = scale[(shared ? 0 : k * dim * dim) + j * dim + j];
      return sqrt (b_jj / (kappa_k * mean_freedom (model, b, k, j)));
    }
  const double *rate = block_field (model, b, "rate", e);
  const double *shape = block_field (model, b, "shape", f);
  if (!rate || !shape)
    return NAN;
  return sqrt (pick (rate, e, dim, k, j) / (pick (shape, f, dim, k, j) * kappa_k));
}

double
mean_freedom (const elbo_model *model, size_t b, size_t k, size_t j)
{
  size_t e[3];
  const size_t dim = elbo_model_block (model, b)->dim;
  if (elbo_model_method (model) != ELBO_VB)
    return NAN;
  const double *df = block_field (model, b, "df", e);
  if (df)
    return df[e[0] > 1 ? k : 0] + 1 - (double)dim;
  const double *shape = block_field (model, b, "shape", e);
  return shape ? 2 * pick (shape, e, dim, k, j) : NAN;
}

int
weight_beta (const elbo_model *model, size_t k, double *a, double *b)
{
  size_t extent[3];
  char path[80];
  snprintf (path, sizeof path, "%s.alpha", elbo_model_latent (model)->base->name);
  const double *alpha
      = elbo_model_method (model) == ELBO_VB ? elbo_model_field (model, path, extent) : NULL;
  if (!alpha)
    return 0;
  double rest = 0;
  for (size_t i = 0; i < elbo_model_ncomp (model); i++)
    rest += i == k ? 0 : alpha[i];
  *a = alpha[k];
  *b = rest;
  return rest > 0;
}
