/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a file to rows in memory: open, choose columns, read, screen, pack. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

elbo_table_options
table_options (const settings *s)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  if (s->separator)
    options.separator = s->separator[0];
  if (s->decimal == DECIMAL_COMMA)
    options.decimal = ',';
  if (s->na)
    options.na = s->na;
  options.header = (elbo_header)s->header;
  options.missing = s->missing == BAD_DROP ? ELBO_MISSING_DROP : ELBO_MISSING_ERROR;
  options.ragged_drop = s->ragged == BAD_DROP;
  options.threads = threads_used (s->threads);
  return options;
}

static void
set_roles (dataset *set)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      elbo_table_set_role (set->table, set->source[i],
                           has_levels (set->family[i]) ? ELBO_ROLE_LEVEL : ELBO_ROLE_NUMBER);
    }
  if (set->weight != NONE)
    elbo_table_set_role (set->table, (size_t)set->weight, ELBO_ROLE_NUMBER);
  if (set->id != NONE)
    elbo_table_set_role (set->table, (size_t)set->id, ELBO_ROLE_TEXT);
}

static int
read_rows (dataset *set)
{
  const elbo_table *table = set->table;
  elbo_table_want_digest (set->table);
  const int status = elbo_table_read (set->table, 0);
  if (status == ELBO_END && elbo_table_ndropped (table))
    complain ("%s: all %zu rows have missing cells", elbo_table_file (table),
              elbo_table_ndropped (table));
  else if (status)
    complain_status ();
  return status ? EXIT_DATA : 0;
}

void
warn_about_header (const elbo_table *table)
{
  const size_t numbers = elbo_table_header_numbers (table);
  if (2 * numbers > elbo_table_ncolumn (table))
    warn ("%s: %zu of %zu names in the header are numbers (%s, ...)\n"
          "if it is a row of data with a slip: --header=no; if it is a header: --header=yes",
          elbo_table_file (table), numbers, elbo_table_ncolumn (table),
          clean (elbo_table_name (table, 0)));
}

static void
report_rows (const dataset *set)
{
  const elbo_table *table = set->table;
  const char separator = elbo_table_separator (table);
  const size_t dropped = elbo_table_ndropped (table), ragged = elbo_table_nragged (table);
  const char one[] = { separator, '\0' };
  const size_t nrow = elbo_table_nrow (table);
  if (separator)
    note ("%s: %zu row%s, separator '%s', %s", elbo_table_file (table), nrow, plural (nrow),
          separator == '\t' ? "TAB" : one,
          elbo_table_has_header (table) ? "header found" : "no header");
  else
    note ("%s: %zu row%s of a NumPy array", elbo_table_file (table), nrow, plural (nrow));
  warn_about_header (table);
  if (ragged)
    warn ("%zu line%s with a wrong number of fields left out", ragged, ragged == 1 ? "" : "s");
  if (dropped)
    warn ("%zu row%s with missing cells left out (%.1f %%)", dropped, dropped == 1 ? "" : "s",
          100 * (double)dropped / (double)(dropped + elbo_table_nrow (table)));
}

/* "using 2 numeric columns: eruptions, waiting; no missing values" */
static void
report_columns (const dataset *set)
{
  char text[400] = "";
  size_t used = 0, end;
  for (size_t first = 0; first < set->ncolumn && used <= 300; first = end)
    {
      for (end = first; end < set->ncolumn && set->family[end] == set->family[first];)
        end++;
      used += (size_t)snprintf (text + used, sizeof text - used,
                                "%s%zu %s column%s:", used ? "; " : "", end - first,
                                kind_word (set->family[first]), plural (end - first));
      for (size_t i = first; i < end && used < 300; i++)
        {
          const int fits = used < 250;
          used += (size_t)snprintf (
              text + used, sizeof text - used, "%s %.60s", i > first ? "," : "",
              fits ? clean (elbo_table_name (set->table, set->source[i])) : "...");
          if (!fits)
            break;
        }
    }
  note ("using %s%s", text, elbo_table_ndropped (set->table) ? "" : "; no missing values");
}

