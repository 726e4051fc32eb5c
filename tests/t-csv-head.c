/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of text: separator, header, names, what refuses a file. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include "table.h"

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
  refuses ("name,city\na,b\n",
           "data.csv: no numeric column (name: text, line 2: \"a\"; city: text, line 2: \"b\"); "
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

/* A first row with a missing cell, or with a slip of the pen among numbers. */
START_TEST (headers)
{
  static const struct
  {
    const char *text, *na;
    int header;
    size_t numbers;
  } want[] = { { "NA,2\n1,3\n2,4\n", NULL, 0, 0 },
               { ",2\n1,3\n2,4\n", NULL, 0, 0 },
               { "?,2\n1,3\n2,4\n", NULL, 0, 0 },
               { "x,2\n1,3\n2,4\n", "x", 0, 0 },
               { "n/a,2\n1,3\n2,4\n", NULL, 0, 0 },
               { "NA,b\n1,3\n2,4\n3,5\n", NULL, 1, 0 },
               { "x,2\n1,3\n2,4\n3,5\n", NULL, 1, 1 },
               { "5.1,3.5,1.4,O.2\n1,2,3,4\n1,2,3,4\n1,2,3,4\n", NULL, 1, 3 } };
  elbo_table_options option;
  elbo_table_options_init (&option);
  const char *na = option.na;

  option.missing = ELBO_MISSING_KEEP;
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    {
      size_t used;
      elbo_table *table;
      write_text ("data.csv", want[i].text);
      option.header = ELBO_HEADER_AUTO;
      option.na = want[i].na ? want[i].na : na;
      table = read_all ("data.csv", &option, 1, &used);
      ck_assert_msg (table != NULL, "%s", elbo_message ());
      ck_assert_msg (elbo_table_has_header (table) == want[i].header, "%s", want[i].text);
      ck_assert_uint_eq (elbo_table_nrow (table), 3);
      ck_assert_uint_eq (elbo_table_header_numbers (table), want[i].numbers);
      elbo_table_free (table);
      /* who asks for a header means it */
      option.header = ELBO_HEADER_YES;
      ck_assert_ptr_nonnull (table = elbo_table_open ("data.csv", &option));
      ck_assert_uint_eq (elbo_table_header_numbers (table), 0);
      elbo_table_free (table);
    }
}
END_TEST

/* What R's write.table writes: no name above the names of the rows. */
START_TEST (row_names)
{
  static const char *const good[] = { "\"x\" \"y z\"\n\"1\" 3.6 79\n\"2\" 1.8 54\n",
                                      "x y\n1 3.6 79\n2 1.8 54\n",
                                      "x\ty z\n3\t3.6\t79\n7\t1.8\t54\n",
                                      "x,y\nMazda RX4,3.6,79\nFiat,1.8,54\n",
                                      "\"x\",\"y\"\n\"5\",3.6,79\n\"2\",1.8,54\n",
                                      "x;y\n\"a;b\";3.6;79\n2;1.8;54\n" };
  elbo_table *table;
  size_t used;

  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    {
      write_text ("data.csv", good[i]);
      table = read_all ("data.csv", NULL, 0, &used);
      ck_assert_msg (table != NULL, "%s: %s", good[i], elbo_message ());
      ck_assert_uint_eq (used, 2);
      ck_assert_uint_eq (elbo_table_ncolumn (table), 3);
      ck_assert_str_eq (elbo_table_name (table, 0), "row.names");
      ck_assert_str_eq (elbo_table_name (table, 1), "x");
      ck_assert_int_eq (elbo_table_kind (table, 0), ELBO_KIND_TEXT);
      ck_assert_uint_eq (elbo_table_nrow (table), 2);
      ck_assert_double_eq (elbo_table_value (table, 1, 1), 1.8);
      ck_assert_double_eq (elbo_table_value (table, 0, 2), 79);
      elbo_table_free (table);
    }
  write_text ("data.csv", "\"x\"\n\"1\" 3.6\n\"2\" 1.8\n");
  table = read_all ("data.csv", NULL, 0, &used);
  ck_assert_msg (table && used == 1 && elbo_table_value (table, 1, 1) == 1.8, "%s",
                 elbo_message ());
  elbo_table_free (table);
  /* a name that is lacking is none of a row */
  refuses ("x,y\n0.5,1,2\n0.25,3,4\n",
           "data.csv:2: 3 fields where the header has 2: \"0.5,1,2\"\n"
           "(1 more such line: 3) to leave such lines out: --ragged=drop");
  refuses ("x,y\n2,1,2\n1,3,4\n", "data.csv:2: 3 fields where the header has 2: \"2,1,2\"\n"
                                  "(1 more such line: 3) to leave such lines out: --ragged=drop");
  refuses ("x,y\na,1,2\nb,3\n", "data.csv:2: 3 fields where the header has 2: \"a,1,2\"\n"
                                "to leave such lines out: --ragged=drop");
}
END_TEST

/* A suggestion is never a part of what is meant. */
START_TEST (many_text_columns)
{
  char text[4096] = "", *p = text;

  for (int row = 0; row < 2; row++)
    for (int i = 1; i <= 30; i++)
      p += sprintf (p, row ? "a%d%c" : "intron number %d%c", i, i < 30 ? ',' : '\n');
  write_text ("data.csv", text);
  ck_assert_ptr_null (read_all ("data.csv", NULL, 0, &(size_t){ 0 }));
  ck_assert_msg (strstr (elbo_message (), "--categorical=1-30"), "%s", elbo_message ());
}
END_TEST

START_TEST (bad_options)
{
  elbo_table_options option, good;
  elbo_table_options_init (&option);
  good = option;

  write_text ("data.csv", "x\n1\n");
  option.header = (elbo_header)9;
  ck_assert_ptr_null (elbo_table_open ("data.csv", &option));
  ck_assert_str_eq (elbo_message (), "header 9: 0 (found), 1 (yes) or 2 (no) is expected");
  option = good;
  option.missing = (elbo_missing)9;
  ck_assert_ptr_null (elbo_table_open ("data.csv", &option));
  ck_assert_str_eq (elbo_message (), "missing 9: 0 (error), 1 (drop) or 2 (keep) is expected");
  option = good;
  option.threads = -1;
  ck_assert_ptr_null (elbo_table_open ("data.csv", &option));
  ck_assert_str_eq (elbo_message (), "threads -1: 0 or more are expected");
  option = good;
  option.separator = '"';
  ck_assert_ptr_null (elbo_table_open ("data.csv", &option));
  option = good;
  option.decimal = 'x';
  ck_assert_ptr_null (elbo_table_open ("data.csv", &option));
  ck_assert_str_eq (elbo_message (), "the decimal mark must be . or ,");
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, names);
  tcase_add_test (tc, separators);
  tcase_add_test (tc, messages);
  tcase_add_test (tc, finding_columns);
  tcase_add_test (tc, headers);
  tcase_add_test (tc, row_names);
  tcase_add_test (tc, many_text_columns);
  tcase_add_test (tc, bad_options);
}

int
main (void)
{
  return run_tests ("csv-head", add);
}
