/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every room may use; knows nothing of statistics. */
#ifndef ELBO_BASE_H
#define ELBO_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <elbo/factor.h>
#include <elbo/rng.h>
#include <elbo/status.h>
#include <elbo/version.h>

#pragma GCC visibility push(hidden)

/* status.c: GSL_SUCCESS when what a function needs is given, else GSL_EFAULT and a sentence: `what`
   names it, as "a model". */
int elbo_check_given (int given, const char *what);

/* memory.c: zeroed, 64-byte aligned memory for count doubles (at least one); NULL with a message
   when memory or the count overflows.  Free with free. */
double *elbo_doubles (size_t count);
/* count * size bytes, zeroed; NULL with a message. */
void *elbo_calloc (size_t count, size_t size);
/* The product, or 0 with a message when it overflows. */
size_t elbo_times (size_t a, size_t b);

/* sized.c: structures that a program lays out and that may have grown since, or not yet; the program
   says how large its own is.  Copy what a program knows over defaults [known bytes]: from begins
   with its size, a size_t; GSL_EINVAL when that cannot be. */
int elbo_sized_read (void *to, size_t known, const void *from, const char *what);
/* Fill the options that a program laid out, size bytes, with defaults [known bytes] and that size; NULL
   is let be. */
void elbo_sized_fill (void *options, size_t size, const void *defaults, size_t known);
/* The first room bytes of a structure of another size, zeros where it is shorter. */
void elbo_copy_sized (void *to, size_t room, const void *from, size_t size);

/* threads.c: how many threads a request means; 0 is what OpenMP would use, without OpenMP 1. */
int elbo_cores (int threads);
/* Wall-clock seconds since timespec_get (began, TIME_UTC). */
double elbo_seconds_since (const struct timespec *began);

/* math.c: compensated sums (Neumaier 1974): a pair is (high, low), its value high + low. */
void elbo_pair_merge (double pair[2], const double other[2]);
/* log of the D-variate gamma function, a > (D - 1) / 2. */
double elbo_lnmvgamma (size_t dim, double a);
/* sum_{i=1..D} psi ((nu + 1 - i) / 2), nu > D - 1. */
double elbo_mvpsi (size_t dim, double nu);
/* log sum exp of n numbers; -inf for none. */
double elbo_logsumexp (const double *x, size_t n);
/* log Gamma and digamma for x > 0, without GSL's error handler. */
double elbo_lngamma (double x);
double elbo_psi (double x);
/* log Gamma (x + d) - log Gamma (x), d >= 0, without cancellation for large x. */
double elbo_lngamma_step (double x, double d);
/* quantile.c: the x up to which a gamma distribution of this shape and rate 1, or a beta
   distribution, has probability p, 0 < p < 1; NAN for other arguments. */
double elbo_gamma_quantile (double p, double shape);
double elbo_beta_quantile (double p, double a, double b);
/* x log y with 0 log 0 = 0. */
double elbo_xlogy (double x, double y);
/* Add a term to a sum and to what is known about its rounding. */
void elbo_quantity_add (elbo_quantity *to, double term);
/* Add sum count log p over n events, 0 log 0 = 0; log p is given. */
void elbo_quantity_counts (elbo_quantity *to, size_t n, const double *count, const double *log_p);

/* chol.c: small dense symmetric matrices, row-major.  elbo_chol factors the lower triangle of a
   [D x D] in place, a = L L'; returns 0, or the number (from 1) of the first pivot that is not
   positive, whose value goes to *pivot (may be NULL). */
size_t elbo_chol (size_t dim, double *a, double *pivot);
/* Invert the lower-triangular L [D x D] into a lower triangle by rows, [D (D + 1) / 2]. */
void elbo_chol_inverse (size_t dim, const double *l, double *inverse);
/* log det = 2 sum log L_jj. */
double elbo_chol_logdet (size_t dim, const double *l);
/* Eigenvalues [D] (descending) and eigenvectors (columns of vector [D x D]) of a symmetric
   a [D x D], destroyed; work [4 D]: gsl_eigen_symmv on the caller's memory.  a must be finite. */
void elbo_eigen (size_t dim, double *a, double *value, double *vector, double *work);

/* tree.c: add leaves pairwise in a fixed order: a binary counter
   of partial sums.  `pairs` lists where in a vector the compensated pairs stand. */
/* a += b [length], compensated pairs without rounding. */
void elbo_vector_add (size_t length, const size_t *pairs, size_t npairs, double *a,
                      const double *b);
typedef struct elbo_tree elbo_tree;
elbo_tree *elbo_tree_alloc (size_t length, const size_t *pairs, size_t npairs);
void elbo_tree_free (elbo_tree *tree);
/* Forget everything. */
void elbo_tree_reset (elbo_tree *tree);
/* The zeroed vector that the next leaf is written to; NULL with a message without memory. */
double *elbo_tree_leaf (elbo_tree *tree);
/* That vector is complete and is the sum of 2^level leaves in order. */
int elbo_tree_push (elbo_tree *tree, size_t level);
/* Add the sum of all leaves to total. */
void elbo_tree_total (elbo_tree *tree, double *total);
/* The sum of all leaves as a vector that is now the caller's; NULL when there is none. */
double *elbo_tree_detach (elbo_tree *tree);
/* vector, from now on the tree's, is the sum of 2^level leaves in order. */
int elbo_tree_add (elbo_tree *tree, double *vector, size_t level);
/* Move a buffer that one tree does not use to the other, if there is one. */
void elbo_tree_recycle (elbo_tree *from, elbo_tree *to);

#pragma GCC visibility pop

#endif
