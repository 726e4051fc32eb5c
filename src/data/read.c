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
level_cell (elbo_table *table, size_t column, elbo_cell cell, double *value)
{
  size_t code;

  if (elbo_marks_text (&table->marks, cell))
    return ELBO_CELL_MISSING;
  code = elbo_levels_code (&table->column[column].levels, cell, table->option.decimal);
  *value = (double)code;
  return code == (size_t)-1 ? ELBO_CELL_REFUSED : ELBO_CELL_PRESENT;
}

static int
take_row (elbo_table *table, double *block)
{
  const elbo_cell *cell = table->records.cell;
  size_t text = table->ntext, incomplete = 0, lane = table->nrow % ELBO_TILE;
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
          incomplete = 1;
          drop |= table->option.missing == ELBO_MISSING_DROP;
          value = NAN;
        }
      block[column->place * ELBO_TILE + lane] = value;
    }
  table->nincomplete += incomplete;
  if (!drop)
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
  const int fast = limit == 0 && elbo_chunks_apply (table);
  int status = GSL_SUCCESS;

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
  return status == ELBO_END ? GSL_SUCCESS : status;
}
