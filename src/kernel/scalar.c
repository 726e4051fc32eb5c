/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels as their formulas read, one row at a time.

   The reference that the tests hold the vector kernels to, and what ELBO_ISA=scalar runs. */
#include <config.h>
#include <math.h>
#include "kernel/isa.h"

static void
fill (size_t ncomp, const double *c, double *score)
{
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = c[k];
}

static void
whiten (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean, const double *a,
        const double *c, double *scratch, double *score)
{
  (void)scratch;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < n; i++)
      {
        const double *w = a + k * (dim * (dim + 1) / 2);
        double square = 0;
        for (size_t d = 0; d < dim; d++)
          {
            double z = 0;
            for (size_t j = 0; j <= d; j++)
              z += *w++ * (x[j * ELBO_TILE + i] - mean[k * dim + j]);
            square += z * z;
          }
        score[k * ELBO_TILE + i] += c[k] - 0.5 * square;
      }
}

static void
distance (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean,
          const double *precision, const double *c, double *scratch, double *score)
{
  (void)scratch;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < n; i++)
      {
        double sum = 0;
        for (size_t d = 0; d < dim; d++)
          {
            const double y = x[d * ELBO_TILE + i] - mean[k * dim + d];
            sum += precision[k * dim + d] * y * y;
          }
        score[k * ELBO_TILE + i] += c[k] - 0.5 * sum;
      }
}

static void
linear (size_t n, size_t dim, size_t ncomp, const double *x, const double *slope, const double *c,
        double *score)
{
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < n; i++)
      {
        double sum = c[k];
        for (size_t d = 0; d < dim; d++)
          sum += x[d * ELBO_TILE + i] * slope[k * dim + d];
        score[k * ELBO_TILE + i] += sum;
      }
}

static void
moments (size_t n, size_t dim, size_t ncomp, const double *x, const double *pivot,
         const double *resp, double *scratch, double *first, double *second)
{
  (void)scratch;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < n; i++)
      {
        double *s = second + k * (dim * (dim + 1) / 2);
        for (size_t d = 0; d < dim; d++)
          {
            const double y = x[d * ELBO_TILE + i] - (pivot ? pivot[k * dim + d] : 0);
            const double z = resp[k * ELBO_TILE + i] * y;
            first[k * dim + d] += z;
            for (size_t j = 0; j <= d; j++)
              *s++ += z * (x[j * ELBO_TILE + i] - (pivot ? pivot[k * dim + j] : 0));
          }
      }
}

static void
moments_diagonal (size_t n, size_t dim, size_t ncomp, const double *x, const double *pivot,
                  const double *resp, double *scratch, double *first, double *second)
{
  (void)scratch;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t d = 0; d < dim; d++)
      for (size_t i = 0; i < n; i++)
        {
          const double y = x[d * ELBO_TILE + i] - (pivot ? pivot[k * dim + d] : 0);
          const double z = resp[k * ELBO_TILE + i] * y;
          first[k * dim + d] += z;
          if (second)
            second[k * dim + d] += z * y;
        }
}

/* sum = (high, low) += v.  An infinite sum has no rounding error. */
static void
add_to (double sum[2], double v)
{
  const double s = sum[0] + v;
  if (isfinite (s))
    sum[1] += fabs (sum[0]) >= fabs (v) ? (sum[0] - s) + v : (v - s) + sum[0];
  sum[0] = s;
}

/* t - max, where components at +inf are level with it and those at -inf infinitely below */
static double
below (double t, double peak)
{
  return isinf (t) ? (t > 0 ? 0 : -INFINITY) : t - peak;
}

static void
softmax_row (size_t ncomp, double least, double weight, double *score, double *count,
             double *evidence, double *energy, double *entropy)
{
  double peak = -INFINITY, sum = 0, mean = 0;
  for (size_t k = 0; k < ncomp; k++)
    peak = score[k * ELBO_TILE] > peak ? score[k * ELBO_TILE] : peak;
  const int dead = peak == -INFINITY;
  for (size_t k = 0; k < ncomp; k++)
    {
      const double t = below (score[k * ELBO_TILE], peak), e = t < least ? 0 : exp (t);
      sum += e;
      mean += e == 0 ? 0 : e * t;
      score[k * ELBO_TILE] = e;
    }
  for (size_t k = 0; k < ncomp; k++)
    {
      const double r = score[k * ELBO_TILE] / sum;
      score[k * ELBO_TILE] = dead || weight == 0 || isnan (sum) ? 0 : weight * r;
      count[k] += score[k * ELBO_TILE];
    }
  if (weight == 0)
    return;
  add_to (evidence, weight * (peak + log (sum)));
  if (dead)
    return;
  add_to (energy, weight * (peak + mean / sum));
  add_to (entropy, weight * (log (sum) - mean / sum));
}

static void
softmax (size_t n, size_t ncomp, const double *weight, double *score, double *count,
         double *evidence, double *energy, double *entropy)
{
  const double least = least_exponent (ncomp);
  for (size_t i = 0; i < n; i++)
    softmax_row (ncomp, least, weight ? weight[i] : 1, score + i, count, evidence, energy, entropy);
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = n; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = 0;
}

static void
nearest (size_t ncomp, const double *distance, double *label)
{
  for (size_t i = 0; i < ELBO_TILE; i++)
    {
      size_t best = 0;
      for (size_t k = 1; k < ncomp; k++)
        if (distance[k * ELBO_TILE + i]
            < ELBO_NEARER_SCALE * distance[best * ELBO_TILE + i] - ELBO_NEARER_SHIFT)
          best = k;
      label[i] = (double)best;
    }
}

static void
totals (size_t ncomp, const double *resp, double *count)
{
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      count[k] += resp[k * ELBO_TILE + i];
}

const elbo_kernel elbo_kernel_scalar = { "scalar", fill,    whiten,           distance, nearest,
                                         linear,   moments, moments_diagonal, totals,   softmax };
