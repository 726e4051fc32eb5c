/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian with one covariance for all components.

     x | k              ~ N (mu_k, Sigma)
     point:  ML  Sigma = sum S_k / N, eigenvalues at least ELBO_FLOOR (gauss.h)
             MAP one inverse-Wishart prior on Sigma, mu_k ~ N (mean, Sigma / kappa)
     posterior:  Lambda ~ Wishart (inverse scale `scale`, df), mu_k | Lambda ~ N (mean_k,
                 (kappa_k Lambda)^-1): the exact tied model, df grows by the number of all rows.
                 Its K = 1 case is gauss_full.

   Check: data and prior of gauss_full's head with r_1 = (.9,.8,.6,.4,.2,.1), K = 2: after the
   first M df = 9, scale = (29.76375, 25.76375, 28.26375), bound -30.5238025348. */
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
        { "white", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "whitened mean" },
        { "precision", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "1: whitened columns have variance 1" },
        { "whiten", { ELBO_TRIANGLE }, ELBO_PURE, "inverse Cholesky factor" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field POINT[] = {
  { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
  { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "covariance matrix of every component" },
  { NULL, { 0 }, ELBO_PURE, NULL }
};
static const elbo_field POSTERIOR[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "df", { 0 }, ELBO_PURE, "Wishart degrees of freedom" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "scale", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "inverse of the Wishart scale matrix" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

typedef struct
{
  const double *mean, *pivot, *white, *precision, *whiten;
} coef_view;

static coef_view
coef_of (const elbo_shape *s, const double *coef)
{
  const size_t K = s->ncomp, KD = K * s->dim;
  const coef_view v
      = { coef + K, coef + K + KD, coef + K + 2 * KD, coef + K + 3 * KD, coef + K + 4 * KD };
  return v;
}

static size_t
freedom (const elbo_shape *s)
{
  return s->ncomp * s->dim + s->dim * (s->dim + 1) / 2;
}

static int
sum (const elbo_shape *s, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t D = s->dim;
  const coef_view c = coef_of (s, coef);
  elbo_quantity q = { 0, 0, 1, 0 };
  double *moment = elbo_doubles (D * D), pair[2] = { 0, 0 };
  if (!moment)
    return GSL_ENOMEM;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      const double n = gauss_about (s, stat, k, c.mean + k * D, moment);
      if (!(n > 0))
        continue;
      const double trace = gauss_trace (D, c.whiten, moment);
      elbo_sum_add (pair, n * coef[k]);
      elbo_sum_add (pair, -0.5 * trace);
      q.size += n * (fabs (coef[k]) + 0.5 * (double)D * ELBO_LOG_2PI) + 0.5 * fabs (trace);
      q.inflation = fmax (q.inflation, gauss_inflation (s, stat, k, 0, c.whiten));
      q.curvature += gauss_curvature (D, n, c.whiten);
    }
  q.value = pair[0] + pair[1];
  free (moment);
  *to = q;
  return GSL_SUCCESS;
}

/* What both beliefs compute after they know one covariance: whitener, whitened means, pivots. */
static int
prepare (const elbo_shape *s, const double *covariance, const double *mean, double *coef,
         double *logroot)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  double *pivot = coef + K + KD, *white = pivot + KD, *precision = white + KD;
  double *whiten = precision + KD;
  double *work = elbo_doubles (D * D);
  const int status = work ? gauss_whitener (D, 0, covariance, work, whiten, logroot) : GSL_ENOMEM;
  free (work);
  if (status != GSL_SUCCESS)
    return status;
  memcpy (coef + K, mean, KD * sizeof *coef);
  for (size_t i = 0; i < KD; i++)
    precision[i] = 1;
  for (size_t k = 0; k < K; k++)
    {
      int far = 0;
      for (size_t i = 0; i < D; i++)
        {
          const double *a = whiten + i * (i + 1) / 2, *m = mean + k * D;
          far |= gauss_is_far (1, m + i, a + i);
          white[k * D + i] = 0;
          for (size_t j = 0; j <= i; j++)
            white[k * D + i] += a[j] * m[j];
        }
      for (size_t i = 0; i < D; i++)
        pivot[k * D + i] = far ? mean[k * D + i] : 0;
    }
  return GSL_SUCCESS;
}

/* --- point ------------------------------------------------------------------------------- */

/* Effective count (returned), means and scatter: the mode of the covariance is W* / n*. */
static double
effective (const elbo_shape *s, const double *prior, const double *stat, double *mean,
           double *scatter, double *work)
{
  const size_t D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  double count = p.df + (double)D + 1;
  memcpy (scatter, p.scale, D * D * sizeof *scatter);
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double *m = mean + k * D, *xbar = work + D * D;
      const double n = gauss_summary (s, stat, k, xbar, work);
      const double shrink = p.kappa > 0 ? p.kappa * n / (p.kappa + n) : 0;
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
          scatter[i * D + j]
              += work[i * D + j] + shrink * ((xbar[i] - p.mean[i]) * (xbar[j] - p.mean[j]));
      for (size_t i = 0; i < D; i++)
        if (n > 0 || p.kappa > 0)
          m[i] = xbar[i] + (p.kappa > 0 ? p.kappa / (p.kappa + n) * (p.mean[i] - xbar[i]) : 0);
      count += n + (p.kappa > 0 ? 1 : 0);
    }
  return count;
}

