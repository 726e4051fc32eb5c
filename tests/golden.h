/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference results (tests/data/golden) and data (tests/data): reading them, building
   the models they speak of, comparing.

   The files were computed by other programs (mpmath, R's mclust, scikit-learn); what they hold
   and their conventions stand in tests/data/golden/README. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <check.h>
#include <jansson.h>
#include <gsl/gsl_matrix.h>
#include <elbo/fit.h>
#include <elbo/status.h>
#include "made.h"

/* The file under test, for messages. */
extern const char *golden_name;

/* Read a file of tests/data/golden; stops the test when it is not there or not JSON. */
json_t *golden_read (const char *name);

/* Run a test on every file whose name begins with prefix, in the order of names; returns their
   number. */
size_t golden_each (const char *prefix, void (*test) (json_t *root));

/* The member at a path "after_first_m_step.terms.elbo"; stops the test when there is none.
   golden_number: its value. */
json_t *golden_at (const json_t *object, const char *path);
double golden_number (const json_t *object, const char *path);

/* Copy the numbers of a nested array, row-major, to out; returns how many there are (out may be
   NULL).  A number counts as an array of one. */
size_t golden_flatten (const json_t *array, double *out);

/* The same into new memory; free with free. */
double *golden_doubles (const json_t *array, size_t *n);

/* Rows as a matrix; columns of tests/data/<dataset>.csv by name.  Free with gsl_matrix_free. */
gsl_matrix *golden_matrix (const json_t *rows);
gsl_matrix *golden_table (const char *dataset, const json_t *columns);

/* Labels that count from 1, as labels that count from 0; free with free. */
size_t *golden_labels (const json_t *array);

/* |got - want| <= tolerance * size, and both are numbers; what names the quantity. */
void golden_near (double got, double want, double tolerance, double size, const char *what);

/* Arrays: every entry near, in units of the largest |want|. */
void golden_near_all (const double *got, const double *want, size_t n, double tolerance,
                      const char *what);

/* --- a run ------------------------------------------------------------------------------- */

enum
{
  GOLDEN_MAX_BLOCKS = 8
};

/* How the files name a family, its prior and its posterior. */
typedef struct
{
  const char *type; /* name in the files                                       */
  const elbo_family *const *family;
  int layout; /* of its posterior in the files, see golden.c              */
  struct
  {
    const char *given, *prior;    /* key in the prior, field of the prior              */
    const char *believed, *param; /* key in the posterior, field of the parameters     */
  } field[5];
} golden_kind;

const golden_kind *golden_kind_find (const char *type);

typedef struct
{
  const golden_kind *kind;
  const json_t *prior; /* the object with the hyperparameters                     */
  size_t product;      /* number of the block in a product of families            */
  size_t level;        /* which column's list, for categorical ones               */
  int in_product;
  char path[64]; /* "gauss_full" or "categorical:1"                          */
} golden_block;

typedef struct
{
  gsl_matrix *x;
  elbo_data *data;
  elbo_model *model;
  elbo_fit *fit;
  size_t ncomp, nblock;
  golden_block block[GOLDEN_MAX_BLOCKS];
} golden_run;

/* Make the model that "weights" and "components" describe (VB) and a fit of it to x, which is
   taken over.  golden_open_ml: maximum likelihood of one family.  options may be NULL. */
void golden_open (golden_run *run, const json_t *weights, const json_t *components, size_t ncomp,
                  gsl_matrix *x);
void golden_open_ml (golden_run *run, const elbo_family *family, size_t ncomp, gsl_matrix *x,
                     const elbo_fit_options *options);
void golden_close (golden_run *run);

/* Begin the fit. */
void golden_start_resp (golden_run *run, const json_t *resp);
void golden_start_labels (golden_run *run, const json_t *label);

/* Passes until there are n E half-steps; every one must succeed. */
void golden_pass (golden_run *run, size_t n);

/* The record of the i-th half-step 'M' or 'E'. */
const elbo_trace *golden_record (const golden_run *run, char half, size_t i);

/* Compare a bound and its terms with {"E_ln_pX": .., "elbo": ..}; the tolerance is in units of
   1 + sum of absolute terms. */
void golden_near_terms (double elbo, const double term[ELBO_NTERM], const json_t *terms,
                        double tolerance, const char *what);

/* Compare what the model believes with {"weights": .., "components": ..}. */
void golden_near_beliefs (const golden_run *run, const json_t *state, double tolerance);

/* Compare every half-step with [{"elbo_after_m", "elbo_after_e"}]. */
void golden_near_trace (const golden_run *run, const json_t *trace, double tolerance);

/* Run a Check suite of plain tests and report as TAP; returns the exit status. */
int golden_main (const char *name, const TTest *const *test, size_t ntest);

#endif
