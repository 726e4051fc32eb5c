/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as JSON text.  The order of the keys is a contract; each column, component and row of
   the selection table stands on a line of its own, so that people and diff can read the file. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

/* JSON holds UTF-8 only: in the names of files and the like other bytes become '?'. */
static json_t *
text (const char *given)
{
  json_t *value = json_string (given);
  char *copy = value ? NULL : strdup (given);
  for (char *c = copy; c && *c; c++)
    if ((unsigned char)*c >= 0x80)
      *c = '?';
  if (copy)
    value = json_string (copy);
  free (copy);
  return value;
}

static json_t *
texts (char *const *list, size_t n)
{
  json_t *array = json_array ();
  for (size_t i = 0; i < n; i++)
    json_array_append_new (array, text (list[i]));
  return array;
}

static json_t *
text_or_null (const char *given)
{
  return given ? text (given) : json_null ();
}

static json_t *
whole (size_t n)
{
  return json_integer ((json_int_t)n);
}

/* What the columns are called and were like; in model order. */
static json_t *
columns (const elbo_model *model, const elbo_record *record)
{
  json_t *array = json_array ();
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      const elbo_block *block = elbo_model_block (model, b);
      for (size_t j = block->column; j < block->column + block->dim; j++)
        {
          const elbo_column *column = &record->column[j];
          json_t *one = json_object ();
          json_object_set_new (one, "name", text (column->name));
          json_object_set_new (one, "type", json_string (elbo_type_name (block->family)));
          if (elbo_block_is_gauss (block))
            {
              json_object_set_new (one, "mean", json_real (column->mean));
              json_object_set_new (one, "sd", json_real (column->sd));
            }
          if (column->nlevel)
            json_object_set_new (one, "levels", texts (column->level, column->nlevel));
          json_array_append_new (array, one);
        }
    }
  return array;
}

static json_t *
heading (const elbo_model *model)
{
  const char *covariance = NULL;
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    if (elbo_block_is_gauss (elbo_model_block (model, b)))
      covariance = elbo_covariance_name (elbo_model_block (model, b)->family);
  json_t *object = json_object ();
  json_object_set_new (object, "method",
                       json_string (elbo_method_name (elbo_model_method (model))));
  json_object_set_new (object, "components", whole (elbo_model_ncomp (model)));
  json_object_set_new (object, "covariance", text_or_null (covariance));
  json_object_set_new (object, "weights_prior",
                       json_string (elbo_weights_name (elbo_model_latent (model))));
  return object;
}

static json_t *
fit (const elbo_model *model, const elbo_record *record)
{
  json_t *object = json_object ();
  json_object_set_new (object, "elbo", json_real (record->elbo));
  if (elbo_model_method (model) != ELBO_VB)
    json_object_set_new (object, "log_likelihood", json_real (record->log_likelihood));
  json_object_set_new (object, "converged", json_boolean (record->converged));
  json_object_set_new (object, "iterations", whole (record->iterations));
  json_object_set_new (object, "reason", text (record->reason));
  json_object_set_new (object, "seed", json_integer ((json_int_t)record->seed));
  json_object_set_new (object, "start", whole (record->start));
  json_object_set_new (object, "starts", whole (record->starts));
  json_object_set_new (object, "found_again", whole (record->found_again));
  json_object_set_new (object, "interrupted", json_boolean (record->interrupted));
  json_object_set_new (object, "criterion",
                       json_string (elbo_model_method (model) == ELBO_VB ? "elbo+logP" : "bic"));
  return object;
}

/* Add what is believed about component k by factor f to an object; a covariance is left out, it
   follows in its own shape.  Returns non-zero on failure. */
static int
add_fields (json_t *object, const elbo_model *model, size_t f, size_t k)
{
  const elbo_belief *belief = elbo_model_belief (model, f);
  const elbo_shape *shape = elbo_model_shape (model, f);
  const int point = elbo_model_method (model) != ELBO_VB;
  double *param = elbo_doubles (elbo_field_total (belief->param, shape)), *at = param;
  int failed = !param;
  if (param)
    elbo_model_param (model, f, param);
  for (const elbo_field *field = belief->param; !failed && field->name; field++)
    {
      const int covariance = point && field->unit == ELBO_SQUARE;
      if (field->doc && !covariance && !json_object_get (object, field->name))
        failed |= json_object_set_new (object, field->name,
                                       elbo_field_write (field, shape, (long)k, at));
      at += elbo_field_size (field, shape);
    }
  free (param);
  return failed;
}

