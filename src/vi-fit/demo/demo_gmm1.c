/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest Gaussian mixtures, fitted by the library itself, against enumeration.

   vb       K = 2, Normal-Wishart and Dirichlet priors: log p(x) is the sum over all 2^N
            assignments, and KL (q || posterior) a sum over the same
   em       K = 2, maximum likelihood: log p(x | theta) and KL (r || p(z | x, theta)) row by row
   process  truncated sticks of a Dirichlet process: log p(x) over all partitions of the rows; no
            ELBO is above it */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_math.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "x", "0,0,1,0.5,0.5,1.5,4,4,5,3.5,4.5,5.5", "[-100,100]", 'R',
          "rows of two numbers, 3 to 10 of them" },
        { "start", "0.9,0.8,0.6,0.4,0.2,0.1", "[0,1]", 'R', "q(z = 1) of each row at the start" },
        { "alpha", "1", "[0.01,1000]", 'r', "Dirichlet prior of the weights" },
        { "kappa", "1", "[0.01,1000]", 'r', "rows that the prior mean 0 counts for" },
        { "df", "3", "[1.1,1000]", 'r', "Wishart degrees of freedom" },
        { "scale", "1", "[0.1,1000]", 'r', "inverse scale matrix: this times the identity" },
        { "concentration", "1", "[0.01,1000]", 'r', "of the Dirichlet process" },
        { "sticks", "4", "[1,10]", 'n', "components of the Dirichlet process" },
        { "passes", "4", "[1,1000]", 'n', "passes to show" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  K = 2,
  MOST_PASSES = 5000
};

typedef struct
{
  exact_mixture exact;
  gsl_matrix *x;
  elbo_data *data;
  elbo_model *model;
  double *stat, resp[EXACT_ROWS][K];
} study;

static int
open_model (study *s, const elbo_latent *latent, size_t ncomp, elbo_method method)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  s->model = elbo_model_alloc (ncomp, latent, &block, 1, method);
  if (!s->model || elbo_model_prepare (s->model, s->data))
    return complain_status ();
  s->stat = calloc (elbo_model_nstat (s->model), sizeof *s->stat);
  return s->stat ? 0 : EXIT_DATA;
}

static void
close_model (study *s)
{
  elbo_model_free (s->model);
  free (s->stat);
  s->model = NULL;
  s->stat = NULL;
}

/* One array of a prior, by name. */
static void
put_prior (const elbo_model *model, size_t f, const char *name, const double *v, double *prior)
{
  size_t at;
  const elbo_shape *shape = elbo_model_shape (model, f);
  const elbo_field *field = elbo_field_find (elbo_model_factor (model, f)->prior, shape, name, &at);
  memcpy (prior + at, v, elbo_field_size (field, shape) * sizeof *v);
}

/* The prior of the exact mixture, and that of the weights. */
static int
set_prior (const study *s, double alpha)
{
  const exact_belief *b = &s->exact.prior;
  double weights[16] = { 0 }, place[16] = { 0 };
  const double every[16] = { alpha, alpha };
  elbo_model_prior (s->model, 0, weights);
  elbo_model_prior (s->model, 1, place);
  put_prior (s->model, 0, "alpha", every, weights);
  put_prior (s->model, 1, "kappa", &b->kappa, place);
  put_prior (s->model, 1, "df", &b->df, place);
  put_prior (s->model, 1, "mean", b->mean, place);
  put_prior (s->model, 1, "scale", b->inverse_scale, place);
  if (!elbo_model_set_prior (s->model, 0, weights) && !elbo_model_set_prior (s->model, 1, place))
    return 0;
  return complain_status ();
}

