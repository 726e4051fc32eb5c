/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log densities that are quadratic or linear in the row, down the rows of a tile. */

static void
fill (size_t ncomp, const double *c, double *score)
{
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i += LANES)
      store (score + k * ELBO_TILE + i, all (c[k]));
}

/* Rows [first, first + rows) of z = A (x - mean) for one unit of rows of the tile, and their
   squares added to square.  Columns of x - mean are kept in y [dim x UNIT], each centred where it
   is first needed, if more rows follow; subtracting before multiplying is what keeps the digits of
   rows that lie far from 0.  a points to row first of the packed triangle; rows and more are known
   at compile time. */
INLINE void
whiten_rows (const size_t rows, const bool more, size_t first, const double *x, const double *mean,
             const double *a, double *y, vec square[3])
{
  const double *row[WIDE];
  vec z[WIDE][3];
  UNROLL
  for (size_t q = 0; q < rows; q++)
    {
      row[q] = a + q * first + q * (q + 1) / 2;
      z[q][0] = z[q][1] = z[q][2] = all (0);
    }
  for (size_t j = 0; j < first; j++)
    {
      const vec y0 = load (y + j * UNIT), y1 = load (y + j * UNIT + LANES),
                y2 = load (y + j * UNIT + 2 * LANES);
      UNROLL
      for (size_t q = 0; q < rows; q++)
        {
          const vec w = all (row[q][j]);
          z[q][0] += w * y0;
          z[q][1] += w * y1;
          z[q][2] += w * y2;
        }
    }
  UNROLL
  for (size_t j = 0; j < rows; j++)
    {
      const double *column = x + (first + j) * ELBO_TILE;
      double *centred = y + (first + j) * UNIT;
      const vec m = all (mean[first + j]);
      const vec y0 = load (column) - m, y1 = load (column + LANES) - m,
                y2 = load (column + 2 * LANES) - m;
      if (more)
        {
          store (centred, y0);
          store (centred + LANES, y1);
          store (centred + 2 * LANES, y2);
        }
      UNROLL
      for (size_t q = 0; q < rows; q++)
        if (q >= j)
          {
            const vec w = all (row[q][first + j]);
            z[q][0] += w * y0;
            z[q][1] += w * y1;
            z[q][2] += w * y2;
          }
    }
  UNROLL
  for (size_t q = 0; q < rows; q++)
    {
      square[0] += z[q][0] * z[q][0];
      square[1] += z[q][1] * z[q][1];
      square[2] += z[q][2] * z[q][2];
    }
}

INLINE void
whiten_score (double c, const vec square[3], double *score)
{
  UNROLL
  for (size_t u = 0; u < 3; u++)
    store (score + u * LANES, load (score + u * LANES) + (c - 0.5 * square[u]));
}

/* One component.  The dim % WIDE odd rows come first, where the triangle is narrow. */
INLINE void
whiten_component (const size_t odd, size_t n, size_t dim, const double *x, const double *mean,
                  const double *a, double c, double *y, double *score)
{
  const size_t used = padded (n);
  for (size_t i = 0; i < used; i += UNIT)
    {
      vec square[3] = { all (0), all (0), all (0) };
      if (odd && dim == odd)
        whiten_rows (odd, false, 0, x + i, mean, a, y, square);
      else
        {
          if (odd)
            whiten_rows (odd, true, 0, x + i, mean, a, y, square);
          for (size_t d = odd; d < dim; d += WIDE)
            whiten_rows (WIDE, true, d, x + i, mean, a + d * (d + 1) / 2, y, square);
        }
      whiten_score (c, square, score + i);
    }
}

