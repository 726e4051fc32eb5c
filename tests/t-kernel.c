/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every kernel of this machine against the scalar one and against long double.

   A kernel may sum in another order and with fused operations, so its distance from the reference
   is bounded by the roundings of both: (operations) * DBL_EPSILON * (sum of absolute terms), the
   worst case of Higham (2002), section 3.1, for two results. */
#include <config.h>
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/kernel.h"

static uint64_t state;

/* splitmix64, in [-1, 1) */
static double
draw (void)
{
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (double)(int64_t)(z ^ (z >> 31)) * 0x1p-63;
}

/* got is wanted to a tolerance; an assertion of Check would write to a file also while it holds. */
static void
near (double got, double wanted, double tolerance)
{
  if (!(fabs (got - wanted) <= tolerance))
    ck_abort_msg ("%.17g, not %.17g within %.3g", got, wanted, tolerance);
}

static size_t
draw_size (size_t low, size_t high)
{
  return low + (size_t)(fabs (draw ()) * (double)(high - low + 1)) % (high - low + 1);
}

static double *
array (size_t n)
{
  double *a = aligned_alloc (64, (n * sizeof *a + 63) / 64 * 64);
  ck_assert_ptr_nonnull (a);
  for (size_t i = 0; i < n; i++)
    a[i] = draw ();
  return a;
}

static double *
copy (const double *from, size_t n)
{
  double *a = array (n);
  memcpy (a, from, n * sizeof *a);
  return a;
}

/* Columns of a tile: random rows about centre, then zeros. */
static double *
columns (size_t n, size_t count, double centre)
{
  double *a = array (count * ELBO_TILE);
  for (size_t d = 0; d < count; d++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      a[d * ELBO_TILE + i] = i < n ? centre + a[d * ELBO_TILE + i] : 0;
  return a;
}

static const elbo_kernel *
scalar (void)
{
  const elbo_kernel *kernel = NULL;
  for (size_t i = 0; elbo_kernel_at (i); i++)
    kernel = elbo_kernel_at (i);
  ck_assert_str_eq (kernel->name, "scalar");
  return kernel;
}

/* Few rows, few columns and many of both, now and then many components; the sixteen first draws go
   through every dim to 16, so that every remainder of every block is met. */
static void
shape (size_t draw_number, size_t *n, size_t *dim, size_t *ncomp)
{
  *n = draw_number % 4 ? draw_size (1, ELBO_TILE) : ELBO_TILE - draw_number / 4 % 2;
  *dim = draw_number < 16 ? draw_number + 1 : draw_size (1, 130);
  *ncomp = draw_size (1, 11);
  if (draw_number % 20 == 19)
    {
      *dim = draw_size (1, 8);
      *ncomp = 1000;
    }
}

/* The absolute terms of a whitened score, which bound its rounding error. */
static double
whiten_terms (size_t dim, const double *x, const double *mean, const double *a)
{
  double terms = 0;
  for (size_t d = 0; d < dim; d++)
    {
      double z = 0;
      for (size_t j = 0; j <= d; j++)
        z += fabs (*a++ * (x[j * ELBO_TILE] - mean[j]));
      terms += 0.5 * z * z;
    }
  return terms;
}

START_TEST (scores_agree)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i), *plain = scalar ();
  size_t n, dim, ncomp, compared = 0;
  for (size_t s = 0; s < 40; s++)
    {
      state = s;
      shape (s, &n, &dim, &ncomp);
      const size_t packed = dim * (dim + 1) / 2;
      double *x = columns (n, dim, draw ()), *mean = array (ncomp * dim);
      double *a = array (ncomp * packed), *c = array (ncomp), *precision = array (ncomp * dim);
      double *scratch = array ((dim + 4) * ELBO_TILE), *start = array (ncomp * ELBO_TILE);
      double *got[3], *wanted[3];
      kernel->fill (ncomp, c, start);
      for (size_t i = 0; i < ncomp * ELBO_TILE; i++)
        {
          ck_assert_double_eq (start[i], c[i / ELBO_TILE]);
          start[i] = draw ();
        }
      for (int m = 0; m < 3; m++)
        {
          got[m] = copy (start, ncomp * ELBO_TILE);
          wanted[m] = copy (start, ncomp * ELBO_TILE);
        }
      kernel->whiten (n, dim, ncomp, x, mean, a, c, scratch, got[0]);
      plain->whiten (n, dim, ncomp, x, mean, a, c, scratch, wanted[0]);
      kernel->distance (n, dim, ncomp, x, mean, precision, c, scratch, got[1]);
      plain->distance (n, dim, ncomp, x, mean, precision, c, scratch, wanted[1]);
      kernel->linear (n, dim, ncomp, x, mean, c, got[2]);
      plain->linear (n, dim, ncomp, x, mean, c, wanted[2]);
      for (size_t k = 0; k < ncomp; k++)
        for (size_t i = 0; i < n; i++)
          {
            const size_t at = k * ELBO_TILE + i;
            double terms[3] = { fabs (start[at]) + fabs (c[k]), fabs (start[at]) + fabs (c[k]),
                                fabs (start[at]) + fabs (c[k]) };
            terms[0] += whiten_terms (dim, x + i, mean + k * dim, a + k * packed);
            for (size_t d = 0; d < dim; d++)
              {
                const double v = x[d * ELBO_TILE + i], m = mean[k * dim + d];
                terms[1] += 0.5 * fabs (precision[k * dim + d]) * (v - m) * (v - m);
                terms[2] += fabs (v * m);
              }
            near (got[0][at], wanted[0][at], 3 * ((double)dim + 4) * DBL_EPSILON * terms[0]);
            near (got[1][at], wanted[1][at], ((double)dim + 6) * DBL_EPSILON * terms[1]);
            near (got[2][at], wanted[2][at], ((double)dim + 3) * DBL_EPSILON * terms[2]);
            compared++;
          }
      for (int m = 0; m < 3; m++)
        {
          free (got[m]);
          free (wanted[m]);
        }
      free (x);
      free (mean);
      free (a);
      free (c);
      free (precision);
      free (scratch);
      free (start);
    }
  ck_assert_uint_gt (compared, 10000);
}
END_TEST

