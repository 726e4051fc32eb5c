/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three verbs, the loop, and what they promise each other. */
#include <config.h>
#include <float.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  PROBLEMS = 100
};

static const gen_limits usual = { 500, 6, 4, 6, 4, 0 };
static const gen_limits mild = { 120, 4, 3, 2, 1, 0 };

/* A problem that can start whatever the method: labels reach every component. */
static void
open_case (gen_case *c, uint64_t family, uint64_t number, const gen_limits *most)
{
  gen_problem *p = &c->problem;
  gen_make (p, family, number, most);
  if (p->ncomp > 1 + p->n / 10)
    p->ncomp = 1 + p->n / 10;
  p->start = ELBO_START_RANDOM;
  c->data = gen_data (p);
  c->model = gen_model (p, c->data);
  ck_assert_msg (c->model != NULL, "%s", elbo_message ());
  ck_assert_ptr_nonnull (c->ranks = elbo_ranks_alloc (c->data));
}

static elbo_fit *
begin (const gen_case *c, elbo_model *model, size_t max_pass)
{
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  elbo_start *start = NULL;
  options.max_pass = max_pass;
  elbo_fit *fit = elbo_fit_alloc (model, c->data, &options);
  ck_assert_ptr_nonnull (fit);
  ck_assert_int_eq (gen_start (&c->problem, model, c->data, c->ranks, &start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  elbo_start_free (start);
  return fit;
}

static int
ran (int status)
{
  return status == GSL_SUCCESS || status == GSL_EMAXITER || status == ELBO_EDEGENERATE;
}

static void
same_parts (const elbo_model *a, const elbo_model *b, int number)
{
  for (size_t f = 0; f <= a->nblock; f++)
    {
      const elbo_part *x = a->part + f, *y = b->part + f;
      gen_need (memcmp (x->prior, y->prior, x->nprior * sizeof (double)) == 0
                    && memcmp (x->param, y->param, x->nparam * sizeof (double)) == 0
                    && memcmp (x->user, y->user, x->nparam * sizeof (double)) == 0
                    && memcmp (x->coef, y->coef, x->ncoef * sizeof (double)) == 0,
                "problem %d: %s differs", number, x->factor->name);
    }
}

static void
same_traces (const elbo_fit *a, const elbo_fit *b, int number)
{
  size_t n = 0, m = 0;
  const elbo_trace *x = elbo_fit_trace (a, &n), *y = elbo_fit_trace (b, &m);
  gen_need (n == m, "problem %d: %zu and %zu records", number, n, m);
  for (size_t i = 0; i < n; i++)
    gen_need (x[i].half == y[i].half && x[i].elbo == y[i].elbo && x[i].tau == y[i].tau,
              "problem %d, record %zu: %.17g and %.17g", number, i, x[i].elbo, y[i].elbo);
}

/* --- the loop ------------------------------------------------------------------------------ */

static int
stop_at_third (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  size_t *told = arg, n = 0;
  const elbo_trace *all = elbo_fit_trace (fit, &n);
  gen_need (nrecord > 0 && first == *told && first + nrecord == n, "the watch missed records");
  gen_need (all[n - 1].half == 'E', "the watch did not see an E last");
  *told += nrecord;
  return elbo_fit_iterations (fit) == 3;
}

/* Clone, stop and resume: three ways to the same bits. */
START_TEST (test_resume)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      size_t told = 0;
      open_case (&c, 31, (uint64_t)i, &usual);
      elbo_model *copy = elbo_model_clone (c.model), *third = elbo_model_clone (c.model);
      elbo_fit *whole = begin (&c, c.model, 12), *parts = begin (&c, copy, 12);
      elbo_fit *steps = begin (&c, third, 12);
      int status = elbo_fit_run (whole, NULL, NULL),
          again = elbo_fit_run (parts, stop_at_third, &told);
      gen_need (ran (status), "problem %d (%s): %d, %s", i, gen_tell (&c.problem), status,
                elbo_message ());
      if (elbo_fit_iterations (whole) > 3)
        {
          gen_need (again == ELBO_ESTOP || again == ELBO_EDEGENERATE, "problem %d: %d", i, again);
          again = elbo_fit_run (parts, NULL, NULL);
          gen_need (again == status, "problem %d: %d and %d", i, status, again);
        }
      same_traces (whole, parts, i);
      same_parts (c.model, copy, i);
      /* moves of sticks belong to the run, not to the pass */
      while (c.problem.latent->order == ELBO_ORDER_FREE
             && elbo_fit_iterations (steps) < elbo_fit_iterations (whole))
        gen_need (elbo_fit_pass (steps) == GSL_SUCCESS, "problem %d: %s", i, elbo_message ());
      if (c.problem.latent->order == ELBO_ORDER_FREE)
        {
          same_traces (whole, steps, i);
          same_parts (c.model, third, i);
        }
      elbo_fit_free (whole);
      elbo_fit_free (parts);
      elbo_fit_free (steps);
      elbo_model_free (copy);
      elbo_model_free (third);
      gen_close (&c);
    }
}
END_TEST

