/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a gnuplot script that all pictures share.  Names of columns are data: they stand in
   single quotes, where gnuplot obeys nothing, and without its enhanced mode. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

/* Okabe and Ito's colours, told apart by the colour-blind, the darker ones first; component number
   is colour.  Numbers on the lighter ones are black. */
static const char *const colours
    = "array tone[8] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x4D4D4D, "
      "0xF0E442]\n"
      "array mark[4] = [7, 9, 5, 13]\n"
      "color(k) = tone[1 + (int(k) - 1) % 8]\n"
      "light(k) = color(k) + 0x80000000\n"
      "shape(k) = mark[1 + int((k - 1) / 8) % 4]\n"
      "ink(k) = (int(k) - 1) % 8 == 7 || (int(k) - 1) % 8 == 5 || (int(k) - 1) % 8 == 4 ? 0 : "
      "0xFFFFFF\n";

void
canvas_begin (const canvas *c, const char *suffix)
{
  const double w = c->width, h = c->height;
  if (strcmp (suffix, ".png") == 0)
    fprintf (c->script,
             "set terminal pngcairo noenhanced size %.0f,%.0f font 'sans-serif,9' "
             "fontscale 2 linewidth 2 pointscale 2 background rgb 'white'\n",
             2 * w, 2 * h);
  else if (strcmp (suffix, ".pdf") == 0)
    fprintf (c->script,
             "set terminal pdfcairo noenhanced size %.2fin,%.2fin font 'sans-serif,8' "
             "fontscale 1 linewidth 1.2 pointscale 0.9 background rgb 'white'\n",
             w / 96, h / 96);
  else
    fprintf (c->script,
             "set terminal svg noenhanced dynamic size %.0f,%.0f "
             "font 'sans-serif,12' background rgb 'white'\n",
             w, h);
  fputs ("set encoding utf8\n", c->script);
  fputs (colours, c->script);
  fputs ("set multiplot\n", c->script);
}

void
canvas_end (const canvas *c)
{
  fputs ("unset multiplot\nset output\n", c->script);
}

void
canvas_frame (const canvas *c, frame f)
{
  fprintf (c->script,
           "\nunset label\nunset title\nunset xlabel\nunset ylabel\nunset key\n"
           "unset logscale\nset border 3 linewidth 0.8 linecolor rgb '#404040'\n"
           "set tics nomirror out scale 0.5 textcolor rgb '#202020'\n"
           "set xtics nomirror autofreq\nset ytics nomirror autofreq\n"
           "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
           "set bmargin at screen %.5f\nset tmargin at screen %.5f\n",
           f.left / c->width, f.right / c->width, f.bottom / c->height, f.top / c->height);
}

frame
canvas_place (frame f, size_t i, size_t across, size_t down, double space, double tall)
{
  const double wide = (f.right - f.left + space) / (double)across;
  const double high = (f.top - f.bottom + tall) / (double)down;
  const double left = f.left + wide * (double)(i % across);
  const double top = f.top - high * (double)(i / across);
  return (frame){ left, left + wide - space, top - high + tall, top };
}

/* The least of 1, 2 and 5 times a power of ten that is not below. */
static double
round_step (double rough)
{
  const double power = pow (10, floor (log10 (rough))), lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static double
tick_count (const axis *a)
{
  return floor (a->high / a->step + 1e-9) - ceil (a->low / a->step - 1e-9) + 1;
}

axis
axis_make (double low, double high, int ticks)
{
  axis a = { low, high, 1, 0 };
  /* a range of rounding errors is none */
  if (!(high - low > 1e-10 * fmax (fabs (low), fabs (high))))
    {
      const double around = low != 0 ? 0.01 * fabs (low) : 1;
      a.low = low - around;
      a.high = low + around;
    }
  const double rough = (a.high - a.low) / ticks;
  a.step = round_step (rough);
  /* one number on an axis says nothing about its scale */
  for (double finer = rough; tick_count (&a) < 2; finer /= 2)
    a.step = round_step (finer);
  const double place = -floor (log10 (a.step * 1.0000001));
  a.digits = place > 0 ? (int)place : 0;
  return a;
}

axis
axis_whole (double low, double high, int ticks)
{
  axis a = axis_make (low, high, ticks);
  a.step = fmax (a.step, 1);
  a.digits = 0;
  return a;
}

void
canvas_axis (const canvas *c, char which, axis a, int numbered)
{
  const double size = fmax (fabs (a.low), fabs (a.high));
  fprintf (c->script, "set %crange [%.15g:%.15g]\nset %ctics nomirror %.15g,%.12g\n", which, a.low,
           a.high, which, a.step * ceil (a.low / a.step - 1e-9), a.step);
  if (!numbered)
    fprintf (c->script, "set format %c ''\n", which);
  else if (size < 1e7 && a.digits <= 6)
    fprintf (c->script, "set format %c '%%.%df'\n", which, a.digits);
  else
    fprintf (c->script, "set format %c '%%.%dg'\n", which,
             (int)fmin (12, 1 + floor (log10 (size)) - floor (log10 (a.step))));
}

void
canvas_text (const canvas *c, const char *text, int most)
{
  const char *safe = clean (text);
  const int n = letters (safe);
  int shown = 0;
  putc ('\'', c->script);
  for (; *safe; safe++)
    {
      /* the first byte of a letter */
      shown += ((unsigned char)*safe & 0xc0) != 0x80;
      if (n > most && shown == most)
        {
          fputs ("\xe2\x80\xa6", c->script);
          break;
        }
      if (*safe == '\'')
        putc ('\'', c->script);
      putc (*safe, c->script);
    }
  putc ('\'', c->script);
}

void
canvas_label (const canvas *c, const char *what, const char *text, int most)
{
  fprintf (c->script, "set %s ", what);
  canvas_text (c, text, most);
  if (strcmp (what, "title") == 0)
    fputs (" offset 0,-0.4", c->script);
  putc ('\n', c->script);
}

void
block_begin (const canvas *c, const char *name)
{
  fprintf (c->data, "# %s\n", name);
}

void
block_end (const canvas *c)
{
  fputs ("\n\n", c->data);
}
