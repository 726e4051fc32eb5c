/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree, random keys, compensated sums, special functions, Cholesky, fields. */
#include <config.h>
#include <float.h>
#include <stdint.h>
#include "base/base.h"
#include "gen.h"

static gen_problem stream = { .seed = 4711 };

/* --- the summation tree -------------------------------------------------------------------- */

enum
{
  LENGTH = 7
};
static const size_t pairs[] = { 1, 4 };

static void
fill_leaf (size_t number, double *leaf)
{
  for (size_t i = 0; i < LENGTH; i++)
    leaf[i] = (elbo_uniform (elbo_key (2, number, i)) - 0.3) * pow (10, (double)(number % 9));
  leaf[2] = leaf[5] = 0; /* low parts */
}

/* The sum of leaves first .. last - 1 as the tree adds them: by halves of the power of two. */
static void
add_pairwise (size_t first, size_t last, double *sum)
{
  double right[LENGTH];
  size_t half = 1;
  if (last - first == 1)
    {
      fill_leaf (first, sum);
      return;
    }
  while (2 * half < last - first)
    half *= 2;
  add_pairwise (first, first + half, sum);
  add_pairwise (first + half, last, right);
  for (size_t i = 0; i < LENGTH; i++)
    if (i == pairs[0] || i == pairs[1])
      {
        elbo_pair_merge (sum + i, right + i);
        i++;
      }
    else
      sum[i] += right[i];
}

START_TEST (test_tree)
{
  for (size_t n = 1; n < 70; n++)
    {
      elbo_tree *tree = elbo_tree_alloc (LENGTH, pairs, 2);
      double want[LENGTH], total[LENGTH] = { 0 };
      for (size_t i = 0; i < n; i++)
        {
          fill_leaf (i, elbo_tree_leaf (tree));
          ck_assert_int_eq (elbo_tree_push (tree, 0), GSL_SUCCESS);
        }
      elbo_tree_total (tree, total);
      add_pairwise (0, n, want);
      for (size_t i = 0; i < LENGTH; i++)
        ck_assert_msg (total[i] == want[i], "%zu leaves, place %zu: %.17g and %.17g", n, i,
                       total[i], want[i]);
      /* it is empty now, and what it hands out is zero */
      elbo_tree_total (tree, total);
      ck_assert (memcmp (total, want, sizeof total) == 0);
      const double *leaf = elbo_tree_leaf (tree);
      for (size_t i = 0; i < LENGTH; i++)
        ck_assert (leaf[i] == 0);
      elbo_tree_free (tree);
    }
}
END_TEST

/* Subtrees summed elsewhere and handed over as nodes give the same bits. */
START_TEST (test_tree_nodes)
{
  for (size_t n = 1; n < 70; n++)
    for (size_t level = 0; level < 4; level++)
      {
        elbo_tree *tree = elbo_tree_alloc (LENGTH, pairs, 2),
                  *part = elbo_tree_alloc (LENGTH, pairs, 2);
        double want[LENGTH], total[LENGTH] = { 0 };
        for (size_t from = 0; from < n; from += (size_t)1 << level)
          {
            for (size_t i = from; i < n && i < from + ((size_t)1 << level); i++)
              {
                fill_leaf (i, elbo_tree_leaf (part));
                elbo_tree_push (part, 0);
              }
            elbo_tree_total (part, elbo_tree_leaf (tree));
            ck_assert_int_eq (elbo_tree_push (tree, level), GSL_SUCCESS);
          }
        elbo_tree_total (tree, total);
        add_pairwise (0, n, want);
        for (size_t i = 0; i < LENGTH; i++)
          ck_assert (total[i] == want[i]);
        elbo_tree_free (tree);
        elbo_tree_free (part);
      }
}
END_TEST

START_TEST (test_tree_reset)
{
  elbo_tree *tree = elbo_tree_alloc (2, NULL, 0);
  double total[2] = { 0, 0 };
  elbo_tree_leaf (tree)[0] = 5;
  elbo_tree_push (tree, 0);
  elbo_tree_leaf (tree)[0] = 6; /* not pushed */
  elbo_tree_reset (tree);
  elbo_tree_leaf (tree)[1] = 2;
  elbo_tree_push (tree, 0);
  elbo_tree_total (tree, total);
  ck_assert (total[0] == 0 && total[1] == 2);
  elbo_tree_leaf (tree);
  ck_assert_int_eq (elbo_tree_push (tree, 64), GSL_EINVAL);
  elbo_tree_free (tree);
  elbo_tree_free (NULL);
}
END_TEST

