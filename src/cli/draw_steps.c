/* The staircase of half-steps.  For EM the log-likelihood above it: an M half-step moves the
   parameters away from q, and the gap, the KL from q to the posterior, opens; E closes it. */
#include <config.h>
#include <math.h>
#include "cli/picture.h"

enum { LEAST_SHOWN = 12, MOST_NAMED = 3 };

/* Half-steps after which next to nothing of the gain is left. */
static size_t
worth_showing (const trace_run *run)
{
  const double first = run->record[0].elbo, last = run->record[run->nrecord - 1].elbo;
  size_t n = run->nrecord;
  while (n > 1 && last - run->record[n - 2].elbo < 0.002 * (last - first))
    n--;
  n += 2;
  n = n < LEAST_SHOWN ? LEAST_SHOWN : n;
  return n < run->nrecord ? n : run->nrecord;
}

/* A step is a line of the half-step's width; gaps are boxes from the bound to the likelihood. */
static axis
write_steps (const canvas *c, const trace_run *run, size_t n)
{
  double low = INFINITY, high = -INFINITY;
  block_begin (c, "steps");
  for (size_t i = 0; i < n; i++)
    {
      const elbo_trace *t = &run->record[i];
      const double touch = isfinite (t->gap) ? t->elbo + t->gap : t->elbo;
      low = fmin (low, t->elbo);
      high = fmax (high, touch);
      for (int end = 0; end < 2; end++)
        fprintf (c->data, "%.1f %.12g %.12g\n", (double) i + 0.5 + end, t->elbo, touch);
    }
  block_end (c);
  for (int e = 0; e < 2; e++)
    {
      block_begin (c, e ? "E" : "M");
      for (size_t i = 0; i < n; i++)
        if ((run->record[i].half == 'E') == e)
          fprintf (c->data, "%zu %.12g %.12g\n", i + 1, run->record[i].elbo,
                   isfinite (run->record[i].gap) ? run->record[i].elbo + run->record[i].gap
                                                 : run->record[i].elbo);
      block_end (c);
    }
  const double room = high > low ? high - low : 1;
  return axis_make (low - 0.08 * room, high + 0.12 * room, 6);
}

/* The largest gaps are given in nats beside their bars. */
static void
name_gaps (const canvas *c, const trace_run *run, size_t n, axis y)
{
  int named = 0;
  for (size_t i = 0; i < n && named < MOST_NAMED; i++)
    {
      const elbo_trace *t = &run->record[i];
      if (!(t->gap > 0.04 * (y.high - y.low)))
        continue;
      named++;
      fprintf (c->script, "set label 'KL %.3g' at %.2f,%.12g left textcolor rgb '#D55E00' "
               "offset 0.4,0\n", t->gap, (double) i + 1.55, t->elbo + 0.5 * t->gap);
    }
}

int
draw_steps (const canvas *c, const subject *s, frame f)
{
  const trace_run *run = subject_chosen (s);
  const size_t n = worth_showing (run);
  const int point = elbo_model_method (s->model) != ELBO_VB;
  char text[100];
  const axis y = write_steps (c, run, n);
  canvas_frame (c, f);
  snprintf (text, sizeof text, "Half-steps 1 to %zu of %zu, K = %zu, start %zu", n, run->nrecord,
            run->ncomp, run->start);
  canvas_label (c, "title", text, 90);
  canvas_label (c, "xlabel", "half-step", 20);
  canvas_label (c, "ylabel", "nats", 20);
  canvas_axis (c, 'x', axis_make (0.5, (double) n + 0.5, 10), 1);
  canvas_axis (c, 'y', y, 1);
  fputs ("set key bottom right Left reverse samplen 2\n", c->script);
  if (point)
    name_gaps (c, run, n, y);
  fputs ("plot ", c->script);
  if (point)
    fprintf (c->script, "data index 'M' using 1:2:($1 - 0.18):($1 + 0.18):2:3 with boxxyerror "
             "fillstyle solid 0.35 noborder linecolor rgb '#D55E00' title "
             "'KL from q to the posterior', \\\n     "
             "data index 'steps' using 1:3 with lines linewidth 1.2 dashtype 2 "
             "linecolor rgb '#505050' title '%s', \\\n     ",
             elbo_model_method (s->model) == ELBO_ML ? "log-likelihood" : "log-posterior");
  fputs ("data index 'steps' using 1:2 with lines linewidth 2 linecolor rgb '#0072B2' "
         "title 'ELBO', \\\n"
         "     data index 'M' using 1:2 with points pointtype 9 pointsize 0.8 "
         "linecolor rgb '#D55E00' title 'after M: parameters', \\\n"
         "     data index 'E' using 1:2 with points pointtype 7 pointsize 0.7 "
         "linecolor rgb '#0072B2' title 'after E: assignments'\nunset label\n", c->script);
  return 0;
}
