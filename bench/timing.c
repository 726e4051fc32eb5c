/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seconds per iteration of EM and VB from the common start.

   The first pass is an E half-step at the start and is not counted; every later one is an M and an
   E half-step.  VB uses the prior that scikit-learn takes by default, and a start of N / K rows
   for each component, so that both do the same. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "timing.h"

typedef struct
{
  const bench_case *c;
  elbo_method method;
  elbo_data *data;
  elbo_model *model;
  elbo_fit *fit;
  bench_start start;
} bench_run;

static int
complain (const char *what)
{
  fprintf (stderr, "elbo-bench: %s: %s\n", what, elbo_message ());
  return EXIT_FAILURE;
}

/* --- priors and starts by field name ------------------------------------------------------- */

typedef struct
{
  const elbo_field *table;
  const elbo_shape *shape;
  double *v;
} bench_vector;

/* Repeat `factor` times source [n] through a field; source NULL is 1.  A field that the table does
   not have is left out: families name their own. */
static void
put (const bench_vector *to, const char *name, const double *source, size_t n, double factor)
{
  size_t at;
  const elbo_field *field = elbo_field_find (to->table, to->shape, name, &at);
  const size_t size = field ? elbo_field_size (field, to->shape) : 0;
  for (size_t i = 0; i < size; i++)
    to->v[at + i] = factor * (source ? source[i % n] : 1);
}

static void
put_square (const bench_vector *to, const char *name, const bench_run *run, double factor)
{
  const size_t D = run->c->dim;
  double *variance = bench_doubles (D);
  for (size_t i = 0; i < D; i++)
    variance[i] = run->start.pooled[i * D + i];
  if (run->c->diagonal)
    put (to, name, variance, D, factor);
  else
    put (to, name, run->start.pooled, D * D, factor);
  free (variance);
}

static void
fill_prior (const bench_vector *to, const bench_run *run)
{
  const double D = (double)run->c->dim;
  put (to, "alpha", NULL, 1, 1 / (double)run->c->ncomp);
  put (to, "kappa", NULL, 1, 1);
  put (to, "mean", run->start.centre, run->c->dim, 1);
  put (to, "df", NULL, 1, D);
  put (to, "shape", NULL, 1, D / 2);
  put_square (to, "scale", run, 1);
  put_square (to, "rate", run, 0.5);
}

static void
fill_point (const bench_vector *to, const bench_run *run)
{
  put (to, "weight", NULL, 1, 1 / (double)run->c->ncomp);
  put (to, "mean", run->start.mean, run->c->ncomp * run->c->dim, 1);
  put_square (to, "covariance", run, 0.5);
  put_square (to, "variance", run, 0.5);
}

static void
fill_posterior (const bench_vector *to, const bench_run *run)
{
  const double D = (double)run->c->dim, K = (double)run->c->ncomp;
  const double share = (double)run->c->n / K, df = D + share;
  put (to, "alpha", NULL, 1, 1 / K + share);
  put (to, "kappa", NULL, 1, 1 + share);
  put (to, "mean", run->start.mean, run->c->ncomp * run->c->dim, 1);
  put (to, "df", NULL, 1, df);
  put (to, "shape", NULL, 1, df / 2);
  put_square (to, "scale", run, 0.5 * df);
  put_square (to, "rate", run, 0.25 * df);
}

static int
set_factor (bench_run *run, size_t f)
{
  const elbo_shape *shape = elbo_model_shape (run->model, f);
  const elbo_field *prior = elbo_model_factor (run->model, f)->prior;
  const elbo_field *param = elbo_model_belief (run->model, f)->param;
  int status = GSL_SUCCESS;
  if (run->method == ELBO_VB)
    {
      const bench_vector to = { prior, shape, bench_doubles (elbo_field_total (prior, shape)) };
      elbo_model_prior (run->model, f, to.v);
      fill_prior (&to, run);
      status = elbo_model_set_prior (run->model, f, to.v);
      free (to.v);
    }
  const bench_vector to = { param, shape, bench_doubles (elbo_field_total (param, shape)) };
  (run->method == ELBO_VB ? fill_posterior : fill_point) (&to, run);
  if (status == GSL_SUCCESS)
    status = elbo_model_set_param (run->model, f, to.v);
  free (to.v);
  return status;
}

/* --- one run ------------------------------------------------------------------------------- */

static void
take_row (void *arg, size_t row, const double *x)
{
  bench_run *run = arg;
  for (size_t d = 0; d < run->c->dim; d++)
    elbo_data_put (run->data, row, d, x[d]);
}

static int
run_open (bench_run *run, int threads)
{
  const elbo_family *family = run->c->diagonal ? elbo_gauss_diag : elbo_gauss_full;
  const elbo_block block = ELBO_BLOCK (family, 0, run->c->dim, 0);
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.threads = threads;
  run->data = elbo_data_alloc (run->c->n, run->c->dim);
  run->model = elbo_model_alloc (run->c->ncomp, elbo_mixture_dirichlet, &block, 1, run->method);
  if (!run->data || !run->model)
    return GSL_EFAILED;
  bench_rows (run->c, take_row, run, &run->start);
  int status = elbo_model_prepare (run->model, run->data);
  for (size_t f = 0; f < 2 && status == GSL_SUCCESS; f++)
    status = set_factor (run, f);
  if (status == GSL_SUCCESS)
    run->fit = elbo_fit_alloc (run->model, run->data, &options);
  return run->fit ? GSL_SUCCESS : GSL_EFAILED;
}

static void
run_close (bench_run *run)
{
  elbo_fit_free (run->fit);
  elbo_model_free (run->model);
  elbo_data_free (run->data);
  bench_start_free (&run->start);
}

