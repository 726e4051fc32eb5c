/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every registered family must do, whatever it models.

   The properties are stated once and run over the registry, on random rows and shapes; what is
   known about one family only (golden numbers, limits, quadrature) follows. */
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

/* --- rows of every family ----------------------------------------------------------------- */

typedef struct
{
  const char *name;
  size_t max_dim, max_level; /* of random shapes; level 0: none */
  void (*row) (const elbo_shape *shape, gsl_rng *rng, double *x);
  size_t (*freedom) (size_t ncomp, size_t dim, size_t level);
  double outside[3]; /* cells that no component can make, beside NaN and infinity */
  size_t noutside;
} specimen;

static void
row_gauss (const elbo_shape *shape, gsl_rng *rng, double *x)
{
  double centre = gsl_rng_uniform (rng) < 0.4 ? 1.5 : -1;

  for (size_t d = 0; d < shape->dim; d++)
    x[d] = centre + gsl_ran_gaussian (rng, 0.5 + 0.25 * (double)d) + (d > 0 ? 0.6 * x[d - 1] : 0);
}

static void
row_bernoulli (const elbo_shape *shape, gsl_rng *rng, double *x)
{
  for (size_t d = 0; d < shape->dim; d++)
    x[d] = (double)gsl_ran_bernoulli (rng, 0.2 + 0.6 / (double)(d + 1));
}

static void
row_categorical (const elbo_shape *shape, gsl_rng *rng, double *x)
{
  x[0] = (double)gsl_rng_uniform_int (rng, shape->level);
}

static void
row_poisson (const elbo_shape *shape, gsl_rng *rng, double *x)
{
  for (size_t d = 0; d < shape->dim; d++)
    x[d] = (double)gsl_ran_poisson (rng, gsl_rng_uniform (rng) < 0.5 ? 1.5 : 30);
}

static size_t
free_full (size_t K, size_t D, size_t L)
{
  (void)L;
  return K * (D + D * (D + 1) / 2);
}

static size_t
free_tied (size_t K, size_t D, size_t L)
{
  (void)L;
  return K * D + D * (D + 1) / 2;
}

static size_t
free_diag (size_t K, size_t D, size_t L)
{
  (void)L;
  return 2 * K * D;
}

static size_t
free_iso (size_t K, size_t D, size_t L)
{
  (void)L;
  return K * (D + 1);
}

static size_t
free_column (size_t K, size_t D, size_t L)
{
  (void)L;
  return K * D;
}

static size_t
free_level (size_t K, size_t D, size_t L)
{
  (void)D;
  return K * (L - 1);
}

#ifdef EXTRA_SPECIMEN
#include "toy/specimen.h"
#endif

static const specimen specimens[] = {
  { "gauss_full", 4, 0, row_gauss, free_full, { 0 }, 0 },
  { "gauss_tied", 4, 0, row_gauss, free_tied, { 0 }, 0 },
  { "gauss_diag", 4, 0, row_gauss, free_diag, { 0 }, 0 },
  { "gauss_iso", 4, 0, row_gauss, free_iso, { 0 }, 0 },
  { "bernoulli", 5, 0, row_bernoulli, free_column, { 0.5, 2, -1 }, 3 },
  { "categorical", 1, 5, row_categorical, free_level, { 0.5, 5, -1 }, 3 },
  { "poisson", 4, 0, row_poisson, free_column, { 0.5, -1, 1e-300 }, 3 },
#ifdef EXTRA_SPECIMEN /* of the family that t-toy.sh adds */
  EXTRA_SPECIMEN,
#endif
};
enum
{
  NSPECIMEN = sizeof specimens / sizeof *specimens
};

/* --- a sample of rows, and the verbs on it ------------------------------------------------- */

typedef struct
{
  const specimen *kind;
  const elbo_family *family;
  elbo_shape shape, one; /* one: the same with a single component */
  size_t n;
  double *x, *resp; /* [n x dim], [n x K] */
  double *prior, *flat;
  gsl_rng *rng;
  double *room[256]; /* everything allocated, freed together */
  size_t nroom;
} sample;

static double *
room (sample *s, size_t count)
{
  ck_assert (s->nroom < sizeof s->room / sizeof *s->room);
  s->room[s->nroom] = elbo_doubles (count);
  ck_assert_ptr_nonnull (s->room[s->nroom]);
  return s->room[s->nroom++];
}

static void
sample_free (sample *s)
{
  for (size_t i = 0; i < s->nroom; i++)
    free (s->room[i]);
  gsl_rng_free (s->rng);
}

static const elbo_factor *
factor (const sample *s)
{
  return s->family->base;
}

static size_t
size_of (const elbo_field *table, const elbo_shape *shape)
{
  return elbo_field_total (table, shape);
}

/* Rows from .. from + n - 1 as a tile; the caller's room for x, scratch and weight. */
static elbo_tile
pack (const sample *s, size_t from, size_t n, double *space)
{
  const size_t D = s->shape.dim;
  elbo_tile tile = { .x = space,
                     .n = n,
                     .dim = D,
                     .first = from,
                     .scratch = space + D * ELBO_TILE,
                     .kernel = elbo_kernel_pick () };

  memset (space, 0, D * ELBO_TILE * sizeof *space);
  for (size_t i = 0; i < n; i++)
    for (size_t d = 0; d < D; d++)
      space[d * ELBO_TILE + i] = s->x[(from + i) * D + d];
  return tile;
}

static double *
tile_space (size_t dim)
{
  return elbo_doubles ((3 * dim + 8) * ELBO_TILE);
}

/* Add the statistics of rows begin .. end - 1 with responsibilities factor * resp [n x K]. */
static void
tally (const sample *s, const elbo_shape *shape, const double *coef, const double *resp,
       double times, size_t begin, size_t end, double *stat)
{
  const size_t K = shape->ncomp;
  double *space = tile_space (shape->dim), *tile_resp = elbo_doubles (K * ELBO_TILE);
  double *count = elbo_doubles (K);

  for (size_t from = begin; from < end; from += ELBO_TILE)
    {
      size_t n = end - from < ELBO_TILE ? end - from : ELBO_TILE;
      elbo_tile tile = pack (s, from, n, space);

      memset (tile_resp, 0, K * ELBO_TILE * sizeof *tile_resp);
      memset (count, 0, K * sizeof *count);
      for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < K; k++)
          tile_resp[k * ELBO_TILE + i] = times * (resp ? resp[(from + i) * K + k] : 1);
      tile.kernel->totals (K, tile_resp, count);
      tile.count = count;
      s->family->tally (shape, coef, &tile, tile_resp, stat);
    }
  free (count);
  free (space);
  free (tile_resp);
}

