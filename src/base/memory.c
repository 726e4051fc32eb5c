/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for vectors: sizes are checked before they are multiplied, memory is aligned for the
   kernels and zeroed. */
#include <config.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"

enum
{
  ALIGN = 64
};

size_t
elbo_times (size_t a, size_t b)
{
  if (a != 0 && b > SIZE_MAX / a)
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu times %zu items", a, b);
      return 0;
    }
  return a * b;
}

double *
elbo_doubles (size_t count)
{
  size_t bytes = elbo_times (count ? count : 1, sizeof (double));
  if (bytes == 0)
    return NULL;
  if (bytes > SIZE_MAX - ALIGN)
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu bytes", bytes);
      return NULL;
    }
  bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
  double *v = aligned_alloc (ALIGN, bytes);
  if (v)
    memset (v, 0, bytes);
  else
    elbo_fail (GSL_ENOMEM, "out of memory: %zu bytes", bytes);
  return v;
}

void *
elbo_calloc (size_t count, size_t size)
{
  const size_t n = count ? count : 1;
  void *items = elbo_times (n, size) > 0 ? calloc (n, size) : NULL;
  if (!items)
    elbo_fail (GSL_ENOMEM, "out of memory: %zu items of %zu bytes", count, size);
  return items;
}
