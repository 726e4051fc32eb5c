/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a component family and a latent structure have in common.

   The page to read first.  Everything the engine handles is a flat vector of doubles with a table
   of fields: `prior` (given), `stat` (additive over rows, leaves and threads), `param` (what is
   believed) and `coef` (what the local step reads, computed from param).  Every algorithm is

       local    rows, coef      -> stat      score, assign, tally
       reduce   stat of leaves  -> total     a tree of sums
       global   total, prior    -> param     solve;  param -> coef: expect
       bound    sum over factors of  sum (coef, total) - cost (prior, param),  plus entropy

   EM, MAP and VB differ in the belief and in nothing else.

   Descriptors (elbo_belief, elbo_factor, elbo_family, elbo_latent) begin with their size, which
   ELBO_SIZE fills: a program compiled against an earlier header goes on working when members are
   added at the end, those it does not know count as NULL.  They must live as long as the models
   that use them.  A copy of one of the library's needs the size of the copy, and keeps field_size,
   which is that of its tables.  Functions that return int return GSL_SUCCESS, or an error after elbo_fail. */
#ifndef ELBO_FACTOR_H
#define ELBO_FACTOR_H

#include <gsl/gsl_rng.h>
#include <elbo/field.h>
#include <elbo/rows.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The first member of a descriptor or an array's element: how large it is for this program. */
#define ELBO_SIZE(type) sizeof (type)

/* A sum in nats and what is known about its rounding.  A function that receives one adds to it:
   value, size, curvature are 0 and inflation is 1 before. */
typedef struct
{
  double value;     /* nats                                                                     */
  double size;      /* sum of the absolute values of the summands                               */
  double inflation; /* >= 1, how much the rounding of the statistics is amplified: for Gaussians
                       the largest over i of (sum_j |A_ij| s_j)^2, A the whitener and s_j^2 the
                       second moment about the pivot (a variance inflation factor when the pivot
                       is the mean)                                                             */
  double curvature; /* moving every place by delta lowers the value by at most curvature delta^2:
                       for Gaussians 1/2 sum of N_k tr precision_k; 0 without places            */
} elbo_quantity;

/* What a component looks like to a person: flat vectors in the layout of elbo_factor.view, in the
   units of the parameters; NAN where a number does not exist (errors of point beliefs) or is in
   no closed form (errors of correlations). */
typedef struct
{
  double *value;      /* the expected value, or the point estimate                              */
  double *error;      /* posterior standard deviation of it; of a Gaussian's mean the scale of its
                         Student-t, which is a number for all degrees of freedom               */
  double *low, *high; /* central 95 % limits                                                    */
} elbo_view;

