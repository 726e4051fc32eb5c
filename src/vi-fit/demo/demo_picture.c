/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of a demo: its panels say which columns of the tables of the page become curves. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/picture/picture.h"
#include "vi-fit/demo/demo.h"

enum
{
  SPACE = 92
};

typedef struct
{
  const demo *which;
  const demo_tables *tables;
} drawing;

/* One curve: its table and columns. */
typedef struct
{
  const demo_curve *curve;
  const demo_table *table;
  size_t at[3], n; /* n: how many columns it has */
} graph;

typedef struct
{
  double low, high;
} range;

static int
find_graph (const drawing *d, const demo_curve *curve, graph *g)
{
  g->curve = curve;
  g->n = curve->manner <= DRAW_POINTS ? 2 : 3;
  g->table = tables_find (d->tables, curve->columns, g->at);
  if (g->table)
    return 0;
  complain ("%s: no columns '%s'; this is a bug", d->which->about.name, curve->columns);
  return EXIT_DATA;
}

static double
cell (const graph *g, size_t row, size_t i)
{
  return g->table->value[row * g->table->ncolumn + g->at[i]];
}

/* Can the row be drawn on these axes? */
static int
is_drawn (const graph *g, const demo_panel *p, size_t row)
{
  for (size_t i = 0; i < g->n; i++)
    if (!isfinite (cell (g, row, i)))
      return 0;
  return (!p->log_x || cell (g, row, 0) > 0) && (!p->log_y || cell (g, row, 1) > 0);
}

static void
include (range *r, double v)
{
  r->low = fmin (r->low, v);
  r->high = fmax (r->high, v);
}

/* Has it anything to draw?  gnuplot does not find a block without lines. */
static int
is_empty (const graph *g, const demo_panel *p)
{
  size_t row = 0;
  while (row < g->table->nrow && !is_drawn (g, p, row))
    row++;
  return row == g->table->nrow;
}

static void
find_range (const graph *g, const demo_panel *p, range *x, range *y)
{
  for (size_t row = 0; row < g->table->nrow; row++)
    {
      if (!is_drawn (g, p, row))
        continue;
      const double v = cell (g, row, 1), z = g->n > 2 ? cell (g, row, 2) : v;
      const int spread = g->curve->manner == DRAW_ERRORS;
      const double side = g->curve->manner == DRAW_BARS ? 0.6 : 0;
      include (x, cell (g, row, 0) - side);
      include (x, cell (g, row, 0) + side);
      include (y, spread ? v - 2 * z : v);
      include (y, spread ? v + 2 * z : z);
    }
}

/* A block of the data file; rows that cannot be drawn break the line. */
static void
write_graph (const canvas *c, const graph *g, const demo_panel *p, const char *name)
{
  int broken = 1;
  block_begin (c, name);
  for (size_t row = 0; row < g->table->nrow; row++)
    if (is_drawn (g, p, row))
      {
        for (size_t i = 0; i < g->n; i++)
          fprintf (c->data, "%s%.12g", i ? " " : "", cell (g, row, i));
        putc ('\n', c->data);
        broken = 0;
      }
    else if (!broken)
      {
        putc ('\n', c->data);
        broken = 1;
      }
  block_end (c);
}

static void
put_tone (const canvas *c, int tone)
{
  if (tone)
    fprintf (c->script, " linecolor rgb color(%d)", tone);
  else
    fputs (" linecolor rgb '#505050'", c->script);
}

static void
plot_graph (const canvas *c, const graph *g, const char *name, int first)
{
  static const char *const how[]
      = { [DRAW_LINE] = "using 1:2 with lines linewidth 2",
          [DRAW_DASHES] = "using 1:2 with lines linewidth 1.6 dashtype 2",
          [DRAW_POINTS] = "using 1:2 with points pointtype 7 pointsize 0.7",
          [DRAW_BETWEEN] = "using 1:2:3 with filledcurves fillstyle solid 0.25 noborder",
          [DRAW_BARS] = "using 1:2:($1 - 0.35):($1 + 0.35):2:3 with boxxyerror "
                        "fillstyle solid 0.6 noborder",
          [DRAW_ERRORS] = "using 1:2:(2 * $3) with yerrorbars pointtype 7 pointsize 0.6 "
                          "linewidth 1.4" };
  const demo_curve *curve = g->curve;
  fprintf (c->script, "%sdata index '%s' %s", first ? "plot " : ", \\\n     ", name,
           how[curve->manner]);
  put_tone (c, curve->tone);
  fputs (curve->title ? " title " : " notitle", c->script);
  if (curve->title)
    canvas_text (c, curve->title, 60);
}

