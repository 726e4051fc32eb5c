/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front doors: a matrix in, a mixture out. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "study/study.h"

static int
check (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp, const elbo_family *covariance)
{
  if (!x || !covariance)
    return elbo_fail (GSL_EFAULT, "a fit needs rows and a family, not null pointers");
  if (ncomp == 0)
    return elbo_fail (GSL_EINVAL, "the number of components must be at least 1");
  if (weight && weight->size != x->size1)
    return elbo_fail (GSL_EBADLEN, "there are %zu weights for %zu rows", weight->size, x->size1);
  return GSL_SUCCESS;
}

/* A search that owns its data and its model. */
static elbo_search *
make_search (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
             const elbo_family *covariance, elbo_method method, const elbo_search_options *options)
{
  const elbo_block block = ELBO_BLOCK (covariance, 0, x->size2, 0);
  elbo_data *data = elbo_data_from_matrix (x, weight);
  elbo_model *model
      = data ? elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, method) : NULL;
  elbo_search *search = model && elbo_model_prepare (model, data) == GSL_SUCCESS
                            ? elbo_search_alloc (model, data, NULL, options)
                            : NULL;
  if (search)
    {
      search->own_data = data;
      search->own_prepared = model;
      return search;
    }
  elbo_model_free (model);
  elbo_data_free (data);
  return NULL;
}

int
elbo_mixture_search (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                     const elbo_family *covariance, elbo_method method,
                     const elbo_search_options *options, elbo_search **search)
{
  if (!search)
    return elbo_fail (GSL_EFAULT, "a fit needs a place for the search");
  *search = NULL;
  const int status = check (x, weight, ncomp, covariance);
  if (status != GSL_SUCCESS)
    return status;
  *search = make_search (x, weight, ncomp, covariance, method, options);
  return *search ? elbo_search_run (*search, NULL, NULL) : elbo_message_status ();
}

int
elbo_mixture_fit (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                  const elbo_family *covariance, elbo_method method,
                  const elbo_search_options *options, elbo_model **model, double *value)
{
  elbo_search *search = NULL;
  if (value)
    *value = NAN;
  if (!model)
    return elbo_fail (GSL_EFAULT, "a fit needs a place for the model");
  *model = NULL;
  const int status = elbo_mixture_search (x, weight, ncomp, covariance, method, options, &search);
  if (value)
    *value = elbo_search_value (search);
  *model = elbo_search_take_model (search);
  elbo_search_free (search);
  return status;
}
