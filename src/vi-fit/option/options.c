/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of verbs and one of options: they drive getopt_long, --help of every verb, the
   suggestion for a misspelt option, the man page and the completions of shells (generate.c), so
   that these cannot drift apart. */
#include <config.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/option/option.h"

const verb_row verbs[] = {
  { "fit", "", "vi-fit", VERB_FIT, 0, 1, 0, "[FILE]",
    "Fit a mixture to the rows of a CSV file; no FILE, or -, is standard input." },
  { "check", "look at data", "vi-fit check", VERB_CHECK, 0, 1, 0, "[FILE]",
    "Look at the data only: types, missing, constant and collinear columns." },
  { "predict", "label rows", "vi-fit predict", VERB_PREDICT, 1, 2, 1, "MODEL [FILE]",
    "Label the rows of a CSV file: component, responsibilities, log density." },
  { "sample", "draw rows", "vi-fit sample", VERB_SAMPLE, 1, 1, NO_INPUT, "MODEL -n N",
    "Draw new rows from a fitted model." },
  { "summary", "report", "vi-fit summary", VERB_SUMMARY, 1, 1, NO_INPUT, "MODEL",
    "Print the report of a model file again." },
  { "best", "compare fits", "vi-fit best", VERB_BEST, 1, SIZE_MAX, NO_INPUT, "MODEL...",
    "Name the model with the highest ELBO (vb) or the lowest BIC (em, map)." },
  { "demo", "examples", "vi-fit demo", VERB_DEMO, 0, 1, NO_INPUT, "[NAME] [--PARAMETER=VALUE]...",
    "Show log p(x) = ELBO + KL(q || p(z|x)) on a small instance with an exact answer." },
  { "plot", "pictures", "vi-fit plot", VERB_PLOT, 1, 2, NO_INPUT, "MODEL [FILE]",
    "Draw a model, its data (FILE, or what the model names) and its trace with gnuplot." },
  { "steps", "lesson", "vi-fit steps", VERB_STEPS, 0, 1, 0, "[FILE]",
    "Fit as vi-fit does and write a lesson: one page (HTML) with a slider over the E and M\n"
    "half-steps of the chosen start, their components, bound and gap." },
  { "help", "of a verb", "vi-fit help", VERB_HELP, 0, 1, NO_INPUT, "[VERB]",
    "Show the options of a verb, as --help behind it does." },
};

size_t
verb_count (void)
{
  return sizeof verbs / sizeof *verbs;
}

const verb_row *
verb_find (int verb)
{
  size_t i = 0;
  while (verbs[i].verb != verb)
    i++;
  return &verbs[i];
}

#define AT(member) offsetof (settings, member)
enum
{
  READS = VERB_FITS | VERB_CHECK | VERB_PREDICT,
  DRAWS = VERB_PLOT,
  FITS = VERB_FITS,
  LOOKS = VERB_FITS | VERB_CHECK
};

