/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one loop, in three levels: driver, iterate, half-steps.

   Each half-step leaves a record in the trace with its bound and named terms.  A bound that falls
   by more than the rounding allowance tau is an error (ELBO_EFALL) that names the term.  A run
   always ends on an E half-step, so that the reported value belongs to the returned
   parameters. */
#ifndef ELBO_FIT_H
#define ELBO_FIT_H

#include <elbo/model.h>
#include <elbo/start.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One record a half-step.  Made by the library; members may be added at the end. */
typedef struct
{
  size_t pass;      /* 0 is the first M                                              */
  char half;        /* 'E' local; 'M' global, 'X' extrapolated, 'H' learned prior, 'V' a move */
  const char *move; /* name of the move of a 'V', else NULL                          */
  double elbo, gain, tau;  /* nats; gain is NAN in the first record                         */
  double log_likelihood;   /* ML and MAP: at the parameters of this record; NAN for VB      */
  double gap;              /* ML and MAP: log_likelihood + log_prior - elbo; NAN for VB     */
  double seconds;          /* since the start of the fit                                    */
  double term[ELBO_NTERM]; /* nats, in the order of elbo_term_name                          */
} elbo_trace;

/* Set by elbo_fit_options_init; max_pass 2000, tol 1e-8, threads 1, no limit of time. */
typedef struct
{
  size_t size;        /* sizeof (elbo_fit_options) of the program                                */
  size_t max_pass;    /* E half-steps at most, >= 1                                              */
  double tol;         /* stop when two passes running gain less than this, nats per unit of
                         weight; never less than the rounding of the bound                       */
  int threads;        /* of this fit; 0: what OpenMP would use                                   */
  double max_seconds; /* stop with ELBO_ESTOP after a pass that ends later; 0: no limit          */
  int accelerate;     /* 0: no extrapolation of slow tails; 1 by default                         */
} elbo_fit_options;

/* Fill the first size bytes with defaults; size is sizeof (elbo_fit_options) of the program. */
void elbo_fit_options_fill (elbo_fit_options *options, size_t size);
#define elbo_fit_options_init(options) elbo_fit_options_fill ((options), sizeof (elbo_fit_options))

typedef struct elbo_fit elbo_fit; /* opaque */

/* Called after each pass, from the thread that called elbo_fit_run: the new records are number
   first .. first + nrecord - 1 of elbo_fit_record, the last of which is an E.  Non-zero stops the
   run with ELBO_ESTOP.  Must return: no exception, no longjmp. */
typedef int elbo_watch (const elbo_fit *fit, size_t first, size_t nrecord, void *arg);

/* Make a fit of a prepared model to data; both are borrowed and must live as long as the fit.
   options may be NULL.  NULL with a message on failure. */
elbo_fit *elbo_fit_alloc (elbo_model *model, const elbo_data *data,
                          const elbo_fit_options *options);
void elbo_fit_free (elbo_fit *fit);

/* Begin: the M half-step from the responsibilities of a start (record M, pass 0).  Without this
   the fit begins with an E half-step at the model's parameters. */
int elbo_fit_start (elbo_fit *fit, const elbo_start *start);

/* Iterate: the M half-step left over from the last pass, if any, with the H half-step where a prior
   is learned, then an E half-step.  GSL_SUCCESS or an error. */
int elbo_fit_pass (elbo_fit *fit);

/* Test: GSL_SUCCESS when two passes running gained less than the tolerance, else GSL_CONTINUE. */
int elbo_fit_test (const elbo_fit *fit);

/* Drive passes until the test succeeds.  GSL_SUCCESS; GSL_EMAXITER (results are usable);
   ELBO_ESTOP; ELBO_EFALL; ELBO_EDEGENERATE (a component stands on the covariance floor);
   another error.  watch may be NULL. */
int elbo_fit_run (elbo_fit *fit, elbo_watch *watch, void *arg);

/* Use this many threads from now on (0: what OpenMP would use); does not change the result. */
void elbo_fit_set_threads (elbo_fit *fit, int threads);

/* Ask a running fit to end after its pass with ELBO_ESTOP; any thread may, at any time. */
void elbo_fit_cancel (elbo_fit *fit);

/* The number of records so far, and record i, or NULL past the end: owned by the fit, valid until
   its next pass. */
size_t elbo_fit_nrecord (const elbo_fit *fit);
const elbo_trace *elbo_fit_record (const elbo_fit *fit, size_t i);

/* The objective at the present parameters: the ELBO, or log-likelihood (+ log prior). */
double elbo_fit_value (const elbo_fit *fit);

/* E half-steps after the first M. */
size_t elbo_fit_iterations (const elbo_fit *fit);

/* Expected rows (sum of w r) in each component at the last E, [K], owned by the fit. */
const double *elbo_fit_counts (const elbo_fit *fit);

/* Entropy of q(z), sum over rows of -w r log r, at the last E; nats. */
double elbo_fit_entropy (const elbo_fit *fit);

const elbo_model *elbo_fit_model (const elbo_fit *fit);

/* ELBO_EDEGENERATE: the component that collapsed. */
size_t elbo_fit_collapsed (const elbo_fit *fit);

/* Component k becomes component order[k]: model and counts; the trace holds no labels. */
int elbo_fit_permute (elbo_fit *fit, const size_t *order);

/* Fit a model that has parameters, from a file or an earlier fit, to data, beginning at these
   parameters: a warm start on new rows, or more passes over the old ones.  Its units become those of
   the data, as elbo_model_prepare chooses them; the prior keeps its values in the user's units and is
   not guessed anew.  options may be NULL.  *value (may be NULL) receives the objective, nats, or NAN.
   Status as elbo_fit_run, and GSL_EFAULT; GSL_EBADLEN: other columns; GSL_EINVAL: no parameters
   yet; ELBO_EDATA: a cell outside the support.  The model is then where the last pass ended. */
int elbo_model_refit (elbo_model *model, elbo_data *data, const elbo_fit_options *options,
                      double *value);

#ifdef __cplusplus
}
#endif

#endif
