/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says of its components, as rows of numbers: the report, the page and the lesson show
   the same ones. */
#include <config.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

enum
{
  MOST_CORRELATED = 6 /* columns up to which correlations are shown */
};

static const char table_mean[] = "mean", table_deviation[] = "standard deviation",
                  table_correlation[] = "correlation";

/* --- texts ----------------------------------------------------------------------------------- */

/* Digits after the point so that `error` shows two significant ones. */
static int
decimals (double error)
{
  const double n = 1 - floor (log10 (error));
  return n < 0 ? 0 : n > 12 ? 12 : (int)n;
}

/* Is a number of this precision readable without an exponent? */
static int
is_plain (double value, double error)
{
  return error >= 1e-6 && error < 1e15 && fabs (value) < 1e15;
}

/* A value with the digits that its error leaves it, but no more than doubles have. */
static void
to_precision (char *text, size_t size, double value, double error)
{
  const double place = value != 0 ? floor (log10 (fabs (value))) : floor (log10 (error));
  if (is_plain (value, error))
    {
      const int most = place > 0 ? 15 - (int)place : 15, n = decimals (error);
      snprintf (text, size, "%.*f", n < most ? n : most, value);
    }
  else
    {
      const double n = place - floor (log10 (error)) + 1;
      snprintf (text, size, "%.*e", n < 1 ? 1 : n > 15 ? 15 : (int)n, value);
    }
}

/* "value +- error". */
static void
with_error (char *text, size_t size, double value, double error)
{
  char number[40];
  if (!isfinite (error))
    {
      snprintf (text, size, "%.6g", value);
      return;
    }
  to_precision (number, sizeof number, value, error);
  if (is_plain (value, error))
    snprintf (text, size, "%s +- %.*f", number, decimals (error), error);
  else
    snprintf (text, size, "%s +- %.1e", number, error);
}

/* Three significant digits, as a plain number where that is readable. */
static void
three_digits (char *text, size_t size, double value)
{
  const double far = fabs (value);
  if (far >= 1e-4 && far < 1e7)
    snprintf (text, size, "%.*f", far < 1000 ? decimals (far) + 1 : 0, value);
  else
    snprintf (text, size, far > 0 ? "%.2e" : "%g", value);
}

const char *
fixed_text (double value, int digits, char text[CELL_TEXT])
{
  snprintf (text, CELL_TEXT, fabs (value) < 1e15 ? "%.*f" : "%.*e", digits, value);
  return text;
}

int
table_text (const table_row *row, size_t k, char text[CELL_TEXT])
{
  const double value = row->value[k], error = row->error ? row->error[k] : NAN;
  if (error > 0)
    with_error (text, CELL_TEXT, value, error);
  else if (error < 0)
    to_precision (text, CELL_TEXT, value, -error);
  else if (row->digits < 0)
    three_digits (text, CELL_TEXT, value);
  else
    fixed_text (value, row->digits, text);
  return (int)strlen (text);
}

int
table_heads (const number_table *t, size_t i)
{
  const char *heading = t->row[i].heading;
  return heading && (!i || t->row[i - 1].heading != heading);
}

/* --- rows ------------------------------------------------------------------------------------ */

/* A new row; NULL without memory. */
static table_row *
add_row (number_table *t, table_kind kind, const char *heading, const char *name, int digits)
{
  table_row *more = realloc (t->row, (t->nrow + 1) * sizeof *more);
  if (!more)
    return NULL;
  t->row = more;
  table_row *row = &more[t->nrow++];
  *row = (table_row){ .kind = kind, .heading = heading, .digits = digits };
  row->name = strdup (name);
  row->value = calloc (t->ncomp, sizeof *row->value);
  row->error = calloc (t->ncomp, sizeof *row->error);
  return row->name && row->value && row->error ? row : NULL;
}

static int
add_weights (number_table *t, const elbo_model *model, const elbo_record *record)
{
  char text[48];
  table_row *row = add_row (t, TABLE_WEIGHT, NULL, "weight", 3);
  if (!row)
    return GSL_ENOMEM;
  elbo_model_weights (model, row->value);
  for (size_t k = 0; k < t->ncomp; k++)
    row->error[k] = weight_error (model, k);
  if (record->count)
    {
      snprintf (text, sizeof text, "rows (of %.10g)", record->weight);
      if (!(row = add_row (t, TABLE_ROWS, NULL, text, 1)))
        return GSL_ENOMEM;
      memcpy (row->value, record->count, t->ncomp * sizeof *row->value);
    }
  t->nweight = t->nrow;
  return GSL_SUCCESS;
}

