/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variational Bayes by hand: the three verbs of 01-em-by-hand, with distributions in place of
   values, on Old Faithful.  After each half-step the bound is written as its terms,

       ELBO = reconstruction - KL (assignments) - KL (weights) - KL (components)

   It never falls, and it is what elbo_fit_run records from the same start.

   Usage: 05-vb-by-hand faithful.csv */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>

enum
{
  N = 272,
  D = 2,
  K = 2
};
static double x[N][D], guess[N][K];

static int
read_rows (const char *path)
{
  FILE *f = fopen (path, "r");
  if (!f || fscanf (f, "%*[^\n]") != 0)
    return 1;
  for (size_t n = 0; n < N; n++)
    if (fscanf (f, "%lf,%lf", &x[n][0], &x[n][1]) != D)
      return 1;
  return fclose (f);
}

/* One line of the ledger; returns how much the bound is off what elbo_fit_run wrote. */
static double
show (int pass, char half, const elbo_model *model, const double *stat, const elbo_trace *record)
{
  double term[ELBO_NTERM];
  const double bound = elbo_bound (model, stat, term, ELBO_NTERM);
  printf ("%4d  %c  %14.8f", pass, half, bound);
  for (int i = 0; i < ELBO_LOG_PRIOR; i++)
    printf ("  %14.6f", term[i]);
  printf ("\n");
  return fabs (bound - record->elbo);
}

int
main (int argc, char **argv)
{
  if (read_rows (argc > 1 ? argv[1] : "faithful.csv"))
    return fprintf (stderr, "vb-by-hand: no faithful.csv\n"), 1;
  for (size_t n = 0; n < N; n++) /* a rough start: long waits are a little more likely the first */
    {
      guess[n][0] = x[n][1] > 70 ? 0.6 : 0.4;
      guess[n][1] = 1 - guess[n][0];
    }

  gsl_matrix_const_view m = gsl_matrix_const_view_array (x[0], N, D);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, D, 0);
  elbo_data *data = elbo_data_from_matrix (&m.matrix, NULL);
  elbo_model *model = elbo_model_alloc (K, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  if (!data || !model || elbo_model_prepare (model, data))
    return fprintf (stderr, "vb-by-hand: %s\n", elbo_message ()), 1;

  /* the library's own loop, on a copy of the model */
  elbo_model *copy = elbo_model_clone (model);
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.accelerate = 0;
  elbo_fit *fit = elbo_fit_alloc (copy, data, &options);
  elbo_start *start = elbo_start_responsibilities (guess[0], N, K);
  if (!start || elbo_fit_start (fit, start) || elbo_fit_run (fit, NULL, NULL))
    return fprintf (stderr, "vb-by-hand: %s\n", elbo_message ()), 1;
  const size_t nrecord = elbo_fit_nrecord (fit);

  /* ours: as many half-steps as the library took */
  const elbo_rows rows = ELBO_ROWS (x[0], N, D);
  const size_t size = elbo_model_nstat (model) * sizeof (double);
  double *stat = calloc (1, size), last = -INFINITY, fall = 0, off = 0;
  printf ("pass half            ELBO  reconstruction  KL assignments      KL weights"
          "   KL components\n");
  if (!stat || elbo_local_given (model, &rows, guess[0], K, stat))
    return 1;
  for (size_t i = 0; i < nrecord; i++)
    {
      const elbo_trace *record = elbo_fit_record (fit, i);
      const char half = record->half; /* M, H (the prior is learned) and E in turn */
      if (half == 'E')
        memset (stat, 0, size);
      if (half == 'M'   ? elbo_global (model, stat)
          : half == 'H' ? elbo_learn (model)
                        : elbo_local (model, &rows, stat))
        return fprintf (stderr, "vb-by-hand: %s\n", elbo_message ()), 1;
      off = fmax (off, show ((int)record->pass, half, model, stat, record));
      fall = fmax (fall, last - elbo_bound (model, stat, NULL, 0));
      last = elbo_bound (model, stat, NULL, 0);
    }
  const int agree = off < 1e-9 && fall < 1e-9 && fabs (last - elbo_fit_value (fit)) < 1e-9;
  printf ("elbo_fit_run reached %.8f; the largest fall is %.1e\n", elbo_fit_value (fit), fall);
  printf ("%s: half-steps differ by %.1e at most\n", agree ? "agree" : "DISAGREE", off);

  free (stat);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_model_free (copy);
  elbo_model_free (model);
  elbo_data_free (data);
  return !agree;
}
