/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of one search: each from its own start, beside each other, briefly or to the end. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* A short run may end when its last pass gained less than this share of all gain so far, or after
   so many passes (Biernacki, Celeux & Govaert 2003, small-EM). */
#define SHORT_GAIN 0.01
enum
{
  SHORT_PASSES = 50
};

/* Runs of a heat that end this close to each other, nats, are one. */
#define SAME_RUN 1e-6

/* Ask all starts to end; the first reason stands. */
void
elbo_search_stop (elbo_search *s, int status)
{
  int running = GSL_SUCCESS;
  atomic_compare_exchange_strong (&s->master->stop, &running, status);
}

int
elbo_search_stopped (const elbo_search *s)
{
  return atomic_load (&s->master->stop);
}

/* Tell the watch; the lock is this search's, so that searches do not wait for each other. */
static void
tell (elbo_search *s, size_t start, const elbo_fit *fit, const elbo_outcome *outcome)
{
  if (!s->watch)
    return;
  omp_set_lock (&s->master->lock);
  if (!elbo_search_stopped (s) && s->watch (start, fit, outcome, s->arg) != 0)
    elbo_search_stop (s, ELBO_ESTOP);
  omp_unset_lock (&s->master->lock);
}

static int
gained_enough (const elbo_fit *fit)
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
  size_t run;
  int passes;
} watcher;

static int
brief_enough (const elbo_fit *fit, int passes)
{
  return passes == ELBO_BY_GAIN ? gained_enough (fit)
                                : passes > 0 && elbo_fit_iterations (fit) >= (size_t)passes;
}

int
elbo_search_late (const elbo_search *s)
{
  return s->options.max_seconds > 0
         && elbo_seconds_since (&s->master->began) > s->options.max_seconds;
}

static int
watch_pass (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  const watcher *w = arg;
  elbo_search *s = w->search;
  (void)first;
  (void)nrecord;
  tell (s, w->run, fit, NULL);
  if (elbo_search_late (s))
    elbo_search_stop (s, ELBO_ESTOP);
  return elbo_search_stopped (s) || brief_enough (fit, w->passes);
}

/* End a run: what is reported of it is kept, the rest freed. */
static void
close_run (elbo_search *s, size_t run, int status)
{
  elbo_outcome *outcome = s->outcome + run;
  elbo_attempt *at = s->attempt + run;
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
    elbo_search_stop (s, GSL_ENOMEM);
  tell (s, run, at->fit, outcome);
  elbo_fit_free (at->fit);
  elbo_model_free (at->model);
  *at = (elbo_attempt){ NULL, NULL };
}

/* Make the fit of a run and its first M half-step. */
static int
open_run (elbo_search *s, size_t run, int threads, const elbo_heat *heat, size_t i)
{
  elbo_attempt *at = s->attempt + run;
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.max_pass = s->options.max_pass;
  options.tol = s->options.tol;
  options.threads = threads;
  options.accelerate = s->options.accelerate;
  at->model = elbo_model_clone (s->prepared);
  at->fit = at->model ? elbo_fit_alloc (at->model, s->data, &options) : NULL;
  if (!at->fit)
    return elbo_message_status ();
  int status = GSL_SUCCESS;
  elbo_start *start = heat->make (s, i, at->model, threads, heat->arg, &status);
  if (start && status == GSL_SUCCESS)
    status = elbo_fit_start (at->fit, start);
  if (start != s->options.given)
    elbo_start_free (start);
  return status;
}

/* Run on, briefly or to the end; a short run that is not over stays open. */
static void
go_on (elbo_search *s, size_t run, int passes)
{
  watcher w = { s, run, passes };
  elbo_fit *fit = s->attempt[run].fit;
  const int status = elbo_fit_run (fit, watch_pass, &w);
  if (passes && status == ELBO_ESTOP && !elbo_search_stopped (s))
    s->outcome[run].value = elbo_fit_value (fit);
  else
    close_run (s, run, status);
}

/* How threads are shared: runs are independent and even, so they use the cores best when there are
   enough of them. */
static int
outer_threads (const elbo_search *s, size_t n)
{
  const int threads = elbo_cores (s->options.threads);
  return !s->options.in_turn && n >= (size_t)threads && n > 1 ? threads : 1;
}

static void
begin_runs (elbo_search *s, size_t first, const elbo_heat *heat)
{
  const int outer = outer_threads (s, heat->n);
  const int inner = outer > 1 ? 1 : elbo_cores (s->options.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < heat->n; i++)
    if (elbo_search_stopped (s))
      s->outcome[first + i].status = ELBO_ESTOP;
    else
      {
        const int status = open_run (s, first + i, inner, heat, i);
        if (status == GSL_SUCCESS)
          go_on (s, first + i, heat->passes);
        else /* by maximum likelihood a component without rows has no start */
          close_run (s, first + i, heat->race && status == GSL_EINVAL ? ELBO_EDEGENERATE : status);
      }
}

static void
carry_on (elbo_search *s, const size_t *chosen, size_t n)
{
  const int outer = outer_threads (s, n);
  const int inner = outer > 1 ? 1 : elbo_cores (s->options.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < n; i++)
    if (s->attempt[chosen[i]].fit)
      {
        elbo_fit_set_threads (s->attempt[chosen[i]].fit, inner);
        go_on (s, chosen[i], 0);
      }
}

