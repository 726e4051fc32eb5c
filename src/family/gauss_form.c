/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local step of the Gaussian families in three forms.

   The expected log density of a row is  constant_k - 1/2 |A_k (x - mean_k)|^2.

     own      a whitener A_k for each component
     shared   one A: rows are whitened once, components then differ in their means alone
     column   A_k is diagonal; for components near the origin the density is a linear function of
              (x, x^2), which takes two operations a column instead of three and loses no digits
              that matter */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "family/gauss.h"

const elbo_field elbo_gauss_coef_own[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "whiten", { ELBO_COMP, ELBO_TRIANGLE }, ELBO_PURE, "inverse Cholesky factor" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
const elbo_field elbo_gauss_coef_shared[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "white", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "whitened mean" },
        { "precision", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "1: whitened columns have variance 1" },
        { "whiten", { ELBO_TRIANGLE }, ELBO_PURE, "inverse Cholesky factor" },
        { NULL, { 0 }, ELBO_PURE, NULL } };
const elbo_field elbo_gauss_coef_column[]
    = { { "constant", { ELBO_COMP }, ELBO_PURE, "expected log density at the mean" },
        { "mean", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "mean" },
        { "pivot", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "what moments are taken about" },
        { "precision", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "expected precision" },
        { "slope", { ELBO_COMP, ELBO_PAIR, ELBO_DIM }, ELBO_PURE, "factors of x and x^2" },
        { "offset", { ELBO_COMP }, ELBO_PURE, "expected log density at 0" },
        { NULL, { 0 }, ELBO_PURE, NULL } };

double *
elbo_gauss_root (const elbo_shape *s, const double *coef, size_t k)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  double *after = (double *)coef + K + 2 * KD;
  switch (elbo_gauss_of (s)->form)
    {
    case ELBO_FORM_OWN:
      return after + k * (D * (D + 1) / 2);
    case ELBO_FORM_SHARED:
      return after + 2 * KD;
    case ELBO_FORM_COLUMN:
    default:
      return after + k * D;
    }
}

/* --- coefficients --------------------------------------------------------------------------------- */

/* Is a column of the mean so many conditional standard deviations, 1 / root, from the origin? */
static int
is_far (double mean, double root)
{
  return fabs (mean) * root > ELBO_FAR;
}

/* The pivots of one component: its mean, wholly or (independent columns) where that is far. */
static void
choose_pivot (const elbo_shape *s, const double *mean, const double *root, double *pivot)
{
  const int column = elbo_gauss_is_column (s);
  int far = 0;
  for (size_t d = 0; d < s->dim && !column; d++)
    far |= is_far (mean[d], root[d * (d + 1) / 2 + d]);
  for (size_t d = 0; d < s->dim; d++)
    pivot[d] = far || (column && is_far (mean[d], sqrt (root[d]))) ? mean[d] : 0;
}

/* The mean of one component, whitened. */
static void
whiten_mean (size_t dim, const double *whiten, const double *mean, double *white, double *precision)
{
  for (size_t i = 0; i < dim; i++)
    {
      const double *a = whiten + i * (i + 1) / 2;
      precision[i] = 1;
      white[i] = 0;
      for (size_t j = 0; j <= i; j++)
        white[i] += a[j] * mean[j];
    }
}

/* constant - 1/2 sum precision (x - mean)^2  as a linear function of (x, x^2): [2 x D] factors;
   returns its value at 0. */
static double
expand (size_t dim, double constant, const double *mean, const double *precision, double *slope)
{
  double square = 0;
  for (size_t d = 0; d < dim; d++)
    {
      const double m = mean[d], p = precision[d];
      square += p * m * m;
      slope[d] = p * m;
      slope[dim + d] = -0.5 * p;
    }
  return constant - 0.5 * square;
}

void
elbo_gauss_finish (const elbo_shape *s, const double *mean, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  double *pivot = coef + K + KD, *rest = pivot + KD, *slope = rest + KD;
  memcpy (coef + K, mean, KD * sizeof *coef);
  for (size_t k = 0; k < K; k++)
    {
      const double *m = coef + K + k * D, *root = elbo_gauss_root (s, coef, k);
      choose_pivot (s, m, root, pivot + k * D);
      if (elbo_gauss_of (s)->form == ELBO_FORM_SHARED)
        whiten_mean (D, root, m, rest + k * D, slope + k * D);
      if (elbo_gauss_is_column (s))
        slope[2 * KD + k] = expand (D, coef[k], m, root, slope + 2 * k * D);
    }
}

/* --- scores --------------------------------------------------------------------------------------- */

int
elbo_gauss_score_own (const elbo_shape *s, const double *coef, const elbo_tile *tile, double *out)
{
  tile->kernel->whiten (tile->n, s->dim, s->ncomp, tile->x, coef + s->ncomp,
                        elbo_gauss_root (s, coef, 0), coef, tile->scratch, out);
  return GSL_SUCCESS;
}

