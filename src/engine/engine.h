/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of data sets, models and passes. */
#ifndef ELBO_ENGINE_H
#define ELBO_ENGINE_H

#include <stdatomic.h>
#include <time.h>
#include <elbo/fit.h>
#include "base/base.h"
#include "kernel/kernel.h"

#pragma GCC visibility push(hidden)

/* --- data.c, moments.c, rank.c: rows in memory --------------------------------------------- */

/* What a family says of the cells of a block, in the order of what it allows: nothing yet; rows can be
   scored, however far out; their squares are numbers as well, so that they can be fitted. */
typedef enum
{
  ELBO_UNASKED,
  ELBO_SCORABLE,
  ELBO_FITTABLE
} elbo_grade;

/* A block whose cells were asked for. */
typedef struct
{
  const elbo_family *family;
  size_t dim, level, rank;
  elbo_grade grade;
} elbo_support;

struct elbo_data
{
  size_t n, dim;
  double *x;             /* [ntile x dim x ELBO_TILE], padding 0                        */
  double *weight;        /* [ntile x ELBO_TILE], padding 0, or NULL for 1 each          */
  double total, sum[2];  /* sum of weights, and as a compensated pair                   */
  double *shift, *scale; /* [dim]: x holds (value - shift) / scale                      */
  double *mean, *sd;     /* [dim], user's units; valid once `known`                     */
  double *resolution;    /* [dim]: the smallest standard deviation that the values can show, user's
                            units; NAN: not asked for yet, INFINITY: without spread, or not to be known */
  int known;
  int fixed; /* a model has used the data: their units stay                             */
  elbo_support *support; /* [dim], at the first column of a block what it was asked last */
  int asked;             /* support holds for the present cells                          */
};

size_t elbo_data_ntile (const elbo_data *data);
/* Take over packed cells and weights (or NULL); NULL with a message, memory then still the
   caller's. */
elbo_data *elbo_data_adopt (size_t n, size_t dim, double *x, double *weight);
/* The rows of tile t in the units of the data, without scratch and kernel. */
elbo_tile elbo_data_tile (const elbo_data *data, size_t t);
/* Where a cell stands. */
double *elbo_data_cell (const elbo_data *data, size_t row, size_t column);
/* One cell from one standardisation, (value - shift) / from, to another, (value - target) / to. */
double elbo_standardise (double y, double from, double to, double shift, double target);
/* Give data that no model has used yet these units; the others keep theirs. */
void elbo_data_fix (elbo_data *data, const double *shift, const double *scale);
/* Compute mean and sd of every column if they are not known. */
int elbo_data_summarise (elbo_data *data);

/* --- model*.c: a latent structure and families ---------------------------------------------- */

/* A factor with its vectors, in standardised units; `user` mirrors param in the user's.  The
   descriptors are copies, so that members which a program's header does not know are NULL. */
typedef struct
{
  elbo_factor own_factor;
  elbo_belief own_belief;
  elbo_family own_family;
  const elbo_factor *factor;
  const elbo_belief *belief;
  const elbo_family *family; /* NULL for the latent structure */
  elbo_field *table;         /* field tables of another stride, brought to ours; or NULL */
  elbo_shape shape;
  size_t column, width; /* first data column, data columns */
  size_t nprior, nparam, ncoef, nstat, stat_at, nview;
  double *prior, *param, *coef, *user;
  double *low, *high;  /* [nprior] limits of a prior that is learned; NULL: fixed */
  unsigned char *held; /* [nparam] or NULL */
  int known;           /* has parameters */
} elbo_part;

struct elbo_model
{
  size_t ncomp, dim, nblock, nstat, npairs;
  elbo_method method;
  int fixed_prior;    /* elbo_model_prepare sets no limits */
  elbo_latent latent; /* a copy; latent_of is what the caller gave */
  const elbo_latent *latent_of;
  elbo_block *block;
  elbo_part *part;       /* [1 + nblock], the latent structure first */
  double *shift, *scale; /* [dim] */
  double *mean, *sd;     /* [dim] of the columns that they were chosen from, as files keep them */
  double jacobian;       /* -sum log scale: what a row's log density gains in user's units */
  size_t *pairs;         /* where the compensated pairs stand in stat */
};

/* Check what a program asks elbo_model_alloc for. */
int elbo_check_request (size_t ncomp, const elbo_latent *latent, const elbo_block *block,
                        size_t nblock, elbo_method method);
