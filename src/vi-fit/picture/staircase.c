/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half-steps as a staircase, and above each what the bound could reach: for EM the log-likelihood,
   elsewhere log p(x).  The bar between them is the KL from q to the posterior. */
#include <config.h>
#include <math.h>
#include "vi-fit/picture/picture.h"

/* From LONG on bars and points would cover each other: lines alone. */
enum
{
  LEAST_SHOWN = 12,
  MOST_NAMED = 3,
  LONG = 60
};

size_t
stairs_worth (const stair *step, size_t n)
{
  const double first = step[0].bound, last = step[n - 1].bound;
  size_t shown = n;
  while (shown > 1 && last - step[shown - 2].bound < 0.002 * (last - first))
    shown--;
  shown += 2;
  shown = shown < LEAST_SHOWN ? LEAST_SHOWN : shown;
  return shown < n ? shown : n;
}

static double
reach (const stair *step)
{
  return isfinite (step->touch) ? step->touch : step->bound;
}

/* Is a half-step of this kind drawn?  gnuplot does not find a block without lines. */
static int
has_kind (const staircase *s, int kind)
{
  for (size_t i = 0; i < s->shown; i++)
    if (s->step[i].second == kind)
      return 1;
  return 0;
}

/* A step is a line of the half-step's width; gaps are boxes from the bound to what it could
   reach. */
static void
write_stairs (const canvas *c, const staircase *s)
{
  char block[40];
  snprintf (block, sizeof block, "%ssteps", s->block);
  block_begin (c, block);
  for (size_t i = 0; i < s->shown; i++)
    for (int end = 0; end < 2; end++)
      fprintf (c->data, "%.1f %.12g %.12g\n", (double)i + 0.5 + end, s->step[i].bound,
               reach (&s->step[i]));
  block_end (c);
  for (int kind = 0; kind < 2; kind++)
    {
      if (!has_kind (s, kind))
        continue;
      snprintf (block, sizeof block, "%s%s", s->block, kind ? "E" : "M");
      block_begin (c, block);
      for (size_t i = 0; i < s->shown; i++)
        if (s->step[i].second == kind)
          fprintf (c->data, "%zu %.12g %.12g\n", i + 1, s->step[i].bound, reach (&s->step[i]));
      block_end (c);
    }
}

/* The range of all steps, those that are not drawn yet as well: pictures of one run share it. */
static axis
range (const staircase *s)
{
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < s->n; i++)
    {
      low = fmin (low, s->step[i].bound);
      high = fmax (high, reach (&s->step[i]));
    }
  const double room = high > low ? high - low : 1;
  return axis_make (low - 0.08 * room, high + 0.12 * room, 6);
}

static int
is_large (const staircase *s, size_t i, axis y)
{
  return i < s->shown && s->step[i].touch - s->step[i].bound > 0.05 * (y.high - y.low);
}

static void
name_beside (const canvas *c, const staircase *s, size_t i)
{
  const stair *t = &s->step[i];
  const int last = i + 1 == s->n;
  fprintf (c->script,
           "set label 'KL %.3g' at %.2f,%.12g %s textcolor rgb '#D55E00' "
           "offset %s0.4,0\n",
           t->touch - t->bound, (double)i + (last ? 0.45 : 1.55), 0.5 * (t->bound + t->touch),
           last ? "right" : "left", last ? "-" : "");
}

static void
name_above (const canvas *c, const staircase *s, size_t i)
{
  const stair *t = &s->step[i];
  const char *side = i == 0 ? "left" : i + 1 == s->n ? "right" : "center";
  const double to = i == 0 ? -0.45 : i + 1 == s->n ? 0.45 : 0;
  fprintf (c->script,
           "set label 'KL %.3g' at %.2f,%.12g %s textcolor rgb '#D55E00' "
           "offset 0,0.8\n",
           t->touch - t->bound, (double)i + 1 + to, t->touch, side);
}

/* Large gaps in nats: the first few beside their bars, where these stand alone; where they stand
   side by side, the first and the last above. */
static void
name_gaps (const canvas *c, const staircase *s, axis y)
{
  size_t named = 0, first = s->shown, last = 0;
  int crowded = 0;
  for (size_t i = 0; i < s->shown; i++)
    if (is_large (s, i, y))
      {
        first = first < i ? first : i;
        last = i;
        crowded |= is_large (s, i + 1, y);
      }
  if (first == s->shown)
    return;
  for (size_t i = first; i <= last && named < MOST_NAMED && !crowded; i++)
    if (is_large (s, i, y))
      {
        name_beside (c, s, i);
        named++;
      }
  if (crowded)
    name_above (c, s, first);
  if (crowded && last > first + 1)
    name_above (c, s, last);
}

static void
plot_gaps (const canvas *c, const staircase *s, int boxes)
{
  const char *title = "title 'gap: KL(q || posterior)'";
  for (int kind = 0; kind < 2 && boxes; kind++)
    if (has_kind (s, kind))
      {
        fprintf (c->script,
                 "data index '%s%s' using 1:2:($1 - 0.18):($1 + 0.18):2:3 with boxxyerror "
                 "fillstyle solid 0.35 noborder linecolor rgb '#D55E00' %s, \\\n     ",
                 s->block, kind ? "E" : "M", title);
        title = "notitle";
      }
  if (!boxes)
    fprintf (c->script,
             "data index '%ssteps' using 1:2:3 with filledcurves fillstyle solid 0.35 "
             "noborder linecolor rgb '#D55E00' %s, \\\n     ",
             s->block, title);
  fprintf (c->script,
           "data index '%ssteps' using 1:3 with lines linewidth 1.2 dashtype 2 "
           "linecolor rgb '#505050' title '%s', \\\n     ",
           s->block, s->touch);
}

void
draw_staircase (const canvas *c, const staircase *s, frame f)
{
  static const char *const look[] = { "pointtype 9 pointsize 0.8 linecolor rgb '#D55E00'",
                                      "pointtype 7 pointsize 0.7 linecolor rgb '#0072B2'" };
  const axis y = range (s);
  const int points = s->n < LONG;
  const axis x = axis_whole (0.5, (double)s->n + 0.5, 10);
  write_stairs (c, s);
  canvas_frame (c, f);
  canvas_label (c, "title", s->title, 90);
  canvas_label (c, "xlabel", "half-step", 20);
  canvas_label (c, "ylabel", "nats", 20);
  canvas_axis (c, 'x', x, 1);
  canvas_axis (c, 'y', y, 1);
  canvas_key (c, f, (s->touch ? 3 : 1) + (points ? has_kind (s, 0) + has_kind (s, 1) : 0));
  if (s->touch)
    name_gaps (c, s, y);
  fputs ("plot ", c->script);
  if (s->touch)
    plot_gaps (c, s, points);
  fprintf (c->script,
           "data index '%ssteps' using 1:2 with lines linewidth 2 "
           "linecolor rgb '#0072B2' title 'ELBO'",
           s->block);
  for (int kind = 0; kind < 2 && points; kind++)
    if (has_kind (s, kind))
      fprintf (c->script, ", \\\n     data index '%s%s' using 1:2 with points %s title '%s'",
               s->block, kind ? "E" : "M", look[kind], s->name[kind]);
  fputs ("\nunset label\n", c->script);
}
