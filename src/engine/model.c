/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model: a latent structure and component families, all of them factors over flat vectors. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

static size_t
count_pairs (const elbo_part *part, size_t *at)
{
  size_t n = 0, from = part->stat_at;
  for (const elbo_field *f = part->factor->stat; f->name; f++)
    {
      if (f->extent[0] == ELBO_PAIR)
        {
          if (at)
            at[n] = from;
          n++;
        }
      from += elbo_field_size (f, &part->shape);
    }
  return n;
}

static int
find_pairs (elbo_model *model)
{
  for (size_t f = 0; f <= model->nblock; f++)
    model->npairs += count_pairs (model->part + f, NULL);
  model->pairs = elbo_calloc (model->npairs, sizeof *model->pairs);
  if (!model->pairs)
    return GSL_ENOMEM;
  for (size_t f = 0, n = 0; f <= model->nblock; f++)
    n += count_pairs (model->part + f, model->pairs + n);
  return GSL_SUCCESS;
}

static int
init_parts (elbo_model *model)
{
  elbo_shape shape = { .ncomp = model->ncomp };
  int status = elbo_part_init (model->part, model->latent.base, NULL, &shape, 0, model->method);
  model->nstat = model->part->nstat;
  for (size_t b = 0; b < model->nblock && status == GSL_SUCCESS; b++)
    {
      const elbo_block *block = model->block + b;
      elbo_part *part = model->part + 1 + b;
      shape = (elbo_shape){
        .ncomp = model->ncomp, .dim = block->dim, .level = block->level, .rank = block->rank
      };
      status = elbo_part_init (part, NULL, block->family, &shape, block->column, model->method);
      part->stat_at = model->nstat;
      model->nstat += part->nstat;
      if (block->column + part->width > model->dim)
        model->dim = block->column + part->width;
    }
  return status;
}

/* Blocks must not overlap; their widths are known once the parts are. */
static int
check_columns (const elbo_model *model)
{
  for (size_t b = 2; b <= model->nblock; b++)
    for (size_t c = 1; c < b; c++)
      {
        const elbo_part *x = model->part + b, *y = model->part + c;
        if (x->column < y->column + y->width && y->column < x->column + x->width)
          return elbo_fail (GSL_EINVAL, "blocks %zu and %zu share a column", c, b);
      }
  return GSL_SUCCESS;
}

static int
init_units (elbo_model *model)
{
  model->shift = elbo_doubles (model->dim);
  model->scale = elbo_doubles (model->dim);
  model->mean = elbo_doubles (model->dim);
  model->sd = elbo_doubles (model->dim);
  if (!model->shift || !model->scale || !model->mean || !model->sd)
    return GSL_ENOMEM;
  for (size_t d = 0; d < model->dim; d++)
    model->scale[d] = model->sd[d] = 1;
  return GSL_SUCCESS;
}

static int
init (elbo_model *model)
{
  int status = model->block && model->part ? init_parts (model) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = check_columns (model);
  if (status == GSL_SUCCESS)
    status = find_pairs (model);
  return status == GSL_SUCCESS ? init_units (model) : status;
}

elbo_model *
elbo_model_alloc (size_t ncomp, const elbo_latent *latent, const elbo_block *block, size_t nblock,
                  elbo_method method)
{
  if (elbo_check_request (ncomp, latent, block, nblock, method) != GSL_SUCCESS)
    return NULL;
  elbo_model *model = elbo_calloc (1, sizeof *model);
  if (!model)
    return NULL;
  model->ncomp = ncomp;
  model->latent_of = latent;
  model->nblock = nblock;
  model->method = method;
  elbo_copy_sized (&model->latent, sizeof model->latent, latent, latent->size);
  model->part = elbo_calloc (nblock + 1, sizeof *model->part);
  model->block = elbo_calloc (nblock, sizeof *model->block);
  for (size_t b = 0; model->block && b < nblock; b++)
    {
      elbo_copy_sized (model->block + b, sizeof *block, elbo_block_at (block, b), block->size);
      model->block[b].size = sizeof *block; /* ours now, as the distance of two of them is */
    }
  if (init (model) == GSL_SUCCESS)
    return model;
  elbo_model_free (model);
  return NULL;
}

