/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door to the hot loops.

   Tiles of rows in, numbers out; no statistics, no allocation, no global state.  Arrays over rows
   are [ELBO_TILE] long, 64-byte aligned, and may be read and computed on over their whole length
   up to n rounded up to a multiple of 24 (the padding is zero).  The same source is built for the
   baseline, AVX2 + FMA and AVX-512; elbo_kernel_pick chooses at run time.  The bits of a result
   depend on the build and the machine type, never on threads. */
#ifndef ELBO_KERNEL_H
#define ELBO_KERNEL_H

#include <stddef.h>
#include <elbo/rows.h>

#pragma GCC visibility push(hidden)

/* Distance a is less than b by more than rounding: a < SCALE b - SHIFT. */
#define ELBO_NEARER_SCALE (1 - 1e-9)
#define ELBO_NEARER_SHIFT 1e-12

typedef struct elbo_kernel elbo_kernel;
struct elbo_kernel
{
  const char *name; /* "scalar", "baseline", "avx2", "avx512" */

  /* score[k][i] = c[k], over the whole tile */
  void (*fill) (size_t ncomp, const double *c, double *score);

  /* score[k][i] += c[k] - 1/2 | A_k (x_i - mean_k) |^2
     x [dim x ELBO_TILE], mean [K x dim], a [K x dim (dim + 1) / 2] lower triangles by rows,
     scratch [(dim + 4) x ELBO_TILE], score [K x ELBO_TILE] */
  void (*whiten) (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean,
                  const double *a, const double *c, double *scratch, double *score);

  /* score[k][i] += c[k] - 1/2 sum_d precision[k][d] (x_i[d] - mean[k][d])^2 */
  void (*distance) (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean,
                    const double *precision, const double *c, double *scratch, double *score);

  /* label[i] = the k whose distance[k][i] [K x ELBO_TILE] is least by more than rounding, by the
     scale and shift above; ties go to the lowest */
  void (*nearest) (size_t ncomp, const double *distance, double *label);

  /* score[k][i] += c[k] + sum_d x_i[d] slope[k][d] */
  void (*linear) (size_t n, size_t dim, size_t ncomp, const double *x, const double *slope,
                  const double *c, double *score);

  /* With y = x_i - pivot_k (pivot [K x dim], or NULL for 0):
     first[k][d] += sum_i resp[k][i] y[d];
     second[k][t] += sum_i resp[k][i] y[a] y[b], t over the lower triangle by rows */
  void (*moments) (size_t n, size_t dim, size_t ncomp, const double *x, const double *pivot,
                   const double *resp, double *scratch, double *first, double *second);

  /* The same with second[k][d] += sum_i resp[k][i] y[d]^2; second NULL: first moments only */
  void (*moments_diagonal) (size_t n, size_t dim, size_t ncomp, const double *x,
                            const double *pivot, const double *resp, double *scratch, double *first,
                            double *second);

  /* count[k] += sum_i resp[k][i], over the whole tile */
  void (*totals) (size_t ncomp, const double *resp, double *count);

  /* Soft-max over components, in place:
       s_i = log sum_k exp score;  r_ik = exp (score - s_i), 0 where it is below 1e-100 or, of K < 2^b
       components, that of the largest times 1e-100 2^b
     On return score[k][i] = w_i r_ik, 0 for i >= n.  weight [ELBO_TILE] or NULL for 1.
     count[k] += sum_i w_i r_ik; the pairs (high, low), compensated (Neumaier 1974):
     evidence += w s, energy += w sum_k r score, entropy += w sum_k r (s - score).
     A row whose scores are all -inf gets evidence -inf and responsibilities 0; components at +inf
     share a row, whose evidence is +inf.  What is not a number shows in the evidence; the row has
     responsibilities 0. */
  void (*softmax) (size_t n, size_t ncomp, const double *weight, double *score, double *count,
                   double *evidence, double *energy, double *entropy);
};

/* The fastest kernel that this machine runs; the environment variable ELBO_ISA (scalar, baseline,
   avx2, avx512) overrides it where it names one that runs here. */
const elbo_kernel *elbo_kernel_pick (void);

/* Kernel i of those that run on this machine, or NULL past the end: for tests. */
const elbo_kernel *elbo_kernel_at (size_t i);

#pragma GCC visibility pop

#endif
