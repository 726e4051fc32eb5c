/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages (HTML): the report of a fit, and one fit half-step by half-step, as vi-fit steps shows it.
 */
#ifndef VI_FIT_PAGE_H
#define VI_FIT_PAGE_H

#include "vi-fit/picture/picture.h"

/* html.c: the parts of a page.  Text is escaped; a number is shown as the format says and
   keeps all its digits in the tip. */
void html_text (FILE *stream, const char *text);
void html_number (FILE *stream, double value, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
/* One picture of gnuplot inside the page; its names get a prefix that no other has. */
void html_picture (FILE *stream, const char *svg, const char *title, int number);

/* Begin a page with its heading; style: lists of lines, ended by NULL.  End it. */
void html_begin (FILE *stream, const char *title, const char *const *const *style, int scripts);
void html_end (FILE *stream);
/* A table that scrolls by itself where the window is narrow; the end closes its body too. */
void html_table (FILE *stream);
void html_table_end (FILE *stream);
/* A row of two cells: a word and a text or a number. */
void html_fact (FILE *stream, const char *word, const char *text);
void html_fact_number (FILE *stream, const char *word, double value, const char *format);
/* The table of components: its head, the beginning of a row (inner: under a heading), a heading. */
void html_components (FILE *stream, size_t ncomp);
void html_row (FILE *stream, const char *name, int inner);
void html_heading (FILE *stream, const char *name, size_t ncomp);
/* The colour of component k, from 0. */
enum
{
  HTML_COLOURS = 8
};
const char *html_colour (size_t k);
/* A text and a number as JSON in a script element; what is not finite is null. */
void html_json (FILE *stream, const char *text);
void html_json_number (FILE *stream, double value, const char *format);

/* assets.c, made of the files of these names: their lines, ended by NULL. */
extern const char *const asset_page_css[], *const asset_lesson_css[], *const asset_lesson_html[],
                                                                          *const asset_lesson_js[];
void html_asset (FILE *stream, const char *const *line);

/* What the page says beside the model. */
typedef struct
{
  const subject *subject;
  certainty sure;
  double seconds;
} page;
/* page.c: fill a stream with the page; 0 or an exit code with the message said. */
int page_write (FILE *stream, const page *p);
/* Parts of it that another page has as well: the name of the data without folders; "Fitted by
   ..."; warnings; the command line; what it takes to get the same numbers again. */
const char *page_file (const elbo_record *r);
void page_fitted (FILE *f, const subject *s);
void page_warnings (FILE *f, const elbo_record *r);
void page_asked (FILE *f, const subject *s);
/* prior.c: rows of a table of facts that say the prior. */
void page_prior (FILE *f, const elbo_model *model);
void page_again (FILE *f, const elbo_record *r, double seconds);

/* illustrate.c: the picture and the page of a fit; 0 or an exit code.  What gnuplot cannot do does
   not make the fit fail. */
int illustrate (const fit_job *fit, scores *rows, page *about);

enum
{
  LESSON_COMPONENTS = 64, /* most of them: the page names each by one letter */
  LESSON_ROWS = 32        /* most rows of its table of components            */
};

/* What is believed about the components after an M half-step. */
typedef struct
{
  double *value;      /* [nrow x K] */
  double *covariance; /* [K x lower triangle of the columns shown] */
} lesson_belief;

/* q(z) after an E half-step, for the rows shown: the two likeliest components and the share of the
   first in what both have, of 63. */
typedef struct
{
  unsigned char first, second, share;
} lesson_tone;
typedef struct
{
  double *count;     /* [K] expected rows, of all rows */
  lesson_tone *tone; /* [nshown] */
} lesson_q;

/* A half-step: its record, and what is believed after it. */
typedef struct
{
  size_t record, belief, q;
} lesson_step;

typedef struct
{
  const subject *subject;               /* the model at the end, its record and the data */
  elbo_trace *record;                   /* [nrecord] of the chosen start, a copy */
  size_t nrecord, npass;                /* npass: E half-steps */
  char *kept;                           /* [npass] passes that the page shows */
  size_t column[MOST_SCATTER], ncolumn; /* shown, of the Gaussian block */
  number_table table;                   /* of the model at the end; */
  size_t row[LESSON_ROWS];              /* rows of it that are shown */
  size_t nrow, nleft;                   /* nleft: rows for which there was no room */
  size_t *shown, nshown, stride;        /* rows drawn as points: each stride-th */
  lesson_belief *belief;
  lesson_q *q;
  lesson_step *step;
  size_t nbelief, nq, nstep;
  size_t place[LESSON_COMPONENTS]; /* component k of the replay is place[k] of the model */
  double seconds;
} lesson;

/* lesson_plan.c: what the page has room for; 0 or an exit code with the message said. */
int lesson_plan (lesson *l, const subject *s, const elbo_outcome *chosen);
void lesson_free (lesson *l);

/* lesson_replay.c: run the chosen start once more and note what its half-steps believed. */
int lesson_replay (lesson *l, const settings *s, const dataset *set, given_start *given,
                   const candidate *chosen);

/* lesson_page.c: fill a stream with the page; GSL_SUCCESS or an error. */
int lesson_write (FILE *stream, const void *l);

#endif
