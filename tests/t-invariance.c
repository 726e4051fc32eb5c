/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not matter does not matter.

   Units, origin, order of rows, names of components, weights in place of copies, rows of weight 0:
   random problems are fitted before and after such a change, from starts of every kind, and must
   end in the same labels and, after the change of units is allowed for, with the same bound. */
#include <config.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  PROBLEMS = 150,
  PASSES = 12
};

/* Few enough columns for the rows, so that no component need be singular. */
static const gen_limits mild = { 80, 4, 3, 2, 2, 0 };

/* --- one fit ------------------------------------------------------------------------------- */

typedef struct
{
  int status;
  double elbo, size; /* the last bound, and the sum of its absolute terms */
  double tau;        /* the largest allowance: how badly conditioned the fit was */
  double term[ELBO_NTERM];
  double *resp; /* [n x K] */
} outcome;

static void
clear (outcome *o)
{
  free (o->resp);
}

static void
report (const elbo_fit *fit, outcome *o)
{
  size_t n = 0;
  const elbo_trace *t = elbo_fit_trace (fit, &n);
  t += n - 1;
  o->elbo = t->elbo;
  memcpy (o->term, t->term, sizeof o->term);
  for (size_t i = 0; i < ELBO_NTERM; i++)
    o->size += fabs (t->term[i]);
  for (size_t i = 0; i < n; i++)
    o->tau = fmax (o->tau, t[-(ptrdiff_t)i].tau);
}

/* Fit a problem; rows of weight 0 are scored as all others. */
static outcome
solve (const gen_problem *given)
{
  gen_problem p = *given;
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.accelerate
      = 0; /* tails that end anywhere below what the tolerance leaves do not compare */
  elbo_start *start = NULL;
  elbo_ranks *ranks;
  outcome o = { .status = GSL_SUCCESS };
  elbo_data *data = gen_data (&p);
  elbo_model *model = data ? gen_model (&p, data) : NULL;
  ck_assert_msg (model != NULL, "%s", elbo_message ());
  ck_assert_ptr_nonnull (ranks = elbo_ranks_alloc (data));
  options.max_pass = PASSES;
  elbo_fit *fit = elbo_fit_alloc (model, data, &options);
  o.status = gen_start (&p, model, data, ranks, &start);
  if (o.status == GSL_SUCCESS)
    o.status = elbo_fit_start (fit, start);
  for (int i = 0; o.status == GSL_SUCCESS && i < PASSES; i++)
    o.status = elbo_fit_pass (fit);
  if (o.status == GSL_SUCCESS)
    {
      report (fit, &o);
      o.resp = malloc (p.n * p.ncomp * sizeof *o.resp);
      ck_assert_int_eq (elbo_predict_data (model, data, 1, o.resp, NULL), GSL_SUCCESS);
    }
  elbo_start_free (start);
  elbo_fit_free (fit);
  elbo_ranks_free (ranks);
  elbo_model_free (model);
  elbo_data_free (data);
  return o;
}

static size_t
label (const double *resp, size_t ncomp, double *lead)
{
  size_t best = 0;
  double next = 0;
  for (size_t k = 1; k < ncomp; k++)
    if (resp[k] > resp[best])
      best = k;
  for (size_t k = 0; k < ncomp; k++)
    if (k != best)
      next = fmax (next, resp[k]);
  *lead = resp[best] - next;
  return best;
}

/* Row i of a is row where[i] of b (NULL: row i); component k of a is component name[k] of b. */
static void
same_labels (const gen_problem *p, const outcome *a, const outcome *b, size_t n,
             const size_t *where, const size_t *name, unsigned long long number)
{
  const size_t K = p->ncomp;
  for (size_t i = 0; i < n; i++)
    {
      double lead = 0, other = 0;
      const size_t j = where ? where[i] : i, k = label (a->resp + i * K, K, &lead);
      const size_t l = label (b->resp + j * K, K, &other);
      if (lead > 1e-4)
        gen_need ((name ? name[k] : k) == l, "problem %llu (%s): row %zu is of %zu, not of %zu",
                  number, gen_tell (p), i, k, l);
    }
}