START_TEST (nearest_agrees)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  for (size_t s = 0; s < 40; s++)
    {
      state = 500 + s;
      const size_t ncomp = draw_size (1, 40);
      double *distance = array (ncomp * ELBO_TILE), got[ELBO_TILE], *label = array (ELBO_TILE);
      double wanted[ELBO_TILE];
      /* many ties, some of them within rounding, at 0 as well */
      for (size_t i = 0; i < ncomp * ELBO_TILE; i++)
        distance[i]
            = floor (8 * fabs (distance[i])) * (1 + 1e-15 * draw ()) + 1e-13 * fabs (draw ());
      kernel->nearest (ncomp, distance, label);
      memcpy (got, label, sizeof got);
      scalar ()->nearest (ncomp, distance, label);
      memcpy (wanted, label, sizeof wanted);
      for (size_t i = 0; i < ELBO_TILE; i++)
        {
          size_t least = 0;
          for (size_t k = 1; k < ncomp; k++)
            if (round (distance[k * ELBO_TILE + i]) < round (distance[least * ELBO_TILE + i]))
              least = k;
          near (got[i], (double)least, 0);
          near (wanted[i], (double)least, 0);
        }
      free (distance);
      free (label);
    }
}
END_TEST

/* First and second moments of both kinds about the pivots, and what they are of, in absolute
   terms. */
typedef struct
{
  double *first, *second, *diagonal_first, *diagonal_second, *only_first, *total;
  size_t nfirst, nsecond;
} sums;