/* Entry b of an array whose first entry tells the distance. */
const elbo_block *elbo_block_at (const elbo_block *block, size_t b);
/* Allocate one part; of a family, or of the factor of a latent structure. */
int elbo_part_init (elbo_part *part, const elbo_factor *factor, const elbo_family *family,
                    const elbo_shape *shape, size_t column, elbo_method method);
void elbo_part_clear (elbo_part *part);
/* A model without parameters for another number of components, with the same units and priors;
   NULL with a message, ELBO_EUNSUP where a prior belongs to its number of components. */
elbo_model *elbo_model_resized (const elbo_model *model, size_t ncomp);
/* The shape of a part for another number of components. */
elbo_shape elbo_part_shape (const elbo_part *part, size_t ncomp);
/* --- learn.c, resolution.c: priors that are learned --------------------------------------------- */

/* Is any prior learned? */
int elbo_model_learns (const elbo_model *model);
/* Fix a part's prior, or give it limits [nprior], standardised units, which are copied. */
void elbo_part_fix (elbo_part *part);
int elbo_part_limit (elbo_part *part, const double *low, const double *high);
/* Keep a prior as the user's units hold it, so that a model file restores the same bits. */
void elbo_part_round_prior (const elbo_model *model, elbo_part *part);
/* Find the resolution of n columns where it is not known. */
int elbo_data_resolve (elbo_data *data, size_t column, size_t n);

/* Round parameters to what the user's units hold, compute coefficients and the mirror. */
int elbo_part_round (const elbo_model *model, elbo_part *part);
/* Neither is NULL, and the columns are as many. */
int elbo_check_columns (const elbo_model *model, const elbo_data *data);
/* Give data that no model has used yet the model's units, and ask for the support of every cell. */
int elbo_model_admit (const elbo_model *model, elbo_data *data, elbo_grade grade);
/* The flat prior of a model of maximum likelihood, from the columns that its units were chosen from:
   what preparing it makes of the rows. */
void elbo_model_flatten (elbo_model *model);
/* GSL_EINVAL unless every part has parameters. */
int elbo_model_ready (const elbo_model *model);

/* --- source.c: where rows come from --------------------------------------------------------- */

/* Rows as tiles in the units of one model.  Every pass, whatever its rows, reads one of these. */
typedef struct elbo_source elbo_source;
struct elbo_source
{
  size_t nrow, ntile, dim;
  double total; /* sum of weights; NAN when it is not known beforehand */
  /* Make tile t; x and weight may point into buffer [(dim + 1) x ELBO_TILE], which is the
     thread's. */
  int (*tile) (const elbo_source *source, size_t t, double *buffer, elbo_tile *tile);
  /* Begin again at the first tile; NULL: tiles may be asked for in any order. */
  int (*restart) (elbo_source *source);
  const void *state;
  const double *shift, *scale; /* [dim], the model's */
  int scorable;                /* 1: known to be in the support of the model; 0: ask    */
};

/* A data set, and a caller's view of rows (which must be complete, see elbo_rows_check). */
void elbo_source_data (elbo_source *source, const elbo_model *model, const elbo_data *data);
void elbo_source_rows (elbo_source *source, const elbo_model *model, const elbo_rows *rows);

/* Copy what a program's elbo_rows holds; check pointers, sizes, numbers, weights. */
int elbo_rows_check (const elbo_model *model, const elbo_rows *rows, elbo_rows *copy);
/* --- support.c: are cells in the support of their families? ------------------------------------ */

/* Ask every family for its cells; ELBO_EDATA names row and column.  To be scored alone, cells of a
   family that measures columns may lie as far out as they like, where a code that is none would be
   read at a place that is none. */
int elbo_source_check (const elbo_model *model, const elbo_source *source, elbo_grade grade);
int elbo_tile_check (const elbo_model *model, const elbo_tile *tile, elbo_grade grade);
/* Is the answer for a data set known? */
int elbo_data_supports (const elbo_model *model, const elbo_data *data, elbo_grade grade);
/* Ask a data set, where it is not known; elbo_data_ask keeps the answer. */
int elbo_data_check (const elbo_model *model, const elbo_data *data, elbo_grade grade);
int elbo_data_ask (const elbo_model *model, elbo_data *data, elbo_grade grade);

