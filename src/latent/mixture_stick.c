/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dirichlet process mixtures by stick-breaking, truncated at K in two ways.

       pi_k = v_k prod_{l < k} (1 - v_l),   v_k ~ Beta (1, alpha)
       q (v_k) = Beta (a_k, b_k),  a_k = 1 + N_k,  b_k = alpha + N_{k+1} + ... + N_K
       E log pi_k = psi (a_k) - psi (a_k + b_k) + sum_{l < k} [psi (b_l) - psi (a_l + b_l)]
       cost = sum_k KL (Beta (a_k, b_k) || Beta (1, alpha))
       peak = sum_k [log B (a_k, b_k) + log alpha]

   nested  "dp": q (z > K) = 0, sticks 1 .. K are all free and those beyond stay at the prior, so
           that a larger K can only raise the bound (Kurihara, Welling & Vlassis 2007; Hughes &
           Sudderth 2013).  The expected weights leave the mass prod_k b_k / (a_k + b_k) to
           components not seen.
   closed  "dp-truncated": v_K = 1, a mixture of K components (Blei & Jordan 2006, section 3).  The
           last stick is kept as a = 1, b = 0, the limit of Beta (1, b) that puts all mass on 1; it
           costs nothing, and E v = a / (a + b) holds for it as it stands.

   The bounds of the two differ because the models do; they must not be compared.  The order of
   the components is part of the model.

   Check: alpha = 2 and N = (5.5, 3, 1, 0.5) give peaks of -13.92194235924 (nested) and
   -13.29333369982 (closed), and nested E log pi_4 = -3.329065479. */
#include <config.h>

#include <math.h>
#include "latent/latent.h"

