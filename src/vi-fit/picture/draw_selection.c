/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every criterion of the search against K: the bound and the posterior of K for variational fits,
   BIC, ICL and AIC for the others; a curve for each structure of the covariance. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

enum
{
  MOST_STRUCTURES = 5,
  MOST_CRITERIA = 4,
  SPACE = 72,
  FEW = 5,
  CUT = 10
};

typedef struct
{
  const char *title;
  double (*value) (const elbo_choice *choice);
  int lower; /* 1: lower is better */
} criterion;

static double
bound (const elbo_choice *c)
{
  return c->elbo;
}
static double
with_p (const elbo_choice *c)
{
  return c->elbo + c->log_p;
}
static double
probability (const elbo_choice *c)
{
  return c->probability;
}
static double
bic (const elbo_choice *c)
{
  return c->bic;
}
static double
icl (const elbo_choice *c)
{
  return c->icl;
}
static double
aic (const elbo_choice *c)
{
  return c->aic;
}
static double
hard (const elbo_choice *c)
{
  return c->icl_hard;
}

static const criterion of_vb[]
    = { { "ELBO", bound, 0 }, { "ELBO + log P", with_p, 0 }, { "P(K | data)", probability, 0 } };
static const criterion of_em[]
    = { { "BIC", bic, 1 }, { "ICL", icl, 1 }, { "ICL, hard", hard, 1 }, { "AIC", aic, 1 } };

/* The structures of the table, each once. */
static size_t
structures (const elbo_record *record, const char *name[MOST_STRUCTURES])
{
  size_t n = 0;
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const char *covariance = record->choice[i]->covariance ? record->choice[i]->covariance : "";
      size_t j = 0;
      while (j < n && strcmp (name[j], covariance) != 0)
        j++;
      if (j == n && n < MOST_STRUCTURES)
        name[n++] = covariance;
    }
  return n;
}

/* A block with a line for each K: K, then the criteria. */
static void
write_structure (const canvas *c, const elbo_record *record, const char *name,
                 const criterion *list, size_t n, size_t number)
{
  char block[40];
  snprintf (block, sizeof block, "structure %zu", number);
  block_begin (c, block);
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const elbo_choice *choice = record->choice[i];
      if (strcmp (choice->covariance ? choice->covariance : "", name) != 0)
        continue;
      fprintf (c->data, "%zu", choice->components);
      for (size_t j = 0; j < n; j++)
        fprintf (c->data, " %.12g", list[j].value (choice));
      putc ('\n', c->data);
    }
  block_end (c);
}

/* A criterion as it grows better. */
static double
merit (const criterion *list, const elbo_choice *choice)
{
  return list->lower ? -list->value (choice) : list->value (choice);
}

static size_t
best_choice (const elbo_record *record, const criterion *list)
{
  size_t best = 0;
  for (size_t i = 1; i < record->nchoice; i++)
    if (merit (list, record->choice[i]) > merit (list, record->choice[best]))
      best = i;
  return best;
}

/* The least merit that the axis shows: below the best by CUT times the spread of the best few, so
   that one bad model does not flatten the others. */
static double
least_merit (const elbo_record *record, const criterion *list)
{
  const double best = merit (list, record->choice[best_choice (record, list)]);
  double few = best;
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const double v = merit (list, record->choice[i]);
      size_t better = 0;
      for (size_t m = 0; m < record->nchoice; m++)
        better += merit (list, record->choice[m]) > v;
      few = better < FEW ? fmin (few, v) : few;
    }
  return few < best ? best - CUT * (best - few) : -INFINITY;
}

/* The best value of a criterion as a block of one point. */
static void
write_best (const canvas *c, const elbo_record *record, const criterion *list, size_t number)
{
  const elbo_choice *best = record->choice[best_choice (record, list)];
  char block[40];
  snprintf (block, sizeof block, "best %zu", number + 1);
  block_begin (c, block);
  fprintf (c->data, "%zu %.12g\n", best->components, list->value (best));
  block_end (c);
}

/* Criteria first .. first + count - 1 share an axis. */
static axis
make_axis (const elbo_record *record, const criterion *list, size_t first, size_t count)
{
  double low = INFINITY, high = -INFINITY, least = INFINITY;
  const int lower = list[first].lower;
  for (size_t j = first; j < first + count; j++)
    {
      least = fmin (least, least_merit (record, &list[j]));
      for (size_t i = 0; i < record->nchoice; i++)
        {
          low = fmin (low, list[j].value (record->choice[i]));
          high = fmax (high, list[j].value (record->choice[i]));
        }
    }
  if (lower)
    high = fmin (high, -least);
  else
    low = fmax (low, least);
  const double room = high > low ? 0.06 * (high - low) : 0;
  return axis_make (low - room, high + room, 5);
}

