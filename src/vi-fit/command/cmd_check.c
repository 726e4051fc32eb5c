/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit check: what the columns are, without fitting anything. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_eigen.h>
#include "vi-fit/command/command.h"

enum
{
  SHOWN_LEVELS = 4
};

static int
is_used (const dataset *set, size_t c)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    if (set->source[i] == c)
      return 1;
  return 0;
}

static void
set_roles (const dataset *set)
{
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    {
      int levels = elbo_table_kind (set->table, c) != ELBO_KIND_NUMBER;
      for (size_t i = 0; i < set->ncolumn; i++)
        if (set->source[i] == c)
          levels = set->kind[i] == KIND_BINARY || set->kind[i] == KIND_CATEGORY;
      elbo_table_set_role (set->table, c, levels ? ELBO_ROLE_LEVEL : ELBO_ROLE_NUMBER);
    }
}

/* "setosa 50, versicolor 50, ...": the first levels and their rows. */
static void
print_levels (const elbo_table *table, size_t c)
{
  const size_t n = elbo_table_nlevel (table, c);
  for (size_t l = 0; l < n && l < SHOWN_LEVELS; l++)
    printf ("%s%s %zu", l ? ", " : "", clean (elbo_table_level (table, c, l)),
            elbo_table_level_count (table, c, l));
  if (n > SHOWN_LEVELS)
    printf (", ...");
}

static void
check_column (const dataset *set, const char *named, size_t c)
{
  const elbo_table *table = set->table;
  const int text = elbo_table_kind (table, c) == ELBO_KIND_TEXT;
  const int empty = elbo_table_kind (table, c) == ELBO_KIND_EMPTY;
  elbo_column_summary u = { 0 };
  const int ok = elbo_table_summary (table, c, &u) == GSL_SUCCESS;
  const int constant = ok && u.count && !(u.max > u.min);
  const int numbering = ok && u.numbering && !text && !named[c];
  const int used = is_used (set, c) && !constant && !numbering && !empty;
  const char *name = clean (elbo_table_name (table, c));
  const int special = (long)c == set->weight || (long)c == set->id;
  const int pad = 20 - letters (name);
  printf ("%s%*s %-7s %-4s %8zu %9zu", name, pad > 0 ? pad : 0, "",
          empty  ? "empty"
          : text ? "text"
                 : "number",
          used ? "yes" : "no", elbo_table_nmissing (table, c), ok ? u.distinct : 0);
  if (ok && u.count && !text && isfinite (u.mean))
    printf (" %10.5g %10.5g %10.5g", u.min, u.mean, u.max);
  else
    printf (" %10s %10s %10s", "", "", "");
  printf ("  ");
  if (special)
    printf ("%s", (long)c == set->weight ? "weights" : "id");
  else if (constant)
    printf ("constant");
  else if (numbering)
    printf ("numbers the rows; to use it: --columns=%s,...",
            list_item ("", elbo_table_name (table, c)));
  else if (text && ok)
    print_levels (table, c);
  if (text && !used && !special && ok && u.distinct > 1
      && u.distinct <= elbo_table_nrow (table) / 2)
    printf ("; use --categorical=%s", list_item ("", elbo_table_name (table, c)));
  putchar ('\n');
}

/* Rows of the Gaussian columns without a missing cell; NULL when there are too few. */
static elbo_data *
complete_rows (const dataset *set, const size_t *column, size_t n)
{
  const size_t nrow = elbo_table_nrow (set->table);
  size_t complete = 0, at = 0;
  for (int pass = 0; pass < 2; pass++)
    {
      elbo_data *data = pass && complete > 2 ? elbo_data_alloc (complete, n) : NULL;
      if (pass && !data)
        return NULL;
      for (size_t i = 0; i < nrow; i++)
        {
          size_t j = 0;
          while (j < n && isfinite (elbo_table_value (set->table, i, column[j])))
            j++;
          if (j < n)
            continue;
          complete++;
          for (j = 0; data && j < n; j++)
            elbo_data_put (data, at, j, elbo_table_value (set->table, i, column[j]));
          at += data != NULL;
        }
      if (data)
        return data;
    }
  return NULL;
}