/* The rounding of a badly conditioned fit, which tau knows, is allowed for. */
static void
same_number (const gen_problem *p, double a, double b, double slack, unsigned long long number)
{
  gen_need (fabs (a - b) <= slack, "problem %llu (%s): %.15g and %.15g, off by %g, allowed %g",
            number, gen_tell (p), a, b, fabs (a - b), slack);
}

static void
same_bound (const gen_problem *p, const outcome *a, const outcome *b, double tolerance,
            unsigned long long number)
{
  same_number (p, a->elbo, b->elbo, tolerance * (1 + a->size) + 100 * (a->tau + b->tau), number);
}

/* --- changes ------------------------------------------------------------------------------- */

static int
is_gauss (const elbo_block *b)
{
  return strncmp (b->family->base->name, "gauss", 5) == 0;
}

static size_t *
count_up (size_t n)
{
  size_t *v = malloc ((n + 1) * sizeof *v);
  for (size_t i = 0; i < n; i++)
    v[i] = i;
  return v;
}

/* A random order, Fisher & Yates. */
static size_t *
shuffled (gen_problem *p, size_t n)
{
  size_t *v = count_up (n);
  for (size_t i = n; i > 1; i--)
    {
      const size_t j = gen_below (p, i), swap = v[i - 1];
      v[i - 1] = v[j];
      v[j] = swap;
    }
  return v;
}

/* Numbers on a grid that a shift by 1e8 keeps exactly, in units near 1. */
static void
round_rows (gen_problem *p)
{
  for (size_t b = 0; b < p->nblock; b++)
    for (size_t d = p->block[b].column; d < p->block[b].column + p->block[b].dim; d++)
      for (size_t i = 0; i < p->n; i++)
        if (is_gauss (p->block + b))
          p->x[i * p->dim + d] = round (p->x[i * p->dim + d] * 0x1p20) * 0x1p-20;
}

/* x -> scale x + shift in Gaussian columns. */
static void
move_rows (gen_problem *p, double scale, double shift)
{
  for (size_t b = 0; b < p->nblock; b++)
    for (size_t d = p->block[b].column; d < p->block[b].column + p->block[b].dim; d++)
      for (size_t i = 0; i < p->n; i++)
        if (is_gauss (p->block + b))
          p->x[i * p->dim + d] = p->x[i * p->dim + d] * scale + shift;
}

/* Parameters with a unit: how often log scale enters the log density of a MAP value. */
static double
prior_units (const gen_problem *p)
{
  double sum = 0;
  for (size_t b = 0; b < p->nblock; b++)
    {
      const double D = (double)p->block[b].dim, K = (double)p->ncomp;
      const elbo_family *f = p->block[b].family;
      sum += !is_gauss (p->block + b) ? 0
             : f == elbo_gauss_full   ? K * D + K * D * (D + 1)
             : f == elbo_gauss_tied   ? K * D + D * (D + 1)
             : f == elbo_gauss_diag   ? K * D + 2 * K * D
                                      : K * D + 2 * K;
    }
  return sum;
}

static double
gauss_columns (const gen_problem *p)
{
  double sum = 0;
  for (size_t b = 0; b < p->nblock; b++)
    sum += is_gauss (p->block + b) ? (double)p->block[b].dim : 0;
  return sum;
}

static double
total_weight (const gen_problem *p)
{
  double sum = 0;
  for (size_t i = 0; i < p->n; i++)
    sum += p->weight ? p->weight[i] : 1;
  return sum;
}

/* A problem that maximum likelihood can start from; few enough components for the rows. */
static void
make (gen_problem *p, uint64_t family, uint64_t number)
{
  gen_make (p, family, number, &mild);
  if (p->ncomp > 1 + p->n / 12)
    p->ncomp = 1 + p->n / 12;
  for (size_t i = 0; i < p->n; i++)
    p->label[i] %= p->ncomp;
}

/* Maximum likelihood may fail in a start; then it fails in both. */
static int
both_run (const gen_problem *p, const outcome *a, const outcome *b, unsigned long long number)
{
  gen_need (a->status == b->status, "problem %llu (%s): status %d and %d", number, gen_tell (p),
            a->status, b->status);
  gen_need (a->status == GSL_SUCCESS || p->method == ELBO_ML, "problem %llu (%s): status %d",
            number, gen_tell (p), a->status);
  return a->status == GSL_SUCCESS;
}

