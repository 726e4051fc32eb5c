/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows read hold in one column. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

/* A set of doubles: open addressing, half empty. */
typedef struct
{
  uint64_t *slot;
  int bits; /* 2^bits slots */
} set;

/* Room for every row of a short table, and for ELBO_DISTINCT + 1 values of a long one. */
static int
set_alloc (set *values, size_t rows)
{
  values->bits = 4;
  while (((size_t)1 << values->bits) / 2 <= (rows < ELBO_DISTINCT ? rows : ELBO_DISTINCT))
    values->bits++;
  return (values->slot = elbo_calloc ((size_t)1 << values->bits, sizeof *values->slot)) != NULL;
}

/* Enter a value; 1 when it is new. */
static int
enter (set *values, double value)
{
  uint64_t bits, at, *slot = values->slot;

  value += 0.0; /* -0 is 0 */
  memcpy (&bits, &value, sizeof bits);
  bits = ~bits; /* no finite number is all ones, so 0 marks an empty slot */
  at = bits * UINT64_C (0x9E3779B97F4A7C15) >> (64 - values->bits);
  while (slot[at] && slot[at] != bits)
    at = (at + 1) & (((uint64_t)1 << values->bits) - 1);
  if (slot[at])
    return 0;
  slot[at] = bits;
  return 1;
}

static void
add (elbo_column_summary *summary, set *values, double value)
{
  summary->min = summary->count ? fmin (summary->min, value) : value;
  summary->max = summary->count ? fmax (summary->max, value) : value;
  summary->whole &= value == floor (value);
  summary->count++;
  if (summary->distinct <= ELBO_DISTINCT)
    summary->distinct += (size_t)enter (values, value);
}

int
elbo_table_summary_sized (const elbo_table *table, size_t column, elbo_column_summary *result,
                          size_t size)
{
  enum
  {
    FEW = 5
  }; /* fewer rows than that may count by chance */
  set values;
  double sum[2] = { 0, 0 }, small[2] = { 0, 0 }, shift = 0;

  if (!table || !result)
    return elbo_fail (GSL_EFAULT, "a summary needs a table and a place for the result");
  if (column >= table->ncolumn || table->column[column].place == (size_t)-1
      || table->column[column].role == ELBO_ROLE_TEXT)
    return elbo_fail (GSL_EINVAL, "column %zu was not read as a number or a category", column + 1);
  if (!set_alloc (&values, table->nrow))
    return GSL_ENOMEM;
  elbo_column_summary known = { .whole = 1, .numbering = table->nrow >= FEW }, *summary = &known;
  for (size_t row = 0; row < table->nrow; row++)
    {
      double value = elbo_table_value (table, row, column);
      double number = (double)elbo_table_number (table, row);
      if (isnan (value))
        {
          summary->missing++;
          summary->numbering = 0;
          continue;
        }
      if (summary->count == 0)
        shift = number - value;
      summary->numbering &= (shift == 0 || shift == 1) && number - value == shift;
      add (summary, &values, value);
      elbo_sum_add (sum, value);
      elbo_sum_add (small, value * 0x1p-64); /* for sums above DBL_MAX */
    }
  free (values.slot);
  summary->mean = (sum[0] + sum[1]) / (double)summary->count;
  if (!isfinite (summary->mean))
    summary->mean = (small[0] + small[1]) / (double)summary->count * 0x1p64;
  if (summary->count == 0)
    {
      summary->min = summary->mean = summary->max = NAN;
      summary->whole = 0;
    }
  elbo_copy_sized (result, size, summary, sizeof *summary);
  return GSL_SUCCESS;
}
