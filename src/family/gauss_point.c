/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Point estimates of the Gaussian families.

     ML   covariance = scatter / N of a block (gauss.h), with every eigenvalue at least ELBO_FLOOR
     MAP  mu_k ~ N (mean, Sigma / kappa); Sigma ~ inverse Wishart (df, scale), or variance ~ inverse
          gamma (shape, rate): the joint mode in (mu, Sigma), Fraley & Raftery (2007)

   Both are  scatter* / n*  with the sums of gauss_reduce.c and

     n* = N + df + D + 1 + K'             covariances; K' components of the block when kappa > 0
     n* = N C + 2 shape + 2 + K' C        variances of C columns */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

#define MEAN \
  { \
    "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "mean" \
  }
#define END \
  { \
    NULL, { 0 }, ELBO_PURE, NULL \
  }
static const elbo_field OWN[] = {
  MEAN, { "covariance", { ELBO_COMP, ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "covariance matrix" }, END
};
static const elbo_field SHARED[] = {
  MEAN,
  { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "covariance matrix of every component" },
  END
};
static const elbo_field DIAG[] = {
  MEAN, { "variance", { ELBO_COMP, ELBO_DIM }, ELBO_SQUARE, "variance of each column" }, END
};
static const elbo_field ISO[]
    = { MEAN, { "variance", { ELBO_COMP }, ELBO_SQUARE, "variance of every column" }, END };

static size_t
nblock_of (const elbo_shape *s)
{
  return s->ncomp / elbo_gauss_sharers (s);
}

/* The covariance, or the variances, of block b. */
static double *
block_of (const elbo_shape *s, const double *param, size_t b)
{
  return (double *)param + s->ncomp * s->dim + b * elbo_gauss_size (s);
}

/* Columns that share a variance; D when it is a covariance. */
static size_t
sharing (const elbo_shape *s)
{
  return s->dim / elbo_gauss_columns (s);
}

/* n* of variance g of a block, or of its covariance.  What the prior adds is 0 in ML, to the last
   digit of small counts. */
static double
divisor (const elbo_shape *s, const elbo_gauss_prior *p, size_t g, double rows)
{
  const double each = p->kappa[g] > 0 ? (double)elbo_gauss_sharers (s) : 0;
  if (!elbo_gauss_is_column (s))
    return rows + (p->df[0] + (double)s->dim + 1 + each);
  const double columns = (double)sharing (s);
  return rows * columns + (2 * p->df[g] + 2 + each * columns);
}

/* The least variance of column group g in ML. */
static double
lowest (const elbo_shape *s, const elbo_gauss_prior *p, size_t g)
{
  double largest = 0;
  for (size_t d = 0; d < s->dim; d++)
    if (elbo_gauss_group (s, d) == g)
      largest = fmax (largest, p->spread[d] * p->spread[d]);
  return ELBO_FLOOR * largest;
}

/* --- the estimate --------------------------------------------------------------------------------- */

/* Means and covariance of block b without floor; returns its rows. */
static double
estimate (const elbo_shape *s, const elbo_gauss_prior *p, const double *stat, size_t b,
          double *param)
{
  const size_t D = s->dim, each = elbo_gauss_sharers (s), size = elbo_gauss_size (s);
  double *block = block_of (s, param, b), rows = 0;
  elbo_gauss_begin (s, p, block);
  for (size_t k = b * each; k < (b + 1) * each; k++)
    rows += elbo_gauss_reduce (s, p, stat, k, s->held ? s->held + k * D : NULL, param + k * D,
                               block_of (s, param, 0));
  for (size_t i = 0; i < size; i++)
    block[i] /= divisor (s, p, elbo_gauss_is_column (s) ? i : 0, rows);
  return rows;
}

static int
raise_to_floor (const elbo_shape *s, const elbo_gauss_prior *p, double *block)
{
  if (!elbo_gauss_is_column (s))
    return elbo_gauss_floor (s->dim, p->spread, block) < 0 ? GSL_ENOMEM : GSL_SUCCESS;
  for (size_t g = 0; g < elbo_gauss_columns (s); g++)
    block[g] = fmax (block[g], lowest (s, p, g));
  return GSL_SUCCESS;
}

static int
on_floor (const elbo_shape *s, const elbo_gauss_prior *p, const double *block)
{
  int on = 0;
  if (!elbo_gauss_is_column (s))
    return elbo_gauss_on_floor (s->dim, p->spread, block);
  for (size_t g = 0; g < elbo_gauss_columns (s); g++)
    on |= block[g] < lowest (s, p, g) * (1 + 1e-6);
  return on;
}

/* Does a component of its own keep its parameters, for lack of rows? */
static int
keeps (const elbo_shape *s, const double *prior, const double *stat, size_t b)
{
  return elbo_gauss_sharers (s) == 1 && elbo_gauss_is_flat (s, prior)
         && elbo_gauss_negligible (s, stat, b);
}

static int
solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  int status = GSL_SUCCESS;
  for (size_t b = 0; b < nblock_of (s) && status == GSL_SUCCESS; b++)
    if (keeps (s, prior, stat, b))
      status = *block_of (s, param, b) > 0
                   ? GSL_SUCCESS
                   : elbo_fail (GSL_EINVAL, "component %zu has no rows to start from", b + 1);
    else
      {
        estimate (s, &p, stat, b, param);
        if (elbo_gauss_is_flat (s, prior))
          status = raise_to_floor (s, &p, block_of (s, param, b));
      }
  return status;
}

static size_t
degenerate (const elbo_shape *s, const double *prior, const double *param)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  for (size_t b = 0; b < nblock_of (s) && elbo_gauss_is_flat (s, prior); b++)
    {
      const int on = on_floor (s, &p, block_of (s, param, b));
      if (on != 0)
        return on > 0 ? b : (size_t)-1;
    }
  return s->ncomp;
}

