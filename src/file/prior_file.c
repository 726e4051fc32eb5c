/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priors as JSON objects: the fields of the weights and of the Gaussian block stand in the object
   itself, other families in objects of their names.  Everything in the user's units.

   A field that is learned is named in the object `learned`, with its limits: { "kappa": { "low":
   1e-12, "high": 0.01 } }, so that a fit that begins at the model goes on as the first one did.  A
   field that is given without being named there is fixed. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

enum
{
  NKEY = 24
};

#define LEARNED "learned"

/* The object of factor f inside a prior object, or NULL with nothing said when it is absent. */
static json_t *
object_of (const elbo_model *model, json_t *prior, size_t f, char key[READ_PATH])
{
  key[0] = '\0';
  if (f == 0 || elbo_block_is_gauss (elbo_model_block (model, f - 1)))
    return prior;
  elbo_block_key (model, f - 1, key);
  return json_object_get (prior, key);
}

/* The fields that are learned are fields. */
static int
known_learned (const read_source *source, const json_t *object, const char *path,
               const char *const *known)
{
  char at[READ_PATH];
  json_t *learned = json_object_get (object, LEARNED);
  elbo_read_path (at, path, LEARNED);
  if (!learned)
    return GSL_SUCCESS;
  if (!json_is_object (learned))
    return elbo_read_bad (source, at, "an object is expected");
  return elbo_read_keys (source, learned, at, known);
}

static int
known_keys (const read_source *source, json_t *object, const char *path, const elbo_model *model)
{
  const size_t nfactor = 1 + elbo_model_nblock (model);
  const char **known = elbo_calloc (nfactor * (NKEY + 1) + 2, sizeof *known);
  char (*name)[READ_PATH] = elbo_calloc (nfactor, sizeof *name);
  size_t n = 0;
  int status = GSL_ENOMEM;
  if (!known || !name)
    goto done;
  for (size_t f = 0; f < nfactor; f++)
    {
      object_of (model, object, f, name[f]);
      for (const elbo_field *field = elbo_model_factor (model, f)->prior; !*name[f] && field->name;
           field++)
        if (field->doc)
          known[n++] = field->name;
    }
  status = known_learned (source, object, path, known);
  known[n++] = LEARNED;
  for (size_t f = 0; f < nfactor; f++)
    if (*name[f])
      known[n++] = name[f];
  if (!status)
    status = elbo_read_keys (source, object, path, known);
done:
  free (known);
  free (name);
  return status;
}

/* Is a matrix [dim x dim] symmetric and positive definite?  -1 without memory. */
static int
is_definite (const double *v, size_t dim)
{
  double *factor = elbo_doubles (dim * dim);
  if (!factor)
    return -1;
  int good = 1;
  for (size_t i = 0; i < dim && good; i++)
    for (size_t j = 0; j <= i && good; j++)
      good = v[i * dim + j] == v[j * dim + i];
  if (good)
    {
      memcpy (factor, v, dim * dim * sizeof *v);
      good = elbo_chol (dim, factor, NULL) == 0;
    }
  free (factor);
  return good;
}

/* Numbers that must lie above a bound for the prior to be proper. */
static int
check (const read_source *source, const char *path, const elbo_field *field,
       const elbo_shape *shape, const double *v)
{
  const size_t n = elbo_field_size (field, shape);
  const double least = strcmp (field->name, "df") == 0 ? (double)shape->dim - 1 : 0;
  if (field->unit == ELBO_PLACE)
    return GSL_SUCCESS;
  if (field->extent[0] == ELBO_DIM && field->extent[1] == ELBO_DIM)
    {
      const int good = is_definite (v, shape->dim);
      return good > 0 ? GSL_SUCCESS
             : good < 0
                 ? GSL_ENOMEM
                 : elbo_read_bad (source, path, "a symmetric positive definite matrix is expected");
    }
  for (size_t i = 0; i < n; i++)
    if (!(v[i] > least))
      return elbo_read_bad (source, path, "%.17g is not above %g", v[i], least);
  return GSL_SUCCESS;
}

/* The spread of the data, which files keep as the sd of the columns; that of a constant column is
   its unit. */
static void
set_spread (const elbo_model *model, const elbo_block *block, const double *sd, double *v)
{
  for (size_t d = 0, j = block->column; d < block->dim; d++, j++)
    v[d] = sd[j] > 0 ? sd[j] : elbo_model_scale (model)[j];
}

