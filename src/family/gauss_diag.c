/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian with a diagonal covariance: independent columns given the component.

     x_j | k              ~ N (mu_kj, variance_kj)
     point:  ML  S_kjj / N_k, at least ELBO_FLOOR pooled variances
             MAP mu_kj ~ N (mean_j, variance_kj / kappa_j), variance_kj ~ inverse gamma (shape_j,
                 rate_j): the joint mode in (mu, variance)
     posterior:  mu_kj | tau_kj ~ N (mean, 1 / (kappa tau_kj)), tau_kj ~ Gamma (shape, rate), RATE
                 not scale; independent over columns: exact for D > 1, where a D-variate digamma
                 sum would be another model's.

   Check: data of gauss_full's head, mean 0, kappa = shape = rate = 1, K = 1: log evidence
   -31.469288382562. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

static const elbo_field PRIOR[]
    = { { "kappa", { ELBO_DIM }, ELBO_PURE, "rows that the prior mean counts for" },
        { "shape", { ELBO_DIM }, ELBO_PURE, "shape of the gamma prior of the precision" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "rate", { ELBO_DIM }, ELBO_SQUARE, "rate of the gamma prior of the precision" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field COEF[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "precision", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "expected precision" },
        { "slope", { ELBO_COMP, ELBO_PAIR, ELBO_DIM }, ELBO_PURE, "factors of x and x^2" },
        { "offset", { ELBO_COMP }, ELBO_PURE, "expected log density at 0" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POINT[]
    = { { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "variance", { ELBO_COMP, ELBO_DIM }, ELBO_SQUARE, "variance of each column" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POSTERIOR[]
    = { { "kappa", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "rows that the mean counts for" },
        { "shape", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "shape of the gamma belief" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_SQUARE, "rate of the gamma belief" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

typedef struct
{
  const double *kappa, *shape, *mean, *rate, *spread;
} prior_view;

static prior_view
prior_of (const elbo_shape *s, const double *prior)
{
  const size_t D = s->dim;
  const prior_view v = { prior, prior + D, prior + 2 * D, prior + 3 * D, prior + 4 * D };
  return v;
}

static int
guess (const elbo_shape *s, const double *pooled, double *prior)
{
  const size_t D = s->dim;
  const double shrink = pow ((double)s->ncomp, 2 / (double)D);
  gauss_pooled (s, pooled, 1, prior + 2 * D, prior + 3 * D, prior + 4 * D);
  for (size_t d = 0; d < D; d++)
    {
      prior[d] = 0.01;
      prior[D + d] = 1.5;
      prior[3 * D + d] /= 2 * shrink;
    }
  return GSL_SUCCESS;
}

/* shape -1, kappa and rate 0: the mode is the ML estimate */
static void
flatten (const elbo_shape *s, double *prior)
{
  for (size_t d = 0; d < s->dim; d++)
    {
      prior[d] = prior[3 * s->dim + d] = 0;
      prior[s->dim + d] = -1;
    }
}

static int
is_flat (const elbo_shape *s, const double *prior)
{
  return prior[s->dim] < 0;
}

static size_t
freedom (const elbo_shape *s)
{
  return 2 * s->ncomp * s->dim;
}

/* --- point ------------------------------------------------------------------------------- */

/* Effective counts [D], means and scatters: the modes of the variances are W* / n*. */
static double
effective (const elbo_shape *s, const double *prior, const double *stat, size_t k, double *mean,
           double *scatter, double *count)
{
  const prior_view p = prior_of (s, prior);
  const double n = gauss_summary_diagonal (s, stat, k, mean, scatter);
  for (size_t d = 0; d < s->dim; d++)
    {
      const double kappa = p.kappa[d], off = mean[d] - p.mean[d];
      scatter[d] += 2 * p.rate[d] + (kappa > 0 ? kappa * n / (kappa + n) * off * off : 0);
      count[d] = n + (2 * p.shape[d] + 2 + (kappa > 0 ? 1 : 0)); /* + 0 in ML, to the last digit */
      if (kappa > 0)
        mean[d] -= kappa / (kappa + n) * off;
    }
  return n;
}

static int
point_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  const int flat = is_flat (s, prior);
  const double *spread = prior_of (s, prior).spread;
  double *count = elbo_doubles (D);
  if (!count)
    return GSL_ENOMEM;
  for (size_t k = 0; k < K; k++)
    {
      double *variance = param + K * D + k * D;
      if (flat && gauss_negligible (s, stat, k))
        {
          if (variance[0] > 0)
            continue;
          free (count);
          return elbo_fail (GSL_EINVAL, "component %zu has no rows to start from", k + 1);
        }
      effective (s, prior, stat, k, param + k * D, variance, count);
      for (size_t d = 0; d < D; d++)
        {
          variance[d] /= count[d];
          if (flat)
            variance[d] = fmax (variance[d], ELBO_FLOOR * spread[d] * spread[d]);
        }
    }
  free (count);
  return GSL_SUCCESS;
}

/* What both beliefs share once means, expected precisions and constants are written. */
static void
aim (const elbo_shape *s, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  for (size_t k = 0; k < K; k++)
    for (size_t d = 0; d < D; d++)
      {
        const double mean = coef[K + k * D + d];
        const double root = sqrt (coef[K + 2 * KD + k * D + d]);
        coef[K + KD + k * D + d] = gauss_is_far (1, &mean, &root) ? mean : 0;
      }
  gauss_column_expand (s, coef);
}

static int
point_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  memcpy (coef + K, param, KD * sizeof *coef);
  for (size_t k = 0; k < K; k++)
    {
      double sum = 0;
      for (size_t d = 0; d < D; d++)
        {
          const double variance = param[KD + k * D + d];
          if (!(variance > 0) || !isfinite (variance))
            return elbo_fail (ELBO_ENUMERIC, "component %zu: variance %zu is %.3g", k + 1, d + 1,
                              variance);
          coef[K + 2 * KD + k * D + d] = 1 / variance;
          sum += ELBO_LOG_2PI + log (variance);
        }
      coef[k] = -0.5 * sum;
    }
  aim (s, coef);
  return GSL_SUCCESS;
}

/* log density of the inverse gamma prior, and of the mean given the variance, without what
   depends on the variance */
static double
prior_constant (const prior_view *p, size_t d)
{
  return p->shape[d] * log (p->rate[d]) - elbo_lngamma (p->shape[d])
         + (p->kappa[d] > 0 ? 0.5 * (log (p->kappa[d]) - ELBO_LOG_2PI) : 0);
}

static int
point_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t K = s->ncomp, D = s->dim;
  const prior_view p = prior_of (s, prior);
  double total[2] = { 0, 0 };
  for (size_t k = 0; k < K; k++)
    for (size_t d = 0; d < D; d++)
      {
        const double variance = param[K * D + k * D + d], off = param[k * D + d] - p.mean[d];
        const double constant = prior_constant (&p, d);
        const double power = p.shape[d] + 1 + (p.kappa[d] > 0 ? 0.5 : 0);
        const double rest = (p.rate[d] + 0.5 * p.kappa[d] * off * off) / variance;
        elbo_sum_add (total, -constant);
        elbo_sum_add (total, power * log (variance));
        elbo_sum_add (total, rest);
        to->size += fabs (constant) + fabs (power * log (variance)) + rest;
      }
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

static double
point_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  const prior_view p = prior_of (s, prior);
  const int flat = is_flat (s, prior);
  double total[2] = { 0, 0 }, *mean = elbo_doubles (3 * D);
  double *scatter = mean ? mean + D : NULL, *count = mean ? mean + 2 * D : NULL;
  if (!mean)
    return NAN;
  for (size_t k = 0; k < K; k++)
    {
      const double n = effective (s, prior, stat, k, mean, scatter, count);
      for (size_t d = 0; d < D; d++)
        {
          const double variance = scatter[d] / count[d];
          if (flat
              && (gauss_negligible (s, stat, k)
                  || variance < ELBO_FLOOR * (1 + 1e-6) * p.spread[d] * p.spread[d]))
            total[0] = NAN;
          elbo_sum_add (total, (flat ? 0 : prior_constant (&p, d))
                                   - 0.5 * count[d] * (1 + log (variance))
                                   - 0.5 * n * ELBO_LOG_2PI);
        }
    }
  free (mean);
  return total[0] + total[1];
}

static size_t
point_degenerate (const elbo_shape *s, const double *prior, const double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  const double *spread = prior_of (s, prior).spread;
  if (is_flat (s, prior))
    for (size_t k = 0; k < K; k++)
      for (size_t d = 0; d < D; d++)
        if (param[K * D + k * D + d] < ELBO_FLOOR * (1 + 1e-6) * spread[d] * spread[d])
          return k;
  return K;
}

static void
point_draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
            double *x)
{
  const size_t KD = s->ncomp * s->dim;
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    x[d] = param[k * s->dim + d]
           + gsl_ran_gaussian_ziggurat (rng, sqrt (param[KD + k * s->dim + d]));
}

/* --- posterior --------------------------------------------------------------------------- */

typedef struct
{
  double *kappa, *shape, *mean, *rate;
} posterior_view;

static posterior_view
posterior_of (const elbo_shape *s, const double *param)
{
  const size_t KD = s->ncomp * s->dim;
  double *v = (double *)param;
  const posterior_view view = { v, v + KD, v + 2 * KD, v + 3 * KD };
  return view;
}

static int
posterior_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t D = s->dim;
  const prior_view p = prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  for (size_t k = 0; k < s->ncomp; k++)
    {
      const double n = gauss_summary_diagonal (s, stat, k, q.mean + k * D, q.rate + k * D);
      for (size_t d = 0; d < D; d++)
        {
          const size_t i = k * D + d;
          const double off = n > 0 ? q.mean[i] - p.mean[d] : 0;
          q.kappa[i] = p.kappa[d] + n;
          q.shape[i] = p.shape[d] + 0.5 * n;
          q.rate[i] = p.rate[d] + 0.5 * (q.rate[i] + p.kappa[d] * n / q.kappa[i] * off * off);
          q.mean[i] = n > 0 ? q.mean[i] - p.kappa[d] / q.kappa[i] * off : p.mean[d];
        }
    }
  return GSL_SUCCESS;
}

static int
posterior_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const posterior_view q = posterior_of (s, param);
  memcpy (coef + K, q.mean, KD * sizeof *coef);
  for (size_t k = 0; k < K; k++)
    {
      double sum = 0;
      for (size_t i = k * D; i < (k + 1) * D; i++)
        {
          if (!(q.rate[i] > 0) || !isfinite (q.rate[i]))
            return elbo_fail (ELBO_ENUMERIC, "component %zu: rate %zu is %.3g", k + 1,
                              i - k * D + 1, q.rate[i]);
          coef[K + 2 * KD + i] = q.shape[i] / q.rate[i];
          sum += elbo_psi (q.shape[i]) - log (q.rate[i]) - ELBO_LOG_2PI - 1 / q.kappa[i];
        }
      coef[k] = 0.5 * sum;
    }
  aim (s, coef);
  return GSL_SUCCESS;
}

static int
posterior_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t D = s->dim;
  const prior_view p = prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double total[2] = { 0, 0 };
  for (size_t i = 0; i < s->ncomp * D; i++)
    {
      const size_t d = i % D;
      const double off = q.mean[i] - p.mean[d];
      to->size += gauss_gamma_divergence (p.shape[d], p.rate[d], q.shape[i], q.rate[i], total);
      to->size += gauss_place_divergence (1, p.kappa[d], q.kappa[i], q.shape[i] / q.rate[i],
                                          off * off, total);
    }
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

static double
posterior_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t D = s->dim;
  const prior_view p = prior_of (s, prior);
  double *param = elbo_doubles (elbo_field_total (POSTERIOR, s)), total[2] = { 0, 0 };
  if (!param)
    return NAN;
  posterior_solve (s, prior, stat, param);
  const posterior_view q = posterior_of (s, param);
  for (size_t i = 0; i < s->ncomp * D; i++)
    {
      const size_t d = i % D;
      elbo_sum_add (total, elbo_lngamma (q.shape[i]) - elbo_lngamma (p.shape[d]));
      elbo_sum_add (total, p.shape[d] * log (p.rate[d]) - q.shape[i] * log (q.rate[i]));
      elbo_sum_add (total, 0.5 * log (p.kappa[d] / q.kappa[i]) - 0.5 * stat[i / D] * ELBO_LOG_2PI);
    }
  free (param);
  return total[0] + total[1];
}