/* --- random numbers ------------------------------------------------------------------------ */

/* The finaliser of splitmix64 seeded with 0 gives the published first output. */
START_TEST (test_keys)
{
  ck_assert_uint_eq (elbo_key (0, 0, 0), elbo_key (0, 0, 0));
  ck_assert (elbo_key (1, 2, 3) != elbo_key (1, 3, 2));
  ck_assert (elbo_key (1, 2, 3) != elbo_key (2, 1, 3));
  ck_assert (elbo_key (3, 2, 1) != elbo_key (1, 2, 3));
  /* three rounds, each of which is splitmix64: 0 -> e220a8397b1dcdaf */
  const uint64_t first = 0xe220a8397b1dcdafU;
  uint64_t z = first;
  for (int round = 0; round < 2; round++)
    {
      z += 0x9e3779b97f4a7c15U;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      z = z ^ (z >> 31);
    }
  ck_assert (elbo_key (0, 0, 0) == z);
}
END_TEST

START_TEST (test_uniform)
{
  enum
  {
    N = 200000,
    CELLS = 64
  };
  size_t count[CELLS] = { 0 };
  double sum = 0, square = 0, lag = 0, last = 0.5;
  ck_assert (elbo_uniform (0) > 0 && elbo_uniform (UINT64_MAX) < 1);
  for (size_t i = 0; i < N; i++)
    {
      const double u = elbo_uniform (elbo_key (1, i / 1000, i % 1000));
      ck_assert (u > 0 && u < 1);
      count[(size_t)(u * CELLS)]++;
      sum += u;
      square += u * u;
      lag += (u - 0.5) * (last - 0.5);
      last = u;
    }
  double chi = 0;
  for (size_t c = 0; c < CELLS; c++)
    chi += pow ((double)count[c] - (double)N / CELLS, 2) / ((double)N / CELLS);
  /* 63 degrees of freedom: mean 63, standard deviation 11 */
  ck_assert_double_lt (chi, 120);
  ck_assert_double_gt (chi, 25);
  ck_assert_double_eq_tol (sum / N, 0.5, 5 * sqrt (1. / 12 / N));
  ck_assert_double_eq_tol (square / N, 1. / 3, 5 * sqrt (4. / 45 / N));
  ck_assert_double_eq_tol (lag / N, 0, 5. / 12 / sqrt (N));
}
END_TEST

/* --- sums and special functions ------------------------------------------------------------ */

START_TEST (test_pairs)
{
  double pair[2] = { 0, 0 }, other[2] = { 0, 0 };
  elbo_sum_add (pair, 1);
  elbo_sum_add (pair, 1e100);
  elbo_sum_add (pair, 1);
  elbo_sum_add (pair, -1e100);
  ck_assert (pair[0] + pair[1] == 2);
  elbo_sum_add (other, 1e17);
  elbo_pair_merge (other, pair);
  elbo_sum_add (other, -1e17);
  ck_assert (other[0] + other[1] == 2);
  elbo_sum_add (other, -INFINITY);
  ck_assert (other[0] + other[1] == -INFINITY);
  double tenth[2] = { 0, 0 };
  for (int i = 0; i < 10000000; i++)
    elbo_sum_add (tenth, 0.1);
  ck_assert_double_eq_tol (tenth[0] + tenth[1], 1e7 * 0.1, 2e-10);
  ck_assert (tenth[0] + tenth[1] == 1000000);
}
END_TEST

