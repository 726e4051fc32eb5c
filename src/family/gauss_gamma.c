/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Normal-gamma belief of the Gaussian families with independent columns.

     mu_kj | tau ~ N (mean_kj, 1 / (kappa tau)),  tau ~ Gamma (shape, rate), RATE not scale

   with a tau for each column or one for all columns of a component.  Columns are independent: exact
   for D > 1, where a D-variate digamma sum would be another model's. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

const elbo_field elbo_gauss_gamma_prior_diag[]
    = { { "kappa", { ELBO_DIM }, ELBO_PURE, "rows that the prior mean counts for" },
        { "shape", { ELBO_DIM }, ELBO_PURE, "shape of the gamma prior of the precision" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "rate", { ELBO_DIM }, ELBO_SQUARE, "rate of the gamma prior of the precision" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };
const elbo_field elbo_gauss_gamma_prior_iso[]
    = { { "kappa", { 0 }, ELBO_PURE, "rows that the prior mean counts for" },
        { "shape", { 0 }, ELBO_PURE, "shape of the gamma prior of the precision" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "rate", { 0 }, ELBO_SQUARE, "rate of the gamma prior of the precision" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field DIAG[]
    = { { "kappa", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "rows that the mean counts for" },
        { "shape", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "shape of the gamma belief" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_SQUARE, "rate of the gamma belief" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
static const elbo_field ISO[]
    = { { "kappa", { ELBO_COMP }, ELBO_PURE, "rows that the mean counts for" },
        { "shape", { ELBO_COMP }, ELBO_PURE, "shape of the gamma belief" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" },
        { "rate", { ELBO_COMP }, ELBO_SQUARE, "rate of the gamma belief" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

/* kappa 0.01, shape 3/2, rate v / (2 K^(2/D)) of each column, or of their mean variance. */
int
elbo_gauss_gamma_guess (const elbo_shape *s, const double *pooled, double *prior)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s);
  const double shrink = pow ((double)s->ncomp, 2 / (double)D);
  double *shape = prior + c, *mean = shape + c, *rate = mean + D, *variance = elbo_doubles (D);
  if (!variance)
    return GSL_ENOMEM;
  elbo_gauss_pooled (s, pooled, mean, variance, rate + c);
  memset (rate, 0, c * sizeof *rate);
  for (size_t d = 0; d < D; d++)
    rate[elbo_gauss_group (s, d)] += variance[d];
  for (size_t g = 0; g < c; g++)
    {
      prior[g] = 0.01;
      shape[g] = 1.5;
      rate[g] = rate[g] / (double)(D / c) / (2 * shrink);
    }
  free (variance);
  return GSL_SUCCESS;
}

/* What is believed about column d of component k. */
typedef struct
{
  double kappa, shape, mean, rate;
} column_belief;

static column_belief
column_of (const elbo_shape *s, const double *param, size_t k, size_t d)
{
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  const size_t c = elbo_gauss_columns (s), g = elbo_gauss_group (s, d);
  const size_t at = elbo_gauss_block (s, k) * c + g;
  return (column_belief){ q.kappa[k * c + g], q.df[at], q.mean[k * s->dim + d], q.scale[at] };
}

/* constant = 1/2 sum over columns of  psi (shape) - log rate - log 2 pi - 1 / kappa */
static int
expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t c = elbo_gauss_columns (s);
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double sum = 0, *precision = elbo_gauss_root (s, coef, k);
      for (size_t d = 0; d < s->dim; d++)
        {
          const column_belief q = column_of (s, param, k, d);
          if (!(q.rate > 0) || !isfinite (q.rate) || !(q.shape > 0) || !isfinite (q.shape))
            return elbo_fail (ELBO_ENUMERIC, "component %zu, column %zu: shape %.3g, rate %.3g",
                              k + 1, d + 1, q.shape, q.rate);
          precision[d] = q.shape / q.rate;
          if (d < c)
            sum += elbo_psi (q.shape) - log (q.rate) - ELBO_LOG_2PI - 1 / q.kappa;
        }
      coef[k] = 0.5 * (double)(s->dim / c) * sum;
    }
  elbo_gauss_finish (s, elbo_gauss_posterior_of (s, param).mean, coef);
  return GSL_SUCCESS;
}

/* --- the bound ------------------------------------------------------------------------------------ */

double
elbo_gamma_divergence (double a0, double b0, double a, double b, double pair[2])
{
  const double term[] = { (a - a0) * elbo_psi (a), -elbo_lngamma (a), elbo_lngamma (a0),
                          a0 * log (b / b0), a * (b0 - b) / b };
  double size = 0;
  for (size_t i = 0; i < sizeof term / sizeof *term; i++)
    {
      elbo_sum_add (pair, term[i]);
      size += fabs (term[i]);
    }
  return size;
}

double
elbo_place_divergence (double dim, double kappa0, double kappa, double off, double pair[2])
{
  const double shrink = 0.5 * dim * (log (kappa / kappa0) - 1 + kappa0 / kappa);
  const double square = 0.5 * kappa0 * off;
  elbo_sum_add (pair, shrink);
  elbo_sum_add (pair, square);
  return fabs (shrink) + square;
}

static int
cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const elbo_gauss_posterior all = elbo_gauss_posterior_of (s, param);
  const size_t c = elbo_gauss_columns (s), nblock = s->ncomp / elbo_gauss_sharers (s);
  double total[2] = { 0, 0 };
  for (size_t i = 0; i < nblock * c; i++)
    to->size += elbo_gamma_divergence (p.df[i % c], p.scale[i % c], all.df[i], all.scale[i], total);
  for (size_t i = 0; i < s->ncomp * s->dim; i++)
    {
      const size_t d = i % s->dim;
      const column_belief q = column_of (s, param, i / s->dim, d);
      const double off = q.mean - p.mean[d], kappa = p.kappa[d * p.step], tau = q.shape / q.rate;
      to->size += elbo_place_divergence (1, kappa, q.kappa, tau * off * off, total);
      to->curvature += 0.5 * kappa * tau;
      to->size += DBL_EPSILON * 0.5 * kappa * tau * q.mean * q.mean;
    }
  to->value += total[0] + total[1];
  return GSL_SUCCESS;
}

static double
peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const size_t c = elbo_gauss_columns (s), K = s->ncomp, nblock = K / elbo_gauss_sharers (s);
  double *param = elbo_doubles (K * s->dim + 3 * K * c), total[2] = { NAN, 0 };
  if (param && elbo_gauss_posterior_solve (s, prior, stat, param) == GSL_SUCCESS)
    {
      const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
      const double columns = (double)(s->dim / c);
      total[0] = 0;
      for (size_t i = 0; i < nblock * c; i++)
        {
          const double a0 = p.df[i % c], b0 = p.scale[i % c];
          elbo_sum_add (total, elbo_lngamma (q.df[i]) - elbo_lngamma (a0));
          elbo_sum_add (total, a0 * log (b0) - q.df[i] * log (q.scale[i]));
        }
      for (size_t i = 0; i < K * c; i++)
        elbo_sum_add (total,
                      0.5 * columns
                          * (log (p.kappa[i % c] / q.kappa[i]) - stat[i / c] * ELBO_LOG_2PI));
    }
  free (param);
  return total[0] + total[1];
}

/* --- predictions ------------------------------------------------------------------------------------ */

/* Add log St_n (x | m, (a kappa / (b (1 + kappa))) I, 2 a) for n columns from column d that share a
   precision. */
static void
add_student (const elbo_tile *tile, const column_belief *q, const double *mean, size_t d, size_t n,
             double *score)
{
  const double df = 2 * q->shape, t = q->shape * q->kappa / (q->rate * (1 + q->kappa));
  const double half_dim = 0.5 * (double)n, *x = tile->x + d * ELBO_TILE;
  const double c = elbo_lngamma_step (q->shape, half_dim) + half_dim * (log (t) - log (M_PI * df));
  double *half = tile->scratch;
  memset (half, 0, ELBO_TILE * sizeof *half);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < tile->n; i++)
      {
        const double off = x[j * ELBO_TILE + i] - mean[j];
        half[i] -= 0.5 * off * off;
      }
  elbo_gauss_student (tile, c, df, n, t, x, mean, NULL, half, score);
}

static int
predict (const elbo_shape *s, const double *param, const double *coef, const elbo_tile *tile,
         double *score)
{
  const size_t D = s->dim, each = D / elbo_gauss_columns (s);
  for (size_t k = 0; k < s->ncomp; k++)
    for (size_t d = 0; d < D; d += each)
      {
        const column_belief q = column_of (s, param, k, d);
        add_student (tile, &q, coef + s->ncomp + k * D + d, d, each, score + k * ELBO_TILE);
      }
  return GSL_SUCCESS;
}

static void
draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
      double *x)
{
  const size_t each = s->dim / elbo_gauss_columns (s);
  double sd = 0;
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    {
      const column_belief q = column_of (s, param, k, d);
      if (d % each == 0)
        sd = sqrt ((1 + 1 / q.kappa) / gsl_ran_gamma (rng, q.shape, 1 / q.rate));
      x[d] = q.mean + gsl_ran_gaussian_ziggurat (rng, sd);
    }
}

