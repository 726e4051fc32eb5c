/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Normal-Wishart belief of the Gaussian families with matrices, one for each component or one
   for all, and the pieces of its densities.

     mu_k | Lambda ~ N (mean_k, (kappa_k Lambda)^-1)
     Lambda ~ Wishart with inverse scale B = W^-1 (in units of scatter) and nu degrees of freedom:
     log density = log c (B, nu) + (nu - D - 1) / 2 log |Lambda| - 1/2 tr (B Lambda)

   (Bishop 2006, 10.59-10.66, 10.81-10.82).  A shared Lambda is the exact tied model: nu grows by
   the number of all rows, and its K = 1 case is that of own ones.

   Check: B = ((2, .5), (.5, 1)), nu = 5: log c = -2.92374424635879. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

const elbo_field elbo_gauss_wishart_prior[]
    = { { "kappa", { 0 }, ELBO_PURE, "rows that the prior mean counts for" },
        { "df", { 0 }, ELBO_PURE, "Wishart degrees of freedom, above D - 1" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "scale", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "inverse of the Wishart scale matrix" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field OWN[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "df", { ELBO_COMP }, ELBO_PURE, "Wishart degrees of freedom" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "scale",
          { ELBO_COMP, ELBO_DIM, ELBO_DIM },
          ELBO_SQUARE,
          "inverse of the Wishart scale matrix" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field SHARED[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "df", { 0 }, ELBO_PURE, "Wishart degrees of freedom" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "scale", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "inverse of the Wishart scale matrix" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

/* kappa 0.01, df D + 2, scale diag (v) / K^(2/D): Fraley & Raftery (2007) with the diagonal of the
   covariance. */
int
elbo_gauss_wishart_guess (const elbo_shape *s, const double *pooled, double *prior)
{
  const size_t D = s->dim;
  const double shrink = pow ((double)s->ncomp, 2 / (double)D);
  double *mean = prior + 2, *scale = mean + D, *spread = scale + D * D;
  prior[0] = 0.01;
  prior[1] = (double)D + 2;
  memset (scale, 0, D * D * sizeof *scale);
  double *variance = elbo_doubles (D);
  if (!variance)
    return GSL_ENOMEM;
  elbo_gauss_pooled (s, pooled, mean, variance, spread);
  for (size_t d = 0; d < D; d++)
    scale[d * D + d] = variance[d] / shrink;
  free (variance);
  return GSL_SUCCESS;
}

double
elbo_wishart_lognorm (size_t dim, double nu, double logdet_b)
{
  return 0.5 * nu * (logdet_b - (double)dim * M_LN2) - elbo_lnmvgamma (dim, 0.5 * nu);
}

/* The constant of exp E log N (x | mu, Lambda^-1) beside N (x | m, scale / df):
   E log |Lambda| = sum psi + D log 2 - log |scale|, and the mean has its own spread, D / kappa. */
static int
expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t D = s->dim, each = elbo_gauss_sharers (s);
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  double *work = elbo_doubles (2 * D * D), *covariance = work ? work + D * D : NULL;
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t b = 0; b < s->ncomp / each && status == GSL_SUCCESS; b++)
    {
      double logroot = 0;
      for (size_t i = 0; i < D * D; i++)
        covariance[i] = q.scale[b * D * D + i] / q.df[b];
      status = elbo_gauss_whitener (D, b, covariance, work, elbo_gauss_root (s, coef, b), &logroot);
      for (size_t k = b * each; k < (b + 1) * each; k++)
        coef[k] = logroot - 0.5 * (double)D * (ELBO_LOG_2PI + 1 / q.kappa[k])
                  + 0.5 * (elbo_mvpsi (D, q.df[b]) + (double)D * log (2 / q.df[b]));
    }
  if (status == GSL_SUCCESS)
    elbo_gauss_finish (s, q.mean, coef);
  free (work);
  return status;
}

/* --- the bound ------------------------------------------------------------------------------------ */

double
elbo_wishart_divergence (size_t dim, double nu0, double logdet_b0, const double *b0, double nu,
                         double logroot, const double *whiten, double pair[2])
{
  const double d = (double)dim;
  const double elogdet = elbo_mvpsi (dim, nu) + d * M_LN2 + 2 * logroot;
  const double term[] = { elbo_wishart_lognorm (dim, nu, -2 * logroot),
                          -elbo_wishart_lognorm (dim, nu0, logdet_b0), 0.5 * (nu - nu0) * elogdet,
                          -0.5 * nu * d, 0.5 * nu * elbo_gauss_trace (dim, whiten, b0) };
  double size = 0;
  for (size_t i = 0; i < sizeof term / sizeof *term; i++)
    {
      elbo_sum_add (pair, term[i]);
      size += fabs (term[i]);
    }
  return size;
}

/* KL of the means of block b, under the whitener of its scale. */
static void
add_means (const elbo_shape *s, const elbo_gauss_prior *p, const elbo_gauss_posterior *q, size_t b,
           const double *whiten, double pair[2], elbo_quantity *to)
{
  const size_t D = s->dim, each = elbo_gauss_sharers (s);
  const double bend = q->df[b] * elbo_gauss_bend (s, whiten);
  for (size_t k = b * each; k < (b + 1) * each; k++)
    {
      const double *mean = q->mean + k * D;
      const double off = q->df[b] * elbo_gauss_quadratic (D, whiten, mean, p->mean);
      to->size += elbo_place_divergence ((double)D, p->kappa[0], q->kappa[k], off, pair);
      elbo_gauss_bend_prior (s, p->kappa[0], bend, mean, to);
    }
}

static int
cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t D = s->dim;
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  double *work = elbo_doubles (2 * D * D), *whiten = work ? work + D * D : NULL;
  double total[2] = { 0, 0 }, logdet = 0, logroot = 0;
  int status
      = work ? elbo_gauss_logdet (D, "scale of the prior", p.scale, work, &logdet) : GSL_ENOMEM;
  for (size_t b = 0; b < s->ncomp / elbo_gauss_sharers (s) && status == GSL_SUCCESS; b++)
    {
      double pair[2] = { 0, 0 };
      status = elbo_gauss_whitener (D, b, q.scale + b * D * D, work, whiten, &logroot);
      if (status != GSL_SUCCESS)
        break;
      to->size
          += elbo_wishart_divergence (D, p.df[0], logdet, p.scale, q.df[b], logroot, whiten, pair);
      add_means (s, &p, &q, b, whiten, pair, to);
      elbo_sum_add (total, pair[0] + pair[1]);
    }
  free (work);
  to->value += total[0] + total[1];
  return status;
}

/* log c (B0, nu0) - log c (B, nu) for each block, + D/2 sum log (kappa0 / kappa_k) - N D/2 log 2 pi */
static double
peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t D = s->dim, K = s->ncomp;
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  double *param = elbo_doubles (2 * K + K * D + (K + 1) * D * D), total[2] = { NAN, 0 };
  double logdet = 0, value = 0;
  if (param && elbo_gauss_logdet (D, "scale of the prior", p.scale, param, &logdet) == GSL_SUCCESS
      && elbo_gauss_posterior_solve (s, prior, stat, param) == GSL_SUCCESS)
    {
      const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
      double *work = param + 2 * K + K * D + K * D * D;
      total[0] = 0;
      for (size_t b = 0; b < K / elbo_gauss_sharers (s); b++)
        {
          if (elbo_gauss_logdet (D, "scale", q.scale + b * D * D, work, &value) != GSL_SUCCESS)
            value = NAN;
          elbo_sum_add (total, elbo_wishart_lognorm (D, p.df[0], logdet)
                                   - elbo_wishart_lognorm (D, q.df[b], value));
        }
      for (size_t k = 0; k < K; k++)
        elbo_sum_add (total, 0.5 * (double)D * log (p.kappa[0] / q.kappa[k]));
      elbo_sum_add (total, -0.5 * elbo_gauss_total (s, stat) * (double)D * ELBO_LOG_2PI);
    }
  free (param);
  return total[0] + total[1];
}

