/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a package of R would have: .Call (fit, x, ncomp, starts, watch, catch) fits a Gaussian mixture
   by variational Bayes and returns list (status, value, counts).

   watch  a function of the number of a start and its objective that tells whether to stop
   catch  an error in watch is caught: the search ends by ELBO_ESTOP and value is NA.  Otherwise it
          jumps out of the search, which in_turn allows; R frees the search later. */
#include <stdlib.h>
#include <elbo/elbo.h>
#include <R.h>
#include <Rinternals.h>

typedef struct
{
  SEXP watch;
  int catch;
  int failed;
} caller;

static int
ask (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  caller *c = arg;
  int failed = 0;
  (void)fit;
  if (!outcome || c->watch == R_NilValue)
    return 0;
  SEXP value = PROTECT (ScalarReal (elbo_outcome_value (outcome)));
  SEXP number = PROTECT (ScalarInteger ((int)start + 1));
  SEXP call = PROTECT (lang3 (c->watch, number, value));
  SEXP answer = c->catch ? R_tryEvalSilent (call, R_GlobalEnv, &failed) : eval (call, R_GlobalEnv);
  c->failed |= failed;
  UNPROTECT (3);
  return failed || asLogical (answer) == TRUE;
}

/* All that a call makes; a search borrows the other two. */
typedef struct
{
  elbo_data *data;
  elbo_model *model;
  elbo_search *search;
} fitting;

/* R frees what was made when the handle is gone: after an error, and after a jump, too. */
static void
release (SEXP handle)
{
  fitting *made = R_ExternalPtrAddr (handle);
  if (!made)
    return;
  elbo_search_free (made->search);
  elbo_model_free (made->model);
  elbo_data_free (made->data);
  free (made);
  R_ClearExternalPtr (handle);
}

/* A matrix of R is column-major. */
static gsl_matrix *
matrix_of (SEXP x)
{
  const size_t n = (size_t)nrows (x), dim = (size_t)ncols (x);
  gsl_matrix *matrix = gsl_matrix_alloc (n, dim);
  for (size_t i = 0; i < n * dim; i++)
    gsl_matrix_set (matrix, i % n, i / n, REAL (x)[i]);
  return matrix;
}

static int
make (fitting *made, SEXP x, size_t ncomp, size_t starts)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, (size_t)ncols (x), 0);
  gsl_matrix *matrix = matrix_of (x);
  made->data = elbo_data_from_matrix (matrix, NULL);
  gsl_matrix_free (matrix);
  made->model = elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = starts;
  options.threads = 2;
  options.in_turn = 1;
  if (made->data && made->model && elbo_model_prepare (made->model, made->data) == GSL_SUCCESS)
    made->search = elbo_search_alloc (made->model, made->data, NULL, &options);
  return made->search != NULL;
}

static SEXP
list_of (int status, const caller *c, const elbo_search *search, size_t ncomp)
{
  const double *count = elbo_search_counts (search);
  SEXP result = PROTECT (allocVector (VECSXP, 3));
  SET_VECTOR_ELT (result, 0, ScalarInteger (status));
  SET_VECTOR_ELT (result, 1, ScalarReal (c->failed ? NA_REAL : elbo_search_value (search)));
  SEXP counts = SET_VECTOR_ELT (result, 2, allocVector (REALSXP, count ? (R_xlen_t)ncomp : 0));
  for (size_t k = 0; count && k < ncomp; k++)
    REAL (counts)[k] = count[k];
  UNPROTECT (1);
  return result;
}

SEXP
fit (SEXP x, SEXP ncomp, SEXP starts, SEXP watch, SEXP catch)
{
  caller c = { watch, asLogical (catch), 0 };
  const size_t K = (size_t)asInteger (ncomp);
  fitting *made = calloc (1, sizeof *made);
  SEXP handle = PROTECT (R_MakeExternalPtr (made, R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx (handle, release, TRUE);
  if (!made || !make (made, x, K, (size_t)asInteger (starts)))
    error ("%s", elbo_message ());
  const int status = elbo_search_run (made->search, ask, &c);
  SEXP result = PROTECT (list_of (status, &c, made->search, K));
  release (handle);
  UNPROTECT (2);
  return result;
}
