/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two half-steps of a fit, recorded: E makes statistics under the beliefs, M beliefs from the
   statistics. */
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
  const int status = elbo_global (fit->model, fit->stat);
  return status == GSL_SUCCESS ? elbo_fit_note (fit, half, move) : status;
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
