/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of some columns leave the table. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "data/data.h"
#include "table.h"

#define NONE ((size_t)-1)

/* Hand columns over that were read from a file of N rows: in one chunk, or, by a limit, in several. */
static void
check_release (const size_t *take, size_t ncolumn, size_t weight, size_t limit)
{
  enum
  {
    N = 20000,
    D = 5,
    ROWS = (N + ELBO_TILE - 1) / ELBO_TILE * ELBO_TILE
  };
  elbo_table *table = elbo_table_open ("data.csv", NULL);
  int taken[D] = { 0 };
  double *x, *w;
  size_t n;

  for (size_t i = 0; i < D; i++)
    elbo_table_set_role (table, i, ELBO_ROLE_NUMBER);
  elbo_chunks_size (limit ? (size_t)-1 : 0); /* record by record their number is not foreseen */
  ck_assert_int_eq (elbo_table_read (table, limit), GSL_SUCCESS);
  elbo_chunks_size (0);
  ck_assert (limit ? table->store.nchunk > 1 : table->store.nchunk == 1);
  ck_assert_int_eq (elbo_table_release (table, take, ncolumn, weight, &x, &w, &n), GSL_SUCCESS);
  ck_assert_uint_eq (n, N);
  ck_assert_uint_eq ((uintptr_t)x % 64, 0);
  ck_assert_uint_eq ((uintptr_t)w % 64, 0);
  for (size_t j = 0; j < ncolumn; j++)
    taken[take[j]] = 1;
  if (weight < D)
    taken[weight] = 1;
  for (size_t row = 0; row < ROWS; row++)
    {
      const double *tile = x + row / ELBO_TILE * ncolumn * ELBO_TILE + row % ELBO_TILE;
      for (size_t j = 0; j < ncolumn; j++) /* the padding is zero */
        if (tile[j * ELBO_TILE] != (row < N ? (double)(row * D + take[j]) : 0))
          ck_abort_msg ("row %zu column %zu of %zu", row, j, ncolumn);
      if (w && w[row] != (row < N ? (double)(row * D + weight) : 0))
        ck_abort_msg ("weight %zu", row);
      for (size_t d = 0; d < D && row < N; d++)
        if (!taken[d] && elbo_table_value (table, row, d) != (double)(row * D + d))
          ck_abort_msg ("row %zu column %zu, which stayed", row, d);
    }
  ck_assert (isnan (elbo_table_value (table, 0, take[0])));
  free (x);
  free (w);
  ck_assert_int_eq (elbo_table_release (table, take, ncolumn, NONE, &x, &w, &n), GSL_EINVAL);
  ck_assert (!x && !w);
  elbo_table_free (table);
}

START_TEST (release)
{
  static const struct
  {
    size_t take[6], n, weight;
  } some[]
      = { { { 3, 0 }, 2, 4 },       { { 0, 1, 2, 3, 4 }, 5, NONE }, { { 4, 3, 2, 1, 0 }, 5, NONE },
          { { 0, 1, 2, 3 }, 4, 4 }, { { 1, 2, 3, 4 }, 4, 0 },       { { 0, 1 }, 2, NONE },
          { { 2 }, 1, NONE },       { { 1, 1, 0, 4, 2, 2 }, 6, 3 } };
  FILE *f = fopen ("data.csv", "w");

  fputs ("a,b,c,d,e\n", f);
  for (int i = 0; i < 100000; i++)
    fprintf (f, "%d%c", i, i % 5 == 4 ? '\n' : ',');
  fclose (f);
  for (size_t i = 0; i < sizeof some / sizeof *some; i++)
    {
      check_release (some[i].take, some[i].n, some[i].weight, 0);
      check_release (some[i].take, some[i].n, some[i].weight, 20000);
    }
}
END_TEST

/* Rows of an earlier reading must not stay in the padding, nor need all columns be there again. */
START_TEST (release_by_portions)
{
  static const size_t take = 0;
  elbo_column_summary s;
  FILE *f = fopen ("data.csv", "w");
  elbo_table *table;
  double *x, *w;
  size_t n;

  for (int i = 1; i <= 550; i++)
    fprintf (f, "%d,%d\n", i, -i);
  fclose (f);
  table = elbo_table_open ("data.csv", NULL);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  elbo_table_set_role (table, 1, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 250), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_release (table, &take, 1, 1, &x, &w, &n), ELBO_EDATA);
  ck_assert_int_eq (elbo_table_release (table, &take, 1, NONE, &x, &w, &n), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_summary (table, 0, &s), GSL_EINVAL);
  free (x);
  ck_assert_int_eq (elbo_table_read (table, 250), GSL_SUCCESS);
  ck_assert_double_eq (elbo_table_value (table, 249, 1), -500);
  ck_assert_int_eq (elbo_table_read (table, 250), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_table_number (table, 0), 501);
  ck_assert_int_eq (elbo_table_release (table, &take, 1, NONE, &x, &w, &n), GSL_SUCCESS);
  ck_assert (n == 50 && !w);
  for (size_t i = 0; i < ELBO_TILE; i++)
    ck_assert_double_eq (x[i], i < n ? (double)(501 + i) : 0);
  free (x);
  ck_assert_int_eq (elbo_table_read (table, 0), ELBO_END);
  elbo_table_free (table);
}
END_TEST

START_TEST (bad_weights)
{
  static const size_t x0 = 0;
  elbo_table_options option;
  elbo_table_options_init (&option);
  elbo_table *table;
  double *x, *w;
  size_t n, used;

  write_text ("data.csv", "x,w\n1,1\n\n2,-1\n");
  table = read_all ("data.csv", NULL, 0, &used);
  ck_assert_int_eq (elbo_table_release (table, &x0, 1, 1, &x, &w, &n), ELBO_EDATA);
  ck_assert_str_eq (elbo_message (), "data.csv:4: weight -1 in column 'w' is negative");
  elbo_table_free (table);
  write_text ("data.csv", "x,w\n1,0\n2,0\n");
  table = read_all ("data.csv", NULL, 0, &used);
  ck_assert_int_eq (elbo_table_release (table, &x0, 1, 1, &x, &w, &n), ELBO_EDATA);
  ck_assert_str_eq (elbo_message (), "weights in column 'w' are all zero");
  elbo_table_free (table);
  write_text ("data.csv", "x,w\n1,1\n2,NA\n");
  option.missing = ELBO_MISSING_KEEP;
  table = read_all ("data.csv", &option, 0, &used);
  ck_assert_int_eq (elbo_table_release (table, &x0, 1, 1, &x, &w, &n), ELBO_EDATA);
  ck_assert_str_eq (elbo_message (), "data.csv:3: missing weight in column 'w'\n"
                                     "to leave such rows out: --missing=drop");
  elbo_table_free (table);
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, release);
  tcase_add_test (tc, release_by_portions);
  tcase_add_test (tc, bad_weights);
}

int
main (void)
{
  return run_tests ("take", add);
}
