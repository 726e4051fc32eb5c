/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table: opening, columns, what is known about it. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

static const elbo_table_options defaults = { .size = sizeof defaults,
                                             .decimal = '.',
                                             .header = ELBO_HEADER_AUTO,
                                             .na = "empty,NA,NaN,null,.,?",
                                             .missing = ELBO_MISSING_ERROR };

void
elbo_table_options_fill (elbo_table_options *options, size_t size)
{
  elbo_copy_sized (options, size, &defaults, sizeof defaults);
  options->size = size;
}

static int
set_options (elbo_table *table, const elbo_table_options *options)
{
  const char *na;
  elbo_table_options *option = &table->option;

  *option = defaults;
  if (options
      && elbo_sized_read (option, sizeof *option, options, "elbo_table_options") != GSL_SUCCESS)
    return GSL_EINVAL;
  if (option->header > ELBO_HEADER_NO || option->missing > ELBO_MISSING_KEEP)
    return elbo_fail (GSL_EINVAL, "header %d, missing %d: there is no such choice",
                      (int)option->header, (int)option->missing);
  if (option->decimal != '.' && option->decimal != ',')
    return elbo_fail (GSL_EINVAL, "the decimal mark must be . or ,");
  if (option->separator && strchr ("\"\r\n", option->separator))
    return elbo_fail (GSL_EINVAL, "a quote or a line end cannot separate cells");
  if (option->separator && option->separator == option->decimal)
    return elbo_fail (GSL_EINVAL, "'%c' cannot be both the separator and the decimal mark",
                      option->decimal);
  na = option->na ? option->na : "";
  option->na = NULL; /* the caller's */
  return elbo_marks_make (&table->marks, na, option->decimal);
}

static int
watched (void *arg)
{
  const elbo_table *table = arg;
  return table->watch && table->watch (table, table->watcharg);
}

elbo_table *
elbo_table_open (const char *path, const elbo_table_options *options)
{
  elbo_table *table = elbo_room (1, sizeof *table);

  if (!table)
    return NULL;
  if (set_options (table, options) || elbo_records_open (&table->records, path)
      || elbo_table_guess (table))
    {
      elbo_table_free (table);
      return NULL;
    }
  table->records.watch = watched;
  table->records.arg = table;
  return table;
}

void
elbo_table_free (elbo_table *table)
{
  if (!table)
    return;
  for (size_t i = 0; table->column && i < table->ncolumn; i++)
    {
      free (table->column[i].name);
      elbo_levels_free (&table->column[i].levels);
    }
  elbo_records_close (&table->records);
  elbo_marks_free (&table->marks);
  elbo_store_free (&table->store);
  free (table->column);
  free (table->active);
  free (table->text);
  free (table->at);
  free (table->stretch);
  free (table);
}

const char *
elbo_table_file (const elbo_table *table)
{
  return elbo_source_file (table->records.source);
}

char
elbo_table_separator (const elbo_table *table)
{
  return table->records.separator;
}

int
elbo_table_has_header (const elbo_table *table)
{
  return table->header;
}

size_t
elbo_table_ncolumn (const elbo_table *table)
{
  return table->ncolumn;
}

const char *
elbo_table_name (const elbo_table *table, size_t column)
{
  return column < table->ncolumn ? table->column[column].name : "";
}

elbo_kind
elbo_table_kind (const elbo_table *table, size_t column)
{
  return column < table->ncolumn ? table->column[column].kind : ELBO_KIND_EMPTY;
}

int
elbo_table_is_number (const elbo_table *table, size_t column)
{
  return elbo_table_kind (table, column) == ELBO_KIND_NUMBER;
}

