/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted first and second moments of a tile as dot products over its rows.

   Columns of 192 rows stand on both sides: responsibilities on the left, features (x_a, x_a x_b)
   on the right.  The features are built once and serve every component. */

/* Columns of features built at a time: with the responsibilities of three components, and of the
   next three on their way, these stay in the first-level cache. */
enum
{
  CHUNK = 8
};

/* out[p * stride + q] += left_p . right_q over rows; nleft <= 3 and nright <= WIDE are known at
   compile time. */
INLINE void
dot_block (const size_t nleft, const size_t nright, size_t rows, const double *left,
           const double *right, size_t stride, double *out)
{
  vec cell[3][WIDE];
  UNROLL
  for (size_t p = 0; p < nleft; p++)
    UNROLL
  for (size_t q = 0; q < WIDE; q++)
    cell[p][q] = all (0);
  for (size_t i = 0; i < rows; i += LANES)
    {
      vec r[3];
      UNROLL
      for (size_t p = 0; p < nleft; p++)
        {
          r[p] = load (left + p * ELBO_TILE + i);
          /* of many components the responsibilities come from the second-level cache; what is
             fetched behind the last ones is not used */
          if (nleft == 3)
            __builtin_prefetch (left + (nleft + p) * ELBO_TILE + i);
        }
      UNROLL
      for (size_t q = 0; q < nright; q++)
        {
          const vec f = held (load (right + q * ELBO_TILE + i));
          UNROLL
          for (size_t p = 0; p < nleft; p++)
            cell[p][q] += r[p] * f;
        }
    }
  UNROLL
  for (size_t p = 0; p < nleft; p++)
    add_lanes (nright, cell[p], out + p * stride);
}

/* out[p * stride + q] += left_p . right_q for all q; nleft <= 3 is known at compile time. */
INLINE void
dot_strip (const size_t nleft, size_t rows, const double *left, size_t nright, const double *right,
           size_t stride, double *out)
{
  for (; nright >= WIDE; nright -= WIDE, right += WIDE * ELBO_TILE, out += WIDE)
    dot_block (nleft, WIDE, rows, left, right, stride, out);
  switch (nright)
    {
    case 1:
      dot_block (nleft, 1, rows, left, right, stride, out);
      break;
    case 2:
      dot_block (nleft, 2, rows, left, right, stride, out);
      break;
    case 3:
      dot_block (nleft, 3, rows, left, right, stride, out);
      break;
#if defined __AVX512F__ || defined __aarch64__
    case 4:
      dot_block (nleft, 4, rows, left, right, stride, out);
      break;
    case 5:
      dot_block (nleft, 5, rows, left, right, stride, out);
      break;
    case 6:
      dot_block (nleft, 6, rows, left, right, stride, out);
      break;
    case 7:
      dot_block (nleft, 7, rows, left, right, stride, out);
      break;
#endif
    }
}

/* out[p * stride + q] += sum_i left[p][i] right[q][i]. */
static void
dot (size_t rows, size_t nleft, const double *left, size_t nright, const double *right,
     size_t stride, double *out)
{
  for (; nleft >= 3; nleft -= 3, left += 3 * ELBO_TILE, out += 3 * stride)
    dot_strip (3, rows, left, nright, right, stride, out);
  if (nleft == 2)
    dot_strip (2, rows, left, nright, right, stride, out);
  if (nleft == 1)
    dot_strip (1, rows, left, nright, right, stride, out);
}

/* c = a b over rows */
INLINE void
multiply (size_t rows, const double *a, const double *b, double *c)
{
  for (size_t i = 0; i < rows; i += LANES)
    store (c + i, load (a + i) * load (b + i));
}

INLINE size_t
least (size_t a, size_t b)
{
  return a < b ? a : b;
}

