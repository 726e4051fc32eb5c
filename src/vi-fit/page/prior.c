/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prior of a model as rows of a table: what its factors call their numbers. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/page/page.h"

enum
{
  MOST_SHOWN = 6 /* of a longer field the first and the last */
};

/* The numbers of a field, equal ones once. */
static void
put_numbers (FILE *f, const double *v, size_t n)
{
  size_t same = 1;
  while (same < n && !(v[same] < v[0]) && !(v[same] > v[0]))
    same++;
  const size_t shown = same == n ? 1 : n;
  for (size_t i = 0; i < shown; i++)
    if (shown <= MOST_SHOWN || i + 1 < MOST_SHOWN || i + 1 == shown)
      {
        fputs (i ? ", " : "", f);
        html_number (f, v[i], "%.4g", v[i]);
      }
    else if (i + 1 == MOST_SHOWN)
      fputs (", &hellip;", f);
}

/* Of a matrix its diagonal: the prior of several columns is one of independent columns by default. */
static size_t
take_diagonal (double *v, size_t dim)
{
  for (size_t j = 1; j < dim; j++)
    v[j] = v[j * dim + j];
  return dim;
}

static int
is_learned (const double *low, const double *high, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (low[i] < high[i])
      return 1;
  return 0;
}

/* v [3 x size]: the numbers and their limits. */
static void
put_fields (FILE *f, const elbo_factor *factor, const elbo_shape *shape, double *v, size_t size)
{
  const elbo_field *field;
  for (size_t i = 0, at = 0; (field = elbo_field_at (factor->prior, i)); i++)
    {
      const size_t n = elbo_field_size (field, shape);
      const int matrix = field->extent[0] == ELBO_DIM && field->extent[1] == ELBO_DIM;
      if (field->doc && n)
        {
          fprintf (f, "%s%s%s ", at ? "; " : "", field->name,
                   matrix && shape->dim > 1 ? " (diagonal)" : "");
          if (is_learned (v + size + at, v + 2 * size + at, n))
            fputs ("(learned) ", f);
          put_numbers (f, v + at, matrix ? take_diagonal (v + at, shape->dim) : n);
        }
      at += n;
    }
}

void
page_prior (FILE *f, const elbo_model *model)
{
  for (size_t i = 0; i <= elbo_model_nblock (model); i++)
    {
      const elbo_factor *factor = elbo_model_factor (model, i);
      const elbo_shape *shape = elbo_model_shape (model, i);
      const size_t size = elbo_field_total (factor->prior, shape);
      double *v = calloc (3 * size + 1, sizeof *v);
      if (v && !elbo_model_prior (model, i, v) && size)
        {
          elbo_model_learned (model, i, v + size, v + 2 * size);
          fprintf (f, "<tr><td>%s</td><td class=\"text\">",
                   i ? "prior of the components" : "prior of the weights");
          if (i)
            fprintf (f, "%s: ", factor->name);
          put_fields (f, factor, shape, v, size);
          fputs ("</td></tr>\n", f);
        }
      free (v);
    }
}