/* Statistics of all rows under fresh coefficients. */
static double *
statistics (sample *s, const elbo_shape *shape, const double *resp)
{
  double *stat = room (s, size_of (factor (s)->stat, shape));
  double *coef = room (s, size_of (factor (s)->coef, shape));

  tally (s, shape, coef, resp, 1, 0, s->n, stat);
  return stat;
}

/* Scores, or predictive densities with param, of all rows: [n x K]. */
static double *
scores (sample *s, const elbo_shape *shape, const elbo_belief *belief, const double *param,
        const double *coef)
{
  const size_t K = shape->ncomp;
  double *out = room (s, s->n * K), *space = tile_space (shape->dim);
  double *score = elbo_doubles (K * ELBO_TILE);

  for (size_t from = 0; from < s->n; from += ELBO_TILE)
    {
      size_t n = s->n - from < ELBO_TILE ? s->n - from : ELBO_TILE;
      elbo_tile tile = pack (s, from, n, space);

      memset (score, 0, K * ELBO_TILE * sizeof *score);
      if (belief && belief->predict)
        belief->predict (shape, param, coef, &tile, score);
      else
        s->family->score (shape, coef, &tile, score);
      for (size_t i = 0; i < ELBO_TILE * K; i++)
        ck_assert (i % ELBO_TILE < n ? !isnan (score[i]) : isfinite (score[i]));
      for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < K; k++)
          out[(from + i) * K + k] = score[k * ELBO_TILE + i];
    }
  free (space);
  free (score);
  return out;
}

static const elbo_belief *
belief_of (const sample *s, int mode)
{
  return mode == VB ? factor (s)->posterior : factor (s)->point;
}

static const double *
prior_of (const sample *s, int mode)
{
  return mode == ML ? s->flat : s->prior;
}

/* Responsibilities that leave no component empty. */
static double *
responsibilities (sample *s)
{
  const size_t K = s->shape.ncomp;
  double *resp = room (s, s->n * K);

  for (size_t i = 0; i < s->n; i++)
    {
      double total = 0;

      for (size_t k = 0; k < K; k++)
        total += resp[i * K + k] = gsl_ran_gamma (s->rng, 0.5, 1) + 1e-3;
      for (size_t k = 0; k < K; k++)
        resp[i * K + k] /= total;
    }
  return resp;
}

/* A random sample; ncomp 0: any number of components. */
static void
sample_make (sample *s, size_t which, size_t ncomp, unsigned long seed)
{
  const specimen *kind = &specimens[which];
  double *pooled;

  memset (s, 0, sizeof *s);
  s->kind = kind;
  s->family = elbo_family_find (kind->name);
  ck_assert_ptr_nonnull (s->family);
  s->rng = gsl_rng_alloc (gsl_rng_mt19937);
  gsl_rng_set (s->rng, seed);
  s->shape.ncomp = ncomp > 0 ? ncomp : 1 + gsl_rng_uniform_int (s->rng, 4);
  s->shape.dim = 1 + gsl_rng_uniform_int (s->rng, kind->max_dim);
  s->shape.kind = factor (s)->kind;
  s->shape.level = kind->max_level > 0 ? 2 + gsl_rng_uniform_int (s->rng, kind->max_level - 1) : 0;
  s->one = s->shape;
  s->one.ncomp = 1;
  s->n = 60 + gsl_rng_uniform_int (s->rng, 400);
  s->x = room (s, s->n * s->shape.dim);
  for (size_t i = 0; i < s->n; i++)
    kind->row (&s->shape, s->rng, s->x + i * s->shape.dim);
  s->resp = responsibilities (s);
  s->prior = room (s, size_of (factor (s)->prior, &s->shape));
  s->flat = room (s, size_of (factor (s)->prior, &s->shape));
  pooled = statistics (s, &s->one, NULL);
  ck_assert_int_eq (factor (s)->guess (&s->shape, pooled, s->prior), GSL_SUCCESS);
  ck_assert_int_eq (factor (s)->guess (&s->shape, pooled, s->flat), GSL_SUCCESS);
  factor (s)->flatten (&s->shape, s->flat);
}

typedef struct
{
  double *param, *coef;
} learned;

static learned
solve (sample *s, const elbo_shape *shape, int mode, const double *prior, const double *stat)
{
  const elbo_belief *belief = belief_of (s, mode);
  learned l
      = { room (s, size_of (belief->param, shape)), room (s, size_of (factor (s)->coef, shape)) };

  ck_assert_msg (belief->solve (shape, prior, stat, l.param) == GSL_SUCCESS, "%s", elbo_message ());
  ck_assert_msg (belief->expect (shape, l.param, l.coef) == GSL_SUCCESS, "%s", elbo_message ());
  return l;
}

