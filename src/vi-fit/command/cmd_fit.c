/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit fit: read, search, report, write. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

typedef struct
{
  fit_job fit;
  scores scores; /* of the rows, by the model as its file says it */
  certainty sure;
} job;

static void
report_certainty (const job *j)
{
  if (j->sure.counted > 0)
    printf ("\n%.10g of %.10g rows belong to one component with probability above 0.9;\n"
            "the least certain is line %zu (%.3f).\n",
            j->sure.certain, j->sure.counted, j->sure.line, j->sure.least);
}

/* A name for the files of this fit, from that of its data. */
static void
suggest_prefix (const char *file)
{
  const char *base = strrchr (file, '/');
  base = base ? base + 1 : file;
  char name[60];
  snprintf (name, sizeof name, "%.*s", (int)strcspn (base, "."), base);
  printf (" %s",
          shell_quoted (*name && strcmp (file, "-") != 0 && strcmp (file, "standard input") != 0
                            ? name
                            : "run"));
}

/* written: the files of -o are there. */
static void
report_end (const job *j, int written)
{
  const int threads = threads_used (j->fit.s->threads);
  printf ("%.1f s, %d thread%s, seed %zu.", seconds_now () - j->fit.begin, threads,
          threads == 1 ? "" : "s", j->fit.s->seed);
  if (written)
    printf ("  Wrote %s.model.json, .labels.csv, .trace.csv%s\n", clean (j->fit.s->output),
            j->fit.s->report ? ", .html" : "");
  else if (j->fit.s->output)
    putchar ('\n');
  else
    {
      printf ("  Nothing was saved; to keep this fit: vi-fit -o");
      suggest_prefix (elbo_table_file (j->fit.set.table));
      for (size_t i = 1; i < j->fit.s->nword; i++)
        if (i > 1 || strcmp (j->fit.s->word[i], "fit") != 0)
          printf (" %s", shell_quoted (j->fit.s->word[i]));
      putchar ('\n');
    }
}

static int
report (const job *j, int written)
{
  const elbo_model *model = elbo_search_model (sweep_chosen (&j->fit.result)->search);
  report_title (model);
  int status = report_selection (model, j->fit.record);
  if (status)
    return status;
  if (j->fit.result.stopped)
    printf ("  (stopped after K = %zu: three in a row without improvement)\n",
            j->fit.result.list[j->fit.result.n - 1].ncomp);
  if (j->fit.s->steps || j->fit.s->verbose > 1)
    report_steps (model, sweep_outcome (&j->fit.result));
  else
    report_iterations (j->fit.s, model, sweep_outcome (&j->fit.result), j->fit.record->start);
  status = report_components (model, j->fit.record, j->fit.s->correlations);
  report_certainty (j);
  report_end (j, written);
  return status;
}

static int
write_files (job *j)
{
  const elbo_model *model = elbo_search_model (sweep_chosen (&j->fit.result)->search);
  int status = 0;
  if (j->fit.s->output)
    {
      status = record_save (j->fit.s, model, j->fit.record);
      if (!status)
        status = labels_save (j->fit.s, &j->fit.set, &j->scores);
    }
  if (!status)
    status = trace_save (j->fit.s, &j->fit.result);
  page about = { .sure = j->sure, .seconds = seconds_now () - j->fit.begin };
  return status ? status : illustrate (&j->fit, &j->scores, &about);
}

/* What was asked, of what an interrupted search had found. */
static int
report_interrupted (const fit_job *fit)
{
  char text[48];
  snprintf (text, sizeof text, "(K = %zu, ELBO %.1f)", sweep_chosen (&fit->result)->ncomp,
            fit->record->elbo);
  if (fit->s->output)
    complain ("interrupted: wrote the best fit so far %s to %s.model.json", text, fit->s->output);
  else
    complain ("interrupted: the best fit so far %s is shown", text);
  return signal_exit ();
}

static int
finish (job *j)
{
  const settings *s = j->fit.s;
  const elbo_model *model = elbo_search_model (sweep_chosen (&j->fit.result)->search);
  int status
      = scores_open (&j->scores, model, j->fit.record, &j->fit.set, threads_used (s->threads));
  if (!status)
    status = measure_certainty (&j->fit.set, &j->scores, &j->sure);
  if (status)
    return status;
  /* a disk that is full does not cost the user the report as well */
  const int unwritten = write_files (j);
  if (s->format == FORMAT_TEXT)
    status = report (j, s->output && !unwritten);
  else if (elbo_model_write (stdout, model, j->fit.record))
    return complain_status ();
  if (unwritten || status)
    return unwritten ? unwritten : status;
  status = fit_job_verdict (&j->fit);
  return status != EXIT_FELL && j->fit.result.interrupted ? report_interrupted (&j->fit) : status;
}

int
cmd_fit (const settings *s)
{
  job j = { .sure = { 0 } };
  int status = fit_job_run (&j.fit, s);
  if (!status)
    status = finish (&j);
  scores_close (&j.scores);
  fit_job_free (&j.fit);
  return status;
}
