/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models from JSON text.  The file comes from anywhere: every key is checked, nothing is loaded
   silently, and a complaint names the path of what is wrong. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"
#include "file/file.h"

enum
{
  FORMAT_VERSION = 1
};

/* What is needed to build the model. */
typedef struct
{
  const read_source *source;
  json_t *root;
  elbo_record *record;
  size_t ncomp;
  elbo_method method;
  const elbo_latent *latent;
  const elbo_family *gauss; /* family of the Gaussian columns, or NULL */
  elbo_block *block;
  size_t nblock;
} plan;

static int
read_head (const plan *p)
{
  static const char *const known[]
      = { "format",     "format_version", "written_by", "command", "data",
          "columns",    "model",          "prior",      "fit",     "components",
          "elbo_terms", "selection",      "warnings",   NULL };
  size_t version = 0;
  const json_t *format = elbo_read_need (p->source, p->root, "", "format", JSON_STRING);
  if (!format)
    return ELBO_EMODEL;
  if (strcmp (json_string_value (format), "elbo-model") != 0)
    return elbo_read_bad (p->source, "format", "\"elbo-model\" is expected");
  const int status = elbo_read_size (p->source, p->root, "", "format_version", &version);
  if (status)
    return status;
  if (version > FORMAT_VERSION)
    return elbo_fail (ELBO_EMODEL,
                      "%s: written by a newer vi-fit (format %zu; this program reads %d)",
                      p->source->file, version, FORMAT_VERSION);
  if (version < FORMAT_VERSION)
    return elbo_read_bad (p->source, "format_version", "%d is expected", FORMAT_VERSION);
  return elbo_read_keys (p->source, p->root, "", known);
}

static int
read_data (const plan *p)
{
  static const char *const known[]
      = { "file", "rows", "weight", "rows_with_missing", "sha256", "reading", NULL };
  elbo_record *record = p->record;
  json_t *data = elbo_read_need (p->source, p->root, "", "data", JSON_OBJECT);
  if (!data || elbo_read_keys (p->source, data, "data", known)
      || elbo_read_text (p->source, p->root, "", "written_by", 0, &record->written_by)
      || elbo_read_texts (p->source, p->root, "", "command", &record->command, &record->ncommand)
      || elbo_read_texts (p->source, p->root, "", "warnings", &record->warning, &record->nwarning)
      || elbo_read_text (p->source, data, "data", "file", 1, &record->data_file)
      || elbo_read_size (p->source, data, "data", "rows", &record->rows)
      || elbo_read_real (p->source, data, "data", "weight", &record->weight)
      || elbo_read_size (p->source, data, "data", "rows_with_missing", &record->rows_with_missing)
      || elbo_read_text (p->source, data, "data", "sha256", 1, &record->data_sha256)
      || (json_object_get (data, "reading")
          && elbo_read_texts (p->source, data, "data", "reading", &record->reading,
                              &record->nreading)))
    return ELBO_EMODEL;
  if (!(record->weight > 0))
    return elbo_read_bad (p->source, "data.weight", "a number above 0 is expected");
  return GSL_SUCCESS;
}

