/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Gaussian families share: statistics about a pivot, default priors, the
   covariance floor.

   Statistics of every Gaussian family, y = x - pivot_k:

     count [K]          N_k = sum w r
     place [K x D]      sum w r pivot_k: keeps the statistics additive and self-describing
     first [K x D]      sum w r y
     second             sum w r y y', a lower triangle [K x D (D + 1) / 2], or its diagonal
                        [K x D]

   The pivot is 0, the pooled mean, unless the component lies more than ELBO_FAR standard
   deviations from it: then x x' would lose the digits of the scatter (Chan, Golub & LeVeque
   1983), and the component's last mean is the pivot. */
#ifndef ELBO_GAUSS_H
#define ELBO_GAUSS_H

#include "family/family.h"

#pragma GCC visibility push(hidden)

/* In ML every eigenvalue of a covariance, with each column in units of its pooled standard
   deviation, is at least this: the likelihood becomes bounded (Hathaway 1985; Ingrassia & Rocci
   2007) and clipping the eigenvalues is the exact constrained M-step. */
#define ELBO_FLOOR 1e-6
#define ELBO_FAR 64.0

/* A component with fewer rows than this share of an even split keeps its parameters in ML: no
   division by nothing, and a valid generalised M-step. */
#define ELBO_NEGLIGIBLE 1e-8

extern const elbo_field gauss_stat[];          /* second: triangle */
extern const elbo_field gauss_stat_diagonal[]; /* second: diagonal */

/* Summarise component k: returns N_k; mean [D]; scatter about the mean, [D x D] or, diagonal,
   [D].  All zero when N_k is 0. */
double gauss_summary (const elbo_shape *shape, const double *stat, size_t k, double *mean,
                      double *scatter);
double gauss_summary_diagonal (const elbo_shape *shape, const double *stat, size_t k, double *mean,
                               double *scatter);

/* Second moments about any point: sum w r (x - m)(x - m)' as above.  Returns N_k. */
double gauss_about (const elbo_shape *shape, const double *stat, size_t k, const double *m,
                    double *moment);
double gauss_about_diagonal (const elbo_shape *shape, const double *stat, size_t k, const double *m,
                             double *moment);

/* Pooled mean [D], variance with divisor W - 1 (W / 2 where W < 2, as weights may sum to 1) and
   standard deviation with divisor W, from the statistics of one component.  A column without
   spread gets 1, its own unit. */
void gauss_pooled (const elbo_shape *shape, const double *stat, int diagonal, double *mean,
                   double *variance, double *spread);

/* Sum of the counts. */
double gauss_total (const elbo_shape *shape, const double *stat);

/* Has component k so few rows (ELBO_NEGLIGIBLE) that ML keeps its parameters? */
int gauss_negligible (const elbo_shape *shape, const double *stat, size_t k);

/* The pivot of a component: its mean when that is far from the origin in units of the
   conditional standard deviations 1 / root[d], else 0.  root advances by `step` for column d as
   root[d * step]. */
int gauss_is_far (size_t dim, const double *mean, const double *root);

/* Raise eigenvalues of a covariance [D x D], columns in units of spread, to the floor.  Returns 1
   when one was raised, 0 when none, a negative number without memory. */
int gauss_floor (size_t dim, const double *spread, double *covariance);

/* Tell whether an eigenvalue stands on the floor (up to rounding); negative without memory. */
int gauss_on_floor (size_t dim, const double *spread, const double *covariance);

/* -1/2 (x - m)' ... turned into a Student-t: add log St to score for squared Mahalanobis
   distances q = -2 half[i] under the precision that the constant belongs to.
   log St = c - (df + D)/2 log (1 + scale q / df) */
void gauss_student (size_t n, double c, double df, double dim, double scale, const double *half,
                    double *score);

/* tally of families whose second moments are triangles or diagonals; pivot [K x D]. */
void gauss_tally (const elbo_shape *shape, const double *pivot, const elbo_tile *tile,
                  const double *resp, double *stat);
void gauss_tally_diagonal (const elbo_shape *shape, const double *pivot, const elbo_tile *tile,
                           const double *resp, double *stat);

/* Any pivot that is not 0? */
int gauss_any_pivot (const elbo_shape *shape, const double *pivot);

/* Every cell finite, and its square; the check of the Gaussian families. */
int gauss_check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column);

/* Covariance [D x D] to inverse Cholesky factor, a lower triangle by rows; fails with a message
   naming the component.  Returns the sum of log diagonal in *logroot. */
int gauss_whitener (size_t dim, size_t k, const double *covariance, double *work, double *whiten,
                    double *logroot);

/* trace (A M A') for a lower triangle by rows A and symmetric M [D x D]. */
double gauss_trace (size_t dim, const double *whiten, const double *moment);

/* The larger of 1 and the amplification of the rounding of second moments for component k
   (1 / root_j = conditional standard deviation j), weighted by the rows it has. */
double gauss_inflation (const elbo_shape *shape, const double *stat, size_t k, int diagonal,
                        const double *whiten);

/* 1/2 n tr (A' A): by how much the square of a small step of the mean lowers the sum of n rows.
   The prior mean is taken to count for less than one row, or than the rows. */
double gauss_curvature (size_t dim, double n, const double *whiten);

/* Draw x [D] = mean + spread A^-1 xi with xi standard normal. */
void gauss_unwhiten (size_t dim, const double *whiten, const double *mean, double spread,
                     gsl_rng *rng, double *x);

/* For families with expected precisions [K x D]: sum of the summarised rows. */
int gauss_sum_diagonal (const elbo_shape *shape, const double *constant, const double *mean,
                        const double *precision, const double *stat, elbo_quantity *to);

/* Add KL (Gamma (a, rate b) || Gamma (a0, rate b0)) to a compensated pair; add the KL of a mean,
   D columns that share kappa and an expected precision, at squared distance off from the prior
   mean.  Both return the sum of their absolute terms. */
double gauss_gamma_divergence (double a0, double b0, double a, double b, double pair[2]);
double gauss_place_divergence (double dim, double kappa0, double kappa, double precision,
                               double off, double pair[2]);

/* Add log St_D (x | m, (a kappa / (b (1 + kappa))) I, 2 a) for half = -1/2 |x - m|^2. */
void gauss_gamma_student (size_t n, double dim, double kappa, double a, double b,
                          const double *half, double *score);

/* The local step of families whose coefficients are constant [K], mean, pivot and precision
   [K x D], slope [K x 2 x D] and offset [K], in this order.  expand writes the last two: for
   components near the origin  constant - 1/2 sum precision (x - mean)^2  is a linear function of
   (x, x^2), which takes two operations instead of three and loses no digits that matter. */
void gauss_column_expand (const elbo_shape *shape, double *coef);
int gauss_column_sum (const elbo_shape *shape, const double *coef, const double *stat,
                      elbo_quantity *to);
int gauss_column_score (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                        double *score);
int gauss_column_tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                        const double *resp, double *stat);
int gauss_column_far (const elbo_shape *shape, const double *coef);

#pragma GCC visibility pop

#endif
