/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many starts, many K, and which of them to believe. */
#ifndef ELBO_SELECT_H
#define ELBO_SELECT_H

#include <stdint.h>
#include <elbo/fit.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum
{
  ELBO_START_KMEANS,
  ELBO_START_RANDOM,
  ELBO_START_GIVEN
} elbo_start_kind;

/* What a search does beside its starts. */
typedef enum
{
  ELBO_SEARCH_LADDER, /* it looks at other numbers of components: fits with one less are split, those
                         with one more are merged, and what comes of it races against the starts.
                         Not where a pass is dear (short_runs), and not for starts of other kinds */
  ELBO_SEARCH_STARTS  /* every start to its end, and nothing else                                 */
} elbo_search_plan;

/* How a search goes.  Members may be added at the end; size says how many a program knows. */
typedef struct
{
  size_t size;   /* of this struct, filled by elbo_search_options_init                       */
  size_t starts; /* starting points; a ladder has three heats of so many                     */
  elbo_start_kind kind;
  const elbo_start *given; /* ELBO_START_GIVEN: the only start; NULL: the model's parameters */
  uint64_t seed;
  int short_runs;     /* 1: where a pass over the data is dear, run every start briefly and
                         only the most promising third of them to the end (small-EM,
                         Biernacki, Celeux & Govaert 2003); 0: all to the end                */
  size_t max_pass;    /* as in elbo_fit_options, for each start                              */
  double tol;         /* likewise                                                            */
  int threads;        /* of the whole search; 0: what OpenMP would use                       */
  double max_seconds; /* of the whole search; 0: no limit.  The search then ends as if the
                         watch had asked for it, with ELBO_ESTOP and the best so far         */
  int in_turn;        /* 1: starts one after the other, each with all threads, so that the
                         watch is called from the thread of elbo_search_run                  */
  elbo_search_plan plan;
  int accelerate; /* as in elbo_fit_options                                              */
} elbo_search_options;

/* Fill the first size bytes with defaults: 10 starts of k-means++, seed 1, short runs on large data,
   a fit's max_pass and tol, one thread, no limit of time. */
void elbo_search_options_fill (elbo_search_options *options, size_t size);
#define elbo_search_options_init(options) \
  elbo_search_options_fill ((options), sizeof (elbo_search_options))

/* What became of one start; owned by its search. */
typedef struct elbo_outcome elbo_outcome; /* opaque */

/* The status of elbo_fit_run; GSL_CONTINUE: not carried on after a short run, or not begun. */
int elbo_outcome_status (const elbo_outcome *outcome);
/* The sentence of a failure, or NULL. */
const char *elbo_outcome_message (const elbo_outcome *outcome);
/* The objective at the end, nats; E half-steps; expected rows [K], NULL before there are any. */
double elbo_outcome_value (const elbo_outcome *outcome);
size_t elbo_outcome_iterations (const elbo_outcome *outcome);
/* ELBO_EDEGENERATE: the component that collapsed, its expected rows and the first rows that
   belong to it, at most four.  K, NAN and none otherwise; elbo_outcome_row is (size_t) -1 past
   them. */
size_t elbo_outcome_collapsed (const elbo_outcome *outcome);
double elbo_outcome_count (const elbo_outcome *outcome);
size_t elbo_outcome_rows (const elbo_outcome *outcome);
size_t elbo_outcome_row (const elbo_outcome *outcome, size_t i);
/* ML: the different rows of the component that has the fewest for what it needs, counted up to one
   more than that; INFINITY where no family needs any.  Does the fit owe its value to such a component,
   with one row more than it needs or fewer, or to a variance near the floor? */
double elbo_outcome_least_rows (const elbo_outcome *outcome);
int elbo_outcome_spurious (const elbo_outcome *outcome);
/* Record i of every half-step, NULL past the last; owned by the search. */
size_t elbo_outcome_records (const elbo_outcome *outcome);
const elbo_trace *elbo_outcome_record (const elbo_outcome *outcome, size_t i);

/* The starts of one model and the best of them. */
typedef struct elbo_search elbo_search; /* opaque */

/* Make a search for a prepared model.  The model, the data, the ranks and a given start are
   borrowed and must live as long as the search; options may be NULL or begin with a size of at
   least sizeof (size_t), members beyond it have their defaults.  ranks: of these data, for
   several searches; NULL: made by the search, where its starts need them.  NULL with a message on
   failure: null pointers, a bad option, ranks of other data, memory. */
