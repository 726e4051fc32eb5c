/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters of a model from the array of its components. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

enum
{
  NKEY = 24
};

/* One factor on its way in. */
typedef struct
{
  const read_source *source;
  const elbo_shape *shape;
  int point, latent;
  double *param, *other; /* other: what a shared field says in a later component */
} incoming;

/* Are the numbers possible?  Degrees of freedom must exceed D - 1; what is neither a place nor a
   matrix must be positive in a posterior and may be 0 in a point and in a last stick; the rest is
   checked when the belief is used. */
static int
check_range (const incoming *in, const char *path, const elbo_field *field, const double *v,
             size_t n)
{
  const double least = strcmp (field->name, "df") == 0 ? (double)in->shape->dim - 1 : 0;
  const int matrix = field->extent[1] == ELBO_DIM && field->unit == ELBO_SQUARE
                     && (field->extent[0] == ELBO_DIM || field->extent[2] == ELBO_DIM);
  if (field->unit == ELBO_PLACE || matrix)
    return GSL_SUCCESS;
  const int zero = in->point || in->latent;
  for (size_t i = 0; i < n; i++)
    if (!(v[i] > least || (zero && v[i] == 0)))
      return elbo_read_bad (in->source, path, "%.17g is not above %g", v[i], least);
  return GSL_SUCCESS;
}

/* A covariance matrix into what the family keeps of it: all, the diagonal or one variance. */
static int
take_covariance (const incoming *in, const json_t *value, const char *path, const elbo_field *field,
                 double *v)
{
  static const elbo_field square = { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "" };
  const size_t dim = in->shape->dim, first = field->extent[0] == ELBO_COMP;
  const elbo_extent a = field->extent[first], b = first ? field->extent[2] : field->extent[1];
  double *m = elbo_doubles (dim * dim);
  int status
      = m ? elbo_field_read (in->source, value, path, &square, in->shape, WHOLE, 0, m) : GSL_ENOMEM;
  for (size_t i = 0; i < dim && !status; i++)
    for (size_t j = 0; j < dim && !status; j++)
      {
        const double x = m[i * dim + j];
        if (x != m[j * dim + i])
          status = elbo_read_bad (in->source, path, "the matrix is not symmetric");
        else if (i == j ? !(x > 0) : b != ELBO_DIM && x != 0)
          status = elbo_read_bad (in->source, path,
                                  i == j ? "a variance is not positive"
                                         : "the matrix is not diagonal");
        else if (a != ELBO_DIM && i == j && x != m[0])
          status = elbo_read_bad (in->source, path, "the variances are not equal");
        else if (b == ELBO_DIM)
          v[i * dim + j] = x;
        else if (i == j && (a == ELBO_DIM || i == 0))
          v[i] = x;
      }
  free (m);
  return status;
}

static int
take_field (const incoming *in, json_t *object, const char *path, const elbo_field *field, size_t k,
            double *v)
{
  const size_t size = elbo_field_size (field, in->shape);
  const int shared = field->extent[0] != ELBO_COMP;
  const int covariance = in->point && field->unit == ELBO_SQUARE;
  const char *key = covariance ? "covariance" : field->name;
  const size_t n = shared ? size : size / in->shape->ncomp;
  const json_t *value = json_object_get (object, key);
  char at[READ_PATH];
  elbo_read_path (at, path, key);
  if (!value)
    return elbo_read_bad (in->source, at, "the key is missing");
  double *to = shared && k ? in->other : v;
  double *own = shared ? to : v + k * n;
  int status = covariance
                   ? take_covariance (in, value, at, field, own)
                   : elbo_field_read (in->source, value, at, field, in->shape, (long)k, 0, to);
  if (!status)
    status = check_range (in, at, field, own, n);
  for (size_t i = 0; i < n && shared && k && !status; i++)
    if (v[i] != in->other[i])
      status = elbo_read_bad (in->source, at, "differs from the first component, but all share it");
  return status;
}

static int
take_factor (const incoming *in, json_t *object, const char *path, const elbo_model *model,
             size_t f, size_t k)
{
  double *v = in->param;
  int status = GSL_SUCCESS;
  for (const elbo_field *field = elbo_model_belief (model, f)->param; field->name && !status;
       field++)
    {
      if (field->doc)
        status = take_field (in, object, path, field, k, v);
      v += elbo_field_size (field, in->shape);
    }
  return status;
}