/* It stops when two passes running gain less than the tolerance, and not before.  The tolerance is
   never less than 2 epsilon A, of which the trace tells a limit: tau = 64 epsilon A V, V >= 1. */
START_TEST (test_stop)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      size_t n = 0, quiet = 0, perhaps = 0;
      open_case (&c, 32, (uint64_t)i, &mild);
      elbo_fit *fit = begin (&c, c.model, 5000);
      fit->options.accelerate = 0;
      const int status = elbo_fit_run (fit, NULL, NULL);
      const elbo_trace *t = elbo_fit_trace (fit, &n);
      gen_need (ran (status), "problem %d (%s): %d", i, gen_tell (&c.problem), status);
      double last = t[0].elbo;
      for (size_t r = 1; r < n; r++)
        if (t[r].half == 'V')
          quiet = perhaps = 0;
        else if (t[r].half == 'E')
          {
            const double gain = t[r].elbo - last, least = 1e-8 * elbo_data_total (c.data);
            gen_need (quiet < 2, "problem %d: went on", i);
            quiet = gain < least ? quiet + 1 : 0;
            perhaps = gain < fmax (least, t[r].tau / 32) ? perhaps + 1 : 0;
            last = t[r].elbo;
          }
      gen_need ((perhaps >= 2 || status == GSL_EMAXITER) && t[n - 1].half == 'E',
                "problem %d: stopped early", i);
      gen_need (elbo_fit_value (fit) == t[n - 1].elbo, "problem %d: value", i);
      elbo_fit_free (fit);
      gen_close (&c);
    }
}
END_TEST

START_TEST (test_limit)
{
  gen_case c;
  open_case (&c, 33, 3, &usual);
  elbo_fit *fit = begin (&c, c.model, 2);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_EMAXITER);
  ck_assert_uint_eq (elbo_fit_iterations (fit), 2);
  ck_assert_int_eq (elbo_fit_test (fit), GSL_CONTINUE);
  ck_assert_str_eq (elbo_message (), "not converged after 2 iterations");
  elbo_fit_free (fit);
  gen_close (&c);
}
END_TEST

/* --- the three verbs ----------------------------------------------------------------------- */

static elbo_rows
rows_of (const gen_problem *p, size_t from, size_t to)
{
  const elbo_rows rows = { .size = sizeof (elbo_rows),
                           .x = p->x + from * p->dim,
                           .n = to - from,
                           .dim = p->dim,
                           .tda = p->dim,
                           .weight = p->weight ? p->weight + from : NULL,
                           .first = from };
  return rows;
}

/* elbo_local, elbo_global and elbo_bound in the user's units make the records of the loop. */
START_TEST (test_verbs)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      size_t n = 0;
      open_case (&c, 34, (uint64_t)i, &usual);
      elbo_fit *fit = begin (&c, c.model, 6);
      ck_assert_int_eq (elbo_fit_pass (fit), GSL_SUCCESS);
      elbo_model *mine = elbo_model_clone (c.model);
      double *stat = elbo_doubles (mine->nstat), *pass = elbo_doubles (mine->nstat);
      const elbo_rows rows = rows_of (&c.problem, 0, c.problem.n);
      gen_need (elbo_local (mine, &rows, stat) == GSL_SUCCESS
                    && elbo_pass (mine, c.data, NULL, 1, pass) == GSL_SUCCESS,
                "problem %d: %s", i, elbo_message ());
      gen_need (memcmp (stat, pass, mine->nstat * sizeof *stat) == 0,
                "problem %d (%s): rows and data make different statistics", i,
                gen_tell (&c.problem));
      const elbo_trace *t = elbo_fit_trace (fit, &n);
      const size_t e = n - 1;
      t += e;
      double term[ELBO_NTERM];
      gen_need (fabs (elbo_bound (mine, stat, term, ELBO_NTERM) - t->elbo) <= t->tau,
                "problem %d: the bound of E is off by %g", i,
                elbo_bound (mine, stat, term, ELBO_NTERM) - t->elbo);
      ck_assert_int_eq (elbo_fit_pass (fit), GSL_SUCCESS);
      t = elbo_fit_trace (fit, &n) + e + 1;
      ck_assert_int_eq (elbo_global (mine, stat), GSL_SUCCESS);
      gen_need (elbo_bound (mine, stat, term, ELBO_NTERM) == t->elbo, "problem %d: the bound of M",
                i);
      for (size_t k = 0; k < ELBO_NTERM; k++)
        gen_need (term[k] == t->term[k], "problem %d: term %zu", i, k);
      ck_assert_int_eq (elbo_learn (mine), GSL_SUCCESS);
      same_parts (mine, c.model, i);
      free (stat);
      free (pass);
      elbo_model_free (mine);
      elbo_fit_free (fit);
      gen_close (&c);
    }
}
END_TEST

