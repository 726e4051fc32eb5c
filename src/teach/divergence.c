/* SPDX-License-Identifier: GPL-3.0-or-later */
/* KL (q || p) within the families whose divergences are closed.

       normal     1/2 (tr (S0^-1 S) + (m0 - m)' S0^-1 (m0 - m) - D + log |S0| - log |S|)
       gamma      lnGamma (a0) - lnGamma (a) + (a - a0) psi (a) + a0 log (b / b0) + a (b0 - b) / b
       beta       log B(a0, b0) - log B(a, b) + (a - a0) psi (a) + (b - b0) psi (b)
                  - (a - a0 + b - b0) psi (a + b);  a Dirichlet of two
       dirichlet  sum lnGamma (alpha0) - lnGamma (sum alpha0)
                  - sum lnGamma (alpha) + lnGamma (sum alpha)
                  + sum (alpha - alpha0) (psi (alpha) - psi (sum alpha))

   gamma and dirichlet are computed as sums of terms of at least 0 (bregman.c); wishart is that of
   the families of mixtures.

   Checks: Gamma (3, 2) || Gamma (1, 1) 0.345568670196934; Beta (3, 2) || Beta (1, 2)
   0.625092802561388; Dirichlet (2.5, 1.5, 4) || (1, 1, 1) 0.639479641914245;
   Wishart ((2, .5), (.5, 1)), 5 || I, 3: 0.845613835252966. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "family/gauss.h"
#include "teach/teach.h"

/* Are the pointers there? */
static int
given (const void *a, const void *b)
{
  if (a && b)
    return 1;
  elbo_fail (GSL_EFAULT, "a divergence needs the parameters of both distributions");
  return 0;
}

static int
positive (const char *what, const double *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!(x[i] > 0 && isfinite (x[i])))
      {
        elbo_fail (GSL_EDOM, "parameter %zu of the %s distribution is %g, not above 0", i + 1, what,
                   x[i]);
        return 0;
      }
  return 1;
}

static int
all_finite (const char *what, size_t n, const double *a, const double *b)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (a[i]) || !isfinite (b[i]))
      {
        elbo_fail (GSL_EDOM, "%s %zu is %g of q, %g of p: not finite", what, i + 1, a[i], b[i]);
        return 0;
      }
  return 1;
}

/* The Cholesky factor of a matrix [D x D] and its inverse, a lower triangle by rows. */
static int
factor (const char *what, size_t dim, const double *matrix, double *root, double *whiten)
{
  double pivot;
  memcpy (root, matrix, dim * dim * sizeof *root);
  const size_t bad = elbo_chol (dim, root, &pivot);
  if (bad)
    {
      elbo_fail (GSL_EDOM, "%s is not positive definite (pivot %zu is %g)", what, bad, pivot);
      return 0;
    }
  elbo_chol_inverse (dim, root, whiten);
  return 1;
}

/* | A x |^2 for a lower triangle by rows A. */
static double
square (size_t dim, const double *whiten, const double *x)
{
  double sum = 0;
  for (size_t i = 0; i < dim; i++)
    {
      double y = 0;
      for (size_t j = 0; j <= i; j++)
        y += whiten[i * (i + 1) / 2 + j] * x[j];
      sum += y * y;
    }
  return sum;
}

/* Rooms of a pair of factors. */
typedef struct
{
  double *root, *whiten, *root0, *whiten0, *spare;
} factors;

static int
factors_alloc (factors *f, size_t dim)
{
  f->root = elbo_doubles (5 * dim * dim + dim);
  if (!f->root)
    return 0;
  f->whiten = f->root + dim * dim;
  f->root0 = f->whiten + dim * dim;
  f->whiten0 = f->root0 + dim * dim;
  f->spare = f->whiten0 + dim * dim;
  return 1;
}

double
elbo_kl_normal (size_t dim, const double *mean, const double *cov, const double *mean0,
                const double *cov0)
{
  factors f;
  double result = NAN, pair[2] = { 0, 0 };
  if (!given (mean, mean0) || !given (cov, cov0) || !all_finite ("mean", dim, mean, mean0)
      || !factors_alloc (&f, dim))
    return NAN;
  if (factor ("covariance of q", dim, cov, f.root, f.whiten)
      && factor ("covariance of p", dim, cov0, f.root0, f.whiten0))
    {
      for (size_t d = 0; d < dim; d++)
        {
          for (size_t i = 0; i < dim; i++)
            f.spare[i] = i < d ? 0 : f.root[i * dim + d];
          /* a divergence near 0 is a sum of small numbers, not a difference of large ones */
          const double ratio = f.root[d * dim + d] / f.root0[d * dim + d], off = ratio - 1;
          elbo_sum_add (pair, off * (off + 2) - 2 * log1p (off));
          elbo_sum_add (pair, square (dim, f.whiten0, f.spare) - ratio * ratio);
        }
      for (size_t i = 0; i < dim; i++)
        f.spare[i] = mean[i] - mean0[i];
      elbo_sum_add (pair, square (dim, f.whiten0, f.spare));
      result = fmax (0, 0.5 * (pair[0] + pair[1]));
    }
  free (f.root);
  return result;
}