static int
by_size (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts v. */
static double
median (double *v, size_t n)
{
  qsort (v, n, sizeof *v, by_size);
  return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

/* What of the counted passes was the E half-step; the rest is M, bound and checks. */
static double
local_share (const elbo_fit *fit, size_t warm)
{
  double local = 0, all = 0;
  for (size_t i = 2; i < elbo_fit_nrecord (fit); i++)
    {
      const elbo_trace *e = elbo_fit_record (fit, i), *m = elbo_fit_record (fit, i - 1);
      if (e->pass > warm && e->half == 'E' && m->half != 'E')
        {
          local += e->seconds - m->seconds;
          all += e->seconds - elbo_fit_record (fit, i - 2)->seconds;
        }
    }
  return all > 0 ? local / all : NAN;
}

/* The sum over rows of log sum exp of the expected log joint densities, a row: for EM the
   log-likelihood. */
static void
print_evidence (const bench_run *run)
{
  const char *comma = "";
  printf ("\"loglik_per_row\": [");
  for (size_t i = 0; i < elbo_fit_nrecord (run->fit); i++)
    {
      const elbo_trace *r = elbo_fit_record (run->fit, i);
      if (r->half != 'E')
        continue;
      printf ("%s%.12g", comma,
              (r->term[ELBO_RECONSTRUCTION] - r->term[ELBO_KL_ASSIGNMENTS]) / (double)run->c->n);
      comma = ", ";
    }
  printf ("]");
}

/* second, cpu: [timed], sorted here. */
static void
print_run (const bench_run *run, int threads, size_t warm, double *second, double *cpu,
           size_t timed)
{
  const bench_case *c = run->c;
  const double middle = median (second, timed);
  printf ("{\"program\": \"libelbo %s %s\", \"case\": \"%c\", \"method\": \"%s\", "
          "\"covariance\": \"%s\", \"threads\": %d, \"n\": %zu, \"dim\": %zu, \"ncomp\": %zu, ",
          elbo_version (), elbo_isa (), c->name, run->method == ELBO_VB ? "vb" : "em",
          c->diagonal ? "diag" : "full", threads, c->n, c->dim, c->ncomp);
  printf ("\"seconds\": %.6g, \"fastest\": %.6g, \"cpu\": %.6g, \"gflops\": %.4g, \"local_share\": "
          "%.3f, "
          "\"peak_rss_kib\": %ld, ",
          middle, second[0], median (cpu, timed), 1e-9 * bench_useful (c) / middle,
          local_share (run->fit, warm), bench_peak_kib ());
  print_evidence (run);
  printf ("}\n");
}

int
bench_time (const bench_case *c, elbo_method method, int threads, size_t warm, size_t timed)
{
  bench_run run = { .c = c, .method = method };
  double *second = bench_doubles (2 * timed), *cpu = second + timed;
  int status = run_open (&run, threads);
  for (size_t i = 0; i < warm + timed && status == GSL_SUCCESS; i++)
    {
      const double began = bench_now (), used = bench_cpu ();
      status = elbo_fit_pass (run.fit);
      if (i < warm)
        continue;
      second[i - warm] = bench_now () - began;
      cpu[i - warm] = bench_cpu () - used;
    }
  if (status == GSL_SUCCESS)
    print_run (&run, threads, warm, second, cpu, timed);
  else
    complain ("timing failed");
  run_close (&run);
  free (second);
  return status == GSL_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- reading ------------------------------------------------------------------------------- */

static int
read_all (elbo_table *table, double *bytes)
{
  size_t n, done, all, *column = calloc (elbo_table_ncolumn (table), sizeof *column);
  elbo_data *data = NULL;
  int status = column ? elbo_table_numbers (table, column, &n) : GSL_ENOMEM;
  for (size_t i = 0; status == GSL_SUCCESS && i < n; i++)
    status = elbo_table_set_role (table, column[i], ELBO_ROLE_NUMBER);
  if (status == GSL_SUCCESS)
    status = elbo_table_read (table, 0);
  elbo_table_progress (table, &done, &all);
  *bytes = (double)done;
  if (status == GSL_SUCCESS || status == ELBO_END)
    data = elbo_table_take (table, column, n, (size_t)-1);
  elbo_data_free (data);
  free (column);
  return data ? GSL_SUCCESS : GSL_EFAILED;
}

int
bench_read_csv (const char *file, int threads)
{
  enum
  {
    TIMED = 5
  };
  double second[TIMED], cpu[TIMED], bytes = 0;
  elbo_table_options options;
  elbo_table_options_init (&options);
  options.threads = threads;
  for (size_t i = 0; i < TIMED; i++)
    {
      const double began = bench_now (), used = bench_cpu ();
      elbo_table *table = elbo_table_open (file, &options);
      const int status = table ? read_all (table, &bytes) : GSL_EFAILED;
      elbo_table_free (table);
      second[i] = bench_now () - began;
      cpu[i] = bench_cpu () - used;
      if (status != GSL_SUCCESS)
        return complain (file);
    }
  const double middle = median (second, TIMED);
  printf ("{\"program\": \"libelbo %s\", \"case\": \"csv\", \"method\": \"read\", \"threads\": %d, "
          "\"seconds\": %.6g, \"cpu\": %.6g, \"mb_per_s\": %.4g, \"peak_rss_kib\": %ld}\n",
          elbo_version (), threads, middle, median (cpu, TIMED), 1e-6 * bytes / middle,
          bench_peak_kib ());
  return EXIT_SUCCESS;
}
