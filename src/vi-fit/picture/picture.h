/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures through gnuplot.

   A picture is a gnuplot script and a data file of named blocks beside it, so that people can draw
   it anew in their own style.  gnuplot is run as a program.  Sizes are in pixels of a screen, from
   the lower left corner. */
#ifndef VI_FIT_PICTURE_H
#define VI_FIT_PICTURE_H

#include "vi-fit/view/view.h"

/* The half-steps of one start. */
typedef struct
{
  size_t ncomp, start, nrecord;
  const elbo_trace *record;
} trace_run;
typedef struct
{
  trace_run *run;
  size_t nrun;
  elbo_trace *own; /* the records of all runs */
} trace_list;

/* trace_list.c: the starts of a sweep, or of a trace file; 0 or an exit code. */
int traces_of_sweep (const sweep *result, trace_list *list);
int traces_read (const char *path, trace_list *list);
void traces_free (trace_list *list);

/* What is drawn. */
typedef struct
{
  const elbo_model *model;
  const elbo_record *record;
  const elbo_data *data;   /* NULL: no rows at hand */
  size_t nshown, stride;   /* rows drawn as points: each stride-th */
  size_t *shown;           /* [nshown] */
  double *resp;            /* [nshown x K] */
  const trace_list *trace; /* NULL: none at hand */
  size_t steps;            /* half-steps drawn; 0: as many as are worth showing */
} subject;

/* subject.c: choose the rows that are drawn and note their responsibilities; 0 or an exit code. */
int subject_rows (subject *s, scores *rows);
void subject_free (subject *s);
/* Does component k hold less than one row?  Then nothing but its prior could be drawn. */
int subject_empty (const subject *s, size_t k);
enum
{
  MOST_SCATTER = 6 /* columns of a scatter matrix */
};
/* The standard deviations [K x dim] of the components of a Gaussian block, to be freed; NULL
   without memory. */
double *deviations (const subject *s, size_t b);
/* Those of n columns that score best, at most MOST_SCATTER, in their own order; returns how many. */
size_t keep_best (const double *score, size_t n, size_t *column);
/* The columns of the Gaussian block that are drawn, those that separate best; returns how many. */
size_t scatter_columns (const subject *s, size_t column[MOST_SCATTER]);
/* The run that was chosen, or NULL; and whether a run belongs to the same search. */
const trace_run *subject_chosen (const subject *s);
int subject_rival (const subject *s, const trace_run *run);

/* Where the two streams of a picture go. */
typedef struct
{
  FILE *script, *data;
  double width, height;
} canvas;
typedef struct
{
  double left, right, bottom, top;
} frame;

/* An axis: its range, the distance of the ticks and the digits of their numbers. */
typedef struct
{
  double low, high, step;
  int digits;
} axis;

/* canvas.c */
/* The terminal of a suffix (".svg", ".png", ".pdf"), colours and common settings. */
void canvas_begin (const canvas *c, const char *suffix);
void canvas_end (const canvas *c);
/* The next plot goes into this frame; nothing is left of the one before. */
void canvas_frame (const canvas *c, frame f);
/* The frame of panel i of across x down that share a frame, so far apart. */
frame canvas_place (frame f, size_t i, size_t across, size_t down, double space, double tall);
/* An axis with about so many ticks; which is 'x' or 'y'. */
axis axis_make (double low, double high, int ticks);
axis axis_whole (double low, double high, int ticks); /* of whole numbers */
void canvas_axis (const canvas *c, char which, axis a, int numbered);
/* Text as a string of gnuplot: at most so many letters, nothing in it obeyed. */
void canvas_text (const canvas *c, const char *text, int most);
/* "set WHAT 'TEXT'", WHAT being xlabel, ylabel or title. */
void canvas_label (const canvas *c, const char *what, const char *text, int most);
/* Begin and end a block of the data file; `name` in a plot command is index 'name'. */
void block_begin (const canvas *c, const char *name);
void block_end (const canvas *c);

/* legend.c: the legend of the next plot, so many titles, goes below this frame, two titles a row;
   what that takes. */
void canvas_key (const canvas *c, frame f, int titles);
double canvas_key_height (int titles);
/* The components, their colours and weights, in rows from the point (x, y) to the right; below them
   a remark, "": none. */
double canvas_legend_height (const subject *s, double wide, const char *remark);
void canvas_legend (const canvas *c, const subject *s, double x, double y, double wide,
                    const char *remark);

