/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Special functions, divergences and densities against mpmath (25 digits); and that
   every reference file has a test. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "call.h"
#include "base/base.h"
#include "family/gauss.h"
#include "golden.h"
#include "kernel/kernel.h"

/* Relative; digamma absolutely near its zero 1.4616. */
#define DIGITS 5e-14
#define NEAR_ZERO 1e-14

static const json_t *
entry (const json_t *list, size_t i)
{
  return json_array_get (list, i);
}

static void
check_gamma (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 27);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      char what[64];
      const double x = golden_number (entry (list, i), "x");
      const double psi = golden_number (entry (list, i), "digamma");
      const double gamma = golden_number (entry (list, i), "lgamma");
      snprintf (what, sizeof what, "digamma (%g)", x);
      golden_near (elbo_psi (x), psi, 1, DIGITS * fabs (psi) + NEAR_ZERO, what);
      snprintf (what, sizeof what, "lgamma (%g)", x);
      golden_near (elbo_lngamma (x), gamma, 1, DIGITS * fabs (gamma) + NEAR_ZERO, what);
    }
}

/* D summands may cancel: their rounding is relative to the largest of them. */
static double
size_of_terms (size_t dim, double a)
{
  double size = 0.25 * (double)(dim * (dim - 1)) * log (M_PI);
  for (size_t i = 0; i < dim; i++)
    size += fabs (elbo_lngamma (a - 0.5 * (double)i));
  return size;
}

static void
check_multivariate (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 30);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      char what[64];
      const size_t dim = (size_t)golden_number (entry (list, i), "D");
      const double a = golden_number (entry (list, i), "a");
      snprintf (what, sizeof what, "ln Gamma_%zu (%g)", dim, a);
      golden_near (elbo_lnmvgamma (dim, a), golden_number (entry (list, i), "value"), DIGITS,
                   size_of_terms (dim, a), what);
    }
}

/* ln B (a, b) the way the library writes it: the larger argument as a step, so that nothing
   cancels when the arguments differ much. */
static void
check_beta (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 8);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      const double a = golden_number (entry (list, i), "a");
      const double b = golden_number (entry (list, i), "b"), small = fmin (a, b);
      const double step = elbo_lngamma_step (fmax (a, b), small), first = elbo_lngamma (small);
      golden_near (first - step, golden_number (entry (list, i), "value"), DIGITS,
                   fabs (first) + fabs (step), "ln B");
    }
}

static void
check_logsumexp (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 8);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      size_t n = 0;
      double *x = golden_doubles (golden_at (entry (list, i), "x"), &n);
      const double want = golden_number (entry (list, i), "value");
      golden_near (elbo_logsumexp (x, n), want, 4.5e-16, fabs (want), "log sum exp");
      free (x);
    }
}

/* --- Wishart ------------------------------------------------------------------------------- */

/* Pivots of the Cholesky factor lose 1 / (1 - R^2) digits: sum of squared entry over squared
   pivot. */
static double
inflation (size_t dim, const double *matrix, const double *factor)
{
  double worst = 1;
  for (size_t i = 0; i < dim; i++)
    worst = fmax (worst, matrix[i * dim + i] / (factor[i * dim + i] * factor[i * dim + i]));
  return worst;
}

static void
check_wishart (const json_t *one, double digits)
{
  double *scale = golden_doubles (golden_at (one, "Winv"), NULL);
  double *l = golden_doubles (golden_at (one, "Winv"), NULL);
  const size_t dim = json_array_size (golden_at (one, "Winv"));
  const double D = (double)dim, nu = golden_number (one, "nu");
  ck_assert_uint_eq (elbo_chol (dim, l, NULL), 0);
  const double logdet = elbo_chol_logdet (dim, l), lose = digits * inflation (dim, scale, l);
  const double c = elbo_wishart_lognorm (dim, nu, logdet);
  const double elogdet = elbo_mvpsi (dim, nu) + D * M_LN2 - logdet;
  const double size = fabs (c) + nu * (1 + fabs (logdet)) + size_of_terms (dim, 0.5 * nu);
  golden_near (c, golden_number (one, "lnB"), lose, size, "ln B (W, nu)");
  golden_near (elogdet, golden_number (one, "E_lndet"), lose,
               fabs (elbo_mvpsi (dim, nu)) + D + fabs (logdet), "E ln |Lambda|");
  golden_near (-c - 0.5 * (nu - D - 1) * elogdet + 0.5 * nu * D, golden_number (one, "entropy"),
               lose, size + nu * (D + fabs (elogdet)), "Wishart entropy");
  free (scale);
  free (l);
}