void
elbo_model_free (elbo_model *model)
{
  if (!model)
    return;
  for (size_t f = 0; model->part && f <= model->nblock; f++)
    elbo_part_clear (model->part + f);
  free (model->part);
  free (model->block);
  free (model->shift);
  free (model->scale);
  free (model->mean);
  free (model->sd);
  free (model->pairs);
  free (model);
}

static int
clone_prior (const elbo_part *from, elbo_part *to)
{
  memcpy (to->prior, from->prior, from->nprior * sizeof (double));
  return from->low ? elbo_part_limit (to, from->low, from->high) : GSL_SUCCESS;
}

static int
clone_belief (const elbo_part *from, elbo_part *to)
{
  memcpy (to->param, from->param, from->nparam * sizeof (double));
  memcpy (to->user, from->user, from->nparam * sizeof (double));
  memcpy (to->coef, from->coef, from->ncoef * sizeof (double));
  to->known = from->known;
  if (!from->held)
    return GSL_SUCCESS;
  to->held = elbo_calloc (from->nparam, 1);
  to->shape.held = to->held;
  if (to->held)
    memcpy (to->held, from->held, from->nparam);
  return to->held ? GSL_SUCCESS : GSL_ENOMEM;
}

static void
copy_units (const elbo_model *from, elbo_model *to)
{
  memcpy (to->shift, from->shift, from->dim * sizeof *from->shift);
  memcpy (to->scale, from->scale, from->dim * sizeof *from->scale);
  memcpy (to->mean, from->mean, from->dim * sizeof *from->mean);
  memcpy (to->sd, from->sd, from->dim * sizeof *from->sd);
  to->jacobian = from->jacobian;
  to->fixed_prior = from->fixed_prior;
}

/* Is v what the factor would guess without rows?  work [nprior]. */
static int
is_guess (const elbo_part *part, const double *v, double *work, const double *pooled)
{
  return part->factor->guess (&part->shape, pooled, work) == GSL_SUCCESS
         && memcmp (v, work, part->nprior * sizeof *v) == 0;
}

/* Fields of the components for another number of them, where all have the same numbers. */
static int
spread_fields (const elbo_part *from, elbo_part *to)
{
  const double *v = from->prior;
  double *out = to->prior;
  for (const elbo_field *f = from->factor->prior; f->name; f++)
    {
      const size_t n = elbo_field_size (f, &from->shape), m = elbo_field_size (f, &to->shape);
      const size_t each = f->extent[0] == ELBO_COMP ? n / from->shape.ncomp : n;
      for (size_t i = each; i < n; i++)
        if (memcmp (v + i, v + i % each, sizeof *v) != 0)
          return elbo_fail (ELBO_EUNSUP, "the prior of %s belongs to %zu components",
                            from->factor->name, from->shape.ncomp);
      for (size_t i = 0; i < m; i++)
        out[i] = v[i % each];
      v += n;
      out += m;
    }
  return GSL_SUCCESS;
}

/* The prior of a part for another number of components. */
static int
resize_prior (const elbo_part *from, elbo_part *to)
{
  if (from->nprior == to->nprior)
    return clone_prior (from, to);
  double *work = elbo_doubles (from->nprior + from->nstat), *pooled = work + from->nprior;
  int status = work ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS && !from->family && is_guess (from, from->prior, work, pooled))
    status = to->factor->guess (&to->shape, pooled, to->prior);
  else if (status == GSL_SUCCESS)
    status = spread_fields (from, to);
  free (work);
  return status;
}

elbo_model *
elbo_model_resized (const elbo_model *model, size_t ncomp)
{
  elbo_model *other
      = elbo_model_alloc (ncomp, model->latent_of, model->block, model->nblock, model->method);
  int status = other ? GSL_SUCCESS : elbo_message_status ();
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    status = resize_prior (model->part + f, other->part + f);
  if (status == GSL_SUCCESS)
    {
      copy_units (model, other);
      return other;
    }
  elbo_model_free (other);
  return NULL;
}

elbo_model *
elbo_model_clone (const elbo_model *model)
{
  if (!model)
    {
      elbo_fail (GSL_EFAULT, "there is no model to copy");
      return NULL;
    }
  elbo_model *copy = elbo_model_resized (model, model->ncomp);
  int status = copy ? GSL_SUCCESS : elbo_message_status ();
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    status = clone_belief (model->part + f, copy->part + f);
  if (status == GSL_SUCCESS)
    return copy;
  elbo_model_free (copy);
  return NULL;
}
