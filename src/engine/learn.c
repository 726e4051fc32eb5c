/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priors that are learned: the H half-step, and the limits that it keeps.

   The bound depends on the prior through the costs of the beliefs alone, so that its best prior is
   known without the rows (empirical Bayes; Maritz & Lwin 1989, section 3.2). */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

void
elbo_part_fix (elbo_part *part)
{
  free (part->low);
  part->low = part->high = NULL;
}

/* A fixed number is its own limits, a learned one lies between them. */
static size_t
bring_within (elbo_part *part)
{
  size_t nlearned = 0;
  for (size_t i = 0; i < part->nprior; i++)
    if (part->low[i] < part->high[i])
      {
        part->prior[i] = fmin (part->high[i], fmax (part->low[i], part->prior[i]));
        nlearned++;
      }
    else
      part->low[i] = part->high[i] = part->prior[i];
  return nlearned;
}

int
elbo_part_limit (elbo_part *part, const double *low, const double *high)
{
  const size_t n = part->nprior;
  double *copy = elbo_doubles (2 * n);
  if (!copy)
    return GSL_ENOMEM;
  memcpy (copy, low, n * sizeof *copy);
  memcpy (copy + n, high, n * sizeof *copy);
  elbo_part_fix (part);
  part->low = copy;
  part->high = copy + n;
  if (bring_within (part) == 0)
    elbo_part_fix (part);
  return GSL_SUCCESS;
}

void
elbo_part_round_prior (const elbo_model *model, elbo_part *part)
{
  const double *shift = model->shift + part->column, *scale = model->scale + part->column;
  double *const given[] = { part->prior, part->low, part->high };
  for (size_t i = 0; i < 3 && given[i]; i++)
    for (int inverse = 1; inverse >= 0; inverse--)
      elbo_field_convert (part->factor->prior, &part->shape, shift, scale, inverse, given[i]);
}

int
elbo_model_learns (const elbo_model *model)
{
  for (size_t f = 0; f <= model->nblock; f++)
    if (model->part[f].low)
      return 1;
  return 0;
}

int
elbo_learn (elbo_model *model)
{
  if (!model)
    return elbo_fail (GSL_EFAULT, "a prior is learned by a model, not by a null pointer");
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      if (!part->low)
        continue;
      if (!part->known)
        return elbo_model_ready (model);
      const int status = part->belief->learn (&part->shape, part->param, part->coef, part->low,
                                              part->high, part->prior);
      if (status != GSL_SUCCESS)
        return status;
      elbo_part_round_prior (model, part);
    }
  return GSL_SUCCESS;
}

/* --- what a program sees ------------------------------------------------------------------------ */

void
elbo_model_prefer_learned (elbo_model *model, int learned)
{
  if (model)
    model->fixed_prior = !learned;
}

static int
check_limits (const elbo_part *part, const double *low, const double *high)
{
  for (size_t i = 0; i < part->nprior; i++)
    if (!(low[i] <= high[i]) || !isfinite (low[i]) || !isfinite (high[i]))
      return elbo_fail (GSL_EINVAL, "%s: the limits of number %zu of the prior are %g and %g",
                        part->factor->name, i + 1, low[i], high[i]);
  return GSL_SUCCESS;
}

static int
take_limits (const elbo_model *model, elbo_part *part, const double *low, const double *high)
{
  const size_t n = part->nprior;
  const double *given[] = { low, high };
  double *own = elbo_doubles (2 * n);
  if (!own)
    return GSL_ENOMEM;
  for (size_t i = 0; i < 2; i++)
    {
      memcpy (own + i * n, given[i], n * sizeof *own);
      elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                          model->scale + part->column, 0, own + i * n);
    }
  const int status = elbo_part_limit (part, own, own + n);
  free (own);
  return status;
}

int
elbo_model_set_learned (elbo_model *model, size_t f, const double *low, const double *high)
{
  if (!model || !low != !high)
    return elbo_fail (GSL_EFAULT, "a prior is learned between two limits, in a model");
  if (f > model->nblock)
    return elbo_fail (GSL_EINVAL, "the model has no factor %zu", f);
  elbo_part *part = model->part + f;
  if (!low)
    {
      elbo_part_fix (part);
      return GSL_SUCCESS;
    }
  if (model->method == ELBO_ML || !part->belief->learn)
    return elbo_fail (ELBO_EUNSUP, "%s has no prior that could be learned", part->factor->name);
  const int status = check_limits (part, low, high);
  return status == GSL_SUCCESS ? take_limits (model, part, low, high) : status;
}

size_t
elbo_model_learned (const elbo_model *model, size_t f, double *low, double *high)
{
  if (!model || f > model->nblock)
    return 0;
  const elbo_part *part = model->part + f;
  const double *const from[]
      = { part->low ? part->low : part->prior, part->low ? part->high : part->prior };
  double *const to[] = { low, high };
  size_t n = 0;
  for (size_t i = 0; i < part->nprior; i++)
    n += from[0][i] < from[1][i];
  for (size_t i = 0; i < 2; i++)
    if (to[i])
      {
        memcpy (to[i], from[i], part->nprior * sizeof *to[i]);
        elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                            model->scale + part->column, 1, to[i]);
        /* ten times a number of huge units may be none */
        for (size_t j = 0; j < part->nprior; j++)
          to[i][j] = fmax (-DBL_MAX, fmin (DBL_MAX, to[i][j]));
      }
  return n;
}