static const option_row table[] = {
  { "columns", 'c', LOOKS, DATA, TEXT, AT (columns), "LIST", NULL,
    "columns: names, numbers, ranges (2-5), all but (!id)" },
  { "categorical", 0, LOOKS, DATA, TEXT, AT (categorical), "LIST", NULL,
    "model these columns as categories" },
  { "binary", 0, LOOKS, DATA, TEXT, AT (binary), "LIST", NULL,
    "model these columns as yes/no: two distinct values" },
  { "count", 0, LOOKS, DATA, TEXT, AT (count), "LIST", NULL,
    "model these columns as counts 0, 1, 2, ..." },
  { "family", 0, LOOKS, DATA, TEXT, AT (family), "NAME:LIST", NULL,
    "model these columns by any family (more after ;)" },
  { "weights", 0, LOOKS | DRAWS | READING, DATA, TEXT, AT (weights), "COLUMN", NULL,
    "number of times each row counts (0 or more)" },
  { "id", 0, LOOKS, DATA, TEXT, AT (id), "COLUMN", NULL,
    "copy this column to the output files, do not model it" },
  { "missing", 0, READS, DATA, WORD, AT (missing), "WHAT", "error|drop|model",
    "a row with a missing cell: error (default) or drop" },
  { "na", 0, READS | DRAWS | READING, DATA, TEXT, AT (na), "LIST", NULL,
    "missing marks (default: empty,NA,NaN,null,.,?,...)" },
  { "separator", 0, READS | DRAWS | READING, DATA, TEXT, AT (separator), "CHAR", NULL,
    "default: , ; TAB or | found in the file" },
  { "decimal", 0, READS | DRAWS | READING, DATA, WORD, AT (decimal), "CHAR", ".|,",
    ". (default) or ," },
  { "header", 0, READS | DRAWS | READING, DATA, WORD, AT (header), "WHEN", "auto|yes|no",
    "auto (default), yes, no" },
  { "ragged", 0, READS | READING, DATA, WORD, AT (ragged), "WHAT", "error|drop",
    "a line with too few or many fields: error, drop" },
  { "max-levels", 0, LOOKS, DATA, WHOLE, AT (max_levels), "N", ">=2",
    "categories that a column may have (default: rows / 2)" },
  { "cache", 0, VERB_CHECK, DATA, TEXT, AT (cache), "FILE.npy", NULL,
    "write the numeric columns as a binary file that\nis read many times faster (and "
    "FILE.npy.names)" },
  { "rename", 0, VERB_PREDICT, DATA, TEXT, AT (rename), "OLD:NEW", NULL,
    "read column OLD as the model's NEW (more after commas)" },
  { "new-levels", 0, VERB_PREDICT, DATA, WORD, AT (new_levels), "WHAT", "error|drop",
    "a category that the model never saw: error, drop the row" },

  { "method", 'm', FITS, MODEL, WORD, AT (method), "METHOD", "vb|em|map",
    "vb (Bayesian, default), em (likelihood) or map" },
  { "components", 'k', FITS, MODEL, TEXT, AT (components), "K", NULL,
    "a number, a range A..B, or auto (default, 1..9)" },
  { "covariance", 0, FITS, MODEL, WORD, AT (covariance), "TYPE", "full|tied|diag|spherical|auto",
    "full (default), tied, diag, spherical, or auto" },
  { "weights-prior", 0, FITS, MODEL, WORD, AT (weights_prior), "WHAT",
    "dirichlet|equal|dp|dp-truncated", "dirichlet (default), equal, dp, dp-truncated" },
  { "prior-alpha", 0, FITS, MODEL, NUMBER, AT (prior_alpha), "A", ">0",
    "Dirichlet weight or dp concentration (default 1)" },
  { "prior-kappa", 0, FITS, MODEL, NUMBER, AT (prior_kappa), "B", ">0",
    "rows the prior mean counts for (learned to 0.01)" },
  { "prior-df", 0, FITS, MODEL, NUMBER, AT (prior_df), "NU", ">0",
    "Wishart degrees of freedom (default d + 2)" },
  { "prior-scale", 0, FITS, MODEL, NUMBER, AT (prior_scale), "S", ">0",
    "share of the variance within groups (or learned)" },
  { "prior", 0, FITS, MODEL, TEXT, AT (prior), "FILE", NULL,
    "any part of the prior, or fraley-raftery" },

  { "starts", 0, FITS, SEARCH, WHOLE, AT (starts), "N", ">=1",
    "starting points for each K (default 10)" },
  { "start", 0, FITS, SEARCH, TEXT, AT (start), "HOW", NULL,
    "kmeans++ (default), random, FILE (labels or model)" },
  { "search", 0, FITS, SEARCH, WORD, AT (search), "HOW", "ladder|starts",
    "ladder (default): split and merge fits of other K too" },
  { "accelerate", 0, FITS, SEARCH, WORD, AT (no_acceleration), "YN", "yes|no",
    "extrapolate slow tails: yes (default) or no" },
  { "no-short-runs", 0, FITS, SEARCH, FLAG, AT (no_short_runs), NULL, NULL,
    "large data: run every start to the end" },
  { "max-iter", 0, FITS, SEARCH, WHOLE, AT (max_iter), "N", ">=1", "default 2000" },
  { "tol", 0, FITS, SEARCH, NUMBER, AT (tol), "T", ">=0",
    "stop under T nats per row, twice (default 1e-8)" },
  { "seed", 's', FITS | VERB_PREDICT | VERB_SAMPLE | VERB_DEMO, SEARCH, WHOLE, AT (seed), "N",
    ">=0", "default 1; the same seed gives the same result" },
  { "threads", 'j', FITS | VERB_PREDICT | DRAWS, SEARCH, WHOLE, AT (threads), "N", ">=1",
    "default: all cores; does not change the result" },

  { "output", 'o', VERB_FIT, OUTPUT, TEXT, AT (output), "PREFIX", NULL,
    "write PREFIX.model.json .labels.csv .trace.csv .svg" },
  { "report", 0, VERB_FIT, OUTPUT, FLAG, AT (report), NULL, NULL,
    "also write PREFIX.html, one page with everything" },
  { "no-plot", 0, VERB_FIT, OUTPUT, FLAG, AT (no_plot), NULL, NULL, "no PREFIX.svg" },
  { "output", 'o', DRAWS, OUTPUT, TEXT, AT (output), "FILE", NULL,
    "a name that ends in .svg, .png or .pdf (default:\n"
    "the model's, .svg); script and data stand beside" },
  { "output", 'o', VERB_STEPS, OUTPUT, TEXT, AT (output), "FILE", NULL,
    "the page (default: lesson.html)" },
  { "plot", 0, VERB_DEMO, OUTPUT, FLAG, AT (plot), NULL, NULL,
    "also draw it with gnuplot: NAME.svg" },
  { "output", 'o', VERB_DEMO, OUTPUT, TEXT, AT (output), "FILE", NULL,
    "draw to this file, whose name ends in .svg, .png\n"
    "or .pdf; script and data stand beside" },
  { "kind", 0, DRAWS, OUTPUT, WORD, AT (kind), "WHAT",
    "scatter|trace|steps|terms|selection|uncertainty|intervals",
    "scatter, trace, steps, terms, selection,\n"
    "uncertainty, intervals (default: scatter, trace)" },
  { "no-clobber", 0, FITS | DRAWS | VERB_DEMO, OUTPUT, FLAG, AT (no_clobber), NULL, NULL,
    "do not replace files that exist" },
  { "format", 0, VERB_FIT | VERB_SUMMARY | VERB_DEMO, OUTPUT, WORD, AT (format), "FORMAT",
    "text|json", "text (default) or json, on standard output" },
  { "trace", 0, FITS, OUTPUT, TEXT, AT (trace), "FILE", NULL,
    "ELBO of every half-step of every start, as CSV" },
  { "trace", 0, DRAWS, OUTPUT, TEXT, AT (trace), "FILE", NULL,
    "the trace (default: that beside the model)" },
  { "steps", 0, VERB_FIT, OUTPUT, FLAG, AT (steps), NULL, NULL, "show the E and M half-steps" },
  { "steps", 0, DRAWS, OUTPUT, FLAG, AT (steps), NULL, NULL, "the same as --kind=steps" },
  { "frames", 0, DRAWS, OUTPUT, TEXT, AT (frames), "DIR", NULL,
    "with --steps: a picture for each half-step, from\nDIR/frame-0001.png on (or as -o ends)" },
  { "correlations", 0, VERB_FIT | VERB_SUMMARY, OUTPUT, FLAG, AT (correlations), NULL, NULL,
    "show all correlations, of more than 6 columns too" },
  { "outliers", 0, VERB_PREDICT, OUTPUT, NUMBER, AT (outliers), "P", ">0",
    "add a 0/1 column: density below the model's P point" },
  { "summary", 0, VERB_PREDICT, OUTPUT, FLAG, AT (summary), NULL, NULL,
    "print rows, mean log density and label counts only" },
  { "rows", 'n', VERB_SAMPLE, OUTPUT, WHOLE, AT (draws), "N", ">=1", "number of rows to draw" },
  { "quiet", 'q', VERB_ALL, OUTPUT, FLAG, AT (quiet), NULL, NULL, "errors only on standard error" },
  { "verbose", 'v', VERB_FIT, OUTPUT, TALLY, AT (verbose), NULL, NULL,
    "every iteration; twice: every half-step" },
  { "color", 0, VERB_ALL, OUTPUT, WORD, AT (color), "WHEN", "auto|always|never",
    "auto (default), always, never" },
  { "help", 'h', VERB_ALL, OUTPUT, FLAG, AT (help), NULL, NULL, "this help" },
  { "version", 'V', VERB_ALL, OUTPUT, FLAG, AT (version), NULL, NULL, "the version" },
};
enum
{
  NOPTION = sizeof table / sizeof *table
};

