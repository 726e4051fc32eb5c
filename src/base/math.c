/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compensated sums and special functions.

   Checks: lnmvgamma (2, 3) = 1.55019499395756, lnmvgamma (3, 5) = 9.14064469919254,
   lnmvgamma (10, 12.5) = 160.500308480459. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include "base/base.h"

#define LOG_PI 1.1447298858494001741

/* Neumaier (1974): the rounding error of each addition is kept beside the sum. */
void
elbo_sum_add (double pair[2], double x)
{
  if (!pair)
    return;
  const double sum = pair[0] + x;
  if (isfinite (sum))
    pair[1] += fabs (pair[0]) >= fabs (x) ? (pair[0] - sum) + x : (x - sum) + pair[0];
  pair[0] = sum;
}

void
elbo_pair_merge (double pair[2], const double other[2])
{
  elbo_sum_add (pair, other[0]);
  pair[1] += other[1];
}

double
elbo_lngamma (double x)
{
  if (!(x > 0))
    return NAN;
  /* lnGamma (x) = -log x + O (x), where GSL would take 1 / x */
  if (x < 1e-300)
    return -log (x);
  /* beyond this lnGamma itself overflows and GSL would raise its handler */
  return x < 1e305 ? gsl_sf_lngamma (x) : INFINITY;
}

double
elbo_psi (double x)
{
  if (!(x > 0))
    return NAN;
  /* psi (x) = -1/x + psi (1) + O (x), and 1/x must not overflow inside GSL */
  if (x < 1e-300)
    return x > 1 / DBL_MAX ? -1 / x : -INFINITY;
  return x < 1e150 ? gsl_sf_psi (x) : log (x);
}

double
elbo_lnmvgamma (size_t dim, double a)
{
  const double d = (double)dim;
  double sum = d * (d - 1) / 4 * LOG_PI;
  for (size_t i = 0; i < dim; i++)
    sum += elbo_lngamma (a - 0.5 * (double)i);
  return sum;
}

double
elbo_mvpsi (size_t dim, double nu)
{
  double sum = 0;
  for (size_t i = 0; i < dim; i++)
    sum += elbo_psi (0.5 * (nu - (double)i));
  return sum;
}

double
elbo_logsumexp (const double *x, size_t n)
{
  double top = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; i++)
    top = fmax (top, x[i]);
  if (!isfinite (top))
    return top;
  for (size_t i = 0; i < n; i++)
    sum += exp (x[i] - top);
  return top + log (sum);
}

/* The difference of two Stirling series; lnGamma (1e9 + 1/2) - lnGamma (1e9) = 10.3616329183482. */
double
elbo_lngamma_step (double x, double d)
{
  if (!(x > 1e4))
    return elbo_lngamma (x + d) - elbo_lngamma (x);
  return (x + d - 0.5) * log1p (d / x) + d * (log (x) - 1) + 1 / (12 * (x + d)) - 1 / (12 * x);
}

double
elbo_xlogy (double x, double y)
{
  return x == 0 ? 0 : x * log (y);
}

void
elbo_quantity_add (elbo_quantity *to, double term)
{
  to->value += term;
  to->size += fabs (term);
}

void
elbo_quantity_counts (elbo_quantity *to, size_t n, const double *count, const double *log_p)
{
  for (size_t i = 0; i < n; i++)
    if (count[i] > 0)
      elbo_quantity_add (to, count[i] * log_p[i]);
}
