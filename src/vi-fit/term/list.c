/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words one behind another: names and options that a message lists. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/term/term.h"

void
words_add (word_list *list, const char *between, const char *word)
{
  const size_t more = (list->n ? strlen (between) : 0) + strlen (word);
  char *text = realloc (list->text, list->used + more + 1);
  if (!text)
    {
      list->failed = 1;
      return;
    }
  list->text = text;
  snprintf (text + list->used, more + 1, "%s%s", list->n ? between : "", word);
  list->used += more;
  list->n++;
}

void
words_free (word_list *list)
{
  free (list->text);
}
