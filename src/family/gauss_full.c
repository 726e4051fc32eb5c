/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian with a covariance of its own in each component.

     x | k              ~ N (mu_k, Sigma_k)
     point:  ML  Sigma_k = S_k / N_k with every eigenvalue at least ELBO_FLOOR (gauss.h)
             MAP mu_k ~ N (mean, Sigma_k / kappa), Sigma_k ~ inverse Wishart (df, scale):
                 the joint mode in (mu, Sigma), Fraley & Raftery (2007)
     posterior:  mu_k | Lambda_k ~ N (mean, (kappa Lambda_k)^-1), Lambda_k ~ Wishart with inverse
                 scale `scale` = W^-1 and df; Bishop (2006), 10.59-10.66.  df grows by N_k;
                 (10.63) of the first printings has N_k + 1, which is wrong.

   For both beliefs the expected log density is  constant_k - 1/2 |A_k (x - mean_k)|^2  with
   A_k' A_k = Sigma_k^-1 or df scale^-1.

   Check: K = 1, X = (0,0),(1,.5),(.5,1.5),(4,4),(5,3.5),(4.5,5.5), mean 0, kappa 1, df 3,
   scale I: log evidence -28.007723671810. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "family/gauss.h"
#include "family/wishart.h"

static const elbo_field COEF[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "whiten", { ELBO_COMP, ELBO_TRIANGLE }, ELBO_PURE, "inverse Cholesky factor" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POINT[]
    = { { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "covariance", { ELBO_COMP, ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "covariance matrix" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POSTERIOR[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "df", { ELBO_COMP }, ELBO_PURE, "Wishart degrees of freedom" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "scale",
          { ELBO_COMP, ELBO_DIM, ELBO_DIM },
          ELBO_SQUARE,
          "inverse of the Wishart scale matrix" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

static size_t
freedom (const elbo_shape *s)
{
  return s->ncomp * (s->dim + s->dim * (s->dim + 1) / 2);
}

static int
sum (const elbo_shape *s, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t K = s->ncomp, D = s->dim, T = D * (D + 1) / 2;
  const double *mean = coef + K, *whiten = mean + 2 * K * D;
  elbo_quantity q = { 0, 0, 1, 0 };
  double *moment = elbo_doubles (D * D), pair[2] = { 0, 0 };
  if (!moment)
    return GSL_ENOMEM;
  for (size_t k = 0; k < K; k++)
    {
      const double n = gauss_about (s, stat, k, mean + k * D, moment);
      if (!(n > 0))
        continue;
      const double trace = gauss_trace (D, whiten + k * T, moment);
      elbo_sum_add (pair, n * coef[k]);
      elbo_sum_add (pair, -0.5 * trace);
      q.size += n * (fabs (coef[k]) + 0.5 * (double)D * ELBO_LOG_2PI) + 0.5 * fabs (trace);
      q.inflation = fmax (q.inflation, gauss_inflation (s, stat, k, 0, whiten + k * T));
      q.curvature += gauss_curvature (D, n, whiten + k * T);
    }
  q.value = pair[0] + pair[1];
  free (moment);
  *to = q;
  return GSL_SUCCESS;
}

/* --- point ------------------------------------------------------------------------------- */

/* The effective count n* (returned) and scatter W*: the mode is W* / n* for ML and MAP alike. */
static double
effective (const elbo_shape *s, const double *prior, const double *stat, size_t k, double *mean,
           double *scatter)
{
  const size_t D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  const double n = gauss_summary (s, stat, k, mean, scatter);
  const double shrink = p.kappa > 0 ? p.kappa * n / (p.kappa + n) : 0;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++)
      scatter[i * D + j]
          += p.scale[i * D + j] + shrink * ((mean[i] - p.mean[i]) * (mean[j] - p.mean[j]));
  if (p.kappa > 0)
    for (size_t i = 0; i < D; i++)
      mean[i] += p.kappa / (p.kappa + n) * (p.mean[i] - mean[i]);
  /* what the prior adds is 0 in ML, to the last digit of small counts */
  return n + (p.df + (double)D + 1 + (p.kappa > 0 ? 1 : 0));
}

static int
point_solve_one (const elbo_shape *s, const double *prior, const double *stat, size_t k,
                 double *mean, double *covariance, double *work)
{
  const size_t D = s->dim;
  const int flat = wishart_is_flat (s, prior);
  if (flat && gauss_negligible (s, stat, k))
    return covariance[0] > 0
               ? GSL_SUCCESS
               : elbo_fail (GSL_EINVAL, "component %zu has no rows to start from", k + 1);
  const double n = effective (s, prior, stat, k, mean, work);
  for (size_t i = 0; i < D * D; i++)
    covariance[i] = work[i] / n;
  if (flat && gauss_floor (D, wishart_prior_of (s, prior).spread, covariance) < 0)
    return GSL_ENOMEM;
  return GSL_SUCCESS;
}

static int
point_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  int status = GSL_SUCCESS;
  double *work = elbo_doubles (D * D);
  if (!work)
    return GSL_ENOMEM;
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    status = point_solve_one (s, prior, stat, k, param + k * D, param + K * D + k * D * D, work);
  free (work);
  return status;
}

static void
aim (const elbo_shape *s, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, T = D * (D + 1) / 2;
  const double *mean = coef + K, *whiten = mean + 2 * K * D;
  double *pivot = coef + K + K * D;
  for (size_t k = 0; k < K; k++)
    {
      int far = 0;
      for (size_t d = 0; d < D; d++)
        far |= gauss_is_far (1, mean + k * D + d, whiten + k * T + d * (d + 1) / 2 + d);
      for (size_t d = 0; d < D; d++)
        pivot[k * D + d] = far ? mean[k * D + d] : 0;
    }
}

static int
point_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, T = D * (D + 1) / 2;
  double *whiten = coef + K + 2 * K * D, *work = elbo_doubles (D * D);
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    {
      double logroot = 0;
      status = gauss_whitener (D, k, param + K * D + k * D * D, work, whiten + k * T, &logroot);
      coef[k] = logroot - 0.5 * (double)D * ELBO_LOG_2PI;
    }
  memcpy (coef + K, param, K * D * sizeof *coef);
  if (status == GSL_SUCCESS)
    aim (s, coef);
  free (work);
  return status;
}

/* -log N (mu | mean, Sigma / kappa) - log IW (Sigma | df, scale) */
static int
point_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t K = s->ncomp, D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  double *work = elbo_doubles (2 * D * D + D), total = 0, scale = 0;
  if (!work || wishart_logdet (D, p.scale, work, &scale) != GSL_SUCCESS)
    {
      free (work);
      {
        to->value = NAN;
        return GSL_SUCCESS;
      }
    }
  const double constant = wishart_constant (s, &p, scale);
  double *whiten = work + D * D;
  for (size_t k = 0; k < K; k++)
    {
      double logroot = 0;
      if (gauss_whitener (D, k, param + K * D + k * D * D, work, whiten, &logroot) != GSL_SUCCESS)
        total = NAN;
      const double power = p.df + (double)D + 1 + (p.kappa > 0 ? 1 : 0);
      const double trace = gauss_trace (D, whiten, p.scale)
                           + p.kappa * wishart_quadratic (D, whiten, param + k * D, p.mean);
      total -= constant + power * logroot - 0.5 * trace;
      to->size += fabs (constant) + fabs (power * logroot) + 0.5 * trace;
    }
  free (work);
  to->value += total;
  return GSL_SUCCESS;
}

static double
point_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  const int flat = wishart_is_flat (s, prior);
  double *work = elbo_doubles (2 * D * D + D), peak = 0, value = 0, constant = 0;
  double *covariance = work ? work + D * D : NULL, *mean = work ? work + 2 * D * D : NULL;
  if (!work || (!flat && wishart_logdet (D, p.scale, work, &value) != GSL_SUCCESS))
    {
      free (work);
      return NAN;
    }
  if (!flat)
    constant = wishart_constant (s, &p, value);
  for (size_t k = 0; k < K; k++)
    {
      const double n = effective (s, prior, stat, k, mean, covariance);
      for (size_t i = 0; i < D * D; i++)
        covariance[i] /= n;
      /* a kept or a clipped component has no closed form */
      if ((flat && (gauss_negligible (s, stat, k) || gauss_on_floor (D, p.spread, covariance)))
          || wishart_logdet (D, covariance, work, &value) != GSL_SUCCESS)
        peak = NAN;
      peak += constant - 0.5 * n * (value + (double)D) - 0.5 * stat[k] * (double)D * ELBO_LOG_2PI;
    }
  free (work);
  return peak;
}

