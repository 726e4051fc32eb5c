/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as text: what is written is read, what is damaged is refused. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <elbo/elbo.h>
#include "made.h"

enum
{
  ROWS = 60,
  COLUMNS = 6,
  LEVELS = 3
};

static char folder[] = "/tmp/t-model-file.XXXXXX";

/* Two Gaussian columns far from 0, a binary one, a count, and two categories; two groups. */
static elbo_data *
make_data (void)
{
  elbo_data *data = elbo_data_alloc (ROWS, COLUMNS);
  ck_assert_ptr_nonnull (data);
  for (size_t i = 0; i < ROWS; i++)
    {
      double u[COLUMNS];
      const size_t group = i % 3 == 0;
      for (size_t j = 0; j < COLUMNS; j++)
        u[j] = elbo_uniform (elbo_key (7, j, i));
      elbo_data_put (data, i, 0, 1e6 + 40.0 * (double)group + 30 * u[0]);
      elbo_data_put (data, i, 1, 0.01 * u[1] + 0.004 * u[0]);
      elbo_data_put (data, i, 2, u[2] < (group ? 0.8 : 0.3));
      elbo_data_put (data, i, 3, floor (6 * u[3]));
      elbo_data_put (data, i, 4, floor (LEVELS * u[4]));
      elbo_data_put (data, i, 5, floor (LEVELS * u[5] * u[5]));
    }
  return data;
}

static char *
copy (const char *text)
{
  char *own = strdup (text);
  ck_assert_ptr_nonnull (own);
  return own;
}

/* A record that fits the data above. */
static elbo_record *
make_record (const elbo_data *data, const elbo_model *model)
{
  static const char *const name[COLUMNS] = { "speed\n\"x\"", "width", "b", "n", "c", "d" };
  elbo_record *record = elbo_record_alloc ();
  ck_assert_ptr_nonnull (record);
  record->written_by = copy ("t-model-file");
  record->command = calloc (1, sizeof *record->command);
  record->command[0] = copy ("a \"quoted\" word");
  record->ncommand = 1;
  record->rows = ROWS;
  record->weight = ROWS;
  for (size_t j = 0; j < elbo_model_dim (model); j++)
    {
      elbo_column *column = elbo_record_add_column (record);
      ck_assert_ptr_nonnull (column);
      column->name = copy (name[j]);
      column->sd = 1;
      if (j < 2)
        elbo_data_moments (data, j, &column->mean, &column->sd);
      column->nlevel = j == 2 ? 2 : j > 3 ? LEVELS : 0;
      column->level = calloc (LEVELS, sizeof *column->level);
      for (size_t l = 0; l < column->nlevel; l++)
        {
          const char text[2] = { (char)('p' + l), '\0' };
          column->level[l] = copy (text);
        }
    }
  record->elbo = -123.456;
  record->log_likelihood = elbo_model_method (model) == ELBO_VB ? NAN : -100;
  record->reason = copy ("tolerance");
  elbo_choice *choice = elbo_record_add_choice (record);
  ck_assert_ptr_nonnull (choice);
  choice->components = elbo_model_ncomp (model);
  choice->covariance = elbo_covariance_name (elbo_model_block (model, 0)->family);
  return record;
}

/* A model after a few passes. */
static elbo_model *
make_model (elbo_data *data, const elbo_family *gauss, const elbo_latent *latent,
            elbo_method method, int mixed)
{
  const elbo_block block[] = {
    { .size = sizeof (elbo_block), .family = gauss, .column = 0, .dim = 2 },
    { .size = sizeof (elbo_block), .family = elbo_bernoulli, .column = 2, .dim = 1 },
    { .size = sizeof (elbo_block), .family = elbo_poisson, .column = 3, .dim = 1 },
    { .size = sizeof (elbo_block), .family = elbo_categorical, .column = 4, .dim = 1, .level = 3 },
    { .size = sizeof (elbo_block), .family = elbo_categorical, .column = 5, .dim = 1, .level = 3 }
  };
  size_t label[ROWS];
  elbo_start *start = NULL;
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  elbo_model *model = elbo_model_alloc (2, latent, block, mixed ? 5 : 1, method);
  ck_assert_ptr_nonnull (model);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  options.max_pass = 4;
  elbo_fit *fit = elbo_fit_alloc (model, data, &options);
  ck_assert_ptr_nonnull (fit);
  for (size_t i = 0; i < ROWS; i++)
    label[i] = (i % 3 == 0) != (i % 7 == 0);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, ROWS, 2)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  elbo_start_free (start);
  for (int pass = 0; pass < 3; pass++)
    ck_assert_int_eq (elbo_fit_pass (fit), GSL_SUCCESS);
  elbo_fit_free (fit);
  return model;
}

