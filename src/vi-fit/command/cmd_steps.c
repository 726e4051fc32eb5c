/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit steps: a fit as a lesson, one page on which each half-step can be looked at. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

typedef struct
{
  settings page;  /* what was asked, with the name of the page */
  settings files; /* as of a fit without -o: the page is not a prefix */
  dataset set;
  given_start given;
  sweep result;
  elbo_record record;
  lesson lesson;
  subject subject;
  double begin;
} job;

static int
finish (job *j)
{
  const candidate *c = &j->result.list[j->result.best];
  const elbo_outcome *chosen = &c->search.outcome[c->search.best];
  if (j->result.interrupted)
    return EXIT_DONE;
  j->subject = (subject){ .model = c->search.model, .record = &j->record, .data = j->set.data };
  int status = lesson_plan (&j->lesson, &j->subject, chosen);
  if (!status)
    status = lesson_replay (&j->lesson, &j->page, &j->set, &j->given, c);
  j->lesson.seconds = seconds_now () - j->begin;
  if (!status && !signal_caught)
    status = output_trace (&j->files, &j->result);
  if (!status && !signal_caught)
    status = write_file (&j->page, j->page.output, lesson_write, &j->lesson);
  if (status || signal_caught)
    return status;
  note ("wrote %s: K = %zu, start %zu, %zu of %zu half-steps", clean (j->page.output), c->ncomp,
        j->record.start, j->lesson.nstep, j->lesson.nrecord);
  if (report_fall (&j->result))
    return EXIT_FELL;
  return chosen->status == GSL_EMAXITER ? EXIT_UNCONVERGED : EXIT_DONE;
}

int
cmd_steps (const settings *s, int argc, char **argv)
{
  job j = { .page = *s, .files = *s, .begin = seconds_now () };
  j.page.output = s->output ? s->output : "lesson.html";
  j.files.output = NULL;
  int status = check_path (s, j.page.output);
  if (!status)
    status = output_check (&j.files);
  if (!status)
    status = dataset_read (s, &j.set);
  if (!status)
    status = given_start_read (s, &j.set, &j.given);
  signals_defer ();
  if (!status)
    status = sweep_run (s, &j.set, &j.given, &j.result);
  if (!status)
    {
      warn_about_fit (&j.page, &j.result);
      status = output_record (s, &j.set, &j.result, argc, argv, &j.record);
    }
  if (!status)
    status = finish (&j);
  if (!status && signal_caught)
    {
      complain ("interrupted: no page was written");
      status = signal_exit ();
    }
  lesson_free (&j.lesson);
  elbo_record_clear (&j.record);
  sweep_free (&j.result);
  given_start_free (&j.given);
  dataset_free (&j.set);
  return status;
}
