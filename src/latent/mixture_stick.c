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

/* Whether the last stick is 1 is what the two differ in. */
static const int nested = 0, closed = 1;

/* Sticks 0 .. nfree - 1 are free, the last of a closed mixture is 1. */
static size_t
nfree (const elbo_shape *shape)
{
  return shape->ncomp - (*(const int *)shape->kind == closed);
}

static int
solve (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp;
  double *a = param, *b = param + K, later = 0;

  if (!(prior[0] > 0) || isinf (prior[0]))
    return elbo_fail (GSL_EINVAL, "the concentration %g is not > 0", prior[0]);
  for (size_t k = K; k-- > 0;) /* from the end: the sums of later counts are never subtracted */
    {
      a[k] = k < nfree (shape) ? 1 + stat[k] : 1;
      b[k] = k < nfree (shape) ? prior[0] + later : 0;
      later += stat[k];
    }
  return GSL_SUCCESS;
}

static int
expect (const elbo_shape *shape, const double *param, double *coef)
{
  const double *a = param, *b = param + shape->ncomp;
  double rest = 0; /* E log of the stick that is left */

  for (size_t k = 0; k < nfree (shape); k++)
    {
      double psi;

      if (!(a[k] > 0 && b[k] > 0) || isinf (a[k]) || isinf (b[k]))
        return elbo_fail (GSL_EINVAL, "component %zu: stick Beta (%g, %g) needs both > 0", k + 1,
                          a[k], b[k]);
      psi = elbo_psi (a[k] + b[k]);
      coef[k] = rest + (elbo_psi (a[k]) - psi);
      rest += elbo_psi (b[k]) - psi;
    }
  for (size_t k = nfree (shape); k < shape->ncomp; k++)
    coef[k] = rest;
  return GSL_SUCCESS;
}

/* KL (Beta (a, b) || Beta (1, alpha)) over the free sticks; log B (1, alpha) = -log alpha. */
static int
cost (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  for (size_t k = 0; k < nfree (shape); k++)
    {
      double a = param[k], b = param[shape->ncomp + k], psi = elbo_psi (a + b);
      double term[] = { -log (prior[0]),
                        -elbo_lngamma (a),
                        -elbo_lngamma (b),
                        elbo_lngamma (a + b),
                        (a - 1) * (elbo_psi (a) - psi),
                        (b - prior[0]) * (elbo_psi (b) - psi) };

      for (size_t i = 0; i < sizeof term / sizeof *term; i++)
        elbo_quantity_add (to, term[i]);
    }
  return GSL_SUCCESS;
}

static double
peak (const elbo_shape *shape, const double *prior, const double *count)
{
  double value = 0, later = 0;

  for (size_t k = shape->ncomp; k-- > 0;)
    {
      if (k < nfree (shape))
        value += log_beta (1 + count[k], prior[0] + later) + log (prior[0]);
      later += count[k];
    }
  return value;
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

static size_t
freedom (const elbo_shape *shape)
{
  return nfree (shape);
}

/* Sticks are independent under q: whole components can be held. */
static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = posterior_field,
                                       .solve = solve,
                                       .expect = expect,
                                       .cost = cost,
                                       .peak = peak };

#define FACTOR(is, called, book) \
  { \
    .size = ELBO_SIZE (elbo_factor), .field_size = ELBO_SIZE (elbo_field), .name = called, \
    .source = book, .kind = &is, .prior = prior_field, .stat = elbo_mixture_stat, \
    .coef = elbo_mixture_coef, .guess = guess, .flatten = flatten, .sum = elbo_mixture_sum, \
    .freedom = freedom, .posterior = &posterior \
  }
#define STRUCTURE(factor) \
  { \
    .size = ELBO_SIZE (elbo_latent), .base = &factor, .order = ELBO_ORDER_SOUGHT, \
    .score = elbo_mixture_score, .assign = elbo_mixture_assign, .weight = weight \
  }

static const elbo_factor factor_nested
    = FACTOR (nested, "dp",
              "Kurihara, Welling and Vlassis (2007), Accelerated variational Dirichlet process "
              "mixtures, NIPS 19");
static const elbo_latent structure_nested = STRUCTURE (factor_nested);
const elbo_latent *const elbo_mixture_stick = &structure_nested;

static const elbo_factor factor_closed
    = FACTOR (closed, "dp-truncated",
              "Blei and Jordan (2006), Variational inference for Dirichlet process mixtures, "
              "Bayesian Analysis 1, section 3");
static const elbo_latent structure_closed = STRUCTURE (factor_closed);
const elbo_latent *const elbo_mixture_stick_closed = &structure_closed;
