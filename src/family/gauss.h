/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Gaussian families share.

   A structure of covariance is a row of the table in gauss.c, which every function of the room
   finds as shape->kind: three letters for volume, shape and orientation (Celeux & Govaert 1995; E:
   equal in all components, V: varying, I: identity) and one of three forms of scoring.

   Statistics, y = x - pivot_k:

     count [K]          N_k = sum w r
     place [K x D]      sum w r pivot_k: keeps the statistics additive and self-describing
     first [K x D]      sum w r y
     second             sum w r y y', a lower triangle [K x D (D + 1) / 2], or its diagonal
                        [K x D]

   The pivot is 0, the pooled mean, unless the component lies more than ELBO_FAR standard
   deviations from it: then x x' would lose the digits of the scatter (Chan, Golub & LeVeque
   1983), and the component's last mean is the pivot.

   Parameters come in blocks: a block is what components do not share, one for each component or
   one for all.  In matrix forms it is a covariance [D x D], in the form COLUMN the variances of
   its columns [D], or one variance. */
#ifndef ELBO_GAUSS_H
#define ELBO_GAUSS_H

#include "family/family.h"

#pragma GCC visibility push(hidden)

/* In ML every eigenvalue of a covariance, with each column in units of its pooled standard
   deviation, is at least this: the likelihood becomes bounded (Hathaway 1985; Ingrassia & Rocci
   2007) and clipping the eigenvalues is the exact constrained M-step. */
#define ELBO_FLOOR 1e-12
#define ELBO_FAR 64.0

/* A component with fewer rows than this share of an even split keeps its parameters in ML: no
   division by nothing, and a valid generalised M-step. */
#define ELBO_NEGLIGIBLE 1e-8

typedef enum
{
  ELBO_FORM_OWN,    /* a whitener for each component                                     */
  ELBO_FORM_SHARED, /* rows are whitened once, for all components                        */
  ELBO_FORM_COLUMN  /* columns are independent given the component: no covariances       */
} elbo_gauss_form;

typedef struct
{
  char letters[4]; /* "VVV": volume, shape, orientation */
  elbo_gauss_form form;
} elbo_gauss;

/* --- gauss.c: the structures ---------------------------------------------------------------- */

static inline const elbo_gauss *
elbo_gauss_of (const elbo_shape *s)
{
  return s->kind;
}

static inline int
elbo_gauss_is_column (const elbo_shape *s)
{
  return elbo_gauss_of (s)->form == ELBO_FORM_COLUMN;
}

/* Variances of a block of the form COLUMN; as many kappa, shape and rate. */
static inline size_t
elbo_gauss_columns (const elbo_shape *s)
{
  return elbo_gauss_is_column (s) && elbo_gauss_of (s)->letters[1] != 'I' ? s->dim : 1;
}

/* Doubles of a block. */
static inline size_t
elbo_gauss_size (const elbo_shape *s)
{
  return elbo_gauss_is_column (s) ? elbo_gauss_columns (s) : s->dim * s->dim;
}

/* Components that a block is for: 1 or K. */
static inline size_t
elbo_gauss_sharers (const elbo_shape *s)
{
  return elbo_gauss_of (s)->letters[0] == 'E' ? s->ncomp : 1;
}

/* The number of the block of component k. */
static inline size_t
elbo_gauss_block (const elbo_shape *s, size_t k)
{
  return k / elbo_gauss_sharers (s);
}

/* The variance of a block that column d has, form COLUMN. */
static inline size_t
elbo_gauss_group (const elbo_shape *s, size_t d)
{
  return elbo_gauss_columns (s) > 1 ? d : 0;
}

/* Free parameters. */
size_t elbo_gauss_freedom (const elbo_shape *shape);

/* Every cell finite, and its square; the check of the Gaussian families. */
int elbo_gauss_check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column);

/* --- gauss_stat.c: statistics about pivots ---------------------------------------------------- */

extern const elbo_field elbo_gauss_stat[];          /* second: triangle */
extern const elbo_field elbo_gauss_stat_diagonal[]; /* second: diagonal */

/* Where the statistics of a component stand. */
typedef struct
{
  double count;
  const double *place, *first, *second;
} elbo_gauss_sums;
elbo_gauss_sums elbo_gauss_at (const elbo_shape *shape, const double *stat, size_t k);

/* Second moments about any point: sum w r (x - m)(x - m)', [D x D] or [D].  Returns N_k. */
double elbo_gauss_about (const elbo_shape *shape, const double *stat, size_t k, const double *m,
                         double *moment);

/* Pooled mean [D], variance with divisor W - 1 (W / 2 where W < 2, as weights may sum to 1) and
   standard deviation with divisor W, from the statistics of one component.  A column without
   spread gets 1, its own unit. */
void elbo_gauss_pooled (const elbo_shape *shape, const double *stat, double *mean, double *variance,
                        double *spread);

