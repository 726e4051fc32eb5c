/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A start that is a fit with one component more or less: its responsibilities, of which some rows
   leave their component or two components are one. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* The rows of a set leave component `from`, or all of them, for the new one, which is the last. */
static void
move_rows (const elbo_child *child, const elbo_tile *tile, size_t ncomp, double *resp)
{
  double *new = resp + (ncomp - 1) * ELBO_TILE;
  memset (new, 0, ELBO_TILE * sizeof *new);
  for (size_t i = 0; i < tile->n; i++)
    {
      const size_t row = tile->first + i;
      if (!(child->rows[row / 64] >> row % 64 & 1))
        continue;
      for (size_t k = 0; k + 1 < ncomp; k++)
        if (k == child->from || child->from == ncomp - 1)
          {
            new[i] += resp[k * ELBO_TILE + i];
            resp[k * ELBO_TILE + i] = 0;
          }
    }
}

/* Component `from` joins `into`; the last of all [ncomp + 1] takes its place. */
static void
join (const elbo_child *child, size_t ncomp, double *resp)
{
  double *from = resp + child->from * ELBO_TILE, *into = resp + child->into * ELBO_TILE;
  for (size_t i = 0; i < ELBO_TILE; i++)
    into[i] += from[i];
  if (child->from != ncomp)
    memcpy (from, resp + ncomp * ELBO_TILE, ELBO_TILE * sizeof *from);
}

/* The responsibilities of the fit in w->score. */
static int
explain (const elbo_child *child, elbo_tile tile, elbo_workspace *w)
{
  const elbo_model *m = child->model;
  double *ignored = elbo_doubles (m->part->nstat);
  int status = ignored ? elbo_workspace_init (m, w) : GSL_ENOMEM;
  tile.weight = NULL;
  tile.scratch = w->scratch;
  tile.kernel = w->kernel;
  if (status == GSL_SUCCESS)
    status = elbo_explain_tile (m, &tile, w, ignored);
  free (ignored);
  return status;
}

static int
assign_child (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const elbo_child *child = start->state;
  elbo_workspace w = { NULL, NULL, NULL, NULL, NULL };
  const int status = explain (child, *tile, &w);
  if (status == GSL_SUCCESS && !child->rows)
    join (child, ncomp, w.score);
  if (status == GSL_SUCCESS)
    memcpy (resp, w.score, (child->rows ? ncomp - 1 : ncomp) * ELBO_TILE * sizeof *resp);
  if (status == GSL_SUCCESS && child->rows)
    move_rows (child, tile, ncomp, resp);
  elbo_workspace_clear (&w);
  return status;
}

elbo_start *
elbo_start_child (const elbo_child *child, size_t nrow)
{
  const size_t ncomp = child->model->ncomp;
  return elbo_start_new ((elbo_start){ .name = child->rows ? "split" : "merge",
                                       .n = nrow,
                                       .ncomp = child->rows ? ncomp + 1 : ncomp - 1,
                                       .assign = assign_child,
                                       .state = (void *)child });
}
