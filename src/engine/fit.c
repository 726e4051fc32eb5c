/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one loop.  EM, MAP and VB differ in the model's beliefs; each half-step is recorded with its
   ledger and checked:

     A1  tight E     evidence of the rows = energy + entropy within 2 eps A, and = the bound from
                     the statistics within tau
     A2  tight M     terms = closed form within tau
     A3  monotone    no record lower than the one before by more than tau */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "engine/engine.h"

struct elbo_fit
{
  elbo_model *model;
  const elbo_data *data;
  elbo_fit_options options;
  double *stat, *spare; /* [nstat] */
  elbo_trace *trace;
  size_t nrecord, room, reported;
  size_t passes;    /* E half-steps so far */
  int ready;        /* stat belongs to an E half-step: an M half-step may follow */
  double size;      /* A of the last record */
  double pass_elbo; /* bound of the last E, or of the first M */
  size_t streak;    /* passes running that gained less than the tolerance */
  size_t collapsed;
  struct timespec began;
};

static const char *const TERM[ELBO_NTERM]
    = { "reconstruction", "kl_assignments", "kl_weights", "kl_components", "log_prior" };

elbo_fit_options
elbo_fit_defaults (void)
{
  const elbo_fit_options o = { .size = sizeof o, .max_pass = 2000, .tol = 1e-8, .threads = 1 };
  return o;
}

static int
check_fit (const elbo_model *model, const elbo_data *data)
{
  if (!model || !data)
    return elbo_fail (GSL_EINVAL, "a fit needs a model and data, not null pointers");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  for (size_t d = 0; d < model->dim; d++)
    if (data->shift[d] != model->shift[d] || data->scale[d] != model->scale[d])
      return elbo_fail (GSL_EINVAL, "the data are standardised for another model (column %zu)",
                        d + 1);
  return GSL_SUCCESS;
}

elbo_fit *
elbo_fit_alloc (elbo_model *model, const elbo_data *data, const elbo_fit_options *options)
{
  if (check_fit (model, data) != GSL_SUCCESS)
    return NULL;
  elbo_fit *fit = elbo_room (1, sizeof *fit);
  if (!fit)
    return NULL;
  fit->model = model;
  fit->data = data;
  fit->options = options ? *options : elbo_fit_defaults ();
  fit->collapsed = model->ncomp;
  fit->pass_elbo = NAN;
  fit->stat = elbo_doubles (model->nstat);
  fit->spare = elbo_doubles (model->nstat);
  timespec_get (&fit->began, TIME_UTC);
  if (fit->stat && fit->spare)
    return fit;
  elbo_fit_free (fit);
  return NULL;
}

void
elbo_fit_free (elbo_fit *fit)
{
  if (!fit)
    return;
  free (fit->stat);
  free (fit->spare);
  free (fit->trace);
  free (fit);
}

static double
seconds_since (const struct timespec *began)
{
  struct timespec now;
  timespec_get (&now, TIME_UTC);
  return (double)(now.tv_sec - began->tv_sec) + 1e-9 * (double)(now.tv_nsec - began->tv_nsec);
}

/* --- records ----------------------------------------------------------------------------- */

static elbo_trace *
new_record (elbo_fit *fit)
{
  if (fit->nrecord == fit->room)
    {
      const size_t room = fit->room ? 2 * fit->room : 64;
      elbo_trace *larger = realloc (fit->trace, room * sizeof *larger);
      if (!larger)
        {
          elbo_fail (GSL_ENOMEM, "out of memory: a trace of %zu records", room);
          return NULL;
        }
      fit->trace = larger;
      fit->room = room;
    }
  return memset (fit->trace + fit->nrecord++, 0, sizeof *fit->trace);
}

/* The term that changed most for the worse, for the message about a fall. */
static size_t
worst_term (const elbo_trace *before, const elbo_trace *now)
{
  size_t worst = 0;
  double most = 0;
  for (size_t i = 0; i < ELBO_NTERM; i++)
    {
      const double sign = i == ELBO_RECONSTRUCTION || i == ELBO_LOG_PRIOR ? 1 : -1;
      const double change = sign * (now->term[i] - before->term[i]);
      if (change < most)
        {
          most = change;
          worst = i;
        }
    }
  return worst;
}

