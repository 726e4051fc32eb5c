/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in memory: tiles of ELBO_TILE rows, feature-major, standardised in place by powers of two
   so that the arithmetic is exact and offsets cost no digits. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "engine/engine.h"

size_t
elbo_data_ntile (const elbo_data *data)
{
  return (data->n + ELBO_TILE - 1) / ELBO_TILE;
}

elbo_data *
elbo_data_adopt (size_t n, size_t dim, double *x, double *weight)
{
  elbo_data *data = elbo_calloc (1, sizeof *data);
  if (!data)
    return NULL;
  data->n = n;
  data->dim = dim;
  data->shift = elbo_doubles (5 * dim);
  data->support = elbo_calloc (dim, sizeof *data->support);
  if (!data->shift || !data->support)
    {
      elbo_data_free (data);
      return NULL;
    }
  data->scale = data->shift + dim;
  data->mean = data->scale + dim;
  data->sd = data->mean + dim;
  data->resolution = data->sd + dim;
  for (size_t d = 0; d < dim; d++)
    data->scale[d] = 1;
  data->x = x;
  data->weight = weight;
  data->sum[0] = weight ? 0 : (double)n;
  for (size_t i = 0; weight && i < n; i++)
    elbo_sum_add (data->sum, weight[i]);
  data->total = data->sum[0] + data->sum[1];
  return data;
}

elbo_data *
elbo_data_alloc (size_t n, size_t dim)
{
  if (n == 0 || dim == 0)
    {
      elbo_fail (GSL_EINVAL, "a data set needs at least one row and one column");
      return NULL;
    }
  const size_t cells = elbo_times (elbo_times ((n + ELBO_TILE - 1) / ELBO_TILE, ELBO_TILE), dim);
  double *x = cells ? elbo_doubles (cells) : NULL;
  elbo_data *data = x ? elbo_data_adopt (n, dim, x, NULL) : NULL;
  if (!data)
    free (x);
  return data;
}

void
elbo_data_free (elbo_data *data)
{
  if (!data)
    return;
  free (data->x);
  free (data->weight);
  free (data->shift);
  free (data->support);
  free (data);
}

double *
elbo_data_cell (const elbo_data *data, size_t row, size_t column)
{
  return data->x + (row / ELBO_TILE * data->dim + column) * ELBO_TILE + row % ELBO_TILE;
}

double
elbo_standardise (double y, double from, double to, double shift, double target)
{
  const double value = y * from + (shift - target);
  /* the difference of two huge numbers may overflow where the quotients do not */
  return isfinite (value) ? value / to : y * from / to + (shift / to - target / to);
}

static int
has_cell (const elbo_data *data, size_t row, size_t column)
{
  return data && row < data->n && column < data->dim;
}

void
elbo_data_put (elbo_data *data, size_t row, size_t column, double value)
{
  if (!has_cell (data, row, column))
    return;
  *elbo_data_cell (data, row, column)
      = elbo_standardise (value, 1, data->scale[column], 0, data->shift[column]);
  data->known = data->asked = 0;
}

int
elbo_data_put_weight (elbo_data *data, size_t row, double weight)
{
  if (!data)
    return elbo_check_given (0, "data");
  if (row >= data->n)
    return elbo_fail (GSL_EINVAL, "row %zu: the data have %zu", row + 1, data->n);
  if (!(weight >= 0) || !isfinite (weight))
    return elbo_fail (ELBO_EDATA, "row %zu: weight %g is not a number of 0 or more", row + 1,
                      weight);
  if (!data->weight)
    {
      data->weight = elbo_doubles (elbo_data_ntile (data) * ELBO_TILE);
      if (!data->weight)
        return GSL_ENOMEM;
      for (size_t i = 0; i < data->n; i++)
        data->weight[i] = 1;
    }
  /* weights of 1e-20 must survive the ones that they replace */
  elbo_sum_add (data->sum, weight);
  elbo_sum_add (data->sum, -data->weight[row]);
  data->total = data->sum[0] + data->sum[1];
  data->weight[row] = weight;
  data->known = 0;
  return GSL_SUCCESS;
}

