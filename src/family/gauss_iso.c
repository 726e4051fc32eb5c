/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian with one variance for all columns of a component.

     x | k              ~ N (mu_k, variance_k I)
     point:  ML  tr S_k / (N_k D), at least ELBO_FLOOR times the largest pooled variance
             MAP mu_k ~ N (mean, variance_k / kappa I), variance_k ~ inverse gamma (shape, rate)
     posterior:  mu_k | tau_k ~ N (mean, I / (kappa tau_k)), tau_k ~ Gamma (shape, rate): one
                 precision for D columns, so shape grows by N_k D / 2.

   Check: data of gauss_full's head, mean 0, kappa = shape = rate = 1, K = 1: log evidence
   -30.342555194459. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

static const elbo_field PRIOR[]
    = { { "kappa", { 0 }, ELBO_PURE, "rows that the prior mean counts for" },
        { "shape", { 0 }, ELBO_PURE, "shape of the gamma prior of the precision" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "rate", { 0 }, ELBO_SQUARE, "rate of the gamma prior of the precision" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field COEF[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "precision", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "expected precision, repeated" },
        { "slope", { ELBO_COMP, ELBO_PAIR, ELBO_DIM }, ELBO_PURE, "factors of x and x^2" },
        { "offset", { ELBO_COMP }, ELBO_PURE, "expected log density at 0" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POINT[]
    = { { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "variance", { ELBO_COMP }, ELBO_SQUARE, "variance of every column" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POSTERIOR[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "shape", { ELBO_COMP }, ELBO_PURE, "shape of the gamma belief" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "rate", { ELBO_COMP }, ELBO_SQUARE, "rate of the gamma belief" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

typedef struct
{
  double kappa, shape, rate;
  const double *mean, *spread;
} prior_view;

static prior_view
prior_of (const elbo_shape *s, const double *prior)
{
  const size_t D = s->dim;
  const prior_view v = { prior[0], prior[1], prior[2 + D], prior + 2, prior + 3 + D };
  return v;
}

static int
guess (const elbo_shape *s, const double *pooled, double *prior)
{
  const size_t D = s->dim;
  double *variance = elbo_doubles (D), total = 0;
  if (!variance)
    return GSL_ENOMEM;
  gauss_pooled (s, pooled, 1, prior + 2, variance, prior + 3 + D);
  for (size_t d = 0; d < D; d++)
    total += variance[d];
  prior[0] = 0.01;
  prior[1] = 1.5;
  prior[2 + D] = total / (double)D / (2 * pow ((double)s->ncomp, 2 / (double)D));
  free (variance);
  return GSL_SUCCESS;
}

/* shape -1, kappa and rate 0: the mode is the ML estimate */
static void
flatten (const elbo_shape *s, double *prior)
{
  prior[0] = prior[2 + s->dim] = 0;
  prior[1] = -1;
}

static int
is_flat (const double *prior)
{
  return prior[1] < 0;
}

static size_t
freedom (const elbo_shape *s)
{
  return s->ncomp * (s->dim + 1);
}

/* The statistics of one component about its mean: rows, mean, summed squares. */
static double
summary (const elbo_shape *s, const double *stat, size_t k, double *mean, double *work,
         double *square)
{
  const double n = gauss_summary_diagonal (s, stat, k, mean, work);
  *square = 0;
  for (size_t d = 0; d < s->dim; d++)
    *square += work[d];
  return n;
}

static double
distance (size_t dim, const double *a, const double *b)
{
  double square = 0;
  for (size_t d = 0; d < dim; d++)
    square += (a[d] - b[d]) * (a[d] - b[d]);
  return square;
}

static void
shrink_mean (size_t dim, const double *to, double share, double *mean)
{
  for (size_t d = 0; d < dim; d++)
    mean[d] += share * (to[d] - mean[d]);
}

/* What both beliefs write from mean, precision and constant of each component. */
static int
prepare (const elbo_shape *s, size_t k, const double *mean, double precision, double constant,
         double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const double root = sqrt (precision);
  if (!(precision > 0) || !isfinite (precision))
    return elbo_fail (ELBO_ENUMERIC, "component %zu: precision is %.3g", k + 1, precision);
  coef[k] = constant;
  for (size_t d = 0; d < D; d++)
    {
      coef[K + k * D + d] = mean[d];
      coef[K + KD + k * D + d] = gauss_is_far (1, mean + d, &root) ? mean[d] : 0;
      coef[K + 2 * KD + k * D + d] = precision;
    }
  return GSL_SUCCESS;
}

/* --- point ------------------------------------------------------------------------------- */

static double
lowest (const elbo_shape *s, const prior_view *p)
{
  double largest = 0;
  for (size_t d = 0; d < s->dim; d++)
    largest = fmax (largest, p->spread[d] * p->spread[d]);
  return ELBO_FLOOR * largest;
}

/* Effective count (returned), mean and scatter: the mode of the variance is W* / n*. */
static double
effective (const elbo_shape *s, const double *prior, const double *stat, size_t k, double *mean,
           double *work, double *scatter)
{
  const double dim = (double)s->dim;
  const prior_view p = prior_of (s, prior);
  const double n = summary (s, stat, k, mean, work, scatter);
  *scatter += 2 * p.rate;
  if (p.kappa > 0)
    {
      *scatter += p.kappa * n / (p.kappa + n) * distance (s->dim, mean, p.mean);
      shrink_mean (s->dim, p.mean, p.kappa / (p.kappa + n), mean);
    }
  return n * dim + (2 * p.shape + 2 + (p.kappa > 0 ? dim : 0)); /* + 0 in ML, to the last digit */
}

static int
point_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  const prior_view p = prior_of (s, prior);
  double *work = elbo_doubles (D), *variance = param + K * D;
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    if (is_flat (prior) && gauss_negligible (s, stat, k))
      {
        if (!(variance[k] > 0))
          status = elbo_fail (GSL_EINVAL, "component %zu has no rows to start from", k + 1);
      }
    else
      {
        const double n = effective (s, prior, stat, k, param + k * D, work, variance + k);
        variance[k] /= n;
        if (is_flat (prior))
          variance[k] = fmax (variance[k], lowest (s, &p));
      }
  free (work);
  return status;
}

static int
point_expect (const elbo_shape *s, const double *param, double *coef)
{
  int status = GSL_SUCCESS;
  for (size_t k = 0; k < s->ncomp && status == GSL_SUCCESS; k++)
    {
      const double variance = param[s->ncomp * s->dim + k];
      status = prepare (s, k, param + k * s->dim, 1 / variance,
                        -0.5 * (double)s->dim * (ELBO_LOG_2PI + log (variance)), coef);
    }
  if (status == GSL_SUCCESS)
    gauss_column_expand (s, coef);
  return status;
}

/* log density of the inverse gamma prior, and of the mean given the variance, without what
   depends on the variance */
static double
prior_constant (const elbo_shape *s, const prior_view *p)
{
  return p->shape * log (p->rate) - elbo_lngamma (p->shape)
         + (p->kappa > 0 ? 0.5 * (double)s->dim * (log (p->kappa) - ELBO_LOG_2PI) : 0);
}

static int
point_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t K = s->ncomp, D = s->dim;
  const prior_view p = prior_of (s, prior);
  const double constant = prior_constant (s, &p);
  const double power = p.shape + 1 + (p.kappa > 0 ? 0.5 * (double)D : 0);
  double total[2] = { 0, 0 };
  for (size_t k = 0; k < K; k++)
    {
      const double variance = param[K * D + k];
      const double rest = (p.rate + 0.5 * p.kappa * distance (D, param + k * D, p.mean)) / variance;
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
  const size_t D = s->dim;
  const prior_view p = prior_of (s, prior);
  const double constant = is_flat (prior) ? 0 : prior_constant (s, &p);
  double total[2] = { 0, 0 }, *mean = elbo_doubles (2 * D);
  if (!mean)
    return NAN;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double scatter = 0;
      const double n = effective (s, prior, stat, k, mean, mean + D, &scatter);
      const double variance = scatter / n;
      if (is_flat (prior)
          && (gauss_negligible (s, stat, k) || variance < lowest (s, &p) * (1 + 1e-6)))
        total[0] = NAN;
      elbo_sum_add (total, constant - 0.5 * n * (1 + log (variance))
                               - 0.5 * stat[k] * (double)D * ELBO_LOG_2PI);
    }
  free (mean);
  return total[0] + total[1];
}

static size_t
point_degenerate (const elbo_shape *s, const double *prior, const double *param)
{
  const prior_view p = prior_of (s, prior);
  if (is_flat (prior))
    for (size_t k = 0; k < s->ncomp; k++)
      if (param[s->ncomp * s->dim + k] < lowest (s, &p) * (1 + 1e-6))
        return k;
  return s->ncomp;
}

static void
point_draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
            double *x)
{
  const double sd = sqrt (param[s->ncomp * s->dim + k]);
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    x[d] = param[k * s->dim + d] + gsl_ran_gaussian_ziggurat (rng, sd);
}

/* --- posterior --------------------------------------------------------------------------- */

typedef struct
{
  double *kappa, *shape, *mean, *rate;
} posterior_view;

static posterior_view
posterior_of (const elbo_shape *s, const double *param)
{
  const size_t K = s->ncomp;
  double *v = (double *)param;
  const posterior_view view = { v, v + K, v + 2 * K, v + 2 * K + K * s->dim };
  return view;
}

static int
posterior_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t D = s->dim;
  const prior_view p = prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double *work = elbo_doubles (D);
  if (!work)
    return GSL_ENOMEM;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double *mean = q.mean + k * D, square = 0;
      const double n = summary (s, stat, k, mean, work, &square);
      if (!(n > 0))
        memcpy (mean, p.mean, D * sizeof *mean);
      q.kappa[k] = p.kappa + n;
      q.shape[k] = p.shape + 0.5 * n * (double)D;
      q.rate[k] = p.rate + 0.5 * (square + p.kappa * n / q.kappa[k] * distance (D, mean, p.mean));
      shrink_mean (D, p.mean, p.kappa / q.kappa[k], mean);
    }
  free (work);
  return GSL_SUCCESS;
}

static int
posterior_expect (const elbo_shape *s, const double *param, double *coef)
{
  const posterior_view q = posterior_of (s, param);
  int status = GSL_SUCCESS;
  for (size_t k = 0; k < s->ncomp && status == GSL_SUCCESS; k++)
    status
        = prepare (s, k, q.mean + k * s->dim, q.shape[k] / q.rate[k],
                   0.5 * (double)s->dim
                       * (elbo_psi (q.shape[k]) - log (q.rate[k]) - ELBO_LOG_2PI - 1 / q.kappa[k]),
                   coef);
  if (status == GSL_SUCCESS)
    gauss_column_expand (s, coef);
  return status;
}

static int
posterior_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const prior_view p = prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double total[2] = { 0, 0 };
  for (size_t k = 0; k < s->ncomp; k++)
    {
      to->size += gauss_gamma_divergence (p.shape, p.rate, q.shape[k], q.rate[k], total);
      to->size
          += gauss_place_divergence ((double)s->dim, p.kappa, q.kappa[k], q.shape[k] / q.rate[k],
                                     distance (s->dim, q.mean + k * s->dim, p.mean), total);
    }
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

static double
posterior_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const double dim = (double)s->dim;
  const prior_view p = prior_of (s, prior);
  double *param = elbo_doubles (elbo_field_total (POSTERIOR, s)), total[2] = { 0, 0 };
  if (!param || posterior_solve (s, prior, stat, param) != GSL_SUCCESS)
    {
      free (param);
      return NAN;
    }
  const posterior_view q = posterior_of (s, param);
  for (size_t k = 0; k < s->ncomp; k++)
    {
      elbo_sum_add (total, elbo_lngamma (q.shape[k]) - elbo_lngamma (p.shape));
      elbo_sum_add (total, p.shape * log (p.rate) - q.shape[k] * log (q.rate[k]));
      elbo_sum_add (total, 0.5 * dim * (log (p.kappa / q.kappa[k]) - stat[k] * ELBO_LOG_2PI));
    }
  free (param);
  return total[0] + total[1];
}