/* Statistics of rows in chunks add up to those of all rows. */
START_TEST (test_chunks)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      open_case (&c, 35, (uint64_t)i, &usual);
      gen_problem *p = &c.problem;
      elbo_fit *fit = begin (&c, c.model, 6);
      const size_t size = c.model->nstat;
      double *whole = elbo_doubles (size), *parts = elbo_doubles (size);
      const elbo_rows all = rows_of (p, 0, p->n);
      ck_assert_int_eq (elbo_local (c.model, &all, whole), GSL_SUCCESS);
      for (size_t from = 0, to; from < p->n; from = to)
        {
          to = from + gen_below (p, p->n / 2 + 1);
          to = to > p->n ? p->n : to;
          const elbo_rows some = rows_of (p, from, to);
          ck_assert_int_eq (elbo_local (c.model, &some, parts), GSL_SUCCESS);
          to += to == from; /* a chunk may be empty, progress may not */
          if (some.n == 0)
            {
              const elbo_rows one = rows_of (p, from, to);
              ck_assert_int_eq (elbo_local (c.model, &one, parts), GSL_SUCCESS);
            }
        }
      const double a = elbo_bound (c.model, whole, NULL, 0),
                   b = elbo_bound (c.model, parts, NULL, 0);
      elbo_ledger g;
      ck_assert_int_eq (elbo_evaluate (c.model, whole, 'M', &g), GSL_SUCCESS);
      gen_need (fabs (a - b) <= elbo_allowance (c.model, &g), "problem %d: %.17g and %.17g", i, a,
                b);
      for (size_t k = 0; k < p->ncomp; k++)
        gen_need (fabs (whole[k] - parts[k]) <= 1e-12 * elbo_data_total (c.data),
                  "problem %d: count %zu", i, k);
      free (whole);
      free (parts);
      elbo_fit_free (fit);
      gen_close (&c);
    }
}
END_TEST

/* Responsibilities handed over with the rows do what a start does with the data. */
START_TEST (test_given)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      elbo_start *start = NULL;
      open_case (&c, 36, (uint64_t)i, &usual);
      gen_problem *p = &c.problem;
      const size_t K = p->ncomp, size = c.model->nstat, wide = K + 2;
      double *resp = calloc (p->n * K, sizeof *resp), *loose = calloc (p->n * wide, sizeof *loose);
      double *a = elbo_doubles (size), *b = elbo_doubles (size);
      for (size_t r = 0; r < p->n; r++)
        {
          resp[r * K] = gen_uniform (p);
          resp[r * K + K - 1] += 1 - resp[r * K];
          memcpy (loose + r * wide, resp + r * K, K * sizeof *resp);
        }
      const elbo_rows rows = rows_of (p, 0, p->n);
      ck_assert_int_eq (start_made (&start, elbo_start_responsibilities (resp, p->n, K)),
                        GSL_SUCCESS);
      ck_assert_int_eq (elbo_pass (c.model, c.data, start, 1, a), GSL_SUCCESS);
      elbo_start_free (start);
      ck_assert_int_eq (elbo_local_given (c.model, &rows, loose, wide, b), GSL_SUCCESS);
      gen_need (memcmp (a, b, size * sizeof *a) == 0, "problem %d: statistics differ", i);
      free (a);
      free (b);
      free (resp);
      free (loose);
      gen_close (&c);
    }
}
END_TEST

/* --- what a model holds -------------------------------------------------------------------- */

