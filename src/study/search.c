/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many starts of one model: run them, keep the best, say how often it was found. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* Two starts found the same optimum when they end within this many nats. */
#define SAME_OPTIMUM 0.01

/* Short runs pay where a pass costs more than this many multiplications; small data are run to the
   end from every start, which is the better search. */
#define SHORT_COST 5e7
#define SHORT_GAIN 0.01
enum
{
  SHORT_PASSES = 50
};

/* --- making one -------------------------------------------------------------------------------- */

static elbo_search_options
defaults (void)
{
  elbo_fit_options fit;
  elbo_fit_options_init (&fit);
  return (elbo_search_options){ .size = sizeof (elbo_search_options),
                                .starts = 10,
                                .kind = ELBO_START_KMEANS,
                                .seed = 1,
                                .short_runs = 1,
                                .max_pass = fit.max_pass,
                                .tol = fit.tol,
                                .threads = fit.threads };
}

void
elbo_search_options_fill (elbo_search_options *options, size_t size)
{
  const elbo_search_options known = defaults ();
  elbo_copy_sized (options, size, &known, sizeof known);
  options->size = size;
}

static int
read_options (elbo_search *s, const elbo_search_options *options)
{
  elbo_search_options *o = &s->options;
  *o = defaults ();
  if (options && elbo_sized_read (o, sizeof *o, options, "elbo_search_options") != GSL_SUCCESS)
    return GSL_EINVAL;
  if (o->kind != ELBO_START_KMEANS && o->kind != ELBO_START_RANDOM && o->kind != ELBO_START_GIVEN)
    return elbo_fail (GSL_EINVAL, "there is no kind of start %d", (int)o->kind);
  if (o->starts == 0)
    return elbo_fail (GSL_EINVAL, "a search needs at least one start");
  if (o->max_pass == 0 || !(o->tol >= 0) || !isfinite (o->tol))
    return elbo_fail (GSL_EINVAL, "at most %zu passes to a tolerance of %g cannot be run",
                      o->max_pass, o->tol);
  if (o->threads < 0 || !(o->max_seconds >= 0))
    return elbo_fail (GSL_EINVAL, "%d threads for %g seconds: 0 or more are needed", o->threads,
                      o->max_seconds);
  s->nstart = o->kind == ELBO_START_GIVEN ? 1 : o->starts;
  return GSL_SUCCESS;
}

static int
check_given (const elbo_search *s)
{
  const elbo_start *start = s->options.kind == ELBO_START_GIVEN ? s->options.given : NULL;
  if (start
      && ((start->n && start->n != s->data->n)
          || (start->ncomp && start->ncomp != s->prepared->ncomp)))
    return elbo_fail (GSL_EBADLEN,
                      "the start is for %zu rows and %zu components, the search for %zu and %zu",
                      start->n, start->ncomp, s->data->n, s->prepared->ncomp);
  return GSL_SUCCESS;
}

static int
take_ranks (elbo_search *s, const elbo_ranks *ranks)
{
  s->ranks = ranks;
  if (!ranks && s->options.kind != ELBO_START_GIVEN)
    {
      s->ranks = s->own_ranks = elbo_ranks_alloc (s->data);
      if (!s->ranks)
        return elbo_message_status ();
    }
  return s->ranks ? elbo_start_check (s->prepared, s->data, s->ranks) : GSL_SUCCESS;
}

