/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priors that are learned: the H half-step is the best within its limits, what must not matter does
   not matter, and a component without rows pays nothing. */
#include <config.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  MOST = 64 /* numbers of a prior here */
};

static const elbo_family *const *const FAMILY[]
    = { &elbo_gauss_full, &elbo_gauss_tied, &elbo_gauss_diag, &elbo_gauss_iso };
static const elbo_method METHOD[] = { ELBO_VB, ELBO_MAP };

/* Two groups in two columns, 7 and 0.5 wide, with a multiple and an origin of each column. */
typedef struct
{
  size_t n, dim;
  double x[400], by[2], origin[2];
  const double *weight;
} rows;

static rows
two_groups (size_t n, size_t dim)
{
  rows r = { .n = n, .dim = dim, .by = { 1, 1 } };
  gen_problem p = { .seed = 5 };
  for (size_t i = 0; i < n; i++)
    for (size_t d = 0; d < dim; d++)
      r.x[i * dim + d] = (d ? 0.5 : 7) * gen_normal (&p) + (i % 3 == 0 ? 30 : 0);
  return r;
}

static elbo_data *
data_of (const rows *r)
{
  elbo_data *data = elbo_data_alloc (r->n, r->dim);
  ck_assert_ptr_nonnull (data);
  for (size_t i = 0; i < r->n; i++)
    {
      for (size_t d = 0; d < r->dim; d++)
        elbo_data_put (data, i, d, r->by[d] * r->x[i * r->dim + d] + r->origin[d]);
      if (r->weight)
        ck_assert_int_eq (elbo_data_put_weight (data, i, r->weight[i]), GSL_SUCCESS);
    }
  return data;
}

typedef struct
{
  elbo_data *data;
  elbo_model *model;
  elbo_fit *fit;
} fitted;

/* A fit begun from the groups, K components of which those from the third on have no rows; label
   [n] or NULL: rows by their number. */
static fitted
begin (const rows *r, const elbo_family *family, const elbo_latent *latent, elbo_method method,
       size_t K, const size_t *label)
{
  fitted f = { .data = data_of (r) };
  const elbo_block block = ELBO_BLOCK (family, 0, r->dim, 0);
  size_t own[400];
  elbo_start *start = NULL;
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.tol = 1e-14;
  options.max_pass = 5000;
  for (size_t i = 0; i < r->n; i++)
    own[i] = label ? label[i] : K == 1 ? 0 : i % 3 == 0;
  f.model = elbo_model_alloc (K, latent, &block, 1, method);
  ck_assert_msg (elbo_model_prepare (f.model, f.data) == GSL_SUCCESS, "%s", elbo_message ());
  f.fit = elbo_fit_alloc (f.model, f.data, &options);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (own, r->n, K)), GSL_SUCCESS);
  ck_assert_msg (elbo_fit_start (f.fit, start) == GSL_SUCCESS, "%s", elbo_message ());
  elbo_start_free (start);
  return f;
}

static void
run (fitted *f)
{
  const int status = elbo_fit_run (f->fit, NULL, NULL);
  ck_assert_msg (status == GSL_SUCCESS || status == GSL_EMAXITER, "%s", elbo_message ());
}

static void
end (fitted *f)
{
  elbo_fit_free (f->fit);
  elbo_model_free (f->model);
  elbo_data_free (f->data);
}

static double
cost_of (const elbo_part *part, const double *prior)
{
  elbo_quantity q = { 0, 0, 1, 0 };
  ck_assert_int_eq (part->belief->cost (&part->shape, prior, part->param, &q), GSL_SUCCESS);
  return q.value;
}

/* --- the half-step --------------------------------------------------------------------------------- */