static int
point_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t D = s->dim;
  double *covariance = param + s->ncomp * D, *work = elbo_doubles (D * D + D);
  if (!work)
    return GSL_ENOMEM;
  const double n = effective (s, prior, stat, param, covariance, work);
  free (work);
  for (size_t i = 0; i < D * D; i++)
    covariance[i] /= n;
  if (wishart_is_flat (s, prior)
      && gauss_floor (D, wishart_prior_of (s, prior).spread, covariance) < 0)
    return GSL_ENOMEM;
  return GSL_SUCCESS;
}

static int
point_expect (const elbo_shape *s, const double *param, double *coef)
{
  double logroot = 0;
  const int status = prepare (s, param + s->ncomp * s->dim, param, coef, &logroot);
  for (size_t k = 0; k < s->ncomp; k++)
    coef[k] = logroot - 0.5 * (double)s->dim * ELBO_LOG_2PI;
  return status;
}

static int
point_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t K = s->ncomp, D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  double *work = elbo_doubles (2 * D * D + D), *whiten = work ? work + D * D : NULL;
  double scale = 0, logroot = 0, total = NAN;
  if (work && wishart_logdet (D, p.scale, work, &scale) == GSL_SUCCESS
      && gauss_whitener (D, 0, param + K * D, work, whiten, &logroot) == GSL_SUCCESS)
    {
      const double count = p.kappa > 0 ? (double)K : 0;
      const double constant
          = wishart_lognorm (D, p.df, scale)
            + (count > 0 ? 0.5 * count * (double)D * (log (p.kappa) - ELBO_LOG_2PI) : 0);
      const double power = p.df + (double)D + 1 + count;
      double trace = gauss_trace (D, whiten, p.scale);
      for (size_t k = 0; k < K; k++)
        trace += p.kappa * wishart_quadratic (D, whiten, param + k * D, p.mean);
      total = -constant - power * logroot + 0.5 * trace;
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
  double *room = elbo_doubles (2 * D * D + D + K * D), scale = 0, value = 0, peak = NAN;
  if (room && (flat || wishart_logdet (D, p.scale, room, &scale) == GSL_SUCCESS))
    {
      double *covariance = room + D * D + D, *mean = covariance + D * D;
      const double n = effective (s, prior, stat, mean, covariance, room);
      for (size_t i = 0; i < D * D; i++)
        covariance[i] /= n;
      if (!(flat && gauss_on_floor (D, p.spread, covariance))
          && wishart_logdet (D, covariance, room, &value) == GSL_SUCCESS)
        {
          const double kappa_part = p.kappa > 0 ? log (p.kappa) - ELBO_LOG_2PI : 0;
          peak = (flat ? 0 : wishart_lognorm (D, p.df, scale)) + 0.5 * (double)(K * D) * kappa_part
                 - 0.5 * n * (value + (double)D)
                 - 0.5 * gauss_total (s, stat) * (double)D * ELBO_LOG_2PI;
        }
    }
  free (room);
  return peak;
}

static size_t
point_degenerate (const elbo_shape *s, const double *prior, const double *param)
{
  return wishart_is_flat (s, prior)
                 && gauss_on_floor (s->dim, wishart_prior_of (s, prior).spread,
                                    param + s->ncomp * s->dim)
             ? 0
             : s->ncomp;
}

static void
point_draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
            double *x)
{
  gauss_unwhiten (s->dim, coef_of (s, coef).whiten, param + k * s->dim, 1, rng, x);
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
  const posterior_view view = { v, v + K, v + K + 1, v + K + 1 + K * s->dim };
  return view;
}

static int
posterior_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t D = s->dim;
  const wishart_prior p = wishart_prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double *work = elbo_doubles (D * D + D);
  if (!work)
    return GSL_ENOMEM;
  /* the same sums as the mode of a point belief; only what is kept differs */
  effective (s, prior, stat, q.mean, q.scale, work);
  *q.df = p.df + gauss_total (s, stat);
  for (size_t k = 0; k < s->ncomp; k++)
    q.kappa[k] = p.kappa + stat[k];
  free (work);
  return GSL_SUCCESS;
}

static int
posterior_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t D = s->dim;
  const posterior_view q = posterior_of (s, param);
  double *covariance = elbo_doubles (D * D), logroot = 0;
  if (!covariance)
    return GSL_ENOMEM;
  for (size_t i = 0; i < D * D; i++)
    covariance[i] = q.scale[i] / *q.df;
  const int status = prepare (s, covariance, q.mean, coef, &logroot);
  free (covariance);
  if (status == GSL_SUCCESS)
    for (size_t k = 0; k < s->ncomp; k++)
      coef[k] = logroot - 0.5 * (double)D * (ELBO_LOG_2PI + 1 / q.kappa[k])
                + 0.5 * (elbo_mvpsi (D, *q.df) + (double)D * log (2 / *q.df));
  return status;
}

