/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading reference results, building the models they speak of, comparing; see golden.h. */
#include <config.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"
#include "golden.h"

const char *golden_name = "";

/* --- files --------------------------------------------------------------------------------- */

static void
path_of (const char *name, const char *end, char *path, size_t size)
{
  const char *top = getenv ("srcdir");
  const int length = snprintf (path, size, "%s/tests/data/%s%s", top ? top : ".", name, end);
  ck_assert_msg (length > 0 && (size_t)length < size, "the name of %s is too long", name);
}

json_t *
golden_read (const char *name)
{
  char path[4096];
  json_error_t error;
  path_of ("golden/", name, path, sizeof path);
  json_t *root = json_load_file (path, 0, &error);
  ck_assert_msg (root != NULL, "%s:%d: %s", path, error.line, error.text);
  return root;
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The names of the files that begin with prefix, sorted. */
static char **
names_of (const char *prefix, size_t *n)
{
  char path[4096];
  path_of ("golden", "", path, sizeof path);
  DIR *folder = opendir (path);
  ck_assert_msg (folder != NULL, "cannot read %s", path);
  char **name = NULL;
  *n = 0;
  for (const struct dirent *entry = readdir (folder); entry; entry = readdir (folder))
    if (strncmp (entry->d_name, prefix, strlen (prefix)) == 0 && strstr (entry->d_name, ".json"))
      {
        name = realloc (name, (*n + 1) * sizeof *name);
        ck_assert (name != NULL);
        name[*n] = strdup (entry->d_name);
        ck_assert (name[*n] != NULL);
        ++*n;
      }
  closedir (folder);
  if (*n > 0)
    qsort (name, *n, sizeof *name, by_name);
  return name;
}

size_t
golden_each (const char *prefix, void (*test) (json_t *root))
{
  size_t n = 0;
  char **name = names_of (prefix, &n);
  for (size_t i = 0; i < n; i++)
    {
      golden_name = name[i];
      if (test)
        {
          json_t *root = golden_read (name[i]);
          test (root);
          json_decref (root);
        }
      free (name[i]);
    }
  free (name);
  golden_name = "";
  return n;
}

/* --- JSON ---------------------------------------------------------------------------------- */

json_t *
golden_at (const json_t *object, const char *path)
{
  json_t *at = (json_t *)object;
  for (const char *from = path; *from && at;)
    {
      char key[64];
      const size_t length = strcspn (from, ".");
      ck_assert (length < sizeof key);
      memcpy (key, from, length);
      key[length] = '\0';
      at = json_object_get (at, key);
      from += length + (from[length] == '.');
    }
  ck_assert_msg (at != NULL, "%s has no %s", golden_name, path);
  return at;
}

double
golden_number (const json_t *object, const char *path)
{
  const json_t *at = golden_at (object, path);
  ck_assert_msg (json_is_number (at), "%s: %s is not a number", golden_name, path);
  return json_number_value (at);
}

size_t
golden_flatten (const json_t *array, double *out)
{
  size_t n = 0;
  if (!json_is_array (array))
    {
      ck_assert_msg (json_is_number (array), "%s: not a number in an array", golden_name);
      if (out)
        *out = json_number_value (array);
      return 1;
    }
  for (size_t i = 0; i < json_array_size (array); i++)
    n += golden_flatten (json_array_get (array, i), out ? out + n : NULL);
  return n;
}

double *
golden_doubles (const json_t *array, size_t *n)
{
  const size_t size = golden_flatten (array, NULL);
  double *out = calloc (size + 1, sizeof *out);
  ck_assert (out != NULL);
  golden_flatten (array, out);
  if (n)
    *n = size;
  return out;
}

gsl_matrix *
golden_matrix (const json_t *rows)
{
  const size_t n = json_array_size (rows), total = golden_flatten (rows, NULL);
  gsl_matrix *x = gsl_matrix_alloc (n, total / n);
  ck_assert (x != NULL && total % n == 0);
  golden_flatten (rows, x->data);
  return x;
}

size_t *
golden_labels (const json_t *array)
{
  const size_t n = json_array_size (array);
  size_t *label = calloc (n, sizeof *label);
  ck_assert (label != NULL);
  for (size_t i = 0; i < n; i++)
    label[i] = (size_t)json_integer_value (json_array_get (array, i)) - 1;
  return label;
}

/* --- tables -------------------------------------------------------------------------------- */

/* Cut a line at its commas, in place; our test data quote nothing. */
static size_t
split (char *line, char **cell, size_t most)
{
  size_t n = 0;
  line[strcspn (line, "\r\n")] = '\0';
  for (char *at = line; at && n < most;)
    {
      cell[n++] = at;
      at = strchr (at, ',');
      if (at)
        *at++ = '\0';
    }
  return n;
}

enum
{
  MOST_COLUMNS = 64
};

static size_t
count_lines (FILE *file)
{
  size_t n = 0;
  for (int c = getc (file); c != EOF; c = getc (file))
    n += c == '\n';
  rewind (file);
  return n;
}

static void
find_columns (char *const *head, size_t nhead, const json_t *columns, size_t *column)
{
  for (size_t d = 0; d < json_array_size (columns); d++)
    {
      const char *name = json_string_value (json_array_get (columns, d));
      for (column[d] = 0; column[d] < nhead && strcmp (head[column[d]], name) != 0;)
        column[d]++;
      ck_assert_msg (column[d] < nhead, "%s: no column %s", golden_name, name);
    }
}

gsl_matrix *
golden_table (const char *dataset, const json_t *columns)
{
  char path[4096], line[8192], *cell[MOST_COLUMNS];
  size_t column[MOST_COLUMNS];
  const size_t dim = json_array_size (columns);
  path_of (dataset, ".csv", path, sizeof path);
  FILE *file = fopen (path, "r");
  ck_assert_msg (file != NULL, "cannot read %s", path);
  const size_t nrow = count_lines (file) - 1;
  ck_assert (fgets (line, sizeof line, file) != NULL && dim <= MOST_COLUMNS);
  find_columns (cell, split (line, cell, MOST_COLUMNS), columns, column);
  gsl_matrix *x = gsl_matrix_alloc (nrow, dim);
  for (size_t i = 0; i < nrow; i++)
    {
      ck_assert (fgets (line, sizeof line, file) != NULL);
      const size_t ncell = split (line, cell, MOST_COLUMNS);
      for (size_t d = 0; d < dim; d++)
        {
          char *end = NULL;
          ck_assert (column[d] < ncell);
          gsl_matrix_set (x, i, d, strtod (cell[column[d]], &end));
          ck_assert_msg (end && *end == '\0', "%s: row %zu: '%s'", path, i + 1, cell[column[d]]);
        }
    }
  fclose (file);
  return x;
}

/* --- comparing ----------------------------------------------------------------------------- */

void
golden_near (double got, double want, double tolerance, double size, const char *what)
{
  /* an assertion of Check writes to a file also while it holds */
  if (!(fabs (got - want) <= tolerance * size))
    ck_abort_msg ("%s: %s is %.17g, should be %.17g: off by %.3g, allowed %.3g", golden_name, what,
                  got, want, got - want, tolerance * size);
}

void
golden_near_all (const double *got, const double *want, size_t n, double tolerance,
                 const char *what)
{
  double size = 0;
  for (size_t i = 0; i < n; i++)
    size = fmax (size, fabs (want[i]));
  for (size_t i = 0; i < n; i++)
    golden_near (got[i], want[i], tolerance, size, what);
}

/* --- kinds of families --------------------------------------------------------------------- */

/* Where the posterior of component k stands in a file: an object of its own, an object of all
   components whose first two keys have one entry each, a list of objects by column, a list of
   lists by column, a list for this column. */
enum
{
  OF_COMPONENT,
  OF_ALL,
  OF_COLUMNS,
  OF_LISTS,
  OF_LEVELS
};

#define WISHART \
  { \
    { "beta0", "kappa", "beta", "kappa" }, { "m0", "mean", "m", "mean" }, \
        { "nu0", "df", "nu", "df" }, \
    { \
      "W0inv", "scale", "Winv", "scale" \
    } \
  }
#define GAMMA \
  { \
    { "beta0", "kappa", "beta", "kappa" }, { "m0", "mean", "m", "mean" }, \
        { "a0", "shape", "a", "shape" }, \
    { \
      "b0_rate", "rate", "b", "rate" \
    } \
  }

static const golden_kind kinds[] = {
  { "gauss_full", &elbo_gauss_full, OF_COMPONENT, WISHART },
  { "gauss_tied", &elbo_gauss_tied, OF_ALL, WISHART },
  { "gauss_diag", &elbo_gauss_diag, OF_COLUMNS, GAMMA },
  { "gauss_spherical", &elbo_gauss_iso, OF_COMPONENT, GAMMA },
  { "bernoulli", &elbo_bernoulli, OF_LISTS, { { "a0", "a", "0", "a" }, { "b0", "b", "1", "b" } } },
  { "poisson",
    &elbo_poisson,
    OF_LISTS,
    { { "a0", "shape", "0", "shape" }, { "b0_rate", "rate", "1", "rate" } } },
  { "categorical", &elbo_categorical, OF_LEVELS, { { "alpha0", "alpha", "", "alpha" } } }
};

const golden_kind *
golden_kind_find (const char *type)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (kinds[i].type, type) == 0)
      return kinds + i;
  ck_abort_msg ("%s: components of type %s are not known", golden_name, type);
  return NULL;
}

