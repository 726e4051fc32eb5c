/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit: models, the search over them, scores of rows, and the files it leaves behind. */
#ifndef VI_FIT_RUN_H
#define VI_FIT_RUN_H

#include "vi-fit/input/input.h"

/* build.c: blocks of columns [ncolumn]; returns how many.  gauss: of the columns with a covariance. */
size_t make_blocks (const dataset *set, const elbo_family *gauss, elbo_block *block);
/* Set what the command line says about the prior of a prepared model; a status of the library's. */
int set_prior (const settings *s, const dataset *set, elbo_model *model);
/* A prepared model for K components. */
elbo_model *build_model (const settings *s, const dataset *set, const elbo_family *gauss,
                         size_t ncomp);
/* Does the prior suit the number of columns? */
int check_prior (const settings *s, const dataset *set);

/* sweep.c: the search over K and covariance. */
enum
{
  STRUCTURE_RUNS = 10000 /* runs of each structure are numbered from a multiple of this on */
};
typedef struct
{
  const elbo_search *search; /* of the selection */
  size_t ncomp, offset;      /* offset: added to the numbers of its runs */
  const elbo_family *gauss;  /* or NULL */
  elbo_choice choice;
} candidate;
typedef struct
{
  elbo_selection *selection;
  candidate *list;
  size_t n, best; /* best: SIZE_MAX when there is none */
  int stopped;    /* after three K in a row without improvement */
  int interrupted;
} sweep;
/* What the command line says about the search. */
elbo_search_options search_options (const settings *s);
int sweep_run (const settings *s, const dataset *set, given_start *given, sweep *result);
/* The candidate that was chosen, and the outcome of its best start. */
const candidate *sweep_chosen (const sweep *result);
const elbo_outcome *sweep_outcome (const sweep *result);
void sweep_free (sweep *result);

/* progress.c: the live line. */
typedef struct
{
  const settings *s;
  size_t best_k;
  double best;
  int live;
  double last;  /* time of the last drawing */
  double noted; /* time of the last line where none is drawn */
} progress;
void progress_begin (progress *p, const settings *s);
void progress_clear (progress *p);
elbo_search_watch progress_watch;

/* scores.c: responsibilities and densities of the rows of the data, a portion at a time. */
typedef struct
{
  elbo_model *model;
  elbo_data *data;
  int threads, densities;
  size_t ncomp, first, n;     /* rows of the present portion */
  double *resp, *log_density; /* [n x ncomp], [n] */
} scores;
int scores_open (scores *rows, const elbo_model *model, const elbo_record *record,
                 const dataset *set, int threads);
/* Begin at the first row, with or without densities. */
void scores_rewind (scores *rows, int densities);
/* The next portion: 1, 0 past the end, -1 with the message said. */
int scores_next (scores *rows);
void scores_close (scores *rows);
/* The component of the largest responsibility; the first of equals. */
size_t largest (const double *resp, size_t ncomp);

/* files.c: can the files be written, and with --no-clobber, are they free?  Asked before the work. */
int check_files (const settings *s);
/* Write a file through a function, whole or not at all; 0 or an exit code. */
int write_file (const settings *s, const char *path, int (*fill) (FILE *, const void *),
                const void *arg);

/* record.c: what the model file says beside the model; 0 or an exit code. */
int record_make (const settings *s, const dataset *set, const sweep *result, elbo_record **record);
int record_save (const settings *s, const elbo_model *model, const elbo_record *record);
/* tracefile.c: records of a start from number first on as rows, and all of a search. */
int trace_write (FILE *stream, size_t ncomp, size_t start, const elbo_outcome *outcome,
                 size_t first);
/* Copy them to an array of this program's, to [elbo_outcome_records]: what the library keeps may have
   more members. */
void trace_copy (elbo_trace *to, const elbo_outcome *outcome);
int trace_save (const settings *s, const sweep *result);
/* labels.c: a cell of CSV, quoted where it must be. */
void csv_cell (FILE *stream, const char *text);
void csv_number (FILE *stream, double value);
/* The cells component, probability, p1 ... and log_density. */
void csv_scores (FILE *stream, size_t ncomp, const double *resp, double log_density);
int labels_save (const settings *s, const dataset *set, scores *rows);

/* repeated.c: components that hold rows and are equal to an earlier one; *first and *again are such a
   pair.  0 when it cannot be known. */
size_t count_repeated (const candidate *c, size_t *first, size_t *again);

/* verdict.c: what is doubtful about the chosen fit, as warnings; rows: the sum of the weights; said before the record is made,
   which quotes them. */
void warn_about_fit (const settings *s, double rows, const sweep *result);
/* Both ledgers of the half-steps between which the bound of a start fell; did it? */
int report_fall (const sweep *result);
/* How sure the labels are; a weight of w is w rows, as in the table. */
typedef struct
{
  double certain, counted; /* rows above 0.9, of all; counted 0: not known */
  size_t line;             /* of the least certain row, and its probability */
  double least;
} certainty;
int measure_certainty (const dataset *set, scores *rows, certainty *sure);

/* fit_job.c: a fit from the command line, up to its record; 0 or an exit code. */
typedef struct
{
  const settings *s;
  dataset set;
  given_start given;
  sweep result;
  elbo_record *record;
  double begin;
} fit_job;
int fit_job_run (fit_job *j, const settings *s);
/* The exit code of what was found; a bound that fell is reported. */
int fit_job_verdict (const fit_job *j);
void fit_job_free (fit_job *j);

#endif