/* The text of a model; free it. */
static char *
text_of (const elbo_model *model, const elbo_record *record)
{
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream (&text, &size);
  ck_assert_ptr_nonnull (stream);
  ck_assert_msg (elbo_model_write (stream, model, record) == GSL_SUCCESS, "%s", elbo_message ());
  fclose (stream);
  return text;
}

static elbo_model *
read_text (const char *text, size_t size, elbo_record **record)
{
  FILE *stream = size ? fmemopen ((void *)text, size, "r") : fopen ("/dev/null", "r");
  ck_assert_ptr_nonnull (stream);
  elbo_model *model = elbo_model_read (stream, "m.json", record);
  fclose (stream);
  return model;
}

static void
round_trip (const elbo_family *gauss, const elbo_latent *latent, elbo_method method, int mixed)
{
  elbo_data *data = make_data ();
  elbo_model *model = make_model (data, gauss, latent, method, mixed);
  elbo_record *again;
  double before[2 * ROWS], after[2 * ROWS];
  /* a file with two columns describes a model of two columns; the data have more */
  elbo_record *record = make_record (data, model);
  char *first = text_of (model, record);
  elbo_model *loaded = read_text (first, strlen (first), &again);
  ck_assert_msg (loaded != NULL, "%s %s: %s", gauss->base->name, latent->base->name,
                 elbo_message ());
  char *second = text_of (loaded, again);
  ck_assert_str_eq (first, second);
  if (mixed)
    {
      ck_assert_int_eq (elbo_predict_data (model, data, 1, before, NULL), GSL_SUCCESS);
      ck_assert_int_eq (elbo_model_adopt (loaded, data), GSL_SUCCESS);
      ck_assert_int_eq (elbo_predict_data (loaded, data, 1, after, NULL), GSL_SUCCESS);
      for (size_t i = 0; i < 2 * ROWS; i++)
        ck_assert_double_eq_tol (before[i], after[i], 1e-9);
    }
  free (first);
  free (second);
  elbo_record_free (record);
  elbo_record_free (again);
  elbo_model_free (model);
  elbo_model_free (loaded);
  elbo_data_free (data);
}

static const elbo_family *const *const gauss_family[]
    = { &elbo_gauss_full, &elbo_gauss_tied, &elbo_gauss_diag, &elbo_gauss_iso };

START_TEST (same_bytes)
{
  const elbo_latent *latent;
  for (size_t l = 0; (latent = elbo_latent_at (l)); l++)
    for (elbo_method method = ELBO_ML; method <= ELBO_VB; method++)
      if (method == ELBO_VB || latent->base->point)
        round_trip (*gauss_family[_i], latent, method, 1);
}
END_TEST

/* Five more passes from the parameters that a model has; the text of what they lead to. */
static char *
go_on (elbo_model *model, int refit, const elbo_record *record)
{
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.max_pass = 5;
  options.tol = 0;
  elbo_data *data = make_data ();
  double value = 0;
  if (refit)
    ck_assert_msg (elbo_model_refit (model, data, &options, &value) == GSL_EMAXITER, "%s",
                   elbo_message ());
  else
    {
      ck_assert_int_eq (elbo_model_adopt (model, data), GSL_SUCCESS);
      elbo_fit *fit = elbo_fit_alloc (model, data, &options);
      ck_assert_ptr_nonnull (fit);
      ck_assert_msg (elbo_fit_run (fit, NULL, NULL) == GSL_EMAXITER, "%s", elbo_message ());
      value = elbo_fit_value (fit);
      elbo_fit_free (fit);
    }
  ck_assert (isfinite (value));
  elbo_data_free (data);
  return text_of (model, record);
}