/* Parameters read and set again are the same bits, and so is all that follows from them. */
START_TEST (test_round_trip)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      open_case (&c, 37, (uint64_t)i, &usual);
      elbo_fit *fit = begin (&c, c.model, 6);
      const int status = elbo_fit_run (fit, NULL, NULL);
      gen_need (ran (status), "problem %d: %s", i, elbo_message ());
      elbo_model *other = elbo_model_clone (c.model);
      for (size_t f = 0; f <= c.model->nblock; f++)
        {
          const elbo_part *part = other->part + f;
          double *shown = elbo_doubles (part->nparam), *prior = elbo_doubles (part->nprior);
          elbo_model_param (c.model, f, shown);
          elbo_model_prior (c.model, f, prior);
          memset (part->param, 0, part->nparam * sizeof *shown);
          memset (part->user, 0, part->nparam * sizeof *shown);
          memset (part->coef, 0, part->ncoef * sizeof *shown);
          memset (part->prior, 0, part->nprior * sizeof *shown);
          /* maximum likelihood has none to set */
          const int refused
              = elbo_model_method (other) == ELBO_ML && part->factor->freedom (&part->shape);
          ck_assert_int_eq (elbo_model_set_prior (other, f, prior),
                            refused ? GSL_EINVAL : GSL_SUCCESS);
          if (refused)
            memcpy (part->prior, c.model->part[f].prior, part->nprior * sizeof *prior);
          ck_assert_int_eq (elbo_model_set_param (other, f, shown), GSL_SUCCESS);
          free (shown);
          free (prior);
        }
      same_parts (c.model, other, i);
      /* from there a fit begins where the other one ended */
      elbo_fit *next = elbo_fit_alloc (other, c.data, NULL);
      ck_assert_int_eq (elbo_fit_pass (next), GSL_SUCCESS);
      gen_need (elbo_fit_value (next) == elbo_fit_value (fit), "problem %d: %.17g and %.17g", i,
                elbo_fit_value (next), elbo_fit_value (fit));
      elbo_fit_free (next);
      elbo_fit_free (fit);
      elbo_model_free (other);
      gen_close (&c);
    }
}
END_TEST

/* A1': the public density, other code, gives the log-likelihood of the E record; counts and entropy
   are those of the responsibilities. */
START_TEST (test_density)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      size_t nrecord = 0;
      open_case (&c, 38, (uint64_t)i, &usual);
      const gen_problem *p = &c.problem;
      const size_t n = p->n, K = p->ncomp;
      elbo_fit *fit = begin (&c, c.model, 5);
      gen_need (ran (elbo_fit_run (fit, NULL, NULL)), "problem %d: %s", i, elbo_message ());
      const elbo_trace *t = elbo_fit_trace (fit, &nrecord);
      const double tau = t[nrecord - 1].tau;
      gsl_matrix_const_view x = gsl_matrix_const_view_array (p->x, n, p->dim);
      gsl_matrix *resp = gsl_matrix_alloc (n, K);
      gsl_vector *density = gsl_vector_alloc (n);
      ck_assert_int_eq (elbo_predict (c.model, &x.matrix, 2, resp, density), GSL_SUCCESS);
      double sum[2] = { 0, 0 }, entropy[2] = { 0, 0 }, *count = calloc (K, sizeof *count);
      for (size_t r = 0; r < n; r++)
        {
          const double w = p->weight ? p->weight[r] : 1;
          if (w > 0) /* such a row may be impossible */
            elbo_sum_add (sum, w * gsl_vector_get (density, r));
          for (size_t k = 0; k < K; k++)
            {
              const double q = gsl_matrix_get (resp, r, k);
              count[k] += w * q;
              elbo_sum_add (entropy, q > 0 ? -w * q * log (q) : 0);
            }
        }
      if (p->method != ELBO_VB)
        gen_need (fabs (sum[0] + sum[1] - t[nrecord - 1].log_likelihood) <= tau,
                  "problem %d (%s): log-likelihood %.17g and %.17g", i, gen_tell (p),
                  sum[0] + sum[1], t[nrecord - 1].log_likelihood);
      for (size_t k = 0; k < K; k++)
        gen_need (fabs (count[k] - elbo_fit_counts (fit)[k]) <= 1e-11 * elbo_data_total (c.data),
                  "problem %d: count %g and %g", i, count[k], elbo_fit_counts (fit)[k]);
      gen_need (fabs (entropy[0] + entropy[1] - elbo_fit_entropy (fit))
                    <= 1e-11 * elbo_data_total (c.data),
                "problem %d: entropy %g and %g", i, entropy[0], elbo_fit_entropy (fit));
      free (count);
      gsl_matrix_free (resp);
      gsl_vector_free (density);
      elbo_fit_free (fit);
      gen_close (&c);
    }
}
END_TEST

static elbo_model *
small_model (elbo_data *data, size_t ncomp, const elbo_latent *latent, elbo_method method)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_model *model = elbo_model_alloc (ncomp, latent, &block, 1, method);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  return model;
}

