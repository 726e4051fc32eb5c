/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound: a ledger of named terms, and what is known about its rounding.

   elbo = reconstruction - kl_assignments - kl_weights - kl_components + log_prior

   After an E half-step the bound is  sum w log sum exp - costs  and the reconstruction is what
   the identity leaves; after an M half-step every term comes from the statistics. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "engine/engine.h"

static const char *const NAME[ELBO_NTERM]
    = { "reconstruction", "kl_assignments", "kl_weights", "kl_components", "log_prior" };

const char *
elbo_term_name (size_t i)
{
  return i < ELBO_NTERM ? NAME[i] : NULL;
}

static double
value_of (const double pair[2])
{
  return pair[0] + pair[1];
}

/* log |d user / d standardised| of one field of a point belief: a density over parameters
   changes with the units of the parameters. */
static double
field_jacobian (const elbo_field *field, const elbo_shape *shape, const double *scale)
{
  size_t ncolumn = 0, others = 1;
  double sum = 0;
  for (size_t i = 0; i < 3; i++)
    if (field->extent[i] == ELBO_DIM)
      ncolumn++;
    else
      others *= elbo_extent_size (field->extent[i], shape);
  for (size_t d = 0; d < (ncolumn ? shape->dim : 1); d++)
    sum += log (scale[d]);
  switch (field->unit)
    {
    case ELBO_PLACE:
    case ELBO_LENGTH:
      return (double)others * sum;
    case ELBO_SQUARE:
      /* a symmetric matrix has D (D + 1) / 2 free entries, each column in D + 1 of them */
      return (double)others * sum * (ncolumn == 2 ? (double)shape->dim + 1 : 2);
    case ELBO_PURE:
    default:
      return 0;
    }
}

static double
parameter_jacobian (const elbo_model *model, const elbo_part *part)
{
  double sum = 0;
  for (const elbo_field *field = part->belief->param; field->name; field++)
    sum += field_jacobian (field, &part->shape, model->scale + part->column);
  return sum;
}

static double
total_count (const elbo_model *model, const double *stat)
{
  double sum[2] = { 0, 0 };
  for (size_t k = 0; k < model->ncomp; k++)
    elbo_sum_add (sum, stat[k]);
  return value_of (sum);
}

/* What the beliefs cost: KL terms of distributions, log prior of MAP values. */
static int
evaluate_costs (const elbo_model *model, elbo_ledger *ledger)
{
  int status = GSL_SUCCESS;
  for (size_t f = 0; f <= model->nblock && model->method != ELBO_ML && status == GSL_SUCCESS; f++)
    {
      const elbo_part *part = model->part + f;
      elbo_quantity cost = { 0, 0, 1, 0 };
      status = part->belief->cost (&part->shape, part->prior, part->param, &cost);
      ledger->size += cost.size;
      ledger->inflation = fmax (ledger->inflation, cost.inflation);
      ledger->curvature += cost.curvature;
      if (model->method == ELBO_VB)
        ledger->term[f == 0 ? ELBO_KL_WEIGHTS : ELBO_KL_COMPONENTS] += cost.value;
      else
        {
          const double units = parameter_jacobian (model, part);
          ledger->term[ELBO_LOG_PRIOR] -= cost.value + units;
          ledger->size += fabs (units);
        }
    }
  return status;
}

/* The closed form of the bound after M, without entropy.  Held parameters have none. */
static double
evaluate_peaks (const elbo_model *model, const double *stat)
{
  double sum[2] = { 0, 0 };
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      if (!part->belief->peak || part->held)
        return NAN;
      elbo_sum_add (sum, part->belief->peak (&part->shape, part->prior, stat + part->stat_at));
      if (model->method == ELBO_MAP)
        elbo_sum_add (sum, -parameter_jacobian (model, part));
    }
  return value_of (sum);
}