/* The largest over the smallest eigenvalue; infinite when singular to rounding. */
static double
condition (size_t n, double *correlation)
{
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc (n);
  gsl_vector *value = gsl_vector_alloc (n);
  double result = NAN;
  if (work && value)
    {
      gsl_matrix_view matrix = gsl_matrix_view_array (correlation, n, n);
      gsl_eigen_symm (&matrix.matrix, value, work);
      const double least = gsl_vector_min (value), most = gsl_vector_max (value);
      result = least > 1e-14 * most ? most / least : INFINITY;
    }
  if (work)
    gsl_eigen_symm_free (work);
  if (value)
    gsl_vector_free (value);
  return result;
}

static void
check_relations (const dataset *set, const char *named)
{
  size_t n = 0, dependent;
  size_t *column = calloc (set->ncolumn + 1, sizeof *column);
  const char **name = calloc (set->ncolumn + 1, sizeof *name);
  double *matrix = NULL;
  elbo_data *data = NULL;
  for (size_t i = 0; column && name && i < set->ncolumn; i++)
    {
      elbo_column_summary u;
      if (set->kind[i] != KIND_GAUSS || elbo_table_summary (set->table, set->source[i], &u)
          || !(u.max > u.min) || (u.numbering && !named[set->source[i]]))
        continue;
      name[n] = elbo_table_name (set->table, set->source[i]);
      column[n++] = set->source[i];
    }
  if (n > 1)
    data = complete_rows (set, column, n);
  if (data)
    matrix = calloc (n * n + n, sizeof *matrix);
  if (matrix && !correlation_matrix (data, n, 1, matrix, matrix + n * n))
    {
      char text[600];
      const int found
          = collinear_find (n, name, matrix, matrix + n * n, &dependent, text, sizeof text);
      const double c = condition (n, matrix);
      if (isfinite (c))
        printf (", condition number of the correlations %.3g", c);
      if (found)
        printf ("\n%s", text);
    }
  putchar ('\n');
  free (matrix);
  free (column);
  free (name);
  elbo_data_free (data);
}

static void
print_check (const settings *s, const dataset *set, const char *named)
{
  const elbo_table *table = set->table;
  const char separator = elbo_table_separator (table);
  printf ("%-20s %-7s %-4s %8s %9s %10s %10s %10s  %s\n", "column", "type", "used", "missing",
          "distinct", "min", "mean", "max", "note");
  for (size_t c = 0; c < elbo_table_ncolumn (table); c++)
    check_column (set, named, c);
  const char shown[] = { separator, '\0' };
  if (separator)
    printf ("separator '%s' (%s), header %s, %zu rows, %zu bad lines",
            separator == '\t' ? "TAB" : shown, s->separator ? "given" : "found",
            elbo_table_has_header (table) ? "yes" : "no", elbo_table_nrow (table),
            elbo_table_nragged (table));
  else
    printf ("NumPy array, %zu rows", elbo_table_nrow (table));
  check_relations (set, named);
}

int
cmd_check (const settings *s)
{
  elbo_table_options options = table_options (s);
  dataset set = { .id = NONE, .weight = NONE };
  int status = 0;
  options.missing = ELBO_MISSING_KEEP;
  options.ragged_drop = 1;
  set.table = elbo_table_open (s->noperand ? s->operand[0] : "-", &options);
  if (!set.table)
    return complain_status ();
  const size_t ncolumn = elbo_table_ncolumn (set.table);
  char *named = calloc (ncolumn, 1);
  size_t n = 0, *number = calloc (ncolumn, sizeof *number);
  /* a file without numbers is looked at all the same */
  const int any = number && !elbo_table_numbers (set.table, number, &n);
  warn_about_header (set.table);
  message_level (1);
  if (!named)
    status = EXIT_DATA;
  else if (any || s->columns || s->binary || s->categorical || s->count)
    status = choose_columns (s, &set, named);
  if (!status)
    {
      set_roles (&set);
      const int failed = elbo_table_read (set.table, 0);
      if (failed)
        complain_status ();
      status = failed ? EXIT_DATA : 0;
    }
  if (!status)
    print_check (s, &set, named);
  if (!status && s->cache && elbo_table_cache (set.table, s->cache))
    status = complain_status ();
  free (number);
  free (named);
  dataset_free (&set);
  return status;
}
