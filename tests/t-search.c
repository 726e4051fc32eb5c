/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many starts and the best of them; criteria; the front door for a matrix. */
#include <config.h>
#include <float.h>
#include "engine/engine.h"
#include "gen.h"

enum
{
  PROBLEMS = 40
};

static const gen_limits usual = { 150, 5, 3, 4, 4, 0 };

static elbo_search_options
some_starts (const gen_case *c, size_t starts)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = starts;
  options.kind = c->problem.seed % 2 ? ELBO_START_KMEANS : ELBO_START_RANDOM;
  options.seed = c->problem.seed;
  options.max_pass = 60;
  options.plan = ELBO_SEARCH_STARTS;
  return options;
}

static int
usable (const elbo_outcome *o)
{
  return o->status == GSL_SUCCESS || o->status == GSL_EMAXITER;
}

/* Which start is best, found anew from the outcomes. */
static size_t
best_of (const elbo_search *result, double slack)
{
  double most = -INFINITY;
  for (size_t i = 0; i < result->nstart; i++)
    if (usable (result->outcome + i))
      most = fmax (most, result->outcome[i].value);
  for (size_t i = 0; i < result->nstart; i++)
    if (usable (result->outcome + i) && result->outcome[i].value >= most - slack)
      return i;
  return result->nstart;
}

static void
check_model (const gen_case *c, const elbo_search *result, int number)
{
  const size_t K = c->problem.ncomp;
  double sum = 0;
  for (size_t k = 0; k < K; k++)
    {
      sum += result->outcome[result->best].count[k];
      gen_need (c->problem.latent->order != ELBO_ORDER_FREE || k == 0
                    || result->outcome[result->best].count[k]
                           <= result->outcome[result->best].count[k - 1] * (1 + 2.1e-9) + 1e-11,
                "problem %d: components are not sorted", number);
    }
  gen_need (fabs (sum - elbo_data_total (c->data)) <= 1e-11 * sum, "problem %d: counts sum to %g",
            number, sum);
  /* the value belongs to the model that is handed out */
  elbo_model *model = elbo_model_clone (result->model);
  elbo_fit *fit = elbo_fit_alloc (model, c->data, NULL);
  gen_need (elbo_fit_pass (fit) == GSL_SUCCESS, "problem %d: %s", number, elbo_message ());
  const elbo_outcome *best = result->outcome + result->best;
  const double tau = best->trace[best->nrecord - 1].tau;
  gen_need (fabs (elbo_fit_value (fit) - best->value) <= tau, "problem %d: %.17g and %.17g", number,
            elbo_fit_value (fit), best->value);
  for (size_t k = 0; k < K; k++)
    gen_need (fabs (elbo_fit_counts (fit)[k] - result->outcome[result->best].count[k])
                  <= 1e-9 * sum,
              "problem %d: count %zu is of another component", number, k);
  gen_need (fabs (elbo_fit_entropy (fit) - result->outcome[result->best].entropy)
                <= 1e-9 * (1 + sum),
            "problem %d: entropy", number);
  elbo_fit_free (fit);
  elbo_model_free (model);
}

START_TEST (test_best)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      elbo_search *result;
      gen_open (&c, 51, (uint64_t)i, &usual);
      const elbo_search_options options = some_starts (&c, 6);
      const int status = search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &result);
      const size_t best = best_of (result, 4e-8 * elbo_data_total (c.data));
      size_t again = 0;
      gen_need (status != ELBO_EFALL && status != ELBO_ENUMERIC, "problem %d (%s): %s", i,
                gen_tell (&c.problem), elbo_message ());
      gen_need (result->nstart == 6 && result->best == best, "problem %d: best is %zu, not %zu", i,
                result->best, best);
      gen_need (!result->model == (best == 6), "problem %d: a model without a best start", i);
      for (size_t s = 0; s < 6; s++)
        {
          const elbo_outcome *o = result->outcome + s;
          gen_need (!o->message == (o->status == GSL_SUCCESS), "problem %d: message", i);
          gen_need (!usable (o) || o->trace[o->nrecord - 1].elbo == o->value, "problem %d: value",
                    i);
          again += best < 6 && usable (o) && o->value >= result->outcome[best].value - 0.01;
        }
      gen_need (result->found_again == again, "problem %d: found %zu times, not %zu", i,
                result->found_again, again);
      if (result->model)
        {
          gen_need (status == result->outcome[best].status, "problem %d: status %d", i, status);
          check_model (&c, result, i);
        }
      else
        gen_need (c.problem.method == ELBO_ML && status != GSL_SUCCESS, "problem %d: none", i);
      elbo_search_free (result);
      gen_close (&c);
    }
}
END_TEST

