/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --start=FILE: a model if the first byte is a brace, else a CSV with a header and one line for
   each data row of the input, dropped ones included: labels 1..K, or K responsibilities. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/input/input.h"

/* The responsibilities of the kept rows from the columns of the table. */
static int
take_cells (const elbo_table *table, const dataset *set, given_start *given)
{
  const size_t n = elbo_data_rows (set->data), ncomp = given->ncomp;
  const size_t ncolumn = elbo_table_ncolumn (table);
  for (size_t i = 0; i < n; i++)
    {
      const size_t row = elbo_table_number (set->table, i) - 1;
      double *resp = given->resp + i * ncomp, total = 0;
      for (size_t k = 0; k < ncolumn; k++)
        {
          const double v = elbo_table_value (table, row, k);
          if (ncolumn == 1 && ncomp > 1 && !(v >= 1 && v <= (double)ncomp && v == floor (v)))
            complain ("%s:%zu: %.15g is not a label 1..%zu", elbo_table_file (table),
                      elbo_table_line (table, row), v, ncomp);
          else if (!(v >= 0))
            complain ("%s:%zu: %.15g is not a responsibility", elbo_table_file (table),
                      elbo_table_line (table, row), v);
          else
            {
              total += v;
              if (ncolumn == 1 && ncomp > 1)
                resp[(size_t)v - 1] = total = 1;
              else
                resp[k] = v;
              continue;
            }
          return EXIT_DATA;
        }
      if (fabs (total - 1) > 1e-9)
        {
          complain ("%s:%zu: the responsibilities sum to %.12g, not to 1", elbo_table_file (table),
                    elbo_table_line (table, row), total);
          return EXIT_DATA;
        }
    }
  return 0;
}

static int
read_table (const char *path, const dataset *set, given_start *given)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  options.separator = ',';
  options.header = ELBO_HEADER_YES;
  options.missing = ELBO_MISSING_KEEP;
  elbo_table *table = elbo_table_open (path, &options);
  int status = EXIT_DATA;
  if (!table)
    {
      complain_status ();
      return status;
    }
  const size_t ncolumn = elbo_table_ncolumn (table);
  /* the last kept row tells how many lines there must be at least */
  const size_t rows = elbo_table_nrow (set->table) + elbo_table_ndropped (set->table);
  for (size_t k = 0; k < ncolumn; k++)
    elbo_table_set_role (table, k, ELBO_ROLE_NUMBER);
  if (elbo_table_read (table, 0))
    complain_status ();
  else if (ncolumn != 1 && ncolumn != given->ncomp)
    complain ("%s: %zu columns; one of labels or %zu of responsibilities are needed", path, ncolumn,
              given->ncomp);
  else if (elbo_table_nrow (table) != rows)
    complain ("%s: %zu rows where the data have %zu", path, elbo_table_nrow (table), rows);
  else if (!(given->resp = calloc (elbo_data_rows (set->data) * given->ncomp, sizeof *given->resp)))
    complain ("out of memory");
  else
    status = take_cells (table, set, given);
  elbo_table_free (table);
  return status;
}

/* A column with the categories of the data: their codes are the same only if their texts are. */
static int
compare_levels (const char *path, const elbo_column *model, const elbo_column *data)
{
  for (size_t l = 0; l < data->nlevel && l < model->nlevel; l++)
    if (strcmp (model->level[l], data->level[l]) != 0)
      {
        complain ("%s: column '%s': category %zu of the model is '%s', that of the data '%s'", path,
                  clean (data->name), l + 1, clean (model->level[l]), clean (data->level[l]));
        return EXIT_DATA;
      }
  return 0;
}

static int
read_model (const char *path, const dataset *set, given_start *given)
{
  elbo_record *record;
  given->model = elbo_model_load (path, &record);
  if (!given->model)
    return complain_status ();
  int status = 0;
  if (elbo_model_ncomp (given->model) != given->ncomp)
    {
      complain ("%s: a model of %zu components, but -k is %zu", path,
                elbo_model_ncomp (given->model), given->ncomp);
      status = EXIT_DATA;
    }
  for (size_t j = 0; j < set->ncolumn && !status; j++)
    if (record->ncolumn != set->ncolumn
        || strcmp (record->column[j]->name, set->column[j].name) != 0)
      {
        complain ("%s: column %zu of the model is not '%s'", path, j + 1,
                  clean (set->column[j].name));
        status = EXIT_DATA;
      }
    else
      status = compare_levels (path, record->column[j], &set->column[j]);
  elbo_record_free (record);
  return status;
}

