/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit predict: CSV in, CSV out.  Columns are matched by name in any order and kept word for
   word; a chunk of rows is in memory at a time. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

enum
{
  CHUNK = 65536
};

typedef struct
{
  const settings *s;
  elbo_model *model;
  elbo_record *record;
  elbo_table *table;
  size_t ncomp, ncolumn;         /* ncolumn: of the model */
  size_t *source;                /* [ncolumn] column of the table */
  double threshold;              /* log density of an outlier; NAN: none asked for */
  double *resp, *log_density;    /* of the rows of a chunk */
  size_t nrow, noutlier, *label; /* so far; label [ncomp] */
  size_t nimpossible;            /* rows that no component allows */
  double sum;
} job;

/* One item OLD:NEW of --rename; returns where the next one begins, or NULL after the last. */
static const char *
next_rename (const char *list, char *old, char *new, size_t size)
{
  const size_t length = strcspn (list, ","), colon = strcspn (list, ":");
  old[0] = new[0] = '\0';
  if (colon < length)
    {
      snprintf (old, size, "%.*s", (int)colon, list);
      snprintf (new, size, "%.*s", (int)(length - colon - 1), list + colon + 1);
    }
  return list[length] ? list + length + 1 : NULL;
}

/* How many columns of the data have a name; *column becomes the first. */
static size_t
count_columns (const job *j, const char *name, size_t *column)
{
  size_t found = 0;
  for (size_t c = 0; c < elbo_table_ncolumn (j->table); c++)
    if (strcmp (elbo_table_name (j->table, c), name) == 0 && !found++)
      *column = c;
  return found;
}

/* Every item of --rename must say something: OLD a column of the data, NEW one of the model. */
static int
check_renames (const job *j)
{
  const char *list = j->s->rename;
  const size_t size = list ? strlen (list) + 1 : 1;
  char *old = malloc (2 * size), *new = old + size;
  int status = old ? 0 : complain_memory ();
  while (list && !status)
    {
      size_t c, i = 0;
      list = next_rename (list, old, new, size);
      while (i < j->ncolumn && strcmp (j->record->column[i]->name, new) != 0)
        i++;
      status = EXIT_USAGE;
      if (!*old || !*new)
        complain ("--rename=%s: OLD:NEW is needed", clean (j->s->rename));
      else if (i == j->ncolumn)
        complain ("--rename=%s:%s: the model has no column '%s'", clean (old), clean (new),
                  clean (new));
      else if (count_columns (j, old, &c) == 0)
        complain ("--rename=%s:%s: %s has no column '%s'", clean (old), clean (new),
                  elbo_table_file (j->table), clean (old));
      else
        status = 0;
    }
  free (old);
  return status;
}

/* The column of the data that stands for a column of the model: --rename first, and what was
   renamed no longer answers to its old name.  Returns how many there are. */
static size_t
find_source (const job *j, const char *name, size_t *column)
{
  const char *list = j->s->rename;
  const size_t size = list ? strlen (list) + 1 : 1;
  char *old = malloc (2 * size), *new = old + size;
  size_t found = 0;
  int moved = 0;
  while (list && old && !found)
    {
      list = next_rename (list, old, new, size);
      if (strcmp (new, name) == 0)
        found = count_columns (j, old, column);
      moved |= strcmp (old, name) == 0;
    }
  free (old);
  return found || moved ? found : count_columns (j, name, column);
}

/* Message 19: which column of the model is not there, and what may be meant. */
static int
missing_column (const job *j, const char *name)
{
  const size_t n = elbo_table_ncolumn (j->table);
  const char **list = calloc (n, sizeof *list);
  char found[200] = "";
  size_t used = 0, near = n;
  if (list)
    {
      for (size_t c = 0; c < n; c++)
        {
          list[c] = elbo_table_name (j->table, c);
          if (used < 120)
            used += (size_t)snprintf (found + used, sizeof found - used, "%s%.60s", c ? ", " : "",
                                      clean (list[c]));
        }
      near = closest_word (name, list, n);
      /* "wait" for "waiting": the beginning of a name counts as close */
      for (size_t c = 0; c < n && near == n; c++)
        if (strlen (list[c]) >= 3
            && (strncmp (list[c], name, strlen (list[c])) == 0
                || strncmp (list[c], name, strlen (name)) == 0))
          near = c;
    }
  if (near < n && strcmp (list[near], name) == 0)
    near = n; /* it is there, but renamed */
  const char *file = elbo_table_file (j->table);
  const int numpy = elbo_table_separator (j->table) == '\0';
  char pair[300];
  snprintf (pair, sizeof pair, "%.140s:%.140s", near < n ? list[near] : "", name);
  if (near < n)
    complain ("%s: column '%s' of the model is missing from the data (found: %s); did you mean "
              "'%s'? use --rename=%s",
              file, clean (name), found, clean (list[near]), shell_quoted (pair));
  else
    complain ("%s: column '%s' of the model is missing from the data (found: %s)%s%s%s", file,
              clean (name), found, numpy ? "; names stand in " : "", numpy ? file : "",
              numpy ? ".names, one a line" : "");
  free (list);
  return EXIT_DATA;
}

