/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public pieces of an ELBO of one's own: golden divergences, the identity on
   random tables, the support condition the right way round, bad arguments, Monte Carlo. */
#include <config.h>
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include <elbo/bound.h>
#include <elbo/rng.h>
#include <elbo/status.h>

static void
near (double got, double want, double allowed, const char *what)
{
  ck_assert_msg (fabs (got - want) <= allowed, "%s: %.17g, not %.17g", what, got, want);
}

static double
uniform (size_t i, size_t j)
{
  return elbo_uniform (elbo_key (11, i, j));
}

START_TEST (divergences_by_others)
{
  const double a[] = { 2.5, 1.5, 4 }, one[] = { 1, 1, 1 };
  const double B[] = { 2, 0.5, 0.5, 1 }, I[] = { 1, 0, 0, 1 };
  const double q[] = { 0.3, 0.7 }, p[] = { 0.2, 0.8 };
  near (elbo_kl_gamma (3, 2, 1, 1), 0.345568670196934, 1e-14, "gamma");
  near (elbo_kl_beta (3, 2, 1, 2), 0.625092802561388, 1e-14, "beta");
  near (elbo_kl_dirichlet (3, a, one), 0.639479641914245, 1e-14, "Dirichlet");
  near (elbo_kl_wishart (2, B, 5, I, 3), 0.845613835252966, 1e-14, "Wishart");
  near (elbo_kl_discrete (2, q, p), 0.0281675575952835, 1e-15, "discrete");
}
END_TEST

/* In one dimension a Wishart is a gamma: Lambda ~ Gam (df / 2, rate B / 2). */
START_TEST (one_dimension)
{
  const double b = 3, b0 = 0.7, m = 0.3, v = 0.5, m0 = -1, v0 = 2;
  near (elbo_kl_wishart (1, &b, 5, &b0, 2.5), elbo_kl_gamma (2.5, 1.5, 1.25, 0.35), 1e-14,
        "Wishart");
  near (elbo_kl_normal (1, &m, &v, &m0, &v0),
        0.5 * (v / v0 + (m - m0) * (m - m0) / v0 - 1 + log (v0 / v)), 1e-15, "normal");
}
END_TEST

/* x -> A x leaves a divergence alone; the upper triangle is not read. */
START_TEST (normal_in_three)
{
  const double zero[3] = { 0, 0, 0 }, m[3] = { 1, -0.5, 0.2 };
  const double diagonal[9] = { 2, 0, 0, 0, 0.5, 0, 0, 0, 1 }, I[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  const double A[9] = { 2, 0.3, -1, 0.5, 1, 0.7, 0, -0.4, 1.5 };
  double cov[9] = { 0 }, cov0[9] = { 0 }, mean[3] = { 0 };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j <= i; j++)
      for (int k = 0; k < 3; k++)
        {
          cov[3 * i + j] += A[3 * i + k] * diagonal[4 * k] * A[3 * j + k];
          cov0[3 * i + j] += A[3 * i + k] * A[3 * j + k];
        }
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      mean[i] += A[3 * i + k] * m[k];
  cov[1] = cov[2] = cov[5] = cov0[1] = cov0[2] = cov0[5] = NAN;
  const double want = 0.5 * (1.29 + 3.5 - 3 - log (2 * 0.5 * 1));
  near (elbo_kl_normal (3, m, diagonal, zero, I), want, 1e-14, "diagonal");
  near (elbo_kl_normal (3, mean, cov, zero, cov0), want, 1e-13, "turned");
  near (elbo_kl_normal (3, mean, cov, mean, cov), 0, 1e-15, "of itself");
}
END_TEST

START_TEST (no_distribution)
{
  const double minus = -1, zero = 0, one = 1, q[] = { 0.5, 0.6 }, p[] = { 0.5, 0.5 };
  const double singular[] = { 1, 1, 1, 1 }, I[] = { 1, 0, 0, 1 };
  ck_assert (isnan (elbo_kl_gamma (0, 1, 1, 1)));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "gamma"));
  ck_assert (isnan (elbo_kl_normal (1, &zero, &minus, &zero, &one)));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "not positive definite"));
  ck_assert (isnan (elbo_kl_normal (2, p, I, p, singular)));
  ck_assert (isnan (elbo_kl_wishart (2, I, 1, I, 3)));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "degrees of freedom"));
  ck_assert (isnan (elbo_kl_discrete (2, q, p)));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "sums to 1.1"));
}
END_TEST

/* --- discrete ------------------------------------------------------------------------------ */