static void
whiten (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean, const double *a,
        const double *c, double *scratch, double *score)
{
  for (size_t k = 0; k < ncomp; k++)
    {
      const double *m = mean + k * dim, *t = a + k * (dim * (dim + 1) / 2);
      double *s = score + k * ELBO_TILE;
      switch (dim % WIDE)
        {
        case 0:
          whiten_component (0, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 1:
          whiten_component (1, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 2:
          whiten_component (2, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 3:
          whiten_component (3, n, dim, x, m, t, c[k], scratch, s);
          break;
#if defined __AVX512F__ || defined __aarch64__
        case 4:
          whiten_component (4, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 5:
          whiten_component (5, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 6:
          whiten_component (6, n, dim, x, m, t, c[k], scratch, s);
          break;
        case 7:
          whiten_component (7, n, dim, x, m, t, c[k], scratch, s);
          break;
#endif
        }
    }
}

/* comps components of distance for all rows; comps is known at compile time. */
INLINE void
distance_components (const size_t comps, size_t n, size_t dim, const double *x, const double *mean,
                     const double *precision, const double *c, double *score)
{
  for (size_t i = 0; i < padded (n); i += UNIT)
    {
      vec sum[4][3];
      UNROLL
      for (size_t q = 0; q < comps; q++)
        sum[q][0] = sum[q][1] = sum[q][2] = all (0);
      for (size_t d = 0; d < dim; d++)
        {
          const double *column = x + d * ELBO_TILE + i;
          const vec x0 = load (column), x1 = load (column + LANES), x2 = load (column + 2 * LANES);
          UNROLL
          for (size_t q = 0; q < comps; q++)
            {
              const vec m = all (mean[q * dim + d]), w = all (precision[q * dim + d]);
              const vec y0 = x0 - m, y1 = x1 - m, y2 = x2 - m;
              sum[q][0] += w * y0 * y0;
              sum[q][1] += w * y1 * y1;
              sum[q][2] += w * y2 * y2;
            }
        }
      UNROLL
      for (size_t q = 0; q < comps; q++)
        UNROLL
      for (size_t u = 0; u < 3; u++)
        {
          double *s = score + q * ELBO_TILE + i + u * LANES;
          store (s, load (s) + (c[q] - 0.5 * sum[q][u]));
        }
    }
}

static void
distance (size_t n, size_t dim, size_t ncomp, const double *x, const double *mean,
          const double *precision, const double *c, double *scratch, double *score)
{
  size_t k = 0;
  (void)scratch;
  for (; k + WIDE / 2 <= ncomp; k += WIDE / 2)
    distance_components (WIDE / 2, n, dim, x, mean + k * dim, precision + k * dim, c + k,
                         score + k * ELBO_TILE);
  for (; k < ncomp; k++)
    distance_components (1, n, dim, x, mean + k * dim, precision + k * dim, c + k,
                         score + k * ELBO_TILE);
}

static void
nearest (size_t ncomp, const double *distance, double *label)
{
  for (size_t i = 0; i < ELBO_TILE; i += LANES)
    {
      vec best = load (distance + i), at = all (0);
      for (size_t k = 1; k < ncomp; k++)
        {
          const vec d = load (distance + k * ELBO_TILE + i);
          const lanes less = below (d, best * ELBO_NEARER_SCALE - ELBO_NEARER_SHIFT);
          best = choose (less, d, best);
          at = choose (less, all ((double)k), at);
        }
      store (label + i, at);
    }
}

/* comps components of linear for all rows; comps is known at compile time. */
INLINE void
linear_components (const size_t comps, size_t n, size_t dim, const double *x, const double *slope,
                   const double *c, double *score)
{
  for (size_t i = 0; i < padded (n); i += UNIT)
    {
      vec sum[WIDE][3];
      UNROLL
      for (size_t q = 0; q < comps; q++)
        sum[q][0] = sum[q][1] = sum[q][2] = all (c[q]);
      for (size_t d = 0; d < dim; d++)
        {
          const double *column = x + d * ELBO_TILE + i;
          const vec x0 = load (column), x1 = load (column + LANES), x2 = load (column + 2 * LANES);
          UNROLL
          for (size_t q = 0; q < comps; q++)
            {
              const vec w = all (slope[q * dim + d]);
              sum[q][0] += w * x0;
              sum[q][1] += w * x1;
              sum[q][2] += w * x2;
            }
        }
      UNROLL
      for (size_t q = 0; q < comps; q++)
        UNROLL
      for (size_t u = 0; u < 3; u++)
        {
          double *s = score + q * ELBO_TILE + i + u * LANES;
          store (s, load (s) + sum[q][u]);
        }
    }
}

static void
linear (size_t n, size_t dim, size_t ncomp, const double *x, const double *slope, const double *c,
        double *score)
{
  size_t k = 0;
  for (; k + WIDE <= ncomp; k += WIDE)
    linear_components (WIDE, n, dim, x, slope + k * dim, c + k, score + k * ELBO_TILE);
  for (; k < ncomp; k++)
    linear_components (1, n, dim, x, slope + k * dim, c + k, score + k * ELBO_TILE);
}
