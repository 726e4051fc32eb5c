/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Normal-Wishart prior that gauss_full and gauss_tied share. */
#ifndef ELBO_WISHART_H
#define ELBO_WISHART_H

#include "family/family.h"

#pragma GCC visibility push(hidden)

/* Fields kappa, df, mean, scale and the pooled standard deviations, spread. */
extern const elbo_field wishart_prior_table[];

typedef struct
{
  double kappa, df;
  const double *mean, *scale, *spread;
} wishart_prior;
wishart_prior wishart_prior_of (const elbo_shape *shape, const double *prior);

/* kappa 0.01, df D + 2, scale diag (v) / K^(2/D): Fraley & Raftery (2007) with the diagonal of the
   covariance. */
int wishart_guess (const elbo_shape *shape, const double *pooled, double *prior);

/* The flat prior has kappa = 0, df = -(D + 1), scale = 0: then the mode is the ML estimate. */
void wishart_flatten (const elbo_shape *shape, double *prior);
int wishart_is_flat (const elbo_shape *shape, const double *prior);

/* log c (B, nu) given log |B|. */
double wishart_lognorm (size_t dim, double nu, double logdet_b);

/* log |matrix|; GSL_ESING when it is not positive definite.  work [D x D]. */
int wishart_logdet (size_t dim, const double *matrix, double *work, double *value);

/* (a - b)' A' A (a - b) for a lower triangle by rows A. */
double wishart_quadratic (size_t dim, const double *whiten, const double *a, const double *b);

/* What does not depend on (mu, Sigma) in log N (mu | m, Sigma / kappa) + log IW (Sigma). */
double wishart_constant (const elbo_shape *shape, const wishart_prior *prior, double logdet_scale);

/* Add KL (Wishart (B, nu) || Wishart (B0, nu0)) to a compensated pair and return the sum of its
   absolute terms.  whiten, logroot: inverse Cholesky factor of B and its log determinant. */
double wishart_divergence (size_t dim, double nu0, double logdet_b0, const double *b0, double nu,
                           double logroot, const double *whiten, double pair[2]);

/* Add the log predictive density, a Student-t, to score [ELBO_TILE]; draw one row from it. */
void wishart_predict (size_t dim, double kappa, double nu, const double *mean, const double *whiten,
                      const elbo_tile *tile, double *score);
void wishart_draw (size_t dim, double kappa, double nu, const double *mean, const double *whiten,
                   gsl_rng *rng, double *x);

#pragma GCC visibility pop

#endif
