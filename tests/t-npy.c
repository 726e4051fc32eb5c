/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables in NumPy's format. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
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
  elbo_table_options option;
  elbo_table_options_init (&option);
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
  elbo_table_options option;
  elbo_table_options_init (&option);
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

/* Fortran order, as the values of a pandas frame have it: the table is that of the same array in C
   order, read at once or in portions, with holes or without. */
START_TEST (npy_fortran)
{
  enum
  {
    N = 3 * ELBO_TILE + 7,
    D = 3
  };
  static double across[N * D], down[N * D];
  elbo_table_options option;
  elbo_table_options_init (&option);

  option.missing = ELBO_MISSING_DROP;
  for (size_t i = 0; i < N * D; i++)
    across[i] = i % 500 == 3 || i == 5 ? NAN : (double)i;
  for (size_t row = 0; row < N; row++)
    for (size_t d = 0; d < D; d++)
      down[d * N + row] = across[row * D + d];
  for (size_t limit = 0; limit <= 250; limit += 250)
    {
      elbo_table *c, *f;
      int a, b;
      write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (583, 3), }\n",
                 across, sizeof across);
      ck_assert_ptr_nonnull (c = elbo_table_open ("data.npy", &option));
      ck_assert_int_eq (rename ("data.npy", "c.npy"), 0);
      write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (583, 3), }\n",
                 down, sizeof down);
      ck_assert_ptr_nonnull (f = elbo_table_open ("data.npy", &option));
      for (size_t d = 0; d < D; d++)
        {
          elbo_table_set_role (c, d, ELBO_ROLE_NUMBER);
          elbo_table_set_role (f, d, ELBO_ROLE_NUMBER);
        }
      do
        {
          a = elbo_table_read (c, limit);
          b = elbo_table_read (f, limit);
          ck_assert_int_eq (a, b);
          same_cells (c, f);
          for (size_t row = 0; row < elbo_table_nrow (c); row++)
            ck_assert_uint_eq (elbo_table_line (c, row), elbo_table_line (f, row));
        }
      while (limit && a == GSL_SUCCESS);
      ck_assert_uint_eq (elbo_table_nincomplete (f), 4); /* rows, not cells */
      elbo_table_free (c);
      elbo_table_free (f);
    }
  ck_assert_int_eq (truncate ("data.npy", 5000), 0);
  ck_assert_ptr_null (read_npy (&option, ELBO_ROLE_NUMBER));
}
END_TEST

START_TEST (npy_types)
{
  static const struct
  {
    const char *type;
    unsigned char cell[16];
    double want[2];
    const char *text;
  } some[] = {
    { "|i1", { 0x80, 0x7F }, { -128, 127 }, "-128" },
    { "|u1", { 0x80, 0x7F }, { 128, 127 }, "128" },
    { "|b1", { 1, 0 }, { 1, 0 }, "1" },
    { "<i2", { 0xFE, 0xFF, 1, 2 }, { -2, 513 }, "-2" },
    { "<u2", { 0xFE, 0xFF, 1, 2 }, { 65534, 513 }, "65534" },
    { "<i4", { 0, 0, 0, 0x80, 4, 3, 2, 1 }, { -2147483648., 16909060 }, "-2147483648" },
    { "<u4", { 0, 0, 0, 0x80, 4, 3, 2, 1 }, { 2147483648., 16909060 }, "2147483648" },
    { "<i8",
      { 0xC0, 0xBD, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0x20, 0 },
      { -1000000, 9007199254740992. },
      "-1000000" },
    { "<i8", { 0, 0, 0, 0, 0, 0, 0, 0x80, 3 }, { -0x1p63, 3 }, "-9223372036854775808" },
    { "<u8", { 0, 0, 0, 0, 0, 0, 0, 0x80, 3 }, { 0x1p63, 3 }, "9223372036854775808" },
  };

  for (size_t i = 0; i < sizeof some / sizeof *some; i++)
    {
      char header[100];
      elbo_table *table;
      snprintf (header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }\n",
                some[i].type);
      write_npy ("data.npy", 1, header, some[i].cell, 2 * (size_t)(some[i].type[2] - '0'));
      table = read_npy (NULL, ELBO_ROLE_NUMBER);
      ck_assert_msg (table != NULL, "%s: %s", some[i].type, elbo_message ());
      ck_assert_double_eq (elbo_table_value (table, 0, 0), some[i].want[0]);
      ck_assert_double_eq (elbo_table_value (table, 1, 0), some[i].want[1]);
      ck_assert_int_eq (elbo_table_separator (table), '\0');
      elbo_table_free (table);
      ck_assert_ptr_nonnull (table = read_npy (NULL, ELBO_ROLE_TEXT));
      ck_assert_str_eq (elbo_table_text (table, 0, 0), some[i].text);
      elbo_table_free (table);
    }
}
END_TEST

/* ---- archives ---- */

static void
put (FILE *f, uint64_t value, size_t bytes)
{
  for (; bytes; bytes--, value >>= 8)
    fputc ((int)(value & 0xFF), f);
}

/* One member of an archive, as numpy.savez (stored, its sizes in the extra field) and
   savez_compressed write it. */
