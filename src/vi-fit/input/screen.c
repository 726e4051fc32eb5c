/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows read say about the chosen columns: constant ones, row numbers, codes, categories
   and counts that are none.  One message names all columns that share a fault. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

/* Two values for yes/no. */
static int
check_binary (const dataset *set, size_t i)
{
  const size_t c = set->source[i], nlevel = elbo_table_nlevel (set->table, c);
  const char *name = clean (elbo_table_name (set->table, c));
  if (!has_levels (set->family[i]) || stands_alone (set->family[i]))
    return 0;
  if (nlevel > 2)
    {
      complain ("column '%s' has %zu different values; --binary needs two\n"
                "as categories: --categorical=%s",
                name, nlevel, list_item ("", elbo_table_name (set->table, c)));
      return EXIT_DATA;
    }
  if (nlevel == 2)
    note ("binary '%s': 0 is %s, 1 is %s", name, clean (elbo_table_level (set->table, c, 0)),
          clean (elbo_table_level (set->table, c, 1)));
  return 0;
}

/* Cells that the family of the column cannot make; all levels of the column are possible. */
static int
check_cells (const dataset *set, size_t i)
{
  const size_t c = set->source[i];
  return has_levels (set->family[i])
             ? 0
             : check_support (set->table, elbo_table_name (set->table, c), c, set->family[i], 0);
}

/* What is wrong with the columns. */
typedef struct
{
  word_list constant, cure;   /* columns that the user named, and how to leave them out */
  word_list scattered, other; /* categories of nearly as many levels as rows, and the rest */
  word_list idle;             /* why columns that nobody named are left out */
  char value[64];             /* of the last constant column */
  size_t count, nlevel;       /* its rows; levels of the last scattered column */
} screening;

static void
free_screening (screening *w)
{
  words_free (&w->constant);
  words_free (&w->cure);
  words_free (&w->scattered);
  words_free (&w->other);
  words_free (&w->idle);
}

/* A column of one value: an error where the user named it, else left out with a warning. */
static void
add_constant (const dataset *set, size_t i, const char *named, const elbo_column_summary *u,
              screening *w)
{
  const size_t c = set->source[i];
  const char *name = elbo_table_name (set->table, c);
  if (has_levels (set->family[i]))
    snprintf (w->value, sizeof w->value, "%.60s", clean (elbo_table_level (set->table, c, 0)));
  else
    snprintf (w->value, sizeof w->value, "%.15g", u->min);
  w->count = u->count;
  if (named[c])
    {
      char quoted[300];
      snprintf (quoted, sizeof quoted, "'%s'", clean (name));
      words_add (&w->constant, ", ", quoted);
      words_add (&w->cure, ",", list_item ("!", name));
      return;
    }
  char reason[400];
  snprintf (reason, sizeof reason, "'%s' is constant", clean (name));
  words_add (&w->idle, ", ", reason);
  warn ("column '%s' is constant (%s in all %zu rows): not used", clean (name), w->value, u->count);
}

/* Is a column of no use? */
static int
is_useless (const dataset *set, size_t i, const char *named, const elbo_column_summary *u,
            screening *w)
{
  const size_t c = set->source[i];
  const char *name = elbo_table_name (set->table, c);
  if (u->count && !(u->max > u->min))
    {
      add_constant (set, i, named, u, w);
      return 1;
    }
  if (!set->family[i]->structure || !u->numbering || named[c])
    return 0;
  char reason[400];
  snprintf (reason, sizeof reason, "'%s' numbers the rows", clean (name));
  words_add (&w->idle, ", ", reason);
  warn ("column '%s' numbers the rows (%g, %g, %g, ...): not used; to use it: --columns=%s,...",
        clean (name), u->min, u->min + 1, u->min + 2, list_item ("", name));
  return 1;
}