/* sum - cost and how far its rounding can reach. */
static double
objective (const sample *s, const elbo_shape *shape, int mode, const double *param,
           const double *coef, const double *stat, double *reach)
{
  elbo_quantity sum = sum_of (factor (s), shape, coef, stat);
  double size = 0, cost = 0;

  ck_assert (sum.size >= 0 && sum.inflation >= 1);
  if (mode != ML)
    cost = cost_of (belief_of (s, mode), shape, prior_of (s, mode), param, &size);
  *reach = 64 * DBL_EPSILON * (sum.size * sum.inflation + size);
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

/* Two vectors of statistics; of compensated pairs only the sums are determined. */
static void
assert_statistics (const sample *s, const double *a, const double *b)
{
  for (const elbo_field *field = factor (s)->stat; field->name; field++)
    {
      size_t size = elbo_field_size (field, &s->shape);

      if (field->extent[0] == ELBO_PAIR)
        assert_close (a[0] + a[1], b[0] + b[1], 1e-14 * fabs (a[0]));
      else
        assert_vectors (size, a, b, 1e-12);
      a += size;
      b += size;
    }
}

/* --- the properties ------------------------------------------------------------------------ */

enum
{
  NSEED = 6
};

START_TEST (test_complete)
{
  const elbo_family *family = elbo_family_find (specimens[_i].name);
  const elbo_factor *f;

  ck_assert_ptr_nonnull (family);
  f = family->base;
  ck_assert_str_eq (f->name, specimens[_i].name);
  ck_assert (strlen (f->source) > 10);
  for (const elbo_field *field = f->posterior->param; field->name; field++)
    ck_assert (field->doc == NULL || strlen (field->doc) > 0);
  for (size_t K = 1; K < 4; K++)
    {
      elbo_shape shape = {
        .ncomp = K, .dim = specimens[_i].max_dim, .level = specimens[_i].max_level, .kind = f->kind
      };

      ck_assert_uint_eq (f->freedom (&shape), specimens[_i].freedom (K, shape.dim, shape.level));
    }
}
END_TEST

/* tally (A u B) = tally (A) + tally (B), and weight 3 is three copies. */
START_TEST (test_additive)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        size_t length, cut;
        double *all, *parts, *heavy;
        learned l;

        sample_make (&s, (size_t)_i, 0, seed);
        length = size_of (factor (&s)->stat, &s.shape);
        all = room (&s, length);
        parts = room (&s, length);
        heavy = room (&s, length);
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), statistics (&s, &s.shape, s.resp));
        cut = 1 + gsl_rng_uniform_int (s.rng, s.n - 1);
        tally (&s, &s.shape, l.coef, s.resp, 1, 0, s.n, all);
        tally (&s, &s.shape, l.coef, s.resp, 1, 0, cut, parts);
        tally (&s, &s.shape, l.coef, s.resp, 1, cut, s.n, parts);
        assert_statistics (&s, all, parts);
        tally (&s, &s.shape, l.coef, s.resp, 3, 0, s.n, heavy);
        for (int copy = 0; copy < 2; copy++)
          tally (&s, &s.shape, l.coef, s.resp, 1, 0, s.n, all);
        assert_statistics (&s, all, heavy);
        sample_free (&s);
      }
}
END_TEST

/* sum (coef, tally (x, r)) = sum r score (x). */
START_TEST (test_linear)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        learned l;
        elbo_quantity sum;
        double *stat, *score, pair[2] = { 0, 0 };

        sample_make (&s, (size_t)_i, 0, seed);
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), statistics (&s, &s.shape, s.resp));
        s.resp = responsibilities (&s); /* not those of the solution */
        stat = room (&s, size_of (factor (&s)->stat, &s.shape));
        tally (&s, &s.shape, l.coef, s.resp, 1, 0, s.n, stat);
        sum = sum_of (factor (&s), &s.shape, l.coef, stat);
        score = scores (&s, &s.shape, NULL, NULL, l.coef);
        for (size_t i = 0; i < s.n * s.shape.ncomp; i++)
          elbo_sum_add (pair, s.resp[i] * score[i]);
        assert_close (sum.value, pair[0] + pair[1], 64 * DBL_EPSILON * sum.size * sum.inflation);
        sample_free (&s);
      }
}
END_TEST

/* Move a belief a little, keeping it valid: positive numbers by factors, matrices by one factor,
   positions by steps, probabilities on their simplex. */
static void
perturb (const elbo_field *table, const elbo_shape *shape, gsl_rng *rng, double eps, double *v)
{
  for (; table->name; table++)
    {
      size_t size = elbo_field_size (table, shape);
      size_t group = table->extent[0] == ELBO_COMP ? size / shape->ncomp : size;
      int matrix = table->extent[1] == ELBO_DIM
                   && (table->extent[0] == ELBO_DIM || table->extent[2] == ELBO_DIM);
      int simplex = strcmp (table->name, "probability") == 0;

      for (size_t from = 0; from < size; from += group)
        {
          double common = exp (gsl_ran_gaussian (rng, eps)), total = 0;

          for (size_t i = from; i < from + group; i++)
            {
              double z = gsl_ran_gaussian (rng, eps);

              if (table->unit == ELBO_PLACE)
                v[i] += z;
              else if (simplex && table->extent[1] == ELBO_DIM)
                v[i] = 1 / (1 + (1 / v[i] - 1) * exp (z));
              else
                v[i] *= matrix ? common : exp (z);
              total += v[i];
            }
          for (size_t i = from; simplex && table->extent[1] == ELBO_LEVEL && i < from + group; i++)
            v[i] /= total;
        }
      v += size;
    }
}

/* The result of solve is better than what other statistics lead to, and than its neighbours. */
START_TEST (test_best)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        const elbo_belief *belief;
        double *stat, best, reach, reach_other;
        learned l;

        sample_make (&s, (size_t)_i, 0, seed);
        belief = belief_of (&s, mode);
        stat = statistics (&s, &s.shape, s.resp);
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), stat);
        best = objective (&s, &s.shape, mode, l.param, l.coef, stat, &reach);
        for (int trial = 0; trial < 20; trial++)
          {
            double eps = pow (10, -1 - trial % 4);
            learned m = solve (&s, &s.shape, mode, prior_of (&s, mode), stat);

            perturb (belief->param, &s.shape, s.rng, eps, m.param);
            ck_assert_int_eq (belief->expect (&s.shape, m.param, m.coef), GSL_SUCCESS);
            ck_assert (best + reach
                       >= objective (&s, &s.shape, mode, m.param, m.coef, stat, &reach_other));
          }
        for (int trial = 0; trial < 4; trial++)
          {
            learned m = solve (&s, &s.shape, mode, prior_of (&s, mode),
                               statistics (&s, &s.shape, responsibilities (&s)));

            ck_assert (best + reach
                       >= objective (&s, &s.shape, mode, m.param, m.coef, stat, &reach_other));
          }
        sample_free (&s);
      }
}
END_TEST

/* peak is sum - cost of the result of solve. */
START_TEST (test_peak)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        double *stat, value, peak, reach;
        learned l;

        sample_make (&s, (size_t)_i, 0, seed);
        ck_assert (belief_of (&s, mode)->peak != NULL);
        stat = statistics (&s, &s.shape, s.resp);
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), stat);
        value = objective (&s, &s.shape, mode, l.param, l.coef, stat, &reach);
        peak = belief_of (&s, mode)->peak (&s.shape, prior_of (&s, mode), stat);
        assert_close (value, peak, reach);
        sample_free (&s);
      }
}
END_TEST

