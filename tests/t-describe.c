/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What components look like: elbo_belief.describe against hand computation and quadrature. */
#include <config.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include "base/base.h"
#include "gen.h"

enum
{
  ROOM = 64
};

typedef struct
{
  double value[ROOM], error[ROOM], low[ROOM], high[ROOM];
} looks;

static looks
look (const elbo_family *family, int posterior, const elbo_shape *given, const double *param,
      size_t comp)
{
  looks l;
  elbo_view view = { l.value, l.error, l.low, l.high };
  elbo_shape shape = *given;
  const elbo_belief *belief = posterior ? family->base->posterior : family->base->point;
  shape.kind = family->base->kind;
  ck_assert_uint_le (elbo_field_total (family->base->view, &shape), ROOM);
  ck_assert_int_eq (belief->describe (&shape, param, comp, &view), GSL_SUCCESS);
  return l;
}

static void
near (double got, double want, double tolerance, const char *what)
{
  ck_assert_msg (fabs (got - want) <= tolerance * fmax (1, fabs (want)), "%s: %.17g, not %.17g",
                 what, got, want);
}

/* --- quantiles ----------------------------------------------------------------------------------- */

/* The distribution function of GSL, where it has one, gives the probability back: 1e-9 is what is left of
   exponents of size a, and of GSL's own. */
static void
check_back (double got, double p, double tolerance, const char *what)
{
  if (!isnan (got))
    near (got, p, tolerance, what);
}

START_TEST (test_quantiles)
{
  gsl_error_handler_t *handler
      = gsl_set_error_handler_off (); /* GSL's own functions fail for some */
  const double shape[] = { 0.01, 0.3, 0.5, 1, 1.5, 4, 20, 300, 1e4, 1e6 };
  const double p[] = { 1e-3, 0.025, 0.5, 0.975, 0.999 };
  for (size_t i = 0; i < 10; i++)
    for (size_t j = 0; j < 5; j++)
      {
        const double x = elbo_gamma_quantile (p[j], shape[i]);
        if (x > 1e-290)
          check_back (gsl_cdf_gamma_P (x, shape[i], 1), p[j], 1e-9, "gamma");
        for (size_t b = 0; b < 9; b++)
          {
            const double y = elbo_beta_quantile (p[j], shape[i], shape[b]);
            if (y > 1e-290 && y < 1 - 1e-5)
              check_back (gsl_cdf_beta_P (y, shape[i], shape[b]), p[j], 1e-8, "beta");
            near (y, 1 - elbo_beta_quantile (1 - p[j], shape[b], shape[i]), 1e-9, "reflected");
          }
      }
  near (elbo_gamma_quantile (0.975, 3), 7.22468766711956, 1e-7, "gamma (3)");
  near (elbo_gamma_quantile (0.975, 1e8), 100019600.5869811, 1e-12, "gamma (1e8), R's qgamma");
  near (elbo_gamma_quantile (0.25, 1), -log (0.75), 1e-14, "exponential");
  near (elbo_beta_quantile (0.3, 1, 1), 0.3, 1e-14, "uniform");
  gsl_set_error_handler (handler);
  ck_assert (isnan (elbo_gamma_quantile (0.5, 0)) && isnan (elbo_beta_quantile (0.5, 1, INFINITY)));
}
END_TEST

/* --- Gaussians ------------------------------------------------------------------------------------ */

typedef struct
{
  double a, rate, power;
} precision;

/* tau^-power under Gamma (a, rate), in log tau */
static double
integrand (double u, void *data)
{
  const precision *p = data;
  const double tau = exp (u);
  return pow (tau, -p->power) * gsl_ran_gamma_pdf (tau, p->a, 1 / p->rate) * tau;
}

static double
moment (double a, double rate, double power)
{
  gsl_integration_workspace *work = gsl_integration_workspace_alloc (1000);
  precision p = { a, rate, power };
  const gsl_function function = { integrand, &p };
  double value = 0, error = 0;
  gsl_integration_qag (&function, -30, 20, 0, 1e-12, 1000, GSL_INTEG_GAUSS61, work, &value, &error);
  gsl_integration_workspace_free (work);
  return value;
}