/* --- predictions ------------------------------------------------------------------------------------ */

/* St (x | m, t B^-1, df), t = df kappa / (1 + kappa), df = nu + 1 - D: Bishop 10.81-10.82; the
   whitener is that of B / nu. */
void
elbo_wishart_predict (size_t dim, double kappa, double nu, const double *mean, const double *whiten,
                      const elbo_tile *tile, double *score)
{
  const double d = (double)dim, df = nu + 1 - d, zero = 0;
  const double t = df * kappa / (1 + kappa) / nu;
  double c = elbo_lngamma_step (0.5 * df, 0.5 * d) + 0.5 * d * (log (t) - log (M_PI * df));
  double *half = tile->scratch + (dim + 4) * ELBO_TILE;
  for (size_t i = 0; i < dim; i++)
    c += log (whiten[i * (i + 1) / 2 + i]);
  memset (half, 0, ELBO_TILE * sizeof *half);
  tile->kernel->whiten (tile->n, dim, 1, tile->x, mean, whiten, &zero, tile->scratch, half);
  elbo_gauss_student (tile, c, df, dim, t, tile->x, mean, whiten, half, score);
}

static int
predict (const elbo_shape *s, const double *param, const double *coef, const elbo_tile *tile,
         double *score)
{
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  for (size_t k = 0; k < s->ncomp; k++)
    elbo_wishart_predict (s->dim, q.kappa[k], q.df[elbo_gauss_block (s, k)], q.mean + k * s->dim,
                          elbo_gauss_root (s, coef, k), tile, score + k * ELBO_TILE);
  return GSL_SUCCESS;
}

