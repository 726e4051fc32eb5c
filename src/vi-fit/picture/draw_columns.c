/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models without places to draw: a panel for each column, bars of the probabilities of its levels,
   one for each component; of counts a histogram and the weighted Poisson probabilities; of other
   numbers a histogram and the share of each component in it. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include "vi-fit/picture/picture.h"

enum
{
  SPACE = 62,
  TALL = 66,
  HIGH = 170,
  MOST_BARS = 12,   /* categories of a panel */
  MOST_COUNTS = 400 /* of one panel: the counts from the least to this many more */
};

/* A column and what is expected of it. */
typedef struct
{
  const elbo_model *model;
  const elbo_column *column;
  size_t at;           /* of all columns */
  size_t nlevel;       /* 0: numbers */
  int counts;          /* what a Poisson mean is expected of */
  const double *value; /* of the first component; the first field of the view of its block */
  size_t stride, step; /* from one component to the next, from one level to the next */
} variable;

/* What is expected of the columns of each block, [nblock]; non-zero without memory. */
static int
take_expected (const elbo_model *model, double **value)
{
  int failed = !value;
  for (size_t b = 0; b < elbo_model_nblock (model) && !failed; b++)
    failed = !(value[b] = view_take (model, b, 0, VIEW_VALUE));
  return failed;
}

static variable
variable_at (const subject *s, double *const *value, size_t at)
{
  size_t b = 0;
  const elbo_block *block = elbo_model_block (s->model, 0);
  while (at >= block->column + block->dim)
    block = elbo_model_block (s->model, ++b);
  const size_t levels = block->level ? block->level : has_levels (block->family) ? 2 : 0;
  return (variable){ .model = s->model,
                     .column = s->record->column[at],
                     .at = at,
                     .nlevel = levels,
                     .counts = strcmp (block->family->data_kind, "count") == 0,
                     .value = value[b] + (block->level ? 0 : at - block->column),
                     .stride = block->level ? block->level : block->dim,
                     .step = block->level > 0 };
}

/* The probability of level l in component k, or the number that tells of the column. */
static double
expects (const variable *v, size_t k, size_t l)
{
  const double seen = v->value[k * v->stride + l * v->step];
  return v->nlevel == 0 || v->step || l ? seen : 1 - seen;
}

/* How much the components differ in it: variance between them over that within. */
static double
difference (const variable *v, const double *weight)
{
  const size_t ncomp = elbo_model_ncomp (v->model);
  double between = 0, within = 0;
  for (size_t l = 0; l < (v->nlevel ? v->nlevel : 1); l++)
    {
      double mean = 0;
      for (size_t k = 0; k < ncomp; k++)
        mean += weight[k] * expects (v, k, l);
      for (size_t k = 0; k < ncomp; k++)
        between += weight[k] * pow (expects (v, k, l) - mean, 2);
      within += v->nlevel ? mean * (1 - mean) : mean;
    }
  return within > 0 ? between / within : 0;
}

size_t
columns_shown (const subject *s)
{
  const size_t n = s->record->ncolumn;
  int drawn = place_block (s->model) < elbo_model_nblock (s->model);
  for (size_t b = 0; b < elbo_model_nblock (s->model); b++)
    drawn |= !elbo_model_factor (s->model, 1 + b)->view;
  return drawn ? 0 : n < MOST_SCATTER ? n : MOST_SCATTER;
}

static size_t
panels_across (size_t n)
{
  return n < 2 ? 1 : 2;
}

double
columns_height (const subject *s)
{
  const size_t n = columns_shown (s), across = panels_across (n);
  return 130 + (double)((n + across - 1) / across) * (TALL + HIGH);
}

/* The columns that are drawn, in their own order; non-zero without memory. */
static int
choose (const subject *s, double *const *value, variable *chosen)
{
  const size_t n = s->record->ncolumn, ncomp = elbo_model_ncomp (s->model);
  double *weight = calloc (ncomp + n, sizeof *weight), *score = weight + ncomp;
  size_t *best = calloc (n, sizeof *best);
  const int failed = !weight || !best;
  if (!failed)
    {
      elbo_model_weights (s->model, weight);
      for (size_t at = 0; at < n; at++)
        {
          const variable v = variable_at (s, value, at);
          score[at] = difference (&v, weight);
        }
      const size_t shown = keep_best (score, n, best);
      for (size_t i = 0; i < shown; i++)
        chosen[i] = variable_at (s, value, best[i]);
    }
  free (weight);
  free (best);
  return failed;
}

