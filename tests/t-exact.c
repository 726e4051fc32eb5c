/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tiny Bayesian mixtures whose evidence can be enumerated.

   Every case: four states of the bound with their terms, twelve passes, posteriors, predictive
   densities against the reference files; and against our own enumeration (exact.c) the evidence,
   and that what the bound lacks is the divergence from q to the posterior. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_randist.h>
#include <elbo/predict.h>
#include "exact.h"
#include "golden.h"

/* Cases of the same set that are not in tests/data/golden, and why:

     exact_bern4_k3_n6_missing, exact_diag3_k2_n7_missing    missing cells
     exact_mixed5_k2_n6                                      missing cells; random products of
                                                             families are below
     exact_py_one_g1_t3_n6                                   Pitman-Yor sticks
     exact_dp_hyper_g1_t3_n6                                 gamma prior of the concentration */
enum
{
  COVERED = 21
};

/* Relative to 1 + sum of absolute terms; the enumeration adds up to 3^10 terms of that size. */
#define TIGHT 1e-11
#define GAP 1e-9

static size_t
total_rows (const json_t *root)
{
  return json_array_size (golden_at (root, "data"));
}

static void
open_case (golden_run *run, const json_t *root)
{
  const size_t K = (size_t)golden_number (root, "model.K");
  golden_open (run, golden_at (root, "model.weights"), golden_at (root, "model.components"), K,
               golden_matrix (golden_at (root, "data")));
  ck_assert (total_rows (root) <= EXACT_ROW);
}

/* --- states ------------------------------------------------------------------------------- */

/* The divergence by enumeration, the file's and ours, and the gap. */
static void
check_gap (const golden_run *run, const json_t *root, const char *state, const double *resp,
           double elbo)
{
  const double evidence = golden_number (root, "log_evidence");
  const json_t *at = golden_at (root, state);
  const double size = 1 + fabs (evidence) + fabs (elbo);
  exact_world q;
  exact_posterior (run->model, &q);
  const double gap = exact_gap (&q, run->x, resp, evidence);
  golden_near (gap, golden_number (at, "kl_by_enumeration"), GAP, size, "our enumerated KL");
  golden_near (evidence - elbo, gap, GAP, size, "evidence - bound");
  ck_assert_msg (evidence - elbo >= -TIGHT * size, "%s: the bound is above the evidence",
                 golden_name);
}

/* q of weights and components is the prior, q of the assignments r0: far from any optimum. */
static void
check_prior_state (golden_run *run, const json_t *root)
{
  const size_t nstat = elbo_model_nstat (run->model);
  double *stat = calloc (nstat, sizeof *stat);
  double *resp = golden_doubles (golden_at (root, "r0"), NULL);
  elbo_rows rows = ELBO_ROWS (run->x->data, run->x->size1, run->x->size2);
  rows.tda = run->x->tda;
  double term[ELBO_NTERM];
  ck_assert (stat != NULL);
  ck_assert_int_eq (elbo_global (run->model, stat), GSL_SUCCESS); /* no rows: the prior */
  ck_assert_int_eq (elbo_local_given (run->model, &rows, resp, run->ncomp, stat), GSL_SUCCESS);
  const double elbo = elbo_bound (run->model, stat, term, ELBO_NTERM);
  golden_near_terms (elbo, term, golden_at (root, "state_q_is_prior_r0.terms"), TIGHT,
                     "q is the prior");
  check_gap (run, root, "state_q_is_prior_r0", resp, elbo);
  free (resp);
  free (stat);
}

static void
check_record (const golden_run *run, const json_t *root, const char *state, char half, size_t pass,
              const double *resp)
{
  const elbo_trace *got = golden_record (run, half, pass);
  golden_near_terms (got->elbo, got->term, golden_at (golden_at (root, state), "terms"), TIGHT,
                     state);
  check_gap (run, root, state, resp, got->elbo);
}

/* Responsibilities of the last E half-step. */
static double *
responsibilities (const golden_run *run)
{
  double *resp = calloc (run->x->size1 * run->ncomp, sizeof *resp);
  ck_assert (resp != NULL);
  ck_assert_int_eq (elbo_predict_data (run->model, run->data, 1, resp, NULL), GSL_SUCCESS);
  return resp;
}

