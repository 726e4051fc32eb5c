/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: hostile files, messages word for word, two ways through one text. */
#include <config.h>

#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "data/data.h"
#include "scratch.h"

#define NONE ((size_t)-1)

/* ---- files ---- */

static char nasty[4096]; /* folder of the hostile files */
static char scratch[] = "/tmp/t-csv.XXXXXX";

static void
write_bytes (const char *name, const void *bytes, size_t n)
{
  FILE *f = fopen (name, "wb");
  ck_assert_ptr_nonnull (f);
  ck_assert_uint_eq (fwrite (bytes, 1, n, f), n);
  ck_assert_int_eq (fclose (f), 0);
}

static void
write_text (const char *name, const char *text)
{
  write_bytes (name, text, strlen (text));
}

static char *
repeat (char *to, char c, size_t n)
{
  memset (to, c, n);
  return to + n;
}

/* The three hostile files that are too large to be kept. */
static const char *
large_file (const char *name)
{
  char *text = malloc (4000000), *p = text;

  ck_assert_ptr_nonnull (text);
  if (strcmp (name, "long_line_1field.csv") == 0)
    p = stpcpy (repeat (stpcpy (p, "x\n"), '1', 3000000), "\n2\n");
  else if (strcmp (name, "long_header_name.csv") == 0)
    p = stpcpy (repeat (p, 'a', 2000000), ",y\n1,2\n3,4\n5,6\n");
  else
    {
      p = stpcpy (repeat (stpcpy (p, "x"), ',', 500000), "\n");
      p = stpcpy (repeat (p, ',', 500000), "\n");
    }
  write_bytes (name, text, (size_t)(p - text));
  free (text);
  return name;
}

static const char *
nasty_path (const char *name)
{
  static char path[sizeof nasty + 64];
  snprintf (path, sizeof path, "%s/%s", nasty, name);
  return access (path, R_OK) == 0 ? path : large_file (name);
}

/* ---- reading ---- */

/* Open, take the number columns (or all), read all rows.  NULL: elbo_message tells why. */
static elbo_table *
read_all (const char *path, const elbo_table_options *options, int all, size_t *n)
{
  elbo_table *table = elbo_table_open (path, options);
  size_t *column, p;

  *n = 0;
  if (!table)
    return NULL;
  p = elbo_table_ncolumn (table);
  column = malloc (p * sizeof *column);
  ck_assert_ptr_nonnull (column);
  if (all)
    for (*n = 0; *n < p; ++*n)
      column[*n] = *n;
  else if (elbo_table_numbers (table, column, n))
    goto fail;
  for (size_t i = 0; i < *n; i++)
    ck_assert_int_eq (elbo_table_set_role (table, column[i], ELBO_ROLE_NUMBER), GSL_SUCCESS);
  if (elbo_table_read (table, 0))
    goto fail;
  free (column);
  return table;
fail:
  free (column);
  elbo_table_free (table);
  return NULL;
}

/* The message, with the folder of the file cut off. */
static const char *
message (void)
{
  const char *text = elbo_message ();
  size_t n = strlen (nasty);
  return strncmp (text, nasty, n) == 0 ? text + n + 1 : text;
}

static void
same_cells (const elbo_table *a, const elbo_table *b)
{
  ck_assert_uint_eq (elbo_table_nrow (a), elbo_table_nrow (b));
  ck_assert_uint_eq (elbo_table_ncolumn (a), elbo_table_ncolumn (b));
  for (size_t row = 0; row < elbo_table_nrow (a); row++)
    for (size_t i = 0; i < elbo_table_ncolumn (a); i++)
      {
        double x = elbo_table_value (a, row, i), y = elbo_table_value (b, row, i);
        if (memcmp (&x, &y, sizeof x) != 0) /* an assertion writes to a file, even if it holds */
          ck_abort_msg ("row %zu column %zu: %.17g %.17g", row, i, x, y);
      }
}

/* ---- hostile files ---- */

