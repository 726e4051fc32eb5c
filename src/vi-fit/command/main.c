/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit: fit mixtures from the command line.  This file finds the verb. */
#include <config.h>
#include <errno.h>
#include <fcntl.h>
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

/* vi-fit help VERB: what vi-fit VERB --help says. */
static int
help_verb (const settings *s)
{
  settings about = *s;
  const char *name = s->noperand ? s->operand[0] : verbs[0].name;
  size_t i = 0;
  while (i < verb_count () && strcmp (verbs[i].name, name) != 0)
    i++;
  if (i == verb_count ())
    {
      complain ("no verb '%s'; see vi-fit --help", clean (name));
      return EXIT_USAGE;
    }
  about.verb = verbs[i].verb;
  options_help (&about);
  return EXIT_DONE;
}

static int
run (const settings *s)
{
  static const struct
  {
    int verb;
    int (*run) (const settings *);
  } list[]
      = { { VERB_FIT, cmd_fit },       { VERB_CHECK, cmd_check },     { VERB_PREDICT, cmd_predict },
          { VERB_SAMPLE, cmd_sample }, { VERB_SUMMARY, cmd_summary }, { VERB_BEST, cmd_best },
          { VERB_DEMO, cmd_demo },     { VERB_PLOT, cmd_plot },       { VERB_STEPS, cmd_steps },
          { VERB_HELP, help_verb } };
  size_t i = 0;
  while (list[i].verb != s->verb)
    i++;
  return list[i].run (s);
}

/* Which words on the command line ask for a prior; NULL: none. */
static const char *
prior_option (const settings *s)
{
  return s->prior                    ? "--prior"
         : isfinite (s->prior_alpha) ? "--prior-alpha"
         : isfinite (s->prior_kappa) ? "--prior-kappa"
         : isfinite (s->prior_df)    ? "--prior-df"
         : isfinite (s->prior_scale) ? "--prior-scale"
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

/* What a verb's operands and options are in need of. */
static int
check_operands (const settings *s)
{
  const verb_row *verb = verb_find (s->verb);
  const int fits = (s->verb & VERB_FITS) != 0;
  if (s->noperand < verb->least)
    complain ("a model file is needed; see %s --help", program_name);
  else if (s->noperand > verb->most)
    complain_operand (s, verb->most);
  else if (s->noperand == verb->input && isatty (STDIN_FILENO))
    complain ("no file given and standard input is a terminal; try: %s%s data.csv", program_name,
              s->verb == VERB_PREDICT ? " run.model.json" : "");
  else if (s->missing == BAD_MODEL)
    complain ("--missing=model: not there yet; use --missing=drop or --missing=error");
  else if (fits && chosen_method (s) != ELBO_VB && !chosen_weights (s)->base->point)
    complain ("--weights-prior=%s needs -m vb", elbo_weights_name (chosen_weights (s)));
  else if (s->verb == VERB_FIT && s->report && !s->output)
    complain ("--report needs -o PREFIX: it is written to PREFIX.html");
  else if (s->verb == VERB_STEPS && s->most > LESSON_COMPONENTS)
    complain ("-k %s: a page shows at most %d components", clean (s->components),
              LESSON_COMPONENTS);
  else if (fits && chosen_method (s) == ELBO_ML && prior_option (s))
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

/* A descriptor of the standard streams that is closed would be that of the next file opened, and
   what is printed would go into it.  Such a stream fails still: it is opened the wrong way round. */
static int
open_standard (void)
{
  int fd;
  do
    fd = open ("/dev/null", O_RDONLY);
  while (fd >= 0 && fd <= STDERR_FILENO);
  return fd < 0 || close (fd);
}

int
main (int argc, char **argv)
{
  settings s;
  size_t which = 0;
  int named = 0;
  if (open_standard ())
    return EXIT_DATA;
  /* numerical routines report by status, never by abort */
  gsl_set_error_handler_off ();
  threads_limit ();
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
    return complain_memory ();
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
      s.word = argv;
      s.nword = (size_t)argc;
      status = run (&s);
    }
  free (word);
  return close_output (status);
}
