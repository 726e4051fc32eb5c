/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model: a latent structure and component families, all of them factors over flat vectors. */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

static int
part_init (elbo_part *part, const elbo_factor *factor, const elbo_family *family,
           const elbo_shape *shape, size_t column, elbo_method method)
{
  part->factor = factor;
  part->family = family;
  part->shape = *shape;
  part->column = column;
  part->belief = method == ELBO_VB ? factor->posterior : factor->point;
  if (!part->belief)
    return elbo_fail (ELBO_EUNSUP, "%s has no %s; use another method", factor->name,
                      method == ELBO_VB ? "variational posterior" : "point estimate");
  part->nprior = elbo_field_total (factor->prior, shape);
  part->nparam = elbo_field_total (part->belief->param, shape);
  part->ncoef = elbo_field_total (factor->coef, shape);
  part->nstat = elbo_field_total (factor->stat, shape);
  part->prior = elbo_doubles (part->nprior);
  part->param = elbo_doubles (part->nparam);
  part->shown = elbo_doubles (part->nparam);
  part->coef = elbo_doubles (part->ncoef);
  return part->prior && part->param && part->shown && part->coef ? GSL_SUCCESS : GSL_ENOMEM;
}

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
model_init (elbo_model *model)
{
  elbo_shape shape = { model->ncomp, 0, 0 };
  int status = part_init (model->part, &model->latent->base, NULL, &shape, 0, model->method);
  model->nstat = model->part->nstat;
  for (size_t b = 0; b < model->nblock && status == GSL_SUCCESS; b++)
    {
      const elbo_block *block = model->block + b;
      elbo_part *part = model->part + 1 + b;
      shape = (elbo_shape){ model->ncomp, block->dim, block->level };
      status = part_init (part, &block->family->base, block->family, &shape, block->column,
                          model->method);
      part->stat_at = model->nstat;
      model->nstat += part->nstat;
    }
  if (status != GSL_SUCCESS)
    return status;
  for (size_t f = 0; f <= model->nblock; f++)
    model->npairs += count_pairs (model->part + f, NULL);
  model->pairs = elbo_room (model->npairs, sizeof *model->pairs);
  if (!model->pairs)
    return GSL_ENOMEM;
  for (size_t f = 0, n = 0; f <= model->nblock; f++)
    n += count_pairs (model->part + f, model->pairs + n);
  return GSL_SUCCESS;
}

/* Families and latent structures may come from the caller: what the engine calls must be there. */
static const char *
factor_lacks (const elbo_factor *base)
{
  return !base->guess ? "guess" : !base->sum ? "sum" : !base->freedom ? "freedom" : NULL;
}

static int
complain_lack (const elbo_factor *base, const char *what, const char *lacks)
{
  if (!base->name || !base->prior || !base->stat || !base->coef)
    return elbo_fail (GSL_EINVAL, "a %s needs a name and its tables of fields", what);
  return lacks ? elbo_fail (GSL_EINVAL, "the %s %s has no function %s", what, base->name, lacks)
               : GSL_SUCCESS;
}

static int
check_family (const elbo_family *family, elbo_method method)
{
  const elbo_factor *base = &family->base;
  const elbo_belief *belief = method == ELBO_VB ? base->posterior : base->point;
  const char *lacks = factor_lacks (base);
  if (!lacks)
    lacks = !family->check                        ? "check"
            : !family->score                      ? "score"
            : !family->tally                      ? "tally"
            : method == ELBO_ML && !base->flatten ? "flatten"
            : !belief                             ? NULL /* part_init complains */
            : !belief->solve                      ? "solve"
            : !belief->expect                     ? "expect"
            : method != ELBO_ML && !belief->cost  ? "cost"
                                                  : NULL;
  if (belief && !belief->param)
    return elbo_fail (GSL_EINVAL, "a family needs a name and its tables of fields");
  return complain_lack (base, "family", lacks);
}

static int
check_latent (const elbo_latent *latent)
{
  const char *lacks = factor_lacks (&latent->base);
  if (!lacks)
    lacks = !latent->score    ? "score"
            : !latent->assign ? "assign"
            : !latent->weight ? "weight"
                              : NULL;
  return complain_lack (&latent->base, "latent structure", lacks);
}

