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
  size_t n, ndistinct;
  size_t *rank;   /* [n] */
  double *copies; /* [n] summed weight of the rows that share the rank */
};

/* A new start; takes state over, and releases it when memory is short. */
elbo_start *elbo_start_new (elbo_start start);
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
  size_t row[NAMED_ROWS], nrow;
  char *message;
  elbo_trace *trace; /* [nrecord] */
  size_t nrecord;
  elbo_model *model; /* of a start that ended; moves to the search or is freed */
  double *count;     /* [K] */
  double entropy, log_likelihood;
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

struct elbo_search
{
  const elbo_model *prepared;
  const elbo_data *data;
  const elbo_ranks *ranks;
  elbo_search_options options;
  elbo_search_watch *watch;
  void *arg;

  size_t nstart;
  elbo_outcome *outcome; /* [nstart] */
  elbo_attempt *attempt; /* [nstart] */
  size_t best, carried, found_again;
  elbo_model *model;
  int begun, brief; /* brief: short runs first */
  atomic_int stop;  /* a status: ELBO_ESTOP, or a failure that ends everything */
  struct timespec began;
  elbo_lock lock; /* around the watch */

  /* what the search owns beside */
  elbo_ranks *own_ranks;
  elbo_model *own_prepared;
  elbo_data *own_data;
};

/* order.c: sort components by expected rows, largest first, unless their order is part of the
   model; count [K] goes along. */
int elbo_sort_components (elbo_model *model, double *count);

/* predict.c: sum over rows of -w log max_k r_nk: what the hard ICL adds to BIC, halved. */
int elbo_hardness (const elbo_model *model, const elbo_data *data, double *sum);

#pragma GCC visibility pop

#endif
