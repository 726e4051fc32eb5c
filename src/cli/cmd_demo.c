/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit demo: small instances of the identity log p(x) = ELBO + KL(q || p(z|x)), each with an
   exact answer.  This file finds the instance and reads its parameters. */
#include <config.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/demo.h"

static const demo *const demos[]
    = { &demo_binary, &demo_qsweep,    &demo_twocoin, &demo_mc,  &demo_linvae,
        &demo_iwae,   &demo_diffusion, &demo_uninorm, &demo_blr, &demo_gmm1 };
enum
{
  NDEMO = sizeof demos / sizeof *demos
};

/* What the command line chose. */
static const demo *chosen;
static const char *given[DEMO_NAMES];
static double number[DEMO_NAMES][DEMO_NUMBERS];

const char *
demo_name (size_t i)
{
  return i < NDEMO ? demos[i]->name : NULL;
}

const char *
demo_parameter_name (size_t i, size_t k, const char **doc)
{
  *doc = demos[i]->parameter[k].doc;
  return demos[i]->parameter[k].name;
}

static const demo *
find_demo (const char *name)
{
  for (size_t i = 0; i < NDEMO; i++)
    if (strcmp (demos[i]->name, name) == 0)
      return demos[i];
  return NULL;
}

static int
complain_name (const char *name)
{
  const char *list[NDEMO];
  for (size_t i = 0; i < NDEMO; i++)
    list[i] = demos[i]->name;
  const size_t best = closest_word (name, list, NDEMO);
  if (best < NDEMO)
    complain ("no demo '%s'; did you mean '%s'?", clean (name), list[best]);
  else
    complain ("no demo '%s'; vi-fit demo lists them", clean (name));
  return EXIT_USAGE;
}

size_t
demo_names (const char *list[DEMO_NAMES])
{
  size_t n = 0;
  for (; chosen && chosen->parameter[n].name; n++)
    list[n] = chosen->parameter[n].name;
  return n;
}

/* Which parameter of the chosen demo a word "--name" or "--name=value" gives; -1: none. */
static long
find_parameter (const char *word)
{
  const size_t length = strcspn (word, "=");
  for (long i = 0; chosen->parameter[i].name && strncmp (word, "--", 2) == 0; i++)
    if (strlen (chosen->parameter[i].name) + 2 == length
        && strncmp (chosen->parameter[i].name, word + 2, length - 2) == 0)
      return i;
  return -1;
}

/* Is v in a range such as "[0,1]" or "(0,inf)"? */
static int
in_range (const char *range, double v)
{
  char *end;
  const double least = strtod (range + 1, &end), most = strtod (end + 1, &end);
  return (v > least || (v == least && range[0] == '[')) && (v < most || (v == most && *end == ']'));
}

static int
complain_value (const demo_parameter *p, const char *text)
{
  const int whole = tolower ((unsigned char)p->kind) == 'n';
  const char *what = whole ? "whole number" : "number";
  if (isupper ((unsigned char)p->kind))
    complain ("--%s=%s: at most %d %ss in %s, with commas between, are needed", p->name,
              clean (text), DEMO_NUMBERS, what, p->range);
  else
    complain ("--%s=%s: a %s in %s is needed", p->name, clean (text), what, p->range);
  return EXIT_USAGE;
}

/* The numbers of a value; 0 or an exit code. */
static int
read_value (const demo_parameter *p, const char *text, double *to, demo_list *list)
{
  const int many = isupper ((unsigned char)p->kind);
  const int whole = tolower ((unsigned char)p->kind) == 'n';
  const char *at = text;
  list->v = to;
  for (list->n = 0; list->n < (many ? DEMO_NUMBERS : 1);)
    {
      char *end;
      const double v = strtod (at, &end);
      if (end == at || isspace ((unsigned char)*at) || !isfinite (v) || !in_range (p->range, v)
          || (whole && v != floor (v)))
        break;
      to[list->n++] = v;
      if (!*end)
        return 0;
      if (*end != ',')
        break;
      at = end + 1;
    }
  return complain_value (p, text);
}

int
demo_parameters (int *argc, char **argv)
{
  int n = 1;
  for (int i = 1; i < *argc && !chosen; i++)
    chosen = find_demo (argv[i]);
  if (!chosen && *argc > 1 && argv[1][0] != '-')
    return complain_name (argv[1]);
  if (!chosen)
    return 0;
  for (int i = 1; i < *argc; i++)
    {
      const long which = find_parameter (argv[i]);
      const char *equal = strchr (argv[i], '=');
      if (which < 0)
        argv[n++] = argv[i];
      else if (equal)
        given[which] = equal + 1;
      else if (i + 1 < *argc)
        given[which] = argv[++i];
      else
        {
          complain ("option '%s' needs an argument", argv[i]);
          return EXIT_USAGE;
        }
    }
  *argc = n;
  return 0;
}

static void
print_list (void)
{
  for (size_t i = 0; i < NDEMO; i++)
    {
      printf ("  %-10s %s\n", demos[i]->name, demos[i]->title);
      for (size_t k = 0; demos[i]->parameter[k].name; k++)
        printf ("%s--%s", k ? " " : "             ", demos[i]->parameter[k].name);
      putchar ('\n');
    }
}

void
demo_help (void)
{
  puts ("Without a name: list them.  Exit code 4: a check failed.");
  if (!chosen)
    {
      puts ("\nInstances and their parameters:");
      print_list ();
      return;
    }
  printf ("\n%s: %s\nParameters:\n", chosen->name, chosen->title);
  for (const demo_parameter *p = chosen->parameter; p->name; p++)
    {
      char left[80];
      snprintf (left, sizeof left, "--%s=%s", p->name, p->value);
      printf ("  %-32s  %s, %s%s\n", left, p->doc, isupper ((unsigned char)p->kind) ? "each " : "",
              p->range);
    }
}

int
cmd_demo (const settings *s)
{
  demo_list list[DEMO_NAMES];
  if (!s->noperand && s->plot)
    {
      complain ("--plot: the name of a demo is needed; vi-fit demo lists them");
      return EXIT_USAGE;
    }
  if (!s->noperand)
    {
      puts ("vi-fit demo NAME shows log p(x) = ELBO + KL(q || p(z | x)) on:\n");
      print_list ();
      puts ("\nvi-fit demo NAME --help explains the parameters.");
      return EXIT_DONE;
    }
  if (!chosen || strcmp (chosen->name, s->operand[0]) != 0)
    return complain_name (s->operand[0]);
  for (size_t i = 0; chosen->parameter[i].name; i++)
    {
      const demo_parameter *p = &chosen->parameter[i];
      if (read_value (p, given[i] ? given[i] : p->value, number[i], &list[i]))
        return EXIT_USAGE;
    }
  demo_page *page = page_open (s, chosen);
  if (!page)
    return EXIT_DATA;
  page_parameters (page, chosen->parameter, list);
  int status = chosen->run (list, page);
  if (!status)
    {
      /* the page first: a picture may take a while, or fail */
      status = page_print (page);
      fflush (stdout);
      const int drawn = s->plot ? demo_picture_save (s, chosen, page_tables (page)) : 0;
      status = status ? status : drawn;
    }
  page_free (page);
  return status;
}