elbo_search *elbo_search_alloc (const elbo_model *prepared, const elbo_data *data,
                                const elbo_ranks *ranks, const elbo_search_options *options);
void elbo_search_free (elbo_search *search);

/* Called when a start has ended, and after passes of a running one (outcome NULL then); fit is NULL
   for a start that could not begin.  Non-zero asks all to stop with ELBO_ESTOP after their pass.
   With more than one thread it is called from worker threads, from one at a time, and may not jump
   out (longjmp, exceptions).  With one thread, or in_turn, it is called from the thread of
   elbo_search_run; a jump then ends this search, which can only be freed, and no other.  It may run
   searches itself. */
typedef int elbo_search_watch (size_t start, const elbo_fit *fit, const elbo_outcome *outcome,
                               void *arg);

/* Run all starts, in parallel, and keep the best.  Ties go to the lower start.  The same bits for
   any number of threads.  A start that collapsed is never the best.  Once only.
   Returns GSL_SUCCESS; GSL_EMAXITER when the best did not converge; ELBO_ESTOP when the watch,
   elbo_search_cancel or the time asked for it (the best so far is kept); ELBO_EDEGENERATE when
   every start collapsed; ELBO_EFALL if the bound fell in any start; GSL_ENOMEM as soon as memory
   runs out in any start; another error. */
int elbo_search_run (elbo_search *search, elbo_search_watch *watch, void *arg);

/* Ask a search to stop, from any thread or a signal handler: every start ends after its pass. */
void elbo_search_cancel (elbo_search *search);

/* The model of the best start, its components sorted by expected rows (unless their order is part
   of the model); owned by the search.  NULL before the run and when no start was usable.
   elbo_search_take_model makes the caller its owner. */
const elbo_model *elbo_search_model (const elbo_search *search);
elbo_model *elbo_search_take_model (elbo_search *search);

/* Of the best start: the objective (NAN when there is none), the log-likelihood (NAN for VB), the
   entropy of its q(z), all in nats, and the expected rows of the components, [K] or NULL; they
   stay when the model is taken. */
double elbo_search_value (const elbo_search *search);
double elbo_search_log_likelihood (const elbo_search *search);
double elbo_search_entropy (const elbo_search *search);
const double *elbo_search_counts (const elbo_search *search);

/* Starts, or the runs that a ladder carried to their end; the number of the best, elbo_search_starts
   when all failed; how many were run to the end; how many of these ended within 0.01 nat of the best,
   itself included. */
size_t elbo_search_starts (const elbo_search *search);
size_t elbo_search_best (const elbo_search *search);
size_t elbo_search_carried (const elbo_search *search);
size_t elbo_search_found_again (const elbo_search *search);

/* E half-steps of all runs, those of other K and those left behind in a race included. */
size_t elbo_search_passes (const elbo_search *search);

/* What became of a start, NULL past the last. */
const elbo_outcome *elbo_search_outcome (const elbo_search *search, size_t start);

/* Criteria of a fit by maximum likelihood or posterior mode, lower is better: BIC = -2 l + p log
   W (Schwarz 1978), AIC = -2 l + 2 p, ICL = BIC + 2 entropy (McLachlan & Peel 2000), hard ICL =
   BIC - 2 sum log max r (Biernacki, Celeux & Govaert 2000), p = elbo_model_freedom. */
typedef enum
{
  ELBO_BIC,
  ELBO_AIC,
  ELBO_ICL,
  ELBO_ICL_HARD,
  ELBO_NCRITERION
} elbo_criterion;

/* Write the first n criteria of the best fit of a search, or of a model for data that it was
   prepared for or has adopted: double criterion[ELBO_NCRITERION], n = ELBO_NCRITERION.  One pass
   over the data.  GSL_EINVAL: the search has no model; ELBO_EDATA: a cell outside the support;
   ELBO_EUNSUP: not for VB, whose bound is its criterion. */
int elbo_search_criteria (const elbo_search *search, size_t n, double *criterion);
int elbo_criteria_of (const elbo_model *model, const elbo_data *data, int threads, size_t n,
                      double *criterion);

/* --- many K and families ------------------------------------------------------------------- */

/* What is compared: least to most components, with each of nfamily families in the place of the
   family of block 0 (NULL: the blocks as they are).  Members may be added at the end. */
