/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search over the number of components and, with --covariance=auto, the structures. */
#include <config.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/run/run.h"

/* K without improvement after which an automatic search stops. */
enum
{
  PATIENCE = 3,
  MOST_A_ROW = 10 /* components for each distinct row, under a prior */
};

typedef struct
{
  const settings *s;
  const dataset *set;
  given_start *given;
  sweep *result;
  progress live;
  size_t least, most;
} work;

/* The data must support K: every row can have a component of its own, and where there is a prior a
   few more; refuse a number, cut a range. */
static int
limit_range (work *w)
{
  const size_t rows = elbo_data_rows (w->set->data), distinct = elbo_ranks_distinct (w->set->ranks);
  const int free_k = chosen_method (w->s) != ELBO_ML;
  const size_t most = free_k && w->s->range ? MOST_A_ROW * distinct : distinct;
  if (w->most <= most)
    return 0;
  if (w->least <= most)
    {
      note ("only %zu distinct row%s among %zu: K is tried up to %zu", distinct, plural (distinct),
            rows, most);
      w->most = most;
      return 0;
    }
  if (distinct == rows)
    complain ("%zu row%s cannot support %zu components; use -k %zu or fewer", rows, plural (rows),
              w->least, most);
  else
    complain ("only %zu distinct row%s among %zu: -k must be %zu or fewer", distinct,
              plural (distinct), rows, most);
  return EXIT_DATA;
}

elbo_search_options
search_options (const settings *s)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = s->starts;
  options.kind = strcmp (s->start, "random") == 0 ? ELBO_START_RANDOM : ELBO_START_KMEANS;
  options.seed = s->seed;
  options.short_runs = !s->no_short_runs;
  options.max_pass = s->max_iter;
  options.tol = s->tol;
  options.threads = threads_used (s->threads);
  return options;
}

/* " (lines 17, 93)": the first rows of a collapsed component; empty when none is known. */
static void
collapsed_lines (const elbo_outcome *o, const elbo_table *table, char *text, size_t size)
{
  size_t at = 0;
  const size_t n = elbo_outcome_rows (o);
  *text = '\0';
  for (size_t i = 0; i < n && at < size; i++)
    at += (size_t)snprintf (text + at, size - at, "%s%zu",
                            i        ? ", "
                            : n == 1 ? " (line "
                                     : " (lines ",
                            elbo_table_line (table, elbo_outcome_row (o, i)));
  if (n && at < size)
    snprintf (text + at, size - at, "%s)", elbo_outcome_count (o) > (double)n + 0.5 ? ", ..." : "");
}

/* Starts that collapsed: the first by name, the others counted. */
static void
report_collapsed (const candidate *c, const settings *s, const dataset *set)
{
  const size_t nstart = elbo_search_starts (c->search);
  size_t n = 0, first = 0;
  for (size_t i = 0; i < nstart; i++)
    if (elbo_outcome_status (elbo_search_outcome (c->search, i)) == ELBO_EDEGENERATE && !n++)
      first = i;
  const elbo_outcome *o = elbo_search_outcome (c->search, first);
  const double count = elbo_outcome_count (o);
  char lines[128];
  collapsed_lines (o, set->table, lines, sizeof lines);
  if (n)
    warn ("K = %zu, start %zu: component %zu collapsed onto %.0f row%s%s; start abandoned",
          c->ncomp, first + 1, elbo_outcome_collapsed (o) + 1, count, count < 1.5 ? "" : "s",
          lines);
  if (n > 1 && n == nstart)
    note ("(and so did the other starts)");
  else if (n > 1)
    note ("(%zu more of %zu starts likewise)", n - 1, s->starts);
}

/* What the table says about a fit. */
static int
judge (const settings *s, candidate *c)
{
  const elbo_outcome *best = elbo_search_outcome (c->search, elbo_search_best (c->search));
  c->choice = (elbo_choice){ .components = c->ncomp,
                             .covariance = c->gauss ? elbo_covariance_name (c->gauss) : NULL,
                             .elbo = elbo_search_value (c->search),
                             .found_again
                             = c->ncomp == 1 ? c->starts : elbo_search_found_again (c->search),
                             .iterations = elbo_outcome_iterations (best) };
  c->choice.log_p = elbo_model_multiplicity (elbo_search_model (c->search));
  c->score = c->choice.elbo + c->choice.log_p;
  if (chosen_method (s) == ELBO_VB)
    return GSL_SUCCESS;
  double criterion[ELBO_NCRITERION] = { 0 };
  const int status = elbo_search_criteria (c->search, ELBO_NCRITERION, criterion);
  c->choice.parameters = elbo_model_freedom (elbo_search_model (c->search));
  c->choice.bic = criterion[ELBO_BIC];
  c->choice.aic = criterion[ELBO_AIC];
  c->choice.icl = criterion[ELBO_ICL];
  c->choice.icl_hard = criterion[ELBO_ICL_HARD];
  c->score = -c->choice.bic;
  return status;
}

/* A model of one K and structure; 0, or an exit code with the message said.  A search in which
   every start collapsed leaves no model. */