/* The M half-step from s->resp, or the E half-step, which writes it. */
static int
half_step (study *s, char half, size_t pass, double *term, double *bound)
{
  const elbo_rows rows = ELBO_ROWS (s->x->data, s->exact.n, 2);
  const size_t size = elbo_model_nstat (s->model) * sizeof *s->stat;
  gsl_matrix_view resp = gsl_matrix_view_array (s->resp[0], s->exact.n, K);
  int status = GSL_SUCCESS;
  if (half == 'M')
    {
      if (pass == 1)
        {
          memset (s->stat, 0, size);
          status = elbo_local_given (s->model, &rows, s->resp[0], K, s->stat);
        }
      if (!status)
        status = elbo_global (s->model, s->stat);
    }
  else
    {
      memset (s->stat, 0, size);
      status = elbo_local (s->model, &rows, s->stat);
      if (!status)
        status = elbo_predict (s->model, s->x, 1, &resp.matrix, NULL);
    }
  if (status)
    return complain_status ();
  *bound = elbo_bound (s->model, s->stat, term, term ? ELBO_NTERM : 0);
  return 0;
}

/* --- vb ------------------------------------------------------------------------------------ */

static double
vb_divergence (const study *s)
{
  const double *weight = elbo_model_field (s->model, "mixture_dirichlet.alpha", NULL);
  const double *kappa = elbo_model_field (s->model, "gauss_full.kappa", NULL);
  double second[EXACT_ROWS], alpha[K];
  exact_belief belief[K];
  memcpy (alpha, weight, sizeof alpha);
  for (size_t i = 0; i < s->exact.n; i++)
    second[i] = s->resp[i][1];
  for (int k = 0; k < K; k++)
    belief[k].kappa = kappa[k];
  const double *df = elbo_model_field (s->model, "gauss_full.df", NULL);
  for (int k = 0; k < K; k++)
    belief[k].df = df[k];
  const double *mean = elbo_model_field (s->model, "gauss_full.mean", NULL);
  for (int k = 0; k < K; k++)
    memcpy (belief[k].mean, mean + 2 * k, sizeof belief[k].mean);
  const double *scale = elbo_model_field (s->model, "gauss_full.scale", NULL);
  for (int k = 0; k < K; k++)
    memcpy (belief[k].inverse_scale, scale + 4 * k, sizeof belief[k].inverse_scale);
  return exact_divergence (&s->exact, second, alpha, belief);
}

static elbo_identity
vb_identity (const study *s, double evidence, double bound, const double *term)
{
  elbo_identity v = { .elbo = bound, .log_evidence = evidence, .gap = evidence - bound };
  v.reconstruction = term[ELBO_RECONSTRUCTION];
  v.kl_prior = term[ELBO_KL_ASSIGNMENTS] + term[ELBO_KL_WEIGHTS] + term[ELBO_KL_COMPONENTS];
  v.kl_posterior = vb_divergence (s);
  return v;
}

static void
put_responsibilities (const study *s, const char *key, demo_page *page)
{
  page_table (page, key, "q(z = 1) of each row", "row:4 x:8 y:8 q");
  for (size_t i = 0; i < s->exact.n; i++)
    page_row (page, NULL,
              (double[]){ (double)i + 1, s->exact.x[i][0], s->exact.x[i][1], s->resp[i][0] });
  page_table_end (page);
}

/* Passes from the start; the first are shown. */
static int
vb_steps (study *s, double evidence, size_t shown, elbo_identity *v, demo_page *page)
{
  double last = -INFINITY, moved = 1, bound = 0;
  page_table (page, "vb_steps", "VB: every half-step",
              "pass:4 half:4t reconstruction kl_prior elbo gap kl_posterior");
  for (size_t pass = 1; pass <= shown || (pass <= MOST_PASSES && moved > 1e-15); pass++)
    {
      const study before = *s;
      for (const char *half = "ME"; *half; half++)
        {
          double term[ELBO_NTERM];
          if (half_step (s, *half, pass, term, &bound))
            return EXIT_DATA;
          *v = vb_identity (s, evidence, bound, term);
          if (pass <= shown)
            page_row (page, *half == 'M' ? "M" : "E",
                      (double[]){ (double)pass, v->reconstruction, v->kl_prior, v->elbo, v->gap,
                                  v->kl_posterior });
          page_check_gap (page, "gap of a half-step", v);
          page_check (page, "the ELBO never falls", fmin (v->elbo, last), last,
                      1e-12 * fmax (1, fabs (v->elbo)));
          last = v->elbo;
        }
      moved = 0;
      for (size_t i = 0; i < s->exact.n; i++)
        moved = fmax (moved, fabs (s->resp[i][0] - before.resp[i][0]));
    }
  page_table_end (page);
  return 0;
}