static sums
moments_of (const elbo_kernel *kernel, size_t n, size_t dim, size_t ncomp, const double *x,
            const double *pivot, const double *resp, uint64_t seed)
{
  sums s = { .nfirst = ncomp * dim, .nsecond = ncomp * (dim * (dim + 1) / 2) };
  double *scratch = array ((dim + 4) * ELBO_TILE);
  state = seed;
  s.first = array (s.nfirst);
  s.second = array (s.nsecond);
  s.diagonal_first = array (s.nfirst);
  s.diagonal_second = array (s.nfirst);
  s.only_first = array (s.nfirst);
  s.total = array (ncomp);
  kernel->moments (n, dim, ncomp, x, pivot, resp, scratch, s.first, s.second);
  kernel->moments_diagonal (n, dim, ncomp, x, pivot, resp, scratch, s.diagonal_first,
                            s.diagonal_second);
  kernel->moments_diagonal (n, dim, ncomp, x, pivot, resp, scratch, s.only_first, NULL);
  kernel->totals (ncomp, resp, s.total);
  free (scratch);
  return s;
}

static void
release (sums s)
{
  free (s.first);
  free (s.second);
  free (s.diagonal_first);
  free (s.diagonal_second);
  free (s.only_first);
  free (s.total);
}

static void
compare (const double *got, const double *wanted, size_t count, double tol)
{
  for (size_t i = 0; i < count; i++)
    near (got[i], wanted[i], tol);
}

START_TEST (moments_agree)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i), *plain = scalar ();
  size_t n, dim, ncomp;
  for (size_t s = 0; s < 48; s++)
    {
      state = 1000 + s / 2;
      shape (s / 2, &n, &dim, &ncomp);
      double *x = columns (n, dim, 0), *resp = columns (n, ncomp, 1);
      double *pivot = s % 2 ? array (ncomp * dim) : NULL;
      /* components about their own pivot between others about 0 */
      for (size_t k = 0; pivot && k < ncomp; k++)
        if (draw () < 0)
          memset (pivot + k * dim, 0, dim * sizeof *pivot);
      for (size_t i = 0; i < n; i += 5)
        resp[i] = 0;
      const sums got = moments_of (kernel, n, dim, ncomp, x, pivot, resp, s);
      const sums wanted = moments_of (plain, n, dim, ncomp, x, pivot, resp, s);
      /* resp <= 2 and |y| <= 2, so a term of a moment is at most 4 or 8, and the start 1 */
      const double ulps = ((double)n + 4) * DBL_EPSILON, rows = (double)n;
      compare (got.first, wanted.first, got.nfirst, ulps * (1 + 4 * rows));
      compare (got.second, wanted.second, got.nsecond, ulps * (1 + 8 * rows));
      compare (got.diagonal_first, wanted.diagonal_first, got.nfirst, ulps * (1 + 4 * rows));
      compare (got.diagonal_second, wanted.diagonal_second, got.nfirst, ulps * (1 + 8 * rows));
      compare (got.only_first, wanted.only_first, got.nfirst, ulps * (1 + 4 * rows));
      compare (got.total, wanted.total, ncomp, ulps * (1 + 2 * rows));
      release (got);
      release (wanted);
      free (x);
      free (resp);
      free (pivot);
    }
}
END_TEST

typedef struct
{
  double *resp, *count, evidence[2], energy[2], entropy[2];
} soft;

static soft
softmax_of (const elbo_kernel *kernel, size_t n, size_t ncomp, const double *weight,
            const double *score)
{
  soft s = { .resp = copy (score, ncomp * ELBO_TILE), .count = array (ncomp) };
  memset (s.count, 0, ncomp * sizeof *s.count);
  kernel->softmax (n, ncomp, weight, s.resp, s.count, s.evidence, s.energy, s.entropy);
  return s;
}