static int
check_record (const elbo_fit *fit, const elbo_ledger *ledger, const elbo_trace *now)
{
  const elbo_trace *before = fit->nrecord > 1 ? now - 1 : NULL;
  if (!isfinite (now->elbo))
    return elbo_fail (ELBO_ENUMERIC, "pass %zu, half-step %c: the bound is not a number", now->pass,
                      now->half);
  if (now->half == 'E' && fabs (ledger->tight) > 2 * DBL_EPSILON * ledger->size)
    return elbo_fail (ELBO_EFALL, "pass %zu: the E half-step is not tight by %.3g (allowed %.3g)",
                      now->pass, ledger->tight, 2 * DBL_EPSILON * ledger->size);
  if (now->half == 'E' && fabs (ledger->elbo - now->elbo) > now->tau)
    return elbo_fail (ELBO_EFALL,
                      "pass %zu: rows and statistics disagree on the bound by %.3g (allowed %.3g)",
                      now->pass, ledger->elbo - now->elbo, now->tau);
  if (now->half != 'E' && fabs (ledger->peak - now->elbo) > now->tau)
    return elbo_fail (ELBO_EFALL,
                      "pass %zu: the M half-step misses its closed form by %.3g (allowed %.3g)",
                      now->pass, ledger->peak - now->elbo, now->tau);
  /* either bound may be the one that was rounded */
  const double tau = before ? fmax (before->tau, now->tau) : now->tau;
  if (before && now->gain < -tau)
    return elbo_fail (ELBO_EFALL,
                      "pass %zu, half-step %c: the bound fell by %.3g (allowed %.3g), %s most",
                      now->pass, now->half, -now->gain, tau, TERM[worst_term (before, now)]);
  return GSL_SUCCESS;
}

/* The likelihood at the parameters of an earlier M record becomes known at the next E. */
static void
complete (elbo_fit *fit, double log_likelihood)
{
  for (size_t i = fit->nrecord; i-- > 0 && isnan (fit->trace[i].log_likelihood);)
    {
      elbo_trace *r = fit->trace + i;
      r->log_likelihood = log_likelihood;
      r->gap = log_likelihood + r->term[ELBO_LOG_PRIOR] - r->elbo;
    }
}

static int
record (elbo_fit *fit, char half)
{
  elbo_ledger ledger;
  elbo_weigh (fit->model, fit->stat, half, &ledger);
  elbo_trace *now = new_record (fit);
  if (!now)
    return GSL_ENOMEM;
  memcpy (now->term, ledger.term, sizeof now->term);
  now->pass = fit->passes;
  now->half = half;
  now->elbo = ledger.elbo;
  now->tau = elbo_allowance (fit->model, &ledger);
  now->log_likelihood = now->gap = NAN;
  now->seconds = seconds_since (&fit->began);
  if (half == 'E')
    {
      const double *term = now->term;
      now->term[ELBO_RECONSTRUCTION] = ledger.evidence + term[ELBO_KL_ASSIGNMENTS];
      now->elbo = ledger.evidence - term[ELBO_KL_WEIGHTS] - term[ELBO_KL_COMPONENTS]
                  + term[ELBO_LOG_PRIOR];
      if (fit->model->method != ELBO_VB)
        complete (fit, ledger.evidence);
    }
  now->gain = fit->nrecord > 1 ? now->elbo - now[-1].elbo : NAN;
  fit->size = ledger.size;
  return check_record (fit, &ledger, now);
}

/* --- half-steps -------------------------------------------------------------------------- */

static int
half_e (elbo_fit *fit)
{
  memset (fit->spare, 0, fit->model->nstat * sizeof *fit->spare);
  const int status = elbo_pass (fit->model, fit->data, NULL, fit->options.threads, fit->spare);
  if (status != GSL_SUCCESS)
    return status;
  double *swap = fit->stat;
  fit->stat = fit->spare;
  fit->spare = swap;
  fit->passes++;
  fit->ready = 1;
  return record (fit, 'E');
}

static int
half_m (elbo_fit *fit, char half)
{
  const int status = elbo_global (fit->model, fit->stat);
  return status == GSL_SUCCESS ? record (fit, half) : status;
}

static int
any_far (const elbo_model *model)
{
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      if (part->family->far && part->family->far (&part->shape, part->coef))
        return 1;
    }
  return 0;
}

