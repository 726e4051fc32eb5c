/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of some columns leave the table.

   A single chunk of the store becomes the array that is wanted, where it stands.  Several are
   copied, and each is freed as soon as it is: the pages of the new array come into being as they
   are written, so the peak is the data and one chunk.  Chunks of that size are mapped by malloc and
   go back to the system at once. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "data/data.h"

static int
refuse_weight (const elbo_table *table, size_t column, size_t row, double value)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW];

  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  elbo_show_name (name, sizeof name, table->column[column].name);
  if (isnan (value))
    return elbo_fail (ELBO_EDATA,
                      "%s:%zu: missing weight in column '%s'\n"
                      "to leave such rows out: --missing=drop",
                      file, elbo_table_line (table, row), name);
  return elbo_fail (ELBO_EDATA, "%s:%zu: weight %.15g in column '%s' is negative", file,
                    elbo_table_line (table, row), value, name);
}

/* Copy the weights, [nblock][ELBO_TILE], checked. */
static double *
weights (const elbo_table *table, size_t column, size_t bytes)
{
  double *w = aligned_alloc (64, bytes), total = 0;
  char name[ELBO_SHOW];

  if (!w)
    {
      elbo_fail (GSL_ENOMEM, "out of memory");
      return NULL;
    }
  memset (w, 0, bytes);
  for (size_t row = 0; row < table->nrow; row++)
    {
      double value = elbo_table_value (table, row, column);
      if (!(value >= 0))
        {
          refuse_weight (table, column, row, value);
          free (w);
          return NULL;
        }
      w[row] = value;
      total = fmax (total, value);
    }
  if (total > 0)
    return w;
  elbo_fail (ELBO_EDATA, "weights in column '%s' are all zero",
             elbo_show_name (name, sizeof name, table->column[column].name));
  free (w);
  return NULL;
}

/* Move the chunks to x and to a store of the columns that stay.  x may be the only chunk itself: no
   tile then comes to stand behind the place it comes from.  spare [width][ELBO_TILE] holds the tile
   that is moved, or is NULL where x is other memory, or is all that it shall be already. */
static int
move (elbo_table *table, const size_t *place, size_t ncolumn, const size_t *stay, elbo_store *rest,
      double *x, double *spare)
{
  elbo_store *store = &table->store;
  size_t nblock = (table->nrow + ELBO_TILE - 1) / ELBO_TILE, tile = ELBO_TILE * sizeof (double);

  for (size_t b = 0, c = 0; b < nblock; b++)
    {
      const double *from = elbo_store_find (store, b * ELBO_TILE);
      size_t n = b + 1 < nblock ? ELBO_TILE : table->nrow - b * ELBO_TILE;
      double *to = x + b * ncolumn * ELBO_TILE;
      if (spare)
        from = memcpy (spare, from, store->width * tile);
      for (size_t j = 0; j < ncolumn; j++, to += ELBO_TILE)
        {
          if (to != from + place[j] * ELBO_TILE)
            memcpy (to, from + place[j] * ELBO_TILE, tile);
          memset (to + n, 0, (ELBO_TILE - n) * sizeof (double));
        }
      if (rest->width)
        {
          if (!(to = elbo_store_block (rest, b * ELBO_TILE)))
            return GSL_ENOMEM;
          for (size_t j = 0; j < rest->width; j++)
            memcpy (to + j * ELBO_TILE, from + stay[j] * ELBO_TILE, tile);
        }
      for (; c + 1 < store->nchunk && store->first[c + 1] == b + 1; c++)
        {
          free (store->chunk[c]);
          store->chunk[c] = NULL;
        }
    }
  return GSL_SUCCESS;
}

/* Are the columns all that the store has, in its order? */
static int
is_whole (const elbo_store *store, const size_t *place, size_t ncolumn)
{
  size_t j = 0;

  while (j < ncolumn && place[j] == j)
    j++;
  return j == ncolumn && ncolumn == store->width;
}

