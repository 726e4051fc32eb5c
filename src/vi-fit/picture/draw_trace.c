/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound of every start against the iterations, the chosen start dark. */
#include <config.h>
#include <math.h>
#include "vi-fit/picture/picture.h"

/* Iterations from which the axis is logarithmic and the line is drawn without its points. */
enum
{
  LONG = 60
};

typedef struct
{
  size_t starts, longest;
  double low, high, lowest; /* lowest: of all that the starts did */
} extremes;

static const elbo_trace *
last_e (const trace_run *run)
{
  const elbo_trace *last = NULL;
  for (size_t i = 0; i < run->nrecord; i++)
    if (run->record[i].half == 'E')
      last = &run->record[i];
  return last;
}

/* What must be seen: the whole of the chosen start and where the others ended. */
static extremes
find_extremes (const subject *s, const trace_run *chosen)
{
  extremes e = { 0, 1, INFINITY, -INFINITY, INFINITY };
  for (size_t i = 0; i < s->trace->nrun; i++)
    {
      const trace_run *run = &s->trace->run[i];
      const elbo_trace *last = last_e (run);
      if (!subject_rival (s, run) || !last)
        continue;
      e.starts++;
      e.longest = last->pass > e.longest ? last->pass : e.longest;
      e.low = fmin (e.low, last->elbo);
      e.high = fmax (e.high, last->elbo);
      for (size_t j = 0; j < run->nrecord; j++)
        if (run->record[j].half == 'E')
          e.lowest = fmin (e.lowest, run->record[j].elbo);
    }
  for (size_t i = 0; i < chosen->nrecord; i++)
    if (chosen->record[i].half == 'E')
      e.low = fmin (e.low, chosen->record[i].elbo);
  return e;
}

static void
write_run (const canvas *c, const trace_run *run)
{
  for (size_t i = 0; i < run->nrecord; i++)
    if (run->record[i].half == 'E')
      fprintf (c->data, "%zu %.12g %zu\n", run->record[i].pass, run->record[i].elbo, run->start);
  putc ('\n', c->data);
}

static void
write_runs (const canvas *c, const subject *s, const trace_run *chosen)
{
  block_begin (c, "starts");
  for (size_t i = 0; i < s->trace->nrun; i++)
    if (subject_rival (s, &s->trace->run[i]))
      write_run (c, &s->trace->run[i]);
  block_end (c);
  block_begin (c, "ends");
  for (size_t i = 0; i < s->trace->nrun; i++)
    {
      const elbo_trace *last = last_e (&s->trace->run[i]);
      if (last && subject_rival (s, &s->trace->run[i]))
        fprintf (c->data, "%zu %.12g\n", last->pass, last->elbo);
    }
  block_end (c);
  block_begin (c, "chosen");
  write_run (c, chosen);
  block_end (c);
}

int
draw_trace (const canvas *c, const subject *s, frame f)
{
  static const char *const word[]
      = { [ELBO_ML] = "log-likelihood", [ELBO_MAP] = "log-posterior", [ELBO_VB] = "ELBO" };
  const trace_run *chosen = subject_chosen (s);
  const extremes e = find_extremes (s, chosen);
  const double room = e.high > e.low ? e.high - e.low : 1;
  const double bottom = e.low - 0.06 * room;
  char title[100];
  write_runs (c, s, chosen);
  canvas_frame (c, f);
  snprintf (title, sizeof title, "%s, K = %zu, %zu start%s", word[elbo_model_method (s->model)],
            elbo_model_ncomp (s->model), e.starts, e.starts == 1 ? "" : "s");
  canvas_label (c, "title", title, 60);
  canvas_label (c, "ylabel", "nats", 20);
  canvas_label (c, "xlabel",
                e.lowest < bottom ? "iteration (lines from below: starts that began lower)"
                                  : "iteration",
                60);
  canvas_axis (c, 'y', axis_make (bottom, e.high + 0.06 * room, 5), 1);
  if (e.longest > LONG)
    fprintf (c->script,
             "set logscale x\nset xrange [0.9:%.6g]\nset xtics autofreq\n"
             "set format x '%%g'\n",
             1.15 * (double)e.longest);
  else
    canvas_axis (c, 'x', axis_whole (0.5, (double)e.longest + 0.5, 6), 1);
  fprintf (
      c->script,
      "plot data index 'starts' using 1:2 with lines linewidth 1 linecolor rgb '#B0B0B0' "
      "notitle, \\\n"
      "     data index 'ends' using 1:2 with points pointtype 7 pointsize 0.45 "
      "linecolor rgb '#909090' notitle, \\\n"
      "     data index 'chosen' using 1:2 with %s linewidth 2 linecolor rgb '#202020' notitle\n",
      chosen->nrecord > 2 * LONG ? "lines" : "linespoints pointtype 7 pointsize 0.35");
  return 0;
}