/* The numbers of field f of component k, or of all components where they share it; returns how
   many. */
static size_t
gather (const golden_block *block, const json_t *components, size_t k, size_t f, double *out)
{
  const char *key = block->kind->field[f].believed;
  const json_t *own = json_is_array (components) ? json_array_get (components, k) : components;
  size_t n = 0;
  if (block->in_product)
    own = json_array_get (own, block->product);
  switch (block->kind->layout)
    {
    case OF_COMPONENT:
      return golden_flatten (golden_at (own, key), out);
    case OF_ALL:
      own = golden_at (own, key);
      return golden_flatten (f < 2 ? json_array_get (own, k) : own, out);
    case OF_LEVELS:
      return golden_flatten (json_array_get (own, block->level), out);
    default:
      for (size_t d = 0; d < json_array_size (own); d++)
        {
          const json_t *at = json_array_get (own, d);
          at = block->kind->layout == OF_COLUMNS ? golden_at (at, key)
                                                 : json_array_get (at, (size_t)(*key - '0'));
          n += golden_flatten (at, out + n);
        }
      return n;
    }
}

/* --- models -------------------------------------------------------------------------------- */

/* Add one block of columns, for categorical ones one block a column. */
static void
add_block (golden_run *run, elbo_block *block, const json_t *prior, size_t first, size_t last,
           size_t product, int in_product)
{
  const golden_kind *kind = golden_kind_find (json_string_value (golden_at (prior, "type")));
  const int levels = kind->layout == OF_LEVELS;
  for (size_t column = first; column <= last; column += levels ? 1 : last - first + 1)
    {
      ck_assert (run->nblock < GOLDEN_MAX_BLOCKS);
      golden_block *to = run->block + run->nblock;
      size_t before = 0;
      for (size_t b = 0; b < run->nblock; b++)
        before += run->block[b].kind == kind;
      *to = (golden_block){ .kind = kind,
                            .prior = prior,
                            .product = product,
                            .in_product = in_product,
                            .level = column - first };
      snprintf (to->path, sizeof to->path, "%s:%zu", (*kind->family)->base->name, before);
      block[run->nblock++] = (elbo_block){
        .size = sizeof (elbo_block),
        .family = *kind->family,
        .column = column,
        .dim = levels ? 1 : last - first + 1,
        .level
        = levels ? json_array_size (json_array_get (golden_at (prior, "alpha0"), to->level)) : 0
      };
    }
}

