/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is believed about the parameters of a model: fields by name, expectations, the marginals of
   means and weights. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

const double *
block_field (const elbo_model *model, size_t b, const char *name, size_t extent[3])
{
  const elbo_family *family = elbo_model_block (model, b)->family;
  char path[120];
  size_t before = 0;
  for (size_t i = 0; i < b; i++)
    before += elbo_model_block (model, i)->family == family;
  if (before)
    snprintf (path, sizeof path, "%s:%zu.%s", family->base->name, before, name);
  else
    snprintf (path, sizeof path, "%s.%s", family->base->name, name);
  return elbo_model_field (model, path, extent);
}

size_t
gauss_block (const elbo_model *model)
{
  size_t b = 0;
  while (b < elbo_model_nblock (model)
         && !elbo_covariance_name (elbo_model_block (model, b)->family))
    b++;
  return b;
}

const char *
covariance_of (const elbo_model *model)
{
  const size_t b = gauss_block (model);
  return b < elbo_model_nblock (model) ? elbo_covariance_name (elbo_model_block (model, b)->family)
                                       : NULL;
}

int
is_chosen (const elbo_model *model, const elbo_choice *choice)
{
  const char *covariance = covariance_of (model);
  return choice->components == elbo_model_ncomp (model)
         && (!covariance || !choice->covariance || strcmp (covariance, choice->covariance) == 0);
}

int
covariance_at (const elbo_model *model, size_t b, size_t k, double *covariance)
{
  const size_t dim = elbo_model_block (model, b)->dim;
  gsl_matrix_view view = gsl_matrix_view_array (covariance, dim, dim);
  return elbo_component_covariance (model, b, k, &view.matrix);
}

double *
covariances (const elbo_model *model, size_t b)
{
  const size_t dim = elbo_model_block (model, b)->dim, ncomp = elbo_model_ncomp (model);
  double *covariance = calloc (ncomp * dim * dim, sizeof *covariance);
  int status = covariance ? 0 : EXIT_DATA;
  for (size_t k = 0; k < ncomp && !status; k++)
    status = covariance_at (model, b, k, covariance + k * dim * dim);
  if (!status)
    return covariance;
  free (covariance);
  return NULL;
}

/* Expected probability of a one, or mean count, of column j; also level l of a category. */
double
expected (const elbo_model *model, size_t b, size_t k, size_t j, size_t l)
{
  const elbo_block *block = elbo_model_block (model, b);
  const int posterior = elbo_model_method (model) == ELBO_VB;
  size_t e[3];
  const size_t at = k * block->dim + j;
  if (block->family == elbo_categorical)
    {
      const double *v = block_field (model, b, posterior ? "alpha" : "probability", e);
      double total = 0;
      for (size_t i = 0; i < block->level; i++)
        total += v[k * block->level + i];
      return v[k * block->level + l] / total;
    }
  if (block->family == elbo_poisson)
    {
      const double *rate = block_field (model, b, "rate", e);
      const double r = rate[at];
      return posterior ? block_field (model, b, "shape", e)[at] / r : r;
    }
  if (!posterior)
    return block_field (model, b, "probability", e)[at];
  const double one = block_field (model, b, "a", e)[at];
  return one / (one + block_field (model, b, "b", e)[at]);
}

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

/* Standard deviation of the weight of component k under a Dirichlet belief; NAN otherwise. */
double
weight_error (const elbo_model *model, size_t k)
{
  double a, b;
  if (!weight_beta (model, k, &a, &b))
    return NAN;
  const double total = a + b;
  return sqrt (a * b / (total * total * (total + 1)));
}