/* One way of believing in parameters: as one value (ML, MAP) or as a distribution (VB). */
typedef struct
{
  size_t size; /* ELBO_SIZE (elbo_belief) */
  const elbo_field *param;

  /* Make the belief that maximises the bound for these statistics.  On entry param holds the
     previous belief (zeros at first): a component without rows keeps it. */
  int (*solve) (const elbo_shape *shape, const double *prior, const double *stat, double *param);

  /* Compute what the local step reads. */
  int (*expect) (const elbo_shape *shape, const double *param, double *coef);

  /* What the belief costs, nats: KL (q || p) of a distribution, -log p (theta) of a MAP value.
     Not called for maximum likelihood. */
  int (*cost) (const elbo_shape *shape, const double *prior, const double *param,
               elbo_quantity *cost);

  /* The largest value of  sum - cost  over beliefs for these statistics, in closed form and by
     another route than sum and cost: the check of the M half-step.  NAN where no closed form
     holds (an active floor).  May be NULL, unless the order of the components is sought. */
  double (*peak) (const elbo_shape *shape, const double *prior, const double *stat);

  /* Add the log predictive density of each row under each component to score [K x ELBO_TILE],
     nats.  NULL: the density is exp (score), as for point beliefs. */
  int (*predict) (const elbo_shape *shape, const double *param, const double *coef,
                  const elbo_tile *tile, double *score);

  /* Draw one row from the predictive density of a component; x [dim], standardised units.  May be
     NULL: elbo_sample then fails. */
  void (*draw) (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
                gsl_rng *rng, double *x);

  /* Find a component whose parameters stand on the boundary that keeps the likelihood finite;
     K when none does, (size_t) -1 without memory.  NULL: cannot happen. */
  size_t (*degenerate) (const elbo_shape *shape, const double *prior, const double *param);

  /* Write what component comp looks like; param in the user's units.  NULL: nothing to show. */
  int (*describe) (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view);

  /* Tell whether solve finds the maximum with the parameters that shape->held names kept as they
     are.  NULL: only whole components can be held. */
  int (*holds) (const elbo_shape *shape);

  int coupled; /* 1: components are not solved for one by one (weights that sum to 1, a shared
                  covariance), so that not even whole components can be held without `holds` */

  /* The fewest different rows on which the parameters of one component can rest; maximum likelihood
     takes a component on fewer for degenerate.  NULL: any number. */
  size_t (*support) (const elbo_shape *shape);

  /* The least variance, along any direction, over the boundary that keeps the likelihood finite;
     INFINITY where there is none, NAN without memory.  NULL: there is none. */
  double (*margin) (const elbo_shape *shape, const double *prior, const double *param);

  /* Write the prior that costs this belief the least (type-II maximum likelihood): each number i
     with low[i] < high[i] within these limits, the others as they are.  coef belongs to param.
     NULL: nothing can be learned. */
  int (*learn) (const elbo_shape *shape, const double *param, const double *coef, const double *low,
                const double *high, double *prior);
} elbo_belief;

/* A block of parameters with additive statistics and a conjugate prior. */
typedef struct
{
  size_t size;       /* ELBO_SIZE (elbo_factor) */
  size_t field_size; /* ELBO_SIZE (elbo_field): the distance of two entries of its tables */
  const char *name;
  const char *source; /* book or paper, section, equation */
  const void *kind;   /* handed to its functions as shape->kind: one function, several structures */

  /* A field `hidden` (ELBO_PAIR) of stat is the sum of w r times the entropy of what else a family
     does not see of a row (missing cells, scales, factor scores); its sum must contain it. */
  const elbo_field *prior, *stat, *coef;

  /* Write the weak default prior for K = shape->ncomp components.  pooled: the statistics of all
     rows in one component (shape with ncomp = 1), standardised units. */
  int (*guess) (const elbo_shape *shape, const double *pooled, double *prior);

  /* Turn a prior into the flat one, whose mode is the maximum likelihood estimate. */
  void (*flatten) (const elbo_shape *shape, double *prior);

  /* The expected log density of the summarised rows, linear in the statistics, nats. */
  int (*sum) (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *sum);

  /* Count free parameters, for AIC and BIC. */
  size_t (*freedom) (const elbo_shape *shape);

  const elbo_belief *point, *posterior; /* NULL: does not exist */

  /* Bring statistics to the pivots of coef, whatever they were taken about, so that statistics of
     different passes can be added.  NULL: they have no pivots. */
  void (*rebase) (const elbo_shape *shape, const double *coef, double *stat);

  /* The layout of what `describe` writes for one component: no extent is ELBO_COMP; doc is the word
     that reports have for the numbers ("mean", "standard deviation"). */
  const elbo_field *view;

  /* Write where a prior that is learned begins, over the default that stands in prior, and its
     limits, over copies of that default.  pooled as for guess; resolution [dim]: the smallest
     standard deviation that the values of a column can show (0: any; INFINITY: without spread, or not
     to be known).  NULL: the default is fixed. */
  int (*limits) (const elbo_shape *shape, const double *pooled, const double *resolution,
                 double *prior, double *low, double *high);
} elbo_factor;

/* How the columns of a family may be standardised. */
typedef enum
{
  ELBO_SCALE_NONE,   /* counts, codes: as they are                     */
  ELBO_SCALE_COLUMN, /* each column by its own power of two            */
  ELBO_SCALE_COMMON  /* all columns by one power of two                */
} elbo_scaling;

/* What a row looks like, given its component.  A program's own family needs no entry in a list: an
   elbo_block points to it. */
