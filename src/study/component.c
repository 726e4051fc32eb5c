/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says about a component, in GSL's types, as its family describes it.  The covariance
   is the parameter itself for point beliefs, E[Sigma] for distributions: inverse Wishart,
   scale / (df - D - 1); inverse gamma, rate / (shape - 1).  Where the expectation does not exist,
   scale / df and rate / shape, the inverse of the expected precision. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* One array of the view of component k, for the caller to free; NULL with *status set. */
static double *
describe (const elbo_model *model, size_t b, size_t k, const char *name, int *status)
{
  const elbo_part *part = model->part + 1 + b;
  size_t at = 0;
  const elbo_field *field = elbo_field_find (part->factor->view, &part->shape, name, &at);
  double *value = field ? elbo_doubles (part->nview) : NULL;
  if (!field)
    *status = elbo_fail (ELBO_EUNSUP, "block %zu (%s) has no %s", b + 1, part->factor->name, name);
  else
    *status = value ? elbo_model_describe (model, b, k, value, NULL, NULL, NULL) : GSL_ENOMEM;
  if (*status == GSL_SUCCESS)
    {
      memmove (value, value + at, elbo_field_size (field, &part->shape) * sizeof *value);
      return value;
    }
  free (value);
  return NULL;
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
  int status = check (model, b, k, mean);
  if (status != GSL_SUCCESS)
    return status;
  const size_t dim = model->part[1 + b].shape.dim;
  double *v = describe (model, b, k, "mean", &status);
  if (v && mean->size != dim)
    status
        = elbo_fail (GSL_EBADLEN, "a vector of %zu for the mean of %zu columns", mean->size, dim);
  for (size_t d = 0; status == GSL_SUCCESS && d < dim; d++)
    mean->data[d * mean->stride] = v[d];
  free (v);
  return status;
}

int
elbo_component_covariance (const elbo_model *model, size_t b, size_t k, gsl_matrix *covariance)
{
  int status = check (model, b, k, covariance);
  if (status != GSL_SUCCESS)
    return status;
  const size_t dim = model->part[1 + b].shape.dim;
  double *v = describe (model, b, k, "covariance", &status);
  if (v && (covariance->size1 != dim || covariance->size2 != dim))
    status = elbo_fail (GSL_EBADLEN, "a matrix of %zu x %zu for the covariance of %zu columns",
                        covariance->size1, covariance->size2, dim);
  for (size_t i = 0; status == GSL_SUCCESS && i < dim; i++)
    for (size_t j = 0; j < dim; j++)
      covariance->data[i * covariance->tda + j] = v[i * dim + j];
  free (v);
  return status;
}
