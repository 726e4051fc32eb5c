/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a table in NumPy's format.

   In Fortran order the first row is known when the last column begins, so all cells are in memory
   before a row is read.  Integers become doubles; those above 2^53 are rounded. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "data/decimal.h"

enum
{
  TEXT = 40
};

/* The bytes of a cell, the lowest first, whatever the machine does. */
static uint64_t
word_at (const char *p, size_t size)
{
  const unsigned char *b = (const unsigned char *)p;
  uint64_t word = 0;

#if ELBO_DECIMAL_WORDS
  if (size == 8)
    {
      memcpy (&word, p, 8);
      return word;
    }
#endif
  while (size-- > 0)
    word = word << 8 | b[size];
  return word;
}

static double
integer (uint64_t word, char type, size_t size)
{
  const uint64_t sign = UINT64_C (1) << (8 * size - 1);

  if (type != 'i' || !(word & sign))
    return (double)word;
  return -(double)((~word & (sign - 1)) + 1);
}

double
elbo_npy_cell (const elbo_npy *npy, const char *cell)
{
  const uint64_t word = word_at (cell, npy->size);
  const uint32_t half = (uint32_t)word;
  double value;
  float single;

  if (npy->type != 'f')
    return npy->type == 'b' ? word != 0 : integer (word, npy->type, npy->size);
  if (npy->size == 4)
    {
      memcpy (&single, &half, sizeof single);
      return single;
    }
  memcpy (&value, &word, sizeof value);
  return value;
}

const char *
elbo_npy_find (const elbo_table *table, size_t ahead, size_t column)
{
  const elbo_npy *npy = &table->npy;
  const elbo_records *records = &table->records;
  const size_t at
      = npy->fortran ? column * npy->nrow + npy->row + ahead : ahead * table->ncolumn + column;

  return at < (records->fill - records->pos) / npy->size
             ? records->buf + records->pos + at * npy->size
             : NULL;
}

/* The shortest text that comes back as the value, as cells of role LEVEL and TEXT have it. */
static elbo_cell
text_of (const elbo_npy *npy, double value, char text[TEXT])
{
  const int single = npy->size == 4;
  int n = 0;

  if (npy->type != 'f')
    return (elbo_cell){ text, text + snprintf (text, TEXT, "%.0f", value) };

  for (int digits = 1; digits <= 17; digits++)
    {
      double back;
      n = snprintf (text, TEXT, "%.*g", digits, value);
      back = strtod (text, NULL);
      if (back == value || (single && (float)back == (float)value))
        break;
    }
  for (int i = 0; i < n; i++) /* the mark of the locale */
    if (!isalnum ((unsigned char)text[i]) && text[i] != '-' && text[i] != '+')
      text[i] = '.';
  return (elbo_cell){ text, text + n };
}

static int
refuse_cell (const elbo_table *table, size_t column, const char *what)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW];
  return elbo_fail (ELBO_EDATA, "%s: row %zu: column '%s': %s",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    table->npy.row + 1,
                    elbo_show_name (name, sizeof name, table->column[column].name), what);
}

/* The code of a level. */
static int
code_of (elbo_table *table, size_t d, elbo_cell text, double *value, int *drop)
{
  elbo_table_column *column = table->column + d;
  const size_t code = column->fixed ? elbo_levels_find (&column->levels, text, '.')
                                    : elbo_levels_code (&column->levels, text, '.');

  *value = (double)code;
  if (code != (size_t)-1)
    return GSL_SUCCESS;
  if (!column->fixed)
    return GSL_ENOMEM;
  table->records.first = table->npy.row + 1;
  *drop = column->drop_new;
  return *drop ? GSL_SUCCESS : elbo_table_refuse_level (table, d, text);
}

/* Read the active cells of the next row into a lane of the block. */
static int
read_row (elbo_table *table, double *lane, int *missing, int *drop)
{
  const elbo_npy *npy = &table->npy;

  for (size_t i = 0; i < table->nactive; i++)
    {
      const size_t d = table->active[i];
      elbo_table_column *column = table->column + d;
      double value = elbo_npy_cell (npy, elbo_npy_find (table, 0, d));
      char text[TEXT];
      if (isinf (value))
        return refuse_cell (table, d, "infinite value; mixtures need finite numbers");
      if (column->text != (size_t)-1
          && elbo_table_add_text (table, table->nrow, column->text, text_of (npy, value, text)))
        return GSL_ENOMEM;
      if (column->role == ELBO_ROLE_TEXT)
        continue;
      if (isnan (value) || (table->marks.nnumber && elbo_marks_number (&table->marks, value)))
        {
          if (table->option.missing == ELBO_MISSING_ERROR)
            return refuse_cell (table, d, "missing value\nto leave such rows out: --missing=drop");
          column->missing++;
          *missing = 1;
          value = NAN;
        }
      else if (column->role == ELBO_ROLE_LEVEL)
        {
          const int status = code_of (table, d, text_of (npy, value, text), &value, drop);
          if (status != GSL_SUCCESS)
            return status;
        }
      lane[column->place * ELBO_TILE] = value;
    }
  return GSL_SUCCESS;
}