static size_t
point_degenerate (const elbo_shape *s, const double *prior, const double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  if (wishart_is_flat (s, prior))
    for (size_t k = 0; k < K; k++)
      if (gauss_on_floor (D, wishart_prior_of (s, prior).spread, param + K * D + k * D * D))
        return k;
  return K;
}

static void
point_draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
            double *x)
{
  const size_t K = s->ncomp, D = s->dim;
  gauss_unwhiten (D, coef + K + 2 * K * D + k * D * (D + 1) / 2, param + k * D, 1, rng, x);
}

/* --- posterior --------------------------------------------------------------------------- */

typedef struct
{
  double *kappa, *df, *mean, *scale;
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
  const wishart_prior p = wishart_prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double *mean = q.mean + k * D, *scale = q.scale + k * D * D;
      const double n = gauss_summary (s, stat, k, mean, scale);
      q.kappa[k] = p.kappa + n;
      q.df[k] = p.df + n;
      const double shrink = p.kappa * n / q.kappa[k];
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
          scale[i * D + j]
              += p.scale[i * D + j]
                 + (n > 0 ? shrink * ((mean[i] - p.mean[i]) * (mean[j] - p.mean[j])) : 0);
      for (size_t i = 0; i < D; i++)
        mean[i] = n > 0 ? mean[i] + p.kappa / q.kappa[k] * (p.mean[i] - mean[i]) : p.mean[i];
    }
  return GSL_SUCCESS;
}