static void
near_resp (const double *resp, const json_t *want, double tolerance)
{
  size_t n = 0;
  double *r = golden_doubles (want, &n);
  golden_near_all (resp, r, n, tolerance, "responsibility");
  free (r);
}

static void
check_first_pass (golden_run *run, const json_t *root)
{
  double *r0 = golden_doubles (golden_at (root, "r0"), NULL);
  golden_start_resp (run, golden_at (root, "r0"));
  check_record (run, root, "after_first_m_step", 'M', 0, r0);
  golden_near_beliefs (run, golden_at (root, "after_first_m_step"), 1e-12);
  golden_pass (run, 1);
  double *r1 = responsibilities (run);
  check_record (run, root, "after_first_e_step", 'E', 0, r1);
  near_resp (r1, golden_at (root, "after_first_e_step.r"), TIGHT);
  free (r0);
  free (r1);
}

/* --- predictive densities ------------------------------------------------------------------ */

/* Nested sticks: the reference leaves out what is left to components beyond K; the product adds
   it times the prior predictive density. */
static double
left_over (const golden_run *run, const json_t *root, const double *x)
{
  size_t n = 0;
  double *weight = golden_doubles (golden_at (root, "converged.mean_weights"), &n), rest = 1;
  exact_world world;
  for (size_t k = 0; k < n; k++)
    rest -= weight[k];
  free (weight);
  exact_prior (run->model, &world);
  return elbo_model_latent (run->model) == elbo_mixture_stick
             ? rest * exp (exact_component_step (&world, x, 0))
             : 0;
}

static void
check_predictive (const golden_run *run, const json_t *root)
{
  const json_t *list = golden_at (root, "predictive_at_converged");
  for (size_t i = 0; i < json_array_size (list); i++)
    {
      const json_t *at = json_array_get (list, i);
      gsl_vector *density = gsl_vector_alloc (1);
      gsl_matrix *x = gsl_matrix_alloc (1, run->x->size2);
      golden_flatten (golden_at (at, "x"), x->data);
      ck_assert_int_eq (elbo_predict (run->model, x, 1, NULL, density), GSL_SUCCESS);
      const double want = exp (golden_number (at, "log_density")) + left_over (run, root, x->data);
      golden_near (gsl_vector_get (density, 0), log (want), 1e-10, 1 + fabs (log (want)),
                   "log predictive density");
      gsl_vector_free (density);
      gsl_matrix_free (x);
    }
}

/* --- converged ----------------------------------------------------------------------------- */

/* The limit: as many passes as the reference took to stand still in 40 digits. */
static void
check_limit (golden_run *run, const json_t *root)
{
  golden_pass (run, (size_t)golden_number (root, "converged.iterations"));
  double *resp = responsibilities (run);
  const elbo_trace *got
      = golden_record (run, 'E', (size_t)golden_number (root, "converged.iterations") - 1);
  golden_near_terms (got->elbo, got->term, golden_at (root, "converged.terms"), 1e-10, "converged");
  check_gap (run, root, "converged", resp, got->elbo);
  golden_near_beliefs (run, golden_at (root, "converged"), 1e-9);
  near_resp (resp, golden_at (root, "converged.r"), 1e-9);
  free (resp);
}

/* --- evidence ------------------------------------------------------------------------------ */

static void
check_evidence (const golden_run *run, const json_t *root)
{
  const double want = golden_number (root, "log_evidence"), size = 1 + fabs (want);
  const double labels = exact_evidence (run->model, run->x);
  if (elbo_model_latent (run->model) != elbo_mixture_stick)
    {
      golden_near (labels, want, TIGHT, size, "enumerated log evidence");
      return;
    }
  /* the infinite model sums over partitions; K labels are a part of it */
  double alpha = 0;
  elbo_model_prior (run->model, 0, &alpha);
  golden_near (labels, golden_number (root, "log_sum_over_K_labels_only"), TIGHT, size,
               "sum over K labels");
  golden_near (exact_process (run->model, run->x, alpha), want, TIGHT, size, "sum over partitions");
}

