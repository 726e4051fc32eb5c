/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one loop.  EM, MAP and VB differ in the model's beliefs; each half-step is recorded and
   checked (ledger.c), and a converged fit may still be moved (move.c). */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"
#include "engine/start.h"

/* A pass gained too little when it gained less than the tolerance asks for, or than the bound is
   rounded to, and, with acceleration, not much is left. */
static void
compare (elbo_fit *fit)
{
  const double elbo = elbo_fit_value (fit), gain = elbo - fit->pass_elbo;
  const double least = fmax (fit->options.tol * fit->source.total, 2 * DBL_EPSILON * fit->size);
  const int rounding = gain <= 16 * DBL_EPSILON * fit->size;
  fit->streak = gain < least && (rounding || !elbo_fit_unfinished (fit)) ? fit->streak + 1 : 0;
  fit->pass_elbo = elbo;
}

/* The M half-step, from an extrapolated point where there is a better one. */
static int
advance (elbo_fit *fit)
{
  int taken;
  const int status = elbo_fit_extrapolate (fit, &taken);
  if (status != GSL_SUCCESS)
    return status;
  if (!taken)
    elbo_past_push (fit);
  return elbo_fit_maximise (fit, taken ? 'X' : 'M', NULL);
}

int
elbo_fit_pass (elbo_fit *fit)
{
  if (!fit)
    return elbo_fail (GSL_EFAULT, "a pass needs a fit, not a null pointer");
  int status = elbo_fit_after_e (fit) ? advance (fit) : elbo_model_ready (fit->model);
  if (status == GSL_SUCCESS)
    status = elbo_fit_expect (fit);
  if (status == GSL_SUCCESS)
    compare (fit);
  return status;
}

int
elbo_fit_test (const elbo_fit *fit)
{
  if (!fit)
    return elbo_check_given (0, "a fit");
  return fit->streak >= 2 ? GSL_SUCCESS : GSL_CONTINUE;
}

static int
report (elbo_fit *fit, elbo_watch *watch, void *arg)
{
  const size_t from = fit->reported;
  fit->reported = fit->nrecord;
  if (watch && watch (fit, from, fit->nrecord - from, arg) != 0)
    return elbo_fail (ELBO_ESTOP, "stopped by the caller after pass %zu", fit->passes);
  if (atomic_load (&fit->cancelled))
    return elbo_fail (ELBO_ESTOP, "cancelled after pass %zu", fit->passes);
  return GSL_SUCCESS;
}

/* GSL_CONTINUE while there are passes and time left; a run never ends before an E. */
static int
check_limits (const elbo_fit *fit)
{
  if (fit->nrecord > 0 && !elbo_fit_after_e (fit))
    return GSL_CONTINUE;
  if (fit->passes >= fit->options.max_pass)
    return elbo_fail (GSL_EMAXITER, "not converged after %zu iterations", fit->passes);
  if (fit->options.max_seconds > 0 && fit->passes > 0
      && elbo_fit_seconds (fit) > fit->options.max_seconds)
    return elbo_fail (ELBO_ESTOP, "not converged after %g seconds", elbo_fit_seconds (fit));
  return GSL_CONTINUE;
}

static int
check_degenerate (elbo_fit *fit)
{
  const elbo_model *model = fit->model;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const size_t k = part->belief->degenerate
                           ? part->belief->degenerate (&part->shape, part->prior, part->param)
                           : model->ncomp;
      if (k == (size_t)-1)
        return GSL_ENOMEM;
      if (k < model->ncomp)
        {
          fit->collapsed = k;
          return elbo_fail (ELBO_EDEGENERATE, "component %zu collapsed onto %.3g rows", k + 1,
                            fit->stat[k]);
        }
    }
  return GSL_SUCCESS;
}

/* A component of a covariance of its own on fewer rows than it needs is as good as on the floor. */
static int
check_support (elbo_fit *fit)
{
  const int status = elbo_fit_inspect (fit);
  if (status != GSL_SUCCESS || !(fit->rows < (double)fit->need))
    return status;
  fit->collapsed = fit->thin;
  return elbo_fail (ELBO_EDEGENERATE, "component %zu collapsed onto %.3g rows", fit->thin + 1,
                    fit->rows);
}

int
elbo_fit_run (elbo_fit *fit, elbo_watch *watch, void *arg)
{
  if (!fit)
    return elbo_fail (GSL_EFAULT, "there is no fit to run");
  int status = check_limits (fit);
  while (status == GSL_CONTINUE)
    {
      status = elbo_fit_pass (fit); /* M, unless it was done already, and E */
      if (status == GSL_SUCCESS)
        status = report (fit, watch, arg);
      if (status == GSL_SUCCESS)
        status = elbo_fit_test (fit);
      if (status == GSL_SUCCESS)
        status = elbo_fit_move (fit);
      if (status == GSL_CONTINUE)
        status = check_limits (fit);
    }
  const int usable = status == GSL_SUCCESS || status == GSL_EMAXITER || status == ELBO_ESTOP;
  int degenerate = usable ? check_degenerate (fit) : GSL_SUCCESS;
  if (usable && degenerate == GSL_SUCCESS && fit->model->method == ELBO_ML)
    degenerate = check_support (fit);
  return degenerate != GSL_SUCCESS ? degenerate : status;
}

/* --- the first M ------------------------------------------------------------------------------- */

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

