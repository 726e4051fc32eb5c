/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small matrices of the Gaussian families: whiteners, the floor of eigenvalues. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "family/gauss.h"

/* Squared distances beyond it may overflow on their way to a logarithm. */
#define FAR_SQUARE 1e280

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
elbo_gauss_floor (size_t dim, const double *spread, double *covariance)
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

double
elbo_gauss_least (size_t dim, const double *spread, const double *covariance)
{
  double *c = room_for_eigen (dim);
  if (!c)
    return NAN;
  double *vector = c + dim * dim, *value = vector + dim * dim;
  in_units (dim, spread, covariance, c);
  elbo_eigen (dim, c, value, vector, value + dim);
  const double least = value[dim - 1];
  free (c);
  return least;
}

int
elbo_gauss_on_floor (size_t dim, const double *spread, const double *covariance)
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

int
elbo_gauss_whitener (size_t dim, size_t k, const double *covariance, double *work, double *whiten,
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
elbo_gauss_trace (size_t dim, const double *whiten, const double *moment)
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
elbo_gauss_quadratic (size_t dim, const double *whiten, const double *a, const double *b)
{
  double square = 0;
  for (size_t i = 0; i < dim; i++)
    {
      double y = 0;
      for (size_t j = 0; j <= i; j++)
        y += whiten[i * (i + 1) / 2 + j] * (a[j] - b[j]);
      square += y * y;
    }
  return square;
}

int
elbo_gauss_logdet (size_t dim, const char *name, const double *matrix, double *work, double *value)
{
  double pivot = 0;
  memcpy (work, matrix, dim * dim * sizeof *work);
  const size_t bad = elbo_chol (dim, work, &pivot);
  if (bad != 0)
    return elbo_fail (ELBO_ENUMERIC, "the %s is not positive definite (pivot %zu is %.3g)", name,
                      bad, pivot);
  *value = elbo_chol_logdet (dim, work);
  return GSL_SUCCESS;
}

void
elbo_gauss_unwhiten (size_t dim, const double *whiten, const double *mean, double spread,
                     gsl_rng *rng, double *x)
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

/* log of the squared distance of row i, where the square itself overflows. */
static double
log_square (size_t i, size_t dim, const double *x, const double *mean, const double *whiten)
{
  double largest = 0, square = 0;
  for (size_t d = 0; d < dim; d++)
    largest = fmax (largest, fabs (x[d * ELBO_TILE + i] - mean[d]));
  for (size_t d = 0; d < dim; d++)
    {
      double y = 0;
      for (size_t j = whiten ? 0 : d; j <= d; j++)
        y += (whiten ? whiten[d * (d + 1) / 2 + j] : 1)
             * ((x[j * ELBO_TILE + i] - mean[j]) / largest);
      square += y * y;
    }
  return log (square) + 2 * log (largest);
}

void
elbo_gauss_student (const elbo_tile *tile, double c, double df, size_t dim, double scale,
                    const double *x, const double *mean, const double *whiten, const double *half,
                    double *score)
{
  const double power = 0.5 * (df + (double)dim);
  for (size_t i = 0; i < tile->n; i++)
    if (-half[i] < FAR_SQUARE)
      score[i] += c - power * log1p (-2 * half[i] * scale / df);
    else
      score[i] += c - power * (log_square (i, dim, x, mean, whiten) + log (scale / df));
}
