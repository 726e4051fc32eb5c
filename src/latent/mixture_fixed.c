/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finite mixture whose weights are given.

       p (z = k) = weight_k,  sum weight = 1;  1 / K each unless the prior says otherwise

   There is nothing to learn and nothing to pay: as a point and as a distribution the belief is the
   given weights, the cost is 0 and the peak is sum_k N_k log weight_k.  A component of weight 0
   never gets a row.

   Check: K = 4 equal weights and W = 10 rows give a peak of -10 log 4 = -13.86294361119891. */
#include <config.h>

#include <string.h>
#include "latent/latent.h"

static const elbo_field weight_field[]
    = { { "weight", { ELBO_COMP }, ELBO_PURE, "Weight of each component; they sum to 1." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  (void)pooled;
  for (size_t k = 0; k < shape->ncomp; k++)
    prior[k] = 1.0 / (double)shape->ncomp;
  return GSL_SUCCESS;
}

/* Weights that are given are given for maximum likelihood, too. */
static void
flatten (const elbo_shape *shape, double *prior)
{
  (void)shape;
  (void)prior;
}

static size_t
freedom (const elbo_shape *shape)
{
  (void)shape;
  return 0;
}

static int
solve (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  (void)stat;
  memcpy (param, prior, shape->ncomp * sizeof *param);
  return GSL_SUCCESS;
}

static int
cost (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  (void)shape;
  (void)prior;
  (void)param;
  (void)to;
  return GSL_SUCCESS;
}

static double
peak (const elbo_shape *shape, const double *prior, const double *stat)
{
  double value = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    value += elbo_xlogy (stat[k], prior[k]);
  return value;
}

static void
weight (const elbo_shape *shape, const double *param, int posterior, double *mean)
{
  (void)posterior;
  memcpy (mean, param, shape->ncomp * sizeof *mean);
}

static const elbo_belief belief = { .size = ELBO_SIZE (elbo_belief),
                                    .param = weight_field,
                                    .solve = solve,
                                    .expect = elbo_mixture_log,
                                    .cost = cost,
                                    .peak = peak,
                                    .holds = elbo_mixture_holds_all,
                                    .coupled = 1 };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "mixture_fixed",
        .source = "McLachlan and Peel (2000), Finite Mixture Models, section 1.4",
        .prior = weight_field,
        .stat = elbo_mixture_stat,
        .coef = elbo_mixture_coef,
        .guess = guess,
        .flatten = flatten,
        .sum = elbo_mixture_sum,
        .freedom = freedom,
        .point = &belief,
        .posterior = &belief };
static const elbo_latent structure = { .size = ELBO_SIZE (elbo_latent),
                                       .base = &factor,
                                       .order = ELBO_ORDER_FREE,
                                       .score = elbo_mixture_score,
                                       .assign = elbo_mixture_assign,
                                       .weight = weight };
const elbo_latent *const elbo_mixture_fixed = &structure;
