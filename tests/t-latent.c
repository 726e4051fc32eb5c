/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every registered latent structure must do.

   The properties are stated once and run over the registry, on random scores and shapes; numbers
   that are known from elsewhere follow. */
#include <config.h>

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <elbo/families.h>
#include "call.h"
#include "base/base.h"
#include "kernel/kernel.h"

/* How a belief is used. */
enum
{
  ML,
  MAP,
  VB,
  NMODE
};

typedef struct
{
  const char *name;
  int ordered;
  int exact; /* the prior has the fields of the posterior */
  size_t (*freedom) (size_t ncomp);
} specimen;

static size_t
free_weights (size_t ncomp)
{
  return ncomp - 1;
}

static size_t
free_none (size_t ncomp)
{
  (void)ncomp;
  return 0;
}

static size_t
free_sticks (size_t ncomp)
{
  return ncomp;
}

static const specimen specimens[] = {
  { "mixture_dirichlet", 0, 1, free_weights },
  { "mixture_fixed", 0, 1, free_none },
  { "dp", 1, 0, free_sticks },
  { "dp-truncated", 1, 0, free_weights },
};
enum
{
  NSPECIMEN = sizeof specimens / sizeof *specimens
};

enum
{
  MAX_COMP = 6,
  ROOM = 2 * MAX_COMP + 8
};

/* Every vector of a latent of at most MAX_COMP components fits into ROOM doubles. */
typedef struct
{
  const elbo_latent *latent;
  elbo_shape shape;
  gsl_rng *rng;
  double prior[ROOM], flat[ROOM];
} sample;

typedef struct
{
  double param[ROOM], coef[ROOM];
} learned;

static const elbo_belief *
belief_of (const sample *s, int mode)
{
  return mode == VB ? s->latent->base->posterior : s->latent->base->point;
}

static const double *
prior_of (const sample *s, int mode)
{
  return mode == ML ? s->flat : s->prior;
}

/* A random prior: positive numbers above 1, so that it has a mode; fixed weights sum to 1. */
static void
random_prior (sample *s)
{
  const elbo_field *field = s->latent->base->prior;
  size_t size = elbo_field_size (field, &s->shape);
  double total = 0;

  ck_assert_int_eq (s->latent->base->guess (&s->shape, NULL, s->prior), GSL_SUCCESS);
  memcpy (s->flat, s->prior, sizeof s->prior);
  for (size_t i = 0; i < size; i++)
    total += s->prior[i] = 1 + 2 * gsl_rng_uniform (s->rng);
  if (strcmp (field->name, "weight") == 0)
    for (size_t i = 0; i < size; i++)
      s->flat[i] = s->prior[i] /= total;
  s->latent->base->flatten (&s->shape, s->flat);
}

static void
sample_make (sample *s, size_t which, size_t ncomp, unsigned long seed)
{
  memset (s, 0, sizeof *s);
  s->latent = elbo_latent_find (specimens[which].name);
  ck_assert_ptr_nonnull (s->latent);
  s->rng = gsl_rng_alloc (gsl_rng_mt19937);
  gsl_rng_set (s->rng, seed);
  s->shape.kind = s->latent->base->kind;
  s->shape.ncomp = ncomp > 0 ? ncomp : 1 + gsl_rng_uniform_int (s->rng, MAX_COMP);
  ck_assert_uint_le (elbo_field_total (s->latent->base->stat, &s->shape), ROOM);
  random_prior (s);
}

/* Statistics of random assignments. */
static void
random_counts (const sample *s, double *stat)
{
  memset (stat, 0, ROOM * sizeof *stat);
  for (size_t k = 0; k < s->shape.ncomp; k++)
    stat[k] = gsl_ran_gamma (s->rng, 0.7, 20) + 1e-3;
}

static void
expect (const sample *s, int mode, learned *l)
{
  ck_assert_msg (belief_of (s, mode)->expect (&s->shape, l->param, l->coef) == GSL_SUCCESS, "%s",
                 elbo_message ());
}

