/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a component family and a latent structure have in common.

   The page to read first.  Everything the engine handles is a flat vector of doubles with a table
   of fields: `prior` (given), `stat` (additive over rows, leaves and threads), `param` (what is
   believed) and `coef` (what the local step reads, computed from param).  Every algorithm is

       local    rows, coef      -> stat      score, assign, tally
       fold     stat of leaves  -> total     a tree of sums
       global   total, prior    -> param     solve;  param -> coef: expect
       bound    sum over factors of  sum (coef, total) - cost (prior, param),  plus entropy

   EM, MAP and VB differ in the belief and in nothing else. */
#ifndef ELBO_FACTOR_H
#define ELBO_FACTOR_H

#include <gsl/gsl_rng.h>
#include <elbo/field.h>
#include <elbo/rows.h>

/* A sum in nats and what is known about its rounding: size is the sum of the absolute values of
   its summands, inflation >= 1 the factor by which the rounding of the statistics is amplified
   (for Gaussians the largest over i of (sum_j |A_ij| s_j)^2, A the whitener and s_j^2 the second
   moment about the pivot: a variance inflation factor when the pivot is the mean).  curvature:
   moving every place by delta lowers the value by at most curvature delta^2 (for Gaussians
   1/2 sum of N_k tr precision_k; 0 where there are no places). */
typedef struct
{
  double value, size, inflation, curvature;
} elbo_quantity;

/* One way of believing in parameters: as one value (ML, MAP) or as a distribution (VB). */
typedef struct
{
  const elbo_field *param;

  /* Make the belief that maximises the bound for these statistics.  On entry param holds the
     previous belief (zeros at first): a component without rows keeps it.  GSL_SUCCESS or an error
     with a message. */
  int (*solve) (const elbo_shape *shape, const double *prior, const double *stat, double *param);

  /* Compute what the local step reads.  GSL_SUCCESS or an error with a message. */
  int (*expect) (const elbo_shape *shape, const double *param, double *coef);

  /* What the belief costs, nats: KL (q || p) of a distribution, -log p (theta) of a MAP value.
     Not called for maximum likelihood.  *size += sum of absolute summands. */
  double (*cost) (const elbo_shape *shape, const double *prior, const double *param, double *size);

  /* The largest value of  sum - cost  over beliefs for these statistics, in closed form and by
     another route than sum and cost: the check of the M half-step.  NAN where no closed form
     holds (an active floor).  May be NULL. */
  double (*peak) (const elbo_shape *shape, const double *prior, const double *stat);

  /* Add the log predictive density of each row under each component to score [K x ELBO_TILE],
     nats.  NULL: the density is exp (score), as for point beliefs. */
  void (*predict) (const elbo_shape *shape, const double *param, const double *coef,
                   const elbo_tile *tile, double *score);

  /* Draw one row from the predictive density of a component; x [dim], standardised units.  May be
     NULL: elbo_sample then fails. */
  void (*draw) (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
                gsl_rng *rng, double *x);

  /* Find a component whose parameters stand on the boundary that keeps the likelihood finite;
     K when none does.  NULL: cannot happen. */
  size_t (*degenerate) (const elbo_shape *shape, const double *prior, const double *param);
} elbo_belief;

/* A block of parameters with additive statistics and a conjugate prior. */
typedef struct
{
  const char *name;
  const char *source; /* book or paper, section, equation */
  const elbo_field *prior, *stat, *coef;

  /* Write the weak default prior for K = shape->ncomp components.  pooled: the statistics of all
     rows in one component (shape with ncomp = 1), standardised units. */
  int (*guess) (const elbo_shape *shape, const double *pooled, double *prior);

  /* Turn a prior into the flat one, whose mode is the maximum likelihood estimate. */
  void (*flatten) (const elbo_shape *shape, double *prior);

  /* The expected log density of the summarised rows, linear in the statistics, nats. */
  elbo_quantity (*sum) (const elbo_shape *shape, const double *coef, const double *stat);

  /* Count free parameters, for AIC and BIC. */
  size_t (*freedom) (const elbo_shape *shape);

  const elbo_belief *point, *posterior; /* NULL: does not exist */
} elbo_factor;

/* How the columns of a family may be standardised. */
typedef enum
{
  ELBO_SCALE_NONE,   /* counts, codes: as they are                     */
  ELBO_SCALE_COLUMN, /* each column by its own power of two            */
  ELBO_SCALE_COMMON  /* all columns by one power of two                */
} elbo_scaling;

/* What a row looks like, given its component.  A program's own family needs no entry in a list: an
   elbo_block points to it, and it must live as long as the model.  Functions that fail leave a
   message with elbo_fail. */
typedef struct
{
  elbo_factor base;
  elbo_scaling scaling;

  /* Find a cell outside the support; GSL_SUCCESS, or ELBO_EDATA with row (in the tile), column
     and a message. */
  int (*check) (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column);

  /* Add the expected log density of each row under each component.
     score  [K x ELBO_TILE], nats, added to; the padding may hold any finite number */
  void (*score) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score);

  /* Add the statistics of the rows, weighted.
     resp  [K x ELBO_TILE], weight times responsibility; 0 in the padding, tile->count its sums
     stat  added to */
  void (*tally) (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                 const double *resp, double *stat);

  /* Tell whether some component lies so far from the origin that its second moments are taken
     about a pivot; statistics taken before are then worth taking again.  NULL: never. */
  int (*far) (const elbo_shape *shape, const double *coef);
} elbo_family;

/* How rows get their components.  The fields `count` [K], `evidence`, `energy` and `entropy`
   (pairs) open the stat table of every latent, in this order: sum of w r, of w log sum exp score,
   of w r score, of -w r log r. */
typedef struct
{
  elbo_factor base;
  int ordered; /* 1: the order of the components is part of the model (sticks) */

  /* Write what a row's component is worth before the row is seen: its expected log weight.
     score  [K x ELBO_TILE], nats, overwritten; families then add to it */
  void (*score) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score);

  /* Turn scores into responsibilities and add the statistics of the assignment.
     score  [K x ELBO_TILE]; on return weight times responsibility, 0 in the padding
     count  [K], overwritten: the sums of that over rows
     stat   added to */
  void (*assign) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score,
                  double *count, double *stat);

  /* Write the expected weight of each component [K]; they sum to 1 less what is left to
     components beyond K. */
  void (*weight) (const elbo_shape *shape, const double *param, int posterior, double *weight);
} elbo_latent;

#endif