/* Sum of the counts. */
double elbo_gauss_total (const elbo_shape *shape, const double *stat);

/* Has component k so few rows (ELBO_NEGLIGIBLE) that ML keeps its parameters? */
int elbo_gauss_negligible (const elbo_shape *shape, const double *stat, size_t k);

/* tally and rebase of every structure. */
int elbo_gauss_tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                      const double *resp, double *stat);
void elbo_gauss_rebase (const elbo_shape *shape, const double *coef, double *stat);

/* --- gauss_form.c: coefficients, in three forms ------------------------------------------------

   Every table begins with constant [K], mean and pivot [K x D]: the expected log density at the
   mean, and what moments are taken about.  A belief writes constants, and whiteners or precisions;
   elbo_gauss_finish writes the rest. */

extern const elbo_field elbo_gauss_coef_own[], elbo_gauss_coef_shared[], elbo_gauss_coef_column[];

static inline const double *
elbo_gauss_pivot (const elbo_shape *s, const double *coef)
{
  return coef + s->ncomp + s->ncomp * s->dim;
}

/* The whitener (matrix forms, a lower triangle by rows) or the precisions [D] of component k. */
double *elbo_gauss_root (const elbo_shape *shape, const double *coef, size_t k);

/* Means [K x D], pivots and what follows from them. */
void elbo_gauss_finish (const elbo_shape *shape, const double *mean, double *coef);

int elbo_gauss_sum (const elbo_shape *shape, const double *coef, const double *stat,
                    elbo_quantity *to);
int elbo_gauss_far (const elbo_shape *shape, const double *coef);
int elbo_gauss_score_own (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                          double *score);
int elbo_gauss_score_shared (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                             double *score);
int elbo_gauss_score_column (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                             double *score);

/* 1/2 of the precisions' sum of one component, E tr precision / 2: what a step of the mean by
   delta costs a row is at most this times delta^2. */
double elbo_gauss_bend (const elbo_shape *shape, const double *root);

/* What rounding costs a prior that counts for kappa rows: kappa times the bend is the curvature, and
   means are numbers with rounding of their own. */
void elbo_gauss_bend_prior (const elbo_shape *shape, double kappa, double bend, const double *mean,
                            elbo_quantity *cost);

/* --- gauss_matrix.c: small matrices ----------------------------------------------------------- */

/* Raise eigenvalues of a covariance [D x D], columns in units of spread, to the floor.  Returns 1
   when one was raised, 0 when none, a negative number without memory. */
int elbo_gauss_floor (size_t dim, const double *spread, double *covariance);

/* Tell whether an eigenvalue stands on the floor (up to rounding); negative without memory. */
int elbo_gauss_on_floor (size_t dim, const double *spread, const double *covariance);

/* The least eigenvalue, likewise; NAN without memory. */
double elbo_gauss_least (size_t dim, const double *spread, const double *covariance);

/* Covariance [D x D] to inverse Cholesky factor, a lower triangle by rows; fails with a message
   naming the component.  Returns the sum of log diagonal in *logroot.  work [D x D]. */
int elbo_gauss_whitener (size_t dim, size_t k, const double *covariance, double *work,
                         double *whiten, double *logroot);

/* log |matrix|; ELBO_ENUMERIC with a sentence that names it when it is not positive definite.
   work [D x D]. */
int elbo_gauss_logdet (size_t dim, const char *name, const double *matrix, double *work,
                       double *value);

/* trace (A M A') for a lower triangle by rows A and symmetric M [D x D]. */
double elbo_gauss_trace (size_t dim, const double *whiten, const double *moment);

/* (a - b)' A' A (a - b) for a lower triangle by rows A. */
double elbo_gauss_quadratic (size_t dim, const double *whiten, const double *a, const double *b);

/* Draw x [D] = mean + spread A^-1 xi with xi standard normal. */
void elbo_gauss_unwhiten (size_t dim, const double *whiten, const double *mean, double spread,
                          gsl_rng *rng, double *x);

/* Add log St, c - (df + D) / 2 log (1 + scale q / df), to score, for squared distances q = -2 half
   under a whitener (NULL: the identity) from a mean.  Rows whose squares overflow are computed
   again, scaled. */
void elbo_gauss_student (const elbo_tile *tile, double c, double df, size_t dim, double scale,
                         const double *x, const double *mean, const double *whiten,
                         const double *half, double *score);

/* --- gauss_reduce.c: what the statistics say together with the prior --------------------------- */

/* A prior; kappa [d * step], and so df (degrees of freedom, or shape) and scale (inverse Wishart
   scale matrix, or rate) in the form COLUMN. */
typedef struct
{
  const double *kappa, *df, *mean, *scale, *spread;
  size_t step;
} elbo_gauss_prior;
elbo_gauss_prior elbo_gauss_prior_of (const elbo_shape *shape, const double *prior);

/* The flat prior has kappa = 0, scale = 0 and df = -(D + 1), or shape -1: its mode is the ML
   estimate. */
