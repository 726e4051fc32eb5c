/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search for one K: its starts, and a ladder around them where that pays. */
#include <config.h>
#include "study/study.h"

/* Up to K + 1 and back: base starts at K alone. */
static int
run_ladder (elbo_search *s)
{
  const size_t K = s->prepared->ncomp;
  size_t top = K == 1 ? 1 : K + 1;
  elbo_ladder ladder;
  int status = elbo_ladder_make (&ladder, K + 1);
  for (size_t k = 1; k <= top && status == GSL_SUCCESS; k++)
    if (k == K)
      ladder.pool[k] = s;
    else if (!(ladder.pool[k] = ladder.own[k] = elbo_search_beside (s, s->prepared, k)))
      {
        status = elbo_message_status () == ELBO_EUNSUP ? GSL_SUCCESS : elbo_message_status ();
        top = k < K ? top : K;
      }
  for (size_t k = 1; k <= top && status == GSL_SUCCESS; k++)
    if (ladder.pool[k])
      status = elbo_ladder_climb (&ladder, k, k == K);
  if (status == GSL_SUCCESS && K > 1)
    status = elbo_ladder_settle (&ladder);
  for (size_t k = 1; k <= top; k++)
    if (ladder.own && ladder.own[k])
      s->passes += ladder.own[k]->passes;
  elbo_ladder_free (&ladder);
  return status;
}

/* Every start to its end, or, on large data, the most promising third of them. */
static int
run_starts (elbo_search *s)
{
  const size_t n = s->nstart;
  const int brief = s->options.short_runs && n > 1 && elbo_is_dear (s->prepared, s->data);
  return elbo_search_base (s, n, brief ? ELBO_BY_GAIN : 0, (n + 2) / 3, 0);
}

int
elbo_search_run (elbo_search *s, elbo_search_watch *watch, void *arg)
{
  int status = elbo_search_begin (s, watch, arg);
  if (status != GSL_SUCCESS)
    return status;
  status = elbo_climbs (&s->options, s->prepared, s->data) ? run_ladder (s) : run_starts (s);
  return elbo_search_conclude (s, status);
}
