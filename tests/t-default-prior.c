/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default priors, against numbers computed by hand. */
#include <config.h>

#include "gen.h"

/* Rows (1, 2), (3, 2), (5, 8): means 3 and 4, variances 4 and 12 with divisor 2. */
static const double X[] = { 1, 2, 3, 2, 5, 8 };

static void
check_prior (const elbo_family *family, size_t ncomp, const double *want, size_t n)
{
  const elbo_block block = ELBO_BLOCK (family, 0, 2, 0);
  gsl_matrix_const_view x = gsl_matrix_const_view_array (X, 3, 2);
  elbo_data *data = elbo_data_from_matrix (&x.matrix, NULL);
  elbo_model *model = elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  double prior[32];
  elbo_model_prefer_learned (model, 0);
  ck_assert_msg (elbo_model_prepare (model, data) == GSL_SUCCESS, "%s", elbo_message ());
  elbo_model_prior (model, 1, prior);
  for (size_t i = 0; i < n; i++)
    ck_assert_msg (fabs (prior[i] - want[i]) <= 1e-14 * fabs (want[i]),
                   "%s: %zu is %.17g, not %.17g", family->base->name, i, prior[i], want[i]);
  elbo_model_free (model);
  elbo_data_free (data);
}

/* The same, learned: where it begins, and its limits. */
static void
check_learned (const elbo_family *family, size_t n, const double *begin, const double *low,
               const double *high)
{
  const elbo_block block = ELBO_BLOCK (family, 0, 2, 0);
  gsl_matrix_const_view x = gsl_matrix_const_view_array (X, 3, 2);
  for (size_t ncomp = 1; ncomp < 4; ncomp++)
    {
      elbo_data *data = elbo_data_from_matrix (&x.matrix, NULL);
      elbo_model *model = elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
      double all[3][32];
      const double *const want[] = { begin, low, high };
      ck_assert_msg (elbo_model_prepare (model, data) == GSL_SUCCESS, "%s", elbo_message ());
      elbo_model_prior (model, 1, all[0]);
      elbo_model_learned (model, 1, all[1], all[2]);
      for (size_t i = 0; i < 3 * n; i++)
        ck_assert_msg (fabs (all[i / n][i % n] - want[i / n][i % n])
                           <= 1e-14 * fabs (want[i / n][i % n]),
                       "%s: %zu, %zu is %.17g, not %.17g", family->base->name, i / n, i % n,
                       all[i / n][i % n], want[i / n][i % n]);
      elbo_model_free (model);
      elbo_data_free (data);
    }
}

/* Steps of 2 and 6, too coarse for the hundredth of the variances 4 and 12. */
START_TEST (test_learned)
{
  const double matrix[] = { 0.01, 4, 3, 4, 1.6, 0, 0, 4.8 };
  const double low[] = { 1e-12, 4, 3, 4, 0.16, 0, 0, 0.48 };
  const double high[] = { 0.01, 4, 3, 4, 16, 0, 0, 48 };
  const double diag[] = { 0.01, 0.01, 1.5, 1.5, 3, 4, 0.6, 1.8 };
  const double diag_low[] = { 1e-12, 1e-12, 1.5, 1.5, 3, 4, 0.06, 0.18 };
  const double diag_high[] = { 0.01, 0.01, 1.5, 1.5, 3, 4, 6, 18 };
  const double iso[] = { 0.01, 1.5, 3, 4, 1.2 };
  const double iso_low[] = { 1e-12, 1.5, 3, 4, 0.12 }, iso_high[] = { 0.01, 1.5, 3, 4, 12 };
  check_learned (elbo_gauss_full, 8, matrix, low, high);
  check_learned (elbo_gauss_tied, 8, matrix, low, high);
  check_learned (elbo_gauss_diag, 8, diag, diag_low, diag_high);
  check_learned (elbo_gauss_iso, 5, iso, iso_low, iso_high);
}
END_TEST

/* kappa 0.01; df D + 2 and variances / K^(2/D); shape 3/2 and half of that */
START_TEST (test_gauss)
{
  const double matrix[] = { 0.01, 4, 3, 4, 4. / 3, 0, 0, 4 };
  const double diag[] = { 0.01, 0.01, 1.5, 1.5, 3, 4, 2. / 3, 2 };
  const double iso[] = { 0.01, 1.5, 3, 4, 4. / 3 };
  check_prior (elbo_gauss_full, 3, matrix, 8);
  check_prior (elbo_gauss_tied, 3, matrix, 8);
  check_prior (elbo_gauss_diag, 3, diag, 8);
  check_prior (elbo_gauss_iso, 3, iso, 5);
}
END_TEST

/* Gamma (1, 1 / mean); Beta (1, 1); Dirichlet (1, 1, 1) */
START_TEST (test_others)
{
  const double counts[] = { 1, 1, 1. / 3, 1. / 4 }, ones[] = { 1, 1, 1, 1 };
  double prior[8];
  check_prior (elbo_poisson, 3, counts, 4);
  const elbo_shape shape = { .ncomp = 3, .dim = 2, .level = 3 };
  ck_assert_int_eq (elbo_bernoulli->base->guess (&shape, NULL, prior), GSL_SUCCESS);
  ck_assert (memcmp (prior, ones, 4 * sizeof *ones) == 0);
  ck_assert_int_eq (elbo_categorical->base->guess (&shape, NULL, prior), GSL_SUCCESS);
  ck_assert (memcmp (prior, ones, 3 * sizeof *ones) == 0);
  ck_assert_int_eq (elbo_mixture_dirichlet->base->guess (&shape, NULL, prior), GSL_SUCCESS);
  ck_assert (memcmp (prior, ones, 3 * sizeof *ones) == 0);
  ck_assert_int_eq (elbo_mixture_stick->base->guess (&shape, NULL, prior), GSL_SUCCESS);
  ck_assert (prior[0] == 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("default priors");
  TCase *tests = tcase_create ("default priors");
  tcase_add_test (tests, test_gauss);
  tcase_add_test (tests, test_learned);
  tcase_add_test (tests, test_others);
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