static void
check_softmax (const elbo_kernel *kernel, size_t n, size_t ncomp, const double *weight,
               const double *score, double size)
{
  const soft got = softmax_of (kernel, n, ncomp, weight, score);
  const soft wanted = softmax_of (scalar (), n, ncomp, weight, score);
  const double ulps = ((double)ncomp + 8) * DBL_EPSILON;
  double total = 0;
  for (size_t i = 0; i < ELBO_TILE; i++)
    {
      const double w = i < n ? weight ? weight[i] : 1 : 0;
      long double sum = 0;
      for (size_t k = 0; k < ncomp; k++)
        {
          const double r = got.resp[k * ELBO_TILE + i], s = wanted.resp[k * ELBO_TILE + i];
          /* on either side of the limit, which is at most 2 K 1e-100 */
          near (r, s, ulps * s + 2.01e-100 * (double)ncomp * w);
          if (r != 0 && !(r >= 0.99e-100 * w))
            ck_abort_msg ("%.17g is below the limit", r);
          sum += r;
        }
      /* ncomp additions and a division, half an ulp each */
      ck_assert (fabsl (sum - w) <= w * (3 + (double)ncomp / 2) * DBL_EPSILON);
      total += w;
    }
  for (size_t k = 0; k < ncomp; k++)
    ck_assert_double_eq_tol (got.count[k], wanted.count[k],
                             (ulps + (double)n * DBL_EPSILON) * wanted.count[k] + 1e-97);
  /* a log and a mean of exponents, relative to their largest terms */
  const double tol = total * (size + log ((double)ncomp) + 2) * ulps;
  ck_assert_double_eq_tol (got.evidence[0] + got.evidence[1],
                           wanted.evidence[0] + wanted.evidence[1], tol);
  ck_assert_double_eq_tol (got.energy[0] + got.energy[1], wanted.energy[0] + wanted.energy[1], tol);
  ck_assert_double_eq_tol (got.entropy[0] + got.entropy[1], wanted.entropy[0] + wanted.entropy[1],
                           tol);
  free (got.resp);
  free (got.count);
  free (wanted.resp);
  free (wanted.count);
}

START_TEST (softmax_agrees)
{
  const double sizes[] = { 0.1, 3, 40, 900, 1e5 };
  for (size_t s = 0; s < 48; s++)
    {
      state = 2000 + s;
      const size_t n = s % 3 ? draw_size (1, ELBO_TILE) : ELBO_TILE;
      const size_t ncomp = s == 0 ? 1000 : draw_size (1, 40);
      const double size = sizes[s % 5];
      double *score = array (ncomp * ELBO_TILE);
      double *weight = s % 2 ? array (ELBO_TILE) : NULL;
      for (size_t i = 0; i < ncomp * ELBO_TILE; i++)
        score[i] = i / ELBO_TILE && draw () < -0.9 ? -INFINITY : size * score[i];
      for (size_t k = 0; k < ncomp; k++)
        for (size_t i = n; i < ELBO_TILE; i++)
          score[k * ELBO_TILE + i] = 1e9 * draw ();
      for (size_t i = 0; weight && i < ELBO_TILE; i++)
        weight[i] = i >= n || weight[i] < -0.6 ? 0 : 3 * fabs (weight[i]);
      check_softmax (elbo_kernel_at ((size_t)_i), n, ncomp, weight, score, size);
      free (score);
      free (weight);
    }
}
END_TEST

/* Two components, the first at 0: the second has the responsibility e / (1 + e), e = exp (t). */
START_TEST (exponentials_are_accurate)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  state = 3000;
  for (size_t s = 0; s < 40; s++)
    {
      double *score = array (2 * ELBO_TILE), t[ELBO_TILE];
      for (size_t i = 0; i < ELBO_TILE; i++)
        {
          score[i] = 0;
          t[i] = score[ELBO_TILE + i] = s % 2 ? -240 * fabs (draw ()) : -3 * fabs (draw ());
        }
      const soft got = softmax_of (kernel, ELBO_TILE, 2, NULL, score);
      long double evidence = 0, entropy = 0;
      for (size_t i = 0; i < ELBO_TILE; i++)
        {
          const long double e = expl (t[i]), r = e / (1 + e);
          if (e < 4e-100L)
            ck_assert_double_eq (got.resp[ELBO_TILE + i], 0);
          else
            /* 1.12 ulp for exp, half an ulp each for the sum, its inverse and the product */
            ck_assert (fabsl (got.resp[ELBO_TILE + i] - r) <= 2.4 * DBL_EPSILON * r);
          evidence += log1pl (e);
          entropy += log1pl (e) - r * t[i];
        }
      /* an ulp of 1 a row for the logs, two more for the exponents' mean */
      ck_assert (fabsl (got.evidence[0] + got.evidence[1] - evidence) <= DBL_EPSILON * ELBO_TILE);
      ck_assert (fabsl (got.entropy[0] + got.entropy[1] - entropy) <= 3 * DBL_EPSILON * ELBO_TILE);
      free (score);
      free (got.resp);
      free (got.count);
    }
}
END_TEST