int
elbo_gauss_score_shared (const elbo_shape *s, const double *coef, const elbo_tile *tile,
                         double *out)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const double *whiten = elbo_gauss_root (s, coef, 0), *mean = coef + K + 2 * KD;
  double *white = tile->scratch, *rest = white + D * ELBO_TILE;
  for (size_t i = 0; i < D; i++)
    {
      const double *a = whiten + i * (i + 1) / 2;
      double *z = white + i * ELBO_TILE;
      memset (z, 0, ELBO_TILE * sizeof *z);
      for (size_t j = 0; j <= i; j++)
        for (size_t n = 0; n < ELBO_TILE; n++)
          z[n] += a[j] * tile->x[j * ELBO_TILE + n];
    }
  tile->kernel->distance (tile->n, D, K, white, mean, mean + KD, coef, rest, out);
  return GSL_SUCCESS;
}

/* The columns of a tile and their squares, one after another. */
static void
squares (const elbo_tile *tile, double *feature)
{
  const size_t size = tile->dim * ELBO_TILE;
  for (size_t i = 0; i < size; i++)
    {
      feature[i] = tile->x[i];
      feature[size + i] = tile->x[i] * tile->x[i];
    }
}

int
elbo_gauss_score_column (const elbo_shape *s, const double *coef, const elbo_tile *tile,
                         double *out)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const double *precision = elbo_gauss_root (s, coef, 0), *slope = precision + KD;
  if (elbo_gauss_far (s, coef))
    tile->kernel->distance (tile->n, D, K, tile->x, coef + K, precision, coef, tile->scratch, out);
  else
    {
      squares (tile, tile->scratch);
      tile->kernel->linear (tile->n, 2 * D, K, tile->scratch, slope, slope + 2 * KD, out);
    }
  return GSL_SUCCESS;
}

/* --- the sum of summarised rows ---------------------------------------------------------------------- */

double
elbo_gauss_bend (const elbo_shape *s, const double *root)
{
  const int column = elbo_gauss_is_column (s);
  const size_t n = column ? s->dim : s->dim * (s->dim + 1) / 2;
  double trace = 0;
  for (size_t t = 0; t < n; t++)
    trace += column ? root[t] : root[t] * root[t];
  return 0.5 * trace;
}

void
elbo_gauss_bend_prior (const elbo_shape *s, double kappa, double bend, const double *mean,
                       elbo_quantity *cost)
{
  double square = 0;
  for (size_t d = 0; d < s->dim; d++)
    square += mean[d] * mean[d];
  cost->curvature += kappa * bend;
  cost->size += DBL_EPSILON * kappa * bend * square;
}

/* sum of w r (x - mean)' precision (x - mean), from moments about the mean */
static double
spread_of (const elbo_shape *s, const double *root, const double *moment)
{
  double square = 0;
  if (!elbo_gauss_is_column (s))
    return elbo_gauss_trace (s->dim, root, moment);
  for (size_t d = 0; d < s->dim; d++)
    square += moment[d] * root[d];
  return square;
}

/* The larger of 1 and the amplification of the rounding of second moments, weighted by the rows:
   row d of the whitener times the root mean squares, for tr (A dS A') is at most eps times the sum
   of their squares when each entry of S is off by eps sqrt (S_ii S_jj). */
static double
inflation (const elbo_shape *s, const elbo_gauss_sums *v, const double *root)
{
  const int column = elbo_gauss_is_column (s);
  double largest = 0;
  for (size_t d = 0; d < s->dim; d++)
    {
      double reach = 0;
      for (size_t j = 0; !column && j <= d; j++)
        reach += fabs (root[d * (d + 1) / 2 + j]) * sqrt (v->second[j * (j + 1) / 2 + j]);
      largest = fmax (largest, (column ? v->second[d] * root[d] : reach * reach) / v->count);
    }
  return fmax (1, largest * fmin (1, v->count));
}

int
elbo_gauss_sum (const elbo_shape *s, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t D = s->dim;
  double *moment = elbo_doubles (D * D), pair[2] = { 0, 0 };
  if (!moment)
    return GSL_ENOMEM;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      const double *root = elbo_gauss_root (s, coef, k);
      const elbo_gauss_sums v = elbo_gauss_at (s, stat, k);
      const double n = elbo_gauss_about (s, stat, k, coef + s->ncomp + k * D, moment);
      if (!(n > 0))
        continue;
      const double square = spread_of (s, root, moment);
      elbo_sum_add (pair, n * coef[k]);
      elbo_sum_add (pair, -0.5 * square);
      to->size += n * (fabs (coef[k]) + 0.5 * (double)D * ELBO_LOG_2PI) + 0.5 * fabs (square);
      to->inflation = fmax (to->inflation, inflation (s, &v, root));
      to->curvature += fmax (1, n) * elbo_gauss_bend (s, root);
    }
  to->value += pair[0] + pair[1];
  free (moment);
  return GSL_SUCCESS;
}