static const double SIX[] = { 0, 0, 1, .5, .5, 1.5, 4, 4, 5, 3.5, 4.5, 5.5 };

static elbo_data *
six_rows (void)
{
  gsl_matrix_const_view x = gsl_matrix_const_view_array (SIX, 6, 2);
  return elbo_data_from_matrix (&x.matrix, NULL);
}

/* Bishop's Normal-Wishart mixture worked by hand: six rows, two components, four passes. */
START_TEST (test_golden)
{
  const double prior[] = { 1, 3, 0, 0, 1, 0, 0, 1, 1, 1 };
  const double one[] = { .9, .8, .6, .4, .2, .1 };
  const double bound[] = { -33.435982642895, -32.961217332685, -31.950148993817,
                           -30.941522654730, -29.373847098641, -29.337529581887 };
  double resp[12];
  size_t n = 0;
  elbo_start *start = NULL;
  elbo_data *data = six_rows ();
  elbo_model *model = small_model (data, 2, elbo_mixture_dirichlet, ELBO_VB);
  ck_assert_int_eq (elbo_model_set_prior (model, 1, prior), GSL_SUCCESS);
  for (size_t i = 0; i < 6; i++)
    {
      resp[2 * i] = one[i];
      resp[2 * i + 1] = 1 - one[i];
    }
  ck_assert_int_eq (start_made (&start, elbo_start_responsibilities (resp, 6, 2)), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_SUCCESS);
  const elbo_trace *t = elbo_fit_trace (fit, &n);
  ck_assert_uint_ge (n, 6);
  for (size_t i = 0; i < 6; i++)
    ck_assert_double_eq_tol (t[i].elbo, bound[i], 1e-11);
  ck_assert_double_eq_tol (t[0].term[ELBO_RECONSTRUCTION], -22.755651229839959, 1e-12);
  ck_assert_double_eq_tol (t[0].term[ELBO_KL_ASSIGNMENTS], 4.557142857142857 - 2.996994127877785,
                           1e-12);
  ck_assert_double_eq_tol (t[0].term[ELBO_KL_WEIGHTS], .384499565466448, 1e-12);
  ck_assert_double_eq_tol (elbo_fit_value (fit), -29.326340839673, 1e-7);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* P counts relabellings: K! over the factorials of groups of equal components. */
START_TEST (test_multiplicity)
{
  elbo_data *data = six_rows ();
  elbo_model *model = small_model (data, 4, elbo_mixture_dirichlet, ELBO_VB);
  const elbo_part *part = model->part + 1;
  double *param = elbo_doubles (part->nparam), alpha[] = { 2, 2, 2, 2 };
  for (size_t k = 0; k < 4; k++)
    {
      param[k] = 3;          /* kappa */
      param[4 + k] = 5;      /* df */
      param[16 + 4 * k] = 2; /* scale, behind the means */
      param[16 + 4 * k + 3] = 2;
    }
  const double want[] = { 0, log (4), log (12), log (24) };
  for (size_t distinct = 0; distinct < 4; distinct++)
    {
      param[8 + 2 * distinct] += distinct == 0 ? 0 : (double)distinct; /* a mean moves */
      ck_assert_int_eq (elbo_model_set_param (model, 0, alpha), GSL_SUCCESS);
      ck_assert_int_eq (elbo_model_set_param (model, 1, param), GSL_SUCCESS);
      ck_assert_double_eq_tol (elbo_model_multiplicity (model), want[distinct], 1e-14);
    }
  param[10] = param[8];
  alpha[0] = 3; /* other weight, other component */
  ck_assert_int_eq (elbo_model_set_param (model, 0, alpha), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 1, param), GSL_SUCCESS);
  ck_assert_double_eq_tol (elbo_model_multiplicity (model), log (24), 1e-14);
  elbo_model_free (model);
  model = small_model (data, 4, elbo_mixture_stick, ELBO_VB);
  ck_assert (elbo_model_multiplicity (model) == 0);
  elbo_model_free (model);
  elbo_data_free (data);
  free (param);
}
END_TEST

