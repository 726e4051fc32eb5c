/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half-steps of a fit, recorded: E makes statistics under the beliefs, M beliefs from the
   statistics, H a prior from the beliefs. */
#include <config.h>
#include <string.h>
#include "engine/engine.h"

int
elbo_fit_after_e (const elbo_fit *fit)
{
  return fit->nrecord > 0 && fit->trace[fit->nrecord - 1].half == 'E';
}

int
elbo_fit_maximise (elbo_fit *fit, char half, const char *move)
{
  int status = elbo_global (fit->model, fit->stat);
  if (status == GSL_SUCCESS)
    status = elbo_fit_note (fit, half, move);
  return status == GSL_SUCCESS ? elbo_fit_learn (fit) : status;
}

int
elbo_fit_learn (elbo_fit *fit)
{
  if (!elbo_model_learns (fit->model))
    return GSL_SUCCESS;
  const int status = elbo_learn (fit->model);
  return status == GSL_SUCCESS ? elbo_fit_note (fit, 'H', NULL) : status;
}

int
elbo_fit_expect (elbo_fit *fit)
{
  memset (fit->spare, 0, fit->model->nstat * sizeof *fit->spare);
  const int status = elbo_pass_source (fit->model, &fit->source, &fit->plan, NULL,
                                       fit->options.threads, fit->spare);
  if (status != GSL_SUCCESS)
    return status;
  double *swap = fit->stat;
  fit->stat = fit->spare;
  fit->spare = swap;
  fit->passes++;
  return elbo_fit_note (fit, 'E', NULL);
}