static void
resume (const elbo_family *gauss, const elbo_latent *latent, elbo_method method)
{
  elbo_data *data = make_data ();
  elbo_model *model = make_model (data, gauss, latent, method, 1);
  elbo_record *record = make_record (data, model);
  char *saved = text_of (model, record), *text = go_on (model, 0, record);
  for (int refit = 0; refit < 2; refit++)
    {
      elbo_model *loaded = read_text (saved, strlen (saved), NULL);
      ck_assert_ptr_nonnull (loaded);
      char *again = go_on (loaded, refit, record);
      ck_assert_str_eq (again, text);
      free (again);
      elbo_model_free (loaded);
    }
  free (text);
  free (saved);
  elbo_record_free (record);
  elbo_model_free (model);
  elbo_data_free (data);
}

/* A model from a file goes on with the same bits as the one that was saved. */
START_TEST (resumed)
{
  const elbo_latent *latent;
  for (size_t l = 0; (latent = elbo_latent_at (l)); l++)
    for (elbo_method method = ELBO_ML; method <= ELBO_VB; method++)
      if (method == ELBO_VB || latent->base->point)
        resume (*gauss_family[_i], latent, method);
}
END_TEST

/* One group on one place: what keeps its variance above 0 is the spread of the columns, which the
   file knows, and 1 where they are constant. */
START_TEST (floor_after_loading)
{
  elbo_model *model = NULL;
  gsl_matrix *x = gsl_matrix_calloc (12, 2);
  char *text;
  size_t length, extent[3];
  for (size_t i = 0; i < 12; i++)
    gsl_matrix_set (x, i, 0, i < 6 ? 0 : 100 + (double)i);
  elbo_data *data = elbo_data_from_matrix (x, NULL);
  elbo_mixture_fit (x, NULL, 1, elbo_gauss_full, ELBO_ML, NULL, &model, NULL);
  ck_assert_ptr_null (model); /* the constant column stands on the floor */
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  model = elbo_model_alloc (1, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_start *start = elbo_start_labels ((size_t[12]){ 0 }, 12, 1);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), ELBO_EDEGENERATE);
  ck_assert_int_eq (elbo_model_to_text (model, NULL, &text, &length), GSL_SUCCESS);
  elbo_model *loaded = elbo_model_from_text (text, length, "text", NULL);
  ck_assert_ptr_nonnull (loaded);
  ck_assert_int_eq (elbo_model_refit (loaded, data, NULL, NULL), ELBO_EDEGENERATE);
  const double *covariance = elbo_model_field (loaded, "gauss_full.covariance", extent);
  ck_assert_double_gt (covariance[0], 100);
  ck_assert_double_gt (covariance[3], 0);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_model_free (loaded);
  free (text);
  elbo_data_free (data);
  gsl_matrix_free (x);
}
END_TEST

/* Other rows, in other units and far off: parameters go along, what is refused changes nothing. */
START_TEST (refitted)
{
  elbo_data *data = make_data (), *other = make_data (), *narrow = elbo_data_alloc (5, 2);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_model *model = make_model (data, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_MAP, 1);
  elbo_model *fresh = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  size_t extent[3];
  double value = 0;
  for (size_t i = 0; i < ROWS; i++)
    elbo_data_put (other, i, 0, 1e6 + 4 * (elbo_data_value (data, i, 0) - 1e6));
  ck_assert_int_eq (elbo_model_refit (model, narrow, NULL, &value), GSL_EBADLEN);
  ck_assert (isnan (value));
  ck_assert_int_eq (elbo_model_refit (fresh, narrow, NULL, NULL), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_refit (model, NULL, NULL, NULL), GSL_EFAULT);
  ck_assert_int_eq (elbo_model_refit (model, other, NULL, &value), GSL_SUCCESS);
  ck_assert (isfinite (value));
  const double *mean = elbo_model_field (model, "gauss_full.mean", extent);
  ck_assert (fmax (mean[0], mean[2]) > 1e6 + 75 && fmax (mean[0], mean[2]) < 1e6 + 280);
  elbo_model_free (model);
  elbo_model_free (fresh);
  elbo_data_free (data);
  elbo_data_free (other);
  elbo_data_free (narrow);
}
END_TEST

/* A valid text to damage, of mixed blocks. */
static char *
sample_text (elbo_method method)
{
  elbo_data *data = make_data ();
  elbo_model *model = make_model (data, elbo_gauss_full, elbo_mixture_dirichlet, method, 1);
  elbo_record *record = make_record (data, model);
  char *text = text_of (model, record);
  elbo_record_free (record);
  elbo_model_free (model);
  elbo_data_free (data);
  return text;
}

/* What a damaged text may do: be refused with a sentence, or describe a model that can be written
   and used. */
