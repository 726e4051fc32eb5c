/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What model files and options call families, priors of the weights and methods. */
#include <config.h>
#include <string.h>
#include "file/file.h"

static const struct
{
  const char *name;
  const elbo_latent *const *latent;
} weights[] = { { "dirichlet", &elbo_mixture_dirichlet },
                { "equal", &elbo_mixture_fixed },
                { "dp", &elbo_mixture_stick },
                { "dp-truncated", &elbo_mixture_stick_closed } };

static const char *const method[] = { [ELBO_ML] = "em", [ELBO_MAP] = "map", [ELBO_VB] = "vb" };

enum
{
  NWEIGHTS = sizeof weights / sizeof *weights,
  NMETHOD = sizeof method / sizeof *method
};

const char *
elbo_covariance_name (const elbo_family *family)
{
  for (size_t i = 0; elbo_family_at (i); i++)
    if (elbo_family_at (i) == family)
      return family->structure;
  return NULL;
}

const elbo_family *
elbo_covariance_find (const char *name)
{
  if (elbo_check_given (name != NULL, "the name of a covariance") != GSL_SUCCESS)
    return NULL;
  for (size_t i = 0; elbo_family_at (i); i++)
    {
      const elbo_family *family = elbo_family_at (i);
      if (family->structure && strcmp (family->structure, name) == 0)
        return family;
    }
  return NULL;
}

const char *
elbo_weights_name (const elbo_latent *latent)
{
  for (size_t i = 0; i < NWEIGHTS; i++)
    if (*weights[i].latent == latent)
      return weights[i].name;
  return NULL;
}

const elbo_latent *
elbo_weights_find (const char *name)
{
  for (size_t i = 0; name && i < NWEIGHTS; i++)
    if (strcmp (weights[i].name, name) == 0)
      return *weights[i].latent;
  return elbo_latent_find (name);
}

const char *
elbo_method_name (elbo_method which)
{
  return (size_t)which < NMETHOD ? method[which] : NULL;
}

int
elbo_method_find (const char *name, elbo_method *which)
{
  if (!name || !which)
    return elbo_fail (GSL_EFAULT, "a method is found by a name, not a null pointer");
  for (size_t i = 0; i < NMETHOD; i++)
    if (strcmp (method[i], name) == 0)
      {
        *which = (elbo_method)i;
        return GSL_SUCCESS;
      }
  return elbo_fail (ELBO_ENAME, "no method '%s'", name);
}

const char *
elbo_type_name (const elbo_family *family)
{
  return elbo_covariance_name (family) ? "gaussian" : family->base->name;
}

const char *
elbo_doubt_name (elbo_doubt doubt)
{
  static const char *const name[]
      = { [ELBO_SOUND] = "", [ELBO_EMPTY] = "empty components", [ELBO_SPURIOUS] = "spurious" };
  return (size_t)doubt < sizeof name / sizeof *name ? name[doubt] : NULL;
}

const char *
elbo_json_version (void)
{
  return jansson_version_str ();
}