/* product over columns of St (x_j | m_j, shape kappa / (rate (1 + kappa)), 2 shape) */
static int
posterior_predict (const elbo_shape *s, const double *param, const double *coef,
                   const elbo_tile *tile, double *score)
{
  const size_t D = s->dim;
  const posterior_view q = posterior_of (s, param);
  double *half = tile->scratch + (D + 4) * ELBO_TILE;
  (void)coef;
  for (size_t i = 0; i < s->ncomp * D; i++)
    {
      const double *x = tile->x + i % D * ELBO_TILE;
      for (size_t n = 0; n < tile->n; n++)
        half[n] = -0.5 * (x[n] - q.mean[i]) * (x[n] - q.mean[i]);
      gauss_gamma_student (tile->n, 1, q.kappa[i], q.shape[i], q.rate[i], half,
                           score + i / D * ELBO_TILE);
    }
  return GSL_SUCCESS;
}

static void
posterior_draw (const elbo_shape *s, const double *param, const double *coef, size_t k,
                gsl_rng *rng, double *x)
{
  const posterior_view q = posterior_of (s, param);
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    {
      const size_t i = k * s->dim + d;
      const double tau = gsl_ran_gamma (rng, q.shape[i], 1 / q.rate[i]);
      x[d] = q.mean[i] + gsl_ran_gaussian_ziggurat (rng, sqrt ((1 + 1 / q.kappa[i]) / tau));
    }
}

