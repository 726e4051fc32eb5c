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
  elbo_data *data = elbo_room (1, sizeof *data);
  if (!data)
    return NULL;
  data->n = n;
  data->dim = dim;
  data->shift = elbo_doubles (4 * dim);
  if (!data->shift)
    {
      free (data);
      return NULL;
    }
  data->scale = data->shift + dim;
  data->mean = data->scale + dim;
  data->sd = data->mean + dim;
  for (size_t d = 0; d < dim; d++)
    data->scale[d] = 1;
  data->x = x;
  data->weight = weight;
  data->sum[0] = weight ? 0 : (double)n;
  for (size_t i = 0; weight && i < n; i++)
    elbo_pair_add (data->sum, weight[i]);
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
  free (data);
}

static double *
cell (const elbo_data *data, size_t row, size_t column)
{
  return data->x + (row / ELBO_TILE * data->dim + column) * ELBO_TILE + row % ELBO_TILE;
}

void
elbo_data_put (elbo_data *data, size_t row, size_t column, double value)
{
  *cell (data, row, column) = value;
  data->known = 0;
}

int
elbo_data_put_weight (elbo_data *data, size_t row, double weight)
{
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
  elbo_pair_add (data->sum, weight);
  elbo_pair_add (data->sum, -data->weight[row]);
  data->total = data->sum[0] + data->sum[1];
  data->weight[row] = weight;
  data->known = 0;
  return GSL_SUCCESS;
}

elbo_data *
elbo_data_from_matrix (const gsl_matrix *x, const gsl_vector *weight)
{
  if (!x || (weight && weight->size != x->size1))
    {
      elbo_fail (GSL_EBADLEN, "there are %zu weights for %zu rows", weight ? weight->size : 0,
                 x ? x->size1 : 0);
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
          *cell (data, i, j) = value;
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
  return *cell (data, row, column) * data->scale[column] + data->shift[column];
}

double
elbo_data_weight (const elbo_data *data, size_t row)
{
  return data->weight ? data->weight[row] : 1;
}

size_t
elbo_data_rows (const elbo_data *data)
{
  return data->n;
}

size_t
elbo_data_dim (const elbo_data *data)
{
  return data->dim;
}

double
elbo_data_total (const elbo_data *data)
{
  return data->total;
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

/* One cell from one standardisation to another. */
static double
restandardise (double y, double from, double to, double shift, double aim)
{
  const double value = y * from + (shift - aim);
  /* the difference of two huge numbers may overflow where the quotients do not */
  return isfinite (value) ? value / to : y * from / to + (shift / to - aim / to);
}

void
elbo_data_standardise (elbo_data *data, const double *shift, const double *scale)
{
  for (size_t t = 0; t < elbo_data_ntile (data); t++)
    {
      const elbo_tile tile = elbo_data_tile (data, t);
      for (size_t d = 0; d < data->dim; d++)
        {
          double *y = data->x + (t * data->dim + d) * ELBO_TILE;
          const double from = data->scale[d], to = scale[d];
          if (data->shift[d] != shift[d] || from != to)
            for (size_t i = 0; i < tile.n; i++)
              y[i] = restandardise (y[i], from, to, data->shift[d], shift[d]);
        }
    }
  memcpy (data->shift, shift, data->dim * sizeof *shift);
  memcpy (data->scale, scale, data->dim * sizeof *scale);
}

/* --- moments ----------------------------------------------------------------------------- */

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
          elbo_pair_add (one, a[j]);
          elbo_pair_add (two, b[j]);
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
    summarise (data, d, data->mean + d, data->sd + d);
  data->known = 1;
  return GSL_SUCCESS;
}

void
elbo_data_moments (const elbo_data *data, size_t column, double *mean, double *sd)
{
  if (data->known)
    {
      *mean = data->mean[column];
      *sd = data->sd[column];
    }
  else
    summarise (data, column, mean, sd);
}

/* --- canonical order --------------------------------------------------------------------- */

typedef struct
{
  double key; /* the first column */
  size_t row;
} entry;

static int
compare_rows (const elbo_data *data, size_t a, size_t b)
{
  for (size_t d = 0; d < data->dim; d++)
    {
      const double x = *cell (data, a, d), y = *cell (data, b, d);
      if (x != y)
        return x < y ? -1 : 1;
    }
  return 0;
}

static int
compare (const elbo_data *data, const entry *a, const entry *b)
{
  if (a->key != b->key)
    return a->key < b->key ? -1 : 1;
  return compare_rows (data, a->row, b->row);
}

/* Merge sort: stable, no worst case, and its comparison can see the data without a global. */
static void
sort (const elbo_data *data, entry *v, entry *spare, size_t n)
{
  if (n < 2)
    return;
  const size_t half = n / 2;
  sort (data, v, spare, half);
  sort (data, v + half, spare, n - half);
  memcpy (spare, v, half * sizeof *v);
  for (size_t i = 0, j = half, k = 0; i < half; k++)
    v[k] = j < n && compare (data, v + j, spare + i) < 0 ? v[j++] : spare[i++];
}

static size_t
number_ranks (const elbo_data *data, const entry *v, size_t n, size_t *rank, double *copies)
{
  size_t next = 0;
  for (size_t i = 0; i < n;)
    {
      size_t end = i;
      double sum = 0;
      for (; end < n && compare (data, v + i, v + end) == 0; end++)
        sum += elbo_data_weight (data, v[end].row);
      for (; i < end; i++)
        {
          rank[v[i].row] = next;
          if (copies)
            copies[v[i].row] = sum;
        }
      next++;
    }
  return next;
}

int
elbo_data_rank (const elbo_data *data, size_t *rank, double *copies, size_t *ndistinct)
{
  size_t n = 0;
  entry *v = elbo_room (data->n + data->n / 2 + 1, sizeof *v);
  if (!v)
    return GSL_ENOMEM;
  for (size_t i = 0; i < data->n; i++)
    {
      rank[i] = (size_t)-1;
      if (copies)
        copies[i] = 0;
      if (elbo_data_weight (data, i) > 0)
        v[n++] = (entry){ *cell (data, i, 0), i };
    }
  sort (data, v, v + n, n);
  *ndistinct = number_ranks (data, v, n, rank, copies);
  free (v);
  return GSL_SUCCESS;
}