static void
check_case (json_t *root)
{
  golden_run run;
  open_case (&run, root);
  check_evidence (&run, root);
  check_prior_state (&run, root);
  check_first_pass (&run, root);
  golden_pass (&run, json_array_size (golden_at (root, "trace")));
  golden_near_trace (&run, golden_at (root, "trace"), TIGHT);
  check_limit (&run, root);
  check_predictive (&run, root);
  golden_close (&run);
}

START_TEST (exact_cases) { ck_assert_uint_eq (golden_each ("exact_", check_case), COVERED); }
END_TEST

/* --- the worked binary example ------------------------------------------------------------- */

/* p (z) = (1/2, 1/2), p (x = 1 | z) = (0.2, 0.8): two given components of one binary column. */
static void
check_binary_case (elbo_model *model, const json_t *one)
{
  const double q = golden_number (one, "q_z1"), resp[] = { 1 - q, q };
  const double x = golden_number (one, "x");
  const elbo_rows row = ELBO_ROWS (&x, 1, 1);
  double term[ELBO_NTERM];
  double tight[ELBO_NTERM];
  double *stat = calloc (elbo_model_nstat (model), sizeof *stat);
  ck_assert_int_eq (elbo_local_given (model, &row, resp, 2, stat), GSL_SUCCESS);
  const double elbo = elbo_bound (model, stat, term, ELBO_NTERM);
  golden_near (term[ELBO_RECONSTRUCTION], golden_number (one, "reconstruction"), 1e-15, 4,
               "reconstruction");
  golden_near (term[ELBO_KL_ASSIGNMENTS], golden_number (one, "kl_q_prior"), 1e-15, 4,
               "KL to the prior");
  golden_near (elbo, golden_number (one, "elbo"), 1e-15, 4, "bound");
  memset (stat, 0, elbo_model_nstat (model) * sizeof *stat);
  ck_assert_int_eq (elbo_local (model, &row, stat), GSL_SUCCESS);
  tight[0] = elbo_bound (model, stat, NULL, 0);
  golden_near (tight[0], golden_number (one, "log_evidence"), 1e-15, 4, "tight bound");
  golden_near (tight[0] - elbo, golden_number (one, "kl_q_posterior"), 1e-15, 4, "gap");
  free (stat);
}

static void
check_binary (json_t *root)
{
  const double cell[] = { 0, 1 }, weight[] = { 0.5, 0.5 }, probability[] = { 0.2, 0.8 };
  const elbo_block block = ELBO_BLOCK (elbo_bernoulli, 0, 1, 0);
  const json_t *list = golden_at (root, "cases");
  gsl_matrix *x = gsl_matrix_alloc (2, 1);
  memcpy (x->data, cell, sizeof cell);
  elbo_data *data = elbo_data_from_matrix (x, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_fixed, &block, 1, ELBO_ML);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 0, weight), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 1, probability), GSL_SUCCESS);
  ck_assert_uint_eq (json_array_size (list), 14);
  for (size_t i = 0; i < json_array_size (list); i++)
    check_binary_case (model, json_array_get (list, i));
  elbo_model_free (model);
  elbo_data_free (data);
  gsl_matrix_free (x);
}

START_TEST (binary_example) { ck_assert_uint_eq (golden_each ("binary_", check_binary), 1); }
END_TEST

/* --- random tiny problems ------------------------------------------------------------------ */

typedef struct
{
  golden_run run;
  gsl_rng *rng;
  double *resp;
} problem;

static double
random_cell (gsl_rng *rng, const elbo_block *block)
{
  if (block->family == elbo_bernoulli)
    return (double)gsl_rng_uniform_int (rng, 2);
  if (block->family == elbo_categorical)
    return (double)gsl_rng_uniform_int (rng, block->level);
  if (block->family == elbo_poisson)
    return (double)gsl_ran_poisson (rng, gsl_rng_uniform (rng) < 0.5 ? 1 : 8);
  return gsl_ran_gaussian (rng, 1.5) + (gsl_rng_uniform (rng) < 0.5 ? 3 : -1);
}