/* How each file is refused; what is not listed here must be read. */
static const struct
{
  const char *file, *message;
} refused[] = {
  { "only_bom.csv", "only_bom.csv: the file is empty (it holds nothing but a byte order mark)" },
  { "utf16le.csv", "this is UTF-16 text, not CSV; try: iconv -f UTF-16 -t UTF-8 " },
  { "nul_in_number.csv", "nul_in_number.csv:3: a NUL byte; the file is damaged or no text" },
  { "nul_at_end.csv", "nul_at_end.csv:22: a NUL byte; the file is damaged or no text" },
  { "all_nul.csv", "all_nul.csv:1: a NUL byte; the file is damaged or no text" },
  { "random_bytes.csv", "random_bytes.csv:2: " },
  { "gzip_magic.csv", "gzip_magic.csv: the gzip data are damaged" },
  { "ctrl_z.csv", "ctrl_z.csv:22: 1 field where the header has 2: \"\\x1a\"\n"
                  "to leave such lines out: --ragged=drop" },
  { "empty.csv", "empty.csv: the file is empty" },
  { "only_newlines.csv", "only_newlines.csv: the file holds nothing but blank lines" },
  { "only_spaces.csv", "only_spaces.csv: the file holds nothing but blank lines" },
  { "header_only.csv", "header_only.csv: a header (x, y) but no data rows" },
  { "header_only_no_newline.csv", "header_only_no_newline.csv: a header (x, y) but no data rows" },
  { "header_shorter.csv",
    "header_shorter.csv:2: 2 fields where the header has 1: \"-0.123801,0.071525\"\n"
    "(19 more such lines: 3, 4, 5, ...) to leave such lines out: --ragged=drop" },
  { "header_longer.csv",
    "header_longer.csv:2: 2 fields where the header has 3: \"-0.123801,0.071525\"\n"
    "(19 more such lines: 3, 4, 5, ...) to leave such lines out: --ragged=drop" },
  { "ragged_short.csv", "ragged_short.csv:8: 1 field where the header has 2: \"-0.884460\"\n"
                        "to leave such lines out: --ragged=drop" },
  { "ragged_long.csv",
    "ragged_long.csv:8: 3 fields where the header has 2: \"-0.884460,-0.307302,9\"\n"
    "to leave such lines out: --ragged=drop" },
  { "only_commas.csv",
    "only_commas.csv: no numeric column (V1: empty, V2: empty, V3: empty, V4: empty)" },
  { "comment_lines.csv", "comment_lines.csv:2: 2 fields where the header has 1: \"x,y\"\n"
                         "(20 more such lines: 3, 4, 5, ...) "
                         "to leave such lines out: --ragged=drop; "
                         "to take comments out: grep -v '^#' " },
  { "decimal_comma.csv", "decimal_comma.csv:2: column 'x': \"-0,123801\" looks like a decimal "
                         "comma; use --decimal=," },
  { "decimal_comma_quoted.csv", "decimal_comma_quoted.csv:2: column 'x': \"1,5\" looks like a "
                                "decimal comma; use --decimal=," },
  { "nbsp_around.csv", "nbsp_around.csv:2: column 'x\\xc2\\xa0': \"-0.123801\\xc2\\xa0\" is not a "
                       "number\n"
                       "to leave the column out: --columns='!1'; as categories: --categorical=1" },
  { "unterminated_quote.csv", "unterminated_quote.csv:3: quote opened here is never closed" },
  { "quote_in_middle.csv",
    "quote_in_middle.csv:3: a quote inside a cell that is not quoted: 3\"4,5\n"
    "put the whole cell in quotes and double those within: \"5\"\" pipe\"" },
  { "text_after_quote.csv",
    "text_after_quote.csv:2: text behind a closing quote: \"1\"a,2\n"
    "put the whole cell in quotes and double those within: \"5\"\" pipe\"" },
  { "single_quotes.csv", "single_quotes.csv: no numeric column (x: text, y: text); "
                         "to model categories: --categorical=x,y" },
  { "hex_float.csv",
    "hex_float.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "inf_nan.csv",
    "inf_nan.csv:3: column 'x': infinite value \"Inf\"; mixtures need finite numbers" },
  { "nan_payload.csv", "nan_payload.csv:3: column 'x': \"nan(0x7ff)\" is not a number\n"
                       "if it marks a missing value: --na='nan(0x7ff)'; "
                       "to leave the column out: --columns='!x'; as categories: --categorical=x" },
  { "overflow.csv", "overflow.csv:2: column 'x': \"1e400\" is larger than any double (1.8e308)" },
  { "long_line_1field.csv", "long_line_1field.csv:2: column 'x': "
                            "\"111111111111111111111111111111111111111111111111111111111111...\" "
                            "is larger than any double (1.8e308)" },
  { "thousands_sep.csv", "thousands_sep.csv:2: column 'x': \"1,000\" is not a number\n"
                         "if the comma is a decimal comma: --decimal=,; "
                         "if it separates thousands, take it out of the file" },
  { "currency.csv",
    "currency.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "percent.csv",
    "percent.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "fortran_d.csv",
    "fortran_d.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "unicode_minus.csv",
    "unicode_minus.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "fullwidth_digits.csv",
    "fullwidth_digits.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "trailing_garbage.csv",
    "trailing_garbage.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "two_numbers_in_cell.csv",
    "two_numbers_in_cell.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "deep_quotes.csv",
    "deep_quotes.csv: no numeric column (x: text); to model categories: --categorical=x" },
  { "non_numeric_cell.csv",
    "non_numeric_cell.csv:13: column 'x': \"abc\" is not a number\n"
    "if it marks a missing value: --na=abc; to leave the column out: --columns='!x'; "
    "as categories: --categorical=x" },
  { "many_empty_fields.csv", "many_empty_fields.csv: no numeric column (x: empty, V2: empty, " },
  { "na_tokens.csv", "na_tokens.csv:3: column 'x': missing value \"NA\"\n"
                     "to leave such rows out: --missing=drop" },
  { "empty_cells.csv", "empty_cells.csv:3: column 'x': missing value \"\"\n"
                       "to leave such rows out: --missing=drop" },
  { "all_missing_row.csv", "all_missing_row.csv:3: column 'x': missing value \"NA\"\n"
                           "to leave such rows out: --missing=drop" },
  { "every_row_incomplete.csv", "every_row_incomplete.csv:2: column 'y': missing value \"NA\"\n"
                                "to leave such rows out: --missing=drop" },
};

