/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table: opening, columns, what is known about it. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

static const elbo_table_options defaults = { .size = sizeof defaults,
                                             .decimal = '.',
                                             .header = ELBO_HEADER_AUTO,
                                             .na = ELBO_TABLE_NA,
                                             .missing = ELBO_MISSING_ERROR };

void
elbo_table_options_fill (elbo_table_options *options, size_t size)
{
  elbo_sized_fill (options, size, &defaults, sizeof defaults);
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
  if (option->header != ELBO_HEADER_AUTO && option->header != ELBO_HEADER_YES
      && option->header != ELBO_HEADER_NO)
    return elbo_fail (GSL_EINVAL, "header %d: 0 (found), 1 (yes) or 2 (no) is expected",
                      (int)option->header);
  if (option->missing != ELBO_MISSING_ERROR && option->missing != ELBO_MISSING_DROP
      && option->missing != ELBO_MISSING_KEEP)
    return elbo_fail (GSL_EINVAL, "missing %d: 0 (error), 1 (drop) or 2 (keep) is expected",
                      (int)option->missing);
  if (option->threads < 0)
    return elbo_fail (GSL_EINVAL, "threads %d: 0 or more are expected", option->threads);
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

/* The first whose guess does not leave the file to another one; text takes all. */
static const elbo_format formats[] = {
  { elbo_npy_guess, elbo_npy_read },
  { elbo_text_guess, elbo_text_read },
};

static int
guess_format (elbo_table *table)
{
  int status;

  table->records.hold = 1; /* what is guessed from is read again */
  if ((status = elbo_records_fill (&table->records, ELBO_HEAD)))
    return status;
  table->format = formats;
  while ((status = table->format->guess (table)) == GSL_CONTINUE)
    table->format++;
  table->records.hold = 0;
  return status;
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
  if (elbo_check_given (path != NULL, "a path") != GSL_SUCCESS)
    return NULL;
  elbo_table *table = elbo_calloc (1, sizeof *table);

  if (!table)
    return NULL;
  if (set_options (table, options) || elbo_records_open (&table->records, path)
      || guess_format (table))
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
      free (table->column[i].sample);
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

/* ---- what is known ---- */

const char *
elbo_table_file (const elbo_table *table)
{
  return table ? elbo_source_file (table->records.source) : "";
}

char
elbo_table_separator (const elbo_table *table)
{
  return table ? table->records.separator : '\0';
}

int
elbo_table_has_header (const elbo_table *table)
{
  return table ? table->header : 0;
}

size_t
elbo_table_header_numbers (const elbo_table *table)
{
  return table ? table->header_numbers : 0;
}

size_t
elbo_table_ncolumn (const elbo_table *table)
{
  return table ? table->ncolumn : 0;
}

const char *
elbo_table_name (const elbo_table *table, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);
  return c ? c->name : "";
}

elbo_kind
elbo_table_kind (const elbo_table *table, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);
  return c ? c->kind : ELBO_KIND_EMPTY;
}

int
elbo_table_is_number (const elbo_table *table, size_t column)
{
  return elbo_table_kind (table, column) == ELBO_KIND_NUMBER;
}

int
elbo_table_set_role (elbo_table *table, size_t column, elbo_role role)
{
  if (!table)
    return elbo_check_given (0, "a table");
  if (column >= table->ncolumn)
    return elbo_fail (GSL_EINVAL, "there is no column %zu", column + 1);
  if (table->begun)
    return elbo_fail (GSL_EINVAL, "the roles of columns are set before reading");
  table->column[column].role = role;
  return GSL_SUCCESS;
}

/* Give a column the levels of a model. */
static int
fix_levels (const elbo_table *table, elbo_table_column *column, const char *const *level, size_t n)
{
  elbo_levels_free (&column->levels);
  for (size_t l = 0; l < n; l++)
    if (elbo_levels_code (&column->levels, (elbo_cell){ level[l], level[l] + strlen (level[l]) },
                          table->option.decimal)
        == (size_t)-1)
      return GSL_ENOMEM;
  return GSL_SUCCESS;
}

int
elbo_table_need (elbo_table *table, size_t column, const char *const *level, size_t nlevel,
                 int drop_new)
{
  int status = elbo_check_given (level || nlevel == 0, "levels");
  if (status == GSL_SUCCESS)
    status = elbo_table_set_role (table, column, nlevel ? ELBO_ROLE_LEVEL : ELBO_ROLE_NUMBER);
  if (status != GSL_SUCCESS)
    return status;
  elbo_table_column *c = table->column + column;
  table->needed = c->needed = 1;
  c->fixed = nlevel > 0;
  c->drop_new = drop_new;
  return fix_levels (table, c, level, nlevel);
}

