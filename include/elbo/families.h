/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of families and latent structures; add a line to add one. */
#ifndef ELBO_FAMILIES_H
#define ELBO_FAMILIES_H

#include <elbo/factor.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ELBO_FAMILY_LIST(ENTRY) \
  ENTRY (gauss_full) \
  ENTRY (gauss_tied) \
  ENTRY (gauss_diag) \
  ENTRY (gauss_iso) \
  ENTRY (bernoulli) \
  ENTRY (poisson) \
  ENTRY (categorical)
#define ELBO_LATENT_LIST(ENTRY) \
  ENTRY (mixture_dirichlet) \
  ENTRY (mixture_fixed) \
  ENTRY (mixture_stick) \
  ENTRY (mixture_stick_closed)

/* Pointers, so that no program holds a copy whose size is frozen. */
#define ELBO_DECLARE_FAMILY(name) extern const elbo_family *const elbo_##name;
#define ELBO_DECLARE_LATENT(name) extern const elbo_latent *const elbo_##name;
ELBO_FAMILY_LIST (ELBO_DECLARE_FAMILY)
ELBO_LATENT_LIST (ELBO_DECLARE_LATENT)
#undef ELBO_DECLARE_FAMILY
#undef ELBO_DECLARE_LATENT

/* Find a family ("gauss_full") or a latent structure ("mixture_dirichlet", "dp") by the name that
   it bears; NULL when there is none. */
const elbo_family *elbo_family_find (const char *name);
const elbo_latent *elbo_latent_find (const char *name);

/* Walk the registries: entry i, or NULL past the end. */
const elbo_family *elbo_family_at (size_t i);
const elbo_latent *elbo_latent_at (size_t i);

#ifdef __cplusplus
}
#endif

#endif
