/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as JSON text.  The order of the keys is a contract; each column, component and row of
   the selection table stands on a line of its own, so that people and diff can read the file.
   The whole text is made in memory first: where something fails, nothing is written. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_matrix.h>
#include "engine/engine.h"
#include "file/file.h"

/* Add a value to an object or an array, which take it over; NULL stands for what could not be
   made.  Returns 1 on failure, which the makers below collect: numbers are finite by then, so it is
   memory that lacks. */
static int
put (json_t *object, const char *key, json_t *value)
{
  return json_object_set_new (object, key, value) != 0;
}

static int
append (json_t *array, json_t *value)
{
  return json_array_append_new (array, value) != 0;
}

/* A finished value, or NULL. */
static json_t *
finished (json_t *value, int failed)
{
  if (!failed)
    return value;
  json_decref (value);
  return NULL;
}

/* JSON holds UTF-8 only: in the names of files and the like other bytes become '?'.  Jansson
   does not tell such bytes from a lack of memory. */
static json_t *
text (const char *given)
{
  if (elbo_is_utf8 (given))
    return json_string_nocheck (given);
  char *copy = elbo_text_copy (given);
  for (char *c = copy; c && *c; c++)
    if ((unsigned char)*c >= 0x80)
      *c = '?';
  json_t *value = copy ? json_string_nocheck (copy) : NULL;
  free (copy);
  return value;
}

static json_t *
texts (char *const *list, size_t n)
{
  json_t *array = json_array ();
  int failed = !array;
  for (size_t i = 0; i < n; i++)
    failed |= append (array, text (list[i]));
  return finished (array, failed);
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

/* --- what the file says ---------------------------------------------------------------------- */

/* Categories that nobody named are called by their codes. */
static json_t *
levels (const elbo_column *column, size_t nlevel)
{
  if (column->nlevel > 0)
    return texts (column->level, column->nlevel);
  json_t *array = json_array ();
  int failed = !array;
  for (size_t l = 0; l < nlevel; l++)
    {
      char code[32];
      snprintf (code, sizeof code, "%zu", l);
      failed |= append (array, json_string (code));
    }
  return finished (array, failed);
}

static json_t *
column (const elbo_column *given, const elbo_block *block, size_t j)
{
  char name[32];
  json_t *one = json_object ();
  snprintf (name, sizeof name, "V%zu", j + 1);
  int failed = put (one, "name", text (given->name ? given->name : name))
               | put (one, "type", json_string (elbo_type_name (block->family)));
  if (elbo_block_is_gauss (block))
    failed |= put (one, "mean", json_real (given->mean)) | put (one, "sd", json_real (given->sd));
  if (given->nlevel > 0 || block->level > 0)
    failed |= put (one, "levels", levels (given, block->level));
  return finished (one, failed);
}

/* What the columns are called and were like; in model order. */
static json_t *
columns (const elbo_model *model, const elbo_record *record)
{
  json_t *array = json_array ();
  int failed = !array;
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      const elbo_block *block = elbo_model_block (model, b);
      for (size_t j = block->column; j < block->column + block->dim; j++)
        failed |= append (array, column (record->column[j], block, j));
    }
  return finished (array, failed);
}

static json_t *
heading (const elbo_model *model)
{
  const char *covariance = NULL;
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    if (elbo_block_is_gauss (elbo_model_block (model, b)))
      covariance = elbo_covariance_name (elbo_model_block (model, b)->family);
  json_t *object = json_object ();
  const char *weights = elbo_weights_name (elbo_model_latent (model));
  const int failed
      = put (object, "method", json_string (elbo_method_name (elbo_model_method (model))))
        | put (object, "components", whole (elbo_model_ncomp (model)))
        | put (object, "covariance", text_or_null (covariance))
        | put (object, "weights_prior", json_string (weights));
  return finished (object, failed);
}

static json_t *
fit (const elbo_model *model, const elbo_record *r)
{
  const int posterior = elbo_model_method (model) == ELBO_VB;
  json_t *object = json_object ();
  int failed = put (object, "elbo", json_real (r->elbo));
  if (!posterior)
    failed |= put (object, "log_likelihood", json_real (r->log_likelihood));
  failed |= put (object, "converged", json_boolean (r->converged))
            | put (object, "iterations", whole (r->iterations))
            | put (object, "reason", text (r->reason ? r->reason : "unknown"))
            | put (object, "seed", json_integer ((json_int_t)r->seed))
            | put (object, "start", whole (r->start)) | put (object, "starts", whole (r->starts))
            | put (object, "found_again", whole (r->found_again))
            | put (object, "interrupted", json_boolean (r->interrupted))
            | put (object, "criterion", json_string (posterior ? "elbo+logP" : "bic"));
  return finished (object, failed);
}