/* A category for nearly every row says nothing about the others. */
static void
judge_levels (const settings *s, const dataset *set, size_t i, screening *w)
{
  const size_t c = set->source[i], nrow = elbo_table_nrow (set->table);
  const size_t nlevel = elbo_table_nlevel (set->table, c);
  const size_t most = s->max_levels ? s->max_levels : nrow / 2 > 20 ? nrow / 2 : 20;
  const char *name = elbo_table_name (set->table, c);
  char text[300];
  if (!stands_alone (set->family[i]))
    return;
  if (nlevel <= most)
    {
      words_add (&w->other, ",", list_item ("", name));
      return;
    }
  snprintf (text, sizeof text, "'%s' (%zu)", clean (name), nlevel);
  words_add (&w->scattered, ", ", text);
  w->nlevel = nlevel > w->nlevel ? nlevel : w->nlevel;
}

/* Constant columns that were named; 0 or an exit code. */
static int
complain_constant (const settings *s, const screening *w)
{
  const char *how = s->columns ? "end the list of --columns with ," : "--columns=";
  if (w->constant.n == 0)
    return 0;
  if (w->constant.n == 1)
    complain ("column %s is constant (%s in all %zu rows)\nto leave it out: %s%s", w->constant.text,
              w->value, w->count, how, w->cure.text);
  else
    complain ("columns %s are constant\nto leave them out: %s%s", w->constant.text, how,
              w->cure.text);
  return EXIT_DATA;
}

static int
complain_scattered (const dataset *set, const screening *w)
{
  const size_t nrow = elbo_table_nrow (set->table);
  const char *rest = w->other.n ? "\nwithout: --categorical=" : "";
  if (w->scattered.n == 0)
    return 0;
  if (w->scattered.n == 1)
    complain ("column %.*s has %zu different values in %zu rows; as categories it would fit "
              "every row by itself (allow: --max-levels=%zu)%s%s",
              (int)(strrchr (w->scattered.text, ' ') - w->scattered.text), w->scattered.text,
              w->nlevel, nrow, w->nlevel, rest, w->other.n ? w->other.text : "");
  else
    complain ("columns %s have nearly as many different values as there are rows (%zu); as "
              "categories they would fit every row by itself (allow: --max-levels=%zu)%s%s",
              w->scattered.text, nrow, w->nlevel, rest, w->other.n ? w->other.text : "");
  return EXIT_DATA;
}

/* Keep the columns that are of use and tell what the others are. */
static int
sift_columns (const settings *s, dataset *set, const char *named, screening *w, char *code)
{
  size_t n = 0;
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      elbo_column_summary u;
      if (elbo_table_summary (set->table, set->source[i], &u))
        return complain_status ();
      if (is_useless (set, i, named, &u, w))
        continue;
      judge_levels (s, set, i, w);
      if (check_binary (set, i) || check_cells (set, i))
        return EXIT_DATA;
      code[n] = set->family[i]->structure ? (char)column_code (&u) : CODE_NONE;
      set->source[n] = set->source[i];
      set->family[n] = set->family[i];
      set->ngauss += set->family[n]->structure != NULL;
      n++;
    }
  set->ncolumn = n;
  return w->constant.failed || w->cure.failed || w->scattered.failed || w->other.failed
                 || w->idle.failed
             ? complain_memory ()
             : 0;
}

int
screen_columns (const settings *s, dataset *set, const char *named)
{
  screening w = { .nlevel = 0 };
  char *code = calloc (set->ncolumn + 1, 1);
  int status = code ? sift_columns (s, set, named, &w, code) : complain_memory ();
  if (!status)
    status = complain_constant (s, &w);
  if (!status)
    status = complain_scattered (set, &w);
  if (!status && !set->ncolumn)
    {
      complain ("%s: no column is left to model%s%s", elbo_table_file (set->table),
                w.idle.n ? ": " : "", w.idle.n ? w.idle.text : "");
      status = EXIT_DATA;
    }
  if (!status)
    status = report_codes (set, code);
  free_screening (&w);
  free (code);
  return status;
}