/* The end of an array will not be needed any more: its pages can go. */
static void
give_back (double *x, size_t used, size_t bytes)
{
#ifdef MADV_DONTNEED
  const size_t page = (size_t)sysconf (_SC_PAGESIZE);
  const size_t begin = ((uintptr_t)x + used + page - 1) / page * page;
  const size_t end = ((uintptr_t)x + bytes) / page * page;

  if (begin < end)
    (void)madvise ((char *)x + (begin - (uintptr_t)x), end - begin, MADV_DONTNEED);
#else
  (void)x;
  (void)used;
  (void)bytes;
#endif
}

static int
check_columns (const elbo_table *table, const size_t *column, size_t ncolumn, size_t weight)
{
  if (table->nrow == 0 || ncolumn == 0)
    return elbo_fail (GSL_EINVAL, "no rows or no columns to take");
  for (size_t j = 0; j < ncolumn + (weight != (size_t)-1); j++)
    {
      const size_t d = j < ncolumn ? column[j] : weight;
      const elbo_table_column *c = elbo_table_column_at (table, d);
      if (!c || c->place == (size_t)-1
          || (c->role != ELBO_ROLE_NUMBER && c->role != ELBO_ROLE_LEVEL))
        return elbo_fail (GSL_EINVAL, "column %zu was not read as a number or a category", d + 1);
    }
  return GSL_SUCCESS;
}

/* Give the columns that stay their new places; stay [rest->width] their old ones. */
static void
renumber (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight, size_t *stay,
          elbo_store *rest)
{
  for (size_t j = 0; j < ncolumn; j++)
    table->column[column[j]].place = (size_t)-1;
  if (weight != (size_t)-1)
    table->column[weight].place = (size_t)-1;
  for (size_t i = 0; i < table->nactive; i++)
    {
      elbo_table_column *c = table->column + table->active[i];
      if (c->role == ELBO_ROLE_TEXT || c->place == (size_t)-1)
        continue;
      stay[rest->width] = c->place;
      c->place = rest->width++;
    }
}

int
elbo_table_release (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight,
                    double **x, double **w, size_t *n)
{
  elbo_store *store = &table->store, rest = { 0 };
  size_t nblock = (table->nrow + ELBO_TILE - 1) / ELBO_TILE, *place = NULL, *stay = NULL, bytes;
  const size_t block = store->width * ELBO_TILE * sizeof (double);
  const int stands = store->nchunk == 1 && ncolumn <= store->width;
  double *spare = NULL;
  int status = check_columns (table, column, ncolumn, weight);

  *x = *w = NULL;
  if (status)
    return status;
  status = ELBO_EDATA;
  if (weight != (size_t)-1 && !(*w = weights (table, weight, nblock * ELBO_TILE * sizeof (double))))
    return status;
  status = GSL_ENOMEM;
  place = elbo_calloc (ncolumn, sizeof *place);
  stay = elbo_calloc (table->ncolumn, sizeof *stay);
  bytes = elbo_times (elbo_times (nblock * ELBO_TILE, ncolumn), sizeof (double));
  if (!place || !stay || bytes == 0)
    goto done;
  for (size_t j = 0; j < ncolumn; j++)
    place[j] = table->column[column[j]].place;
  if (stands && !is_whole (store, place, ncolumn) && !(spare = elbo_calloc (block, 1)))
    goto done;
  if (!(*x = stands ? store->chunk[0] : elbo_store_alloc (bytes)))
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu rows of %zu columns", table->nrow, ncolumn);
      goto done;
    }
  renumber (table, column, ncolumn, weight, stay, &rest);
  status = move (table, place, ncolumn, stay, &rest, *x, spare);
  if (stands)
    {
      give_back (*x, bytes, store->nblock * block);
      store->chunk[0] = NULL;
    }
  elbo_store_free (store);
  table->store = rest;
  *n = table->nrow;
done:
  free (place);
  free (stay);
  free (spare);
  if (status)
    {
      free (*x);
      free (*w);
      *x = *w = NULL;
    }
  return status;
}