static learned
solve (const sample *s, int mode, const double *prior, const double *stat)
{
  learned l = { { 0 }, { 0 } };

  ck_assert_msg (belief_of (s, mode)->solve (&s->shape, prior, stat, l.param) == GSL_SUCCESS, "%s",
                 elbo_message ());
  expect (s, mode, &l);
  return l;
}

static double
objective (const sample *s, int mode, const learned *l, const double *stat, double *reach)
{
  elbo_quantity sum = sum_of (s->latent->base, &s->shape, l->coef, stat);
  double size = 0, cost = 0;

  ck_assert (sum.size >= 0 && sum.inflation == 1);
  if (mode != ML)
    cost = cost_of (belief_of (s, mode), &s->shape, prior_of (s, mode), l->param, &size);
  *reach = 64 * DBL_EPSILON * (sum.size + size);
  return sum.value - cost;
}

static void
assert_close (double a, double b, double tolerance)
{
  ck_assert_msg (fabs (a - b) <= tolerance, "%.17g and %.17g differ by %.3g, more than %.3g", a, b,
                 a - b, tolerance);
}

static void
assert_vectors (size_t n, const double *a, const double *b, double tolerance)
{
  for (size_t i = 0; i < n; i++)
    ck_assert_msg (fabs (a[i] - b[i]) <= tolerance * (1 + fabs (a[i]) + fabs (b[i])),
                   "entry %zu of %zu: %.17g and %.17g", i, n, a[i], b[i]);
}

/* Where a mode does not exist the loop skips it; the posterior always exists. */
#define EACH_MODE(s, mode) (int mode = 0; mode < NMODE; mode++) if (belief_of (s, mode) != NULL)

/* --- the properties ------------------------------------------------------------------------ */

enum
{
  NSEED = 20
};

START_TEST (test_complete)
{
  static const char *const opening[] = { "count", "evidence", "energy", "entropy" };
  const elbo_latent *latent = elbo_latent_find (specimens[_i].name);
  const elbo_factor *f;

  ck_assert_ptr_nonnull (latent);
  f = latent->base;
  ck_assert_str_eq (f->name, specimens[_i].name);
  ck_assert (strlen (f->source) > 10);
  ck_assert_int_eq (latent->order != ELBO_ORDER_FREE, specimens[_i].ordered);
  ck_assert_ptr_nonnull (f->posterior);
  for (size_t i = 0; i < 4; i++)
    {
      ck_assert_str_eq (f->stat[i].name, opening[i]);
      ck_assert_int_eq (f->stat[i].extent[0], i == 0 ? ELBO_COMP : ELBO_PAIR);
    }
  for (size_t K = 1; K <= MAX_COMP; K++)
    {
      elbo_shape shape = { .ncomp = K, .kind = f->kind };

      ck_assert_uint_eq (f->freedom (&shape), specimens[_i].freedom (K));
    }
}
END_TEST

/* Responsibilities of a row sum to its weight, statistics add, weight 3 is three copies, and
   evidence = energy + entropy is the sum of the row log evidences. */
