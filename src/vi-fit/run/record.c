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
      {
        while (i-- > 0)
          free (list[i]);
        free (list);
        return NULL;
      }
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
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      elbo_column *to = elbo_record_add_column (record);
      const elbo_column *from = &set->column[i];
      if (!to)
        return 1;
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
  const size_t nrecord = elbo_outcome_records (best);
  record->elbo = elbo_search_value (c->search);
  record->log_likelihood = elbo_search_log_likelihood (c->search);
  if (nrecord)
    memcpy (record->term, elbo_outcome_record (best, nrecord - 1)->term,
            record->nterm * sizeof *record->term);
  record->converged = elbo_outcome_status (best) == GSL_SUCCESS;
  record->interrupted = result->interrupted;
  record->iterations = elbo_outcome_iterations (best);
  record->start = c->offset + elbo_search_best (c->search) + 1;
  record->starts = c->choice.runs;
  record->found_again = c->choice.found_again;
  record->seed = s->seed;
  record->reason = copy (reason (elbo_outcome_status (best), result));
}

static int
record_choices (const sweep *result, elbo_record *record)
{
  for (size_t i = 0; i < result->n; i++)
    if (elbo_search_model (result->list[i].search))
      {
        elbo_choice *choice = elbo_record_add_choice (record);
        if (!choice)
          return 1;
        *choice = result->list[i].choice;
      }
  return 0;
}

int
record_make (const settings *s, const dataset *set, const sweep *result, elbo_record **made)
{
  elbo_record *record = *made = elbo_record_alloc ();
  if (!record)
    return complain_memory ();
  const candidate *c = sweep_chosen (result);
  const size_t ncomp = c->ncomp;
  const char *base = strrchr (s->word[0], '/');
  char written[80];
  snprintf (written, sizeof written, "vi-fit %s (GSL %s)", elbo_version (), gsl_version);
  record->written_by = copy (written);
  record->command = copy_list (s->word, s->nword);
  record->ncommand = record->command ? s->nword : 0;
  record->reading = reading_keep (s, &record->nreading);
  if (record->command && base)
    memmove (record->command[0], base + 1, strlen (base + 1) + 1);
  record->data_file = copy (elbo_table_file (set->table));
  record->data_sha256 = *set->digest ? copy (set->digest) : NULL;
  record->rows = elbo_data_rows (set->data);
  record->rows_with_missing = elbo_table_nincomplete (set->table);
  record->weight = elbo_data_total (set->data);
  record->count = calloc (ncomp, sizeof *record->count);
  record->warning = copy_list (warning_list (), warning_count ());
  record->nwarning = record->warning ? warning_count () : 0;
  record_fit (s, result, record);
  if (!record->written_by || !record->reading || !record->command || !record->data_file
      || !record->count || !record->warning || !record->reason || record_columns (set, record)
      || record_choices (result, record))
    return complain_memory ();
  memcpy (record->count, elbo_search_counts (c->search), ncomp * sizeof *record->count);
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
