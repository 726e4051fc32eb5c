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
    elbo_pair_add (sum, stat[k]);
  return value_of (sum);
}

/* What the beliefs cost: KL terms of distributions, log prior of MAP values. */
static void
weigh_costs (const elbo_model *model, elbo_ledger *ledger)
{
  for (size_t f = 0; f <= model->nblock && model->method != ELBO_ML; f++)
    {
      const elbo_part *part = model->part + f;
      const double cost
          = part->belief->cost (&part->shape, part->prior, part->param, &ledger->size);
      if (model->method == ELBO_VB)
        ledger->term[f == 0 ? ELBO_KL_WEIGHTS : ELBO_KL_COMPONENTS] += cost;
      else
        {
          const double units = parameter_jacobian (model, part);
          ledger->term[ELBO_LOG_PRIOR] -= cost + units;
          ledger->size += fabs (units);
        }
    }
}

/* The closed form of the bound after M, without entropy. */
static double
weigh_peaks (const elbo_model *model, const double *stat)
{
  double sum[2] = { 0, 0 };
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      if (!part->belief->peak)
        return NAN;
      elbo_pair_add (sum, part->belief->peak (&part->shape, part->prior, stat + part->stat_at));
      if (model->method == ELBO_MAP)
        elbo_pair_add (sum, -parameter_jacobian (model, part));
    }
  return value_of (sum);
}

void
elbo_weigh (const elbo_model *model, const double *stat, char half, elbo_ledger *ledger)
{
  const double *pairs = stat + model->ncomp;
  const double entropy = value_of (pairs + 2 * ELBO_ENTROPY);
  const double total = total_count (model, stat), units = model->jacobian * total;
  double sum[2] = { 0, 0 }, assigned = 0;
  memset (ledger, 0, sizeof *ledger);
  ledger->inflation = 1;
  /* the log sum exp of a row and the parameters of a prior are numbers near 1, however small the
     terms and the weights */
  ledger->size = fabs (units) + fabs (entropy) + total + (double)model->ncomp;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const elbo_quantity q = part->factor->sum (&part->shape, part->coef, stat + part->stat_at);
      if (f == 0)
        assigned = q.value;
      else
        elbo_pair_add (sum, q.value);
      ledger->size += q.size;
      ledger->inflation = fmax (ledger->inflation, q.inflation);
      ledger->curvature += q.curvature;
    }
  elbo_pair_add (sum, units);
  ledger->term[ELBO_RECONSTRUCTION] = value_of (sum);
  ledger->term[ELBO_KL_ASSIGNMENTS] = -(assigned + entropy);
  weigh_costs (model, ledger);
  ledger->evidence = NAN;
  ledger->peak = NAN;
  if (half == 'E')
    {
      ledger->evidence = value_of (pairs + 2 * ELBO_EVIDENCE) + units;
      ledger->tight
          = value_of (pairs + 2 * ELBO_EVIDENCE) - (value_of (pairs + 2 * ELBO_ENERGY) + entropy);
    }
  else
    ledger->peak = weigh_peaks (model, stat) + entropy + units;
  const double *term = ledger->term;
  ledger->elbo = term[ELBO_RECONSTRUCTION] - term[ELBO_KL_ASSIGNMENTS] - term[ELBO_KL_WEIGHTS]
                 - term[ELBO_KL_COMPONENTS] + term[ELBO_LOG_PRIOR];
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
elbo_bound (const elbo_model *model, const double *stat, elbo_term *term)
{
  elbo_ledger ledger;
  if (!model || !stat)
    {
      elbo_fail (GSL_EINVAL, "a bound needs a model and statistics");
      return NAN;
    }
  elbo_weigh (model, stat, 'M', &ledger);
  for (size_t i = 0; term && i < ELBO_NTERM; i++)
    {
      term[i].name = NAME[i];
      term[i].value = ledger.term[i];
    }
  return ledger.elbo;
}