/* Each mark is named: above it where it lacks nothing, else at the foot of a line down to the
   axis, where under a concave curve there is room; on the side where there is more of it. */
static void
put_marks (const canvas *c, const graph *g, const demo_panel *p, range x, range y)
{
  for (size_t row = 0; row < g->table->nrow; row++)
    {
      if (!is_drawn (g, p, row))
        continue;
      const double at = cell (g, row, 0), v = cell (g, row, 1), z = cell (g, row, 2);
      const double place = (at - x.low) / (x.high - x.low);
      const int lacks = z - v > 1e-9 * (y.high - y.low);
      if (lacks)
        fprintf (c->script,
                 "set arrow from %.12g,%.12g to %.12g,%.12g nohead front linewidth 2.5 "
                 "linecolor rgb '#D55E00'\n"
                 "set arrow from %.12g,graph 0 to %.12g,%.12g nohead linewidth 1 dashtype 3 "
                 "linecolor rgb '#202020'\n",
                 at, v, at, z, at, at, v);
      fputs ("set label ", c->script);
      canvas_text (c, g->table->text[row], 40);
      if (lacks)
        fprintf (c->script, " at %.12g,graph 0.03 %s offset %g,0\nset label ''", at,
                 place > 0.5 ? "right" : "left", place > 0.5 ? -0.6 : 0.6);
      fprintf (c->script,
               " at %.12g,%.12g %s front point pointtype 7 pointsize 0.9 "
               "linecolor rgb '#202020' offset 0,0.9\n",
               at, v,
               place > 0.85   ? "right"
               : place < 0.15 ? "left"
                              : "center");
    }
}

static void
put_axis (const canvas *c, char which, range r, int logarithmic, double below, double above)
{
  const double room = r.high > r.low ? r.high - r.low : 0;
  if (logarithmic && r.high > 0)
    fprintf (c->script,
             "set logscale %c\nset %crange [%.6g:%.6g]\nset %ctics autofreq\n"
             "set format %c '%%g'\n",
             which, which, r.low / 1.15, r.high * 1.15, which, which);
  else
    canvas_axis (c, which, axis_make (r.low - below * room, r.high + above * room, 6), 1);
}

/* A panel without anything, such as the steps of a chain that has none. */
static void
draw_nothing (const canvas *c)
{
  fputs ("unset tics\nset xrange [0:1]\nset yrange [0:1]\n"
         "set label 'nothing to draw' at graph 0.5,0.5 center textcolor rgb '#505050'\n"
         "plot 2 notitle\nunset label\n",
         c->script);
}

static int
draw_curves (const canvas *c, const drawing *d, size_t number, frame f)
{
  const demo_panel *p = &d->which->panel[number];
  graph g[DEMO_CURVES];
  range x = { INFINITY, -INFINITY }, y = { INFINITY, -INFINITY };
  size_t n = 0;
  char name[40];
  for (size_t i = 0; i < DEMO_CURVES && p->curve[i].columns; i++)
    {
      if (find_graph (d, &p->curve[i], &g[n]))
        return EXIT_DATA;
      find_range (&g[n], p, &x, &y);
      n += !is_empty (&g[n], p);
    }
  canvas_frame (c, f);
  canvas_label (c, "title", p->title, 70);
  canvas_label (c, "xlabel", p->xlabel, 60);
  canvas_label (c, "ylabel", p->ylabel, 40);
  if (n == 0)
    {
      draw_nothing (c);
      return 0;
    }
  put_axis (c, 'x', x, p->log_x, 0.02, 0.02);
  put_axis (c, 'y', y, p->log_y, 0.08, 0.12);
  int first = 1, titles = 0;
  for (size_t i = 0; i < n; i++)
    titles += g[i].curve->manner != DRAW_MARKS && g[i].curve->title;
  canvas_key (c, f, titles);
  for (size_t i = 0; i < n; i++)
    if (g[i].curve->manner == DRAW_MARKS)
      put_marks (c, &g[i], p, x, y);
  for (size_t i = 0; i < n; i++)
    if (g[i].curve->manner != DRAW_MARKS)
      {
        snprintf (name, sizeof name, "panel %zu curve %zu", number + 1, i + 1);
        write_graph (c, &g[i], p, name);
        plot_graph (c, &g[i], name, first);
        first = 0;
      }
  fputs ("\nunset label\nunset arrow\n", c->script);
  return 0;
}

