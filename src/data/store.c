/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in blocks of ELBO_TILE rows, feature-major in a block.

   The blocks stand in chunks.  Where the number of rows can be guessed the first one takes them all:
   what is never written costs no memory.  Others are an eighth of all before them but 64 MiB at
   most.  Growing copies nothing. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "data/data.h"

/* In pages of 2 MiB where it is large, if the system has them: the faults of small ones took a
   tenth of the time of reading a file. */
double *
elbo_store_alloc (size_t bytes)
{
  const size_t page = (size_t)1 << 21;
  void *room;

  if (posix_memalign (&room, bytes >= 2 * page ? page : 64, bytes))
    return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * page)
    (void)madvise (room, bytes / page * page, MADV_HUGEPAGE);
#endif
  return room;
}

static const size_t small = (size_t)1 << 18, large = (size_t)1 << 26;

static size_t
chunk_blocks (const elbo_store *store)
{
  size_t block = store->width * ELBO_TILE * sizeof (double);
  size_t bytes = store->nblock * block / 8;

  bytes = bytes < small ? small : bytes > large ? large : bytes;
  return bytes < block ? 1 : bytes / block;
}

static int
add_chunk (elbo_store *store, size_t blocks)
{
  size_t room = store->room, same = room, bytes;
  double **chunk = elbo_grow (store->chunk, &room, store->nchunk + 1, sizeof *chunk);
  size_t *first;

  if (!chunk)
    return GSL_ENOMEM;
  store->chunk = chunk;
  if (!(first = elbo_grow (store->first, &same, store->nchunk + 1, sizeof *first)))
    return GSL_ENOMEM;
  store->first = first;
  store->room = room;
  bytes = elbo_times (blocks * ELBO_TILE, store->width * sizeof (double));
  if (bytes == 0 || !(chunk[store->nchunk] = elbo_store_alloc (bytes)))
    return GSL_ENOMEM;
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
  if (row / ELBO_TILE >= store->nblock && add_chunk (store, chunk_blocks (store)))
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu rows read so far", store->nblock * ELBO_TILE);
      return NULL;
    }
  return elbo_store_find (store, row);
}

void
elbo_store_expect (elbo_store *store, size_t nrow)
{
  const size_t blocks = nrow / ELBO_TILE + 1;

  if (store->nblock == 0 && blocks > chunk_blocks (store))
    (void)add_chunk (store, blocks); /* smaller ones will do */
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