static int
describe (const elbo_shape *s, const double *param, size_t k, elbo_view *view)
{
  const size_t D = s->dim;
  double *covariance = elbo_gauss_looks_of (s, view->value).covariance;
  memset (covariance, 0, D * D * sizeof *covariance);
  for (size_t d = 0; d < D; d++)
    {
      const column_belief q = column_of (s, param, k, d);
      covariance[d * D + d] = 1 / (q.shape > 1 ? q.shape - 1 : q.shape) * q.rate;
    }
  elbo_gauss_view_fill (s, elbo_gauss_posterior_of (s, param).mean + k * D, view);
  for (size_t d = 0; d < D; d++)
    {
      const column_belief q = column_of (s, param, k, d);
      elbo_gauss_view_column (s, d, q.kappa, q.shape, q.rate, view);
    }
  return GSL_SUCCESS;
}

#define BELIEF(table) \
  { \
    .size = ELBO_SIZE (elbo_belief), .param = table, .solve = elbo_gauss_posterior_solve, \
    .expect = expect, .cost = cost, .peak = peak, .predict = predict, .draw = draw, \
    .describe = describe, .holds = elbo_gauss_posterior_holds, .learn = elbo_gauss_learn_posterior \
  }
const elbo_belief elbo_gauss_gamma_diag = BELIEF (DIAG);
const elbo_belief elbo_gauss_gamma_iso = BELIEF (ISO);