void elbo_gauss_flatten (const elbo_shape *shape, double *prior);
int elbo_gauss_is_flat (const elbo_shape *shape, const double *prior);

/* The scatter of a block before the rows are seen: the scale matrix, or twice the rates. */
void elbo_gauss_begin (const elbo_shape *shape, const elbo_gauss_prior *prior, double *scatter);

/* Add rows and distance from the prior mean of component k, as  scatter about the mean + kappa N /
   (kappa + N) off^2,  to the scatter of its block, and write the mean [D] under the prior.  Entries
   of the mean that held [D] names (NULL: none) stay: the scatter is then about them, + kappa off^2.
   Returns N_k. */
double elbo_gauss_reduce (const elbo_shape *shape, const elbo_gauss_prior *prior,
                          const double *stat, size_t k, const unsigned char *held, double *mean,
                          double *scatter);

/* --- gauss_point.c, gauss_wishart.c, gauss_gamma.c: beliefs ------------------------------------ */

extern const elbo_belief elbo_gauss_point_own, elbo_gauss_point_shared, elbo_gauss_point_diag,
    elbo_gauss_point_iso;
extern const elbo_belief elbo_gauss_wishart_own, elbo_gauss_wishart_shared;
extern const elbo_belief elbo_gauss_gamma_diag, elbo_gauss_gamma_iso;
extern const elbo_field elbo_gauss_wishart_prior[], elbo_gauss_gamma_prior_diag[],
    elbo_gauss_gamma_prior_iso[];

int elbo_gauss_wishart_guess (const elbo_shape *shape, const double *pooled, double *prior);
int elbo_gauss_gamma_guess (const elbo_shape *shape, const double *pooled, double *prior);

/* A distribution: kappa [K] or [K x columns], df, mean [K x D], scale. */
typedef struct
{
  double *kappa, *df, *mean, *scale;
} elbo_gauss_posterior;
elbo_gauss_posterior elbo_gauss_posterior_of (const elbo_shape *shape, const double *param);
int elbo_gauss_posterior_solve (const elbo_shape *shape, const double *prior, const double *stat,
                                double *param);
int elbo_gauss_posterior_holds (const elbo_shape *shape);
/* Can the means that a mask [K x D] names be held?  In matrix forms an entry moves the others. */
int elbo_gauss_means_held (const elbo_shape *shape, const unsigned char *mask);

/* log c (B, nu), the log normaliser of a Wishart density given log |B|. */
double elbo_wishart_lognorm (size_t dim, double nu, double logdet_b);

/* Add KL (Wishart (B, nu) || Wishart (B0, nu0)) to a compensated pair and return the sum of its
   absolute terms.  whiten, logroot: inverse Cholesky factor of B and its log determinant. */
double elbo_wishart_divergence (size_t dim, double nu0, double logdet_b0, const double *b0,
                                double nu, double logroot, const double *whiten, double pair[2]);

/* Add the log predictive density, a Student-t, to score [ELBO_TILE]. */
void elbo_wishart_predict (size_t dim, double kappa, double nu, const double *mean,
                           const double *whiten, const elbo_tile *tile, double *score);

/* Add KL (Gamma (a, rate b) || Gamma (a0, rate b0)) to a compensated pair; add the KL of a mean,
   D columns that share kappa and an expected precision, at squared distance off from the prior
   mean, times that precision.  Both return the sum of their absolute terms. */
double elbo_gamma_divergence (double a0, double b0, double a, double b, double pair[2]);
double elbo_place_divergence (double dim, double kappa0, double kappa, double off, double pair[2]);

/* --- gauss_learn.c: the prior that the bound would have ------------------------------------------- */

int elbo_gauss_limits (const elbo_shape *shape, const double *pooled, const double *resolution,
                       double *prior, double *low, double *high);
int elbo_gauss_learn_posterior (const elbo_shape *shape, const double *param, const double *coef,
                                const double *low, const double *high, double *prior);
int elbo_gauss_learn_point (const elbo_shape *shape, const double *param, const double *coef,
                            const double *low, const double *high, double *prior);

/* --- gauss_view.c: what a component looks like -------------------------------------------------- */

extern const elbo_field elbo_gauss_view[];
/* From the covariance that stands in view->covariance: standard deviations and correlations. */
typedef struct
{
  double *mean, *sd, *correlation, *covariance;
} elbo_gauss_looks;
elbo_gauss_looks elbo_gauss_looks_of (const elbo_shape *shape, double *v);
void elbo_gauss_view_fill (const elbo_shape *shape, const double *mean, elbo_view *view);
/* Errors and limits of mean, variance and standard deviation of column d, whose precision is Gamma
   (shape, rate). */
void elbo_gauss_view_column (const elbo_shape *shape, size_t d, double kappa, double a, double rate,
                             elbo_view *view);

#pragma GCC visibility pop

#endif
