/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says about a component, in GSL's types.  The mean is the field of that name.  The
   covariance is the parameter itself for point beliefs, E[Sigma] for distributions: inverse
   Wishart, scale / (df - D - 1); inverse gamma, rate / (shape - 1).  Where the expectation does not
   exist, scale / df and rate / shape, the inverse of the expected precision. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* The numbers of component k of a field of a block, user's units; NULL when there is none. */
static const double *
find (const elbo_part *part, const elbo_field **field, const char *name, size_t k)
{
  size_t at = 0;
  *field = elbo_field_find (part->belief->param, &part->shape, name, &at);
  if (!*field)
    return NULL;
  const size_t each = elbo_field_size (*field, &part->shape) / part->shape.ncomp;
  return part->user + at + ((*field)->extent[0] == ELBO_COMP ? k * each : 0);
}

static int
check (const elbo_model *model, size_t b, size_t k, const void *place)
{
  if (!model || !place)
    return elbo_fail (GSL_EFAULT, "a component needs a model and a place, not null pointers");
  if (b >= model->nblock || k >= model->ncomp)
    return elbo_fail (GSL_EINVAL, "component %zu of block %zu: the model has %zu of %zu", k + 1,
                      b + 1, model->ncomp, model->nblock);
  return elbo_model_ready (model);
}

int
elbo_component_weights (const elbo_model *model, gsl_vector *weight)
{
  if (!model || !weight)
    return elbo_fail (GSL_EFAULT, "weights need a model and a place, not null pointers");
  if (weight->size != model->ncomp)
    return elbo_fail (GSL_EBADLEN, "a vector of %zu for the weights of %zu components",
                      weight->size, model->ncomp);
  double *w = elbo_doubles (model->ncomp);
  int status = w ? elbo_model_ready (model) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    elbo_model_weights (model, w);
  for (size_t k = 0; status == GSL_SUCCESS && k < model->ncomp; k++)
    weight->data[k * weight->stride] = w[k];
  free (w);
  return status;
}

int
elbo_component_mean (const elbo_model *model, size_t b, size_t k, gsl_vector *mean)
{
  const int status = check (model, b, k, mean);
  if (status != GSL_SUCCESS)
    return status;
  const elbo_part *part = model->part + 1 + b;
  const elbo_field *field;
  const double *v = find (part, &field, "mean", k);
  if (!v || field->unit != ELBO_PLACE)
    return elbo_fail (ELBO_EUNSUP, "block %zu (%s) has no mean", b + 1, part->factor->name);
  if (mean->size != part->shape.dim)
    return elbo_fail (GSL_EBADLEN, "a vector of %zu for the mean of %zu columns", mean->size,
                      part->shape.dim);
  for (size_t d = 0; d < mean->size; d++)
    mean->data[d * mean->stride] = v[d];
  return GSL_SUCCESS;
}

/* A matrix, a diagonal or one variance, times a factor, as a matrix. */
static void
expand (const elbo_field *field, const double *v, double by, gsl_matrix *m)
{
  const size_t first = field->extent[0] == ELBO_COMP;
  const elbo_extent a = field->extent[first], b = first ? field->extent[2] : field->extent[1];
  const int full = a == ELBO_DIM && b == ELBO_DIM;
  for (size_t i = 0; i < m->size1; i++)
    for (size_t j = 0; j < m->size2; j++)
      m->data[i * m->tda + j] = full     ? by * v[i * m->size2 + j]
                                : i == j ? by * v[a == ELBO_DIM ? i : 0]
                                         : 0;
}

static double
moment (double number, double less)
{
  return number > less ? number - less : number;
}

/* What the scatter is divided by. */
static double
divisor (const elbo_part *part, size_t k)
{
  const elbo_field *field;
  const double *v = find (part, &field, "df", k);
  if (v)
    return moment (*v, (double)part->shape.dim + 1);
  v = find (part, &field, "shape", k);
  return v ? moment (*v, 1) : 1;
}

int
elbo_component_covariance (const elbo_model *model, size_t b, size_t k, gsl_matrix *covariance)
{
  const int status = check (model, b, k, covariance);
  if (status != GSL_SUCCESS)
    return status;
  const elbo_part *part = model->part + 1 + b;
  const elbo_field *field = part->belief->param;
  while (field->name && field->unit != ELBO_SQUARE)
    field++;
  if (!field->name)
    return elbo_fail (ELBO_EUNSUP, "block %zu (%s) has no covariance", b + 1, part->factor->name);
  if (covariance->size1 != part->shape.dim || covariance->size2 != part->shape.dim)
    return elbo_fail (GSL_EBADLEN, "a matrix of %zu x %zu for the covariance of %zu columns",
                      covariance->size1, covariance->size2, part->shape.dim);
  const elbo_field *found;
  const double *v = find (part, &found, field->name, k);
  expand (found, v, 1 / divisor (part, k), covariance);
  return GSL_SUCCESS;
}
