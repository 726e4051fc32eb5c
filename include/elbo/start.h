/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A start is a local step that needs no beliefs: it writes responsibilities. */
#ifndef ELBO_START_H
#define ELBO_START_H

#include <stdint.h>
#include <elbo/data.h>
#include <elbo/model.h>

typedef struct elbo_start elbo_start;
struct elbo_start
{
  const char *name;
  /* Write the responsibilities of the rows of a tile, [K x ELBO_TILE], unweighted. */
  void (*assign) (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp);
  void (*release) (elbo_start *start); /* frees state; may be NULL */
  void *state;
};

/* What every start of one data set shares: the canonical order of its rows.  Free with
   elbo_ranks_free. */
typedef struct
{
  size_t *rank;   /* [n] */
  double *copies; /* [n] summed weight of the rows that share the rank */
  size_t ndistinct;
} elbo_ranks;
int elbo_ranks_make (const elbo_data *data, elbo_ranks *ranks);
void elbo_ranks_free (elbo_ranks *ranks);

/* Greedy k-means++ (Arthur & Vassilvitskii 2007) on columns divided by their standard
   deviations, categories as indicator columns.  Number 0 takes at most 10 Lloyd steps more and
   is hard, as are the other even numbers, without Lloyd steps; odd numbers are blurred: nine
   tenths of each row are drawn from the flat Dirichlet distribution, for starts that differ.
   Random numbers are keyed by (seed, ncomp, number, rank); threads do not change the result. */
int elbo_start_kmeans (elbo_start *start, const elbo_model *model, const elbo_data *data,
                       const elbo_ranks *ranks, uint64_t seed, size_t number, int threads);

/* Responsibilities drawn from the flat Dirichlet distribution, keyed likewise. */
int elbo_start_random (elbo_start *start, const elbo_model *model, const elbo_data *data,
                       const elbo_ranks *ranks, uint64_t seed, size_t number);

/* Labels 0 .. K-1, or responsibilities [n x K] row-major; borrowed until the release. */
int elbo_start_labels (elbo_start *start, const size_t *label, size_t n, size_t ncomp);
int elbo_start_responsibilities (elbo_start *start, const double *resp, size_t n, size_t ncomp);

/* Release the state of a start. */
void elbo_start_release (elbo_start *start);

#endif