static int
run_vb (study *s, size_t shown, demo_page *page)
{
  const double evidence = exact_evidence (&s->exact);
  elbo_identity v;
  int status = open_model (s, elbo_mixture_dirichlet, K, ELBO_VB);
  if (!status)
    status = set_prior (s, s->exact.alpha);
  if (!status)
    status = vb_steps (s, evidence, shown, &v, page);
  if (!status)
    {
      const double *alpha = elbo_model_field (s->model, "mixture_dirichlet.alpha", NULL);
      const page_number number[]
          = { { "alpha_1", alpha[0] },
              { "alpha_2", alpha[1] },
              { "log_p_x_two", evidence },
              { "log_p_x_one", exact_group (&s->exact, (1U << s->exact.n) - 1) } };
      page_numbers (page, "exact", "The limit's q(weights), and log p(x) for K = 2 and K = 1",
                    number, 4);
      put_responsibilities (s, "vb_limit", page);
      page_identity (page, "identity", "The identity at the limit of VB", &v);
    }
  close_model (s);
  return status;
}

/* --- em ------------------------------------------------------------------------------------ */

/* log p(x_n, z = k | theta) */
static void
row_joint (const double *weight, const double *mean, const double *cov, const double *x,
           double joint[K])
{
  for (int k = 0; k < K; k++)
    {
      const double *c = cov + 4 * k, det = c[0] * c[3] - c[1] * c[2];
      const double u = x[0] - mean[2 * k], v = x[1] - mean[2 * k + 1];
      joint[k] = log (weight[k]) - log (2 * M_PI) - 0.5 * log (det)
                 - 0.5 * (c[3] * u * u - 2 * c[1] * u * v + c[0] * v * v) / det;
    }
}

/* The identity of EM, and how far its sides may be apart: a covariance that is nearly singular
   amplifies the rounding of the rows by (their size / its least standard deviation)^2. */
static int
em_identity (const study *s, double bound, elbo_identity *sum, double *allowed)
{
  double weight[K], mean[2 * K];
  elbo_model_weights (s->model, weight);
  memcpy (mean, elbo_model_field (s->model, "gauss_full.mean", NULL), sizeof mean);
  const double *cov = elbo_model_field (s->model, "gauss_full.covariance", NULL);
  *sum = (elbo_identity){ .elbo = bound };
  *allowed = 1e-12 * fmax (1, fabs (bound));
  for (size_t i = 0; i < s->exact.n; i++)
    for (const double *c = cov; c < cov + 4 * K; c += 4)
      *allowed += 4 * DBL_EPSILON * (c[0] + c[3]) / (c[0] * c[3] - c[1] * c[2])
                  * (c[0] + c[3] + gsl_pow_2 (s->exact.x[i][0]) + gsl_pow_2 (s->exact.x[i][1]));
  for (size_t i = 0; i < s->exact.n; i++)
    {
      double joint[K];
      elbo_identity v;
      row_joint (weight, mean, cov, s->exact.x[i], joint);
      if (elbo_discrete_bound (K, joint, NULL, s->resp[i], &v))
        return complain_status ();
      sum->log_evidence += v.log_evidence;
      sum->kl_posterior += v.kl_posterior;
    }
  sum->gap = sum->log_evidence - bound;
  return 0;
}

static int
run_em (study *s, size_t shown, demo_page *page)
{
  int status = open_model (s, elbo_mixture_dirichlet, K, ELBO_ML);
  double bound;
  page_table (page, "em_steps", "EM (maximum likelihood) from the same start",
              "pass:4 half:4t elbo log_likelihood gap kl_posterior");
  for (size_t pass = 1; pass <= shown && !status; pass++)
    for (const char *half = "ME"; *half && !status; half++)
      {
        elbo_identity v;
        double allowed;
        status = half_step (s, *half, pass, NULL, &bound);
        if (!status)
          status = em_identity (s, bound, &v, &allowed);
        if (status)
          break;
        page_row (page, *half == 'M' ? "M" : "E",
                  (double[]){ (double)pass, v.elbo, v.log_evidence, v.gap, v.kl_posterior });
        page_check (page, "gap of EM", v.gap, v.kl_posterior, allowed);
      }
  page_table_end (page);
  close_model (s);
  return status;
}

