/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns are modelled, and as what.  Nothing is coded as a number silently: text is
   reported and left out unless the user says what it is. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

static void
add (dataset *set, size_t column, const elbo_family *family)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    if (set->source[i] == column)
      return;
  set->source[set->ncolumn] = column;
  set->family[set->ncolumn++] = family;
}

/* A list of exclusions alone means all others that can be modelled. */
static void
list_others (const dataset *set, const elbo_family **family, column_list *list)
{
  for (size_t c = 0; c < elbo_table_ncolumn (set->table); c++)
    if (!list->excluded[c] && (long)c != set->weight && (long)c != set->id && !family[c]
        && elbo_table_kind (set->table, c) != ELBO_KIND_EMPTY)
      list->column[list->n++] = c;
}

/* The columns that an option gives to a family. */
typedef struct
{
  const char *option, *list; /* --count=, and what follows; NULL: not given */
  const elbo_family *family;
} typed_columns;

/* family [ncolumn of the table]: NULL where nothing is said; order: the columns as they were
   named. */
static int
take_typed (const dataset *set, const typed_columns *typed, const elbo_family **family,
            column_list *order)
{
  column_list list;
  int status = columns_parse (set->table, typed->option, typed->list, &list);
  if (!status && typed->list && !list.n)
    list_others (set, family, &list);
  for (size_t j = 0; j < list.n && !status; j++)
    {
      const size_t c = list.column[j];
      if ((long)c == set->weight)
        continue;
      if (family[c])
        {
          complain ("%s%s: the column has another kind already", typed->option,
                    clean (elbo_table_name (set->table, c)));
          status = EXIT_USAGE;
        }
      else
        order->column[order->n++] = c;
      family[c] = typed->family;
    }
  columns_free (&list);
  return status;
}

/* A family without a covariance by its name; the others are what --covariance is for. */
static const elbo_family *
find_family (const char *name)
{
  const elbo_family *family = elbo_family_find (name);
  if (family && !family->structure)
    return family;
  word_list known = { 0 };
  for (size_t i = 0; elbo_family_at (i); i++)
    if (!elbo_family_at (i)->structure)
      words_add (&known, ", ", elbo_family_at (i)->base->name);
  complain ("--family=%s: %s; the families are %s", clean (name),
            family ? "a covariance is chosen with --covariance" : "there is no such family",
            known.failed ? "" : known.text);
  words_free (&known);
  return NULL;
}

/* --family=NAME:LIST, more of them after semicolons. */
static int
read_families (const settings *s, const dataset *set, const elbo_family **family,
               column_list *order)
{
  char *text = strdup (s->family ? s->family : "");
  int status = text ? 0 : complain_memory ();
  for (char *part = text, *next = NULL; part && *part && !status; part = next)
    {
      next = part + strcspn (part, ";");
      next += *next ? (*next = '\0', 1) : 0;
      char *list = strchr (part, ':');
      if (!list)
        {
          complain ("--family=%s: NAME:LIST is expected, a family and its columns", clean (part));
          status = EXIT_USAGE;
          break;
        }
      *list++ = '\0';
      const typed_columns typed = { "--family=", list, find_family (part) };
      status = typed.family ? take_typed (set, &typed, family, order) : EXIT_USAGE;
    }
  free (text);
  return status;
}

/* What the options say about the families of columns. */
static int
read_kinds (const settings *s, const dataset *set, const elbo_family **family, column_list *order)
{
  const typed_columns typed[]
      = { { "--binary=", s->binary, family_of_kind ("binary") },
          { "--count=", s->count, family_of_kind ("count") },
          { "--categorical=", s->categorical, family_of_kind ("category") } };
  int status = 0;
  for (size_t i = 0; i < sizeof typed / sizeof *typed && !status; i++)
    status = take_typed (set, &typed[i], family, order);
  return status ? status : read_families (s, set, family, order);
}

/* The columns of --columns in its order, then those whose family another option names. */
static int
take_listed (dataset *set, const column_list *list, const elbo_family **family,
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
      if (!family[c] && elbo_table_kind (set->table, c) == ELBO_KIND_TEXT)
        {
          const char *name = clean (elbo_table_name (set->table, c));
          complain ("%s: column '%s' is text; to model it as categories: --categorical=%s",
                    elbo_table_file (set->table), name,
                    list_item ("", elbo_table_name (set->table, c)));
          return EXIT_DATA;
        }
      named[c] = 1;
      add (set, c, family[c] ? family[c] : family_of_kind ("number"));
    }
  for (size_t i = 0; i < typed->n; i++)
    {
      if (list->excluded[typed->column[i]])
        continue;
      named[typed->column[i]] = 1;
      add (set, typed->column[i], family[typed->column[i]]);
    }
  return 0;
}

/* All number columns and those whose kind is given, in the order of the file. */
static int
take_all (dataset *set, const column_list *list, const elbo_family **family, char *named)
{
  const size_t ncolumn = elbo_table_ncolumn (set->table);
  size_t ntyped = 0, nnumber;
  size_t *number = calloc (ncolumn, sizeof *number);
  for (size_t c = 0; c < ncolumn; c++)
    ntyped += family[c] != NULL;
  int status = number ? 0 : complain_memory ();
  if (number && !ntyped && elbo_table_numbers (set->table, number, &nnumber))
    status = complain_status ();
  free (number);
  for (size_t c = 0; c < ncolumn && !status; c++)
    {
      if (list->excluded[c] || (long)c == set->weight || (long)c == set->id)
        continue;
      if (family[c])
        {
          named[c] = 1;
          add (set, c, family[c]);
        }
      else if (elbo_table_kind (set->table, c) == ELBO_KIND_NUMBER)
        add (set, c, family_of_kind ("number"));
    }
  return status;
}

/* Blocks of one family stand together, in the order of the registry: columns with a covariance
   first; the order within a family stays. */
static int
group_families (dataset *set)
{
  size_t *source = calloc (set->ncolumn + 1, sizeof *source), n = 0;
  const elbo_family **family = calloc (set->ncolumn + 1, sizeof *family), *next;
  if (!source || !family)
    {
      free (source);
      free (family);
      return complain_memory ();
    }
  for (size_t f = 0; (next = elbo_family_at (f)); f++)
    for (size_t i = 0; i < set->ncolumn; i++)
      if (set->family[i] == next)
        {
          source[n] = set->source[i];
          family[n++] = next;
        }
  free (set->source);
  free (set->family);
  set->source = source;
  set->family = family;
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
  const elbo_family **family = calloc (ncolumn, sizeof *family);
  size_t column = 0;
  int status = 0;
  set->id = set->weight = NONE;
  set->source = calloc (ncolumn, sizeof *set->source);
  set->family = calloc (ncolumn, sizeof *set->family);
  typed.column = calloc (ncolumn, sizeof *typed.column);
  if (!family || !set->source || !set->family || !typed.column)
    {
      status = complain_memory ();
      goto done;
    }
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
    status = read_kinds (s, set, family, &typed);
  if (!status)
    status = columns_parse (set->table, "--columns=", s->columns, &list);
  if (!status)
    status = list.n ? take_listed (set, &list, family, &typed, named)
                    : take_all (set, &list, family, named);
  if (!status)
    status = group_families (set);
  if (!status)
    status = check_names (set);
  if (!status)
    status = report_forgotten (set, &list);
done:
  columns_free (&list);
  columns_free (&typed);
  free (family);
  return status;
}