static int
search_init (elbo_search *s, const elbo_ranks *ranks, const elbo_search_options *options)
{
  int status = read_options (s, options);
  if (status == GSL_SUCCESS && s->data->dim != s->prepared->dim)
    status = elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", s->prepared->dim,
                        s->data->dim);
  if (status == GSL_SUCCESS)
    status = check_given (s);
  if (status == GSL_SUCCESS)
    status = take_ranks (s, ranks);
  if (status != GSL_SUCCESS)
    return status;
  s->outcome = elbo_room (s->nstart, sizeof *s->outcome);
  s->attempt = elbo_room (s->nstart, sizeof *s->attempt);
  if (!s->outcome || !s->attempt)
    return GSL_ENOMEM;
  for (size_t i = 0; i < s->nstart; i++)
    {
      s->outcome[i].status = GSL_CONTINUE;
      s->outcome[i].value = s->outcome[i].collapsed_count = NAN;
      s->outcome[i].collapsed = s->prepared->ncomp;
    }
  s->best = s->nstart;
  return GSL_SUCCESS;
}

elbo_search *
elbo_search_alloc (const elbo_model *prepared, const elbo_data *data, const elbo_ranks *ranks,
                   const elbo_search_options *options)
{
  if (!prepared || !data)
    {
      elbo_fail (GSL_EFAULT, "a search needs a model and data, not null pointers");
      return NULL;
    }
  elbo_search *s = elbo_room (1, sizeof *s);
  if (!s)
    return NULL;
  s->prepared = prepared;
  s->data = data;
  omp_init_lock (&s->lock);
  if (search_init (s, ranks, options) == GSL_SUCCESS)
    return s;
  elbo_search_free (s);
  return NULL;
}

void
elbo_search_free (elbo_search *s)
{
  if (!s)
    return;
  for (size_t i = 0; s->attempt && i < s->nstart; i++)
    {
      /* left over where a callback jumped out */
      elbo_fit_free (s->attempt[i].fit);
      elbo_model_free (s->attempt[i].model);
    }
  for (size_t i = 0; s->outcome && i < s->nstart; i++)
    elbo_outcome_clear (s->outcome + i);
  free (s->outcome);
  free (s->attempt);
  elbo_model_free (s->model);
  elbo_ranks_free (s->own_ranks);
  elbo_model_free (s->own_prepared);
  elbo_data_free (s->own_data);
  omp_destroy_lock (&s->lock);
  free (s);
}

/* --- one start --------------------------------------------------------------------------------- */

/* Ask all starts to end; the first reason stands. */
static void
stop (elbo_search *s, int status)
{
  int running = GSL_SUCCESS;
  atomic_compare_exchange_strong (&s->stop, &running, status);
}

void
elbo_search_cancel (elbo_search *s)
{
  if (s)
    stop (s, ELBO_ESTOP);
}

/* Tell the watch; the lock is this search's, so that searches do not wait for each other. */
static void
tell (elbo_search *s, size_t start, const elbo_fit *fit, const elbo_outcome *outcome)
{
  if (!s->watch)
    return;
  omp_set_lock (&s->lock);
  if (!atomic_load (&s->stop) && s->watch (start, fit, outcome, s->arg) != 0)
    stop (s, ELBO_ESTOP);
  omp_unset_lock (&s->lock);
}

/* The end of a short run: the last pass gained less than a hundredth of all gain so far
   (Biernacki, Celeux & Govaert 2003, small-EM). */
static int
brief_enough (const elbo_fit *fit)
{
  size_t n = 0, last;
  const elbo_trace *trace = elbo_fit_trace (fit, &n);
  if (elbo_fit_iterations (fit) >= SHORT_PASSES)
    return 1;
  for (last = n - 1; last > 0 && trace[last - 1].half != 'E';)
    last--;
  return last > 0
         && trace[n - 1].elbo - trace[last - 1].elbo
                < SHORT_GAIN * (trace[n - 1].elbo - trace[0].elbo);
}

typedef struct
{
  elbo_search *search;
  size_t start;
  int brief;
} watcher;

static int
out_of_time (const elbo_search *s)
{
  return s->options.max_seconds > 0 && elbo_seconds_since (&s->began) > s->options.max_seconds;
}