/* What else a file can be than its line in the manifest says: n and p as read here. */
static const struct
{
  const char *file;
  size_t n, p;
  const char *why;
} differs[] = {
  { "latin1_cell.csv", 2, 1, "the text column is left out" },
  { "date_cells.csv", 2, 1, "likewise" },
  { "quoted_text_cells.csv", 3, 2, "likewise" },
  { "numeric_header.csv", 21, 2, "a first row of numbers is data" },
  { "all_missing_column.csv", 3, 1, "a column without a value is left out" },
};

static const char *const same_as_ok[] = { "bom.csv",
                                          "bom_quoted_header.csv",
                                          "crlf.csv",
                                          "cr_only.csv",
                                          "mixed_eol.csv",
                                          "no_final_newline.csv",
                                          "crlf_no_final.csv",
                                          "trailing_blank_lines.csv",
                                          "blank_lines_inside.csv",
                                          "leading_blank_lines.csv",
                                          "no_header.csv",
                                          "semicolon.csv",
                                          "tab.tsv",
                                          "pipe.csv",
                                          "space_sep.txt",
                                          "spaces_around.csv",
                                          "quoted_numbers.csv",
                                          "quoted_comma_header.csv",
                                          "quoted_newline_header.csv",
                                          "locale_trap.csv",
                                          "utf8_header.csv",
                                          "dup_header.csv" };

static void
check_file (const char *file, const char *expect, size_t n, size_t p)
{
  const char *want = NULL;
  size_t used;
  elbo_table *table = read_all (nasty_path (file), NULL, 0, &used);

  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (strcmp (refused[i].file, file) == 0)
      want = refused[i].message;
  for (size_t i = 0; i < sizeof differs / sizeof *differs; i++)
    if (strcmp (differs[i].file, file) == 0)
      {
        n = differs[i].n;
        p = differs[i].p;
        expect = "option";
      }
  if (!table)
    {
      ck_assert_msg (want && strcmp (expect, "accept") != 0, "%s: %s", file, elbo_message ());
      /* what names the folder again is not compared to the end */
      ck_assert_msg (strstr (message (), want), "%s\nnot\n%s", message (), want);
      ck_assert_msg (strstr (want, "try: ") || strstr (want, "grep ")
                         || want[strlen (want) - 1] == ' ' || strcmp (message (), want) == 0,
                     "%s\nnot\n%s", message (), want);
      return;
    }
  ck_assert_msg (!want && strcmp (expect, "reject") != 0, "%s was read", file);
  ck_assert_msg (elbo_table_nrow (table) == n && used == p, "%s: %zu x %zu, not %zu x %zu", file,
                 elbo_table_nrow (table), used, n, p);
  elbo_table_free (table);
}

START_TEST (hostile_files)
{
  char path[sizeof nasty + 16], line[1024], file[64], expect[16];
  size_t n, p, count = 0;
  FILE *manifest;

  snprintf (path, sizeof path, "%s/MANIFEST.tsv", nasty);
  manifest = fopen (path, "r");
  ck_assert_msg (manifest != NULL, "%s", path);
  ck_assert_ptr_nonnull (fgets (line, sizeof line, manifest)); /* the header */
  while (fgets (line, sizeof line, manifest))
    {
      ck_assert_int_eq (sscanf (line, "%63s %15s %zu %zu", file, expect, &n, &p), 4);
      check_file (file, expect, n, p);
      count++;
    }
  fclose (manifest);
  ck_assert_uint_eq (count, 111);
}
END_TEST

START_TEST (identical_files)
{
  size_t used;
  elbo_table *ok = read_all (nasty_path ("ok.csv"), NULL, 0, &used);

  ck_assert_uint_eq (elbo_table_nrow (ok), 20);
  ck_assert_double_eq (elbo_table_value (ok, 0, 0), -0.123801);
  for (size_t i = 0; i < sizeof same_as_ok / sizeof *same_as_ok; i++)
    {
      elbo_table *table = read_all (nasty_path (same_as_ok[i]), NULL, 0, &used);
      ck_assert_msg (table != NULL, "%s: %s", same_as_ok[i], elbo_message ());
      same_cells (ok, table);
      elbo_table_free (table);
    }
  elbo_table_free (ok);
}
END_TEST