static int
read_model (plan *p)
{
  static const char *const known[]
      = { "method", "components", "covariance", "weights_prior", NULL };
  json_t *object = elbo_read_need (p->source, p->root, "", "model", JSON_OBJECT);
  if (!object || elbo_read_keys (p->source, object, "model", known)
      || elbo_read_size (p->source, object, "model", "components", &p->ncomp))
    return ELBO_EMODEL;
  const json_t *method = elbo_read_need (p->source, object, "model", "method", JSON_STRING);
  const json_t *weights = elbo_read_need (p->source, object, "model", "weights_prior", JSON_STRING);
  if (!method || !weights)
    return ELBO_EMODEL;
  if (elbo_method_find (json_string_value (method), &p->method))
    return elbo_read_bad (p->source, "model.method", "vb, em or map is expected");
  if (!(p->latent = elbo_weights_find (json_string_value (weights))))
    return elbo_read_bad (p->source, "model.weights_prior",
                          "there is no such prior of the weights");
  const json_t *covariance = json_object_get (object, "covariance");
  if (!covariance)
    return elbo_read_bad (p->source, "model.covariance", "the key is missing");
  if (!json_is_null (covariance)
      && (!json_is_string (covariance)
          || !(p->gauss = elbo_covariance_find (json_string_value (covariance)))))
    return elbo_read_bad (p->source, "model.covariance",
                          "full, tied, diag, spherical or null is expected");
  /* an array of as many components must follow, so that no file can ask for more memory than
     its own size warrants */
  const json_t *array = elbo_read_need (p->source, p->root, "", "components", JSON_ARRAY);
  if (!array)
    return ELBO_EMODEL;
  if (p->ncomp < 1 || json_array_size (array) != p->ncomp)
    return elbo_read_bad (p->source, "model.components", "%zu, but %zu components follow", p->ncomp,
                          json_array_size (array));
  return GSL_SUCCESS;
}

static int
read_gauss_column (const plan *p, json_t *object, const char *path, elbo_column *column)
{
  static const char *const known[] = { "name", "type", "mean", "sd", NULL };
  char at[READ_PATH];
  if (!p->gauss)
    return elbo_read_bad (p->source, path, "gaussian, but model.covariance is null");
  if (elbo_read_keys (p->source, object, path, known)
      || elbo_read_real (p->source, object, path, "mean", &column->mean)
      || elbo_read_real (p->source, object, path, "sd", &column->sd))
    return ELBO_EMODEL;
  elbo_read_path (at, path, "sd");
  if (!(column->sd >= 0))
    return elbo_read_bad (p->source, at, "a number of at least 0 is expected");
  return GSL_SUCCESS;
}

/* Add a column to the last block where the family allows it: Gaussian columns share one block and
   so do those of other families, but each categorical column has its own number of levels and so
   a block of its own. */
static int
add_column (plan *p, const elbo_family *family, size_t j, const char *path)
{
  const elbo_column *column = p->record->column[j];
  elbo_block *last = p->nblock ? &p->block[p->nblock - 1] : NULL;
  const int levels = strcmp (family->data_kind, "category") == 0;
  if (levels && column->nlevel < 2)
    return elbo_read_bad (p->source, path, "levels: at least two are expected");
  if (last && last->family == family && !levels)
    {
      last->dim++;
      return GSL_SUCCESS;
    }
  for (size_t b = 0; b < p->nblock; b++)
    if (p->block[b].family == family && !levels)
      return elbo_read_bad (p->source, path, "columns of one type must stand together");
  const size_t level = levels ? column->nlevel : 0;
  p->block[p->nblock++] = (elbo_block)ELBO_BLOCK (family, j, 1, level);
  return GSL_SUCCESS;
}

static int
read_column (plan *p, json_t *object, size_t j)
{
  static const char *const known[] = { "name", "type", "levels", NULL };
  elbo_column *column = p->record->column[j];
  char path[READ_PATH];
  snprintf (path, sizeof path, "columns[%zu]", j);
  if (!json_is_object (object))
    return elbo_read_bad (p->source, path, "an object is expected");
  const json_t *type = elbo_read_need (p->source, object, path, "type", JSON_STRING);
  if (!type || elbo_read_text (p->source, object, path, "name", 0, &column->name))
    return ELBO_EMODEL;
  for (size_t i = 0; i < j; i++)
    if (strcmp (p->record->column[i]->name, column->name) == 0)
      return elbo_read_bad (p->source, path, "two columns have this name");
  const elbo_family *family = p->gauss;
  column->mean = 0;
  column->sd = 1;
  if (strcmp (json_string_value (type), "gaussian") == 0)
    {
      if (read_gauss_column (p, object, path, column))
        return ELBO_EMODEL;
    }
  else
    {
      family = elbo_family_find (json_string_value (type));
      if (!family || elbo_covariance_name (family))
        return elbo_read_bad (p->source, path, "type: there is no such family");
      if (elbo_read_keys (p->source, object, path, known)
          || (json_object_get (object, "levels")
              && elbo_read_texts (p->source, object, path, "levels", &column->level,
                                  &column->nlevel)))
        return ELBO_EMODEL;
      if (strcmp (family->data_kind, "binary") == 0 && column->nlevel != 0 && column->nlevel != 2)
        return elbo_read_bad (p->source, path, "levels: two are expected");
    }
  return add_column (p, family, j, path);
}

