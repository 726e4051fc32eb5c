/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a family needs nothing but its file and a line of the registry for: found by name, fitted by
   each method and under each latent structure with any number of threads, checked at every
   half-step, described, predicted, drawn, written to a model file and read again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>

enum
{
  N = 400,
  K = 2
};

static int failures;

static void
need (int holds, const char *what, const char *where)
{
  if (!holds)
    printf ("%s: %s (%s)\n", where, what, elbo_message ());
  failures += !holds;
}

static elbo_data *
times (void)
{
  gsl_matrix *x = gsl_matrix_alloc (N, 2);
  for (size_t i = 0; i < N; i++)
    for (size_t d = 0; d < 2; d++)
      gsl_matrix_set (
          x, i, d, -log (elbo_uniform (elbo_key (5, d, i))) * (i % 2 ? 1 : 40) * (double)(d + 1));
  elbo_data *data = elbo_data_from_matrix (x, NULL);
  gsl_matrix_free (x);
  return data;
}

static double
search (const elbo_family *family, const elbo_latent *latent, elbo_method method, int threads,
        elbo_data *data, elbo_model **best)
{
  const elbo_block block = ELBO_BLOCK (family, 0, 2, 0);
  elbo_model *model = elbo_model_alloc (K, latent, &block, 1, method);
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.threads = threads;
  options.starts = 3;
  double value = NAN;
  if (model && elbo_model_prepare (model, data) == GSL_SUCCESS)
    {
      elbo_search *s = elbo_search_alloc (model, data, NULL, &options);
      if (elbo_search_run (s, NULL, NULL) == GSL_SUCCESS)
        {
          value = elbo_search_value (s);
          *best = elbo_search_take_model (s);
        }
      elbo_search_free (s);
    }
  elbo_model_free (model);
  return value;
}

/* The same densities after writing and reading. */
static void
round_trip (const elbo_model *model, elbo_data *data, const char *where)
{
  double before[N], after[N], row[2];
  char *text = NULL;
  size_t length = 0;
  elbo_model *again = elbo_model_to_text (model, NULL, &text, &length) == GSL_SUCCESS
                          ? elbo_model_from_text (text, length, "text", NULL)
                          : NULL;
  need (again != NULL, "a model file", where);
  need (elbo_predict_data (model, data, 1, NULL, before) == GSL_SUCCESS, "predict", where);
  if (again)
    need (elbo_predict_data (again, data, 2, NULL, after) == GSL_SUCCESS
              && memcmp (before, after, sizeof before) == 0,
          "the same densities", where);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  need (elbo_sample (model, rng, row, NULL) == GSL_SUCCESS && row[0] > 0 && row[1] > 0, "a draw",
        where);
  gsl_rng_free (rng);
  free (text);
  elbo_model_free (again);
}

/* The rates of the rows come out: 1 and 1/40, halved in the second column. */
static void
described (const elbo_model *model, const char *where)
{
  double value[2], error[2], low[2], high[2], most = 0;
  for (size_t k = 0; k < K; k++)
    {
      need (elbo_model_describe (model, 0, k, value, error, low, high) == GSL_SUCCESS, "a view",
            where);
      most = fmax (most, value[0]);
    }
  need (most > 0.8 && most < 1.25, "the rate of the short times", where);
}

int
main (void)
{
  const elbo_family *family = elbo_family_find ("exponential");
  elbo_data *data = times ();
  if (!family)
    return puts ("no family 'exponential'"), EXIT_FAILURE;
  for (size_t l = 0; elbo_latent_at (l); l++)
    for (int method = ELBO_ML; method <= ELBO_VB; method++)
      {
        const elbo_latent *latent = elbo_latent_at (l);
        elbo_model *one = NULL, *three = NULL;
        char where[80];
        if (!(method == ELBO_VB ? latent->base->posterior : latent->base->point))
          continue;
        snprintf (where, sizeof where, "%s, %s", latent->base->name,
                  elbo_method_name ((elbo_method)method));
        const double a = search (family, latent, (elbo_method)method, 1, data, &one);
        const double b = search (family, latent, (elbo_method)method, 3, data, &three);
        need (isfinite (a) && a == b, "a fit, with the same bits for three threads", where);
        if (one)
          {
            round_trip (one, data, where);
            described (one, where);
          }
        elbo_model_free (one);
        elbo_model_free (three);
      }
  elbo_data_free (data);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
