/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit fit: read, search, report, write. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

/* What is known about how sure the labels are; a weight of w is w rows, as in the table. */
typedef struct
{
  double certain, counted;
  size_t worst;
  double least;
} certainty;

typedef struct
{
  const settings *s;
  int argc;
  char **argv;
  dataset set;
  given_start given;
  sweep result;
  elbo_record record;
  scores scores; /* of the rows, by the model as its file says it */
  certainty sure;
  double begin;
} job;

static const candidate *
chosen (const job *j)
{
  return &j->result.list[j->result.best];
}

static const elbo_outcome *
chosen_outcome (const job *j)
{
  return &chosen (j)->search.outcome[chosen (j)->search.best];
}

/* Components of a fit with less than one row.  With sticks they are the rule. */
static size_t
count_empty (const candidate *c)
{
  size_t empty = 0;
  if (!c->search.count || elbo_model_latent (c->search.model)->order != ELBO_ORDER_FREE)
    return 0;
  for (size_t k = 0; k < c->ncomp; k++)
    empty += c->search.count[k] < 1;
  return empty < c->ncomp ? empty : 0; /* all: the weights of rows are small numbers */
}

/* Said before the record is made, which quotes it. */
void
warn_about_fit (const settings *s, const sweep *result)
{
  const candidate *c = &result->list[result->best];
  const elbo_outcome *best = &c->search.outcome[c->search.best];
  const size_t empty = count_empty (c);
  if (best->status == GSL_EMAXITER)
    warn ("not converged after %zu iterations (last gain %.2g); results are %s, exit status "
          "3; try --max-iter=%zu",
          best->iterations, best->nrecord ? best->trace[best->nrecord - 1].gain : 0,
          s->output ? "written" : "shown", 5 * s->max_iter);
  if (c->search.found_again == 1 && c->search.carried > 1 && !result->interrupted)
    warn ("the best fit for K = %zu was found by only 1 of %zu starts; try --starts=%zu", c->ncomp,
          c->search.nstart, 5 * c->search.nstart);
  if (c->ncomp == s->most && !s->range && c->ncomp > 1)
    warn ("the largest K tried was chosen; try -k %zu..%zu", c->ncomp, 2 * c->ncomp);
  if (empty)
    warn (
        "%zu of %zu components hold%s less than one row: the rows are in %zu; compare with -k %zu",
        empty, c->ncomp, empty == 1 ? "s" : "", c->ncomp - empty, c->ncomp - empty);
}

/* Both ledgers of the half-steps between which the bound fell. */
int
report_fall (const sweep *result)
{
  int fell = 0;
  for (size_t i = 0; i < result->n; i++)
    for (size_t k = 0; k < result->list[i].search.nstart; k++)
      {
        const elbo_outcome *o = &result->list[i].search.outcome[k];
        if (o->status != ELBO_EFALL)
          continue;
        fell = 1;
        complain ("K = %zu, start %zu: %s\nthis is a bug in vi-fit; please report it with the data "
                  "to <%s>",
                  result->list[i].ncomp, k + 1,
                  o->message ? o->message : elbo_status_text (o->status), PACKAGE_BUGREPORT);
        if (o->nrecord >= 2)
          elbo_trace_write (stderr, result->list[i].ncomp, k + 1, o->trace + o->nrecord - 2, 2);
      }
  return fell;
}

static void
judge_row (const job *j, size_t row, double p, certainty *c)
{
  const double weight = elbo_data_weight (j->set.data, row);
  if (!(weight > 0))
    return;
  c->counted += weight;
  c->certain += p > 0.9 ? weight : 0;
  if (p < c->least)
    {
      c->least = p;
      c->worst = row;
    }
}

static int
measure_certainty (job *j)
{
  const size_t ncomp = chosen (j)->ncomp;
  int more;
  j->sure = (certainty){ .least = 2 };
  if (ncomp == 1)
    return 0;
  scores_rewind (&j->scores, 0);
  while ((more = scores_next (&j->scores)) > 0)
    for (size_t i = 0; i < j->scores.n; i++)
      {
        const double *resp = j->scores.resp + i * ncomp;
        judge_row (j, j->scores.first + i, resp[largest (resp, ncomp)], &j->sure);
      }
  return more < 0 ? EXIT_DATA : 0;
}

