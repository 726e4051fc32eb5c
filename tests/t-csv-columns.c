/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of text: levels, missing cells, what is known of a column. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include "data/data.h"
#include "table.h"

START_TEST (levels_and_text)
{
  elbo_table_options option;
  elbo_table_options_init (&option);
  elbo_table *table;
  static const char *const level[] = { "9", "10", "a", "b" };
  static const double code[] = { 3, 1, 0, NAN, 2, 1, 3 };

  write_text ("data.csv", "c,t,x\nb,one,1\n10,\"t,wo\",2\n9,,3\nNA,four,4\na, five ,5\n10.0,6,6\n"
                          "b,7,NA\n");
  option.missing = ELBO_MISSING_KEEP;
  table = elbo_table_open ("data.csv", &option);
  ck_assert_int_eq (elbo_table_kind (table, 1), ELBO_KIND_TEXT);
  elbo_table_set_role (table, 0, ELBO_ROLE_LEVEL);
  elbo_table_set_role (table, 1, ELBO_ROLE_TEXT);
  elbo_table_set_role (table, 2, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_table_nlevel (table, 0), 4);
  for (size_t l = 0; l < 4; l++)
    ck_assert_str_eq (elbo_table_level (table, 0, l), level[l]);
  ck_assert_uint_eq (elbo_table_level_count (table, 0, 3), 2);
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

/* One number in several spellings is one level, whose name does not depend on the order of rows or
   on where the file is cut; numbers of more digits than a double can tell apart are text. */
START_TEST (levels_that_are_numbers)
{
  static const char *const level[]
      = { "-0", "1", "2", "12345678901234567", "12345678901234568", "x" };
  static const double code[] = { 1, 2, 1, 1, 0, 2, 3, 4, 5, 0 };

  write_text ("data.csv", "c\n1.0\n2\n1e0\n1\n-0\n2.00\n12345678901234567\n12345678901234568\n"
                          "x\n0.0\n");
  for (size_t limit = 0; limit < 4; limit++)
    {
      elbo_table *table = elbo_table_open ("data.csv", NULL);
      size_t first = 0;
      elbo_table_set_role (table, 0, ELBO_ROLE_LEVEL);
      while (elbo_table_read (table, limit) == GSL_SUCCESS)
        {
          for (size_t row = 0; row < elbo_table_nrow (table) && limit == 0; row++)
            ck_assert_double_eq (elbo_table_value (table, row, 0), code[first + row]);
          first += elbo_table_nrow (table);
        }
      ck_assert_uint_eq (first, 10);
      ck_assert_uint_eq (elbo_table_nlevel (table, 0), 6);
      for (size_t l = 0; l < 6; l++)
        ck_assert_str_eq (elbo_table_level (table, 0, l), level[l]);
      ck_assert_uint_eq (elbo_table_level_count (table, 0, 1), 3);
      elbo_table_free (table);
    }
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
  elbo_table_options option;
  elbo_table_options_init (&option);
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

/* What pandas takes for missing is missing here too. */
START_TEST (default_marks)
{
  static const char text[] = "x,y\n1,1\n#N/A,2\n#N/A N/A,3\n#NA,4\n-1.#IND,5\n-1.#QNAN,6\n-NaN,7\n"
                             "-nan,8\n1.#IND,9\n1.#QNAN,10\n<NA>,11\nN/A,12\nNA,13\nNULL,14\n"
                             "NaN,15\nNone,16\nn/a,17\nnan,18\nnull,19\n,20\n.,21\n?,22\n2,23\n";
  elbo_table_options option;
  elbo_table_options_init (&option);
  elbo_table *table;
  size_t used;

  write_text ("data.csv", text);
  option.missing = ELBO_MISSING_DROP;
  table = read_all ("data.csv", &option, 1, &used);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  ck_assert_uint_eq (elbo_table_nrow (table), 2);
  ck_assert_uint_eq (elbo_table_nincomplete (table), 21);
  elbo_table_free (table);
}
END_TEST

/* Rows with missing cells are counted once, whatever becomes of them and whoever reads them. */
START_TEST (incomplete_rows)
{
  elbo_table_options option;
  elbo_table_options_init (&option);

  write_text ("data.csv", "x,c,y\n1,a,2\nNA,NA,3\n4,b,5\n6,NA,7\n8,c,9\n");
  for (int drop = 0; drop < 2; drop++)
    for (int portions = 0; portions < 2; portions++)
      {
        elbo_table *table;
        option.missing = drop ? ELBO_MISSING_DROP : ELBO_MISSING_KEEP;
        elbo_chunks_size (3);
        table = elbo_table_open ("data.csv", &option);
        elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
        elbo_table_set_role (table, 1, ELBO_ROLE_LEVEL);
        while (elbo_table_read (table, portions ? 2 : 0) == GSL_SUCCESS)
          ;
        ck_assert_uint_eq (elbo_table_nincomplete (table), 2);
        ck_assert_uint_eq (elbo_table_ndropped (table), drop ? 2 : 0);
        elbo_table_free (table);
        elbo_chunks_size (0);
      }
}
END_TEST

START_TEST (summaries)
{
  elbo_column_summary s;
  elbo_table_options option;
  elbo_table_options_init (&option);
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

/* Different values are counted exactly, whatever the number of rows, up to one more than the limit. */
START_TEST (distinct_values)
{
  static const size_t rows[] = { 1, 7, 8, 9, 1000, ELBO_DISTINCT + 20 };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      FILE *file = fopen ("data.csv", "w");
      elbo_table_options option;
      elbo_column_summary s;
      size_t used;
      elbo_table_options_init (&option);
      for (size_t row = 0; row < rows[i]; row++)
        fprintf (file, "%zu,%zu\n", row, row % 700);
      fclose (file);
      elbo_table *table = read_all ("data.csv", &option, 1, &used);
      ck_assert_msg (table != NULL, "%s", elbo_message ());
      ck_assert_int_eq (elbo_table_summary (table, 0, &s), GSL_SUCCESS);
      ck_assert_uint_eq (s.distinct, rows[i] < ELBO_DISTINCT ? rows[i] : ELBO_DISTINCT + 1);
      ck_assert_int_eq (elbo_table_summary (table, 1, &s), GSL_SUCCESS);
      ck_assert_uint_eq (s.distinct, rows[i] < 700 ? rows[i] : 700);
      elbo_table_free (table);
    }
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, levels_and_text);
  tcase_add_test (tc, levels_that_are_numbers);
  tcase_add_test (tc, many_levels);
  tcase_add_test (tc, missing_marks);
  tcase_add_test (tc, default_marks);
  tcase_add_test (tc, incomplete_rows);
  tcase_add_test (tc, summaries);
  tcase_add_test (tc, distinct_values);
}

int
main (void)
{
  return run_tests ("csv-columns", add);
}