/* All cells are kept word for word; those of the model are read as well. */
static int
need_columns (const job *j)
{
  int status = GSL_SUCCESS;
  for (size_t c = 0; c < elbo_table_ncolumn (j->table); c++)
    elbo_table_set_role (j->table, c, ELBO_ROLE_TEXT);
  for (size_t i = 0; i < j->ncolumn && status == GSL_SUCCESS; i++)
    {
      const elbo_column *column = j->record->column[i];
      for (size_t k = 0; k < i; k++)
        if (j->source[k] == j->source[i] && (column->nlevel || j->record->column[k]->nlevel))
          {
            complain ("%s: column '%s' cannot stand for two columns of the model, '%s' and '%s'",
                      elbo_table_file (j->table), clean (elbo_table_name (j->table, j->source[i])),
                      clean (j->record->column[k]->name), clean (column->name));
            return EXIT_DATA;
          }
      status = elbo_table_need (j->table, j->source[i], (const char *const *)column->level,
                                column->nlevel, j->s->new_levels == BAD_DROP);
    }
  if (status == GSL_SUCCESS)
    return 0;
  complain_status ();
  return EXIT_DATA;
}

static int
match_columns (job *j)
{
  const int status = check_renames (j);
  for (size_t i = 0; i < j->ncolumn && !status; i++)
    {
      const char *name = j->record->column[i]->name;
      const size_t found = find_source (j, name, &j->source[i]);
      if (found == 0)
        return missing_column (j, name);
      if (found == 1)
        continue;
      complain ("%s: two columns are named '%s'", elbo_table_file (j->table),
                clean (elbo_table_name (j->table, j->source[i])));
      return EXIT_DATA;
    }
  return status ? status : need_columns (j);
}

/* Cells that the family of their column cannot make: counts and codes without names. */
static int
check_cells (const job *j)
{
  for (size_t b = 0; b < elbo_model_nblock (j->model); b++)
    {
      const elbo_block *block = elbo_model_block (j->model, b);
      for (size_t i = block->column; i < block->column + block->dim; i++)
        if (check_support (j->table, j->record->column[i]->name, j->source[i], block->family,
                           block->level))
          return EXIT_DATA;
    }
  return 0;
}

static void
print_header (const job *j)
{
  for (size_t c = 0; c < elbo_table_ncolumn (j->table); c++)
    {
      csv_cell (stdout, elbo_table_name (j->table, c));
      putchar (',');
    }
  csv_added (j->table, j->ncomp, isfinite (j->threshold));
}

static void
print_rows (const job *j, size_t n)
{
  for (size_t r = 0; r < n; r++)
    {
      for (size_t c = 0; c < elbo_table_ncolumn (j->table); c++)
        {
          csv_cell (stdout, elbo_table_text (j->table, r, c));
          putchar (',');
        }
      csv_scores (stdout, j->ncomp, j->resp + r * j->ncomp, j->log_density[r]);
      if (isfinite (j->threshold))
        printf (",%d", j->log_density[r] < j->threshold);
      putchar ('\n');
    }
}

/* Score the rows of a data set, which is freed; 0 or an exit code. */
static int
score (const job *j, elbo_data *data, double *resp, double *log_density)
{
  int status = data ? elbo_model_adopt (j->model, data) : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    status = elbo_predict_data (j->model, data, threads_used (j->s->threads), resp, log_density);
  elbo_data_free (data);
  if (status == GSL_SUCCESS)
    return 0;
  return complain_status ();
}

