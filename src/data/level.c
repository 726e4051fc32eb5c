/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The different texts of a column of categories. */
#include <config.h>

#include <float.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

/* FNV-1a, 64 bits. */
static uint64_t
hash_of (elbo_cell text)
{
  uint64_t hash = UINT64_C (14695981039346656037);

  for (const char *p = text.begin; p < text.end; p++)
    hash = (hash ^ (unsigned char)*p) * UINT64_C (1099511628211);
  return hash ^ hash >> 32;
}

/* Enter all levels in a table of nslot places, a power of two. */
static int
enter (elbo_levels *levels, size_t nslot)
{
  size_t *slot = elbo_calloc (nslot, sizeof *slot);

  if (!slot)
    return GSL_ENOMEM;
  for (size_t l = 0; l < levels->n; l++)
    {
      size_t at = levels->level[l].hash & (nslot - 1);
      while (slot[at])
        at = (at + 1) & (nslot - 1);
      slot[at] = l + 1;
    }
  free (levels->slot);
  levels->slot = slot;
  levels->nslot = nslot;
  return GSL_SUCCESS;
}

/* Read a text as a number, if it is one. */
static void
number_of (elbo_level *level, elbo_cell text, char decimal)
{
  int digits = 0;

  level->number = elbo_number (text.begin, text.end, decimal, &level->value) == ELBO_NUMBER_FINE;
  for (const char *p = text.begin; p < text.end; p++)
    digits += *p >= '0' && *p <= '9';
  level->exact = level->number && digits <= DBL_DIG;
}

static size_t
add (elbo_levels *levels, elbo_cell text, uint64_t hash, char decimal)
{
  elbo_level *level = elbo_grow (levels->level, &levels->room, levels->n + 1, sizeof *level), *new;

  if (!level)
    return (size_t)-1;
  levels->level = level;
  new = level + levels->n;
  memset (new, 0, sizeof *new);
  new->length = (size_t)(text.end - text.begin);
  new->hash = hash;
  number_of (new, text, decimal);
  if (!(new->text = elbo_copy (text.begin, new->length)))
    return (size_t)-1;
  return levels->n++;
}

/* The place of a text in the table, or the free one where it belongs. */
static size_t
slot_of (const elbo_levels *levels, elbo_cell text, uint64_t hash)
{
  const size_t n = (size_t)(text.end - text.begin);
  size_t at = hash & (levels->nslot - 1);

  for (; levels->slot[at]; at = (at + 1) & (levels->nslot - 1))
    {
      const elbo_level *level = levels->level + levels->slot[at] - 1;
      if (level->hash == hash && level->length == n && memcmp (level->text, text.begin, n) == 0)
        break;
    }
  return at;
}

size_t
elbo_levels_code (elbo_levels *levels, elbo_cell text, char decimal)
{
  const uint64_t hash = hash_of (text);
  size_t at, l;

  if (levels->n * 2 >= levels->nslot && enter (levels, levels->nslot ? 2 * levels->nslot : 32))
    return (size_t)-1;
  at = slot_of (levels, text, hash);
  if (levels->slot[at])
    return levels->slot[at] - 1;
  l = add (levels, text, hash, decimal);
  if (l != (size_t)-1)
    levels->slot[at] = l + 1;
  return l;
}

size_t
elbo_levels_find (const elbo_levels *levels, elbo_cell text, char decimal)
{
  const size_t at = slot_of (levels, text, hash_of (text));
  elbo_level level = { 0 };

  if (levels->slot[at])
    return levels->slot[at] - 1;
  number_of (&level, text, decimal);
  for (size_t l = 0; l < levels->n && level.exact; l++)
    if (levels->level[l].exact && levels->level[l].value == level.value)
      return l;
  return (size_t)-1;
}

/* Numbers by value, those alike the shortest first, then text by bytes; levels that do not occur
   last. */
static int
order (const void *a, const void *b)
{
  const elbo_level *p = a, *q = b;
  size_t n = p->length < q->length ? p->length : q->length;
  int sign;

  if (!p->count != !q->count)
    return p->count ? -1 : 1;
  if (p->number != q->number)
    return p->number ? -1 : 1;
  if (p->number && p->value != q->value)
    return p->value < q->value ? -1 : 1;
  if (p->exact != q->exact)
    return p->exact ? -1 : 1;
  if (p->exact && p->length != q->length)
    return p->length < q->length ? -1 : 1;
  sign = memcmp (p->text, q->text, n);
  return sign ? sign : (p->length > q->length) - (p->length < q->length);
}

/* Of levels in order, those that are one number become one, called as the first of them is. */
static void
unite (elbo_levels *levels, size_t *rank)
{
  size_t n = 0;

  for (size_t l = 0; l < levels->n; l++)
    {
      elbo_level *level = levels->level + l, *last = levels->level + n - (n > 0);
      if (n > 0 && last->exact && level->exact && last->value == level->value
          && !last->count == !level->count)
        {
          last->count += level->count;
          rank[level->id] = n - 1;
          free (level->text);
          continue;
        }
      rank[level->id] = n;
      levels->level[n++] = *level;
    }
  levels->n = n;
}

int
elbo_levels_sort (elbo_levels *levels, size_t *rank)
{
  for (size_t l = 0; l < levels->n; l++)
    levels->level[l].id = l;
  if (levels->n > 1)
    qsort (levels->level, levels->n, sizeof *levels->level, order);
  unite (levels, rank);
  while (levels->n && levels->level[levels->n - 1].count == 0)
    free (levels->level[--levels->n].text);
  return levels->nslot ? enter (levels, levels->nslot) : GSL_SUCCESS;
}

void
elbo_levels_free (elbo_levels *levels)
{
  for (size_t l = 0; l < levels->n; l++)
    free (levels->level[l].text);
  free (levels->level);
  free (levels->slot);
  memset (levels, 0, sizeof *levels);
}
