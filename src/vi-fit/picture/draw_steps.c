/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half-steps of the chosen run.  For EM the log-likelihood above them: an M half-step moves the
   parameters away from q, and the gap, the KL from q to the posterior, opens; E closes it. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/picture/picture.h"

static stair *
stairs_of (const trace_run *run)
{
  stair *step = calloc (run->nrecord + 1, sizeof *step);
  for (size_t i = 0; step && i < run->nrecord; i++)
    {
      const elbo_trace *t = &run->record[i]; /* a learned prior (H) is a parameter too */
      step[i] = (stair){ t->half == 'E', t->elbo, t->elbo + t->gap };
    }
  return step;
}

size_t
steps_shown (const subject *s)
{
  const trace_run *run = subject_chosen (s);
  stair *step = stairs_of (run);
  const size_t n = step ? stairs_worth (step, run->nrecord) : 0;
  free (step);
  return n;
}

int
draw_steps (const canvas *c, const subject *s, frame f)
{
  static const char *const reached[]
      = { [ELBO_ML] = "log-likelihood", [ELBO_MAP] = "log-posterior", [ELBO_VB] = NULL };
  const trace_run *run = subject_chosen (s);
  stair *step = stairs_of (run);
  char title[100];
  if (!step)
    return complain_memory ();
  const size_t n = stairs_worth (step, run->nrecord), shown = s->steps ? s->steps : n;
  snprintf (title, sizeof title, "Half-steps 1 to %zu of %zu, K = %zu, start %zu", shown,
            run->nrecord, run->ncomp, run->start);
  const staircase stairs = { .step = step,
                             .n = n,
                             .shown = shown,
                             .title = title,
                             .block = "",
                             .name = { "after M: parameters", "after E: assignments" },
                             .touch = reached[elbo_model_method (s->model)] };
  draw_staircase (c, &stairs, f);
  free (step);
  return 0;
}
