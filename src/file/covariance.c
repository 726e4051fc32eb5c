/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The covariance that a model states for a component, as its family describes it: the parameter
   itself for point beliefs, E[Sigma] for distributions.  Inverse Wishart: scale / (df - D - 1);
   inverse gamma: rate / (shape - 1).  Where the expectation does not exist, scale / df and rate /
   shape, the inverse of the expected precision. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

int
elbo_component_covariance (const elbo_model *model, size_t b, size_t k, double *covariance)
{
  const elbo_shape *shape = elbo_model_shape (model, 1 + b);
  const elbo_field *view = elbo_model_factor (model, 1 + b)->view;
  size_t at = 0;
  const elbo_field *field = elbo_field_find (view, shape, "covariance", &at);
  if (!field)
    return elbo_fail (ELBO_EUNSUP, "block %zu has no covariance", b);
  double *value = elbo_doubles (elbo_field_total (view, shape));
  if (!value)
    return GSL_ENOMEM;
  const int status = elbo_model_describe (model, b, k, value, NULL, NULL, NULL);
  if (status == GSL_SUCCESS)
    memcpy (covariance, value + at, elbo_field_size (field, shape) * sizeof *covariance);
  free (value);
  return status;
}
