/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures of a model: which there are, how large, and what they need. */
#include <config.h>
#include "vi-fit/picture/picture.h"

/* One of them, as what a composer is given. */
typedef struct
{
  picture_kind kind;
  const subject *subject;
} choice;

typedef struct
{
  int rows, trace; /* what must be at hand */
  int (*draw) (const canvas *c, const subject *s, frame f);
} plan;

/* What the rows look like: numeric columns against each other, or one by one the others. */
static int
draw_rows (const canvas *c, const subject *s, frame f)
{
  size_t column[MOST_SCATTER];
  return scatter_columns (s, column) ? draw_scatter (c, s, f) : draw_columns (c, s, f);
}

static const plan plans[] = { [PICTURE_FIT] = { 0, 0, NULL },
                              [PICTURE_SCATTER] = { 1, 0, draw_rows },
                              [PICTURE_TRACE] = { 0, 1, draw_trace },
                              [PICTURE_STEPS] = { 0, 1, draw_steps },
                              [PICTURE_TERMS] = { 0, 1, draw_terms },
                              [PICTURE_SELECTION] = { 0, 0, draw_selection },
                              [PICTURE_UNCERTAINTY] = { 1, 0, draw_uncertainty },
                              [PICTURE_INTERVALS] = { 0, 0, draw_intervals } };

const char *
picture_lacks (picture_kind kind, const subject *s)
{
  const plan *p = &plans[kind];
  if (p->rows && !s->nshown)
    return "there are no rows to draw";
  if (p->trace && !subject_chosen (s))
    return "the trace of the chosen start is not there";
  if (kind == PICTURE_FIT && !subject_chosen (s) && picture_lacks (PICTURE_SCATTER, s))
    return picture_lacks (PICTURE_SCATTER, s);
  if (kind == PICTURE_SELECTION && !s->record->nchoice)
    return "the model names no search";
  if (kind == PICTURE_UNCERTAINTY && elbo_model_ncomp (s->model) < 2)
    return "the model has one component";
  return NULL;
}

/* Scatter and trace side by side, or the trace in the free corner of a matrix; one alone when the
   other is not there. */
static int
draw_fit (const canvas *c, const subject *s, frame f)
{
  size_t column[MOST_SCATTER];
  const size_t n = scatter_columns (s, column);
  const int scatter = !picture_lacks (PICTURE_SCATTER, s), trace = subject_chosen (s) != NULL;
  frame left = f, right = f;
  if (scatter && trace && n > 2)
    {
      const double wide = (f.right - f.left) / (double)n, high = (f.top - f.bottom) / (double)n;
      right.left = f.left + wide * (double)(n / 2) + 84;
      right.bottom = f.top - high * (double)(n / 2) + 62;
      right.top -= 14;
    }
  else if (scatter && trace)
    {
      left.right = f.left + (n ? 0.46 : 0.58) * (f.right - f.left);
      right.left = left.right + 110;
    }
  int status = 0;
  if (scatter)
    status = draw_rows (c, s, left);
  if (!status && trace)
    status = draw_trace (c, s, right);
  return status;
}

static void
size_canvas (picture_kind kind, const subject *s, canvas *c)
{
  size_t column[MOST_SCATTER];
  const int matrix = kind <= PICTURE_SCATTER && !picture_lacks (PICTURE_SCATTER, s)
                     && scatter_columns (s, column) > 2;
  c->width = matrix ? 940 : kind == PICTURE_FIT ? 1060 : kind == PICTURE_SCATTER ? 560 : 720;
  c->height = matrix ? 900 : kind == PICTURE_SCATTER || kind == PICTURE_FIT ? 480 : 440;
  if (kind <= PICTURE_SCATTER && !picture_lacks (PICTURE_SCATTER, s) && columns_shown (s))
    c->height = columns_height (s);
  if (kind == PICTURE_SELECTION)
    c->width = selection_width (s);
  if (kind == PICTURE_STEPS)
    c->height += canvas_key_height (STAIRS_TITLES);
  if (kind == PICTURE_TERMS)
    c->height = 760;
  if (kind == PICTURE_INTERVALS)
    c->height = intervals_height (s);
}

enum
{
  REMARK = 160
};

/* What is to be said of a picture of rows: columns and rows left out, what its ellipses are. */
static const char *
remark_on (picture_kind kind, const subject *s, char text[REMARK])
{
  size_t column[MOST_SCATTER];
  const size_t n = scatter_columns (s, column), b = place_block (s->model);
  const size_t dim = n ? elbo_model_block (s->model, b)->dim : 0;
  const char *between = "";
  int at = 0;
  text[0] = '\0';
  if (kind > PICTURE_SCATTER || picture_lacks (PICTURE_SCATTER, s))
    return text;
  if (n > 1)
    {
      at += snprintf (text + at, REMARK - (size_t)at,
                      "ellipses hold 50 %% and 95 %% of a component");
      between = "; ";
    }
  if (n < dim)
    {
      at += snprintf (text + at, REMARK - (size_t)at,
                      "%s%zu of %zu columns, those that differ most", between, n, dim);
      between = "; ";
    }
  if (n && s->stride > 1)
    snprintf (text + at, REMARK - (size_t)at, "%sone row in %zu is drawn", between, s->stride);
  return text;
}

/* The plot commands of a picture, after what says where data and output are. */
static int
compose (const void *what, canvas *c, const char *suffix)
{
  const choice *chosen = what;
  const picture_kind kind = chosen->kind;
  const subject *s = chosen->subject;
  const int legend = kind != PICTURE_TRACE && kind != PICTURE_STEPS && kind != PICTURE_TERMS
                     && kind != PICTURE_SELECTION
                     && !(kind == PICTURE_FIT && picture_lacks (PICTURE_SCATTER, s));
  size_canvas (kind, s, c);
  canvas_begin (c, suffix);
  const double wide = c->width - 100;
  char text[REMARK];
  const char *remark = remark_on (kind, s, text);
  if (legend)
    canvas_legend (c, s, 84, c->height - 18, wide, remark);
  const double below = kind == PICTURE_STEPS ? canvas_key_height (STAIRS_TITLES) : 0;
  const frame f = { 84, c->width - 20, 58 + below,
                    c->height - (legend ? 20 + canvas_legend_height (s, wide, remark) : 30) };
  const int status = kind == PICTURE_FIT ? draw_fit (c, s, f) : plans[kind].draw (c, s, f);
  canvas_end (c);
  return status;
}

int
picture_save (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
              int clobber, int *ran)
{
  return picture_draw (compose, &(choice){ kind, s }, prefix, suffix, clobber, ran);
}

int
picture_save_alone (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
                    int clobber, int *ran)
{
  return picture_draw_alone (compose, &(choice){ kind, s }, prefix, suffix, clobber, ran);
}

int
picture_text (picture_kind kind, const subject *s, const char *name, char **text)
{
  return picture_draw_text (compose, &(choice){ kind, s }, name, text);
}
