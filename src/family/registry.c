/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The component families by number and by name. */
#include <config.h>

#include <string.h>
#include <elbo/families.h>
#include "base/base.h"

#define ENTRY(name) &elbo_##name,
static const elbo_family *const *const family[] = { ELBO_FAMILY_LIST (ENTRY) };
#undef ENTRY

const elbo_family *
elbo_family_at (size_t i)
{
  return i < sizeof family / sizeof *family ? *family[i] : NULL;
}

const elbo_family *
elbo_family_find (const char *name)
{
  if (elbo_check_given (name != NULL, "the name of a family") != GSL_SUCCESS)
    return NULL;
  for (size_t i = 0; i < sizeof family / sizeof *family; i++)
    if (strcmp ((*family[i])->base->name, name) == 0)
      return *family[i];
  return NULL;
}
