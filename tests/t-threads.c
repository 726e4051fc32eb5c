/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bits for any number of threads.

   A pass, a fit, a search and predictions are run with 1, 2, 3 and 7 threads on data of one tile
   and of many, and compared byte by byte. */
#include <config.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include "engine/engine.h"
#include "gen.h"

enum
{
  PROBLEMS = 12
};

static const int threads[] = { 2, 3, 7 };
enum
{
  KINDS = sizeof threads / sizeof *threads
};

static const gen_limits wide = { 6000, 6, 6, 6, 4, 0 };

/* Many leaves, and a last tile that is not full. */
static void
open_case (gen_case *c, uint64_t number)
{
  gen_problem *p = &c->problem;
  uint64_t at = number * 1000;
  do
    gen_make (p, 21, at++, &wide);
  while (p->n < 2000 && (gen_free (p), 1));
  c->data = gen_data (p);
  c->model = gen_model (p, c->data);
  ck_assert_ptr_nonnull (c->model);
  ck_assert_ptr_nonnull (c->ranks = elbo_ranks_alloc (c->data));
}

static void
same_bytes (const void *a, const void *b, size_t size, const char *what, int number, int n)
{
  gen_need (memcmp (a, b, size) == 0, "problem %d: %s differ with %d threads", number, what, n);
}

/* The statistics of a start, the model that they make, then those of an E half-step. */
static double *
statistics (const gen_case *c, int n)
{
  const size_t size = elbo_model_nstat (c->model);
  elbo_model *model = elbo_model_clone (c->model);
  elbo_start *start = NULL;
  double *stat = elbo_doubles (2 * size);
  ck_assert_int_eq (gen_start (&c->problem, model, c->data, c->ranks, &start), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, c->data, start, n, stat), GSL_SUCCESS);
  ck_assert_int_eq (elbo_global (model, stat), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, c->data, NULL, n, stat + size), GSL_SUCCESS);
  elbo_start_free (start);
  elbo_model_free (model);
  return stat;
}

START_TEST (test_pass)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      open_case (&c, (uint64_t)i);
      const size_t size = 2 * elbo_model_nstat (c.model) * sizeof (double);
      double *one = statistics (&c, 1);
      for (int t = 0; t < KINDS; t++)
        {
          double *other = statistics (&c, threads[t]);
          same_bytes (one, other, size, "statistics", i, threads[t]);
          free (other);
        }
      free (one);
      gen_close (&c);
    }
}
END_TEST

/* Many rows: leaves are gathered in nodes of several, which small data do not have.  The sum must be
   that of all leaves, pairwise in their order, each made here by a local step of its own. */
static elbo_data *
many_rows (size_t n, double **x)
{
  *x = malloc (2 * n * sizeof **x);
  for (size_t i = 0; i < 2 * n; i++)
    (*x)[i] = elbo_uniform (elbo_key (71, 0, i)) + (double)(i / 2 % 3) * 4;
  gsl_matrix_const_view view = gsl_matrix_const_view_array (*x, n, 2);
  return elbo_data_from_matrix (&view.matrix, NULL);
}

/* Leaves first .. first + count - 1 of `leaf` rows each; count is a power of two. */
static void
pairwise (const elbo_model *model, const double *x, size_t n, size_t leaf, size_t first,
          size_t count, double *stat)
{
  const size_t from = first * leaf, rest = from < n ? n - from : 0;
  if (count > 1 && rest > leaf)
    {
      double *right = elbo_doubles (model->nstat);
      pairwise (model, x, n, leaf, first, count / 2, stat);
      pairwise (model, x, n, leaf, first + count / 2, count / 2, right);
      if (rest > leaf * (count / 2))
        elbo_vector_add (model->nstat, model->pairs, model->npairs, stat, right);
      free (right);
      return;
    }
  elbo_rows rows = ELBO_ROWS (x + 2 * from, rest < leaf ? rest : leaf, 2);
  ck_assert_int_eq (elbo_local (model, &rows, stat), GSL_SUCCESS);
}