/* A start is a function of seed and number: a search of more starts begins with the same ones. */
START_TEST (test_prefix)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      elbo_search *few, *many;
      gen_open (&c, 52, (uint64_t)i, &usual);
      elbo_search_options options = some_starts (&c, 2);
      search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &few);
      options.starts = 5;
      search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &many);
      for (size_t s = 0; s < 2; s++)
        gen_need (
            few->outcome[s].status == many->outcome[s].status
                && few->outcome[s].nrecord == many->outcome[s].nrecord
                && (!usable (few->outcome + s) || few->outcome[s].value == many->outcome[s].value),
            "problem %d: start %zu differs", i, s);
      if (few->model)
        gen_need (many->model
                      && many->outcome[many->best].value
                             >= few->outcome[few->best].value - 4e-8 * elbo_data_total (c.data),
                  "problem %d: more starts are worse", i);
      elbo_search_free (few);
      elbo_search_free (many);
      gen_close (&c);
    }
}
END_TEST

/* --- watching ------------------------------------------------------------------------------ */

typedef struct
{
  size_t ended, passes, stop_after;
} watched;

static int
watch (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  watched *w = arg;
  (void)start;
  gen_need (fit != NULL, "no fit to watch");
  w->ended += outcome != NULL;
  w->passes += outcome == NULL;
  return w->ended >= w->stop_after;
}

START_TEST (test_watch)
{
  gen_case c;
  elbo_search *result;
  watched w = { 0, 0, SIZE_MAX };
  do
    gen_open (&c, 53, (uint64_t)w.passes++, &usual);
  while (c.problem.method != ELBO_VB && (gen_close (&c), 1));
  w.passes = 0;
  elbo_search_options options = some_starts (&c, 5);
  const int status = search_made (c.model, c.data, c.ranks, &options, watch, &w, &result);
  ck_assert (status == GSL_SUCCESS || status == GSL_EMAXITER);
  size_t passes = 0;
  for (size_t s = 0; s < 5; s++)
    passes += result->outcome[s].iterations;
  ck_assert_uint_eq (w.ended, 5);
  ck_assert_uint_eq (w.passes, passes);
  elbo_search_free (result);
  /* asked to stop when two have ended: the best so far is kept */
  w = (watched){ 0, 0, 2 };
  ck_assert_int_eq (search_made (c.model, c.data, c.ranks, &options, watch, &w, &result),
                    ELBO_ESTOP);
  ck_assert_ptr_nonnull (result->model);
  ck_assert_uint_lt (result->best, 2);
  for (size_t s = 2; s < 5; s++)
    ck_assert_int_eq (result->outcome[s].status, ELBO_ESTOP);
  elbo_search_free (result);
  gen_close (&c);
}
END_TEST

/* --- short runs ---------------------------------------------------------------------------- */

enum
{
  LARGE = 100000,
  WIDE = 8,
  MANY = 10,
  TRIALS = 4
};

static elbo_data *
large_data (void)
{
  elbo_data *data = elbo_data_alloc (LARGE, WIDE);
  ck_assert_ptr_nonnull (data);
  for (size_t i = 0; i < LARGE; i++)
    for (size_t d = 0; d < WIDE; d++)
      elbo_data_put (data, i, d,
                     2 * cos ((double)(i % 9 * (d + 1))) + elbo_uniform (elbo_key (1, d, i)));
  return data;
}

/* What must hold when a third of the starts was carried on. */
static void
check_carried (const elbo_search *result)
{
  const elbo_outcome *o = result->outcome;
  size_t ended = 0;
  double least = INFINITY, left = -INFINITY;
  ck_assert_uint_eq (result->carried, (TRIALS + 2) / 3);
  for (size_t s = 0; s < TRIALS; s++)
    {
      ck_assert (isfinite (o[s].value) && o[s].nrecord > 1);
      if (o[s].status == GSL_CONTINUE)
        left = fmax (left, o[s].value);
      else
        {
          ended++;
          least = fmin (least, o[s].value);
        }
    }
  ck_assert_uint_eq (ended, result->carried);
  /* values only rise, so none that was left lay above one that went on */
  ck_assert (least >= left);
  ck_assert_int_ne (o[result->best].status, GSL_CONTINUE);
  ck_assert_uint_le (result->found_again, result->carried);
}