START_TEST (test_assign)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      size_t K, n;
      double counts[ROOM], stat[ROOM] = { 0 }, heavy[ROOM] = { 0 }, evidence = 0, weighed[ROOM];
      double *score, *again, *weight;
      elbo_tile tile = { .kernel = elbo_kernel_pick () };
      learned l;

      sample_make (&s, (size_t)_i, 0, seed);
      K = s.shape.ncomp;
      tile.n = n = 1 + gsl_rng_uniform_int (s.rng, ELBO_TILE);
      random_counts (&s, counts);
      l = solve (&s, VB, s.prior, counts);
      score = elbo_doubles (2 * (K + 1) * ELBO_TILE);
      again = score + K * ELBO_TILE;
      weight = again + K * ELBO_TILE;
      s.latent->score (&s.shape, l.coef, &tile, score);
      for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < n; i++)
          score[k * ELBO_TILE + i] += gsl_ran_gaussian (s.rng, 5);
      for (size_t i = 0; i < n; i++)
        {
          double row[MAX_COMP];

          for (size_t k = 0; k < K; k++)
            row[k] = score[k * ELBO_TILE + i];
          evidence += elbo_logsumexp (row, K);
          weight[i] = 3;
        }
      memcpy (again, score, K * ELBO_TILE * sizeof *score);
      s.latent->assign (&s.shape, l.coef, &tile, score, counts, stat);
      tile.weight = weight;
      s.latent->assign (&s.shape, l.coef, &tile, again, weighed, heavy);
      for (size_t i = 0; i < ELBO_TILE; i++)
        {
          double total = 0;

          for (size_t k = 0; k < K; k++)
            {
              total += score[k * ELBO_TILE + i];
              assert_close (again[k * ELBO_TILE + i], 3 * score[k * ELBO_TILE + i], 1e-14);
            }
          assert_close (total, i < n ? 1 : 0, 1e-14);
        }
      for (size_t k = 0; k < K; k++)
        {
          double total = 0;

          for (size_t i = 0; i < n; i++)
            total += score[k * ELBO_TILE + i];
          assert_close (stat[k], total, 1e-12);
          ck_assert_double_eq (stat[k], counts[k]);
          ck_assert_double_eq (heavy[k], weighed[k]);
        }
      assert_close (stat[K] + stat[K + 1], evidence, 1e-11);
      assert_close (stat[K] + stat[K + 1], stat[K + 2] + stat[K + 3] + stat[K + 4] + stat[K + 5],
                    1e-11);
      for (size_t i = 0; i < K; i++)
        assert_close (heavy[i], 3 * stat[i], 1e-11);
      for (size_t i = K; i < K + 6; i += 2)
        assert_close (heavy[i] + heavy[i + 1], 3 * (stat[i] + stat[i + 1]), 1e-10);
      free (score);
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* Move a belief a little: positive numbers by factors, weights on their simplex.  A stick that is
   1 stays, as 0 times anything is 0. */
static void
perturb (const sample *s, const elbo_belief *belief, double eps, double *param)
{
  double total = 0;

  for (size_t i = 0; i < elbo_field_total (belief->param, &s->shape); i++)
    total += param[i] *= exp (gsl_ran_gaussian (s->rng, eps));
  if (strcmp (belief->param->name, "weight") == 0)
    for (size_t k = 0; k < s->shape.ncomp; k++)
      param[k] /= total;
}

/* The result of solve is better than what other statistics lead to, and than its neighbours. */
START_TEST (test_best)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double stat[ROOM], other[ROOM], best, reach, unused;

      sample_make (&s, (size_t)_i, 0, seed);
      random_counts (&s, stat);
      for
        EACH_MODE (&s, mode)
        {
          learned l = solve (&s, mode, prior_of (&s, mode), stat);

          best = objective (&s, mode, &l, stat, &reach);
          for (int trial = 0; trial < 20; trial++)
            {
              learned m = l;

              if (_i == 1) /* given weights are not free to move */
                continue;
              perturb (&s, belief_of (&s, mode), pow (10, -1 - trial % 4), m.param);
              expect (&s, mode, &m);
              ck_assert (best + reach >= objective (&s, mode, &m, stat, &unused));
              random_counts (&s, other);
              m = solve (&s, mode, prior_of (&s, mode), other);
              ck_assert (best + reach >= objective (&s, mode, &m, stat, &unused));
            }
        }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* peak is sum - cost of the result of solve, also where components have no rows. */
START_TEST (test_peak)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double stat[ROOM], reach;

      sample_make (&s, (size_t)_i, 0, seed);
      random_counts (&s, stat);
      if (seed % 2 == 0)
        stat[gsl_rng_uniform_int (s.rng, s.shape.ncomp)] = 0;
      for
        EACH_MODE (&s, mode)
        {
          learned l = solve (&s, mode, prior_of (&s, mode), stat);
          double value = objective (&s, mode, &l, stat, &reach);

          ck_assert (belief_of (&s, mode)->peak != NULL);
          assert_close (belief_of (&s, mode)->peak (&s.shape, prior_of (&s, mode), stat), value,
                        reach + DBL_EPSILON);
        }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* Nothing seen: the posterior is the prior, costs nothing, and has the weights of the prior. */