const char *const option_heading[NSECTION] = { "Data", "Model", "Search", "Output" };

const option_row *
option_at (size_t i)
{
  return i < NOPTION ? &table[i] : NULL;
}

static void
defaults (settings *s, int verb)
{
  memset (s, 0, sizeof *s);
  elbo_search_options search;
  elbo_search_options_init (&search);
  s->verb = verb;
  s->components = "auto";
  s->kind = NONE;
  s->search = NONE;
  s->output = verb == VERB_STEPS ? "lesson.html" : NULL;
  s->prior_alpha = s->prior_kappa = s->prior_df = s->prior_scale = s->outliers = NAN;
  s->starts = search.starts;
  s->seed = search.seed;
  s->max_iter = search.max_pass;
  s->tol = search.tol;
  s->start = "kmeans++";
}

/* How the option was written, for messages. */
static const char *
shown (const option_row *o)
{
  static char text[40];
  snprintf (text, sizeof text, "--%s", o->name);
  return text;
}

/* Word i of a rule, or NULL past the last; *length is its own. */
static const char *
rule_word (const char *rule, int i, size_t *length)
{
  for (; i > 0 && rule; i--)
    rule = strchr (rule, '|') ? strchr (rule, '|') + 1 : NULL;
  *length = rule ? strcspn (rule, "|") : 0;
  return rule;
}

