/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources of rows: a data set in memory and rows of the caller, through the same door.

   A source makes tiles in the units of one model.  A data set that stands in these very units is
   read where it is; otherwise the cells of a tile are converted into the thread's buffer. */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "engine/engine.h"

/* --- a data set ------------------------------------------------------------------------------ */

static int
data_tile (const elbo_source *source, size_t t, double *buffer, elbo_tile *tile)
{
  (void)buffer;
  *tile = elbo_data_tile (source->state, t);
  return GSL_SUCCESS;
}

static int
converted_tile (const elbo_source *source, size_t t, double *buffer, elbo_tile *tile)
{
  const elbo_data *data = source->state;
  *tile = elbo_data_tile (data, t);
  for (size_t d = 0; d < data->dim; d++)
    {
      const double *from = tile->x + d * ELBO_TILE;
      double *to = buffer + d * ELBO_TILE;
      memset (to, 0, ELBO_TILE * sizeof *to);
      for (size_t i = 0; i < tile->n; i++)
        to[i] = elbo_standardise (from[i], data->scale[d], source->scale[d], data->shift[d],
                                  source->shift[d]);
    }
  tile->x = buffer;
  return GSL_SUCCESS;
}

static int
same_units (const elbo_model *model, const elbo_data *data)
{
  for (size_t d = 0; d < model->dim && d < data->dim; d++)
    if (data->shift[d] != model->shift[d] || data->scale[d] != model->scale[d])
      return 0;
  return 1;
}

void
elbo_source_data (elbo_source *source, const elbo_model *model, const elbo_data *data)
{
  *source = (elbo_source){ .nrow = data->n,
                           .ntile = elbo_data_ntile (data),
                           .dim = model->dim,
                           .total = data->total,
                           .tile = same_units (model, data) ? data_tile : converted_tile,
                           .state = data,
                           .shift = model->shift,
                           .scale = model->scale };
}

/* --- rows of the caller ------------------------------------------------------------------------ */

static int
rows_tile (const elbo_source *source, size_t t, double *buffer, elbo_tile *tile)
{
  const elbo_rows *rows = source->state;
  const size_t first = t * ELBO_TILE, left = rows->n - first;
  const size_t n = left < ELBO_TILE ? left : ELBO_TILE;
  double *weight = buffer + source->dim * ELBO_TILE;
  memset (buffer, 0, (source->dim + 1) * ELBO_TILE * sizeof *buffer);
  if (rows->weight)
    memcpy (weight, rows->weight + first, n * sizeof *weight);
  for (size_t i = 0; i < n; i++)
    {
      const double *row = rows->x + (first + i) * rows->tda;
      for (size_t d = 0; d < source->dim; d++)
        buffer[d * ELBO_TILE + i]
            = elbo_standardise (row[d], 1, source->scale[d], 0, source->shift[d]);
    }
  *tile = (elbo_tile){ .x = buffer,
                       .n = n,
                       .dim = source->dim,
                       .weight = rows->weight ? weight : NULL,
                       .first = rows->first + first };
  return GSL_SUCCESS;
}

void
elbo_source_rows (elbo_source *source, const elbo_model *model, const elbo_rows *rows)
{
  *source = (elbo_source){ .nrow = rows->n,
                           .ntile = (rows->n + ELBO_TILE - 1) / ELBO_TILE,
                           .dim = model->dim,
                           .total = NAN,
                           .tile = rows_tile,
                           .state = rows,
                           .shift = model->shift,
                           .scale = model->scale };
}

static int
check_row (const elbo_rows *rows, size_t i)
{
  const double *row = rows->x + i * rows->tda, w = rows->weight ? rows->weight[i] : 1;
  for (size_t d = 0; d < rows->dim; d++)
    if (!isfinite (row[d]))
      return elbo_fail (ELBO_EDATA, "row %zu, column %zu: %g is not finite", rows->first + i + 1,
                        d + 1, row[d]);
  if (!(w >= 0) || !isfinite (w))
    return elbo_fail (ELBO_EDATA, "row %zu: weight %g is not a number of 0 or more",
                      rows->first + i + 1, w);
  return GSL_SUCCESS;
}

int
elbo_rows_check (const elbo_model *model, const elbo_rows *rows, elbo_rows *copy)
{
  if (!rows || rows->size < offsetof (elbo_rows, weight))
    return elbo_fail (rows ? GSL_EINVAL : GSL_EFAULT, "rows begin with ELBO_ROWS");
  memset (copy, 0, sizeof *copy);
  memcpy (copy, rows, rows->size < sizeof *copy ? rows->size : sizeof *copy);
  if (!copy->x && copy->n > 0)
    return elbo_fail (GSL_EFAULT, "there are %zu rows at a null pointer", copy->n);
  if (copy->dim != model->dim || copy->tda < copy->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the rows %zu (of %zu)", model->dim,
                      copy->dim, copy->tda);
  int status = GSL_SUCCESS;
  for (size_t i = 0; i < copy->n && status == GSL_SUCCESS; i++)
    status = check_row (copy, i);
  return status;
}