/* --- categories ----------------------------------------------------------------------------- */

static void
put_level_names (const canvas *c, const variable *v, size_t shown, int most)
{
  static const char *const binary[] = { "0", "1" };
  fputs ("set xtics nomirror (", c->script);
  for (size_t l = 0; l < shown; l++)
    {
      fputs (l ? ", " : "", c->script);
      canvas_text (c, l < v->column->nlevel ? v->column->level[l] : binary[l % 2], most);
      fprintf (c->script, " %zu", l);
    }
  fprintf (c->script, ") scale 0%s\n", shown > 4 ? " rotate by -35" : "");
}

static void
draw_levels (const canvas *c, const subject *s, const variable *v, const char *name, int most)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  const size_t shown = v->nlevel < MOST_BARS ? v->nlevel : MOST_BARS;
  const double wide = 0.8 / (double)ncomp;
  double top = 0;
  block_begin (c, name);
  for (size_t l = 0; l < shown; l++)
    for (size_t k = 0; k < ncomp; k++)
      {
        const double p = expects (v, k, l);
        fprintf (c->data, "%.6g %.12g %zu %.6g\n",
                 (double)l + ((double)k + 0.5 - 0.5 * (double)ncomp) * wide, p, k + 1, 0.92 * wide);
        top = fmax (top, p);
      }
  block_end (c);
  put_level_names (c, v, shown, most);
  fprintf (c->script, "set xrange [-0.5:%.1f]\n", (double)shown - 0.5);
  canvas_axis (c, 'y', axis_make (0, fmin (1.04 * top, 1.02), 4), 1);
  canvas_label (c, "ylabel", "probability", 20);
  fprintf (c->script,
           "plot data index '%s' using 1:2:4:(color($3)) with boxes fillstyle solid 0.8 noborder "
           "linecolor rgb variable notitle\n",
           name);
}

/* --- counts --------------------------------------------------------------------------------- */

/* The share of the rows at each count; *first: the least of them.  Returns how many counts there
   are. */
static size_t
count_rows (const subject *s, const variable *v, double share[MOST_COUNTS], double *first)
{
  const size_t n = elbo_data_rows (s->data);
  double high = 0;
  *first = INFINITY;
  for (size_t i = 0; i < n; i++)
    if (elbo_data_weight (s->data, i) > 0)
      {
        *first = fmin (*first, elbo_data_value (s->data, i, v->at));
        high = fmax (high, elbo_data_value (s->data, i, v->at));
      }
  if (!(high >= *first))
    return 0;
  const size_t shown = (size_t)fmin (high - *first + 1, MOST_COUNTS);
  memset (share, 0, shown * sizeof *share);
  for (size_t i = 0; i < n; i++)
    {
      const double at = elbo_data_value (s->data, i, v->at) - *first;
      if (at < (double)shown && elbo_data_weight (s->data, i) > 0)
        share[(size_t)at] += elbo_data_weight (s->data, i) / elbo_data_total (s->data);
    }
  return shown;
}

static double
write_poisson (const canvas *c, const subject *s, const variable *v, double first, size_t shown,
               const double *weight)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  double top = 0;
  for (size_t k = 0; k <= ncomp; k++)
    {
      for (size_t i = 0; i < shown; i++)
        {
          const double at = first + (double)i;
          double p = 0;
          for (size_t m = 0; m < ncomp; m++)
            if (k == ncomp || m == k)
              p += weight[m] * gsl_ran_poisson_pdf ((unsigned int)at, expects (v, m, 0));
          fprintf (c->data, "%.0f %.12g %zu\n", at, p, k + 1);
          top = fmax (top, p);
        }
      putc ('\n', c->data);
    }
  return top;
}

