/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of fields: the bookkeeping of flat vectors, written once for every family. */
#include <config.h>
#include <string.h>
#include "base/base.h"

const elbo_field *
elbo_field_at (const elbo_field *table, size_t i)
{
  for (; table && table->name; table++)
    if (i-- == 0)
      return table;
  return NULL;
}

size_t
elbo_extent_size (elbo_extent extent, const elbo_shape *shape)
{
  if (!shape)
    return 0;
  switch (extent)
    {
    case ELBO_COMP:
      return shape->ncomp;
    case ELBO_DIM:
      return shape->dim;
    case ELBO_LEVEL:
      return shape->level;
    case ELBO_TRIANGLE:
      return shape->dim * (shape->dim + 1) / 2;
    case ELBO_PAIR:
      return 2;
    case ELBO_RANK:
      return shape->rank;
    case ELBO_ONE:
    default:
      return 1;
    }
}

size_t
elbo_field_size (const elbo_field *field, const elbo_shape *shape)
{
  size_t size = field ? 1 : 0;
  for (size_t i = 0; field && i < 3; i++)
    size *= elbo_extent_size (field->extent[i], shape);
  return size;
}

size_t
elbo_field_total (const elbo_field *table, const elbo_shape *shape)
{
  size_t total = 0;
  for (; table && table->name; table++)
    total += elbo_field_size (table, shape);
  return total;
}

const elbo_field *
elbo_field_find (const elbo_field *table, const elbo_shape *shape, const char *name, size_t *at)
{
  if (elbo_check_given (shape && name && at, "a shape, a name or a place") != GSL_SUCCESS)
    return NULL;
  *at = 0;
  for (; table && table->name; table++)
    {
      if (strcmp (table->name, name) == 0)
        return table;
      *at += elbo_field_size (table, shape);
    }
  return NULL;
}

/* What one entry is multiplied by on the way to standardised units, or divided by on the way
   back: all scales are powers of two, so both are exact. */
static double
factor (const elbo_field *field, const size_t index[3], const double *scale)
{
  double product = 1;
  int ncolumn = 0;
  for (size_t i = 0; i < 3; i++)
    if (field->extent[i] == ELBO_DIM)
      {
        product *= scale[index[i]];
        ncolumn++;
      }
  if (ncolumn == 0)
    product = scale[0];
  if (field->unit == ELBO_SQUARE && ncolumn < 2)
    product *= product;
  return product;
}

static double
convert (const elbo_field *field, const size_t index[3], const double *shift, const double *scale,
         int inverse, double v)
{
  if (field->unit == ELBO_PURE)
    return v;
  const double by = factor (field, index, scale);
  if (field->unit != ELBO_PLACE)
    return inverse ? v * by : v / by;
  double from = shift[0];
  for (size_t i = 0; i < 3; i++)
    if (field->extent[i] == ELBO_DIM)
      from = shift[index[i]];
  return inverse ? v * by + from : (v - from) / by;
}

void
elbo_field_convert (const elbo_field *table, const elbo_shape *shape, const double *shift,
                    const double *scale, int inverse, double *v)
{
  if (!shape || !shift || !scale || !v)
    return;
  for (; table && table->name; table++)
    {
      size_t size[3], index[3];
      for (size_t i = 0; i < 3; i++)
        size[i] = elbo_extent_size (table->extent[i], shape);
      for (index[0] = 0; index[0] < size[0]; index[0]++)
        for (index[1] = 0; index[1] < size[1]; index[1]++)
          for (index[2] = 0; index[2] < size[2]; index[2]++, v++)
            *v = convert (table, index, shift, scale, inverse, *v);
    }
}

void
elbo_field_permute (const elbo_field *table, const elbo_shape *shape, const size_t *order,
                    double *v, double *spare)
{
  if (!shape || !order || !v || !spare)
    return;
  for (; table && table->name; table++)
    {
      const size_t total = elbo_field_size (table, shape);
      size_t size[3], index[3], at = 0;
      for (size_t i = 0; i < 3; i++)
        size[i] = elbo_extent_size (table->extent[i], shape);
      memcpy (spare, v, total * sizeof *v);
      for (index[0] = 0; index[0] < size[0]; index[0]++)
        for (index[1] = 0; index[1] < size[1]; index[1]++)
          for (index[2] = 0; index[2] < size[2]; index[2]++)
            {
              size_t from = 0;
              for (size_t i = 0; i < 3; i++)
                from
                    = from * size[i] + (table->extent[i] == ELBO_COMP ? order[index[i]] : index[i]);
              v[at++] = spare[from];
            }
      v += total;
    }
}
