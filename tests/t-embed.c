/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program that embeds the library does, and what it does wrong: sizes, null pointers, nested
   searches, cancelling, saving without a record, memory. */
#include <config.h>
#include <check.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>

enum
{
  N = 300
};

/* Two groups of two columns. */
static gsl_matrix *
rows (void)
{
  gsl_matrix *x = gsl_matrix_alloc (N, 2);
  for (size_t i = 0; i < N; i++)
    for (size_t d = 0; d < 2; d++)
      gsl_matrix_set (x, i, d,
                      elbo_uniform (elbo_key (7, i, d)) + elbo_uniform (elbo_key (8, i, d))
                          + (i % 3 ? 0 : 5));
  return x;
}

static elbo_search *
search_of (elbo_data **data, elbo_model **model, const elbo_search_options *options)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  gsl_matrix *x = rows ();
  *data = elbo_data_from_matrix (x, NULL);
  *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (*model, *data), GSL_SUCCESS);
  gsl_matrix_free (x);
  return elbo_search_alloc (*model, *data, NULL, options);
}

/* --- options ----------------------------------------------------------------------------------- */

START_TEST (sizes)
{
  elbo_data *data;
  elbo_model *model;
  elbo_search_options options;
  static const size_t bad[] = { 0, 3, 12345678 };
  for (size_t i = 0; i < 3; i++)
    {
      elbo_search_options_init (&options);
      options.size = bad[i];
      ck_assert_ptr_null (search_of (&data, &model, &options));
      ck_assert_int_eq (elbo_message_status (), GSL_EINVAL);
      elbo_data_free (data);
      elbo_model_free (model);
    }
  /* a program that knows the first members only: the others have their defaults */
  elbo_search_options_init (&options);
  options.size = offsetof (elbo_search_options, kind);
  options.starts = 3;
  options.kind = (elbo_start_kind)77;
  elbo_search *search = search_of (&data, &model, &options);
  ck_assert_ptr_nonnull (search);
  ck_assert_uint_eq (elbo_search_starts (search), 3);
  elbo_search_free (search);
  elbo_data_free (data);
  elbo_model_free (model);
  /* nothing is written beyond what a program has */
  unsigned char room[sizeof options + 8];
  memset (room, 0xa5, sizeof room);
  elbo_search_options_fill ((elbo_search_options *)(void *)room, 24);
  for (size_t i = 24; i < sizeof room; i++)
    ck_assert_int_eq (room[i], 0xa5);
}
END_TEST

START_TEST (bad_options)
{
  elbo_data *data;
  elbo_model *model;
  for (int i = 0; i < 6; i++)
    {
      elbo_search_options options;
      elbo_search_options_init (&options);
      if (i == 0)
        options.kind = (elbo_start_kind)77;
      if (i == 1)
        options.starts = 0;
      if (i == 2)
        options.tol = NAN;
      if (i == 3)
        options.max_pass = 0;
      if (i == 4)
        options.threads = -1;
      if (i == 5)
        options.max_seconds = -1;
      ck_assert_ptr_null (search_of (&data, &model, &options));
      ck_assert_int_eq (elbo_message_status (), GSL_EINVAL);
      elbo_data_free (data);
      elbo_model_free (model);
    }
  elbo_table_options table;
  elbo_table_options_init (&table);
  table.header = (elbo_header)9;
  ck_assert_ptr_null (elbo_table_open ("/dev/null", &table));
  ck_assert_int_eq (elbo_message_status (), GSL_EINVAL);
}
END_TEST

/* --- sizes of starts and ranks ----------------------------------------------------------------- */

