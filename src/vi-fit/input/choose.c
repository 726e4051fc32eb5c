/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns are modelled, and as what.  Nothing is coded as a number silently: text is
   reported and left out unless the user says what it is. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

static void
add (dataset *set, size_t column, column_kind kind)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    if (set->source[i] == column)
      return;
  set->source[set->ncolumn] = column;
  set->kind[set->ncolumn++] = kind;
}

/* What the options say about the kinds of columns: kind [ncolumn of the table], KIND_UNUSED where
   nothing; order: the columns in the order they were named. */
static int
read_kinds (const settings *s, const dataset *set, column_kind *kind, column_list *order)
{
  const struct
  {
    const char *option, *list;
    column_kind kind;
  } part[] = { { "--binary=", s->binary, KIND_BINARY },
               { "--count=", s->count, KIND_COUNT },
               { "--categorical=", s->categorical, KIND_CATEGORY } };
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    {
      column_list list;
      int status = columns_parse (set->table, part[i].option, part[i].list, &list);
      for (size_t j = 0; j < list.n && !status; j++)
        {
          const size_t c = list.column[j];
          if (kind[c] != KIND_UNUSED)
            {
              complain ("%s%s: the column has another kind already", part[i].option,
                        clean (elbo_table_name (set->table, c)));
              status = EXIT_USAGE;
            }
          kind[c] = part[i].kind;
          order->column[order->n++] = c;
        }
      columns_free (&list);
      if (status)
        return status;
    }
  return 0;
}

/* The columns of --columns in its order, then those of --binary, --count and --categorical. */
static int
take_listed (dataset *set, const column_list *list, const column_kind *kind,
             const column_list *typed, char *named)
{
  for (size_t i = 0; i < list->n; i++)
    {
      const size_t c = list->column[i];
      if (list->excluded[c] || (long)c == set->weight || (long)c == set->id)
        continue;
      if (kind[c] == KIND_UNUSED && elbo_table_kind (set->table, c) == ELBO_KIND_TEXT)
        {
          const char *name = clean (elbo_table_name (set->table, c));
          complain ("%s: column '%s' is text; to model it as categories: --categorical=%s",
                    elbo_table_file (set->table), name,
                    list_item ("", elbo_table_name (set->table, c)));
          return EXIT_DATA;
        }
      named[c] = 1;
      add (set, c, kind[c] == KIND_UNUSED ? KIND_GAUSS : kind[c]);
    }
  for (size_t i = 0; i < typed->n; i++)
    {
      named[typed->column[i]] = 1;
      add (set, typed->column[i], kind[typed->column[i]]);
    }
  return 0;
}

/* All number columns and those whose kind is given, in the order of the file. */
static int
take_all (dataset *set, const column_list *list, const column_kind *kind, char *named)
{
  const size_t ncolumn = elbo_table_ncolumn (set->table);
  size_t ntyped = 0, nnumber;
  size_t *number = calloc (ncolumn, sizeof *number);
  for (size_t c = 0; c < ncolumn; c++)
    ntyped += kind[c] != KIND_UNUSED;
  int status = number ? 0 : EXIT_DATA;
  if (number && !ntyped && elbo_table_numbers (set->table, number, &nnumber))
    status = complain_status ();
  free (number);
  for (size_t c = 0; c < ncolumn && !status; c++)
    {
      if (list->excluded[c] || (long)c == set->weight || (long)c == set->id)
        continue;
      if (kind[c] != KIND_UNUSED)
        {
          named[c] = 1;
          add (set, c, kind[c]);
        }
      else if (elbo_table_kind (set->table, c) == ELBO_KIND_NUMBER)
        add (set, c, KIND_GAUSS);
    }
  return status;
}

/* Blocks of one kind stand together: Gaussian columns first; the order within a kind stays. */
static int
group_kinds (dataset *set)
{
  size_t *source = calloc (set->ncolumn + 1, sizeof *source), n = 0;
  column_kind *kind = calloc (set->ncolumn + 1, sizeof *kind);
  if (!source || !kind)
    {
      free (source);
      free (kind);
      return complain_memory ();
    }
  for (column_kind k = KIND_GAUSS; k <= KIND_CATEGORY; k++)
    for (size_t i = 0; i < set->ncolumn; i++)
      if (set->kind[i] == k)
        {
          source[n] = set->source[i];
          kind[n++] = k;
        }
  free (set->source);
  free (set->kind);
  set->source = source;
  set->kind = kind;
  set->ncolumn = n;
  return 0;
}

