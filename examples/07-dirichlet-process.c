/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Dirichlet process mixture: give it more components than it needs and see how many it uses.
   With elbo_mixture_stick some mass is left to components that no row has shown yet, and a new row
   may come from one of them,

       p (x) = sum_k E[pi_k] p_k (x) + left p_0 (x),   p_0 the density under the prior,

   a sum that is done by hand below.  With elbo_mixture_stick_closed the last component takes what
   is left: a model of K components, whose bound must not be compared with the other.

   Usage: 07-dirichlet-process faithful.csv */
#include <math.h>
#include <stdio.h>
#include <elbo/elbo.h>

enum
{
  N = 272,
  D = 2,
  K = 6,
  ROOM = 1000
};

/* The density of a row under component k alone; under the prior for k = K.  `one` is a model of
   one component that is given the beliefs of this one: its share of every field. */
static double
density_of (elbo_model *one, const elbo_model *model, size_t k, const gsl_matrix *row)
{
  const elbo_shape *many = elbo_model_shape (model, 1), *single = elbo_model_shape (one, 1);
  double from[ROOM], to[ROOM] = { 0 }, no_rows[ROOM] = { 0 }, value;
  gsl_vector_view density = gsl_vector_view_array (&value, 1);
  size_t at = 0, put = 0;
  elbo_model_param (model, 1, from);
  const elbo_field *table = elbo_model_belief (model, 1)->param, *f;
  for (size_t i = 0; k < K && (f = elbo_field_at (table, i)); i++)
    {
      const size_t length = elbo_field_size (f, single);
      for (size_t j = 0; j < length; j++)
        to[put + j] = from[at + k * length + j];
      at += elbo_field_size (f, many);
      put += length;
    }
  if (elbo_global (one, no_rows) || (k < K && elbo_model_set_param (one, 1, to))
      || elbo_predict (one, row, 1, NULL, &density.vector))
    return NAN;
  return exp (value);
}

/* Fit, count the components that have rows, and score a row that is like no other. */
static int
try (const elbo_latent *latent, elbo_data *data)
{
  double prior[ROOM], weight[K], far[D] = { 12, 20 }, value, left = 1, sum = 0;
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, D, 0);
  gsl_matrix_const_view row = gsl_matrix_const_view_array (far, 1, D);
  gsl_vector_view density = gsl_vector_view_array (&value, 1);
  elbo_model *model = elbo_model_alloc (K, latent, &block, 1, ELBO_VB);
  elbo_model *one = elbo_model_alloc (1, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_search *search = NULL;
  if (!model || !one || elbo_model_prepare (one, data) || elbo_model_prepare (model, data)
      || !(search = elbo_search_alloc (model, data, NULL, NULL))
      || elbo_search_run (search, NULL, NULL))
    return fprintf (stderr, "dirichlet-process: %s\n", elbo_message ()), 1;
  const elbo_model *found = elbo_search_model (search);
  elbo_model_prior (found, 1, prior); /* as it was learned */
  elbo_model_set_prior (one, 1, prior);

  const double *count = elbo_search_counts (search);
  size_t alive = 0;
  elbo_model_weights (found, weight);
  printf ("%s: ELBO %.6f\n  rows ", latent->base->name, elbo_search_value (search));
  for (size_t k = 0; k < K; k++)
    {
      printf (" %.3f", count[k]);
      alive += count[k] > 1;
      left -= weight[k];
      sum += weight[k] * density_of (one, found, k, &row.matrix);
    }
  sum += left * density_of (one, found, K, &row.matrix);
  elbo_predict (found, &row.matrix, 1, NULL, &density.vector);
  const int good = fabs (log (sum) - value) < 1e-10
                   && (latent == elbo_mixture_stick ? left > 1e-4 : fabs (left) < 1e-12);
  printf ("\n  %zu of %d components have more than one row, the mass left is %.6f\n", alive, K,
          left < 1e-12 ? 0 : left);
  printf ("  log density of (%g, %g): %.10f, by hand %.10f: %s\n", far[0], far[1], value, log (sum),
          good ? "agree" : "DISAGREE");
  elbo_search_free (search);
  elbo_model_free (one);
  elbo_model_free (model);
  return !good || alive >= K;
}

int
main (int argc, char **argv)
{
  elbo_data *data = elbo_data_alloc (N, D);
  FILE *f = fopen (argc > 1 ? argv[1] : "faithful.csv", "r");
  double x[D];
  if (!data || !f || fscanf (f, "%*[^\n]") != 0)
    return fprintf (stderr, "07-dirichlet-process: no faithful.csv here; give its path\n"), 1;
  for (size_t n = 0; n < N; n++)
    {
      if (fscanf (f, "%lf,%lf", &x[0], &x[1]) != D)
        return 1;
      elbo_data_put (data, n, 0, x[0]);
      elbo_data_put (data, n, 1, x[1]);
    }
  fclose (f);
  const int status = try (elbo_mixture_stick, data) | try (elbo_mixture_stick_closed, data);
  elbo_data_free (data);
  return status;
}
