/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear relations between columns, from a pivoted Cholesky factorisation of their correlations:
   a column whose remaining variance is gone is a combination of those taken before it. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

/* Remaining variance, of 1, under which a column counts as dependent: correlations are rounded to
   about 1e-15, so that 1e-12 is a relation and not chance. */
static const double VANISHED = 1e-12;

int
correlation_matrix (const elbo_data *data, size_t n, size_t stride, double *correlation, double *sd)
{
  double *mean = calloc (2 * n, sizeof *mean), *x = mean + n;
  int status = 0;
  if (!mean)
    return EXIT_DATA;
  memset (correlation, 0, n * n * sizeof *correlation);
  for (size_t j = 0; j < n; j++)
    elbo_data_moments (data, j, &mean[j], &sd[j]);
  for (size_t i = 0; i < elbo_data_rows (data); i += stride)
    {
      const double w = elbo_data_weight (data, i);
      for (size_t a = 0; a < n; a++)
        x[a] = (elbo_data_value (data, i, a) - mean[a]) / sd[a];
      for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++)
          correlation[a * n + b] += w * x[a] * x[b];
    }
  for (size_t a = 0; a < n; a++)
    status |= !(correlation[a * n + a] > 0);
  for (size_t a = 0; a < n && !status; a++)
    for (size_t b = 0; b < a; b++)
      correlation[a * n + b] = correlation[b * n + a]
          = correlation[a * n + b] / sqrt (correlation[a * n + a] * correlation[b * n + b]);
  for (size_t a = 0; a < n; a++)
    correlation[a * n + a] = 1;
  free (mean);
  return status;
}

/* Factor in place with pivoting; order [n].  Returns how many columns are independent. */
static size_t
factor (size_t n, double *c, double *left, size_t *order)
{
  for (size_t j = 0; j < n; j++)
    {
      order[j] = j;
      left[j] = 1;
    }
  /* l is built in rows of c by the original number of the column: c[i][j], j < step, is L */
  for (size_t step = 0; step < n; step++)
    {
      size_t pivot = step;
      for (size_t i = step + 1; i < n; i++)
        if (left[order[i]] > left[order[pivot]])
          pivot = i;
      const size_t p = order[pivot];
      order[pivot] = order[step];
      order[step] = p;
      if (left[p] < VANISHED)
        return step;
      const double root = sqrt (left[p]);
      for (size_t i = step + 1; i < n; i++)
        {
          const size_t r = order[i];
          double v = c[n * n + r * n + p];
          for (size_t t = 0; t < step; t++)
            v -= c[r * n + t] * c[p * n + t];
          c[r * n + step] = v / root;
          left[r] -= c[r * n + step] * c[r * n + step];
        }
      c[p * n + step] = root;
    }
  return n;
}

/* Print a coefficient as people would: 1 and 0.5 rather than 0.99999999987. */
static double
tidy (double x)
{
  const double whole = round (x * 1000) / 1000;
  return fabs (x - whole) < 1e-6 * fmax (1, fabs (x)) ? whole : x;
}

int
collinear_find (size_t n, const char *const *name, double *correlation, const double *sd,
                size_t *column, char *text, size_t size)
{
  double *c = calloc (2 * n * n, sizeof *c), *left = calloc (2 * n, sizeof *left);
  size_t *order = calloc (n, sizeof *order);
  int found = 0;
  if (!c || !left || !order)
    goto done;
  memcpy (c + n * n, correlation, n * n * sizeof *c);
  const size_t rank = factor (n, c, left, order);
  found = rank < n;
  if (!found)
    goto done;
  /* L' b = l, where l is the dependent column's row: its standardised coefficients */
  const size_t d = order[rank];
  double *b = left + n;
  for (size_t t = rank; t-- > 0;)
    {
      b[t] = c[d * n + t];
      for (size_t u = t + 1; u < rank; u++)
        b[t] -= c[order[u] * n + t] * b[u];
      b[t] /= c[order[t] * n + t];
    }
  size_t used = (size_t)snprintf (text, size, "columns '%.60s'", clean (name[d]));
  for (size_t t = 0; t < rank && used < size / 2; t++)
    if (fabs (b[t]) > 1e-6)
      used += (size_t)snprintf (text + used, size - used, ", '%.60s'", clean (name[order[t]]));
  used += (size_t)snprintf (text + used, size - used,
                            " are linearly dependent (%.60s =", clean (name[d]));
  for (size_t t = 0, m = 0; t < rank && used < size - 100; t++)
    if (fabs (b[t]) > 1e-6)
      {
        const double slope = tidy (b[t] * sd[d] / sd[order[t]]);
        const char *sign = m == 0 ? "" : slope < 0 ? " -" : " +";
        used += (size_t)snprintf (text + used, size - used, "%s %.6g %.60s", sign,
                                  m ? fabs (slope) : slope, clean (name[order[t]]));
        m++;
      }
  snprintf (text + used, size - used, ")");
  *column = d;
done:
  free (c);
  free (left);
  free (order);
  return found;
}