START_TEST (test_prior)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double stat[ROOM] = { 0 }, size = 0, cost;
      size_t K;
      learned l;

      sample_make (&s, (size_t)_i, 0, seed);
      K = s.shape.ncomp;
      l = solve (&s, VB, s.prior, stat);
      cost = cost_of (s.latent->base->posterior, &s.shape, s.prior, l.param, &size);
      assert_close (cost, 0, 64 * DBL_EPSILON * (1 + size));
      assert_close (s.latent->base->posterior->peak (&s.shape, s.prior, stat), 0,
                    64 * DBL_EPSILON * (1 + size));
      if (specimens[_i].exact)
        assert_vectors (K, l.param, s.prior, 0);
      else
        for (size_t k = 0; k < K; k++)
          {
            ck_assert (l.param[k] == 1);
            ck_assert (l.param[K + k] == s.prior[0] || (_i == 3 && k == K - 1));
          }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* The posterior of the first rows is a prior for the others, where it has the form of one. */
START_TEST (test_instalments)
{
  for (unsigned long seed = 1; seed <= NSEED && specimens[_i].exact; seed++)
    {
      sample s;
      double first[ROOM], second[ROOM], all[ROOM], prior[ROOM] = { 0 };
      size_t K;
      learned once, then;

      sample_make (&s, (size_t)_i, 0, seed);
      K = s.shape.ncomp;
      random_counts (&s, first);
      random_counts (&s, second);
      for (size_t i = 0; i < ROOM; i++)
        all[i] = first[i] + second[i];
      once = solve (&s, VB, s.prior, all);
      then = solve (&s, VB, s.prior, first);
      memcpy (prior, then.param, K * sizeof *prior);
      then = solve (&s, VB, prior, second);
      assert_vectors (K, once.param, then.param, 1e-14);
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* Renaming the components renames the beliefs, unless their order is part of the model; then the
   decreasing order of counts is the best one for nested sticks. */
START_TEST (test_relabel)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      size_t order[MAX_COMP], K;
      double stat[ROOM], other[ROOM] = { 0 }, prior[ROOM], spare[ROOM];

      sample_make (&s, (size_t)_i, 0, seed);
      K = s.shape.ncomp;
      random_counts (&s, stat);
      for (size_t k = 0; k < K; k++)
        order[k] = k;
      gsl_ran_shuffle (s.rng, order, K, sizeof *order);
      for (size_t k = 0; k < K; k++)
        other[k] = stat[order[k]];
      for
        EACH_MODE (&s, mode)
        {
          learned l = solve (&s, mode, prior_of (&s, mode), stat), m;

          if (s.latent->order != ELBO_ORDER_FREE)
            continue;
          memcpy (prior, prior_of (&s, mode), sizeof prior);
          elbo_field_permute (s.latent->base->prior, &s.shape, order, prior, spare);
          m = solve (&s, mode, prior, other);
          elbo_field_permute (belief_of (&s, mode)->param, &s.shape, order, l.param, spare);
          elbo_field_permute (s.latent->base->coef, &s.shape, order, l.coef, spare);
          assert_vectors (K, l.param, m.param, 1e-14);
          assert_vectors (K, l.coef, m.coef, 1e-14);
        }
      if (strcmp (s.latent->base->name, "dp") == 0)
        {
          double any = s.latent->base->posterior->peak (&s.shape, s.prior, stat);

          for (size_t i = 0; i < K; i++)
            for (size_t k = i + 1; k < K; k++)
              if (stat[k] > stat[i])
                {
                  double swap = stat[i];

                  stat[i] = stat[k];
                  stat[k] = swap;
                }
          ck_assert (s.latent->base->posterior->peak (&s.shape, s.prior, stat)
                     >= any - 1e-12 * fabs (any));
        }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* With many rows all beliefs agree; the expected weights are those shares, and what nested sticks
   leave over vanishes. */
START_TEST (test_agree)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double stat[ROOM], weight[MAX_COMP], total = 0;

      sample_make (&s, (size_t)_i, 0, seed);
      random_counts (&s, stat);
      for (size_t k = 0; k < s.shape.ncomp; k++)
        total += stat[k] *= 1e9;
      for
        EACH_MODE (&s, mode)
        {
          learned l = solve (&s, mode, prior_of (&s, mode), stat);

          s.latent->weight (&s.shape, l.param, mode == VB, weight);
          for (size_t k = 0; k < s.shape.ncomp; k++)
            {
              assert_close (weight[k], _i == 1 ? s.prior[k] : stat[k] / total, 1e-6);
              assert_close (exp (l.coef[k]), weight[k], 1e-6);
            }
        }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* Expected weights sum to 1, or to 1 less the expected rest of the nested sticks. */
START_TEST (test_weight)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double stat[ROOM], weight[MAX_COMP];

      sample_make (&s, (size_t)_i, 0, seed);
      random_counts (&s, stat);
      for
        EACH_MODE (&s, mode)
        {
          const size_t K = s.shape.ncomp;
          learned l = solve (&s, mode, prior_of (&s, mode), stat);
          double total = 0, rest = 1;

          s.latent->weight (&s.shape, l.param, mode == VB, weight);
          for (size_t k = 0; k < K; k++)
            {
              ck_assert (weight[k] >= 0);
              total += weight[k];
              rest *= _i < 2 ? 0 : l.param[K + k] / (l.param[k] + l.param[K + k]);
            }
          assert_close (total, 1 - rest, 1e-14);
          ck_assert ((rest > 0) == (_i == 2));
        }
      gsl_rng_free (s.rng);
    }
}
END_TEST