static void
draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
      double *x)
{
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  const double kappa = q.kappa[k], nu = q.df[elbo_gauss_block (s, k)];
  const double chi = gsl_ran_chisq (rng, nu + 1 - (double)s->dim);
  elbo_gauss_unwhiten (s->dim, elbo_gauss_root (s, coef, k), q.mean + k * s->dim,
                       sqrt ((1 + kappa) / kappa * nu / chi), rng, x);
}

/* --- what it looks like ------------------------------------------------------------------------------ */

/* The standard deviation of entry (i, j) of an inverse Wishart matrix, e its degrees of freedom
   beyond D - 1: ((e + 2) b_ij^2 + e b_ii b_jj) / ((e + 1) e^2 (e - 2)) with e = nu - D - 1 > 2
   (Press 2005, Applied Multivariate Analysis, section 5.2). */
static double
covariance_error (double e, double b_ij, double b_ii, double b_jj)
{
  const double r = b_ij / sqrt (b_ii) / sqrt (b_jj);
  return e > 2 ? sqrt (b_ii) * sqrt (b_jj) / e * sqrt (((e + 2) * r * r + e) / (e + 1) / (e - 2))
               : NAN;
}

static int
describe (const elbo_shape *s, const double *param, size_t k, elbo_view *view)
{
  const size_t D = s->dim, b = elbo_gauss_block (s, k);
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  const double nu = q.df[b], less = (double)D + 1, *scale = q.scale + b * D * D;
  const double by = 1 / (nu > less ? nu - less : nu);
  double *covariance = elbo_gauss_looks_of (s, view->value).covariance;
  double *error = elbo_gauss_looks_of (s, view->error).covariance;
  for (size_t i = 0; i < D * D; i++)
    covariance[i] = by * scale[i];
  elbo_gauss_view_fill (s, q.mean + k * D, view);
  for (size_t i = 0; i < D * D; i++)
    error[i]
        = covariance_error (nu - less, scale[i], scale[i / D * (D + 1)], scale[i % D * (D + 1)]);
  for (size_t d = 0; d < D; d++)
    elbo_gauss_view_column (s, d, q.kappa[k], 0.5 * (nu + 1 - (double)D), 0.5 * scale[d * D + d],
                            view);
  return GSL_SUCCESS;
}

#define BELIEF(table, shared) \
  { \
    .size = ELBO_SIZE (elbo_belief), .param = table, .solve = elbo_gauss_posterior_solve, \
    .expect = expect, .cost = cost, .peak = peak, .predict = predict, .draw = draw, \
    .describe = describe, .holds = elbo_gauss_posterior_holds, .coupled = shared, \
    .learn = elbo_gauss_learn_posterior \
  }
const elbo_belief elbo_gauss_wishart_own = BELIEF (OWN, 0);
const elbo_belief elbo_gauss_wishart_shared = BELIEF (SHARED, 1);
