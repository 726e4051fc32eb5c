/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches for several K that help each other: starts that change a fit keep what is certain of it,
   the same bits come out for any number of threads and the same optimum for any order of rows, and a
   ladder is never worse than its starts. */
#include <config.h>
#include "gen.h"

enum
{
  PROBLEMS = 40
};

static const gen_limits usual = { 200, 5, 3, 4, 4, 0 };

static elbo_search *
search_of (const gen_case *c, elbo_search_plan plan, int threads, const elbo_model *model,
           int *status)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 3;
  options.plan = plan;
  options.threads = threads;
  options.max_pass = 300;
  elbo_search *s = elbo_search_alloc (model, c->data, c->ranks, &options);
  ck_assert_msg (s, "%s", elbo_message ());
  *status = elbo_search_run (s, NULL, NULL);
  return s;
}

/* Responsibilities of a child [n x K'] from its start, tile by tile. */
static double *
written (const elbo_start *start, const gen_case *c, size_t ncomp)
{
  double *resp = elbo_doubles (c->problem.n * ncomp);
  elbo_model *model = elbo_model_resized (c->model, ncomp);
  ck_assert_msg (model, "%s", elbo_message ());
  ck_assert_int_eq (elbo_start_part (start, model, c->data, 0, c->problem.n, resp), GSL_SUCCESS);
  elbo_model_free (model);
  return resp;
}

/* A child moves responsibility and makes none; a merge joins two columns of its parent. */
static void
check_child (const gen_case *c, const elbo_child *child, const double *before, int number)
{
  const size_t K = c->problem.ncomp, now = child->rows ? K + 1 : K - 1;
  elbo_start *start = elbo_start_child (child, c->problem.n);
  double *resp = written (start, c, now);
  for (size_t i = 0; i < c->problem.n; i++)
    {
      double sum = 0;
      for (size_t k = 0; k < now; k++)
        {
          gen_need (resp[i * now + k] >= 0, "problem %d: responsibility %g", number,
                    resp[i * now + k]);
          sum += resp[i * now + k];
        }
      gen_need (fabs (sum - 1) <= 1e-12, "problem %d, row %zu: %.17g", number, i, sum);
      for (size_t k = 0; child->rows && k < K; k++)
        gen_need (resp[i * now + k] == before[i * K + k] || resp[i * now + k] == 0,
                  "problem %d: component %zu is changed", number, k);
      if (!child->rows)
        gen_need (resp[i * now + child->into]
                      == before[i * K + child->from] + before[i * K + child->into],
                  "problem %d: row %zu is not joined", number, i);
    }
  free (resp);
  elbo_start_free (start);
}

START_TEST (children)
{
  size_t splits = 0, merges = 0;
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      int status;
      gen_open (&c, 61, (uint64_t)i, &usual);
      const size_t K = c.problem.ncomp, n = c.problem.n;
      elbo_search *s = search_of (&c, ELBO_SEARCH_STARTS, 1, c.model, &status);
      elbo_model *other
          = elbo_model_resized (c.model, K + 1); /* not where each has its own prior */
      if (s->model && K > 1 && other)
        {
          elbo_children list = { NULL, 0 };
          double *before = elbo_doubles (n * K);
          s->outcome[s->best].model = s->model; /* as a ladder has it */
          ck_assert_int_eq (elbo_predict_data (s->model, c.data, 1, before, NULL), GSL_SUCCESS);
          ck_assert_int_eq (elbo_split_children (s, s->best, &list), GSL_SUCCESS);
          splits += list.n;
          ck_assert_int_eq (elbo_merge_children (s, s->best, &list), GSL_SUCCESS);
          merges += K * (K - 1) / 2;
          for (size_t j = 0; j < list.n; j++)
            check_child (&c, list.list + j, before, i);
          elbo_children_clear (&list);
          s->outcome[s->best].model = NULL;
          free (before);
        }
      elbo_model_free (other);
      elbo_search_free (s);
      gen_close (&c);
    }
  ck_assert (splits > 0 && merges > 0);
}
END_TEST

START_TEST (threads)
{
  for (int i = 0; i < gen_many (PROBLEMS) / 4; i++)
    {
      gen_case c;
      int a, b;
      gen_open (&c, 62, (uint64_t)i, &usual);
      elbo_search *one = search_of (&c, ELBO_SEARCH_LADDER, 1, c.model, &a);
      elbo_search *three = search_of (&c, ELBO_SEARCH_LADDER, 3, c.model, &b);
      gen_need (a == b && one->nrun == three->nrun && one->best == three->best
                    && one->passes == three->passes,
                "problem %d: %zu and %zu runs", i, one->nrun, three->nrun);
      for (size_t r = 0; r < one->nrun; r++)
        gen_need (memcmp (&one->outcome[r].value, &three->outcome[r].value, sizeof (double)) == 0,
                  "problem %d: run %zu differs", i, r);
      elbo_search_free (one);
      elbo_search_free (three);
      gen_close (&c);
    }
}
END_TEST

/* Three heats of starts, and more. */
START_TEST (not_worse)
{
  size_t better = 0;
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      int a, b;
      gen_open (&c, 63, (uint64_t)i, &usual);
      elbo_search *ladder = search_of (&c, ELBO_SEARCH_LADDER, 2, c.model, &a);
      elbo_search *starts = search_of (&c, ELBO_SEARCH_STARTS, 2, c.model, &b);
      gen_need (a != ELBO_EFALL, "problem %d (%s): %s", i, gen_tell (&c.problem), elbo_message ());
      if (ladder->model && starts->model)
        {
          /* a race may leave behind what three starts keep, but seldom */
          better += elbo_search_value (ladder) > elbo_search_value (starts) + 0.01;
          better -= elbo_search_value (ladder) < elbo_search_value (starts) - 0.01;
        }
      elbo_search_free (ladder);
      elbo_search_free (starts);
      gen_close (&c);
    }
  ck_assert_msg (better > 0 && better < (size_t)-100, "%zd more problems got better than worse",
                 (ssize_t)better);
}
END_TEST

/* A ring of five groups of which random starts join some: the ladder finds all of them, at once. */
START_TEST (ring)
{
  enum
  {
    N = 600,
    K = 12
  };
  gsl_matrix *x = gsl_matrix_alloc (N, 2);
  for (size_t i = 0; i < N; i++)
    {
      const double angle = 2 * acos (-1) * (double)(i % K) / K;
      for (size_t d = 0; d < 2; d++)
        gsl_matrix_set (x, i, d,
                        20 * (d ? sin (angle) : cos (angle)) + elbo_uniform (elbo_key (9, d, i))
                            + elbo_uniform (elbo_key (8, d, i)));
    }
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 1;
  elbo_search *search;
  ck_assert_int_eq (elbo_mixture_search (x, NULL, K, elbo_gauss_full, ELBO_VB, &options, &search),
                    GSL_SUCCESS);
  for (size_t k = 0; k < K; k++)
    ck_assert_double_eq_tol (elbo_search_counts (search)[k], N / K, 1e-6);
  elbo_search_free (search);
  gsl_matrix_free (x);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ladder");
  TCase *tcase = tcase_create ("ladder");
  tcase_add_test (tcase, children);
  tcase_add_test (tcase, threads);
  tcase_add_test (tcase, not_worse);
  tcase_add_test (tcase, ring);
  suite_add_tcase (suite, tcase);
  return gen_run (suite);
}