/* Copy the fields of one vector to another whose table has them, too: COMP extents of `to` that
   `from` lacks repeat.  Returns 0 when a field of `from` that files know is not in `to`. */
static int
copy_fields (const elbo_field *from_table, const double *from, const elbo_field *to_table,
             const elbo_shape *shape, double *to)
{
  int all = 1;

  for (; from_table->name; from_table++)
    {
      size_t at = 0, size = elbo_field_size (from_table, shape);
      const elbo_field *field = elbo_field_find (to_table, shape, from_table->name, &at);
      size_t room_for = field ? elbo_field_size (field, shape) : 0;

      for (size_t i = 0; i < room_for && room_for % size == 0; i++)
        to[at + i] = from[i % size];
      if (from_table->doc && (room_for == 0 || room_for % size != 0))
        all = 0;
      from += size;
    }
  return all;
}

/* Nothing seen: the posterior is the prior and costs nothing. */
START_TEST (test_prior)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double *stat, *expected, size = 0, cost;
      learned l;

      sample_make (&s, (size_t)_i, 0, seed);
      stat = room (&s, size_of (factor (&s)->stat, &s.shape));
      l = solve (&s, &s.shape, VB, s.prior, stat);
      expected = room (&s, size_of (factor (&s)->posterior->param, &s.shape));
      ck_assert (copy_fields (factor (&s)->prior, s.prior, factor (&s)->posterior->param, &s.shape,
                              expected));
      assert_vectors (size_of (factor (&s)->posterior->param, &s.shape), l.param, expected, 0);
      cost = cost_of (factor (&s)->posterior, &s.shape, s.prior, l.param, &size);
      assert_close (cost, 0, 64 * DBL_EPSILON * size);
      assert_close (factor (&s)->posterior->peak (&s.shape, s.prior, stat), 0,
                    64 * DBL_EPSILON * size);
      sample_free (&s);
    }
}
END_TEST

/* The posterior of the first rows is a prior for the others. */
START_TEST (test_instalments)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double *first, *second, *coef, *all, *prior;
      size_t cut;
      learned once, then;

      sample_make (&s, (size_t)_i, 1, seed);
      first = room (&s, size_of (factor (&s)->stat, &s.shape));
      second = room (&s, size_of (factor (&s)->stat, &s.shape));
      coef = room (&s, size_of (factor (&s)->coef, &s.shape));
      cut = 1 + gsl_rng_uniform_int (s.rng, s.n - 1);
      tally (&s, &s.shape, coef, NULL, 1, 0, cut, first);
      tally (&s, &s.shape, coef, NULL, 1, cut, s.n, second);
      all = statistics (&s, &s.shape, NULL);
      once = solve (&s, &s.shape, VB, s.prior, all);
      then = solve (&s, &s.shape, VB, s.prior, first);
      prior = room (&s, size_of (factor (&s)->prior, &s.shape));
      ck_assert (copy_fields (factor (&s)->posterior->param, then.param, factor (&s)->prior,
                              &s.shape, prior));
      then = solve (&s, &s.shape, VB, prior, second);
      assert_vectors (size_of (factor (&s)->posterior->param, &s.shape), once.param, then.param,
                      1e-10);
      sample_free (&s);
    }
}
END_TEST

/* With one component the bound is the evidence: the product of the predictive densities of each
   row given those before it. */
START_TEST (test_evidence)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      const elbo_belief *belief;
      double *stat, *space, *score, *param, *coef, evidence = 0;

      sample_make (&s, (size_t)_i, 1, seed);
      belief = factor (&s)->posterior;
      ck_assert (belief->predict != NULL);
      stat = room (&s, size_of (factor (&s)->stat, &s.shape));
      param = room (&s, size_of (belief->param, &s.shape));
      coef = room (&s, size_of (factor (&s)->coef, &s.shape));
      score = room (&s, ELBO_TILE);
      space = room (&s, (3 * s.shape.dim + 8) * ELBO_TILE);
      for (size_t i = 0; i < s.n; i++)
        {
          elbo_tile tile = pack (&s, i, 1, space);

          ck_assert_int_eq (belief->solve (&s.shape, s.prior, stat, param), GSL_SUCCESS);
          ck_assert_int_eq (belief->expect (&s.shape, param, coef), GSL_SUCCESS);
          score[0] = 0;
          belief->predict (&s.shape, param, coef, &tile, score);
          evidence += score[0];
          tally (&s, &s.shape, coef, NULL, 1, i, i + 1, stat);
        }
      assert_close (evidence, belief->peak (&s.shape, s.prior, stat), 1e-10 * fabs (evidence));
      sample_free (&s);
    }
}
END_TEST

/* Renaming the components renames the beliefs and nothing else. */
START_TEST (test_relabel)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        const elbo_field *table;
        size_t order[4] = { 0, 1, 2, 3 }, K, length;
        double *resp, *spare;
        learned l, m;

        sample_make (&s, (size_t)_i, 2 + seed % 3, seed);
        K = s.shape.ncomp;
        gsl_ran_shuffle (s.rng, order, K, sizeof *order);
        resp = room (&s, s.n * K);
        for (size_t i = 0; i < s.n; i++)
          for (size_t k = 0; k < K; k++)
            resp[i * K + k] = s.resp[i * K + order[k]];
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), statistics (&s, &s.shape, s.resp));
        m = solve (&s, &s.shape, mode, prior_of (&s, mode), statistics (&s, &s.shape, resp));
        table = belief_of (&s, mode)->param;
        length = size_of (table, &s.shape);
        spare = room (&s, length + size_of (factor (&s)->coef, &s.shape));
        elbo_field_permute (table, &s.shape, order, l.param, spare);
        assert_vectors (length, l.param, m.param, 1e-12);
        elbo_field_permute (factor (&s)->coef, &s.shape, order, l.coef, spare);
        assert_vectors (size_of (factor (&s)->coef, &s.shape), l.coef, m.coef, 1e-10);
        sample_free (&s);
      }
}
END_TEST

