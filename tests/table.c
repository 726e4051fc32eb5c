/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of tables share. */
#include <config.h>

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "scratch.h"
#include "table.h"

char nasty[4096];
static char scratch[] = "/tmp/t-table.XXXXXX";

void
write_bytes (const char *name, const void *bytes, size_t n)
{
  FILE *f = fopen (name, "wb");
  ck_assert_ptr_nonnull (f);
  ck_assert_uint_eq (fwrite (bytes, 1, n, f), n);
  ck_assert_int_eq (fclose (f), 0);
}

void
write_text (const char *name, const char *text)
{
  write_bytes (name, text, strlen (text));
}

char *
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

const char *
nasty_path (const char *name)
{
  static char path[sizeof nasty + 64];
  snprintf (path, sizeof path, "%s/%s", nasty, name);
  return access (path, R_OK) == 0 ? path : large_file (name);
}

elbo_table *
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

const char *
message (void)
{
  const char *text = elbo_message ();
  size_t n = strlen (nasty);
  return strncmp (text, nasty, n) == 0 ? text + n + 1 : text;
}

void
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

void
refuses (const char *text, const char *want)
{
  size_t used;
  elbo_table *table;

  write_text ("data.csv", text);
  table = read_all ("data.csv", NULL, 0, &used);
  ck_assert_msg (!table, "%s was read", text);
  ck_assert_str_eq (elbo_message (), want);
}

/* Remove what the tests left in the folder. */
static void
clean_up (void)
{
  static const char *const none[] = { NULL };
  DIR *folder = opendir (".");

  for (const struct dirent *entry; folder && (entry = readdir (folder));)
    remove (entry->d_name);
  if (folder)
    closedir (folder);
  leave_scratch (scratch, none);
}

int
run_tests (const char *name, void (*add) (TCase *))
{
  Suite *suite = suite_create (name);
  TCase *tc = tcase_create (name);
  SRunner *runner;
  int failed;

  enter_scratch (scratch, nasty);
  add (tc);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  clean_up ();
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
