/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variational mixtures on real data: every half-step, limit and predictions against
   mpmath, and the same runs against scikit-learn 1.2.1's BayesianGaussianMixture (full). */
#include <config.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/predict.h>
#include "golden.h"

/* Cases of the same set that are not in tests/data/golden, and why:

     cavi_airquality_k3_diag_missing, cavi_penguins_k4_mixed_missing    missing cells
     cavi_carcinoma_k4_bern, cavi_enzyme_k4_dpone, cavi_galaxies_k6,
     cavi_galaxies_k6_dpfree, sklbgmm_galaxies_k6,
     sklbgmm_galaxies_k6_dpfree                                         data not ours to give */
enum
{
  COVERED = 7,
  COVERED_PEER = 6
};

/* The data set is the first word of the name; hasselblad stands for hasselblad_deaths. */
static gsl_matrix *
table_of (const json_t *root)
{
  char name[64];
  const char *full = json_string_value (golden_at (root, "case"));
  snprintf (name, sizeof name, "%.*s", (int)strcspn (full, "_"), full);
  return golden_table (strcmp (name, "hasselblad") == 0 ? "hasselblad_deaths" : name,
                       golden_at (root, "columns"));
}

static void
open_case (golden_run *run, const json_t *root)
{
  golden_open (run, golden_at (root, "model.weights"), golden_at (root, "model.components"),
               (size_t)golden_number (root, "K"), table_of (root));
  ck_assert_uint_eq (run->x->size1, (size_t)golden_number (root, "n"));
  golden_start_labels (run, golden_at (root, "start_class"));
}

/* Eleven digits of every half-step. */
static void
near_trace (const golden_run *run, const json_t *trace)
{
  for (size_t i = 0; i < json_array_size (trace); i++)
    for (const char *half = "ME"; *half; half++)
      {
        const double want = golden_number (json_array_get (trace, i),
                                           *half == 'M' ? "elbo_after_m" : "elbo_after_e");
        char what[64];
        snprintf (what, sizeof what, "bound of %c half-step %zu", *half, i + 1);
        golden_near (golden_record (run, *half, i)->elbo, want, 1e-11, fabs (want), what);
      }
}

static void
near_row (const golden_run *run, const double *resp, const json_t *one)
{
  const size_t row = (size_t)golden_number (one, "row") - 1;
  size_t n = 0;
  double *want = golden_doubles (golden_at (one, "r"), &n);
  ck_assert_uint_eq (n, run->ncomp);
  golden_near_all (resp + row * n, want, n, 1e-9, "responsibility");
  free (want);
}

/* What nested sticks leave to components beyond K is in the product's density, but not in the
   reference: it is added here from a model of one component without rows, the prior. */
static double
left_over (const golden_run *run, const json_t *root, size_t row)
{
  size_t n = 0;
  double *weight = golden_doubles (golden_at (root, "converged.mean_weights"), &n), rest = 1;
  for (size_t k = 0; k < n; k++)
    rest -= weight[k];
  free (weight);
  if (elbo_model_latent (run->model) != elbo_mixture_stick)
    return 0;
  golden_run one;
  json_t *flat = json_pack ("{s:s, s:[f]}", "type", "dirichlet", "alpha0", 1.0);
  gsl_matrix *x = gsl_matrix_alloc (1, run->x->size2);
  for (size_t d = 0; d < run->x->size2; d++)
    gsl_matrix_set (x, 0, d, gsl_matrix_get (run->x, row, d));
  golden_open (&one, flat, golden_at (root, "model.components"), 1, x);
  json_t *label = json_pack ("[i]", 1);
  golden_start_labels (&one, label); /* one row, one component: its evidence is the density */
  const double value = rest * exp (elbo_fit_value (one.fit));
  golden_close (&one);
  json_decref (label);
  json_decref (flat);
  return value;
}

static void
check_predictions (const golden_run *run, const json_t *root)
{
  const size_t n = run->x->size1;
  double *resp = calloc (n * run->ncomp, sizeof *resp), *density = calloc (n, sizeof *density);
  const json_t *rows = golden_at (root, "r_rows");
  const json_t *list = golden_at (root, "predictive_at_converged");
  ck_assert (resp && density);
  ck_assert_int_eq (elbo_predict_data (run->model, run->data, 1, resp, density), GSL_SUCCESS);
  for (size_t i = 0; i < json_array_size (rows); i++)
    near_row (run, resp, json_array_get (rows, i));
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      const size_t row = (size_t)golden_number (json_array_get (list, i), "row") - 1;
      const double want = log (exp (golden_number (json_array_get (list, i), "log_density"))
                               + left_over (run, root, row));
      golden_near (density[row], want, 1e-10, 1 + fabs (want), "log predictive density");
    }
  free (density);
  free (resp);
}