/* With many copies of the rows the prior no longer matters, nor does the kind of belief. */
START_TEST (test_agree)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      double *stat, *score[NMODE];
      const double copies = 1e7;

      sample_make (&s, (size_t)_i, 0, seed);
      stat = statistics (&s, &s.shape, s.resp);
      for (size_t i = 0; i < size_of (factor (&s)->stat, &s.shape); i++)
        stat[i] *= copies;
      for (int mode = 0; mode < NMODE; mode++)
        {
          learned l = solve (&s, &s.shape, mode, prior_of (&s, mode), stat);

          score[mode] = scores (&s, &s.shape, NULL, NULL, l.coef);
        }
      assert_vectors (s.n * s.shape.ncomp, score[VB], score[ML], 1e-5);
      assert_vectors (s.n * s.shape.ncomp, score[MAP], score[ML], 1e-5);
      sample_free (&s);
    }
}
END_TEST

/* Rows inside the support pass; a cell outside is found where it stands. */
START_TEST (test_check)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      size_t row = 0, column = 0, n;
      double *space;
      elbo_tile tile;

      sample_make (&s, (size_t)_i, 0, seed);
      n = s.n < ELBO_TILE ? s.n : ELBO_TILE;
      space = room (&s, (3 * s.shape.dim + 8) * ELBO_TILE);
      tile = pack (&s, 0, n, space);
      ck_assert_int_eq (s.family->check (&s.shape, &tile, &row, &column), GSL_SUCCESS);
      for (size_t b = 0; b < s.kind->noutside + 2; b++)
        {
          size_t i = gsl_rng_uniform_int (s.rng, n), d = gsl_rng_uniform_int (s.rng, s.shape.dim);
          double old = space[d * ELBO_TILE + i];

          space[d * ELBO_TILE + i] = b == 0   ? (double)NAN
                                     : b == 1 ? (double)INFINITY
                                              : s.kind->outside[b - 2];
          ck_assert_int_eq (s.family->check (&s.shape, &tile, &row, &column), ELBO_EDATA);
          ck_assert_uint_eq (row, i);
          ck_assert_uint_eq (column, d);
          ck_assert (strlen (elbo_message ()) > 10);
          space[d * ELBO_TILE + i] = old;
        }
      sample_free (&s);
    }
}
END_TEST

/* Rows drawn from a component lead back to it. */
START_TEST (test_draw)
{
  enum
  {
    NDRAW = 40000
  };

  for (unsigned long seed = 1; seed <= 3; seed++)
    for (int mode = 0; mode < NMODE; mode++)
      {
        sample s;
        double *stat, *before, *after, *kept, difference = 0;
        size_t n, K;
        learned l, m;

        sample_make (&s, (size_t)_i, 2, seed);
        K = s.shape.ncomp;
        stat = statistics (&s, &s.shape, s.resp);
        for (size_t i = 0; i < size_of (factor (&s)->stat, &s.shape); i++)
          stat[i] *= 1e4; /* the parameters are as good as known */
        l = solve (&s, &s.shape, mode, prior_of (&s, mode), stat);
        before = scores (&s, &s.shape, NULL, NULL, l.coef);
        kept = s.x;
        n = s.n;
        s.n = NDRAW;
        s.x = room (&s, s.n * s.shape.dim);
        for (size_t i = 0; i < s.n; i++)
          belief_of (&s, mode)->draw (&s.shape, l.param, l.coef, K - 1, s.rng,
                                      s.x + i * s.shape.dim);
        m = solve (&s, &s.one, ML, s.flat, statistics (&s, &s.one, NULL));
        s.x = kept;
        s.n = n;
        after = scores (&s, &s.one, NULL, NULL, m.coef);
        for (size_t i = 0; i < n; i++)
          difference += fabs (before[i * K + K - 1] - after[i]) / (1 + fabs (after[i]));
        ck_assert_double_le (difference / (double)n, 0.03);
        sample_free (&s);
      }
}
END_TEST

/* Without rows and without a prior a component keeps what is believed of it. */
START_TEST (test_keep)
{
  for (unsigned long seed = 1; seed <= NSEED; seed++)
    {
      sample s;
      const elbo_belief *belief;
      double *resp, *other;
      size_t K, length;
      learned l;

      sample_make (&s, (size_t)_i, 3, seed);
      belief = factor (&s)->point;
      K = s.shape.ncomp;
      length = size_of (belief->param, &s.shape);
      l = solve (&s, &s.shape, ML, s.flat, statistics (&s, &s.shape, s.resp));
      resp = room (&s, s.n * K);
      for (size_t i = 0; i < s.n * K; i++)
        resp[i] = i % K == 1 ? 0 : s.resp[i]; /* component 1 loses its rows */
      other = room (&s, length);
      memcpy (other, l.param, length * sizeof *other);
      ck_assert_int_eq (belief->solve (&s.shape, s.flat, statistics (&s, &s.shape, resp), other),
                        GSL_SUCCESS);
      for (size_t at = 0, f = 0; belief->param[f].name; f++)
        {
          size_t size = elbo_field_size (&belief->param[f], &s.shape);

          if (belief->param[f].extent[0] == ELBO_COMP)
            assert_vectors (size / K, other + at + size / K, l.param + at + size / K, 0);
          at += size;
        }
      sample_free (&s);
    }
}
END_TEST

/* --- numbers ------------------------------------------------------------------------------- */

/* Six rows whose responsibilities are given, two components, Dirichlet weights with alpha 1: the
   bound after the first M and E half-steps, at the limit, and the evidence of one component. */
typedef struct
{
  const char *name;
  size_t dim, level;
  double x[12], prior[10];
  double m1, e1, limit, evidence;
  double tolerance; /* of the digits that are known */
  double param[4];  /* of component 1 after the first M half-step */
  size_t at[4];
} golden;

