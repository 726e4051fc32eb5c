/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays that grow, and copies of text. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include "data/data.h"

void *
elbo_grow (void *old, size_t *room, size_t need, size_t size)
{
  size_t more = *room < 16 ? 16 : *room;
  void *grown;

  if (need <= *room)
    return old;
  while (more < need && more <= SIZE_MAX / 2)
    more *= 2;
  if (more < need || more > SIZE_MAX / size || !(grown = realloc (old, more * size)))
    {
      elbo_fail (GSL_ENOMEM, "out of memory");
      return NULL;
    }
  *room = more;
  return grown;
}

char *
elbo_copy (const char *text, size_t length)
{
  char *copy = elbo_calloc (length + 1, 1);

  if (copy && length)
    memcpy (copy, text, length);
  return copy;
}