/* Move every member of the default prior, keeping it proper. */
static void
shake_prior (problem *p, size_t f)
{
  const elbo_factor *factor = elbo_model_factor (p->run.model, f);
  const elbo_shape *shape = elbo_model_shape (p->run.model, f);
  double prior[256], *at = prior, sum = 0;
  elbo_model_prior (p->run.model, f, prior);
  for (const elbo_field *field = factor->prior; field->name; field++)
    {
      const size_t n = elbo_field_size (field, shape);
      const double times = exp (gsl_ran_gaussian (p->rng, 0.7));
      for (size_t i = 0; i < n && field->doc; i++)
        if (strcmp (field->name, "df") == 0)
          at[i] = (double)shape->dim - 1 + times * 2;
        else if (strcmp (field->name, "scale") == 0)
          at[i] *= times; /* one factor: the matrix stays positive definite */
        else if (strcmp (field->name, "mean") == 0)
          at[i] += gsl_ran_gaussian (p->rng, 1);
        else
          at[i] *= exp (gsl_ran_gaussian (p->rng, 0.7));
      at += n;
    }
  for (size_t k = 0; k < shape->ncomp && strcmp (factor->name, "mixture_fixed") == 0; k++)
    sum += prior[k];
  for (size_t k = 0; k < shape->ncomp && strcmp (factor->name, "mixture_fixed") == 0; k++)
    prior[k] /= sum;
  ck_assert_int_eq (elbo_model_set_prior (p->run.model, f, prior), GSL_SUCCESS);
}

static void
random_rows (problem *p, const elbo_block *block, size_t n)
{
  size_t dim = 0;
  for (size_t b = 0; b < p->run.nblock; b++)
    dim += block[b].dim;
  p->run.x = gsl_matrix_alloc (n, dim);
  for (size_t i = 0; i < n; i++)
    for (size_t b = 0; b < p->run.nblock; b++)
      for (size_t d = 0; d < block[b].dim; d++)
        gsl_matrix_set (p->run.x, i, block[b].column + d, random_cell (p->rng, block + b));
}

static void
problem_make (problem *p, const elbo_latent *latent, const elbo_block *block, size_t nblock,
              size_t ncomp, size_t n, unsigned long seed)
{
  memset (p, 0, sizeof *p);
  p->rng = gsl_rng_alloc (gsl_rng_mt19937);
  gsl_rng_set (p->rng, seed);
  p->run.ncomp = ncomp;
  p->run.nblock = nblock;
  random_rows (p, block, n);
  p->run.data = elbo_data_from_matrix (p->run.x, NULL);
  p->run.model = elbo_model_alloc (ncomp, latent, block, nblock, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (p->run.model, p->run.data), GSL_SUCCESS);
  for (size_t f = 0; f <= nblock; f++)
    shake_prior (p, f);
  p->run.fit = elbo_fit_alloc (p->run.model, p->run.data, NULL);
  p->resp = calloc (n * ncomp, sizeof *p->resp);
  ck_assert (p->run.fit && p->resp);
  for (size_t i = 0; i < n; i++)
    {
      const double flat[] = { 1, 1, 1, 1 };
      gsl_ran_dirichlet (p->rng, ncomp, flat, p->resp + i * ncomp);
    }
}

static void
problem_clear (problem *p)
{
  free (p->resp);
  gsl_rng_free (p->rng);
  golden_close (&p->run);
}

static void
problem_start (problem *p)
{
  elbo_start *start = NULL;
  start_made (&start, elbo_start_responsibilities (p->resp, p->run.x->size1, p->run.ncomp));
  ck_assert_msg (elbo_fit_start (p->run.fit, start) == GSL_SUCCESS, "%s", elbo_message ());
  elbo_start_free (start);
}

static void
problem_gap (const problem *p, const double *resp, double evidence)
{
  const double elbo = elbo_fit_value (p->run.fit), size = 1 + fabs (elbo) + fabs (evidence);
  exact_world q;
  exact_posterior (p->run.model, &q);
  golden_near (evidence - elbo, exact_gap (&q, p->run.x, resp, evidence), GAP, size, "gap");
  ck_assert_msg (elbo <= evidence + TIGHT * size, "%s: bound above the evidence", golden_name);
}