static int
check_arguments (size_t ncomp, const elbo_latent *latent, const elbo_block *block, size_t nblock,
                 elbo_method method)
{
  if (ncomp == 0 || !latent || !block || nblock == 0)
    return elbo_fail (GSL_EINVAL, "a model needs components, a latent structure and a block");
  if (check_latent (latent) != GSL_SUCCESS)
    return GSL_EINVAL;
  for (size_t b = 0; b < nblock; b++)
    {
      if (!block[b].family || block[b].dim == 0)
        return elbo_fail (GSL_EINVAL, "block %zu has no family or no columns", b + 1);
      if (check_family (block[b].family, method) != GSL_SUCCESS)
        return GSL_EINVAL;
      for (size_t c = 0; c < b; c++)
        if (block[b].column < block[c].column + block[c].dim
            && block[c].column < block[b].column + block[b].dim)
          return elbo_fail (GSL_EINVAL, "blocks %zu and %zu share a column", c + 1, b + 1);
      const elbo_shape shape = { ncomp, block[b].dim, block[b].level };
      size_t size = elbo_times (elbo_times (ncomp, shape.dim), shape.dim + shape.level);
      if (size == 0 || size > (size_t)-1 / 64)
        return elbo_fail (GSL_ENOMEM, "block %zu: %zu components of %zu columns are too large",
                          b + 1, ncomp, shape.dim);
    }
  return GSL_SUCCESS;
}

elbo_model *
elbo_model_alloc (size_t ncomp, const elbo_latent *latent, const elbo_block *block, size_t nblock,
                  elbo_method method)
{
  if (method != ELBO_ML && method != ELBO_MAP && method != ELBO_VB)
    {
      elbo_fail (GSL_EINVAL, "there is no method %d", (int)method);
      return NULL;
    }
  if (check_arguments (ncomp, latent, block, nblock, method) != GSL_SUCCESS)
    return NULL;
  elbo_model *model = elbo_room (1, sizeof *model);
  if (!model)
    return NULL;
  model->ncomp = ncomp;
  model->latent = latent;
  model->nblock = nblock;
  model->method = method;
  for (size_t b = 0; b < nblock; b++)
    if (block[b].column + block[b].dim > model->dim)
      model->dim = block[b].column + block[b].dim;
  model->block = elbo_room (nblock, sizeof *model->block);
  model->part = elbo_room (nblock + 1, sizeof *model->part);
  model->shift = elbo_doubles (model->dim);
  model->scale = elbo_doubles (model->dim);
  if (model->block && model->part && model->shift && model->scale)
    {
      memcpy (model->block, block, nblock * sizeof *block);
      for (size_t d = 0; d < model->dim; d++)
        model->scale[d] = 1;
      if (model_init (model) == GSL_SUCCESS)
        return model;
    }
  elbo_model_free (model);
  return NULL;
}

void
elbo_model_free (elbo_model *model)
{
  if (!model)
    return;
  for (size_t f = 0; model->part && f <= model->nblock; f++)
    {
      free (model->part[f].prior);
      free (model->part[f].param);
      free (model->part[f].shown);
      free (model->part[f].coef);
    }
  free (model->part);
  free (model->block);
  free (model->shift);
  free (model->scale);
  free (model->pairs);
  free (model);
}

elbo_model *
elbo_model_clone (const elbo_model *model)
{
  if (!model)
    {
      elbo_fail (GSL_EINVAL, "there is no model to copy");
      return NULL;
    }
  elbo_model *copy
      = elbo_model_alloc (model->ncomp, model->latent, model->block, model->nblock, model->method);
  if (!copy)
    return NULL;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *from = model->part + f, *to = copy->part + f;
      memcpy (to->prior, from->prior, from->nprior * sizeof (double));
      memcpy (to->param, from->param, from->nparam * sizeof (double));
      memcpy (to->shown, from->shown, from->nparam * sizeof (double));
      memcpy (to->coef, from->coef, from->ncoef * sizeof (double));
    }
  memcpy (copy->shift, model->shift, model->dim * sizeof *model->shift);
  memcpy (copy->scale, model->scale, model->dim * sizeof *model->scale);
  copy->jacobian = model->jacobian;
  return copy;
}

