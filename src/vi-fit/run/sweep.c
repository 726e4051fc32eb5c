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
  progress live; /* the watch is handed this struct */
  const settings *s;
  const dataset *set;
  given_start *given;
  sweep *result;
  size_t least, most;
  const elbo_family *family[COVARIANCE_AUTO]; /* [nfamily] that --covariance asks for */
  size_t nfamily;
  int climbs; /* candidates are told as they are found */
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
  options.accelerate = !s->no_acceleration;
  if (s->search == SEARCH_STARTS || (s->verb == VERB_STEPS && s->search == NONE))
    options.plan = ELBO_SEARCH_STARTS; /* a lesson begins where a start does */
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
report_collapsed (const candidate *c, const dataset *set)
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
    note ("(%zu more of %zu starts likewise)", n - 1, nstart);
}

/* What the table says about a fit; a search that was stopped may have no criteria. */
static void
judge (const settings *s, candidate *c)
{
  const elbo_model *model = elbo_search_model (c->search);
  const elbo_outcome *best = elbo_search_outcome (c->search, elbo_search_best (c->search));
  c->choice = (elbo_choice){ .components = c->ncomp,
                             .covariance = c->gauss ? c->gauss->structure : NULL,
                             .elbo = elbo_search_value (c->search),
                             .log_p = elbo_model_multiplicity (model),
                             .found_again = elbo_search_found_again (c->search),
                             .runs = elbo_search_carried (c->search),
                             .iterations = elbo_outcome_iterations (best) };
  double criterion[ELBO_NCRITERION] = { 0 };
  if (chosen_method (s) == ELBO_VB
      || elbo_search_criteria (c->search, ELBO_NCRITERION, criterion) != GSL_SUCCESS)
    return;
  c->choice.parameters = elbo_model_freedom (model);
  c->choice.bic = criterion[ELBO_BIC];
  c->choice.aic = criterion[ELBO_AIC];
  c->choice.icl = criterion[ELBO_ICL];
  c->choice.icl_hard = criterion[ELBO_ICL_HARD];
}

/* --- what elbo_choose asks and tells ------------------------------------------------------------- */

/* The prior of the command line, and a given start. */
static int
before (size_t number, elbo_model *model, elbo_search_options *options, void *arg)
{
  work *w = arg;
  (void)number;
  int status = set_prior (w->s, w->set, model);
  if (status)
    return status;
  if (elbo_model_ncomp (model) == 1)
    options->starts = 1; /* all would be the same */
  if (w->given->ready && given_start_use (w->given, model, w->set, options))
    return GSL_EFAILED; /* the message is said */
  return GSL_SUCCESS;
}

static const elbo_family *
family_of (const work *w, size_t number)
{
  return w->nfamily ? w->family[number % w->nfamily] : NULL;
}

/* A line for each candidate where no line is live: what it is worth, for now or in the end. */
static void
report_one (const work *w, size_t number, size_t ncomp, double value, const char *when)
{
  const elbo_family *family = family_of (w, number);
  const int all = w->s->covariance == COVARIANCE_AUTO && family;
  if (!w->live.live && w->most > w->least)
    note ("K=%zu%s%s: %s %.5f%s", ncomp, all ? " " : "", all ? family->structure : "",
          chosen_method (w->s) == ELBO_ML    ? "log-likelihood"
          : chosen_method (w->s) == ELBO_MAP ? "log-posterior"
                                             : "ELBO",
          value, when);
}

/* The first fits of a candidate on a ladder. */
static void
found (size_t number, size_t ncomp, double value, void *arg)
{
  work *w = arg;
  progress_clear (&w->live);
  report_one (w, number, ncomp, value, " so far");
  w->climbs = 1;
  if (!(value <= w->live.best))
    {
      w->live.best_k = ncomp;
      w->live.best = value;
    }
}

