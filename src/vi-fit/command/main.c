/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit: fit mixtures from the command line.  This file finds the verb. */
#include <config.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include "vi-fit/command/command.h"

static void
print_version (void)
{
  printf ("vi-fit (libelbo) %s\n"
          "Copyright (C) 2026 the libelbo authors\n"
          "License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\n"
          "This is free software: you are free to change and redistribute it.\n"
          "There is NO WARRANTY, to the extent permitted by law.\n"
          "GSL %s, jansson %s, kernels %s\n",
          elbo_version (), gsl_version, elbo_json_version (), elbo_isa ());
}

static int
run (const settings *s, int argc, char **argv)
{
  switch (s->verb)
    {
    case VERB_CHECK:
      return cmd_check (s);
    case VERB_PREDICT:
      return cmd_predict (s);
    case VERB_SAMPLE:
      return cmd_sample (s);
    case VERB_SUMMARY:
      return cmd_summary (s);
    case VERB_BEST:
      return cmd_best (s);
    case VERB_DEMO:
      return cmd_demo (s);
    case VERB_PLOT:
      return cmd_plot (s);
    case VERB_STEPS:
      return cmd_steps (s, argc, argv);
    case VERB_FIT:
    default:
      return cmd_fit (s, argc, argv);
    }
}

/* Which words on the command line ask for a prior; NULL: none. */
static const char *
prior_option (const settings *s)
{
  return s->prior                    ? "--prior"
         : isfinite (s->prior_alpha) ? "--prior-alpha"
         : isfinite (s->prior_kappa) ? "--prior-kappa"
         : isfinite (s->prior_df)    ? "--prior-df"
                                     : NULL;
}

/* Two operands of a fit: most often a verb that is not one. */
static void
complain_operand (const settings *s, size_t most)
{
  const char *name[MOST_VERBS];
  const size_t n = verb_count ();
  for (size_t i = 0; i < n; i++)
    name[i] = verbs[i].name;
  const size_t best = closest_word (s->operand[0], name, n);
  if (s->verb == VERB_FIT && best < n && access (s->operand[0], F_OK))
    complain ("no verb '%s'; did you mean 'vi-fit %s'?", clean (s->operand[0]), name[best]);
  else
    complain ("extra operand '%s'; see %s --help", clean (s->operand[most]), program_name);
}

/* How many operands a verb takes: a file may be left out where standard input is read. */
static int
check_operands (const settings *s)
{
  const int fits = (s->verb & VERB_FITS) != 0, reads = fits || s->verb == VERB_CHECK;
  const size_t least = reads || s->verb == VERB_DEMO ? 0 : 1;
  const size_t most = s->verb == VERB_BEST                              ? s->noperand
                      : s->verb == VERB_PREDICT || s->verb == VERB_PLOT ? 2
                                                                        : 1;
  if (s->noperand < least)
    complain ("a model file is needed; see %s --help", program_name);
  else if (s->noperand > most)
    complain_operand (s, most);
  else if (s->verb != VERB_SUMMARY && s->verb != VERB_SAMPLE && s->verb != VERB_BEST
           && s->verb != VERB_PLOT && s->verb != VERB_DEMO && s->noperand == (reads ? 0 : 1)
           && isatty (STDIN_FILENO))
    complain ("no file given and standard input is a terminal; try: %s%s data.csv", program_name,
              s->verb == VERB_PREDICT ? " run.model.json" : "");
  else if (s->missing[0] == 'm')
    complain ("--missing=model: not there yet; use --missing=drop or --missing=error");
  else if (fits && s->method[0] != 'v' && !elbo_weights_find (s->weights_prior)->base->point)
    complain ("--weights-prior=%s needs -m vb", s->weights_prior);
  else if (s->verb == VERB_FIT && s->report && !s->output)
    complain ("--report needs -o PREFIX: it is written to PREFIX.html");
  else if (s->verb == VERB_STEPS && s->most > LESSON_COMPONENTS)
    complain ("-k %s: a page shows at most %d components", clean (s->components),
              LESSON_COMPONENTS);
  else if (fits && s->method[0] == 'e' && prior_option (s))
    complain ("%s needs -m vb or -m map: maximum likelihood has no prior", prior_option (s));
  else
    return 0;
  return EXIT_USAGE;
}

/* Output that did not arrive is an error; a closed pipe has killed us before. */
static int
close_output (int status)
{
  errno = 0;
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  complain ("standard output: cannot write: %s", errno ? strerror (errno) : "an earlier error");
  return status == EXIT_DONE ? EXIT_DATA : status;
}

int
main (int argc, char **argv)
{
  settings s;
  size_t which = 0;
  int named = 0;
  /* numerical routines report by status, never by abort */
  gsl_set_error_handler_off ();
  for (size_t i = 0; argc > 1 && i < verb_count (); i++)
    if (strcmp (argv[1], verbs[i].name) == 0)
      {
        which = i;
        named = 1;
      }
  /* for those who package; not in --help */
  if (argc == 2 && strncmp (argv[1], "--generate=", 11) == 0)
    return close_output (generate (argv[1] + 11, demo_instances));
  program_name = verbs[which].program;
  /* parsing reorders its words; the model file quotes them as they were typed */
  char **word = malloc (((size_t)argc + 1) * sizeof *word);
  if (!word)
    {
      complain ("out of memory");
      return EXIT_DATA;
    }
  memcpy (word, argv, ((size_t)argc + 1) * sizeof *word);
  int status = options_parse (argc - named, word + named, verbs[which].verb, demo_instances, &s);
  message_level (s.quiet);
  color_when (s.color);
  if (status)
    {
      free (word);
      return status;
    }
  if (s.help)
    options_help (&s);
  else if (s.version)
    print_version ();
  else if (!(status = check_operands (&s)))
    {
      signals_install ();
      status = run (&s, argc, argv);
    }
  free (word);
  return close_output (status);
}