/* --- workspace.c: what one thread needs ------------------------------------------------------ */

typedef struct
{
  double *scratch, *score, *count, *buffer;
  const elbo_kernel *kernel;
} elbo_workspace;
int elbo_workspace_init (const elbo_model *model, elbo_workspace *workspace);
void elbo_workspace_clear (elbo_workspace *workspace);
/* Make tile t of a source in the workspace, with scratch and kernel. */
int elbo_workspace_tile (elbo_workspace *workspace, const elbo_source *source, size_t t,
                         elbo_tile *tile);

/* The part of a tile that a family sees. */
elbo_tile elbo_tile_of (const elbo_tile *tile, const elbo_part *part);
/* Write the scores of latent structure and families to workspace->score [K x ELBO_TILE]. */
int elbo_score_tile (const elbo_model *model, const elbo_tile *tile, elbo_workspace *workspace);
/* And make of them weight times responsibility, workspace->count its sums; adds to the statistics of
   the latent structure, stat. */
int elbo_explain_tile (const elbo_model *model, const elbo_tile *tile, elbo_workspace *workspace,
                       double *stat);

/* --- pass.c, reduce.c: one pass over a source -------------------------------------------------- */

/* How sums are cut: leaves of `leaf` tiles, nodes of 2^level leaves.  A function of the model's
   shape and the number of rows when a fit begins, never of threads. */
typedef struct
{
  size_t leaf, level;
} elbo_plan;
elbo_plan elbo_plan_of (const elbo_model *model, const elbo_source *source);

/* stat [nstat] += statistics of all rows; start may be NULL (E half-step). */
int elbo_pass_source (const elbo_model *model, const elbo_source *source, const elbo_plan *plan,
                      const elbo_start *start, int threads, double *stat);
/* The same over a data set, with a plan of its own. */
int elbo_pass (const elbo_model *model, const elbo_data *data, const elbo_start *start, int threads,
               double *stat);

/* Receives the sums of nodes, in any order and from any thread, and adds them by the fixed tree. */
typedef struct elbo_reduce elbo_reduce;
elbo_reduce *elbo_reduce_alloc (const elbo_model *model, size_t nnode, size_t level);
void elbo_reduce_free (elbo_reduce *reduce);
/* Accept the sum of a node (the vector is the reduction's from now on), and let the thread's own
   tree have a vector that is no longer needed. */
void elbo_reduce_accept (elbo_reduce *reduce, size_t node, double *sum, elbo_tree *mine);
/* A node failed: the lowest node's status and sentence are kept.  Call with the thread's own
   elbo_message. */
void elbo_reduce_fail (elbo_reduce *reduce, size_t node, int status);
/* Has a node below this one failed?  Then its sum is not needed. */
int elbo_reduce_failed (const elbo_reduce *reduce, size_t node);
/* Add everything to total, or repeat the failure. */
int elbo_reduce_total (elbo_reduce *reduce, double *total);

/* --- bound.c: the ledger ------------------------------------------------------------------------- */

/* The statistics that every latent structure opens with: count [K], and three pairs. */
enum
{
  ELBO_EVIDENCE,
  ELBO_ENERGY,
  ELBO_ENTROPY
};
static inline double *
elbo_pair_of (const elbo_model *model, double *stat, int which)
{
  return stat + model->ncomp + 2 * (size_t)which;
}

/* The bound with everything that the checks need. */
typedef struct
{
  double elbo;
  double term[ELBO_NTERM];
  double statistics;      /* the bound from the statistics; elbo itself after M */
  double size, inflation; /* A and V */
  double curvature;       /* cost of a step of every place by delta, over delta^2 */
  double evidence;        /* sum of w log sum exp, with Jacobian; E half-steps only */
  double tight;           /* evidence - (energy + entropy) */
  double peak;            /* closed form of the bound after M, or NAN */
} elbo_ledger;

/* Evaluate the bound of statistics and beliefs.  half: after 'E' the evidence of the rows is the
   bound, after the others the statistics are; after 'M' and 'V' there is a closed form. */
int elbo_evaluate (const elbo_model *model, const double *stat, char half, elbo_ledger *ledger);

/* The rounding allowance of a ledger, nats. */
double elbo_allowance (const elbo_model *model, const elbo_ledger *ledger);

/* --- merge.c ------------------------------------------------------------------------------------- */