int
given_start_read (const settings *s, const dataset *set, given_start *given)
{
  memset (given, 0, sizeof *given);
  if (strcmp (s->start, "kmeans++") == 0 || strcmp (s->start, "random") == 0)
    return 0;
  if (s->least != s->most || !s->range || s->covariance == COVARIANCE_AUTO)
    {
      complain ("--start=%s: a start from a file needs a single K and a single covariance",
                clean (s->start));
      return EXIT_USAGE;
    }
  piped_file file;
  int status = piped_open (&file, s->start);
  if (!status)
    {
      FILE *stream = fopen (piped_path (&file), "rb");
      const int first = stream ? getc (stream) : EOF;
      if (stream)
        fclose (stream);
      given->ncomp = s->least;
      given->ready = 1;
      status = first == '{' ? read_model (piped_path (&file), set, given)
                            : read_table (piped_path (&file), set, given);
    }
  piped_close (&file);
  return status;
}

/* Are the beliefs of two models of one kind, so that parameters can be copied? */
static int
alike (const elbo_model *a, const elbo_model *b)
{
  if (elbo_model_method (a) != elbo_model_method (b)
      || elbo_model_nblock (a) != elbo_model_nblock (b)
      || elbo_model_latent (a) != elbo_model_latent (b))
    return 0;
  for (size_t i = 0; i < elbo_model_nblock (a); i++)
    {
      const elbo_block *p = elbo_model_block (a, i), *q = elbo_model_block (b, i);
      if (p->family != q->family || p->column != q->column || p->dim != q->dim
          || p->level != q->level)
        return 0;
    }
  return 1;
}

static int
copy_parameters (const elbo_model *from, elbo_model *to)
{
  int status = GSL_SUCCESS;
  for (size_t f = 0; f <= elbo_model_nblock (from) && !status; f++)
    {
      const size_t size
          = elbo_field_total (elbo_model_belief (from, f)->param, elbo_model_shape (from, f));
      double *param = calloc (size + 1, sizeof *param);
      if (!param)
        return GSL_ENOMEM;
      elbo_model_param (from, f, param);
      status = elbo_model_set_param (to, f, param);
      free (param);
    }
  return status;
}

/* A model of another kind lends its responsibilities.  Its standardisation is put on the data for
   a moment; the prepared model takes them back. */
static int
borrow (given_start *given, elbo_model *prepared, const dataset *set)
{
  const size_t n = elbo_data_rows (set->data);
  given->resp = calloc (n * given->ncomp, sizeof *given->resp);
  int status = given->resp ? elbo_model_adopt (given->model, set->data) : GSL_ENOMEM;
  if (!status)
    status = elbo_predict_data (given->model, set->data, 0, given->resp, NULL);
  if (!status)
    status = elbo_model_adopt (prepared, set->data);
  return status;
}

int
given_start_use (given_start *given, elbo_model *prepared, const dataset *set,
                 elbo_search_options *options)
{
  int status = GSL_SUCCESS;
  options->kind = ELBO_START_GIVEN;
  options->given = NULL;
  options->starts = 1;
  if (given->model && alike (given->model, prepared))
    return copy_parameters (given->model, prepared);
  if (given->model && !given->resp)
    status = borrow (given, prepared, set);
  if (!status)
    {
      elbo_start_free (given->start);
      given->start
          = elbo_start_responsibilities (given->resp, elbo_data_rows (set->data), given->ncomp);
      status = given->start ? GSL_SUCCESS : elbo_message_status ();
    }
  options->given = given->start;
  return status;
}

void
given_start_free (given_start *given)
{
  elbo_start_free (given->start);
  elbo_model_free (given->model);
  free (given->resp);
}