/* One component of the prior and posterior of gauss_full. */
static void
wishart_vectors (const json_t *p, size_t dim, double *prior)
{
  prior[0] = golden_number (p, "beta");
  prior[1] = golden_number (p, "nu");
  golden_flatten (golden_at (p, "m"), prior + 2);
  golden_flatten (golden_at (p, "Winv"), prior + 2 + dim);
}

static void
check_normal_wishart (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 3);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      /* prior: kappa, df, mean, scale, spread; belief: the same without spread */
      double p[16] = { 0 }, q[16] = { 0 }, size = 0;
      const elbo_shape shape = { .ncomp = 1, .dim = 2, .kind = elbo_gauss_full->base->kind };
      const double want = golden_number (entry (list, i), "kl");
      wishart_vectors (golden_at (entry (list, i), "q1"), 2, q);
      wishart_vectors (golden_at (entry (list, i), "q2"), 2, p);
      const double got = cost_of (elbo_gauss_full->base->posterior, &shape, p, q, &size);
      golden_near (got, want, DIGITS, 1 + size, "KL of Normal-Wisharts");
    }
}

/* --- divergences --------------------------------------------------------------------------- */

static void
check_dirichlet (const json_t *one)
{
  double prior[8] = { 0 }, param[8] = { 0 }, size = 0;
  const elbo_shape shape = { .ncomp = json_array_size (golden_at (one, "a")) };
  golden_flatten (golden_at (one, "a"), param);
  golden_flatten (golden_at (one, "b"), prior);
  const double got = cost_of (elbo_mixture_dirichlet->base->posterior, &shape, prior, param, &size);
  golden_near (got, golden_number (one, "kl"), DIGITS, 1 + size, "KL of Dirichlets");
}

static void
check_gamma_divergence (double a, double b, double a0, double b0, double want)
{
  double pair[2] = { 0, 0 };
  const double size = elbo_gamma_divergence (a0, b0, a, b, pair);
  golden_near (pair[0] + pair[1], want, DIGITS, 1 + size, "KL of gammas");
}

static void
check_divergences (const json_t *root)
{
  const json_t *dirichlet = golden_at (root, "kl_dirichlet");
  const json_t *gamma = golden_at (root, "kl_gamma_shape_rate");
  ck_assert_uint_eq (json_array_size (dirichlet), 5);
  ck_assert_uint_eq (json_array_size (gamma), 5);
  for (size_t i = 0; i < json_array_size (dirichlet); i++)
    check_dirichlet (entry (dirichlet, i));
  for (size_t i = 0; i < json_array_size (gamma); i++)
    {
      const json_t *one = entry (gamma, i);
      check_gamma_divergence (golden_number (one, "a"), golden_number (one, "b"),
                              golden_number (one, "a0"), golden_number (one, "b0"),
                              golden_number (one, "kl"));
    }
}

/* --- Student-t ----------------------------------------------------------------------------- */

/* log St_D at squared distance square under precision I, through the predictive density of a
   Normal-Wishart with kappa = 1: its precision is df / 2 B^-1, so B = df / 2 I and the whitener of
   B / nu is sqrt (2 nu / df) I. */
static double
student (size_t dim, double df, double square)
{
  const double nu = df - 1 + (double)dim;
  double *room = elbo_doubles ((3 * dim + 10) * ELBO_TILE), *x = room + (2 * dim + 8) * ELBO_TILE;
  double *whiten = elbo_doubles (dim * (dim + 1) / 2), *mean = elbo_doubles (dim);
  double *score = elbo_doubles (ELBO_TILE);
  ck_assert (room && whiten && mean && score);
  elbo_tile tile = { .x = x, .n = 1, .dim = dim, .scratch = room, .kernel = elbo_kernel_pick () };
  for (size_t i = 0; i < dim; i++)
    whiten[i * (i + 1) / 2 + i] = sqrt (2 * nu / df);
  x[(dim - 1) * ELBO_TILE] = sqrt (square);
  elbo_wishart_predict (dim, 1, nu, mean, whiten, &tile, score);
  const double value = score[0];
  free (room);
  free (whiten);
  free (mean);
  free (score);
  return value;
}

/* df = 1e8 and a distance of 1e5 standard deviations: log1p carries the rounding of the quotient
   to (df + D) / 2, so the tolerance is relative to the value. */