static int
survives (const char *text, size_t size)
{
  elbo_record *record;
  elbo_model *model = read_text (text, size, &record);
  if (!model)
    {
      ck_assert_str_ne (elbo_message (), "");
      return 0;
    }
  double *weight = calloc (elbo_model_ncomp (model), sizeof *weight);
  ck_assert_ptr_nonnull (weight);
  elbo_model_weights (model, weight);
  for (size_t k = 0; k < elbo_model_ncomp (model); k++)
    ck_assert (isfinite (weight[k]));
  free (weight);
  free (text_of (model, record));
  elbo_record_free (record);
  elbo_model_free (model);
  return 1;
}

START_TEST (cut_anywhere)
{
  char *text = sample_text (ELBO_VB);
  const size_t size = strlen (text);
  ck_assert (survives (text, size));
  for (size_t n = 0; n + 2 < size; n += 1 + n % 7)
    ck_assert_msg (!survives (text, n), "cut at %zu", n);
  free (text);
}
END_TEST

/* Replace every number by hostile ones, one at a time. */
START_TEST (hostile_numbers)
{
  static const char *const hostile[] = { "-1",
                                         "0",
                                         "1e308",
                                         "-1e308",
                                         "1e-320",
                                         "1e999",
                                         "NaN",
                                         "null",
                                         "\"1\"",
                                         "[1]",
                                         "9223372036854775807",
                                         "true",
                                         "{}",
                                         "2" };
  char *text = sample_text ((elbo_method)_i);
  const size_t size = strlen (text);
  char *bad = malloc (size + 64);
  ck_assert_ptr_nonnull (bad);
  for (size_t at = 1; at < size; at++)
    {
      if (!strchr ("0123456789-", text[at]) || !strchr (" [", text[at - 1]))
        continue;
      const size_t length = strspn (text + at, "0123456789+-.eE");
      for (size_t h = 0; h < sizeof hostile / sizeof *hostile; h++)
        {
          const int n = snprintf (bad, size + 64, "%.*s%s%s", (int)at, text, hostile[h],
                                  text + at + length);
          survives (bad, (size_t)n);
        }
      at += length;
    }
  free (bad);
  free (text);
}
END_TEST

/* Rename every key, which deletes one and adds an unknown one. */
START_TEST (renamed_keys)
{
  char *text = sample_text ((elbo_method)_i);
  const size_t size = strlen (text);
  size_t tried = 0;
  for (size_t at = 0; at + 3 < size; at++)
    {
      if (text[at] != '"' || text[at + 1] != ':')
        continue;
      const char kept = text[at - 1];
      text[at - 1] = '_';
      ck_assert_msg (!survives (text, size), "renamed near: %.30s", text + at - 8);
      text[at - 1] = kept;
      tried++;
    }
  ck_assert_uint_gt (tried, 50);
  free (text);
}
END_TEST

/* Random bytes in random places. */
START_TEST (random_damage)
{
  static const char alphabet[] = "0123456789-+.eE,:[]{}\"nulltrue \n\x01\xff";
  char *text = sample_text (ELBO_VB);
  const size_t size = strlen (text);
  char *bad = malloc (size + 1);
  ck_assert_ptr_nonnull (bad);
  for (size_t i = 0; i < 4000; i++)
    {
      memcpy (bad, text, size + 1);
      for (size_t j = 0; j <= i % 3; j++)
        {
          const double u = elbo_uniform (elbo_key (i, 0, j)), v = elbo_uniform (elbo_key (i, 1, j));
          bad[(size_t)(u * (double)size)] = alphabet[(size_t)(v * (sizeof alphabet - 1))];
        }
      survives (bad, size);
    }
  free (bad);
  free (text);
}
END_TEST