const char *
option_word (const char *name, int i, char word[OPTION_WORD])
{
  size_t row = 0, length;
  while (strcmp (table[row].name, name) != 0)
    row++;
  const char *text = rule_word (table[row].rule, i, &length);
  snprintf (word, OPTION_WORD, "%.*s", (int)length, text);
  return word;
}

static int
set_word (const option_row *o, const char *text, int *target)
{
  size_t length;
  const char *word;
  for (int i = 0; (word = rule_word (o->rule, i, &length)); i++)
    if (length == strlen (text) && strncmp (word, text, length) == 0)
      {
        *target = i;
        return 0;
      }
  complain ("%s=%s: one of %s is needed", shown (o), clean (text), o->rule);
  return EXIT_USAGE;
}

static int
set_number (const option_row *o, const char *text, double *target)
{
  char *end;
  const int equal = o->rule[1] == '=';
  const double least = strtod (o->rule + 1 + equal, NULL);
  *target = strtod (text, &end);
  if (*text && !isspace ((unsigned char)*text) && !*end && isfinite (*target)
      && (*target > least || (equal && *target >= least)))
    return 0;
  complain ("%s=%s: a number %s %g is needed", shown (o), clean (text),
            equal ? "of at least" : "above", least);
  return EXIT_USAGE;
}