/* A search has ended. */
static int
after (size_t number, const elbo_search *search, int status, void *arg)
{
  work *w = arg;
  sweep *r = w->result;
  candidate *more = realloc (r->list, (number + 1) * sizeof *more);
  progress_clear (&w->live);
  if (!more)
    return 1;
  r->list = more;
  candidate *c = &r->list[number];
  const size_t ngauss = w->nfamily ? w->nfamily : 1;
  *c = (candidate){ .search = search,
                    .ncomp = w->least + number / ngauss,
                    .offset = number % ngauss * STRUCTURE_RUNS,
                    .gauss = family_of (w, number) };
  r->n = number + 1;
  r->interrupted |= status == ELBO_ESTOP || signal_caught;
  report_collapsed (c, w->set);
  if (elbo_search_model (search))
    {
      judge (w->s, c);
      w->live.best_k = c->ncomp;
      w->live.best = c->choice.elbo;
    }
  if (!w->climbs && elbo_search_model (search))
    report_one (w, number, c->ncomp, c->choice.elbo, "");
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

/* The families of numbers that are compared; without such columns there is none. */
static void
take_families (work *w)
{
  const int all = w->s->covariance == COVARIANCE_AUTO;
  if (w->set->ngauss)
    for (int i = 0; i < (all ? COVARIANCE_AUTO : 1); i++)
      w->family[w->nfamily++] = chosen_family (all ? i : w->s->covariance);
}

static int
compare (work *w)
{
  const settings *s = w->s;
  elbo_block *block = calloc (w->set->ncolumn, sizeof *block);
  if (!block)
    return GSL_ENOMEM;
  const size_t nblock = make_blocks (w->set, w->nfamily ? w->family[0] : NULL, block);
  elbo_search_options search = search_options (s);
  if (w->given->ready)
    search.plan = ELBO_SEARCH_STARTS;
  elbo_choose_options options;
  elbo_choose_options_init (&options);
  options.least = w->least;
  options.most = w->most;
  options.patience = s->range ? 0 : PATIENCE;
  options.family = w->nfamily ? w->family : NULL;
  options.nfamily = w->nfamily;
  options.search = &search;
  options.before = before;
  options.after = after;
  options.found = found;
  options.watch = progress_watch;
  options.arg = w;
  const int status = elbo_choose (w->set->data, w->set->ranks, chosen_weights (s), block, nblock,
                                  chosen_method (s), &options, &w->result->selection);
  free (block);
  return status;
}

/* The cost of the search, of starts that were left behind too. */
static size_t
count_passes (const sweep *r)
{
  size_t n = 0;
  for (size_t i = 0; i < r->n; i++)
    n += elbo_search_passes (r->list[i].search);
  return n;
}

/* What the comparison found: the best, and how probable each is. */
static void
take_result (sweep *r)
{
  const elbo_selection *from = r->selection;
  const size_t best = elbo_selection_best (from);
  r->best = best < r->n && elbo_search_model (r->list[best].search) ? best : SIZE_MAX;
  r->stopped = elbo_selection_stopped (from);
  for (size_t i = 0; i < r->n; i++)
    if (elbo_search_model (r->list[i].search))
      {
        r->list[i].choice.probability = elbo_selection_probability (from, i);
        r->list[i].choice.doubt = elbo_selection_doubt (from, i);
      }
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
  take_families (&w);
  int status = check_prior (s, set);
  if (!status)
    status = limit_range (&w);
  if (status)
    return status;
  status = compare (&w);
  progress_clear (&w.live);
  if (result->selection)
    take_result (result);
  if (s->verbose)
    note ("the search took %zu E half-steps", count_passes (result));
  if (result->best != SIZE_MAX && (status == GSL_SUCCESS || status == ELBO_ESTOP))
    return 0;
  if (result->interrupted)
    {
      complain ("interrupted before the first fit: nothing to write");
      return signal_exit ();
    }
  if (status == ELBO_EDEGENERATE && result->n)
    report_hopeless (s, result->list[0].ncomp);
  else if (status != GSL_EFAILED) /* of a given start, which is said */
    complain_status ();
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
  elbo_selection_free (result->selection);
  free (result->list);
}