START_TEST (not_finite)
{
  elbo_data *data = make_data ();
  elbo_model *model = make_model (data, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_VB, 1);
  elbo_record *record = make_record (data, model);
  record->elbo = NAN;
  FILE *null = fopen ("/dev/null", "w");
  ck_assert_int_eq (elbo_model_write (null, model, record), ELBO_ENUMERIC);
  ck_assert_int_eq (elbo_model_save ("m.json", model, record), ELBO_ENUMERIC);
  ck_assert_int_ne (access ("m.json", F_OK), 0);
  fclose (null);
  elbo_record_free (record);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* ---- atomic files ---- */

static void
check_text (const char *path, const char *text)
{
  char found[100] = "";
  FILE *f = fopen (path, "r");
  ck_assert_ptr_nonnull (f);
  found[fread (found, 1, sizeof found - 1, f)] = '\0';
  fclose (f);
  ck_assert_str_eq (found, text);
}

START_TEST (atomic)
{
  struct stat before, after;
  elbo_file *file = elbo_file_create ("a.txt", 1);
  ck_assert_ptr_nonnull (file);
  fputs ("one", elbo_file_stream (file));
  ck_assert_int_ne (access ("a.txt", F_OK), 0); /* not there before the commit */
  ck_assert_int_eq (elbo_file_commit (file), GSL_SUCCESS);
  check_text ("a.txt", "one");
  ck_assert_int_eq (chmod ("a.txt", 0640), 0);
  ck_assert_int_eq (stat ("a.txt", &before), 0);

  file = elbo_file_create ("a.txt", 1);
  fputs ("two", elbo_file_stream (file));
  elbo_file_abandon (file);
  check_text ("a.txt", "one");

  ck_assert_ptr_null (elbo_file_create ("a.txt", 0));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "a.txt"));
  file = elbo_file_create ("b.txt", 0);
  fputs ("mine", elbo_file_stream (file));
  elbo_file *other = elbo_file_create ("b.txt", 1);
  fputs ("theirs", elbo_file_stream (other));
  ck_assert_int_eq (elbo_file_commit (other), GSL_SUCCESS);
  ck_assert_int_eq (elbo_file_commit (file), ELBO_EIO); /* somebody was faster */
  check_text ("b.txt", "theirs");

  file = elbo_file_create ("a.txt", 1);
  fputs ("three", elbo_file_stream (file));
  ck_assert_int_eq (elbo_file_commit (file), GSL_SUCCESS);
  check_text ("a.txt", "three");
  ck_assert_int_eq (stat ("a.txt", &after), 0);
  ck_assert_uint_eq (before.st_mode, after.st_mode);
  ck_assert_ptr_null (elbo_file_create ("nowhere/a.txt", 1));
  ck_assert_int_eq (unlink ("a.txt"), 0);
  ck_assert_int_eq (unlink ("b.txt"), 0);
}
END_TEST

START_TEST (covariances)
{
  elbo_data *data = make_data ();
  double square[4];
  gsl_matrix_view view = gsl_matrix_view_array (square, 2, 2);
  size_t extent[3];
  elbo_model *model = make_model (data, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_VB, 1);
  ck_assert_int_eq (elbo_component_covariance (model, 0, 1, &view.matrix), GSL_SUCCESS);
  const double df = elbo_model_field (model, "gauss_full.df", extent)[1];
  const double scale = elbo_model_field (model, "gauss_full.scale", extent)[4 + 1];
  ck_assert_double_eq_tol (square[1], scale / (df - 3), 1e-12 * fabs (square[1]));
  ck_assert_int_eq (elbo_component_covariance (model, 1, 0, &view.matrix), ELBO_EUNSUP);
  elbo_model_free (model);
  model = make_model (data, elbo_gauss_iso, elbo_mixture_dirichlet, ELBO_ML, 1);
  ck_assert_int_eq (elbo_component_covariance (model, 0, 0, &view.matrix), GSL_SUCCESS);
  ck_assert (square[0] == square[3] && square[1] == 0 && square[2] == 0);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

static Suite *
suite (void)
{
  Suite *s = suite_create ("model files");
  TCase *c = tcase_create ("text");
  tcase_add_loop_test (c, same_bytes, 0, 4);
  tcase_add_loop_test (c, resumed, 0, 4);
  tcase_add_test (c, floor_after_loading);
  tcase_add_test (c, refitted);
  tcase_add_test (c, cut_anywhere);
  tcase_add_loop_test (c, hostile_numbers, ELBO_ML, ELBO_VB + 1);
  tcase_add_loop_test (c, renamed_keys, ELBO_ML, ELBO_VB + 1);
  tcase_add_test (c, random_damage);
  tcase_add_test (c, not_finite);
  tcase_add_test (c, atomic);
  tcase_add_test (c, covariances);
  suite_add_tcase (s, c);
  return s;
}

int
main (void)
{
  if (!mkdtemp (folder) || chdir (folder))
    return 99;
  SRunner *runner = srunner_create (suite ());
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  if (chdir ("/") || rmdir (folder))
    return 99;
  return failed ? 1 : 0;
}