static double
margin (const elbo_shape *s, const double *prior, const double *param)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  double least = INFINITY;
  for (size_t b = 0; b < nblock_of (s) && elbo_gauss_is_flat (s, prior) && !isnan (least); b++)
    {
      const double *block = block_of (s, param, b);
      if (!elbo_gauss_is_column (s))
        {
          const double value = elbo_gauss_least (s->dim, p.spread, block) / ELBO_FLOOR;
          least = isnan (value) ? value : fmin (least, value);
        }
      for (size_t g = 0; g < elbo_gauss_columns (s) && elbo_gauss_is_column (s); g++)
        least = fmin (least, block[g] / lowest (s, &p, g));
    }
  return least;
}

/* A covariance of full rank needs D + 1 rows, variances need two; a shared one is everybody's. */
static size_t
support (const elbo_shape *s)
{
  if (elbo_gauss_sharers (s) > 1)
    return 0;
  return elbo_gauss_is_column (s) ? 2 : s->dim + 1;
}

/* Means can be held, whole ones in matrix forms, and so can covariances, for the best mean does not
   depend on them. */
static int
holds (const elbo_shape *s)
{
  const size_t KD = s->ncomp * s->dim, size = elbo_gauss_is_column (s) ? 1 : elbo_gauss_size (s);
  if (!elbo_gauss_means_held (s, s->held))
    return 0;
  for (size_t i = 0; i < nblock_of (s) * elbo_gauss_size (s); i += size)
    if (elbo_held (size, s->held + KD + i) == ELBO_HELD_SOME)
      return 0;
  return 1;
}

/* --- coefficients --------------------------------------------------------------------------------- */

/* log |covariance| of component k, and its whitener or precisions in coef; work [D x D]. */
static int
invert (const elbo_shape *s, const double *param, size_t k, double *work, double *coef,
        double *logdet)
{
  const size_t D = s->dim;
  const double *block = block_of (s, param, elbo_gauss_block (s, k));
  double *root = elbo_gauss_root (s, coef, k), logroot = 0;
  *logdet = 0;
  if (!elbo_gauss_is_column (s))
    {
      const int status = elbo_gauss_whitener (D, k, block, work, root, &logroot);
      *logdet = -2 * logroot;
      return status;
    }
  for (size_t d = 0; d < D; d++)
    {
      const double variance = block[elbo_gauss_group (s, d)];
      if (!(variance > 0) || !isfinite (variance))
        return elbo_fail (ELBO_ENUMERIC, "component %zu: variance %zu is %.3g", k + 1, d + 1,
                          variance);
      root[d] = 1 / variance;
      *logdet += log (variance);
    }
  return GSL_SUCCESS;
}