START_TEST (test_short_runs)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, WIDE, 0);
  elbo_data *data = large_data ();
  elbo_model *model = elbo_model_alloc (MANY, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_search_options options;
  elbo_search_options_init (&options);
  elbo_ranks *ranks;
  elbo_search *one, *two;
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_ptr_nonnull (ranks = elbo_ranks_alloc (data));
  options.starts = TRIALS;
  options.max_pass = 6;
  options.threads = 1;
  search_made (model, data, ranks, &options, NULL, NULL, &one);
  check_carried (one);
  options.threads = 2;
  search_made (model, data, ranks, &options, NULL, NULL, &two);
  ck_assert_uint_eq (one->best, two->best);
  for (size_t s = 0; s < TRIALS; s++)
    {
      ck_assert_int_eq (one->outcome[s].status, two->outcome[s].status);
      ck_assert (one->outcome[s].value == two->outcome[s].value);
    }
  elbo_search_free (one);
  elbo_search_free (two);
  elbo_ranks_free (ranks);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

/* --- starts that are given ----------------------------------------------------------------- */

START_TEST (test_given)
{
  gen_case c;
  elbo_search *first, *second;
  elbo_start *start = NULL;
  gen_open (&c, 54, 4, &usual);
  elbo_search_options options = some_starts (&c, 3);
  options.kind = ELBO_START_RANDOM;
  options.max_pass = 300;
  search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &first);
  ck_assert_ptr_nonnull (first->model);
  /* from its own parameters: the records begin with E, and nothing is lost */
  options.kind = ELBO_START_GIVEN;
  options.given = NULL;
  const int status = search_made (first->model, c.data, NULL, &options, NULL, NULL, &second);
  ck_assert_msg (status == GSL_SUCCESS, "%s", elbo_message ());
  ck_assert_uint_eq (second->nstart, 1);
  ck_assert_int_eq (second->outcome[0].trace[0].half, 'E');
  const elbo_trace *t = second->outcome[0].trace;
  ck_assert (second->outcome[0].value >= first->outcome[first->best].value - t->tau);
  elbo_search_free (second);
  ck_assert_int_eq (
      start_made (&start, elbo_start_labels (c.problem.label, c.problem.n, c.problem.ncomp)),
      GSL_SUCCESS);
  options.given = start;
  search_made (c.model, c.data, NULL, &options, NULL, NULL, &second);
  ck_assert_int_eq (second->outcome[0].trace[0].half, 'M');
  elbo_search_free (second);
  elbo_search_free (first);
  gen_close (&c);
}
END_TEST

START_TEST (test_arguments)
{
  gen_case c;
  elbo_search *result;
  gen_open (&c, 55, 1, &usual);
  elbo_search_options options = some_starts (&c, 0);
  ck_assert_int_eq (search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &result),
                    GSL_EINVAL);
  ck_assert_ptr_null (result);
  elbo_search_free (NULL);
  gen_close (&c);
}
END_TEST

/* --- criteria ------------------------------------------------------------------------------ */