/* --- standardisation --------------------------------------------------------------------- */

/* The power of two next to a standard deviation; 1 where there is none. */
static double
power_of_two (double sd)
{
  return sd > 0 && isfinite (sd) ? exp2 (fmin (1000, fmax (-1000, round (log2 (sd))))) : 1;
}

/* The mean to the nearest multiple of the scale: short enough that subtracting it is exact for
   most data, close enough that nothing cancels.  A constant column has no scale of its own, and
   its mean may be many of the common scales. */
static double
nearest (double mean, double sd, double scale)
{
  const double steps = mean / scale;
  return sd > 0 && fabs (steps) < 0x1p52 ? round (steps) * scale : mean;
}

/* Variances are reported in the user's units, so they must be ordinary numbers there. */
static int
check_unit (double sd, size_t column)
{
  if (sd == 0 || (sd > 1e-140 && sd < 1e140))
    return GSL_SUCCESS;
  return elbo_fail (ELBO_EDATA,
                    "column %zu: a standard deviation of %.3g is too %s to be squared, "
                    "change the unit",
                    column + 1, sd, sd < 1 ? "small" : "large");
}

static int
standardise_block (elbo_model *model, const elbo_part *part, const double *mean, const double *sd)
{
  double common = 0, largest = 0;
  for (size_t d = part->column; d < part->column + part->shape.dim; d++)
    largest = fmax (largest, sd[d]);
  for (size_t d = part->column; d < part->column + part->shape.dim; d++)
    common += largest > 0 ? (sd[d] / largest) * (sd[d] / largest) : 0;
  common = largest * sqrt (common / (double)part->shape.dim);
  for (size_t d = part->column; d < part->column + part->shape.dim; d++)
    {
      const double own = power_of_two (sd[d]);
      if (part->family->scaling == ELBO_SCALE_NONE)
        continue;
      if (check_unit (sd[d], d) != GSL_SUCCESS)
        return ELBO_EDATA;
      model->shift[d] = nearest (mean[d], sd[d], own);
      model->scale[d] = part->family->scaling == ELBO_SCALE_COMMON ? power_of_two (common) : own;
      model->jacobian -= log (model->scale[d]);
    }
  return GSL_SUCCESS;
}

int
elbo_model_standardise (elbo_model *model, const double *mean, const double *sd)
{
  model->jacobian = 0;
  for (size_t d = 0; d < model->dim; d++)
    {
      if (!isfinite (mean[d]) || !isfinite (sd[d]) || sd[d] < 0)
        return elbo_fail (GSL_EINVAL, "column %zu: mean %g and standard deviation %g", d + 1,
                          mean[d], sd[d]);
      model->shift[d] = 0;
      model->scale[d] = 1;
    }
  int status = GSL_SUCCESS;
  for (size_t f = 1; f <= model->nblock && status == GSL_SUCCESS; f++)
    status = standardise_block (model, model->part + f, mean, sd);
  return status;
}

int
elbo_model_adopt (const elbo_model *model, elbo_data *data)
{
  if (!model || !data)
    return elbo_fail (GSL_EINVAL, "data take over units from a model: null pointers are neither");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  elbo_data_standardise (data, model->shift, model->scale);
  return GSL_SUCCESS;
}

/* --- default priors ---------------------------------------------------------------------- */

elbo_tile
elbo_tile_of (const elbo_tile *tile, const elbo_part *part)
{
  elbo_tile mine = *tile;
  mine.x += part->column * ELBO_TILE;
  mine.dim = part->shape.dim;
  return mine;
}

static int
check_support (const elbo_part *part, const elbo_data *data, size_t t)
{
  const elbo_tile whole = elbo_data_tile (data, t), tile = elbo_tile_of (&whole, part);
  size_t row = 0, column = 0;
  const int status = part->family->check (&part->shape, &tile, &row, &column);
  if (status == GSL_SUCCESS)
    return status;
  char why[512];
  snprintf (why, sizeof why, "%s", elbo_message ());
  return elbo_fail (status, "row %zu, column %zu: %s", tile.first + row + 1,
                    part->column + column + 1, why);
}