/* Evidence of one row with components at 0 and t: log (1 + exp (t)), within an ulp of 1. */
START_TEST (logarithms_are_accurate)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  double *score = array (2 * ELBO_TILE);
  state = 3500;
  for (size_t s = 0; s < 3000; s++)
    {
      double count[2] = { 0 }, evidence[2] = { 0 }, energy[2] = { 0 }, entropy[2] = { 0 };
      const double t = -4 * fabs (draw ());
      score[0] = 0;
      score[ELBO_TILE] = t;
      kernel->softmax (1, 2, NULL, score, count, evidence, energy, entropy);
      ck_assert (fabsl (evidence[0] + evidence[1] - log1pl (expl (t))) <= DBL_EPSILON);
    }
  free (score);
}
END_TEST

/* 1e7 standard deviations from 0, and a component as far from the rows: neither loses digits. */
START_TEST (distant_rows_keep_their_digits)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  enum
  {
    DIM = 11,
    N = 50,
    COMPS = 2
  };
  const size_t packed = DIM * (DIM + 1) / 2;
  const double c[COMPS] = { 0.5, -1 }, centre = 1e7;
  state = 4000;
  double *x = columns (N, DIM, centre), *mean = array (COMPS * DIM);
  double *a = array (COMPS * packed), *scratch = array ((DIM + 4) * ELBO_TILE);
  double *full = array (COMPS * ELBO_TILE), *diagonal = array (COMPS * ELBO_TILE);
  double precision[COMPS * DIM];
  memset (full, 0, COMPS * ELBO_TILE * sizeof *full);
  memset (diagonal, 0, COMPS * ELBO_TILE * sizeof *diagonal);
  for (size_t d = 0; d < COMPS * DIM; d++)
    {
      mean[d] += d < DIM ? centre : -centre;
      precision[d] = 1 + 0.5 * draw ();
    }
  kernel->whiten (N, DIM, COMPS, x, mean, a, c, scratch, full);
  kernel->distance (N, DIM, COMPS, x, mean, precision, c, scratch, diagonal);
  for (size_t k = 0; k < COMPS; k++)
    for (size_t i = 0; i < N; i++)
      {
        const double *w = a + k * packed;
        long double square = 0, sum = 0;
        for (size_t d = 0; d < DIM; d++)
          {
            long double z = 0;
            for (size_t j = 0; j <= d; j++)
              z += *w++ * ((long double)x[j * ELBO_TILE + i] - mean[k * DIM + j]);
            square += z * z;
            z = (long double)x[d * ELBO_TILE + i] - mean[k * DIM + d];
            sum += precision[k * DIM + d] * z * z;
          }
        const double terms = 2 + whiten_terms (DIM, x + i, mean + k * DIM, a + k * packed);
        ck_assert (fabsl (full[k * ELBO_TILE + i] - (c[k] - square / 2))
                   <= 3 * (DIM + 4) * DBL_EPSILON * terms);
        ck_assert (fabsl (diagonal[k * ELBO_TILE + i] - (c[k] - sum / 2))
                   <= (DIM + 6) * DBL_EPSILON * (2 + sum));
      }
  free (x);
  free (mean);
  free (a);
  free (scratch);
  free (full);
  free (diagonal);
}
END_TEST