/* Means with their errors, or to a tenth of the standard deviation, and the deviations. */
static int
add_columns (number_table *t, const elbo_model *model, size_t b, elbo_column *const *column,
             const double *covariance)
{
  const size_t dim = elbo_model_block (model, b)->dim;
  size_t extent[3];
  const double *mean = block_field (model, b, "mean", extent);
  for (size_t i = 0; i < 2 * dim; i++)
    {
      const size_t j = i % dim;
      const int deviation = i >= dim;
      table_row *row = add_row (t, deviation ? TABLE_DEVIATION : TABLE_MEAN,
                                deviation ? table_deviation : table_mean, column[j]->name, -1);
      if (!row)
        return GSL_ENOMEM;
      row->block = b;
      row->column = j;
      for (size_t k = 0; k < t->ncomp; k++)
        {
          const double sd = sqrt (covariance[(k * dim + j) * dim + j]);
          const double error = deviation ? 0 : mean_error (model, b, k, j);
          row->value[k] = deviation ? sd : mean[k * dim + j];
          row->error[k] = deviation || error > 0 ? error : -sd / 10;
        }
    }
  return GSL_SUCCESS;
}

static int
add_correlations (number_table *t, size_t dim, elbo_column *const *column, const double *covariance)
{
  for (size_t i = 0; i < dim; i++)
    for (size_t j = i + 1; j < dim; j++)
      {
        char text[240];
        snprintf (text, sizeof text, "%.110s,%.110s", clean (column[i]->name),
                  clean (column[j]->name));
        table_row *row = add_row (t, TABLE_CORRELATION, table_correlation, text, 3);
        if (!row)
          return GSL_ENOMEM;
        for (size_t k = 0; k < t->ncomp; k++)
          {
            const double *c = covariance + k * dim * dim;
            row->value[k] = c[i * dim + j] / sqrt (c[i * dim + i]) / sqrt (c[j * dim + j]);
          }
      }
  return GSL_SUCCESS;
}

static int
add_gauss (number_table *t, const elbo_model *model, size_t b, elbo_column *const *column,
           size_t most_correlated)
{
  const elbo_block *block = elbo_model_block (model, b);
  const int alone = block->family == elbo_gauss_diag || block->family == elbo_gauss_iso;
  double *covariance = covariances (model, b);
  int status = covariance ? add_columns (t, model, b, column, covariance) : GSL_ENOMEM;
  if (!status && !alone && block->dim <= most_correlated)
    status = add_correlations (t, block->dim, column, covariance);
  else if (!alone)
    t->nhidden = block->dim * (block->dim - 1) / 2;
  free (covariance);
  return status;
}

/* One row of a column that is not Gaussian, or of its level l. */
static int
add_expected (number_table *t, const elbo_model *model, size_t b, size_t j, size_t l,
              const elbo_column *column)
{
  const elbo_family *family = elbo_model_block (model, b)->family;
  const int levels = family == elbo_categorical, counts = family == elbo_poisson;
  char text[240];
  if (levels)
    snprintf (text, sizeof text, "%.200s", l < column->nlevel ? column->level[l] : "?");
  else if (!counts && column->nlevel == 2)
    snprintf (text, sizeof text, "%.110s = %.110s", clean (column->name), clean (column->level[1]));
  else
    snprintf (text, sizeof text, "%s%.200s", counts ? "mean of " : "", clean (column->name));
  table_row *row = add_row (t, TABLE_EXPECTED, levels ? column->name : NULL, text, counts ? -1 : 3);
  for (size_t k = 0; row && k < t->ncomp; k++)
    row->value[k] = expected (model, b, k, j, l);
  return row ? GSL_SUCCESS : GSL_ENOMEM;
}

static int
add_discrete (number_table *t, const elbo_model *model, size_t b, elbo_column *const *column)
{
  const elbo_block *block = elbo_model_block (model, b);
  int status = GSL_SUCCESS;
  for (size_t j = 0; j < block->dim; j++)
    for (size_t l = 0; l < (block->level ? block->level : 1) && !status; l++)
      status = add_expected (t, model, b, j, l, column[j]);
  return status;
}

static int
make (number_table *t, const elbo_model *model, const elbo_record *record, size_t most_correlated)
{
  *t = (number_table){ .ncomp = elbo_model_ncomp (model) };
  int status = add_weights (t, model, record);
  for (size_t b = 0; b < elbo_model_nblock (model) && !status; b++)
    {
      const elbo_block *block = elbo_model_block (model, b);
      elbo_column *const *column = record->column + block->column;
      status = elbo_covariance_name (block->family)
                   ? add_gauss (t, model, b, column, most_correlated)
                   : add_discrete (t, model, b, column);
    }
  return status;
}

int
table_make (number_table *t, const elbo_model *model, const elbo_record *record)
{
  return make (t, model, record, MOST_CORRELATED);
}

int
table_make_all (number_table *t, const elbo_model *model, const elbo_record *record)
{
  return make (t, model, record, SIZE_MAX);
}

void
table_free (number_table *t)
{
  for (size_t i = 0; i < t->nrow; i++)
    {
      free (t->row[i].name);
      free (t->row[i].value);
      free (t->row[i].error);
    }
  free (t->row);
}
