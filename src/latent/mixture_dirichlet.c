/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finite mixture with free weights.

       p (pi)  = Dir (pi | alpha0) = Gamma (sum alpha0) / prod Gamma (alpha0_k)
                                     prod pi_k^(alpha0_k - 1)
       N_k     = sum_n w_n r_nk,  W = sum_k N_k

   point      weight_k = (N_k + alpha0_k - 1) / (W + sum (alpha0 - 1)), the mode on the simplex,
              which needs alpha0 >= 1; alpha0 = 1 gives N_k / W, maximum likelihood.  The mode
              depends on the parameterisation: in the soft-max basis there is no -1 (MacKay 1998).
   posterior  alpha_k = alpha0_k + N_k  (Bishop 2006, 10.57-10.58),
              E log pi_k = psi (alpha_k) - psi (sum alpha)  (10.66),  E pi_k = alpha_k / sum alpha
              (10.69)
   peak       posterior: log B (alpha) - log B (alpha0), B (alpha) = prod Gamma (alpha_k) / Gamma
              (sum alpha)

   Check: alpha0 = 1/4 and N = (5.5, 3, 1, 0.5) give a peak of -14.84897558913. */
#include <config.h>

#include <math.h>
#include "latent/latent.h"

static const elbo_field prior_field[] = {
  { "alpha", { ELBO_COMP }, ELBO_PURE, "Dirichlet parameter of the weight of each component." },
  { "flat", { ELBO_ONE }, ELBO_PURE, NULL }, /* 1: no prior, so no normalising constant either */
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

static const elbo_field point_field[]
    = { { "weight", { ELBO_COMP }, ELBO_PURE, "Weight of each component; they sum to 1." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field posterior_field[]
    = { { "alpha",
          { ELBO_COMP },
          ELBO_PURE,
          "Dirichlet parameter of each component: of the prior plus the expected number of rows." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static double
total (size_t n, const double *x)
{
  double sum = 0;

  for (size_t i = 0; i < n; i++)
    sum += x[i];
  return sum;
}

/* log B (alpha + add), add may be NULL; *size += |summands|. */
static double
log_beta (size_t ncomp, const double *alpha, const double *add, double *size)
{
  double sum = 0, value = 0, term;

  for (size_t k = 0; k < ncomp; k++)
    {
      double shape = alpha[k] + (add != NULL ? add[k] : 0);

      term = elbo_lngamma (shape);
      value += term;
      *size += fabs (term);
      sum += shape;
    }
  term = elbo_lngamma (sum);
  *size += fabs (term);
  return value - term;
}

static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  (void)pooled;
  for (size_t k = 0; k < shape->ncomp; k++)
    prior[k] = 1;
  prior[shape->ncomp] = 0;
  return GSL_SUCCESS;
}

static void
flatten (const elbo_shape *shape, double *prior)
{
  for (size_t k = 0; k <= shape->ncomp; k++)
    prior[k] = 1;
}

static int
is_flat (const elbo_shape *shape, const double *prior)
{
  return prior[shape->ncomp] > 0;
}

static size_t
freedom (const elbo_shape *shape)
{
  return shape->ncomp - 1;
}

/* Weights that are held keep their values, and the others share what they leave. */
static int
is_held (const elbo_shape *shape, size_t k)
{
  return shape->held && shape->held[k];
}

static int
solve_point (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp;
  double sum = 0, left = 1;

  for (size_t k = 0; k < K; k++)
    {
      if (!(prior[k] >= 1) || isinf (prior[k]))
        return elbo_fail (GSL_EINVAL,
                          "component %zu: a Dirichlet parameter of %g leaves the "
                          "weights without a mode, it must be >= 1",
                          k + 1, prior[k]);
      if (is_held (shape, k))
        left -= param[k];
      else
        sum += stat[k] + (prior[k] - 1);
    }
  for (size_t k = 0; k < K; k++)
    if (sum > 0 && !is_held (shape, k))
      param[k] = fmax (0, left) * ((stat[k] + (prior[k] - 1)) / sum);
  if (total (K, param) == 0) /* neither rows nor a belief yet */
    for (size_t k = 0; k < K; k++)
      param[k] = 1.0 / (double)K;
  return GSL_SUCCESS;
}

/* Any weights: given some, those that are left are proportional to their counts as all are. */
static int
holds_point (const elbo_shape *shape)
{
  (void)shape;
  return 1;
}

static int
cost_point (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  if (!is_flat (shape, prior))
    to->value += log_beta (shape->ncomp, prior, NULL, &to->size);
  for (size_t k = 0; k < shape->ncomp; k++)
    elbo_quantity_add (to, -elbo_xlogy (prior[k] - 1, param[k]));
  return GSL_SUCCESS;
}

static double
peak_point (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t K = shape->ncomp;
  double unused = 0, sum = 0;
  double value = is_flat (shape, prior) ? 0 : -log_beta (K, prior, NULL, &unused);

  for (size_t k = 0; k < K; k++)
    {
      double count = stat[k] + (prior[k] - 1);

      value += elbo_xlogy (count, count);
      sum += count;
    }
  return value - elbo_xlogy (sum, sum);
}

static int
solve_posterior (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      if (!(prior[k] > 0) || isinf (prior[k]))
        return elbo_fail (GSL_EINVAL, "component %zu: Dirichlet parameter %g is not > 0", k + 1,
                          prior[k]);
      param[k] = prior[k] + stat[k];
    }
  return GSL_SUCCESS;
}

static int
expect_posterior (const elbo_shape *shape, const double *param, double *coef)
{
  double psi;

  for (size_t k = 0; k < shape->ncomp; k++)
    if (!(param[k] > 0) || isinf (param[k]))
      return elbo_fail (GSL_EINVAL, "component %zu: Dirichlet parameter %g is not > 0", k + 1,
                        param[k]);
  psi = elbo_psi (total (shape->ncomp, param));
  for (size_t k = 0; k < shape->ncomp; k++)
    coef[k] = elbo_psi (param[k]) - psi;
  return GSL_SUCCESS;
}

/* KL (Dir (alpha) || Dir (alpha0)). */
static int
cost_posterior (const elbo_shape *shape, const double *prior, const double *param,
                elbo_quantity *to)
{
  const size_t K = shape->ncomp;
  const double psi = elbo_psi (total (K, param));

  to->value += log_beta (K, prior, NULL, &to->size) - log_beta (K, param, NULL, &to->size);
  for (size_t k = 0; k < K; k++)
    elbo_quantity_add (to, (param[k] - prior[k]) * (elbo_psi (param[k]) - psi));
  return GSL_SUCCESS;
}

static double
peak_posterior (const elbo_shape *shape, const double *prior, const double *stat)
{
  double unused = 0;

  return log_beta (shape->ncomp, prior, stat, &unused)
         - log_beta (shape->ncomp, prior, NULL, &unused);
}

static void
weight (const elbo_shape *shape, const double *param, int posterior, double *mean)
{
  double sum = posterior ? total (shape->ncomp, param) : 1;

  for (size_t k = 0; k < shape->ncomp; k++)
    mean[k] = param[k] / sum;
}

static const elbo_belief point = { .size = ELBO_SIZE (elbo_belief),
                                   .param = point_field,
                                   .solve = solve_point,
                                   .expect = elbo_mixture_log,
                                   .cost = cost_point,
                                   .peak = peak_point,
                                   .holds = holds_point,
                                   .coupled = 1 };

static const elbo_belief posterior_belief = { .size = ELBO_SIZE (elbo_belief),
                                              .param = posterior_field,
                                              .solve = solve_posterior,
                                              .expect = expect_posterior,
                                              .cost = cost_posterior,
                                              .peak = peak_posterior,
                                              .holds = elbo_mixture_holds_all,
                                              .coupled = 1 };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "mixture_dirichlet",
        .source = "Bishop (2006), Pattern Recognition and Machine Learning, section 10.2, "
                  "equations 10.57-10.58, 10.66 and 10.69",
        .prior = prior_field,
        .stat = elbo_mixture_stat,
        .coef = elbo_mixture_coef,
        .guess = guess,
        .flatten = flatten,
        .sum = elbo_mixture_sum,
        .freedom = freedom,
        .point = &point,
        .posterior = &posterior_belief };
static const elbo_latent structure = { .size = ELBO_SIZE (elbo_latent),
                                       .base = &factor,
                                       .order = ELBO_ORDER_FREE,
                                       .score = elbo_mixture_score,
                                       .assign = elbo_mixture_assign,
                                       .weight = weight };
const elbo_latent *const elbo_mixture_dirichlet = &structure;