/* Moments about pivots 1e7 away from 0, of rows within 1 of them. */
START_TEST (distant_moments_keep_their_digits)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  enum
  {
    DIM = 7,
    N = 101
  };
  const double centre = 1e7;
  double pivot[DIM];
  state = 5000;
  double *x = columns (N, DIM, centre), *resp = columns (N, 1, 1);
  for (size_t d = 0; d < DIM; d++)
    pivot[d] = centre + draw ();
  const sums got = moments_of (kernel, N, DIM, 1, x, pivot, resp, 1);
  state = 1;
  for (size_t d = 0; d < DIM; d++)
    {
      long double sum = draw ();
      for (size_t i = 0; i < N; i++)
        sum += resp[i] * ((long double)x[d * ELBO_TILE + i] - pivot[d]);
      ck_assert (fabsl (got.first[d] - sum) <= (N + 4) * DBL_EPSILON * (1 + 4 * N));
    }
  for (size_t a = 0, t = 0; a < DIM; a++)
    for (size_t b = 0; b <= a; b++, t++)
      {
        long double sum = draw ();
        for (size_t i = 0; i < N; i++)
          sum += resp[i] * ((long double)x[a * ELBO_TILE + i] - pivot[a])
                 * ((long double)x[b * ELBO_TILE + i] - pivot[b]);
        ck_assert (fabsl (got.second[t] - sum) <= (N + 4) * DBL_EPSILON * (1 + 8 * N));
      }
  release (got);
  free (x);
  free (resp);
}
END_TEST

/* Row 0 impossible but of weight 0, row 1 ordinary, row 2 with two components at +inf. */
START_TEST (infinite_scores)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  enum
  {
    COMPS = 5
  };
  double *score = array (COMPS * ELBO_TILE), *weight = array (ELBO_TILE);
  for (size_t k = 0; k < COMPS; k++)
    {
      memset (score + k * ELBO_TILE, 0, ELBO_TILE * sizeof *score);
      score[k * ELBO_TILE] = -INFINITY;
      score[k * ELBO_TILE + 1] = k ? -INFINITY : 7;
      score[k * ELBO_TILE + 2] = k < 2 ? INFINITY : 3;
    }
  weight[0] = 0;
  weight[1] = weight[2] = 2;
  soft got = softmax_of (kernel, 2, COMPS, weight, score);
  ck_assert_double_eq (got.evidence[0] + got.evidence[1], 14);
  ck_assert_double_eq (got.energy[0] + got.energy[1], 14);
  ck_assert_double_eq_tol (got.entropy[0] + got.entropy[1], 0, 1e-200);
  ck_assert_double_eq (got.count[0], 2);
  ck_assert_double_eq (got.resp[0], 0);
  ck_assert_double_eq (got.resp[2], 0);
  free (got.resp);
  free (got.count);

  got = softmax_of (kernel, 3, COMPS, weight, score);
  ck_assert_double_eq (got.evidence[0] + got.evidence[1], INFINITY);
  ck_assert_double_eq (got.count[0], 3);
  ck_assert_double_eq (got.count[1], 1);
  ck_assert_double_eq (got.count[2], 0);
  free (got.resp);
  free (got.count);

  weight[0] = 1;
  got = softmax_of (kernel, 2, COMPS, weight, score);
  ck_assert_double_eq (got.evidence[0] + got.evidence[1], -INFINITY);
  ck_assert_double_eq (got.energy[0] + got.energy[1], 14);
  ck_assert_double_eq_tol (got.entropy[0] + got.entropy[1], 0, 1e-200);
  for (size_t k = 0; k < COMPS; k++)
    ck_assert_double_eq (got.resp[k * ELBO_TILE], 0);
  free (got.resp);
  free (got.count);

  score[ELBO_TILE + 1] = NAN;
  got = softmax_of (kernel, 2, COMPS, weight, score);
  ck_assert_double_nan (got.evidence[0] + got.evidence[1]);
  for (size_t k = 0; k < COMPS; k++)
    {
      ck_assert_double_eq (got.resp[k * ELBO_TILE + 1], 0);
      ck_assert_double_eq (got.count[k], 0);
    }
  free (got.resp);
  free (got.count);
  free (score);
  free (weight);
}
END_TEST