static void
add_blocks (golden_run *run, elbo_block *block, const json_t *components, size_t dim)
{
  const json_t *list = json_object_get (components, "blocks");
  if (!list)
    add_block (run, block, components, 0, dim - 1, 0, 0);
  for (size_t b = 0; list && b < json_array_size (list); b++)
    {
      const json_t *one = json_array_get (list, b), *columns = golden_at (one, "columns");
      add_block (run, block, one, (size_t)json_integer_value (json_array_get (columns, 0)),
                 (size_t)json_integer_value (json_array_get (columns, 1)), b, 1);
    }
}

static const elbo_latent *
latent_of (const json_t *weights)
{
  if (strcmp (json_string_value (golden_at (weights, "type")), "dirichlet") == 0)
    return elbo_mixture_dirichlet;
  ck_assert_str_eq (json_string_value (golden_at (weights, "type")), "stick_breaking");
  const char *last = json_string_value (golden_at (weights, "last_stick"));
  return strcmp (last, "free") == 0 ? elbo_mixture_stick : elbo_mixture_stick_closed;
}

/* Write one field of the prior of factor f; the other fields keep what prepare wrote. */
static void
put_prior (elbo_model *model, size_t f, const char *name, const json_t *value)
{
  const elbo_factor *factor = elbo_model_factor (model, f);
  const elbo_shape *shape = elbo_model_shape (model, f);
  size_t at = 0;
  double *prior = calloc (elbo_field_total (factor->prior, shape), sizeof *prior);
  const elbo_field *field = elbo_field_find (factor->prior, shape, name, &at);
  ck_assert_msg (prior && field, "%s: %s has no prior %s", golden_name, factor->name, name);
  ck_assert_uint_eq (golden_flatten (value, NULL), elbo_field_size (field, shape));
  elbo_model_prior (model, f, prior);
  golden_flatten (value, prior + at);
  ck_assert_int_eq (elbo_model_set_prior (model, f, prior), GSL_SUCCESS);
  free (prior);
}

