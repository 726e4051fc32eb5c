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
  size_t ncomp, ncolumn; /* ncolumn: of the model */
  size_t *source;        /* [ncolumn] column of the table */
  double *limit;         /* [ncolumn] codes and counts are whole and below this; 0: any number */
  double threshold;      /* log density of an outlier; NAN: none asked for */
  double *resp, *log_density;              /* of the rows of a chunk */
  double *x;                               /* [rows of a chunk x ncolumn] */
  size_t *row;                             /* [rows of a chunk] rows of the table that are scored */
  size_t nrow, ndropped, noutlier, *label; /* so far; label [ncomp] */
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
  int status = old ? 0 : EXIT_DATA;
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
  char pair[300];
  snprintf (pair, sizeof pair, "%.140s:%.140s", near < n ? list[near] : "", name);
  if (near < n)
    complain ("%s: column '%s' of the model is missing from the data (found: %s); did you mean "
              "'%s'? use --rename=%s",
              file, clean (name), found, clean (list[near]), shell_quoted (pair));
  else
    complain ("%s: column '%s' of the model is missing from the data (found: %s)", file,
              clean (name), found);
  free (list);
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
  for (size_t c = 0; c < elbo_table_ncolumn (j->table); c++)
    elbo_table_set_role (j->table, c, ELBO_ROLE_TEXT);
  return status;
}

/* Is the cell one of the marks of a missing value? */
static int
is_missing (const settings *s, const char *text, size_t length)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  const char *list = s->na ? s->na : options.na;
  if (length == 0)
    return 1;
  for (; list; list = strchr (list, ',') ? strchr (list, ',') + 1 : NULL)
    if (strcspn (list, ",") == length && strncmp (list, text, length) == 0)
      return 1;
  return 0;
}

/* A decimal number and nothing else: no hexadecimal, no words. */
static int
read_number (const settings *s, const char *text, size_t length, double *value)
{
  char own[400], *end;
  if (length == 0 || length >= sizeof own || strspn (text, "0123456789+-.,eE") < length)
    return 0;
  memcpy (own, text, length);
  own[length] = '\0';
  const char decimal = s->decimal == DECIMAL_COMMA ? ',' : '.';
  if (strchr (own, decimal == '.' ? ',' : '.'))
    return 0;
  if (decimal == ',' && strchr (own, ','))
    *strchr (own, ',') = '.';
  *value = strtod (own, &end);
  return !*end && isfinite (*value);
}

/* The code of a category: the same text, or the same number written otherwise. */
static int
read_level (const settings *s, const elbo_column *column, const char *text, size_t length,
            double *value)
{
  double number, other;
  for (size_t l = 0; l < column->nlevel; l++)
    if (strlen (column->level[l]) == length && strncmp (column->level[l], text, length) == 0)
      {
        *value = (double)l;
        return 1;
      }
  if (read_number (s, text, length, &number))
    for (size_t l = 0; l < column->nlevel; l++)
      if (read_number (s, column->level[l], strlen (column->level[l]), &other) && other == number)
        {
          *value = (double)l;
          return 1;
        }
  return 0;
}

/* Read one cell; 0, 1 when the row is to be left out, or -1 with the message said. */
static int
read_cell (const job *j, size_t row, size_t i, double *value)
{
  const elbo_column *column = j->record->column[i];
  const char *text = elbo_table_text (j->table, row, j->source[i]);
  const char *file = elbo_table_file (j->table);
  const size_t line = elbo_table_line (j->table, row);
  text += strspn (text, " \t");
  size_t length = strlen (text);
  while (length && strchr (" \t", text[length - 1]))
    length--;
  if (column->nlevel && read_level (j->s, column, text, length, value))
    return 0;
  if (is_missing (j->s, text, length))
    {
      if (j->s->missing == BAD_DROP)
        return 1;
      complain ("%s:%zu: column '%s': missing value \"%s\"\nto leave such rows out: --missing=drop",
                file, line, clean (column->name), clean (text));
      return -1;
    }
  if (column->nlevel)
    {
      if (j->s->new_levels == BAD_DROP)
        return 1;
      complain ("%s:%zu: column '%s': level '%s' was not in the training data\n"
                "to leave such rows out: --new-levels=drop",
                file, line, clean (column->name), clean (text));
      return -1;
    }
  if (read_number (j->s, text, length, value))
    {
      if (j->limit[i] == 0 || (*value >= 0 && *value == floor (*value) && *value < j->limit[i]))
        return 0;
      complain ("%s:%zu: column '%s': %.15g is not a %s", file, line, clean (column->name), *value,
                isfinite (j->limit[i]) ? "category of the model" : "count 0, 1, 2, ...");
      return -1;
    }
  settings other = *j->s;
  other.decimal = j->s->decimal == DECIMAL_COMMA ? DECIMAL_POINT : DECIMAL_COMMA;
  if (read_number (&other, text, length, value))
    complain ("%s:%zu: column '%s': \"%s\" looks like a decimal %s; use --decimal=%s", file, line,
              clean (column->name), clean (text),
              other.decimal == DECIMAL_COMMA ? "comma" : "point",
              other.decimal == DECIMAL_COMMA ? "," : ".");
  else
    complain ("%s:%zu: column '%s': \"%s\" is not a number\nif it marks a missing value: --na=%s",
              file, line, clean (column->name), clean (text), list_item ("", text));
  return -1;
}