/* Room for n more runs, none of them begun. */
static int
add_runs (elbo_search *s, size_t n)
{
  elbo_outcome *outcome = realloc (s->outcome, (s->nrun + n) * sizeof *outcome);
  s->outcome = outcome ? outcome : s->outcome;
  elbo_attempt *attempt = realloc (s->attempt, (s->nrun + n) * sizeof *attempt);
  s->attempt = attempt ? attempt : s->attempt;
  if (!outcome || !attempt)
    return elbo_fail (GSL_ENOMEM, "out of memory: %zu runs", s->nrun + n);
  for (size_t i = s->nrun; i < s->nrun + n; i++)
    {
      s->outcome[i] = (elbo_outcome){ .status = GSL_CONTINUE,
                                      .value = NAN,
                                      .collapsed_count = NAN,
                                      .collapsed = s->prepared->ncomp };
      s->attempt[i] = (elbo_attempt){ NULL, NULL };
    }
  s->nrun += n;
  return GSL_SUCCESS;
}

/* The runs of a heat by what they have reached: those that go on, and of a race also those that ended
   well, of equal ones the first alone.  Returns how many. */
static size_t
rank_runs (const elbo_search *s, size_t first, int race, size_t *order)
{
  size_t n = 0;
  for (size_t i = first; i < s->nrun; i++)
    if (s->attempt[i].fit || (race && elbo_outcome_usable (s->outcome + i)))
      {
        size_t at = n++;
        for (; at > 0 && s->outcome[order[at - 1]].value < s->outcome[i].value; at--)
          order[at] = order[at - 1];
        order[at] = i;
      }
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (!race || kept == 0
        || s->outcome[order[kept - 1]].value - s->outcome[order[i]].value > SAME_RUN)
      order[kept++] = order[i];
  return kept;
}

static int
any_usable (const elbo_search *s, size_t first)
{
  for (size_t i = first; i < s->nrun; i++)
    if (elbo_outcome_usable (s->outcome + i))
      return 1;
  return 0;
}

static void
close_rest (elbo_search *s, size_t first)
{
  for (size_t i = first; i < s->nrun; i++)
    if (s->attempt[i].fit)
      {
        elbo_fail (GSL_CONTINUE, "not carried on after a short run");
        close_run (s, i, GSL_CONTINUE);
      }
}

/* Forget the runs of a race that were not carried to their end or, where others did better,
   collapsed. */
static void
drop_rest (elbo_search *s, size_t first)
{
  const int any = any_usable (s, 0);
  size_t n = first;
  for (size_t i = first; i < s->nrun; i++)
    if (s->outcome[i].status == GSL_CONTINUE || (any && s->outcome[i].status == ELBO_EDEGENERATE))
      elbo_outcome_clear (s->outcome + i);
    else
      s->outcome[n++] = s->outcome[i];
  s->nrun = n;
}

int
elbo_search_heat (elbo_search *s, const elbo_heat *heat)
{
  const size_t first = s->nrun;
  size_t *order = elbo_calloc (heat->n + 1, sizeof *order), n;
  int status = order ? add_runs (s, heat->n) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    {
      begin_runs (s, first, heat);
      n = heat->passes ? rank_runs (s, first, heat->race, order) : 0;
      for (size_t at = 0; at < n && !elbo_search_stopped (s); at += heat->carry)
        {
          carry_on (s, order + at, n - at < heat->carry ? n - at : heat->carry);
          if (any_usable (s, first)) /* else all of these collapsed */
            break;
        }
      for (size_t i = first; i < s->nrun; i++)
        s->passes += s->attempt[i].fit ? elbo_fit_iterations (s->attempt[i].fit)
                                       : s->outcome[i].iterations;
      close_rest (s, first);
      if (heat->race)
        drop_rest (s, first);
    }
  free (order);
  return atomic_load (&s->master->stop) == GSL_ENOMEM ? GSL_ENOMEM : status;
}

/* --- starts of a search's own ------------------------------------------------------------------ */

/* The base starts of a number; NULL, with *status GSL_SUCCESS, where the model's parameters are it. */
static elbo_start *
make_base (const elbo_search *s, size_t i, const elbo_model *model, int threads, void *arg,
           int *status)
{
  const size_t number = s->drawn + i;
  (void)arg;
  if (s->options.kind == ELBO_START_GIVEN)
    return (elbo_start *)s->options.given; /* borrowed: it is not freed */
  elbo_start *start
      = s->options.kind == ELBO_START_RANDOM
            ? elbo_start_random (model, s->ranks, s->options.seed, number)
            : elbo_start_kmeans (model, s->data, s->ranks, s->options.seed, number, threads);
  *status = start ? GSL_SUCCESS : elbo_message_status ();
  return start;
}

int
elbo_search_base (elbo_search *s, size_t n, int passes, size_t carry, int race)
{
  const elbo_heat heat = { n, passes, carry, race, make_base, NULL };
  const int status = elbo_search_heat (s, &heat);
  s->drawn += n;
  return status;
}
