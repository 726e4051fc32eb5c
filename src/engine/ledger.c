/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace: each half-step is recorded with its ledger and checked.

     A0  all rows    the counts add up to the weight of the data within their rounding
     A1  tight E     evidence of the rows = energy + entropy within 2 eps A, and = the bound from
                     the statistics within tau
     A2  tight M     terms = closed form within tau
     A3  monotone    no record lower than the one before by more than tau */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

static elbo_trace *
new_record (elbo_fit *fit)
{
  if (fit->nrecord == fit->capacity)
    {
      const size_t capacity = fit->capacity ? 2 * fit->capacity : 64;
      elbo_trace *larger = realloc (fit->trace, capacity * sizeof *larger);
      if (!larger)
        {
          elbo_fail (GSL_ENOMEM, "out of memory: a trace of %zu records", capacity);
          return NULL;
        }
      fit->trace = larger;
      fit->capacity = capacity;
    }
  return memset (fit->trace + fit->nrecord++, 0, sizeof *fit->trace);
}

/* --- checks ------------------------------------------------------------------------------------ */

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
check_counts (const elbo_fit *fit, const elbo_trace *now)
{
  double sum[2] = { 0, 0 };
  for (size_t k = 0; k < fit->model->ncomp; k++)
    elbo_sum_add (sum, fit->stat[k]);
  /* counts are plain sums within tiles and along the tree: they lose some hundred eps at most */
  const double total = fit->source.total, missing = total - (sum[0] + sum[1]);
  if (fabs (missing) > 1e-9 * total)
    return elbo_fail (ELBO_EFALL, "pass %zu: the counts of the components lack %.3g of %.17g rows",
                      now->pass, missing, total);
  return GSL_SUCCESS;
}

static int
check_e (const elbo_ledger *ledger, const elbo_trace *now)
{
  if (fabs (ledger->tight) > 2 * DBL_EPSILON * ledger->size)
    return elbo_fail (ELBO_EFALL, "pass %zu: the E half-step is not tight by %.3g (allowed %.3g)",
                      now->pass, ledger->tight, 2 * DBL_EPSILON * ledger->size);
  if (fabs (ledger->statistics - now->elbo) > now->tau)
    return elbo_fail (ELBO_EFALL,
                      "pass %zu: rows and statistics disagree on the bound by %.3g (allowed %.3g)",
                      now->pass, ledger->statistics - now->elbo, now->tau);
  return GSL_SUCCESS;
}

static int
check_m (const elbo_ledger *ledger, const elbo_trace *now)
{
  if (fabs (ledger->peak - now->elbo) > now->tau)
    return elbo_fail (ELBO_EFALL,
                      "pass %zu: the M half-step misses its closed form by %.3g (allowed %.3g)",
                      now->pass, ledger->peak - now->elbo, now->tau);
  return GSL_SUCCESS;
}

static int
check_rise (const elbo_trace *before, const elbo_trace *now)
{
  /* either bound may be the one that was rounded */
  const double tau = fmax (before->tau, now->tau);
  if (now->gain < -tau)
    return elbo_fail (
        ELBO_EFALL, "pass %zu, half-step %c: the bound fell by %.3g (allowed %.3g), %s most",
        now->pass, now->half, -now->gain, tau, elbo_term_name (worst_term (before, now)));
  return GSL_SUCCESS;
}

static int
check_record (const elbo_fit *fit, const elbo_ledger *ledger, const elbo_trace *now)
{
  if (!isfinite (now->elbo))
    return elbo_fail (ELBO_ENUMERIC, "pass %zu, half-step %c: the bound is not a number", now->pass,
                      now->half);
  int status = now->half == 'E' ? check_e (ledger, now) : check_m (ledger, now);
  if (status == GSL_SUCCESS && now->half == 'E')
    status = check_counts (fit, now);
  if (status == GSL_SUCCESS && fit->nrecord > 1)
    status = check_rise (now - 1, now);
  return status;
}

/* --- records ------------------------------------------------------------------------------------- */

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

double
elbo_fit_seconds (const elbo_fit *fit)
{
  struct timespec now;
  timespec_get (&now, TIME_UTC);
  return (double)(now.tv_sec - fit->began.tv_sec)
         + 1e-9 * (double)(now.tv_nsec - fit->began.tv_nsec);
}

int
elbo_fit_note (elbo_fit *fit, char half, const char *move)
{
  elbo_ledger ledger;
  const int status = elbo_evaluate (fit->model, fit->stat, half, &ledger);
  elbo_trace *now = status == GSL_SUCCESS ? new_record (fit) : NULL;
  if (!now)
    return status == GSL_SUCCESS ? GSL_ENOMEM : status;
  memcpy (now->term, ledger.term, sizeof now->term);
  now->pass = fit->passes;
  now->half = half;
  now->move = move;
  now->elbo = ledger.elbo;
  now->tau = elbo_allowance (fit->model, &ledger);
  now->log_likelihood = now->gap = NAN;
  now->seconds = elbo_fit_seconds (fit);
  now->gain = fit->nrecord > 1 ? now->elbo - now[-1].elbo : NAN;
  if (half == 'E' && fit->model->method != ELBO_VB)
    complete (fit, ledger.evidence);
  fit->size = ledger.size;
  return check_record (fit, &ledger, now);
}

/* --- access ------------------------------------------------------------------------------------------ */

const elbo_trace *
elbo_fit_trace (const elbo_fit *fit, size_t *nrecord)
{
  *nrecord = fit->nrecord;
  return fit->trace;
}

size_t
elbo_fit_nrecord (const elbo_fit *fit)
{
  return fit ? fit->nrecord : 0;
}

const elbo_trace *
elbo_fit_record (const elbo_fit *fit, size_t i)
{
  return fit && i < fit->nrecord ? fit->trace + i : NULL;
}

double
elbo_fit_value (const elbo_fit *fit)
{
  return fit && fit->nrecord > 0 ? fit->trace[fit->nrecord - 1].elbo : NAN;
}