static int
read_whole (const char *text, size_t *value)
{
  char *end;
  errno = 0;
  const unsigned long long n = strtoull (text, &end, 10);
  if (!isdigit ((unsigned char)*text) || *end || errno || n > INT64_MAX)
    return 0;
  *value = (size_t)n;
  return 1;
}

static int
set_whole (const option_row *o, const char *text, size_t *target)
{
  const size_t least = strtoul (o->rule + 2, NULL, 10);
  if (read_whole (text, target) && *target >= least)
    return 0;
  complain ("%s=%s: a whole number of at least %zu is needed", shown (o), clean (text), least);
  return EXIT_USAGE;
}

static int
set_option (const option_row *o, const char *text, settings *s)
{
  void *at = (char *)s + o->at;
  switch (o->kind)
    {
    case FLAG:
      *(int *)at = 1;
      return 0;
    case TALLY:
      ++*(int *)at;
      return 0;
    case TEXT:
      *(const char **)at = text;
      return 0;
    case WORD:
      return set_word (o, text, at);
    case NUMBER:
      return set_number (o, text, at);
    case WHOLE:
    default:
      return set_whole (o, text, at);
    }
}

/* What getopt_long could not place: nothing like it, more than one like it, or an argument that
   it does not take. */
static int
unknown (const char *text, const settings *s)
{
  char name[42] = "";
  const char *list[NOPTION + MOST_PARAMETERS], *like = NULL;
  size_t n = parameter_names (s, list), nlike = 0;
  if ((strcmp (text, "-o") == 0 || strncmp (text, "--out", 5) == 0)
      && s->verb & (VERB_PREDICT | VERB_SAMPLE | VERB_SUMMARY | VERB_BEST | VERB_CHECK))
    {
      complain ("%s: %s writes to standard output; redirect it: > FILE", clean (text),
                program_name);
      return EXIT_USAGE;
    }
  if (strncmp (text, "--", 2) != 0)
    {
      complain ("invalid option '%s'; see %s --help", clean (text), program_name);
      return EXIT_USAGE;
    }
  snprintf (name, sizeof name, "%.*s", (int)strcspn (text + 2, "="), text + 2);
  for (size_t i = 0; i < NOPTION; i++)
    if (table[i].verbs & s->verb)
      {
        list[n++] = table[i].name;
        if (strncmp (table[i].name, name, strlen (name)) == 0)
          {
            nlike++;
            like = table[i].name;
          }
      }
  const size_t best = closest_word (name, list, n);
  if (nlike > 1)
    complain ("option '--%s' is ambiguous; see %s --help", clean (name), program_name);
  else if (nlike == 1 && strchr (text, '='))
    complain ("option '--%s' takes no argument", like);
  else if (best < n)
    complain ("unrecognized option '--%s'; did you mean '--%s'?", clean (name), list[best]);
  else
    complain ("unrecognized option '--%s'; see %s --help", clean (name), program_name);
  return EXIT_USAGE;
}

/* -k: a number, a range or auto. */
static int
set_components (settings *s)
{
  const char *text = s->components, *dots = strstr (text, "..");
  char first[24];
  s->least = 1;
  s->most = 9;
  if (strcmp (text, "auto") == 0)
    return 0;
  s->range = 1;
  snprintf (first, sizeof first, "%.*s", dots ? (int)(dots - text) : 20, text);
  if (!read_whole (first, &s->least) || (dots && !read_whole (dots + 2, &s->most)))
    {
      complain ("-k %s: a number, a range A..B or auto is needed", clean (text));
      return EXIT_USAGE;
    }
  if (!dots)
    s->most = s->least;
  if (s->least < 1)
    complain ("-k %s: the number of components must be at least 1", clean (text));
  else if (s->most < s->least)
    complain ("-k %s: empty range", clean (text));
  else
    return 0;
  return EXIT_USAGE;
}

