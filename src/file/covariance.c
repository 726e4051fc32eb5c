/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The covariance that a model states for a component: the parameter itself for point beliefs,
   E[Sigma] for distributions.  Inverse Wishart: scale / (df - D - 1); inverse gamma:
   rate / (shape - 1).  Where the expectation does not exist, scale / df and rate / shape, the
   inverse of the expected precision. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

/* Where the numbers of component k of a field start. */
static const double *
at_component (const elbo_field *field, const elbo_shape *shape, const double *v, size_t k)
{
  const size_t size = elbo_field_size (field, shape);
  return field->extent[0] == ELBO_COMP ? v + k * (size / shape->ncomp) : v;
}

/* A matrix, a diagonal or one variance, times a factor, as a matrix. */
static void
expand (const elbo_field *field, const elbo_shape *shape, const double *v, double by,
        double *covariance)
{
  const size_t dim = shape->dim, first = field->extent[0] == ELBO_COMP;
  const elbo_extent a = field->extent[first], b = first ? field->extent[2] : field->extent[1];
  memset (covariance, 0, dim * dim * sizeof *covariance);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++)
      if (a == ELBO_DIM && b == ELBO_DIM)
        covariance[i * dim + j] = by * v[i * dim + j];
      else if (i == j)
        covariance[i * dim + j] = by * v[a == ELBO_DIM ? i : 0];
}

static double
moment (double number, double less)
{
  return number > less ? number - less : number;
}

int
elbo_component_covariance (const elbo_model *model, size_t b, size_t k, double *covariance)
{
  const elbo_shape *shape = elbo_model_shape (model, 1 + b);
  const elbo_belief *belief = elbo_model_belief (model, 1 + b);
  const elbo_field *field, *square = NULL;
  size_t at, at_square = 0;
  if (!elbo_block_is_gauss (elbo_model_block (model, b)))
    return elbo_fail (ELBO_EUNSUP, "block %zu has no covariance", b);
  for (field = belief->param; field->name && !square; field++)
    if (field->unit == ELBO_SQUARE)
      square = elbo_field_find (belief->param, shape, field->name, &at_square);
  double *param = elbo_doubles (elbo_field_total (belief->param, shape));
  if (!param)
    return GSL_ENOMEM;
  elbo_model_param (model, 1 + b, param);
  const double *v = at_component (square, shape, param + at_square, k);
  double divisor = 1;
  if ((field = elbo_field_find (belief->param, shape, "df", &at)))
    divisor = moment (*at_component (field, shape, param + at, k), (double)shape->dim + 1);
  else if ((field = elbo_field_find (belief->param, shape, "shape", &at)))
    divisor = moment (*at_component (field, shape, param + at, k), 1);
  expand (square, shape, v, 1 / divisor, covariance);
  free (param);
  return GSL_SUCCESS;
}
