/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: verbs, options, and what they said. */
#ifndef VI_FIT_OPTION_H
#define VI_FIT_OPTION_H

#include "vi-fit/term/term.h"

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
  VERB_HELP = 1024,
  VERB_ALL = 511 | VERB_HELP,
  READING = 512 /* no verb: how data are read, which the model file keeps */
};

/* The verbs; the first may be left out.  usage and doc: for --help and the man page. */
typedef struct
{
  const char *name, *word, *program; /* word: what it does, for --help */
  int verb;
  size_t least, most;      /* operands */
  size_t input;            /* the operand that may be left out for standard input; NO_INPUT: none */
  const char *usage, *doc; /* what follows [OPTION]...; one or more lines */
} verb_row;
enum
{
  NO_INPUT = 8
};
enum
{
  MOST_VERBS = 32
};
extern const verb_row verbs[];
size_t verb_count (void);
const verb_row *verb_find (int verb);

/* The words of options, in the order of their rules. */
typedef enum
{
  BAD_ERROR,
  BAD_DROP,
  BAD_MODEL
} bad_rows;
enum
{
  DECIMAL_POINT,
  DECIMAL_COMMA
};
enum
{
  COVARIANCE_FULL,
  COVARIANCE_TIED,
  COVARIANCE_DIAG,
  COVARIANCE_SPHERICAL,
  COVARIANCE_AUTO
};
enum
{
  SEARCH_LADDER,
  SEARCH_STARTS
};
enum
{
  FORMAT_TEXT,
  FORMAT_JSON
};

/* An instance that the verb demo shows, and its parameters, which are options of its own. */
typedef struct
{
  const char *name, *value; /* value: the default, as it would be typed                      */
  const char *range;        /* "[0,1]", "(0,inf)": a round bracket leaves the limit out      */
  char kind;                /* 'r' a number, 'n' a whole number, 'R' and 'N' lists of them   */
  const char *doc;
} parameter_row;
typedef struct
{
  const char *name, *title;
  const parameter_row *parameter; /* ends with a name of NULL */
} instance_row;
enum
{
  MOST_INSTANCES = 32,
  MOST_PARAMETERS = 10,
  MOST_NUMBERS = 64 /* in a list */
};
/* What one parameter says: a number, or a list of them. */
typedef struct
{
  const double *v;
  size_t n;
} parameter_list;

/* What the command line said. */
typedef struct
{
  int verb;
  /* data */
  const char *columns, *categorical, *binary, *count, *family, *weights, *id, *na, *separator;
  int decimal, header, missing, ragged; /* header: an elbo_header */
  size_t max_levels;                    /* 0: not given */
  /* model */
  int method, covariance, weights_prior; /* see chosen_method and so on */
  const char *components, *prior;
  double prior_alpha, prior_kappa, prior_df, prior_scale; /* NAN: default */
  size_t least, most;                                     /* range of K */
  int range;                                              /* 0: auto, stops early */
  /* search */
  size_t starts, max_iter, seed, threads;
  const char *start;
  int search; /* NONE when not given */
  double tol;
  /* output */
  const char *output, *trace;
  int format, color;
  int no_clobber, no_plot, plot, report, no_short_runs, no_acceleration, correlations, steps, quiet,
      verbose, help, version;
  /* check, predict, sample, plot */
  const char *cache, *rename, *frames;
  int new_levels, kind; /* kind: NONE when not given */
  int summary;
  double outliers;
  size_t draws;
  /* demo */
  const instance_row *const *instances; /* ends with NULL */
  const instance_row *instance;         /* the one that was named, or NULL */
  const char *given[MOST_PARAMETERS];   /* its parameters as written; NULL: the default */
  /* operands */
  char **operand;
  size_t noperand;
  /* the command line as it was typed */
  char **word;
  size_t nword;
} settings;

/* Parse argv after the verb; 0, or an exit code with the message said.  instances: what the verb
   demo can show. */
int options_parse (int argc, char **argv, int verb, const instance_row *const *instances,
                   settings *s);
void options_help (const settings *s);
/* How the data are read, as texts NAME=VALUE: of what was asked, to be freed as a list of texts; what
   was kept so takes the place of what this command line left to defaults. */
char **reading_keep (const settings *s, size_t *n);
void reading_recall (settings *s, char *const *text, size_t n);
/* The text of word i of an option. */
enum
{
  OPTION_WORD = 24
};
const char *option_word (const char *name, int i, char word[OPTION_WORD]);
/* chosen.c: what words stand for in the library. */
elbo_method chosen_method (const settings *s);
const elbo_latent *chosen_weights (const settings *s);
/* Is --prior the name of a rule, not a file? */
#define FRALEY_RAFTERY "fraley-raftery"
int prior_is_named (const settings *s);
const elbo_family *chosen_family (int covariance);
/* generate.c: the man page and the completions of shells, from the table of options.  what: man,
   bash, zsh or fish.  An exit code. */
int generate (const char *what, const instance_row *const *instances);

/* parameters.c: find the instance that the words of a command line ask for, take its parameters
   out of them, and keep both; 0, or an exit code with the message said. */
int parameters_take (int *argc, char **argv, settings *s);
/* The names of its parameters, for suggestions. */
size_t parameter_names (const settings *s, const char *list[MOST_PARAMETERS]);
/* The numbers of its parameter i, at `to`; 0 or an exit code. */
int parameter_read (const settings *s, size_t i, double to[MOST_NUMBERS], parameter_list *list);
int complain_instance (const settings *s, const char *name);
/* All instances, and the help of one or of all. */
void print_instances (const settings *s);
void parameters_help (const settings *s);

/* The table of options, for those who parse it and those who print it. */
typedef enum
{
  FLAG,
  TALLY,
  TEXT,
  WORD,
  NUMBER,
  WHOLE
} option_kind;
typedef enum
{
  DATA,
  MODEL,
  SEARCH,
  OUTPUT,
  NSECTION
} section;

typedef struct
{
  const char *name;
  char letter; /* or 0 */
  int verbs;
  section part;
  option_kind kind;
  size_t at;        /* offset in settings */
  const char *arg;  /* NULL: takes none */
  const char *rule; /* WORD: the words, '|' between; NUMBER, WHOLE: ">LEAST" or ">=LEAST" */
  const char *doc;  /* may hold line feeds */
} option_row;

/* Row i of the table; NULL past the end. */
const option_row *option_at (size_t i);
extern const char *const option_heading[NSECTION];

#endif