/* List the columns of a kind that nobody asked for; returns how many there are. */
static size_t
list_left_out (const dataset *set, const column_list *list, elbo_kind kind, char *names,
               size_t size)
{
  size_t n = 0, used = 0, shown = 0;
  names[0] = '\0';
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    {
      size_t i = 0;
      while (i < set->ncolumn && set->source[i] != c)
        i++;
      if (i < set->ncolumn || list->n || list->excluded[c] || (long)c == set->id
          || (long)c == set->weight || elbo_table_kind (set->table, c) != kind)
        continue;
      n++;
      if (used < 120)
        {
          used += (size_t)snprintf (names + used, size - used, "%s%s", n > 1 ? "," : "",
                                    list_item ("", elbo_table_name (set->table, c)));
          shown++;
        }
    }
  if (n > shown)
    snprintf (names + used, size - used, ",...");
  return n;
}

static void
report_left_out (const dataset *set, const column_list *list)
{
  char names[800];
  size_t n = list_left_out (set, list, ELBO_KIND_TEXT, names, sizeof names);
  if (n)
    note ("left out %zu text column%s; to model %s as categories: --categorical=%s", n,
          n == 1 ? "" : "s", n == 1 ? "it" : "them", names);
  n = list_left_out (set, list, ELBO_KIND_EMPTY, names, sizeof names);
  if (n)
    note ("left out %zu empty column%s: %s", n, n == 1 ? "" : "s", names);
}

/* Rows are matched to a model by the names of the columns, so these must differ. */
static int
check_names (const dataset *set)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    for (size_t j = 0; j < i; j++)
      {
        const size_t a = set->source[i], b = set->source[j];
        const char *name = elbo_table_name (set->table, a);
        if (strcmp (name, elbo_table_name (set->table, b)) != 0)
          continue;
        const size_t first = a < b ? a + 1 : b + 1, second = a < b ? b + 1 : a + 1;
        complain ("%s: two columns are named '%s' (%zu and %zu); refer to them by number, and "
                  "leave one out: --columns='!%zu'",
                  elbo_table_file (set->table), clean (name), first, second, second);
        return EXIT_DATA;
      }
  return 0;
}

int
choose_columns (const settings *s, dataset *set, char *named)
{
  const size_t ncolumn = elbo_table_ncolumn (set->table);
  column_list list = { 0 }, typed = { 0 };
  column_kind *kind = calloc (ncolumn, sizeof *kind);
  size_t column = 0;
  int status = 0;
  set->id = set->weight = NONE;
  set->source = calloc (ncolumn, sizeof *set->source);
  set->kind = calloc (ncolumn, sizeof *set->kind);
  typed.column = calloc (3 * ncolumn, sizeof *typed.column);
  if (!kind || !set->source || !set->kind || !typed.column)
    {
      status = complain_memory ();
      goto done;
    }
  for (size_t c = 0; c < ncolumn; c++)
    kind[c] = KIND_UNUSED;
  if (s->weights && !(status = column_one (set->table, "--weights=", s->weights, &column)))
    set->weight = (long)column;
  if (!status && s->id && !(status = column_one (set->table, "--id=", s->id, &column)))
    set->id = (long)column;
  if (!status && set->id != NONE && set->id == set->weight)
    {
      complain ("--id=%s: the column of the weights cannot be the id as well", clean (s->id));
      status = EXIT_USAGE;
    }
  if (!status)
    status = read_kinds (s, set, kind, &typed);
  if (!status)
    status = columns_parse (set->table, "--columns=", s->columns, &list);
  if (!status)
    status = list.n ? take_listed (set, &list, kind, &typed, named)
                    : take_all (set, &list, kind, named);
  if (!status)
    status = group_kinds (set);
  if (!status)
    status = check_names (set);
  if (!status)
    report_left_out (set, &list);
done:
  columns_free (&list);
  columns_free (&typed);
  free (kind);
  return status;
}