/* The expected log density of rows and assignments, from the statistics. */
static int
evaluate_sums (const elbo_model *model, const double *stat, double units, double entropy,
               elbo_ledger *ledger)
{
  double sum[2] = { 0, 0 }, assigned = 0;
  int status = GSL_SUCCESS;
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    {
      const elbo_part *part = model->part + f;
      elbo_quantity q = { 0, 0, 1, 0 };
      status = part->factor->sum (&part->shape, part->coef, stat + part->stat_at, &q);
      if (f == 0)
        assigned = q.value;
      else
        elbo_sum_add (sum, q.value);
      ledger->size += q.size;
      ledger->inflation = fmax (ledger->inflation, q.inflation);
      ledger->curvature += q.curvature;
    }
  elbo_sum_add (sum, units);
  ledger->term[ELBO_RECONSTRUCTION] = value_of (sum);
  ledger->term[ELBO_KL_ASSIGNMENTS] = -(assigned + entropy);
  return status;
}

/* After E the evidence of the rows is known to fewer roundings than the sum of its parts: it
   makes the bound, and the reconstruction is what the identity leaves. */
static void
take_evidence (const double *pairs, double units, double entropy, elbo_ledger *ledger)
{
  double *term = ledger->term;
  const double evidence = value_of (pairs + 2 * ELBO_EVIDENCE);
  ledger->evidence = evidence + units;
  ledger->tight = evidence - (value_of (pairs + 2 * ELBO_ENERGY) + entropy);
  term[ELBO_RECONSTRUCTION] = ledger->evidence + term[ELBO_KL_ASSIGNMENTS];
  ledger->elbo
      = ledger->evidence - term[ELBO_KL_WEIGHTS] - term[ELBO_KL_COMPONENTS] + term[ELBO_LOG_PRIOR];
}

int
elbo_evaluate (const elbo_model *model, const double *stat, char half, elbo_ledger *ledger)
{
  const double *pairs = stat + model->ncomp;
  const double entropy = value_of (pairs + 2 * ELBO_ENTROPY);
  const double total = total_count (model, stat), units = model->jacobian * total;
  memset (ledger, 0, sizeof *ledger);
  ledger->inflation = 1;
  ledger->evidence = ledger->peak = NAN;
  /* the log sum exp of a row and the parameters of a prior are numbers near 1, however small the
     terms and the weights */
  ledger->size = fabs (units) + fabs (entropy) + total + (double)model->ncomp;
  int status = evaluate_sums (model, stat, units, entropy, ledger);
  if (status == GSL_SUCCESS)
    status = evaluate_costs (model, ledger);
  if (status != GSL_SUCCESS)
    return status;
  const double *term = ledger->term;
  ledger->statistics = ledger->elbo = term[ELBO_RECONSTRUCTION] - term[ELBO_KL_ASSIGNMENTS]
                                      - term[ELBO_KL_WEIGHTS] - term[ELBO_KL_COMPONENTS]
                                      + term[ELBO_LOG_PRIOR];
  if (half == 'E')
    take_evidence (pairs, units, entropy, ledger);
  else if (half != 'H')
    ledger->peak = evaluate_peaks (model, stat) + entropy + units;
  return status;
}

/* tau = 64 eps A V, the rounding of the bound (evaluation, not the step: the bound is stationary
   there), and what rounding the means to the user's units may cost. */
double
elbo_allowance (const elbo_model *model, const elbo_ledger *ledger)
{
  double square = 0;
  for (size_t d = 0; d < model->dim; d++)
    {
      const double off = DBL_EPSILON * model->shift[d] / model->scale[d];
      square += off * off;
    }
  return 64 * DBL_EPSILON * ledger->size * ledger->inflation + square * ledger->curvature;
}

double
elbo_bound (const elbo_model *model, const double *stat, double *term, size_t nterm)
{
  elbo_ledger ledger;
  if (!model || !stat || (!term && nterm > 0))
    {
      elbo_fail (GSL_EFAULT, "a bound needs a model and statistics");
      return NAN;
    }
  if (elbo_model_ready (model) != GSL_SUCCESS
      || elbo_evaluate (model, stat, 'M', &ledger) != GSL_SUCCESS)
    return NAN;
  for (size_t i = 0; i < nterm && i < ELBO_NTERM; i++)
    term[i] = ledger.term[i];
  return ledger.elbo;
}
