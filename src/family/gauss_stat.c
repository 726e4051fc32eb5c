/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics of the Gaussian families about pivots; see gauss.h. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "family/gauss.h"

const elbo_field elbo_gauss_stat[]
    = { { "count", { ELBO_COMP }, ELBO_PURE, "rows, sum of w r" },
        { "place", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "sum of w r pivot" },
        { "first", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "sum of w r (x - pivot)" },
        { "second",
          { ELBO_COMP, ELBO_TRIANGLE },
          ELBO_PURE,
          "sum of w r (x - pivot) (x - pivot)', lower triangle" },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

const elbo_field elbo_gauss_stat_diagonal[]
    = { { "count", { ELBO_COMP }, ELBO_PURE, "rows, sum of w r" },
        { "place", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "sum of w r pivot" },
        { "first", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "sum of w r (x - pivot)" },
        { "second", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "sum of w r (x - pivot)^2 of each column" },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static size_t
nsecond (const elbo_shape *s)
{
  return elbo_gauss_is_column (s) ? s->dim : s->dim * (s->dim + 1) / 2;
}

elbo_gauss_sums
elbo_gauss_at (const elbo_shape *s, const double *stat, size_t k)
{
  const size_t K = s->ncomp, D = s->dim;
  const double *place = stat + K, *first = place + K * D, *second = first + K * D;
  const elbo_gauss_sums v = { stat[k], place + k * D, first + k * D, second + k * nsecond (s) };
  return v;
}

double
elbo_gauss_about (const elbo_shape *s, const double *stat, size_t k, const double *m,
                  double *moment)
{
  const size_t D = s->dim;
  const elbo_gauss_sums v = elbo_gauss_at (s, stat, k);
  if (!(v.count > 0))
    memset (moment, 0, (elbo_gauss_is_column (s) ? D : D * D) * sizeof *moment);
  else if (elbo_gauss_is_column (s))
    for (size_t i = 0; i < D; i++)
      {
        const double a = m[i] - v.place[i] / v.count;
        moment[i] = fmax (0, v.second[i] - a * (2 * v.first[i] - v.count * a));
      }
  else
    for (size_t i = 0, t = 0; i < D; i++)
      for (size_t j = 0; j <= i; j++, t++)
        {
          const double a = m[i] - v.place[i] / v.count, b = m[j] - v.place[j] / v.count;
          moment[i * D + j] = moment[j * D + i]
              = v.second[t] - (v.first[i] * b + a * (v.first[j] - v.count * b));
        }
  return v.count;
}

void
elbo_gauss_pooled (const elbo_shape *s, const double *stat, double *mean, double *variance,
                   double *spread)
{
  elbo_shape one = *s;
  one.ncomp = 1;
  const elbo_gauss_sums v = elbo_gauss_at (&one, stat, 0);
  for (size_t i = 0; i < s->dim; i++)
    {
      const double square = v.second[elbo_gauss_is_column (s) ? i : i * (i + 1) / 2 + i];
      const double scatter = v.count > 0 ? square - v.first[i] * (v.first[i] / v.count) : 0;
      /* the mean lies within a standard deviation or two of 0: what is left of equal numbers is
         rounding */
      const int some = scatter > 1e-12 * square;
      mean[i] = v.count > 0 ? (v.place[i] + v.first[i]) / v.count : 0;
      variance[i] = some ? scatter / fmax (v.count - 1, 0.5 * v.count) : 1;
      spread[i] = some ? sqrt (scatter / v.count) : 1;
    }
}

double
elbo_gauss_total (const elbo_shape *s, const double *stat)
{
  double total = 0;
  for (size_t k = 0; k < s->ncomp; k++)
    total += stat[k];
  return total;
}

int
elbo_gauss_negligible (const elbo_shape *s, const double *stat, size_t k)
{
  return !(stat[k] > ELBO_NEGLIGIBLE * elbo_gauss_total (s, stat) / (double)s->ncomp);
}

int
elbo_gauss_far (const elbo_shape *s, const double *coef)
{
  const double *pivot = elbo_gauss_pivot (s, coef);
  for (size_t i = 0; i < s->ncomp * s->dim; i++)
    if (pivot[i] != 0)
      return 1;
  return 0;
}

int
elbo_gauss_tally (const elbo_shape *s, const double *coef, const elbo_tile *tile,
                  const double *resp, double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  const double *pivot = elbo_gauss_far (s, coef) ? elbo_gauss_pivot (s, coef) : NULL;
  double *first = stat + K + K * D, *second = first + K * D;
  for (size_t k = 0; k < K; k++)
    {
      stat[k] += tile->count[k];
      for (size_t d = 0; pivot && d < D; d++)
        stat[K + k * D + d] += tile->count[k] * pivot[k * D + d];
    }
  if (elbo_gauss_is_column (s))
    tile->kernel->moments_diagonal (tile->n, D, K, tile->x, pivot, resp, tile->scratch, first,
                                    second);
  else
    tile->kernel->moments (tile->n, D, K, tile->x, pivot, resp, tile->scratch, first, second);
  return GSL_SUCCESS;
}

/* One component, from its mean pivot place / n to another, which lies at -d:
   sum (y + d)(y + d)' = second + first d' + d first' + n d d'. */
static void
move (const elbo_shape *s, const double *pivot, double n, double *place, double *first,
      double *second)
{
  const int column = elbo_gauss_is_column (s);
  for (size_t i = 0, t = 0; i < s->dim; i++)
    for (size_t j = column ? i : 0; j <= i; j++, t++)
      {
        const double a = place[i] / n - pivot[i], b = place[j] / n - pivot[j];
        second[t] += first[i] * b + a * (first[j] + n * b);
      }
  for (size_t i = 0; i < s->dim; i++)
    {
      first[i] += n * (place[i] / n - pivot[i]);
      place[i] = n * pivot[i];
    }
}

void
elbo_gauss_rebase (const elbo_shape *s, const double *coef, double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  double *place = stat + K, *first = place + K * D, *second = first + K * D;
  for (size_t k = 0; k < K; k++)
    if (stat[k] > 0)
      move (s, elbo_gauss_pivot (s, coef) + k * D, stat[k], place + k * D, first + k * D,
            second + k * nsecond (s));
}