/* Bring statistics to the pivots of the model's coefficients. */
void elbo_stat_rebase (const elbo_model *model, double *stat);

/* --- trial.c: what nothing rests on yet ------------------------------------------------------------ */

/* Room for the beliefs of a model; they are kept there, and come back. */
double *elbo_beliefs_alloc (const elbo_model *model);
void elbo_beliefs_save (elbo_model *model, double *saved);
void elbo_beliefs_restore (elbo_model *model, double *saved);
/* An E half-step that is not recorded: its statistics stand in spare.  *value is the bound. */
int elbo_fit_look (elbo_fit *fit, double *value);

/* --- distinct.c: on how many different rows a component rests ------------------------------------ */

/* Look at a fit by maximum likelihood that has ended: thin, rows and margin of the fit follow. */
int elbo_fit_inspect (elbo_fit *fit);

/* --- extrapolate.c: the passes before the present one ------------------------------------------- */

typedef struct
{
  double *stat[2]; /* [nstat] each, the older first: what the last E half-steps made */
  double elbo[2];  /* and their bounds */
  size_t n;        /* how many of them follow each other by plain passes */
  size_t refused;  /* steps refused in a row */
  size_t pause;    /* passes until the next is tried */
  double longest;  /* step */
  double *trial;   /* [nstat] */
  double *saved;   /* beliefs to come back to */
} elbo_past;
int elbo_past_alloc (elbo_past *past, const elbo_model *model);
void elbo_past_clear (elbo_past *past);

/* --- fit.c, halfstep.c, ledger.c, move.c: the loop -------------------------------------------------------------- */

struct elbo_fit
{
  elbo_model *model;
  elbo_source source;
  elbo_plan plan;
  elbo_fit_options options;
  double *stat, *spare; /* [nstat] */
  elbo_trace *trace;
  size_t nrecord, capacity, reported;
  size_t passes;    /* E half-steps so far */
  double size;      /* A of the last record */
  double pass_elbo; /* bound of the last E, or of the first M */
  size_t streak;    /* passes running that gained less than the tolerance */
  elbo_past past;
  size_t thin;   /* the component that rests on the fewest rows for what it needs, or K */
  size_t need;   /* different rows that it needs */
  double rows;   /* that it rests on, as far as they were counted: need + 1 at most */
  double margin; /* the least variance over the floor */
  size_t collapsed;
  atomic_int cancelled;
  struct timespec began;
};

/* Record a half-step with its ledger and check it: A1, A2, A3. */
int elbo_fit_note (elbo_fit *fit, char half, const char *move);
/* What the next half-step is follows from the last: after an E, and only then, statistics are
   there that no M has used. */
int elbo_fit_after_e (const elbo_fit *fit);
/* The E half-step: statistics from the beliefs, recorded. */
int elbo_fit_expect (elbo_fit *fit);
/* The M half-step: beliefs from the statistics, recorded, and H where a prior is learned. */
int elbo_fit_maximise (elbo_fit *fit, char half, const char *move);
/* Keep the present statistics, which an E half-step has made, before a pass takes their place. */
void elbo_past_push (elbo_fit *fit);
/* Replace the statistics by those of an extrapolated point of a higher bound, where passes are slow and
   there is one; *taken tells. */
int elbo_fit_extrapolate (elbo_fit *fit, int *taken);
/* Is more left to gain, by the passes so far, than the tolerance allows? */
int elbo_fit_unfinished (const elbo_fit *fit);
/* The H half-step alone: priors from the beliefs, recorded where one is learned. */
int elbo_fit_learn (elbo_fit *fit);
double elbo_fit_seconds (const elbo_fit *fit);
/* The records so far as an array. */
const elbo_trace *elbo_fit_trace (const elbo_fit *fit, size_t *nrecord);

/* A move changes model and statistics of a converged fit to a state of a higher bound. */
typedef struct
{
  const char *name;
  /* GSL_CONTINUE: the fit was changed and an M half-step must follow; GSL_SUCCESS: nothing found */
  int (*propose) (elbo_fit *fit);
} elbo_move;
/* nudge.c: part two components that are equal. */
int elbo_fit_nudge (elbo_fit *fit);
/* Take the first move that raises the bound.  GSL_CONTINUE when one was taken. */
int elbo_fit_move (elbo_fit *fit);

#pragma GCC visibility pop

#endif
