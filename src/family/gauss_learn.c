/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prior of the Gaussian families as the bound would have it: how wide a component is expected to
   be in each column, and how far its mean is expected from that of all rows.

   The cost of beliefs depends on them as  - df B / 2 sum_j log s_j + 1/2 sum_j s_j sum_b
   E[Lambda_b]_jj  for a scale matrix diag (s) and B blocks, as  - K D / 2 log kappa + kappa / 2
   sum_k [D / kappa_k + E (mean_k - m0)' Lambda_k (mean_k - m0)]  for kappa (no D / kappa_k of a point):

       s_j    = B df / sum_b E[Lambda_b]_jj
       rate_g = B shape / sum_b E[tau_bg]
       kappa  = K D / sum_k [D / kappa_k + distance_k]

   Each is convex in the logarithm of its number, so that the best one within limits is the nearest
   to the best of all, and none depends on another.

   The scale begins at a tenth of the variance of its column and lies between that of what the values
   of the column can show, at most a hundredth, and the whole; kappa is at most its default. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "family/gauss.h"

#define BEGIN 0.1   /* expected variance of a component, of the column's ... */
#define LOWEST 0.01 /* ... and the most that its lower limit can be          */
#define FINEST 1e-8 /* what rounding of the rows leaves of it                       */
#define LEAST_KAPPA 1e-12

/* --- limits ------------------------------------------------------------------------------------- */

/* The lower limit of the variance of column d, of its variance. */
static double
lowest (double resolution, double variance)
{
  return fmax (FINEST, fmin (LOWEST, resolution * resolution / variance));
}

int
elbo_gauss_limits (const elbo_shape *s, const double *pooled, const double *resolution,
                   double *prior, double *low, double *high)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s), size = elbo_gauss_size (s);
  const int column = elbo_gauss_is_column (s);
  double *mean = elbo_doubles (3 * D), *variance = mean + D;
  if (!mean)
    return GSL_ENOMEM;
  elbo_gauss_pooled (s, pooled, mean, variance, variance + D);
  for (size_t g = 0; g < c; g++)
    low[g] = LEAST_KAPPA;
  const size_t scale = 2 * c + D;
  for (size_t i = 0; i < size && column; i++)
    low[scale + i] = high[scale + i] = 0;
  for (size_t d = 0; d < D; d++)
    {
      const size_t g = elbo_gauss_group (s, d), at = scale + (column ? g : d * D + d);
      const double unit = prior[c + (column ? g : 0)] / (column ? (double)(D / c) : 1);
      low[at] = (column ? low[at] : 0) + unit * variance[d] * lowest (resolution[d], variance[d]);
      high[at] = (column ? high[at] : 0) + unit * variance[d];
      prior[at] = BEGIN * high[at];
    }
  free (mean);
  return GSL_SUCCESS;
}

/* --- the best prior ------------------------------------------------------------------------------ */

/* What number i should be, within its limits; an infinite one is the upper. */
static void
set_within (double best, size_t i, const double *low, const double *high, double *prior)
{
  if (low[i] < high[i])
    prior[i] = fmin (high[i], fmax (low[i], best));
}

/* E[Lambda_b]_jj, from the whitener of a block, or the precisions of its columns. */
static double
precision_of (const elbo_shape *s, const double *root, size_t j)
{
  if (elbo_gauss_is_column (s))
    return root[j];
  double sum = 0;
  for (size_t i = j; i < s->dim; i++)
    sum += root[i * (i + 1) / 2 + j] * root[i * (i + 1) / 2 + j];
  return sum;
}

/* The squared distance of the mean of component k from the prior mean, over the columns that share
   kappa g, under the expected precision. */
static double
distance_of (const elbo_shape *s, const double *coef, const double *m0, size_t k, size_t g)
{
  const double *mean = coef + s->ncomp + k * s->dim, *root = elbo_gauss_root (s, coef, k);
  double sum = 0;
  if (!elbo_gauss_is_column (s))
    return elbo_gauss_quadratic (s->dim, root, mean, m0);
  for (size_t d = 0; d < s->dim; d++)
    if (elbo_gauss_group (s, d) == g)
      sum += root[d] * (mean[d] - m0[d]) * (mean[d] - m0[d]);
  return sum;
}

static void
learn_scale (const elbo_shape *s, const double *coef, const double *low, const double *high,
             double *prior)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s), each = elbo_gauss_sharers (s);
  const int column = elbo_gauss_is_column (s);
  const double nblock = (double)(s->ncomp / each), *df = prior + c;
  for (size_t j = 0; j < (column ? c : D); j++)
    {
      double sum = 0;
      for (size_t k = 0; k < s->ncomp; k += each)
        sum += precision_of (s, elbo_gauss_root (s, coef, k), j);
      set_within (nblock * df[column ? j : 0] / sum, 2 * c + D + (column ? j : j * (D + 1)), low,
                  high, prior);
    }
}

/* kappa of a component, [K x columns], of a posterior; NULL: points. */
static void
learn_kappa (const elbo_shape *s, const double *kappa, const double *coef, const double *low,
             const double *high, double *prior)
{
  const size_t c = elbo_gauss_columns (s);
  const double columns = (double)(s->dim / c), *m0 = prior + 2 * c;
  for (size_t g = 0; g < c; g++)
    {
      double sum = 0;
      for (size_t k = 0; k < s->ncomp; k++)
        sum += distance_of (s, coef, m0, k, g) + (kappa ? columns / kappa[k * c + g] : 0);
      set_within ((double)s->ncomp * columns / sum, g, low, high, prior);
    }
}

/* Other numbers have no best value in closed form, or depend on each other. */
static int
check (const elbo_shape *s, const double *low, const double *high, const double *prior)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s), scale = 2 * c + D;
  const int column = elbo_gauss_is_column (s);
  for (size_t i = c; i < scale + elbo_gauss_size (s) + D; i++)
    {
      const int entry = i >= scale && i < scale + elbo_gauss_size (s);
      const int own = entry && (column || (i - scale) % (D + 1) == 0);
      if (!own && (low[i] < high[i] || (entry && !(fabs (prior[i]) <= 0))))
        return elbo_fail (ELBO_EUNSUP,
                          "of a Gaussian prior only kappa and a diagonal scale can be learned");
    }
  return GSL_SUCCESS;
}

static int
learn (const elbo_shape *s, const double *kappa, const double *coef, const double *low,
       const double *high, double *prior)
{
  const int status = check (s, low, high, prior);
  if (status != GSL_SUCCESS)
    return status;
  learn_scale (s, coef, low, high, prior);
  learn_kappa (s, kappa, coef, low, high, prior);
  return GSL_SUCCESS;
}

int
elbo_gauss_learn_posterior (const elbo_shape *s, const double *param, const double *coef,
                            const double *low, const double *high, double *prior)
{
  return learn (s, elbo_gauss_posterior_of (s, param).kappa, coef, low, high, prior);
}

int
elbo_gauss_learn_point (const elbo_shape *s, const double *param, const double *coef,
                        const double *low, const double *high, double *prior)
{
  (void)param;
  return learn (s, NULL, coef, low, high, prior);
}