static int
run_one (work *w, candidate *c)
{
  elbo_search_options options = search_options (w->s);
  c->starts = w->given->ready ? 1 : options.starts;
  options.starts = c->ncomp == 1 ? 1 : options.starts; /* all would be the same */
  elbo_model *model = build_model (w->s, w->set, c->gauss, c->ncomp);
  if (!model)
    return EXIT_DATA;
  int status = 0;
  if (w->given->ready)
    status = given_start_use (w->given, model, w->set, &options);
  progress_model (&w->live, c->ncomp, options.starts);
  if (!status)
    {
      c->search = elbo_search_alloc (model, w->set->data, w->set->ranks, &options);
      c->status = status = c->search ? elbo_search_run (c->search, progress_watch, &w->live)
                                     : elbo_message_status ();
    }
  progress_clear (&w->live);
  elbo_model_free (model);
  if (status == GSL_SUCCESS || status == GSL_EMAXITER || status == ELBO_ESTOP
      || status == ELBO_EDEGENERATE || status == ELBO_EFALL)
    {
      report_collapsed (c, w->s, w->set);
      if (!elbo_search_model (c->search))
        return 0;
      /* a search that was stopped may have no criteria; its value still ranks it */
      if (!judge (w->s, c))
        return 0;
    }
  return complain_status ();
}

static void
report_one (const work *w, const candidate *c, double seconds)
{
  char structure_name[24] = "";
  if (w->s->covariance == COVARIANCE_AUTO && c->gauss)
    snprintf (structure_name, sizeof structure_name, " %s", elbo_covariance_name (c->gauss));
  if (elbo_search_model (c->search) && !w->live.live && w->most > w->least)
    note ("K=%zu%s: best %s %.5f (%zu/%zu starts), %.0f s", c->ncomp, structure_name,
          chosen_method (w->s) == ELBO_VB ? "ELBO" : "log-likelihood",
          chosen_method (w->s) == ELBO_VB ? c->choice.elbo : elbo_search_log_likelihood (c->search),
          c->choice.found_again, c->starts, seconds);
}

/* All structures of one K; *better is set when one of them is the best so far. */
static int
run_k (work *w, size_t ncomp, int *better)
{
  sweep *r = w->result;
  const int all = w->set->ngauss && w->s->covariance == COVARIANCE_AUTO;
  for (int i = 0; i < (all ? COVARIANCE_AUTO : 1) && !r->interrupted; i++)
    {
      candidate *more = realloc (r->list, (r->n + 1) * sizeof *more);
      if (!more)
        return complain_memory ();
      r->list = more;
      candidate *c = &r->list[r->n];
      memset (c, 0, sizeof *c);
      c->ncomp = ncomp;
      c->offset = (size_t)i * w->s->starts;
      c->gauss = w->set->ngauss ? chosen_family (all ? i : w->s->covariance) : NULL;
      r->n++;
      const double begin = seconds_now ();
      const int status = run_one (w, c);
      if (status)
        return status;
      report_one (w, c, seconds_now () - begin);
      r->interrupted = c->status == ELBO_ESTOP || signal_caught;
      if (elbo_search_model (c->search)
          && (r->best == SIZE_MAX || c->score > r->list[r->best].score))
        {
          r->best = r->n - 1;
          *better = 1;
          w->live.best_k = ncomp;
          w->live.best = c->choice.elbo;
        }
    }
  return 0;
}

/* Every start collapsed: a structure with fewer parameters is the way out, where there is one. */
static void
report_hopeless (const settings *s, size_t ncomp)
{
  const char *simpler = s->covariance == COVARIANCE_FULL   ? ", or --covariance=tied"
                        : s->covariance == COVARIANCE_TIED ? ", or --covariance=diag"
                                                           : "";
  complain ("every start with K = %zu collapsed; use -m vb%s fewer components%s", ncomp,
            *simpler ? "," : " or", simpler);
}

/* The bound, raised by what relabelled copies of the optimum add. */
static double
evidence (const sweep *r, size_t i)
{
  return r->list[i].choice.elbo + r->list[i].choice.log_p;
}

/* P (K | data) among the models tried, each as probable as the others beforehand. */
static void
set_probabilities (sweep *r)
{
  double total = 0;
  for (size_t i = 0; i < r->n; i++)
    if (elbo_search_model (r->list[i].search))
      total += exp (evidence (r, i) - evidence (r, r->best));
  for (size_t i = 0; i < r->n; i++)
    if (elbo_search_model (r->list[i].search))
      r->list[i].choice.probability = exp (evidence (r, i) - evidence (r, r->best)) / total;
}

int
sweep_run (const settings *s, const dataset *set, given_start *given, sweep *result)
{
  work w = { .s = s, .set = set, .given = given, .result = result };
  memset (result, 0, sizeof *result);
  result->best = SIZE_MAX;
  w.least = s->least;
  w.most = s->most;
  progress_begin (&w.live, s);
  int status = check_prior (s, set);
  if (!status)
    status = limit_range (&w);
  size_t patience = PATIENCE;
  for (size_t k = w.least; k <= w.most && !status && !result->interrupted && !result->stopped; k++)
    {
      int better = 0;
      status = run_k (&w, k, &better);
      patience = better ? PATIENCE : patience - 1;
      result->stopped = !s->range && patience == 0 && k < w.most;
    }
  if (status)
    return status;
  if (result->best != SIZE_MAX)
    {
      set_probabilities (result);
      return 0;
    }
  if (result->interrupted)
    {
      complain ("interrupted before the first fit: nothing to write");
      return signal_exit ();
    }
  report_hopeless (s, result->list[0].ncomp);
  return EXIT_DATA;
}

const candidate *
sweep_chosen (const sweep *result)
{
  return &result->list[result->best];
}

const elbo_outcome *
sweep_outcome (const sweep *result)
{
  const elbo_search *search = sweep_chosen (result)->search;
  return elbo_search_outcome (search, elbo_search_best (search));
}

void
sweep_free (sweep *result)
{
  for (size_t i = 0; i < result->n; i++)
    elbo_search_free (result->list[i].search);
  free (result->list);
}
