/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Bayesian Gaussian mixture from a gsl_matrix: best of ten starts, then the responsibilities
   of the first rows.  Usage: 02-gaussian-mixture faithful.csv */
#include <stdio.h>
#include <elbo/elbo.h>

int
main (int argc, char **argv)
{
  enum
  {
    N = 272,
    D = 2,
    K = 2
  };
  gsl_matrix *x = gsl_matrix_alloc (N, D);
  FILE *f = fopen (argc > 1 ? argv[1] : "faithful.csv", "r");
  if (!f || fscanf (f, "%*[^\n]") != 0)
    return 1;
  for (size_t i = 0; i < N; i++)
    if (fscanf (f, "%lf,%lf", gsl_matrix_ptr (x, i, 0), gsl_matrix_ptr (x, i, 1)) != D)
      return 1;
  fclose (f);

  elbo_model *model;
  double bound;
  if (elbo_mixture_fit (x, NULL, K, elbo_gauss_full, ELBO_VB, NULL, &model, &bound))
    return fprintf (stderr, "fit: %s\n", elbo_message ()), 1;
  printf ("ELBO %.6f nats\n", bound);

  gsl_matrix_const_view top = gsl_matrix_const_submatrix (x, 0, 0, 3, D);
  gsl_matrix *resp = gsl_matrix_alloc (3, K);
  if (elbo_predict (model, &top.matrix, 1, resp, NULL) != GSL_SUCCESS)
    return 1;
  gsl_matrix_fprintf (stdout, resp, "%.6f");
  gsl_matrix_free (resp);
  elbo_model_free (model);
  gsl_matrix_free (x);
  return 0;
}