static void
put_weights (elbo_model *model, const json_t *weights)
{
  if (elbo_model_latent (model)->order == ELBO_ORDER_FREE)
    {
      put_prior (model, 0, "alpha", golden_at (weights, "alpha0"));
      return;
    }
  size_t n = 0;
  double *a = golden_doubles (golden_at (weights, "a0"), &n);
  double *b = golden_doubles (golden_at (weights, "b0"), NULL);
  for (size_t k = 0; k < n; k++) /* anything else would be a Pitman-Yor process */
    ck_assert (a[k] == 1 && b[k] == b[0]);
  put_prior (model, 0, "alpha", json_array_get (golden_at (weights, "b0"), 0));
  free (a);
  free (b);
}

static void
put_components (golden_run *run)
{
  for (size_t b = 0; b < run->nblock; b++)
    {
      const golden_kind *kind = run->block[b].kind;
      for (size_t f = 0; kind->field[f].given; f++)
        {
          const json_t *value = golden_at (run->block[b].prior, kind->field[f].given);
          if (kind->layout == OF_LEVELS)
            value = json_array_get (value, run->block[b].level);
          put_prior (run->model, 1 + b, kind->field[f].prior, value);
        }
    }
}

static void
prepare (golden_run *run, const elbo_latent *latent, const elbo_block *block, elbo_method method)
{
  run->data = elbo_data_from_matrix (run->x, NULL);
  ck_assert_msg (run->data != NULL, "%s: %s", golden_name, elbo_message ());
  run->model = elbo_model_alloc (run->ncomp, latent, block, run->nblock, method);
  ck_assert_msg (run->model != NULL, "%s: %s", golden_name, elbo_message ());
  ck_assert_msg (elbo_model_prepare (run->model, run->data) == GSL_SUCCESS, "%s: %s", golden_name,
                 elbo_message ());
}