int
elbo_fit_start (elbo_fit *fit, const elbo_start *start)
{
  if (!fit || !start || !start->assign)
    return elbo_fail (GSL_EINVAL, "a fit begins from a start, not from a null pointer");
  if (fit->nrecord > 0)
    return elbo_fail (GSL_EINVAL, "the fit has begun already; make a new one for another start");
  int status = GSL_SUCCESS;
  for (int again = 0; again < 2 && status == GSL_SUCCESS; again++)
    {
      memset (fit->stat, 0, fit->model->nstat * sizeof *fit->stat);
      status = elbo_pass (fit->model, fit->data, start, fit->options.threads, fit->stat);
      if (status == GSL_SUCCESS)
        status = elbo_global (fit->model, fit->stat);
      /* components far from the origin: now that their place is known, sum about it */
      if (status == GSL_SUCCESS && !any_far (fit->model))
        break;
    }
  if (status != GSL_SUCCESS)
    return status;
  fit->ready = 0;
  status = record (fit, 'M');
  if (fit->nrecord > 0)
    fit->pass_elbo = fit->trace[fit->nrecord - 1].elbo;
  return status;
}

int
elbo_fit_pass (elbo_fit *fit)
{
  if (!fit)
    return elbo_fail (GSL_EINVAL, "a pass needs a fit, not a null pointer");
  int status = fit->ready ? half_m (fit, 'M') : GSL_SUCCESS;
  if (status == GSL_SUCCESS)
    status = half_e (fit);
  if (status != GSL_SUCCESS)
    return status;
  const double elbo = elbo_fit_value (fit), gain = elbo - fit->pass_elbo;
  const double least = fmax (fit->options.tol * fit->data->total, 2 * DBL_EPSILON * fit->size);
  fit->streak = gain < least ? fit->streak + 1 : 0;
  fit->pass_elbo = elbo;
  return GSL_SUCCESS;
}

int
elbo_fit_test (const elbo_fit *fit)
{
  return fit->streak >= 2 ? GSL_SUCCESS : GSL_CONTINUE;
}

/* --- the order of sticks ----------------------------------------------------------------- */

static void
permute_stat (elbo_fit *fit, const size_t *order)
{
  for (size_t f = 0; f <= fit->model->nblock; f++)
    {
      const elbo_part *part = fit->model->part + f;
      elbo_field_permute (part->factor->stat, &part->shape, order, fit->stat + part->stat_at,
                          fit->spare);
    }
}

/* Insertion sort by decreasing count, ties keep their order; `last` (or K) stays at the end. */
static void
sort_counts (const double *count, size_t ncomp, size_t last, size_t *order)
{
  size_t n = 0;
  for (size_t k = 0; k < ncomp; k++)
    if (k != last)
      {
        size_t at = n++;
        for (; at > 0 && count[order[at - 1]] < count[k]; at--)
          order[at] = order[at - 1];
        order[at] = k;
      }
  if (last < ncomp)
    order[n] = last;
}

/* What the latent structure can reach with its counts in this order. */
static double
peak_of_order (const elbo_model *model, const double *stat, const size_t *order, double *work)
{
  const elbo_part *part = model->part;
  memcpy (work, stat, part->nstat * sizeof *work);
  for (size_t k = 0; k < model->ncomp; k++)
    work[k] = stat[order[k]];
  return part->belief->peak (&part->shape, part->prior, work);
}

/* Sticks depend on the order of components.  Sorting by size is the best order of the nested
   truncation; with a closed last stick the best order may put another component last, so each
   choice is tried.  Returns 1 when a better order than the present one was written. */
static int
better_order (const elbo_fit *fit, size_t *order, size_t *trial, double *work)
{
  const size_t K = fit->model->ncomp;
  for (size_t k = 0; k < K; k++)
    order[k] = k;
  const double now = peak_of_order (fit->model, fit->stat, order, work);
  double best = now + fit->trace[fit->nrecord - 1].tau;
  int found = 0;
  for (size_t last = 0; last <= K; last++)
    {
      sort_counts (fit->stat, K, last, trial);
      const double peak = peak_of_order (fit->model, fit->stat, trial, work);
      if (peak > best)
        {
          best = peak;
          found = 1;
          memcpy (order, trial, K * sizeof *order);
        }
    }
  return found;
}