/* Files that need an option are read with it. */
START_TEST (hostile_files_with_options)
{
  elbo_table_options option = elbo_table_defaults ();
  size_t used;
  elbo_table *ok = read_all (nasty_path ("ok.csv"), NULL, 0, &used), *table;

  option.decimal = ',';
  table = read_all (nasty_path ("decimal_comma.csv"), &option, 0, &used);
  same_cells (ok, table);
  elbo_table_free (table);
  table = read_all (nasty_path ("decimal_comma_quoted.csv"), &option, 0, &used);
  ck_assert_double_eq (elbo_table_value (table, 2, 1), 0.5);
  elbo_table_free (table);

  option = elbo_table_defaults ();
  option.header = ELBO_HEADER_YES;
  table = read_all (nasty_path ("numeric_header.csv"), &option, 0, &used);
  same_cells (ok, table);
  ck_assert_str_eq (elbo_table_name (table, 1), "1991");
  elbo_table_free (table);

  option = elbo_table_defaults ();
  option.missing = ELBO_MISSING_DROP;
  option.na = "empty,NA,NaN,null,N/A,.,?,-";
  table = read_all (nasty_path ("na_tokens.csv"), &option, 0, &used);
  ck_assert_uint_eq (elbo_table_nrow (table), 2);
  ck_assert_uint_eq (elbo_table_ndropped (table), 8);
  ck_assert_double_eq (elbo_table_value (table, 1, 1), 12);
  ck_assert_uint_eq (elbo_table_line (table, 1), 11);
  ck_assert_uint_eq (elbo_table_number (table, 1), 10);
  elbo_table_free (table);
  table = read_all (nasty_path ("empty_cells.csv"), &option, 0, &used);
  ck_assert_uint_eq (elbo_table_nrow (table), 3);
  ck_assert_uint_eq (elbo_table_nmissing (table, 0), 2);
  elbo_table_free (table);
  ck_assert_ptr_null (read_all (nasty_path ("every_row_incomplete.csv"), &option, 0, &used));
  ck_assert_str_eq (message (), "every_row_incomplete.csv: all 4 rows have missing cells; "
                                "--missing=drop leaves none");
  ck_assert_ptr_null (read_all (nasty_path ("all_missing_column.csv"), &option, 1, &used));

  option.missing = ELBO_MISSING_KEEP;
  table = read_all (nasty_path ("all_missing_row.csv"), &option, 0, &used);
  ck_assert_uint_eq (elbo_table_nrow (table), 4);
  ck_assert (isnan (elbo_table_value (table, 1, 0)) && isnan (elbo_table_value (table, 1, 1)));
  elbo_table_free (table);

  option = elbo_table_defaults ();
  option.ragged_drop = 1;
  table = read_all (nasty_path ("ragged_long.csv"), &option, 0, &used);
  ck_assert_uint_eq (elbo_table_nrow (table), 19);
  ck_assert_uint_eq (elbo_table_nragged (table), 1);
  ck_assert_uint_eq (elbo_table_line (table, 6), 9);
  elbo_table_free (table);
  elbo_table_free (ok);
}
END_TEST

START_TEST (names)
{
  static const struct
  {
    const char *file, *name[2];
  } want[] = { { "quoted_comma_header.csv", { "x, in cm", "y \"raw\"" } },
               { "quoted_newline_header.csv", { "x\nsecond line", "y" } },
               { "invalid_utf8_header.csv", { "x\xEF\xBF\xBD\xEF\xBF\xBD", "y\xEF\xBF\xBD" } },
               { "escape_seq_header.csv", { "\x1B[31mx\x07", "y" } },
               { "empty_header_name.csv", { "x", "V2" } },
               { "no_header.csv", { "V1", "V2" } },
               { "bom_quoted_header.csv", { "x", "y" } },
               { "spaces_around.csv", { "x", "y" } } };

  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    {
      elbo_table *table = elbo_table_open (nasty_path (want[i].file), NULL);
      ck_assert_ptr_nonnull (table);
      ck_assert_str_eq (elbo_table_name (table, 0), want[i].name[0]);
      ck_assert_str_eq (elbo_table_name (table, 1), want[i].name[1]);
      elbo_table_free (table);
    }
}
END_TEST

START_TEST (separators)
{
  static const struct
  {
    const char *text;
    char separator;
    size_t p;
  } want[] = { { "x,y\n1,2\n", ',', 2 },
               { "x;y\n1,5;2,5\n", ';', 2 },
               { "1,5;2,5;1\n3,5;4,5;2\n", ';', 3 },
               { "1,5;2,5\n3,5;4,5\n", ';', 2 },
               { "x\ty\n1,5\t2,5\n", '\t', 2 },
               { "a\t,b\t,c\n1\t,2,3\n", ',', 3 },
               { "\"a;b\",c\n1,2\n", ',', 2 },
               { "\"a;b;c\",d\n\"1;2;3\",4\n", ',', 2 },
               { "\"a,b,c\";\"d\"\n1;2\n", ';', 2 },
               { "name,note\nx,\"1|2\"\ny,z|3\n", ',', 2 },
               { "a b\n 1   2\n3\t4 \n", ' ', 2 },
               { "my x\n1\n2\n", ',', 1 },
               { "x\n1\n", ',', 1 } };

  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    {
      elbo_table *table;
      write_text ("data.csv", want[i].text);
      table = elbo_table_open ("data.csv", NULL);
      ck_assert_msg (table != NULL, "%s", elbo_message ());
      ck_assert_msg (elbo_table_separator (table) == want[i].separator
                         && elbo_table_ncolumn (table) == want[i].p,
                     "%s: '%c' and %zu columns", want[i].text, elbo_table_separator (table),
                     elbo_table_ncolumn (table));
      elbo_table_free (table);
    }
}
END_TEST

/* ---- messages ---- */

static void
refuses (const char *text, const char *want)
{
  size_t used;
  elbo_table *table;

  write_text ("data.csv", text);
  table = read_all ("data.csv", NULL, 0, &used);
  ck_assert_msg (!table, "%s was read", text);
  ck_assert_str_eq (elbo_message (), want);
}