/* The statistics of all rows in one component, as families summarise them. */
static int
pool (const elbo_part *part, const elbo_data *data, double *pooled)
{
  const elbo_shape single = { 1, part->shape.dim, part->shape.level };
  const elbo_kernel *kernel = elbo_kernel_pick ();
  double *coef = elbo_doubles (elbo_field_total (part->factor->coef, &single));
  double *scratch = elbo_doubles ((2 * data->dim + 8) * ELBO_TILE), *ones = NULL;
  int status = coef && scratch && (ones = elbo_doubles (ELBO_TILE)) ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t t = 0; t < elbo_data_ntile (data) && status == GSL_SUCCESS; t++)
    {
      elbo_tile whole = elbo_data_tile (data, t);
      whole.scratch = scratch;
      whole.kernel = kernel;
      elbo_tile tile = elbo_tile_of (&whole, part);
      double count = 0;
      for (size_t i = 0; i < ELBO_TILE; i++)
        ones[i] = i < tile.n ? (tile.weight ? tile.weight[i] : 1) : 0;
      kernel->totals (1, ones, &count);
      tile.count = &count;
      status = check_support (part, data, t);
      if (status == GSL_SUCCESS)
        part->family->tally (&single, coef, &tile, ones, pooled);
    }
  free (coef);
  free (scratch);
  free (ones);
  return status;
}

/* Keep a prior as the user's units hold it, so that a model file restores the same bits. */
static void
settle_prior (const elbo_model *model, elbo_part *part)
{
  const double *shift = model->shift + part->column, *scale = model->scale + part->column;
  for (int inverse = 1; inverse >= 0; inverse--)
    elbo_field_convert (part->factor->prior, &part->shape, shift, scale, inverse, part->prior);
}

static int
prepare_part (const elbo_model *model, elbo_part *part, const elbo_data *data)
{
  const elbo_shape single = { 1, part->shape.dim, part->shape.level };
  double *pooled = elbo_doubles (elbo_field_total (part->factor->stat, &single));
  int status = pooled ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS && part->family)
    status = pool (part, data, pooled);
  if (status == GSL_SUCCESS)
    status = part->factor->guess (&part->shape, pooled, part->prior);
  if (status == GSL_SUCCESS && model->method == ELBO_ML)
    part->factor->flatten (&part->shape, part->prior);
  if (status == GSL_SUCCESS)
    settle_prior (model, part);
  free (pooled);
  return status;
}

int
elbo_model_prepare (elbo_model *model, elbo_data *data)
{
  if (!model || !data)
    return elbo_fail (GSL_EINVAL, "a model is prepared for data: null pointers are neither");
  int status = elbo_data_summarise (data);
  if (status == GSL_SUCCESS && data->dim != model->dim)
    status
        = elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim, data->dim);
  if (status == GSL_SUCCESS)
    status = elbo_model_standardise (model, data->mean, data->sd);
  if (status == GSL_SUCCESS)
    status = elbo_model_adopt (model, data);
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    status = prepare_part (model, model->part + f, data);
  return status;
}

/* --- access ------------------------------------------------------------------------------ */

size_t
elbo_model_ncomp (const elbo_model *model)
{
  return model->ncomp;
}

size_t
elbo_model_dim (const elbo_model *model)
{
  return model->dim;
}

size_t
elbo_model_nblock (const elbo_model *model)
{
  return model->nblock;
}

const elbo_block *
elbo_model_block (const elbo_model *model, size_t b)
{
  return b < model->nblock ? model->block + b : NULL;
}

const elbo_latent *
elbo_model_latent (const elbo_model *model)
{
  return model->latent;
}

elbo_method
elbo_model_method (const elbo_model *model)
{
  return model->method;
}

const double *
elbo_model_shift (const elbo_model *model)
{
  return model->shift;
}

const double *
elbo_model_scale (const elbo_model *model)
{
  return model->scale;
}

const elbo_factor *
elbo_model_factor (const elbo_model *model, size_t f)
{
  return f <= model->nblock ? model->part[f].factor : NULL;
}

const elbo_belief *
elbo_model_belief (const elbo_model *model, size_t f)
{
  return f <= model->nblock ? model->part[f].belief : NULL;
}

