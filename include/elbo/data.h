/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in memory, packed for the kernels.

   A data set holds a copy of the rows in tiles of ELBO_TILE rows.  Model preparation
   (elbo_model_prepare) standardises it in place by powers of two, so that offsets of 1e8 and
   scales of 1e-6 are ordinary data; what comes back to the caller is in the user's units. */
#ifndef ELBO_DATA_H
#define ELBO_DATA_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>
#include <elbo/rows.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct elbo_data elbo_data; /* opaque */

/* Allocate n rows of dim zeros, each of weight 1.  NULL with a message when n or dim is 0 or
   memory runs out.  Free with elbo_data_free. */
elbo_data *elbo_data_alloc (size_t n, size_t dim);

/* Copy a matrix [n x dim] (any tda, views welcome) and weights [n] >= 0, or NULL for 1 each.
   Finite numbers only; NULL with a message otherwise. */
elbo_data *elbo_data_from_matrix (const gsl_matrix *x, const gsl_vector *weight);

/* Free; NULL is allowed. */
void elbo_data_free (elbo_data *data);

/* Put one cell or one weight, user's units; before the data are first used.  A cell that is not
   there is not put; a row that is not there is GSL_EINVAL. */
void elbo_data_put (elbo_data *data, size_t row, size_t column, double value);
int elbo_data_put_weight (elbo_data *data, size_t row, double weight);

/* Read one cell in the user's units (to the rounding of the standardisation), or one weight;
   NAN where there is none. */
double elbo_data_value (const elbo_data *data, size_t row, size_t column);
double elbo_data_weight (const elbo_data *data, size_t row);

size_t elbo_data_rows (const elbo_data *data);
size_t elbo_data_dim (const elbo_data *data);

/* The sum of the weights. */
double elbo_data_total (const elbo_data *data);

/* The weighted mean and standard deviation (divisor W - 1, or W / 2 where W < 2) of a column,
   user's units; exactly 0 for a column whose rows of positive weight are all equal.  NAN for a
   column that is not there. */
void elbo_data_moments (const elbo_data *data, size_t column, double *mean, double *sd);

/* Rank the rows: equal rows share a rank, ranks 0, 1, ... follow the lexicographic order of the
   columns, so that they do not depend on the order of rows or on units.  Rows of weight 0 get
   the rank (size_t) -1.
   rank   [n], written
   copies [n], written: the summed weight of all rows that share the rank; may be NULL
   *ndistinct: number of ranks.  Cost O(n dim log n). */
int elbo_data_rank (const elbo_data *data, size_t *rank, double *copies, size_t *ndistinct);

#ifdef __cplusplus
}
#endif

#endif
