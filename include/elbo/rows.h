/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of data as the caller and as the kernels see them. */
#ifndef ELBO_ROWS_H
#define ELBO_ROWS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A view of rows in the user's units; owns nothing.  Row-major, as a gsl_matrix is.  Begin it with
   ELBO_ROWS, which fills the size and leaves the rest 0. */
typedef struct
{
  size_t size;     /* sizeof (elbo_rows) of the program: members may be added at the end */
  const double *x; /* [n x tda], the first dim entries of a row are used */
  size_t n, dim, tda;
  const double *weight; /* [n], how many copies each row stands for, or NULL for 1  */
  size_t first;         /* number of the first row in the whole data set            */
} elbo_rows;

/* The initialiser of a view of n rows of dim columns, one after the other. */
#define ELBO_ROWS(x, n, dim) \
  { \
    sizeof (elbo_rows), (x), (n), (dim), (dim), NULL, 0 \
  }

/* Rows in one tile: the unit of work of every kernel. */
enum
{
  ELBO_TILE = 192
};

struct elbo_kernel;

/* Up to ELBO_TILE rows, feature-major, in standardised units: column d of row i is
   x[d * ELBO_TILE + i].  Columns are padded with zeros to ELBO_TILE rows and aligned to 64 bytes,
   so kernels may compute on the padding; its responsibilities are 0.  This transposed layout is
   what lets every kernel run down the rows with vectors of any width.  What belongs to a row
   stands here and never in a family.  The library makes tiles; members may be added at the end. */
typedef struct
{
  const double *x;                  /* [dim x ELBO_TILE]                                      */
  size_t n, dim;                    /* n <= ELBO_TILE real rows; columns of the rows          */
  const double *weight;             /* [ELBO_TILE], 0 in the padding; NULL: 1 each            */
  size_t first;                     /* number of the first row in the whole data set          */
  const double *count;              /* [K] in tally: the sums of resp over rows; else NULL    */
  double *scratch;                  /* [scratch (shape)], aligned to 64 bytes, for the callee */
  const struct elbo_kernel *kernel; /* the hot loops for this machine; private                */
  const uint64_t *present; /* [dim x 3] a bit a row, set where the cell is there; NULL: all */
  const int *label;        /* [ELBO_TILE] component known beforehand, -1: unknown; NULL: none */
} elbo_tile;

#ifdef __cplusplus
}
#endif

#endif
