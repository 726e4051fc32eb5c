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

/* A field of the view of a block on its way to the table. */
typedef struct
{
  const elbo_model *model;
  const elbo_field *field;
  elbo_column *const *column; /* of the block */
  size_t block, dim, level;
  int alone;     /* the only number about its columns: no heading for it */
  double *value; /* [K x size] */
} seen;

/* Add component by component what stands at place `at` of the field. */
static table_row *
add_seen (number_table *t, const seen *f, table_kind kind, size_t at, const char *heading,
          const char *name, int digits)
{
  table_row *row = add_row (t, kind, heading, name, digits);
  const size_t size = elbo_field_size (f->field, elbo_model_shape (f->model, 1 + f->block));
  if (!row)
    return NULL;
  row->block = f->block;
  row->column = at % f->dim;
  for (size_t k = 0; k < t->ncomp; k++)
    row->value[k] = f->value[k * size + at];
  return row;
}

/* What a row about one column is called: it may stand for the second of two levels. */
static void
name_column (const seen *f, size_t j, char text[240])
{
  const elbo_column *column = f->column[j];
  if (!f->alone)
    snprintf (text, 240, "%.200s", column->name);
  else if (column->nlevel == 2)
    snprintf (text, 240, "%.110s = %.110s", clean (column->name), clean (column->level[1]));
  else if (has_levels (elbo_model_block (f->model, f->block)->family))
    snprintf (text, 240, "%.200s", clean (column->name));
  else
    snprintf (text, 240, "%s of %.200s", f->field->doc, clean (column->name));
}

/* Places with their errors, or to a tenth of the standard deviation. */
static int
add_errors (number_table *t, const seen *f, size_t first)
{
  const size_t length = view_find (f->model, f->block, ELBO_LENGTH, 1);
  double *error = places (f->model, f->block, VIEW_ERROR);
  double *sd = length == NOT_SEEN ? NULL : view_take (f->model, f->block, length, VIEW_VALUE);
  const int status = error && (sd || length == NOT_SEEN) ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t i = 0; i < t->ncomp * f->dim && status == GSL_SUCCESS; i++)
    t->row[first + i % f->dim].error[i / f->dim] = error[i] > 0 ? error[i] : sd ? -sd[i] / 10 : 0;
  free (error);
  free (sd);
  return status;
}

static int
add_columns (number_table *t, const seen *f)
{
  const size_t first = t->nrow;
  const int levels = has_levels (elbo_model_block (f->model, f->block)->family);
  for (size_t j = 0; j < f->dim; j++)
    {
      char text[240];
      name_column (f, j, text);
      if (!add_seen (t, f, TABLE_COLUMN, j, f->alone ? NULL : f->field->doc, text, levels ? 3 : -1))
        return GSL_ENOMEM;
    }
  return f->field->unit == ELBO_PLACE ? add_errors (t, f, first) : GSL_SUCCESS;
}

static int
add_levels (number_table *t, const seen *f)
{
  const elbo_column *column = f->column[0];
  for (size_t l = 0; l < f->level; l++)
    {
      char text[240];
      snprintf (text, sizeof text, "%.200s", l < column->nlevel ? column->level[l] : "?");
      table_row *row = add_seen (t, f, TABLE_COLUMN, l, column->name, text, 3);
      if (!row)
        return GSL_ENOMEM;
      row->column = 0;
    }
  return GSL_SUCCESS;
}

static int
add_pairs (number_table *t, const seen *f, size_t most)
{
  int any = 0;
  for (size_t i = 0; i < t->ncomp * f->dim * f->dim; i++)
    any |= i / f->dim % f->dim < i % f->dim && (f->value[i] > 0 || f->value[i] < 0);
  if (!any) /* they cannot be anything but 0 */
    return GSL_SUCCESS;
  if (f->dim > most)
    {
      t->nhidden += f->dim * (f->dim - 1) / 2;
      return GSL_SUCCESS;
    }
  for (size_t i = 0; i < f->dim; i++)
    for (size_t j = i + 1; j < f->dim; j++)
      {
        char text[240];
        snprintf (text, sizeof text, "%.110s,%.110s", clean (f->column[i]->name),
                  clean (f->column[j]->name));
        if (!add_seen (t, f, TABLE_PAIR, i * f->dim + j, f->field->doc, text, 3))
          return GSL_ENOMEM;
      }
  return GSL_SUCCESS;
}

/* What has units of two columns is for machines: reports show the correlations instead. */
static int
add_field (number_table *t, const seen *f, size_t most_correlated)
{
  const elbo_extent *extent = f->field->extent;
  if (extent[0] == ELBO_LEVEL)
    return add_levels (t, f);
  if (extent[0] == ELBO_DIM && extent[1] == ELBO_DIM)
    return f->field->unit == ELBO_PURE ? add_pairs (t, f, most_correlated) : GSL_SUCCESS;
  return extent[0] == ELBO_DIM ? add_columns (t, f) : GSL_SUCCESS;
}

/* How many numbers the view of a block has about each column. */
static size_t
count_columns (const elbo_field *view)
{
  const elbo_field *field;
  size_t n = 0;
  for (size_t i = 0; (field = elbo_field_at (view, i)); i++)
    n += field->extent[0] == ELBO_DIM && field->extent[1] != ELBO_DIM;
  return n;
}

static int
add_block (number_table *t, const elbo_model *model, size_t b, elbo_column *const *column,
           size_t most_correlated)
{
  const elbo_block *block = elbo_model_block (model, b);
  const elbo_field *view = elbo_model_factor (model, 1 + b)->view;
  seen f = { .model = model,
             .column = column + block->column,
             .block = b,
             .dim = block->dim,
             .level = block->level,
             .alone = view && count_columns (view) == 1 };
  int status = GSL_SUCCESS;
  for (size_t i = 0; view && (f.field = elbo_field_at (view, i)) && !status; i++)
    {
      f.value = view_take (model, b, i, VIEW_VALUE);
      status = f.value ? add_field (t, &f, most_correlated) : GSL_ENOMEM;
      free (f.value);
    }
  return status;
}

static int
make (number_table *t, const elbo_model *model, const elbo_record *record, size_t most_correlated)
{
  *t = (number_table){ .ncomp = elbo_model_ncomp (model) };
  int status = add_weights (t, model, record);
  for (size_t b = 0; b < elbo_model_nblock (model) && !status; b++)
    status = add_block (t, model, b, record->column, most_correlated);
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