static char **
copy_levels (const elbo_table *table, size_t column)
{
  const size_t n = elbo_table_nlevel (table, column);
  char **level = calloc (n + 1, sizeof *level);
  for (size_t l = 0; level && l < n; l++)
    if (!(level[l] = strdup (elbo_table_level (table, column, l))))
      {
        while (l-- > 0)
          free (level[l]);
        free (level);
        return NULL;
      }
  return level;
}

/* Is the text UTF-8?  Overlong forms and surrogates are not. */
static int
is_utf8 (const char *text)
{
  const unsigned char *c = (const unsigned char *)text;
  while (*c)
    {
      const size_t more = *c < 0x80 ? 0 : *c < 0xc2 ? 9 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;
      if (more == 9 || *c > 0xf4)
        return 0;
      for (size_t i = 1; i <= more; i++)
        if ((c[i] & 0xc0) != 0x80)
          return 0;
      if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) || (*c == 0xf0 && c[1] < 0x90)
          || (*c == 0xf4 && c[1] > 0x8f))
        return 0;
      c += more + 1;
    }
  return 1;
}

/* Names and categories go into the model file, which is UTF-8. */
static int
check_texts (const dataset *set)
{
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      const elbo_column *column = &set->column[i];
      const char *bad = is_utf8 (column->name) ? NULL : column->name;
      for (size_t l = 0; l < column->nlevel && !bad; l++)
        bad = is_utf8 (column->level[l]) ? NULL : column->level[l];
      if (!bad)
        continue;
      complain ("%s: column '%s': \"%s\" is not UTF-8; if it is Latin-1: iconv -f LATIN1 -t UTF-8 "
                "%s | vi-fit -",
                elbo_table_file (set->table), clean (column->name), clean (bad),
                shell_quoted (elbo_table_file (set->table)));
      return EXIT_DATA;
    }
  return 0;
}

/* Names and levels, before the cells move; the moments after it. */
static int
describe_columns (dataset *set)
{
  set->column = calloc (set->ncolumn, sizeof *set->column);
  for (size_t i = 0; set->column && i < set->ncolumn; i++)
    {
      elbo_column *column = &set->column[i];
      const size_t c = set->source[i];
      column->name = strdup (elbo_table_name (set->table, c));
      column->sd = 1;
      if (has_levels (set->family[i]))
        {
          column->level = copy_levels (set->table, c);
          column->nlevel = column->level ? elbo_table_nlevel (set->table, c) : 0;
          if (!column->level)
            return EXIT_DATA;
        }
      if (!column->name)
        return EXIT_DATA;
    }
  return set->column ? 0 : EXIT_DATA;
}

/* Is the covariance one number for each pair of columns, so that relations matter? */
static int
has_pairs (const settings *s, const dataset *set)
{
  return set->ngauss > 1 && s->covariance != COVARIANCE_DIAG
         && s->covariance != COVARIANCE_SPHERICAL;
}

/* A covariance without a prior needs more rows than columns: too few rows lie in a plane, and each
   column is then a combination of others. */
static int
check_rank (const settings *s, const dataset *set)
{
  if (chosen_method (s) != ELBO_ML || s->covariance != COVARIANCE_FULL || !set->ngauss
      || elbo_ranks_distinct (set->ranks) > set->ngauss)
    return 0;
  complain ("%zu distinct row%s cannot support a full covariance of %zu column%s; use -m vb or "
            "--covariance=diag",
            elbo_ranks_distinct (set->ranks), plural (elbo_ranks_distinct (set->ranks)),
            set->ngauss, plural (set->ngauss));
  return EXIT_DATA;
}

/* A relation between the Gaussian columns: 1, 0 or -1 as collinear_find says. */
static int
find_relation (const dataset *set, size_t *dependent, word_list *text)
{
  const size_t n = set->ngauss;
  double *correlation = calloc (n * n + 2 * n, sizeof *correlation);
  const char **name = calloc (n, sizeof *name);
  int found = correlation && name ? 1 : -1;
  for (size_t j = 0; j < n && found > 0; j++)
    name[j] = set->column[j].name;
  /* a relation of all rows is one of a part of them: most data are cleared by a part */
  size_t stride = 1 + elbo_data_rows (set->data) / 20000;
  for (int pass = 0; pass < 2 && found > 0; pass++)
    {
      double *mean = correlation + n * n, *sd = mean + n;
      const relation_columns of = { name, mean, sd };
      const int failed = correlation_matrix (set->data, n, stride, correlation, mean, sd);
      words_free (text);
      *text = (word_list){ 0 };
      found = failed > 0 ? 0 : failed;
      if (!failed)
        found = collinear_find (n, &of, correlation, dependent, text);
      pass += stride == 1;
      stride = 1;
    }
  free (correlation);
  free (name);
  return found;
}