static void
write_member (FILE *f, const char *name, const char *bytes, size_t n, int deflated, uint32_t crc)
{
  static unsigned char packed[1 << 16];
  z_stream stream = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n };
  size_t size = n;

  if (deflated)
    {
      ck_assert_int_eq (deflateInit2 (&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                        Z_OK);
      stream.next_out = packed;
      stream.avail_out = sizeof packed;
      ck_assert_int_eq (deflate (&stream, Z_FINISH), Z_STREAM_END);
      size = stream.total_out;
      deflateEnd (&stream);
      bytes = (const char *)packed;
    }
  fwrite ("PK\3\4", 1, 4, f);
  put (f, 45, 2);
  put (f, 0, 2);
  put (f, deflated ? 8 : 0, 2);
  put (f, 0, 4);
  put (f, crc, 4);
  put (f, UINT32_MAX, 4);
  put (f, UINT32_MAX, 4);
  put (f, strlen (name), 2);
  put (f, 20, 2);
  fputs (name, f);
  put (f, 1, 2);
  put (f, 16, 2);
  put (f, n, 8);
  put (f, size, 8);
  fwrite (bytes, 1, size, f);
}

/* An archive of so many members with the bytes of data.npy, the last cell of which is changed by
   harm. */
static void
write_npz (int members, const char *name, int deflated, int harm)
{
  static char bytes[1 << 16];
  FILE *from = fopen ("data.npy", "rb"), *f = fopen ("data.npz", "wb");
  const size_t n = fread (bytes, 1, sizeof bytes, from);
  const uint32_t crc = (uint32_t)crc32 (0, (const Bytef *)bytes, (uInt)n);

  bytes[n - 1] = (char)(bytes[n - 1] + harm);
  while (members--)
    write_member (f, name, bytes, n, deflated, crc);
  fputs ("PK\1\2 the directory, which is not read PK\5\6", f);
  fclose (from);
  fclose (f);
}

START_TEST (npz)
{
  static double cell[3000];
  struct stat about;

  for (size_t i = 0; i < 3000; i++)
    cell[i] = (double)(i * i % 1009);
  write_npy ("data.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1500, 2), }\n",
             cell, sizeof cell);
  elbo_table *plain = read_npy (NULL, ELBO_ROLE_NUMBER), *table;
  size_t used;

  for (int deflated = 0; deflated < 2; deflated++)
    {
      write_npz (1, "arr_0.npy", deflated, 0);
      table = read_all ("data.npz", NULL, 0, &used);
      ck_assert_msg (table != NULL, "%s", elbo_message ());
      same_cells (plain, table);
      elbo_table_free (table);
      /* cut anywhere it is no whole file */
      ck_assert_int_eq (stat ("data.npz", &about), 0);
      for (off_t n = about.st_size - 43; n > 0; n -= 97)
        {
          ck_assert_int_eq (truncate ("data.npz", n), 0);
          ck_assert_msg (!read_all ("data.npz", NULL, 0, &used), "%d bytes", (int)n);
        }
      write_npz (1, "x.npy", deflated, 1);
      ck_assert_ptr_null (read_all ("data.npz", NULL, 0, &used));
      ck_assert_str_eq (elbo_message (), "data.npz: the ZIP data are damaged");
      write_npz (2, "x.npy", deflated, 0);
      ck_assert_ptr_null (read_all ("data.npz", NULL, 0, &used));
      ck_assert_str_eq (elbo_message (),
                        "data.npz: this NumPy archive holds several arrays\n"
                        "to save one of them: numpy.save (FILE, numpy.load (ARCHIVE)[NAME])");
    }
  write_npz (1, "x.txt", 0, 0);
  ck_assert_ptr_null (read_all ("data.npz", NULL, 0, &used));
  ck_assert_str_eq (
      elbo_message (),
      "data.npz: this is a ZIP or Excel file, not CSV; try: xlsx2csv data.npz | vi-fit -");
  elbo_table_free (plain);
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
      "data.npy: this NumPy array holds big-endian data ('>f8'), not doubles, floats, integers or "
      "booleans ('<f8', '<f4', '<i8', ...)\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array holds Python objects ('|O'), not doubles, floats, integers or "
      "booleans ('<f8', '<f4', '<i8', ...)\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': '<c8', 'fortran_order': False, 'shape': (3, 2), }\n", 48,
      "data.npy: this NumPy array holds another type ('<c8'), not doubles, floats, integers or "
      "booleans ('<f8', '<f4', '<i8', ...)\nto convert it: numpy.save (FILE, a.astype ('<f8'))" },
    { "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }\n", 48,
      "data.npy: this NumPy array has named fields\n"
      "to save one table of numbers: numpy.save (FILE, "
      "numpy.lib.recfunctions.structured_to_unstructured (a).astype ('<f8'))" },
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
  elbo_table_options option;
  elbo_table_options_init (&option);
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
  tcase_add_test (tc, npy_fortran);
  tcase_add_test (tc, npy_types);
  tcase_add_test (tc, npz);
  tcase_add_test (tc, npy_bad);
  tcase_add_test (tc, cache);
}

int
main (void)
{
  return run_tests ("npy", add);
}