static int
watch_pass (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  const watcher *w = arg;
  elbo_search *s = w->search;
  (void)first;
  (void)nrecord;
  tell (s, w->start, fit, NULL);
  if (out_of_time (s))
    stop (s, ELBO_ESTOP);
  return atomic_load (&s->stop) || (w->brief && brief_enough (fit));
}

/* The start of a number; NULL, with *status GSL_SUCCESS, where the model's parameters are it. */
static elbo_start *
make_start (const elbo_search *s, size_t number, const elbo_model *model, int threads, int *status)
{
  elbo_start *start
      = s->options.kind == ELBO_START_RANDOM
            ? elbo_start_random (model, s->ranks, s->options.seed, number)
            : elbo_start_kmeans (model, s->data, s->ranks, s->options.seed, number, threads);
  *status = start ? GSL_SUCCESS : elbo_message_status ();
  return start;
}

static int
begin (const elbo_search *s, size_t number, int threads)
{
  const elbo_attempt *at = s->attempt + number;
  int status = GSL_SUCCESS;
  if (s->options.kind == ELBO_START_GIVEN)
    return s->options.given ? elbo_fit_start (at->fit, s->options.given) : GSL_SUCCESS;
  elbo_start *start = make_start (s, number, at->model, threads, &status);
  if (status == GSL_SUCCESS)
    status = elbo_fit_start (at->fit, start);
  elbo_start_free (start);
  return status;
}

/* End a start: what is reported of it is kept, the rest freed. */
static void
close_start (elbo_search *s, size_t number, int status)
{
  elbo_outcome *outcome = s->outcome + number;
  elbo_attempt *at = s->attempt + number;
  if (status != GSL_SUCCESS)
    {
      outcome->message = strdup (elbo_message ());
      status = outcome->message ? status : GSL_ENOMEM;
    }
  if (at->fit)
    {
      if (elbo_outcome_keep (outcome, at->fit, at->model, s->data) == GSL_SUCCESS)
        at->model = NULL;
      else
        status = GSL_ENOMEM;
    }
  outcome->status = status;
  /* what is found without memory depends on chance: nothing is better */
  if (status == GSL_ENOMEM)
    stop (s, GSL_ENOMEM);
  tell (s, number, at->fit, outcome);
  elbo_fit_free (at->fit);
  elbo_model_free (at->model);
  *at = (elbo_attempt){ NULL, NULL };
}

/* Make the fit of a start and its first M half-step. */
static int
open_start (elbo_search *s, size_t number, int threads)
{
  elbo_attempt *at = s->attempt + number;
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.max_pass = s->options.max_pass;
  options.tol = s->options.tol;
  options.threads = threads;
  at->model = elbo_model_clone (s->prepared);
  at->fit = at->model ? elbo_fit_alloc (at->model, s->data, &options) : NULL;
  return at->fit ? begin (s, number, threads) : elbo_message_status ();
}

/* Run a start, briefly or to the end; a short run that is not over stays open. */
static void
run_start (elbo_search *s, size_t number, int brief)
{
  watcher w = { s, number, brief };
  elbo_fit *fit = s->attempt[number].fit;
  const int status = elbo_fit_run (fit, watch_pass, &w);
  if (brief && status == ELBO_ESTOP && !atomic_load (&s->stop))
    s->outcome[number].value = elbo_fit_value (fit);
  else
    close_start (s, number, status);
}

/* --- all starts -------------------------------------------------------------------------------- */

/* How threads are shared: starts are independent and even, so they use the cores best when there
   are enough of them. */
static int
outer_threads (const elbo_search *s, size_t nstart)
{
  const int threads = elbo_cores (s->options.threads);
  return !s->options.in_turn && nstart >= (size_t)threads && nstart > 1 ? threads : 1;
}

static void
run_all (elbo_search *s)
{
  const int outer = outer_threads (s, s->nstart);
  const int inner = outer > 1 ? 1 : elbo_cores (s->options.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < s->nstart; i++)
    if (atomic_load (&s->stop))
      s->outcome[i].status = ELBO_ESTOP;
    else
      {
        const int status = open_start (s, i, inner);
        if (status == GSL_SUCCESS)
          run_start (s, i, s->brief);
        else
          close_start (s, i, status);
      }
}