START_TEST (identity_on_random_tables)
{
  for (size_t t = 0; t < 500; t++)
    {
      double prior[12], joint[12], q[12], posterior[12], sum = 0, mass = 0;
      const size_t n = 1 + t % 12;
      elbo_identity v;
      for (size_t i = 0; i < n; i++)
        {
          sum += prior[i] = -log (uniform (t, i));
          q[i] = uniform (t, 100 + i) < 0.3 && i ? 0 : uniform (t, 200 + i);
          mass += q[i];
        }
      for (size_t i = 0; i < n; i++)
        {
          q[i] /= mass;
          prior[i] = log (prior[i] / sum);
          joint[i] = prior[i] - 900 * uniform (t, 300); /* p(x) below the smallest number */
          joint[i] += log (uniform (t, 400 + i));
        }
      ck_assert_int_eq (elbo_discrete_bound (n, joint, prior, q, &v), GSL_SUCCESS);
      const double size = 1 + fabs (v.log_evidence);
      near (v.gap, v.kl_posterior, 1e-14 * size, "gap and divergence");
      near (v.elbo, v.reconstruction - v.kl_prior, 1e-14 * size, "the split");
      ck_assert (v.kl_posterior > -1e-15);
      ck_assert_int_eq (elbo_discrete_posterior (n, joint, posterior), GSL_SUCCESS);
      near (v.kl_posterior, elbo_kl_discrete (n, q, posterior), 1e-13, "two divergences");
      ck_assert_int_eq (elbo_discrete_bound (n, joint, NULL, posterior, &v), GSL_SUCCESS);
      near (v.gap, 0, 1e-14 * size, "tight at the posterior");
      ck_assert (isnan (v.reconstruction) && isnan (v.kl_prior));
    }
}
END_TEST

START_TEST (support)
{
  const double prior[] = { log (0.5), log (0.5) };
  const double positive[] = { log (0.1), log (0.4) }, hole[] = { -INFINITY, log (0.4) };
  const double one[] = { 0, 1 }, both[] = { 0.3, 0.7 };
  elbo_identity v;
  /* no mass where the posterior has some: harmless */
  ck_assert_int_eq (elbo_discrete_bound (2, positive, prior, one, &v), GSL_SUCCESS);
  near (v.kl_posterior, log (1.25), 1e-15, "q = 0 where the posterior is positive");
  near (v.gap, log (1.25), 1e-15, "gap");
  /* mass where the posterior has none: infinite */
  ck_assert_int_eq (elbo_discrete_bound (2, hole, prior, both, &v), GSL_SUCCESS);
  ck_assert (v.kl_posterior == INFINITY && v.elbo == -INFINITY && v.gap == INFINITY);
  ck_assert (v.reconstruction == -INFINITY && isfinite (v.kl_prior));
  ck_assert_int_eq (elbo_discrete_bound (2, hole, prior, one, &v), GSL_SUCCESS);
  near (v.gap, 0, 1e-16, "the only state");
  ck_assert (elbo_kl_discrete (2, both, one) == INFINITY);
}
END_TEST

START_TEST (bad_tables)
{
  const double prior[] = { log (0.5), log (0.5) }, wrong[] = { log (0.5), log (0.4) };
  const double none[] = { -INFINITY, 0 }, nothing[] = { -INFINITY, -INFINITY };
  const double joint[] = { log (0.1), log (0.4) }, bad[] = { log (0.1), NAN };
  const double q[] = { 0.3, 0.7 }, minus[] = { -0.3, 1.3 }, more[] = { 0.3, 0.7 + 1e-6 };
  double posterior[2];
  elbo_identity v;
  ck_assert_int_eq (elbo_discrete_bound (2, joint, prior, minus, &v), GSL_EDOM);
  ck_assert_int_eq (elbo_discrete_bound (2, joint, prior, more, &v), GSL_EDOM);
  ck_assert_int_eq (elbo_discrete_bound (2, joint, wrong, q, &v), GSL_EDOM);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "the prior sums to 0.9"));
  ck_assert_int_eq (elbo_discrete_bound (2, joint, none, q, &v), GSL_EDOM);
  ck_assert_int_eq (elbo_discrete_bound (2, bad, prior, q, &v), GSL_EDOM);
  ck_assert_int_eq (elbo_discrete_bound (2, nothing, prior, q, &v), GSL_EDOM);
  ck_assert_int_eq (elbo_discrete_posterior (2, nothing, posterior), GSL_EDOM);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "p(x) is zero"));
}
END_TEST

/* --- Monte Carlo ---------------------------------------------------------------------------- */

/* z ~ N(0, 1), x = 1 ~ N(z, 1), q = N(m, s2): section head of demo_mc.c. */
typedef struct
{
  double m, s2;
  int spoil;
} normal;

static double
log_normal (double x, double mean, double variance)
{
  return -0.5 * (log (2 * M_PI * variance) + (x - mean) * (x - mean) / variance);
}