/* a b0 / (a0 b) for positive numbers, and *off that less 1: the products exactly, their exponents
   apart. */
static double
ratio (double a, double b0, double a0, double b, double *off)
{
  int e[4];
  a = frexp (a, e);
  b0 = frexp (b0, e + 1);
  a0 = frexp (a0, e + 2);
  b = frexp (b, e + 3);
  a = ldexp (a, e[0] + e[1] - e[2] - e[3]);
  const double up = a * b0, down = a0 * b;
  const double rest = fma (a, b0, -up) - fma (a0, b, -down);
  *off = (up - down + (isfinite (rest) ? rest : 0)) / down;
  return up / down;
}

double
elbo_kl_gamma (double shape, double rate, double shape0, double rate0)
{
  const double parameter[] = { shape, rate, shape0, rate0 };
  if (!positive ("gamma", parameter, 4))
    return NAN;
  double off;
  const double means = ratio (shape, rate0, shape0, rate, &off);
  return shape0 * elbo_excess (means, off) + elbo_bregman (shape0, shape);
}

/* With p = alpha / sum alpha: sum0 KL (p0 || p) over the proportions, and what is left. */
double
elbo_kl_dirichlet (size_t n, const double *alpha, const double *alpha0)
{
  double pair[2] = { 0, 0 }, sum = 0, sum0 = 0, change[2] = { 0, 0 };
  if (!given (alpha, alpha0) || !positive ("Dirichlet", alpha, n)
      || !positive ("Dirichlet", alpha0, n))
    return NAN;
  for (size_t i = 0; i < n; i++)
    {
      sum += alpha[i];
      sum0 += alpha0[i];
      elbo_sum_add (change, alpha0[i]);
      elbo_sum_add (change, -alpha[i]);
    }
  for (size_t i = 0; i < n; i++)
    {
      const double p = alpha[i] / sum;
      const double off = (alpha0[i] - alpha[i] - p * (change[0] + change[1])) / (p * sum0);
      elbo_sum_add (pair, sum0 * p * elbo_entropic (alpha0[i] / sum0 / p, off));
      elbo_sum_add (pair, elbo_bregman (alpha0[i], alpha[i]));
    }
  elbo_sum_add (pair, -elbo_bregman (sum0, sum));
  return fmax (0, pair[0] + pair[1]);
}

double
elbo_kl_beta (double a, double b, double a0, double b0)
{
  const double alpha[] = { a, b }, alpha0[] = { a0, b0 };
  if (!positive ("beta", alpha, 2) || !positive ("beta", alpha0, 2))
    return NAN;
  return elbo_kl_dirichlet (2, alpha, alpha0);
}

double
elbo_kl_wishart (size_t dim, const double *inverse_scale, double df, const double *inverse_scale0,
                 double df0)
{
  const double least = (double)dim - 1;
  double result = NAN, pair[2] = { 0, 0 };
  factors f;
  if (!given (inverse_scale, inverse_scale0))
    return NAN;
  if (!(df > least && isfinite (df)) || !(df0 > least && isfinite (df0)))
    {
      elbo_fail (GSL_EDOM, "degrees of freedom %g and %g: above %g is needed", df, df0, least);
      return NAN;
    }
  if (!factors_alloc (&f, dim))
    return NAN;
  if (factor ("inverse scale of q", dim, inverse_scale, f.root, f.whiten)
      && factor ("inverse scale of p", dim, inverse_scale0, f.root0, f.whiten0))
    {
      /* both triangles are read there */
      for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++)
          f.spare[i * dim + j] = inverse_scale0[i > j ? i * dim + j : j * dim + i];
      elbo_wishart_divergence (dim, df0, elbo_chol_logdet (dim, f.root0), f.spare, df,
                               -0.5 * elbo_chol_logdet (dim, f.root), f.whiten, pair);
      result = fmax (0, pair[0] + pair[1]);
    }
  free (f.root);
  return result;
}