/* ------------------------------------------------------------------------------------------ */

static const elbo_belief point = { .size = ELBO_SIZE (elbo_belief),
                                   .param = POINT,
                                   .solve = point_solve,
                                   .expect = point_expect,
                                   .cost = point_cost,
                                   .peak = point_peak,
                                   .draw = point_draw,
                                   .degenerate = point_degenerate };
static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = POSTERIOR,
                                       .solve = posterior_solve,
                                       .expect = posterior_expect,
                                       .cost = posterior_cost,
                                       .peak = posterior_peak,
                                       .predict = posterior_predict,
                                       .draw = posterior_draw };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "gauss_diag",
        .source = "Celeux & Govaert (1995), model VVI; Bishop (2006), sections 2.3.6, 10.2",
        .prior = PRIOR,
        .stat = gauss_stat_diagonal,
        .coef = COEF,
        .guess = guess,
        .flatten = flatten,
        .sum = gauss_column_sum,
        .freedom = freedom,
        .point = &point,
        .posterior = &posterior };
static const elbo_family family = { .size = ELBO_SIZE (elbo_family),
                                    .base = &factor,
                                    .scaling = ELBO_SCALE_COLUMN,
                                    .check = gauss_check,
                                    .score = gauss_column_score,
                                    .tally = gauss_column_tally,
                                    .far = gauss_column_far,
                                    .data_kind = "number",
                                    .structure = "diag" };
const elbo_family *const elbo_gauss_diag = &family;
