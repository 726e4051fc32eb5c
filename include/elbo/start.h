/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A start is a local step that needs no beliefs: it writes responsibilities. */
#ifndef ELBO_START_H
#define ELBO_START_H

#include <stdint.h>
#include <gsl/gsl_matrix.h>
#include <elbo/data.h>
#include <elbo/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every start of one data set shares: the canonical order of its rows, in which equal rows
   share a rank.  The data are borrowed.  Cost O(n dim log n).  NULL with a message on failure; free with
   elbo_ranks_free. */
typedef struct elbo_ranks elbo_ranks; /* opaque */
elbo_ranks *elbo_ranks_alloc (const elbo_data *data);
void elbo_ranks_free (elbo_ranks *ranks);

/* The number of rows that were ranked, and of different ones among those of positive weight. */
size_t elbo_ranks_rows (const elbo_ranks *ranks);
size_t elbo_ranks_distinct (const elbo_ranks *ranks);

/* A start; it remembers how many rows and components it is for, and elbo_fit_start returns
   GSL_EBADLEN for others.  The functions below return NULL with a message on failure; free a
   start with elbo_start_free. */
typedef struct elbo_start elbo_start; /* opaque */
void elbo_start_free (elbo_start *start);

/* What the start is called; static storage, or the caller's. */
const char *elbo_start_name (const elbo_start *start);

/* Greedy k-means++ (Arthur & Vassilvitskii 2007) on columns divided by their standard
   deviations, categories as indicator columns.  Number 0 takes at most 10 Lloyd steps more and
   is hard, as are the other even numbers, without Lloyd steps; odd numbers are blurred: nine
   tenths of each row are drawn from the flat Dirichlet distribution, for starts that differ.
   Random numbers are keyed by (seed, ncomp, number, rank); threads do not change the result.  The
   ranks are borrowed until the start is freed. */
elbo_start *elbo_start_kmeans (const elbo_model *model, const elbo_data *data,
                               const elbo_ranks *ranks, uint64_t seed, size_t number, int threads);

/* Rows that differ, drawn at random, are seeds: nine tenths of each row belong to the nearest, in
   units as above, and the rest to all components alike.  Keyed likewise. */
elbo_start *elbo_start_random (const elbo_model *model, const elbo_ranks *ranks, uint64_t seed,
                               size_t number);

/* Each row belongs to the nearest of K means [K x dim], user's units, in units of the standard
   deviations of the columns; a tie goes to the lower number.  The means are copied.  Categorical
   columns are left out: their codes are no numbers. */
elbo_start *elbo_start_means (const elbo_model *model, const elbo_data *data,
                              const gsl_matrix *means);

/* Labels 0 .. K-1, or responsibilities [n x K] row-major that sum to 1; borrowed until the start
   is freed. */
elbo_start *elbo_start_labels (const size_t *label, size_t n, size_t ncomp);
elbo_start *elbo_start_responsibilities (const double *resp, size_t n, size_t ncomp);

/* Write what a start says of rows first .. first + n - 1 of the data: resp [n x K] row-major,
   unweighted; first is a multiple of ELBO_TILE. */
int elbo_start_part (const elbo_start *start, const elbo_model *model, const elbo_data *data,
                     size_t first, size_t n, double *resp);

/* A start of one's own: assign writes the responsibilities of the rows of a tile, [K x
   ELBO_TILE], unweighted: row i of component k is resp[k * ELBO_TILE + i].  It returns
   GSL_SUCCESS, or a status after elbo_fail; threads call it at the same time, for different
   tiles.  name and state are borrowed. */
typedef int elbo_start_assign (const elbo_tile *tile, size_t ncomp, double *resp, void *state);
elbo_start *elbo_start_own (const char *name, elbo_start_assign *assign, void *state);

#ifdef __cplusplus
}
#endif

#endif
