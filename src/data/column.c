/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and kinds of the columns. */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "data/data.h"

/* A copy of a name in which bytes that are not UTF-8 are U+FFFD, so that any JSON stays valid. */
char *
elbo_clean_name (elbo_cell cell)
{
  char *name = elbo_calloc (3 * (size_t)(cell.end - cell.begin) + 1, 1), *to = name;

  for (const char *p = cell.begin; name && p < cell.end;)
    {
      size_t n = elbo_utf8 (p, cell.end);
      memcpy (to, n ? p : "\xEF\xBF\xBD", n ? n : 3);
      to += n ? n : 3;
      p += n ? n : 1;
    }
  return name;
}

/* The text columns as a list of numbers and ranges, "2,5-30". */
static void
list_texts (const elbo_table *table, char *to, size_t size)
{
  size_t at = 0;

  for (size_t i = 0, last; i < table->ncolumn && at < size; i = last + 1)
    {
      for (last = i; last < table->ncolumn && table->column[last].kind == ELBO_KIND_TEXT;)
        last++;
      if (last > i)
        at += (size_t)snprintf (to + at, size - at, "%s%zu", at ? "," : "", i + 1);
      if (last > i + 1 && at < size)
        at += (size_t)snprintf (to + at, size - at, "-%zu", last);
    }
  if (at >= size) /* a part of the list would be another one */
    snprintf (to, size, "LIST");
}

/* The text columns by name, or by number where their names would fill the screen. */
static void
suggest_texts (const elbo_table *table, char *to, size_t size)
{
  char word[ELBO_SHOW + 64];
  size_t at = 0;

  to[0] = '\0';
  for (size_t i = 0; i < table->ncolumn; i++)
    {
      if (table->column[i].kind != ELBO_KIND_TEXT)
        continue;
      if (at + ELBO_SHOW + 64 > size)
        {
          list_texts (table, to, size);
          return;
        }
      at += (size_t)snprintf (to + at, size - at, "%s%s", at ? "," : "",
                              elbo_show_item (word, sizeof word, "", "", table->column[i].name));
    }
}

/* "x: text, line 2: \"$5\"; y: empty" */
static void
list_kinds (const elbo_table *table, char *to, size_t size)
{
  char name[ELBO_SHOW];
  size_t at = 0;

  for (size_t i = 0; i < table->ncolumn; i++)
    {
      const elbo_table_column *column = table->column + i;
      if (at + 2 * ELBO_SHOW + 64 > size)
        {
          snprintf (to + at, size - at, "; ...");
          return;
        }
      elbo_show_name (name, sizeof name, column->name);
      at += (size_t)snprintf (to + at, size - at, "%s%s: %s", i ? "; " : "", name,
                              column->kind == ELBO_KIND_EMPTY ? "empty" : "text");
      if (column->sample)
        at += (size_t)snprintf (to + at, size - at, ", line %zu: \"%s\"", column->sample_line,
                                column->sample);
    }
}

int
elbo_table_numbers (const elbo_table *table, size_t *column, size_t *n)
{
  char file[ELBO_SHOW_FILE], kinds[800], cure[300];

  const int status = elbo_check_given (table && column && n, "a table or a place for its columns");
  if (status != GSL_SUCCESS)
    return status;
  *n = 0;
  for (size_t i = 0; i < table->ncolumn; i++)
    if (table->column[i].kind == ELBO_KIND_NUMBER)
      column[(*n)++] = i;
  if (*n)
    return GSL_SUCCESS;
  list_kinds (table, kinds, sizeof kinds);
  suggest_texts (table, cure, sizeof cure);
  return elbo_fail (ELBO_EDATA, "%s: no numeric column (%s)%s%s",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    kinds, cure[0] ? "; to model categories: --categorical=" : "", cure);
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

void
elbo_table_list_names (const elbo_table *table, char *to, size_t size)
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
  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  elbo_show_name (shown, sizeof shown, name);
  elbo_table_list_names (table, names, sizeof names);
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
  const int status = elbo_check_given (table && name && column, "a table, a name or a place");

  if (status != GSL_SUCCESS)
    return status;
  for (size_t i = 0; i < table->ncolumn; i++)
    if (strcmp (table->column[i].name, name) == 0)
      {
        if (found != (size_t)-1)
          return elbo_fail (
              ELBO_ENAME,
              "%s: two columns are named '%s' (%zu and %zu); "
              "refer to them by number",
              elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
              elbo_show_name (shown, sizeof shown, name), found + 1, i + 1);
        found = i;
      }
  if (found == (size_t)-1)
    return no_such_name (table, name);
  *column = found;
  return GSL_SUCCESS;
}
