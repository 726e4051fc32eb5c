/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables in NumPy's format. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "data/data.h"
#include "table.h"

static void
write_npy (const char *path, int version, const char *header, const void *cells, size_t n)
{
  FILE *f = fopen (path, "wb");
  const size_t length = strlen (header);

  ck_assert_ptr_nonnull (f);
  fprintf (f, "\x93NUMPY%c%c%c%c", version, 0, (int)(length & 0xFF), (int)(length >> 8));
  if (version > 1)
    fprintf (f, "%c%c", 0, 0);
  fputs (header, f);
  ck_assert_uint_eq (fwrite (cells, 1, n, f), n);
  fclose (f);
}

static elbo_table *
read_npy (const elbo_table_options *options, elbo_role role)
{
  elbo_table *table = elbo_table_open ("data.npy", options);

  for (size_t i = 0; table && i < elbo_table_ncolumn (table); i++)
    elbo_table_set_role (table, i, role);
  if (!table || elbo_table_read (table, 0) == GSL_SUCCESS)
    return table;
  elbo_table_free (table);
  return NULL;
}

START_TEST (npy_good)
{
  static const double cell[] = { 1.5, -0.0, 0.1, 1e300, 4.9e-324, 7 };
  static const float single[] = { 1.5f, 0.1f, -3e38f, 2 };
  elbo_table *table;
  char digest[65];

  for (int version = 1; version <= 3; version++)
    {
      write_npy ("data.npy", version,
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }   \n", cell,
                 sizeof cell);
      table = read_npy (NULL, ELBO_ROLE_NUMBER);
      ck_assert_msg (table != NULL, "%s", elbo_message ());
      ck_assert_uint_eq (elbo_table_nrow (table), 3);
      ck_assert_str_eq (elbo_table_name (table, 1), "V2");
      ck_assert_int_eq (elbo_table_is_number (table, 1), 1);
      for (size_t i = 0; i < 6; i++)
        {
          double value = elbo_table_value (table, i / 2, i % 2);
          ck_assert (memcmp (&value, cell + i, sizeof value) == 0);
        }
      ck_assert_uint_eq (elbo_table_line (table, 2), 3);
      ck_assert_uint_eq (elbo_table_number (table, 2), 3);
      ck_assert_int_eq (elbo_table_digest (table, digest), GSL_EINVAL);
      elbo_table_free (table);
    }
  write_npy ("data.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n", single,
             sizeof single);
  table = read_npy (NULL, ELBO_ROLE_NUMBER);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  for (size_t i = 0; i < 4; i++)
    ck_assert_double_eq (elbo_table_value (table, i, 0), (double)single[i]);
  elbo_table_free (table);
  table = read_npy (NULL, ELBO_ROLE_TEXT);
  ck_assert_str_eq (elbo_table_text (table, 1, 0), "0.1");
  elbo_table_free (table);
  table = read_npy (NULL, ELBO_ROLE_LEVEL);
  ck_assert_uint_eq (elbo_table_nlevel (table, 0), 4);
  ck_assert_str_eq (elbo_table_level (table, 0, 2), "1.5");
  ck_assert_double_eq (elbo_table_value (table, 3, 0), 3);
  elbo_table_free (table);
}
END_TEST

START_TEST (npy_missing)
{
  static const double cell[] = { 1, NAN, 3, 4, -999, 6 };
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *table;

  write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", cell,
             sizeof cell);
  ck_assert_ptr_null (read_npy (&option, ELBO_ROLE_NUMBER));
  ck_assert_str_eq (elbo_message (), "data.npy: row 1: column 'V2': missing value\n"
                                     "to leave such rows out: --missing=drop");
  option.na = "-999";
  option.missing = ELBO_MISSING_DROP;
  table = read_npy (&option, ELBO_ROLE_NUMBER);
  ck_assert_uint_eq (elbo_table_nrow (table), 1);
  ck_assert_uint_eq (elbo_table_ndropped (table), 2);
  ck_assert_uint_eq (elbo_table_line (table, 0), 2);
  elbo_table_free (table);
  option.missing = ELBO_MISSING_KEEP;
  table = read_npy (&option, ELBO_ROLE_NUMBER);
  ck_assert_uint_eq (elbo_table_nrow (table), 3);
  ck_assert (isnan (elbo_table_value (table, 0, 1)) && isnan (elbo_table_value (table, 2, 0)));
  elbo_table_free (table);
}
END_TEST