static int
ascending (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The P point of the log density of the model's own samples, of which enough are drawn for a
   hundred to lie below it. */
static int
find_threshold (job *j)
{
  const double p = j->s->outliers;
  const size_t n = p < 1e-4 ? 1000000 : p > 0.01 ? 10000 : (size_t)(100 / p);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  double *x = calloc (j->ncolumn, sizeof *x), *density = calloc (n, sizeof *density);
  elbo_data *data = elbo_data_alloc (n, j->ncolumn);
  int status = rng && x && density && data ? GSL_SUCCESS : GSL_ENOMEM;
  if (status != GSL_SUCCESS)
    complain ("out of memory");
  else
    gsl_rng_set (rng, j->s->seed);
  for (size_t r = 0; r < n && status == GSL_SUCCESS; r++)
    {
      status = elbo_sample (j->model, rng, x, NULL);
      for (size_t i = 0; i < j->ncolumn && status == GSL_SUCCESS; i++)
        elbo_data_put (data, r, i, x[i]);
      if (status != GSL_SUCCESS)
        complain_status ();
    }
  if (status == GSL_SUCCESS)
    status = score (j, data, NULL, density);
  else
    elbo_data_free (data);
  if (status == GSL_SUCCESS)
    {
      qsort (density, n, sizeof *density, ascending);
      j->threshold = density[(size_t)(p * (double)n)];
    }
  if (rng)
    gsl_rng_free (rng);
  free (x);
  free (density);
  return status == GSL_SUCCESS ? 0 : EXIT_DATA;
}

static int
predict_chunk (job *j)
{
  const size_t n = elbo_table_nrow (j->table);
  int status = check_cells (j);
  if (!status)
    status = score (j, elbo_table_take (j->table, j->source, j->ncolumn, (size_t)-1), j->resp,
                    j->log_density);
  if (status)
    return status;
  for (size_t r = 0; r < n; r++)
    {
      const double *resp = j->resp + r * j->ncomp;
      const size_t best = largest (resp, j->ncomp);
      if (resp[best] > 0)
        j->label[best]++;
      else
        j->nimpossible++;
      j->sum += j->log_density[r];
      j->noutlier += j->log_density[r] < j->threshold;
    }
  j->nrow += n;
  if (!j->s->summary)
    print_rows (j, n);
  return 0;
}

static int
predict_all (job *j)
{
  int status = 0, done = 0;
  if (!j->s->summary)
    print_header (j);
  while (!status && !done)
    {
      const int read = elbo_table_read (j->table, CHUNK);
      done = read == ELBO_END;
      if (read == GSL_SUCCESS)
        status = predict_chunk (j);
      else if (!done)
        status = complain_status ();
    }
  if (status)
    return status;
  const size_t dropped = elbo_table_ndropped (j->table);
  if (dropped)
    note ("%zu row%s left out", dropped, dropped == 1 ? "" : "s");
  if (j->nimpossible)
    note ("%zu row%s that no component allows: no label", j->nimpossible, plural (j->nimpossible));
  if (j->s->summary)
    {
      printf ("rows              %zu\n", j->nrow);
      if (j->nrow)
        printf ("mean log density  %.10g\n", j->sum / (double)j->nrow);
      for (size_t k = 0; k < j->ncomp; k++)
        printf ("component %-7zu %zu\n", k + 1, j->label[k]);
      if (j->nimpossible)
        printf ("no component      %zu\n", j->nimpossible);
      if (isfinite (j->threshold))
        printf ("outliers          %zu\n", j->noutlier);
    }
  return EXIT_DONE;
}

/* Is the first byte of a file that of a model? */
static int
begins_like_model (const char *path)
{
  FILE *stream = fopen (path, "rb");
  const int first = stream ? getc (stream) : EOF;
  if (stream)
    fclose (stream);
  return first == '{';
}

/* What is no model may stand in the place of the one that follows it. */
static int
complain_model (const settings *s)
{
  complain_status ();
  if (s->noperand > 1 && !begins_like_model (s->operand[0]) && begins_like_model (s->operand[1]))
    complain ("the model comes first: vi-fit predict %s %s", shell_quoted (s->operand[1]),
              shell_quoted (s->operand[0]));
  return EXIT_DATA;
}

static int
prepare (job *j)
{
  elbo_table_options options = table_options (j->s);
  j->model = elbo_model_load (j->s->operand[0], &j->record);
  if (!j->model)
    return complain_model (j->s);
  j->table = elbo_table_open (j->s->noperand > 1 ? j->s->operand[1] : "-", &options);
  if (!j->table)
    return complain_status ();
  j->ncomp = elbo_model_ncomp (j->model);
  j->ncolumn = j->record->ncolumn;
  j->threshold = NAN;
  j->source = calloc (j->ncolumn, sizeof *j->source);
  j->label = calloc (j->ncomp, sizeof *j->label);
  j->resp = calloc (CHUNK, j->ncomp * sizeof *j->resp);
  j->log_density = calloc (CHUNK, sizeof *j->log_density);
  if (j->source && j->label && j->resp && j->log_density)
    return match_columns (j);
  return complain_memory ();
}

int
cmd_predict (const settings *s)
{
  job j = { .s = s };
  int status = 0;
  if (isfinite (s->outliers) && s->outliers >= 1)
    {
      complain ("--outliers=%g: a probability below 1 is needed", s->outliers);
      return EXIT_USAGE;
    }
  status = prepare (&j);
  if (!status && isfinite (s->outliers))
    status = find_threshold (&j);
  if (!status)
    status = predict_all (&j);
  free (j.source);
  free (j.label);
  free (j.resp);
  free (j.log_density);
  elbo_table_free (j.table);
  elbo_record_free (j.record);
  elbo_model_free (j.model);
  return status;
}
