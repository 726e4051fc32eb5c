/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of a fit, and the model file. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
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
  const candidate *c = sweep_chosen (result);
  const elbo_outcome *best = sweep_outcome (result);
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
record_make (const settings *s, const dataset *set, const sweep *result, elbo_record *record)
{
  const candidate *c = sweep_chosen (result);
  const size_t ncomp = c->ncomp;
  const char *base = strrchr (s->word[0], '/');
  char written[80];
  memset (record, 0, sizeof *record);
  snprintf (written, sizeof written, "vi-fit %s (GSL %s)", elbo_version (), gsl_version);
  record->written_by = copy (written);
  record->command = copy_list (s->word, s->nword);
  record->ncommand = s->nword;
  record->reading = reading_keep (s, &record->nreading);
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
  if (!record->written_by || !record->reading || !record->command || !record->data_file
      || !record->count || !record->choice || !record->warning || !record->reason
      || record_columns (set, record))
    return complain_memory ();
  memcpy (record->count, c->search.count, ncomp * sizeof *record->count);
  for (size_t i = 0; i < result->n; i++)
    if (result->list[i].search.model)
      record->choice[record->nchoice++] = result->list[i].choice;
  return 0;
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
record_save (const settings *s, const elbo_model *model, const elbo_record *record)
{
  const model_text text = { model, record };
  char *path = joined (s->output, ".model.json");
  const int status = path ? write_file (s, path, fill_model, &text) : EXIT_DATA;
  free (path);
  return status;
}