typedef struct
{
  size_t size; /* of this struct, filled by elbo_choose_options_init */
  size_t least, most;
  size_t patience; /* stop after so many K in a row without an improvement; 0: try all */
  const elbo_family *const *family;
  size_t nfamily;
  const elbo_search_options *search; /* of every search; NULL: the defaults */

  /* Set what the library does not know of a prepared model, such as its prior, or the options of
     its search, before that; non-zero ends the comparison with that status.  May be NULL. */
  int (*before) (size_t candidate, elbo_model *model, elbo_search_options *options, void *arg);
  /* Told when a candidate is done; non-zero asks for an end with ELBO_ESTOP.  May be NULL. */
  int (*after) (size_t candidate, const elbo_search *search, int status, void *arg);
  elbo_search_watch *watch; /* of every search; may be NULL */
  void *arg;                /* handed to before, after, watch and found                          */

  /* Told what the best fit of a candidate is worth so far, nats; a ladder goes on from there, and
     calls `after` for all of them at its end.  May be NULL. */
  void (*found) (size_t candidate, size_t ncomp, double value, void *arg);
} elbo_choose_options;

/* Fill the first size bytes with defaults: 1 to 5 components, all of them tried. */
void elbo_choose_options_fill (elbo_choose_options *options, size_t size);
#define elbo_choose_options_init(options) \
  elbo_choose_options_fill ((options), sizeof (elbo_choose_options))

/* The candidates of a comparison, numbered in the order in which they were tried: all families of
   the least K, then of the next. */
typedef struct elbo_selection elbo_selection; /* opaque */

/* Fit every candidate to the data, which are prepared for each in turn, and compare.  By VB the
   score is the bound plus log P (elbo_model_multiplicity) and the candidates, alike beforehand,
   get probabilities; otherwise it is -BIC.  *selection receives what was found, also when the
   comparison ended early; free it with elbo_selection_free.  ranks: of the data, or NULL.
   GSL_SUCCESS; ELBO_ESTOP: stopped; ELBO_EDEGENERATE: no candidate has a model; the status of
   before; an error of a search other than GSL_EMAXITER and ELBO_EDEGENERATE. */
int elbo_choose (elbo_data *data, const elbo_ranks *ranks, const elbo_latent *latent,
                 const elbo_block *block, size_t nblock, elbo_method method,
                 const elbo_choose_options *options, elbo_selection **selection);
void elbo_selection_free (elbo_selection *selection);

/* How many candidates there are; the best, or that number when none has a model; 1 when patience
   ended the comparison before the last K. */
size_t elbo_selection_size (const elbo_selection *selection);
size_t elbo_selection_best (const elbo_selection *selection);
int elbo_selection_stopped (const elbo_selection *selection);

/* Of candidate i: K; the family of block 0; the search (NULL past the last); the score, log P,
   the probability and a criterion, NAN where there is none. */
size_t elbo_selection_components (const elbo_selection *selection, size_t i);
const elbo_family *elbo_selection_family (const elbo_selection *selection, size_t i);
const elbo_search *elbo_selection_search (const elbo_selection *selection, size_t i);
double elbo_selection_score (const elbo_selection *selection, size_t i);
double elbo_selection_log_p (const elbo_selection *selection, size_t i);
/* Whether a fit is what it says; one that is not is not chosen while there is another. */
typedef enum
{
  ELBO_SOUND,
  ELBO_EMPTY,   /* components hold less than a row (but for sticks): a fit of fewer components */
  ELBO_SPURIOUS /* a maximum of the likelihood that rests on few rows (elbo_outcome_spurious)  */
} elbo_doubt;
elbo_doubt elbo_selection_doubt (const elbo_selection *selection, size_t i);
double elbo_selection_probability (const elbo_selection *selection, size_t i);
double elbo_selection_criterion (const elbo_selection *selection, size_t i,
                                 elbo_criterion criterion);

/* --- front doors --------------------------------------------------------------------------- */

/* Fit a Gaussian mixture of K components to a matrix, best of ten starts, and keep all that was
   found; elbo_search_model is the model.  covariance: elbo_gauss_full, _tied, _diag or _iso.
   weight [n] or NULL.  *search receives the search, NULL when it could not begin; free it with
   elbo_search_free in every case.  Status as elbo_search_run. */
int elbo_mixture_search (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                         const elbo_family *covariance, elbo_method method,
                         const elbo_search_options *options, elbo_search **search);

/* The same in ten lines: *model is owned by the caller, NULL when there is none, whatever the
   failure; *value (may be NULL) receives the objective, nats, or NAN. */
int elbo_mixture_fit (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                      const elbo_family *covariance, elbo_method method,
                      const elbo_search_options *options, elbo_model **model, double *value);

#ifdef __cplusplus
}
#endif

#endif
