/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the columns that predict adds to those of its input.  No name may stand there twice:
   where the input has one of them, a prefix goes before all. */
#include <config.h>
#include <string.h>
#include "vi-fit/command/command.h"

static const char prefix[] = "predicted_";

/* Column i of those that are added; text [24] is room for it.  NULL past the end. */
static const char *
added (size_t i, size_t ncomp, int outlier, char text[24])
{
  snprintf (text, 24, "p%zu", i - 1);
  return i == 0                      ? "component"
         : i == 1                    ? "probability"
         : i < ncomp + 2             ? text
         : i == ncomp + 2            ? "log_density"
         : i == ncomp + 3 && outlier ? "outlier"
                                     : NULL;
}

static int
is_added (const char *name, size_t prefixes, size_t ncomp, int outlier)
{
  char text[24];
  const char *own;
  for (size_t i = 0; i < prefixes; i++)
    {
      if (strncmp (name, prefix, sizeof prefix - 1) != 0)
        return 0;
      name += sizeof prefix - 1;
    }
  for (size_t i = 0; (own = added (i, ncomp, outlier, text)); i++)
    if (strcmp (name, own) == 0)
      return 1;
  return 0;
}

/* The first column of the input that has such a name, or how many columns there are. */
static size_t
find_added (const elbo_table *table, size_t prefixes, size_t ncomp, int outlier)
{
  size_t c = 0;
  while (c < elbo_table_ncolumn (table)
         && !is_added (elbo_table_name (table, c), prefixes, ncomp, outlier))
    c++;
  return c;
}

void
csv_added (const elbo_table *table, size_t ncomp, int outlier)
{
  const size_t ncolumn = elbo_table_ncolumn (table);
  const size_t first = find_added (table, 0, ncomp, outlier);
  size_t prefixes = 0;
  char text[24];
  const char *own;
  while (find_added (table, prefixes, ncomp, outlier) < ncolumn)
    prefixes++;
  if (prefixes)
    note ("%s has a column '%s': the names of the columns that are added begin with '%s'",
          elbo_table_file (table), clean (elbo_table_name (table, first)), prefix);
  for (size_t i = 0; (own = added (i, ncomp, outlier, text)); i++)
    {
      if (i)
        putchar (',');
      for (size_t k = 0; k < prefixes; k++)
        fputs (prefix, stdout);
      fputs (own, stdout);
    }
  putchar ('\n');
}
