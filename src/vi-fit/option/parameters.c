/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The instances of vi-fit demo on the command line: which one is named, and its parameters. */
#include <config.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/option/option.h"

static const instance_row *
find_instance (const settings *s, const char *name)
{
  for (const instance_row *const *i = s->instances; *i; i++)
    if (strcmp ((*i)->name, name) == 0)
      return *i;
  return NULL;
}

int
complain_instance (const settings *s, const char *name)
{
  const char *list[MOST_INSTANCES];
  size_t n = 0;
  for (; n < MOST_INSTANCES && s->instances[n]; n++)
    list[n] = s->instances[n]->name;
  const size_t best = closest_word (name, list, n);
  if (best < n)
    complain ("no demo '%s'; did you mean '%s'?", clean (name), list[best]);
  else
    complain ("no demo '%s'; vi-fit demo lists them", clean (name));
  return EXIT_USAGE;
}

size_t
parameter_names (const settings *s, const char *list[MOST_PARAMETERS])
{
  size_t n = 0;
  for (; s->instance && s->instance->parameter[n].name; n++)
    list[n] = s->instance->parameter[n].name;
  return n;
}

/* Which parameter a word "--name" or "--name=value" gives; -1: none. */
static long
find_parameter (const parameter_row *parameter, const char *word)
{
  const size_t length = strcspn (word, "=");
  for (long i = 0; parameter[i].name && strncmp (word, "--", 2) == 0; i++)
    if (strlen (parameter[i].name) + 2 == length
        && strncmp (parameter[i].name, word + 2, length - 2) == 0)
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
complain_value (const parameter_row *p, const char *text)
{
  const int whole = tolower ((unsigned char)p->kind) == 'n';
  const char *what = whole ? "whole number" : "number";
  if (isupper ((unsigned char)p->kind))
    complain ("--%s=%s: at most %d %ss in %s, with commas between, are needed", p->name,
              clean (text), MOST_NUMBERS, what, p->range);
  else
    complain ("--%s=%s: a %s in %s is needed", p->name, clean (text), what, p->range);
  return EXIT_USAGE;
}

int
parameter_read (const settings *s, size_t i, double to[MOST_NUMBERS], parameter_list *list)
{
  const parameter_row *p = &s->instance->parameter[i];
  const char *text = s->given[i] ? s->given[i] : p->value;
  const int many = isupper ((unsigned char)p->kind);
  const int whole = tolower ((unsigned char)p->kind) == 'n';
  const char *at = text;
  list->v = to;
  for (list->n = 0; list->n < (many ? MOST_NUMBERS : 1);)
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
parameters_take (int *argc, char **argv, settings *s)
{
  int n = 1;
  for (int i = 1; i < *argc && !s->instance; i++)
    s->instance = find_instance (s, argv[i]);
  if (!s->instance && *argc > 1 && argv[1][0] != '-')
    return complain_instance (s, argv[1]);
  if (!s->instance)
    return 0;
  for (int i = 1; i < *argc; i++)
    {
      const long which = find_parameter (s->instance->parameter, argv[i]);
      const char *equal = strchr (argv[i], '=');
      if (which < 0)
        argv[n++] = argv[i];
      else if (equal)
        s->given[which] = equal + 1;
      else if (i + 1 < *argc)
        s->given[which] = argv[++i];
      else
        {
          complain ("option '%s' needs an argument", argv[i]);
          return EXIT_USAGE;
        }
    }
  *argc = n;
  return 0;
}

void
print_instances (const settings *s)
{
  for (const instance_row *const *i = s->instances; *i; i++)
    {
      printf ("  %-10s %s\n", (*i)->name, (*i)->title);
      for (const parameter_row *p = (*i)->parameter; p->name; p++)
        printf ("%s--%s", p == (*i)->parameter ? "             " : " ", p->name);
      putchar ('\n');
    }
}

void
parameters_help (const settings *s)
{
  const instance_row *chosen = s->instance;
  puts ("Without a name: list them.  Exit code 4: a check failed.");
  if (!chosen)
    {
      puts ("\nInstances and their parameters:");
      print_instances (s);
      return;
    }
  printf ("\n%s: %s\nParameters:\n", chosen->name, chosen->title);
  for (const parameter_row *p = chosen->parameter; p->name; p++)
    {
      char left[80];
      snprintf (left, sizeof left, "--%s=%s", p->name, p->value);
      printf ("  %-32s  %s, %s%s\n", left, p->doc, isupper ((unsigned char)p->kind) ? "each " : "",
              p->range);
    }
}