/* Bound and divergence after M, after E and after some passes. */
static void
check_problem (const elbo_latent *latent, const elbo_block *block, size_t nblock, size_t ncomp,
               size_t n, unsigned long seed)
{
  problem p;
  char name[128];
  snprintf (name, sizeof name, "%s of %s (%zu blocks), D %zu, K %zu, N %zu, seed %lu",
            latent->base->name, block->family->base->name, nblock, block->dim, ncomp, n, seed);
  golden_name = name;
  problem_make (&p, latent, block, nblock, ncomp, n, seed);
  const double evidence = exact_evidence (p.run.model, p.run.x);
  problem_start (&p);
  problem_gap (&p, p.resp, evidence);
  for (size_t pass = 1; pass <= 9; pass += 4)
    {
      golden_pass (&p.run, pass);
      double *resp = responsibilities (&p.run);
      problem_gap (&p, resp, evidence);
      free (resp);
    }
  problem_clear (&p);
  golden_name = "";
}

/* For nested sticks the sum over K labels stands for the evidence here: a part of it. */
START_TEST (bound_below_evidence)
{
  unsigned long seed = 1;
  for (size_t f = 0; elbo_family_at (f); f++)
    for (size_t l = 0; elbo_latent_at (l); l++)
      for (size_t dim = 1; dim <= 3; dim++)
        for (size_t again = 0; again < 3; again++, seed++)
          {
            const int levels = elbo_family_at (f) == elbo_categorical;
            elbo_block block
                = ELBO_BLOCK (elbo_family_at (f), 0, levels ? 1 : dim, levels ? 1 + dim : 0);
            check_problem (elbo_latent_at (l), &block, 1, 2 + again % 2, 2 + seed % 4, seed);
          }
}
END_TEST

START_TEST (products)
{
  const elbo_block block[]
      = { ELBO_BLOCK (elbo_gauss_full, 0, 2, 0), ELBO_BLOCK (elbo_bernoulli, 2, 1, 0),
          ELBO_BLOCK (elbo_categorical, 3, 1, 3), ELBO_BLOCK (elbo_poisson, 4, 1, 0),
          ELBO_BLOCK (elbo_gauss_diag, 5, 1, 0) };
  for (unsigned long seed = 1; seed <= 20; seed++)
    for (size_t l = 0; elbo_latent_at (l); l++)
      check_problem (elbo_latent_at (l), block, 5, 2 + seed % 2, 5, seed);
}
END_TEST

/* One component: the bound is the evidence after one M half-step, whatever the latent structure. */
static void
check_single (const elbo_latent *latent, const elbo_block *block, size_t n, unsigned long seed)
{
  problem p;
  char name[128];
  exact_world world;
  double evidence = 0;
  snprintf (name, sizeof name, "%s of %s, D %zu, K 1, N %zu, seed %lu", latent->base->name,
            block->family->base->name, block->dim, n, seed);
  golden_name = name;
  problem_make (&p, latent, block, 1, 1, n, seed);
  exact_prior (p.run.model, &world);
  for (size_t i = 0; i < n; i++)
    evidence += exact_step (&world, p.run.x->data + i * p.run.x->tda, 0);
  /* the nested stick's only component shares its weight with the mass beyond it */
  problem_start (&p);
  golden_pass (&p.run, 2);
  for (size_t pass = 0; pass < 2; pass++)
    for (const char *half = "ME"; *half; half++)
      golden_near (golden_record (&p.run, *half, pass)->elbo, evidence, 1e-12,
                   1 + fabs (evidence) + (double)n, "bound");
  problem_clear (&p);
  golden_name = "";
}

START_TEST (single_component)
{
  unsigned long seed = 1000;
  for (size_t f = 0; elbo_family_at (f); f++)
    for (size_t l = 0; elbo_latent_at (l); l++)
      for (size_t dim = 1; dim <= 3; dim++)
        for (size_t again = 0; again < 10; again++, seed++)
          {
            const int levels = elbo_family_at (f) == elbo_categorical;
            elbo_block block
                = ELBO_BLOCK (elbo_family_at (f), 0, levels ? 1 : dim, levels ? 1 + dim : 0);
            check_single (elbo_latent_at (l), &block, 1 + seed % 40, seed);
          }
}
END_TEST

int
main (void)
{
  const TTest *const test[]
      = { exact_cases, binary_example, bound_below_evidence, products, single_component };
  return golden_main ("exact", test, sizeof test / sizeof *test);
}
