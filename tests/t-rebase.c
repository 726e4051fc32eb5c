/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics about different pivots: brought to common ones they can be added. */
#include <config.h>

#include <float.h>
#include "base/base.h"
#include "gen.h"
#include "kernel/kernel.h"

/* x = 1000, 1001 about 1000 and x = 1002, 1005 about 1003: scatter about the mean 14; the plain sum of
   the statistics says 5. */
START_TEST (test_example)
{
  const elbo_family *const family[]
      = { elbo_gauss_full, elbo_gauss_tied, elbo_gauss_diag, elbo_gauss_iso };
  const elbo_factor *factor = family[_i]->base;
  const elbo_shape shape = { .ncomp = 1, .dim = 1, .kind = factor->kind };
  /* count, place, first, second */
  double a[] = { 2, 2000, 1, 1 }, b[] = { 2, 2006, 1, 5 }, coef[16] = { 0 };
  const double pivot[] = { 1000, 1003, 0, 1002 };
  for (size_t p = 0; p < 4; p++)
    {
      coef[2] = pivot[p]; /* after constant and mean */
      factor->rebase (&shape, coef, a);
      factor->rebase (&shape, coef, b);
      ck_assert (a[0] == 2 && a[1] == 2 * pivot[p] && a[1] + a[2] == 2001);
      ck_assert (b[0] == 2 && b[1] == 2 * pivot[p] && b[1] + b[2] == 2007);
      ck_assert (a[3] + b[3] - (a[2] + b[2]) * (a[2] + b[2]) / 4 == 14);
    }
}
END_TEST

/* Nothing but Gaussians has pivots, and a component without rows stays as it is. */
START_TEST (test_others)
{
  for (size_t i = 0; elbo_family_at (i); i++)
    {
      const elbo_factor *factor = elbo_family_at (i)->base;
      ck_assert_int_eq (factor->rebase != NULL, strncmp (factor->name, "gauss", 5) == 0);
      if (!factor->rebase)
        continue;
      const elbo_shape shape = { .ncomp = 2, .dim = 2, .kind = factor->kind };
      double stat[32] = { 0 }, coef[64];
      for (size_t c = 0; c < 64; c++)
        coef[c] = 100;
      factor->rebase (&shape, coef, stat);
      for (size_t c = 0; c < 32; c++)
        ck_assert (stat[c] == 0);
    }
}
END_TEST

/* Halves of far data, summed up under the coefficients of two passes, and the whole under the last:
   after merging the statistics agree.  A sum of n numbers s in size is off by n eps s; the numbers of
   a component at distance f standard deviations have sizes up to f^2 n before, and n after a shift by
   a pivot. */
START_TEST (test_halves)
{
  const gen_limits most
      = { .rows = 400, .comps = 3, .dims = 4, .scale = 2, .offset = 3, .hard = 0 };
  gen_case c;
  gen_open (&c, 4711, (uint64_t)_i, &most);
  gen_problem *p = &c.problem;
  const size_t nstat = elbo_model_nstat (c.model), half = p->n / 2;
  double *resp = calloc (p->n * p->ncomp, sizeof *resp);
  double *first = calloc (3 * nstat, sizeof *first), *second = first + nstat,
         *whole = second + nstat;
  elbo_rows rows[]
      = { ELBO_ROWS (p->x, half, p->dim), ELBO_ROWS (p->x + half * p->dim, p->n - half, p->dim),
          ELBO_ROWS (p->x, p->n, p->dim) };
  for (size_t i = 0; i < p->n; i++)
    resp[i * p->ncomp + p->label[i]] = 1;
  const double *part = resp + half * p->ncomp;
  ck_assert_int_eq (elbo_local_given (c.model, rows, resp, p->ncomp, first), GSL_SUCCESS);
  memcpy (whole, first, nstat * sizeof *whole);
  ck_assert_int_eq (elbo_local_given (c.model, rows + 1, part, p->ncomp, whole), GSL_SUCCESS);
  if (elbo_global (c.model, whole) == GSL_SUCCESS) /* an empty component cannot start ML */
    {
      memset (whole, 0, nstat * sizeof *whole);
      ck_assert_int_eq (elbo_local_given (c.model, rows + 1, part, p->ncomp, second), GSL_SUCCESS);
      ck_assert_int_eq (elbo_local_given (c.model, rows + 2, resp, p->ncomp, whole), GSL_SUCCESS);
      ck_assert_int_eq (elbo_stat_merge (c.model, first, second), GSL_SUCCESS);
      const double size = (double)p->n * (1 + p->far * p->far);
      for (size_t i = 0; i < nstat; i++)
        gen_need (fabs (first[i] - whole[i])
                      <= 64 * DBL_EPSILON * (double)p->n * fmax (size, fabs (whole[i])),
                  "problem %d (%s): statistic %zu of %zu is %.17g, not %.17g", _i, gen_tell (p), i,
                  nstat, first[i], whole[i]);
    }
  free (resp);
  free (first);
  gen_close (&c);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rebase");
  TCase *tests = tcase_create ("rebase");
  tcase_add_loop_test (tests, test_example, 0, 4);
  tcase_add_test (tests, test_others);
  tcase_add_loop_test (tests, test_halves, 0, gen_many (60));
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
