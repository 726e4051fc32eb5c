/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound never falls, and the allowance that says so is small.

   Random problems (gen.h): every Gaussian structure and discrete family, mixed blocks, ML, MAP and
   VB, every prior of the weights, offsets to 1e8, units of 1e-6 to 1e6, row weights, duplicates,
   fewer rows than components.  Each is run twice: by elbo_fit, whose records are checked as a
   caller sees them, and half-step by half-step, where the ledger is in sight and the fall is held
   to a quarter of the allowance, so that a generous allowance cannot hide a fault. */
#include <config.h>
#include <float.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  GROUPS = 10,
  PROBLEMS = 300,
  PASSES = 25
};

static const gen_limits usual = { 60, 8, 5, 6, 8, 0 };
static const gen_limits large = { 300, 12, 12, 6, 8, 0 };
static const gen_limits hard = { 60, 8, 5, 6, 8, 1 };
static const gen_limits vast = { 60, 8, 5, 70, 70, 1 };

/* --- the records of a fit ------------------------------------------------------------------ */

/* A start may leave a component without rows, which maximum likelihood refuses; a component may
   collapse in maximum likelihood.  Nothing else may stop a fit. */
static int
expected (const gen_case *c, int status)
{
  const gen_problem *p = &c->problem;
  if (status == GSL_SUCCESS || status == GSL_EMAXITER)
    return 1;
  if (p->method != ELBO_ML)
    return 0;
  return status == ELBO_EDEGENERATE
         || (status == GSL_EINVAL
             && (p->start == ELBO_START_GIVEN || c->ranks->ndistinct < p->ncomp));
}

static double
sum_of_terms (const double *term)
{
  return term[ELBO_RECONSTRUCTION] - term[ELBO_KL_ASSIGNMENTS] - term[ELBO_KL_WEIGHTS]
         - term[ELBO_KL_COMPONENTS] + term[ELBO_LOG_PRIOR];
}

static double
size_of_terms (const elbo_trace *t)
{
  double size = 0;
  for (size_t i = 0; i < ELBO_NTERM; i++)
    size += fabs (t->term[i]);
  return size;
}

static void
check_terms (const gen_case *c, const elbo_trace *t, unsigned long long number)
{
  const elbo_method method = c->problem.method;
  const double size = size_of_terms (t), least = -t->tau;
  gen_need (isfinite (t->elbo) && t->tau > 0 && isfinite (t->tau), "problem %llu: %g within %g",
            number, t->elbo, t->tau);
  gen_need (fabs (t->elbo - sum_of_terms (t->term)) <= 8 * DBL_EPSILON * size,
            "problem %llu, %c %zu: terms miss the bound by %g", number, t->half, t->pass,
            t->elbo - sum_of_terms (t->term));
  gen_need (t->term[ELBO_KL_ASSIGNMENTS] >= least && t->term[ELBO_KL_WEIGHTS] >= least
                && t->term[ELBO_KL_COMPONENTS] >= least,
            "problem %llu, %c %zu: a divergence below 0", number, t->half, t->pass);
  if (method != ELBO_VB)
    gen_need (t->term[ELBO_KL_WEIGHTS] == 0 && t->term[ELBO_KL_COMPONENTS] == 0,
              "problem %llu: points have no divergence", number);
  if (method != ELBO_MAP)
    gen_need (t->term[ELBO_LOG_PRIOR] == 0, "problem %llu: a log prior", number);
}

/* ML and MAP: the gap is a divergence, and 0 after E; VB has none. */
static void
check_gap (const gen_case *c, const elbo_trace *t, int last, unsigned long long number)
{
  if (c->problem.method == ELBO_VB)
    {
      gen_need (isnan (t->gap) && isnan (t->log_likelihood), "problem %llu: VB has a gap", number);
      return;
    }
  if (t->half != 'E' && last)
    return; /* known only after the next E */
  gen_need (t->gap >= -t->tau, "problem %llu, %c %zu: gap %g", number, t->half, t->pass, t->gap);
  if (t->half == 'E')
    gen_need (fabs (t->gap) <= 8 * DBL_EPSILON * size_of_terms (t),
              "problem %llu, pass %zu: gap %g after E", number, t->pass, t->gap);
}