/* The reference's last state is an M half-step from its last responsibilities. */
static void
check_limit (golden_run *run, const json_t *root)
{
  const size_t passes = (size_t)golden_number (root, "converged.iterations");
  ck_assert (json_is_true (golden_at (root, "converged.fully")));
  golden_pass (run, passes + 1);
  const elbo_trace *got = golden_record (run, 'M', passes);
  golden_near (got->elbo, golden_number (root, "converged.terms.elbo"), 1e-11, fabs (got->elbo),
               "converged bound");
  golden_near_terms (got->elbo, got->term, golden_at (root, "converged.terms"), 1e-10, "converged");
  golden_near_beliefs (run, golden_at (root, "converged"), 1e-9);
  check_predictions (run, root);
}

static void
check_case (json_t *root)
{
  golden_run run;
  open_case (&run, root);
  golden_near_terms (golden_record (&run, 'M', 0)->elbo, golden_record (&run, 'M', 0)->term,
                     golden_at (root, "after_first_m_step.terms"), 1e-11, "after M");
  golden_near_beliefs (&run, golden_at (root, "after_first_m_step"), 1e-12);
  golden_pass (&run, 1);
  golden_near_terms (golden_record (&run, 'E', 0)->elbo, golden_record (&run, 'E', 0)->term,
                     golden_at (root, "after_first_e_step.terms"), 1e-11, "after E");
  golden_pass (&run, json_array_size (golden_at (root, "trace")));
  near_trace (&run, golden_at (root, "trace"));
  check_limit (&run, root);
  golden_close (&run);
}

START_TEST (cavi_cases) { ck_assert_uint_eq (golden_each ("cavi_", check_case), COVERED); }
END_TEST

/* --- scikit-learn --------------------------------------------------------------------------- */

static void
near_members (const golden_run *run, const json_t *root)
{
  static const char *const name[][2] = { { "beta", "gauss_full.kappa" },
                                         { "m", "gauss_full.mean" },
                                         { "nu", "gauss_full.df" },
                                         { "Winv", "gauss_full.scale" } };
  for (size_t i = 0; i < sizeof name / sizeof *name; i++)
    {
      size_t n = 0;
      double *want = golden_doubles (golden_at (root, name[i][0]), &n);
      golden_near_all (elbo_model_field (run->model, name[i][1], NULL), want, n, 1e-6, name[i][0]);
      free (want);
    }
  const int sticks = elbo_model_latent (run->model)->order != ELBO_ORDER_FREE;
  double *want = golden_doubles (golden_at (root, "weights"), NULL);
  golden_near_all (elbo_model_field (run->model, sticks ? "dp.a" : "mixture_dirichlet.alpha", NULL),
                   want, run->ncomp, 1e-6, "weights");
  if (sticks)
    golden_near_all (elbo_model_field (run->model, "dp.b", NULL), want + run->ncomp, run->ncomp,
                     1e-6, "weights");
  free (want);
}

/* Model and start of the case cavi_<name>; its bound, with the constant that it omits, is taken
   after the M half-step that follows each E: element t is ours after M number t + 2. */
static void
check_peer (json_t *root)
{
  golden_run run;
  char name[128];
  const char *peer = golden_name;
  snprintf (name, sizeof name, "cavi_%s.json", json_string_value (golden_at (root, "case")));
  json_t *own = golden_read (name);
  const json_t *trace = golden_at (root, "trace_after_e_then_m_plus_constant");
  const size_t passes = (size_t)golden_number (root, "iterations");
  open_case (&run, own);
  golden_name = peer;
  golden_pass (&run, passes + 1);
  for (size_t t = 0; t < json_array_size (trace); t++)
    {
      const double want = json_number_value (json_array_get (trace, t));
      golden_near (golden_record (&run, 'M', t + 1)->elbo, want, 1e-12, fabs (want), "bound");
    }
  const double want = golden_number (root, "lower_bound_plus_constant");
  golden_near (elbo_fit_value (run.fit), want, 1e-12, fabs (want), "last bound");
  near_members (&run, root);
  golden_close (&run);
  json_decref (own);
}

START_TEST (scikit_learn_cases)
{
  ck_assert_uint_eq (golden_each ("sklbgmm_", check_peer), COVERED_PEER);
}
END_TEST

int
main (void)
{
  const TTest *const test[] = { cavi_cases, scikit_learn_cases };
  return golden_main ("cavi", test, sizeof test / sizeof *test);
}
