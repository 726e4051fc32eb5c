/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing a model in the user's units. */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

size_t
elbo_model_ncomp (const elbo_model *model)
{
  return model ? model->ncomp : 0;
}

size_t
elbo_model_dim (const elbo_model *model)
{
  return model ? model->dim : 0;
}

size_t
elbo_model_nblock (const elbo_model *model)
{
  return model ? model->nblock : 0;
}

const elbo_block *
elbo_model_block (const elbo_model *model, size_t b)
{
  return model && b < model->nblock ? model->block + b : NULL;
}

const elbo_latent *
elbo_model_latent (const elbo_model *model)
{
  return model ? model->latent_of : NULL;
}

elbo_method
elbo_model_method (const elbo_model *model)
{
  return model ? model->method : ELBO_ML;
}

const double *
elbo_model_shift (const elbo_model *model)
{
  return model ? model->shift : NULL;
}

const double *
elbo_model_scale (const elbo_model *model)
{
  return model ? model->scale : NULL;
}

const elbo_factor *
elbo_model_factor (const elbo_model *model, size_t f)
{
  return model && f <= model->nblock ? model->part[f].factor : NULL;
}

const elbo_belief *
elbo_model_belief (const elbo_model *model, size_t f)
{
  return model && f <= model->nblock ? model->part[f].belief : NULL;
}

const elbo_shape *
elbo_model_shape (const elbo_model *model, size_t f)
{
  return model && f <= model->nblock ? &model->part[f].shape : NULL;
}

size_t
elbo_model_nstat (const elbo_model *model)
{
  return model ? model->nstat : 0;
}

static int
check_factor (const elbo_model *model, size_t f, const double *v)
{
  const int status = elbo_check_given (model && v, "a model or a vector");
  if (status != GSL_SUCCESS)
    return status;
  return f <= model->nblock ? GSL_SUCCESS
                            : elbo_fail (GSL_EINVAL, "the model has no factor %zu", f);
}

int
elbo_model_prior (const elbo_model *model, size_t f, double *prior)
{
  const int status = check_factor (model, f, prior);
  if (status != GSL_SUCCESS)
    return status;
  const elbo_part *part = model->part + f;
  memcpy (prior, part->prior, part->nprior * sizeof *prior);
  elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                      model->scale + part->column, 1, prior);
  return GSL_SUCCESS;
}

int
elbo_model_param (const elbo_model *model, size_t f, double *param)
{
  const int status = check_factor (model, f, param);
  if (status == GSL_SUCCESS)
    memcpy (param, model->part[f].user, model->part[f].nparam * sizeof *param);
  return status;
}

static int
all_finite (const double *v, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (v[i]))
      return 0;
  return 1;
}

int
elbo_model_set_prior (elbo_model *model, size_t f, const double *prior)
{
  const int status = check_factor (model, f, prior);
  if (status != GSL_SUCCESS)
    return status;
  elbo_part *part = model->part + f;
  if (model->method == ELBO_ML && part->factor->flatten && part->nprior > 0
      && part->factor->freedom (&part->shape) > 0)
    return elbo_fail (GSL_EINVAL, "%s: maximum likelihood has no prior", part->factor->name);
  if (!all_finite (prior, part->nprior))
    return elbo_fail (GSL_EINVAL, "%s: a prior must be finite", part->factor->name);
  memcpy (part->prior, prior, part->nprior * sizeof *prior);
  elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                      model->scale + part->column, 0, part->prior);
  elbo_part_fix (part);
  return GSL_SUCCESS;
}

int
elbo_part_round (const elbo_model *model, elbo_part *part)
{
  const double *shift = model->shift + part->column, *scale = model->scale + part->column;
  memcpy (part->user, part->param, part->nparam * sizeof *part->param);
  elbo_field_convert (part->belief->param, &part->shape, shift, scale, 1, part->user);
  memcpy (part->param, part->user, part->nparam * sizeof *part->param);
  elbo_field_convert (part->belief->param, &part->shape, shift, scale, 0, part->param);
  const int status = part->belief->expect (&part->shape, part->param, part->coef);
  part->known |= status == GSL_SUCCESS;
  return status;
}

