/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of the rows, a portion at a time, so that n x K numbers never stand in memory at once.
   They are made by the model as its file says it: what `predict` prints is what labels.csv holds. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/run/run.h"

enum
{
  PORTION = 64 * ELBO_TILE
};

/* The model written to memory and read back, so that what predicts here is what the file says. */
static elbo_model *
reload (const elbo_model *model, const elbo_record *record)
{
  char *text = NULL;
  size_t size = 0;
  elbo_model *again = NULL;
  FILE *stream = open_memstream (&text, &size);
  int status = stream ? elbo_model_write (stream, model, record) : GSL_ENOMEM;
  if (stream)
    fclose (stream);
  if (!status && (stream = fmemopen (text, size, "r")))
    {
      again = elbo_model_read (stream, "the model", NULL);
      fclose (stream);
    }
  free (text);
  return again;
}

int
scores_open (scores *rows, const elbo_model *model, const elbo_record *record, const dataset *set,
             int threads)
{
  *rows = (scores){ .data = set->data, .threads = threads, .ncomp = elbo_model_ncomp (model) };
  rows->model = reload (model, record);
  rows->resp = calloc (PORTION, rows->ncomp * sizeof *rows->resp);
  rows->log_density = calloc (PORTION, sizeof *rows->log_density);
  if (rows->model && rows->resp && rows->log_density
      && elbo_model_adopt (rows->model, set->data) == GSL_SUCCESS)
    return 0;
  return rows->model ? complain_memory () : complain_status ();
}

void
scores_rewind (scores *rows, int densities)
{
  rows->first = rows->n = 0;
  rows->densities = densities;
}

int
scores_next (scores *rows)
{
  const size_t all = elbo_data_rows (rows->data);
  rows->first += rows->n;
  rows->n = all - rows->first < PORTION ? all - rows->first : PORTION;
  if (rows->n == 0)
    return 0;
  if (elbo_predict_part (rows->model, rows->data, rows->first, rows->n, rows->threads, rows->resp,
                         rows->densities ? rows->log_density : NULL)
      == GSL_SUCCESS)
    return 1;
  complain_status ();
  return -1;
}

void
scores_close (scores *rows)
{
  elbo_model_free (rows->model);
  free (rows->resp);
  free (rows->log_density);
}

size_t
largest (const double *resp, size_t ncomp)
{
  size_t best = 0;
  for (size_t k = 1; k < ncomp; k++)
    if (resp[k] > resp[best])
      best = k;
  return best;
}
