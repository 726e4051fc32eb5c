/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priors as JSON objects: the fields of the weights and of the Gaussian block stand in the object
   itself, other families in objects of their names.  Everything in the user's units. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

enum
{
  NKEY = 24
};

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

static int
known_keys (const read_source *source, json_t *object, const char *path, const elbo_model *model)
{
  const size_t nfactor = 1 + elbo_model_nblock (model);
  const char **known = elbo_calloc (nfactor * NKEY + 1, sizeof *known);
  char (*name)[READ_PATH] = elbo_calloc (nfactor, sizeof *name);
  size_t n = 0;
  int status = GSL_ENOMEM;
  if (!known || !name)
    goto done;
  for (size_t f = 0; f < nfactor; f++)
    {
      object_of (model, object, f, name[f]);
      if (*name[f])
        known[n++] = name[f];
      else
        for (const elbo_field *field = elbo_model_factor (model, f)->prior; field->name; field++)
          if (field->doc)
            known[n++] = field->name;
    }
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

static int
read_factor (const read_source *source, json_t *object, const char *path, const elbo_model *model,
             size_t f, const double *sd, double *prior)
{
  const int all = sd != NULL;
  const elbo_shape *shape = elbo_model_shape (model, f);
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

static int
set_factor (const read_source *source, json_t *object, const char *path, elbo_model *model,
            size_t f, const double *sd)
{
  const elbo_field *table = elbo_model_factor (model, f)->prior;
  const size_t size = elbo_field_total (table, elbo_model_shape (model, f));
  double *prior = elbo_doubles (size);
  if (!prior)
    return GSL_ENOMEM;
  elbo_model_prior (model, f, prior);
  int status = read_factor (source, object, path, model, f, sd, prior);
  if (!status && (status = elbo_model_set_prior (model, f, prior)) != GSL_SUCCESS)
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
               field->name && n < NKEY; field++)
            known[n++] = field->name;
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
      double *v = elbo_doubles (elbo_field_total (table, shape)), *at = v;
      int failed = !v;
      if (*key)
        {
          own = json_object ();
          failed |= json_object_set_new (prior, key, own);
        }
      if (v)
        elbo_model_prior (model, f, v);
      for (; !failed && table->name; at += elbo_field_size (table, shape), table++)
        if (table->doc)
          failed |= json_object_set_new (own, table->name, write_field (table, shape, at));
      free (v);
      if (failed)
        {
          json_decref (prior);
          return NULL;
        }
    }
  return prior;
}
