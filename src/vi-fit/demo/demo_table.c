/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a page as numbers, for those who draw them. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/demo/demo.h"

void
tables_begin (demo_tables *list, const char *key)
{
  demo_table *more = realloc (list->table, (list->n + 1) * sizeof *more);
  if (!more)
    {
      list->failed = 1;
      return;
    }
  list->table = more;
  more[list->n] = (demo_table){ .nrow = 0 };
  snprintf (more[list->n].key, sizeof more->key, "%s", key);
  list->n++;
}

void
tables_column (demo_tables *list, const char *name)
{
  if (list->failed)
    return;
  demo_table *t = &list->table[list->n - 1];
  snprintf (t->column[t->ncolumn++], sizeof t->column[0], "%s", name);
}

static int
make_room (demo_table *t)
{
  const size_t room = t->room ? 2 * t->room : 16;
  double *value = realloc (t->value, room * t->ncolumn * sizeof *value);
  if (value)
    t->value = value;
  char (*text)[sizeof *t->text] = value ? realloc (t->text, room * sizeof *text) : NULL;
  if (!text)
    return 0;
  t->text = text;
  t->room = room;
  return 1;
}

void
tables_row (demo_tables *list, const char *text, const double *v)
{
  if (list->failed)
    return;
  demo_table *t = &list->table[list->n - 1];
  if (t->nrow == t->room && !make_room (t))
    {
      list->failed = 1;
      return;
    }
  memcpy (t->value + t->nrow * t->ncolumn, v, t->ncolumn * sizeof *v);
  snprintf (t->text[t->nrow], sizeof *t->text, "%s", text ? text : "");
  t->nrow++;
}

void
tables_free (demo_tables *list)
{
  for (size_t i = 0; i < list->n; i++)
    {
      free (list->table[i].value);
      free (list->table[i].text);
    }
  free (list->table);
}

static int
is_word (const char *word, size_t length, const char *name)
{
  return strlen (name) == length && strncmp (word, name, length) == 0;
}

const demo_table *
tables_find (const demo_tables *list, const char *columns, size_t at[3])
{
  const size_t length = strcspn (columns, ":");
  const demo_table *found = NULL;
  for (size_t i = 0; i < list->n; i++)
    if (is_word (columns, length, list->table[i].key))
      found = &list->table[i];
  const char *word = columns + length;
  for (size_t n = 0; found && n < 3 && *word; n++)
    {
      word += strspn (word, ": ");
      const size_t letters = strcspn (word, " ");
      at[n] = found->ncolumn;
      for (size_t i = 0; i < found->ncolumn; i++)
        if (is_word (word, letters, found->column[i]))
          at[n] = i;
      if (at[n] == found->ncolumn)
        return NULL;
      word += letters;
    }
  return found;
}
