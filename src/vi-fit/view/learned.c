/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of its prior a model has learned, in one line: how wide a component is expected to be in each
   column, and for how many rows the prior mean counts. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include "vi-fit/view/view.h"

enum
{
  MOST_COLUMNS = 4,
  WIDE = 84 /* a number takes less than is counted for it */
};

/* A field of the prior of block b with its limits: where it stands, and is any of it learned? */
typedef struct
{
  const elbo_field *field;
  size_t n, at, size; /* of the prior, of the field in it */
  double *v;          /* [3 x n]: prior, low, high */
  int learned;
} prior_field;

static prior_field
find (const elbo_model *model, size_t b, const char *name)
{
  const elbo_field *table = elbo_model_factor (model, 1 + b)->prior;
  const elbo_shape *shape = elbo_model_shape (model, 1 + b);
  prior_field p = { .n = elbo_field_total (table, shape) };
  p.field = elbo_field_find (table, shape, name, &p.at);
  p.v = p.field ? calloc (3 * p.n + 1, sizeof *p.v) : NULL;
  if (!p.v)
    return p;
  p.size = elbo_field_size (p.field, shape);
  elbo_model_prior (model, 1 + b, p.v);
  elbo_model_learned (model, 1 + b, p.v + p.n, p.v + 2 * p.n);
  for (size_t i = p.at; i < p.at + p.size; i++)
    p.learned |= p.v[p.n + i] < p.v[2 * p.n + i];
  return p;
}

/* Scale over degrees of freedom, or rate over shape: the inverse of the expected precision. */
static double *
widths (const elbo_model *model, size_t b, const char *scale, const char *count)
{
  const size_t dim = elbo_model_shape (model, 1 + b)->dim;
  prior_field s = find (model, b, scale), c = find (model, b, count);
  double *width = s.learned && c.v ? calloc (dim, sizeof *width) : NULL;
  for (size_t j = 0; width && j < dim; j++)
    {
      const size_t i = s.size == dim * dim ? j * (dim + 1) : s.size == dim ? j : 0;
      width[j] = sqrt (s.v[s.at + i] / c.v[c.at + (c.size == dim ? j : 0)]);
    }
  free (s.v);
  free (c.v);
  return width;
}

double *
learned_widths (const elbo_model *model, size_t b)
{
  double *width = widths (model, b, "scale", "df");
  return width ? width : widths (model, b, "rate", "shape");
}

static void
put_widths (const elbo_model *model, const elbo_record *record, size_t b, const double *width)
{
  const elbo_block *block = elbo_model_block (model, b);
  const size_t shown = block->dim > MOST_COLUMNS ? MOST_COLUMNS : block->dim;
  int at = printf ("\nexpected sd of a component, learned:");
  for (size_t j = 0; j < shown; j++)
    {
      const char *name = clean (record->column[block->column + j]->name);
      const int more = letters (name) + 14, new = at + more > WIDE;
      at = new ? more : at + more;
      printf ("%s%s%s %.3g", j ? "," : "", new ? "\n  " : " ", name, width[j]);
    }
  if (shown < block->dim)
    printf (", ...");
}

void
report_learned (const elbo_model *model, const elbo_record *record)
{
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      double *width = learned_widths (model, b);
      prior_field kappa = find (model, b, "kappa");
      if (width)
        put_widths (model, record, b, width);
      if (kappa.learned)
        printf ("%s kappa %.3g", width ? ";" : "\nlearned:", kappa.v[kappa.at]);
      if (width || kappa.learned)
        putchar ('\n');
      free (width);
      free (kappa.v);
    }
}