/* Column d of two: mean, sd and variance whose precision is Gamma (a, rate). */
static void
check_column (const looks *l, size_t d, double mean, double kappa, double a, double rate)
{
  const size_t at = 2 + 2 + 4 + 3 * d; /* mean, sd, correlation; diagonal of the covariance */
  const double variance = moment (a, rate, 1), sd = moment (a, rate, 0.5);
  const double scale = sqrt (rate / (a * kappa)), t = gsl_cdf_tdist_Pinv (0.975, 2 * a);
  near (l->value[d], mean, 0, "mean");
  near (l->error[d], scale, 1e-14, "scale of the mean");
  near (l->low[d], mean - t * scale, 1e-14, "low mean");
  near (l->high[d], mean + t * scale, 1e-14, "high mean");
  near (l->value[at], variance, 1e-9, "variance");
  near (l->error[at], sqrt (moment (a, rate, 2) - variance * variance), 1e-6, "error of variance");
  near (l->value[2 + d], sqrt (variance), 1e-9, "sd");
  near (l->error[2 + d], sqrt (variance - sd * sd), 1e-6, "error of sd");
  near (gsl_cdf_gamma_Q (1 / l->low[at], a, 1 / rate), 0.025, 1e-9, "low variance");
  near (gsl_cdf_gamma_P (1 / l->high[at], a, 1 / rate), 0.025, 1e-9, "high variance");
  near (l->low[2 + d] * l->low[2 + d], l->low[at], 1e-14, "low sd");
}

static const elbo_shape TWO = { .ncomp = 2, .dim = 2 };

START_TEST (test_diag)
{
  const double param[] = { 10, 20, 30, 40, 5, 6, 7, 8, -1, 2, 3, 4, 12, 3, 0.5, 9 };
  const looks l = look (elbo_gauss_diag, 1, &TWO, param, 1);
  check_column (&l, 0, 3, 30, 7, 0.5);
  check_column (&l, 1, 4, 40, 8, 9);
  ck_assert (l.value[4] == 1 && l.value[5] == 0 && l.value[9] == 0);
}
END_TEST

START_TEST (test_iso)
{
  const double param[] = { 10, 20, 5, 6, -1, 2, 3, 4, 12, 3 };
  const looks l = look (elbo_gauss_iso, 1, &TWO, param, 1);
  check_column (&l, 0, 3, 20, 6, 3);
  check_column (&l, 1, 4, 20, 6, 3);
}
END_TEST

/* nu = 11, D = 2: df of a mean 10, E Sigma = B / 8, variances Gamma (5, B_dd / 2). */
static void
check_matrix (const looks *l, const double *mean, double kappa)
{
  check_column (l, 0, mean[0], kappa, 5, 8);
  check_column (l, 1, mean[1], kappa, 5, 2);
  near (l->value[9], 3. / 8, 1e-15, "covariance");
  near (l->value[5], 3 / sqrt (16. * 4), 1e-15, "correlation");
  /* ((nu - D + 1) b_ij^2 + (nu - D - 1) b_ii b_jj) / ((nu - D) (nu - D - 1)^2 (nu - D - 3)) */
  near (l->error[9], sqrt ((10 * 9 + 8 * 64) / (9 * 64 * 6.)), 1e-14, "error of the covariance");
  ck_assert (isnan (l->error[5]) && isnan (l->low[9]));
}

START_TEST (test_full)
{
  const double param[] = { 10, 20, 7, 11, -1, 2, 3, 4, 1, 0, 0, 1, 16, 3, 3, 4 };
  const looks l = look (elbo_gauss_full, 1, &TWO, param, 1);
  check_matrix (&l, param + 6, 20);
}
END_TEST

START_TEST (test_tied)
{
  const double param[] = { 10, 20, 11, -1, 2, 3, 4, 16, 3, 3, 4 };
  const looks l = look (elbo_gauss_tied, 1, &TWO, param, 1);
  check_matrix (&l, param + 5, 20);
}
END_TEST

