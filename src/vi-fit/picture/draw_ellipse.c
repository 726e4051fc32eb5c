/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ellipses that hold 50 % and 95 % of a component in two of its columns: the points m + L u
   with |u|^2 = c, where L L' is the covariance of the two and c = -2 log (1 - p) the quantile of
   a chi-squared number of two degrees of freedom. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "vi-fit/picture/picture.h"

enum
{
  STEPS = 96
};

static void
ellipse (const canvas *c, const double *mean, const double *covariance, double p, size_t comp)
{
  const double l11 = sqrt (covariance[0]), l21 = covariance[1] / l11;
  const double l22 = sqrt (fmax (covariance[2] - l21 * l21, 0)), r = sqrt (-2 * log1p (-p));
  for (int i = 0; i <= STEPS; i++)
    {
      const double t = 2 * acos (-1) * i / STEPS, u = r * cos (t), v = r * sin (t);
      fprintf (c->data, "%.12g %.12g %zu %g\n", mean[0] + l11 * u, mean[1] + (l21 * u + l22 * v),
               comp, p);
    }
  putc ('\n', c->data);
}

int
write_ellipses (const canvas *c, const subject *s, size_t i, size_t j, const char *name)
{
  const size_t b = place_block (s->model), dim = elbo_model_block (s->model, b)->dim;
  double *mean = places (s->model, b, VIEW_VALUE), *all = covariances (s->model, b);
  const int status = mean && all ? 0 : EXIT_DATA;
  block_begin (c, name);
  for (size_t k = 0; k < elbo_model_ncomp (s->model) && !status; k++)
    {
      const double *v = all + k * dim * dim;
      const double two[2] = { mean[k * dim + i], mean[k * dim + j] };
      const double covariance[3] = { v[i * dim + i], v[i * dim + j], v[j * dim + j] };
      for (int large = 0; large < 2 && !subject_empty (s, k); large++)
        ellipse (c, two, covariance, large ? 0.95 : 0.5, k + 1);
    }
  block_end (c);
  free (mean);
  free (all);
  return status;
}
