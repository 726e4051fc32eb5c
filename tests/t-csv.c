/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile files, other formats, damage. */
#include <config.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "draw.h"
#include "table.h"

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
    "only_commas.csv: no numeric column (V1: empty; V2: empty; V3: empty; V4: empty)" },
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
  { "single_quotes.csv", "single_quotes.csv: no numeric column (x: text, line 2: \"'1'\"; y: text, "
                         "line 2: \"'2'\"); to model categories: --categorical=x,y" },
  { "hex_float.csv", "hex_float.csv: no numeric column (x: text, line 2: \"0x1p3\"); to model "
                     "categories: --categorical=x" },
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
  { "currency.csv", "currency.csv: no numeric column (x: text, line 2: \"$5\"); to model "
                    "categories: --categorical=x" },
  { "percent.csv", "percent.csv: no numeric column (x: text, line 2: \"5%\"); to model categories: "
                   "--categorical=x" },
  { "fortran_d.csv", "fortran_d.csv: no numeric column (x: text, line 2: \"1.0d0\"); to model "
                     "categories: --categorical=x" },
  { "unicode_minus.csv", "unicode_minus.csv: no numeric column (x: text, line 2: \"\xe2\x88\x92"
                         "5\"); to model categories: --categorical=x" },
  { "fullwidth_digits.csv", "fullwidth_digits.csv: no numeric column (x: text, line 2: "
                            "\"\xef\xbc\x95\"); to model categories: --categorical=x" },
  { "trailing_garbage.csv", "trailing_garbage.csv: no numeric column (x: text, line 2: "
                            "\"1.5abc\"); to model categories: --categorical=x" },
  { "two_numbers_in_cell.csv", "two_numbers_in_cell.csv: no numeric column (x: text, line 2: \"1 "
                               "2\"); to model categories: --categorical=x" },
  { "deep_quotes.csv",
    "deep_quotes.csv: no numeric column (x: text, line 2: "
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"...\"); to model categories: --categorical=x" },
  { "non_numeric_cell.csv",
    "non_numeric_cell.csv:13: column 'x': \"abc\" is not a number\n"
    "if it marks a missing value: --na=abc; to leave the column out: --columns='!x'; "
    "as categories: --categorical=x" },
  { "many_empty_fields.csv", "many_empty_fields.csv: no numeric column (x: empty; V2: empty; " },
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

static void
magic (const char *name, const char *bytes, size_t n, const char *want)
{
  write_bytes (name, bytes, n);
  ck_assert_ptr_null (elbo_table_open (name, NULL));
  ck_assert_str_eq (elbo_message (), want);
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
  elbo_table_options option;
  elbo_table_options_init (&option);
  size_t used;
  elbo_table *ok = read_all (nasty_path ("ok.csv"), NULL, 0, &used), *table;

  option.decimal = ',';
  table = read_all (nasty_path ("decimal_comma.csv"), &option, 0, &used);
  same_cells (ok, table);
  elbo_table_free (table);
  table = read_all (nasty_path ("decimal_comma_quoted.csv"), &option, 0, &used);
  ck_assert_double_eq (elbo_table_value (table, 2, 1), 0.5);
  elbo_table_free (table);

  elbo_table_options_init (&option);
  option.header = ELBO_HEADER_YES;
  table = read_all (nasty_path ("numeric_header.csv"), &option, 0, &used);
  same_cells (ok, table);
  ck_assert_str_eq (elbo_table_name (table, 1), "1991");
  elbo_table_free (table);

  elbo_table_options_init (&option);
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

  elbo_table_options_init (&option);
  option.ragged_drop = 1;
  table = read_all (nasty_path ("ragged_long.csv"), &option, 0, &used);
  ck_assert_uint_eq (elbo_table_nrow (table), 19);
  ck_assert_uint_eq (elbo_table_nragged (table), 1);
  ck_assert_uint_eq (elbo_table_line (table, 6), 9);
  elbo_table_free (table);
  elbo_table_free (ok);
}
END_TEST

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

/* Random bytes and random changes of a good file: any verdict will do, no crash and no leak. */
START_TEST (random_damage)
{
  static const char alphabet[] = "\",\n\r;1.5-ab \t\0\xFF#",
                    good[] = "\"x\",y,z\n1,2,3\n\"4\",5,\"a \"\"b\"\"\n c\"\n7,8,9\n";
  uint64_t state = 5;
  elbo_table_options option;
  elbo_table_options_init (&option);

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

static void
add (TCase *tc)
{
  tcase_add_test (tc, hostile_files);
  tcase_add_test (tc, identical_files);
  tcase_add_test (tc, hostile_files_with_options);
  tcase_add_test (tc, other_formats);
  tcase_add_test (tc, random_damage);
  tcase_add_test (tc, other_locale);
}

int
main (void)
{
  return run_tests ("csv", add);
}