static int
expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t D = s->dim;
  double *work = elbo_doubles (D * D), logdet = 0;
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; k < s->ncomp && status == GSL_SUCCESS; k++)
    {
      if (k % elbo_gauss_sharers (s) == 0)
        status = invert (s, param, k, work, coef, &logdet);
      coef[k] = -0.5 * (logdet + (double)D * ELBO_LOG_2PI);
    }
  if (status == GSL_SUCCESS)
    elbo_gauss_finish (s, param, coef);
  free (work);
  return status;
}

/* --- the bound ------------------------------------------------------------------------------------ */

/* What does not depend on means and covariance in the log prior of a block. */
static int
constant_of (const elbo_shape *s, const double *prior, double *work, double *constant)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const double each = (double)(elbo_gauss_sharers (s) * sharing (s));
  double sum = 0, logdet = 0;
  *constant = 0;
  if (elbo_gauss_is_flat (s, prior))
    return GSL_SUCCESS;
  if (!elbo_gauss_is_column (s))
    {
      const int status = elbo_gauss_logdet (s->dim, "scale of the prior", p.scale, work, &logdet);
      if (status != GSL_SUCCESS)
        return status;
      sum = elbo_wishart_lognorm (s->dim, p.df[0], logdet);
    }
  for (size_t g = 0; g < elbo_gauss_columns (s); g++)
    {
      if (elbo_gauss_is_column (s))
        sum += p.df[g] * log (p.scale[g]) - elbo_lngamma (p.df[g]);
      sum += p.kappa[g] > 0 ? 0.5 * each * (log (p.kappa[g]) - ELBO_LOG_2PI) : 0;
    }
  *constant = sum;
  return GSL_SUCCESS;
}

/* What depends on them, -log density: n* / 2 without rows times log |covariance|, and the scatter of
   the prior with distances from its mean under the precision. */
static void
add_variable (const elbo_shape *s, const elbo_gauss_prior *p, const double *param, size_t b,
              const double *root, double logdet, elbo_quantity *to)
{
  const size_t D = s->dim, each = elbo_gauss_sharers (s);
  const int column = elbo_gauss_is_column (s);
  const double *block = block_of (s, param, b);
  double power = column ? 0 : 0.5 * divisor (s, p, 0, 0) * logdet;
  double rest = column ? 0 : 0.5 * elbo_gauss_trace (D, root, p->scale);
  for (size_t g = 0; g < elbo_gauss_columns (s) && column; g++)
    {
      power += 0.5 * divisor (s, p, g, 0) * log (block[g]);
      rest += p->scale[g] / block[g];
    }
  for (size_t k = b * each; k < (b + 1) * each; k++)
    {
      const double *mean = param + k * D;
      for (size_t d = 0; d < D && column; d++)
        {
          const double kappa = p->kappa[d * p->step], off = mean[d] - p->mean[d];
          rest += 0.5 * kappa * off * off * root[d];
          to->curvature += 0.5 * kappa * root[d];
          to->size += DBL_EPSILON * 0.5 * kappa * root[d] * mean[d] * mean[d];
        }
      if (!column)
        {
          rest += 0.5 * p->kappa[0] * elbo_gauss_quadratic (D, root, mean, p->mean);
          elbo_gauss_bend_prior (s, p->kappa[0], elbo_gauss_bend (s, root), mean, to);
        }
    }
  to->value += power + rest;
  to->size += fabs (power) + rest;
}