/* VB: a component without rows is the prior, to the last bit, and costs nothing. */
START_TEST (test_empty)
{
  const elbo_latent *const latents[] = { elbo_mixture_dirichlet, elbo_mixture_stick };
  const size_t label[] = { 0, 0, 0, 2, 2, 2 };
  elbo_data *data = six_rows ();
  elbo_model *model = small_model (data, 4, latents[_i], ELBO_VB);
  double *stat = elbo_doubles (model->nstat), prior[10], mean[2];
  elbo_start *start = NULL;
  double term[ELBO_NTERM];
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 6, 4)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, data, start, 1, stat), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_global (model, stat), GSL_SUCCESS);
  elbo_model_prior (model, 1, prior);
  for (size_t k = 1; k < 4; k += 2)
    {
      memcpy (mean, elbo_model_field (model, "gauss_full.mean", NULL) + 2 * k, sizeof mean);
      ck_assert (elbo_model_field (model, "gauss_full.kappa", NULL)[k] == prior[0]);
      ck_assert (elbo_model_field (model, "gauss_full.df", NULL)[k] == prior[1]);
      ck_assert (mean[0] == prior[2] && mean[1] == prior[3]);
      ck_assert (memcmp (elbo_model_field (model, "gauss_full.scale", NULL) + 4 * k, prior + 4,
                         4 * sizeof *prior)
                 == 0);
    }
  const double four = elbo_bound (model, stat, term, ELBO_NTERM),
               components = term[ELBO_KL_COMPONENTS];
  ck_assert (isfinite (four));
  elbo_model_free (model);
  /* the same rows in a model of two components, with the prior of the four */
  const size_t two[] = { 0, 0, 0, 1, 1, 1 };
  model = small_model (data, 2, latents[_i], ELBO_VB);
  ck_assert_int_eq (elbo_model_set_prior (model, 1, prior), GSL_SUCCESS);
  memset (stat, 0, model->nstat * sizeof *stat);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (two, 6, 2)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, data, start, 1, stat), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_global (model, stat), GSL_SUCCESS);
  elbo_bound (model, stat, term, ELBO_NTERM);
  ck_assert_double_eq_tol (term[ELBO_KL_COMPONENTS], components, 1e-12);
  free (stat);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- sticks -------------------------------------------------------------------------------- */

/* Three clear clusters of 5, 10 and 25 rows, labelled the wrong way round. */
START_TEST (test_sticks)
{
  const elbo_latent *const latents[] = { elbo_mixture_stick, elbo_mixture_stick_closed };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_diag, 0, 1, 0);
  double x[40];
  size_t label[40], n = 0, moves = 0;
  elbo_start *start = NULL;
  for (size_t i = 0; i < 40; i++)
    {
      label[i] = i < 5 ? 0 : i < 15 ? 1 : 2;
      x[i] = 30 * (double)label[i] + elbo_uniform (elbo_key (3, 0, i));
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, 40, 1);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (3, latents[_i], &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 40, 3)), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_SUCCESS);
  const elbo_trace *t = elbo_fit_trace (fit, &n);
  for (size_t i = 0; i < n; i++)
    if (t[i].half == 'V')
      {
        moves++;
        ck_assert_double_gt (t[i].gain, 0.1);
        ck_assert_int_eq (t[i + 1].half, 'H');
      }
  ck_assert_uint_ge (moves, 1);
  ck_assert_int_eq (t[n - 1].half, 'E');
  const double *count = elbo_fit_counts (fit);
  ck_assert_double_eq_tol (count[0], 25, 1e-6);
  if (_i == 0)
    ck_assert_double_eq_tol (count[2], 5, 1e-6);
  /* the components moved with their counts */
  const double *mean = elbo_model_field (model, "gauss_diag.mean", NULL);
  ck_assert_double_eq_tol (mean[0], 60.5, 0.5);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- components by another name ------------------------------------------------------------ */

START_TEST (test_permute)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      size_t order[8];
      open_case (&c, 39, (uint64_t)i, &usual);
      const size_t K = c.problem.ncomp;
      elbo_fit *fit = begin (&c, c.model, 5);
      if (c.problem.latent->order != ELBO_ORDER_FREE)
        goto done; /* names matter there */
      ck_assert_int_eq (elbo_fit_pass (fit), GSL_SUCCESS);
      elbo_model *other = elbo_model_clone (c.model);
      const double before = elbo_fit_counts (fit)[0], value = elbo_fit_value (fit);
      for (size_t k = 0; k < K; k++)
        order[k] = (k + 1) % K;
      ck_assert_int_eq (elbo_fit_permute (fit, order), GSL_SUCCESS);
      gen_need (elbo_fit_counts (fit)[K - 1] == before, "problem %d: counts", i);
      const int status = elbo_fit_pass (fit);
      gen_need (status == GSL_SUCCESS, "problem %d: %s", i, elbo_message ());
      gen_need (elbo_fit_value (fit) >= value - 1e-9 * (1 + fabs (value)), "problem %d: fell", i);
      elbo_model *turned = elbo_model_clone (other);
      for (size_t turn = 0; turn < K; turn++)
        ck_assert_int_eq (elbo_model_permute (turned, order), GSL_SUCCESS);
      same_parts (other, turned, i);
      elbo_model_free (turned);
      elbo_model_free (other);
    done:
      elbo_fit_free (fit);
      gen_close (&c);
    }
}
END_TEST

