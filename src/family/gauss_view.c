/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a component of a Gaussian family looks like.

   A precision tau ~ Gamma (a, rate b) and mu | tau ~ N (m, 1 / (kappa tau)) make of column d

       mean      Student-t about m with 2 a degrees of freedom and scale^2 b / (a kappa); its error
                 is that scale, which exists where the standard deviation does not
       variance  inverse gamma: E = b / (a - 1), Var = E^2 / (a - 2), limits b / gamma quantiles
       sd        the root of E variance, so that it agrees with the covariance;
                 E sd = sqrt (b) Gamma (a - 1/2) / Gamma (a) serves its error

   With a Wishart (B, nu) the diagonal is the same with a = (nu + 1 - D) / 2 and b = B_dd / 2.  Where
   E variance does not exist, the inverse of the expected precision stands for it.

   Check: a = 3, b = 4: E variance 2, its sd 2, E sd 1.32934038817914 and sd of sd 0.482563. */
#include <config.h>
#include <math.h>
#include <string.h>
#include <gsl/gsl_cdf.h>
#include "family/gauss.h"

const elbo_field elbo_gauss_view[]
    = { { "mean", { ELBO_DIM }, ELBO_PLACE, "mean" },
        { "sd", { ELBO_DIM }, ELBO_LENGTH, "standard deviation" },
        { "correlation", { ELBO_DIM, ELBO_DIM }, ELBO_PURE, "correlation" },
        { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "covariance" },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

elbo_gauss_looks
elbo_gauss_looks_of (const elbo_shape *s, double *v)
{
  const size_t D = s->dim;
  return (elbo_gauss_looks){ v, v + D, v + 2 * D, v + 2 * D + D * D };
}

void
elbo_gauss_view_fill (const elbo_shape *s, const double *mean, elbo_view *view)
{
  const size_t D = s->dim, n = elbo_field_total (elbo_gauss_view, s);
  const elbo_gauss_looks v = elbo_gauss_looks_of (s, view->value);
  for (size_t i = 0; i < n; i++)
    view->error[i] = view->low[i] = view->high[i] = NAN;
  memcpy (v.mean, mean, D * sizeof *mean);
  for (size_t i = 0; i < D; i++)
    v.sd[i] = sqrt (v.covariance[i * D + i]);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) /* squares of units may overflow where quotients do not */
      v.correlation[i * D + j] = i == j ? 1 : v.covariance[i * D + j] / v.sd[i] / v.sd[j];
}

/* 1 / (a - 1) - (Gamma (a - 1/2) / Gamma (a))^2: the variance of tau^-1/2 for rate 1, a > 1.  For
   large a the two agree in all digits but those that the expansion gives. */
static double
root_variance (double a)
{
  if (a > 1e5)
    return (1 + 1.875 / a) / (4 * a * a);
  const double mean = exp (-elbo_lngamma_step (a - 0.5, 0.5));
  return fmax (0, 1 / (a - 1) - mean * mean);
}

void
elbo_gauss_view_column (const elbo_shape *s, size_t d, double kappa, double a, double rate,
                        elbo_view *view)
{
  const size_t at = d * s->dim + d;
  const elbo_gauss_looks error = elbo_gauss_looks_of (s, view->error);
  const elbo_gauss_looks low = elbo_gauss_looks_of (s, view->low);
  const elbo_gauss_looks high = elbo_gauss_looks_of (s, view->high);
  const double scale = sqrt (rate / (a * kappa)), t = gsl_cdf_tdist_Pinv (0.975, 2 * a);
  error.mean[d] = scale;
  low.mean[d] = view->value[d] - t * scale;
  high.mean[d] = view->value[d] + t * scale;
  error.sd[d] = a > 1 ? sqrt (rate) * sqrt (root_variance (a)) : NAN;
  error.covariance[at] = a > 2 ? rate / (a - 1) / sqrt (a - 2) : NAN;
  low.covariance[at] = rate / elbo_gamma_quantile (0.975, a);
  high.covariance[at] = rate / elbo_gamma_quantile (0.025, a);
  low.sd[d] = sqrt (low.covariance[at]);
  high.sd[d] = sqrt (high.covariance[at]);
}
