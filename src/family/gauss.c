/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Gaussian families share; see gauss.h. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

const elbo_field gauss_stat[]
    = { { "count", { ELBO_COMP, ELBO_ONE, ELBO_ONE }, ELBO_PURE, "rows, sum of w r" },
        { "place", { ELBO_COMP, ELBO_DIM, ELBO_ONE }, ELBO_PURE, "sum of w r pivot" },
        { "first", { ELBO_COMP, ELBO_DIM, ELBO_ONE }, ELBO_PURE, "sum of w r (x - pivot)" },
        { "second",
          { ELBO_COMP, ELBO_TRIANGLE, ELBO_ONE },
          ELBO_PURE,
          "sum of w r (x - pivot) (x - pivot)', lower triangle" },
        { NULL, { ELBO_ONE, ELBO_ONE, ELBO_ONE }, ELBO_PURE, NULL } };

const elbo_field gauss_stat_diagonal[]
    = { { "count", { ELBO_COMP, ELBO_ONE, ELBO_ONE }, ELBO_PURE, "rows, sum of w r" },
        { "place", { ELBO_COMP, ELBO_DIM, ELBO_ONE }, ELBO_PURE, "sum of w r pivot" },
        { "first", { ELBO_COMP, ELBO_DIM, ELBO_ONE }, ELBO_PURE, "sum of w r (x - pivot)" },
        { "second",
          { ELBO_COMP, ELBO_DIM, ELBO_ONE },
          ELBO_PURE,
          "sum of w r (x - pivot)^2 of each column" },
        { NULL, { ELBO_ONE, ELBO_ONE, ELBO_ONE }, ELBO_PURE, NULL } };

/* Where the arrays of component k stand. */
typedef struct
{
  double count;
  const double *place, *first, *second;
} view;

static view
at (const elbo_shape *s, const double *stat, size_t k, size_t nsecond)
{
  const size_t K = s->ncomp, D = s->dim;
  const view v
      = { stat[k], stat + K + k * D, stat + K + K * D + k * D, stat + K + 2 * K * D + k * nsecond };
  return v;
}

double
gauss_about (const elbo_shape *s, const double *stat, size_t k, const double *m, double *moment)
{
  const size_t D = s->dim;
  const view v = at (s, stat, k, D * (D + 1) / 2);
  if (!(v.count > 0))
    memset (moment, 0, D * D * sizeof *moment);
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

double
gauss_about_diagonal (const elbo_shape *s, const double *stat, size_t k, const double *m,
                      double *moment)
{
  const view v = at (s, stat, k, s->dim);
  for (size_t i = 0; i < s->dim; i++)
    if (v.count > 0)
      {
        const double a = m[i] - v.place[i] / v.count;
        moment[i] = fmax (0, v.second[i] - a * (2 * v.first[i] - v.count * a));
      }
    else
      moment[i] = 0;
  return v.count;
}

static double
mean_of (const elbo_shape *s, const view *v, double *mean)
{
  for (size_t i = 0; i < s->dim; i++)
    mean[i] = v->count > 0 ? (v->place[i] + v->first[i]) / v->count : 0;
  return v->count;
}

double
gauss_summary (const elbo_shape *s, const double *stat, size_t k, double *mean, double *scatter)
{
  const size_t D = s->dim;
  const view v = at (s, stat, k, D * (D + 1) / 2);
  mean_of (s, &v, mean);
  for (size_t i = 0, t = 0; i < D; i++)
    for (size_t j = 0; j <= i; j++, t++)
      scatter[i * D + j] = scatter[j * D + i]
          = v.count > 0 ? v.second[t] - v.first[i] * (v.first[j] / v.count) : 0;
  return v.count;
}

double
gauss_summary_diagonal (const elbo_shape *s, const double *stat, size_t k, double *mean,
                        double *scatter)
{
  const view v = at (s, stat, k, s->dim);
  mean_of (s, &v, mean);
  for (size_t i = 0; i < s->dim; i++)
    scatter[i] = v.count > 0 ? fmax (0, v.second[i] - v.first[i] * (v.first[i] / v.count)) : 0;
  return v.count;
}

void
gauss_pooled (const elbo_shape *s, const double *stat, int diagonal, double *mean, double *variance,
              double *spread)
{
  const size_t D = s->dim;
  const elbo_shape one = { .ncomp = 1, .dim = D };
  const view v = at (&one, stat, 0, diagonal ? D : D * (D + 1) / 2);
  mean_of (&one, &v, mean);
  for (size_t i = 0; i < D; i++)
    {
      const double square = v.second[diagonal ? i : i * (i + 1) / 2 + i];
      const double scatter = v.count > 0 ? square - v.first[i] * (v.first[i] / v.count) : 0;
      /* the mean lies within a standard deviation or two of 0: what is left of equal numbers is
         rounding */
      const int some = scatter > 1e-12 * square;
      variance[i] = some ? scatter / fmax (v.count - 1, 0.5 * v.count) : 1;
      spread[i] = some ? sqrt (scatter / v.count) : 1;
    }
}

double
gauss_total (const elbo_shape *s, const double *stat)
{
  double total = 0;
  for (size_t k = 0; k < s->ncomp; k++)
    total += stat[k];
  return total;
}

int
gauss_negligible (const elbo_shape *s, const double *stat, size_t k)
{
  return !(stat[k] > ELBO_NEGLIGIBLE * gauss_total (s, stat) / (double)s->ncomp);
}

int
gauss_is_far (size_t dim, const double *mean, const double *root)
{
  for (size_t d = 0; d < dim; d++)
    if (fabs (mean[d]) * root[d] > ELBO_FAR)
      return 1;
  return 0;
}

/* The correlation-like matrix whose eigenvalues the floor bounds. */
static void
in_units (size_t dim, const double *spread, const double *covariance, double *c)
{
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++)
      c[i * dim + j] = covariance[i * dim + j] / (spread[i] * spread[j]);
}