static const elbo_field prior_field[]
    = { { "alpha",
          { ELBO_ONE },
          ELBO_PURE,
          "Concentration: each stick is Beta (1, alpha); larger values expect more components." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field posterior_field[] = {
  { "a",
    { ELBO_COMP },
    ELBO_PURE,
    "First Beta parameter of each stick: 1 plus the expected number of rows of the component." },
  { "b",
    { ELBO_COMP },
    ELBO_PURE,
    "Second Beta parameter of each stick: the concentration plus the expected number of rows of "
    "later components; 0 for a last stick that is 1." },
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

static double
log_beta (double a, double b)
{
  return elbo_lngamma (a) + elbo_lngamma (b) - elbo_lngamma (a + b);
}

static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  (void)shape;
  (void)pooled;
  prior[0] = 1;
  return GSL_SUCCESS;
}

/* Beta (1, 1) is flat. */
static void
flatten (const elbo_shape *shape, double *prior)
{
  (void)shape;
  prior[0] = 1;
}

static size_t
freedom_nested (const elbo_shape *shape)
{
  return shape->ncomp;
}

static size_t
freedom_closed (const elbo_shape *shape)
{
  return shape->ncomp - 1;
}

static int
solve_nested (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp;
  double *a = param, *b = param + K, later = 0;

  if (!(prior[0] > 0) || isinf (prior[0]))
    return elbo_fail (GSL_EINVAL, "the concentration %g is not > 0", prior[0]);
  for (size_t k = K; k-- > 0;) /* from the end: the sums of later counts are never subtracted */
    {
      a[k] = 1 + stat[k];
      b[k] = prior[0] + later;
      later += stat[k];
    }
  return GSL_SUCCESS;
}

static int
solve_closed (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp;
  int status = solve_nested (shape, prior, stat, param);

  param[K - 1] = 1;
  param[2 * K - 1] = 0;
  return status;
}

/* Sticks 0 .. nfree - 1 are free, the others are 1. */
static int
expect (size_t ncomp, size_t nfree, const double *param, double *coef)
{
  const double *a = param, *b = param + ncomp;
  double rest = 0; /* E log of the stick that is left */

  for (size_t k = 0; k < nfree; k++)
    {
      double psi;

      if (!(a[k] > 0 && b[k] > 0) || isinf (a[k]) || isinf (b[k]))
        return elbo_fail (GSL_EINVAL, "component %zu: stick Beta (%g, %g) needs both > 0", k + 1,
                          a[k], b[k]);
      psi = elbo_psi (a[k] + b[k]);
      coef[k] = rest + (elbo_psi (a[k]) - psi);
      rest += elbo_psi (b[k]) - psi;
    }
  for (size_t k = nfree; k < ncomp; k++)
    coef[k] = rest;
  return GSL_SUCCESS;
}

static int
expect_nested (const elbo_shape *shape, const double *param, double *coef)
{
  return expect (shape->ncomp, shape->ncomp, param, coef);
}

static int
expect_closed (const elbo_shape *shape, const double *param, double *coef)
{
  return expect (shape->ncomp, shape->ncomp - 1, param, coef);
}

/* KL (Beta (a, b) || Beta (1, alpha)) over the free sticks; log B (1, alpha) = -log alpha. */
static int
cost (size_t ncomp, size_t nfree, double alpha, const double *param, elbo_quantity *to)
{
  double value = 0;

  for (size_t k = 0; k < nfree; k++)
    {
      double a = param[k], b = param[ncomp + k], psi = elbo_psi (a + b);
      double term[] = { -log (alpha),
                        -elbo_lngamma (a),
                        -elbo_lngamma (b),
                        elbo_lngamma (a + b),
                        (a - 1) * (elbo_psi (a) - psi),
                        (b - alpha) * (elbo_psi (b) - psi) };

      for (size_t i = 0; i < sizeof term / sizeof *term; i++)
        {
          value += term[i];
          to->size += fabs (term[i]);
        }
    }
  to->value += value;
  return GSL_SUCCESS;
}

static int
cost_nested (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  return cost (shape->ncomp, shape->ncomp, prior[0], param, to);
}

static int
cost_closed (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  return cost (shape->ncomp, shape->ncomp - 1, prior[0], param, to);
}

static double
peak (size_t ncomp, size_t nfree, double alpha, const double *count)
{
  double value = 0, later = 0;

  for (size_t k = ncomp; k-- > 0;)
    {
      if (k < nfree)
        value += log_beta (1 + count[k], alpha + later) + log (alpha);
      later += count[k];
    }
  return value;
}

static double
peak_nested (const elbo_shape *shape, const double *prior, const double *stat)
{
  return peak (shape->ncomp, shape->ncomp, prior[0], stat);
}

static double
peak_closed (const elbo_shape *shape, const double *prior, const double *stat)
{
  return peak (shape->ncomp, shape->ncomp - 1, prior[0], stat);
}

/* The sticks are independent under q: the expected product is the product of expectations. */
static void
weight (const elbo_shape *shape, const double *param, int posterior, double *mean)
{
  const double *a = param, *b = param + shape->ncomp;
  double rest = 1;

  (void)posterior;
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      mean[k] = rest * a[k] / (a[k] + b[k]);
      rest *= b[k] / (a[k] + b[k]);
    }
}

static const elbo_belief nested = { .size = ELBO_SIZE (elbo_belief),
                                    .param = posterior_field,
                                    .solve = solve_nested,
                                    .expect = expect_nested,
                                    .cost = cost_nested,
                                    .peak = peak_nested };

static const elbo_belief closed = { .size = ELBO_SIZE (elbo_belief),
                                    .param = posterior_field,
                                    .solve = solve_closed,
                                    .expect = expect_closed,
                                    .cost = cost_closed,
                                    .peak = peak_closed };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "dp",
        .source = "Kurihara, Welling and Vlassis (2007), Accelerated variational Dirichlet "
                  "process mixtures, NIPS 19",
        .prior = prior_field,
        .stat = mixture_stat,
        .coef = mixture_coef,
        .guess = guess,
        .flatten = flatten,
        .sum = mixture_sum,
        .freedom = freedom_nested,
        .point = NULL,
        .posterior = &nested };
static const elbo_latent structure = { .size = ELBO_SIZE (elbo_latent),
                                       .base = &factor,
                                       .order = ELBO_ORDER_SOUGHT,
                                       .score = mixture_score,
                                       .assign = mixture_assign,
                                       .weight = weight };
const elbo_latent *const elbo_mixture_stick = &structure;

static const elbo_factor factor_closed
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "dp-truncated",
        .source = "Blei and Jordan (2006), Variational inference for Dirichlet process "
                  "mixtures, Bayesian Analysis 1, section 3",
        .prior = prior_field,
        .stat = mixture_stat,
        .coef = mixture_coef,
        .guess = guess,
        .flatten = flatten,
        .sum = mixture_sum,
        .freedom = freedom_closed,
        .point = NULL,
        .posterior = &closed };
static const elbo_latent structure_closed = { .size = ELBO_SIZE (elbo_latent),
                                              .base = &factor_closed,
                                              .order = ELBO_ORDER_SOUGHT,
                                              .score = mixture_score,
                                              .assign = mixture_assign,
                                              .weight = weight };
const elbo_latent *const elbo_mixture_stick_closed = &structure_closed;
