/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves and limits of a run: the order of sticks that a fit ends with is the best of all, a
   collapsed fit that is stopped says that it collapsed, and a run keeps to its limits. */
#include <config.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  K = 4
};

/* Four clusters far apart with rows_of rows, in this order. */
static const size_t rows_of[K] = { 30, 10, 55, 5 };

static elbo_data *
four_clusters (size_t *label)
{
  double x[100];
  size_t n = 0;
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i < rows_of[k]; i++, n++)
      {
        label[n] = k;
        x[n] = 100 * (double)k + elbo_uniform (elbo_key (3, k, i));
      }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, n, 1);
  return elbo_data_from_matrix (&view.matrix, NULL);
}

static double
peak_of (const elbo_latent *latent, double alpha, const double *count)
{
  const elbo_shape shape = { .ncomp = K, .kind = latent->base->kind };
  double stat[K + 6] = { 0 };
  memcpy (stat, count, K * sizeof *count);
  return latent->base->posterior->peak (&shape, &alpha, stat);
}

/* The best over all orders of the counts, one by one. */
static double
best_peak (const elbo_latent *latent, double alpha, const double *count)
{
  double best = -INFINITY;
  for (size_t code = 0; code < 256; code++)
    {
      const size_t order[K] = { code % 4, code / 4 % 4, code / 16 % 4, code / 64 };
      const unsigned seen = 1U << order[0] | 1U << order[1] | 1U << order[2] | 1U << order[3];
      const double in_order[K]
          = { count[order[0]], count[order[1]], count[order[2]], count[order[3]] };
      if (seen == 15)
        best = fmax (best, peak_of (latent, alpha, in_order));
    }
  return best;
}

START_TEST (test_best_order)
{
  static const double concentration[] = { 0.3, 1, 5 };
  const elbo_latent *latent = _i % 2 ? elbo_mixture_stick_closed : elbo_mixture_stick;
  const double alpha = concentration[_i / 2];
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  size_t label[100];
  elbo_data *data = four_clusters (label);
  elbo_model *model = elbo_model_alloc (K, latent, &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_prior (model, 0, &alpha), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  elbo_start *start = NULL;
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 100, K)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_SUCCESS);
  const double *count = elbo_fit_counts (fit);
  ck_assert_double_ge (peak_of (latent, alpha, count), best_peak (latent, alpha, count) - 1e-9);
  size_t moves = 0;
  for (size_t i = 0; i < elbo_fit_nrecord (fit); i++)
    {
      const elbo_trace *r = elbo_fit_record (fit, i);
      ck_assert (r->half == 'V' ? strcmp (r->move, "reorder") == 0 : r->move == NULL);
      moves += r->half == 'V';
    }
  ck_assert_uint_ge (moves, 1); /* 30, 10, 55, 5 is no best order */
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

static int
stop (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  (void)fit;
  (void)first;
  (void)nrecord;
  ++*(int *)arg;
  return 1;
}

/* Two rows of their own are a component without a spread. */
START_TEST (test_stopped_collapse)
{
  const double x[] = { 0, 1, 2, 3, 4, 50, 50 };
  const size_t label[] = { 0, 0, 0, 0, 0, 1, 1 };
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, 7, 1);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  elbo_start *start = NULL;
  int calls = 0;
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 7, 2)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, stop, &calls), ELBO_EDEGENERATE);
  ck_assert_int_eq (calls, 1);
  ck_assert_uint_eq (elbo_fit_collapsed (fit), 1);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* E half-steps at most, over all runs of a fit; a cancelled one ends after its pass. */
START_TEST (test_limits)
{
  size_t label[100];
  elbo_data *data = four_clusters (label);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.max_pass = 0;
  ck_assert_ptr_null (elbo_fit_alloc (model, data, &options));
  options.max_pass = 3;
  options.tol = 0;
  elbo_fit *fit = elbo_fit_alloc (model, data, &options);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_EINVAL);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "no parameters yet"));
  double resp[200];
  for (size_t i = 0; i < 100; i++)
    {
      resp[2 * i] = 0.3 + 0.004 * (double)i;
      resp[2 * i + 1] = 1 - resp[2 * i];
    }
  elbo_start *start = NULL;
  ck_assert_int_eq (start_made (&start, elbo_start_responsibilities (resp, 100, 2)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  for (int again = 0; again < 2; again++)
    {
      ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_EMAXITER);
      ck_assert_uint_eq (elbo_fit_iterations (fit), 3);
    }
  elbo_fit_free (fit);
  options.max_pass = 100;
  fit = elbo_fit_alloc (model, data, &options);
  elbo_fit_cancel (fit);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), ELBO_ESTOP);
  ck_assert_uint_eq (elbo_fit_iterations (fit), 1);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- tails, saddles, few rows ---------------------------------------------------------------- */

static elbo_fit *
fit_started (elbo_model *model, const elbo_data *data, const double *resp, size_t n, int accelerate,
             int threads, int expected)
{
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.accelerate = accelerate;
  options.threads = threads;
  elbo_fit *fit = elbo_fit_alloc (model, data, &options);
  elbo_start *start = NULL;
  ck_assert_int_eq (
      start_made (&start, elbo_start_responsibilities (resp, n, elbo_model_ncomp (model))),
      GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), expected);
  return fit;
}

static size_t
count_half (const elbo_fit *fit, char half)
{
  size_t n = 0;
  for (size_t i = 0; i < elbo_fit_nrecord (fit); i++)
    {
      const elbo_trace *r = elbo_fit_record (fit, i);
      n += r->half == half;
      ck_assert (i == 0 || r->gain >= -fmax (r->tau, r[-1].tau));
    }
  return n;
}