/* Whole blocks of rows, blocks with a hole in them and a last one that is not whole: cells, lines
   and numbers are those of the same rows read one by one. */
START_TEST (npy_blocks)
{
  enum
  {
    N = 5 * ELBO_TILE + 7,
    D = 3
  };
  static double cell[N * D];
  const size_t hole[] = { 2 * ELBO_TILE, 3 * ELBO_TILE + 100 };
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *table;

  for (size_t i = 0; i < N * D; i++)
    cell[i] = (double)i;
  write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (967, 3), }\n", cell,
             sizeof cell);
  ck_assert_ptr_nonnull (table = read_npy (NULL, ELBO_ROLE_NUMBER));
  ck_assert_uint_eq (elbo_table_nrow (table), N);
  for (size_t row = 0; row < N; row++)
    for (size_t d = 0; d < D; d++)
      ck_assert_double_eq (elbo_table_value (table, row, d), cell[row * D + d]);
  elbo_table_free (table);

  for (size_t h = 0; h < 2; h++)
    cell[hole[h] * D + h] = NAN;
  write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (967, 3), }\n", cell,
             sizeof cell);
  option.missing = ELBO_MISSING_DROP;
  ck_assert_ptr_nonnull (table = read_npy (&option, ELBO_ROLE_NUMBER));
  ck_assert_uint_eq (elbo_table_nrow (table), N - 2);
  ck_assert_uint_eq (elbo_table_ndropped (table), 2);
  for (size_t row = 0; row < N - 2; row++)
    {
      const size_t at = row + (row >= hole[0]) + (row + 1 >= hole[1]);
      ck_assert_double_eq (elbo_table_value (table, row, 2), cell[at * D + 2]);
      ck_assert_uint_eq (elbo_table_line (table, row), at + 1);
      ck_assert_uint_eq (elbo_table_number (table, row), at + 1);
    }
  elbo_table_free (table);
}
END_TEST

START_TEST (npy_bad)
{
  static const double cell[] = { 1, 2, 3, INFINITY, 5, 6 }, zero[6] = { 0 };
  static const struct
  {
    const char *header;
    size_t bytes;
    const char *message;
  } bad[] = {
    { "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array holds big-endian data ('>f8'), not doubles or floats ('<f8', "
      "'<f4')\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array holds Python objects ('|O'), not doubles or floats ('<f8', "
      "'<f4')\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array holds another type ('<i8'), not doubles or floats ('<f8', "
      "'<f4')\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }\n", 48,
      "data.npy: this NumPy array has named fields\n"
      "to save one table of numbers: numpy.save (FILE, "
      "numpy.lib.recfunctions.structured_to_unstructured (a).astype ('<f8'))" },
    { "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array stands in Fortran order\n"
      "to convert it: numpy.save (FILE, numpy.ascontiguousarray (a))" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3, 2), }\n", 48,
      "data.npy: this NumPy array has 3 dimensions, not 1 or 2" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n", 8,
      "data.npy: this NumPy array has 0 dimensions, not 1 or 2" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2), }\n", 0,
      "data.npy: this NumPy array is empty (0 x 2)" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", 47,
      "data.npy: the NumPy file is cut off: 117 bytes where the header promises 118" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }\n", 48,
      "data.npy: something follows the NumPy array: 118 bytes where the header promises 102" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: row 2: column 'V2': infinite value; mixtures need finite numbers" },
    { "{'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: a damaged NumPy file: its header names no type" },
    { "{'descr': '<f8', 'shape': (3, 2), }\n", 48,
      "data.npy: a damaged NumPy file: its header tells no order" },
    { "{'descr': '<f8', 'fortran_order': False, }\n", 48,
      "data.npy: a damaged NumPy file: its header has no shape" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (3, x), }\n", 48,
      "data.npy: a damaged NumPy file: its header has no shape" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000000000000, 3), }\n", 48,
      "data.npy: a damaged NumPy file: its header has no shape" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (900000000000000000, 90), }\n", 48,
      "data.npy: a damaged NumPy file: its shape is out of range" },
  };

  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
      write_npy ("data.npy", 1, bad[i].header, cell, bad[i].bytes);
      ck_assert_msg (!read_npy (NULL, ELBO_ROLE_NUMBER), "%s", bad[i].header);
      ck_assert_str_eq (elbo_message (), bad[i].message);
    }
  write_npy ("data.npy", 9, bad[0].header, cell, 48);
  ck_assert_ptr_null (read_npy (NULL, ELBO_ROLE_NUMBER));
  ck_assert_str_eq (elbo_message (), "data.npy: a NumPy file of an unknown version");
  /* cut at every byte, no file is taken for a whole one */
  for (size_t n = 6; n < 118; n++)
    {
      write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n",
                 zero, sizeof zero);
      ck_assert_int_eq (truncate ("data.npy", (off_t)n), 0);
      ck_assert_msg (!read_npy (NULL, ELBO_ROLE_NUMBER), "%zu bytes", n);
    }
}
END_TEST

