/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fit, half-step by half-step, as vi-fit steps shows it. */
#ifndef VI_FIT_LESSON_H
#define VI_FIT_LESSON_H

#include "cli/picture.h"

enum
{
  LESSON_COMPONENTS = 64, /* most of them: the page names each by one letter */
  LESSON_ROWS = 32        /* most rows of its table of components            */
};

/* A row of the table of components: which number it shows. */
typedef struct
{
  enum
  {
    ROW_WEIGHT,
    ROW_MEAN,
    ROW_DEVIATION,
    ROW_EXPECTED
  } kind;
  size_t block, column, level; /* column of the block */
} lesson_row;

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
  const elbo_trace *record;             /* [nrecord] of the chosen start */
  size_t nrecord, npass;                /* npass: E half-steps */
  char *kept;                           /* [npass] passes that the page shows */
  size_t column[MOST_SCATTER], ncolumn; /* shown, of the Gaussian block */
  lesson_row row[LESSON_ROWS];
  size_t nrow, nleft;            /* nleft: rows for which there was no room */
  size_t *shown, nshown, stride; /* rows drawn as points: each stride-th */
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
