/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and standard deviation of the columns of a data set. */
#include <config.h>
#include <math.h>
#include "engine/engine.h"

/* A column on its way through: values in the user's units times a power of two, which is split in
   two factors because it may itself be too large for a number. */
typedef struct
{
  const elbo_data *data;
  size_t column;
  double half, rest; /* factors */
  double value[ELBO_TILE], weight[ELBO_TILE];
} visit;

/* Read a tile: rows of weight 0 and the padding have value 0 and weight 0. */
static void
read_tile (visit *v, size_t t)
{
  const elbo_data *data = v->data;
  const elbo_tile tile = elbo_data_tile (data, t);
  const double *x = tile.x + v->column * ELBO_TILE;
  const double scale = data->scale[v->column], shift = data->shift[v->column];
  for (size_t i = 0; i < ELBO_TILE; i++)
    {
      const double w = i < tile.n ? (tile.weight ? tile.weight[i] : 1) : 0;
      v->weight[i] = w;
      v->value[i] = w > 0 ? (x[i] * scale + shift) * v->half * v->rest : 0;
    }
}

/* Least and largest value of the rows that count. */
static void
range (visit *v, double *least, double *most)
{
  *least = INFINITY;
  *most = -INFINITY;
  for (size_t t = 0; t < elbo_data_ntile (v->data); t++)
    {
      read_tile (v, t);
      for (size_t i = 0; i < ELBO_TILE; i++)
        if (v->weight[i] > 0)
          {
            *least = v->value[i] < *least ? v->value[i] : *least;
            *most = v->value[i] > *most ? v->value[i] : *most;
          }
    }
}

/* Weighted sums of (value - from) and its square: in eight running sums within a tile, compensated
   over tiles. */
static void
sums_about (visit *v, double from, double *first, double *second)
{
  double one[2] = { 0, 0 }, two[2] = { 0, 0 };
  for (size_t t = 0; t < elbo_data_ntile (v->data); t++)
    {
      double a[8] = { 0 }, b[8] = { 0 };
      read_tile (v, t);
      for (size_t i = 0; i < ELBO_TILE; i += 8)
        for (size_t j = 0; j < 8; j++)
          {
            const double off = v->value[i + j] - from;
            a[j] += v->weight[i + j] * off;
            b[j] += v->weight[i + j] * off * off;
          }
      for (size_t j = 0; j < 8; j++)
        {
          elbo_sum_add (one, a[j]);
          elbo_sum_add (two, b[j]);
        }
    }
  *first = one[0] + one[1];
  *second = two[0] + two[1];
}

/* Mean and standard deviation in two compensated passes, on numbers brought near 1 by a power of
   two so that squares neither overflow nor vanish. */
static void
summarise (const elbo_data *data, size_t d, double *mean, double *sd)
{
  visit v = { .data = data, .column = d, .half = 1, .rest = 1 };
  double least, most, first, second;
  int exponent = 0;
  range (&v, &least, &most);
  *mean = least;
  *sd = 0;
  /* rounding would give a constant column a spread, and a scale */
  if (!(least < most))
    return;
  frexp (fmax (fabs (least), fabs (most)), &exponent);
  v.half = ldexp (1, -(exponent / 2));
  v.rest = ldexp (1, -(exponent - exponent / 2));
  sums_about (&v, 0, &first, &second);
  const double m = first / data->total;
  sums_about (&v, m, &first, &second);
  const double scatter = second - first * first / data->total;
  *mean = ldexp (m + first / data->total, exponent);
  /* weights may sum to 1 or less */
  const double divisor = fmax (data->total - 1, 0.5 * data->total);
  *sd = scatter > 0 ? ldexp (sqrt (scatter / divisor), exponent) : 0;
}

int
elbo_data_summarise (elbo_data *data)
{
  if (!(data->total > 0))
    return elbo_fail (ELBO_EDATA, "the weights are all zero");
  for (size_t d = 0; d < data->dim && !data->known; d++)
    {
      summarise (data, d, data->mean + d, data->sd + d);
      data->resolution[d] = NAN;
    }
  data->known = 1;
  return GSL_SUCCESS;
}

void
elbo_data_moments (const elbo_data *data, size_t column, double *mean, double *sd)
{
  if (!mean || !sd)
    return;
  *mean = *sd = NAN;
  if (!data || column >= data->dim)
    return;
  if (data->known)
    {
      *mean = data->mean[column];
      *sd = data->sd[column];
    }
  else
    summarise (data, column, mean, sd);
}
