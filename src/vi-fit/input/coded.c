/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Number columns that look like codes: yes and no as 0 and 1, classes as 0, 1, 2.  A Gaussian closes
   in on single values there, and the number of components means nothing. */
#include <config.h>
#include "vi-fit/input/input.h"

enum
{
  LEAST_ROWS = 10, /* for two values */
  MOST_CODES = 30,
  ROWS_A_CODE = 50
};

column_code_kind
column_code (const elbo_column_summary *u)
{
  if (u->distinct == 2)
    return u->count >= LEAST_ROWS ? CODE_BINARY : CODE_NONE;
  return u->distinct > 2 && u->distinct <= MOST_CODES && u->distinct * ROWS_A_CODE <= u->count
             ? CODE_FEW
             : CODE_NONE;
}

/* The columns of one kind of code: names, items of a list of columns, and items that leave them
   out. */
typedef struct
{
  word_list name, item, cure;
  elbo_column_summary last;
  int alike; /* all have the same two values */
} coded;

static int
gather (const dataset *set, const char *code, column_code_kind kind, coded *list)
{
  *list = (coded){ .alike = 1 };
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      elbo_column_summary u;
      const char *name = elbo_table_name (set->table, set->source[i]);
      if (code[i] != (char)kind)
        continue;
      if (elbo_table_summary (set->table, set->source[i], &u))
        return complain_status ();
      if (list->name.n && (u.min != list->last.min || u.max != list->last.max))
        list->alike = 0;
      list->last = u;
      words_add (&list->name, ", ", clean (name));
      words_add (&list->item, ",", list_item ("", name));
      words_add (&list->cure, ",", list_item ("!", name));
    }
  return list->name.failed || list->item.failed || list->cure.failed ? complain_memory () : 0;
}

static void
free_coded (coded *list)
{
  words_free (&list->name);
  words_free (&list->item);
  words_free (&list->cure);
}

static void
note_binary (const coded *list)
{
  const char *have = list->name.n == 1 ? "has" : "have";
  if (list->alike)
    note ("%s %s only the values %.15g and %.15g; as yes/no: --binary=%s", list->name.text, have,
          list->last.min, list->last.max, list->item.text);
  else
    note ("%s %s only two values each; as yes/no: --binary=%s", list->name.text, have,
          list->item.text);
}

static void
note_few (const coded *list)
{
  if (list->name.n == 1)
    note ("%s has only %zu different values in %zu rows; as categories: --categorical=%s; to leave "
          "it out: --columns=%s",
          list->name.text, list->last.distinct, list->last.count, list->item.text, list->cure.text);
  else
    note ("%s have few different values in %zu rows; as categories: --categorical=%s; to leave "
          "them out: --columns=%s",
          list->name.text, list->last.count, list->item.text, list->cure.text);
}

int
report_codes (const dataset *set, const char *code)
{
  coded binary, few;
  int status = gather (set, code, CODE_BINARY, &binary);
  if (!status && binary.name.n)
    note_binary (&binary);
  free_coded (&binary);
  if (status)
    return status;
  status = gather (set, code, CODE_FEW, &few);
  if (!status && few.name.n)
    note_few (&few);
  free_coded (&few);
  return status;
}
