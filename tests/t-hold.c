/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Held parameters: fits stay monotone, what is held keeps its bits, and what is free is the best. */
#include <config.h>

#include "base/base.h"
#include "gen.h"

enum
{
  N = 150,
  D = 2,
  K = 3,
  MOST = 256
};

typedef struct
{
  elbo_data *data;
  elbo_model *model;
  size_t nparam[2];
  unsigned char mask[2][MOST];
  double held[2][MOST];
} holding;

static const elbo_family *
structure (size_t i)
{
  const elbo_family *const family[]
      = { elbo_gauss_full, elbo_gauss_tied, elbo_gauss_diag, elbo_gauss_iso };
  return family[i % 4];
}

/* Three clusters, not quite apart. */
static double
cell (size_t i)
{
  return elbo_uniform (elbo_key (5, 1, i)) + elbo_uniform (elbo_key (5, 2, i))
         + (double)(i / D % 3) * 1.5;
}

static void
open_model (holding *h, const elbo_family *family, elbo_method method)
{
  const elbo_block block = ELBO_BLOCK (family, 0, D, 0);
  gsl_matrix *x = gsl_matrix_alloc (N, D);
  memset (h, 0, sizeof *h);
  for (size_t i = 0; i < N * D; i++)
    x->data[i] = cell (i);
  h->data = elbo_data_from_matrix (x, NULL);
  h->model = elbo_model_alloc (K, elbo_mixture_dirichlet, &block, 1, method);
  ck_assert_int_eq (elbo_model_prepare (h->model, h->data), GSL_SUCCESS);
  for (size_t f = 0; f < 2; f++)
    h->nparam[f]
        = elbo_field_total (elbo_model_belief (h->model, f)->param, elbo_model_shape (h->model, f));
  gsl_matrix_free (x);
}

static void
close_model (holding *h)
{
  elbo_model_free (h->model);
  elbo_data_free (h->data);
}

/* Passes from labels, or from what the model believes. */
static void
fit (holding *h, int begin, size_t passes)
{
  elbo_fit_options options;
  size_t label[N];
  for (size_t i = 0; i < N; i++)
    label[i] = i % K;
  elbo_fit_options_init (&options);
  options.max_pass = passes;
  elbo_start *start = elbo_start_labels (label, N, K);
  elbo_fit *fit = elbo_fit_alloc (h->model, h->data, &options);
  ck_assert_msg (fit != NULL, "%s", elbo_message ());
  if (begin)
    ck_assert_int_eq (elbo_fit_start (fit, start), GSL_SUCCESS);
  const int status = elbo_fit_run (fit, NULL, NULL);
  ck_assert_msg (status == GSL_SUCCESS || status == GSL_EMAXITER, "%s", elbo_message ());
  elbo_fit_free (fit);
  elbo_start_free (start);
}

static void
hold (holding *h, size_t f)
{
  ck_assert_msg (elbo_model_hold (h->model, f, h->mask[f]) == GSL_SUCCESS, "%s", elbo_message ());
  elbo_model_param (h->model, f, h->held[f]);
}

static size_t
mean_at (const holding *h)
{
  size_t at = 0;
  ck_assert_ptr_nonnull (elbo_field_find (elbo_model_belief (h->model, 1)->param,
                                          elbo_model_shape (h->model, 1), "mean", &at));
  return at;
}

/* No step of a free parameter from the solution of these statistics raises the bound. */
static void
check_best (holding *h)
{
  const size_t nstat = elbo_model_nstat (h->model);
  double *stat = calloc (nstat, sizeof *stat), best[MOST], moved[MOST], x[N * D];
  for (size_t i = 0; i < N * D; i++)
    x[i] = cell (i);
  const elbo_rows rows = ELBO_ROWS (x, N, D);
  ck_assert_int_eq (elbo_local (h->model, &rows, stat), GSL_SUCCESS);
  ck_assert_int_eq (elbo_global (h->model, stat), GSL_SUCCESS);
  const double top = elbo_bound (h->model, stat, NULL, 0);
  ck_assert (isfinite (top));
  for (size_t trial = 0; trial < 300; trial++)
    {
      const size_t f = trial % 3 == 0 ? 0 : 1;
      double sum = 0, kept = 0;
      elbo_model_param (h->model, f, best);
      memcpy (moved, best, sizeof best);
      const double step = trial % 2 ? 1e-2 : 1e-4;
      for (size_t i = 0; i < h->nparam[f]; i++)
        if (!h->mask[f][i])
          moved[i] += step * (elbo_uniform (elbo_key (6, trial, i)) - 0.5) * (0.1 + fabs (best[i]));
      for (size_t i = 0; i < K && f == 0; i++)
        *(h->mask[0][i] ? &kept : &sum) += moved[i];
      for (size_t i = 0; i < K && f == 0 && elbo_model_method (h->model) != ELBO_VB; i++)
        moved[i] *= h->mask[0][i] ? 1 : (1 - kept) / sum;
      if (f == 1 && elbo_model_field (h->model, "gauss_full.covariance", (size_t[3]){ 0 }))
        for (size_t k = 0; k < K; k++)
          moved[K * D + 4 * k + 2] = moved[K * D + 4 * k + 1];
      if (f == 1 && elbo_model_field (h->model, "gauss_tied.covariance", (size_t[3]){ 0 }))
        moved[K * D + 2] = moved[K * D + 1];
      size_t scale = 0;
      if (f == 1
          && elbo_field_find (elbo_model_belief (h->model, 1)->param,
                              elbo_model_shape (h->model, 1), "scale", &scale))
        for (size_t i = scale; i + 3 < h->nparam[1]; i += 4)
          moved[i + 2] = moved[i + 1];
      if (elbo_model_set_param (h->model, f, moved) == GSL_SUCCESS)
        ck_assert_msg (elbo_bound (h->model, stat, NULL, 0) <= top + 1e-9,
                       "trial %zu: %.17g > %.17g", trial, elbo_bound (h->model, stat, NULL, 0),
                       top);
      ck_assert_int_eq (elbo_model_set_param (h->model, f, best), GSL_SUCCESS);
    }
  free (stat);
}

