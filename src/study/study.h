/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What uses of the engine share. */
#ifndef ELBO_STUDY_H
#define ELBO_STUDY_H

#ifdef _OPENMP
#include <omp.h>
#endif
#include <stdatomic.h>
#include <elbo/predict.h>
#include <elbo/select.h>
#include "engine/engine.h"
#include "engine/start.h"

#pragma GCC visibility push(hidden)

/* --- a lock, which OpenMP provides ------------------------------------------------------------- */

#ifdef _OPENMP
typedef omp_lock_t elbo_lock;
#else
typedef int elbo_lock;
#define omp_init_lock(lock) (void)(lock)
#define omp_destroy_lock(lock) (void)(lock)
#define omp_set_lock(lock) (void)(lock)
#define omp_unset_lock(lock) (void)(lock)
#endif

/* --- start.c ----------------------------------------------------------------------------------- */

struct elbo_ranks
{
  const elbo_data *data;
  size_t n, ndistinct;
  size_t *rank;   /* [n] */
  double *copies; /* [n] summed weight of the rows that share the rank */
};

/* A new start; takes state over, and releases it when memory is short. */
elbo_start *elbo_start_new (elbo_start start);
/* Responsibilities drawn from the flat Dirichlet distribution.  Over many rows they average out: a
   start of them alone lies near the one-component solution. */
elbo_start *elbo_start_flat (const elbo_model *model, const elbo_ranks *ranks, uint64_t seed,
                             size_t number);
/* GSL_EFAULT, GSL_EBADLEN: what a start is to be made of does not belong together. */
int elbo_start_check (const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks);

/* --- search.c, outcome.c ----------------------------------------------------------------------- */

enum
{
  NAMED_ROWS = 4
};

/* What is kept of one start: what the search may report, and what it needs of the best. */
struct elbo_outcome
{
  int status;
  double value;
  size_t iterations, collapsed;
  double collapsed_count;
  int spurious;
  double rows; /* different ones of the component that has the fewest, as far as counted */
  size_t row[NAMED_ROWS], nrow;
  char *message;
  elbo_trace *trace; /* [nrecord] */
  size_t nrecord;
  elbo_model *model; /* of a start that ended; moves to the search or is freed */
  double *count;     /* [K] */
  double entropy, log_likelihood;
  int split, merged; /* its children have been tried */
};
void elbo_outcome_clear (elbo_outcome *outcome);
/* Keep what may be reported of a fit that has ended; takes the model over when it succeeds. */
int elbo_outcome_keep (elbo_outcome *outcome, const elbo_fit *fit, elbo_model *model,
                       const elbo_data *data);
/* Results are usable, with or without convergence. */
int elbo_outcome_usable (const elbo_outcome *outcome);

/* A start that is under way. */
typedef struct
{
  elbo_model *model;
  elbo_fit *fit;
} elbo_attempt;

/* How many of the best runs that differ are kept as parents of others. */
enum
{
  ELBO_BEAM = 3
};

struct elbo_search
{
  const elbo_model *prepared;
  const elbo_data *data;
  const elbo_ranks *ranks;
  elbo_search_options options;
  elbo_search_watch *watch;
  void *arg;

  size_t nstart, drawn;  /* base starts asked for, and begun so far */
  size_t nrun;           /* runs that are kept: all starts, or those that a race carried on */
  elbo_outcome *outcome; /* [nrun] */
  elbo_attempt *attempt; /* [nrun] */
  size_t kept[ELBO_BEAM], nkept; /* the best runs that differ; they have their models */
  size_t best, carried, found_again;
  size_t passes; /* E half-steps of all runs */
  elbo_model *model;
  int begun;
  struct timespec began;

  /* A search for one of several K: who is asked to stop, and by when.  Itself for one of its own. */
  elbo_search *master;
  atomic_int stop; /* a status: ELBO_ESTOP, or a failure that ends everything */
  elbo_lock lock;  /* around the watch */

  /* what the search owns beside */
  elbo_ranks *own_ranks;
  elbo_model *own_prepared;
  elbo_data *own_data;
};

int elbo_search_begin (elbo_search *search, elbo_search_watch *watch, void *arg);
/* Take the best of all runs; what the search as a whole came to. */
int elbo_search_conclude (elbo_search *search, int status);
/* Does a search with these options look at other K?  Not where a pass costs so much that short runs
   pay. */
int elbo_climbs (const elbo_search_options *options, const elbo_model *model,
                 const elbo_data *data);
