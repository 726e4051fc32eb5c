/* store.c -- rows in blocks of ELBO_TILE rows, feature-major in a block.

   The blocks stand in chunks, each an eighth of all before it but 64 MiB at most.  Growing copies
   nothing, and handing the rows over (elbo_table_release) frees each chunk as soon as it is copied:
   the pages of the new array come into being as they are written, so the peak is the data and one
   chunk.  Chunks of that size are mapped by malloc and go back to the system at once. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "data/data.h"

/* Room for doubles.  Where it is large, in pages of 2 MiB if the system has them: the faults of
   small ones took a tenth of the time of reading a file. */
static double *
room_for (size_t bytes)
{
  const size_t page = (size_t) 1 << 21;
  void *room;

  if (posix_memalign (&room, bytes >= 2 * page ? page : 64, bytes))
    return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * page)
    (void) madvise (room, bytes / page * page, MADV_HUGEPAGE);
#endif
  return room;
}

static const size_t small = (size_t) 1 << 18, large = (size_t) 1 << 26;

static size_t
chunk_blocks (const elbo_store *store)
{
  size_t block = store->width * ELBO_TILE * sizeof (double);
  size_t bytes = store->nblock * block / 8;

  bytes = bytes < small ? small : bytes > large ? large : bytes;
  return bytes < block ? 1 : bytes / block;
}

static int
add_chunk (elbo_store *store)
{
  size_t room = store->room, same = room, blocks = chunk_blocks (store), bytes;
  double **chunk = elbo_grow (store->chunk, &room, store->nchunk + 1, sizeof *chunk);
  size_t *first;

  if (!chunk)
    return GSL_ENOMEM;
  store->chunk = chunk;
  if (!(first = elbo_grow (store->first, &same, store->nchunk + 1, sizeof *first)))
    return GSL_ENOMEM;
  store->first = first;
  store->room = room;
  if (!(bytes = elbo_times (blocks * ELBO_TILE, store->width * sizeof (double))))
    return GSL_ENOMEM;
  if (!(chunk[store->nchunk] = room_for (bytes)))
    return elbo_fail (GSL_ENOMEM, "out of memory: %zu rows read so far",
                      store->nblock * ELBO_TILE);
  first[store->nchunk++] = store->nblock;
  store->nblock += blocks;
  return GSL_SUCCESS;
}

double *
elbo_store_find (const elbo_store *store, size_t row)
{
  size_t block = row / ELBO_TILE, low = 0, high = store->nchunk;

  while (high - low > 1)
    {
      size_t middle = (low + high) / 2;
      if (store->first[middle] <= block)
        low = middle;
      else
        high = middle;
    }
  return store->chunk[low] + (block - store->first[low]) * store->width * ELBO_TILE;
}

double *
elbo_store_block (elbo_store *store, size_t row)
{
  if (row / ELBO_TILE >= store->nblock && add_chunk (store))
    return NULL;
  return elbo_store_find (store, row);
}

void
elbo_store_free (elbo_store *store)
{
  for (size_t c = 0; c < store->nchunk; c++)
    free (store->chunk[c]);
  free (store->chunk);
  free (store->first);
  memset (store, 0, sizeof *store);
}

static int
refuse_weight (const elbo_table *table, size_t column, size_t row, double value)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW];

  elbo_show_file (file, sizeof file, elbo_table_file (table));
  elbo_show_name (name, sizeof name, table->column[column].name);
  if (isnan (value))
    return elbo_fail (ELBO_EDATA, "%s:%zu: missing weight in column '%s'\n"
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

/* Move the chunks to x and to a store of the columns that stay. */
static int
move (elbo_table *table, const size_t *place, size_t ncolumn, const size_t *stay, elbo_store *rest,
      double *x)
{
  elbo_store *store = &table->store;
  size_t nblock = (table->nrow + ELBO_TILE - 1) / ELBO_TILE, tile = ELBO_TILE * sizeof (double);

  for (size_t b = 0, c = 0; b < nblock; b++)
    {
      const double *from = elbo_store_find (store, b * ELBO_TILE);
      size_t n = b + 1 < nblock ? ELBO_TILE : table->nrow - b * ELBO_TILE;
      for (size_t j = 0; j < ncolumn; j++)
        {
          double *to = x + (b * ncolumn + j) * ELBO_TILE;
          memcpy (to, from + place[j] * ELBO_TILE, tile);
          memset (to + n, 0, (ELBO_TILE - n) * sizeof (double));
        }
      if (rest->width)
        {
          double *to = elbo_store_block (rest, b * ELBO_TILE);
          if (!to)
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

static int
check_columns (const elbo_table *table, const size_t *column, size_t ncolumn, size_t weight)
{
  if (table->nrow == 0 || ncolumn == 0)
    return elbo_fail (GSL_EINVAL, "no rows or no columns to take");
  for (size_t j = 0; j < ncolumn + (weight != (size_t) -1); j++)
    {
      const size_t d = j < ncolumn ? column[j] : weight;
      const elbo_table_column *c = d < table->ncolumn ? table->column + d : NULL;
      if (!c || c->place == (size_t) -1
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
    table->column[column[j]].place = (size_t) -1;
  if (weight != (size_t) -1)
    table->column[weight].place = (size_t) -1;
  for (size_t i = 0; i < table->nactive; i++)
    {
      elbo_table_column *c = table->column + table->active[i];
      if (c->role == ELBO_ROLE_TEXT || c->place == (size_t) -1)
        continue;
      stay[rest->width] = c->place;
      c->place = rest->width++;
    }
}

int
elbo_table_release (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight,
                    double **x, double **w, size_t *n)
{
  size_t nblock = (table->nrow + ELBO_TILE - 1) / ELBO_TILE, *place = NULL, *stay = NULL, bytes;
  elbo_store rest = { 0 };
  int status = check_columns (table, column, ncolumn, weight);

  *x = *w = NULL;
  if (status)
    return status;
  status = ELBO_EDATA;
  if (weight != (size_t) -1
      && !(*w = weights (table, weight, nblock * ELBO_TILE * sizeof (double))))
    return status;
  status = GSL_ENOMEM;
  place = elbo_room (ncolumn, sizeof *place);
  stay = elbo_room (table->ncolumn, sizeof *stay);
  bytes = elbo_times (elbo_times (nblock * ELBO_TILE, ncolumn), sizeof (double));
  if (!place || !stay || bytes == 0)
    goto done;
  if (!(*x = room_for (bytes)))
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu rows of %zu columns", table->nrow, ncolumn);
      goto done;
    }
  for (size_t j = 0; j < ncolumn; j++)
    place[j] = table->column[column[j]].place;
  renumber (table, column, ncolumn, weight, stay, &rest);
  status = move (table, place, ncolumn, stay, &rest, *x);
  elbo_store_free (&table->store);
  table->store = rest;
  *n = table->nrow;
done:
  free (place);
  free (stay);
  if (status)
    {
      free (*x);
      free (*w);
      *x = *w = NULL;
    }
  return status;
}
