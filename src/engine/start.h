/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a pass needs to know of a start. */
#ifndef ELBO_ENGINE_START_H
#define ELBO_ENGINE_START_H

#include <elbo/start.h>

struct elbo_start
{
  const char *name;
  size_t n, ncomp; /* rows and components that it is for; 0: any */
  /* Write the responsibilities of the rows of a tile, [K x ELBO_TILE], unweighted. */
  int (*assign) (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp);
  void (*release) (elbo_start *start); /* frees state; may be NULL */
  void *state;
  elbo_start_assign *own; /* the caller's function */
};

#endif