/* St_D (x | m_k, (shape kappa / (rate (1 + kappa))) I, 2 shape) */
static int
posterior_predict (const elbo_shape *s, const double *param, const double *coef,
                   const elbo_tile *tile, double *score)
{
  const size_t D = s->dim;
  const posterior_view q = posterior_of (s, param);
  double *half = tile->scratch + (D + 4) * ELBO_TILE;
  (void)coef;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      memset (half, 0, ELBO_TILE * sizeof *half);
      for (size_t d = 0; d < D; d++)
        for (size_t n = 0; n < tile->n; n++)
          {
            const double off = tile->x[d * ELBO_TILE + n] - q.mean[k * D + d];
            half[n] -= 0.5 * off * off;
          }
      gauss_gamma_student (tile->n, (double)D, q.kappa[k], q.shape[k], q.rate[k], half,
                           score + k * ELBO_TILE);
    }
  return GSL_SUCCESS;
}

static void
posterior_draw (const elbo_shape *s, const double *param, const double *coef, size_t k,
                gsl_rng *rng, double *x)
{
  const posterior_view q = posterior_of (s, param);
  const double tau = gsl_ran_gamma (rng, q.shape[k], 1 / q.rate[k]);
  const double sd = sqrt ((1 + 1 / q.kappa[k]) / tau);
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    x[d] = q.mean[k * s->dim + d] + gsl_ran_gaussian_ziggurat (rng, sd);
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
        .name = "gauss_iso",
        .source = "Celeux & Govaert (1995), model VII; Bishop (2006), sections 2.3.6, 10.2",
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
                                    .scaling = ELBO_SCALE_COMMON,
                                    .check = gauss_check,
                                    .score = gauss_column_score,
                                    .tally = gauss_column_tally,
                                    .far = gauss_column_far,
                                    .data_kind = "number",
                                    .structure = "spherical" };
const elbo_family *const elbo_gauss_iso = &family;