START_TEST (cache)
{
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *a, *b;
  FILE *f = fopen ("data.csv", "wb");

  ck_assert_ptr_nonnull (f);
  fputs ("a,\"b \"\"c\"\", d\",text,\"e\nf\"\n", f);
  for (int i = 0; i < 500; i++)
    fprintf (f, i % 7 ? "%d,%.17g,x%d,%g\n" : "%d,NA,x,0\n", i, i / 7.0, i, i * 1e-310);
  fclose (f);
  option.missing = ELBO_MISSING_KEEP;
  a = elbo_table_open ("data.csv", &option);
  ck_assert_ptr_nonnull (a);
  ck_assert_int_eq (elbo_table_cache (a, "data.npy"), GSL_EINVAL);
  for (size_t i = 0; i < 4; i++)
    elbo_table_set_role (a, i, i == 2 ? ELBO_ROLE_TEXT : ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (a, 0), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_cache (a, "no such folder/data.npy"), ELBO_EIO);
  ck_assert_str_eq (elbo_message (),
                    "no such folder/data.npy.names: cannot write: No such file or directory");
  ck_assert_int_eq (elbo_table_cache (a, "data.npy"), GSL_SUCCESS);
  b = read_npy (&option, ELBO_ROLE_NUMBER);
  ck_assert_msg (b != NULL, "%s", elbo_message ());
  ck_assert_uint_eq (elbo_table_ncolumn (b), 3);
  ck_assert_uint_eq (elbo_table_nrow (b), 500);
  for (size_t i = 0; i < 3; i++)
    {
      size_t from = i + (i > 1);
      ck_assert_str_eq (elbo_table_name (b, i), elbo_table_name (a, from));
      for (size_t row = 0; row < 500; row++)
        {
          double x = elbo_table_value (a, row, from), y = elbo_table_value (b, row, i);
          if (memcmp (&x, &y, sizeof x) != 0)
            ck_abort_msg ("row %zu column %zu: %.17g, not %.17g", row, i, y, x);
        }
    }
  elbo_table_free (b);
  elbo_table_free (a);
  f = fopen ("data.npy.names", "ab");
  ck_assert_ptr_nonnull (f);
  fputs ("more\n", f);
  fclose (f);
  ck_assert_ptr_null (read_npy (&option, ELBO_ROLE_NUMBER));
  ck_assert_str_eq (elbo_message (),
                    "data.npy.names: 4 names for 3 columns\nto do without names: remove it");
  remove ("data.npy.names");
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, npy_good);
  tcase_add_test (tc, npy_missing);
  tcase_add_test (tc, npy_blocks);
  tcase_add_test (tc, npy_bad);
  tcase_add_test (tc, cache);
}

int
main (void)
{
  return run_tests ("npy", add);
}