static int
draw_stairs (const canvas *c, const drawing *d, size_t number, frame f)
{
  const demo_panel *p = &d->which->panel[number];
  size_t at[3];
  const demo_table *t = tables_find (d->tables, p->stairs, at);
  stair *step = t ? calloc (t->nrow + 1, sizeof *step) : NULL;
  char block[40];
  if (!step)
    {
      complain (t ? "out of memory" : "%s: no columns '%s'; this is a bug", d->which->about.name,
                p->stairs);
      return EXIT_DATA;
    }
  for (size_t i = 0; i < t->nrow; i++)
    {
      const double *v = t->value + i * t->ncolumn;
      step[i] = (stair){ strcmp (t->text[i], p->second) == 0, v[at[0]], v[at[0]] + v[at[1]] };
    }
  snprintf (block, sizeof block, "panel %zu ", number + 1);
  const size_t n = t->nrow ? stairs_worth (step, t->nrow) : 0;
  const staircase stairs = { .step = step,
                             .n = n,
                             .shown = n,
                             .title = p->title,
                             .block = block,
                             .name = { p->kind[0], p->kind[1] },
                             .touch = p->touch };
  if (n)
    draw_staircase (c, &stairs, f);
  free (step);
  return 0;
}

/* What the largest legend takes. */
static double
legend_height (const demo *which, size_t n)
{
  int most = 0;
  for (size_t i = 0; i < n; i++)
    {
      int titles = which->panel[i].stairs ? STAIRS_TITLES : 0;
      for (const demo_curve *k = which->panel[i].curve; k->columns; k++)
        titles += k->title != NULL;
      most = titles > most ? titles : most;
    }
  return canvas_key_height (most);
}

static int
compose (const void *what, canvas *c, const char *suffix)
{
  const drawing *d = what;
  const demo_panel *panel = d->which->panel;
  int status = 0;
  size_t n = 0;
  while (panel[n].title)
    n++;
  const double legend = legend_height (d->which, n);
  c->width = n > 1 ? 1060 : 720;
  c->height = 440 + legend;
  canvas_begin (c, suffix);
  const double wide = (c->width - 84 - 20 - SPACE * (double)(n - 1)) / (double)n;
  for (size_t i = 0; i < n && !status; i++)
    {
      const double left = 84 + (wide + SPACE) * (double)i;
      const frame f = { left, left + wide, 58 + legend, c->height - 30 };
      status = panel[i].stairs ? draw_stairs (c, d, i, f) : draw_curves (c, d, i, f);
    }
  canvas_end (c);
  return status;
}

int
demo_picture_save (const settings *s, const demo *which, const demo_tables *tables)
{
  const drawing d = { which, tables };
  const char *suffix = ".svg";
  char *prefix = NULL;
  int ran = GNUPLOT_DONE;
  if (tables->failed)
    return complain_memory ();
  int status = s->output ? picture_name (s->output, &prefix, &suffix) : 0;
  const char *name = prefix ? prefix : which->about.name;
  if (!status)
    status = picture_draw (compose, &d, name, suffix, !s->no_clobber, &ran);
  status = picture_tell (status, ran, name, suffix);
  free (prefix);
  return status;
}
