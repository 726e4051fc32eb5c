/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns against each other: one panel for two columns, a matrix below its diagonal for more,
   histograms on the diagonal.  Points have the colour of their most likely component. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

enum
{
  GAP = 9,
  NAME_LARGE = 48,
  LETTER = 7
}; /* LETTER: its width */

/* What all panels share. */
typedef struct
{
  const canvas *c;
  const subject *s;
  size_t b, dim, n;
  size_t column[MOST_SCATTER];
  axis axis[MOST_SCATTER];
  double *mean;      /* [K x dim] */
  double *deviation; /* [K x dim] */
} sheet;

/* The range of the rows and of the 95 % ellipses, of which a quarter may stand out. */
static axis
make_axis (const sheet *m, size_t j, int ticks)
{
  const size_t ncomp = elbo_model_ncomp (m->s->model);
  const size_t at = elbo_model_block (m->s->model, m->b)->column + j;
  const double reach = sqrt (-2 * log (0.05));
  double low = INFINITY, high = -INFINITY, left = INFINITY, right = -INFINITY;
  for (size_t k = 0; k < ncomp; k++)
    {
      if (subject_empty (m->s, k))
        continue;
      left = fmin (left, m->mean[k * m->dim + j] - reach * m->deviation[k * m->dim + j]);
      right = fmax (right, m->mean[k * m->dim + j] + reach * m->deviation[k * m->dim + j]);
    }
  for (size_t i = 0; m->s->data && i < elbo_data_rows (m->s->data); i++)
    if (elbo_data_weight (m->s->data, i) > 0)
      {
        low = fmin (low, elbo_data_value (m->s->data, i, at));
        high = fmax (high, elbo_data_value (m->s->data, i, at));
      }
  if (!(high > low))
    {
      low = left;
      high = right;
    }
  const double room = 0.25 * (high - low), edge = 0.04 * (high - low);
  return axis_make (fmax (fmin (low, left), low - room) - edge,
                    fmin (fmax (high, right), high + room) + edge, ticks);
}

/* The rows drawn as points: their columns, component and how uncertain it is. */
static void
write_rows (const sheet *m)
{
  const size_t ncomp = elbo_model_ncomp (m->s->model);
  const size_t first = elbo_model_block (m->s->model, m->b)->column;
  block_begin (m->c, "rows");
  for (size_t i = 0; i < m->s->nshown; i++)
    {
      const double *resp = m->s->resp + i * ncomp;
      const size_t best = largest (resp, ncomp);
      for (size_t j = 0; j < m->n; j++)
        fprintf (m->c->data, "%.9g ",
                 elbo_data_value (m->s->data, m->s->shown[i], first + m->column[j]));
      fprintf (m->c->data, "%zu %.4g\n", best + 1, 1 - resp[best]);
    }
  block_end (m->c);
  block_begin (m->c, "means");
  for (size_t k = 0; k < ncomp; k++)
    {
      if (subject_empty (m->s, k))
        continue;
      for (size_t j = 0; j < m->n; j++)
        fprintf (m->c->data, "%.12g ", m->mean[k * m->dim + m->column[j]]);
      fprintf (m->c->data, "%zu\n", k + 1);
    }
  block_end (m->c);
}