static void
check_student (const json_t *list)
{
  ck_assert_uint_eq (json_array_size (list), 36);
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      const json_t *one = entry (list, i);
      const double want = golden_number (one, "value");
      ck_assert (golden_number (one, "logdet_scale") == 0);
      golden_near (student ((size_t)golden_number (one, "D"), golden_number (one, "dof"),
                            golden_number (one, "mahalanobis2")),
                   want, DIGITS, 1 + fabs (want), "log Student-t");
    }
}

static void
check_file (json_t *root)
{
  const json_t *wishart = golden_at (root, "wishart");
  check_gamma (golden_at (root, "digamma_lgamma"));
  check_multivariate (golden_at (root, "ln_multivariate_gamma"));
  check_beta (golden_at (root, "betaln"));
  check_logsumexp (golden_at (root, "logsumexp"));
  ck_assert_uint_eq (json_array_size (wishart), 20);
  for (size_t i = 0; i < json_array_size (wishart); i++)
    check_wishart (entry (wishart, i), DIGITS);
  check_normal_wishart (golden_at (root, "kl_normal_wishart"));
  check_divergences (root);
  check_student (golden_at (root, "student_t_logpdf_from_mahalanobis2"));
}

START_TEST (special_functions) { ck_assert_uint_eq (golden_each ("special_", check_file), 1); }
END_TEST

/* --- printed values ------------------------------------------------------------------------- */

static void
check_wishart_divergence (const json_t *special)
{
  const double identity[] = { 1, 0, 0, 1 }, nu = golden_number (special, "wishart.nu");
  double l[4], whiten[3], pair[2] = { 0, 0 };
  golden_flatten (golden_at (special, "wishart.Winv"), l);
  ck_assert_uint_eq (elbo_chol (2, l, NULL), 0);
  elbo_chol_inverse (2, l, whiten);
  elbo_wishart_divergence (2, 3, 0, identity, nu, -0.5 * elbo_chol_logdet (2, l), whiten, pair);
  golden_near (pair[0] + pair[1], golden_number (special, "kl_wishart_to_identity_3"), 1e-14, 10,
               "KL of Wisharts");
}

static void
check_printed (json_t *root)
{
  const json_t *special = golden_at (root, "special");
  const json_t *list = golden_at (special, "lnmvgamma");
  double v[5], size = 0;
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      golden_flatten (entry (list, i), v);
      golden_near (elbo_lnmvgamma ((size_t)v[0], v[1]), v[2], 5e-15, fabs (v[2]) + 1, "ln Gamma_D");
    }
  check_wishart (golden_at (special, "wishart"), DIGITS);
  check_wishart_divergence (special);
  check_dirichlet (golden_at (special, "kl_dirichlet"));
  golden_flatten (golden_at (special, "kl_gamma"), v);
  check_gamma_divergence (v[0], v[1], v[2], v[3], v[4]);
  golden_flatten (golden_at (special, "kl_beta"), v);
  const elbo_shape one = { .ncomp = 1, .dim = 1, .level = 0 };
  golden_near (cost_of (elbo_bernoulli->base->posterior, &one, v + 2, v, &size), v[4], DIGITS,
               1 + size, "KL of Betas");
  const double precision = golden_number (special, "student.precision");
  const double off = golden_number (special, "student.x") - golden_number (special, "student.mean");
  golden_near (student (1, golden_number (special, "student.df"), precision * off * off)
                   + 0.5 * log (precision),
               golden_number (special, "student.value"), 1e-14, 2, "log Student-t");
}

START_TEST (printed_values) { ck_assert_uint_eq (golden_each ("tables", check_printed), 1); }
END_TEST

/* --- nothing is missed ----------------------------------------------------------------------- */

/* The programs that read the files; each of them counts its own. */
START_TEST (every_file_has_a_test)
{
  static const char *const prefix[] = { "exact_",   "binary_", "evidence_", "tables",  "cavi_",
                                        "sklbgmm_", "emcert_", "sklgmm_",   "mclust_", "special_" };
  size_t n = 0;
  for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
    n += golden_each (prefix[i], NULL);
  ck_assert_uint_eq (golden_each ("", NULL), n);
}
END_TEST

int
main (void)
{
  const TTest *const test[] = { special_functions, printed_values, every_file_has_a_test };
  return golden_main ("special", test, sizeof test / sizeof *test);
}