/* One side of the limits of a field. */
static int
read_limit (const read_source *source, json_t *limits, const char *path, const char *side,
            const elbo_field *field, const elbo_shape *shape, double *v)
{
  char at[READ_PATH];
  const json_t *value = json_object_get (limits, side);
  elbo_read_path (at, path, side);
  return value ? elbo_field_read (source, value, at, field, shape, WHOLE, 1, v)
               : elbo_read_bad (source, at, "the key is missing");
}

/* A field that was given is fixed, or is learned within the limits that the object names. */
static int
read_limits (const read_source *source, const json_t *object, const char *path,
             const elbo_field *field, const elbo_shape *shape, const double *v, double *low,
             double *high)
{
  static const char *const known[] = { "low", "high", NULL };
  const size_t bytes = elbo_field_size (field, shape) * sizeof *v;
  json_t *limits = json_object_get (json_object_get (object, LEARNED), field->name);
  char at[READ_PATH], own[READ_PATH];
  elbo_read_path (at, path, LEARNED);
  elbo_read_path (own, at, field->name);
  memcpy (low, v, bytes);
  memcpy (high, v, bytes);
  if (!limits)
    return GSL_SUCCESS;
  if (!json_is_object (limits))
    return elbo_read_bad (source, own, "an object is expected");
  int status = elbo_read_keys (source, limits, own, known);
  if (!status)
    status = read_limit (source, limits, own, "low", field, shape, low);
  return status ? status : read_limit (source, limits, own, "high", field, shape, high);
}

/* prior [3 x size]: the numbers and their limits. */
static int
read_factor (const read_source *source, json_t *object, const char *path, const elbo_model *model,
             size_t f, const double *sd, double *prior)
{
  const int all = sd != NULL;
  const elbo_shape *shape = elbo_model_shape (model, f);
  const size_t size = elbo_field_total (elbo_model_factor (model, f)->prior, shape);
  double *v = prior;
  for (const elbo_field *field = elbo_model_factor (model, f)->prior; field->name; field++)
    {
      char at[READ_PATH];
      const json_t *value = json_object_get (object, field->name);
      elbo_read_path (at, path, field->name);
      if (value && field->doc)
        {
          /* a number may stand for equal ones, but for one mean of several columns */
          const int spread = field->unit != ELBO_PLACE;
          int status = elbo_field_read (source, value, at, field, shape, WHOLE, spread, v);
          if (!status)
            status = check (source, at, field, shape, v);
          if (!status)
            status = read_limits (source, object, path, field, shape, v, v + size, v + 2 * size);
          if (status)
            return status;
        }
      else if (all && !field->doc && field->unit == ELBO_LENGTH)
        set_spread (model, elbo_model_block (model, f - 1), sd, v);
      else if (all && field->doc)
        return elbo_read_bad (source, at, "the key is missing");
      v += elbo_field_size (field, shape);
    }
  return GSL_SUCCESS;
}

/* A prior [size] with its limits. */
static int
set_all (elbo_model *model, size_t f, const double *prior, size_t size)
{
  int learned = 0;
  for (size_t i = size; i < 2 * size; i++)
    learned |= prior[i] < prior[i + size];
  const int status = elbo_model_set_prior (model, f, prior);
  return status == GSL_SUCCESS && learned
             ? elbo_model_set_learned (model, f, prior + size, prior + 2 * size)
             : status;
}

static int
set_factor (const read_source *source, json_t *object, const char *path, elbo_model *model,
            size_t f, const double *sd)
{
  const elbo_field *table = elbo_model_factor (model, f)->prior;
  const size_t size = elbo_field_total (table, elbo_model_shape (model, f));
  double *prior = elbo_doubles (elbo_times (3, size));
  if (!prior)
    return GSL_ENOMEM;
  elbo_model_prior (model, f, prior);
  elbo_model_learned (model, f, prior + size, prior + 2 * size);
  int status = read_factor (source, object, path, model, f, sd, prior);
  if (!status && (status = set_all (model, f, prior, size)) != GSL_SUCCESS)
    status = elbo_read_worse (source, path, status);
  if (!status)
    elbo_model_prior (model, f, prior);
  if (!status && !elbo_all_finite (prior, size))
    status = elbo_read_bad (source, path, "a number is too large for the columns");
  free (prior);
  return status;
}

