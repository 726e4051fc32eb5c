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

/* From so many on a ladder has one heat of starts and one parent for each K: most of the gain for a
   third of the passes. */
#define LIGHT_COST 1e6

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
                                .threads = fit.threads,
                                .accelerate = fit.accelerate };
}

void
elbo_search_options_fill (elbo_search_options *options, size_t size)
{
  const elbo_search_options known = defaults ();
  elbo_sized_fill (options, size, &known, sizeof known);
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
  if (o->plan != ELBO_SEARCH_LADDER && o->plan != ELBO_SEARCH_STARTS)
    return elbo_fail (GSL_EINVAL, "there is no plan of a search %d", (int)o->plan);
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
  s->master = s;
  s->best = (size_t)-1;
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
  elbo_search *s = elbo_calloc (1, sizeof *s);
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
  for (size_t i = 0; s->attempt && i < s->nrun; i++)
    {
      /* left over where a callback jumped out */
      elbo_fit_free (s->attempt[i].fit);
      elbo_model_free (s->attempt[i].model);
    }
  for (size_t i = 0; s->outcome && i < s->nrun; i++)
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

/* --- the best runs ------------------------------------------------------------------------------- */

/* May a run be chosen, as long as there are regular ones, or not any more? */
static int
may_win (const elbo_outcome *o, int regular)
{
  return o->model && elbo_outcome_usable (o) && !(regular && o->spurious);
}

/* The best run below a value; those that end as close as the stop rule can tell count as equal and the
   lowest of them wins, so that the choice does not hang on rounding.  nrun where there is none. */
static size_t
best_of (const elbo_search *s, double below, int regular)
{
  const double slack = fmin (4 * fmax (s->options.tol, 1e-10) * s->data->total, SAME_OPTIMUM);
  double most = -INFINITY;
  for (size_t i = 0; i < s->nrun; i++)
    if (may_win (s->outcome + i, regular) && s->outcome[i].value < below)
      most = fmax (most, s->outcome[i].value);
  for (size_t i = 0; i < s->nrun; i++)
    if (may_win (s->outcome + i, regular) && s->outcome[i].value < below
        && s->outcome[i].value >= most - slack)
      return i;
  return s->nrun;
}

/* A spurious maximum (a component on few rows) only where there is no regular one. */
static size_t
best_below (const elbo_search *s, double below)
{
  const size_t regular = best_of (s, below, 1);
  return regular < s->nrun || best_of (s, INFINITY, 1) < s->nrun ? regular : best_of (s, below, 0);
}

/* The models of the other runs are not needed any more. */
static void
drop_models (elbo_search *s)
{
  for (size_t i = 0; i < s->nrun; i++)
    {
      elbo_model_free (s->outcome[i].model);
      s->outcome[i].model = NULL;
    }
}

int
elbo_climbs (const elbo_search_options *o, const elbo_model *model, const elbo_data *data)
{
  return o->plan == ELBO_SEARCH_LADDER && o->kind == ELBO_START_KMEANS
         && !(o->short_runs && elbo_is_dear (model, data));
}

int
elbo_is_light (const elbo_search *s)
{
  return (double)s->data->n * (double)s->prepared->nstat > LIGHT_COST;
}

/* Keep the best runs that differ, and no other models; of those that end as close as the stop rule can
   tell, the first. */
void
elbo_search_keep (elbo_search *s)
{
  elbo_model *model[ELBO_BEAM];
  size_t run[ELBO_BEAM], n = 0;
  const size_t beam = elbo_is_light (s) ? 1 : ELBO_BEAM;
  for (double below = INFINITY; n < beam; n++)
    {
      const size_t best = best_below (s, below);
      if (best == s->nrun)
        break;
      run[n] = best;
      model[n] = s->outcome[best].model;
      s->outcome[best].model = NULL;
      below = s->outcome[best].value - SAME_OPTIMUM;
    }
  drop_models (s);
  for (size_t i = 0; i < n; i++)
    s->outcome[run[i]].model = model[i];
  s->nkept = n;
  memcpy (s->kept, run, n * sizeof *run);
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
  for (size_t i = 0; i < s->nrun; i++)
    if (s->outcome[i].status == ELBO_EFALL)
      return elbo_fail (ELBO_EFALL, "start %zu: %s", i + 1, sentence_of (s->outcome + i));
    else
      collapsed += s->outcome[i].status == ELBO_EDEGENERATE;
  if (elbo_search_stopped (s))
    return elbo_search_late (s)
               ? elbo_fail (ELBO_ESTOP, "stopped after %g seconds", s->options.max_seconds)
               : elbo_fail (ELBO_ESTOP, "stopped by the caller");
  if (s->best < s->nrun)
    {
      const int status = s->outcome[s->best].status;
      return status == GSL_SUCCESS ? status
                                   : elbo_fail (status, "%s", sentence_of (s->outcome + s->best));
    }
  if (collapsed == s->nrun)
    return elbo_fail (ELBO_EDEGENERATE, "every start collapsed");
  for (size_t i = 0; i < s->nrun; i++)
    if (s->outcome[i].status != ELBO_EDEGENERATE)
      return elbo_fail (s->outcome[i].status, "start %zu: %s", i + 1, sentence_of (s->outcome + i));
  return GSL_EFAILED;
}

static int
take_best (elbo_search *s)
{
  const size_t best = s->best = best_below (s, INFINITY);
  for (size_t i = 0; i < s->nrun; i++)
    s->carried += s->outcome[i].status != GSL_CONTINUE;
  if (best == s->nrun)
    return GSL_SUCCESS;
  for (size_t i = 0; i < s->nrun; i++)
    if (elbo_outcome_usable (s->outcome + i)
        && fabs (s->outcome[i].value - s->outcome[best].value) <= SAME_OPTIMUM)
      s->found_again++;
  s->model = s->outcome[best].model;
  s->outcome[best].model = NULL;
  return elbo_sort_components (s->model, s->outcome[best].count);
}

int
elbo_search_conclude (elbo_search *s, int status)
{
  if (elbo_search_stopped (s) == GSL_ENOMEM || status == GSL_ENOMEM)
    status = elbo_fail (GSL_ENOMEM, "out of memory in a search of %zu starts", s->nrun);
  else
    {
      const int taken = take_best (s);
      status = taken != GSL_SUCCESS ? taken : s->model || !status ? verdict (s) : status;
    }
  drop_models (s);
  s->nkept = 0;
  return status;
}

void
elbo_search_cancel (elbo_search *s)
{
  if (s)
    elbo_search_stop (s, ELBO_ESTOP);
}

int
elbo_search_begin (elbo_search *s, elbo_search_watch *watch, void *arg)
{
  if (!s)
    return elbo_fail (GSL_EFAULT, "there is no search to run");
  if (s->begun)
    return elbo_fail (GSL_EINVAL, "the search has been run already; make a new one");
  s->begun = 1;
  s->watch = watch;
  s->arg = arg;
  timespec_get (&s->began, TIME_UTC);
  return GSL_SUCCESS;
}

int
elbo_is_dear (const elbo_model *model, const elbo_data *data)
{
  return (double)data->n * (double)model->nstat > SHORT_COST;
}

/* --- access ------------------------------------------------------------------------------------ */

static const elbo_outcome *
chosen (const elbo_search *s)
{
  return s && s->best < s->nrun ? s->outcome + s->best : NULL;
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
  const elbo_outcome *best = chosen (s);
  return best ? best->value : NAN;
}

double
elbo_search_log_likelihood (const elbo_search *s)
{
  const elbo_outcome *best = chosen (s);
  return best ? best->log_likelihood : NAN;
}

double
elbo_search_entropy (const elbo_search *s)
{
  const elbo_outcome *best = chosen (s);
  return best ? best->entropy : NAN;
}

const double *
elbo_search_counts (const elbo_search *s)
{
  const elbo_outcome *best = chosen (s);
  return best ? best->count : NULL;
}

size_t
elbo_search_starts (const elbo_search *s)
{
  return !s ? 0 : s->nrun ? s->nrun : s->nstart;
}

size_t
elbo_search_best (const elbo_search *s)
{
  return !s ? 0 : s->best < s->nrun ? s->best : elbo_search_starts (s);
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

size_t
elbo_search_passes (const elbo_search *s)
{
  return s ? s->passes : 0;
}

const elbo_outcome *
elbo_search_outcome (const elbo_search *s, size_t start)
{
  return s && start < s->nrun ? s->outcome + start : NULL;
}