/* --- data ---------------------------------------------------------------------------------- */

START_TEST (test_weights)
{
  elbo_data *data = elbo_data_alloc (300, 1);
  double mean, sd;
  for (size_t i = 0; i < 300; i++)
    elbo_data_put (data, i, 0, (double)(i % 3));
  elbo_data_moments (data, 0, &mean, &sd);
  ck_assert_double_eq_tol (mean, 1, 1e-15);
  ck_assert_double_eq_tol (sd, sqrt (200. / 299), 1e-15);
  for (size_t i = 0; i < 300; i++)
    ck_assert_int_eq (elbo_data_put_weight (data, i, 3), GSL_SUCCESS);
  ck_assert (elbo_data_total (data) == 900);
  /* weights that the ones they replace would swallow; they sum to far less than 1 */
  for (size_t i = 0; i < 300; i++)
    elbo_data_put_weight (data, i, i % 3 == 1 ? 0 : 1e-25);
  ck_assert_double_eq_tol (elbo_data_total (data) / 2e-23, 1, 1e-12);
  elbo_data_moments (data, 0, &mean, &sd);
  ck_assert_double_eq_tol (mean, 1, 1e-15);
  ck_assert_double_eq_tol (sd, sqrt (2), 1e-14); /* divisor W / 2 */
  ck_assert_int_eq (elbo_data_put_weight (data, 7, -1), ELBO_EDATA);
  ck_assert_int_eq (elbo_data_put_weight (data, 7, NAN), ELBO_EDATA);
  ck_assert (elbo_data_weight (data, 7) == 0 && elbo_data_weight (data, 8) == 1e-25);
  elbo_data_free (data);
}
END_TEST

/* Equal numbers have no spread at all, whatever their digits; far ones keep theirs. */
START_TEST (test_moments)
{
  const double value[] = { 0.1, -240056.03, 1e300, 1e-300, 0, 1e8 + 1. / 3 };
  double mean, sd;
  for (size_t v = 0; v < 6; v++)
    for (size_t n = 1; n < 40; n++)
      {
        elbo_data *data = elbo_data_alloc (n, 1);
        for (size_t i = 0; i < n; i++)
          elbo_data_put (data, i, 0, value[v]);
        elbo_data_moments (data, 0, &mean, &sd);
        ck_assert (mean == value[v] && sd == 0);
        /* one of weight 0 does not count */
        elbo_data_put (data, n / 2, 0, 5);
        elbo_data_put_weight (data, n / 2, n > 1 ? 0 : 1);
        elbo_data_moments (data, 0, &mean, &sd);
        ck_assert (n == 1 || (mean == value[v] && sd == 0));
        elbo_data_free (data);
      }
  elbo_data *far = elbo_data_alloc (4, 1);
  for (size_t i = 0; i < 4; i++)
    elbo_data_put (far, i, 0, 1e15 + (double)i);
  elbo_data_moments (far, 0, &mean, &sd);
  ck_assert (mean == 1e15 + 1.5);
  ck_assert_double_eq_tol (sd, sqrt (5. / 3), 1e-15);
  elbo_data_free (far);
}
END_TEST

/* Two models that standardise in different ways share one data set. */
START_TEST (test_share)
{
  const elbo_block full = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0),
                   iso = ELBO_BLOCK (elbo_gauss_iso, 0, 2, 0);
  double x[40];
  for (size_t i = 0; i < 40; i++)
    x[i] = elbo_uniform (elbo_key (8, 0, i)) * (i % 2 ? 1e5 : 1e-3) + (i % 2 ? 1e7 : 0);
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, 20, 2);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *a = elbo_model_alloc (2, elbo_mixture_dirichlet, &full, 1, ELBO_VB);
  elbo_model *b = elbo_model_alloc (2, elbo_mixture_dirichlet, &iso, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (a, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_prepare (b, data), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (a, data, NULL), *other = elbo_fit_alloc (b, data, NULL);
  ck_assert_ptr_nonnull (fit);
  ck_assert_ptr_nonnull (other);
  elbo_fit_free (other);
  for (size_t i = 0; i < 40; i++)
    ck_assert_double_eq_tol (elbo_data_value (data, i / 2, i % 2), x[i], 1e-15 * fabs (x[i]));
  elbo_fit_free (fit);
  elbo_model_free (a);
  elbo_model_free (b);
  elbo_data_free (data);
}
END_TEST

/* --- a family of the caller's own ---------------------------------------------------------- */

static void
lacking (const elbo_family *family, elbo_method method, const char *what)
{
  const elbo_block block = ELBO_BLOCK (family, 0, 1, 0);
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, method));
  ck_assert_msg (strstr (elbo_message (), what) != NULL, "no %s: %s", what, elbo_message ());
}