static void
check_trace (const gen_case *c, const elbo_trace *t, size_t n, unsigned long long number)
{
  size_t passes = 0;
  for (size_t i = 0; i < n; i++)
    {
      check_terms (c, t + i, number);
      check_gap (c, t + i, i + 1 == n, number);
      passes += t[i].half == 'E';
      gen_need (t[i].pass == passes, "problem %llu: record %zu has pass %zu", number, i, t[i].pass);
      if (i == 0)
        gen_need (t[i].half == 'M' && isnan (t[i].gain), "problem %llu: first record", number);
      else
        {
          const double gain = t[i].elbo - t[i - 1].elbo, tau = fmax (t[i].tau, t[i - 1].tau);
          gen_need (t[i].gain == gain, "problem %llu: gain %g is %g", number, t[i].gain, gain);
          gen_need (gain >= -tau, "problem %llu (%s), %c %zu: fell by %g, allowed %g", number,
                    gen_tell (&c->problem), t[i].half, t[i].pass, -gain, tau);
        }
    }
}

static void
run_fit (const gen_case *c, unsigned long long number)
{
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  elbo_start *start = NULL;
  options.max_pass = PASSES;
  elbo_model *model = elbo_model_clone (c->model);
  elbo_fit *fit = elbo_fit_alloc (model, c->data, &options);
  size_t n = 0;
  int status = gen_start (&c->problem, model, c->data, c->ranks, &start);
  if (status == GSL_SUCCESS)
    status = elbo_fit_start (fit, start);
  if (status == GSL_SUCCESS)
    status = elbo_fit_run (fit, NULL, NULL);
  gen_need (expected (c, status), "problem %llu (%s): status %d, %s", number,
            gen_tell (&c->problem), status, elbo_message ());
  const elbo_trace *trace = elbo_fit_trace (fit, &n);
  check_trace (c, trace, n, number);
  elbo_start_free (start);
  elbo_fit_free (fit);
  elbo_model_free (model);
}

/* --- half-step by half-step ---------------------------------------------------------------- */

typedef struct
{
  size_t all, easy;
} tally;

/* What A may be at most: the terms of the bound, what a row costs before it cancels, and, where a
   prior is sharp, the log Gamma functions of its normaliser. */
static double
most_size (const gen_case *c, const elbo_ledger *g)
{
  const gen_problem *p = &c->problem;
  double size = elbo_data_total (c->data) * (1 + 2 * (double)p->dim);
  for (size_t i = 0; i < ELBO_NTERM; i++)
    size += fabs (g->term[i]);
  return 60 * size + 1000 * (double)(p->ncomp * (p->dim + 1));
}

/* What rounding the means to the user's units may cost: half the last digit of each. */
static double
cost_of_units (const elbo_model *model, double curvature)
{
  double square = 0;
  for (size_t d = 0; d < elbo_model_dim (model); d++)
    square += pow (DBL_EPSILON * elbo_model_shift (model)[d] / elbo_model_scale (model)[d], 2);
  return square * curvature;
}

static void
check_ledger (const gen_case *c, const elbo_ledger *g, const elbo_ledger *before, double rise,
              tally *seen, unsigned long long number)
{
  const double size = fmax (g->size, before->size);
  const double v = fmax (g->inflation, before->inflation);
  const double tau = elbo_allowance (c->model, g);
  const double place = cost_of_units (c->model, fmax (g->curvature, before->curvature));
  gen_need (g->size <= most_size (c, g), "problem %llu (%s): A %g, terms say %g", number,
            gen_tell (&c->problem), g->size, most_size (c, g));
  gen_need (rise >= -16 * DBL_EPSILON * size * v - place,
            "problem %llu (%s): fell by %g, A %g, V %g", number, gen_tell (&c->problem), -rise,
            size, v);
  gen_need (tau <= 65 * DBL_EPSILON * g->size * g->inflation + 1.1 * place,
            "problem %llu: tau %g, A %g, V %g", number, tau, g->size, g->inflation);
  if (v < 10 && place < DBL_EPSILON)
    gen_need (tau <= 1e-12 * most_size (c, g), "problem %llu: tau %g", number, tau);
  seen->all++;
  seen->easy += v < 10;
}