static const golden goldens[] = {
  { "gauss_full",
    2,
    0,
    { 0, 0, 1, 0.5, 0.5, 1.5, 4, 4, 5, 3.5, 4.5, 5.5 },
    { 1, 3, 0, 0, 1, 0, 0, 1, 1, 1 },
    -33.435982642895,
    -32.961217332685,
    -29.326340839673,
    -28.007723671810,
    2e-12,
    { 4, 6, 1.0375, 11.069375 },
    { 0, 2, 4, 8 } },
  { "gauss_tied",
    2,
    0,
    { 0, 0, 1, 0.5, 0.5, 1.5, 4, 4, 5, 3.5, 4.5, 5.5 },
    { 1, 3, 0, 0, 1, 0, 0, 1, 1, 1 },
    -30.5238025348,
    -30.3156208622,
    -29.7126998931,
    -28.007723671810,
    6e-11,
    { 4, 9, 1.0375, 29.76375 },
    { 0, 2, 3, 7 } },
  { "gauss_diag",
    2,
    0,
    { 0, 0, 1, 0.5, 0.5, 1.5, 4, 4, 5, 3.5, 4.5, 5.5 },
    { 1, 1, 1, 1, 0, 0, 1, 1, 1, 1 },
    -35.0046645080,
    -34.0236884988,
    -30.5810229991,
    -31.469288382562,
    6e-11,
    { 2.5, 1.0375, 6.0346875, 5.5596875 },
    { 4, 8, 12, 13 } },
  { "gauss_iso",
    2,
    0,
    { 0, 0, 1, 0.5, 0.5, 1.5, 4, 4, 5, 3.5, 4.5, 5.5 },
    { 1, 1, 0, 0, 1, 1, 1 },
    -33.4673583927,
    -32.7770129136,
    -29.2882624829,
    -30.342555194459,
    6e-11,
    { 4, 4, 1.0375, 10.594375 },
    { 0, 2, 4, 8 } },
  { "bernoulli",
    2,
    0,
    { 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1 },
    { 1, 1, 1, 1 },
    -12.221517436644,
    -11.259824717266,
    -11.217511696858,
    -9.8832848452186,
    2e-12,
    { 2.9, 2.1, 2.5, 2.5 },
    { 0, 4, 1, 5 } },
  { "poisson",
    1,
    0,
    { 0, 1, 2, 5, 7, 6 },
    { 1, 1 },
    -19.935947501056,
    -19.346442853357,
    -18.20142204772,
    -18.014935877157,
    2e-12,
    { 7, 4, 7, 4 },
    { 0, 2, 0, 2 } },
  { "categorical",
    1,
    3,
    { 0, 0, 1, 2, 2, 1 },
    { 1, 1, 1, 0 },
    -9.6440423607238,
    -9.155110521389,
    -8.9714484636938,
    -7.8320141805055,
    2e-12,
    { 2.7, 1.7, 1.6, 1.6 },
    { 0, 1, 2, 2 } },
};

START_TEST (test_golden)
{
  static const double given[] = { 0.9, 0.8, 0.6, 0.4, 0.2, 0.1 };
  const golden *g = &goldens[_i];
  const elbo_latent *latent = elbo_latent_find ("mixture_dirichlet");
  const elbo_belief *weights = latent->base->posterior;
  const double alpha[] = { 1, 1, 0 };
  double alpha_q[2] = { 0, 0 }, log_weight[2], bound = 0, size = 0, latent_stat[8] = { 0 },
         count[2];
  double *space = tile_space (g->dim), *score = elbo_doubles (2 * ELBO_TILE);
  sample s = { .family = elbo_family_find (g->name) };
  const elbo_belief *belief = factor (&s)->posterior;
  double *stat, *param, *coef;
  elbo_tile tile;

  s.shape = (elbo_shape){ .ncomp = 2, .dim = g->dim, .level = g->level, .kind = factor (&s)->kind };
  s.one = s.shape;
  s.one.ncomp = 1;
  s.n = 6;
  s.x = room (&s, s.n * g->dim);
  memcpy (s.x, g->x, s.n * g->dim * sizeof *s.x);
  stat = statistics (&s, &s.one, NULL);
  assert_close (belief->peak (&s.one, g->prior, stat), g->evidence, 2e-12);

  tile = pack (&s, 0, 6, space);
  param = room (&s, size_of (belief->param, &s.shape));
  coef = room (&s, size_of (factor (&s)->coef, &s.shape));
  stat = room (&s, size_of (factor (&s)->stat, &s.shape));
  for (size_t i = 0; i < 6; i++)
    {
      score[i] = given[i];
      score[ELBO_TILE + i] = 1 - given[i];
      latent_stat[0] += given[i];
      latent_stat[1] += 1 - given[i];
      latent_stat[6] -= given[i] * log (given[i]) + (1 - given[i]) * log (1 - given[i]);
    }
  for (size_t pass = 1; pass <= 5000; pass++)
    {
      elbo_quantity q;

      memset (stat, 0, size_of (factor (&s)->stat, &s.shape) * sizeof *stat);
      tile.count = latent_stat;
      s.family->tally (&s.shape, coef, &tile, score, stat);
      ck_assert_int_eq (belief->solve (&s.shape, g->prior, stat, param), GSL_SUCCESS);
      ck_assert_int_eq (belief->expect (&s.shape, param, coef), GSL_SUCCESS);
      ck_assert_int_eq (weights->solve (&s.shape, alpha, latent_stat, alpha_q), GSL_SUCCESS);
      ck_assert_int_eq (weights->expect (&s.shape, alpha_q, log_weight), GSL_SUCCESS);
      if (pass == 1)
        {
          q = sum_of (factor (&s), &s.shape, coef, stat);
          bound = q.value + sum_of (latent->base, &s.shape, log_weight, latent_stat).value
                  - cost_of (belief, &s.shape, g->prior, param, &size)
                  - cost_of (weights, &s.shape, alpha, alpha_q, &size) + latent_stat[6]
                  + latent_stat[7];
          assert_close (bound, g->m1, g->tolerance);
          for (size_t i = 0; i < 4; i++)
            assert_close (param[g->at[i]], g->param[i], 1e-13);
        }
      memset (latent_stat, 0, sizeof latent_stat);
      latent->score (&s.shape, log_weight, &tile, score);
      s.family->score (&s.shape, coef, &tile, score);
      latent->assign (&s.shape, log_weight, &tile, score, count, latent_stat);
      bound = latent_stat[2] + latent_stat[3] - cost_of (belief, &s.shape, g->prior, param, &size)
              - cost_of (weights, &s.shape, alpha, alpha_q, &size);
      if (pass == 1)
        assert_close (bound, g->e1, g->tolerance);
    }
  assert_close (bound, g->limit, g->tolerance);
  s.rng = gsl_rng_alloc (gsl_rng_mt19937);
  sample_free (&s);
  free (space);
  free (score);
}
END_TEST