/* A category for nearly every row says nothing about the others. */
static int
check_levels (const settings *s, const dataset *set, size_t i)
{
  const size_t c = set->source[i], nrow = elbo_table_nrow (set->table);
  const size_t nlevel = elbo_table_nlevel (set->table, c);
  const char *name = clean (elbo_table_name (set->table, c));
  const size_t most = s->max_levels ? s->max_levels : nrow / 2 > 20 ? nrow / 2 : 20;
  if (set->kind[i] == KIND_BINARY && nlevel > 2)
    {
      complain ("column '%s' has %zu different values; --binary needs two\n"
                "as categories: --categorical=%s",
                name, nlevel, list_item ("", elbo_table_name (set->table, c)));
      return EXIT_DATA;
    }
  if (set->kind[i] == KIND_CATEGORY && nlevel > most)
    {
      complain ("column '%s' has %zu different values in %zu rows; as categories it would fit "
                "every row by itself (allow: --max-levels=%zu)",
                name, nlevel, nrow, nlevel);
      return EXIT_DATA;
    }
  if (set->kind[i] == KIND_BINARY && nlevel == 2)
    note ("binary '%s': 0 is %s, 1 is %s", name, clean (elbo_table_level (set->table, c, 0)),
          clean (elbo_table_level (set->table, c, 1)));
  return 0;
}

/* Is a column of no use?  1: it is left out, with a warning; 2: the user named it, an error. */
static int
useless (const dataset *set, size_t i, const char *named)
{
  const size_t c = set->source[i];
  const char *name = clean (elbo_table_name (set->table, c));
  elbo_column_summary summary;
  if (elbo_table_summary (set->table, c, &summary))
    return 0;
  if (summary.count && !(summary.max > summary.min))
    {
      char value[64];
      if (set->kind[i] == KIND_BINARY || set->kind[i] == KIND_CATEGORY)
        snprintf (value, sizeof value, "%.60s", clean (elbo_table_level (set->table, c, 0)));
      else
        snprintf (value, sizeof value, "%.15g", summary.min);
      if (named[c])
        complain ("column '%s' is constant (%s in all %zu rows)", name, value, summary.count);
      else
        warn ("column '%s' is constant (%s in all %zu rows): not used", name, value, summary.count);
      return named[c] ? 2 : 1;
    }
  if (set->kind[i] == KIND_GAUSS && summary.numbering && !named[c])
    {
      warn ("column '%s' numbers the rows (%g, %g, %g, ...): not used; to use it: --columns=%s,...",
            name, summary.min, summary.min + 1, summary.min + 2,
            list_item ("", elbo_table_name (set->table, c)));
      return 1;
    }
  return 0;
}

/* Counts are whole and not negative; the first cell that is not is named. */
static int
check_counts (const dataset *set, size_t i)
{
  const size_t c = set->source[i];
  if (set->kind[i] != KIND_COUNT)
    return 0;
  for (size_t r = 0; r < elbo_table_nrow (set->table); r++)
    {
      const double v = elbo_table_value (set->table, r, c);
      if (v >= 0 && v == floor (v))
        continue;
      complain ("%s:%zu: column '%s': %.15g is not a count 0, 1, 2, ...",
                elbo_table_file (set->table), elbo_table_line (set->table, r),
                clean (elbo_table_name (set->table, c)), v);
      return EXIT_DATA;
    }
  return 0;
}

int
screen_columns (const settings *s, dataset *set, const char *named)
{
  size_t n = 0;
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      const int verdict = useless (set, i, named);
      if (verdict == 2 || (!verdict && (check_levels (s, set, i) || check_counts (set, i))))
        return EXIT_DATA;
      if (verdict == 0)
        {
          set->source[n] = set->source[i];
          set->kind[n] = set->kind[i];
          set->ngauss += set->kind[n] == KIND_GAUSS;
          n++;
        }
    }
  set->ncolumn = n;
  if (n)
    return 0;
  complain ("%s: no column is left to model", elbo_table_file (set->table));
  return EXIT_DATA;
}
