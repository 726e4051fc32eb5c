/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arrays of a field table as nested JSON arrays.  A lower triangle by rows is written as the
   whole symmetric matrix, so that a reader needs no convention. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

/* What remains of a field once a component is chosen: up to three extents larger than one. */
typedef struct
{
  size_t ndim, size[3];
  int triangle;
  size_t start, stride; /* first entry; entries of the component */
} layout;

static layout
layout_of (const elbo_field *field, const elbo_shape *shape, long comp)
{
  layout l = { .stride = elbo_field_size (field, shape) };
  size_t first = 0;
  if (comp != WHOLE && field->extent[0] == ELBO_COMP)
    {
      l.stride /= shape->ncomp;
      l.start = (size_t)comp * l.stride;
      first = 1;
    }
  for (size_t i = first; i < 3; i++)
    {
      if (field->extent[i] == ELBO_ONE)
        continue;
      if (field->extent[i] == ELBO_TRIANGLE)
        {
          l.triangle = 1;
          l.size[l.ndim++] = shape->dim;
          l.size[l.ndim++] = shape->dim;
        }
      else
        l.size[l.ndim++] = elbo_extent_size (field->extent[i], shape);
    }
  return l;
}

/* Where the entry of these indices stands. */
static size_t
place (const layout *l, const size_t index[3])
{
  size_t at = 0, n = l->ndim;
  if (l->triangle)
    n -= 2;
  for (size_t i = 0; i < n; i++)
    at = at * l->size[i] + index[i];
  if (!l->triangle)
    return l->start + at;
  const size_t a = index[n] > index[n + 1] ? index[n] : index[n + 1];
  const size_t b = index[n] > index[n + 1] ? index[n + 1] : index[n];
  return l->start + at * (l->size[n] * (l->size[n] + 1) / 2) + a * (a + 1) / 2 + b;
}

static json_t *
write_level (const layout *l, size_t level, size_t index[3], const double *v)
{
  if (level == l->ndim)
    return json_real (v[place (l, index)]);
  json_t *array = json_array ();
  if (!array)
    return NULL;
  for (index[level] = 0; index[level] < l->size[level]; index[level]++)
    if (json_array_append_new (array, write_level (l, level + 1, index, v)))
      {
        json_decref (array);
        return NULL;
      }
  return array;
}

json_t *
elbo_field_write (const elbo_field *field, const elbo_shape *shape, long comp, const double *v)
{
  const layout l = layout_of (field, shape, comp);
  size_t index[3] = { 0 };
  return write_level (&l, 0, index, v);
}

typedef struct
{
  const read_source *source;
  const layout *l;
  const char *path;
  double *v;
  char *seen; /* [stride] of a triangle: the entry has been read */
} reading;

static int
read_number (const reading *r, const json_t *value, const size_t index[3])
{
  const size_t at = place (r->l, index);
  if (!json_is_number (value))
    return elbo_read_bad (r->source, r->path, "a number is expected");
  const double number = json_number_value (value);
  if (!isfinite (number))
    return elbo_read_bad (r->source, r->path, "a finite number is expected");
  if (r->seen && r->seen[at - r->l->start] && r->v[at] != number)
    return elbo_read_bad (r->source, r->path, "the matrix is not symmetric");
  if (r->seen)
    r->seen[at - r->l->start] = 1;
  r->v[at] = number;
  return GSL_SUCCESS;
}

static int
read_level (const reading *r, const json_t *value, size_t level, size_t index[3])
{
  if (level == r->l->ndim)
    return read_number (r, value, index);
  const size_t size = r->l->size[level];
  if (!json_is_array (value))
    return elbo_read_bad (r->source, r->path, "an array of %zu is expected", size);
  if (json_array_size (value) != size)
    return elbo_read_bad (r->source, r->path, "%zu values are expected, %zu are there", size,
                          json_array_size (value));
  for (size_t i = 0; i < size; i++)
    {
      index[level] = i;
      const int status = read_level (r, json_array_get (value, i), level + 1, index);
      if (status)
        return status;
    }
  return GSL_SUCCESS;
}

int
elbo_field_read (const read_source *source, const json_t *value, const char *path,
                 const elbo_field *field, const elbo_shape *shape, long comp, int spread, double *v)
{
  const layout l = layout_of (field, shape, comp);
  reading r = { source, &l, path, v, NULL };
  size_t index[3] = { 0 };
  if (spread && l.ndim && json_is_number (value))
    {
      for (size_t i = 0; i < l.stride; i++)
        v[l.start + i] = json_number_value (value);
      return GSL_SUCCESS;
    }
  if (l.triangle && !(r.seen = elbo_calloc (l.stride, 1)))
    return GSL_ENOMEM;
  const int status = read_level (&r, value, 0, index);
  free (r.seen);
  return status;
}

int
elbo_all_finite (const double *v, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (v[i]))
      return 0;
  return 1;
}

int
elbo_block_is_gauss (const elbo_block *block)
{
  return elbo_covariance_name (block->family) != NULL;
}

void
elbo_block_key (const elbo_model *model, size_t b, char key[READ_PATH])
{
  const elbo_family *family = elbo_model_block (model, b)->family;
  size_t before = 0;
  for (size_t i = 0; i < b; i++)
    before += elbo_model_block (model, i)->family == family;
  if (before)
    snprintf (key, READ_PATH, "%s:%zu", family->base->name, before);
  else
    snprintf (key, READ_PATH, "%s", family->base->name);
}
