/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit plot: pictures of a model file, its data and its trace. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vi-fit/command/command.h"

typedef struct
{
  const settings *s;
  elbo_model *model;
  elbo_record *record;
  settings how; /* to read the data with */
  dataset set;
  scores rows;
  trace_list trace;
  subject subject;
  char *prefix, *data, *trace_file; /* names of files; suffix: of the picture */
  const char *suffix;
} job;

/* The text without its end, where it has this end; to be freed. */
static char *
without (const char *text, const char *end)
{
  const size_t n = strlen (text), m = strlen (end);
  return strndup (text, n > m && strcmp (text + n - m, end) == 0 ? n - m : n);
}

/* Where the picture and its trace are: beside the model unless the user says otherwise. */
static int
name_files (job *j)
{
  char *prefix = without (j->s->operand[0], ".model.json");
  const char *out = j->s->output;
  j->suffix = ".svg";
  if (!prefix)
    return complain_memory ();
  j->trace_file = j->s->trace ? strdup (j->s->trace) : joined (prefix, ".trace.csv");
  if (!out)
    {
      j->prefix = prefix;
      return 0;
    }
  free (prefix);
  return picture_name (out, &j->prefix, &j->suffix);
}

/* The file of the data: the operand, or what the model names, or that beside the model. */
static int
find_data (job *j)
{
  const char *named = j->record->data_file;
  if (j->s->noperand > 1)
    j->data = strdup (j->s->operand[1]);
  else if (named && access (named, R_OK) == 0)
    j->data = strdup (named);
  else if (named)
    {
      const char *slash = strrchr (j->s->operand[0], '/'), *base = strrchr (named, '/');
      char *folder = slash ? strndup (j->s->operand[0], (size_t)(slash + 1 - j->s->operand[0]))
                           : strdup ("");
      char *beside = folder ? joined (folder, base ? base + 1 : named) : NULL;
      free (folder);
      if (beside && access (beside, R_OK) == 0)
        j->data = beside;
      else
        free (beside);
    }
  return j->data != NULL;
}

/* Map the levels of a column of the data to those of the model; code [n], NAN where the model has
   no such level. */
static double *
level_codes (const elbo_table *table, size_t c, const elbo_column *column)
{
  const size_t n = elbo_table_nlevel (table, c);
  double *code = calloc (n + 1, sizeof *code);
  for (size_t l = 0; code && l < n; l++)
    {
      code[l] = NAN;
      for (size_t m = 0; m < column->nlevel; m++)
        if (strcmp (elbo_table_level (table, c, l), column->level[m]) == 0)
          code[l] = (double)m;
    }
  return code;
}

/* Copy column i of the model; cells that the model cannot take get weight 0 and any value. */
static int
copy_column (job *j, const elbo_table *table, size_t i)
{
  const elbo_column *column = j->record->column[i];
  const size_t c = j->set.source[i];
  double *code = column->nlevel ? level_codes (table, c, column) : NULL;
  if (column->nlevel && !code)
    return complain_memory ();
  for (size_t r = 0; r < elbo_table_nrow (table); r++)
    {
      double v = elbo_table_value (table, r, c);
      if (code)
        v = code[(size_t)v];
      if (isnan (v))
        elbo_data_put_weight (j->set.data, r, 0);
      elbo_data_put (j->set.data, r, i, isnan (v) ? 0 : v);
    }
  free (code);
  return 0;
}

static int
match_columns (job *j, elbo_table *table)
{
  size_t weight = 0;
  j->set.weight = NONE;
  for (size_t i = 0; i < j->record->ncolumn; i++)
    {
      if (elbo_table_find (table, j->record->column[i]->name, &j->set.source[i]))
        return complain_status ();
      elbo_table_set_role (table, j->set.source[i],
                           j->record->column[i]->nlevel ? ELBO_ROLE_LEVEL : ELBO_ROLE_NUMBER);
    }
  if (!j->how.weights)
    return 0;
  const int status = column_one (table, "--weights=", j->how.weights, &weight);
  j->set.weight = (long)weight;
  if (!status)
    elbo_table_set_role (table, weight, ELBO_ROLE_NUMBER);
  return status;
}

