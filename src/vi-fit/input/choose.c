/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns are modelled, and as what.  Nothing is coded as a number silently: text is
   reported and left out unless the user says what it is. */
#include <config.h>
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

/* A list of exclusions alone means all others that can be modelled. */
static void
list_others (const dataset *set, const column_kind *kind, column_list *list)
{
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    if (!list->excluded[c] && (long)c != set->weight && (long)c != set->id && kind[c] == KIND_UNUSED
        && elbo_table_kind (set->table, c) != ELBO_KIND_EMPTY)
      list->column[list->n++] = c;
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
      if (!status && part[i].list && !list.n)
        list_others (set, kind, &list);
      for (size_t j = 0; j < list.n && !status; j++)
        {
          const size_t c = list.column[j];
          if ((long)c == set->weight)
            continue;
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
      if ((long)c == set->weight)
        note ("column '%s' holds the weights: it is not modelled",
              clean (elbo_table_name (set->table, c)));
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
      if (list->excluded[typed->column[i]])
        continue;
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
  int status = number ? 0 : complain_memory ();
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

/* Is a column of no model and no other use, and not left out on purpose? */
static int
is_forgotten (const dataset *set, const column_list *list, size_t column)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    if (set->source[i] == column)
      return 0;
  return !list->n && !list->excluded[column] && (long)column != set->id
         && (long)column != set->weight;
}

/* Text columns and empty ones that nobody asked for. */
static int
report_forgotten (const dataset *set, const column_list *list)
{
  word_list text = { 0 }, empty = { 0 };
  size_t ntext = 0;
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    {
      const char *name = elbo_table_name (set->table, c);
      if (!is_forgotten (set, list, c))
        continue;
      if (elbo_table_kind (set->table, c) == ELBO_KIND_EMPTY)
        words_add (&empty, ", ", clean (name));
      else if (elbo_table_kind (set->table, c) == ELBO_KIND_TEXT && ++ntext && text.used < 120)
        words_add (&text, ",", list_item ("", name));
    }
  if (empty.n)
    note ("left out %zu empty column%s: %s", empty.n, plural (empty.n), empty.text);
  if (text.n)
    note ("left out %zu text column%s; to model %s as categories: --categorical=%s%s", ntext,
          plural (ntext), ntext == 1 ? "it" : "them", text.text, ntext > text.n ? ",..." : "");
  const int failed = text.failed || empty.failed;
  words_free (&text);
  words_free (&empty);
  return failed ? complain_memory () : 0;
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
    status = report_forgotten (set, &list);
done:
  columns_free (&list);
  columns_free (&typed);
  free (kind);
  return status;
}
