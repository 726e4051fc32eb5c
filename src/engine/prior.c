/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models meet data: units, support, and the weak default prior from the pooled rows. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

/* The statistics of all rows in one component, as families summarise them. */
static int
pool_tile (const elbo_part *part, const elbo_shape *single, const double *coef,
           const elbo_tile *whole, double *ones, double *pooled)
{
  elbo_tile tile = elbo_tile_of (whole, part);
  double count = 0;
  for (size_t i = 0; i < ELBO_TILE; i++)
    ones[i] = i < tile.n ? (tile.weight ? tile.weight[i] : 1) : 0;
  tile.kernel->totals (1, ones, &count);
  tile.count = &count;
  return part->family->tally (single, coef, &tile, ones, pooled);
}

static int
pool (const elbo_model *model, const elbo_part *part, const elbo_source *source, double *pooled)
{
  const elbo_shape single = elbo_part_shape (part, 1);
  elbo_workspace w = { 0 };
  double *coef = elbo_doubles (elbo_field_total (part->factor->coef, &single));
  double *ones = elbo_doubles (ELBO_TILE);
  int status = elbo_workspace_init (model, &w);
  if (!coef || !ones)
    status = GSL_ENOMEM;
  for (size_t t = 0; t < source->ntile && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = elbo_workspace_tile (&w, source, t, &tile);
      if (status == GSL_SUCCESS)
        status = pool_tile (part, &single, coef, &tile, ones, pooled);
    }
  free (coef);
  free (ones);
  elbo_workspace_clear (&w);
  return status;
}

/* Resolutions of the columns of a part, its units. */
static int
resolve (const elbo_model *model, const elbo_part *part, elbo_data *data, double *to)
{
  const int status = elbo_data_resolve (data, part->column, part->shape.dim);
  for (size_t d = 0, j = part->column; d < part->shape.dim && status == GSL_SUCCESS; d++, j++)
    to[d] = data->resolution[j] / model->scale[j];
  return status;
}

/* Let the default prior be learned, where the factor can. */
static int
limit_prior (const elbo_model *model, elbo_part *part, elbo_data *data, const double *pooled)
{
  const size_t n = part->nprior, bytes = n * sizeof (double);
  if (model->method == ELBO_ML || model->fixed_prior || !part->factor->limits
      || !part->belief->learn)
    return GSL_SUCCESS;
  double *low = elbo_doubles (2 * n + part->shape.dim), *high = low + n, *resolution = high + n;
  int status = low ? resolve (model, part, data, resolution) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    {
      memcpy (low, part->prior, bytes);
      memcpy (high, part->prior, bytes);
      status = part->factor->limits (&part->shape, pooled, resolution, part->prior, low, high);
    }
  if (status == GSL_SUCCESS)
    status = elbo_part_limit (part, low, high);
  free (low);
  return status;
}

static int
guess_prior (const elbo_model *model, elbo_part *part, elbo_data *data, const elbo_source *source)
{
  const elbo_shape single = elbo_part_shape (part, 1);
  double *pooled = elbo_doubles (elbo_field_total (part->factor->stat, &single));
  int status = pooled ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS && part->family)
    status = pool (model, part, source, pooled);
  if (status == GSL_SUCCESS)
    status = part->factor->guess (&part->shape, pooled, part->prior);
  elbo_part_fix (part);
  if (status == GSL_SUCCESS && part->family)
    status = limit_prior (model, part, data, pooled);
  if (status == GSL_SUCCESS && model->method == ELBO_ML)
    part->factor->flatten (&part->shape, part->prior);
  if (status == GSL_SUCCESS)
    elbo_part_round_prior (model, part);
  free (pooled);
  return status;
}

/* What flattening leaves of a prior: the places and the spread of the columns, that of a constant
   column being its own unit. */
static void
place_prior (const elbo_model *model, elbo_part *part)
{
  double *v = part->prior;
  for (const elbo_field *field = part->factor->prior; field->name; field++)
    {
      const size_t n = elbo_field_size (field, &part->shape);
      const int place = field->unit == ELBO_PLACE, spread = field->unit == ELBO_LENGTH;
      for (size_t d = 0; d < n && n == part->shape.dim && (place || spread); d++)
        {
          const size_t j = part->column + d;
          v[d] = place ? model->mean[j] : model->sd[j] > 0 ? model->sd[j] : model->scale[j];
        }
      v += n;
    }
}

void
elbo_model_flatten (elbo_model *model)
{
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      if (part->family)
        {
          place_prior (model, part);
          elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                              model->scale + part->column, 0, part->prior);
        }
      part->factor->flatten (&part->shape, part->prior);
    }
}

int
elbo_check_columns (const elbo_model *model, const elbo_data *data)
{
  if (!model || !data)
    return elbo_fail (GSL_EFAULT, "a model is prepared for data: null pointers are neither");
  if (data->dim != model->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the data %zu", model->dim,
                      data->dim);
  return GSL_SUCCESS;
}

int
elbo_model_admit (const elbo_model *model, elbo_data *data, elbo_grade grade)
{
  const int status = elbo_check_columns (model, data);
  if (status != GSL_SUCCESS)
    return status;
  elbo_data_fix (data, model->shift, model->scale);
  return elbo_data_ask (model, data, grade);
}

int
elbo_model_prepare (elbo_model *model, elbo_data *data)
{
  elbo_source source;
  int status = elbo_check_columns (model, data);
  if (status == GSL_SUCCESS)
    status = elbo_data_summarise (data);
  if (status == GSL_SUCCESS)
    status = elbo_model_standardise (model, data->mean, data->sd);
  if (status == GSL_SUCCESS)
    status = elbo_model_admit (model, data, ELBO_FITTABLE);
  if (status == GSL_SUCCESS)
    elbo_source_data (&source, model, data);
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    status = guess_prior (model, model->part + f, data, &source);
  return status;
}

int
elbo_model_adopt (const elbo_model *model, elbo_data *data)
{
  return elbo_model_admit (model, data, ELBO_SCORABLE);
}