/* --- process ------------------------------------------------------------------------------- */

static int
run_process (study *s, double concentration, size_t sticks, demo_page *page)
{
  const double evidence = exact_process (&s->exact, concentration);
  elbo_search_options options;
  elbo_search_options_init (&options);
  int status = open_model (s, elbo_mixture_stick, sticks, ELBO_VB);
  options.starts = 60;
  options.tol = 0;
  if (!status)
    status = set_prior (s, concentration);
  elbo_search *search = status ? NULL : elbo_search_alloc (s->model, s->data, NULL, &options);
  if (!status)
    {
      const int ended = search ? elbo_search_run (search, NULL, NULL) : elbo_message_status ();
      if (ended == GSL_SUCCESS || ended == GSL_EMAXITER)
        {
          const double best = elbo_search_value (search);
          const page_number number[]
              = { { "log_p_x", evidence }, { "elbo", best }, { "gap", evidence - best } };
          page_numbers (page, "process", "Dirichlet process: best of 60 starts", number, 3);
          page_check (page, "no ELBO is above log p(x)", fmax (best, evidence), evidence, 0);
        }
      else
        status = complain_status ();
    }
  elbo_search_free (search);
  close_model (s);
  return status;
}

/* --- the page ------------------------------------------------------------------------------ */

static int
make_study (const parameter_list *p, study *s)
{
  const size_t n = p[0].n / 2;
  if (p[0].n % 2 || n < 3 || n > EXACT_ROWS || p[1].n != n)
    {
      complain ("--x: 3 to %d rows of two numbers are needed; --start: one number for each row",
                EXACT_ROWS);
      return EXIT_USAGE;
    }
  s->exact = (exact_mixture){ .n = n, .alpha = *p[2].v };
  s->exact.prior = (exact_belief){ *p[3].v, *p[4].v, { 0, 0 }, { *p[5].v, 0, 0, *p[5].v } };
  for (size_t i = 0; i < 2 * n; i++)
    s->exact.x[i / 2][i % 2] = p[0].v[i];
  s->x = gsl_matrix_alloc (n, 2);
  if (!s->x)
    return complain_memory ();
  memcpy (s->x->data, s->exact.x, 2 * n * sizeof (double));
  s->data = elbo_data_from_matrix (s->x, NULL);
  return s->data ? 0 : complain_status ();
}

static void
begin_at (study *s, const parameter_list *start)
{
  for (size_t i = 0; i < s->exact.n; i++)
    {
      s->resp[i][0] = start->v[i];
      s->resp[i][1] = 1 - start->v[i];
    }
}

static int
run (const parameter_list *p, demo_page *page)
{
  study s = { .x = NULL };
  int status = make_study (p, &s);
  const size_t shown = (size_t)*p[8].v;
  if (!status)
    {
      begin_at (&s, &p[1]);
      status = run_vb (&s, shown, page);
    }
  if (!status)
    {
      begin_at (&s, &p[1]);
      status = run_em (&s, shown, page);
    }
  if (!status)
    status = run_process (&s, *p[6].v, (size_t)*p[7].v, page);
  elbo_data_free (s.data);
  gsl_matrix_free (s.x);
  return status;
}

const demo demo_gmm1
    = { { "gmm1", "the smallest mixtures, fitted by the library, against enumeration", parameter },
        { { .title = "VB: the gap to log p(x) stays",
            .stairs = "vb_steps: elbo gap",
            .second = "E",
            .kind = { "after M: q(parameters)", "after E: q(z)" },
            .touch = "log p(x)" },
          { .title = "EM from the same start: E closes the gap",
            .stairs = "em_steps: elbo gap",
            .second = "E",
            .kind = { "after M: parameters", "after E: q(z)" },
            .touch = "log-likelihood" } },
        run };
