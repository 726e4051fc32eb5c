/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's checks of each half-step, seen to fail: families and latent structures that lie in
   one place must be found out, with the sentence that says where.

     A0  the counts of the components lack rows
     A1  an E half-step that is not tight; rows and statistics that disagree
     A2  an M half-step that misses its closed form
     A3  a bound that falls */
#include <config.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  N = 40,
  K = 2
};

/* What a lie changes of the true descriptors. */
typedef struct
{
  elbo_belief belief;
  elbo_factor factor, weights;
  elbo_family family;
  elbo_latent latent;
} liar;

static int (*true_assign) (const elbo_shape *, const double *, const elbo_tile *, double *,
                           double *, double *);
static int (*true_sum) (const elbo_shape *, const double *, const double *, elbo_quantity *);
static int (*true_solve) (const elbo_shape *, const double *, const double *, double *);
static double (*true_peak) (const elbo_shape *, const double *, const double *);
static int solved;

static void
make_liar (liar *l)
{
  l->belief = *elbo_poisson->base->posterior;
  l->factor = *elbo_poisson->base;
  l->weights = *elbo_mixture_dirichlet->base;
  l->family = *elbo_poisson;
  l->latent = *elbo_mixture_dirichlet;
  l->factor.posterior = &l->belief;
  l->family.base = &l->factor;
  l->latent.base = &l->weights;
  true_assign = l->latent.assign;
  true_sum = l->factor.sum;
  true_solve = l->belief.solve;
  true_peak = l->belief.peak;
  solved = 0;
}

/* Run a fit with these descriptors; its message. */
static int
run (const liar *l)
{
  double x[N];
  size_t label[N];
  for (size_t i = 0; i < N; i++)
    {
      label[i] = i % 2;
      x[i] = (double)((i % 2 ? 9 : 2) + i % 3);
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, N, 1);
  const elbo_block block = ELBO_BLOCK (&l->family, 0, 1, 0);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (K, &l->latent, &block, 1, ELBO_VB);
  ck_assert_msg (model != NULL, "%s", elbo_message ());
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  double resp[N * K];
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < K; k++)
      resp[i * K + k] = k == label[i] ? 0.75 : 0.25;
  elbo_rows rows = ELBO_ROWS (x, N, 1);
  ck_assert_int_eq (elbo_local_given (model, &rows, resp, K, fit->stat), GSL_SUCCESS);
  int status = elbo_fit_maximise (fit, 'M', NULL);
  if (status == GSL_SUCCESS)
    status = elbo_fit_run (fit, NULL, NULL);
  elbo_fit_free (fit);
  elbo_model_free (model);
  elbo_data_free (data);
  return status;
}

static void
found_out (const liar *l, const char *sentence)
{
  const int status = run (l);
  ck_assert_msg (status == ELBO_EFALL, "%d: %s", status, elbo_message ());
  ck_assert_msg (strstr (elbo_message (), sentence) != NULL, "not '%s': %s", sentence,
                 elbo_message ());
}

START_TEST (test_truth)
{
  liar l;
  make_liar (&l);
  const int status = run (&l);
  ck_assert_msg (status == GSL_SUCCESS, "%d: %s", status, elbo_message ());
}
END_TEST

/* A0 */
static int
lose_a_row (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score,
            double *count, double *stat)
{
  elbo_tile fewer = *tile;
  fewer.n--;
  return true_assign (shape, coef, &fewer, score, count, stat);
}

START_TEST (test_counts)
{
  liar l;
  make_liar (&l);
  l.latent.assign = lose_a_row;
  found_out (&l, "the counts of the components lack 1 of 40 rows");
}
END_TEST

/* A1 */
static int
add_entropy (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score,
             double *count, double *stat)
{
  const int status = true_assign (shape, coef, tile, score, count, stat);
  stat[shape->ncomp + 2 * ELBO_ENTROPY] += 1e-6;
  return status;
}

START_TEST (test_tight)
{
  liar l;
  make_liar (&l);
  l.latent.assign = add_entropy;
  found_out (&l, "the E half-step is not tight by -1e-06");
}
END_TEST

static int
sum_too_much (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *sum)
{
  const int status = true_sum (shape, coef, stat, sum);
  sum->value += 1e-6;
  return status;
}

START_TEST (test_rows_and_statistics)
{
  liar l;
  make_liar (&l);
  l.factor.sum = sum_too_much;
  l.belief.peak = NULL;
  found_out (&l, "rows and statistics disagree on the bound by 1e-06");
}
END_TEST

/* A2 */
static double
peak_too_high (const elbo_shape *shape, const double *prior, const double *stat)
{
  return true_peak (shape, prior, stat) + 1e-6;
}

START_TEST (test_closed_form)
{
  liar l;
  make_liar (&l);
  l.belief.peak = peak_too_high;
  found_out (&l, "the M half-step misses its closed form by 1e-06");
}
END_TEST

/* A3: from the second M on the rates come out three times too large. */
static int
triple (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const int status = true_solve (shape, prior, stat, param);
  if (solved++ > 0)
    for (size_t k = 0; k < shape->ncomp; k++)
      param[k] *= 3;
  return status;
}

START_TEST (test_rise)
{
  liar l;
  make_liar (&l);
  l.belief.solve = triple;
  l.belief.peak = NULL;
  found_out (&l, "half-step M: the bound fell by");
  ck_assert_ptr_nonnull (strstr (elbo_message (), "reconstruction most"));
}
END_TEST

/* A family that fails says so in its own words, from whichever thread. */
static int
refuse (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *score)
{
  (void)shape;
  (void)coef;
  (void)score;
  return elbo_fail (GSL_EDOM, "tile at row %zu cannot be scored", tile->first);
}

static void
refusing_pass (int threads)
{
  enum
  {
    MANY = 20000
  };
  liar l;
  make_liar (&l);
  l.family.score = refuse;
  const elbo_block block = ELBO_BLOCK (&l.family, 0, 1, 0);
  elbo_data *data = elbo_data_alloc (MANY, 1);
  elbo_model *model = elbo_model_alloc (K, &l.latent, &block, 1, ELBO_VB);
  double *stat = elbo_doubles (elbo_model_nstat (model));
  for (size_t i = 0; i < MANY; i++)
    elbo_data_put (data, i, 0, (double)(i % 7));
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_global (model, stat), GSL_SUCCESS);
  ck_assert_int_eq (elbo_pass (model, data, NULL, threads, stat), GSL_EDOM);
  ck_assert_str_eq (elbo_message (), "tile at row 0 cannot be scored");
  free (stat);
  elbo_model_free (model);
  elbo_data_free (data);
}

START_TEST (test_failing_family)
{
  refusing_pass (1);
  refusing_pass (3);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("checks");
  TCase *tcase = tcase_create ("checks");
  tcase_add_test (tcase, test_truth);
  tcase_add_test (tcase, test_counts);
  tcase_add_test (tcase, test_tight);
  tcase_add_test (tcase, test_rows_and_statistics);
  tcase_add_test (tcase, test_closed_form);
  tcase_add_test (tcase, test_rise);
  tcase_add_test (tcase, test_failing_family);
  suite_add_tcase (suite, tcase);
  return gen_run (suite);
}