int
elbo_table_numbers (const elbo_table *table, size_t *column, size_t *n)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW], word[ELBO_SHOW + 64];
  char kinds[300] = "", cure[300] = "";
  size_t k = 0, t = 0, texts = 0;

  *n = 0;
  for (size_t i = 0; i < table->ncolumn; i++)
    if (elbo_table_is_number (table, i))
      column[(*n)++] = i;
  if (*n)
    return GSL_SUCCESS;
  for (size_t i = 0; i < table->ncolumn; i++)
    {
      int empty = table->column[i].kind == ELBO_KIND_EMPTY;
      if (k + ELBO_SHOW + 16 > sizeof kinds || t + ELBO_SHOW + 64 > sizeof cure)
        {
          snprintf (kinds + k, sizeof kinds - k, ", ...");
          break;
        }
      elbo_show_name (name, sizeof name, table->column[i].name);
      k += (size_t)snprintf (kinds + k, sizeof kinds - k, "%s%s: %s", i ? ", " : "", name,
                             empty ? "empty" : "text");
      if (!empty)
        t += (size_t)snprintf (cure + t, sizeof cure - t, "%s%s", texts++ ? "," : "",
                               elbo_show_item (word, sizeof word, "", "", table->column[i].name));
    }
  return elbo_fail (ELBO_EDATA, "%s: no numeric column (%s)%s%s",
                    elbo_show_file (file, sizeof file, elbo_table_file (table)), kinds,
                    texts ? "; to model categories: --categorical=" : "", cure);
}

int
elbo_table_set_role (elbo_table *table, size_t column, elbo_role role)
{
  if (column >= table->ncolumn)
    return elbo_fail (GSL_EINVAL, "there is no column %zu", column + 1);
  if (table->begun)
    return elbo_fail (GSL_EINVAL, "the roles of columns are set before reading");
  table->column[column].role = role;
  return GSL_SUCCESS;
}

/* Edits that turn a into b (Levenshtein 1966), letters compared without case; both short. */
static size_t
distance (const char *a, const char *b)
{
  enum
  {
    SHORT = 64
  };
  size_t row[SHORT + 1], n = strlen (b);

  if (n > SHORT || strlen (a) > SHORT)
    return SHORT;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (; *a; a++)
    {
      size_t corner = row[0]++;
      for (size_t j = 1; j <= n; j++)
        {
          size_t change
              = corner + (tolower ((unsigned char)*a) != tolower ((unsigned char)b[j - 1]));
          size_t edit = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
          corner = row[j];
          row[j] = change < edit ? change : edit;
        }
    }
  return row[n];
}

/* Write "a, b, c, ...". */
static void
list_names (const elbo_table *table, char *to, size_t size)
{
  char name[ELBO_SHOW];
  size_t at = 0;

  for (size_t i = 0; i < table->ncolumn; i++)
    {
      if (at + ELBO_SHOW + 8 > size)
        {
          snprintf (to + at, size - at, ", ...");
          return;
        }
      at += (size_t)snprintf (to + at, size - at, "%s%s", i ? ", " : "",
                              elbo_show_name (name, sizeof name, table->column[i].name));
    }
}

static int
no_such_name (const elbo_table *table, const char *name)
{
  char file[ELBO_SHOW_FILE], shown[ELBO_SHOW], near[ELBO_SHOW], names[400];
  size_t best = strlen (name) / 3 + 1, which = (size_t)-1;

  for (size_t i = 0; i < table->ncolumn; i++)
    {
      size_t edits = distance (name, table->column[i].name);
      if (edits <= best && (edits < best || which == (size_t)-1)
          && edits < strlen (table->column[i].name))
        {
          best = edits;
          which = i;
        }
    }
  elbo_show_file (file, sizeof file, elbo_table_file (table));
  elbo_show_name (shown, sizeof shown, name);
  list_names (table, names, sizeof names);
  if (which == (size_t)-1)
    return elbo_fail (ELBO_ENAME, "%s: no column '%s' (columns: %s)", file, shown, names);
  return elbo_fail (ELBO_ENAME, "%s: no column '%s'; did you mean '%s'? (columns: %s)", file, shown,
                    elbo_show_name (near, sizeof near, table->column[which].name), names);
}