static int
posterior_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t D = s->dim;
  const double d = (double)D;
  const wishart_prior p = wishart_prior_of (s, prior);
  const posterior_view q = posterior_of (s, param);
  double *work = elbo_doubles (2 * D * D + D), *whiten = work ? work + D * D : NULL;
  double scale = 0, logroot = 0, total[2] = { NAN, 0 };
  if (work && wishart_logdet (D, p.scale, work, &scale) == GSL_SUCCESS
      && gauss_whitener (D, 0, q.scale, work, whiten, &logroot) == GSL_SUCCESS)
    {
      total[0] = 0;
      to->size += wishart_divergence (D, p.df, scale, p.scale, *q.df, logroot, whiten, total);
      for (size_t k = 0; k < s->ncomp; k++)
        {
          const double place = 0.5 * d * (log (q.kappa[k] / p.kappa) - 1 + p.kappa / q.kappa[k]);
          const double square
              = 0.5 * p.kappa * *q.df * wishart_quadratic (D, whiten, q.mean + k * D, p.mean);
          elbo_sum_add (total, place);
          elbo_sum_add (total, square);
          to->size += fabs (place) + square;
        }
    }
  free (work);
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

/* c (s) = log c (B0, nu0) - log c (B, nu) + D/2 sum log (kappa0 / kappa_k) - N D/2 log 2 pi */
static double
posterior_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t D = s->dim, nparam = elbo_field_total (POSTERIOR, s);
  const wishart_prior p = wishart_prior_of (s, prior);
  double *param = elbo_doubles (nparam + D * D), logdet_p = 0, logdet_q = 0, total[2] = { NAN, 0 };
  if (param && posterior_solve (s, prior, stat, param) == GSL_SUCCESS
      && wishart_logdet (D, p.scale, param + nparam, &logdet_p) == GSL_SUCCESS
      && wishart_logdet (D, posterior_of (s, param).scale, param + nparam, &logdet_q)
             == GSL_SUCCESS)
    {
      const posterior_view q = posterior_of (s, param);
      total[0] = wishart_lognorm (D, p.df, logdet_p);
      elbo_sum_add (total, -wishart_lognorm (D, *q.df, logdet_q));
      for (size_t k = 0; k < s->ncomp; k++)
        elbo_sum_add (total, 0.5 * (double)D * log (p.kappa / q.kappa[k]));
      elbo_sum_add (total, -0.5 * gauss_total (s, stat) * (double)D * ELBO_LOG_2PI);
    }
  free (param);
  return total[0] + total[1];
}

static int
posterior_predict (const elbo_shape *s, const double *param, const double *coef,
                   const elbo_tile *tile, double *score)
{
  const posterior_view q = posterior_of (s, param);
  const double *whiten = coef_of (s, coef).whiten;
  for (size_t k = 0; k < s->ncomp; k++)
    wishart_predict (s->dim, q.kappa[k], *q.df, q.mean + k * s->dim, whiten, tile,
                     score + k * ELBO_TILE);
  return GSL_SUCCESS;
}

static void
posterior_draw (const elbo_shape *s, const double *param, const double *coef, size_t k,
                gsl_rng *rng, double *x)
{
  const posterior_view q = posterior_of (s, param);
  wishart_draw (s->dim, q.kappa[k], *q.df, q.mean + k * s->dim, coef_of (s, coef).whiten, rng, x);
}

/* ------------------------------------------------------------------------------------------ */

/* Whiten the rows once; the components then differ in their means alone. */
static int
score (const elbo_shape *s, const double *coef, const elbo_tile *tile, double *out)
{
  const size_t K = s->ncomp, D = s->dim;
  const coef_view c = coef_of (s, coef);
  double *white = tile->scratch, *rest = white + D * ELBO_TILE;
  for (size_t i = 0; i < D; i++)
    {
      const double *a = c.whiten + i * (i + 1) / 2;
      double *z = white + i * ELBO_TILE;
      memset (z, 0, ELBO_TILE * sizeof *z);
      for (size_t j = 0; j <= i; j++)
        for (size_t n = 0; n < ELBO_TILE; n++)
          z[n] += a[j] * tile->x[j * ELBO_TILE + n];
    }
  tile->kernel->distance (tile->n, D, K, white, c.white, c.precision, coef, rest, out);
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *s, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  gauss_tally (s, coef_of (s, coef).pivot, tile, resp, stat);
  return GSL_SUCCESS;
}

static int
far (const elbo_shape *s, const double *coef)
{
  return gauss_any_pivot (s, coef_of (s, coef).pivot);
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
        .name = "gauss_tied",
        .source = "Celeux & Govaert (1995), model EEE; Bishop (2006), section 10.2",
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
                                    .structure = "tied" };
const elbo_family *const elbo_gauss_tied = &family;