/* y = x - pivot for count columns */
static void
subtract (size_t rows, size_t count, const double *x, const double *pivot, double *y)
{
  for (size_t d = 0; d < count; d++)
    {
      const vec m = all (pivot[d]);
      for (size_t i = 0; i < rows; i += LANES)
        store (y + d * ELBO_TILE + i, load (x + d * ELBO_TILE + i) - m);
    }
}

/* All components about 0, dim <= 2: all features fit in the scratch and go together. */
static void
moments_narrow (size_t rows, size_t dim, size_t ncomp, const double *x, const double *resp,
                double *scratch, double *first, double *second)
{
  enum
  {
    MOST = 5
  };
  const size_t total = dim * (dim + 1) / 2;
  double *products = scratch + dim * ELBO_TILE;
  memcpy (scratch, x, dim * ELBO_TILE * sizeof *x);
  multiply (rows, x, x, products);
  if (dim == 2)
    {
      multiply (rows, x, x + ELBO_TILE, products + ELBO_TILE);
      multiply (rows, x + ELBO_TILE, x + ELBO_TILE, products + 2 * ELBO_TILE);
    }
  for (size_t k = 0; k < ncomp; k += 3)
    {
      const size_t count = least (3, ncomp - k);
      double sum[3 * MOST] = { 0 };
      dot (rows, count, resp + k * ELBO_TILE, dim + total, scratch, MOST, sum);
      for (size_t p = 0; p < count; p++)
        {
          for (size_t d = 0; d < dim; d++)
            first[(k + p) * dim + d] += sum[p * MOST + d];
          for (size_t t = 0; t < total; t++)
            second[(k + p) * total + t] += sum[p * MOST + dim + t];
        }
    }
}

/* All components about 0: products of columns, a chunk at a time. */
static void
moments_shared (size_t rows, size_t dim, size_t ncomp, const double *x, const double *resp,
                double *scratch, double *first, double *second)
{
  const size_t total = dim * (dim + 1) / 2;
  const size_t chunk = dim + 4 < CHUNK ? dim + 4 : CHUNK;
  for (size_t d = 0; d < dim; d += CHUNK)
    dot (rows, ncomp, resp, least (CHUNK, dim - d), x + d * ELBO_TILE, dim, first + d);
  for (size_t t = 0, a = 0, b = 0; t < total; t += chunk)
    {
      const size_t count = least (chunk, total - t);
      for (size_t q = 0; q < count; q++)
        {
          multiply (rows, x + a * ELBO_TILE, x + b * ELBO_TILE, scratch + q * ELBO_TILE);
          if (++b > a)
            {
              a++;
              b = 0;
            }
        }
      dot (rows, ncomp, resp, count, scratch, total, second + t);
    }
}

/* One component about its own pivot: rows r y_a of the weighted data, three at a time, against
   the columns y_b, b <= a. */
static void
moments_pivot (size_t rows, size_t dim, const double *x, const double *pivot, const double *resp,
               double *scratch, double *first, double *second)
{
  double *y = scratch, *z = scratch + dim * ELBO_TILE;
  subtract (rows, dim, x, pivot, y);
  dot (rows, 1, resp, dim, y, dim, first);
  for (size_t a = 0; a < dim; a += 3)
    {
      const size_t count = least (3, dim - a);
      for (size_t p = 0; p < count; p++)
        multiply (rows, resp, y + (a + p) * ELBO_TILE, z + p * ELBO_TILE);
      for (size_t b = 0; b < a + count; b += WIDE)
        {
          double sum[3 * WIDE] = { 0 };
          const size_t width = least (WIDE, a + count - b);
          dot (rows, count, z, width, y + b * ELBO_TILE, WIDE, sum);
          for (size_t p = 0; p < count; p++)
            for (size_t q = 0; q < width && b + q <= a + p; q++)
              second[(a + p) * (a + p + 1) / 2 + b + q] += sum[p * WIDE + q];
        }
    }
}

/* Components about 0 that stand together share their features; fewer than this are not worth the
   features of their own, and 0 is a pivot like any other. */