/* Numbers of mpmath, and the identities f (x + 1) = ... */
START_TEST (test_special)
{
  ck_assert_double_eq_tol (elbo_lnmvgamma (2, 3), 1.55019499395756, 1e-13);
  ck_assert_double_eq_tol (elbo_lnmvgamma (3, 5), 9.14064469919254, 1e-13);
  ck_assert_double_eq_tol (elbo_lnmvgamma (10, 12.5), 160.500308480459, 1e-11);
  ck_assert_double_eq_tol (elbo_lnmvgamma (1, 4.2), elbo_lngamma (4.2), 1e-14);
  ck_assert_double_eq_tol (elbo_psi (1), -0.57721566490153286, 1e-15);
  for (int i = 0; i < 2000; i++)
    {
      const double x = gen_power (&stream, 12);
      ck_assert_double_eq_tol (elbo_psi (x + 1) - elbo_psi (x), 1 / x,
                               1e-14 * (1 / x + fabs (elbo_psi (x))));
      ck_assert_double_eq_tol (elbo_lngamma (x + 1) - elbo_lngamma (x), log (x),
                               1e-14 * (1 + fabs (elbo_lngamma (x))));
    }
  for (size_t d = 1; d < 8; d++) /* the derivative of lnmvgamma, by its differences */
    {
      const double nu = 9.5 + (double)d, h = 1e-3;
      const double slope
          = (8 * (elbo_lnmvgamma (d, 0.5 * nu + h) - elbo_lnmvgamma (d, 0.5 * nu - h))
             - (elbo_lnmvgamma (d, 0.5 * nu + 2 * h) - elbo_lnmvgamma (d, 0.5 * nu - 2 * h)))
            / (12 * h);
      ck_assert_double_eq_tol (elbo_mvpsi (d, nu), slope, 1e-9);
    }
}
END_TEST

START_TEST (test_special_edges)
{
  const double tiny[] = { DBL_TRUE_MIN, DBL_MIN, 1e-305, 1e-300, 1e-200 };
  for (size_t i = 0; i < 5; i++)
    {
      ck_assert_double_eq_tol (elbo_lngamma (tiny[i]) / -log (tiny[i]), 1, 1e-14);
      if (tiny[i] > 1 / DBL_MAX)
        ck_assert_double_eq_tol (elbo_psi (tiny[i]) * tiny[i], -1, 1e-12);
    }
  ck_assert (elbo_psi (DBL_TRUE_MIN) == -INFINITY);
  ck_assert (isnan (elbo_lngamma (0)) && isnan (elbo_lngamma (-1)) && isnan (elbo_lngamma (NAN)));
  ck_assert (isnan (elbo_psi (0)) && isnan (elbo_psi (-2.5)) && isnan (elbo_psi (NAN)));
  ck_assert (elbo_lngamma (INFINITY) == INFINITY && elbo_lngamma (DBL_MAX) == INFINITY);
  ck_assert (isfinite (elbo_lngamma (9e304)) && isfinite (elbo_psi (DBL_MAX)));
  ck_assert (elbo_xlogy (0, 0) == 0 && elbo_xlogy (2, 0) == -INFINITY);
  ck_assert_double_eq_tol (elbo_xlogy (2, M_E), 2, 1e-15);
}
END_TEST

START_TEST (test_gamma_step)
{
  ck_assert_double_eq_tol (elbo_lngamma_step (1e9, 0.5), 10.3616329183482, 1e-12);
  /* across the switch between the two forms, and where the plain difference has digits left */
  for (int i = 0; i < 2000; i++)
    {
      const double x = pow (10, 2 + 5 * gen_uniform (&stream)), d = 20 * gen_uniform (&stream);
      const double plain = elbo_lngamma (x + d) - elbo_lngamma (x);
      ck_assert_double_eq_tol (elbo_lngamma_step (x, d), plain,
                               4 * DBL_EPSILON * elbo_lngamma (x + d) + 1e-12);
    }
  ck_assert (elbo_lngamma_step (5e7, 0) == 0);
}
END_TEST

START_TEST (test_logsumexp)
{
  const double x[] = { 1000, 1000, 1000 }, y[] = { -INFINITY, -2000, -INFINITY };
  ck_assert_double_eq_tol (elbo_logsumexp (x, 3), 1000 + log (3), 1e-12);
  ck_assert (elbo_logsumexp (y, 3) == -2000);
  ck_assert (elbo_logsumexp (y, 1) == -INFINITY && elbo_logsumexp (NULL, 0) == -INFINITY);
}
END_TEST

/* --- matrices ------------------------------------------------------------------------------ */

