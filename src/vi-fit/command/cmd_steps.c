/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit steps: a fit as a lesson, one page on which each half-step can be looked at. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

static int
write_page (fit_job *fit, lesson *l)
{
  const settings *s = fit->s;
  const candidate *c = sweep_chosen (&fit->result);
  const subject what
      = { .model = elbo_search_model (c->search), .record = fit->record, .data = fit->set.data };
  int status = lesson_plan (l, &what, sweep_outcome (&fit->result));
  if (!status)
    status = lesson_replay (l, s, &fit->set, &fit->given, c);
  l->seconds = seconds_now () - fit->begin;
  if (!status && !signal_caught)
    status = trace_save (s, &fit->result);
  if (!status && !signal_caught)
    status = write_file (s, s->output, lesson_write, l);
  if (status || signal_caught)
    return status;
  note ("wrote %s: K = %zu, start %zu, %zu of %zu half-steps", clean (s->output), c->ncomp,
        fit->record->start, l->nstep, l->nrecord);
  return fit_job_verdict (fit);
}

/* A page under the name of a picture would not open. */
static int
check_name (const char *output)
{
  static const char *const picture[] = { ".svg", ".png", ".pdf" };
  const char *dot = strrchr (output, '.');
  for (size_t i = 0; dot && i < sizeof picture / sizeof *picture; i++)
    if (strcmp (dot, picture[i]) == 0)
      {
        complain ("--output=%s: 'vi-fit steps' writes a page (HTML): name it %.*s.html; for a "
                  "picture: vi-fit plot --steps",
                  clean (output), (int)(dot - output), clean (output));
        return EXIT_USAGE;
      }
  return 0;
}

int
cmd_steps (const settings *s)
{
  fit_job fit;
  lesson l = { 0 };
  int status = check_name (s->output);
  if (status)
    return status;
  status = fit_job_run (&fit, s);
  if (!status && !fit.result.interrupted)
    status = write_page (&fit, &l);
  if (!status && signal_caught)
    {
      complain ("interrupted: no page was written");
      status = signal_exit ();
    }
  lesson_free (&l);
  fit_job_free (&fit);
  return status;
}