/* (2.1): the constant of exp E log N (x | mu, Lambda^-1) beside N (x | m, scale / df). */
static int
posterior_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, T = D * (D + 1) / 2;
  const posterior_view q = posterior_of (s, param);
  double *whiten = coef + K + 2 * K * D, *work = elbo_doubles (2 * D * D);
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    {
      double logroot = 0;
      for (size_t i = 0; i < D * D; i++)
        work[D * D + i] = q.scale[k * D * D + i] / q.df[k];
      status = gauss_whitener (D, k, work + D * D, work, whiten + k * T, &logroot);
      coef[k] = logroot - 0.5 * (double)D * (ELBO_LOG_2PI + 1 / q.kappa[k])
                + 0.5 * (elbo_mvpsi (D, q.df[k]) + (double)D * log (2 / q.df[k]));
    }
  memcpy (coef + K, q.mean, K * D * sizeof *coef);
  if (status == GSL_SUCCESS)
    aim (s, coef);
  free (work);
  return status;
}

/* KL of one Normal-Wishart to the prior; work [2 D x D + D] */
static double
divergence (const elbo_shape *s, const wishart_prior *p, double logdet_p, const posterior_view *q,
            size_t k, double *work, double *size)
{
  const size_t D = s->dim;
  const double d = (double)D, beta = q->kappa[k];
  double *whiten = work + D * D, logroot = 0, pair[2] = { 0, 0 };
  if (gauss_whitener (D, k, q->scale + k * D * D, work, whiten, &logroot) != GSL_SUCCESS)
    return NAN;
  const double place = 0.5 * d * (log (beta / p->kappa) - 1 + p->kappa / beta);
  const double square
      = 0.5 * p->kappa * q->df[k] * wishart_quadratic (D, whiten, q->mean + k * D, p->mean);
  *size += wishart_divergence (D, p->df, logdet_p, p->scale, q->df[k], logroot, whiten, pair);
  *size += fabs (place) + square;
  elbo_sum_add (pair, place);
  elbo_sum_add (pair, square);
  return pair[0] + pair[1];
}

static int
posterior_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const wishart_prior p = wishart_prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double *work = elbo_doubles (2 * s->dim * s->dim + s->dim), total[2] = { 0, 0 }, logdet_p = 0;
  if (!work || wishart_logdet (s->dim, p.scale, work, &logdet_p) != GSL_SUCCESS)
    total[0] = NAN;
  else
    for (size_t k = 0; k < s->ncomp; k++)
      elbo_sum_add (total, divergence (s, &p, logdet_p, &q, k, work, &to->size));
  free (work);
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