int
elbo_prior_read (const read_source *source, json_t *object, const char *path, elbo_model *model,
                 const double *sd)
{
  int status = known_keys (source, object, path, model);
  for (size_t f = 0; !status && f <= elbo_model_nblock (model); f++)
    {
      char key[READ_PATH], at[READ_PATH];
      json_t *own = object_of (model, object, f, key);
      snprintf (at, sizeof at, "%s", path);
      if (*key)
        elbo_read_path (at, path, key);
      if (!own && !sd)
        continue;
      if (!json_is_object (own))
        return elbo_read_bad (source, at, own ? "an object is expected" : "the key is missing");
      if (*key)
        {
          const char *known[NKEY + 1] = { NULL };
          size_t n = 0;
          for (const elbo_field *field = elbo_model_factor (model, f)->prior;
               field->name && n < NKEY - 1; field++)
            known[n++] = field->name;
          status = known_learned (source, own, at, known);
          known[n++] = LEARNED;
          if (!status)
            status = elbo_read_keys (source, own, at, known);
        }
      if (!status)
        status = set_factor (source, own, at, model, f, sd);
    }
  return status;
}

int
elbo_prior_load (const char *path, elbo_model *model)
{
  if (!path || !model)
    return elbo_fail (GSL_EFAULT, "a file and a model are needed");
  if (elbo_model_method (model) == ELBO_ML)
    return elbo_fail (GSL_EINVAL, "%s: maximum likelihood has no prior", path);
  const read_source source = { path, "not a prior" };
  FILE *stream = elbo_read_open (path);
  if (!stream)
    return elbo_message_status ();
  json_t *root = elbo_read_stream (&source, stream);
  fclose (stream);
  if (!root)
    return elbo_message_status ();
  const int status = json_is_object (root) ? elbo_prior_read (&source, root, "", model, NULL)
                                           : elbo_read_bad (&source, "", "an object is expected");
  json_decref (root);
  return status;
}

/* Equal numbers of all components are written as one. */
static json_t *
write_field (const elbo_field *field, const elbo_shape *shape, const double *v)
{
  if (field->extent[0] == ELBO_COMP && field->extent[1] == ELBO_ONE)
    {
      size_t k = 1;
      while (k < shape->ncomp && v[k] == v[0])
        k++;
      if (k >= shape->ncomp)
        return json_real (v[0]);
    }
  return elbo_field_write (field, shape, WHOLE, v);
}

/* The limits of a field that is learned go to the object `learned` of own. */
static int
write_limits (json_t *own, const elbo_field *field, const elbo_shape *shape, const double *low,
              const double *high)
{
  const size_t n = elbo_field_size (field, shape);
  size_t i = 0;
  while (i < n && !(low[i] < high[i]))
    i++;
  if (i == n)
    return 0;
  json_t *learned = json_object_get (own, LEARNED), *limits = json_object ();
  int failed = !limits;
  if (!learned)
    {
      learned = json_object ();
      failed |= json_object_set_new (own, LEARNED, learned);
    }
  failed |= json_object_set_new (limits, "low", write_field (field, shape, low))
            | json_object_set_new (limits, "high", write_field (field, shape, high));
  return json_object_set_new (learned, field->name, limits) || failed;
}

/* The prior v [3 x size] of one factor, and after it what is learned of it.  Returns 1 on failure. */
static int
write_factor (json_t *own, const elbo_field *table, const elbo_shape *shape, const double *v)
{
  const size_t size = elbo_field_total (table, shape);
  const double *at = v;
  int failed = 0;
  for (const elbo_field *field = table; !failed && field->name; field++)
    {
      failed = field->doc && json_object_set_new (own, field->name, write_field (field, shape, at));
      at += elbo_field_size (field, shape);
    }
  at = v + size;
  for (const elbo_field *field = table; !failed && field->name; field++)
    {
      failed = field->doc && write_limits (own, field, shape, at, at + size);
      at += elbo_field_size (field, shape);
    }
  return failed;
}

json_t *
elbo_prior_write (const elbo_model *model)
{
  json_t *prior = json_object ();
  for (size_t f = 0; prior && f <= elbo_model_nblock (model); f++)
    {
      const elbo_shape *shape = elbo_model_shape (model, f);
      const elbo_field *table = elbo_model_factor (model, f)->prior;
      char key[READ_PATH];
      json_t *own = object_of (model, prior, f, key);
      const size_t size = elbo_field_total (table, shape);
      double *v = elbo_doubles (elbo_times (3, size));
      int failed = !v;
      if (*key)
        {
          own = json_object ();
          failed |= json_object_set_new (prior, key, own);
        }
      if (v)
        {
          elbo_model_prior (model, f, v);
          elbo_model_learned (model, f, v + size, v + 2 * size);
        }
      failed = failed || write_factor (own, table, shape, v);
      free (v);
      if (failed)
        {
          json_decref (prior);
          return NULL;
        }
    }
  return prior;
}
