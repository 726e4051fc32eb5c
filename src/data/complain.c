/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a cell or a line is refused, and the way out. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include "data/data.h"

enum
{
  LISTED = 3
}; /* further ragged lines that are named */

/* file:line: column 'name' */
static char *
place (char *to, size_t size, const elbo_table *table, size_t column)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW];

  snprintf (to, size, "%s:%zu: column '%s'",
            elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
            table->records.first, elbo_show_name (name, sizeof name, table->column[column].name));
  return to;
}

/* Is the text 1,000 or 12,345,678: a thousands separator as likely as a decimal comma? */
static int
thousands (elbo_cell cell)
{
  const char *p = cell.begin;
  size_t head = 0, groups = 0;
  char lead;

  p += p < cell.end && (*p == '-' || *p == '+');
  lead = p < cell.end ? *p : '0';
  for (; p < cell.end && *p >= '0' && *p <= '9'; p++)
    head++;
  for (; cell.end - p >= 4 && *p == ','; p += 4, groups++)
    for (int i = 1; i <= 3; i++)
      if (p[i] < '0' || p[i] > '9')
        return 0;
  return p == cell.end && head >= 1 && head <= 3 && groups >= 1 && lead != '0';
}

/* The way out for a cell that is no number at all. */
static int
refuse_text (const elbo_table *table, size_t column, const char *where, const char *shown,
             elbo_cell cell)
{
  char mark[ELBO_SHOW + 64], out[ELBO_SHOW + 64], in[ELBO_SHOW + 64], copy[ELBO_SHOW], number[32];
  const char *name = table->column[column].name;
  /* no mark can be empty, hold a comma, or be shown other than it is */
  const int markable = cell.end > cell.begin
                       && !memchr (cell.begin, ',', (size_t)(cell.end - cell.begin))
                       && strlen (shown) == (size_t)(cell.end - cell.begin);
  size_t found;

  /* a name that is not unique or not printable is given by its number */
  if (elbo_table_find (table, name, &found)
      || strlen (elbo_show_name (copy, sizeof copy, name)) != strlen (name)
      || strcmp (copy, name) != 0)
    {
      snprintf (number, sizeof number, "%zu", column + 1);
      name = number;
    }
  elbo_show_item (out, sizeof out, "--columns=", "!", name);
  elbo_show_item (in, sizeof in, "--categorical=", "", name);
  elbo_show_word (mark, sizeof mark, "--na=", shown);
  if (table->needed) /* by a model, which says what the column is */
    return elbo_fail (ELBO_EDATA, "%s: \"%s\" is not a number%s%s", where, shown,
                      markable ? "\nif it marks a missing value: " : "", markable ? mark : "");
  return elbo_fail (ELBO_EDATA,
                    "%s: \"%s\" is not a number\n%s%s%sto leave the column out: %s; "
                    "as categories: %s",
                    where, shown, markable ? "if it marks a missing value: " : "",
                    markable ? mark : "", markable ? "; " : "", out, in);
}

int
elbo_table_refuse_cell (const elbo_table *table, size_t column, elbo_cell cell,
                        elbo_number_verdict verdict)
{
  char where[ELBO_SHOW_FILE + 2 * ELBO_SHOW], shown[ELBO_SHOW];
  char other = table->option.decimal == '.' ? ',' : '.';
  double value;

  place (where, sizeof where, table, column);
  elbo_show (shown, sizeof shown, cell);
  if (verdict == ELBO_NUMBER_INFINITE)
    return elbo_fail (ELBO_EDATA, "%s: infinite value \"%s\"; mixtures need finite numbers", where,
                      shown);
  if (verdict == ELBO_NUMBER_LARGE)
    return elbo_fail (ELBO_EDATA, "%s: \"%s\" is larger than any double (1.8e308)", where, shown);
  if (other == ',' && thousands (cell))
    return elbo_fail (ELBO_EDATA,
                      "%s: \"%s\" is not a number\n"
                      "if the comma is a decimal comma: --decimal=,; "
                      "if it separates thousands, take it out of the file",
                      where, shown);
  if (elbo_number (cell.begin, cell.end, other, &value) == ELBO_NUMBER_FINE)
    return elbo_fail (ELBO_EDATA, "%s: \"%s\" looks like a decimal %s; use --decimal=%c", where,
                      shown, other == ',' ? "comma" : "point", other);
  return refuse_text (table, column, where, shown, cell);
}

int
elbo_table_refuse_level (const elbo_table *table, size_t column, elbo_cell cell)
{
  char where[ELBO_SHOW_FILE + 2 * ELBO_SHOW], shown[ELBO_SHOW];

  return elbo_fail (ELBO_EDATA,
                    "%s: level '%s' was not in the training data\n"
                    "to leave such rows out: --new-levels=drop",
                    place (where, sizeof where, table, column),
                    elbo_show (shown, sizeof shown, cell));
}

int
elbo_table_refuse_missing (const elbo_table *table, size_t column, elbo_cell cell)
{
  char where[ELBO_SHOW_FILE + 2 * ELBO_SHOW], shown[ELBO_SHOW];

  return elbo_fail (ELBO_EDATA,
                    "%s: missing value \"%s\"\n"
                    "to leave such rows out: --missing=drop",
                    place (where, sizeof where, table, column),
                    elbo_show (shown, sizeof shown, cell));
}

static const char *
plural (size_t n)
{
  return n == 1 ? "" : "s";
}

int
elbo_table_refuse_ragged (elbo_table *table)
{
  elbo_records *records = &table->records;
  char file[ELBO_SHOW_FILE], text[ELBO_SHOW], more[128] = "", comment[ELBO_SHOW + 96] = "";
  char word[ELBO_SHOW + 64];
  size_t line = records->first, fields = records->ncell, lines = 0, at = 0, listed[LISTED];

  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  elbo_show (text, sizeof text, records->text);
  while (elbo_records_next (records) == GSL_SUCCESS)
    if (records->ncell != table->ncolumn)
      {
        if (lines < LISTED)
          listed[lines] = records->first;
        lines++;
      }
  if (lines)
    at += (size_t)snprintf (more, sizeof more, "(%zu more such line%s: ", lines, plural (lines));
  for (size_t i = 0; i < lines && i < LISTED; i++)
    at += (size_t)snprintf (more + at, sizeof more - at, "%s%zu", i ? ", " : "", listed[i]);
  if (lines)
    snprintf (more + at, sizeof more - at, "%s) ", lines > LISTED ? ", ..." : "");
  if (table->header && table->column[0].name[0] == '#')
    snprintf (comment, sizeof comment, "; to take comments out: grep -v '^#' %s | vi-fit -",
              elbo_show_word (word, sizeof word, "", elbo_source_file (table->records.source)));
  return elbo_fail (ELBO_EDATA,
                    "%s:%zu: %zu field%s where the %s has %zu: \"%s\"\n"
                    "%sto leave such lines out: --ragged=drop%s",
                    file, line, fields, plural (fields), table->header ? "header" : "first line",
                    table->ncolumn, text, more, comment);
}