START_TEST (messages)
{
  size_t used;

  ck_assert_ptr_null (read_all ("nosuch.csv", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (), "nosuch.csv: cannot open: No such file or directory");
  ck_assert_ptr_null (read_all (".", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (), ".: cannot read: Is a directory");
  refuses ("", "data.csv: the file is empty");
  refuses ("x,y\n", "data.csv: a header (x, y) but no data rows");
  refuses ("a,b,c,d\n1,2,3,4\n5.1,3.5,1.4\n1,2,3,4\n1,2\n\n1\n",
           "data.csv:3: 3 fields where the header has 4: \"5.1,3.5,1.4\"\n"
           "(2 more such lines: 5, 7) to leave such lines out: --ragged=drop");
  refuses ("1,2\n3,4\n5,6,7\n8\n", "data.csv:3: 3 fields where the first line has 2: \"5,6,7\"\n"
                                   "(1 more such line: 4) to leave such lines out: --ragged=drop");
  refuses ("id,income\n1,20\n2,30\n3,12.5k\n",
           "data.csv:4: column 'income': \"12.5k\" is not a number\n"
           "if it marks a missing value: --na=12.5k; "
           "to leave the column out: --columns='!income'; as categories: --categorical=income");
  refuses ("\"a, b\",it's\n1,2\n3,4\nx y,5\n",
           "data.csv:4: column 'a, b': \"x y\" is not a number\n"
           "if it marks a missing value: --na='x y'; "
           "to leave the column out: --columns='!\"a, b\"'; as categories: "
           "--categorical='\"a, b\"'");
  refuses ("a,it's\n1,2\n3,4\n5,x\n",
           "data.csv:4: column 'it's': \"x\" is not a number\n"
           "if it marks a missing value: --na=x; to leave the column out: --columns='!it'\\''s'; "
           "as categories: --categorical='it'\\''s'");
  refuses ("x;y\n3,6;1\n", "data.csv:2: column 'x': \"3,6\" looks like a decimal comma; "
                           "use --decimal=,");
  refuses ("name,city\na,b\n", "data.csv: no numeric column (name: text, city: text); "
                               "to model categories: --categorical=name,city");
  refuses ("x,y\n1,2\n\n3,\"4\n5,6\n", "data.csv:4: quote opened here is never closed");
  refuses ("x,y\n1,\"a\n1\"\n\"2\n3,4\n", "data.csv:4: quote opened here is never closed");
  refuses ("x,y\n1,2\n3,inf\n",
           "data.csv:3: column 'y': infinite value \"inf\"; mixtures need finite numbers");
  refuses ("x\n1\n2\n\x1B[2J\n", "data.csv:4: column 'x': \"\\x1b[2J\" is not a number\n"
                                 "to leave the column out: --columns='!x'; "
                                 "as categories: --categorical=x");
  /* lines inside quotes count */
  refuses ("id,\"x\ny\"\n\"a\r\nb\",1\nc,2\nd,z\n",
           "data.csv:6: column 'x\\x0ay': \"z\" is not a number\n"
           "if it marks a missing value: --na=z; to leave the column out: --columns='!2'; "
           "as categories: --categorical=2");
}
END_TEST

static void
magic (const char *name, const char *bytes, size_t n, const char *want)
{
  write_bytes (name, bytes, n);
  ck_assert_ptr_null (elbo_table_open (name, NULL));
  ck_assert_str_eq (elbo_message (), want);
}

START_TEST (other_formats)
{
  magic ("data.xlsx", "PK\3\4....", 8,
         "data.xlsx: this is a ZIP or Excel file, not CSV; try: xlsx2csv data.xlsx | vi-fit -");
  magic ("data.zip", "PK\3\4....", 8,
         "data.zip: this is a ZIP or Excel file, not CSV; try: unzip -p data.zip | vi-fit -");
  magic ("data.csv", "\xFF\xFEx\0,\0y\0", 8,
         "data.csv: this is UTF-16 text, not CSV; "
         "try: iconv -f UTF-16 -t UTF-8 data.csv | vi-fit -");
  magic ("data.csv", "x\0,\0y\0\n\0", 8,
         "data.csv: this is UTF-16 text, not CSV; "
         "try: iconv -f UTF-16LE -t UTF-8 data.csv | vi-fit -");
  magic ("my data.db", "SQLite format 3", 16,
         "my data.db: this is an SQLite database, not CSV; "
         "try: sqlite3 -csv -header 'my data.db' 'select * from TABLE' | vi-fit -");
  magic ("d.parquet", "PAR1....", 8,
         "d.parquet: this is a Parquet file, not CSV; "
         "try: duckdb -csv -c \"select * from 'd.parquet'\" | vi-fit -");
  magic ("d.xz",
         "\xFD"
         "7zXZ\0",
         6, "d.xz: this is an xz file, not CSV; try: xz -dc d.xz | vi-fit -");
}
END_TEST

START_TEST (finding_columns)
{
  elbo_table *table;
  size_t column = 9;

  write_text ("data.csv", "eruptions,waiting,x,y,x\n1,2,3,4,5\n");
  table = elbo_table_open ("data.csv", NULL);
  ck_assert_int_eq (elbo_table_find (table, "waiting", &column), GSL_SUCCESS);
  ck_assert_uint_eq (column, 1);
  ck_assert_int_eq (elbo_table_find (table, "eruption", &column), ELBO_ENAME);
  ck_assert_str_eq (elbo_message (), "data.csv: no column 'eruption'; did you mean 'eruptions'? "
                                     "(columns: eruptions, waiting, x, y, x)");
  ck_assert_int_eq (elbo_table_find (table, "zzzz", &column), ELBO_ENAME);
  ck_assert_str_eq (elbo_message (),
                    "data.csv: no column 'zzzz' (columns: eruptions, waiting, x, y, x)");
  ck_assert_int_eq (elbo_table_find (table, "x", &column), ELBO_ENAME);
  ck_assert_str_eq (elbo_message (),
                    "data.csv: two columns are named 'x' (3 and 5); refer to them by number");
  elbo_table_free (table);
}
END_TEST

/* ---- roles ---- */

START_TEST (levels_and_text)
{
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *table;
  static const char *const level[] = { "9", "10", "10.0", "a", "b" };
  static const double code[] = { 4, 1, 0, NAN, 3, 2, 4 };

  write_text ("data.csv", "c,t,x\nb,one,1\n10,\"t,wo\",2\n9,,3\nNA,four,4\na, five ,5\n10.0,6,6\n"
                          "b,7,NA\n");
  option.missing = ELBO_MISSING_KEEP;
  table = elbo_table_open ("data.csv", &option);
  ck_assert_int_eq (elbo_table_kind (table, 1), ELBO_KIND_TEXT);
  elbo_table_set_role (table, 0, ELBO_ROLE_LEVEL);
  elbo_table_set_role (table, 1, ELBO_ROLE_TEXT);
  elbo_table_set_role (table, 2, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_table_nlevel (table, 0), 5);
  for (size_t l = 0; l < 5; l++)
    ck_assert_str_eq (elbo_table_level (table, 0, l), level[l]);
  ck_assert_uint_eq (elbo_table_level_count (table, 0, 4), 2);
  for (size_t row = 0; row < 7; row++)
    {
      double got = elbo_table_value (table, row, 0);
      ck_assert_msg (got == code[row] || (isnan (got) && isnan (code[row])), "row %zu", row);
    }
  ck_assert_str_eq (elbo_table_text (table, 1, 1), "t,wo");
  ck_assert_str_eq (elbo_table_text (table, 2, 1), "");
  ck_assert_str_eq (elbo_table_text (table, 4, 1), "five");
  elbo_table_free (table);

  /* levels that occur only in rows left out do not exist */
  option.missing = ELBO_MISSING_DROP;
  write_text ("data.csv", "c,x\nb,1\na,NA\nc,2\n");
  table = elbo_table_open ("data.csv", &option);
  elbo_table_set_role (table, 0, ELBO_ROLE_LEVEL);
  elbo_table_set_role (table, 1, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_table_nlevel (table, 0), 2);
  ck_assert_str_eq (elbo_table_level (table, 0, 0), "b");
  ck_assert_double_eq (elbo_table_value (table, 1, 0), 1);
  elbo_table_free (table);
}
END_TEST

START_TEST (many_levels)
{
  enum
  {
    N = 5000
  };
  elbo_table *table;
  FILE *f = fopen ("data.csv", "w");

  fputs ("c\n", f);
  for (int i = 0; i < 2 * N; i++)
    fprintf (f, "k%04d\n", (i * 7919) % N);
  fclose (f);
  table = elbo_table_open ("data.csv", NULL);
  elbo_table_set_role (table, 0, ELBO_ROLE_LEVEL);
  /* in portions: the texts must survive the new codes */
  for (size_t first = 0; elbo_table_read (table, 777) == GSL_SUCCESS;)
    {
      for (size_t row = 0; row < elbo_table_nrow (table); row++)
        {
          char want[16];
          size_t code = (size_t)elbo_table_value (table, row, 0);
          snprintf (want, sizeof want, "k%04d", (int)((first + row) * 7919 % N));
          ck_assert_str_eq (elbo_table_level (table, 0, code), want);
          if (elbo_table_line (table, row) != first + row + 2)
            ck_abort_msg ("row %zu: line %zu", row, elbo_table_line (table, row));
        }
      first += elbo_table_nrow (table);
    }
  ck_assert_uint_eq (elbo_table_nlevel (table, 0), N);
  ck_assert_uint_eq (elbo_table_level_count (table, 0, 17), 2);
  elbo_table_free (table);
}
END_TEST

START_TEST (missing_marks)
{
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *table;
  size_t used;

  write_text ("data.csv", "x\n1\n-999\n-999.0\nNA\n3\n");
  option.na = "-999, NA";
  option.missing = ELBO_MISSING_DROP;
  table = read_all ("data.csv", &option, 0, &used);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  ck_assert_uint_eq (elbo_table_nrow (table), 2);
  elbo_table_free (table);
  option.na = "";
  ck_assert_ptr_null (read_all ("data.csv", &option, 0, &used));
  ck_assert_str_eq (elbo_message (), "data.csv:5: column 'x': \"NA\" is not a number\n"
                                     "if it marks a missing value: --na=NA; "
                                     "to leave the column out: --columns='!x'; "
                                     "as categories: --categorical=x");
}
END_TEST

START_TEST (summaries)
{
  elbo_column_summary s;
  elbo_table_options option = elbo_table_defaults ();
  elbo_table *table;
  size_t used;

  write_text ("data.csv", "id,zero,x,k,huge,seven\n1,0,1.5,7,1.7e308,7\n2,1,,7,1.7e308,8\n"
                          "3,2,-0,7,1.7e308,9\n4,3,0,7,1.7e308,10\n5,4,2.5,7,1.7e308,11\n");
  option.missing = ELBO_MISSING_KEEP;
  table = read_all ("data.csv", &option, 1, &used);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  ck_assert_int_eq (elbo_table_summary (table, 0, &s), GSL_SUCCESS);
  ck_assert (s.numbering && s.whole && s.distinct == 5 && s.mean == 3);
  ck_assert_int_eq (elbo_table_summary (table, 1, &s), GSL_SUCCESS);
  ck_assert (s.numbering && s.min == 0);
  ck_assert_int_eq (elbo_table_summary (table, 2, &s), GSL_SUCCESS);
  ck_assert (!s.numbering && !s.whole && s.count == 4 && s.missing == 1 && s.distinct == 3);
  ck_assert (s.min == 0 && s.max == 2.5 && s.mean == 1);
  ck_assert_int_eq (elbo_table_summary (table, 3, &s), GSL_SUCCESS);
  ck_assert (s.min == s.max && s.distinct == 1 && !s.numbering);
  ck_assert_int_eq (elbo_table_summary (table, 4, &s), GSL_SUCCESS);
  ck_assert_double_eq_tol (s.mean / 1.7e308, 1, 1e-15);
  ck_assert_int_eq (elbo_table_summary (table, 5, &s), GSL_SUCCESS);
  ck_assert (!s.numbering && s.whole);
  elbo_table_free (table);
}
END_TEST

/* ---- two ways through one text ---- */

static uint64_t
draw (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C (0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C (0x94D049BB133111EB);
  return z ^ z >> 31;
}

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
  elbo_table_options option = elbo_table_defaults ();
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

/* ---- bytes ---- */

START_TEST (gzip)
{
  gzFile f = gzopen ("data.csv.gz", "wb");
  elbo_table *table;
  size_t used;
  char bytes[4096];
  size_t n;

  gzputs (f, "x,y\n1,2\n3,4\n");
  gzclose (f);
  f = gzopen ("data.csv.gz", "ab"); /* a second member */
  gzputs (f, "5,6\n");
  gzclose (f);
  table = read_all ("data.csv.gz", NULL, 0, &used);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  ck_assert_uint_eq (elbo_table_nrow (table), 3);
  ck_assert_double_eq (elbo_table_value (table, 2, 1), 6);
  elbo_table_free (table);
  FILE *raw = fopen ("data.csv.gz", "rb");
  n = fread (bytes, 1, sizeof bytes, raw);
  fclose (raw);
  write_bytes ("cut.csv.gz", bytes, n - 6);
  ck_assert_ptr_null (read_all ("cut.csv.gz", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (),
                    "cut.csv.gz: the gzip data end too early: the file is cut off");
  bytes[n] = 'x';
  write_bytes ("tail.csv.gz", bytes, n + 1);
  ck_assert_ptr_null (read_all ("tail.csv.gz", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (), "tail.csv.gz: garbage behind the gzip data");
}
END_TEST

START_TEST (digests)
{
  static const struct
  {
    const char *text, *digest;
  } vector[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnop",
      "aa353e009edbaebfc6e494c8d847696896cb8b398e0173a4b5c1b636292d87c7" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  };
  elbo_sha256 sha;
  char digest[65], *million = malloc (1000000);
  elbo_table *table;

  for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
    {
      elbo_sha256_start (&sha);
      elbo_sha256_add (&sha, vector[i].text, strlen (vector[i].text));
      elbo_sha256_text (&sha, digest);
      ck_assert_str_eq (digest, vector[i].digest);
    }
  repeat (million, 'a', 1000000);
  elbo_sha256_start (&sha);
  for (size_t at = 0, n = 1; at < 1000000; at += n, n = n * 3 % 1009)
    {
      n = n < 1000000 - at ? n : 1000000 - at;
      elbo_sha256_add (&sha, million + at, n);
    }
  elbo_sha256_text (&sha, digest);
  ck_assert_str_eq (digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free (million);

  write_text ("data.csv", "x\n1\n");
  table = elbo_table_open ("data.csv", NULL);
  elbo_table_want_digest (table);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_digest (table, digest), GSL_SUCCESS);
  ck_assert_str_eq (digest, "daff832f802000e645771a60983c76c963f6ee602a6230e45237bd360e91cc1a");
  elbo_table_free (table);
}
END_TEST

static int
stop_at_once (const elbo_table *table, void *arg)
{
  (void)table;
  ++*(int *)arg;
  return 1;
}

START_TEST (watching)
{
  elbo_table_options options = elbo_table_defaults ();
  elbo_table *table;
  int calls = 0;
  FILE *f = fopen ("data.csv", "w");
  size_t done, all;

  for (int i = 0; i < 400000; i++)
    fprintf (f, "%d\n", i);
  fclose (f);
  options.threads = 1; /* others could be at the end before the first call */
  table = elbo_table_open ("data.csv", &options);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  elbo_table_watch (table, stop_at_once, &calls);
  ck_assert_int_eq (elbo_table_read (table, 0), ELBO_ESTOP);
  ck_assert_int_eq (calls, 1);
  elbo_table_progress (table, &done, &all);
  ck_assert (done > 0 && done < all);
  elbo_table_free (table);
}
END_TEST

/* ---- handing over ---- */

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
  ck_assert_int_eq (elbo_table_read (table, limit), GSL_SUCCESS);
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
  elbo_table_options option = elbo_table_defaults ();
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

/* ---- damage ---- */

/* Random bytes and random changes of a good file: any verdict will do, no crash and no leak. */
START_TEST (random_damage)
{
  static const char alphabet[] = "\",\n\r;1.5-ab \t\0\xFF#",
                    good[] = "\"x\",y,z\n1,2,3\n\"4\",5,\"a \"\"b\"\"\n c\"\n7,8,9\n";
  uint64_t state = 5;
  elbo_table_options option = elbo_table_defaults ();

  option.missing = ELBO_MISSING_KEEP;
  for (int i = 0; i < 4000; i++)
    {
      char text[128];
      size_t n = i % 2 ? sizeof good - 1 : draw (&state) % sizeof text;
      elbo_table *table;
      memcpy (text, good, sizeof good - 1);
      for (size_t k = 0; k < (i % 2 ? 1 + draw (&state) % 4 : n); k++)
        text[i % 2 ? draw (&state) % n : k] = alphabet[draw (&state) % (sizeof alphabet - 1)];
      write_bytes ("data.csv", text, n);
      option.ragged_drop = i % 3 == 0;
      if (!(table = elbo_table_open ("data.csv", &option)))
        {
          ck_assert_msg (strncmp (elbo_message (), "data.csv", 8) == 0, "%s", elbo_message ());
          continue;
        }
      for (size_t c = 0; c < elbo_table_ncolumn (table); c++)
        elbo_table_set_role (table, c, (elbo_role)(draw (&state) % 4));
      for (int again = 0; again < 3; again++)
        elbo_table_read (table, draw (&state) % 3);
      elbo_table_free (table);
    }
}
END_TEST

START_TEST (other_locale)
{
  static const char *const name[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8" };
  size_t i = 0, used;
  elbo_table *ok = read_all (nasty_path ("ok.csv"), NULL, 0, &used), *table;

  while (i < sizeof name / sizeof *name && !setlocale (LC_ALL, name[i]))
    i++;
  table = read_all (nasty_path ("locale_trap.csv"), NULL, 0, &used);
  same_cells (ok, table);
  ck_assert_double_eq (elbo_table_value (table, 0, 0), -123801 / 1e6);
  setlocale (LC_ALL, "C");
  elbo_table_free (ok);
  elbo_table_free (table);
}
END_TEST

/* What tests may leave in the folder. */
static const char *const files[] = { "data.csv",
                                     "plain.csv",
                                     "quoted.csv",
                                     "data.csv.gz",
                                     "cut.csv.gz",
                                     "tail.csv.gz",
                                     "data.xlsx",
                                     "data.zip",
                                     "my data.db",
                                     "d.parquet",
                                     "d.xz",
                                     "long_line_1field.csv",
                                     "long_header_name.csv",
                                     "many_empty_fields.csv",
                                     NULL };

int
main (void)
{
  Suite *suite = suite_create ("csv");
  TCase *tc = tcase_create ("csv");
  SRunner *sr;
  int failed;

  enter_scratch (scratch, nasty);
  tcase_add_test (tc, hostile_files);
  tcase_add_test (tc, identical_files);
  tcase_add_test (tc, hostile_files_with_options);
  tcase_add_test (tc, names);
  tcase_add_test (tc, separators);
  tcase_add_test (tc, messages);
  tcase_add_test (tc, other_formats);
  tcase_add_test (tc, finding_columns);
  tcase_add_test (tc, levels_and_text);
  tcase_add_test (tc, many_levels);
  tcase_add_test (tc, missing_marks);
  tcase_add_test (tc, summaries);
  tcase_add_test (tc, splitter_equals_libcsv);
  tcase_add_test (tc, large_file_in_pieces);
  tcase_add_test (tc, line_ends_at_the_edge);
  tcase_add_test (tc, gzip);
  tcase_add_test (tc, digests);
  tcase_add_test (tc, watching);
  tcase_add_test (tc, release);
  tcase_add_test (tc, release_by_portions);
  tcase_add_test (tc, bad_weights);
  tcase_add_test (tc, random_damage);
  tcase_add_test (tc, other_locale);
  suite_add_tcase (suite, tc);
  sr = srunner_create (suite);
  srunner_set_tap (sr, "-");
  srunner_run_all (sr, CK_SILENT);
  failed = srunner_ntests_failed (sr);
  srunner_free (sr);
  leave_scratch (scratch, files);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