/* The smallest eigenvalue is at least 1 / |A|^2 (Frobenius) for A = L^-1: most matrices need no
   eigenvalues at all. */
static int
surely_above (size_t dim, double bound, double *c, double *inverse)
{
  double square = 0;
  if (elbo_chol (dim, c, NULL) != 0)
    return 0;
  elbo_chol_inverse (dim, c, inverse);
  for (size_t t = 0; t < dim * (dim + 1) / 2; t++)
    square += inverse[t] * inverse[t];
  return square * bound <= 1;
}

/* work: c [D x D], vector [D x D], value [D], eigen [4 D] */
static double *
room_for_eigen (size_t dim)
{
  return elbo_doubles (elbo_times (dim, 2 * dim + 5));
}

static int
raise_eigenvalues (size_t dim, const double *spread, double *covariance, double *room)
{
  double *c = room, *vector = c + dim * dim, *value = vector + dim * dim, *work = value + dim;
  in_units (dim, spread, covariance, c);
  elbo_eigen (dim, c, value, vector, work);
  if (value[dim - 1] >= ELBO_FLOOR)
    return 0;
  for (size_t e = 0; e < dim; e++)
    value[e] = fmax (value[e], ELBO_FLOOR);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j <= i; j++)
      {
        double sum = 0;
        for (size_t e = 0; e < dim; e++)
          sum += vector[i * dim + e] * value[e] * vector[j * dim + e];
        covariance[i * dim + j] = covariance[j * dim + i] = sum * spread[i] * spread[j];
      }
  return 1;
}

int
gauss_floor (size_t dim, const double *spread, double *covariance)
{
  int raised = 0;
  double *room = room_for_eigen (dim);
  if (!room)
    return -1;
  in_units (dim, spread, covariance, room);
  if (!surely_above (dim, ELBO_FLOOR, room, room + dim * dim))
    raised = raise_eigenvalues (dim, spread, covariance, room);
  free (room);
  return raised;
}

int
gauss_on_floor (size_t dim, const double *spread, const double *covariance)
{
  const double edge = ELBO_FLOOR * (1 + 1e-6);
  int on = 0;
  double *room = room_for_eigen (dim);
  if (!room)
    return -1;
  double *c = room, *vector = c + dim * dim, *value = vector + dim * dim;
  in_units (dim, spread, covariance, c);
  if (!surely_above (dim, edge, c, vector))
    {
      in_units (dim, spread, covariance, c);
      elbo_eigen (dim, c, value, vector, value + dim);
      on = value[dim - 1] < edge;
    }
  free (room);
  return on;
}

void
gauss_student (size_t n, double c, double df, double dim, double scale, const double *half,
               double *score)
{
  for (size_t i = 0; i < n; i++)
    score[i] += c - 0.5 * (df + dim) * log1p (-2 * half[i] * scale / df);
}

int
gauss_any_pivot (const elbo_shape *s, const double *pivot)
{
  for (size_t i = 0; i < s->ncomp * s->dim; i++)
    if (pivot[i] != 0)
      return 1;
  return 0;
}

/* count and place, which both kinds of statistics have; pivot NULL: 0 */
static void
tally_place (const elbo_shape *s, const double *pivot, const double *count, double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  for (size_t k = 0; k < K; k++)
    {
      stat[k] += count[k];
      for (size_t d = 0; pivot && d < D; d++)
        stat[K + k * D + d] += count[k] * pivot[k * D + d];
    }
}

