/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows with their components, as CSV: what predict prints and the file of labels. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/run/run.h"

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
  /* a row that no component allows has none */
  if (resp[best] > 0)
    {
      fprintf (stream, "%zu,", best + 1);
      csv_number (stream, resp[best]);
    }
  else
    putc (',', stream);
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
labels_save (const settings *s, const dataset *set, scores *rows)
{
  const label_text text = { set, rows };
  char *path = joined (s->output, ".labels.csv");
  const int status = path ? write_file (s, path, fill_labels, &text) : EXIT_DATA;
  free (path);
  return status;
}
