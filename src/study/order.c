/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components in an order that does not hang on the order of rows, their units or rounding. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* The order of two numbers, 0 when rounding could have parted them: what is the same but for
   the order of rows or the units must be listed in the same order. */
static int
compare_numbers (double x, double y)
{
  if (fabs (x - y) <= 1e-9 * (fabs (x) + fabs (y)) + 1e-12)
    return 0;
  return x < y ? -1 : 1;
}

/* Compare what components a and b believe, number by number: breaks ties of equal counts. */
static int
compare_beliefs (const elbo_model *model, size_t a, size_t b)
{
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const double *v = part->param;
      for (const elbo_field *field = part->belief->param; field->name; field++)
        {
          const size_t size = elbo_field_size (field, &part->shape), each = size / model->ncomp;
          for (size_t i = 0; field->extent[0] == ELBO_COMP && i < each; i++)
            {
              const int order = compare_numbers (v[a * each + i], v[b * each + i]);
              if (order != 0)
                return order;
            }
          v += size;
        }
    }
  return 0;
}

static int
comes_before (const elbo_model *model, const double *count, size_t a, size_t b)
{
  const int order = compare_numbers (count[a], count[b]);
  return order != 0 ? order > 0 : compare_beliefs (model, a, b) < 0;
}

int
elbo_sort_components (elbo_model *model, double *count)
{
  const size_t K = model->ncomp;
  if (model->latent.order != ELBO_ORDER_FREE)
    return GSL_SUCCESS;
  size_t *order = elbo_calloc (K, sizeof *order);
  double *sorted = elbo_doubles (K);
  int status = order && sorted ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; status == GSL_SUCCESS && k < K; k++)
    {
      size_t at = k;
      for (; at > 0 && comes_before (model, count, k, order[at - 1]); at--)
        order[at] = order[at - 1];
      order[at] = k;
    }
  if (status == GSL_SUCCESS)
    status = elbo_model_permute (model, order);
  if (status == GSL_SUCCESS)
    {
      for (size_t k = 0; k < K; k++)
        sorted[k] = count[order[k]];
      memcpy (count, sorted, K * sizeof *count);
    }
  free (order);
  free (sorted);
  return status;
}