/* Models beyond the axis as a block of points on its edge; returns how many. */
static size_t
write_beyond (const canvas *c, const elbo_record *record, const criterion *list, size_t first,
              size_t count, axis y)
{
  const double edge = 0.01 * (y.high - y.low);
  size_t n = 0;
  char block[40];
  snprintf (block, sizeof block, "beyond %zu", first + 1);
  block_begin (c, block);
  for (size_t j = first; j < first + count; j++)
    for (size_t i = 0; i < record->nchoice; i++)
      {
        const double v = list[j].value (record->choice[i]);
        if (v >= y.low && v <= y.high)
          continue;
        fprintf (c->data, "%zu %.12g %.12g\n", record->choice[i]->components,
                 v < y.low ? y.low + edge : y.high - edge, v);
        n++;
      }
  block_end (c);
  return n;
}

/* Criteria first .. first + count - 1 in one panel. */
static void
panel (const canvas *c, const subject *s, const criterion *list, size_t first, size_t count,
       const char *const *name, size_t nname, frame f)
{
  const elbo_record *record = s->record;
  double low = INFINITY, high = 1;
  for (size_t i = 0; i < record->nchoice; i++)
    {
      low = fmin (low, (double)record->choice[i]->components);
      high = fmax (high, (double)record->choice[i]->components);
    }
  const int chance = list[first].value == probability;
  const axis y = chance ? axis_make (0, 1.05, 5) : make_axis (record, list, first, count);
  char title[80];
  for (size_t j = first; j < first + count; j++)
    write_best (c, record, &list[j], j);
  const size_t beyond = chance ? 0 : write_beyond (c, record, list, first, count, y);
  canvas_frame (c, f);
  canvas_axis (c, 'y', y, 1);
  canvas_axis (c, 'x', axis_whole (low - 0.5, high + 0.5, 10), 1);
  canvas_label (c, "xlabel", "number of components K", 30);
  const char *better = list[first].lower ? "lower is better" : "higher is better";
  if (count > 1 || chance)
    snprintf (title, sizeof title, "%s", chance ? list[first].title : better);
  else
    snprintf (title, sizeof title, "%s (%s)", list[first].title, better);
  canvas_label (c, "title", title, 40);
  fprintf (c->script, "set key %s Left reverse samplen 2\n",
           list[first].lower ? "top right"
           : chance          ? "top right"
                             : "bottom right");
  fputs ("plot ", c->script);
  for (size_t j = first; j < first + count; j++)
    for (size_t i = 0; i < nname; i++)
      fprintf (c->script,
               "%sdata index 'structure %zu' using 1:%zu with %s linecolor rgb "
               "color(%zu) title '%s'",
               i + j > first ? ", \\\n     " : "", i + 1, j + 2,
               chance && nname == 1 ? "impulses linewidth 8"
                                    : "linespoints linewidth 1.6 pointtype 7 pointsize 0.6",
               count > 1 ? j - first + 1 : i + 1,
               count > 1   ? list[j].title
               : nname > 1 ? name[i]
                           : "");
  for (size_t j = first; j < first + count && !chance; j++)
    fprintf (c->script,
             ", \\\n     data index 'best %zu' using 1:2 with points pointtype 6 "
             "pointsize 1.7 linewidth 1.5 linecolor rgb '#202020' %s",
             j + 1, j + 1 == first + count ? "title 'best'" : "notitle");
  if (beyond)
    fprintf (c->script,
             ", \\\n     data index 'beyond %zu' using 1:2 with points pointtype %d pointsize 1.1 "
             "linecolor rgb '#202020' title 'beyond the axis'",
             first + 1, list[first].lower ? 9 : 11);
  putc ('\n', c->script);
}

double
selection_width (const subject *s)
{
  const char *name[MOST_STRUCTURES];
  return elbo_model_method (s->model) != ELBO_VB && structures (s->record, name) > 1 ? 1060 : 720;
}

/* Part i of n that stand side by side. */
static frame
part (frame f, size_t i, size_t n)
{
  const double wide = (f.right - f.left - SPACE * (double)(n - 1)) / (double)n;
  const double left = f.left + (wide + SPACE) * (double)i;
  return (frame){ left, left + wide, f.bottom, f.top };
}

int
draw_selection (const canvas *c, const subject *s, frame f)
{
  /* BIC, ICL and AIC, where several structures are compared */
  static const size_t by_structure[] = { 0, 1, 3 };
  const char *name[MOST_STRUCTURES];
  const int posterior = elbo_model_method (s->model) == ELBO_VB;
  const criterion *list = posterior ? of_vb : of_em;
  const size_t n = posterior ? 3 : 4, nname = structures (s->record, name);
  for (size_t i = 0; i < nname; i++)
    write_structure (c, s->record, name[i], list, n, i + 1);
  if (posterior)
    {
      panel (c, s, list, nname > 1 ? 1 : 0, nname > 1 ? 1 : 2, name, nname, part (f, 0, 2));
      panel (c, s, list, 2, 1, name, nname, part (f, 1, 2));
    }
  else if (nname == 1)
    panel (c, s, list, 0, n, name, nname, f);
  else
    for (size_t i = 0; i < sizeof by_structure / sizeof *by_structure; i++)
      panel (c, s, list, by_structure[i], 1, name, nname, part (f, i, 3));
  return 0;
}