static json_t *
terms (const elbo_record *record)
{
  json_t *object = json_object ();
  int failed = !object;
  for (size_t i = 0; i < ELBO_NTERM; i++)
    {
      const double value = i < record->nterm ? record->term[i] : 0;
      failed |= put (object, elbo_term_name (i), json_real (value + 0.0)); /* no "-0.0" */
    }
  return finished (object, failed);
}

static json_t *
choice (const elbo_choice *c, int posterior)
{
  json_t *one = json_object ();
  int failed = put (one, "components", whole (c->components))
               | put (one, "covariance", text_or_null (c->covariance))
               | put (one, "elbo", json_real (c->elbo));
  if (posterior)
    failed |= put (one, "log_p", json_real (c->log_p))
              | put (one, "probability", json_real (c->probability));
  else
    failed |= put (one, "parameters", whole (c->parameters)) | put (one, "bic", json_real (c->bic))
              | put (one, "aic", json_real (c->aic)) | put (one, "icl", json_real (c->icl))
              | put (one, "icl_hard", json_real (c->icl_hard));
  failed |= put (one, "found_again", whole (c->found_again)) | put (one, "runs", whole (c->runs))
            | put (one, "iterations", whole (c->iterations));
  if (c->doubt != ELBO_SOUND)
    failed |= put (one, "doubt", json_string (elbo_doubt_name (c->doubt)));
  return finished (one, failed);
}

static json_t *
selection (const elbo_model *model, const elbo_record *record)
{
  json_t *array = json_array ();
  int failed = !array;
  for (size_t i = 0; i < record->nchoice; i++)
    failed |= append (array, choice (record->choice[i], elbo_model_method (model) == ELBO_VB));
  return finished (array, failed);
}

static json_t *
data (const elbo_record *record)
{
  json_t *object = json_object ();
  int failed = put (object, "file", text_or_null (record->data_file))
               | put (object, "rows", whole (record->rows))
               /* readers want a number above 0 */
               | put (object, "weight", json_real (record->weight > 0 ? record->weight : 1))
               | put (object, "rows_with_missing", whole (record->rows_with_missing))
               | put (object, "sha256", text_or_null (record->data_sha256));
  if (record->nreading > 0)
    failed |= put (object, "reading", texts (record->reading, record->nreading));
  return finished (object, failed);
}

static json_t *
written_by (const elbo_record *record)
{
  char library[64];
  snprintf (library, sizeof library, "libelbo %s", elbo_version ());
  return text (record->written_by ? record->written_by : library);
}

/* --- components ------------------------------------------------------------------------------ */

/* Add what is believed about component k by factor f to an object; a covariance is left out, it
   follows in its own shape.  Returns 1 on failure. */
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
        failed |= put (object, field->name, elbo_field_write (field, shape, (long)k, at));
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
  const size_t dim = shape->dim;
  double *v = elbo_doubles (dim * dim);
  int failed = !v;
  if (v)
    {
      gsl_matrix_view view = gsl_matrix_view_array (v, dim, dim);
      failed = elbo_component_covariance (model, b, k, &view.matrix) != GSL_SUCCESS
               || put (object, "covariance", elbo_field_write (&square, shape, WHOLE, v));
    }
  free (v);
  return failed;
}

static int
add_block (json_t *object, const elbo_model *model, size_t b, size_t k)
{
  if (elbo_block_is_gauss (elbo_model_block (model, b)))
    return add_fields (object, model, 1 + b, k) || add_covariance (object, model, b, k);
  char key[READ_PATH];
  json_t *own = json_object ();
  elbo_block_key (model, b, key);
  const int failed = add_fields (own, model, 1 + b, k);
  return put (object, key, own) || failed;
}

static json_t *
component (const elbo_model *model, size_t k, double weight)
{
  json_t *object = json_object ();
  int failed = put (object, "weight", json_real (weight)) || add_fields (object, model, 0, k);
  for (size_t b = 0; b < elbo_model_nblock (model) && !failed; b++)
    failed = add_block (object, model, b, k);
  return finished (object, failed);
}

