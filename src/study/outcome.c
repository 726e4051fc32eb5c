/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of one start. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

#define NEAR_FLOOR 1e3

void
elbo_outcome_clear (elbo_outcome *outcome)
{
  free (outcome->message);
  free (outcome->trace);
  free (outcome->count);
  elbo_model_free (outcome->model);
}

/* The first rows that belong to a collapsed component. */
static int
name_rows (const elbo_model *model, const elbo_data *data, elbo_outcome *outcome)
{
  const size_t K = model->ncomp;
  double *resp = elbo_doubles (elbo_times (K, ELBO_TILE));
  int status = resp ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t t = 0; t < elbo_data_ntile (data) && status == GSL_SUCCESS; t++)
    {
      const elbo_tile tile = elbo_data_tile (data, t);
      status = elbo_predict_part (model, data, tile.first, tile.n, 1, resp, NULL);
      for (size_t i = 0; i < tile.n && status == GSL_SUCCESS && outcome->nrow < NAMED_ROWS; i++)
        if (resp[i * K + outcome->collapsed] > 0.5)
          outcome->row[outcome->nrow++] = tile.first + i;
      if (outcome->nrow == NAMED_ROWS)
        break;
    }
  free (resp);
  /* a fit that broke down may have no responsibilities; memory is another matter */
  return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

static int
keep_trace (elbo_outcome *outcome, const elbo_fit *fit)
{
  const size_t nrecord = elbo_fit_nrecord (fit);
  outcome->log_likelihood = NAN;
  outcome->trace = elbo_calloc (nrecord, sizeof *outcome->trace);
  if (!outcome->trace)
    return GSL_ENOMEM;
  for (size_t i = 0; i < nrecord; i++)
    outcome->trace[i] = *elbo_fit_record (fit, i);
  outcome->nrecord = nrecord;
  if (nrecord > 0)
    outcome->log_likelihood = outcome->trace[nrecord - 1].log_likelihood;
  return GSL_SUCCESS;
}

/* A maximum that a component owes to a handful of rows near a line: one row more than it needs is
   still no evidence of a covariance, nor is a variance within a thousand times the floor. */
static int
is_spurious (const elbo_fit *fit)
{
  return fit->rows < (double)fit->need + 1 || fit->margin < NEAR_FLOOR;
}

int
elbo_outcome_keep (elbo_outcome *outcome, const elbo_fit *fit, elbo_model *model,
                   const elbo_data *data)
{
  const size_t K = model->ncomp;
  outcome->value = elbo_fit_value (fit);
  outcome->iterations = elbo_fit_iterations (fit);
  outcome->collapsed = elbo_fit_collapsed (fit);
  outcome->collapsed_count
      = outcome->collapsed < K ? elbo_fit_counts (fit)[outcome->collapsed] : NAN;
  outcome->rows = fit->rows;
  outcome->spurious = is_spurious (fit);
  outcome->entropy = elbo_fit_entropy (fit);
  outcome->count = elbo_doubles (K);
  int status = outcome->count ? keep_trace (outcome, fit) : GSL_ENOMEM;
  if (status == GSL_SUCCESS && outcome->collapsed < K)
    status = name_rows (model, data, outcome);
  if (status != GSL_SUCCESS)
    return status;
  memcpy (outcome->count, elbo_fit_counts (fit), K * sizeof *outcome->count);
  outcome->model = model;
  return GSL_SUCCESS;
}

int
elbo_outcome_usable (const elbo_outcome *outcome)
{
  return isfinite (outcome->value)
         && (outcome->status == GSL_SUCCESS || outcome->status == GSL_EMAXITER
             || outcome->status == ELBO_ESTOP || outcome->status == ELBO_EFALL);
}

/* --- access ------------------------------------------------------------------------------------ */

int
elbo_outcome_status (const elbo_outcome *outcome)
{
  return outcome ? outcome->status : elbo_check_given (0, "the outcome of a start");
}

const char *
elbo_outcome_message (const elbo_outcome *outcome)
{
  return outcome ? outcome->message : NULL;
}

double
elbo_outcome_value (const elbo_outcome *outcome)
{
  return outcome ? outcome->value : NAN;
}

size_t
elbo_outcome_iterations (const elbo_outcome *outcome)
{
  return outcome ? outcome->iterations : 0;
}

size_t
elbo_outcome_collapsed (const elbo_outcome *outcome)
{
  return outcome ? outcome->collapsed : 0;
}

double
elbo_outcome_count (const elbo_outcome *outcome)
{
  return outcome ? outcome->collapsed_count : NAN;
}

int
elbo_outcome_spurious (const elbo_outcome *outcome)
{
  return outcome ? outcome->spurious : 0;
}

double
elbo_outcome_least_rows (const elbo_outcome *outcome)
{
  return outcome ? outcome->rows : NAN;
}

size_t
elbo_outcome_rows (const elbo_outcome *outcome)
{
  return outcome ? outcome->nrow : 0;
}

size_t
elbo_outcome_row (const elbo_outcome *outcome, size_t i)
{
  return outcome && i < outcome->nrow ? outcome->row[i] : (size_t)-1;
}

size_t
elbo_outcome_records (const elbo_outcome *outcome)
{
  return outcome ? outcome->nrecord : 0;
}

const elbo_trace *
elbo_outcome_record (const elbo_outcome *outcome, size_t i)
{
  return outcome && i < outcome->nrecord ? outcome->trace + i : NULL;
}