elbo_data *
elbo_data_from_matrix (const gsl_matrix *x, const gsl_vector *weight)
{
  if (elbo_check_given (x != NULL, "a matrix") != GSL_SUCCESS)
    return NULL;
  if (weight && weight->size != x->size1)
    {
      elbo_fail (GSL_EBADLEN, "there are %zu weights for %zu rows", weight->size, x->size1);
      return NULL;
    }
  elbo_data *data = elbo_data_alloc (x->size1, x->size2);
  int status = data ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t i = 0; i < x->size1 && status == GSL_SUCCESS; i++)
    {
      for (size_t j = 0; j < x->size2; j++)
        {
          const double value = x->data[i * x->tda + j];
          if (!isfinite (value))
            status = elbo_fail (ELBO_EDATA, "row %zu, column %zu: %g is not finite", i + 1, j + 1,
                                value);
          *elbo_data_cell (data, i, j) = value;
        }
      if (weight && status == GSL_SUCCESS)
        status = elbo_data_put_weight (data, i, weight->data[i * weight->stride]);
    }
  if (status == GSL_SUCCESS && !(data->total > 0))
    status = elbo_fail (ELBO_EDATA, "the weights are all zero");
  if (status == GSL_SUCCESS)
    return data;
  elbo_data_free (data);
  return NULL;
}

elbo_data *
elbo_table_take (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight)
{
  double *x = NULL, *w = NULL;
  size_t n = 0;
  if (elbo_check_given (table && column, "a table or its columns") != GSL_SUCCESS)
    return NULL;
  if (elbo_table_release (table, column, ncolumn, weight, &x, &w, &n) != GSL_SUCCESS)
    return NULL;
  elbo_data *data = elbo_data_adopt (n, ncolumn, x, w);
  if (!data)
    {
      free (x);
      free (w);
    }
  return data;
}

double
elbo_data_value (const elbo_data *data, size_t row, size_t column)
{
  if (!has_cell (data, row, column))
    return NAN;
  return *elbo_data_cell (data, row, column) * data->scale[column] + data->shift[column];
}

double
elbo_data_weight (const elbo_data *data, size_t row)
{
  if (!has_cell (data, row, 0))
    return NAN;
  return data->weight ? data->weight[row] : 1;
}

size_t
elbo_data_rows (const elbo_data *data)
{
  return data ? data->n : 0;
}

size_t
elbo_data_dim (const elbo_data *data)
{
  return data ? data->dim : 0;
}

double
elbo_data_total (const elbo_data *data)
{
  return data ? data->total : NAN;
}

elbo_tile
elbo_data_tile (const elbo_data *data, size_t t)
{
  const size_t first = t * ELBO_TILE, left = data->n - first;
  const elbo_tile tile = { .x = data->x + first * data->dim,
                           .n = left < ELBO_TILE ? left : ELBO_TILE,
                           .dim = data->dim,
                           .weight = data->weight ? data->weight + first : NULL,
                           .first = first };
  return tile;
}

void
elbo_data_fix (elbo_data *data, const double *shift, const double *scale)
{
  if (data->fixed)
    return;
  for (size_t t = 0; t < elbo_data_ntile (data); t++)
    {
      const elbo_tile tile = elbo_data_tile (data, t);
      for (size_t d = 0; d < data->dim; d++)
        if (shift[d] != 0 || scale[d] != 1)
          {
            double *y = data->x + (t * data->dim + d) * ELBO_TILE;
            for (size_t i = 0; i < tile.n; i++)
              y[i] = elbo_standardise (y[i], 1, scale[d], 0, shift[d]);
          }
    }
  memcpy (data->shift, shift, data->dim * sizeof *shift);
  memcpy (data->scale, scale, data->dim * sizeof *scale);
  data->fixed = 1;
}