/* A random B B' + small I, and its factor; ratios of LAPACK kind: residual over eps D norm. */
START_TEST (test_cholesky)
{
  for (size_t D = 1; D <= 20; D++)
    {
      double *b = elbo_doubles (D * D), *a = elbo_doubles (D * D), *l = elbo_doubles (D * D);
      double *inverse = elbo_doubles (D * (D + 1) / 2), norm = 0, off = 0, unit = 0, logdet = 0;
      for (size_t i = 0; i < D * D; i++)
        b[i] = gen_normal (&stream);
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
          {
            a[i * D + j] = i == j ? 0.01 : 0;
            for (size_t k = 0; k < D; k++)
              a[i * D + j] += b[i * D + k] * b[j * D + k];
            norm = fmax (norm, fabs (a[i * D + j]));
          }
      memcpy (l, a, D * D * sizeof *l);
      ck_assert_uint_eq (elbo_chol (D, l, NULL), 0);
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j <= i; j++)
          {
            double sum = 0;
            for (size_t k = 0; k <= j; k++)
              sum += l[i * D + k] * l[j * D + k];
            off = fmax (off, fabs (sum - a[i * D + j]));
          }
      ck_assert_double_lt (off / (DBL_EPSILON * (double)D * norm), 10);
      elbo_chol_inverse (D, l, inverse);
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j <= i; j++)
          {
            double sum = 0, size = 0;
            for (size_t k = j; k <= i; k++)
              {
                const double term = inverse[i * (i + 1) / 2 + k] * l[k * D + j];
                sum += term;
                size += fabs (term);
              }
            unit = fmax (unit, fabs (sum - (i == j)) / (DBL_EPSILON * (double)D * (1 + size)));
          }
      ck_assert_double_lt (unit, 30);
      for (size_t i = 0; i < D; i++)
        logdet += log (l[i * D + i] * l[i * D + i]);
      ck_assert_double_eq_tol (elbo_chol_logdet (D, l), logdet, 1e-12 * (1 + fabs (logdet)));
      free (a);
      free (b);
      free (l);
      free (inverse);
    }
}
END_TEST

START_TEST (test_singular)
{
  double one[] = { 4, 0, 0, 2, 1, 0, 6, 3, 9 }, bad[] = { 1, 0, NAN, 1 }, vast[] = { INFINITY };
  double pivot = 7;
  ck_assert_uint_eq (elbo_chol (3, one, &pivot), 2);
  ck_assert (pivot == 0);
  double minus[] = { 1, 0, 2, 1 };
  ck_assert_uint_eq (elbo_chol (2, minus, &pivot), 2);
  ck_assert (pivot == -3);
  ck_assert_uint_eq (elbo_chol (2, bad, &pivot), 2);
  ck_assert_uint_eq (elbo_chol (1, vast, NULL), 1);
}
END_TEST

START_TEST (test_eigen)
{
  enum
  {
    D = 6
  };
  double a[D * D], keep[D * D], value[D], vector[D * D], work[4 * D], trace = 0, sum = 0;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j <= i; j++)
      a[i * D + j] = a[j * D + i] = gen_normal (&stream);
  memcpy (keep, a, sizeof a);
  elbo_eigen (D, a, value, vector, work);
  for (size_t e = 0; e < D; e++)
    {
      trace += keep[e * D + e];
      sum += value[e];
      ck_assert (e == 0 || value[e] <= value[e - 1]);
      for (size_t i = 0; i < D; i++)
        {
          double product = 0;
          for (size_t j = 0; j < D; j++)
            product += keep[i * D + j] * vector[j * D + e];
          ck_assert_double_eq_tol (product, value[e] * vector[i * D + e], 1e-13);
        }
    }
  ck_assert_double_eq_tol (trace, sum, 1e-13);
}
END_TEST

/* --- memory -------------------------------------------------------------------------------- */

START_TEST (test_memory)
{
  double *v = elbo_doubles (3), *none = elbo_doubles (0);
  ck_assert (v && none && (uintptr_t)v % 64 == 0 && v[0] == 0 && v[2] == 0);
  free (v);
  free (none);
  ck_assert_uint_eq (elbo_times (6, 7), 42);
  ck_assert_uint_eq (elbo_times (0, SIZE_MAX), 0);
  ck_assert_uint_eq (elbo_times (SIZE_MAX / 2, 3), 0);
  ck_assert (strncmp (elbo_message (), "out of memory", 13) == 0);
  ck_assert_ptr_null (elbo_doubles (SIZE_MAX / 4));
  elbo_fail (0, "nothing");
  ck_assert_ptr_null (elbo_doubles (SIZE_MAX / 8));
  ck_assert (strncmp (elbo_message (), "out of memory", 13) == 0);
  ck_assert_ptr_null (elbo_calloc (SIZE_MAX / 2, 8));
}
END_TEST

/* --- fields -------------------------------------------------------------------------------- */

