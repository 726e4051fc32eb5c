/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column: a histogram of all rows, and the density of each component times its weight. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "vi-fit/picture/picture.h"

enum
{
  CURVE = 240
};

/* Sturges's rule is coarse for large samples and Scott's for mixtures; the finer of the two is
   taken.  sd, n: of the column. */
static int
bin_count (double range, double sd, double n)
{
  const double scott = sd > 0 ? range / (3.49 * sd / cbrt (n)) : 1, sturges = 1 + log2 (n);
  const double bins = ceil (fmax (1.6 * scott, sturges));
  return bins < 5 ? 5 : bins > MOST_BINS ? MOST_BINS : (int)bins;
}

void
bars_make (const subject *s, size_t column, bars *b)
{
  const size_t n = elbo_data_rows (s->data);
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; i++)
    if (elbo_data_weight (s->data, i) > 0)
      {
        low = fmin (low, elbo_data_value (s->data, i, column));
        high = fmax (high, elbo_data_value (s->data, i, column));
      }
  const double total = elbo_data_total (s->data);
  *b = (bars){ .low = low, .n = bin_count (high - low, s->record->column[column]->sd, total) };
  b->width = high > low ? (high - low) / b->n : 1;
  for (size_t i = 0; i < n; i++)
    {
      const double at = (elbo_data_value (s->data, i, column) - low) / b->width;
      const double weight = elbo_data_weight (s->data, i);
      if (weight > 0)
        b->height[at < 0 ? 0 : at >= b->n ? b->n - 1 : (int)at] += weight / (total * b->width);
    }
}

double
bars_write (const canvas *c, const bars *b, const char *name)
{
  double top = 0;
  block_begin (c, name);
  for (int i = 0; i < b->n; i++)
    {
      fprintf (c->data, "%.12g %.12g %.12g\n", b->low + (i + 0.5) * b->width, b->height[i],
               b->width);
      top = fmax (top, b->height[i]);
    }
  block_end (c);
  return top;
}

static double
normal (double x, double mean, double variance)
{
  return exp (-0.5 * (x - mean) * (x - mean) / variance) / sqrt (2 * acos (-1) * variance);
}

/* Curves of the components and of their sum over the axis; returns the highest point. */
static double
curves (const canvas *c, const subject *s, axis x, const double *mean, const double *variance,
        const double *weight, const char *name)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  double top = 0;
  block_begin (c, name);
  for (size_t k = 0; k <= ncomp; k++)
    {
      for (int i = 0; i <= CURVE; i++)
        {
          const double at = x.low + (x.high - x.low) * i / CURVE;
          double sum = 0;
          for (size_t m = 0; m < ncomp; m++)
            if (k == ncomp || m == k)
              sum += weight[m] * normal (at, mean[m], variance[m]);
          fprintf (c->data, "%.12g %.12g %zu\n", at, sum, k + 1);
          /* a component of next to no width does not flatten the others */
          if (k == ncomp)
            top = fmax (top, sum);
        }
      putc ('\n', c->data);
    }
  block_end (c);
  return top;
}

static void
commands (const canvas *c, const subject *s, size_t j, double top, int alone)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  fprintf (c->script, "set yrange [0:%.12g]\n", top > 0 ? 1.06 * top : 1);
  fputs ("plot ", c->script);
  if (s->data)
    fprintf (c->script,
             "data index 'histogram %zu' using 1:2:3 with boxes fillstyle solid 1 "
             "noborder linecolor rgb '#DDDDDD' notitle, \\\n     ",
             j + 1);
  if (ncomp > 1 && alone)
    fprintf (c->script,
             "data index 'curves %zu' every :::%zu::%zu using 1:2 with lines "
             "linewidth 1 dashtype 2 linecolor rgb '#404040' notitle, \\\n     ",
             j + 1, ncomp, ncomp);
  fprintf (c->script,
           "data index 'curves %zu' every :::0::%zu using 1:2:(color($3)) with lines "
           "linewidth %g linecolor rgb variable notitle\n",
           j + 1, ncomp - 1, alone ? 2.2 : 1.5);
}

int
draw_density (const canvas *c, const subject *s, size_t j, axis x, int alone)
{
  const size_t b = place_block (s->model), dim = elbo_model_block (s->model, b)->dim;
  const size_t ncomp = elbo_model_ncomp (s->model);
  double *mean = calloc (3 * ncomp, sizeof *mean), *variance = mean + ncomp;
  double *place = places (s->model, b, VIEW_VALUE), *covariance = covariances (s->model, b);
  const int status = mean && place && covariance ? 0 : EXIT_DATA;
  char name[40];
  for (size_t k = 0; k < ncomp && !status; k++)
    {
      mean[k] = place[k * dim + j];
      variance[k] = covariance[(k * dim + j) * dim + j];
    }
  if (!status)
    {
      double top = 0;
      elbo_model_weights (s->model, variance + ncomp);
      snprintf (name, sizeof name, "curves %zu", j + 1);
      const double curve = curves (c, s, x, mean, variance, variance + ncomp, name);
      snprintf (name, sizeof name, "histogram %zu", j + 1);
      if (s->data)
        {
          bars rows;
          bars_make (s, elbo_model_block (s->model, b)->column + j, &rows);
          top = bars_write (c, &rows, name);
        }
      /* a component of next to no width is cut off rather than flattening the bars */
      commands (c, s, j, top > 0 ? fmax (top, fmin (curve, 2 * top)) : curve, alone);
    }
  free (mean);
  free (place);
  free (covariance);
  return status;
}
