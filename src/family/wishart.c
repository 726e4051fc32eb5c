/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Normal-Wishart prior of the Gaussian families with a matrix, and the pieces of its
   densities.  Lambda ~ Wishart with inverse scale B = W^-1 (in units of scatter) and nu degrees of
   freedom:  log density = log c (B, nu) + (nu - D - 1) / 2 log |Lambda| - 1/2 tr (B Lambda).

   Check: B = ((2, .5), (.5, 1)), nu = 5: log c = -2.92374424635879. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"
#include "family/wishart.h"

const elbo_field wishart_prior_table[]
    = { { "kappa", { 0 }, ELBO_PURE, "rows that the prior mean counts for" },
        { "df", { 0 }, ELBO_PURE, "Wishart degrees of freedom, above D - 1" },
        { "mean", { ELBO_DIM }, ELBO_PLACE, "prior mean" },
        { "scale", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "inverse of the Wishart scale matrix" },
        { "spread", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { NULL, { 0 }, ELBO_PURE, NULL } };

wishart_prior
wishart_prior_of (const elbo_shape *s, const double *prior)
{
  const size_t D = s->dim;
  const wishart_prior v = { prior[0], prior[1], prior + 2, prior + 2 + D, prior + 2 + D + D * D };
  return v;
}

int
wishart_guess (const elbo_shape *s, const double *pooled, double *prior)
{
  const size_t D = s->dim;
  const double shrink = pow ((double)s->ncomp, 2 / (double)D);
  double *mean = prior + 2, *scale = mean + D, *spread = scale + D * D;
  prior[0] = 0.01;
  prior[1] = (double)D + 2;
  memset (scale, 0, D * D * sizeof *scale);
  double *variance = elbo_doubles (D);
  if (!variance)
    return GSL_ENOMEM;
  gauss_pooled (s, pooled, 0, mean, variance, spread);
  for (size_t d = 0; d < D; d++)
    scale[d * D + d] = variance[d] / shrink;
  free (variance);
  return GSL_SUCCESS;
}

void
wishart_flatten (const elbo_shape *s, double *prior)
{
  prior[0] = 0;
  prior[1] = -((double)s->dim + 1);
  memset (prior + 2 + s->dim, 0, s->dim * s->dim * sizeof *prior);
}

int
wishart_is_flat (const elbo_shape *s, const double *prior)
{
  return prior[1] < 0 && prior[0] == 0 && prior[1] == -((double)s->dim + 1);
}

/* The part of the log prior of one component that does not depend on Sigma, nats. */
double
wishart_constant (const elbo_shape *s, const wishart_prior *p, double logdet_scale)
{
  const double D = (double)s->dim;
  return wishart_lognorm (s->dim, p->df, logdet_scale)
         + (p->kappa > 0 ? 0.5 * D * (log (p->kappa) - ELBO_LOG_2PI) : 0);
}

int
wishart_logdet (size_t dim, const double *matrix, double *work, double *value)
{
  memcpy (work, matrix, dim * dim * sizeof *work);
  if (elbo_chol (dim, work, NULL) != 0)
    return GSL_ESING;
  *value = elbo_chol_logdet (dim, work);
  return GSL_SUCCESS;
}

double
wishart_quadratic (size_t dim, const double *whiten, const double *a, const double *b)
{
  double square = 0;
  for (size_t i = 0; i < dim; i++)
    {
      double y = 0;
      for (size_t j = 0; j <= i; j++)
        y += whiten[i * (i + 1) / 2 + j] * (a[j] - b[j]);
      square += y * y;
    }
  return square;
}

/* log c (B, nu), the log normaliser of a Wishart density given log |B| */
double
wishart_lognorm (size_t dim, double nu, double logdet_b)
{
  return 0.5 * nu * (logdet_b - (double)dim * M_LN2) - elbo_lnmvgamma (dim, 0.5 * nu);
}

double
wishart_divergence (size_t dim, double nu0, double logdet_b0, const double *b0, double nu,
                    double logroot, const double *whiten, double pair[2])
{
  const double d = (double)dim;
  const double elogdet = elbo_mvpsi (dim, nu) + d * M_LN2 + 2 * logroot;
  const double term[]
      = { wishart_lognorm (dim, nu, -2 * logroot), -wishart_lognorm (dim, nu0, logdet_b0),
          0.5 * (nu - nu0) * elogdet, -0.5 * nu * d, 0.5 * nu * gauss_trace (dim, whiten, b0) };
  double size = 0;
  for (size_t i = 0; i < sizeof term / sizeof *term; i++)
    {
      elbo_sum_add (pair, term[i]);
      size += fabs (term[i]);
    }
  return size;
}

/* St (x | m, t B^-1, df), t = df kappa / (1 + kappa), df = nu + 1 - D: Bishop 10.81-10.82; the
   whitener is that of B / nu. */
void
wishart_predict (size_t dim, double kappa, double nu, const double *mean, const double *whiten,
                 const elbo_tile *tile, double *score)
{
  const double d = (double)dim, df = nu + 1 - d, zero = 0;
  const double t = df * kappa / (1 + kappa) / nu;
  double c = elbo_lngamma_step (0.5 * df, 0.5 * d) + 0.5 * d * (log (t) - log (M_PI * df));
  double *half = tile->scratch + (dim + 4) * ELBO_TILE;
  for (size_t i = 0; i < dim; i++)
    c += log (whiten[i * (i + 1) / 2 + i]);
  memset (half, 0, ELBO_TILE * sizeof *half);
  tile->kernel->whiten (tile->n, dim, 1, tile->x, mean, whiten, &zero, tile->scratch, half);
  gauss_student (tile->n, c, df, d, t, half, score);
}

void
wishart_draw (size_t dim, double kappa, double nu, const double *mean, const double *whiten,
              gsl_rng *rng, double *x)
{
  const double chi = gsl_ran_chisq (rng, nu + 1 - (double)dim);
  gauss_unwhiten (dim, whiten, mean, sqrt ((1 + kappa) / kappa * nu / chi), rng, x);
}
