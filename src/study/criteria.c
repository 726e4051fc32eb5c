/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Criteria that compare fits of different size. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "study/study.h"

/* The first n criteria from the log-likelihood, the entropy of q(z) and the model. */
static int
criteria (const elbo_model *model, const elbo_data *data, double log_likelihood, double entropy,
          size_t n, double *criterion)
{
  double hard = 0;
  const int status = n > ELBO_ICL_HARD ? elbo_hardness (model, data, &hard) : GSL_SUCCESS;
  const double l = log_likelihood, p = (double)elbo_model_freedom (model);
  const double bic = -2 * l + p * log (data->total);
  const double known[ELBO_NCRITERION] = { [ELBO_BIC] = bic,
                                          [ELBO_AIC] = -2 * l + 2 * p,
                                          [ELBO_ICL] = bic + 2 * entropy,
                                          [ELBO_ICL_HARD] = bic + 2 * hard };
  if (status == GSL_SUCCESS)
    elbo_copy_sized (criterion, n * sizeof *criterion, known, sizeof known);
  return status;
}

static int
check_method (const elbo_model *model)
{
  if (model->method != ELBO_VB)
    return GSL_SUCCESS;
  return elbo_fail (ELBO_EUNSUP, "criteria are for maximum likelihood and posterior modes; by VB "
                                 "the bound compares models");
}

int
elbo_search_criteria (const elbo_search *s, size_t n, double *criterion)
{
  if (!s || !criterion)
    return elbo_fail (GSL_EFAULT, "criteria need a search and a place, not null pointers");
  if (!s->model)
    return elbo_fail (GSL_EINVAL, "the search has no model");
  const int status = check_method (s->model);
  return status == GSL_SUCCESS ? criteria (s->model, s->data, elbo_search_log_likelihood (s),
                                           elbo_search_entropy (s), n, criterion)
                               : status;
}

/* One E half-step gives the log-likelihood and the entropy. */
static int
evaluate (const elbo_model *model, const elbo_data *data, int threads, double *log_likelihood,
          double *entropy)
{
  elbo_ledger ledger = { 0 };
  double *stat = elbo_doubles (model->nstat);
  int status = stat ? elbo_pass (model, data, NULL, threads, stat) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = elbo_evaluate (model, stat, 'E', &ledger);
  if (status == GSL_SUCCESS)
    {
      const double *pair = elbo_pair_of (model, stat, ELBO_ENTROPY);
      *log_likelihood = ledger.evidence;
      *entropy = pair[0] + pair[1];
    }
  free (stat);
  return status;
}

int
elbo_criteria_of (const elbo_model *model, const elbo_data *data, int threads, size_t n,
                  double *criterion)
{
  double log_likelihood = NAN, entropy = NAN;
  if (!model || !data || !criterion)
    return elbo_fail (GSL_EFAULT, "criteria need a model, data and a place, not null pointers");
  int status = check_method (model);
  if (status == GSL_SUCCESS && data->dim != model->dim)
    status
        = elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim, data->dim);
  if (status == GSL_SUCCESS)
    status = elbo_model_ready (model);
  if (status == GSL_SUCCESS)
    status = elbo_data_check (model, data, ELBO_FITTABLE);
  if (status == GSL_SUCCESS)
    status = evaluate (model, data, threads, &log_likelihood, &entropy);
  return status == GSL_SUCCESS ? criteria (model, data, log_likelihood, entropy, n, criterion)
                               : status;
}