static int
take_rows (job *j, const elbo_table *table)
{
  int status = 0;
  j->set.data = elbo_data_alloc (elbo_table_nrow (table), j->record->ncolumn);
  if (!j->set.data)
    return complain_status ();
  for (size_t r = 0; j->set.weight != NONE && r < elbo_table_nrow (table) && !status; r++)
    if (elbo_data_put_weight (j->set.data, r, elbo_table_value (table, r, (size_t)j->set.weight)))
      status = complain_status ();
  for (size_t i = 0; i < j->record->ncolumn && !status; i++)
    status = copy_column (j, table, i);
  if (!status)
    status = scores_open (&j->rows, j->model, j->record, &j->set, (int)j->s->threads);
  return status ? status : subject_rows (&j->subject, &j->rows);
}

static int
read_data (job *j)
{
  const elbo_table_options options = table_options (&j->how);
  char digest[65] = "";
  j->set.table = elbo_table_open (j->data, &options);
  j->set.source = calloc (j->record->ncolumn + 1, sizeof *j->set.source);
  int status = !j->set.table    ? complain_status ()
               : !j->set.source ? complain_memory ()
                                : match_columns (j, j->set.table);
  if (status)
    return status;
  elbo_table_want_digest (j->set.table);
  if (elbo_table_read (j->set.table, 0))
    return complain_status ();
  if (j->record->data_sha256 && !elbo_table_digest (j->set.table, digest)
      && strcmp (digest, j->record->data_sha256) != 0)
    note ("%s: not the data that the model was fitted to", clean (j->data));
  return take_rows (j, j->set.table);
}

/* What the picture needs of data and trace; what it can do without is looked for quietly. */
static int
gather (job *j, picture_kind kind)
{
  const int rows = kind == PICTURE_FIT || kind == PICTURE_SCATTER || kind == PICTURE_UNCERTAINTY;
  const int trace = kind >= PICTURE_TRACE && kind <= PICTURE_TERMS;
  int status = 0;
  if (rows && find_data (j))
    status = read_data (j);
  else if (rows && kind != PICTURE_FIT)
    {
      complain ("the data of the model, '%s', are not there; name the file: %s %s FILE",
                j->record->data_file ? clean (j->record->data_file) : "unnamed", program_name,
                shell_quoted (j->s->operand[0]));
      status = EXIT_DATA;
    }
  if (!status
      && (trace
          || (kind == PICTURE_FIT && j->trace_file
              && (j->s->trace || access (j->trace_file, R_OK) == 0))))
    {
      status = traces_read (j->trace_file, &j->trace);
      j->subject.trace = &j->trace;
    }
  return status;
}

static int
draw (job *j)
{
  /* the words of --kind are the kinds from the second on */
  const picture_kind kind
      = j->s->steps ? PICTURE_STEPS : (picture_kind)(PICTURE_SCATTER + j->s->kind);
  int ran, status = name_files (j);
  if (status)
    return status;
  if (j->s->frames && kind != PICTURE_STEPS)
    {
      complain ("--frames needs --steps");
      return EXIT_USAGE;
    }
  if (!(j->model = elbo_model_load (j->s->operand[0], &j->record)))
    return complain_status ();
  j->subject.model = j->model;
  j->subject.record = j->record;
  /* the data are read as the fit read them, unless this command line says otherwise */
  reading_recall (&j->how, j->record->reading, j->record->nreading);
  j->how.missing = BAD_DROP;
  if ((status = gather (j, kind)))
    return status;
  const char *lack = picture_lacks (kind, &j->subject);
  if (lack)
    {
      complain ("%s: %s", clean (j->s->operand[0]), lack);
      return EXIT_DATA;
    }
  if (j->s->frames)
    {
      const char *suffix = j->s->output ? j->suffix : ".png";
      status = frames_save (&j->subject, j->s->frames, suffix, !j->s->no_clobber);
      if (status || !j->s->output)
        return status;
    }
  status = picture_save (kind, &j->subject, j->prefix, j->suffix, !j->s->no_clobber, &ran);
  return picture_tell (status, ran, j->prefix, j->suffix);
}

int
cmd_plot (const settings *s)
{
  job j = { .s = s, .how = *s };
  const int status = draw (&j);
  subject_free (&j.subject);
  scores_close (&j.rows);
  traces_free (&j.trace);
  dataset_free (&j.set);
  elbo_record_free (j.record);
  elbo_model_free (j.model);
  free (j.prefix);
  free (j.data);
  free (j.trace_file);
  return status;
}
