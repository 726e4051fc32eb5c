/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches for several K that help each other: the best fits with one component less are split, those
   with one more are merged, and each such start races against the others.

   For each K at most ELBO_BEAM of the best fits that differ are kept.  A heat runs all its starts a few
   passes and carries the best of them to the end.  Up: base starts, then the children of the fits of
   K - 1; down again: those of K + 1, merged; and so on while some bound rises.  The same bits for any
   number of threads, since every start depends on the seed, its number and its parent alone. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

enum
{
  SHORT = 10,      /* passes of a heat */
  SHORT_MERGE = 5, /* of merged fits, which begin near an optimum */
  CARRY = 3,
  BASE_HEATS = 3, /* of so many base starts as the options say */
  ROUNDS = 3
};

/* A bound has risen when it did by more than this, nats. */
#define RAISED 0.01

int
elbo_ladder_make (elbo_ladder *ladder, size_t most)
{
  *ladder = (elbo_ladder){ .room = most };
  ladder->pool = elbo_calloc (most + 1, sizeof *ladder->pool);
  ladder->own = elbo_calloc (most + 1, sizeof *ladder->own);
  return ladder->pool && ladder->own ? GSL_SUCCESS : GSL_ENOMEM;
}

void
elbo_ladder_free (elbo_ladder *ladder)
{
  for (size_t k = 0; ladder->own && k <= ladder->room; k++)
    elbo_search_free (ladder->own[k]);
  free (ladder->pool);
  free (ladder->own);
}

/* --- heats --------------------------------------------------------------------------------------- */

static elbo_start *
make_child (const elbo_search *s, size_t i, const elbo_model *model, int threads, void *arg,
            int *status)
{
  const elbo_children *children = arg;
  elbo_start *start = elbo_start_child (children->list + i, s->data->n);
  (void)model;
  (void)threads;
  *status = start ? GSL_SUCCESS : elbo_message_status ();
  return start;
}

static int
race (elbo_search *s, elbo_children *children, int passes)
{
  const elbo_heat heat = { children->n, passes, CARRY, 1, make_child, children };
  const int status = children->n ? elbo_search_heat (s, &heat) : GSL_SUCCESS;
  elbo_children_clear (children);
  elbo_search_keep (s);
  return status;
}

/* The children of the fits of K - 1 that have had none. */
static int
split_into (const elbo_ladder *ladder, size_t ncomp)
{
  elbo_search *from = ncomp > 1 ? ladder->pool[ncomp - 1] : NULL, *to = ladder->pool[ncomp];
  elbo_children children = { NULL, 0 };
  int status = GSL_SUCCESS;
  for (size_t i = 0; from && i < from->nkept && status == GSL_SUCCESS; i++)
    if (!from->outcome[from->kept[i]].split && !elbo_search_stopped (to))
      {
        from->outcome[from->kept[i]].split = 1;
        status = elbo_split_children (from, from->kept[i], &children);
      }
  if (status == GSL_SUCCESS)
    return race (to, &children, SHORT);
  elbo_children_clear (&children);
  return status;
}

static int
merge_into (const elbo_ladder *ladder, size_t ncomp)
{
  elbo_search *from = ladder->pool[ncomp + 1], *to = ladder->pool[ncomp];
  int status = GSL_SUCCESS;
  for (size_t i = 0; from && i < from->nkept && status == GSL_SUCCESS; i++)
    if (!from->outcome[from->kept[i]].merged && !elbo_search_stopped (to))
      {
        elbo_children children = { NULL, 0 };
        from->outcome[from->kept[i]].merged = 1;
        status = elbo_merge_children (from, from->kept[i], &children);
        if (status == GSL_SUCCESS)
          status = race (to, &children, SHORT_MERGE);
        else
          elbo_children_clear (&children);
      }
  return status;
}

static int
run_base (elbo_search *s)
{
  const int one = s->prepared->ncomp == 1; /* all starts are the same */
  const int heats = one || elbo_is_light (s) ? 1 : BASE_HEATS;
  int status = GSL_SUCCESS;
  for (int heat = 0; heat < heats && status == GSL_SUCCESS; heat++)
    {
      status = elbo_search_base (s, one ? 1 : s->nstart, SHORT, CARRY, 1);
      elbo_search_keep (s);
    }
  return status;
}

int
elbo_ladder_climb (elbo_ladder *ladder, size_t ncomp, int base)
{
  elbo_search *s = ladder->pool[ncomp];
  int status = base || ncomp == 1 ? run_base (s) : GSL_SUCCESS;
  ladder->top = ncomp;
  return status == GSL_SUCCESS ? split_into (ladder, ncomp) : status;
}

/* --- down and up --------------------------------------------------------------------------------- */

static double
best_of (const elbo_search *s)
{
  return s && s->nkept ? s->outcome[s->kept[0]].value : -INFINITY;
}

/* Do one K; *any is set when its best bound rose. */
static int
improve (const elbo_ladder *ladder, size_t ncomp, int (*step) (const elbo_ladder *, size_t),
         int *any)
{
  if (!ladder->pool[ncomp] || elbo_search_stopped (ladder->pool[ncomp]))
    return GSL_SUCCESS;
  const double before = best_of (ladder->pool[ncomp]);
  const int status = step (ladder, ncomp);
  *any |= best_of (ladder->pool[ncomp]) > before + RAISED;
  return status;
}

int
elbo_ladder_settle (const elbo_ladder *ladder)
{
  int any = 1, status = GSL_SUCCESS;
  for (int round = 0; any && round < ROUNDS && status == GSL_SUCCESS; round++)
    {
      any = 0;
      for (size_t k = ladder->top; k-- > 2 && status == GSL_SUCCESS;)
        status = improve (ladder, k, merge_into, &any);
      for (size_t k = 2; k <= ladder->top && status == GSL_SUCCESS; k++)
        status = improve (ladder, k, split_into, &any);
    }
  return status;
}

/* --- one K ------------------------------------------------------------------------------------------ */

elbo_search *
elbo_search_beside (elbo_search *s, const elbo_model *prepared, size_t ncomp)
{
  elbo_model *model = elbo_model_resized (prepared, ncomp);
  elbo_search *other = model ? elbo_search_alloc (model, s->data, s->ranks, &s->options) : NULL;
  if (!other)
    {
      elbo_model_free (model);
      return NULL;
    }
  other->own_prepared = model;
  other->master = s;
  return other;
}
