/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of families and latent structures; add a line to add one. */
#ifndef ELBO_FAMILIES_H
#define ELBO_FAMILIES_H

#include <elbo/factor.h>

#define ELBO_FAMILY_LIST(X) \
  X (gauss_full) \
  X (gauss_tied) X (gauss_diag) X (gauss_iso) X (bernoulli) X (categorical) X (poisson)
#define ELBO_LATENT_LIST(X) \
  X (mixture_dirichlet) X (mixture_fixed) X (mixture_stick) X (mixture_stick_closed)

#define X(name) extern const elbo_family elbo_##name;
ELBO_FAMILY_LIST (X)
#undef X
#define X(name) extern const elbo_latent elbo_##name;
ELBO_LATENT_LIST (X)
#undef X

/* Find a family or a latent structure by its name; NULL when there is none. */
const elbo_family *elbo_family_find (const char *name);
const elbo_latent *elbo_latent_find (const char *name);

/* Walk the registries: entry i, or NULL past the end. */
const elbo_family *elbo_family_at (size_t i);
const elbo_latent *elbo_latent_at (size_t i);

#endif
