/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a table: how a reader adds one, and what is known of those that are there. */
#include <config.h>

#include <math.h>
#include <string.h>
#include "data/data.h"

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

elbo_cell_fate
elbo_table_level_cell (const elbo_table *table, const elbo_table_column *column, elbo_cell cell,
                       double *value)
{
  /* what the model has as a level is not missing */
  const size_t code = column->fixed
                          ? elbo_levels_find (&column->levels, cell, table->option.decimal)
                          : (size_t)-1;

  if (code != (size_t)-1)
    {
      *value = (double)code;
      return ELBO_CELL_PRESENT;
    }
  if (elbo_marks_text (&table->marks, cell))
    return ELBO_CELL_MISSING;
  return !column->fixed     ? ELBO_CELL_PRESENT
         : column->drop_new ? ELBO_CELL_UNKNOWN
                            : ELBO_CELL_REFUSED;
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

double
elbo_table_value (const elbo_table *table, size_t row, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);

  if (!c || row >= table->nrow || c->place == (size_t)-1 || c->role == ELBO_ROLE_TEXT)
    return NAN;
  return elbo_store_find (&table->store, row)[c->place * ELBO_TILE + row % ELBO_TILE];
}

const char *
elbo_table_text (const elbo_table *table, size_t row, size_t column)
{
  const elbo_table_column *c = elbo_table_column_at (table, column);

  if (!c || row >= table->nrow || c->text == (size_t)-1)
    return "";
  return table->text + table->at[row * table->textwidth + c->text];
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
  if (!table || row >= table->nrow)
    return 0;
  const elbo_stretch *s = find_stretch (table, row);
  return s->line + (row - s->row);
}

size_t
elbo_table_number (const elbo_table *table, size_t row)
{
  if (!table || row >= table->nrow)
    return 0;
  const elbo_stretch *s = find_stretch (table, row);
  return s->number + (row - s->row);
}