static int
read_columns (plan *p)
{
  const json_t *array = elbo_read_need (p->source, p->root, "", "columns", JSON_ARRAY);
  const size_t n = json_array_size (array);
  if (!array)
    return ELBO_EMODEL;
  if (!n)
    return elbo_read_bad (p->source, "columns", "at least one is expected");
  p->block = elbo_calloc (n, sizeof *p->block);
  if (!p->block)
    return GSL_ENOMEM;
  int status = GSL_SUCCESS;
  for (size_t j = 0; j < n && !status; j++)
    status = elbo_record_add_column (p->record) ? read_column (p, json_array_get (array, j), j)
                                                : GSL_ENOMEM;
  if (!status && p->gauss && !elbo_covariance_name (p->block[0].family))
    {
      size_t b = 0;
      while (b < p->nblock && p->block[b].family != p->gauss)
        b++;
      if (b == p->nblock)
        return elbo_read_bad (p->source, "model.covariance", "there is no gaussian column");
    }
  return status;
}

static int
read_fit (const plan *p)
{
  static const char *const known[]
      = { "elbo",  "log_likelihood", "converged",   "iterations",  "reason",    "seed",
          "start", "starts",         "found_again", "interrupted", "criterion", NULL };
  elbo_record *r = p->record;
  const read_source *source = p->source;
  size_t seed = 0;
  char *criterion = NULL;
  json_t *fit = elbo_read_need (source, p->root, "", "fit", JSON_OBJECT);
  r->log_likelihood = NAN;
  if (!fit || elbo_read_keys (source, fit, "fit", known)
      || elbo_read_real (source, fit, "fit", "elbo", &r->elbo)
      || (p->method != ELBO_VB
          && elbo_read_real (source, fit, "fit", "log_likelihood", &r->log_likelihood))
      || elbo_read_flag (source, fit, "fit", "converged", &r->converged)
      || elbo_read_size (source, fit, "fit", "iterations", &r->iterations)
      || elbo_read_text (source, fit, "fit", "reason", 0, &r->reason)
      || elbo_read_size (source, fit, "fit", "seed", &seed)
      || elbo_read_size (source, fit, "fit", "start", &r->start)
      || elbo_read_size (source, fit, "fit", "starts", &r->starts)
      || elbo_read_size (source, fit, "fit", "found_again", &r->found_again)
      || elbo_read_flag (source, fit, "fit", "interrupted", &r->interrupted)
      || elbo_read_text (source, fit, "fit", "criterion", 0, &criterion))
    return ELBO_EMODEL;
  r->seed = seed;
  free (criterion);
  return GSL_SUCCESS;
}

static int
read_terms (const plan *p)
{
  static const char *const known[]
      = { "reconstruction", "kl_assignments", "kl_weights", "kl_components", "log_prior", NULL };
  json_t *terms = elbo_read_need (p->source, p->root, "", "elbo_terms", JSON_OBJECT);
  if (!terms || elbo_read_keys (p->source, terms, "elbo_terms", known))
    return ELBO_EMODEL;
  for (size_t i = 0; i < ELBO_NTERM; i++)
    if (elbo_read_real (p->source, terms, "elbo_terms", known[i], &p->record->term[i]))
      return ELBO_EMODEL;
  return GSL_SUCCESS;
}

