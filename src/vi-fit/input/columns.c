/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of columns: items separated by commas, double quotes as in CSV protect commas.  An item
   equal to a column name is that name; else it is `all`, a number N, a range A-B of numbers or
   names, or !item. */
#include <config.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

/* Cut the next item from the list into item; returns where the next one begins, or NULL after the
   last. */
static const char *
next_item (const char *list, char *item)
{
  int quoted = 0;
  for (; *list && (quoted || *list != ','); list++)
    if (*list != '"')
      *item++ = *list;
    else if (quoted && list[1] == '"')
      *item++ = *list++;
    else
      quoted = !quoted;
  *item = '\0';
  return *list ? list + 1 : NULL;
}

/* A number of a column from 1, or 0. */
static size_t
number (const char *text, size_t length)
{
  size_t n = 0;
  for (size_t i = 0; i < length; i++)
    {
      if (!isdigit ((unsigned char)text[i]) || n > 100000000)
        return 0;
      n = 10 * n + (size_t)(text[i] - '0');
    }
  return n;
}

/* How many columns have the name of the first `length` bytes of text; *column is the first one. */
static size_t
count_named (const elbo_table *table, const char *text, size_t length, size_t *column)
{
  size_t found = 0;
  for (size_t j = 0; j < elbo_table_ncolumn (table); j++)
    {
      const char *name = elbo_table_name (table, j);
      if (strlen (name) == length && strncmp (name, text, length) == 0 && !found++)
        *column = j;
    }
  return found;
}

/* A range of names: is there a dash between two names that stand once each? */
static int
name_range (const elbo_table *table, const char *item, size_t *first, size_t *last)
{
  for (const char *dash = strchr (item, '-'); dash; dash = strchr (dash + 1, '-'))
    if (count_named (table, item, (size_t)(dash - item), first) == 1
        && count_named (table, dash + 1, strlen (dash + 1), last) == 1)
      return 1;
  return 0;
}

/* The columns first .. last (from 0) of an item, without its exclamation mark if it is one; 0 or an
   exit code. */
static int
resolve (const elbo_table *table, const char *option, const char *item, int without, size_t *first,
         size_t *last)
{
  const char *written = item;
  item += without;
  const size_t ncolumn = elbo_table_ncolumn (table);
  const size_t found = count_named (table, item, strlen (item), first);
  *last = *first;
  if (found == 1)
    return 0;
  if (found == 0 && strcmp (item, "all") == 0)
    {
      *first = 0;
      *last = ncolumn - 1;
      return 0;
    }
  if (found == 0 && name_range (table, item, first, last))
    {
      if (*first <= *last)
        return 0;
      complain ("%s: %s%s: empty range", elbo_table_file (table), option, clean (written));
      return EXIT_USAGE;
    }
  if (found == 0)
    {
      const char *dash = strchr (item, '-');
      const size_t length = dash ? (size_t)(dash - item) : strlen (item);
      const size_t a = number (item, length);
      const size_t b = dash ? number (dash + 1, strlen (dash + 1)) : a;
      if (a && b && a <= b && b <= ncolumn)
        {
          *first = a - 1;
          *last = b - 1;
          return 0;
        }
      if (a && b)
        {
          if (a > b)
            complain ("%s: %s%s: empty range", elbo_table_file (table), option, clean (written));
          else
            complain ("%s: %s%s: the columns are numbered 1 to %zu", elbo_table_file (table),
                      option, clean (written), ncolumn);
          return EXIT_USAGE;
        }
    }
  elbo_table_find (table, item, first); /* says what is wrong */
  complain_status ();
  return found ? EXIT_DATA : EXIT_USAGE;
}

static void
include (column_list *result, size_t column)
{
  for (size_t i = 0; i < result->n; i++)
    if (result->column[i] == column)
      return;
  result->column[result->n++] = column;
}

int
columns_parse (const elbo_table *table, const char *option, const char *list, column_list *result)
{
  const size_t ncolumn = elbo_table_ncolumn (table);
  char *item = malloc (list ? strlen (list) + 1 : 1);
  int status = 0;
  result->n = 0;
  result->column = calloc (ncolumn, sizeof *result->column);
  result->excluded = calloc (ncolumn, 1);
  if (!item || !result->column || !result->excluded)
    status = complain_memory ();
  while (list && !status)
    {
      size_t first = 0, last = 0;
      list = next_item (list, item);
      const int without = *item == '!' && !count_named (table, item, strlen (item), &first);
      status = resolve (table, option, item, without, &first, &last);
      for (size_t j = first; j <= last && !status; j++)
        if (without)
          result->excluded[j] = 1;
        else
          include (result, j);
    }
  free (item);
  return status;
}

void
columns_free (column_list *list)
{
  free (list->column);
  free (list->excluded);
}

int
column_one (const elbo_table *table, const char *option, const char *text, size_t *column)
{
  column_list list;
  int status = columns_parse (table, option, text, &list);
  if (!status && list.n != 1)
    {
      complain ("%s%s: one column is needed", option, clean (text));
      status = EXIT_USAGE;
    }
  if (!status)
    *column = list.column[0];
  columns_free (&list);
  return status;
}