static const elbo_field table[]
    = { { "pure", { ELBO_COMP }, ELBO_PURE, NULL },
        { "place", { ELBO_COMP, ELBO_DIM }, ELBO_PLACE, "a position" },
        { "length", { ELBO_DIM }, ELBO_LENGTH, NULL },
        { "square", { ELBO_COMP, ELBO_DIM }, ELBO_SQUARE, NULL },
        { "matrix", { ELBO_COMP, ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, NULL },
        { "common", { ELBO_COMP }, ELBO_SQUARE, NULL },
        { "triangle", { ELBO_COMP, ELBO_TRIANGLE }, ELBO_PURE, NULL },
        { "level", { ELBO_COMP, ELBO_LEVEL }, ELBO_PURE, NULL },
        { "pair", { ELBO_PAIR }, ELBO_PURE, NULL },
        { "one", { ELBO_ONE }, ELBO_PURE, NULL },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };
static const elbo_shape shape = { .ncomp = 3, .dim = 2, .level = 4 };
enum
{
  TOTAL = 3 + 6 + 2 + 6 + 12 + 3 + 9 + 12 + 2 + 1
};

START_TEST (test_field_sizes)
{
  size_t at = 99;
  ck_assert_uint_eq (elbo_field_total (table, &shape), TOTAL);
  ck_assert_uint_eq (elbo_field_total (NULL, &shape), 0);
  ck_assert_ptr_eq (elbo_field_find (table, &shape, "matrix", &at), table + 4);
  ck_assert_uint_eq (at, 17);
  ck_assert_ptr_null (elbo_field_find (table, &shape, "nonesuch", &at));
  ck_assert_ptr_null (elbo_field_find (NULL, &shape, "pure", &at));
}
END_TEST

START_TEST (test_field_units)
{
  const double shift[] = { 10, -3 }, scale[] = { 4, 0.5 };
  double v[TOTAL], back[TOTAL];
  for (size_t i = 0; i < TOTAL; i++)
    v[i] = back[i] = (double)i;
  elbo_field_convert (table, &shape, shift, scale, 0, v);
  ck_assert (v[2] == 2);
  ck_assert (v[3] == (3 - 10.) / 4 && v[4] == (4 + 3.) / 0.5); /* place: column 0, column 1 */
  ck_assert (v[9] == 9 / 4. && v[10] == 10 / 0.5);             /* length */
  ck_assert (v[11] == 11 / 16. && v[12] == 12 / 0.25);         /* square */
  ck_assert (v[17] == 17 / 16. && v[18] == 18 / 2. && v[19] == 19 / 2. && v[20] == 20 / 0.25);
  ck_assert (v[29] == 29 / 16.); /* by the first column's scale */
  ck_assert (v[32] == 32 && v[TOTAL - 1] == TOTAL - 1);
  elbo_field_convert (table, &shape, shift, scale, 1, v);
  for (size_t i = 0; i < TOTAL; i++)
    ck_assert (v[i] == back[i]);
}
END_TEST

START_TEST (test_field_order)
{
  const size_t order[] = { 2, 0, 1 };
  double v[TOTAL], spare[TOTAL];
  for (size_t i = 0; i < TOTAL; i++)
    v[i] = (double)i;
  elbo_field_permute (table, &shape, order, v, spare);
  ck_assert (v[0] == 2 && v[1] == 0 && v[2] == 1);
  ck_assert (v[3] == 7 && v[4] == 8 && v[5] == 3); /* place */
  ck_assert (v[9] == 9 && v[10] == 10);            /* length has no components */
  ck_assert (v[17] == 25 && v[20] == 28 && v[21] == 17);
  ck_assert (v[TOTAL - 3] == TOTAL - 3 && v[TOTAL - 1] == TOTAL - 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("base");
  TCase *base = tcase_create ("base");
  tcase_add_test (base, test_tree);
  tcase_add_test (base, test_tree_nodes);
  tcase_add_test (base, test_tree_reset);
  tcase_add_test (base, test_keys);
  tcase_add_test (base, test_uniform);
  tcase_add_test (base, test_pairs);
  tcase_add_test (base, test_special);
  tcase_add_test (base, test_special_edges);
  tcase_add_test (base, test_gamma_step);
  tcase_add_test (base, test_logsumexp);
  tcase_add_test (base, test_cholesky);
  tcase_add_test (base, test_singular);
  tcase_add_test (base, test_eigen);
  tcase_add_test (base, test_memory);
  tcase_add_test (base, test_field_sizes);
  tcase_add_test (base, test_field_units);
  tcase_add_test (base, test_field_order);
  suite_add_tcase (suite, base);
  return gen_run (suite);
}