static void
report_certainty (const job *j)
{
  if (j->sure.counted > 0)
    printf ("\n%.10g of %.10g rows belong to one component with probability above 0.9;\n"
            "the least certain is line %zu (%.3f).\n",
            j->sure.certain, j->sure.counted, elbo_table_line (j->set.table, j->sure.worst),
            j->sure.least);
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
  const int threads = threads_used (j->s->threads);
  printf ("%.1f s, %d thread%s, seed %zu.", seconds_now () - j->begin, threads,
          threads == 1 ? "" : "s", j->s->seed);
  if (written)
    printf ("  Wrote %s.model.json, .labels.csv, .trace.csv%s\n", clean (j->s->output),
            j->s->report ? ", .html" : "");
  else if (j->s->output)
    putchar ('\n');
  else
    {
      printf ("  Nothing was saved; to keep this fit: vi-fit -o");
      suggest_prefix (elbo_table_file (j->set.table));
      for (int i = 1; i < j->argc; i++)
        if (i > 1 || strcmp (j->argv[i], "fit") != 0)
          printf (" %s", shell_quoted (j->argv[i]));
      putchar ('\n');
    }
}

static void
report (const job *j, int written)
{
  const elbo_model *model = chosen (j)->search.model;
  report_title (model);
  report_selection (model, &j->record);
  if (j->result.stopped)
    printf ("  (stopped after K = %zu: three in a row without improvement)\n",
            j->result.list[j->result.n - 1].ncomp);
  if (j->s->steps || j->s->verbose > 1)
    report_steps (model, chosen_outcome (j));
  else
    report_iterations (j->s, model, chosen_outcome (j), j->record.start);
  report_components (model, &j->record);
  report_certainty (j);
  report_end (j, written);
}

/* The picture and the page of -o. */
static int
draw_files (job *j)
{
  page about = { .certain = j->sure.certain,
                 .counted = j->sure.counted,
                 .least = j->sure.least,
                 .seconds = seconds_now () - j->begin };
  if (j->sure.counted > 0)
    about.least_line = elbo_table_line (j->set.table, j->sure.worst);
  return illustrate (j->s, &j->record, &j->scores, &j->result, &about);
}

static int
write_files (job *j)
{
  const elbo_model *model = chosen (j)->search.model;
  int status = 0;
  if (j->s->output)
    {
      status = output_model (j->s, model, &j->record);
      if (!status)
        status = output_labels (j->s, &j->set, &j->scores);
    }
  if (!status)
    status = output_trace (j->s, &j->result);
  return status ? status : draw_files (j);
}

static int
finish (job *j)
{
  warn_about_fit (j->s, &j->result);
  int status = output_record (j->s, &j->set, &j->result, j->argc, j->argv, &j->record);
  if (!status)
    status = scores_open (&j->scores, chosen (j)->search.model, &j->record, &j->set,
                          threads_used (j->s->threads));
  if (!status)
    status = measure_certainty (j);
  if (status)
    return status;
  /* a disk that is full does not cost the user the report as well */
  const int unwritten = write_files (j);
  if (j->s->format[0] != 'j')
    report (j, j->s->output && !unwritten);
  else if (elbo_model_write (stdout, chosen (j)->search.model, &j->record))
    {
      complain_status ();
      return EXIT_DATA;
    }
  if (status || unwritten)
    return status ? status : unwritten;
  if (report_fall (&j->result))
    return EXIT_FELL;
  if (j->result.interrupted)
    {
      char text[48];
      snprintf (text, sizeof text, "(K = %zu, ELBO %.1f)", chosen (j)->ncomp, j->record.elbo);
      if (j->s->output)
        complain ("interrupted: wrote the best fit so far %s to %s.model.json", text, j->s->output);
      else
        complain ("interrupted: the best fit so far %s is shown", text);
      return signal_exit ();
    }
  return chosen_outcome (j)->status == GSL_EMAXITER ? EXIT_UNCONVERGED : EXIT_DONE;
}

int
cmd_fit (const settings *s, int argc, char **argv)
{
  job j = { .s = s, .argc = argc, .argv = argv, .begin = seconds_now () };
  int status = output_check (s);
  if (!status)
    status = dataset_read (s, &j.set);
  if (!status)
    status = given_start_read (s, &j.set, &j.given);
  signals_defer ();
  if (!status)
    status = sweep_run (s, &j.set, &j.given, &j.result);
  if (!status)
    status = finish (&j);
  scores_close (&j.scores);
  elbo_record_clear (&j.record);
  sweep_free (&j.result);
  given_start_free (&j.given);
  dataset_free (&j.set);
  return status;
}
