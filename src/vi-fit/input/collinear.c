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
correlation_matrix (const elbo_data *data, size_t n, size_t stride, double *correlation,
                    double *mean, double *sd)
{
  double *x = calloc (n, sizeof *x);
  int status = 0;
  if (!x)
    return -1;
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
  free (x);
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

/* L' b = l, where l is the row of the dependent column d: its standardised coefficients. */
static void
solve_relation (size_t n, const double *c, const size_t *order, size_t rank, double *b)
{
  const size_t d = order[rank];
  for (size_t t = rank; t-- > 0;)
    {
      b[t] = c[d * n + t];
      for (size_t u = t + 1; u < rank; u++)
        b[t] -= c[order[u] * n + t] * b[u];
      b[t] /= c[order[t] * n + t];
    }
}

/* The relation in words: the columns, then the equation with its constant. */
static int
describe_relation (const relation_columns *of, const size_t *order, size_t rank, const double *b,
                   word_list *text)
{
  const size_t d = order[rank];
  double constant = of->mean[d], size = fabs (of->mean[d]) + of->sd[d];
  char word[100];
  word_list equation = { 0 };
  snprintf (word, sizeof word, "columns '%.60s'", clean (of->name[d]));
  words_add (text, "", word);
  for (size_t t = 0; t < rank; t++)
    {
      const size_t j = order[t];
      const double slope = b[t] * of->sd[d] / of->sd[j];
      if (!(fabs (b[t]) > 1e-6))
        continue;
      constant -= slope * of->mean[j];
      size += fabs (slope * of->mean[j]);
      snprintf (word, sizeof word, "'%.60s'", clean (of->name[j]));
      words_add (text, ", ", word);
      snprintf (word, sizeof word, "%s%.6g %.60s", equation.n && !(slope < 0) ? "+ " : "",
                tidy (equation.n ? fabs (slope) : slope), clean (of->name[j]));
      words_add (&equation, equation.n && slope < 0 ? " - " : " ", word);
    }
  if (fabs (constant) > 1e-9 * size)
    {
      snprintf (word, sizeof word, "%c %.6g", constant < 0 ? '-' : '+', tidy (fabs (constant)));
      words_add (&equation, " ", word);
    }
  snprintf (word, sizeof word, " are linearly dependent (%.60s = ", clean (of->name[d]));
  words_add (text, "", word);
  words_add (text, "", equation.text ? equation.text : "0");
  words_add (text, "", ")");
  const int failed = text->failed || equation.failed;
  words_free (&equation);
  return failed ? -1 : 1;
}

int
collinear_find (size_t n, const relation_columns *of, const double *correlation, size_t *column,
                word_list *text)
{
  double *c = calloc (2 * n * n, sizeof *c), *left = calloc (2 * n, sizeof *left);
  size_t *order = calloc (n, sizeof *order);
  int found = c && left && order ? 0 : -1;
  if (!found)
    {
      memcpy (c + n * n, correlation, n * n * sizeof *c);
      const size_t rank = factor (n, c, left, order);
      if (rank < n)
        {
          solve_relation (n, c, order, rank, left + n);
          *column = order[rank];
          found = describe_relation (of, order, rank, left + n, text);
        }
    }
  free (c);
  free (left);
  free (order);
  return found;
}
