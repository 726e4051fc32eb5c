/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws: components in proportion to their weights, rows from the predictive distributions.

   A chi-squared statistic of 9 or 3 degrees of freedom exceeds the limits used in one of 10^6 right
   programs; the seeds are fixed. */
#include <config.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include "base/base.h"
#include "gen.h"

enum
{
  NDRAW = 20000,
  NBIN = 10
};

static void
check_chi_squared (const size_t *count, const double *share, size_t n, const char *what)
{
  double square = 0;
  for (size_t i = 0; i < n; i++)
    {
      const double want = NDRAW * share[i], off = (double)count[i] - want;
      square += off * off / want;
    }
  ck_assert_msg (gsl_cdf_chisq_Q (square, (double)n - 1) > 1e-6, "%s: chi-squared %g of %zu bins",
                 what, square, n);
}

START_TEST (test_components)
{
  const double x[] = { 0, 1, 5, 6, 10, 11, 20, 22 }, weight[] = { 0.1, 0.2, 0.3, 0.4 };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_diag, 0, 1, 0);
  const double param[] = { 0, 10, 20, 30, 1, 1, 1, 1 };
  gsl_matrix_const_view rows = gsl_matrix_const_view_array (x, 8, 1);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  elbo_data *data = elbo_data_from_matrix (&rows.matrix, NULL);
  elbo_model *model = elbo_model_alloc (4, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  size_t count[4] = { 0 };
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 0, weight), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 1, param), GSL_SUCCESS);
  for (size_t i = 0; i < NDRAW; i++)
    {
      double row = 0;
      size_t k = 99;
      ck_assert_int_eq (elbo_sample (model, rng, &row, &k), GSL_SUCCESS);
      gen_need (k < 4 && fabs (row - 10 * (double)k) < 6, "component %zu at %g", k, row);
      count[k]++;
    }
  check_chi_squared (count, weight, 4, "components");
  gsl_rng_free (rng);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* Few rows: the Student-t of a predictive distribution has heavy tails.  |A (x - m)|^2 / D under the
   whitener of the scale matrix is F (D, df); its bins are equally likely.  Component 1 of two, which
   differ, in two columns. */
START_TEST (test_posteriors)
{
  const elbo_family *const family[]
      = { elbo_gauss_full, elbo_gauss_tied, elbo_gauss_diag, elbo_gauss_iso };
  const double full[] = { 9, .5, 9, 3, 0, 0, 1, 2, 9, 0, 0, 9, 4, 1, 1, 2 };
  const double tied[] = { 9, .5, 3, 0, 0, 1, 2, 4, 1, 1, 2 };
  const double diag[] = { 9, 9, .5, .5, 9, 9, 1, 1, 0, 0, 1, 2, 9, 9, 3, 5 };
  const double iso[] = { 9, .5, 9, 1, 0, 0, 1, 2, 9, 3 };
  const double *const param[] = { full, tied, diag, iso };
  const double df[] = { 2, 2, 2, 2 }, share[NBIN] = { .1, .1, .1, .1, .1, .1, .1, .1, .1, .1 };
  const elbo_factor *factor = family[_i]->base;
  const elbo_shape shape = { .ncomp = 2, .dim = 2, .kind = factor->kind };
  double coef[64] = { 0 };
  size_t count[2][NBIN] = { { 0 } };
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  ck_assert_int_eq (factor->posterior->expect (&shape, param[_i], coef), GSL_SUCCESS);
  for (size_t i = 0; i < NDRAW; i++)
    {
      double x[2], p[2];
      factor->posterior->draw (&shape, param[_i], coef, 1, rng, x);
      const double a = x[0] - 1, b = x[1] - 2, spread = (1 + 1 / 0.5) / df[_i];
      if (_i == 2) /* each column a Student-t of 2 shape degrees of freedom */
        {
          p[0] = gsl_cdf_tdist_P (a / sqrt (3 * 2 * spread), 2);
          p[1] = gsl_cdf_tdist_P (b / sqrt (5 * 2 * spread), 2);
        }
      else
        {
          /* B = (4, 1; 1, 2), or 2 rate I: inverse (2, -1; -1, 4) / 7 */
          const double square
              = _i < 2 ? (2 * a * a - 2 * a * b + 4 * b * b) / 7 : (a * a + b * b) / 6;
          p[0] = p[1] = gsl_cdf_fdist_P (square / spread / 2, 2, df[_i]);
        }
      for (size_t j = 0; j < 2; j++)
        count[j][(size_t)fmin (NBIN - 1, p[j] * NBIN)]++;
    }
  check_chi_squared (count[0], share, NBIN, factor->name);
  check_chi_squared (count[1], share, NBIN, factor->name);
  gsl_rng_free (rng);
}
END_TEST

/* Rows whose squares are no numbers: responsibilities sum to 1, the nearest in that direction has all,
   and a Student-t has a density, which falls by (df + D) log 10 for a row ten times as far. */
START_TEST (test_far)
{
  const elbo_family *const family[]
      = { elbo_gauss_full, elbo_gauss_tied, elbo_gauss_diag, elbo_gauss_iso };
  const elbo_block block = ELBO_BLOCK (family[_i], 0, 2, 0);
  double x[24], far[] = { 1e200, 1e200, 1e201, 1e201, -1e300, -1e300, 1, 2 }, resp[8], density[4];
  for (size_t i = 0; i < 24; i++)
    x[i] = elbo_uniform (elbo_key (8, 1, i)) + (i < 12 ? 0 : 9);
  gsl_matrix_view rows = gsl_matrix_view_array (x, 12, 2), out = gsl_matrix_view_array (far, 4, 2);
  elbo_data *data = elbo_data_from_matrix (&rows.matrix, NULL);
  elbo_data *there = elbo_data_from_matrix (&out.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  size_t label[12];
  for (size_t i = 0; i < 12; i++)
    label[i] = i / 6;
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_start *start = elbo_start_labels (label, 12, 2);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_SUCCESS);
  /* in units of their own, and in those of the model */
  ck_assert_msg (elbo_predict_data (model, there, 1, resp, density) == GSL_SUCCESS, "%s",
                 elbo_message ());
  ck_assert_int_eq (elbo_model_adopt (model, there), GSL_SUCCESS);
  ck_assert_int_eq (elbo_predict_data (model, there, 1, resp, density), GSL_SUCCESS);
  ck_assert_ptr_null (elbo_fit_alloc (model, there, NULL));
  ck_assert_int_eq (elbo_message_status (), ELBO_EDATA);
  for (size_t i = 0; i < 4; i++)
    ck_assert (fabs (resp[2 * i] + resp[2 * i + 1] - 1) < 1e-12 && isfinite (density[i]));
  ck_assert (density[1] < density[0] - 2 * M_LN10 && density[2] < density[1]);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_data_free (data);
  elbo_data_free (there);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("draw");
  TCase *tests = tcase_create ("draw");
  tcase_add_test (tests, test_components);
  tcase_add_loop_test (tests, test_posteriors, 0, 4);
  tcase_add_loop_test (tests, test_far, 0, 4);
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
