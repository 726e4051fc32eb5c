/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The canonical order of rows. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

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
      const double x = *elbo_data_cell (data, a, d), y = *elbo_data_cell (data, b, d);
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
  const int status = elbo_check_given (data && rank && ndistinct, "data or a place for ranks");
  if (status != GSL_SUCCESS)
    return status;
  entry *v = elbo_calloc (data->n + data->n / 2 + 1, sizeof *v);
  if (!v)
    return GSL_ENOMEM;
  for (size_t i = 0; i < data->n; i++)
    {
      rank[i] = (size_t)-1;
      if (copies)
        copies[i] = 0;
      if (elbo_data_weight (data, i) > 0)
        v[n++] = (entry){ *elbo_data_cell (data, i, 0), i };
    }
  sort (data, v, v + n, n);
  *ndistinct = number_ranks (data, v, n, rank, copies);
  free (v);
  return GSL_SUCCESS;
}