enum
{
  SHARED = 6
};

/* How many components from the first on have the pivot 0. */
static size_t
about_zero (size_t dim, size_t ncomp, const double *pivot)
{
  size_t i = 0;
  if (!pivot)
    return ncomp;
  while (i < ncomp * dim && pivot[i] == 0)
    i++;
  return i / dim;
}

static void
moments (size_t n, size_t dim, size_t ncomp, const double *x, const double *pivot,
         const double *resp, double *scratch, double *first, double *second)
{
  const size_t rows = padded (n), total = dim * (dim + 1) / 2;
  for (size_t k = 0; k < ncomp;)
    {
      size_t run = about_zero (dim, ncomp - k, pivot ? pivot + k * dim : NULL);
      const double *r = resp + k * ELBO_TILE;
      double *one = first + k * dim, *two = second + k * total;
      if (run < SHARED && run < ncomp)
        {
          moments_pivot (rows, dim, x, pivot + k * dim, r, scratch, one, two);
          run = 1;
        }
      else if (dim <= 2)
        moments_narrow (rows, dim, run, x, r, scratch, one, two);
      else
        moments_shared (rows, dim, run, x, r, scratch, one, two);
      k += run;
    }
}

/* First moments and squares of count columns y; the squares are built in square. */
static void
moments_columns (size_t rows, size_t count, size_t dim, size_t ncomp, const double *y,
                 const double *resp, double *square, double *first, double *second)
{
  dot (rows, ncomp, resp, count, y, dim, first);
  if (!second)
    return;
  for (size_t d = 0; d < count; d++)
    multiply (rows, y + d * ELBO_TILE, y + d * ELBO_TILE, square + d * ELBO_TILE);
  dot (rows, ncomp, resp, count, square, dim, second);
}

static void
moments_diagonal (size_t n, size_t dim, size_t ncomp, const double *x, const double *pivot,
                  const double *resp, double *scratch, double *first, double *second)
{
  const size_t rows = padded (n);
  const size_t chunk = least (CHUNK, (dim + 4) / 2);
  for (size_t d = 0; d < dim; d += chunk)
    {
      const size_t count = least (chunk, dim - d);
      double *square = scratch + count * ELBO_TILE;
      for (size_t k = 0; k < ncomp; k++)
        {
          const size_t run = about_zero (dim, ncomp - k, pivot ? pivot + k * dim : NULL);
          size_t at = k * dim + d;
          if (run > 0)
            moments_columns (rows, count, dim, run, x + d * ELBO_TILE, resp + k * ELBO_TILE, square,
                             first + at, second ? second + at : NULL);
          k += run;
          at += run * dim;
          if (k == ncomp)
            break;
          subtract (rows, count, x + d * ELBO_TILE, pivot + at, scratch);
          moments_columns (rows, count, dim, 1, scratch, resp + k * ELBO_TILE, square, first + at,
                           second ? second + at : NULL);
        }
    }
}

/* The weights of up to WIDE components at once: eight chains of additions that do not wait for
   each other.  comps is known at compile time. */
INLINE void
total_block (const size_t comps, const double *resp, double *count)
{
  vec sum[WIDE];
  UNROLL
  for (size_t q = 0; q < WIDE; q++)
    sum[q] = all (0);
  for (size_t i = 0; i < ELBO_TILE; i += LANES)
    UNROLL
  for (size_t q = 0; q < WIDE; q++)
    if (q < comps)
      sum[q] += load (resp + q * ELBO_TILE + i);
  add_lanes (comps, sum, count);
}

static void
totals (size_t ncomp, const double *resp, double *count)
{
  size_t k = 0;
  for (; k + WIDE <= ncomp; k += WIDE)
    total_block (WIDE, resp + k * ELBO_TILE, count + k);
  for (; k < ncomp; k++)
    total_block (1, resp + k * ELBO_TILE, count + k);
}