static int
draw_counts (const canvas *c, const subject *s, const variable *v, const char *name)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  double *share = calloc (MOST_COUNTS + ncomp, sizeof *share), first, top = 0;
  if (!share)
    return EXIT_DATA;
  const size_t shown = count_rows (s, v, share, &first);
  block_begin (c, name);
  for (size_t i = 0; i < shown; i++)
    {
      fprintf (c->data, "%.0f %.12g\n", first + (double)i, share[i]);
      top = fmax (top, share[i]);
    }
  block_end (c);
  fprintf (c->data, "# %s curves\n", name);
  elbo_model_weights (s->model, share + MOST_COUNTS);
  top = fmax (top, write_poisson (c, s, v, first, shown, share + MOST_COUNTS));
  block_end (c);
  canvas_axis (c, 'x', axis_whole (first - 0.5, first + (double)shown - 0.5, 6), 1);
  canvas_axis (c, 'y', axis_make (0, 1.06 * top, 4), 1);
  canvas_label (c, "ylabel", "share of rows", 20);
  fprintf (c->script,
           "plot data index '%s' using 1:2:(0.9) with boxes fillstyle solid 1 noborder linecolor "
           "rgb '#DDDDDD' notitle, \\\n"
           "     data index '%s curves' every :::%zu::%zu using 1:2 with lines linewidth 1 "
           "dashtype 2 linecolor rgb '#404040' notitle, \\\n"
           "     data index '%s curves' every :::0::%zu using 1:2:(color($3)) with linespoints "
           "pointtype 7 pointsize 0.4 linewidth 1.5 linecolor rgb variable notitle\n",
           name, name, ncomp, ncomp, name, ncomp - 1);
  free (share);
  return 0;
}

/* --- other numbers ---------------------------------------------------------------------------- */

/* The share of component k in the bars, from the rows that are drawn. */
static void
share_bars (const subject *s, const variable *v, size_t k, const bars *b, double height[MOST_BINS])
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  double total = 0;
  memset (height, 0, MOST_BINS * sizeof *height);
  for (size_t i = 0; i < s->nshown; i++)
    {
      const double weight = elbo_data_weight (s->data, s->shown[i]);
      const double at = (elbo_data_value (s->data, s->shown[i], v->at) - b->low) / b->width;
      height[at < 0 ? 0 : at >= b->n ? b->n - 1 : (int)at] += weight * s->resp[i * ncomp + k];
      total += weight;
    }
  for (int i = 0; i < b->n; i++)
    height[i] /= total * b->width;
}

static void
draw_numbers (const canvas *c, const subject *s, const variable *v, const char *name)
{
  const size_t ncomp = elbo_model_ncomp (s->model);
  double height[MOST_BINS];
  bars b;
  bars_make (s, v->at, &b);
  const double top = bars_write (c, &b, name);
  fprintf (c->data, "# %s shares\n", name);
  for (size_t k = 0; k < ncomp; k++)
    {
      share_bars (s, v, k, &b, height);
      for (int i = 0; i < b.n; i++)
        fprintf (c->data, "%.12g %.12g %zu\n%.12g %.12g %zu\n", b.low + i * b.width, height[i],
                 k + 1, b.low + (i + 1) * b.width, height[i], k + 1);
      putc ('\n', c->data);
    }
  block_end (c);
  canvas_axis (c, 'x', axis_make (b.low, b.low + b.n * b.width, 5), 1);
  canvas_axis (c, 'y', axis_make (0, 1.06 * top, 4), 1);
  canvas_label (c, "ylabel", "density of rows", 20);
  fprintf (c->script,
           "plot data index '%s' using 1:2:3 with boxes fillstyle solid 1 noborder linecolor rgb "
           "'#DDDDDD' notitle, \\\n"
           "     data index '%s shares' using 1:2:(color($3)) with lines linewidth 1.5 linecolor "
           "rgb variable notitle\n",
           name, name);
}

/* --------------------------------------------------------------------------------------------- */

static int
draw_panels (const canvas *c, const subject *s, const variable *chosen, frame f)
{
  const size_t n = columns_shown (s), across = panels_across (n);
  int status = 0;
  for (size_t i = 0; i < n && !status; i++)
    {
      const frame place = canvas_place (f, i, across, (n + across - 1) / across, SPACE, TALL);
      const int most = (int)((place.right - place.left) / 8);
      char name[40];
      snprintf (name, sizeof name, "column %zu", chosen[i].at + 1);
      canvas_frame (c, place);
      canvas_label (c, "title", chosen[i].column->name, most);
      if (chosen[i].nlevel)
        draw_levels (c, s, &chosen[i], name, 14);
      else if (chosen[i].counts)
        status = draw_counts (c, s, &chosen[i], name);
      else
        draw_numbers (c, s, &chosen[i], name);
    }
  return status;
}

int
draw_columns (const canvas *c, const subject *s, frame f)
{
  const size_t nblock = elbo_model_nblock (s->model);
  variable chosen[MOST_SCATTER];
  double **value = calloc (nblock, sizeof *value);
  int status = take_expected (s->model, value) || choose (s, value, chosen);
  f.top -= 26;
  if (!status)
    status = draw_panels (c, s, chosen, f);
  for (size_t b = 0; value && b < nblock; b++)
    free (value[b]);
  free (value);
  return status ? EXIT_DATA : 0;
}
