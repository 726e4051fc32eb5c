/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records to rows, by the roles of the columns. */
#include <config.h>

#include <math.h>
#include "data/data.h"

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
level_cell (elbo_table *table, size_t d, elbo_cell cell, double *value)
{
  elbo_table_column *column = table->column + d;
  const elbo_cell_fate fate = elbo_table_level_cell (table, column, cell, value);
  size_t code;

  if (fate == ELBO_CELL_REFUSED)
    elbo_table_refuse_level (table, d, cell);
  if (fate != ELBO_CELL_PRESENT || column->fixed)
    return fate;
  code = elbo_levels_code (&column->levels, cell, table->option.decimal);
  *value = (double)code;
  return code == (size_t)-1 ? ELBO_CELL_REFUSED : ELBO_CELL_PRESENT;
}

/* Read a cell of role NUMBER or LEVEL into a lane of the block; *missing and *drop tell what it
   means for the row. */
static int
take_cell (elbo_table *table, size_t d, elbo_cell cell, double *lane, int *missing, int *drop)
{
  elbo_table_column *column = table->column + d;
  const int number = column->role == ELBO_ROLE_NUMBER;
  double value = NAN;
  const elbo_cell_fate found
      = number ? number_cell (table, d, cell, &value) : level_cell (table, d, cell, &value);

  if (found == ELBO_CELL_REFUSED)
    return number || column->fixed ? ELBO_EDATA : GSL_ENOMEM;
  if (found == ELBO_CELL_MISSING)
    {
      if (table->option.missing == ELBO_MISSING_ERROR)
        return elbo_table_refuse_missing (table, d, cell);
      column->missing++;
      *missing = 1;
      value = NAN;
    }
  *drop |= found == ELBO_CELL_UNKNOWN;
  lane[column->place * ELBO_TILE] = value;
  return GSL_SUCCESS;
}

static int
take_row (elbo_table *table, double *block)
{
  const elbo_cell *cell = table->records.cell;
  const size_t text = table->ntext, lane = table->nrow % ELBO_TILE;
  int drop = 0, missing = 0, status = GSL_SUCCESS;

  for (size_t i = 0; i < table->nactive && status == GSL_SUCCESS; i++)
    {
      const size_t d = table->active[i];
      const elbo_table_column *column = table->column + d;
      if (column->text != (size_t)-1)
        status = elbo_table_add_text (table, table->nrow, column->text, cell[d]);
      if (column->role != ELBO_ROLE_TEXT && status == GSL_SUCCESS)
        status = take_cell (table, d, cell[d], block + lane, &missing, &drop);
    }
  if (status != GSL_SUCCESS)
    return status;
  table->nincomplete += (size_t)missing;
  if (!drop && !(missing && table->option.missing == ELBO_MISSING_DROP))
    return elbo_table_keep_row (table, block);
  table->ndropped++;
  table->ntext = text;
  return GSL_SUCCESS;
}

int
elbo_text_read (elbo_table *table, size_t limit)
{
  elbo_records *records = &table->records;
  double *block = NULL;
  size_t held = (size_t)-1; /* number of the block that `block` is */
  elbo_chunks chunks = { 0, 0 };
  const int fast = elbo_chunks_apply (table);
  int status = GSL_SUCCESS;

  while (!limit || table->nrow < limit)
    {
      if (fast && elbo_records_place (records) >= chunks.careful)
        {
          if ((status = elbo_chunks_read (table, limit, &chunks)))
            return status;
          held = (size_t)-1;
          if (limit && table->nrow == limit)
            break;
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
  return status == ELBO_END ? GSL_SUCCESS : status;
}