/* The cells of the model's columns; returns how many rows are kept, or (size_t) -1. */
static size_t
read_chunk (job *j)
{
  const size_t n = elbo_table_nrow (j->table);
  size_t kept = 0;
  for (size_t r = 0; r < n; r++)
    {
      int verdict = 0;
      for (size_t i = 0; i < j->ncolumn && !verdict; i++)
        verdict = read_cell (j, r, i, &j->x[kept * j->ncolumn + i]);
      if (verdict < 0)
        return (size_t)-1;
      j->ndropped += verdict == 1;
      if (!verdict)
        j->row[kept++] = r;
    }
  return kept;
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
          csv_cell (stdout, elbo_table_text (j->table, j->row[r], c));
          putchar (',');
        }
      csv_scores (stdout, j->ncomp, j->resp + r * j->ncomp, j->log_density[r]);
      if (isfinite (j->threshold))
        printf (",%d", j->log_density[r] < j->threshold);
      putchar ('\n');
    }
}

/* Score rows [n x ncolumn]; 0 or an exit code. */
static int
score (const job *j, const double *x, size_t n, double *resp, double *log_density)
{
  elbo_data *data = elbo_data_alloc (n, j->ncolumn);
  int status = data ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t r = 0; r < n && !status; r++)
    for (size_t i = 0; i < j->ncolumn; i++)
      elbo_data_put (data, r, i, x[r * j->ncolumn + i]);
  if (!status)
    status = elbo_model_adopt (j->model, data);
  if (!status)
    status = elbo_predict_data (j->model, data, threads_used (j->s->threads), resp, log_density);
  elbo_data_free (data);
  if (!status)
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
  double *x = calloc (n * j->ncolumn, sizeof *x), *density = calloc (n, sizeof *density);
  int status = rng && x && density ? 0 : EXIT_DATA;
  if (status)
    complain ("out of memory");
  else
    gsl_rng_set (rng, j->s->seed);
  for (size_t r = 0; r < n && !status; r++)
    if (elbo_sample (j->model, rng, x + r * j->ncolumn, NULL))
      status = complain_status ();
  if (!status)
    status = score (j, x, n, NULL, density);
  if (!status)
    {
      qsort (density, n, sizeof *density, ascending);
      j->threshold = density[(size_t)(p * (double)n)];
    }
  if (rng)
    gsl_rng_free (rng);
  free (x);
  free (density);
  return status;
}

static int
predict_chunk (job *j)
{
  const size_t n = read_chunk (j);
  if (n == (size_t)-1)
    return EXIT_DATA;
  if (n == 0)
    return 0;
  const int status = score (j, j->x, n, j->resp, j->log_density);
  if (status)
    return status;
  for (size_t r = 0; r < n; r++)
    {
      j->label[largest (j->resp + r * j->ncomp, j->ncomp)]++;
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
  if (j->ndropped)
    note ("%zu row%s left out", j->ndropped, j->ndropped == 1 ? "" : "s");
  if (j->s->summary)
    {
      printf ("rows              %zu\n", j->nrow);
      if (j->nrow)
        printf ("mean log density  %.10g\n", j->sum / (double)j->nrow);
      for (size_t k = 0; k < j->ncomp; k++)
        printf ("component %-7zu %zu\n", k + 1, j->label[k]);
      if (isfinite (j->threshold))
        printf ("outliers          %zu\n", j->noutlier);
    }
  return EXIT_DONE;
}

/* What the families of the model can take. */
static void
set_limits (job *j)
{
  for (size_t b = 0; b < elbo_model_nblock (j->model); b++)
    {
      const elbo_block *block = elbo_model_block (j->model, b);
      for (size_t i = block->column; i < block->column + block->dim; i++)
        j->limit[i] = block->family == elbo_poisson       ? INFINITY
                      : block->family == elbo_bernoulli   ? 2
                      : block->family == elbo_categorical ? (double)block->level
                                                          : 0;
    }
}

static int
prepare (job *j)
{
  elbo_table_options options = table_options (j->s);
  j->model = elbo_model_load (j->s->operand[0], &j->record);
  if (!j->model)
    return complain_status ();
  j->table = elbo_table_open (j->s->noperand > 1 ? j->s->operand[1] : "-", &options);
  if (!j->table)
    return complain_status ();
  j->ncomp = elbo_model_ncomp (j->model);
  j->ncolumn = j->record->ncolumn;
  j->threshold = NAN;
  j->source = calloc (j->ncolumn, sizeof *j->source);
  j->limit = calloc (j->ncolumn, sizeof *j->limit);
  j->label = calloc (j->ncomp, sizeof *j->label);
  j->row = calloc (CHUNK, sizeof *j->row);
  j->x = calloc (CHUNK, j->ncolumn * sizeof *j->x);
  j->resp = calloc (CHUNK, j->ncomp * sizeof *j->resp);
  j->log_density = calloc (CHUNK, sizeof *j->log_density);
  if (j->limit)
    set_limits (j);
  if (j->source && j->limit && j->label && j->row && j->x && j->resp && j->log_density)
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
  free (j.limit);
  free (j.label);
  free (j.row);
  free (j.x);
  free (j.resp);
  free (j.log_density);
  elbo_table_free (j.table);
  elbo_record_free (j.record);
  elbo_model_free (j.model);
  return status;
}