/* --separator: one byte, or the name that messages give a tabulator. */
static int
set_separator (settings *s)
{
  const char *text = s->separator;
  if (!text || (text[0] && !text[1] && !strchr ("\"\r\n", text[0])))
    return 0;
  if (strcmp (text, "TAB") == 0 || strcmp (text, "tab") == 0 || strcmp (text, "\\t") == 0)
    {
      s->separator = "\t";
      return 0;
    }
  complain ("--separator=%s: one character or TAB is needed", clean (text));
  return EXIT_USAGE;
}

static int
check_threads (const settings *s)
{
  if (s->threads <= MOST_THREADS)
    return 0;
  complain ("--threads=%zu: a whole number of at most %d is needed", s->threads, MOST_THREADS);
  return EXIT_USAGE;
}

/* '-' is standard input where data are named; an option that takes a name takes it for a slip. */
static int
check_names (const settings *s)
{
  for (size_t i = 0; i < NOPTION; i++)
    if ((table[i].verbs & s->verb) && table[i].kind == TEXT
        && (strncmp (table[i].arg, "FILE", 4) == 0 || strcmp (table[i].arg, "PREFIX") == 0
            || strcmp (table[i].arg, "DIR") == 0))
      {
        const char *text = *(const char *const *)((const char *)s + table[i].at);
        if (!text || strcmp (text, "-") != 0)
          continue;
        complain (
            "--%s=-: a name is needed; '-' stands for standard input alone, where data are read",
            table[i].name);
        return EXIT_USAGE;
      }
  return 0;
}

/* What getopt_long wants to know about the options of a verb; row [] says where each stands. */
static void
getopt_tables (int verb, char *letters, struct option *list, size_t *row)
{
  size_t n = 0;
  *letters++ = ':';
  for (size_t i = 0; i < NOPTION; i++)
    if (table[i].verbs & verb)
      {
        list[n] = (struct option){ table[i].name, table[i].arg ? required_argument : no_argument,
                                   NULL, (int)(256 + i) };
        row[n++] = i;
        if (table[i].letter)
          {
            *letters++ = table[i].letter;
            if (table[i].arg)
              *letters++ = ':';
          }
      }
  list[n] = (struct option){ NULL, 0, NULL, 0 };
  *letters = '\0';
}

static const option_row *
find_row (int code, int verb)
{
  if (code >= 256)
    return &table[code - 256];
  for (size_t i = 0; i < NOPTION; i++)
    if (table[i].letter == code && (table[i].verbs & verb))
      return &table[i];
  return NULL;
}

char **
reading_keep (const settings *s, size_t *n)
{
  char **list = calloc (NOPTION, sizeof *list);
  *n = 0;
  for (size_t i = 0; list && i < NOPTION; i++)
    {
      const void *at = (const char *)s + table[i].at;
      const char *text = NULL;
      size_t length = 0;
      if (!(table[i].verbs & READING))
        continue;
      if (table[i].kind == TEXT && (text = *(const char *const *)at))
        length = strlen (text);
      else if (table[i].kind == WORD && *(const int *)at)
        text = rule_word (table[i].rule, *(const int *)at, &length);
      if (!text)
        continue;
      const size_t size = strlen (table[i].name) + length + 2;
      if (!(list[*n] = malloc (size)))
        {
          while (*n > 0)
            free (list[--*n]);
          free (list);
          return NULL;
        }
      snprintf (list[(*n)++], size, "%s=%.*s", table[i].name, (int)length, text);
    }
  return list;
}

void
reading_recall (settings *s, char *const *text, size_t n)
{
  for (size_t i = 0; i < NOPTION; i++)
    for (size_t k = 0; k < n && (table[i].verbs & READING); k++)
      {
        const size_t length = strlen (table[i].name);
        void *at = (char *)s + table[i].at;
        const int given = table[i].kind == TEXT ? *(char **)at != NULL : *(int *)at != 0;
        if (!given && strncmp (text[k], table[i].name, length) == 0 && text[k][length] == '=')
          set_option (&table[i], text[k] + length + 1, s);
      }
}