void
gauss_tally (const elbo_shape *s, const double *pivot, const elbo_tile *tile, const double *resp,
             double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  double *first = stat + K + K * D;
  if (!gauss_any_pivot (s, pivot))
    pivot = NULL;
  tally_place (s, pivot, tile->count, stat);
  tile->kernel->moments (tile->n, D, K, tile->x, pivot, resp, tile->scratch, first, first + K * D);
}

void
gauss_tally_diagonal (const elbo_shape *s, const double *pivot, const elbo_tile *tile,
                      const double *resp, double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  double *first = stat + K + K * D;
  if (!gauss_any_pivot (s, pivot))
    pivot = NULL;
  tally_place (s, pivot, tile->count, stat);
  tile->kernel->moments_diagonal (tile->n, D, K, tile->x, pivot, resp, tile->scratch, first,
                                  first + K * D);
}

int
gauss_check (const elbo_shape *s, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (size_t d = 0; d < s->dim; d++)
    for (size_t i = 0; i < tile->n; i++)
      if (!(fabs (tile->x[d * ELBO_TILE + i]) < 1e150)) /* rows of weight 0 may lie that far out */
        {
          *row = i;
          *column = d;
          return elbo_fail (ELBO_EDATA,
                            "a Gaussian column needs finite numbers whose squares are finite");
        }
  return GSL_SUCCESS;
}

int
gauss_whitener (size_t dim, size_t k, const double *covariance, double *work, double *whiten,
                double *logroot)
{
  double pivot = 0;
  memcpy (work, covariance, dim * dim * sizeof *work);
  const size_t bad = elbo_chol (dim, work, &pivot);
  if (bad != 0)
    return elbo_fail (ELBO_ENUMERIC,
                      "component %zu: covariance is not positive definite (pivot %zu is %.3g)",
                      k + 1, bad, pivot);
  elbo_chol_inverse (dim, work, whiten);
  *logroot = -0.5 * elbo_chol_logdet (dim, work);
  return GSL_SUCCESS;
}

double
gauss_trace (size_t dim, const double *whiten, const double *moment)
{
  double trace = 0;
  for (size_t i = 0; i < dim; i++)
    {
      const double *a = whiten + i * (i + 1) / 2;
      for (size_t j = 0; j <= i; j++)
        {
          double sum = 0;
          for (size_t l = 0; l <= i; l++)
            sum += moment[j * dim + l] * a[l];
          trace += a[j] * sum;
        }
    }
  return trace;
}

double
gauss_inflation (const elbo_shape *s, const double *stat, size_t k, int diagonal,
                 const double *whiten)
{
  const size_t D = s->dim;
  const view v = at (s, stat, k, diagonal ? D : D * (D + 1) / 2);
  double largest = 0;
  if (!(v.count > 0))
    return 1;
  for (size_t d = 0; d < D; d++)
    {
      /* row d of the whitener times the root mean squares: tr (A dS A') is at most eps times the
         sum of their squares when each entry of S is off by eps sqrt (S_ii S_jj) */
      double reach = 0;
      for (size_t j = 0; !diagonal && j <= d; j++)
        reach += fabs (whiten[d * (d + 1) / 2 + j]) * sqrt (v.second[j * (j + 1) / 2 + j]);
      largest = fmax (largest, (diagonal ? v.second[d] * whiten[d] : reach * reach) / v.count);
    }
  return fmax (1, largest * fmin (1, v.count));
}

double
gauss_curvature (size_t dim, double n, const double *whiten)
{
  double trace = 0;
  for (size_t t = 0; t < dim * (dim + 1) / 2; t++)
    trace += whiten[t] * whiten[t];
  return 0.5 * fmax (1, n) * trace;
}

void
gauss_unwhiten (size_t dim, const double *whiten, const double *mean, double spread, gsl_rng *rng,
                double *x)
{
  for (size_t i = 0; i < dim; i++)
    {
      const double *a = whiten + i * (i + 1) / 2;
      double y = spread * gsl_ran_gaussian_ziggurat (rng, 1);
      for (size_t j = 0; j < i; j++)
        y -= a[j] * x[j];
      x[i] = y / a[i];
    }
  for (size_t i = 0; i < dim; i++)
    x[i] += mean[i];
}