START_TEST (other_sizes)
{
  elbo_data *data;
  elbo_model *model;
  size_t label[10] = { 0 };
  elbo_search *search = search_of (&data, &model, NULL);
  elbo_start *few = elbo_start_labels (label, 10, 2), *wide = elbo_start_labels (label, 10, 5);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (elbo_fit_start (fit, few), GSL_EBADLEN);
  ck_assert_int_eq (elbo_fit_start (fit, wide), GSL_EBADLEN);
  elbo_data *small = elbo_data_alloc (5, 2);
  elbo_ranks *ranks = elbo_ranks_alloc (small);
  ck_assert_ptr_null (elbo_search_alloc (model, data, ranks, NULL));
  ck_assert_int_eq (elbo_message_status (), GSL_EBADLEN);
  ck_assert_ptr_null (elbo_start_kmeans (model, data, ranks, 1, 0, 1));
  ck_assert_int_eq (elbo_message_status (), GSL_EBADLEN);
  elbo_fit_free (fit);
  elbo_ranks_free (ranks);
  elbo_data_free (small);
  elbo_start_free (few);
  elbo_start_free (wide);
  elbo_search_free (search);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

START_TEST (nothing_is_left)
{
  elbo_model *model = (elbo_model *)&model;
  double value = 1;
  ck_assert_int_eq (
      elbo_mixture_fit (NULL, NULL, 2, elbo_gauss_full, ELBO_VB, NULL, &model, &value), GSL_EFAULT);
  ck_assert_ptr_null (model);
  ck_assert (isnan (value));
}
END_TEST

/* --- callbacks --------------------------------------------------------------------------------- */

static int
nested (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  int *runs = arg;
  (void)start;
  (void)fit;
  if (outcome && *runs == 0)
    {
      elbo_data *data;
      elbo_model *model;
      elbo_search *inner = search_of (&data, &model, NULL);
      *runs = 1;
      ck_assert_int_eq (elbo_search_run (inner, nested, runs), GSL_SUCCESS);
      elbo_search_free (inner);
      elbo_model_free (model);
      elbo_data_free (data);
    }
  return 0;
}

static jmp_buf out;

static int
jumps (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  (void)start;
  (void)fit;
  (void)outcome;
  (void)arg;
  longjmp (out, 1);
}

static int
cancels (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  (void)start;
  (void)fit;
  (void)outcome;
  elbo_search_cancel (arg);
  return 0;
}

START_TEST (callbacks)
{
  elbo_data *data;
  elbo_model *model;
  int runs = 0;
  elbo_search *search = search_of (&data, &model, NULL), *left;
  ck_assert_int_eq (elbo_search_run (search, nested, &runs), GSL_SUCCESS);
  ck_assert_int_eq (runs, 1);
  ck_assert_int_eq (elbo_search_run (search, NULL, NULL), GSL_EINVAL);
  elbo_search_free (search);
  left = elbo_search_alloc (model, data, NULL, NULL);
  if (setjmp (out) == 0)
    elbo_search_run (left, jumps, NULL);
  elbo_search_free (left);
  search = elbo_search_alloc (model, data, NULL, NULL);
  ck_assert_int_eq (elbo_search_run (search, cancels, search), ELBO_ESTOP);
  ck_assert_ptr_nonnull (elbo_search_model (search));
  elbo_search_free (search);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- results ----------------------------------------------------------------------------------- */

START_TEST (getters)
{
  gsl_matrix *x = rows (), *resp = gsl_matrix_alloc (N, 2), *covariance = gsl_matrix_alloc (2, 2);
  gsl_vector *mean = gsl_vector_alloc (2), *weight = gsl_vector_alloc (2);
  gsl_vector *density = gsl_vector_alloc (N);
  elbo_search *search;
  ck_assert_int_eq (elbo_mixture_search (x, NULL, 2, elbo_gauss_full, ELBO_ML, NULL, &search),
                    GSL_SUCCESS);
  const elbo_model *model = elbo_search_model (search);
  ck_assert_int_eq (elbo_component_weights (model, weight), GSL_SUCCESS);
  ck_assert_int_eq (elbo_component_mean (model, 0, 1, mean), GSL_SUCCESS);
  ck_assert_int_eq (elbo_component_covariance (model, 0, 1, covariance), GSL_SUCCESS);
  ck_assert_int_eq (elbo_component_mean (model, 1, 0, mean), GSL_EINVAL);
  ck_assert_int_eq (elbo_component_mean (model, 0, 2, mean), GSL_EINVAL);
  /* by EM the parameters are the weighted moments */
  ck_assert_int_eq (elbo_predict (model, x, 2, resp, density), GSL_SUCCESS);
  double count = 0, sum[2] = { 0, 0 }, l = 0;
  for (size_t i = 0; i < N; i++)
    {
      const double r = gsl_matrix_get (resp, i, 1);
      double one[2], d;
      count += r;
      l += gsl_vector_get (density, i);
      for (size_t d1 = 0; d1 < 2; d1++)
        sum[d1] += r * gsl_matrix_get (x, i, d1);
      ck_assert_int_eq (elbo_predict_row (model, gsl_matrix_const_ptr (x, i, 0), one, &d),
                        GSL_SUCCESS);
      ck_assert (one[1] == r && d == gsl_vector_get (density, i));
    }
  ck_assert_double_eq_tol (gsl_vector_get (weight, 1), count / N, 1e-7);
  ck_assert_double_eq_tol (gsl_vector_get (mean, 0), sum[0] / count, 1e-6);
  ck_assert_double_eq_tol (gsl_vector_get (mean, 1), sum[1] / count, 1e-6);
  ck_assert_double_eq_tol (elbo_search_log_likelihood (search), l, 1e-8 * fabs (l));
  gsl_matrix_free (x);
  gsl_matrix_free (resp);
  gsl_matrix_free (covariance);
  gsl_vector_free (mean);
  gsl_vector_free (weight);
  gsl_vector_free (density);
  elbo_search_free (search);
}
END_TEST

START_TEST (choose)
{
  gsl_matrix *x = rows ();
  elbo_data *data = elbo_data_from_matrix (x, NULL);
  const elbo_family *const family[] = { elbo_gauss_full, elbo_gauss_iso };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_choose_options options;
  elbo_selection *s;
  elbo_choose_options_init (&options);
  options.most = 3;
  options.family = family;
  options.nfamily = 2;
  ck_assert_int_eq (
      elbo_choose (data, NULL, elbo_mixture_dirichlet, &block, 1, ELBO_VB, &options, &s),
      GSL_SUCCESS);
  ck_assert_uint_eq (elbo_selection_size (s), 6);
  double total = 0;
  const size_t best = elbo_selection_best (s);
  for (size_t i = 0; i < 6; i++)
    {
      total += elbo_selection_probability (s, i);
      ck_assert (elbo_selection_probability (s, i) <= elbo_selection_probability (s, best));
      ck_assert_uint_eq (elbo_selection_components (s, i), 1 + i / 2);
      ck_assert_ptr_eq (elbo_selection_family (s, i), family[i % 2]);
    }
  ck_assert_double_eq_tol (total, 1, 1e-12);
  ck_assert_uint_ge (elbo_selection_components (s, best), 2);
  elbo_selection_free (s);
  elbo_data_free (data);
  gsl_matrix_free (x);
}
END_TEST

START_TEST (means)
{
  elbo_data *data;
  elbo_model *model;
  elbo_search *search = search_of (&data, &model, NULL);
  double centre[] = { 1, 1, 6, 6 }, resp[2 * ELBO_TILE];
  gsl_matrix_view view = gsl_matrix_view_array (centre, 2, 2);
  elbo_start *start = elbo_start_means (model, data, &view.matrix);
  ck_assert_ptr_nonnull (start);
  ck_assert_int_eq (elbo_start_part (start, model, data, 0, ELBO_TILE, resp), GSL_SUCCESS);
  for (size_t i = 0; i < ELBO_TILE; i++)
    ck_assert (resp[2 * i] == (i % 3 ? 1 : 0) && resp[2 * i + 1] == 1 - resp[2 * i]);
  elbo_start_free (start);
  elbo_search_free (search);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------- */

START_TEST (text)
{
  for (elbo_method method = ELBO_ML; method <= ELBO_VB; method++)
    {
      gsl_matrix *x = rows ();
      elbo_search *search;
      char *one, *two;
      size_t length;
      elbo_record *record;
      ck_assert_int_eq (elbo_mixture_search (x, NULL, 2, elbo_gauss_full, method, NULL, &search),
                        GSL_SUCCESS);
      const elbo_model *model = elbo_search_model (search);
      ck_assert_int_eq (elbo_model_to_text (model, NULL, &one, &length), GSL_SUCCESS);
      elbo_model *again = elbo_model_from_text (one, length, "text", NULL);
      ck_assert_msg (again, "%s", elbo_message ());
      for (size_t i = 0; i < N; i++)
        {
          double a, b;
          elbo_predict_row (model, gsl_matrix_ptr (x, i, 0), NULL, &a);
          elbo_predict_row (again, gsl_matrix_ptr (x, i, 0), NULL, &b);
          ck_assert (a == b);
        }
      record = elbo_record_of (search);
      ck_assert_ptr_nonnull (record);
      ck_assert_int_eq (elbo_model_to_text (model, record, &two, NULL), GSL_SUCCESS);
      ck_assert_ptr_nonnull (strstr (two, "\"reason\": \"tolerance\""));
      elbo_record_free (record);
      elbo_model_free (again);
      free (one);
      free (two);
      elbo_search_free (search);
      gsl_matrix_free (x);
    }
}
END_TEST

START_TEST (no_parameters)
{
  elbo_data *data;
  elbo_model *model;
  char *one;
  double x[2] = { 0, 0 }, value;
  elbo_search *search = search_of (&data, &model, NULL);
  ck_assert_int_eq (elbo_predict_row (model, x, NULL, &value), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_to_text (model, NULL, &one, NULL), GSL_EINVAL);
  ck_assert_ptr_null (one);
  elbo_search_free (search);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* Whatever reads a data set which the model was not asked about asks; what it was told holds until a
   cell is put. */
static void
refuse_unseen (const elbo_model *model)
{
  double resp[400], density[200];
  elbo_data *data = elbo_data_alloc (200, 1);
  elbo_model *copy = elbo_model_clone (model);
  ck_assert_int_eq (elbo_model_adopt (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_predict_data (model, data, 1, resp, density), GSL_SUCCESS);
  elbo_data_put (data, 198, 0, 1e15);
  ck_assert_int_eq (elbo_predict_data (model, data, 2, resp, density), ELBO_EDATA);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "row 199, column 1"));
  ck_assert_int_eq (elbo_model_adopt (model, data), ELBO_EDATA);
  ck_assert_int_eq (elbo_predict_data (model, data, 2, resp, density), ELBO_EDATA);
  ck_assert_int_eq (elbo_predict_row (model, (double[]){ -1 }, resp, NULL), ELBO_EDATA);
  ck_assert_ptr_null (elbo_fit_alloc (copy, data, NULL));
  ck_assert_int_eq (elbo_message_status (), ELBO_EDATA);
  ck_assert_ptr_null (elbo_search_alloc (model, data, NULL, NULL));
  ck_assert_int_eq (elbo_message_status (), ELBO_EDATA);
  elbo_model_free (copy);
  elbo_data_free (data);
}

START_TEST (unseen)
{
  const elbo_block block = ELBO_BLOCK (elbo_categorical, 0, 1, 3);
  elbo_data *data = elbo_data_alloc (30, 1);
  for (size_t i = 0; i < 30; i++)
    elbo_data_put (data, i, 0, (double)(i % 3));
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_search *search = elbo_search_alloc (model, data, NULL, NULL);
  elbo_search_run (search, NULL, NULL);
  ck_assert_ptr_nonnull (elbo_search_model (search));
  double cell[] = { 0, 1, 3 }, density[3];
  gsl_matrix_view view = gsl_matrix_view_array (cell, 3, 1);
  gsl_vector_view to = gsl_vector_view_array (density, 3);
  ck_assert_int_eq (elbo_predict (elbo_search_model (search), &view.matrix, 1, NULL, &to.vector),
                    ELBO_EDATA);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "row 3, column 1"));
  refuse_unseen (elbo_search_model (search));
  elbo_search_free (search);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- divergences ------------------------------------------------------------------------------- */

START_TEST (divergences)
{
  /* by 60 digits */
  static const double gamma[][5] = {
    { 1e4, 1, 1e4 * (1 + 1e-8), 1, 5.0002499209391563e-13 },
    { 1e180, 1, 1e180, 1, 0 },
    { 1e14, 1e14 * (1 + 1e-9), 1e14, 1e14, 5.0000015558334523e-5 },
    { 3, 2, 3.0000001, 2, 1.9746703020920909e-15 },
    { 0.3, 7, 1e6, 2, 17570789.399002137 },
    { 3, 2, 1, 1, 0.34556867019693428 },
  };
  for (size_t i = 0; i < sizeof gamma / sizeof *gamma; i++)
    {
      const double *g = gamma[i];
      ck_assert_double_eq_tol (elbo_kl_gamma (g[0], g[1], g[2], g[3]), g[4], 1e-14 * g[4] + 1e-300);
    }
  const double large[] = { 1e16, 1e16 }, one[] = { 1, 1 };
  ck_assert_double_eq_tol (elbo_kl_dirichlet (2, large, one), 18.041462981587611, 1e-13);
  ck_assert_double_eq_tol (elbo_kl_beta (1e14, 1e14, 1e14 + 1e7, 1e14), 0.2499999875000026, 1e-14);
  ck_assert_double_eq_tol (elbo_kl_beta (1e14, 1e14, 1e14, 1e14 * (1 + 1e-9)),
                           2.5000007800000792e-5, 1e-18);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("embed");
  TCase *tcase = tcase_create ("embed");
  tcase_add_test (tcase, sizes);
  tcase_add_test (tcase, bad_options);
  tcase_add_test (tcase, other_sizes);
  tcase_add_test (tcase, nothing_is_left);
  tcase_add_test (tcase, callbacks);
  tcase_add_test (tcase, getters);
  tcase_add_test (tcase, choose);
  tcase_add_test (tcase, means);
  tcase_add_test (tcase, text);
  tcase_add_test (tcase, no_parameters);
  tcase_add_test (tcase, unseen);
  tcase_add_test (tcase, divergences);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