/* --- numbers ------------------------------------------------------------------------------- */

static const double COUNT[ROOM] = { 5.5, 3, 1, 0.5 };

START_TEST (test_golden_sticks)
{
  static const double nested[] = { -0.7330836829, -1.423723499, -2.542771118, -3.329065479 };
  const elbo_factor *f = elbo_mixture_stick->base;
  elbo_shape shape = { .ncomp = 4, .kind = f->kind };
  const double alpha[] = { 2 };
  double param[8], coef[4], rest = 0;

  assert_close (f->posterior->peak (&shape, alpha, COUNT), -13.92194235924, 5e-12);
  ck_assert_int_eq (f->posterior->solve (&shape, alpha, COUNT, param), GSL_SUCCESS);
  ck_assert_int_eq (f->posterior->expect (&shape, param, coef), GSL_SUCCESS);
  for (size_t k = 0; k < 4; k++)
    {
      assert_close (coef[k], nested[k], 5e-10);
      rest += elbo_psi (param[4 + k]) - elbo_psi (param[k] + param[4 + k]);
    }
  assert_close (rest, -2.942771118, 5e-10);

  f = elbo_mixture_stick_closed->base;
  shape.kind = f->kind;
  assert_close (f->posterior->peak (&shape, alpha, COUNT), -13.29333369982, 5e-12);
  ck_assert_int_eq (f->posterior->solve (&shape, alpha, COUNT, param), GSL_SUCCESS);
  ck_assert_int_eq (f->posterior->expect (&shape, param, coef), GSL_SUCCESS);
  for (size_t k = 0; k < 3; k++)
    assert_close (coef[k], nested[k], 5e-10);
  assert_close (coef[3], -2.262398812, 5e-10);
  ck_assert (param[3] == 1 && param[7] == 0);
}
END_TEST

