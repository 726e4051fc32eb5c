/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of text: lines and records, two ways through one text. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "draw.h"
#include "table.h"

/* Write a random table without quotes, and the same with a quoted cell in every record. */
static size_t
write_pair (uint64_t *state)
{
  static const char *const end[] = { "\n", "\r\n", "\r" }, *const blank[] = { "", " ", "  ", "\t" };
  FILE *plain = fopen ("plain.csv", "wb"), *quoted = fopen ("quoted.csv", "wb");
  size_t n = 1 + draw (state) % 400, p = 1 + draw (state) % 6;
  char separator = ",;|"[draw (state) % 3];

  for (size_t row = 0; row <= n; row++)
    {
      size_t which = draw (state) % p;
      const char *stop = end[draw (state) % 3];
      for (size_t i = 0; i < p; i++)
        {
          char cell[64], filled[96];
          uint64_t r = draw (state);
          if (row == 0)
            snprintf (cell, sizeof cell, "c%zu", i);
          else if (r % 11 == 0)
            snprintf (cell, sizeof cell, p > 1 ? "" : "NA");
          else
            snprintf (cell, sizeof cell, "%.*g", (int)(1 + r % 17),
                      ((double)(r >> 11) * 0x1p-53 - 0.5) * 1e5);
          snprintf (filled, sizeof filled, "%s%s%s", blank[r / 16 % 4], cell, blank[r / 64 % 4]);
          if (i)
            fputc (separator, plain);
          if (i)
            fputc (separator, quoted);
          fputs (filled, plain);
          fprintf (quoted, i == which ? "\"%s\"" : "%s", i == which ? cell : filled);
        }
      if (row == n && draw (state) % 2)
        stop = "";
      fputs (stop, plain);
      fputs (stop, quoted);
      if (draw (state) % 20 == 0 && row < n)
        {
          fputs ("\n \n", plain);
          fputs ("\n \n", quoted);
        }
    }
  fclose (plain);
  fclose (quoted);
  return n;
}

START_TEST (splitter_equals_libcsv)
{
  uint64_t state = 4;
  elbo_table_options option;
  elbo_table_options_init (&option);
  size_t used;

  option.missing = ELBO_MISSING_KEEP;
  for (int i = 0; i < 300; i++)
    {
      size_t n = write_pair (&state);
      elbo_table *a = read_all ("plain.csv", &option, 1, &used), *b;
      ck_assert_msg (a != NULL, "%s", elbo_message ());
      b = read_all ("quoted.csv", &option, 1, &used);
      ck_assert_msg (b != NULL, "%s", elbo_message ());
      ck_assert_uint_eq (elbo_table_nrow (a), n);
      same_cells (a, b);
      for (size_t row = 0; row < n; row++)
        if (elbo_table_line (a, row) != elbo_table_line (b, row))
          ck_abort_msg ("row %zu: line %zu", row, elbo_table_line (a, row));
      elbo_table_free (a);
      elbo_table_free (b);
    }
}
END_TEST

/* More than the buffer holds at once, every kind of line end, records over several lines. */
START_TEST (large_file_in_pieces)
{
  enum
  {
    N = 150000
  };
  static const char *const end[] = { "\n", "\r\n", "\r" };
  FILE *f = fopen ("data.csv", "wb");
  elbo_table *table;
  size_t line = 2;

  fputs ("x,t,y\n", f);
  for (int i = 0; i < N; i++)
    fprintf (f, i % 7 ? "%d,plain,%d.25%s" : "%d,\"two\nlines, \"\"%d\"\"\",1%s", i, i, end[i % 3]);
  fclose (f);
  table = elbo_table_open ("data.csv", NULL);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  elbo_table_set_role (table, 1, ELBO_ROLE_TEXT);
  elbo_table_set_role (table, 2, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_table_nrow (table), N);
  for (size_t row = 0; row < N; row++)
    {
      char want[64];
      snprintf (want, sizeof want, row % 7 ? "plain" : "two\nlines, \"%zu\"", row);
      if (strcmp (elbo_table_text (table, row, 1), want) != 0
          || elbo_table_value (table, row, 0) != (double)row
          || elbo_table_value (table, row, 2) != (row % 7 ? (double)row + 0.25 : 1)
          || elbo_table_line (table, row) != line)
        ck_abort_msg ("row %zu", row);
      line += row % 7 ? 1 : 2;
    }
  elbo_table_free (table);
}
END_TEST

/* A CRLF at every place that the end of a buffer can have. */
START_TEST (line_ends_at_the_edge)
{
  enum
  {
    N = 140000,
    WIDTH = 16
  };
  for (int shift = 0; shift < WIDTH; shift++)
    {
      FILE *f = fopen ("data.csv", "wb");
      elbo_table *table;
      size_t used;

      fprintf (f, "x%0*d\r\n", shift, 0);
      for (int i = 0; i < N; i++)
        fprintf (f, "%0*d\r\n", WIDTH - 2, i);
      fclose (f);
      table = read_all ("data.csv", NULL, 0, &used);
      ck_assert_uint_eq (elbo_table_nrow (table), N);
      ck_assert_double_eq (elbo_table_value (table, N - 1, 0), N - 1);
      ck_assert_uint_eq (elbo_table_line (table, N - 1), N + 1);
      elbo_table_free (table);
    }
}
END_TEST

/* Cells behind those of the header are counted, not kept. */
START_TEST (more_cells_than_names)
{
  enum
  {
    N = 1000000
  };
  for (int quote = 0; quote < 2; quote++)
    {
      char *text = malloc (N + 100), *p = stpcpy (text, "x,y\n1,2\n");
      elbo_table *table;
      p = repeat (stpcpy (p, quote ? "\"3\"" : "3"), ',', N);
      p = stpcpy (p, "\n5,6\n");
      write_bytes ("data.csv", text, (size_t)(p - text));
      free (text);
      ck_assert_ptr_nonnull (table = elbo_table_open ("data.csv", NULL));
      elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
      ck_assert_int_eq (elbo_table_read (table, 0), ELBO_EDATA);
      ck_assert_msg (strstr (elbo_message (), "data.csv:3: 1000001 fields where the header has 2"),
                     "%s", elbo_message ());
      ck_assert_uint_lt (table->records.cellroom, 100);
      ck_assert_uint_lt (table->records.spanroom, 100);
      elbo_table_free (table);
    }
}
END_TEST

/* Zeros without end, here of a file without blocks, are known by the first of them. */
START_TEST (zeros_without_end)
{
  FILE *f = fopen ("data.csv", "wb");

  ck_assert_int_eq (fseek (f, 300000000, SEEK_SET), 0);
  fputc ('\n', f);
  fclose (f);
  ck_assert_ptr_null (elbo_table_open ("data.csv", NULL));
  ck_assert_str_eq (elbo_message (), "data.csv:1: a NUL byte; the file is damaged or no text");
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, splitter_equals_libcsv);
  tcase_add_test (tc, large_file_in_pieces);
  tcase_add_test (tc, line_ends_at_the_edge);
  tcase_add_test (tc, more_cells_than_names);
  tcase_add_test (tc, zeros_without_end);
}

int
main (void)
{
  return run_tests ("csv-records", add);
}