static json_t *
components (const elbo_model *model)
{
  const size_t ncomp = elbo_model_ncomp (model);
  double *weight = elbo_doubles (ncomp);
  json_t *array = json_array ();
  int failed = !weight || !array;
  if (weight)
    elbo_model_weights (model, weight);
  for (size_t k = 0; k < ncomp && !failed; k++)
    failed = append (array, component (model, k, weight[k]));
  free (weight);
  return finished (array, failed);
}

/* --- checks ---------------------------------------------------------------------------------- */

/* JSON has no NaN, and a model with one is a bug: looked for before anything is made. */
static int
record_is_finite (const elbo_record *record, int posterior)
{
  int finite = isfinite (record->elbo) && isfinite (record->weight);
  finite &= posterior || isfinite (record->log_likelihood);
  finite &= elbo_all_finite (record->term, record->nterm);
  for (size_t j = 0; j < record->ncolumn; j++)
    finite &= isfinite (record->column[j]->mean) && isfinite (record->column[j]->sd);
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const elbo_choice *c = record->choice[i];
      finite &= !!isfinite (c->elbo);
      if (posterior)
        finite &= isfinite (c->log_p) && isfinite (c->probability);
      else
        finite &= isfinite (c->bic) && isfinite (c->aic) && isfinite (c->icl)
                  && isfinite (c->icl_hard);
    }
  return finite;
}

/* GSL_EINVAL without parameters, ELBO_ENUMERIC where one of them, or of a prior, is not finite. */
static int
check_numbers (const elbo_model *model)
{
  int status = GSL_SUCCESS;
  for (size_t f = 0; f <= elbo_model_nblock (model) && status == GSL_SUCCESS; f++)
    {
      const elbo_shape *shape = elbo_model_shape (model, f);
      const size_t nparam = elbo_field_total (elbo_model_belief (model, f)->param, shape);
      const size_t nprior = elbo_field_total (elbo_model_factor (model, f)->prior, shape);
      double *v = elbo_doubles (nparam + 3 * nprior);
      status = v ? elbo_model_param (model, f, v) : GSL_ENOMEM;
      if (status == GSL_SUCCESS)
        status = elbo_model_prior (model, f, v + nparam);
      if (status == GSL_SUCCESS)
        elbo_model_learned (model, f, v + nparam + nprior, v + nparam + 2 * nprior);
      if (status == GSL_SUCCESS
          && !elbo_all_finite (v, nparam + (elbo_model_method (model) != ELBO_ML ? 3 * nprior : 0)))
        status = elbo_fail (ELBO_ENUMERIC, "model file: a number is not finite");
      free (v);
    }
  return status;
}

/* A file is for readers who know its families and its weights by name. */
static int
check_names (const elbo_model *model)
{
  const elbo_latent *latent = elbo_model_latent (model);
  if (!elbo_weights_name (latent))
    return elbo_fail (ELBO_EUNSUP,
                      "model file: the latent structure %s is not one of the library's",
                      latent->base->name);
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      const elbo_family *family = elbo_model_block (model, b)->family;
      if (elbo_family_find (family->base->name) != family)
        return elbo_fail (ELBO_EUNSUP, "model file: the family %s is not one of the library's",
                          family->base->name);
    }
  return GSL_SUCCESS;
}

static int
check (const elbo_model *model, const elbo_record *record)
{
  const size_t dim = elbo_model_dim (model);
  int status = check_names (model);
  if (status == GSL_SUCCESS)
    status = elbo_model_ready (model);
  if (status == GSL_SUCCESS && record->ncolumn != dim)
    status = elbo_fail (GSL_EINVAL, "model file: the record has %zu columns, the model %zu",
                        record->ncolumn, dim);
  if (status == GSL_SUCCESS && !record_is_finite (record, elbo_model_method (model) == ELBO_VB))
    status = elbo_fail (ELBO_ENUMERIC, "model file: a number is not finite");
  return status == GSL_SUCCESS ? check_numbers (model) : status;
}

/* --- the text -------------------------------------------------------------------------------- */

/* One value on one line, or an array of objects with a line for each.  Returns 1 on failure. */
static int
dump (FILE *stream, const json_t *value)
{
  const size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION (17);
  const int lines = json_is_array (value) && json_is_object (json_array_get (value, 0));
  if (!lines)
    return json_dumpf (value, stream, flags) != 0;
  int failed = 0;
  for (size_t i = 0; i < json_array_size (value) && !failed; i++)
    {
      fputs (i ? ",\n    " : "[\n    ", stream);
      failed = json_dumpf (json_array_get (value, i), stream, flags) != 0;
    }
  fputs ("\n  ]", stream);
  return failed;
}