/* A score of the first component for one row of one or two columns. */
static double
score_one (const char *name, const elbo_shape *shape, const double *coef, double x0, double x1)
{
  const elbo_family *family = elbo_family_find (name);
  double *space = tile_space (shape->dim), *score = elbo_doubles (shape->ncomp * ELBO_TILE);
  sample s = { .family = family, .shape = *shape, .n = 1 };
  double x[] = { x0, x1 }, value;
  elbo_tile tile;

  s.x = x;
  tile = pack (&s, 0, 1, space);
  family->score (shape, coef, &tile, score);
  value = score[0];
  free (space);
  free (score);
  return value;
}

/* Probabilities 0 and 1 and mean counts 0: what is impossible scores -inf, what is certain 0. */
START_TEST (test_certain)
{
  const elbo_shape two = { .ncomp = 1, .dim = 2, .level = 0 },
                   three = { .ncomp = 1, .dim = 1, .level = 3 };
  const double flat[] = { 1, 1, 1, 1 }, no_prior[] = { 1, 1, 0, 0 };
  double param[3] = { 0 }, coef[8];
  const double ones[] = { 5, 0, 0, 5 };       /* one: 5 and 0, zero: 0 and 5 */
  const double nearly[] = { 5, 5, 1e-30, 5 }; /* one against 1e-30 zeros */
  const double counts[] = { 5, 0, 10, 7, 0 };
  const double levels[] = { 3, 0, 1 };
  const elbo_factor *f = elbo_bernoulli->base;
  elbo_quantity q;

  ck_assert_int_eq (f->point->solve (&two, flat, ones, param), GSL_SUCCESS);
  ck_assert (param[0] == 1 && param[1] == 0);
  ck_assert_int_eq (f->point->expect (&two, param, coef), GSL_SUCCESS);
  ck_assert (score_one ("bernoulli", &two, coef, 1, 0) == 0);
  ck_assert (score_one ("bernoulli", &two, coef, 0, 0) == -INFINITY);
  ck_assert (score_one ("bernoulli", &two, coef, 1, 1) == -INFINITY);
  ck_assert (score_one ("bernoulli", &two, coef, 0, 1) == -INFINITY);
  q = sum_of (f, &two, coef, ones);
  ck_assert (q.value == 0 && q.size == 0);
  ck_assert (f->point->peak (&two, flat, ones) == 0);

  param[0] = 0;
  param[1] = 0.25; /* a certain column does not disturb its neighbour */
  ck_assert_int_eq (f->point->expect (&two, param, coef), GSL_SUCCESS);
  ck_assert (score_one ("bernoulli", &two, coef, 0, 0) == log1p (-0.25));
  param[0] = 1;
  ck_assert_int_eq (f->point->expect (&two, param, coef), GSL_SUCCESS);
  ck_assert (score_one ("bernoulli", &two, coef, 1, 0) == log1p (-0.25));

  ck_assert_int_eq (f->point->solve (&two, flat, nearly, param), GSL_SUCCESS);
  ck_assert (param[0] < 1);
  ck_assert_int_eq (f->point->expect (&two, param, coef), GSL_SUCCESS);
  assert_close (sum_of (f, &two, coef, nearly).value, f->point->peak (&two, flat, nearly), 1e-14);

  f = elbo_poisson->base;
  ck_assert_int_eq (f->point->solve (&two, no_prior, counts, param), GSL_SUCCESS);
  ck_assert (param[0] == 0 && param[1] == 2);
  ck_assert_int_eq (f->point->expect (&two, param, coef), GSL_SUCCESS);
  ck_assert (score_one ("poisson", &two, coef, 0, 0) == -2);
  ck_assert (score_one ("poisson", &two, coef, 1, 0) == -INFINITY);
  assert_close (sum_of (f, &two, coef, counts).value, 10 * log (2) - 10 - 7, 1e-14);
  assert_close (f->point->peak (&two, no_prior, counts), 10 * log (2) - 10 - 7, 1e-14);

  f = elbo_categorical->base;
  ck_assert_int_eq (f->point->solve (&three, flat, levels, param), GSL_SUCCESS);
  ck_assert_int_eq (f->point->expect (&three, param, coef), GSL_SUCCESS);
  ck_assert (score_one ("categorical", &three, coef, 0, 0) == log (0.75));
  ck_assert (score_one ("categorical", &three, coef, 1, 0) == -INFINITY);
  assert_close (sum_of (f, &three, coef, levels).value, 3 * log (0.75) + log (0.25), 1e-14);
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

static double
gamma_integrand (double x, void *data)
{
  const pair_of_densities *p = data;
  double q = gsl_ran_gamma_pdf (x, p->a, 1 / p->b);

  return q > 0 ? q * log (q / gsl_ran_gamma_pdf (x, p->a0, 1 / p->b0)) : 0;
}

static double
integrate (double (*f) (double, void *), pair_of_densities *p, double end)
{
  gsl_integration_workspace *work = gsl_integration_workspace_alloc (1000);
  gsl_function function = { f, p };
  double value, error;

  gsl_integration_qag (&function, 1e-12, end, 1e-11, 1e-11, 1000, GSL_INTEG_GAUSS61, work, &value,
                       &error);
  gsl_integration_workspace_free (work);
  return value;
}

/* cost is the integral of q log (q / p), and -log p (theta) of a value. */
START_TEST (test_cost)
{
  const elbo_shape one = { .ncomp = 1, .dim = 1, .level = 2 };
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);

  for (int trial = 0; trial < 10; trial++)
    {
      pair_of_densities p = { 1.5 + 8 * gsl_rng_uniform (rng), 1.5 + 8 * gsl_rng_uniform (rng),
                              1.2 + 3 * gsl_rng_uniform (rng), 1.2 + 3 * gsl_rng_uniform (rng) };
      const double param[] = { p.a, p.b }, prior[] = { p.a0, p.b0, 0 };
      const double theta[] = { 0.3, 0.7 };
      double size = 0, kl = integrate (beta_integrand, &p, 1 - 1e-12);

      assert_close (cost_of (elbo_bernoulli->base->posterior, &one, prior, param, &size), kl, 1e-9);
      assert_close (cost_of (elbo_categorical->base->posterior, &one, prior, param, &size), kl,
                    1e-9);
      kl = integrate (gamma_integrand, &p, 60);
      assert_close (cost_of (elbo_poisson->base->posterior, &one, prior, param, &size), kl, 1e-9);
      assert_close (cost_of (elbo_bernoulli->base->point, &one, prior, theta, &size),
                    -log (gsl_ran_beta_pdf (0.3, p.a0, p.b0)), 1e-12);
      assert_close (cost_of (elbo_categorical->base->point, &one, prior, theta, &size),
                    -gsl_ran_dirichlet_lnpdf (2, prior, theta), 1e-12);
      assert_close (cost_of (elbo_poisson->base->point, &one, prior, theta, &size),
                    -log (gsl_ran_gamma_pdf (0.3, p.a0, 1 / p.b0)), 1e-12);
    }
  gsl_rng_free (rng);
}
END_TEST

