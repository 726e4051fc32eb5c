/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of vi-fit share.  The program uses public headers of libelbo only. */
#ifndef VI_FIT_CLI_H
#define VI_FIT_CLI_H

#include <signal.h>
#include <stdio.h>
#include <elbo/elbo.h>

/* Exit codes. */
enum
{
  EXIT_DONE = 0,
  EXIT_DATA = 1, /* bad data, input or output failed */
  EXIT_USAGE = 2,
  EXIT_UNCONVERGED = 3, /* results are written */
  EXIT_FELL = 4,        /* the bound fell: a bug; results are written */
  EXIT_SIGINT = 130,
  EXIT_SIGTERM = 143
};

enum
{
  NONE = -1
}; /* no column */

/* options.c: verbs are bits, so that an option can belong to several. */
enum
{
  VERB_FIT = 1,
  VERB_CHECK = 2,
  VERB_PREDICT = 4,
  VERB_SAMPLE = 8,
  VERB_SUMMARY = 16,
  VERB_BEST = 32,
  VERB_PLOT = 64,
  VERB_DEMO = 128,
  VERB_STEPS = 256,
  VERB_FITS = VERB_FIT | VERB_STEPS,
  VERB_ALL = 511
};

/* The verbs; the first may be left out.  usage and doc: for --help and the man page. */
typedef struct
{
  const char *name, *program;
  int verb;
  const char *usage, *doc; /* what follows [OPTION]...; one or more lines */
} verb_row;
enum
{
  MOST_VERBS = 32
};
extern const verb_row verbs[];
size_t verb_count (void);

/* What the command line said. */
typedef struct
{
  int verb;
  /* data */
  const char *columns, *categorical, *binary, *count, *weights, *id, *missing, *na, *separator,
      *decimal, *header, *ragged;
  size_t max_levels; /* 0: not given */
  /* model */
  const char *method, *components, *covariance, *weights_prior, *prior;
  double prior_alpha, prior_kappa, prior_df; /* NAN: default */
  size_t least, most;                        /* range of K */
  int range;                                 /* 0: auto, stops early */
  /* search */
  size_t starts, max_iter, seed, threads;
  const char *start;
  double tol;
  /* output */
  const char *output, *format, *trace, *color;
  int no_clobber, no_plot, plot, report, no_short_runs, steps, quiet, verbose, help, version;
  /* check, predict, sample, plot */
  const char *cache, *rename, *new_levels, *kind, *frames;
  int summary;
  double outliers;
  size_t draws;
  /* operands */
  char **operand;
  size_t noperand;
} settings;

/* Parse argv after the verb; 0, or an exit code with the message said. */
int options_parse (int argc, char **argv, int verb, settings *s);
void options_help (int verb);
/* generate.c: the man page and the completions of shells, from the table of options.  what: man,
   bash, zsh or fish.  An exit code. */
int generate (const char *what);
/* The index of the closest of n words, or n when none is close: spelling mistakes. */
size_t closest_word (const char *word, const char *const *list, size_t n);

