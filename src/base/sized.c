/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures whose size a program and the library may see differently: what both know is copied. */
#include <config.h>
#include <string.h>
#include "base/base.h"

/* A size above this is a number that nobody set. */
enum
{
  MOST = 4096
};

int
elbo_sized_read (void *to, size_t known, const void *from, const char *what)
{
  size_t size;
  memcpy (&size, from, sizeof size);
  if (size < sizeof size || size > MOST)
    return elbo_fail (GSL_EINVAL, "%s begin with a size of %zu: set them with %s_init", what, size,
                      what);
  memcpy (to, from, size < known ? size : known);
  memcpy (to, &known, sizeof known);
  return GSL_SUCCESS;
}

void
elbo_sized_fill (void *options, size_t size, const void *defaults, size_t known)
{
  if (!options || size < sizeof size)
    return;
  elbo_copy_sized (options, size, defaults, known);
  memcpy (options, &size, sizeof size);
}

void
elbo_copy_sized (void *to, size_t room, const void *from, size_t size)
{
  memset (to, 0, room);
  memcpy (to, from, size < room ? size : room);
}