START_TEST (test_golden_weights)
{
  const elbo_shape shape = { .ncomp = 4, .dim = 0, .level = 0 },
                   three = { .ncomp = 3, .dim = 0, .level = 0 };
  const double quarter[] = { 0.25, 0.25, 0.25, 0.25, 0 }, ones[] = { 1, 1, 1, 0 };
  const double mass[] = { 2.5, 1.5, 4 };
  double size = 0;

  assert_close (elbo_mixture_dirichlet->base->posterior->peak (&shape, quarter, COUNT),
                -14.84897558913, 5e-12);
  assert_close (elbo_mixture_fixed->base->posterior->peak (&shape, quarter, COUNT),
                -13.86294361119891, 1e-14);
  assert_close (cost_of (elbo_mixture_dirichlet->base->posterior, &three, ones, mass, &size),
                0.639479641914245, 1e-14);
}
END_TEST

typedef struct
{
  double a, b, a0, b0;
} pair_of_densities;

static double
beta_integrand (double x, void *data)
{
  const pair_of_densities *p = data;
  double q = gsl_ran_beta_pdf (x, p->a, p->b);

  return q > 0 ? q * log (q / gsl_ran_beta_pdf (x, p->a0, p->b0)) : 0;
}

/* cost is the integral of q log (q / p), and -log p (pi) of a value. */
START_TEST (test_cost)
{
  gsl_integration_workspace *work = gsl_integration_workspace_alloc (1000);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  const elbo_shape one = { .ncomp = 1, .kind = elbo_mixture_stick->base->kind },
                   two = { .ncomp = 2, .kind = elbo_mixture_stick_closed->base->kind };

  for (int trial = 0; trial < 10; trial++)
    {
      pair_of_densities p = { 1.5 + 8 * gsl_rng_uniform (rng), 1.5 + 8 * gsl_rng_uniform (rng),
                              1.2 + 3 * gsl_rng_uniform (rng), 1.2 + 3 * gsl_rng_uniform (rng) };
      const double param[] = { p.a, p.b }, prior[] = { p.a0, p.b0, 0 }, weight[] = { 0.3, 0.7 };
      const double concentration[] = { p.b0 }, sticks[] = { p.a, 1, p.b, 0 };
      gsl_function function = { beta_integrand, &p };
      double size = 0, kl, error;

      gsl_integration_qag (&function, 0, 1, 1e-11, 1e-11, 1000, GSL_INTEG_GAUSS61, work, &kl,
                           &error);
      assert_close (cost_of (elbo_mixture_dirichlet->base->posterior, &two, prior, param, &size),
                    kl, 1e-9);
      assert_close (cost_of (elbo_mixture_dirichlet->base->point, &two, prior, weight, &size),
                    -gsl_ran_dirichlet_lnpdf (2, prior, weight), 1e-12);
      p.a0 = 1;
      gsl_integration_qag (&function, 0, 1, 1e-11, 1e-11, 1000, GSL_INTEG_GAUSS61, work, &kl,
                           &error);
      assert_close (
          cost_of (elbo_mixture_stick->base->posterior, &one, concentration, param, &size), kl,
          1e-9);
      assert_close (
          cost_of (elbo_mixture_stick_closed->base->posterior, &two, concentration, sticks, &size),
          kl, 1e-9);
    }
  gsl_rng_free (rng);
  gsl_integration_workspace_free (work);
}
END_TEST