/* message.c: everything on standard error. */
extern const char *program_name; /* "vi-fit" or "vi-fit predict" */
void message_level (int quiet);
/* Colour on standard output: only on a terminal, and never the only carrier of information. */
void color_when (const char *when);
int use_color (void);
/* An error; a line feed begins a second line.  complain_status says elbo_message (). */
void complain (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void complain_status (void);
/* One text behind the other, to be freed; NULL with a message. */
char *joined (const char *text, const char *end);
/* A warning, kept for the model file, and a note; both silenced by --quiet. */
void warn (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void note (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
size_t warning_count (void);
char *const *warning_list (void);
/* The text without bytes that could drive a terminal; valid for the next seven calls. */
const char *clean (const char *text);
/* Letters of a text in UTF-8: what it takes on the screen. */
int letters (const char *text);
/* The text as one word of a shell, and a column's name as an item of a list of columns (after sign,
   "" or "!") in a shell; clean, valid for the next seven calls. */
const char *shell_quoted (const char *text);
const char *list_item (const char *sign, const char *name);

/* signals.c */
extern volatile sig_atomic_t signal_caught; /* 0, SIGINT or SIGTERM */
extern volatile sig_atomic_t signal_status; /* SIGUSR1: a status line is asked for */
void signals_install (void);
/* From now on a signal sets signal_caught; before, it ends the program. */
void signals_defer (void);
/* A program that runs for this one, or 0: a signal ends it too. */
extern volatile sig_atomic_t signal_child;
/* The exit code of the signal caught. */
int signal_exit (void);

/* columns.c: the grammar of --columns and of the lists of columns. */
typedef struct
{
  size_t *column; /* [n], as listed, each once */
  size_t n;
  char *excluded; /* [ncolumn of the table] */
} column_list;
int columns_parse (const elbo_table *table, const char *option, const char *list,
                   column_list *result);
void columns_free (column_list *list);
/* One column by name or number, for --weights and --id. */
int column_one (const elbo_table *table, const char *option, const char *text, size_t *column);

/* dataset.c: the rows to fit. */
typedef enum
{
  KIND_GAUSS,
  KIND_BINARY,
  KIND_COUNT,
  KIND_CATEGORY,
  KIND_UNUSED
} column_kind;
typedef struct
{
  elbo_table *table;
  elbo_data *data;
  size_t ncolumn;      /* columns of the model, blocks one after another */
  size_t *source;      /* [ncolumn] column of the table */
  column_kind *kind;   /* [ncolumn] */
  elbo_column *column; /* [ncolumn] */
  size_t ngauss;
  long id, weight; /* column of the table or NONE */
  char digest[65];
  elbo_ranks ranks;
} dataset;
elbo_table_options table_options (const settings *s);
/* Read, choose and check; 0 or an exit code with the message said. */
int dataset_read (const settings *s, dataset *set);
void dataset_free (dataset *set);
/* choose.c: which columns of the open table are modelled, and as what. */
int choose_columns (const settings *s, dataset *set, char *named);
/* Leave out constant columns and row numbers, unless named. */
int screen_columns (const settings *s, dataset *set, const char *named);

/* collinear.c: look for a linear relation between the Gaussian columns; text [size] receives
   "columns 'a', 'b' are linearly dependent (a = 2 b)", *column the dependent one.  Returns 1 when
   there is one.  correlation [n x n] is overwritten. */
int collinear_find (size_t n, const char *const *name, double *correlation, const double *sd,
                    size_t *column, char *text, size_t size);
/* The correlation matrix of the first n columns of a data set, from every stride-th row, and the
   standard deviations of all rows; non-zero when it does not exist. */
int correlation_matrix (const elbo_data *data, size_t n, size_t stride, double *correlation,
                        double *sd);

/* build.c: a prepared model for K components. */
elbo_model *build_model (const settings *s, const dataset *set, const elbo_family *gauss,
                         size_t ncomp);
/* Does the prior suit the number of columns? */
int check_prior (const settings *s, const dataset *set);
elbo_method chosen_method (const settings *s);

/* start_file.c: --start=FILE. */
typedef struct
{
  elbo_model *model; /* a model, or ... */
  size_t ncomp;
  double *resp; /* ... responsibilities [rows x ncomp] */
  elbo_start start;
  int ready;
} given_start;
int given_start_read (const settings *s, const dataset *set, given_start *given);
/* Point the options of a search at it; sets parameters of the prepared model. */
int given_start_use (given_start *given, elbo_model *prepared, const dataset *set,
                     elbo_search_options *options);
void given_start_free (given_start *given);

/* sweep.c: the search over K and covariance. */
typedef struct
{
  elbo_search search;
  size_t ncomp, offset;     /* offset: added to the numbers of its starts */
  const elbo_family *gauss; /* or NULL */
  int status;
  double score; /* higher is better */
  elbo_choice choice;
} candidate;
typedef struct
{
  candidate *list;
  size_t n, best; /* best: SIZE_MAX when there is none */
  int stopped;    /* after three K in a row without improvement */
  int interrupted;
} sweep;
/* What the command line says about the search. */
elbo_search_options search_options (const settings *s);
int sweep_run (const settings *s, const dataset *set, given_start *given, sweep *result);
void sweep_free (sweep *result);

/* progress.c: the live line. */
typedef struct
{
  const settings *s;
  size_t ncomp, starts, done;
  size_t best_k;
  double best;
  int live;
  double last; /* time of the last drawing */
} progress;
void progress_begin (progress *p, const settings *s);
void progress_model (progress *p, size_t ncomp, size_t starts);
void progress_clear (progress *p);
elbo_search_watch progress_watch;
double seconds_now (void);
int threads_used (const settings *s);

/* report.c */
void report_title (const elbo_model *model);
void report_selection (const elbo_model *model, const elbo_record *record);
void report_components (const elbo_model *model, const elbo_record *record);
/* steps.c: the iterations of one start. */
void report_iterations (const settings *s, const elbo_model *model, const elbo_outcome *outcome,
                        size_t start);
void report_steps (const elbo_model *model, const elbo_outcome *outcome);
/* sparkline.c: may standard output show blocks, and what is drawn with them: the bound of the E
   half-steps, and a share as a bar right-aligned in a cell. */
int can_draw (void);
void draw_sparkline (const elbo_trace *record, size_t nrecord);
void draw_bar (double share, int cell);
/* report.c: "value +- error"; the mean of column j with its error; the covariances [K x D x D] of a
   Gaussian block, to be freed; the standard deviation of a weight, or NAN; the expected value of
   column j of another block, or the probability of its level l. */
void cell_text (char *text, size_t size, double value, double error);
void mean_text (const elbo_model *model, size_t b, const double *covariance, size_t k, size_t j,
                char *text, size_t size);
double *covariances (const elbo_model *model, size_t b);
double weight_error (const elbo_model *model, size_t k);
double expected (const elbo_model *model, size_t b, size_t k, size_t j, size_t l);
/* report.c: a block's parameters by name, [K x ...]. */
const double *block_field (const elbo_model *model, size_t b, const char *name, size_t extent[3]);

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

/* output.c: the files of -o. */
int output_record (const settings *s, const dataset *set, const sweep *result, int argc,
                   char **argv, elbo_record *record);
/* Write the model to memory and read it back, so that what predicts here is what the file says. */
elbo_model *output_reload (const elbo_model *model, const elbo_record *record);
/* Can the files be written, and with --no-clobber, are they free?  Asked before the work. */
int output_check (const settings *s);
int check_path (const settings *s, const char *path);
/* Write a file through a function, whole or not at all; 0 or an exit code. */
int write_file (const settings *s, const char *path, int (*fill) (FILE *, const void *),
                const void *arg);
int output_model (const settings *s, const elbo_model *model, const elbo_record *record);
int output_labels (const settings *s, const dataset *set, scores *rows);
int output_trace (const settings *s, const sweep *result);
/* A cell of CSV, quoted where it must be. */
void csv_cell (FILE *stream, const char *text);
void csv_number (FILE *stream, double value);
/* The cells component, probability, p1 ... and log_density. */
void csv_scores (FILE *stream, size_t ncomp, const double *resp, double log_density);
/* added.c: the names of the cells that predict adds to rows of this table, as an end of a header. */
void csv_added (const elbo_table *table, size_t ncomp, int outlier);
/* The component of the largest responsibility; the first of equals. */
size_t largest (const double *resp, size_t ncomp);

/* cmd_*.c */
int cmd_fit (const settings *s, int argc, char **argv);
int cmd_check (const settings *s);
int cmd_predict (const settings *s);
int cmd_sample (const settings *s);
int cmd_summary (const settings *s);
int cmd_best (const settings *s);
int cmd_plot (const settings *s);
int cmd_demo (const settings *s);
int cmd_steps (const settings *s, int argc, char **argv);
/* cmd_fit.c: what is doubtful about the chosen fit, as warnings; and the ledgers of starts whose
   bound fell, returns whether there are any. */
void warn_about_fit (const settings *s, const sweep *result);
int report_fall (const sweep *result);
/* Find the demo that the words of a command line ask for, take its parameters out of them, and
   keep both; 0, or an exit code with the message said. */
int demo_parameters (int *argc, char **argv);
/* The names of its parameters, for suggestions. */
enum
{
  DEMO_NAMES = 10
};
size_t demo_names (const char *list[DEMO_NAMES]);
void demo_help (void);
/* The name of instance i, or NULL past the end. */
const char *demo_name (size_t i);
/* The name of its parameter k and what that means, or NULL past the end. */
const char *demo_parameter_name (size_t i, size_t k, const char **doc);

#endif