/* The object of factor f in component k; path [READ_PATH] receives its path. */
static json_t *
object_of (const read_source *source, const elbo_model *model, json_t *array, size_t f, size_t k,
           char path[READ_PATH])
{
  json_t *object = json_array_get (array, k);
  char key[READ_PATH], at[READ_PATH];
  snprintf (at, sizeof at, "components[%zu]", k);
  snprintf (path, READ_PATH, "%s", at);
  if (!json_is_object (object))
    {
      elbo_read_bad (source, at, "an object is expected");
      return NULL;
    }
  if (f == 0 || elbo_block_is_gauss (elbo_model_block (model, f - 1)))
    return object;
  elbo_block_key (model, f - 1, key);
  elbo_read_path (path, at, key);
  return elbo_read_need (source, object, at, key, JSON_OBJECT);
}

static int
set_factor (const read_source *source, json_t *array, elbo_model *model, size_t f)
{
  const elbo_shape *shape = elbo_model_shape (model, f);
  const size_t size = elbo_field_total (elbo_model_belief (model, f)->param, shape);
  incoming in = { .source = source,
                  .shape = shape,
                  .point = elbo_model_method (model) != ELBO_VB,
                  .latent = f == 0,
                  .param = elbo_doubles (size),
                  .other = elbo_doubles (size) };
  int status = in.param && in.other ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; k < shape->ncomp && !status; k++)
    {
      char path[READ_PATH];
      json_t *object = object_of (source, model, array, f, k, path);
      status = object ? take_factor (&in, object, path, model, f, k) : elbo_message_status ();
    }
  if (!status && (status = elbo_model_set_param (model, f, in.param)) != GSL_SUCCESS)
    status = elbo_read_worse (source, "components", status);
  if (!status)
    elbo_model_param (model, f, in.param);
  if (!status && !elbo_all_finite (in.param, size))
    status = elbo_read_bad (source, "components", "a number is too large for the columns");
  free (in.param);
  free (in.other);
  return status;
}

/* Keys that stand in a component or, with f > 0, in the object of a block of its own. */
static size_t
add_known (const elbo_model *model, size_t f, const char **known, size_t n)
{
  for (const elbo_field *field = elbo_model_belief (model, f)->param; field->name; field++)
    if (field->doc && n < NKEY)
      known[n++] = field->name;
  return n;
}

static int
check_keys (const read_source *source, json_t *array, const elbo_model *model)
{
  const size_t nblock = elbo_model_nblock (model);
  const char **known = elbo_calloc (nblock + NKEY + 1, sizeof *known);
  char (*key)[READ_PATH] = elbo_calloc (nblock, sizeof *key);
  size_t n = 0;
  int status = known && key ? GSL_SUCCESS : GSL_ENOMEM;
  if (!status)
    {
      known[n++] = "weight";
      n = add_known (model, 0, known, n);
    }
  for (size_t b = 0; b < nblock && !status; b++)
    if (elbo_block_is_gauss (elbo_model_block (model, b)))
      {
        known[n++] = "covariance";
        n = add_known (model, 1 + b, known, n);
      }
    else
      {
        elbo_block_key (model, b, key[b]);
        known[n++] = key[b];
      }
  for (size_t k = 0; k < elbo_model_ncomp (model) && !status; k++)
    {
      char path[READ_PATH];
      json_t *object = object_of (source, model, array, 0, k, path);
      status = object ? elbo_read_keys (source, object, path, known) : ELBO_EMODEL;
      for (size_t b = 0; b < nblock && !status; b++)
        if (!elbo_block_is_gauss (elbo_model_block (model, b)))
          {
            const char *own[NKEY + 1] = { NULL };
            add_known (model, 1 + b, own, 0);
            object = object_of (source, model, array, 1 + b, k, path);
            status = object ? elbo_read_keys (source, object, path, own) : ELBO_EMODEL;
          }
    }
  free (known);
  free (key);
  return status;
}

/* Weights, stated for every model, are probabilities; those of point beliefs are the parameters
   and sum to 1. */
static int
check_weights (const read_source *source, json_t *array, const elbo_model *model)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const int all = elbo_model_method (model) != ELBO_VB;
  double total = 0;
  for (size_t k = 0; k < ncomp; k++)
    {
      char path[READ_PATH], at[READ_PATH];
      double weight;
      json_t *object = object_of (source, model, array, 0, k, path);
      if (!object || elbo_read_real (source, object, path, "weight", &weight))
        return ELBO_EMODEL;
      elbo_read_path (at, path, "weight");
      if (!(weight >= 0 && weight <= 1 + 1e-9))
        return elbo_read_bad (source, at, "%.17g is not a weight", weight);
      total += weight;
    }
  if (fabs (total - 1) > 1e-6 && (all || total > 1))
    return elbo_read_bad (source, "components", "the weights sum to %.9g, not to 1", total);
  return GSL_SUCCESS;
}