static int
add_covariance (json_t *object, const elbo_model *model, size_t b, size_t k)
{
  static const elbo_field square = { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "" };
  const elbo_shape *shape = elbo_model_shape (model, 1 + b);
  double *v = elbo_doubles (shape->dim * shape->dim);
  int failed = !v || elbo_component_covariance (model, b, k, v);
  if (!failed)
    failed
        = json_object_set_new (object, "covariance", elbo_field_write (&square, shape, WHOLE, v));
  free (v);
  return failed;
}

static json_t *
component (const elbo_model *model, size_t k, double weight)
{
  json_t *object = json_object ();
  int failed = json_object_set_new (object, "weight", json_real (weight));
  failed |= add_fields (object, model, 0, k);
  for (size_t b = 0; b < elbo_model_nblock (model) && !failed; b++)
    if (elbo_block_is_gauss (elbo_model_block (model, b)))
      {
        failed |= add_fields (object, model, 1 + b, k);
        failed |= add_covariance (object, model, b, k);
      }
    else
      {
        char key[READ_PATH];
        json_t *own = json_object ();
        elbo_block_key (model, b, key);
        failed |= json_object_set_new (object, key, own);
        failed |= add_fields (own, model, 1 + b, k);
      }
  if (!failed)
    return object;
  json_decref (object);
  return NULL;
}

static json_t *
components (const elbo_model *model)
{
  const size_t ncomp = elbo_model_ncomp (model);
  double *weight = elbo_doubles (ncomp);
  json_t *array = json_array ();
  if (weight)
    elbo_model_weights (model, weight);
  int failed = !weight;
  for (size_t k = 0; k < ncomp && !failed; k++)
    failed |= json_array_append_new (array, component (model, k, weight[k]));
  free (weight);
  if (!failed)
    return array;
  json_decref (array);
  return NULL;
}

static json_t *
terms (const elbo_record *record)
{
  static const char *const name[ELBO_NTERM]
      = { "reconstruction", "kl_assignments", "kl_weights", "kl_components", "log_prior" };
  json_t *object = json_object ();
  for (size_t i = 0; i < ELBO_NTERM; i++)
    json_object_set_new (object, name[i], json_real (record->term[i] + 0.0)); /* no "-0.0" */
  return object;
}

static json_t *
selection (const elbo_model *model, const elbo_record *record)
{
  json_t *array = json_array ();
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const elbo_choice *choice = &record->choice[i];
      json_t *one = json_object ();
      json_object_set_new (one, "components", whole (choice->components));
      json_object_set_new (one, "covariance", text_or_null (choice->covariance));
      json_object_set_new (one, "elbo", json_real (choice->elbo));
      if (elbo_model_method (model) == ELBO_VB)
        {
          json_object_set_new (one, "log_p", json_real (choice->log_p));
          json_object_set_new (one, "probability", json_real (choice->probability));
        }
      else
        {
          json_object_set_new (one, "parameters", whole (choice->criteria.parameters));
          json_object_set_new (one, "bic", json_real (choice->criteria.bic));
          json_object_set_new (one, "aic", json_real (choice->criteria.aic));
          json_object_set_new (one, "icl", json_real (choice->criteria.icl));
          json_object_set_new (one, "icl_hard", json_real (choice->criteria.icl_hard));
        }
      json_object_set_new (one, "found_again", whole (choice->found_again));
      json_object_set_new (one, "iterations", whole (choice->iterations));
      json_array_append_new (array, one);
    }
  return array;
}

static json_t *
data (const elbo_record *record)
{
  json_t *object = json_object ();
  json_object_set_new (object, "file", text_or_null (record->data_file));
  json_object_set_new (object, "rows", whole (record->rows));
  json_object_set_new (object, "weight", json_real (record->weight));
  json_object_set_new (object, "rows_with_missing", whole (record->rows_with_missing));
  json_object_set_new (object, "sha256", text_or_null (record->data_sha256));
  if (record->nreading)
    json_object_set_new (object, "reading", texts (record->reading, record->nreading));
  return object;
}

