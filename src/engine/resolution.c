/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fine the values of a column are: a prior that is learned must not follow ties into ever
   narrower components, for which the bound has no limit.  Neither units, offsets nor the order of the
   rows matter, and a weight of w is w rows. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

enum
{
  MOST_SORTED = 1 << 20 /* rows; of more nothing is known */
};

/* A value and the weight of the rows that have it. */
typedef struct
{
  double value, weight;
} atom;

/* Merge sort of n atoms by value; spare has room for n. */
static void
sort (atom *v, atom *spare, size_t n)
{
  if (n < 2)
    return;
  const size_t half = n / 2;
  sort (v, spare, half);
  sort (v + half, spare, n - half);
  memcpy (spare, v, half * sizeof *v);
  for (size_t i = 0, j = half, k = 0; i < half; k++)
    v[k] = j < n && v[j].value < spare[i].value ? v[j++] : spare[i++];
}

/* The rows that count, in the user's units about the shift of the column.  Returns how many. */
static size_t
collect (const elbo_data *data, size_t j, atom *v)
{
  size_t n = 0;
  for (size_t t = 0; t < elbo_data_ntile (data); t++)
    {
      const elbo_tile tile = elbo_data_tile (data, t);
      for (size_t i = 0; i < tile.n; i++)
        {
          const double w = tile.weight ? tile.weight[i] : 1;
          if (w > 0)
            v[n++] = (atom){ tile.x[j * ELBO_TILE + i] * data->scale[j], w };
        }
    }
  return n;
}

/* Make equal neighbours one; values closer than rounding are equal. */
static size_t
unite (atom *v, size_t n, double rounding)
{
  size_t m = 0;
  for (size_t i = 0; i < n; i++)
    if (m > 0 && v[i].value - v[m - 1].value <= rounding)
      v[m - 1].weight += v[i].weight;
    else
      v[m++] = v[i];
  return m;
}

/* Total weight and standard deviation of sorted atoms. */
static double
spread_of (const atom *v, size_t n, double *total)
{
  double w[2] = { 0, 0 }, first[2] = { 0, 0 }, second[2] = { 0, 0 };
  const double from = v[n / 2].value;
  for (size_t i = 0; i < n; i++)
    {
      const double off = v[i].value - from;
      elbo_sum_add (w, v[i].weight);
      elbo_sum_add (first, v[i].weight * off);
      elbo_sum_add (second, v[i].weight * off * off);
    }
  *total = w[0] + w[1];
  const double mean = (first[0] + first[1]) / *total;
  return sqrt (fmax (0, (second[0] + second[1]) / *total - mean * mean));
}

static double
step_of (const atom *v, size_t n)
{
  double step = INFINITY;
  for (size_t i = 1; i < n; i++)
    step = fmin (step, v[i].value - v[i - 1].value);
  return step;
}

/* Pairs of rows with equal values beyond what the values a step away make expected, as a share of
   all pairs: of a column that is rounded these are as many.  Fewer than chance may gather
   (three standard deviations of a count) are none. */
static double
excess (const atom *v, size_t n, double step, double total)
{
  double pairs[2] = { 0, 0 };
  for (size_t i = 0; i < n; i++)
    {
      const double w = v[i].weight;
      const double left = i && v[i].value - v[i - 1].value < 1.5 * step ? v[i - 1].weight : 0;
      const double right
          = i + 1 < n && v[i + 1].value - v[i].value < 1.5 * step ? v[i + 1].weight : 0;
      const double near = 0.5 * (left + right);
      if (w - 1 > near + 3 * sqrt (near + 1))
        elbo_sum_add (pairs, w * (w - 1 - near));
    }
  return (pairs[0] + pairs[1]) / (total * fmax (total - 1, 0.5 * total));
}

/* A value that takes the share p of all rows beyond its neighbours makes the column as coarse as steps
   of 2 sqrt(pi) sd p^2, for so many pairs of a normal sample in steps of d are equal: d / (2 sqrt(pi)
   sd).  Steps of d have the standard deviation d / sqrt(12). */
static double
measure (const elbo_data *data, size_t j, atom *v, size_t n)
{
  double total;
  const double far = fmax (fabs (v[0].value), fabs (v[n - 1].value)) + fabs (data->shift[j]);
  n = unite (v, n, 4 * DBL_EPSILON * far);
  if (n < 2)
    return INFINITY;
  const double sd = spread_of (v, n, &total), step = step_of (v, n);
  return fmax (step / sqrt (12), 2 * sqrt (M_PI) * sd * excess (v, n, step, total));
}

static int
resolve (const elbo_data *data, size_t j, double *resolution)
{
  atom *v = elbo_calloc (elbo_times (2, data->n), sizeof *v);
  if (!v)
    return GSL_ENOMEM;
  const size_t n = collect (data, j, v);
  sort (v, v + data->n, n);
  *resolution = measure (data, j, v, n);
  free (v);
  return GSL_SUCCESS;
}

int
elbo_data_resolve (elbo_data *data, size_t column, size_t n)
{
  int status = GSL_SUCCESS;
  for (size_t j = column; j < column + n && status == GSL_SUCCESS; j++)
    if (isnan (data->resolution[j]) && data->n > MOST_SORTED)
      data->resolution[j] = INFINITY;
    else if (isnan (data->resolution[j]))
      status = resolve (data, j, data->resolution + j);
  return status;
}