static void
check_kept (holding *h)
{
  for (size_t f = 0; f < 2; f++)
    {
      double now[MOST];
      elbo_model_param (h->model, f, now);
      for (size_t i = 0; i < h->nparam[f]; i++)
        ck_assert (!h->mask[f][i] || now[i] == h->held[f][i]);
    }
}

static const elbo_method METHOD[] = { ELBO_ML, ELBO_MAP, ELBO_VB };

/* A mean off the rows, so that the covariance about it is another one; and a weight. */
START_TEST (test_means)
{
  holding h;
  double param[MOST];
  open_model (&h, structure ((size_t)_i), METHOD[_i / 4]);
  fit (&h, 1, 3);
  const size_t at = mean_at (&h);
  elbo_model_param (h.model, 1, param);
  param[at] += 0.3;
  param[at + 1] -= 0.2;
  ck_assert_int_eq (elbo_model_set_param (h.model, 1, param), GSL_SUCCESS);
  h.mask[1][at] = h.mask[1][at + 1] = 1;
  hold (&h, 1);
  if (METHOD[_i / 4] != ELBO_VB)
    {
      h.mask[0][1] = 1;
      hold (&h, 0);
    }
  fit (&h, 0, 200);
  check_kept (&h);
  check_best (&h);
  check_kept (&h);
  close_model (&h);
}
END_TEST

/* Covariances of point estimates, and single entries of means where columns are independent. */
START_TEST (test_others)
{
  holding h;
  open_model (&h, structure ((size_t)_i), METHOD[_i / 4]);
  fit (&h, 1, 3);
  const size_t at = mean_at (&h);
  if (METHOD[_i / 4] != ELBO_VB)
    for (size_t i = K * D; i < h.nparam[1]; i++)
      h.mask[1][i] = 1;
  if (_i % 4 >= 2)
    h.mask[1][at] = 1;
  hold (&h, 1);
  fit (&h, 0, 200);
  check_kept (&h);
  check_best (&h);
  close_model (&h);
}
END_TEST

/* What solve would miss is refused. */
START_TEST (test_refusals)
{
  holding h;
  for (size_t method = 0; method < 3; method++)
    for (size_t i = 0; i < 4; i++)
      {
        open_model (&h, structure (i), METHOD[method]);
        fit (&h, 1, 2);
        const size_t at = mean_at (&h), last = h.nparam[1] - 1;
        h.mask[1][at] = 1; /* half a mean */
        ck_assert_int_eq (elbo_model_hold (h.model, 1, h.mask[1]),
                          i < 2 ? ELBO_EUNSUP : GSL_SUCCESS);
        ck_assert_int_eq (elbo_model_hold (h.model, 1, NULL), GSL_SUCCESS);
        h.mask[1][at] = 0;
        h.mask[1][last] = 1; /* a corner of a matrix, one rate */
        ck_assert_int_eq (elbo_model_hold (h.model, 1, h.mask[1]),
                          i < 2 || METHOD[method] == ELBO_VB ? ELBO_EUNSUP : GSL_SUCCESS);
        h.mask[0][0] = 1;
        ck_assert_int_eq (elbo_model_hold (h.model, 0, h.mask[0]),
                          METHOD[method] == ELBO_VB ? ELBO_EUNSUP : GSL_SUCCESS);
        close_model (&h);
      }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("hold");
  TCase *tests = tcase_create ("hold");
  tcase_add_loop_test (tests, test_means, 0, 12);
  tcase_add_loop_test (tests, test_others, 0, 12);
  tcase_add_test (tests, test_refusals);
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