static void
run_steps (gen_case *c, tally *seen, unsigned long long number)
{
  elbo_model *model = c->model;
  elbo_start *start = NULL;
  double *stat = elbo_doubles (model->nstat), last = NAN;
  elbo_ledger g, before = { .size = 0 };
  int status = gen_start (&c->problem, model, c->data, c->ranks, &start);
  if (status == GSL_SUCCESS)
    status = elbo_pass (model, c->data, start, 1, stat);
  for (int half = 0; half < 3 * PASSES / 2 && status == GSL_SUCCESS; half++)
    {
      const char name = "MHE"[half % 3];
      if (name == 'H' && !elbo_model_learns (model))
        continue;
      if (name != 'E')
        status = name == 'M' ? elbo_global (model, stat) : elbo_learn (model);
      else
        {
          memset (stat, 0, model->nstat * sizeof *stat);
          status = elbo_pass (model, c->data, NULL, 1, stat);
        }
      if (status != GSL_SUCCESS)
        break;
      status = elbo_evaluate (model, stat, name, &g);
      const double now = name != 'E' ? g.elbo
                                     : g.evidence - g.term[ELBO_KL_WEIGHTS]
                                           - g.term[ELBO_KL_COMPONENTS] + g.term[ELBO_LOG_PRIOR];
      if (half > 0)
        check_ledger (c, &g, &before, now - last, seen, number);
      last = now;
      before = g;
    }
  gen_need (expected (c, status), "problem %llu (%s): status %d, %s", number,
            gen_tell (&c->problem), status, elbo_message ());
  elbo_start_free (start);
  free (stat);
}

static void
run_group (int group, uint64_t family, const gen_limits *most, int problems)
{
  tally seen = { 0, 0 };
  for (int i = 0; i < problems; i++)
    {
      gen_case c;
      const unsigned long long number = (unsigned long long)group * 1000000 + (unsigned)i;
      gen_open (&c, family, number, most);
      run_fit (&c, number);
      run_steps (&c, &seen, number);
      gen_close (&c);
    }
  /* were V large as a rule, the checks above would say nothing */
  gen_need (problems < 50 || seen.easy > seen.all / 4, "group %d: %zu easy half-steps of %zu",
            group, seen.easy, seen.all);
}

START_TEST (test_usual) { run_group (_i, 1, &usual, gen_many (PROBLEMS)); }
END_TEST

START_TEST (test_large) { run_group (_i, 2, &large, gen_many (PROBLEMS / 4)); }
END_TEST

static void
run_fits (int group, uint64_t family, const gen_limits *most, int problems)
{
  for (int i = 0; i < problems; i++)
    {
      gen_case c;
      const unsigned long long number = (unsigned long long)group * 1000000 + (unsigned)i;
      gen_open (&c, family, number, most);
      run_fit (&c, number);
      gen_close (&c);
    }
}

/* Constant and collinear columns, weights that sum to far less than 1. */
START_TEST (test_hard) { run_fits (_i, 3, &hard, gen_many (PROBLEMS)); }
END_TEST

/* Units of 1e-70 to 1e70 side by side. */
START_TEST (test_vast) { run_fits (_i, 4, &vast, gen_many (PROBLEMS)); }
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("monotone");
  TCase *problems = tcase_create ("problems");
  tcase_add_loop_test (problems, test_usual, 0, GROUPS);
  tcase_add_loop_test (problems, test_large, 0, GROUPS / 2);
  tcase_add_loop_test (problems, test_hard, 0, GROUPS / 2);
  tcase_add_loop_test (problems, test_vast, 0, GROUPS / 2);
  suite_add_tcase (suite, problems);
  return gen_run (suite);
}
