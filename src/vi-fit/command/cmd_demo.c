/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit demo: small instances of the identity log p(x) = ELBO + KL(q || p(z|x)), each with an
   exact answer. */
#include <config.h>
#include <stdio.h>
#include <string.h>
#include "vi-fit/command/command.h"

int
cmd_demo (const settings *s)
{
  parameter_list list[MOST_PARAMETERS];
  double number[MOST_PARAMETERS][MOST_NUMBERS];
  if (!s->noperand && s->plot)
    {
      complain ("--plot: the name of a demo is needed; vi-fit demo lists them");
      return EXIT_USAGE;
    }
  if (!s->noperand)
    {
      puts ("vi-fit demo NAME shows log p(x) = ELBO + KL(q || p(z | x)) on:\n");
      print_instances (s);
      puts ("\nvi-fit demo NAME --help explains the parameters.");
      return EXIT_DONE;
    }
  if (!s->instance || strcmp (s->instance->name, s->operand[0]) != 0)
    return complain_instance (s, s->operand[0]);
  const demo *chosen = (const demo *)s->instance;
  for (size_t i = 0; s->instance->parameter[i].name; i++)
    if (parameter_read (s, i, number[i], &list[i]))
      return EXIT_USAGE;
  demo_page *results = page_open (s, chosen);
  if (!results)
    return EXIT_DATA;
  page_parameters (results, s->instance->parameter, list);
  int status = chosen->run (list, results);
  if (!status)
    {
      /* the page first: a picture may take a while, or fail */
      status = page_print (results);
      fflush (stdout);
      const int drawn = s->plot ? demo_picture_save (s, chosen, page_tables (results)) : 0;
      status = status ? status : drawn;
    }
  page_free (results);
  return status;
}