/* Reference programs do not accelerate: half-steps are compared one by one. */
static elbo_fit *
plain_fit (const golden_run *run, const elbo_fit_options *options)
{
  elbo_fit_options plain;
  elbo_fit_options_init (&plain);
  if (options)
    plain = *options;
  plain.accelerate = 0;
  return elbo_fit_alloc (run->model, run->data, &plain);
}

void
golden_open (golden_run *run, const json_t *weights, const json_t *components, size_t ncomp,
             gsl_matrix *x)
{
  elbo_block block[GOLDEN_MAX_BLOCKS];
  memset (run, 0, sizeof *run);
  run->x = x;
  run->ncomp = ncomp;
  add_blocks (run, block, components, x->size2);
  prepare (run, latent_of (weights), block, ELBO_VB);
  put_weights (run->model, weights);
  put_components (run);
  run->fit = plain_fit (run, NULL);
  ck_assert (run->fit != NULL);
}

void
golden_open_ml (golden_run *run, const elbo_family *family, size_t ncomp, gsl_matrix *x,
                const elbo_fit_options *options)
{
  const elbo_block block = ELBO_BLOCK (family, 0, x->size2, 0);
  memset (run, 0, sizeof *run);
  run->x = x;
  run->ncomp = ncomp;
  run->nblock = 1;
  prepare (run, elbo_mixture_dirichlet, &block, ELBO_ML);
  run->fit = plain_fit (run, options);
  ck_assert (run->fit != NULL);
}

void
golden_close (golden_run *run)
{
  elbo_fit_free (run->fit);
  elbo_model_free (run->model);
  elbo_data_free (run->data);
  gsl_matrix_free (run->x);
}

/* --- fits ---------------------------------------------------------------------------------- */

void
golden_start_resp (golden_run *run, const json_t *resp)
{
  elbo_start *start = NULL;
  size_t n = 0;
  double *r = golden_doubles (resp, &n);
  ck_assert_uint_eq (n, run->x->size1 * run->ncomp);
  ck_assert_int_eq (start_made (&start, elbo_start_responsibilities (r, run->x->size1, run->ncomp)),
                    GSL_SUCCESS);
  const int status = elbo_fit_start (run->fit, start);
  ck_assert_msg (status == GSL_SUCCESS, "%s: %s", golden_name, elbo_message ());
  elbo_start_free (start);
  free (r);
}

void
golden_start_labels (golden_run *run, const json_t *label)
{
  elbo_start *start = NULL;
  size_t *from = golden_labels (label);
  ck_assert_uint_eq (json_array_size (label), run->x->size1);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (from, run->x->size1, run->ncomp)),
                    GSL_SUCCESS);
  const int status = elbo_fit_start (run->fit, start);
  ck_assert_msg (status == GSL_SUCCESS, "%s: %s", golden_name, elbo_message ());
  elbo_start_free (start);
  free (from);
}

void
golden_pass (golden_run *run, size_t n)
{
  while (elbo_fit_iterations (run->fit) < n)
    {
      const int status = elbo_fit_pass (run->fit);
      ck_assert_msg (status == GSL_SUCCESS, "%s: %s", golden_name, elbo_message ());
    }
}

const elbo_trace *
golden_record (const golden_run *run, char half, size_t i)
{
  size_t n = 0, seen = 0;
  const elbo_trace *trace = elbo_fit_trace (run->fit, &n);
  for (size_t t = 0; t < n; t++)
    if (trace[t].half == half && seen++ == i)
      return trace + t;
  ck_abort_msg ("%s: no record %c %zu", golden_name, half, i);
  return NULL;
}

/* --- comparing runs ------------------------------------------------------------------------ */