/* ---- reading ---- */

/* Give the active columns their places; elbo_table_release may have taken them. */
static void
place (elbo_table *table)
{
  size_t width = 0, texts = 0;

  for (size_t i = 0; i < table->nactive; i++)
    {
      elbo_table_column *column = table->column + table->active[i];
      const int text = column->role == ELBO_ROLE_TEXT;
      column->place = text ? (size_t)-1 : width++;
      column->text = text || column->needed ? texts++ : (size_t)-1;
    }
  if (table->store.width != width)
    elbo_store_free (&table->store);
  table->store.width = width;
  table->textwidth = texts;
}

static int
begin (elbo_table *table)
{
  if (!(table->active = elbo_calloc (table->ncolumn, sizeof *table->active)))
    return GSL_ENOMEM;
  for (size_t i = 0; i < table->ncolumn; i++)
    if (table->column[i].role != ELBO_ROLE_SKIP)
      table->active[table->nactive++] = i;
  table->begun = 1;
  if (!table->want_digest)
    elbo_source_forget_digest (table->records.source);
  return GSL_SUCCESS;
}

/* Code the levels by their sorted order, in the rows as well. */
static int
sort_levels (elbo_table *table, elbo_table_column *column)
{
  size_t *rank = elbo_calloc (column->levels.n, sizeof *rank);
  int status;

  if (!rank)
    return GSL_ENOMEM;
  status = elbo_levels_sort (&column->levels, rank);
  for (size_t row = 0; row < table->nrow && !status; row += ELBO_TILE)
    {
      double *value = elbo_store_find (&table->store, row) + column->place * ELBO_TILE;
      size_t n = table->nrow - row < ELBO_TILE ? table->nrow - row : ELBO_TILE;
      for (size_t i = 0; i < n; i++)
        if (!isnan (value[i]))
          value[i] = (double)rank[(size_t)value[i]];
    }
  free (rank);
  return status;
}

/* All records are read: what remains is to see whether any row is there. */
static int
finish (elbo_table *table)
{
  char file[ELBO_SHOW_FILE];
  int status = GSL_SUCCESS;

  for (size_t i = 0; i < table->nactive && !status; i++)
    if (table->column[table->active[i]].role == ELBO_ROLE_LEVEL
        && !table->column[table->active[i]].fixed)
      status = sort_levels (table, table->column + table->active[i]);
  table->nkept += table->nrow;
  if (status || table->nrow)
    return status;
  elbo_show_file (file, sizeof file, elbo_table_file (table));
  if (table->nkept == 0 && table->ndropped && !table->needed)
    return elbo_fail (ELBO_EDATA, "%s: all %zu rows have missing cells; --missing=drop leaves none",
                      file, table->ndropped);
  return elbo_fail (ELBO_END, "%s: no more rows", file);
}

int
elbo_table_read (elbo_table *table, size_t limit)
{
  if (!table)
    return elbo_check_given (0, "a table");
  int status = table->begun ? GSL_SUCCESS : begin (table);

  if (status != GSL_SUCCESS)
    return status;
  place (table);
  table->nrow = table->ntext = table->nstretch = 0;
  status = table->format->read (table, limit);
  return status == GSL_SUCCESS ? finish (table) : status;
}

void
elbo_table_progress (const elbo_table *table, size_t *done, size_t *all)
{
  if (table && done && all)
    elbo_source_progress (table->records.source, done, all);
}

void
elbo_table_watch (elbo_table *table, int (*watch) (const elbo_table *, void *), void *arg)
{
  if (!table)
    return;
  table->watch = watch;
  table->watcharg = arg;
}

void
elbo_table_want_digest (elbo_table *table)
{
  if (table)
    table->want_digest = 1;
}

int
elbo_table_digest (const elbo_table *table, char *digest)
{
  const int status = elbo_check_given (table && digest, "a table or a place for its digest");
  return status == GSL_SUCCESS ? elbo_source_digest (table->records.source, digest) : status;
}

size_t
elbo_table_nrow (const elbo_table *table)
{
  return table ? table->nrow : 0;
}

size_t
elbo_table_ndropped (const elbo_table *table)
{
  return table ? table->ndropped : 0;
}

size_t
elbo_table_nincomplete (const elbo_table *table)
{
  return table ? table->nincomplete : 0;
}

size_t
elbo_table_nragged (const elbo_table *table)
{
  return table ? table->nragged : 0;
}

size_t
elbo_table_nmissing (const elbo_table *table, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);
  return c ? c->missing : 0;
}

size_t
elbo_table_nlevel (const elbo_table *table, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);
  return c ? c->levels.n : 0;
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