int
options_parse (int argc, char **argv, int verb, const instance_row *const *instances, settings *s)
{
  char letters[3 * NOPTION + 2];
  struct option list[NOPTION + 1];
  size_t row[NOPTION];
  int code, status = 0;
  defaults (s, verb);
  s->instances = instances;
  if (verb == VERB_DEMO && (status = parameters_take (&argc, argv, s)))
    return status;
  getopt_tables (verb, letters, list, row);
  opterr = 0;
  optind = 0; /* from the beginning: a model file quotes a command line that is parsed as well */
  while (!status && (code = getopt_long (argc, argv, letters, list, NULL)) != -1)
    {
      char letter[3] = { '-', (char)optopt, '\0' };
      const char *written = argv[optind - 1];
      if (code == ':')
        {
          const option_row *o = find_row (optopt, verb);
          complain ("option '%s' needs an argument%s%s", optopt >= 256 ? shown (o) : letter,
                    o ? ": " : "", o ? o->arg : "");
          status = EXIT_USAGE;
        }
      else if (code == '?')
        status = unknown (optopt > 0 && optopt < 256 ? letter : written, s);
      else
        status = set_option (find_row (code, verb), optarg, s);
    }
  s->operand = argv + optind;
  s->noperand = (size_t)(argc - optind);
  if (verb == VERB_DEMO && s->output)
    s->plot = 1;
  if (!status && !s->help && !s->version)
    status = set_components (s);
  if (!status)
    status = set_separator (s);
  if (!status)
    status = check_names (s);
  return status ? status : check_threads (s);
}

/* The verbs, a word on each, in lines of a terminal. */
static void
help_verbs (void)
{
  int column = printf ("  or:  vi-fit VERB ...:");
  for (size_t i = 1; i < verb_count (); i++)
    {
      const int more = (int)(strlen (verbs[i].name) + strlen (verbs[i].word) + 5);
      if (column + more > 80)
        column = printf ("\n     ") - 1;
      column += printf (" %s (%s)%s", verbs[i].name, verbs[i].word,
                        i + 1 < verb_count () ? "," : "\n");
    }
}

static void
help_usage (int verb)
{
  for (size_t i = 0; i < verb_count (); i++)
    if (verbs[i].verb == verb)
      {
        printf ("Usage: %s%s [OPTION]... %s\n", verbs[i].program, i ? "" : " [fit]",
                verbs[i].usage);
        if (i == 0)
          help_verbs ();
        puts (verbs[i].doc);
      }
}

static void
help_row (const option_row *o)
{
  char left[40];
  const char *doc = o->doc, *end;
  snprintf (left, sizeof left, "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
            o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name, o->arg ? "=" : "",
            o->arg ? o->arg : "");
  while ((end = strchr (doc, '\n')))
    {
      printf ("%-26s %.*s\n", left, (int)(end - doc), doc);
      doc = end + 1;
      left[0] = '\0';
    }
  printf ("%-26s %s\n", left, doc);
}

void
options_help (const settings *s)
{
  const int verb = s->verb;
  help_usage (verb);
  if (verb == VERB_DEMO)
    parameters_help (s);
  for (section part = DATA; part < NSECTION; part++)
    {
      int headed = 0;
      for (size_t i = 0; i < NOPTION; i++)
        if (table[i].part == part && (table[i].verbs & verb))
          {
            if (!headed++)
              printf ("%s%s:\n", part == DATA || verb != VERB_FIT ? "\n" : "",
                      option_heading[part]);
            help_row (&table[i]);
          }
    }
  if (verb == VERB_FIT)
    puts ("\nExamples (manual: info vi-fit):\n"
          "  vi-fit data.csv                          choose K, print the report\n"
          "  vi-fit -k 3 -o run data.csv              three components, save everything\n"
          "  vi-fit predict run.model.json new.csv    classify new rows");
  else
    puts ("Manual: info vi-fit.");
}