/* No other value of any learned number costs less, be it near or anywhere within the limits. */
START_TEST (test_minimum)
{
  gen_problem p = { .seed = 9 };
  const rows r = two_groups (60, 2);
  const elbo_method method = METHOD[_i % 2];
  fitted f = begin (&r, *FAMILY[_i / 2], elbo_mixture_dirichlet, method, 3, NULL);
  for (int pass = 0; pass < 4; pass++)
    {
      elbo_part *part = f.model->part + 1;
      ck_assert_int_eq (elbo_fit_pass (f.fit), GSL_SUCCESS);
      ck_assert_int_eq (elbo_global (f.model, f.fit->stat), GSL_SUCCESS);
      ck_assert_int_eq (elbo_learn (f.model), GSL_SUCCESS);
      const double least = cost_of (part, part->prior);
      size_t learned = 0;
      for (size_t i = 0; i < part->nprior; i++)
        for (int try = 0; part->low[i] < part->high[i] && try < 20; try++)
          {
            const double ratio = part->high[i] / part->low[i];
            const double other = try < 2    ? part->prior[i] * (try ? 1.001 : 0.999)
                                 : try == 2 ? part->low[i]
                                 : try == 3 ? part->high[i]
                                            : part->low[i] * pow (ratio, gen_uniform (&p));
            const double kept = part->prior[i];
            part->prior[i] = fmin (part->high[i], fmax (part->low[i], other));
            gen_need (cost_of (part, part->prior) >= least - 1e-10 * (1 + fabs (least)),
                      "%s, number %zu: %.17g costs less than %.17g", part->factor->name, i,
                      part->prior[i], kept);
            part->prior[i] = kept;
            learned += try == 0;
          }
      ck_assert_uint_ge (learned, 2);
    }
  end (&f);
}
END_TEST

/* M, H, E; each H a rise; of a fixed prior none. */
START_TEST (test_trace)
{
  const rows r = two_groups (60, 2);
  fitted f = begin (&r, *FAMILY[_i / 2], elbo_mixture_dirichlet, METHOD[_i % 2], 2, NULL);
  run (&f);
  double gain = 0;
  for (size_t i = 0; i < elbo_fit_nrecord (f.fit); i++)
    {
      const elbo_trace *t = elbo_fit_record (f.fit, i);
      ck_assert_int_eq (t->half, "MHE"[i % 3]);
      ck_assert (t->half != 'H' || t->gain >= -t->tau);
      gain += t->half == 'H' ? t->gain : 0;
    }
  ck_assert_double_gt (gain, 1e-4);
  end (&f);
}
END_TEST

START_TEST (test_fixed)
{
  const rows r = two_groups (60, 2);
  fitted f = begin (&r, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_VB, 2, NULL);
  double prior[MOST], after[MOST], low[MOST], high[MOST];
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, low, high), 3);
  ck_assert_uint_eq (elbo_model_learned (f.model, 0, low, high), 0);
  ck_assert_uint_eq (elbo_model_learned (f.model, 2, low, high), 0);
  ck_assert_int_eq (elbo_model_prior (f.model, 1, prior), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_prior (f.model, 1, prior), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, low, high), 0);
  ck_assert (memcmp (low, prior, 9 * sizeof *low) == 0);
  run (&f);
  ck_assert_int_eq (elbo_model_prior (f.model, 1, after), GSL_SUCCESS);
  ck_assert (memcmp (prior, after, 9 * sizeof *after) == 0);
  for (size_t i = 2; i < elbo_fit_nrecord (f.fit); i++)
    ck_assert (elbo_fit_record (f.fit, i)->half != 'H');
  end (&f);
}
END_TEST

START_TEST (test_limits)
{
  const rows r = two_groups (60, 2);
  fitted f = begin (&r, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_VB, 2, NULL);
  double low[MOST], high[MOST], prior[MOST];
  elbo_model_learned (f.model, 1, low, high);
  /* only kappa, and from above where it stands */
  low[0] = 0.5;
  high[0] = 0.75;
  for (size_t i = 1; i < 10; i++)
    low[i] = high[i];
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, low, high), GSL_SUCCESS);
  elbo_model_prior (f.model, 1, prior);
  ck_assert_double_eq (prior[0], 0.5);
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, low, high), 1);
  ck_assert_double_eq (low[4], prior[4]);
  high[0] = 0.1;
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, low, high), GSL_EINVAL);
  high[0] = NAN;
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, low, high), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_set_learned (f.model, 7, low, low), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_set_learned (f.model, 0, low, low), ELBO_EUNSUP);
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, low, NULL), GSL_EFAULT);
  ck_assert_int_eq (elbo_model_set_learned (NULL, 1, low, low), GSL_EFAULT);
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, NULL, NULL), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, NULL, NULL), 0);
  elbo_model_prefer_learned (f.model, 0);
  ck_assert_int_eq (elbo_model_prepare (f.model, f.data), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, NULL, NULL), 0);
  elbo_model_prefer_learned (f.model, 1);
  ck_assert_int_eq (elbo_model_prepare (f.model, f.data), GSL_SUCCESS);
  ck_assert_uint_eq (elbo_model_learned (f.model, 1, NULL, NULL), 3);
  /* the degrees of freedom have no best value in closed form */
  elbo_model_learned (f.model, 1, low, high);
  high[1] = 9;
  ck_assert_int_eq (elbo_model_set_learned (f.model, 1, low, high), GSL_SUCCESS);
  ck_assert_int_eq (elbo_learn (f.model), ELBO_EUNSUP);
  end (&f);
}
END_TEST

