/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound of any model from draws: each term is  log (1/K sum_i exp (log p(x,z_i) - log q(z_i))),
   their mean is unbiased for the bound, and their spread says how well it is known.  Mean and
   variance are updated term by term (Welford 1962), so that draws need no room. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "teach/teach.h"

/* One log weight; ELBO_ENUMERIC with a message. */
static int
log_weight (const elbo_own_model *model, size_t number, gsl_rng *rng, double *z, double *value)
{
  model->draw (rng, z, model->arg);
  const double p = model->log_joint (z, model->arg), q = model->log_q (z, model->arg);
  if (isnan (p) || p == INFINITY)
    return elbo_fail (ELBO_ENUMERIC, "draw %zu: log p(x, z) is %g", number, p);
  if (!isfinite (q))
    return elbo_fail (ELBO_ENUMERIC, "draw %zu: log q(z) is %g where q has drawn", number, q);
  *value = p - q;
  return GSL_SUCCESS;
}

int
elbo_monte_carlo_sized (const elbo_own_model *given, size_t model_size, size_t draws,
                        size_t particles, gsl_rng *rng, elbo_estimate *result, size_t size)
{
  elbo_own_model own, *model = &own;
  if (!given || !rng || !result)
    return elbo_fail (GSL_EFAULT, "an estimate needs a model, a generator and a place for it");
  elbo_copy_sized (&own, sizeof own, given, model_size);
  if (!own.log_joint || !own.log_q || !own.draw)
    return elbo_fail (GSL_EFAULT, "a model of one's own needs log_joint, log_q and draw");
  if (draws < 2 || particles < 1 || model->dim < 1)
    return elbo_fail (GSL_EINVAL, "%zu draws of %zu particles of dimension %zu: at least 2, 1, 1",
                      draws, particles, model->dim);
  double *z = elbo_doubles (model->dim), *weight = elbo_doubles (particles);
  double mean = 0, square = 0;
  int status = z && weight ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t s = 0; s < draws && status == GSL_SUCCESS; s++)
    {
      for (size_t i = 0; i < particles && status == GSL_SUCCESS; i++)
        status = log_weight (model, s * particles + i, rng, z, weight + i);
      const double term = elbo_logsumexp (weight, particles) - log ((double)particles);
      const double off = term - mean;
      /* once -infinity, always */
      mean = isfinite (term) && isfinite (mean) ? mean + off / (double)(s + 1) : -INFINITY;
      square += off * (term - mean);
    }
  free (z);
  free (weight);
  if (status != GSL_SUCCESS)
    return status;
  elbo_estimate known = { .mean = mean };
  known.variance = isfinite (mean) ? square / (double)(draws - 1) : NAN;
  known.error = sqrt (known.variance / (double)draws);
  elbo_copy_sized (result, size, &known, sizeof known);
  return GSL_SUCCESS;
}
