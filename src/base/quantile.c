/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of gamma and beta distributions.

   GSL's inverses raise its error handler where they do not converge; these do not: Newton's method on
   a scale where the distribution has no ends (log x, logit x), inside a bracket, on the series and
   continued fractions of Abramowitz & Stegun (1964), 6.5.29, 6.5.31 and 26.5.8 (modified Lentz).

   Checks: gamma (0.975, 3) = 7.22468766711956, beta (0.025, 2, 3) = 0.0675859. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <gsl/gsl_cdf.h>
#include "base/base.h"

enum
{
  MOST_TERMS = 200000, /* of a series: some 40 sqrt (a) are needed */
  MOST_STEPS = 200
};
#define NORMAL_GAMMA 1e7 /* Wilson & Hilferty (1931) err by less than 1e-12 from here on */
#define NORMAL_BETA 1e9
#define FARTHEST 740.0 /* exp of it, and of its negative, are numbers */

typedef struct
{
  double a, b, constant; /* log Gamma (a), or log B (a, b) */
} family;

/* A probability up to exp (u), or logistic (u), and its derivative by u. */
typedef double distribution (const family *f, double u, double *slope);

static double
solve (distribution *cdf, const family *f, double p, double start)
{
  double low = -FARTHEST, high = FARTHEST, u = fmax (low, fmin (high, start));
  for (size_t i = 0; i < MOST_STEPS; i++)
    {
      double slope = 0;
      const double off = cdf (f, u, &slope) - p, before = u;
      if (off > 0)
        high = u;
      else
        low = u;
      u -= off / slope;
      if (!(u > low && u < high))
        u = 0.5 * (low + high);
      if (fabs (u - before) <= 4 * DBL_EPSILON * fmax (1, fabs (u)))
        break;
    }
  return u;
}

static double
away_from_zero (double x)
{
  return fabs (x) < 1e-300 ? 1e-300 : x;
}

/* --- gamma ---------------------------------------------------------------------------------------- */

/* log (x^a exp (-x) / Gamma (a)), without cancellation for large a. */
static double
log_gamma_slope (const family *f, double log_x)
{
  const double a = f->a, x = exp (log_x), off = (x - a) / a;
  if (a < 20 || fabs (off) > 0.5)
    return a * log_x - x - f->constant;
  return a * (log1p (off) - off) + 0.5 * log (a / (2 * M_PI)) - 1 / (12 * a) + 1 / (360 * a * a * a)
         - 1 / (1260 * pow (a, 5));
}

static double
gamma_series (double a, double x)
{
  double term = 1 / a, sum = term;
  for (size_t n = 1; n < MOST_TERMS && term > DBL_EPSILON * sum / 4; n++)
    sum += term *= x / (a + (double)n);
  return sum;
}

static double
gamma_fraction (double a, double x)
{
  double b = x + 1 - a, c = 1e300, d = 1 / away_from_zero (b), h = d;
  for (size_t n = 1; n < MOST_TERMS; n++)
    {
      const double an = -(double)n * ((double)n - a);
      b += 2;
      d = 1 / away_from_zero (an * d + b);
      c = away_from_zero (b + an / c);
      h *= c * d;
      if (fabs (c * d - 1) < DBL_EPSILON)
        break;
    }
  return h;
}

static double
gamma_cdf (const family *f, double u, double *slope)
{
  const double x = exp (u);
  *slope = exp (log_gamma_slope (f, u));
  return x < f->a + 1 ? *slope * gamma_series (f->a, x) : 1 - *slope * gamma_fraction (f->a, x);
}

double
elbo_gamma_quantile (double p, double a)
{
  if (!(a > 0) || isinf (a) || !(p > 0 && p < 1))
    return NAN;
  const family f = { a, 0, elbo_lngamma (a) };
  const double c = 1 / (9 * a), w = 1 - c + gsl_cdf_ugaussian_Pinv (p) * sqrt (c);
  if (a >= NORMAL_GAMMA)
    return a * w * w * w;
  /* near 0 the distribution is a power of x */
  const double power = (elbo_lngamma (a + 1) + log (p)) / a;
  if (power < -FARTHEST / 2)
    return exp (power);
  return exp (solve (gamma_cdf, &f, p, w > 0.3 ? log (a) + 3 * log (w) : power));
}

/* --- beta ----------------------------------------------------------------------------------------- */

static double
beta_fraction (double a, double b, double x)
{
  double c = 1, d = 1 / away_from_zero (1 - (a + b) * x / (a + 1)), h = d;
  for (size_t i = 1; i < MOST_TERMS; i++)
    {
      const double m = (double)i;
      const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / away_from_zero (1 + even * d);
      c = away_from_zero (1 + even / c);
      h *= c * d;
      d = 1 / away_from_zero (1 + odd * d);
      c = away_from_zero (1 + odd / c);
      h *= c * d;
      if (fabs (c * d - 1) < DBL_EPSILON)
        break;
    }
  return h;
}

static double
beta_cdf (const family *f, double u, double *slope)
{
  const double a = f->a, b = f->b, x = 1 / (1 + exp (-u)), rest = 1 / (1 + exp (u));
  *slope = exp (-a * log1p (exp (-u)) - b * log1p (exp (u)) - f->constant);
  return x < (a + 1) / (a + b + 2) ? *slope * beta_fraction (a, b, x) / a
                                   : 1 - *slope * beta_fraction (b, a, rest) / b;
}

double
elbo_beta_quantile (double p, double a, double b)
{
  if (!(a > 0 && b > 0) || isinf (a) || isinf (b) || !(p > 0 && p < 1))
    return NAN;
  const double less = fmin (a, b), more = fmax (a, b);
  const family f = { a, b, elbo_lngamma (less) - elbo_lngamma_step (more, less) };
  const double start = log (a / b) + gsl_cdf_ugaussian_Pinv (p) * sqrt (1 / a + 1 / b);
  return 1 / (1 + exp (-(less > NORMAL_BETA ? start : solve (beta_cdf, &f, p, start))));
}
