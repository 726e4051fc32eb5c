/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fit with vi-fit, use in C: read a model file and score a new row.
   Usage: vi-fit -k 2 -o run faithful.csv && 03-predict run.model.json 3.6 79 */
#include <stdio.h>
#include <stdlib.h>
#include <elbo/elbo.h>

int
main (int argc, char **argv)
{
  elbo_model *model = argc > 1 ? elbo_model_load (argv[1], NULL) : NULL;
  if (!model)
    return fprintf (stderr, "03-predict: %s\n", argc > 1 ? elbo_message () : "no model"), 1;
  const size_t K = elbo_model_ncomp (model), D = elbo_model_dim (model);
  if ((size_t)argc != 2 + D)
    return fprintf (stderr, "03-predict: the model has %zu columns\n", D), 1;
  double *x = calloc (D, sizeof *x), *resp = calloc (K, sizeof *resp), density;
  for (size_t d = 0; x && d < D; d++)
    x[d] = atof (argv[2 + d]);
  if (!x || !resp || elbo_predict_row (model, x, resp, &density) != GSL_SUCCESS)
    return fprintf (stderr, "03-predict: %s\n", elbo_message ()), 1;
  for (size_t k = 0; k < K; k++)
    printf ("p%zu %.6f  ", k + 1, resp[k]);
  printf ("log density %.6f\n", density);
  free (resp);
  free (x);
  elbo_model_free (model);
  return 0;
}