/* --- what must not matter ------------------------------------------------------------------------- */

static void
same (const rows *a, const rows *b, double shift, const elbo_family *family, const size_t *label)
{
  fitted f = begin (a, family, elbo_mixture_dirichlet, ELBO_VB, 2, NULL);
  fitted g = begin (b, family, elbo_mixture_dirichlet, ELBO_VB, 2, label);
  double p[MOST], q[MOST];
  run (&f);
  run (&g);
  const double value = elbo_fit_value (f.fit);
  ck_assert_double_eq_tol (elbo_fit_value (g.fit) + shift, value, 1e-8 * fabs (value));
  ck_assert_int_eq (elbo_model_prior (f.model, 1, p), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_prior (g.model, 1, q), GSL_SUCCESS);
  ck_assert_double_eq_tol (p[0], q[0], 1e-6 * p[0]);
  end (&f);
  end (&g);
}

START_TEST (test_units)
{
  const rows a = two_groups (60, 2);
  const int common = *FAMILY[_i] == elbo_gauss_iso;
  rows b = a;
  b.by[0] = 2.54;
  b.by[1] = common ? 2.54 : 1e-3;
  b.origin[0] = -300;
  same (&a, &b, 60 * (log (b.by[0]) + log (b.by[1])), *FAMILY[_i], NULL);
}
END_TEST

/* Rows in another order; rows of weight 0; a weight of 2 for a copy.  Whole numbers, so that ties and
   steps are counted. */
START_TEST (test_rows)
{
  rows a = two_groups (60, 2), b = a, c = a, d = a;
  double weight[120], twice[60];
  size_t label[120];
  for (size_t i = 0; i < 120; i++)
    a.x[i] = round (a.x[i]);
  memcpy (b.x, a.x, sizeof a.x);
  memcpy (c.x, a.x, sizeof a.x);
  memcpy (d.x, a.x, sizeof a.x);
  for (size_t i = 0; i < 60; i++)
    {
      memcpy (b.x + 2 * i, a.x + 2 * (59 - i), 2 * sizeof *b.x);
      label[i] = (59 - i) % 3 == 0;
    }
  same (&a, &b, 0, elbo_gauss_full, label);
  for (size_t i = 0; i < 120; i++)
    {
      weight[i] = i < 60;
      label[i] = i % 3 == 0;
      if (i >= 60) /* fractions, and a value that many have */
        c.x[2 * i] = 0.25, c.x[2 * i + 1] = 17.125;
    }
  c.n = 120;
  c.weight = weight;
  same (&a, &c, 0, elbo_gauss_full, label);
  memcpy (c.x + 120, a.x, 120 * sizeof *c.x);
  c.weight = NULL;
  for (size_t i = 0; i < 60; i++)
    twice[i] = 2;
  d.weight = twice;
  same (&d, &c, 0, elbo_gauss_full, label);
}
END_TEST

/* --- ties --------------------------------------------------------------------------------------------- */