/* One value on one line, or an array of objects with a line for each. */
static void
dump (FILE *stream, const json_t *value)
{
  const size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION (17);
  if (!json_is_array (value) || !json_is_object (json_array_get (value, 0)))
    {
      json_dumpf (value, stream, flags);
      return;
    }
  for (size_t i = 0; i < json_array_size (value); i++)
    {
      fputs (i ? ",\n    " : "[\n    ", stream);
      json_dumpf (json_array_get (value, i), stream, flags);
    }
  fputs ("\n  ]", stream);
}

/* JSON has no NaN, and a model with one is a bug: looked for before anything is written. */
static int
is_finite (const elbo_record *record, int posterior)
{
  int finite = isfinite (record->elbo) && isfinite (record->weight);
  finite &= posterior || isfinite (record->log_likelihood);
  for (size_t i = 0; i < ELBO_NTERM; i++)
    finite &= !!isfinite (record->term[i]);
  for (size_t j = 0; j < record->ncolumn; j++)
    finite &= isfinite (record->column[j].mean) && isfinite (record->column[j].sd);
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const elbo_choice *c = &record->choice[i];
      finite &= !!isfinite (c->elbo);
      if (posterior)
        finite &= isfinite (c->log_p) && isfinite (c->probability);
      else
        finite &= isfinite (c->criteria.bic) && isfinite (c->criteria.aic)
                  && isfinite (c->criteria.icl) && isfinite (c->criteria.icl_hard);
    }
  return finite;
}

/* A file is for readers who know its families and its weights by name. */
static int
check_names (const elbo_model *model)
{
  if (!elbo_weights_name (elbo_model_latent (model)))
    return elbo_fail (ELBO_EUNSUP,
                      "model file: the latent structure %s is not one of the library's",
                      elbo_model_latent (model)->base->name);
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      const elbo_family *family = elbo_model_block (model, b)->family;
      if (elbo_family_find (family->base->name) != family)
        return elbo_fail (ELBO_EUNSUP, "model file: the family %s is not one of the library's",
                          family->base->name);
    }
  return GSL_SUCCESS;
}

int
elbo_model_write (FILE *stream, const elbo_model *model, const elbo_record *record)
{
  if (!stream || !model || !record)
    return elbo_fail (GSL_EFAULT, "model file: a stream, a model and a record are needed");
  const elbo_method method = elbo_model_method (model);
  if (check_names (model))
    return ELBO_EUNSUP;
  if (!is_finite (record, method == ELBO_VB))
    return elbo_fail (ELBO_ENUMERIC, "model file: a number is not finite");
  const struct
  {
    const char *key;
    json_t *value;
  } part[] = { { "format", json_string ("elbo-model") },
               { "format_version", json_integer (1) },
               { "written_by", text (record->written_by) },
               { "command", texts (record->command, record->ncommand) },
               { "data", data (record) },
               { "columns", columns (model, record) },
               { "model", heading (model) },
               { "prior", method == ELBO_ML ? json_null () : elbo_prior_write (model) },
               { "fit", fit (model, record) },
               { "components", components (model) },
               { "elbo_terms", terms (record) },
               { "selection", selection (model, record) },
               { "warnings", texts (record->warning, record->nwarning) } };
  const size_t npart = sizeof part / sizeof *part;
  const char *bad = NULL;
  for (size_t i = 0; i < npart && !bad; i++)
    if (!part[i].value)
      bad = part[i].key;
  for (size_t i = 0; i < npart; i++)
    {
      if (!bad)
        {
          fprintf (stream, "%s\"%s\": ", i ? ",\n  " : "{ ", part[i].key);
          dump (stream, part[i].value);
        }
      json_decref (part[i].value);
    }
  if (bad)
    return elbo_fail (ELBO_ENUMERIC, "model file: %s: a number is not finite, or no memory", bad);
  fputs (" }\n", stream);
  if (fflush (stream) || ferror (stream))
    return elbo_fail (ELBO_EIO, "cannot write the model");
  return GSL_SUCCESS;
}

int
elbo_model_save (const char *path, const elbo_model *model, const elbo_record *record)
{
  elbo_file *file = elbo_file_create (path, 1);
  if (!file)
    return path ? ELBO_EIO : GSL_EFAULT;
  const int status = elbo_model_write (elbo_file_stream (file), model, record);
  if (status && status != ELBO_EIO)
    {
      elbo_file_abandon (file);
      return status;
    }
  return elbo_file_commit (file);
}