typedef struct
{
  size_t size; /* ELBO_SIZE (elbo_family) */
  const elbo_factor *base;
  elbo_scaling scaling;

  /* Find a cell outside the support; GSL_SUCCESS, or ELBO_EDATA with row (in the tile), column
     and a message. */
  int (*check) (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column);

  /* Add the expected log density of each row under each component.
     score  [K x ELBO_TILE], nats, added to; the padding may hold any finite number */
  int (*score) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score);

  /* Add the statistics of the rows, weighted.
     resp  [K x ELBO_TILE], weight times responsibility; 0 in the padding, tile->count its sums
     stat  added to.  In the very first tally of a fit coef is all zeros */
  int (*tally) (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                const double *resp, double *stat);

  /* Tell whether some component lies so far from the origin that its second moments are taken
     about a pivot; statistics taken before are then worth taking again.  NULL: never. */
  int (*far) (const elbo_shape *shape, const double *coef);

  /* What a row is made of, in this order of columns.  NULL: { "x", { ELBO_DIM }, ELBO_PLACE }.  A
     family that reads a noise covariance with each row adds { "noise", { ELBO_TRIANGLE },
     ELBO_SQUARE }: the width of its block and the units of the columns follow. */
  const elbo_field *row;

  /* Doubles of tile->scratch that score, tally and predict need.  NULL: (2 dim + 8) ELBO_TILE. */
  size_t (*scratch) (const elbo_shape *shape);

  const char *data_kind; /* what a column holds: "number", "binary", "category", "count", ... */
  const char *structure; /* of the covariance, as options name it ("full"), or NULL           */
} elbo_family;

/* How the components of a latent structure may be ordered. */
typedef enum
{
  ELBO_ORDER_FREE,   /* relabelling changes nothing: results are sorted by weight                */
  ELBO_ORDER_SOUGHT, /* sticks: the order is part of the model, and the best one is sought      */
  ELBO_ORDER_FIXED   /* the order is part of the model and stays as it is                        */
} elbo_order;

/* How rows get their components.  Every latent structure opens its stat table with ELBO_ASSIGNED:
   `count` [K], and the pairs `evidence`, `energy`, `entropy`: sum of w r, of w log sum exp score,
   of w r score, of -w r log r.  assign must keep evidence = energy + entropy to 2 eps of the sum
   of absolute values; plain sums do not, elbo_sum_add does. */
typedef struct
{
  size_t size; /* ELBO_SIZE (elbo_latent) */
  const elbo_factor *base;
  elbo_order order;

  /* Write what a row's component is worth before the row is seen: its expected log weight.
     score  [K x ELBO_TILE], nats, overwritten; families then add to it */
  int (*score) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score);

  /* Turn scores into responsibilities and add the statistics of the assignment.
     score  [K x ELBO_TILE]; on return weight times responsibility, 0 in the padding
     count  [K], overwritten: the sums of that over rows
     stat   added to */
  int (*assign) (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score,
                 double *count, double *stat);

  /* Write the expected weight of each component [K]; they sum to 1 less what is left to
     components beyond K. */
  void (*weight) (const elbo_shape *shape, const double *param, int posterior, double *weight);
} elbo_latent;

/* The fields that open the stat table of every latent structure. */
#define ELBO_ASSIGNED \
  { "count", { ELBO_COMP }, ELBO_PURE, "Expected number of rows of each component." }, \
      { "evidence", \
        { ELBO_PAIR }, \
        ELBO_PURE, \
        "Sum over rows of weight times log sum exp of the scores, nats." }, \
      { "energy", \
        { ELBO_PAIR }, \
        ELBO_PURE, \
        "Sum over rows of weight times the expected score under the assignment, nats." }, \
  { \
    "entropy", { ELBO_PAIR }, ELBO_PURE, \
        "Sum over rows of weight times the entropy of the assignment, nats." \
  }

/* Add x to a compensated sum (high, low) without rounding error (Neumaier 1974); its value is
   pair[0] + pair[1]. */
void elbo_sum_add (double pair[2], double x);

#ifdef __cplusplus
}
#endif

#endif