static double
resolution_of (const double *x, size_t n)
{
  rows r = { .n = n, .dim = 1, .by = { 1, 1 } };
  memcpy (r.x, x, n * sizeof *x);
  elbo_data *data = data_of (&r);
  ck_assert_int_eq (elbo_data_summarise (data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_data_resolve (data, 0, 1), GSL_SUCCESS);
  const double resolution = data->resolution[0];
  elbo_data_free (data);
  return resolution;
}

/* Steps of a lattice; a value that a third of the rows share; a column without spread. */
START_TEST (test_resolution)
{
  double x[200];
  gen_problem p = { .seed = 3 };
  for (size_t i = 0; i < 200; i++)
    x[i] = 0.1 * round (300 * gen_uniform (&p));
  ck_assert_double_eq_tol (resolution_of (x, 200), 0.1 / sqrt (12), 1e-10);
  for (size_t i = 0; i < 200; i++)
    x[i] = i % 3 ? gen_normal (&p) : 0;
  const double coarse = resolution_of (x, 200);
  ck_assert_double_ge (coarse, 0.2);
  ck_assert_double_le (coarse, 0.4);
  for (size_t i = 0; i < 200; i++)
    x[i] = 0.1;
  ck_assert (isinf (resolution_of (x, 200)));
}
END_TEST

/* 40 rows at 50 +- 0.001 and 40 at 60 +- 0.001, to five decimals: the width of the groups is found,
   which no prior from the spread of all rows allows. */
START_TEST (test_tight)
{
  rows r = { .n = 80, .dim = 1, .by = { 1, 1 } };
  gen_problem p = { .seed = 8 };
  size_t label[80];
  double sd[2] = { 0, 0 }, mean[2] = { 0, 0 };
  for (size_t i = 0; i < 80; i++)
    {
      label[i] = i % 2;
      r.x[i] = 1e-5 * round (1e5 * ((i % 2 ? 60 : 50) + 0.001 * gen_normal (&p)));
      mean[i % 2] += r.x[i] / 40;
    }
  for (size_t i = 0; i < 80; i++)
    sd[i % 2] += pow (r.x[i] - mean[i % 2], 2) / 40;
  fitted f = begin (&r, elbo_gauss_full, elbo_mixture_dirichlet, ELBO_VB, 2, label);
  run (&f);
  for (size_t k = 0; k < 2; k++)
    {
      double view[4];
      ck_assert_int_eq (elbo_model_describe (f.model, 0, k, view, NULL, NULL, NULL), GSL_SUCCESS);
      ck_assert_double_eq_tol (view[1] / sqrt (sd[k]), 1, 0.05);
    }
  end (&f);
}
END_TEST

/* --- components without rows --------------------------------------------------------------------------- */

/* A component without rows costs what the weights cost and nothing else, and leaves what is
   learned as it is: ELBO + log P changes by log (K (K + 1) / (N + K)). */
START_TEST (test_empty)
{
  const rows r = two_groups (60, 2);
  double value[2], width[2];
  for (size_t i = 0; i < 2; i++)
    {
      double prior[MOST];
      fitted f = begin (&r, *FAMILY[_i], elbo_mixture_dirichlet, ELBO_VB, 2 + i, NULL);
      run (&f);
      value[i] = elbo_fit_value (f.fit) + elbo_model_multiplicity (f.model);
      elbo_model_prior (f.model, 1, prior);
      width[i] = prior[f.model->part[1].nprior - 3]; /* the last of the scale */
      end (&f);
    }
  ck_assert_double_eq_tol (value[1] - value[0], log (2. * 3 / 62), 1e-4);
  ck_assert_double_eq_tol (width[1] / width[0], 1, 1e-4);
}
END_TEST

/* Sticks: the bound does not depend on where they are cut. */
START_TEST (test_sticks)
{
  const rows r = two_groups (60, 1);
  double value[2];
  for (size_t i = 0; i < 2; i++)
    {
      fitted f = begin (&r, elbo_gauss_full, _i ? elbo_mixture_stick_closed : elbo_mixture_stick,
                        ELBO_VB, i ? 20 : 5, NULL);
      run (&f);
      value[i] = elbo_fit_value (f.fit);
      end (&f);
    }
  ck_assert_double_eq_tol (value[0], value[1], 1e-6);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("learned priors");
  TCase *tests = tcase_create ("learned priors");
  tcase_add_loop_test (tests, test_minimum, 0, 8);
  tcase_add_loop_test (tests, test_trace, 0, 8);
  tcase_add_test (tests, test_fixed);
  tcase_add_test (tests, test_limits);
  tcase_add_loop_test (tests, test_units, 0, 4);
  tcase_add_test (tests, test_rows);
  tcase_add_test (tests, test_resolution);
  tcase_add_test (tests, test_tight);
  tcase_add_loop_test (tests, test_empty, 0, 4);
  tcase_add_loop_test (tests, test_sticks, 0, 2);
  suite_add_tcase (suite, tests);
  return gen_run (suite);
}