/* (2.4) */
static double
lnz (size_t dim, double beta, double nu, double logdet_b)
{
  const double d = (double)dim;
  return 0.5 * d * (ELBO_LOG_2PI - log (beta)) + 0.5 * nu * (d * M_LN2 - logdet_b)
         + elbo_lnmvgamma (dim, 0.5 * nu);
}

static double
posterior_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t D = s->dim, K = s->ncomp;
  const wishart_prior p = wishart_prior_of (s, prior);
  const size_t nparam = elbo_field_total (POSTERIOR, s);
  double *param = elbo_doubles (nparam + D * D), logdet_p = 0, logdet_q = 0, total[2] = { 0, 0 };
  if (!param || wishart_logdet (D, p.scale, param + nparam, &logdet_p) != GSL_SUCCESS)
    {
      free (param);
      return NAN;
    }
  posterior_solve (s, prior, stat, param);
  const posterior_view q = posterior_of (s, param);
  const double z = lnz (D, p.kappa, p.df, logdet_p);
  for (size_t k = 0; k < K; k++)
    {
      if (wishart_logdet (D, q.scale + k * D * D, param + nparam, &logdet_q) != GSL_SUCCESS)
        logdet_q = NAN;
      elbo_sum_add (total, lnz (D, q.kappa[k], q.df[k], logdet_q) - z);
      elbo_sum_add (total, -0.5 * stat[k] * (double)D * ELBO_LOG_2PI);
    }
  free (param);
  return total[0] + total[1];
}

static int
posterior_predict (const elbo_shape *s, const double *param, const double *coef,
                   const elbo_tile *tile, double *score)
{
  const size_t K = s->ncomp, D = s->dim, T = D * (D + 1) / 2;
  const posterior_view q = posterior_of (s, param);
  const double *whiten = coef + K + 2 * K * D;
  for (size_t k = 0; k < K; k++)
    wishart_predict (D, q.kappa[k], q.df[k], q.mean + k * D, whiten + k * T, tile,
                     score + k * ELBO_TILE);
  return GSL_SUCCESS;
}

static void
posterior_draw (const elbo_shape *s, const double *param, const double *coef, size_t k,
                gsl_rng *rng, double *x)
{
  const size_t K = s->ncomp, D = s->dim;
  const posterior_view q = posterior_of (s, param);
  wishart_draw (D, q.kappa[k], q.df[k], q.mean + k * D, coef + K + 2 * K * D + k * D * (D + 1) / 2,
                rng, x);
}

/* ------------------------------------------------------------------------------------------ */

static int
score (const elbo_shape *s, const double *coef, const elbo_tile *tile, double *out)
{
  const size_t K = s->ncomp, D = s->dim;
  tile->kernel->whiten (tile->n, D, K, tile->x, coef + K, coef + K + 2 * K * D, coef, tile->scratch,
                        out);
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *s, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  gauss_tally (s, coef + s->ncomp + s->ncomp * s->dim, tile, resp, stat);
  return GSL_SUCCESS;
}

static int
far (const elbo_shape *s, const double *coef)
{
  return gauss_any_pivot (s, coef + s->ncomp + s->ncomp * s->dim);
}

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
        .name = "gauss_full",
        .source = "Bishop (2006), section 10.2; Fraley & Raftery (2007)",
        .prior = wishart_prior_table,
        .stat = gauss_stat,
        .coef = COEF,
        .guess = wishart_guess,
        .flatten = wishart_flatten,
        .sum = sum,
        .freedom = freedom,
        .point = &point,
        .posterior = &posterior };
static const elbo_family family = { .size = ELBO_SIZE (elbo_family),
                                    .base = &factor,
                                    .scaling = ELBO_SCALE_COLUMN,
                                    .check = gauss_check,
                                    .score = score,
                                    .tally = tally,
                                    .far = far,
                                    .data_kind = "number",
                                    .structure = "full" };
const elbo_family *const elbo_gauss_full = &family;