/* A column without spread has no unit: its prior is of scale 1 in any. */
static int
any_constant (const gen_problem *p)
{
  double mean = 0, sd = 1;
  elbo_data *data = gen_data (p);
  for (size_t b = 0; b < p->nblock; b++)
    for (size_t d = p->block[b].column; d < p->block[b].column + p->block[b].dim && sd > 0; d++)
      if (is_gauss (p->block + b))
        elbo_data_moments (data, d, &mean, &sd);
  elbo_data_free (data);
  return sd == 0;
}

static void
check_move (double scale, double shift, double tolerance, int number)
{
  gen_problem p;
  make (&p, 11, (uint64_t)number);
  round_rows (&p);
  if (any_constant (&p))
    {
      gen_free (&p);
      return;
    }
  outcome a = solve (&p);
  move_rows (&p, scale, shift);
  outcome b = solve (&p);
  const unsigned long long n = (unsigned long long)number;
  if (both_run (&p, &a, &b, n))
    {
      const double density = -total_weight (&p) * gauss_columns (&p) * log (scale);
      const double prior = p.method == ELBO_MAP ? -prior_units (&p) * log (scale) : 0;
      const double size = 1 + a.size + fabs (density) + fabs (prior);
      const double slack = tolerance * size + 100 * (a.tau + b.tau);
      same_number (&p, b.elbo, a.elbo + density + prior, slack, n);
      same_number (&p, b.term[ELBO_RECONSTRUCTION], a.term[ELBO_RECONSTRUCTION] + density,
                   100 * slack, n);
      same_number (&p, b.term[ELBO_LOG_PRIOR], a.term[ELBO_LOG_PRIOR] + prior, 100 * slack, n);
      same_labels (&p, &a, &b, p.n, NULL, NULL, n);
    }
  clear (&a);
  clear (&b);
  gen_free (&p);
}

START_TEST (test_unit_four)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    check_move (4, 0, 1e-13, i);
}
END_TEST

START_TEST (test_unit_micro)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    check_move (1e-6, 0, 1e-8, i);
}
END_TEST

START_TEST (test_unit_mega)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    check_move (3e5, 0, 1e-8, i);
}
END_TEST

START_TEST (test_shift_million)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    check_move (1, 1e6, 1e-8, i);
}
END_TEST

START_TEST (test_shift_far)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    check_move (1, -1e8, 1e-5, i);
}
END_TEST

START_TEST (test_row_order)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_problem p, q;
      const unsigned long long n = (unsigned long long)i;
      make (&p, 12, n);
      size_t *order = shuffled (&p, p.n);
      gen_pick (&p, order, p.n, &q);
      outcome a = solve (&q), b = solve (&p);
      if (both_run (&p, &a, &b, n))
        {
          same_bound (&p, &a, &b, 1e-8, n);
          same_labels (&p, &a, &b, p.n, order, NULL, n);
        }
      clear (&a);
      clear (&b);
      free (order);
      gen_free (&q);
      gen_free (&p);
    }
}
END_TEST

/* Components are named by the start; sticks excepted, a name means nothing. */
START_TEST (test_names)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_problem p;
      const unsigned long long n = (unsigned long long)i;
      make (&p, 13, n);
      p.start = ELBO_START_GIVEN;
      if (p.latent != elbo_mixture_fixed)
        p.latent = elbo_mixture_dirichlet;
      p.method = p.method == ELBO_ML ? ELBO_VB : p.method;
      outcome a, b;
      size_t *name = shuffled (&p, p.ncomp);
      /* gen_priors would give every component a Dirichlet parameter of its own */
      gen_problem plain = p;
      for (plain.count = 0; gen_uniform (&plain) >= 0.4;)
        ;
      plain.count--;
      a = solve (&plain);
      for (size_t r = 0; r < p.n; r++)
        plain.label[r] = name[plain.label[r]];
      b = solve (&plain);
      if (both_run (&p, &a, &b, n))
        {
          same_bound (&p, &a, &b, 1e-10, n);
          same_labels (&p, &a, &b, p.n, NULL, name, n);
        }
      clear (&a);
      clear (&b);
      free (name);
      gen_free (&p);
    }
}
END_TEST

