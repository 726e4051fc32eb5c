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
  SHOWN_LEVELS = 4,
  NAME = 20,     /* least width of the column of names ... */
  NAME_MOST = 40 /* ... which grows with them up to this */
};

/* What a fit could be told about the columns: the command line that ends the table. */
typedef struct
{
  word_list binary, categorical;
  size_t missing; /* cells in the columns that are used */
} advice;

/* The number, from 1, of a column in the model; 0: it is in none. */
static size_t
place_of (const dataset *set, size_t c)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    if (set->source[i] == c)
      return i + 1;
  return 0;
}

static void
set_roles (const dataset *set)
{
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    {
      const size_t used = place_of (set, c);
      const int levels = used ? has_levels (set->family[used - 1])
                              : elbo_table_kind (set->table, c) != ELBO_KIND_NUMBER;
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

/* The name of a column; a long one has a line of its own. */
static void
print_name (const elbo_table *table, size_t c, int width)
{
  const char *name = clean (elbo_table_name (table, c));
  const int room = width - letters (name);
  printf ("%s%s%*s", name, room < 0 ? "\n" : "", room < 0 ? width : room, "");
}

static int
name_width (const elbo_table *table)
{
  int width = NAME;
  for (size_t c = 0; c < elbo_table_ncolumn (table); c++)
    {
      const int name = letters (clean (elbo_table_name (table, c)));
      if (name > width && name <= NAME_MOST)
        width = name;
    }
  return width;
}

/* What the column is looked at for, and the options that would say what it is. */
static void
print_note (const dataset *set, const char *named, size_t c, const elbo_column_summary *u,
            advice *how)
{
  const elbo_table *table = set->table;
  const int text = elbo_table_kind (table, c) == ELBO_KIND_TEXT;
  const size_t used = place_of (set, c);
  const char *item = list_item ("", elbo_table_name (table, c));
  const column_code_kind code
      = used && set->family[used - 1]->structure ? column_code (u) : CODE_NONE;
  if ((long)c == set->weight || (long)c == set->id)
    printf ("%s", (long)c == set->weight ? "weights" : "id");
  else if (u->count && !(u->max > u->min))
    printf ("constant");
  else if (u->numbering && !text && !named[c])
    printf ("numbers the rows; to use it: --columns=%s,...", item);
  else if (code == CODE_BINARY)
    {
      printf ("only %.6g and %.6g; as yes/no: --binary=%s", u->min, u->max, item);
      words_add (&how->binary, ",", item);
    }
  else if (code == CODE_FEW)
    {
      printf ("%zu values; as categories: --categorical=%s; or leave it out: --columns=%s",
              u->distinct, item, list_item ("!", elbo_table_name (table, c)));
      words_add (&how->categorical, ",", item);
    }
  else if (text && u->count)
    {
      print_levels (table, c);
      if (!used && u->distinct <= elbo_table_nrow (table) / 2)
        {
          printf ("; use --categorical=%s", item);
          words_add (&how->categorical, ",", item);
        }
    }
}

static int
check_column (const dataset *set, const char *named, size_t c, int width, advice *how)
{
  const elbo_table *table = set->table;
  const int text = elbo_table_kind (table, c) == ELBO_KIND_TEXT;
  const int empty = elbo_table_kind (table, c) == ELBO_KIND_EMPTY;
  elbo_column_summary u = { 0 };
  if (elbo_table_summary (table, c, &u))
    return complain_status ();
  const int constant = u.count && !(u.max > u.min);
  const int used = place_of (set, c) && !constant && !empty && !(u.numbering && !text && !named[c]);
  print_name (table, c, width);
  printf (" %-7s %-4s %8zu %9zu",
          empty  ? "empty"
          : text ? "text"
                 : "number",
          used ? "yes" : "no", elbo_table_nmissing (table, c), u.distinct);
  if (u.count && !text && isfinite (u.mean))
    printf (" %10.5g %10.5g %10.5g", u.min, u.mean, u.max);
  else
    printf (" %10s %10s %10s", "", "", "");
  printf ("  ");
  how->missing += used ? elbo_table_nmissing (table, c) : 0;
  print_note (set, named, c, &u, how);
  putchar ('\n');
  return how->binary.failed || how->categorical.failed ? complain_memory () : 0;
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

/* The condition number of the correlations of n columns and a relation between them. */
static int
print_relations (const elbo_data *data, size_t n, const char **name)
{
  double *matrix = calloc (n * n + 2 * n, sizeof *matrix);
  size_t dependent;
  word_list text = { 0 };
  if (!matrix)
    return complain_memory ();
  double *mean = matrix + n * n, *sd = mean + n;
  const relation_columns of = { name, mean, sd };
  int found = correlation_matrix (data, n, 1, matrix, mean, sd) < 0 ? -1 : 0;
  if (!found)
    found = collinear_find (n, &of, matrix, &dependent, &text);
  const double c = found < 0 ? NAN : condition (n, matrix);
  if (isfinite (c))
    printf (", condition number of the correlations %.3g", c);
  if (found > 0)
    printf ("\n%s", text.text);
  words_free (&text);
  free (matrix);
  return found < 0 ? complain_memory () : 0;
}

/* Relations between the Gaussian columns that a fit would use. */
static int
check_relations (const dataset *set, const char *named)
{
  size_t n = 0;
  size_t *column = calloc (set->ncolumn + 1, sizeof *column);
  const char **name = calloc (set->ncolumn + 1, sizeof *name);
  int status = column && name ? 0 : complain_memory ();
  for (size_t i = 0; !status && i < set->ncolumn; i++)
    {
      elbo_column_summary u;
      if (!set->family[i]->structure || elbo_table_summary (set->table, set->source[i], &u)
          || !(u.max > u.min) || (u.numbering && !named[set->source[i]]))
        continue;
      name[n] = elbo_table_name (set->table, set->source[i]);
      column[n++] = set->source[i];
    }
  elbo_data *data = n > 1 ? complete_rows (set, column, n) : NULL;
  if (data)
    status = print_relations (data, n, name);
  putchar ('\n');
  free (column);
  free (name);
  elbo_data_free (data);
  return status;
}

/* A list of columns that was given, that was found, or both. */
static void
print_list (const char *option, const char *given, const word_list *found)
{
  if (given || found->n)
    printf (" %s%s%s%s", option, given ? shell_quoted (given) : "", given && found->n ? "," : "",
            found->n ? found->text : "");
}

/* A command line to paste, with what was said about the columns so far. */
static int
print_command (const settings *s, const dataset *set, const advice *how)
{
  const word_list none = { 0 };
  size_t n;
  char **reading = reading_keep (s, &n);
  if (!reading)
    return complain_memory ();
  printf ("to fit: vi-fit");
  for (size_t i = 0; i < n; i++)
    {
      printf (" --%s", shell_quoted (reading[i]));
      free (reading[i]);
    }
  free (reading);
  print_list ("--columns=", s->columns, &none);
  print_list ("--id=", s->id, &none);
  print_list ("--count=", s->count, &none);
  print_list ("--family=", s->family, &none);
  print_list ("--binary=", s->binary, &how->binary);
  print_list ("--categorical=", s->categorical, &how->categorical);
  if (how->missing)
    printf (" --missing=drop");
  if (elbo_table_nragged (set->table) > 0 && s->ragged != BAD_DROP)
    printf (" --ragged=drop");
  printf ("%s%s\n", s->noperand ? " " : "",
          s->noperand ? shell_quoted (elbo_table_file (set->table)) : "");
  return 0;
}

static int
print_check (const settings *s, const dataset *set, const char *named)
{
  const elbo_table *table = set->table;
  const char separator = elbo_table_separator (table);
  const size_t nrow = elbo_table_nrow (table), nbad = elbo_table_nragged (table);
  const int width = name_width (table);
  advice how = { .missing = 0 };
  int status = 0;
  printf ("%-*s %-7s %-4s %8s %9s %10s %10s %10s  %s\n", width, "column", "type", "used", "missing",
          "distinct", "min", "mean", "max", "note");
  for (size_t c = 0; c < elbo_table_ncolumn (table) && !status; c++)
    status = check_column (set, named, c, width, &how);
  const char one[] = { separator, '\0' };
  if (!status)
    {
      if (!separator)
        printf ("NumPy array, %zu row%s", nrow, plural (nrow));
      else
        printf ("separator '%s' (%s), header %s, %zu row%s, %zu bad line%s",
                separator == '\t' ? "TAB" : one, s->separator ? "given" : "found",
                elbo_table_has_header (table) ? "yes" : "no", nrow, plural (nrow), nbad,
                plural (nbad));
      status = check_relations (set, named);
    }
  if (!status)
    status = print_command (s, set, &how);
  words_free (&how.binary);
  words_free (&how.categorical);
  return status;
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
  if (!named || !number)
    status = complain_memory ();
  else if (any || s->columns || s->binary || s->categorical || s->count || s->family)
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
    status = print_check (s, &set, named);
  if (!status && s->cache && elbo_table_cache (set.table, s->cache))
    status = complain_status ();
  free (number);
  free (named);
  dataset_free (&set);
  return status;
}