/* Beliefs from the responsibilities of a start.  Components far from the origin: once their place
   is known, sums are taken about it. */
static int
maximise_start (elbo_fit *fit, const elbo_start *start)
{
  int status = GSL_SUCCESS;
  for (int again = 0; again < 2 && status == GSL_SUCCESS; again++)
    {
      memset (fit->stat, 0, fit->model->nstat * sizeof *fit->stat);
      status = elbo_pass_source (fit->model, &fit->source, &fit->plan, start, fit->options.threads,
                                 fit->stat);
      if (status == GSL_SUCCESS)
        status = elbo_global (fit->model, fit->stat);
      if (status == GSL_SUCCESS && !any_far (fit->model))
        break;
    }
  return status;
}

int
elbo_fit_start (elbo_fit *fit, const elbo_start *start)
{
  if (!fit || !start)
    return elbo_fail (GSL_EFAULT, "a fit begins from a start, not from a null pointer");
  if ((start->n && start->n != fit->source.nrow)
      || (start->ncomp && start->ncomp != fit->model->ncomp))
    return elbo_fail (GSL_EBADLEN,
                      "the start is for %zu rows and %zu components, the fit for %zu and %zu",
                      start->n, start->ncomp, fit->source.nrow, fit->model->ncomp);
  if (fit->nrecord > 0)
    return elbo_fail (GSL_EINVAL, "the fit has begun already; make a new one for another start");
  int status = maximise_start (fit, start);
  if (status == GSL_SUCCESS)
    status = elbo_fit_note (fit, 'M', NULL);
  if (status == GSL_SUCCESS)
    status = elbo_fit_learn (fit);
  fit->pass_elbo = elbo_fit_value (fit);
  return status;
}

/* --- making a fit --------------------------------------------------------------------------------- */

void
elbo_fit_options_fill (elbo_fit_options *options, size_t size)
{
  const elbo_fit_options defaults
      = { .max_pass = 2000, .tol = 1e-8, .threads = 1, .accelerate = 1 };
  elbo_sized_fill (options, size, &defaults, sizeof defaults);
}

static int
take_options (const elbo_fit_options *from, elbo_fit_options *to)
{
  elbo_fit_options_init (to);
  if (!from)
    return GSL_SUCCESS;
  if (from->size < offsetof (elbo_fit_options, max_seconds) || from->size > 4096)
    return elbo_fail (GSL_EINVAL, "options of size %zu: begin them with elbo_fit_options_init",
                      from->size);
  memcpy (to, from, from->size < sizeof *to ? from->size : sizeof *to);
  if (to->max_pass == 0 || !(to->tol >= 0) || isnan (to->max_seconds))
    return elbo_fail (GSL_EINVAL, "options of a fit: %zu passes, tolerance %g", to->max_pass,
                      to->tol);
  return GSL_SUCCESS;
}

static int
check_fit (const elbo_model *model, const elbo_data *data)
{
  if (!model || !data)
    return elbo_fail (GSL_EFAULT, "a fit needs a model and data, not null pointers");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  return elbo_data_check (model, data, ELBO_FITTABLE);
}

elbo_fit *
elbo_fit_alloc (elbo_model *model, const elbo_data *data, const elbo_fit_options *options)
{
  elbo_fit_options taken;
  if (check_fit (model, data) != GSL_SUCCESS || take_options (options, &taken) != GSL_SUCCESS)
    return NULL;
  elbo_fit *fit = elbo_calloc (1, sizeof *fit);
  if (!fit)
    return NULL;
  fit->model = model;
  fit->options = taken;
  elbo_source_data (&fit->source, model, data);
  fit->plan = elbo_plan_of (model, &fit->source);
  fit->collapsed = fit->thin = model->ncomp;
  fit->rows = fit->margin = INFINITY;
  fit->pass_elbo = NAN;
  fit->stat = elbo_doubles (model->nstat);
  fit->spare = elbo_doubles (model->nstat);
  atomic_init (&fit->cancelled, 0);
  timespec_get (&fit->began, TIME_UTC);
  if (fit->stat && fit->spare
      && (!taken.accelerate || elbo_past_alloc (&fit->past, model) == GSL_SUCCESS))
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
  elbo_past_clear (&fit->past);
  free (fit->trace);
  free (fit);
}

/* --- access ------------------------------------------------------------------------------------------ */

void
elbo_fit_cancel (elbo_fit *fit)
{
  if (fit)
    atomic_store (&fit->cancelled, 1);
}

void
elbo_fit_set_threads (elbo_fit *fit, int threads)
{
  if (fit)
    fit->options.threads = threads;
}

size_t
elbo_fit_iterations (const elbo_fit *fit)
{
  return fit ? fit->passes : 0;
}

const double *
elbo_fit_counts (const elbo_fit *fit)
{
  return fit ? fit->stat : NULL;
}

double
elbo_fit_entropy (const elbo_fit *fit)
{
  if (!fit)
    return NAN;
  const double *pair = elbo_pair_of (fit->model, fit->stat, ELBO_ENTROPY);
  return pair[0] + pair[1];
}

const elbo_model *
elbo_fit_model (const elbo_fit *fit)
{
  return fit ? fit->model : NULL;
}

size_t
elbo_fit_collapsed (const elbo_fit *fit)
{
  return fit ? fit->collapsed : 0;
}
