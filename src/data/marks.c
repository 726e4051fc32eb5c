/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands for a missing cell. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include "data/data.h"

int
elbo_marks_make (elbo_marks *marks, const char *list, char decimal)
{
  size_t length = strlen (list), items = 1;

  for (const char *p = list; *p; p++)
    items += *p == ',';
  marks->list = elbo_copy (list, length);
  marks->mark = elbo_calloc (items, sizeof *marks->mark);
  marks->number = elbo_calloc (items, sizeof *marks->number);
  if (!marks->list || !marks->mark || !marks->number)
    return GSL_ENOMEM;
  if (length == 0) /* nothing is missing, not even the empty cell */
    return GSL_SUCCESS;
  for (char *p = marks->list, *stop; p; p = *stop ? stop + 1 : NULL)
    {
      elbo_cell mark;
      stop = strchr (p, ',');
      stop = stop ? stop : p + strlen (p);
      for (mark = (elbo_cell){ p, stop }; mark.begin < mark.end && elbo_is_blank (*mark.begin);)
        mark.begin++;
      while (mark.begin < mark.end && elbo_is_blank (mark.end[-1]))
        mark.end--;
      length = (size_t)(mark.end - mark.begin);
      if (length == 0 || (length == 5 && memcmp (mark.begin, "empty", 5) == 0))
        marks->empty = 1;
      else
        {
          if (elbo_number (mark.begin, mark.end, decimal, marks->number + marks->nnumber)
              == ELBO_NUMBER_FINE)
            marks->nnumber++;
          marks->first[(unsigned char)*mark.begin] = 1;
          marks->mark[marks->n++] = mark;
        }
    }
  return GSL_SUCCESS;
}

void
elbo_marks_free (elbo_marks *marks)
{
  free (marks->list);
  free (marks->mark);
  free (marks->number);
}

int
elbo_marks_text (const elbo_marks *marks, elbo_cell cell)
{
  size_t n = (size_t)(cell.end - cell.begin);

  if (n == 0 || !marks->first[(unsigned char)*cell.begin])
    return n == 0 && marks->empty;
  for (size_t i = 0; i < marks->n; i++)
    if ((size_t)(marks->mark[i].end - marks->mark[i].begin) == n
        && memcmp (marks->mark[i].begin, cell.begin, n) == 0)
      return 1;
  return 0;
}

int
elbo_marks_number (const elbo_marks *marks, double value)
{
  for (size_t i = 0; i < marks->nnumber; i++)
    if (marks->number[i] == value)
      return 1;
  return 0;
}