/* Move: reorder the sticks if that raises the bound.  GSL_CONTINUE when it did. */
static int
reorder (elbo_fit *fit)
{
  const size_t K = fit->model->ncomp;
  int status = GSL_SUCCESS;
  if (!fit->model->latent->ordered || K == 1)
    return status;
  size_t *order = elbo_room (2 * K, sizeof *order);
  double *work = elbo_doubles (fit->model->part->nstat);
  if (!order || !work)
    status = GSL_ENOMEM;
  else if (better_order (fit, order, order + K, work))
    {
      permute_stat (fit, order);
      status = elbo_model_permute (fit->model, order);
      if (status == GSL_SUCCESS)
        status = half_m (fit, 'V');
      fit->ready = 0;
      fit->streak = 0;
      if (status == GSL_SUCCESS)
        status = GSL_CONTINUE;
    }
  free (order);
  free (work);
  return status;
}

/* --- driver ------------------------------------------------------------------------------ */

static int
report (elbo_fit *fit, elbo_watch *watch, void *arg)
{
  const size_t from = fit->reported;
  fit->reported = fit->nrecord;
  if (watch && watch (fit, fit->trace + from, fit->nrecord - from, arg) != 0)
    return elbo_fail (ELBO_ESTOP, "stopped by the caller after pass %zu", fit->passes);
  return GSL_SUCCESS;
}

static int
check_degenerate (elbo_fit *fit)
{
  for (size_t f = 0; f <= fit->model->nblock; f++)
    {
      const elbo_part *part = fit->model->part + f;
      const size_t k = part->belief->degenerate
                           ? part->belief->degenerate (&part->shape, part->prior, part->param)
                           : fit->model->ncomp;
      if (k < fit->model->ncomp)
        {
          fit->collapsed = k;
          return elbo_fail (ELBO_EDEGENERATE, "component %zu collapsed onto %.3g rows", k + 1,
                            fit->stat[k]);
        }
    }
  return GSL_SUCCESS;
}

int
elbo_fit_run (elbo_fit *fit, elbo_watch *watch, void *arg)
{
  int status = GSL_CONTINUE;
  while (status == GSL_CONTINUE)
    {
      status = elbo_fit_pass (fit);
      if (status == GSL_SUCCESS)
        status = report (fit, watch, arg);
      if (status == GSL_SUCCESS)
        status = elbo_fit_test (fit);
      if (status == GSL_SUCCESS)
        status = reorder (fit);
      if (status == GSL_CONTINUE && fit->passes >= fit->options.max_pass && fit->ready)
        status = elbo_fail (GSL_EMAXITER, "not converged after %zu iterations", fit->passes);
    }
  const int degenerate = status == GSL_SUCCESS || status == GSL_EMAXITER || status == ELBO_ESTOP
                             ? check_degenerate (fit)
                             : GSL_SUCCESS;
  return degenerate != GSL_SUCCESS ? degenerate : status;
}

void
elbo_fit_set_threads (elbo_fit *fit, int threads)
{
  fit->options.threads = threads;
}

/* --- access ------------------------------------------------------------------------------ */

const elbo_trace *
elbo_fit_trace (const elbo_fit *fit, size_t *nrecord)
{
  *nrecord = fit->nrecord;
  return fit->trace;
}

double
elbo_fit_value (const elbo_fit *fit)
{
  return fit->nrecord > 0 ? fit->trace[fit->nrecord - 1].elbo : NAN;
}

size_t
elbo_fit_iterations (const elbo_fit *fit)
{
  return fit->passes;
}

const double *
elbo_fit_counts (const elbo_fit *fit)
{
  return fit->stat;
}

double
elbo_fit_entropy (const elbo_fit *fit)
{
  const double *pair = elbo_pair_of (fit->model, fit->stat, ELBO_ENTROPY);
  return pair[0] + pair[1];
}

const elbo_model *
elbo_fit_model (const elbo_fit *fit)
{
  return fit->model;
}

size_t
elbo_fit_collapsed (const elbo_fit *fit)
{
  return fit->collapsed;
}

int
elbo_fit_permute (elbo_fit *fit, const size_t *order)
{
  permute_stat (fit, order);
  return elbo_model_permute (fit->model, order);
}