/* Does a pass cost so much that short runs pay? */
int elbo_is_dear (const elbo_model *model, const elbo_data *data);
/* Does a pass cost so much that a ladder does with less? */
int elbo_is_light (const elbo_search *search);
/* Keep the best runs as parents and let the other models go. */
void elbo_search_keep (elbo_search *search);

/* --- race.c: runs beside each other -------------------------------------------------------------- */

/* n runs, from starts that `make` makes for run i; NULL with *status GSL_SUCCESS: the model has the
   parameters from which the run begins.  All of them run `passes` passes (0: to their end;
   ELBO_BY_GAIN: by what they gain), then `carry` of the best to the end, more if these collapse.  A
   race keeps no trace of those that were left behind. */
enum
{
  ELBO_BY_GAIN = -1
};
typedef struct
{
  size_t n;
  int passes;
  size_t carry;
  int race;
  elbo_start *(*make) (const elbo_search *search, size_t i, const elbo_model *model, int threads,
                       void *arg, int *status);
  void *arg;
} elbo_heat;
int elbo_search_heat (elbo_search *search, const elbo_heat *heat);
/* The next n base starts of the search. */
int elbo_search_base (elbo_search *search, size_t n, int passes, size_t carry, int race);
/* Ask all runs to end, of all K; the first reason stands. */
void elbo_search_stop (elbo_search *search, int status);
int elbo_search_stopped (const elbo_search *search);
/* Is the time up? */
int elbo_search_late (const elbo_search *search);

/* --- feature.c: rows as points ------------------------------------------------------------------- */

typedef struct
{
  size_t at, size; /* first feature; 1, or the number of categories */
  double unit;     /* what a difference, or the sum over indicators, is multiplied by (squared) */
} elbo_feature;
typedef struct
{
  elbo_feature *column; /* [dim] */
  size_t n;             /* features */
} elbo_features;
int elbo_features_make (elbo_features *features, const elbo_model *model, const elbo_data *data);
void elbo_features_clear (elbo_features *features);
/* Write row i of a tile as a point [n]. */
void elbo_features_at (const elbo_features *features, const elbo_tile *tile, size_t i,
                       double *point);

/* --- parent.c, child.c: starts that change a fit -------------------------------------------------- */

/* A change of a fit: the rows of a set leave component `from` (K: whatever they belong to) for a new
   one, or, without a set, component `from` joins `into`. */
typedef struct
{
  const elbo_model *model; /* of the fit */
  size_t from, into;
  uint64_t *rows; /* a bit a row, or NULL */
} elbo_child;
typedef struct
{
  elbo_child *list;
  size_t n;
} elbo_children;
/* Append the children of K + 1, or K - 1, components of run `run` of a search. */
int elbo_split_children (const elbo_search *search, size_t run, elbo_children *children);
int elbo_merge_children (const elbo_search *search, size_t run, elbo_children *children);
void elbo_children_clear (elbo_children *children);
/* The start that a child is; the child is borrowed. */
elbo_start *elbo_start_child (const elbo_child *child, size_t nrow);

/* --- ladder.c: searches for several K that help each other ---------------------------------------- */

typedef struct
{
  size_t top; /* the largest K so far */
  size_t room;
  elbo_search **pool; /* [room + 1] by K; NULL where there is none */
  elbo_search **own;  /* those that are the ladder's */
} elbo_ladder;
int elbo_ladder_make (elbo_ladder *ladder, size_t most);
void elbo_ladder_free (elbo_ladder *ladder);
/* Base starts, and children of the fits with one component less, for the pool of K components, which
   becomes the top. */
int elbo_ladder_climb (elbo_ladder *ladder, size_t ncomp, int base);
/* Down and up again while some bound rises. */
int elbo_ladder_settle (const elbo_ladder *ladder);
/* A search for another K on the way to that of `master`, with the units and priors of a prepared model.
   NULL with a message; ELBO_EUNSUP: the prior belongs to its K. */
elbo_search *elbo_search_beside (elbo_search *master, const elbo_model *prepared, size_t ncomp);
/* order.c: sort components by expected rows, largest first, unless their order is part of the
   model; count [K] goes along. */
int elbo_sort_components (elbo_model *model, double *count);

/* predict.c: log of the summed exp of the scores [K x ELBO_TILE] of row i of a tile. */
double elbo_log_sum (const double *score, size_t ncomp, size_t i);
/* predict.c: sum over rows of -w log max_k r_nk: what the hard ICL adds to BIC, halved. */
int elbo_hardness (const elbo_model *model, const elbo_data *data, double *sum);

#pragma GCC visibility pop

#endif