static int
cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const size_t D = s->dim, T = s->ncomp * (s->dim * (s->dim + 1) + 6 * D + 2);
  double *coef = elbo_doubles (T + D * D), *work = coef ? coef + T : NULL;
  double constant = 0, logdet = 0;
  int status = coef ? constant_of (s, prior, work, &constant) : GSL_ENOMEM;
  for (size_t b = 0; b < nblock_of (s) && status == GSL_SUCCESS; b++)
    {
      const size_t k = b * elbo_gauss_sharers (s);
      status = invert (s, param, k, work, coef, &logdet);
      if (status != GSL_SUCCESS)
        break;
      to->value -= constant;
      to->size += fabs (constant);
      add_variable (s, &p, param, b, elbo_gauss_root (s, coef, k), logdet, to);
    }
  free (coef);
  return status;
}

/* log density at the mode: sum of n* / 2 (log |scatter* / n*| + D) and constants. */
static double
block_peak (const elbo_shape *s, const elbo_gauss_prior *p, const double *block, double rows,
            double *work)
{
  double value = 0, sum = 0;
  if (!elbo_gauss_is_column (s))
    {
      if (elbo_gauss_logdet (s->dim, "covariance", block, work, &value) != GSL_SUCCESS)
        return NAN;
      return -0.5 * divisor (s, p, 0, rows) * (value + (double)s->dim);
    }
  for (size_t g = 0; g < elbo_gauss_columns (s); g++)
    sum -= 0.5 * divisor (s, p, g, rows) * (1 + log (block[g]));
  return sum;
}

static double
peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t D = s->dim, n = s->ncomp * (D + elbo_gauss_size (s));
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  double *param = elbo_doubles (n + D * D), *work = param ? param + n : NULL;
  double constant = 0, total[2] = { NAN, 0 };
  if (param && constant_of (s, prior, work, &constant) == GSL_SUCCESS)
    {
      total[0] = 0;
      for (size_t b = 0; b < nblock_of (s); b++)
        {
          const double rows = estimate (s, &p, stat, b, param), *block = block_of (s, param, b);
          /* a kept or a clipped component has no closed form */
          if (keeps (s, prior, stat, b)
              || (elbo_gauss_is_flat (s, prior) && on_floor (s, &p, block)))
            total[0] = NAN;
          elbo_sum_add (total, constant + block_peak (s, &p, block, rows, work)
                                   - 0.5 * rows * (double)D * ELBO_LOG_2PI);
        }
    }
  free (param);
  return total[0] + total[1];
}

/* --- draws, and what it looks like ---------------------------------------------------------------- */

static void
draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
      double *x)
{
  const double *block = block_of (s, param, elbo_gauss_block (s, k)), *mean = param + k * s->dim;
  if (!elbo_gauss_is_column (s))
    elbo_gauss_unwhiten (s->dim, elbo_gauss_root (s, coef, k), mean, 1, rng, x);
  else
    for (size_t d = 0; d < s->dim; d++)
      x[d] = mean[d] + gsl_ran_gaussian_ziggurat (rng, sqrt (block[elbo_gauss_group (s, d)]));
}

static int
describe (const elbo_shape *s, const double *param, size_t k, elbo_view *view)
{
  const size_t D = s->dim;
  const int column = elbo_gauss_is_column (s);
  const double *block = block_of (s, param, elbo_gauss_block (s, k));
  double *covariance = elbo_gauss_looks_of (s, view->value).covariance;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++)
      covariance[i * D + j] = !column  ? block[i * D + j]
                              : i == j ? block[elbo_gauss_group (s, i)]
                                       : 0;
  elbo_gauss_view_fill (s, param + k * D, view);
  return GSL_SUCCESS;
}

#define BELIEF(table, shared) \
  { \
    .size = ELBO_SIZE (elbo_belief), .param = table, .solve = solve, .expect = expect, \
    .cost = cost, .peak = peak, .draw = draw, .degenerate = degenerate, .describe = describe, \
    .holds = holds, .coupled = shared, .support = support, .margin = margin, \
    .learn = elbo_gauss_learn_point \
  }
const elbo_belief elbo_gauss_point_own = BELIEF (OWN, 0);
const elbo_belief elbo_gauss_point_shared = BELIEF (SHARED, 1);
const elbo_belief elbo_gauss_point_diag = BELIEF (DIAG, 0);
const elbo_belief elbo_gauss_point_iso = BELIEF (ISO, 0);