int
elbo_table_find (const elbo_table *table, const char *name, size_t *column)
{
  char file[ELBO_SHOW_FILE], shown[ELBO_SHOW];
  size_t found = (size_t)-1;

  for (size_t i = 0; i < table->ncolumn; i++)
    if (strcmp (table->column[i].name, name) == 0)
      {
        if (found != (size_t)-1)
          return elbo_fail (ELBO_ENAME,
                            "%s: two columns are named '%s' (%zu and %zu); "
                            "refer to them by number",
                            elbo_show_file (file, sizeof file, elbo_table_file (table)),
                            elbo_show_name (shown, sizeof shown, name), found + 1, i + 1);
        found = i;
      }
  if (found == (size_t)-1)
    return no_such_name (table, name);
  *column = found;
  return GSL_SUCCESS;
}

void
elbo_table_progress (const elbo_table *table, size_t *done, size_t *all)
{
  elbo_source_progress (table->records.source, done, all);
}

void
elbo_table_watch (elbo_table *table, int (*watch) (const elbo_table *, void *), void *arg)
{
  table->watch = watch;
  table->watcharg = arg;
}

void
elbo_table_want_digest (elbo_table *table)
{
  table->want_digest = 1;
}

int
elbo_table_digest (const elbo_table *table, char *digest)
{
  return elbo_source_digest (table->records.source, digest);
}

size_t
elbo_table_nrow (const elbo_table *table)
{
  return table->nrow;
}

size_t
elbo_table_ndropped (const elbo_table *table)
{
  return table->ndropped;
}

size_t
elbo_table_nragged (const elbo_table *table)
{
  return table->nragged;
}

size_t
elbo_table_nmissing (const elbo_table *table, size_t column)
{
  return column < table->ncolumn ? table->column[column].missing : 0;
}

double
elbo_table_value (const elbo_table *table, size_t row, size_t column)
{
  const elbo_table_column *c = table->column + column;

  if (row >= table->nrow || column >= table->ncolumn || c->place == (size_t)-1
      || c->role == ELBO_ROLE_TEXT)
    return NAN;
  return elbo_store_find (&table->store, row)[c->place * ELBO_TILE + row % ELBO_TILE];
}

const char *
elbo_table_text (const elbo_table *table, size_t row, size_t column)
{
  const elbo_table_column *c = table->column + column;

  if (row >= table->nrow || column >= table->ncolumn || c->place == (size_t)-1
      || c->role != ELBO_ROLE_TEXT)
    return "";
  return table->text + table->at[row * table->textwidth + c->place];
}

size_t
elbo_table_nlevel (const elbo_table *table, size_t column)
{
  return column < table->ncolumn ? table->column[column].levels.n : 0;
}

const char *
elbo_table_level (const elbo_table *table, size_t column, size_t level)
{
  return level < elbo_table_nlevel (table, column) ? table->column[column].levels.level[level].text
                                                   : "";
}

size_t
elbo_table_level_count (const elbo_table *table, size_t column, size_t level)
{
  return level < elbo_table_nlevel (table, column) ? table->column[column].levels.level[level].count
                                                   : 0;
}

static const elbo_stretch *
find_stretch (const elbo_table *table, size_t row)
{
  size_t low = 0, high = table->nstretch;

  while (high - low > 1)
    {
      size_t middle = (low + high) / 2;
      if (table->stretch[middle].row <= row)
        low = middle;
      else
        high = middle;
    }
  return table->stretch + low;
}

size_t
elbo_table_line (const elbo_table *table, size_t row)
{
  const elbo_stretch *s = find_stretch (table, row);
  return row < table->nrow ? s->line + (row - s->row) : 0;
}

size_t
elbo_table_number (const elbo_table *table, size_t row)
{
  const elbo_stretch *s = find_stretch (table, row);
  return row < table->nrow ? s->number + (row - s->row) : 0;
}
