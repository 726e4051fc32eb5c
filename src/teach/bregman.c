/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Divergences between gamma functions without cancellation.

   With g (t) = lnGamma (t) - t log t + t, which is convex and grows as -1/2 log t, every divergence
   of gamma and Dirichlet distributions is a sum of terms of at least 0: of t log t, which have
   simple forms, and of
       elbo_bregman (a0, a) = g (a0) - g (a) - (a0 - a) g' (a).
   Far apart this is taken as it stands, g and g' by Stirling's series from 16 on.  Nearby the same
   difference is taken of each term of the series, where (a0 - a)^2 can be split off; below 16
   arguments are shifted up, lnGamma (t) = lnGamma (t + n) - sum log (t + i).

   Checks: bregman (3, 2) = 0.0495205418321, bregman (1e4 (1 + 1e-8), 1e4) = 2.50016667e-17,
   bregman (1, 1e16) = 18.0398. */
#include <config.h>
#include <math.h>
#include <stddef.h>
#include "teach/teach.h"

/* Abramowitz & Stegun (1964), 6.1.40: lnGamma (t) = (t - 1/2) log t - t + 1/2 log 2 pi
   + sum series[j] t^-(2 j + 1); below t = 16 the next term would count. */
static const double series[]
    = { 1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360 };
enum
{
  NSERIES = sizeof series / sizeof *series
};
#define LARGE 16.0

double
elbo_excess (double x, double e)
{
  if (fabs (e) > 0.1)
    return e - log (x);
  /* e^2 (1/2 - e/3 + e^2/4 - ...) */
  double sum = 0;
  for (int n = 18; n >= 2; n--)
    sum = 1. / n - e * sum;
  return e * e * sum;
}

double
elbo_entropic (double x, double e)
{
  if (fabs (e) > 0.1)
    return elbo_xlogy (x, x) - e;
  /* e^2 (1/2 - e/6 + e^2/12 - ...) */
  double sum = 0;
  for (int n = 18; n >= 2; n--)
    sum = 1. / (n * (n - 1)) - e * sum;
  return e * e * sum;
}

static double
g (double t)
{
  if (t < LARGE)
    return elbo_lngamma (t) - elbo_xlogy (t, t) + t;
  double sum = 0;
  for (size_t j = NSERIES; j-- > 0;)
    sum = series[j] + sum / (t * t);
  return sum / t - 0.5 * log (t) + 0.91893853320467274178;
}

/* psi (t) - log t. */
static double
g_slope (double t)
{
  double up = t, sum = 0, below = 0;
  for (; up < LARGE; up += 1)
    below += 1 / up;
  for (size_t j = NSERIES; j-- > 0;)
    sum = -series[j] * (double)(2 * j + 1) + sum / (up * up);
  sum = (sum / up - 0.5) / up;
  return up > t ? sum - below + log (up / t) : sum;
}

/* t^-m at a0 = a (1 + e), less its tangent at a: a^-m e^2 sum_{j=1..m} j u^(j-1) / u^m. */
static double
power_bregman (double a, double e, int m)
{
  const double u = 1 + e;
  double sum = 0;
  for (int j = m; j >= 1; j--)
    sum = j + sum * u;
  return e * e * sum / pow (a * u, m);
}

/* Both arguments at least LARGE, a0 = a (1 + e). */
static double
stirling_bregman (double a, double e)
{
  double sum = 0;
  for (int j = NSERIES; j-- > 0;)
    sum += series[j] * power_bregman (a, e, 2 * j + 1);
  return sum + 0.5 * elbo_excess (1 + e, e);
}

double
elbo_bregman (double a0, double a)
{
  const double e = (a0 - a) / a;
  if (!(e > -0.5 && e < 1))
    return fmax (0, g (a0) - g (a) - (a0 - a) * g_slope (a));
  double sum = 0, up = a;
  for (; up < LARGE || up + (a0 - a) < LARGE; up += 1)
    sum += elbo_excess (1 + (a0 - a) / up, (a0 - a) / up);
  const double d = (a0 - a) / up;
  if (up > a)
    sum += up * elbo_entropic (1 + d, d) - a * elbo_entropic (1 + e, e);
  return fmax (0, sum + stirling_bregman (up, d));
}
