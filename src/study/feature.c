/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as points of a space in which distances mean something: a column counts in units of its
   standard deviation, a category as indicator columns that together have variance 1. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* 1 / variance of a numeric column, 1 / sum p (1 - p) of a category, in units of `scale`; NAN without
   memory. */
static double
unit_of (const elbo_data *data, size_t d, size_t level, double scale)
{
  double mean = 0, sd = 0;
  if (level == 0)
    {
      elbo_data_moments (data, d, &mean, &sd);
      sd /= scale;
      /* with divisor W, as for categories: the unit of the weights does not matter */
      const double variance = sd * sd * fmax (data->total - 1, 0.5 * data->total) / data->total;
      return variance > 0 ? 1 / variance : 0;
    }
  double *count = elbo_doubles (level), spread = 1;
  if (!count)
    return NAN;
  for (size_t i = 0; i < data->n; i++)
    count[(size_t)(elbo_data_value (data, i, d) + 0.5)] += elbo_data_weight (data, i) / data->total;
  for (size_t l = 0; l < level; l++)
    spread -= count[l] * count[l];
  free (count);
  return spread > 1e-12 ? 1 / spread : 0;
}

int
elbo_features_make (elbo_features *f, const elbo_model *model, const elbo_data *data)
{
  *f = (elbo_features){ .column = elbo_calloc (data->dim, sizeof *f->column) };
  if (!f->column)
    return GSL_ENOMEM;
  for (size_t b = 0; b < model->nblock; b++)
    for (size_t d = model->block[b].column; d < model->block[b].column + model->block[b].dim; d++)
      {
        const size_t level = model->block[b].level;
        const double unit = unit_of (data, d, level, model->scale[d]);
        if (isnan (unit))
          {
            elbo_features_clear (f);
            return GSL_ENOMEM;
          }
        f->column[d] = (elbo_feature){ f->n, level ? level : 1, unit };
        f->n += f->column[d].size;
      }
  return GSL_SUCCESS;
}

void
elbo_features_at (const elbo_features *f, const elbo_tile *tile, size_t i, double *point)
{
  memset (point, 0, f->n * sizeof *point);
  for (size_t d = 0; d < tile->dim; d++)
    {
      const elbo_feature *c = f->column + d;
      const double x = tile->x[d * ELBO_TILE + i];
      point[c->at + (c->size > 1 ? (size_t)x : 0)] = c->size > 1 ? 1 : x;
    }
}

void
elbo_features_clear (elbo_features *f)
{
  free (f->column);
  f->column = NULL;
}
