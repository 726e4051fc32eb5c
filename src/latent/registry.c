/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The latent structures by number and by name. */
#include <config.h>

#include <string.h>
#include <elbo/families.h>
#include "base/base.h"

#define ENTRY(name) &elbo_##name,
static const elbo_latent *const *const latent[] = { ELBO_LATENT_LIST (ENTRY) };
#undef ENTRY

const elbo_latent *
elbo_latent_at (size_t i)
{
  return i < sizeof latent / sizeof *latent ? *latent[i] : NULL;
}

const elbo_latent *
elbo_latent_find (const char *name)
{
  if (elbo_check_given (name != NULL, "the name of a latent structure") != GSL_SUCCESS)
    return NULL;
  for (size_t i = 0; i < sizeof latent / sizeof *latent; i++)
    if (strcmp ((*latent[i])->base->name, name) == 0)
      return *latent[i];
  return NULL;
}