void
golden_near_terms (double elbo, const double term[ELBO_NTERM], const json_t *terms,
                   double tolerance, const char *what)
{
  static const struct
  {
    const char *plus, *minus, *name;
  } part[ELBO_NTERM] = { { "E_ln_pX", NULL, "reconstruction" },
                         { "E_ln_qZ", "E_ln_pZ", "kl_assignments" },
                         { "E_ln_qW", "E_ln_pW", "kl_weights" },
                         { "E_ln_qTheta", "E_ln_pTheta", "kl_components" },
                         { NULL, NULL, "log_prior" } };
  double want[ELBO_NTERM], size = 1;
  for (size_t i = 0; i < ELBO_NTERM; i++)
    {
      const double plus = part[i].plus ? golden_number (terms, part[i].plus) : 0;
      const double minus = part[i].minus ? golden_number (terms, part[i].minus) : 0;
      want[i] = plus - minus;
      size += fabs (plus) + fabs (minus);
    }
  golden_near (elbo, golden_number (terms, "elbo"), tolerance, size, what);
  for (size_t i = 0; i < ELBO_NTERM; i++)
    {
      char label[80];
      snprintf (label, sizeof label, "%s: %s", what, part[i].name);
      golden_near (term[i], want[i], tolerance, size, label);
    }
}

static void
near_weights (const golden_run *run, const json_t *weights, double tolerance)
{
  size_t n = 0;
  double *want = golden_doubles (weights, &n);
  const elbo_latent *latent = elbo_model_latent (run->model);
  if (latent->order == ELBO_ORDER_FREE)
    {
      ck_assert_uint_eq (n, run->ncomp);
      golden_near_all (elbo_model_field (run->model, "mixture_dirichlet.alpha", NULL), want, n,
                       tolerance, "alpha");
    }
  for (size_t k = 0; latent->order != ELBO_ORDER_FREE && k < n / 2; k++)
    {
      const char *name = latent->base->name;
      char path[2][64];
      snprintf (path[0], sizeof path[0], "%s.a", name);
      snprintf (path[1], sizeof path[1], "%s.b", name);
      for (size_t i = 0; i < 2; i++)
        golden_near (elbo_model_field (run->model, path[i], NULL)[k], want[2 * k + i], tolerance,
                     1 + fabs (want[2 * k + i]), path[i]);
    }
  free (want);
}

static void
near_block (const golden_run *run, const golden_block *block, const json_t *components,
            double tolerance)
{
  double want[1024];
  for (size_t f = 0; block->kind->field[f].believed; f++)
    for (size_t k = 0; k < run->ncomp; k++)
      {
        char path[128];
        size_t extent[3];
        snprintf (path, sizeof path, "%s.%s", block->path, block->kind->field[f].param);
        const double *got = elbo_model_field (run->model, path, extent);
        ck_assert_msg (got != NULL, "%s: %s", golden_name, elbo_message ());
        const size_t total = extent[0] * extent[1] * extent[2];
        const size_t n = gather (block, components, k, f, want);
        ck_assert (n == total || n * run->ncomp == total);
        golden_near_all (n == total ? got : got + k * n, want, n, tolerance, path);
      }
}

void
golden_near_beliefs (const golden_run *run, const json_t *state, double tolerance)
{
  near_weights (run, golden_at (state, "weights"), tolerance);
  for (size_t b = 0; b < run->nblock; b++)
    near_block (run, run->block + b, golden_at (state, "components"), tolerance);
}

void
golden_near_trace (const golden_run *run, const json_t *trace, double tolerance)
{
  for (size_t i = 0; i < json_array_size (trace); i++)
    for (const char *half = "ME"; *half; half++)
      {
        const elbo_trace *got = golden_record (run, *half, i);
        const double want = golden_number (json_array_get (trace, i),
                                           *half == 'M' ? "elbo_after_m" : "elbo_after_e");
        double size = 1;
        char what[64];
        for (size_t t = 0; t < ELBO_NTERM; t++)
          size += fabs (got->term[t]);
        snprintf (what, sizeof what, "bound of %c half-step %zu", *half, i + 1);
        golden_near (got->elbo, want, tolerance, size, what);
      }
}

/* --- main ---------------------------------------------------------------------------------- */

int
golden_main (const char *name, const TTest *const *test, size_t ntest)
{
  Suite *suite = suite_create (name);
  TCase *all = tcase_create (name);
  for (size_t i = 0; i < ntest; i++)
    tcase_add_test (all, test[i]);
  suite_add_tcase (suite, all);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