/* nu = 3 = D + 1, shape = 1: no expectation, so the inverse of the expected precision; limits exist. */
START_TEST (test_few_rows)
{
  const double full[] = { 1, 1, 3, 3, 0, 0, 0, 0, 6, 0, 0, 9, 6, 0, 0, 9 };
  const double iso[] = { 1, 1, 1, 1, 0, 0, 0, 0, 2, 2 };
  const looks a = look (elbo_gauss_full, 1, &TWO, full, 1),
              b = look (elbo_gauss_iso, 1, &TWO, iso, 1);
  ck_assert (a.value[8] == 2 && a.value[11] == 3 && isnan (a.error[8]) && a.high[8] > 2);
  ck_assert (b.value[8] == 2 && isnan (b.error[2]) && b.low[2] < b.value[2]);
}
END_TEST

/* Units so small or large that variances are at the ends of the numbers. */
START_TEST (test_point)
{
  const double tiny[] = { 1, 2, 3, 4, 1, 0, 0, 1, 4e-300, 1e-300, 1e-300, 1e-300 };
  const looks l = look (elbo_gauss_full, 0, &TWO, tiny, 1);
  near (l.value[5], 0.5, 1e-15, "correlation of tiny units");
  ck_assert (l.value[0] == 3 && l.value[2] == sqrt (4e-300) && isnan (l.error[0]));
  const double diag[] = { 1, 2, 3, 4, 9, 16, 25, 36 };
  const looks d = look (elbo_gauss_diag, 0, &TWO, diag, 1);
  ck_assert (d.value[2] == 5 && d.value[3] == 6 && d.value[8] == 25 && d.value[9] == 0);
  ck_assert (isnan (d.low[8]));
}
END_TEST

/* --- counts and codes --------------------------------------------------------------------------------- */

START_TEST (test_others)
{
  const elbo_shape three = { .ncomp = 1, .dim = 1, .level = 3 };
  const double a[] = { 2, 7, 3, 9 }, alpha[] = { 2, 3, 5 };
  const looks b = look (elbo_bernoulli, 1, &(elbo_shape){ .ncomp = 2, .dim = 1 }, a, 0);
  near (b.value[0], 0.4, 1e-15, "probability");
  near (b.error[0], 0.2, 1e-15, "its error");
  near (gsl_cdf_beta_P (b.low[0], 2, 3), 0.025, 1e-12, "low");
  near (gsl_cdf_beta_Q (b.high[0], 2, 3), 0.025, 1e-12, "high");
  const looks p = look (elbo_poisson, 1, &(elbo_shape){ .ncomp = 2, .dim = 1 }, a, 1);
  near (p.value[0], 7. / 9, 1e-15, "rate");
  near (p.error[0], sqrt (7) / 9, 1e-15, "its error");
  near (gsl_cdf_gamma_P (p.low[0], 7, 1. / 9), 0.025, 1e-12, "low");
  near (gsl_cdf_gamma_Q (p.high[0], 7, 1. / 9), 0.025, 1e-12, "high");
  const looks c = look (elbo_categorical, 1, &three, alpha, 0);
  near (c.value[2], 0.5, 1e-15, "level");
  near (c.error[1], sqrt (0.3 * 0.7 / 11), 1e-15, "its error");
  near (gsl_cdf_beta_P (c.low[1], 3, 7), 0.025, 1e-12, "low");
  const looks q = look (elbo_categorical, 0, &three, (double[]){ 0.1, 0.2, 0.7 }, 0);
  ck_assert (q.value[2] == 0.7 && isnan (q.error[2]));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("describe");
  TCase *tests = tcase_create ("describe");
  tcase_add_test (tests, test_quantiles);
  tcase_add_test (tests, test_diag);
  tcase_add_test (tests, test_iso);
  tcase_add_test (tests, test_full);
  tcase_add_test (tests, test_tied);
  tcase_add_test (tests, test_few_rows);
  tcase_add_test (tests, test_point);
  tcase_add_test (tests, test_others);
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
