/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records to rows, by the roles of the columns. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

/* Give the active columns their places; elbo_table_release may have taken them. */
static void
place (elbo_table *table)
{
  size_t width = 0, texts = 0;

  for (size_t i = 0; i < table->nactive; i++)
    {
      elbo_table_column *column = table->column + table->active[i];
      column->place = column->role == ELBO_ROLE_TEXT ? texts++ : width++;
    }
  if (table->store.width != width)
    elbo_store_free (&table->store);
  table->store.width = width;
  table->textwidth = texts;
}

static int
begin (elbo_table *table)
{
  if (!(table->active = elbo_room (table->ncolumn, sizeof *table->active)))
    return GSL_ENOMEM;
  for (size_t i = 0; i < table->ncolumn; i++)
    if (table->column[i].role != ELBO_ROLE_SKIP)
      table->active[table->nactive++] = i;
  table->begun = 1;
  if (!table->want_digest)
    elbo_source_forget_digest (table->records.source);
  return GSL_SUCCESS;
}

elbo_cell_fate
elbo_table_number_cell (const elbo_table *table, elbo_cell cell, double *value,
                        elbo_number_verdict *verdict)
{
  *verdict = elbo_number (cell.begin, cell.end, table->option.decimal, value);
  if (*verdict == ELBO_NUMBER_FINE
      && !(table->marks.nnumber && elbo_marks_number (&table->marks, *value)))
    return ELBO_CELL_PRESENT;
  if (*verdict == ELBO_NUMBER_FINE || elbo_marks_text (&table->marks, cell))
    return ELBO_CELL_MISSING;
  return ELBO_CELL_REFUSED;
}

static elbo_cell_fate
number_cell (const elbo_table *table, size_t column, elbo_cell cell, double *value)
{
  elbo_number_verdict verdict;
  elbo_cell_fate fate = elbo_table_number_cell (table, cell, value, &verdict);

  if (fate == ELBO_CELL_REFUSED)
    elbo_table_refuse_cell (table, column, cell, verdict);
  return fate;
}

static elbo_cell_fate
level_cell (elbo_table *table, size_t column, elbo_cell cell, double *value)
{
  size_t code;

  if (elbo_marks_text (&table->marks, cell))
    return ELBO_CELL_MISSING;
  code = elbo_levels_code (&table->column[column].levels, cell, table->option.decimal);
  *value = (double)code;
  return code == (size_t)-1 ? ELBO_CELL_REFUSED : ELBO_CELL_PRESENT;
}

int
elbo_table_add_text (elbo_table *table, size_t row, size_t place, elbo_cell cell)
{
  size_t length = (size_t)(cell.end - cell.begin), *at;
  char *text = elbo_grow (table->text, &table->textroom, table->ntext + length + 1, 1);

  if (text)
    table->text = text;
  at = elbo_grow (table->at, &table->atroom, (row + 1) * table->textwidth, sizeof *at);
  if (at)
    table->at = at;
  if (!text || !at)
    return GSL_ENOMEM;
  at[row * table->textwidth + place] = table->ntext;
  if (length)
    memcpy (text + table->ntext, cell.begin, length);
  text[table->ntext + length] = '\0';
  table->ntext += length + 1;
  return GSL_SUCCESS;
}

int
elbo_table_mark_row (elbo_table *table, size_t line, size_t number)
{
  const elbo_stretch *last = table->nstretch ? table->stretch + table->nstretch - 1 : NULL;
  elbo_stretch *stretch;

  /* numbers grow no faster than lines and no slower than rows */
  if (last && line - last->line == table->nrow - last->row)
    return GSL_SUCCESS;
  stretch = elbo_grow (table->stretch, &table->stretchroom, table->nstretch + 1, sizeof *stretch);
  if (!stretch)
    return GSL_ENOMEM;
  table->stretch = stretch;
  stretch[table->nstretch++] = (elbo_stretch){ table->nrow, line, number };
  return GSL_SUCCESS;
}