/* Files of an earlier release, and sound fits, have none. */
static int
read_doubt (const plan *p, json_t *one, const char *path, elbo_doubt *doubt)
{
  const json_t *value = json_object_get (one, "doubt");
  char at[READ_PATH];
  *doubt = ELBO_SOUND;
  if (!value)
    return GSL_SUCCESS;
  for (elbo_doubt d = ELBO_EMPTY; d <= ELBO_SPURIOUS && json_is_string (value); d++)
    if (strcmp (json_string_value (value), elbo_doubt_name (d)) == 0)
      {
        *doubt = d;
        return GSL_SUCCESS;
      }
  elbo_read_path (at, path, "doubt");
  return elbo_read_bad (p->source, at, "there is no such doubt");
}

static int
read_choice (const plan *p, json_t *one, const char *path, elbo_choice *choice)
{
  static const char *const vb[]
      = { "components",  "covariance", "elbo",  "log_p",      "probability",
          "found_again", "runs",       "doubt", "iterations", NULL };
  static const char *const em[]
      = { "components", "covariance",  "elbo", "parameters", "bic",        "aic", "icl",
          "icl_hard",   "found_again", "runs", "doubt",      "iterations", NULL };
  const read_source *s = p->source;
  const json_t *covariance = json_object_get (one, "covariance");
  if (json_is_string (covariance))
    choice->covariance
        = elbo_covariance_name (elbo_covariance_find (json_string_value (covariance)));
  if (!covariance || (!json_is_null (covariance) && !choice->covariance))
    return elbo_read_bad (s, path, "covariance: full, tied, diag, spherical or null is expected");
  if (elbo_read_keys (s, one, path, p->method == ELBO_VB ? vb : em)
      || elbo_read_size (s, one, path, "components", &choice->components)
      || elbo_read_real (s, one, path, "elbo", &choice->elbo)
      || elbo_read_size (s, one, path, "found_again", &choice->found_again)
      || read_doubt (p, one, path, &choice->doubt)
      || (json_object_get (one, "runs") && elbo_read_size (s, one, path, "runs", &choice->runs))
      || elbo_read_size (s, one, path, "iterations", &choice->iterations))
    return ELBO_EMODEL;
  if (p->method == ELBO_VB)
    return elbo_read_real (s, one, path, "log_p", &choice->log_p)
                   || elbo_read_real (s, one, path, "probability", &choice->probability)
               ? ELBO_EMODEL
               : GSL_SUCCESS;
  return elbo_read_size (s, one, path, "parameters", &choice->parameters)
                 || elbo_read_real (s, one, path, "bic", &choice->bic)
                 || elbo_read_real (s, one, path, "aic", &choice->aic)
                 || elbo_read_real (s, one, path, "icl", &choice->icl)
                 || elbo_read_real (s, one, path, "icl_hard", &choice->icl_hard)
             ? ELBO_EMODEL
             : GSL_SUCCESS;
}

static int
read_selection (const plan *p)
{
  const json_t *array = elbo_read_need (p->source, p->root, "", "selection", JSON_ARRAY);
  if (!array)
    return ELBO_EMODEL;
  for (size_t i = 0; i < json_array_size (array); i++)
    {
      char path[READ_PATH];
      json_t *one = json_array_get (array, i);
      snprintf (path, sizeof path, "selection[%zu]", i);
      if (!json_is_object (one))
        return elbo_read_bad (p->source, path, "an object is expected");
      elbo_choice *choice = elbo_record_add_choice (p->record);
      const int status = choice ? read_choice (p, one, path, choice) : GSL_ENOMEM;
      if (status)
        return status;
    }
  return GSL_SUCCESS;
}

/* The prior, or what a fit by maximum likelihood goes on with in its place. */
static int
read_prior (const plan *p, elbo_model *model, const double *sd)
{
  if (p->method != ELBO_ML)
    {
      json_t *prior = elbo_read_need (p->source, p->root, "", "prior", JSON_OBJECT);
      return prior ? elbo_prior_read (p->source, prior, "prior", model, sd) : ELBO_EMODEL;
    }
  if (!json_is_null (json_object_get (p->root, "prior")))
    return elbo_read_bad (p->source, "prior", "null is expected with em");
  elbo_model_flatten (model);
  return GSL_SUCCESS;
}

