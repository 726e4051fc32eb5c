/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit leaves behind: the record, the model file, labels and the trace. */
#include <config.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gsl/gsl_version.h>
#include "vi-fit/run/run.h"

static char *
copy (const char *text)
{
  return text ? strdup (text) : NULL;
}

static char **
copy_list (char *const *text, size_t n)
{
  char **list = calloc (n + 1, sizeof *list);
  for (size_t i = 0; list && i < n; i++)
    if (!(list[i] = strdup (text[i])))
      return NULL;
  return list;
}

static const char *
reason (int status, const sweep *result)
{
  if (status == GSL_SUCCESS)
    return "tolerance";
  if (status == GSL_EMAXITER)
    return "iteration limit";
  if (status == ELBO_EFALL)
    return "the bound fell";
  return result->interrupted ? "interrupted" : "not known";
}

static int
record_columns (const dataset *set, elbo_record *record)
{
  record->column = calloc (set->ncolumn, sizeof *record->column);
  if (!record->column)
    return 1;
  record->ncolumn = set->ncolumn;
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      elbo_column *to = &record->column[i];
      const elbo_column *from = &set->column[i];
      to->mean = from->mean;
      to->sd = from->sd;
      if (!(to->name = copy (from->name)))
        return 1;
      if (from->nlevel && !(to->level = copy_list (from->level, from->nlevel)))
        return 1;
      to->nlevel = from->nlevel;
    }
  return 0;
}

static void
record_fit (const settings *s, const sweep *result, elbo_record *record)
{
  const candidate *c = &result->list[result->best];
  const elbo_outcome *best = &c->search.outcome[c->search.best];
  record->elbo = best->value;
  record->log_likelihood = c->search.log_likelihood;
  if (best->nrecord)
    memcpy (record->term, best->trace[best->nrecord - 1].term, sizeof record->term);
  record->converged = best->status == GSL_SUCCESS;
  record->interrupted = result->interrupted;
  record->iterations = best->iterations;
  record->start = c->offset + c->search.best + 1;
  record->starts = c->search.nstart;
  record->found_again = c->search.found_again;
  record->seed = s->seed;
  record->reason = copy (reason (best->status, result));
}

int
output_record (const settings *s, const dataset *set, const sweep *result, int argc, char **argv,
               elbo_record *record)
{
  const candidate *c = &result->list[result->best];
  const size_t ncomp = c->ncomp;
  const char *base = strrchr (argv[0], '/');
  char written[80];
  memset (record, 0, sizeof *record);
  snprintf (written, sizeof written, "vi-fit %s (GSL %s)", elbo_version (), gsl_version);
  record->written_by = copy (written);
  record->command = copy_list (argv, (size_t)argc);
  record->ncommand = (size_t)argc;
  if (record->command && base)
    memmove (record->command[0], base + 1, strlen (base + 1) + 1);
  record->data_file = copy (elbo_table_file (set->table));
  record->data_sha256 = *set->digest ? copy (set->digest) : NULL;
  record->rows = elbo_data_rows (set->data);
  record->rows_with_missing = elbo_table_nincomplete (set->table);
  record->weight = elbo_data_total (set->data);
  record->count = calloc (ncomp, sizeof *record->count);
  record->choice = calloc (result->n, sizeof *record->choice);
  record->warning = copy_list (warning_list (), warning_count ());
  record->nwarning = warning_count ();
  record_fit (s, result, record);
  if (!record->written_by || !record->command || !record->data_file || !record->count
      || !record->choice || !record->warning || !record->reason || record_columns (set, record))
    {
      complain ("out of memory");
      return EXIT_DATA;
    }
  memcpy (record->count, c->search.count, ncomp * sizeof *record->count);
  for (size_t i = 0; i < result->n; i++)
    if (result->list[i].search.model)
      record->choice[record->nchoice++] = result->list[i].choice;
  return 0;
}

int
write_file (const settings *s, const char *path, int (*fill) (FILE *, const void *),
            const void *arg)
{
  fflush (stdout); /* the path may name it */
  elbo_file *file = elbo_file_create (path, !s->no_clobber);
  if (!file)
    {
      complain_status ();
      return EXIT_DATA;
    }
  const int status = fill (elbo_file_stream (file), arg);
  if (status == GSL_SUCCESS || status == ELBO_EIO)
    {
      /* a failed write shows again here, with its reason */
      if (!elbo_file_commit (file))
        return 0;
    }
  else
    elbo_file_abandon (file);
  complain_status ();
  return EXIT_DATA;
}

/* Can a file be made here?  A device or a pipe is not opened: its reader would see an end. */
int
check_path (const settings *s, const char *path)
{
  struct stat old;
  if (stat (path, &old) == 0 && !S_ISREG (old.st_mode) && !S_ISDIR (old.st_mode))
    return 0;
  elbo_file *file = elbo_file_create (path, !s->no_clobber);
  if (!file)
    {
      complain_status ();
      return EXIT_DATA;
    }
  elbo_file_abandon (file);
  return 0;
}