/* Deaths of women of 80 and more in The Times, 1910-1912 (Hasselblad 1969): two Poisson
   components, whose gains shrink by a percent a pass.  The limit is that of 100 000 plain passes. */
START_TEST (test_tail)
{
  const double deaths[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  double days[] = { 162, 267, 271, 185, 111, 61, 27, 8, 3, 1 }, resp[20], value[3];
  const double limit = -1989.945859883;
  gsl_matrix_const_view x = gsl_matrix_const_view_array (deaths, 10, 1);
  gsl_vector_view w = gsl_vector_view_array (days, 10);
  const elbo_block block = ELBO_BLOCK (elbo_poisson, 0, 1, 0);
  for (size_t i = 0; i < 10; i++)
    resp[2 * i] = 1 - (resp[2 * i + 1] = deaths[i] > 2 ? 0.9 : 0.1);
  for (int how = 0; how < 3; how++)
    {
      elbo_data *data = elbo_data_from_matrix (&x.matrix, &w.vector);
      elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
      ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
      elbo_fit *fit = fit_started (model, data, resp, 10, how > 0, how, GSL_SUCCESS);
      value[how] = elbo_fit_value (fit);
      ck_assert_uint_eq (count_half (fit, 'X') > 3, how > 0);
      ck_assert_uint_eq (count_half (fit, 'V'), 0);
      ck_assert (how == 0 || elbo_fit_iterations (fit) < 200);
      ck_assert_int_eq (elbo_fit_record (fit, elbo_fit_nrecord (fit) - 1)->half, 'E');
      elbo_fit_free (fit);
      elbo_model_free (model);
      elbo_data_free (data);
    }
  ck_assert_double_lt (value[0], limit - 1e-4);
  ck_assert_double_eq_tol (value[1], limit, 1e-6);
  ck_assert (memcmp (value + 1, value + 2, sizeof *value) == 0);
}
END_TEST

/* Two groups, from components that are equal: EM, MAP and VB stand still there. */
START_TEST (test_nudge)
{
  const elbo_method method[] = { ELBO_ML, ELBO_MAP, ELBO_VB };
  enum
  {
    N = 200
  };
  double x[N], resp[2 * N];
  for (size_t i = 0; i < N; i++)
    {
      x[i] = (i % 2 ? 6 : 0) + cos (1.7 * (double)i) + sin (0.37 * (double)i);
      resp[2 * i] = 0.5;
      resp[2 * i + 1] = 0.5;
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, N, 1);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, method[_i]);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_fit *fit = fit_started (model, data, resp, N, 1, 1, GSL_SUCCESS);
  ck_assert_uint_eq (count_half (fit, 'V'), 1);
  const double *mean = elbo_model_field (model, "gauss_full.mean", NULL);
  ck_assert_ptr_nonnull (mean);
  ck_assert_double_gt (fabs (mean[0] - mean[1]), 5);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* Forty rows a ten-thousandth as wide as the data are a component; two different rows, however many
   times they are there, are none. */
START_TEST (test_support)
{
  enum
  {
    N = 80
  };
  double x[2 * N];
  size_t label[N];
  for (size_t i = 0; i < N; i++)
    {
      const double wide = i < 40 ? 1 : _i ? 0 : 1e-4;
      label[i] = i >= 40;
      x[2 * i]
          = (i < 40 ? 0 : 9) + wide * cos (1.7 * (double)i) + (_i && i >= 40 ? (double)(i % 2) : 0);
      x[2 * i + 1] = (i < 40 ? 0 : 9) + wide * sin (0.9 * (double)i * (double)i);
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, N, 2);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  elbo_start *start = NULL;
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, N, 2)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), _i ? ELBO_EDEGENERATE : GSL_SUCCESS);
  ck_assert_uint_eq (elbo_fit_collapsed (fit), _i ? 1 : 2);
  elbo_start_free (start);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* One different row more than a covariance needs: a maximum, and a spurious one.  Rows that are there
   twice count once, and so do they in weights. */
START_TEST (test_spurious)
{
  double x[2 * 27];
  size_t label[27];
  for (size_t i = 0; i < 27; i++)
    {
      label[i] = i >= 20;
      const double t = 2 * M_PI * (double)(i % (_i ? 7 : 3)) / (_i ? 7 : 3);
      x[2 * i] = label[i] ? 50 + cos (t) : cos (1.7 * (double)i);
      x[2 * i + 1] = label[i] ? 9 + sin (t) : sin (0.9 * (double)i * (double)i);
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, 27, 2);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_start *start = NULL;
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 27, 2)), GSL_SUCCESS);
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.kind = ELBO_START_GIVEN;
  options.given = start;
  elbo_search *search = elbo_search_alloc (model, data, NULL, &options);
  ck_assert_int_eq (elbo_search_run (search, NULL, NULL), GSL_SUCCESS);
  const elbo_outcome *o = elbo_search_outcome (search, 0);
  ck_assert_int_eq (elbo_outcome_spurious (o), !_i);
  ck_assert_double_eq_tol (elbo_outcome_least_rows (o), _i ? 4 : 3, 1e-6);
  elbo_search_free (search);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("moves");
  TCase *tcase = tcase_create ("moves");
  tcase_add_loop_test (tcase, test_best_order, 0, 6);
  tcase_add_test (tcase, test_stopped_collapse);
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_tail);
  tcase_add_loop_test (tcase, test_nudge, 0, 3);
  tcase_add_loop_test (tcase, test_support, 0, 2);
  tcase_add_loop_test (tcase, test_spurious, 0, 2);
  suite_add_tcase (suite, tcase);
  return gen_run (suite);
}