/* --- weights ------------------------------------------------------------------------------- */

static void
whole_weights (gen_problem *p)
{
  if (!p->weight)
    p->weight = malloc (p->n * sizeof *p->weight);
  for (size_t i = 0; i < p->n; i++)
    p->weight[i] = (double)gen_below (p, 4);
  p->weight[0] = 2;
}

START_TEST (test_copies)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_problem p, q;
      const unsigned long long number = (unsigned long long)i;
      make (&p, 14, number);
      whole_weights (&p);
      size_t *rows = malloc (3 * p.n * sizeof *rows), n = 0;
      for (size_t r = 0; r < p.n; r++)
        for (double c = p.weight[r]; c > 0; c--)
          rows[n++] = r;
      gen_pick (&p, rows, n, &q);
      free (q.weight);
      q.weight = NULL;
      outcome a = solve (&q), b = solve (&p);
      if (both_run (&p, &a, &b, number))
        {
          same_bound (&p, &a, &b, 1e-11, number);
          same_labels (&p, &a, &b, n, rows, NULL, number);
        }
      clear (&a);
      clear (&b);
      free (rows);
      gen_free (&q);
      gen_free (&p);
    }
}
END_TEST

/* Maximum likelihood knows no unit of weight: all weights times 1e-6 change nothing else. */
START_TEST (test_light)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_problem p;
      const double light = i % 2 ? 1e-6 : 1e5;
      const unsigned long long number = (unsigned long long)i;
      make (&p, 16, number);
      p.method = ELBO_ML;
      p.latent = p.latent->base->point ? p.latent : elbo_mixture_dirichlet;
      whole_weights (&p);
      outcome a = solve (&p);
      for (size_t r = 0; r < p.n; r++)
        p.weight[r] *= light;
      outcome b = solve (&p);
      if (both_run (&p, &a, &b, number))
        {
          same_number (&p, b.elbo / light, a.elbo, 1e-9 * (1 + a.size) + 100 * a.tau, number);
          same_labels (&p, &a, &b, p.n, NULL, NULL, number);
        }
      clear (&a);
      clear (&b);
      gen_free (&p);
    }
}
END_TEST

/* Rows of weight 0 may hold anything, even what lies a million standard deviations away. */
START_TEST (test_weight_nothing)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_problem p, q;
      const unsigned long long number = (unsigned long long)i;
      make (&p, 15, number);
      whole_weights (&p);
      size_t *rows = malloc (p.n * sizeof *rows), n = 0;
      for (size_t r = 0; r < p.n; r++)
        if (p.weight[r] > 0)
          rows[n++] = r;
      gen_pick (&p, rows, n, &q);
      for (size_t r = 0; r < p.n; r++)
        for (size_t b = 0; b < p.nblock && p.weight[r] == 0; b++)
          if (is_gauss (p.block + b))
            p.x[r * p.dim + p.block[b].column] *= gen_chance (&p, 0.5) ? 1e6 : 1;
      p.count = q.count;
      outcome a = solve (&q), b = solve (&p);
      if (both_run (&p, &a, &b, number))
        {
          same_bound (&p, &a, &b, 1e-11, number);
          same_labels (&p, &a, &b, n, rows, NULL, number);
        }
      clear (&a);
      clear (&b);
      free (rows);
      gen_free (&q);
      gen_free (&p);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("invariance");
  TCase *units = tcase_create ("units"), *rows = tcase_create ("rows");
  tcase_add_test (units, test_unit_four);
  tcase_add_test (units, test_unit_micro);
  tcase_add_test (units, test_unit_mega);
  tcase_add_test (units, test_shift_million);
  tcase_add_test (units, test_shift_far);
  tcase_add_test (rows, test_row_order);
  tcase_add_test (rows, test_names);
  tcase_add_test (rows, test_copies);
  tcase_add_test (rows, test_light);
  tcase_add_test (rows, test_weight_nothing);
  suite_add_tcase (suite, units);
  suite_add_tcase (suite, rows);
  return gen_run (suite);
}
