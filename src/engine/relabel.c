/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relabelling: components in another order, and how many orders say the same. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

static int
is_permutation (const size_t *order, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      if (order[i] >= n)
        return 0;
      for (size_t j = 0; j < i; j++)
        if (order[i] == order[j])
          return 0;
    }
  return 1;
}

/* Held parameters go with their components. */
static void
permute_held (elbo_part *part, const size_t *order, double *mask, double *spare)
{
  for (size_t i = 0; part->held && i < part->nparam; i++)
    mask[i] = part->held[i];
  if (part->held)
    elbo_field_permute (part->belief->param, &part->shape, order, mask, spare);
  for (size_t i = 0; part->held && i < part->nparam; i++)
    part->held[i] = mask[i] != 0;
}

int
elbo_model_permute (elbo_model *model, const size_t *order)
{
  size_t most = 1;
  if (!model || !order)
    return elbo_fail (GSL_EFAULT, "components are ordered in a model: null pointers are neither");
  if (!is_permutation (order, model->ncomp))
    return elbo_fail (GSL_EINVAL, "the order of the components names one twice or not at all");
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      most = part->nparam > most ? part->nparam : most;
      most = part->ncoef > most ? part->ncoef : most;
      most = part->nprior > most ? part->nprior : most;
    }
  double *spare = elbo_doubles (elbo_times (2, most));
  if (!spare)
    return GSL_ENOMEM;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      permute_held (part, order, spare + most, spare);
      double *const given[] = { part->prior, part->low, part->high };
      for (size_t i = 0; i < 3 && given[i]; i++)
        elbo_field_permute (part->factor->prior, &part->shape, order, given[i], spare);
      elbo_field_permute (part->belief->param, &part->shape, order, part->param, spare);
      elbo_field_permute (part->belief->param, &part->shape, order, part->user, spare);
      elbo_field_permute (part->factor->coef, &part->shape, order, part->coef, spare);
    }
  free (spare);
  return GSL_SUCCESS;
}

/* Do components a and b believe the same of this field? */
static int
same_field (const elbo_field *field, const elbo_shape *shape, const double *v, size_t a, size_t b)
{
  if (field->extent[0] != ELBO_COMP)
    return 1;
  const size_t length = elbo_field_size (field, shape) / shape->ncomp;
  for (size_t i = 0; i < length; i++)
    {
      const double x = v[a * length + i], y = v[b * length + i];
      if (fabs (x - y) > 1e-6 * (fabs (x) + fabs (y)) + 1e-12)
        return 0;
    }
  return 1;
}

static int
same_component (const elbo_model *model, size_t a, size_t b)
{
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const double *v = part->param;
      for (const elbo_field *field = part->belief->param; field->name; field++)
        {
          if (!same_field (field, &part->shape, v, a, b))
            return 0;
          v += elbo_field_size (field, &part->shape);
        }
    }
  return 1;
}

double
elbo_model_multiplicity (const elbo_model *model)
{
  if (!model)
    return NAN;
  if (model->latent.order != ELBO_ORDER_FREE)
    return 0;
  double log_p = elbo_lngamma ((double)model->ncomp + 1);
  for (size_t k = 0; k < model->ncomp; k++)
    {
      /* the k-th member of a group of equal components divides P by its number in the group */
      size_t number = 1;
      for (size_t l = 0; l < k; l++)
        number += (size_t)same_component (model, k, l);
      log_p -= log ((double)number);
    }
  return log_p;
}
