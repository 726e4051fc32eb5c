/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is believed about the parameters of a model, in the words and layout of its families: no
   family is named here. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

size_t
view_find (const elbo_model *model, size_t b, elbo_unit unit, size_t ndim)
{
  const elbo_field *view = elbo_model_factor (model, 1 + b)->view, *field;
  for (size_t i = 0; view && (field = elbo_field_at (view, i)); i++)
    {
      size_t n = 0;
      for (size_t e = 0; e < 3; e++)
        n += field->extent[e] == ELBO_DIM;
      if (field->unit == unit && n == ndim)
        return i;
    }
  return NOT_SEEN;
}

double *
view_take (const elbo_model *model, size_t b, size_t i, view_part part)
{
  const elbo_field *view = elbo_model_factor (model, 1 + b)->view;
  const elbo_shape *shape = elbo_model_shape (model, 1 + b);
  const size_t ncomp = elbo_model_ncomp (model), all = elbo_field_total (view, shape);
  const size_t n = elbo_field_size (elbo_field_at (view, i), shape);
  size_t at = 0;
  for (size_t before = 0; before < i; before++)
    at += elbo_field_size (elbo_field_at (view, before), shape);
  double *taken = calloc (ncomp * n + 1, sizeof *taken), *one = calloc (all + 1, sizeof *one);
  int status = taken && one ? GSL_SUCCESS : GSL_ENOMEM;
  double *const to[] = { [VIEW_VALUE] = part == VIEW_VALUE ? one : NULL,
                         [VIEW_ERROR] = part == VIEW_ERROR ? one : NULL,
                         [VIEW_LOW] = part == VIEW_LOW ? one : NULL,
                         [VIEW_HIGH] = part == VIEW_HIGH ? one : NULL };
  for (size_t k = 0; k < ncomp && status == GSL_SUCCESS; k++)
    {
      status = elbo_model_describe (model, b, k, to[VIEW_VALUE], to[VIEW_ERROR], to[VIEW_LOW],
                                    to[VIEW_HIGH]);
      memcpy (taken + k * n, one + at, n * sizeof *one);
    }
  free (one);
  if (status == GSL_SUCCESS)
    return taken;
  free (taken);
  return NULL;
}

size_t
place_block (const elbo_model *model)
{
  size_t b = 0;
  while (b < elbo_model_nblock (model)
         && (view_find (model, b, ELBO_PLACE, 1) == NOT_SEEN
             || view_find (model, b, ELBO_LENGTH, 1) == NOT_SEEN
             || view_find (model, b, ELBO_SQUARE, 2) == NOT_SEEN))
    b++;
  return b;
}

double *
places (const elbo_model *model, size_t b, view_part part)
{
  return view_take (model, b, view_find (model, b, ELBO_PLACE, 1), part);
}

double *
covariances (const elbo_model *model, size_t b)
{
  return view_take (model, b, view_find (model, b, ELBO_SQUARE, 2), VIEW_VALUE);
}

const char *
covariance_of (const elbo_model *model)
{
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    if (elbo_model_block (model, b)->family->structure)
      return elbo_model_block (model, b)->family->structure;
  return NULL;
}

int
is_chosen (const elbo_model *model, const elbo_choice *choice)
{
  const char *covariance = covariance_of (model);
  return choice->components == elbo_model_ncomp (model)
         && (!covariance || !choice->covariance || strcmp (covariance, choice->covariance) == 0);
}

int
weight_beta (const elbo_model *model, size_t k, double *a, double *b)
{
  size_t extent[3];
  char path[80];
  snprintf (path, sizeof path, "%s.alpha", elbo_model_latent (model)->base->name);
  const double *alpha
      = elbo_model_method (model) == ELBO_VB ? elbo_model_field (model, path, extent) : NULL;
  if (!alpha)
    return 0;
  double rest = 0;
  for (size_t i = 0; i < elbo_model_ncomp (model); i++)
    rest += i == k ? 0 : alpha[i];
  *a = alpha[k];
  *b = rest;
  return rest > 0;
}

/* Standard deviation of the weight of component k under a Dirichlet belief; NAN otherwise. */
double
weight_error (const elbo_model *model, size_t k)
{
  double a, b;
  if (!weight_beta (model, k, &a, &b))
    return NAN;
  const double total = a + b;
  return sqrt (a * b / (total * total * (total + 1)));
}