int
output_check (const settings *s)
{
  static const char *const suffix[]
      = { ".model.json", ".labels.csv", ".trace.csv", ".svg", ".gp", ".dat", ".html" };
  const size_t nsuffix = sizeof suffix / sizeof *suffix;
  int status = 0;
  if (s->output)
    {
      const char *slash = strrchr (s->output, '/'), *base = slash ? slash + 1 : s->output;
      if (!*base || strcmp (base, ".") == 0 || strcmp (base, "..") == 0)
        {
          complain ("--output=%s: the beginning of the names of files is needed; try %s%srun",
                    clean (s->output), clean (s->output), *base ? "/" : "");
          return EXIT_USAGE;
        }
    }
  for (size_t i = 0; i < nsuffix && s->output && !status; i++)
    {
      if ((s->no_plot && i > 2 && i + 1 < nsuffix) || (!s->report && i + 1 == nsuffix))
        continue;
      char *path = joined (s->output, suffix[i]);
      status = path ? check_path (s, path) : EXIT_DATA;
      free (path);
    }
  return status || !s->trace ? status : check_path (s, s->trace);
}

typedef struct
{
  const elbo_model *model;
  const elbo_record *record;
} model_text;

static int
fill_model (FILE *stream, const void *arg)
{
  const model_text *text = arg;
  return elbo_model_write (stream, text->model, text->record);
}

int
output_model (const settings *s, const elbo_model *model, const elbo_record *record)
{
  const model_text text = { model, record };
  char *path = joined (s->output, ".model.json");
  const int status = path ? write_file (s, path, fill_model, &text) : EXIT_DATA;
  free (path);
  return status;
}

void
csv_cell (FILE *stream, const char *text)
{
  if (!strpbrk (text, ",\"\r\n"))
    {
      fputs (text, stream);
      return;
    }
  putc ('"', stream);
  for (; *text; text++)
    {
      if (*text == '"')
        putc ('"', stream);
      putc (*text, stream);
    }
  putc ('"', stream);
}

void
csv_number (FILE *stream, double value)
{
  char text[ELBO_NUMBER_TEXT];
  fwrite (text, 1, elbo_number_text (value, text), stream);
}

void
csv_scores (FILE *stream, size_t ncomp, const double *resp, double log_density)
{
  const size_t best = largest (resp, ncomp);
  fprintf (stream, "%zu,", best + 1);
  csv_number (stream, resp[best]);
  for (size_t k = 0; k < ncomp; k++)
    {
      putc (',', stream);
      csv_number (stream, resp[k]);
    }
  putc (',', stream);
  csv_number (stream, log_density);
}

typedef struct
{
  const dataset *set;
  scores *rows;
} label_text;

static void
label_row (FILE *stream, const dataset *set, const scores *rows, size_t i)
{
  const size_t row = rows->first + i;
  if (set->id != NONE)
    {
      csv_cell (stream, elbo_table_text (set->table, row, (size_t)set->id));
      putc (',', stream);
    }
  fprintf (stream, "%zu,", elbo_table_number (set->table, row));
  csv_scores (stream, rows->ncomp, rows->resp + i * rows->ncomp, rows->log_density[i]);
  putc ('\n', stream);
}

static int
fill_labels (FILE *stream, const void *arg)
{
  const label_text *t = arg;
  int more;
  if (t->set->id != NONE)
    {
      csv_cell (stream, elbo_table_name (t->set->table, (size_t)t->set->id));
      putc (',', stream);
    }
  fputs ("row,component,probability", stream);
  for (size_t k = 0; k < t->rows->ncomp; k++)
    fprintf (stream, ",p%zu", k + 1);
  fputs (",log_density\n", stream);
  scores_rewind (t->rows, 1);
  while ((more = scores_next (t->rows)) > 0)
    for (size_t i = 0; i < t->rows->n; i++)
      label_row (stream, t->set, t->rows, i);
  return more < 0 ? GSL_EFAILED : GSL_SUCCESS;
}

int
output_labels (const settings *s, const dataset *set, scores *rows)
{
  const label_text text = { set, rows };
  char *path = joined (s->output, ".labels.csv");
  const int status = path ? write_file (s, path, fill_labels, &text) : EXIT_DATA;
  free (path);
  return status;
}

static int
fill_trace (FILE *stream, const void *arg)
{
  const sweep *result = arg;
  int status = elbo_trace_write_header (stream);
  for (size_t i = 0; i < result->n && !status; i++)
    {
      const candidate *c = &result->list[i];
      for (size_t j = 0; j < c->search.nstart && !status; j++)
        status = elbo_trace_write (stream, c->ncomp, c->offset + j + 1, c->search.outcome[j].trace,
                                   c->search.outcome[j].nrecord);
    }
  return status;
}

int
output_trace (const settings *s, const sweep *result)
{
  int status = 0;
  if (s->output)
    {
      char *path = joined (s->output, ".trace.csv");
      status = path ? write_file (s, path, fill_trace, result) : EXIT_DATA;
      free (path);
    }
  if (!status && s->trace)
    status = write_file (s, s->trace, fill_trace, result);
  return status;
}