/* Points, ellipses and numbered means of columns i (across) and j (up). */
static int
points (const sheet *m, size_t i, size_t j)
{
  char name[60];
  FILE *f = m->c->script;
  const size_t comp = m->n + 1;
  const int large = m->n == 2, crowd = m->s->nshown > 1500;
  snprintf (name, sizeof name, "ellipses %zu %zu", m->column[i] + 1, m->column[j] + 1);
  const int status = write_ellipses (m->c, m->s, m->column[i], m->column[j], name);
  fputs ("plot ", f);
  if (m->s->nshown)
    fprintf (f,
             "data index 'rows' using %zu:%zu:(shape($%zu)):(light($%zu)) with points "
             "pointtype variable pointsize %g linecolor rgb variable notitle, \\\n     ",
             i + 1, j + 1, comp, comp,
             large   ? (crowd ? 0.3 : 0.5)
             : crowd ? 0.2
                     : 0.3);
  fprintf (f,
           "data index '%s' using 1:2:(color($3)) with lines linewidth %g "
           "linecolor rgb variable notitle, \\\n     ",
           name, large ? 1.8 : 1.3);
  if (large)
    fprintf (f,
             "data index 'means' using %zu:%zu with points pointtype 7 pointsize 2.4 "
             "linecolor rgb '#FFFFFF' notitle, \\\n     "
             "data index 'means' using %zu:%zu:(color($%zu)) with points pointtype 7 "
             "pointsize 1.9 linecolor rgb variable notitle, \\\n     "
             "data index 'means' using %zu:%zu:(sprintf ('%%d', $%zu)):(ink($%zu)) with labels "
             "textcolor rgb variable offset 0,-0.05 notitle\n",
             i + 1, j + 1, i + 1, j + 1, comp, i + 1, j + 1, comp, comp);
  else
    fprintf (f,
             "data index 'means' using %zu:%zu:(color($%zu)) with points pointtype 7 "
             "pointsize 0.6 linecolor rgb variable notitle\n",
             i + 1, j + 1, comp);
  return status;
}

static const char *
name_of (const sheet *m, size_t i)
{
  const size_t first = elbo_model_block (m->s->model, m->b)->column;
  return m->s->record->column[first + m->column[i]]->name;
}

static int
matrix (const sheet *m, frame f)
{
  const double n = (double)m->n;
  const double wide = (f.right - f.left - GAP * (n - 1)) / n;
  const double high = (f.top - f.bottom - GAP * (n - 1)) / n;
  const int most = (int)(fmin (wide, high) / LETTER);
  int status = 0;
  for (size_t row = 0; row < m->n; row++)
    for (size_t at = 0; at <= row && !status; at++)
      {
        const double left = f.left + (double)at * (wide + GAP);
        const double top = f.top - (double)row * (high + GAP);
        canvas_frame (m->c, (frame){ left, left + wide, top - high, top });
        canvas_axis (m->c, 'x', m->axis[at], row + 1 == m->n);
        if (row + 1 == m->n)
          canvas_label (m->c, "xlabel", name_of (m, at), most);
        if (row == at)
          {
            fputs ("unset ytics\nset border 1\n", m->c->script);
            if (row == 0)
              canvas_label (m->c, "ylabel", name_of (m, row), most);
            status = draw_density (m->c, m->s, m->column[at], m->axis[at], 0);
          }
        else
          {
            canvas_axis (m->c, 'y', m->axis[row], at == 0);
            if (at == 0)
              canvas_label (m->c, "ylabel", name_of (m, row), most);
            status = points (m, at, row);
          }
      }
  return status;
}

static int
draw_panels (const sheet *m, frame f)
{
  if (m->n > 2)
    return matrix (m, f);
  canvas_frame (m->c, f);
  canvas_axis (m->c, 'x', m->axis[0], 1);
  canvas_label (m->c, "xlabel", name_of (m, 0), NAME_LARGE);
  if (m->n == 1)
    {
      fputs ("set ytics autofreq\nset format y '%g'\n", m->c->script);
      canvas_label (m->c, "ylabel", "density", NAME_LARGE);
      return draw_density (m->c, m->s, m->column[0], m->axis[0], 1);
    }
  canvas_axis (m->c, 'y', m->axis[1], 1);
  canvas_label (m->c, "ylabel", name_of (m, 1), NAME_LARGE);
  return points (m, 0, 1);
}

int
draw_scatter (const canvas *c, const subject *s, frame f)
{
  sheet m = { .c = c, .s = s, .b = place_block (s->model) };
  m.dim = elbo_model_block (s->model, m.b)->dim;
  m.n = scatter_columns (s, m.column);
  m.mean = places (s->model, m.b, VIEW_VALUE);
  m.deviation = deviations (s, m.b);
  int status = m.n && m.mean && m.deviation ? 0 : EXIT_DATA;
  if (!status)
    {
      for (size_t j = 0; j < m.n; j++)
        m.axis[j] = make_axis (&m, m.column[j], m.n > 4 ? 3 : m.n > 2 ? 4 : 6);
      if (m.n > 1)
        write_rows (&m);
      status = draw_panels (&m, f);
    }
  free (m.mean);
  free (m.deviation);
  return status;
}