/* The starts whose short runs promise most, the best first; returns how many there are. */
static size_t
choose_promising (const elbo_search *s, size_t *chosen)
{
  const size_t most = (s->nstart + 2) / 3;
  size_t n = 0;
  for (size_t i = 0; i < s->nstart; i++)
    if (s->attempt[i].fit)
      {
        size_t at = n < most ? n++ : most;
        for (; at > 0 && s->outcome[chosen[at - 1]].value < s->outcome[i].value; at--)
          if (at < most)
            chosen[at] = chosen[at - 1];
        if (at < most)
          chosen[at] = i;
      }
  return n;
}

static void
run_chosen (elbo_search *s, const size_t *chosen, size_t n)
{
  const int outer = outer_threads (s, n);
  const int inner = outer > 1 ? 1 : elbo_cores (s->options.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < n; i++)
    {
      elbo_fit_set_threads (s->attempt[chosen[i]].fit, inner);
      run_start (s, chosen[i], 0);
    }
}

/* The best start; those that end as close as the stop rule can tell count as equal and the lowest
   of them wins, so that the choice does not hang on rounding. */
static size_t
find_best (const elbo_search *s)
{
  const double slack = fmin (4 * fmax (s->options.tol, 1e-10) * s->data->total, SAME_OPTIMUM);
  double most = -INFINITY;
  for (size_t i = 0; i < s->nstart; i++)
    if (elbo_outcome_usable (s->outcome + i))
      most = fmax (most, s->outcome[i].value);
  for (size_t i = 0; i < s->nstart; i++)
    if (elbo_outcome_usable (s->outcome + i) && s->outcome[i].value >= most - slack)
      return i;
  return s->nstart;
}

/* After short runs: the most promising starts to the end, more of them while all collapse; the
   others are closed as they are. */
static int
run_promising (elbo_search *s)
{
  size_t *chosen = elbo_room (s->nstart + 1, sizeof *chosen), n;
  if (!chosen)
    return GSL_ENOMEM;
  do
    {
      n = choose_promising (s, chosen);
      run_chosen (s, chosen, n);
    }
  while (n > 0 && find_best (s) == s->nstart && !atomic_load (&s->stop));
  for (size_t i = 0; i < s->nstart; i++)
    if (s->attempt[i].fit)
      {
        elbo_fail (GSL_CONTINUE, "not carried on after a short run");
        close_start (s, i, GSL_CONTINUE);
      }
  free (chosen);
  return GSL_SUCCESS;
}

static const char *
sentence_of (const elbo_outcome *outcome)
{
  return outcome->message ? outcome->message : "failed";
}

/* What the search as a whole came to. */
static int
verdict (const elbo_search *s)
{
  size_t collapsed = 0;
  for (size_t i = 0; i < s->nstart; i++)
    if (s->outcome[i].status == ELBO_EFALL)
      return elbo_fail (ELBO_EFALL, "start %zu: %s", i + 1, sentence_of (s->outcome + i));
    else
      collapsed += s->outcome[i].status == ELBO_EDEGENERATE;
  if (atomic_load (&s->stop))
    return out_of_time (s)
               ? elbo_fail (ELBO_ESTOP, "stopped after %g seconds", s->options.max_seconds)
               : elbo_fail (ELBO_ESTOP, "stopped by the caller");
  if (s->best < s->nstart)
    {
      const int status = s->outcome[s->best].status;
      return status == GSL_SUCCESS ? status
                                   : elbo_fail (status, "%s", sentence_of (s->outcome + s->best));
    }
  if (collapsed == s->nstart)
    return elbo_fail (ELBO_EDEGENERATE, "every start collapsed");
  for (size_t i = 0; i < s->nstart; i++)
    if (s->outcome[i].status != ELBO_EDEGENERATE)
      return elbo_fail (s->outcome[i].status, "start %zu: %s", i + 1, sentence_of (s->outcome + i));
  return GSL_EFAILED;
}