/* Linear relations: an error where the covariance has no prior. */
static int
check_collinear (const settings *s, const dataset *set)
{
  size_t dependent = 0;
  word_list text = { 0 };
  if (!has_pairs (s, set))
    return 0;
  const int found = find_relation (set, &dependent, &text);
  int status = found < 0 ? complain_memory () : 0;
  if (found > 0 && chosen_method (s) == ELBO_ML && s->covariance != COVARIANCE_AUTO)
    {
      complain ("%s: %s covariance cannot be estimated\n"
                "drop one (--columns=%s) or use --covariance=diag",
                text.text, elbo_covariance_name (chosen_family (s->covariance)),
                list_item ("!", set->column[dependent].name));
      status = EXIT_DATA;
    }
  else if (found > 0)
    warn ("%s", text.text);
  words_free (&text);
  return status;
}

/* Squares of deviations must be numbers: columns of 1e150 or of 1e-150 need another unit. */
static int
check_range (const dataset *set)
{
  for (size_t i = 0; i < set->ngauss; i++)
    {
      const elbo_column *column = &set->column[i];
      if (isfinite (column->mean) && column->sd < 1e140 && column->sd > 1e-140)
        continue;
      complain ("column '%s': its values spread by %.2g, out of the range 1e-140 .. 1e140; use "
                "another unit",
                clean (column->name), column->sd);
      return EXIT_DATA;
    }
  return 0;
}

static int
pack (const settings *s, dataset *set)
{
  const size_t weight = set->weight == NONE ? (size_t)-1 : (size_t)set->weight;
  if (describe_columns (set))
    return complain_memory ();
  if (check_texts (set))
    return EXIT_DATA;
  set->data = elbo_table_take (set->table, set->source, set->ncolumn, weight);
  if (!set->data || !(set->ranks = elbo_ranks_alloc (set->data)))
    return complain_status ();
  for (size_t i = 0; i < set->ngauss; i++)
    elbo_data_moments (set->data, i, &set->column[i].mean, &set->column[i].sd);
  int status = check_range (set);
  if (!status)
    status = check_rank (s, set);
  return status ? status : check_collinear (s, set);
}

int
dataset_read (const settings *s, dataset *set)
{
  const elbo_table_options options = table_options (s);
  memset (set, 0, sizeof *set);
  set->table = elbo_table_open (s->noperand ? s->operand[0] : "-", &options);
  if (!set->table)
    return complain_status ();
  char *named = calloc (elbo_table_ncolumn (set->table), 1);
  int status = named ? choose_columns (s, set, named) : complain_memory ();
  if (!status && s->prior && !prior_is_named (s))
    status = piped_open (&set->prior, s->prior);
  if (!status)
    {
      set_roles (set);
      status = read_rows (set);
    }
  if (!status)
    {
      report_rows (set);
      if (elbo_table_digest (set->table, set->digest))
        set->digest[0] = '\0';
      status = screen_columns (s, set, named);
    }
  free (named);
  if (status)
    return status;
  report_columns (set);
  return pack (s, set);
}

void
dataset_free (dataset *set)
{
  for (size_t i = 0; set->column && i < set->ncolumn; i++)
    {
      free (set->column[i].name);
      for (size_t l = 0; set->column[i].level && l < set->column[i].nlevel; l++)
        free (set->column[i].level[l]);
      free (set->column[i].level);
    }
  free (set->column);
  free (set->source);
  free (set->family);
  piped_close (&set->prior);
  elbo_ranks_free (set->ranks);
  elbo_data_free (set->data);
  elbo_table_free (set->table);
}
