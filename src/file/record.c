/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model file says beside the model. */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"
#include "study/study.h"

elbo_record *
elbo_record_alloc (void)
{
  elbo_record *record = elbo_calloc (1, sizeof *record);
  double *term = elbo_calloc (ELBO_NTERM, sizeof *term);
  if (record && term)
    {
      record->term = term;
      record->nterm = ELBO_NTERM;
      return record;
    }
  free (record);
  free (term);
  return NULL;
}

void
elbo_record_free (elbo_record *record)
{
  if (!record)
    return;
  free (record->written_by);
  elbo_texts_free (record->command, record->ncommand);
  free (record->data_file);
  free (record->data_sha256);
  elbo_texts_free (record->reading, record->nreading);
  for (size_t j = 0; j < record->ncolumn; j++)
    {
      free (record->column[j]->name);
      elbo_texts_free (record->column[j]->level, record->column[j]->nlevel);
      free (record->column[j]);
    }
  free (record->column);
  free (record->term);
  free (record->reason);
  free (record->count);
  for (size_t i = 0; i < record->nchoice; i++)
    free (record->choice[i]);
  free (record->choice);
  elbo_texts_free (record->warning, record->nwarning);
  free (record);
}

/* A list of pointers, longer by one. */
static void *
longer (void *list, size_t n)
{
  void *larger = realloc (list, (n + 1) * sizeof (void *));
  if (!larger)
    elbo_fail (GSL_ENOMEM, "out of memory: a list of %zu", n + 1);
  return larger;
}

elbo_column *
elbo_record_add_column (elbo_record *record)
{
  if (!record)
    {
      elbo_fail (GSL_EFAULT, "a column is added to a record, not to a null pointer");
      return NULL;
    }
  elbo_column **list = longer (record->column, record->ncolumn);
  elbo_column *one = list ? elbo_calloc (1, sizeof *one) : NULL;
  if (list)
    record->column = list;
  if (one)
    list[record->ncolumn++] = one;
  return one;
}

elbo_choice *
elbo_record_add_choice (elbo_record *record)
{
  if (!record)
    {
      elbo_fail (GSL_EFAULT, "a choice is added to a record, not to a null pointer");
      return NULL;
    }
  elbo_choice **list = longer (record->choice, record->nchoice);
  elbo_choice *one = list ? elbo_calloc (1, sizeof *one) : NULL;
  if (list)
    record->choice = list;
  if (one)
    list[record->nchoice++] = one;
  return one;
}

char *
elbo_text_copy (const char *text)
{
  char *copy = strdup (text);
  if (!copy)
    elbo_fail (GSL_ENOMEM, "out of memory: a text of %zu bytes", strlen (text));
  return copy;
}

int
elbo_record_columns (elbo_record *record, const elbo_model *model)
{
  for (size_t d = record->ncolumn; d < model->dim; d++)
    {
      char name[32];
      elbo_column *column = elbo_record_add_column (record);
      snprintf (name, sizeof name, "V%zu", d + 1);
      if (!column || !(column->name = elbo_text_copy (name)))
        return GSL_ENOMEM;
      column->mean = model->mean[d];
      column->sd = model->sd[d];
    }
  return GSL_SUCCESS;
}

static const char *
reason_of (int status)
{
  return status == GSL_SUCCESS    ? "tolerance"
         : status == GSL_EMAXITER ? "iteration limit"
         : status == ELBO_ESTOP   ? "interrupted"
                                  : "the bound fell";
}

static int
set_record (const elbo_search *search, elbo_record *record)
{
  const elbo_outcome *best = elbo_search_outcome (search, elbo_search_best (search));
  const elbo_model *model = elbo_search_model (search);
  const size_t ncomp = elbo_model_ncomp (model), nrecord = elbo_outcome_records (best);
  const int status = elbo_outcome_status (best);
  char text[64];
  snprintf (text, sizeof text, "libelbo %s", elbo_version ());
  record->written_by = elbo_text_copy (text);
  record->reason = elbo_text_copy (reason_of (status));
  record->count = elbo_doubles (ncomp);
  if (!record->written_by || !record->reason || !record->count)
    return GSL_ENOMEM;
  memcpy (record->count, elbo_search_counts (search), ncomp * sizeof *record->count);
  record->rows = elbo_data_rows (search->data);
  record->weight = elbo_data_total (search->data);
  record->elbo = elbo_search_value (search);
  record->log_likelihood = elbo_search_log_likelihood (search);
  if (nrecord > 0)
    memcpy (record->term, elbo_outcome_record (best, nrecord - 1)->term,
            ELBO_NTERM * sizeof *record->term);
  record->converged = status == GSL_SUCCESS;
  record->interrupted = status == ELBO_ESTOP;
  record->iterations = elbo_outcome_iterations (best);
  record->start = elbo_search_best (search) + 1;
  record->starts = elbo_search_starts (search);
  record->found_again = elbo_search_found_again (search);
  record->seed = search->options.seed;
  return elbo_record_columns (record, model);
}

elbo_record *
elbo_record_of (const elbo_search *search)
{
  if (!elbo_search_model (search))
    {
      elbo_fail (search ? GSL_EINVAL : GSL_EFAULT, "a record needs a search that has a model");
      return NULL;
    }
  elbo_record *record = elbo_record_alloc ();
  if (record && set_record (search, record) == GSL_SUCCESS)
    return record;
  elbo_record_free (record);
  return NULL;
}