static int
take_best (elbo_search *s)
{
  const size_t best = s->best = find_best (s);
  for (size_t i = 0; i < s->nstart; i++)
    s->carried += s->outcome[i].status != GSL_CONTINUE;
  if (best == s->nstart)
    return GSL_SUCCESS;
  for (size_t i = 0; i < s->nstart; i++)
    if (elbo_outcome_usable (s->outcome + i)
        && s->outcome[i].value >= s->outcome[best].value - SAME_OPTIMUM)
      s->found_again++;
  s->model = s->outcome[best].model;
  s->outcome[best].model = NULL;
  return elbo_sort_components (s->model, s->outcome[best].count);
}

/* The models of the other starts are not needed any more. */
static void
drop_models (elbo_search *s)
{
  for (size_t i = 0; i < s->nstart; i++)
    {
      elbo_model_free (s->outcome[i].model);
      s->outcome[i].model = NULL;
    }
}

int
elbo_search_run (elbo_search *s, elbo_search_watch *watch, void *arg)
{
  if (!s)
    return elbo_fail (GSL_EFAULT, "there is no search to run");
  if (s->begun)
    return elbo_fail (GSL_EINVAL, "the search has been run already; make a new one");
  s->begun = 1;
  s->watch = watch;
  s->arg = arg;
  s->brief = s->options.short_runs && s->nstart > 1
             && (double)s->data->n * (double)s->prepared->nstat > SHORT_COST;
  timespec_get (&s->began, TIME_UTC);
  run_all (s);
  int status = s->brief ? run_promising (s) : GSL_SUCCESS;
  if (atomic_load (&s->stop) == GSL_ENOMEM)
    status = GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = take_best (s);
  drop_models (s);
  return status == GSL_SUCCESS
             ? verdict (s)
             : elbo_fail (GSL_ENOMEM, "out of memory in a search of %zu starts", s->nstart);
}

/* --- access ------------------------------------------------------------------------------------ */

static const elbo_outcome *
best_of (const elbo_search *s)
{
  return s && s->best < s->nstart ? s->outcome + s->best : NULL;
}

const elbo_model *
elbo_search_model (const elbo_search *s)
{
  return s ? s->model : NULL;
}

elbo_model *
elbo_search_take_model (elbo_search *s)
{
  elbo_model *model = s ? s->model : NULL;
  if (s)
    s->model = NULL;
  return model;
}

double
elbo_search_value (const elbo_search *s)
{
  const elbo_outcome *best = best_of (s);
  return best ? best->value : NAN;
}

double
elbo_search_log_likelihood (const elbo_search *s)
{
  const elbo_outcome *best = best_of (s);
  return best ? best->log_likelihood : NAN;
}

double
elbo_search_entropy (const elbo_search *s)
{
  const elbo_outcome *best = best_of (s);
  return best ? best->entropy : NAN;
}

const double *
elbo_search_counts (const elbo_search *s)
{
  const elbo_outcome *best = best_of (s);
  return best ? best->count : NULL;
}

size_t
elbo_search_starts (const elbo_search *s)
{
  return s ? s->nstart : 0;
}

size_t
elbo_search_best (const elbo_search *s)
{
  return s ? s->best : 0;
}

size_t
elbo_search_carried (const elbo_search *s)
{
  return s ? s->carried : 0;
}

size_t
elbo_search_found_again (const elbo_search *s)
{
  return s ? s->found_again : 0;
}

const elbo_outcome *
elbo_search_outcome (const elbo_search *s, size_t start)
{
  return s && start < s->nstart ? s->outcome + start : NULL;
}