int
gauss_sum_diagonal (const elbo_shape *s, const double *constant, const double *mean,
                    const double *precision, const double *stat, elbo_quantity *to)
{
  const size_t D = s->dim;
  elbo_quantity q = { 0, 0, 1, 0 };
  double *moment = elbo_doubles (D), pair[2] = { 0, 0 };
  if (!moment)
    return GSL_ENOMEM;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      const double n = gauss_about_diagonal (s, stat, k, mean + k * D, moment);
      double square = 0;
      if (!(n > 0))
        continue;
      for (size_t d = 0; d < D; d++)
        {
          square += moment[d] * precision[k * D + d];
          q.curvature += 0.5 * fmax (1, n) * precision[k * D + d];
        }
      elbo_sum_add (pair, n * constant[k]);
      elbo_sum_add (pair, -0.5 * square);
      q.size += n * (fabs (constant[k]) + 0.5 * (double)D * ELBO_LOG_2PI) + 0.5 * square;
      q.inflation = fmax (q.inflation, gauss_inflation (s, stat, k, 1, precision + k * D));
    }
  q.value = pair[0] + pair[1];
  free (moment);
  *to = q;
  return GSL_SUCCESS;
}

double
gauss_gamma_divergence (double a0, double b0, double a, double b, double pair[2])
{
  const double term[] = { (a - a0) * elbo_psi (a), -elbo_lngamma (a), elbo_lngamma (a0),
                          a0 * log (b / b0), a * (b0 - b) / b };
  double size = 0;
  for (size_t i = 0; i < sizeof term / sizeof *term; i++)
    {
      elbo_sum_add (pair, term[i]);
      size += fabs (term[i]);
    }
  return size;
}

double
gauss_place_divergence (double dim, double kappa0, double kappa, double precision, double off,
                        double pair[2])
{
  const double shrink = 0.5 * dim * (log (kappa / kappa0) - 1 + kappa0 / kappa);
  const double square = 0.5 * kappa0 * precision * off;
  elbo_sum_add (pair, shrink);
  elbo_sum_add (pair, square);
  return fabs (shrink) + square;
}

void
gauss_gamma_student (size_t n, double dim, double kappa, double a, double b, const double *half,
                     double *score)
{
  const double df = 2 * a, t = a * kappa / (b * (1 + kappa));
  const double c = elbo_lngamma_step (a, 0.5 * dim) + 0.5 * dim * (log (t) - log (M_PI * df));
  gauss_student (n, c, df, dim, t, half, score);
}

int
gauss_column_sum (const elbo_shape *s, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t KD = s->ncomp * s->dim;
  return gauss_sum_diagonal (s, coef, coef + s->ncomp, coef + s->ncomp + 2 * KD, stat, to);
}

void
gauss_column_expand (const elbo_shape *s, double *coef)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const double *mean = coef + K, *precision = coef + K + 2 * KD;
  double *slope = coef + K + 3 * KD, *offset = slope + 2 * KD;
  for (size_t k = 0; k < K; k++)
    {
      double square = 0;
      for (size_t d = 0; d < D; d++)
        {
          const double m = mean[k * D + d], p = precision[k * D + d];
          square += p * m * m;
          slope[2 * k * D + d] = p * m;
          slope[(2 * k + 1) * D + d] = -0.5 * p;
        }
      offset[k] = coef[k] - 0.5 * square;
    }
}

/* The columns of a tile and their squares, one after another. */
static void
squares (const elbo_tile *tile, double *feature)
{
  const size_t size = tile->dim * ELBO_TILE;
  for (size_t i = 0; i < size; i++)
    {
      feature[i] = tile->x[i];
      feature[size + i] = tile->x[i] * tile->x[i];
    }
}

int
gauss_column_score (const elbo_shape *s, const double *coef, const elbo_tile *tile, double *out)
{
  const size_t K = s->ncomp, D = s->dim, KD = K * D;
  const double *slope = coef + K + 3 * KD;
  if (gauss_column_far (s, coef))
    tile->kernel->distance (tile->n, D, K, tile->x, coef + K, coef + K + 2 * KD, coef,
                            tile->scratch, out);
  else
    {
      squares (tile, tile->scratch);
      tile->kernel->linear (tile->n, 2 * D, K, tile->scratch, slope, slope + 2 * KD, out);
    }
  return GSL_SUCCESS;
}

int
gauss_column_tally (const elbo_shape *s, const double *coef, const elbo_tile *tile,
                    const double *resp, double *stat)
{
  gauss_tally_diagonal (s, coef + s->ncomp + s->ncomp * s->dim, tile, resp, stat);
  return GSL_SUCCESS;
}

int
gauss_column_far (const elbo_shape *s, const double *coef)
{
  return gauss_any_pivot (s, coef + s->ncomp + s->ncomp * s->dim);
}