/* BIC, AIC and both ICL from responsibilities and densities that elbo_predict gives. */
START_TEST (test_criteria)
{
  for (int i = 0; i < gen_many (PROBLEMS); i++)
    {
      gen_case c;
      elbo_search *result;
      double got[ELBO_NCRITERION], again[ELBO_NCRITERION];
      gen_open (&c, 56, (uint64_t)i, &usual);
      const gen_problem *p = &c.problem;
      const size_t K = p->ncomp;
      const elbo_search_options options = some_starts (&c, 3);
      search_made (c.model, c.data, c.ranks, &options, NULL, NULL, &result);
      if (result->model && p->method != ELBO_VB)
        {
          double *resp = elbo_doubles (p->n * K), *density = elbo_doubles (p->n);
          double l = 0, soft = 0, hard = 0, total = 0;
          ck_assert_int_eq (elbo_search_criteria (result, ELBO_NCRITERION, got), GSL_SUCCESS);
          ck_assert_int_eq (elbo_criteria_of (result->model, c.data, 2, ELBO_NCRITERION, again),
                            GSL_SUCCESS);
          for (size_t k = 0; k < ELBO_NCRITERION; k++)
            gen_need (fabs (got[k] - again[k]) <= 1e-9 * (1 + fabs (got[k])),
                      "problem %d: criterion %zu of the model is %.17g, of the search %.17g", i, k,
                      again[k], got[k]);
          ck_assert_int_eq (elbo_predict_data (result->model, c.data, 1, resp, density),
                            GSL_SUCCESS);
          for (size_t r = 0; r < p->n; r++)
            {
              const double w = p->weight ? p->weight[r] : 1;
              double most = 0;
              for (size_t k = 0; k < K; k++)
                {
                  const double q = resp[r * K + k];
                  soft -= w > 0 && q > 0 ? w * q * log (q) : 0;
                  most = fmax (most, q);
                }
              total += w;
              l += w > 0 ? w * density[r] : 0;
              hard -= w > 0 ? w * log (most) : 0;
            }
          const double parameters = (double)elbo_model_freedom (result->model);
          const double bic = -2 * l + parameters * log (total);
          const double slack = 1e-8 * (1 + fabs (l) + total);
          gen_need (fabs (got[ELBO_BIC] - bic) <= slack, "problem %d: BIC %g, not %g", i,
                    got[ELBO_BIC], bic);
          gen_need (fabs (got[ELBO_AIC] - (-2 * l + 2 * parameters)) <= slack, "problem %d: AIC",
                    i);
          gen_need (fabs (got[ELBO_ICL] - (bic + 2 * soft)) <= slack, "problem %d: ICL", i);
          gen_need (fabs (got[ELBO_ICL_HARD] - (bic + 2 * hard)) <= slack,
                    "problem %d (%s): %g, not %g", i, gen_tell (p), got[ELBO_ICL_HARD],
                    bic + 2 * hard);
          free (resp);
          free (density);
        }
      elbo_search_free (result);
      gen_close (&c);
    }
}
END_TEST

/* --- the front door ------------------------------------------------------------------------ */

START_TEST (test_matrix)
{
  double x[240], w[80], value = 0, weight[3];
  elbo_model *model = NULL;
  for (size_t i = 0; i < 80; i++)
    {
      w[i] = 1 + (double)(i % 2);
      x[3 * i] = 10 * (double)(i % 3 ? i % 3 : 0) + elbo_uniform (elbo_key (1, 0, i));
      x[3 * i + 1] = -x[3 * i] + elbo_uniform (elbo_key (1, 1, i));
      x[3 * i + 2] = NAN; /* beyond the view */
    }
  gsl_matrix_const_view view = gsl_matrix_const_view_array_with_tda (x, 80, 2, 3);
  gsl_vector_const_view weights = gsl_vector_const_view_array (w, 80);
  ck_assert_int_eq (elbo_mixture_fit (&view.matrix, &weights.vector, 3, elbo_gauss_diag, ELBO_VB,
                                      NULL, &model, &value),
                    GSL_SUCCESS);
  ck_assert (isfinite (value));
  elbo_model_weights (model, weight);
  ck_assert (weight[0] >= weight[1] && weight[1] >= weight[2] && weight[2] > 0.25);
  gsl_vector *density = gsl_vector_alloc (80);
  ck_assert_int_eq (elbo_predict (model, &view.matrix, 1, NULL, density), GSL_SUCCESS);
  ck_assert (gsl_vector_min (density) > -20);
  gsl_vector_free (density);
  elbo_model_free (model);
  ck_assert_int_ne (
      elbo_mixture_fit (&view.matrix, NULL, 0, elbo_gauss_diag, ELBO_VB, NULL, &model, &value),
      GSL_SUCCESS);
  ck_assert (model == NULL && isnan (value));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("search");
  TCase *tcase = tcase_create ("search");
  tcase_add_test (tcase, test_best);
  tcase_add_test (tcase, test_prefix);
  tcase_add_test (tcase, test_watch);
  if (!getenv ("ELBO_QUICK"))
    tcase_add_test (tcase, test_short_runs);
  tcase_add_test (tcase, test_given);
  tcase_add_test (tcase, test_arguments);
  tcase_add_test (tcase, test_criteria);
  tcase_add_test (tcase, test_matrix);
  suite_add_tcase (suite, tcase);
  return gen_run (suite);
}