/* What the engine would call is asked for; what may be NULL is done without. */
START_TEST (test_own_family)
{
  const double x[] = { 0, 1, 1, 2, 0, 7, 9, 8, 6, 11 };
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, 10, 1);
  elbo_belief belief = *elbo_poisson->base->posterior;
  elbo_factor factor = *elbo_poisson->base;
  elbo_family own = *elbo_poisson;
  own.base = &factor;
  factor.name = "own";
  factor.posterior = &belief;
#define LACKING(member, method, what) \
  do \
    { \
      elbo_factor base = factor; \
      elbo_family f = own; \
      f.base = &base; \
      member = NULL; \
      lacking (&f, method, what); \
    } \
  while (0)
  LACKING (base.name, ELBO_VB, "name");
  LACKING (base.stat, ELBO_VB, "fields");
  LACKING (base.guess, ELBO_VB, "own has no function guess");
  LACKING (base.sum, ELBO_VB, "no function sum");
  LACKING (base.freedom, ELBO_VB, "no function freedom");
  LACKING (f.check, ELBO_VB, "no function check");
  LACKING (f.score, ELBO_MAP, "no function score");
  LACKING (f.tally, ELBO_ML, "no function tally");
  LACKING (base.flatten, ELBO_ML, "no function flatten");
  LACKING (base.posterior, ELBO_VB, "own has no variational posterior");
#undef LACKING
  elbo_latent latent = *elbo_mixture_dirichlet;
  latent.score = NULL;
  const elbo_block poisson = ELBO_BLOCK (elbo_poisson, 0, 1, 0);
  ck_assert_ptr_null (elbo_model_alloc (2, &latent, &poisson, 1, ELBO_VB));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "mixture_dirichlet has no function score"));
  belief.solve = NULL;
  lacking (&own, ELBO_VB, "no function solve");
  belief = *elbo_poisson->base->posterior;
  belief.cost = NULL;
  lacking (&own, ELBO_VB, "no function cost");

  belief = *elbo_poisson->base->posterior;
  belief.predict = NULL;
  belief.draw = NULL;
  factor.flatten = NULL;
  const elbo_block block = ELBO_BLOCK (&own, 0, 1, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (3, elbo_mixture_stick, &block, 1, ELBO_VB);
  const size_t label[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 };
  elbo_start *start = NULL;
  elbo_fit *fit = NULL;
  double density[10], row;
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  fit = elbo_fit_alloc (model, data, NULL);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 10, 3)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_fit_run (fit, NULL, NULL), GSL_SUCCESS);
  ck_assert_int_eq (elbo_predict_data (model, data, 1, NULL, density), GSL_SUCCESS);
  for (size_t i = 0; i < 10; i++)
    ck_assert (isfinite (density[i]) && density[i] < 0);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  ck_assert_int_eq (elbo_sample (model, rng, &row, NULL), ELBO_EUNSUP);
  ck_assert_str_eq (elbo_message (), "own has no function draw");
  FILE *null = fopen ("/dev/null", "w");
  ck_assert_int_eq (elbo_model_write (null, model, NULL), ELBO_EUNSUP);
  ck_assert_str_eq (elbo_message (), "model file: the family own is not one of the library's");
  fclose (null);
  gsl_rng_free (rng);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("engine");
  TCase *loop = tcase_create ("loop"), *model = tcase_create ("model");
  tcase_add_test (loop, test_resume);
  tcase_add_test (loop, test_stop);
  tcase_add_test (loop, test_limit);
  tcase_add_test (loop, test_verbs);
  tcase_add_test (loop, test_chunks);
  tcase_add_test (loop, test_given);
  tcase_add_test (loop, test_golden);
  tcase_add_loop_test (loop, test_sticks, 0, 2);
  tcase_add_test (model, test_round_trip);
  tcase_add_test (model, test_density);
  tcase_add_test (model, test_multiplicity);
  tcase_add_loop_test (model, test_empty, 0, 2);
  tcase_add_test (model, test_permute);
  tcase_add_test (model, test_weights);
  tcase_add_test (model, test_moments);
  tcase_add_test (model, test_share);
  tcase_add_test (model, test_own_family);
  suite_add_tcase (suite, loop);
  suite_add_tcase (suite, model);
  return gen_run (suite);
}