/* Small scores between large ones of both signs in one tile, then 200 tiles on top of 1e16, which
   alone would swallow them: the low parts keep them. */
START_TEST (sums_over_rows_are_compensated)
{
  const elbo_kernel *kernel = elbo_kernel_at ((size_t)_i);
  double evidence[2] = { 0 }, energy[2] = { 0 }, entropy[2] = { 0 }, count[1] = { 0 };
  double *score = array (ELBO_TILE);
  long double sum = 0;
  state = 6000;
  for (size_t i = 0; i < ELBO_TILE; i++)
    {
      const bool small = i / 48 == 1 || i / 48 == 2;
      score[i] = small ? draw () : i / 48 == 0 ? 1e16 : -1e16;
      sum += small ? score[i] : 0;
    }
  kernel->softmax (ELBO_TILE, 1, NULL, score, count, evidence, energy, entropy);
  ck_assert_double_eq_tol (evidence[0] + evidence[1], (double)sum, 1e-13);
  ck_assert_double_eq_tol (energy[0] + energy[1], (double)sum, 1e-13);
  evidence[0] = energy[0] = 1e16;
  evidence[1] = energy[1] = count[0] = 0;
  sum = 0;
  for (size_t t = 0; t < 200; t++)
    {
      for (size_t i = 0; i < ELBO_TILE; i++)
        {
          score[i] = draw () + 0.125;
          sum += score[i];
        }
      kernel->softmax (ELBO_TILE, 1, NULL, score, count, evidence, energy, entropy);
    }
  const double tol = 100 * DBL_EPSILON * fabs ((double)sum);
  ck_assert_double_eq_tol ((evidence[0] - 1e16) + evidence[1], (double)sum, tol);
  ck_assert_double_eq_tol ((energy[0] - 1e16) + energy[1], (double)sum, tol);
  ck_assert_double_eq (entropy[0] + entropy[1], 0);
  ck_assert_double_eq (count[0], 200 * ELBO_TILE);
  free (score);
}
END_TEST

START_TEST (the_environment_names_a_kernel)
{
  unsetenv ("ELBO_ISA");
  ck_assert_ptr_eq (elbo_kernel_pick (), elbo_kernel_at (0));
  for (size_t i = 0; elbo_kernel_at (i); i++)
    {
      setenv ("ELBO_ISA", elbo_kernel_at (i)->name, 1);
      ck_assert_ptr_eq (elbo_kernel_pick (), elbo_kernel_at (i));
    }
  setenv ("ELBO_ISA", "abacus", 1);
  ck_assert_ptr_eq (elbo_kernel_pick (), elbo_kernel_at (0));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("kernel");
  TCase *kernels = tcase_create ("every kernel"), *choice = tcase_create ("choice");
  int count = 0;
  while (elbo_kernel_at ((size_t)count))
    count++;
  /* the scalar kernel, which comes last, is what the others are compared with */
  tcase_add_loop_test (kernels, scores_agree, 0, count - 1);
  tcase_add_loop_test (kernels, nearest_agrees, 0, count);
  tcase_add_loop_test (kernels, moments_agree, 0, count - 1);
  tcase_add_loop_test (kernels, softmax_agrees, 0, count - 1);
  tcase_add_loop_test (kernels, exponentials_are_accurate, 0, count);
  tcase_add_loop_test (kernels, logarithms_are_accurate, 0, count);
  tcase_add_loop_test (kernels, distant_rows_keep_their_digits, 0, count);
  tcase_add_loop_test (kernels, distant_moments_keep_their_digits, 0, count);
  tcase_add_loop_test (kernels, infinite_scores, 0, count);
  tcase_add_loop_test (kernels, sums_over_rows_are_compensated, 0, count);
  tcase_add_test (choice, the_environment_names_a_kernel);
  suite_add_tcase (suite, kernels);
  suite_add_tcase (suite, choice);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