/* Predictive densities sum to 1, and a prior that has no mode or no density is refused. */
START_TEST (test_discrete)
{
  const elbo_shape shape = { .ncomp = 1, .dim = 1, .level = 4 };
  const double param[] = { 2.5, 1.25, 0.5, 3 }, bad[] = { 0.5, 0.5, 0.5, 0.5, 0 };
  const double worse[] = { -1, 1, 1, 1, 0 }, stat[8] = { 0 };
  const elbo_family *family[] = { elbo_bernoulli, elbo_categorical, elbo_poisson };
  const size_t nvalue[] = { 2, 4, ELBO_TILE };

  for (size_t f = 0; f < 3; f++)
    {
      const elbo_factor *base = family[f]->base;
      double *space = tile_space (1), *score = elbo_doubles (ELBO_TILE), total = 0;
      double coef[8], out[8] = { 0 };
      elbo_tile tile = { .x = space, .n = nvalue[f], .dim = 1, .scratch = space + ELBO_TILE };

      tile.kernel = elbo_kernel_pick ();
      for (size_t i = 0; i < nvalue[f]; i++)
        space[i] = (double)i;
      base->posterior->expect (&shape, param, coef);
      base->posterior->predict (&shape, param, coef, &tile, score);
      for (size_t i = 0; i < nvalue[f]; i++)
        total += exp (score[i]);
      assert_close (total, 1, 1e-12);
      ck_assert_int_eq (base->point->solve (&shape, bad, stat, out), GSL_EINVAL);
      ck_assert_int_eq (base->posterior->solve (&shape, bad, stat, out), GSL_SUCCESS);
      ck_assert_int_eq (base->posterior->solve (&shape, worse, stat, out), GSL_EINVAL);
      ck_assert_int_eq (base->posterior->expect (&shape, worse, coef), GSL_EINVAL);
      ck_assert_int_eq (base->point->expect (&shape, worse, coef), GSL_EINVAL);
      free (space);
      free (score);
    }
}
END_TEST

/* log x! of the table and beyond it, and a column of zeros as a guess. */
START_TEST (test_counts)
{
  const elbo_shape one = { .ncomp = 1, .dim = 1, .level = 0 };
  const double rate[] = { 1 }, zeros[] = { 12, 0, 0, 0 };
  double coef[3], prior[2];

  elbo_poisson->base->point->expect (&one, rate, coef);
  for (size_t x = 0; x < 200; x++)
    assert_close (score_one ("poisson", &one, coef, (double)x, 0),
                  -1 - elbo_lngamma ((double)x + 1), 1e-14 * (double)(1 + x * x));
  ck_assert_int_eq (elbo_poisson->base->guess (&one, zeros, prior), GSL_SUCCESS);
  ck_assert (prior[0] == 1 && prior[1] == 12);
}
END_TEST

/* Every registered family has been tested, and nothing else. */
START_TEST (test_registry)
{
  size_t n = 0;

  for (; elbo_family_at (n); n++)
    {
      size_t found = 0;

      for (size_t i = 0; i < NSPECIMEN; i++)
        found += strcmp (specimens[i].name, elbo_family_at (n)->base->name) == 0;
      ck_assert_msg (found == 1, "family %s has no specimen", elbo_family_at (n)->base->name);
      ck_assert_ptr_eq (elbo_family_find (elbo_family_at (n)->base->name), elbo_family_at (n));
    }
  ck_assert_uint_eq (n, NSPECIMEN);
  ck_assert_ptr_null (elbo_family_find ("nonesuch"));
}
END_TEST

static void
add_properties (Suite *suite)
{
  for (int i = 0; i < NSPECIMEN; i++)
    {
      TCase *tcase = tcase_create (specimens[i].name);

      tcase_add_loop_test (tcase, test_complete, i, i + 1);
      tcase_add_loop_test (tcase, test_additive, i, i + 1);
      tcase_add_loop_test (tcase, test_linear, i, i + 1);
      tcase_add_loop_test (tcase, test_best, i, i + 1);
      tcase_add_loop_test (tcase, test_peak, i, i + 1);
      tcase_add_loop_test (tcase, test_prior, i, i + 1);
      tcase_add_loop_test (tcase, test_instalments, i, i + 1);
      tcase_add_loop_test (tcase, test_evidence, i, i + 1);
      tcase_add_loop_test (tcase, test_relabel, i, i + 1);
      tcase_add_loop_test (tcase, test_agree, i, i + 1);
      tcase_add_loop_test (tcase, test_check, i, i + 1);
      tcase_add_loop_test (tcase, test_draw, i, i + 1);
      tcase_add_loop_test (tcase, test_keep, i, i + 1);
      suite_add_tcase (suite, tcase);
    }
}

int
main (void)
{
  Suite *suite = suite_create ("family");
  TCase *numbers = tcase_create ("numbers");
  SRunner *sr;
  int failed;

  add_properties (suite);
  tcase_add_test (numbers, test_registry);
  tcase_add_loop_test (numbers, test_golden, 0, sizeof goldens / sizeof *goldens);
  tcase_add_test (numbers, test_certain);
  tcase_add_test (numbers, test_cost);
  tcase_add_test (numbers, test_discrete);
  tcase_add_test (numbers, test_counts);
  suite_add_tcase (suite, numbers);
  sr = srunner_create (suite);
  srunner_set_tap (sr, "-");
  srunner_run_all (sr, CK_SILENT);
  failed = srunner_ntests_failed (sr);
  srunner_free (sr);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
