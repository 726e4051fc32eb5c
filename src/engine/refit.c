/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warm start on other rows: the parameters that a model has, which may come from a file, are
   where its fit begins. */
#include <config.h>
#include <math.h>
#include "engine/engine.h"

/* New units and, by maximum likelihood, a new floor of covariances; parameters and priors keep their
   values in the user's units. */
static int
move_to (elbo_model *model, elbo_data *data)
{
  int status = elbo_check_columns (model, data);
  if (status == GSL_SUCCESS)
    status = elbo_model_ready (model);
  if (status == GSL_SUCCESS)
    status = elbo_data_summarise (data);
  if (status == GSL_SUCCESS)
    status = elbo_model_standardise (model, data->mean, data->sd);
  if (status == GSL_SUCCESS && model->method == ELBO_ML)
    elbo_model_flatten (model);
  return status == GSL_SUCCESS ? elbo_model_admit (model, data, ELBO_FITTABLE) : status;
}

int
elbo_model_refit (elbo_model *model, elbo_data *data, const elbo_fit_options *options,
                  double *value)
{
  if (value)
    *value = NAN;
  int status = move_to (model, data);
  if (status != GSL_SUCCESS)
    return status;
  elbo_fit *fit = elbo_fit_alloc (model, data, options);
  if (!fit)
    return elbo_message_status ();
  status = elbo_fit_run (fit, NULL, NULL);
  if (value)
    *value = elbo_fit_value (fit);
  elbo_fit_free (fit);
  return status;
}