/* staircase.c: half-steps from left to right. */
typedef struct
{
  int second;          /* of the two kinds of half-steps */
  double bound, touch; /* touch: what the bound could reach; NAN: not known */
} stair;
typedef struct
{
  const stair *step;
  size_t n, shown;                     /* half-steps that there is room for, and that are drawn */
  const char *title, *block, *name[2]; /* block: begins the names of its blocks of data */
  const char *touch; /* what the bound could reach is called so; NULL: not drawn */
} staircase;
/* Half-steps after which next to nothing of the gain is left. */
size_t stairs_worth (const stair *step, size_t n);
/* With a legend below the frame. */
enum
{
  STAIRS_TITLES = 5
};
void draw_staircase (const canvas *c, const staircase *s, frame f);

/* draw_*.c: each draws on a canvas; 0, or an exit code when memory ran out. */
int draw_scatter (const canvas *c, const subject *s, frame f);
int draw_trace (const canvas *c, const subject *s, frame f);
int draw_steps (const canvas *c, const subject *s, frame f);
/* Half-steps that the picture of the chosen run has room for; 0 without memory. */
size_t steps_shown (const subject *s);
int draw_terms (const canvas *c, const subject *s, frame f);
int draw_selection (const canvas *c, const subject *s, frame f);
double selection_width (const subject *s);
int draw_uncertainty (const canvas *c, const subject *s, frame f);
int draw_intervals (const canvas *c, const subject *s, frame f);
double intervals_height (const subject *s);
/* draw_columns.c: the columns of a model without Gaussian ones: bars of the probabilities of
   categories, histograms of counts. */
size_t columns_shown (const subject *s);
double columns_height (const subject *s);
int draw_columns (const canvas *c, const subject *s, frame f);
/* draw_density.c: histogram and component curves of column j of the Gaussian block. */
enum
{
  MOST_BINS = 60
};
typedef struct
{
  double low, width, height[MOST_BINS]; /* a density */
  int n;
} bars;
/* The histogram of all rows of a column of the data. */
void bars_make (const subject *s, size_t column, bars *b);
/* It as a block of data; returns the highest bar. */
double bars_write (const canvas *c, const bars *b, const char *name);
int draw_density (const canvas *c, const subject *s, size_t j, axis x, int alone);
/* draw_ellipse.c: the ellipses of columns i and j of the Gaussian block as a block of data, and how
   far they reach. */
int write_ellipses (const canvas *c, const subject *s, size_t i, size_t j, const char *name);

/* picture_file.c: any picture as files. */
/* Sets the size of a canvas and draws on it; 0 or an exit code. */
typedef int (*picture_composer) (const void *what, canvas *c, const char *suffix);
/* What --output names without its end, to be freed, and its end; 0 or an exit code. */
int picture_name (const char *output, char **prefix, const char **suffix);
/* Write PREFIX.gp and PREFIX.dat and draw PREFIX SUFFIX (".svg", ...).  *ran: what came of gnuplot;
   that it is missing or failed is said.  0, or an exit code when a file could not be written. */
int picture_draw (picture_composer compose, const void *what, const char *prefix,
                  const char *suffix, int clobber, int *ran);
/* Say what was drawn, unless the status says that nothing was; the exit code of both. */
int picture_tell (int status, int ran, const char *prefix, const char *suffix);
/* The picture without script and data; what came of gnuplot is not said. */
int picture_draw_alone (picture_composer compose, const void *what, const char *prefix,
                        const char *suffix, int clobber, int *ran);
/* The picture as SVG text, to be freed; NULL where gnuplot is missing or fails.  name: for messages;
   0 or an exit code. */
int picture_draw_text (picture_composer compose, const void *what, const char *name, char **text);

/* picture.c: the pictures of a model. */
typedef enum
{
  PICTURE_FIT, /* scatter and trace */
  PICTURE_SCATTER,
  PICTURE_TRACE,
  PICTURE_STEPS,
  PICTURE_TERMS,
  PICTURE_SELECTION,
  PICTURE_UNCERTAINTY,
  PICTURE_INTERVALS
} picture_kind;
/* Can it be drawn?  NULL, or what is not there. */
const char *picture_lacks (picture_kind kind, const subject *s);
/* As picture_draw, picture_draw_alone and picture_draw_text. */
int picture_save (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
                  int clobber, int *ran);
int picture_save_alone (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
                        int clobber, int *ran);
int picture_text (picture_kind kind, const subject *s, const char *name, char **text);

/* frames.c: FOLDER/frame-0001 SUFFIX and so on, one for each half-step that the picture of the
   chosen run shows; 0 or an exit code. */
int frames_save (subject *s, const char *folder, const char *suffix, int clobber);

/* gnuplot.c: run gnuplot on a script, a path or (NULL) the stream; what it draws goes to `picture`.
   0; GNUPLOT_MISSING; GNUPLOT_FAILED; GNUPLOT_STOPPED: a signal came. */
enum
{
  GNUPLOT_DONE,
  GNUPLOT_MISSING,
  GNUPLOT_FAILED,
  GNUPLOT_STOPPED
};
int gnuplot_run (const char *path, FILE *script, FILE *picture);

#endif