START_TEST (test_many_rows)
{
  const size_t n = _i ? 250000 : 120001;
  double *x;
  elbo_data *data = many_rows (n, &x);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_model *model = elbo_model_alloc (3, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  const size_t size = model->nstat;
  double *one = elbo_doubles (size), *sum = elbo_doubles (size);
  size_t *label = malloc (n * sizeof *label);
  for (size_t i = 0; i < n; i++)
    label[i] = i % 3;
  elbo_start *start = NULL;
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, n, 3)), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, data, start, 1, one), GSL_SUCCESS);
  elbo_start_free (start);
  ck_assert_int_eq (elbo_global (model, one), GSL_SUCCESS);
  memset (one, 0, size * sizeof *one);
  ck_assert_int_eq (elbo_pass (model, data, NULL, 1, one), GSL_SUCCESS);
  ck_assert_double_eq_tol (one[0] + one[1] + one[2], (double)n, 1e-8);
  for (int t = 0; t < KINDS; t++)
    {
      memset (sum, 0, size * sizeof *sum);
      ck_assert_int_eq (elbo_pass (model, data, NULL, threads[t], sum), GSL_SUCCESS);
      same_bytes (one, sum, size * sizeof *one, "statistics of many rows", (int)n, threads[t]);
    }
  memset (sum, 0, size * sizeof *sum);
  size_t count = 1;
  const size_t leaf = 4 * ELBO_TILE;
  while (count * leaf < n)
    count *= 2;
  pairwise (model, x, n, leaf, 0, count, sum);
  same_bytes (one, sum, size * sizeof *one, "sums along the tree", (int)n, 0);
  free (label);
  free (one);
  free (sum);
  free (x);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* Everything of an outcome but the seconds. */
static void
same_outcome (const elbo_outcome *a, const elbo_outcome *b, int number, int n)
{
  gen_need (a->status == b->status && a->nrecord == b->nrecord && a->iterations == b->iterations,
            "problem %d: outcomes differ with %d threads", number, n);
  for (size_t i = 0; i < a->nrecord; i++)
    {
      elbo_trace x = a->trace[i], y = b->trace[i];
      x.seconds = y.seconds = 0;
      same_bytes (&x.elbo, &y.elbo, sizeof x - offsetof (elbo_trace, elbo), "traces", number, n);
    }
}

static void
same_model (const elbo_model *a, const elbo_model *b, int number, int n)
{
  gen_need (!a == !b, "problem %d: a model is missing with %d threads", number, n);
  for (size_t f = 0; a && f <= a->nblock; f++)
    same_bytes (a->part[f].param, b->part[f].param, a->part[f].nparam * sizeof (double),
                "parameters", number, n);
}

static void
search (const gen_case *c, int n, elbo_search **result)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 4;
  options.kind = c->problem.seed % 2 ? ELBO_START_KMEANS : ELBO_START_RANDOM;
  options.max_pass = 4;
  options.threads = n;
  search_made (c->model, c->data, c->ranks, &options, NULL, NULL, result);
}

static void
check_predictions (const gen_case *c, const elbo_model *model, int number)
{
  const size_t n = c->problem.n, K = c->problem.ncomp, size = n * (K + 1);
  double *one = elbo_doubles (size);
  ck_assert_int_eq (elbo_predict_data (model, c->data, 1, one, one + n * K), GSL_SUCCESS);
  for (int t = 0; t < KINDS; t++)
    {
      double *other = elbo_doubles (size);
      ck_assert_int_eq (elbo_predict_data (model, c->data, threads[t], other, other + n * K),
                        GSL_SUCCESS);
      same_bytes (one, other, size * sizeof *one, "predictions", number, threads[t]);
      free (other);
    }
  free (one);
}

START_TEST (test_search)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      elbo_search *one, *other;
      open_case (&c, (uint64_t)i);
      search (&c, 1, &one);
      for (int t = 0; t < KINDS; t++)
        {
          search (&c, threads[t], &other);
          gen_need (one->best == other->best && one->found_again == other->found_again,
                    "problem %d: the best differs with %d threads", i, threads[t]);
          gen_need (one->nrun == other->nrun, "problem %d: %zu and %zu runs with %d threads", i,
                    one->nrun, other->nrun, threads[t]);
          for (size_t s = 0; s < one->nrun && s < other->nrun; s++)
            same_outcome (one->outcome + s, other->outcome + s, i, threads[t]);
          same_model (one->model, other->model, i, threads[t]);
          elbo_search_free (other);
        }
      if (one->model)
        check_predictions (&c, one->model, i);
      elbo_search_free (one);
      gen_close (&c);
    }
}
END_TEST

/* A test of threads that has but one says nothing. */
START_TEST (test_parallel)
{
#ifdef _OPENMP
  int most = 0;
#pragma omp parallel num_threads(3)
#pragma omp critical
  most = omp_get_num_threads () > most ? omp_get_num_threads () : most;
  ck_assert_int_eq (most, 3);
#endif
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("threads");
  TCase *tcase = tcase_create ("threads");
  tcase_add_test (tcase, test_parallel);
  tcase_add_test (tcase, test_pass);
  tcase_add_loop_test (tcase, test_many_rows, 0, 2);
  tcase_add_test (tcase, test_search);
  suite_add_tcase (suite, tcase);
  return gen_run (suite);
}
