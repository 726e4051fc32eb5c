/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM by hand: the loop in three verbs.  After each E half-step the bound touches the
   log-likelihood; the M half-step lifts both.

   cc 01-em-by-hand.c $(pkg-config --cflags --libs elbo) -o em && ./em */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>

int
main (void)
{
  /* two groups on a line, and a first guess of who belongs where */
  const double x[] = { 1.0, 1.4, 0.8, 1.2, 1.9, 5.1, 4.7, 5.6, 4.9, 5.3 };
  enum
  {
    N = sizeof x / sizeof *x,
    K = 2
  };
  double guess[N][K];
  for (size_t n = 0; n < N; n++)
    {
      guess[n][0] = n < 4 ? 0.7 : 0.4;
      guess[n][1] = 1 - guess[n][0];
    }

  const elbo_rows rows = ELBO_ROWS (x, N, 1);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  gsl_matrix_const_view m = gsl_matrix_const_view_array (x, N, 1);
  elbo_data *data = elbo_data_from_matrix (&m.matrix, NULL);
  elbo_model *model = elbo_model_alloc (K, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  double *stat = calloc (elbo_model_nstat (model), sizeof *stat);
  if (!data || !stat || elbo_model_prepare (model, data) != GSL_SUCCESS)
    return 1;

  elbo_local_given (model, &rows, guess[0], K, stat); /* statistics of the guess */
  for (int pass = 0; pass < 20; pass++)
    {
      elbo_global (model, stat); /* M: parameters from statistics */
      printf ("%2d  M %12.6f", pass, elbo_bound (model, stat, NULL, 0));
      memset (stat, 0, elbo_model_nstat (model) * sizeof *stat);
      elbo_local (model, &rows, stat); /* E: statistics from parameters */
      printf ("   E %12.6f\n", elbo_bound (model, stat, NULL, 0));
    }
  const double *mean = elbo_model_field (model, "gauss_full.mean", NULL);
  printf ("means %.4f and %.4f\n", mean[0], mean[1]);
  free (stat);
  elbo_model_free (model);
  elbo_data_free (data);
  return 0;
}
