/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger of the bound over the iterations: each term in a panel of its own, signed as it adds,
   so that the panels below sum to the first. */
#include <config.h>
#include <math.h>
#include "vi-fit/picture/picture.h"

enum
{
  NPANEL = ELBO_NTERM + 1,
  SPACE = 30,
  LONG = 60
};

static const char *const title[NPANEL]
    = { "ELBO", "reconstruction", "-KL assignments", "-KL weights", "-KL components", "log prior" };

/* Panel 0 is the bound, panel i term i - 1. */
static double
value (const elbo_trace *t, size_t panel)
{
  if (panel == 0)
    return t->elbo;
  const double v = t->term[panel - 1];
  return panel - 1 == ELBO_RECONSTRUCTION || panel - 1 == ELBO_LOG_PRIOR ? v : -v;
}

/* span: what the term changes by. */
static axis
range (const trace_run *run, size_t panel, double *span, int *used)
{
  double low = INFINITY, high = -INFINITY;
  *used = 0;
  for (size_t i = 0; i < run->nrecord; i++)
    if (run->record[i].half == 'E')
      {
        const double v = value (&run->record[i], panel);
        low = fmin (low, v);
        high = fmax (high, v);
        *used |= v != 0;
      }
  *span = high > low ? high - low : 0;
  const double room = 0.08 * *span;
  return axis_make (low - room, high + room, 3);
}

static size_t
last_pass (const trace_run *run)
{
  size_t last = 1;
  for (size_t i = 0; i < run->nrecord; i++)
    last = run->record[i].pass > last ? run->record[i].pass : last;
  return last;
}

static void
panel (const canvas *c, const trace_run *run, size_t i, frame f, axis y, double span, int lowest)
{
  const size_t last = last_pass (run);
  canvas_frame (c, f);
  canvas_axis (c, 'y', y, 1);
  if (last > LONG)
    fprintf (c->script,
             "set logscale x\nset xrange [0.9:%.6g]\nset xtics autofreq\n"
             "set format x '%s'\n",
             1.15 * (double)last, lowest ? "%g" : "");
  else
    canvas_axis (c, 'x', axis_whole (0.5, (double)last + 0.5, 8), lowest);
  if (lowest)
    canvas_label (c, "xlabel", "iteration", 20);
  fprintf (c->script,
           "set label '%s, range %.3g nats' at graph 0.008,1 left offset 0,0.7 "
           "textcolor rgb '#202020'\n",
           title[i], span);
  fprintf (c->script,
           "plot data index 'terms' using 1:%zu with %s linewidth 1.8 "
           "linecolor rgb '%s' notitle\nunset label\n",
           i + 2, last > LONG ? "lines" : "linespoints pointtype 7 pointsize 0.35",
           i ? "#0072B2" : "#202020");
}

int
draw_terms (const canvas *c, const subject *s, frame f)
{
  const trace_run *run = subject_chosen (s);
  axis y[NPANEL];
  double span[NPANEL];
  int used[NPANEL];
  size_t n = 0, at = 0;
  for (size_t i = 0; i < NPANEL; i++)
    {
      y[i] = range (run, i, &span[i], &used[i]);
      n += (size_t)used[i];
    }
  block_begin (c, "terms");
  for (size_t i = 0; i < run->nrecord; i++)
    if (run->record[i].half == 'E')
      {
        fprintf (c->data, "%zu", run->record[i].pass);
        for (size_t j = 0; j < NPANEL; j++)
          fprintf (c->data, " %.12g", value (&run->record[i], j) + 0.0);
        putc ('\n', c->data);
      }
  block_end (c);
  const double high = (f.top - f.bottom + SPACE) / (double)(n ? n : 1);
  for (size_t i = 0; i < NPANEL; i++)
    if (used[i])
      {
        const double top = f.top - high * (double)at++;
        panel (c, run, i, (frame){ f.left, f.right, top - high + SPACE, top }, y[i], span[i],
               at == n);
      }
  return 0;
}