static double
log_joint (const double *z, void *arg)
{
  const normal *q = arg;
  return q->spoil == 1   ? NAN
         : q->spoil == 2 ? -INFINITY
                         : log_normal (*z, 0, 1) + log_normal (1, *z, 1);
}

static double
log_q (const double *z, void *arg)
{
  const normal *q = arg;
  return q->spoil == 3 ? -INFINITY : log_normal (*z, q->m, q->s2);
}

static void
draw (gsl_rng *rng, double *z, void *arg)
{
  const normal *q = arg;
  *z = q->m + gsl_ran_gaussian (rng, sqrt (q->s2));
}

START_TEST (monte_carlo)
{
  static const double known[][4] = { { 0.5, 0.5, -1.515512123485, 0 },
                                     { 0, 1, -1.918938533205, 1.5 },
                                     { 0.5, 1, -1.668938533205, 0.5 },
                                     { 0.3, 0.25, -1.652085713765, 0.165 } };
  const size_t draws = 200000;
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  for (size_t i = 0; i < 4; i++)
    {
      normal q = { known[i][0], known[i][1], 0 };
      const elbo_own_model model = { 1, log_joint, log_q, draw, &q };
      elbo_estimate e, more;
      ck_assert_int_eq (elbo_monte_carlo (&model, draws, 1, rng, &e), GSL_SUCCESS);
      near (e.mean, known[i][2], 4 * sqrt (known[i][3] / (double)draws) + 1e-12, "mean");
      near (e.variance, known[i][3], 0.05 * known[i][3] + 1e-20, "variance");
      near (e.error, sqrt (e.variance / (double)draws), 1e-18, "error");
      ck_assert_int_eq (elbo_monte_carlo (&model, draws / 20, 20, rng, &more), GSL_SUCCESS);
      ck_assert (more.mean > e.mean || i == 0);
      ck_assert (more.mean < -1.515512123485 + 4 * more.error + 1e-12);
    }
  gsl_rng_free (rng);
}
END_TEST

/* Draws that are 1, 2, 4, so that the terms are: variance 7/3. */
static double
itself (const double *z, void *arg)
{
  (void)arg;
  return *z;
}

static double
nothing (const double *z, void *arg)
{
  (void)z;
  (void)arg;
  return 0;
}

static void
next (gsl_rng *rng, double *z, void *arg)
{
  double *now = arg;
  (void)rng;
  *z = *now;
  *now *= 2;
}

START_TEST (variance_of_three)
{
  double now = 1;
  const elbo_own_model model
      = { .dim = 1, .log_joint = itself, .log_q = nothing, .draw = next, .arg = &now };
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  elbo_estimate e;
  ck_assert_int_eq (elbo_monte_carlo (&model, 3, 1, rng, &e), GSL_SUCCESS);
  near (e.mean, 7.0 / 3, 1e-15, "mean");
  near (e.variance, 7.0 / 3, 1e-14, "variance");
  near (e.error, sqrt (7.0) / 3, 1e-15, "error");
  gsl_rng_free (rng);
}
END_TEST

START_TEST (monte_carlo_fails)
{
  normal q = { 0, 1, 1 };
  const elbo_own_model model = { 1, log_joint, log_q, draw, &q };
  elbo_own_model flat = model;
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  elbo_estimate e;
  ck_assert_int_eq (elbo_monte_carlo (&model, 10, 1, rng, &e), ELBO_ENUMERIC);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "draw 0"));
  q.spoil = 3;
  ck_assert_int_eq (elbo_monte_carlo (&model, 10, 1, rng, &e), ELBO_ENUMERIC);
  q.spoil = 2;
  ck_assert_int_eq (elbo_monte_carlo (&model, 10, 2, rng, &e), GSL_SUCCESS);
  ck_assert (e.mean == -INFINITY && isnan (e.error));
  ck_assert_int_eq (elbo_monte_carlo (&model, 1, 1, rng, &e), GSL_EINVAL);
  ck_assert_int_eq (elbo_monte_carlo (&model, 10, 0, rng, &e), GSL_EINVAL);
  flat.dim = 0;
  ck_assert_int_eq (elbo_monte_carlo (&flat, 10, 1, rng, &e), GSL_EINVAL);
  gsl_rng_free (rng);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("bound");
  TCase *tests = tcase_create ("bound");
  tcase_add_test (tests, divergences_by_others);
  tcase_add_test (tests, one_dimension);
  tcase_add_test (tests, normal_in_three);
  tcase_add_test (tests, no_distribution);
  tcase_add_test (tests, identity_on_random_tables);
  tcase_add_test (tests, support);
  tcase_add_test (tests, bad_tables);
  tcase_add_test (tests, monte_carlo);
  tcase_add_test (tests, variance_of_three);
  tcase_add_test (tests, monte_carlo_fails);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
