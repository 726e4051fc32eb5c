/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many starts, many K, and which of them to believe. */
#ifndef ELBO_SELECT_H
#define ELBO_SELECT_H

#include <stdint.h>
#include <elbo/fit.h>

typedef enum
{
  ELBO_START_KMEANS,
  ELBO_START_RANDOM,
  ELBO_START_GIVEN
} elbo_start_kind;

typedef struct
{
  size_t size;   /* of this struct, filled by elbo_search_defaults               */
  size_t starts; /* starting points                                              */
  elbo_start_kind kind;
  const elbo_start *given; /* ELBO_START_GIVEN: the only start; NULL: the model's own parameters */
  uint64_t seed;
  elbo_fit_options fit; /* fit.threads is the number of threads of the whole search     */
  int short_runs;       /* 1: where a pass over the data is dear, run every start briefly and
                           only the most promising third of them to the end (small-EM,
                           Biernacki, Celeux & Govaert 2003); 0: all to the end          */
} elbo_search_options;

/* 10 starts of k-means++, seed 1, short runs on large data. */
elbo_search_options elbo_search_defaults (void);

/* What became of one start. */
typedef struct
{
  int status;   /* of elbo_fit_run; GSL_CONTINUE: not carried on after a short run */
  double value; /* the objective at the end                                        */
  size_t iterations;
  size_t collapsed; /* ELBO_EDEGENERATE: the component                                 */
  double count;     /* ... its expected rows                                           */
  size_t row[4];    /* ... and the first rows that belong to it, nrow of them          */
  size_t nrow;
  char *message;     /* sentence of a failure, or NULL                                  */
  elbo_trace *trace; /* [nrecord], every half-step                                      */
  size_t nrecord;
} elbo_outcome;

/* The starts of one model and the best of them. */
typedef struct
{
  size_t nstart;
  elbo_outcome *outcome; /* [nstart] */
  size_t best;           /* index of the best start; nstart when all failed            */
  size_t carried;        /* starts that were run to the end                            */
  size_t found_again;    /* of these, within 0.01 nat of the best, itself included     */
  elbo_model *model;     /* of the best start, sorted by weight; owned                 */
  double *count;         /* [K] expected rows of its components                        */
  double entropy;        /* of its q(z), nats                                          */
  double log_likelihood; /* ML, MAP; NAN for VB                                        */
} elbo_search;

/* Called from one thread at a time when a start has ended, and after passes of a running one
   (outcome NULL then).  Non-zero asks all to stop with ELBO_ESTOP after their pass. */
typedef int elbo_search_watch (size_t start, const elbo_fit *fit, const elbo_outcome *outcome,
                               void *arg);

/* Fit a prepared model from several starts, in parallel, and keep the best.  Ties go to the lower
   start.  The same bits for any number of threads.  A start that collapsed is never the best.
   Returns GSL_SUCCESS; GSL_EMAXITER when the best did not converge; ELBO_ESTOP when the watch
   asked for it (the best so far is kept); ELBO_EDEGENERATE when every start collapsed; ELBO_EFALL
   if the bound fell in any start; another error.  Free the result with elbo_search_free in every
   case. */
int elbo_search_run (const elbo_model *prepared, const elbo_data *data, const elbo_ranks *ranks,
                     const elbo_search_options *options, elbo_search_watch *watch, void *arg,
                     elbo_search *result);
void elbo_search_free (elbo_search *result);

/* Criteria of a fit, lower is better: BIC = -2 l + p log W (Schwarz 1978), AIC = -2 l + 2 p,
   icl = BIC + 2 entropy (McLachlan & Peel 2000), icl_hard = BIC - 2 sum log max r (Biernacki,
   Celeux & Govaert 2000). */
typedef struct
{
  size_t parameters;
  double bic, aic, icl, icl_hard;
} elbo_criteria;
int elbo_criteria_of (const elbo_search *result, const elbo_data *data, elbo_criteria *criteria);

/* The ten-line front door: fit a Gaussian mixture of K components to a matrix, best of ten
   starts.  covariance: elbo_gauss_full, _tied, _diag or _iso.  *model is owned by the caller.
   Status as elbo_search_run; *value receives the objective, nats. */
int elbo_mixture_fit (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                      const elbo_family *covariance, elbo_method method,
                      const elbo_search_options *options, elbo_model **model, double *value);

#endif
