/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 95 % posterior intervals: Beta for the weights, Student t for the means.  Points where the fit is
   a point. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <gsl/gsl_cdf.h>
#include "vi-fit/picture/picture.h"

enum
{
  SPACE = 34,
  TALL = 74,  /* between panels: ticks, a title and room between them */
  ABOVE = 30, /* the legend and the titles of the first row */
  LINE = 24,
  NAME = 22
};

typedef struct
{
  double at, low, high;
} interval;

static interval
of_weight (const subject *s, size_t k, double weight)
{
  interval v = { weight, weight, weight };
  double a, b;
  if (weight_beta (s->model, k, &a, &b))
    {
      v.low = gsl_cdf_beta_Pinv (0.025, a, b);
      v.high = gsl_cdf_beta_Pinv (0.975, a, b);
    }
  return v;
}

/* The places of the components: a point where the fit is one. */
typedef struct
{
  double *at, *low, *high; /* [K x D] */
} limits;

static int
take_limits (const subject *s, size_t b, limits *l)
{
  *l = (limits){ places (s->model, b, VIEW_VALUE), places (s->model, b, VIEW_LOW),
                 places (s->model, b, VIEW_HIGH) };
  return l->at && l->low && l->high ? 0 : EXIT_DATA;
}

static void
free_limits (limits *l)
{
  free (l->at);
  free (l->low);
  free (l->high);
}

static interval
of_place (const limits *l, size_t i)
{
  return isfinite (l->low[i]) ? (interval){ l->at[i], l->low[i], l->high[i] }
                              : (interval){ l->at[i], l->at[i], l->at[i] };
}

/* One panel: a component on each line, the first on top. */
static void
panel (const canvas *c, const interval *v, size_t ncomp, const char *name, size_t number, frame f)
{
  double low = INFINITY, high = -INFINITY;
  fprintf (c->data, "# interval %zu\n", number);
  for (size_t k = 0; k < ncomp; k++)
    {
      fprintf (c->data, "%zu %.12g %.12g %.12g\n", k + 1, v[k].at, v[k].low, v[k].high);
      low = fmin (low, v[k].low);
      high = fmax (high, v[k].high);
    }
  block_end (c);
  const double room = high > low ? 0.06 * (high - low) : 0;
  canvas_frame (c, f);
  canvas_axis (c, 'x', axis_make (low - room, high + room, 4), 1);
  fprintf (c->script, "set yrange [%zu.5:0.5]\nset ytics 1,1\nset format y '%%g'\n", ncomp);
  if (ncomp > 12)
    fputs ("set ytics autofreq\n", c->script);
  canvas_label (c, "title", name, NAME);
  fprintf (c->script,
           "plot data index 'interval %zu' using 2:1:3:4:(color($1)) with xerrorbars "
           "pointtype 7 pointsize 0.7 linewidth 1.8 linecolor rgb variable notitle\n",
           number);
}

/* Panels side by side; *n: how many there are, the weights and the columns. */
static size_t
panels_across (const subject *s, size_t *n)
{
  size_t column[MOST_SCATTER];
  *n = 1 + scatter_columns (s, column);
  return *n < 3 ? *n : *n == 4 ? 2 : 3;
}

double
intervals_height (const subject *s)
{
  size_t n;
  const size_t across = panels_across (s, &n), ncomp = elbo_model_ncomp (s->model);
  const double lines = fmax (3, fmin ((double)ncomp, 16));
  return 64 + ABOVE + (double)((n + across - 1) / across) * (TALL + LINE * lines);
}

int
draw_intervals (const canvas *c, const subject *s, frame f)
{
  const size_t ncomp = elbo_model_ncomp (s->model), b = place_block (s->model);
  size_t column[MOST_SCATTER], n;
  const size_t first = scatter_columns (s, column) ? elbo_model_block (s->model, b)->column : 0;
  const size_t across = panels_across (s, &n);
  const size_t down = (n + across - 1) / across;
  const size_t dim = n > 1 ? elbo_model_block (s->model, b)->dim : 0;
  interval *v = calloc (ncomp, sizeof *v);
  double *weight = calloc (ncomp, sizeof *weight);
  limits place = { NULL, NULL, NULL };
  int status = n > 1 ? take_limits (s, b, &place) : 0;
  status = v && weight ? status : EXIT_DATA;
  if (!status)
    {
      f.top -= ABOVE;
      f.bottom -= 18;
      f.left -= 34;
      elbo_model_weights (s->model, weight);
      for (size_t k = 0; k < ncomp; k++)
        v[k] = of_weight (s, k, weight[k]);
      panel (c, v, ncomp, "weight", 1, canvas_place (f, 0, across, down, SPACE, TALL));
      for (size_t i = 1; i < n; i++)
        {
          for (size_t k = 0; k < ncomp; k++)
            v[k] = of_place (&place, k * dim + column[i - 1]);
          panel (c, v, ncomp, s->record->column[first + column[i - 1]]->name, i + 1,
                 canvas_place (f, i, across, down, SPACE, TALL));
        }
    }
  free_limits (&place);
  free (v);
  free (weight);
  return status;
}