const elbo_shape *
elbo_model_shape (const elbo_model *model, size_t f)
{
  return f <= model->nblock ? &model->part[f].shape : NULL;
}

size_t
elbo_model_nstat (const elbo_model *model)
{
  return model->nstat;
}

void
elbo_model_prior (const elbo_model *model, size_t f, double *prior)
{
  const elbo_part *part = model->part + f;
  memcpy (prior, part->prior, part->nprior * sizeof *prior);
  elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                      model->scale + part->column, 1, prior);
}

void
elbo_model_param (const elbo_model *model, size_t f, double *param)
{
  memcpy (param, model->part[f].shown, model->part[f].nparam * sizeof *param);
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
  if (f > model->nblock)
    return elbo_fail (GSL_EINVAL, "the model has no factor %zu", f);
  elbo_part *part = model->part + f;
  if (!all_finite (prior, part->nprior))
    return elbo_fail (GSL_EINVAL, "%s: a prior must be finite", part->factor->name);
  memcpy (part->prior, prior, part->nprior * sizeof *prior);
  elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                      model->scale + part->column, 0, part->prior);
  return GSL_SUCCESS;
}

int
elbo_part_settle (const elbo_model *model, elbo_part *part)
{
  const double *shift = model->shift + part->column, *scale = model->scale + part->column;
  memcpy (part->shown, part->param, part->nparam * sizeof *part->param);
  elbo_field_convert (part->belief->param, &part->shape, shift, scale, 1, part->shown);
  memcpy (part->param, part->shown, part->nparam * sizeof *part->param);
  elbo_field_convert (part->belief->param, &part->shape, shift, scale, 0, part->param);
  return part->belief->expect (&part->shape, part->param, part->coef);
}

int
elbo_model_set_param (elbo_model *model, size_t f, const double *param)
{
  if (f > model->nblock)
    return elbo_fail (GSL_EINVAL, "the model has no factor %zu", f);
  elbo_part *part = model->part + f;
  if (!all_finite (param, part->nparam))
    return elbo_fail (GSL_EINVAL, "%s: parameters must be finite", part->factor->name);
  memcpy (part->param, param, part->nparam * sizeof *param);
  elbo_field_convert (part->belief->param, &part->shape, model->shift + part->column,
                      model->scale + part->column, 0, part->param);
  return elbo_part_settle (model, part);
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
  const elbo_part *part = model && path ? find_part (model, path, &name) : NULL;
  const elbo_field *field
      = part ? elbo_field_find (part->belief->param, &part->shape, name, &at) : NULL;
  if (!field)
    {
      elbo_fail (ELBO_ENAME, "the model has no parameters '%s'", path ? path : "");
      return NULL;
    }
  for (size_t i = 0; extent && i < 3; i++)
    extent[i] = elbo_extent_size (field->extent[i], &part->shape);
  return part->shown + at;
}

void
elbo_model_weights (const elbo_model *model, double *weight)
{
  model->latent->weight (&model->part->shape, model->part->param, model->method == ELBO_VB, weight);
}

int
elbo_model_permute (elbo_model *model, const size_t *order)
{
  size_t most = 1;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      most = part->nparam > most ? part->nparam : most;
      most = part->ncoef > most ? part->ncoef : most;
      most = part->nprior > most ? part->nprior : most;
    }
  double *spare = elbo_doubles (most);
  if (!spare)
    return GSL_ENOMEM;
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      elbo_field_permute (part->factor->prior, &part->shape, order, part->prior, spare);
      elbo_field_permute (part->belief->param, &part->shape, order, part->param, spare);
      elbo_field_permute (part->belief->param, &part->shape, order, part->shown, spare);
      elbo_field_permute (part->factor->coef, &part->shape, order, part->coef, spare);
    }
  free (spare);
  return GSL_SUCCESS;
}

size_t
elbo_model_freedom (const elbo_model *model)
{
  size_t sum = 0;
  for (size_t f = 0; f <= model->nblock; f++)
    sum += model->part[f].factor->freedom (&model->part[f].shape);
  return sum;
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
  if (model->latent->ordered)
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