/* The covariance of a distribution follows from its parameters; what the file states is only
   checked to be a matrix. */
static int
check_covariance (const read_source *source, json_t *array, const elbo_model *model)
{
  static const elbo_field square = { "covariance", { ELBO_DIM, ELBO_DIM }, ELBO_SQUARE, "" };
  if (elbo_model_method (model) != ELBO_VB)
    return GSL_SUCCESS;
  for (size_t b = 0; b < elbo_model_nblock (model); b++)
    {
      const elbo_shape *shape = elbo_model_shape (model, 1 + b);
      if (!elbo_block_is_gauss (elbo_model_block (model, b)))
        continue;
      double *v = elbo_doubles (shape->dim * shape->dim);
      int status = v ? GSL_SUCCESS : GSL_ENOMEM;
      for (size_t k = 0; k < shape->ncomp && !status; k++)
        {
          char path[READ_PATH], at[READ_PATH];
          json_t *object = object_of (source, model, array, 0, k, path);
          json_t *value = elbo_read_need (source, object, path, "covariance", JSON_ARRAY);
          elbo_read_path (at, path, "covariance");
          status = value ? elbo_field_read (source, value, at, &square, shape, WHOLE, 0, v)
                         : ELBO_EMODEL;
        }
      free (v);
      if (status)
        return status;
    }
  return GSL_SUCCESS;
}

int
elbo_components_read (const read_source *source, json_t *array, elbo_model *model)
{
  int status = check_keys (source, array, model);
  if (!status)
    status = check_weights (source, array, model);
  if (!status)
    status = check_covariance (source, array, model);
  for (size_t f = 0; f <= elbo_model_nblock (model) && !status; f++)
    status = set_factor (source, array, model, f);
  return status;
}

/* The rows of the last component when its stick is closed: those behind the stick before it. */
static double
rows_behind (const elbo_belief *belief, const elbo_shape *shape, const double *param,
             const elbo_field *table, const double *prior)
{
  size_t at, at_prior;
  if (shape->ncomp < 2 || !elbo_field_find (belief->param, shape, "b", &at)
      || !elbo_field_find (table, shape, "alpha", &at_prior))
    return 0;
  return param[at + shape->ncomp - 2] - prior[at_prior];
}

/* N_k from what is believed about the weights: alpha - alpha0, a - 1 of a stick Beta (1, alpha),
   or weight times total.  Fixed weights say nothing about rows: NULL. */
int
elbo_components_rows (const elbo_model *model, double weight, double **result)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const elbo_belief *belief = elbo_model_belief (model, 0);
  const elbo_shape *shape = elbo_model_shape (model, 0);
  const elbo_field *table = elbo_model_factor (model, 0)->prior;
  size_t at = 0, at_prior = 0;
  *result = NULL;
  if (elbo_model_latent (model) == elbo_mixture_fixed)
    return GSL_SUCCESS;
  double *count = elbo_doubles (ncomp);
  double *param = elbo_doubles (elbo_field_total (belief->param, shape));
  double *prior = elbo_doubles (elbo_field_total (table, shape));
  const int good = count && param && prior;
  if (good)
    {
      elbo_model_param (model, 0, param);
      elbo_model_prior (model, 0, prior);
      const int dirichlet = elbo_field_find (belief->param, shape, "alpha", &at)
                            && elbo_field_find (table, shape, "alpha", &at_prior);
      const int stick = !dirichlet && elbo_field_find (belief->param, shape, "a", &at);
      elbo_model_weights (model, count);
      for (size_t k = 0; k < ncomp; k++)
        count[k] = dirichlet ? param[at + k] - prior[at_prior + k]
                   : stick   ? param[at + k] - 1
                             : count[k] * weight;
      if (stick && count[ncomp - 1] == 0)
        count[ncomp - 1] = rows_behind (belief, shape, param, table, prior);
    }
  free (param);
  free (prior);
  if (good)
    *result = count;
  else
    free (count);
  return good ? GSL_SUCCESS : GSL_ENOMEM;
}