int
elbo_table_keep_row (elbo_table *table, double *block)
{
  for (size_t i = 0; i < table->nactive; i++)
    {
      elbo_table_column *column = table->column + table->active[i];
      double value;
      if (column->role != ELBO_ROLE_LEVEL)
        continue;
      value = block[column->place * ELBO_TILE + table->nrow % ELBO_TILE];
      if (!isnan (value))
        column->levels.level[(size_t)value].count++;
    }
  if (elbo_table_mark_row (table, table->records.first, table->number))
    return GSL_ENOMEM;
  table->nrow++;
  return GSL_SUCCESS;
}

static int
take_row (elbo_table *table, double *block)
{
  const elbo_cell *cell = table->records.cell;
  size_t text = table->ntext, lane = table->nrow % ELBO_TILE;
  int drop = 0;

  for (size_t i = 0; i < table->nactive; i++)
    {
      size_t d = table->active[i];
      elbo_table_column *column = table->column + d;
      double value;
      elbo_cell_fate found;
      if (column->role == ELBO_ROLE_TEXT)
        {
          if (elbo_table_add_text (table, table->nrow, column->place, cell[d]))
            return GSL_ENOMEM;
          continue;
        }
      found = column->role == ELBO_ROLE_NUMBER ? number_cell (table, d, cell[d], &value)
                                               : level_cell (table, d, cell[d], &value);
      if (found == ELBO_CELL_REFUSED)
        return column->role == ELBO_ROLE_NUMBER ? ELBO_EDATA : GSL_ENOMEM;
      if (found == ELBO_CELL_MISSING)
        {
          if (table->option.missing == ELBO_MISSING_ERROR)
            return elbo_table_refuse_missing (table, d, cell[d]);
          column->missing++;
          drop |= table->option.missing == ELBO_MISSING_DROP;
          value = NAN;
        }
      block[column->place * ELBO_TILE + lane] = value;
    }
  if (!drop)
    return elbo_table_keep_row (table, block);
  table->ndropped++;
  table->ntext = text;
  return GSL_SUCCESS;
}

/* Code the levels by their sorted order, in the rows as well. */
static int
sort_levels (elbo_table *table, elbo_table_column *column)
{
  size_t *rank = elbo_room (column->levels.n, sizeof *rank);
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
    if (table->column[table->active[i]].role == ELBO_ROLE_LEVEL)
      status = sort_levels (table, table->column + table->active[i]);
  table->nkept += table->nrow;
  if (status || table->nrow)
    return status;
  elbo_show_file (file, sizeof file, elbo_table_file (table));
  if (table->nkept == 0 && table->ndropped)
    return elbo_fail (ELBO_EDATA, "%s: all %zu rows have missing cells; --missing=drop leaves none",
                      file, table->ndropped);
  return elbo_fail (ELBO_END, "%s: no more rows", file);
}

int
elbo_table_read (elbo_table *table, size_t limit)
{
  elbo_records *records = &table->records;
  double *block = NULL;
  size_t held = (size_t)-1; /* number of the block that `block` is */
  elbo_chunks chunks = { 0, 0 };
  int status = GSL_SUCCESS, fast;

  if (!table->begun && (status = begin (table)))
    return status;
  place (table);
  table->nrow = table->ntext = table->nstretch = 0;
  if (table->npy.size)
    return (status = elbo_npy_read (table, limit)) ? status : finish (table);
  fast = limit == 0 && elbo_chunks_apply (table);
  while (!limit || table->nrow < limit)
    {
      if (fast && elbo_records_place (records) >= chunks.careful)
        {
          if ((status = elbo_chunks_read (table, &chunks)))
            return status;
          held = (size_t)-1;
        }
      if ((status = elbo_records_next (records)))
        break;
      table->number++;
      if (records->ncell != table->ncolumn)
        {
          if (!table->option.ragged_drop)
            return elbo_table_refuse_ragged (table);
          table->nragged++;
          continue;
        }
      if (table->store.width && table->nrow / ELBO_TILE != held)
        {
          held = table->nrow / ELBO_TILE;
          if (!(block = elbo_store_block (&table->store, table->nrow)))
            return GSL_ENOMEM;
        }
      if ((status = take_row (table, block)))
        return status;
    }
  return status && status != ELBO_END ? status : finish (table);
}
