/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The units that a model works in: columns shifted and scaled by powers of two, which is exact, so
   that offsets of 1e8 and scales of 1e-6 are ordinary data. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

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
standardise_block (const elbo_part *part, const double *mean, const double *sd, double *shift,
                   double *scale)
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
      shift[d] = nearest (mean[d], sd[d], own);
      scale[d] = part->family->scaling == ELBO_SCALE_COMMON ? power_of_two (common) : own;
    }
  return GSL_SUCCESS;
}

/* Columns that are not places (a noise covariance of each row) follow from those that are: a
   vector of ones, brought to the units of the model, holds their scales inverted. */
static int
standardise_attributes (const elbo_part *part, const double *shift, double *scale)
{
  const elbo_field *row = part->family->row;
  double *one = elbo_doubles (part->width);
  if (!one)
    return GSL_ENOMEM;
  for (size_t d = 0; d < part->width; d++)
    one[d] = 1;
  elbo_field_convert (row, &part->shape, shift, scale, 0, one);
  for (size_t d = part->shape.dim; d < part->width; d++)
    scale[d] = 1 / one[d];
  free (one);
  return GSL_SUCCESS;
}

static int
choose_units (const elbo_model *model, const double *mean, const double *sd, double *shift,
              double *scale)
{
  int status = GSL_SUCCESS;
  for (size_t d = 0; d < model->dim; d++)
    {
      if (!isfinite (mean[d]) || !isfinite (sd[d]) || sd[d] < 0)
        return elbo_fail (GSL_EINVAL, "column %zu: mean %g and standard deviation %g", d + 1,
                          mean[d], sd[d]);
      shift[d] = 0;
      scale[d] = 1;
    }
  for (size_t f = 1; f <= model->nblock && status == GSL_SUCCESS; f++)
    {
      const elbo_part *part = model->part + f;
      status = standardise_block (part, mean, sd, shift, scale);
      if (status == GSL_SUCCESS && part->width > part->shape.dim)
        status = standardise_attributes (part, shift + part->column, scale + part->column);
    }
  return status;
}

/* Keep what a prior says in the user's units while those of the model change. */
static void
convert_priors (elbo_model *model, int inverse)
{
  for (size_t f = 1; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      double *const given[] = { part->prior, part->low, part->high };
      for (size_t i = 0; i < 3 && given[i]; i++)
        elbo_field_convert (part->factor->prior, &part->shape, model->shift + part->column,
                            model->scale + part->column, inverse, given[i]);
    }
}

/* A row's density in the user's units has the scales of its places in it. */
static double
jacobian_of (const elbo_model *model)
{
  double sum = 0;
  for (size_t f = 1; f <= model->nblock; f++)
    for (size_t d = 0; d < model->part[f].shape.dim; d++)
      {
        const double scale = model->scale[model->part[f].column + d];
        if (model->part[f].family->scaling != ELBO_SCALE_NONE)
          sum -= log (scale);
      }
  return sum;
}

/* Parameters in the new units, from what they are in the user's. */
static int
convert_parameters (elbo_model *model)
{
  int status = GSL_SUCCESS;
  for (size_t f = 0; f <= model->nblock && status == GSL_SUCCESS; f++)
    {
      elbo_part *part = model->part + f;
      if (!part->known)
        continue;
      memcpy (part->param, part->user, part->nparam * sizeof *part->param);
      elbo_field_convert (part->belief->param, &part->shape, model->shift + part->column,
                          model->scale + part->column, 0, part->param);
      status = elbo_part_round (model, part);
    }
  return status;
}

int
elbo_model_standardise (elbo_model *model, const double *mean, const double *sd)
{
  if (!model || !mean || !sd)
    return elbo_fail (GSL_EFAULT, "units are chosen from means and standard deviations");
  double *shift = elbo_doubles (elbo_times (2, model->dim)), *scale = shift + model->dim;
  int status = shift ? choose_units (model, mean, sd, shift, scale) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    {
      convert_priors (model, 1);
      memcpy (model->shift, shift, model->dim * sizeof *shift);
      memcpy (model->scale, scale, model->dim * sizeof *scale);
      memcpy (model->mean, mean, model->dim * sizeof *mean);
      memcpy (model->sd, sd, model->dim * sizeof *sd);
      convert_priors (model, 0);
      model->jacobian = jacobian_of (model);
      status = convert_parameters (model);
    }
  free (shift);
  return status;
}
