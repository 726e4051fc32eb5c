/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local step that all mixtures share.

   Rows x_n choose their components z_n independently, p (z_n = k) = pi_k.  Given the expected
   log density l_nk of a row and log_weight_k = E log pi_k,

       s_n  = log sum_k exp (log_weight_k + l_nk)
       r_nk = exp (log_weight_k + l_nk - s_n)

   is the assignment that maximises the bound (Bishop 2006, 10.46-10.49), and sum w_n s_n is the
   bound less the cost of the parameters.  It is counted as a statistic together with its two
   parts, energy and entropy, so that evidence = energy + entropy is a check on every pass. */
#include <config.h>

#include <math.h>
#include <string.h>
#include "latent/latent.h"

/* How far from 1 a sum of weights may lie: numbers that were typed with seven digits pass. */
#define SUM_TOLERANCE 1e-6

const elbo_field elbo_mixture_stat[] = { ELBO_ASSIGNED, { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

const elbo_field elbo_mixture_coef[]
    = { { "log_weight", { ELBO_COMP }, ELBO_PURE, "Expected log weight of each component, nats." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

int
elbo_mixture_score (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                    double *score)
{
  tile->kernel->fill (shape->ncomp, coef, score);
  return GSL_SUCCESS;
}

int
elbo_mixture_assign (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                     double *score, double *count, double *stat)
{
  double *scalar = stat + shape->ncomp;

  (void)coef;
  memset (count, 0, shape->ncomp * sizeof *count);
  tile->kernel->softmax (tile->n, shape->ncomp, tile->weight, score, count, scalar, scalar + 2,
                         scalar + 4);
  for (size_t k = 0; k < shape->ncomp; k++)
    stat[k] += count[k];
  return GSL_SUCCESS;
}

int
elbo_mixture_sum (const elbo_shape *shape, const double *coef, const double *stat,
                  elbo_quantity *to)
{
  /* a weight of 0 has no rows */
  elbo_quantity_counts (to, shape->ncomp, stat, coef);
  return GSL_SUCCESS;
}

int
elbo_mixture_log (const elbo_shape *shape, const double *weight, double *coef)
{
  double total = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      if (!(weight[k] >= 0))
        return elbo_fail (GSL_EINVAL, "component %zu: weight %g is not >= 0", k + 1, weight[k]);
      coef[k] = log (weight[k]);
      total += weight[k];
    }
  if (!(fabs (total - 1) <= SUM_TOLERANCE))
    return elbo_fail (GSL_EINVAL, "the weights sum to %.10g, not to 1", total);
  return GSL_SUCCESS;
}

int
elbo_mixture_holds_all (const elbo_shape *shape)
{
  for (size_t k = 0; k < shape->ncomp; k++)
    if (!shape->held[k])
      return 0;
  return 1;
}