/* Given weights are a prior also by maximum likelihood, whose files have none. */
static int
give_weights (const plan *p, elbo_model *model)
{
  if (p->method != ELBO_ML || p->latent != elbo_mixture_fixed)
    return GSL_SUCCESS;
  double *weight = elbo_doubles (p->ncomp);
  int status = weight ? GSL_SUCCESS : GSL_ENOMEM;
  if (!status)
    {
      elbo_model_weights (model, weight);
      status = elbo_model_set_prior (model, 0, weight);
    }
  free (weight);
  return status;
}

static elbo_model *
build (const plan *p)
{
  elbo_model *model = elbo_model_alloc (p->ncomp, p->latent, p->block, p->nblock, p->method);
  double *moment = elbo_doubles (2 * p->record->ncolumn), *sd = NULL;
  int status = model && moment ? GSL_SUCCESS : ELBO_EMODEL;
  if (!status)
    {
      sd = moment + p->record->ncolumn;
      for (size_t j = 0; j < p->record->ncolumn; j++)
        {
          moment[j] = p->record->column[j]->mean;
          sd[j] = p->record->column[j]->sd;
        }
      status = elbo_model_standardise (model, moment, sd);
    }
  if (!status)
    status = read_prior (p, model, sd);
  if (!status)
    status = elbo_components_read (p->source, json_object_get (p->root, "components"), model);
  if (!status)
    status = give_weights (p, model);
  free (moment);
  if (!status)
    return model;
  elbo_model_free (model);
  return NULL;
}

/* Read all there is; the record is complete or the model is NULL. */
static elbo_model *
read_root (plan *p)
{
  if (!json_is_object (p->root))
    {
      elbo_read_bad (p->source, "", "line 1: an object is expected");
      return NULL;
    }
  if (read_head (p) || read_data (p) || read_model (p) || read_columns (p) || read_fit (p)
      || read_terms (p) || read_selection (p))
    return NULL;
  elbo_model *model = build (p);
  if (!model || elbo_components_rows (model, p->record->weight, &p->record->count) == GSL_SUCCESS)
    return model;
  elbo_model_free (model);
  return NULL;
}

/* Takes over root, which may be NULL after a failure. */
static elbo_model *
read_model_of (const read_source *source, json_t *root, elbo_record **record)
{
  plan p = { .source = source, .root = root, .record = root ? elbo_record_alloc () : NULL };
  elbo_model *model = p.record ? read_root (&p) : NULL;
  if (model && record)
    *record = p.record;
  else
    elbo_record_free (p.record);
  free (p.block);
  json_decref (root);
  return model;
}

/* Nothing is found until all is. */
static int
check_place (const void *from, const char *name, elbo_record **record)
{
  if (record)
    *record = NULL;
  if (from && name)
    return GSL_SUCCESS;
  return elbo_fail (GSL_EFAULT, "a model is read from a text with a name, not a null pointer");
}

elbo_model *
elbo_model_read (FILE *stream, const char *name, elbo_record **record)
{
  if (check_place (stream, name, record) != GSL_SUCCESS)
    return NULL;
  const read_source source = { name, "not a vi-fit model" };
  return read_model_of (&source, elbo_read_stream (&source, stream), record);
}

elbo_model *
elbo_model_from_text (const char *text, size_t length, const char *name, elbo_record **record)
{
  if (check_place (text, name, record) != GSL_SUCCESS)
    return NULL;
  const read_source source = { name, "not a vi-fit model" };
  return read_model_of (&source, elbo_read_memory (&source, text, length), record);
}

elbo_model *
elbo_model_load (const char *path, elbo_record **record)
{
  if (check_place (path, path, record) != GSL_SUCCESS)
    return NULL;
  FILE *stream = elbo_read_open (path);
  if (!stream)
    return NULL;
  elbo_model *model = elbo_model_read (stream, path, record);
  fclose (stream);
  return model;
}
