/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watch EM's half-steps: elbo_fit_run calls back after every pass with the records since the last
   call.  E makes the bound tight, so that its gap to the log-likelihood is 0; M raises the bound
   and opens the gap again.  The callback ends the run when it has seen enough, and the run can go
   on from there.

   Usage: 06-half-steps faithful.csv */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <elbo/elbo.h>

/* What the callback wants and what it has seen. */
typedef struct
{
  double enough; /* stop when a half-step gains less, nats */
  int wrong;     /* records that break a promise */
} viewer;

static int
look (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  viewer *v = arg;
  for (size_t i = first; i < first + nrecord; i++)
    {
      const elbo_trace *r = elbo_fit_record (fit, i);
      printf ("%4zu  %c  %14.6f  %14.6f  %10.6f\n", r->pass, r->half, r->elbo, r->log_likelihood,
              r->gap);
      v->wrong += r->half == 'E' ? r->gap != 0 : r->gap < -r->tau; /* tau: what rounding may do */
      v->wrong += r->gain < -r->tau;
    }
  return elbo_fit_record (fit, first + nrecord - 1)->gain < v->enough; /* not 0: stop */
}

static elbo_data *
read_columns (const char *path)
{
  elbo_table *table = elbo_table_open (path, NULL);
  size_t column[2];
  elbo_data *data = NULL;
  if (table && !elbo_table_find (table, "eruptions", &column[0])
      && !elbo_table_find (table, "waiting", &column[1])
      && !elbo_table_set_role (table, column[0], ELBO_ROLE_NUMBER)
      && !elbo_table_set_role (table, column[1], ELBO_ROLE_NUMBER) && !elbo_table_read (table, 0))
    data = elbo_table_take (table, column, 2, (size_t)-1);
  elbo_table_free (table);
  return data;
}

/* The log-likelihood by another route: the mixture density of each row. */
static double
log_likelihood (const elbo_model *model, const elbo_data *data)
{
  const size_t n = elbo_data_rows (data);
  double *density = calloc (n, sizeof *density), sum = 0;
  if (!density || elbo_predict_data (model, data, 1, NULL, density))
    sum = NAN;
  for (size_t i = 0; density && i < n; i++)
    sum += density[i];
  free (density);
  return sum;
}

int
main (int argc, char **argv)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_data *data = read_columns (argc > 1 ? argv[1] : "faithful.csv");
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_ML);
  elbo_ranks *ranks = data ? elbo_ranks_alloc (data) : NULL;
  elbo_start *start = NULL;
  if (!model || !ranks || elbo_model_prepare (model, data)
      || !(start = elbo_start_kmeans (model, data, ranks, 1, 1, 1)))
    return fprintf (stderr, "half-steps: %s\n", elbo_message ()), 1;

  viewer v = { .enough = 0.01 };
  elbo_fit *fit = elbo_fit_alloc (model, data, NULL);
  printf ("pass half            ELBO  log-likelihood         gap\n");
  const int status = elbo_fit_start (fit, start) ? GSL_EFAILED : elbo_fit_run (fit, look, &v);
  const double value = elbo_fit_value (fit), direct = log_likelihood (model, data);
  printf ("status %d: %s\n", status, elbo_message ());
  printf ("bound %.9f, densities of the rows sum to %.9f\n", value, direct);
  int good = status == ELBO_ESTOP && v.wrong == 0 && fabs (value - direct) < 1e-9;

  good &= elbo_fit_run (fit, NULL, NULL) == GSL_SUCCESS && elbo_fit_value (fit) > value;
  printf ("gone on to the end: %.9f after %zu passes\n", elbo_fit_value (fit),
          elbo_fit_iterations (fit));
  printf ("%s\n", good ? "every E closed the gap" : "A PROMISE IS BROKEN");

  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_ranks_free (ranks);
  elbo_model_free (model);
  elbo_data_free (data);
  return !good;
}