/* After a failure the part is as it was. */
static int
try_param (elbo_model *model, elbo_part *part, const double *param, double *before)
{
  const int known = part->known;
  memcpy (before, part->user, part->nparam * sizeof *before);
  memcpy (part->param, param, part->nparam * sizeof *param);
  elbo_field_convert (part->belief->param, &part->shape, model->shift + part->column,
                      model->scale + part->column, 0, part->param);
  const int status = elbo_part_round (model, part);
  if (status == GSL_SUCCESS)
    return status;
  char why[512];
  snprintf (why, sizeof why, "%s", elbo_message ());
  memcpy (part->user, before, part->nparam * sizeof *before);
  memcpy (part->param, before, part->nparam * sizeof *before);
  elbo_field_convert (part->belief->param, &part->shape, model->shift + part->column,
                      model->scale + part->column, 0, part->param);
  part->known = known;
  if (known)
    part->belief->expect (&part->shape, part->param, part->coef);
  return elbo_fail (status, "%s", why);
}

int
elbo_model_set_param (elbo_model *model, size_t f, const double *param)
{
  int status = check_factor (model, f, param);
  if (status != GSL_SUCCESS)
    return status;
  elbo_part *part = model->part + f;
  if (!all_finite (param, part->nparam))
    return elbo_fail (GSL_EINVAL, "%s: parameters must be finite", part->factor->name);
  double *before = elbo_doubles (part->nparam);
  status = before ? try_param (model, part, param, before) : GSL_ENOMEM;
  free (before);
  return status;
}

/* "name.field" or "name:i.field" -> the part and the field's name. */
static const elbo_part *
find_part (const elbo_model *model, const char *path, const char **field)
{
  const char *dot = strchr (path, '.');
  const size_t length = strcspn (path, ":.");
  size_t skip = path[length] == ':' ? strtoul (path + length + 1, NULL, 10) : 0;
  for (size_t f = 0; dot && f <= model->nblock; f++)
    {
      const char *name = model->part[f].factor->name;
      if (strlen (name) == length && strncmp (name, path, length) == 0 && skip-- == 0)
        {
          *field = dot + 1;
          return model->part + f;
        }
    }
  return NULL;
}

const double *
elbo_model_field (const elbo_model *model, const char *path, size_t extent[3])
{
  const char *name = NULL;
  size_t at = 0;
  if (elbo_check_given (model && path, "a model or a path") != GSL_SUCCESS)
    return NULL;
  const elbo_part *part = find_part (model, path, &name);
  const elbo_field *field
      = part ? elbo_field_find (part->belief->param, &part->shape, name, &at) : NULL;
  if (!field)
    {
      elbo_fail (ELBO_ENAME, "the model has no parameters '%s'", path);
      return NULL;
    }
  for (size_t i = 0; extent && i < 3; i++)
    extent[i] = elbo_extent_size (field->extent[i], &part->shape);
  return part->user + at;
}

void
elbo_model_weights (const elbo_model *model, double *weight)
{
  if (model && weight)
    model->latent.weight (&model->part->shape, model->part->param, model->method == ELBO_VB,
                          weight);
}

int
elbo_model_describe (const elbo_model *model, size_t b, size_t k, double *value, double *error,
                     double *low, double *high)
{
  if (!model)
    return elbo_fail (GSL_EFAULT, "there is no model to describe");
  if (b >= model->nblock || k >= model->ncomp)
    return elbo_fail (GSL_EINVAL, "the model has no component %zu of block %zu", k + 1, b + 1);
  const elbo_part *part = model->part + 1 + b;
  if (!part->factor->view || !part->belief->describe)
    return elbo_fail (ELBO_EUNSUP, "%s has nothing to show", part->factor->name);
  if (!part->known)
    return elbo_fail (GSL_EINVAL, "the model has no parameters yet: fit it, or set them");
  const size_t n = part->nview;
  double *room = elbo_doubles (elbo_times (4, n));
  if (!room)
    return GSL_ENOMEM;
  double *const to[4] = { value, error, low, high };
  elbo_view view = { room, room + n, room + 2 * n, room + 3 * n };
  for (size_t i = n; i < 4 * n; i++)
    room[i] = NAN;
  const int status = part->belief->describe (&part->shape, part->user, k, &view);
  for (size_t i = 0; i < 4 && status == GSL_SUCCESS; i++)
    if (to[i])
      memcpy (to[i], room + i * n, n * sizeof *room);
  free (room);
  return status;
}

size_t
elbo_model_freedom (const elbo_model *model)
{
  size_t sum = 0;
  for (size_t f = 0; model && f <= model->nblock; f++)
    sum += model->part[f].factor->freedom (&model->part[f].shape);
  return sum;
}