/* Returns 1 when memory ran out. */
static int
dump_all (FILE *stream, const elbo_model *model, const elbo_record *record)
{
  const struct
  {
    const char *key;
    json_t *value;
  } part[] = { { "format", json_string ("elbo-model") },
               { "format_version", json_integer (1) },
               { "written_by", written_by (record) },
               { "command", texts (record->command, record->ncommand) },
               { "data", data (record) },
               { "columns", columns (model, record) },
               { "model", heading (model) },
               { "prior",
                 elbo_model_method (model) == ELBO_ML ? json_null () : elbo_prior_write (model) },
               { "fit", fit (model, record) },
               { "components", components (model) },
               { "elbo_terms", terms (record) },
               { "selection", selection (model, record) },
               { "warnings", texts (record->warning, record->nwarning) } };
  const size_t npart = sizeof part / sizeof *part;
  int failed = 0;
  for (size_t i = 0; i < npart; i++)
    failed |= !part[i].value;
  for (size_t i = 0; i < npart; i++)
    {
      if (!failed)
        {
          fprintf (stream, "%s\"%s\": ", i ? ",\n  " : "{ ", part[i].key);
          failed = dump (stream, part[i].value);
        }
      json_decref (part[i].value);
    }
  return fputs (" }\n", stream) < 0 || failed;
}

static int
make_text (const elbo_model *model, const elbo_record *record, char **text, size_t *length)
{
  const int status = check (model, record);
  if (status != GSL_SUCCESS)
    return status;
  FILE *stream = open_memstream (text, length);
  int failed = !stream || dump_all (stream, model, record);
  if (stream)
    failed |= fclose (stream) != 0;
  if (!failed && *text)
    return GSL_SUCCESS;
  free (*text);
  *text = NULL;
  return elbo_fail (GSL_ENOMEM, "out of memory: the text of a model");
}

int
elbo_model_to_text (const elbo_model *model, const elbo_record *record, char **text, size_t *length)
{
  size_t ignored;
  elbo_record *own = NULL;
  if (!model || !text)
    return elbo_fail (GSL_EFAULT, "model file: a model and a place for the text are needed");
  *text = NULL;
  int status = GSL_SUCCESS;
  if (!record || record->ncolumn == 0)
    {
      own = elbo_record_alloc ();
      status = own ? elbo_record_columns (own, model) : GSL_ENOMEM;
    }
  if (status == GSL_SUCCESS && record && own)
    {
      elbo_record borrowed = *record;
      borrowed.column = own->column;
      borrowed.ncolumn = own->ncolumn;
      status = make_text (model, &borrowed, text, length ? length : &ignored);
    }
  else if (status == GSL_SUCCESS)
    status = make_text (model, own ? own : record, text, length ? length : &ignored);
  elbo_record_free (own);
  return status;
}

/* --- where it goes --------------------------------------------------------------------------- */

static int
write_text (FILE *stream, const char *text, size_t length)
{
  if (fwrite (text, 1, length, stream) != length || fflush (stream) || ferror (stream))
    return elbo_fail (ELBO_EIO, "cannot write the model");
  return GSL_SUCCESS;
}

int
elbo_model_write (FILE *stream, const elbo_model *model, const elbo_record *record)
{
  char *text = NULL;
  size_t length = 0;
  if (!stream)
    return elbo_fail (GSL_EFAULT, "model file: a stream is needed");
  int status = elbo_model_to_text (model, record, &text, &length);
  if (status == GSL_SUCCESS)
    status = write_text (stream, text, length);
  free (text);
  return status;
}

int
elbo_model_save (const char *path, const elbo_model *model, const elbo_record *record)
{
  char *text = NULL;
  size_t length = 0;
  int status = elbo_model_to_text (model, record, &text, &length);
  elbo_file *file = status == GSL_SUCCESS ? elbo_file_create (path, 1) : NULL;
  if (status == GSL_SUCCESS && !file)
    status = elbo_message_status ();
  if (file)
    {
      /* the commit says what went wrong with the file */
      (void)write_text (elbo_file_stream (file), text, length);
      status = elbo_file_commit (file);
    }
  free (text);
  return status;
}
