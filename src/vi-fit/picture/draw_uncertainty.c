/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The responsibilities of the rows as stacked bars, sorted by component and certainty, and below
   them what is left to the other components. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "vi-fit/picture/picture.h"

enum
{
  MOST_BARS = 500,
  SPACE = 16
};

/* A row on its way to its place. */
typedef struct
{
  const double *resp;
  size_t comp;
} place;

static int
by_place (const void *a, const void *b)
{
  const place *p = a, *q = b;
  if (p->comp != q->comp)
    return p->comp < q->comp ? -1 : 1;
  const double x = p->resp[p->comp], y = q->resp[q->comp];
  return x > y ? -1 : x < y ? 1 : p->resp < q->resp ? -1 : p->resp > q->resp;
}

/* Cumulative responsibilities: column 2 + k is the top of component k + 1. */
static size_t
write_rows (const canvas *c, const subject *s, const place *row, double *most)
{
  const size_t ncomp = elbo_model_ncomp (s->model), step = 1 + (s->nshown - 1) / MOST_BARS;
  size_t n = 0;
  block_begin (c, "responsibilities");
  for (size_t i = 0; i < s->nshown; i += step)
    {
      double sum = 0;
      fprintf (c->data, "%zu", n++);
      for (size_t k = 0; k < ncomp; k++)
        fprintf (c->data, " %.5g", sum += row[i].resp[k]);
      *most = fmax (*most, 1 - row[i].resp[row[i].comp]);
      fprintf (c->data, " %.5g %zu\n", 1 - row[i].resp[row[i].comp], row[i].comp + 1);
    }
  block_end (c);
  return n;
}

static void
commands (const canvas *c, const subject *s, frame f, size_t n, double most)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  const double middle = f.bottom + 0.38 * (f.top - f.bottom);
  axis x = axis_make (-0.5, (double)n - 0.5, 8);
  canvas_frame (c, (frame){ f.left, f.right, middle + SPACE, f.top });
  canvas_axis (c, 'x', x, 0);
  canvas_axis (c, 'y', axis_make (0, 1, 4), 1);
  canvas_label (c, "ylabel", "responsibility", 40);
  fputs ("plot ", c->script);
  /* from the highest pile to the lowest: each covers what lies under it */
  for (size_t k = ncomp; k > 0; k--)
    fprintf (c->script,
             "%sdata index 'responsibilities' using 1:%zu with fillsteps "
             "fillstyle solid 1 noborder linecolor rgb color(%zu) notitle",
             k < ncomp ? ", \\\n     " : "", k + 1, k);
  putc ('\n', c->script);
  canvas_frame (c, (frame){ f.left, f.right, f.bottom, middle - SPACE });
  canvas_axis (c, 'x', x, 1);
  canvas_axis (c, 'y', axis_make (0, most > 0 ? most : 1, 3), 1);
  canvas_label (c, "ylabel", "uncertainty", 40);
  canvas_label (c, "xlabel",
                s->stride > 1 || n < s->nshown ? "rows, sorted (evenly spaced ones are shown)"
                                               : "rows, sorted by component and certainty",
                60);
  fprintf (c->script,
           "plot data index 'responsibilities' using 1:%zu:(color($%zu)) with impulses "
           "linewidth 1 linecolor rgb variable notitle\n",
           ncomp + 2, ncomp + 3);
}

int
draw_uncertainty (const canvas *c, const subject *s, frame f)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  place *row = calloc (s->nshown, sizeof *row);
  if (!row)
    return EXIT_DATA;
  for (size_t i = 0; i < s->nshown; i++)
    row[i] = (place){ s->resp + i * ncomp, largest (s->resp + i * ncomp, ncomp) };
  qsort (row, s->nshown, sizeof *row, by_place);
  double most = 0;
  const size_t n = write_rows (c, s, row, &most);
  commands (c, s, f, n, most);
  free (row);
  return 0;
}