/* Make the next row stand in the buffer: all of them in Fortran order. */
static int
fetch_row (elbo_table *table)
{
  elbo_records *records = &table->records;
  const size_t row = table->ncolumn * table->npy.size;
  const size_t bytes = table->npy.fortran ? table->npy.nrow * row : row;
  char file[ELBO_SHOW_FILE];
  int status = records->fill - records->pos < bytes ? elbo_records_fill (records, bytes) : 0;

  if (status || records->fill - records->pos >= bytes)
    return status;
  return elbo_fail (ELBO_EDATA,
                    "%s: the NumPy file is cut off: %zu rows where the header promises %zu",
                    elbo_show_file (file, sizeof file, elbo_source_file (records->source)),
                    table->npy.row + (records->fill - records->pos) / row, table->npy.nrow);
}

/* Behind the last row nothing may come; and the digest is that of all bytes. */
static int
check_end (elbo_table *table)
{
  elbo_records *records = &table->records;
  const size_t bytes = table->npy.fortran ? table->npy.nrow * table->ncolumn * table->npy.size : 0;
  char file[ELBO_SHOW_FILE];
  const int status = elbo_records_fill (records, bytes + 1);

  if (status || records->fill - records->pos == bytes)
    return status;
  return elbo_fail (ELBO_EDATA, "%s: something follows the NumPy array",
                    elbo_show_file (file, sizeof file, elbo_source_file (records->source)));
}

/* The next n rows are read. */
static void
step (elbo_table *table, size_t n)
{
  if (!table->npy.fortran)
    table->records.pos += n * table->ncolumn * table->npy.size;
  table->records.first = table->npy.row += n;
  table->number += n;
}

/* Are all cells numbers that nothing but their being finite decides about? */
static int
is_plain (const elbo_table *table)
{
  size_t i = 0;

  while (i < table->nactive && table->column[table->active[i]].role == ELBO_ROLE_NUMBER
         && !table->column[table->active[i]].needed)
    i++;
  return i == table->nactive && table->marks.nnumber == 0;
}

/* Read the rows of a whole block at once, *taken = 1; 0 when one is for the careful reader, who then
   writes over what stands in the block. */
static int
take_block (elbo_table *table, double *block, int *taken)
{
  const elbo_npy *npy = &table->npy;
  elbo_records *records = &table->records;
  const size_t row = table->ncolumn * npy->size, bytes = npy->fortran ? 0 : row * ELBO_TILE;
  const size_t stride = npy->fortran ? npy->size : row;
  int status = records->fill - records->pos < bytes ? elbo_records_fill (records, bytes) : 0,
      odd = 0;

  *taken = 0;
  if (status || records->fill - records->pos < bytes)
    return status;
  for (size_t i = 0; i < table->nactive && !odd; i++)
    {
      const char *from = elbo_npy_find (table, 0, table->active[i]);
      double *lane = block + table->column[table->active[i]].place * ELBO_TILE;
      for (size_t r = 0; r < ELBO_TILE; r++)
        {
          lane[r] = elbo_npy_cell (npy, from + r * stride);
          odd |= !isfinite (lane[r]);
        }
    }
  if (odd || (status = elbo_table_mark_row (table, npy->row + 1, table->number + 1)))
    return status;
  *taken = 1;
  step (table, ELBO_TILE);
  table->nrow += ELBO_TILE;
  return GSL_SUCCESS;
}

int
elbo_npy_read (elbo_table *table, size_t limit)
{
  const int plain = limit == 0 && is_plain (table);
  double *block = NULL;
  int status;

  /* the header of a stream may promise anything; that of a file was held against its size */
  if (limit == 0 && !table->npy.stream && table->store.width && table->store.nblock == 0)
    elbo_store_expect (&table->store, table->npy.nrow);
  while (table->npy.row < table->npy.nrow && (!limit || table->nrow < limit))
    {
      const size_t text = table->ntext;
      int missing = 0, drop = 0, taken = 0;
      if ((status = fetch_row (table)))
        return status;
      if (table->store.width && (!block || table->nrow % ELBO_TILE == 0)
          && !(block = elbo_store_block (&table->store, table->nrow)))
        return GSL_ENOMEM;
      if (plain && table->nrow % ELBO_TILE == 0 && table->npy.nrow - table->npy.row >= ELBO_TILE
          && ((status = take_block (table, block, &taken)) || taken))
        {
          if (status)
            return status;
          continue;
        }
      if ((status
           = read_row (table, block ? block + table->nrow % ELBO_TILE : NULL, &missing, &drop)))
        return status;
      step (table, 1);
      table->nincomplete += (size_t)missing;
      if (drop || (missing && table->option.missing == ELBO_MISSING_DROP))
        {
          table->ndropped++;
          table->ntext = text;
        }
      else if ((status = elbo_table_keep_row (table, block)))
        return status;
    }
  return table->npy.row == table->npy.nrow ? check_end (table) : GSL_SUCCESS;
}