/* Weights of 0, priors without a mode, numbers that are no weights. */
START_TEST (test_edges)
{
  const elbo_shape two = { .ncomp = 2, .kind = elbo_mixture_stick->base->kind };
  const elbo_belief *point = elbo_mixture_dirichlet->base->point;
  const elbo_belief *posterior = elbo_mixture_dirichlet->base->posterior;
  const double flat[] = { 1, 1, 1 }, sparse[] = { 0.5, 1, 0 }, negative[] = { -1, 2, 0 };
  const double stat[ROOM] = { 4, 0 }, nothing[ROOM] = { 0 };
  double param[4] = { 0 }, coef[2];
  elbo_quantity q;

  ck_assert_int_eq (point->solve (&two, flat, nothing, param), GSL_SUCCESS);
  ck_assert (param[0] == 0.5 && param[1] == 0.5);
  ck_assert_int_eq (point->solve (&two, flat, stat, param), GSL_SUCCESS);
  ck_assert (param[0] == 1 && param[1] == 0);
  ck_assert_int_eq (point->expect (&two, param, coef), GSL_SUCCESS);
  ck_assert (coef[0] == 0 && coef[1] == -INFINITY);
  q = sum_of (elbo_mixture_dirichlet->base, &two, coef, stat);
  ck_assert (q.value == 0 && q.size == 0);
  ck_assert_int_eq (point->solve (&two, flat, nothing, param), GSL_SUCCESS);
  ck_assert (param[0] == 1 && param[1] == 0); /* kept */

  ck_assert_int_eq (point->solve (&two, sparse, stat, param), GSL_EINVAL);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "component 1"));
  ck_assert_int_eq (posterior->solve (&two, sparse, stat, param), GSL_SUCCESS);
  ck_assert_int_eq (posterior->solve (&two, negative, stat, param), GSL_EINVAL);
  ck_assert_int_eq (posterior->expect (&two, negative, coef), GSL_EINVAL);
  ck_assert_int_eq (elbo_mixture_fixed->base->point->expect (&two, sparse, coef), GSL_EINVAL);
  ck_assert_int_eq (elbo_mixture_fixed->base->point->expect (&two, negative, coef), GSL_EINVAL);
  ck_assert_int_eq (elbo_mixture_stick->base->posterior->solve (&two, negative, stat, param),
                    GSL_EINVAL);
  ck_assert_int_eq (elbo_mixture_stick->base->posterior->expect (&two, nothing, coef), GSL_EINVAL);
  ck_assert_ptr_null (elbo_mixture_stick->base->point);
  ck_assert_ptr_null (elbo_mixture_stick_closed->base->point);
}
END_TEST

/* Every registered latent structure has been tested, and nothing else. */
START_TEST (test_registry)
{
  size_t n = 0;

  for (; elbo_latent_at (n); n++)
    {
      size_t found = 0;

      for (size_t i = 0; i < NSPECIMEN; i++)
        found += strcmp (specimens[i].name, elbo_latent_at (n)->base->name) == 0;
      ck_assert_msg (found == 1, "latent %s has no specimen", elbo_latent_at (n)->base->name);
      ck_assert_ptr_eq (elbo_latent_find (elbo_latent_at (n)->base->name), elbo_latent_at (n));
    }
  ck_assert_uint_eq (n, NSPECIMEN);
  ck_assert_ptr_null (elbo_latent_find ("nonesuch"));
}
END_TEST

static void
add_properties (Suite *suite)
{
  for (int i = 0; i < NSPECIMEN; i++)
    {
      TCase *tcase = tcase_create (specimens[i].name);

      tcase_add_loop_test (tcase, test_complete, i, i + 1);
      tcase_add_loop_test (tcase, test_assign, i, i + 1);
      tcase_add_loop_test (tcase, test_best, i, i + 1);
      tcase_add_loop_test (tcase, test_peak, i, i + 1);
      tcase_add_loop_test (tcase, test_prior, i, i + 1);
      tcase_add_loop_test (tcase, test_instalments, i, i + 1);
      tcase_add_loop_test (tcase, test_relabel, i, i + 1);
      tcase_add_loop_test (tcase, test_agree, i, i + 1);
      tcase_add_loop_test (tcase, test_weight, i, i + 1);
      suite_add_tcase (suite, tcase);
    }
}

int
main (void)
{
  Suite *suite = suite_create ("latent");
  TCase *numbers = tcase_create ("numbers");
  SRunner *sr;
  int failed;

  add_properties (suite);
  tcase_add_test (numbers, test_registry);
  tcase_add_test (numbers, test_golden_sticks);
  tcase_add_test (numbers, test_golden_weights);
  tcase_add_test (numbers, test_cost);
  tcase_add_test (numbers, test_edges);
  suite_add_tcase (suite, numbers);
  sr = srunner_create (suite);
  srunner_set_tap (sr, "-");
  srunner_run_all (sr, CK_SILENT);
  failed = srunner_ntests_failed (sr);
  srunner_free (sr);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
