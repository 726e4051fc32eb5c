/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves: changes of a converged fit that no half-step makes, taken when they raise the bound.

   Each move is a row of a table; the engine takes the first that finds something and records it as
   half-step V.  The order of sticks is part of the model, so that a better order is one. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

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

/* Reorder sticks if that raises the bound. */
static int
propose_order (elbo_fit *fit)
{
  const size_t K = fit->model->ncomp;
  int status = GSL_SUCCESS;
  if (fit->model->latent.order != ELBO_ORDER_SOUGHT || K == 1)
    return status;
  size_t *order = elbo_calloc (2 * K, sizeof *order);
  double *work = elbo_doubles (fit->model->part->nstat);
  if (!order || !work)
    status = GSL_ENOMEM;
  else if (better_order (fit, order, order + K, work))
    {
      status = elbo_fit_permute (fit, order);
      if (status == GSL_SUCCESS)
        status = GSL_CONTINUE;
    }
  free (order);
  free (work);
  return status;
}

static const elbo_move MOVE[] = { { "reorder", propose_order }, { "nudge", elbo_fit_nudge } };

int
elbo_fit_move (elbo_fit *fit)
{
  int status = GSL_SUCCESS;
  for (size_t i = 0; i < sizeof MOVE / sizeof *MOVE && status == GSL_SUCCESS; i++)
    {
      status = MOVE[i].propose (fit);
      if (status == GSL_CONTINUE)
        {
          fit->streak = fit->past.n = 0;
          status = elbo_fit_maximise (fit, 'V', MOVE[i].name);
          return status == GSL_SUCCESS ? GSL_CONTINUE : status;
        }
    }
  return status;
}

int
elbo_fit_permute (elbo_fit *fit, const size_t *order)
{
  const int status = elbo_model_permute (fit ? fit->model : NULL, order);
  if (status == GSL_SUCCESS)
    {
      permute_stat (fit, order);
      fit->past.n = 0;
    }
  return status;
}
