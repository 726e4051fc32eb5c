/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problems that are timed.

   A row is mean_k + L_k z with z standard normal and L_k a random lower triangle, so that columns
   are correlated; k is drawn from random weights. */
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <gsl/gsl_randist.h>
#include "case.h"

static const bench_case CASE[] = {
  { 'A', 1000000, 2, 8, 0, 4.0 },     /* few columns                               */
  { 'B', 1000000, 16, 16, 0, 2.5 },   /* the ordinary one                          */
  { 'C', 200000, 64, 32, 0, 2.5 },    /* many columns                              */
  { 'D', 1000000, 32, 64, 1, 2.5 },   /* diagonal                                  */
  { 'E', 100000, 16, 1000, 0, 2.5 },  /* many components                           */
  { 'F', 200000, 8, 10, 0, 0.5 },     /* components that overlap: slow convergence */
  { 'G', 1000000, 16, 1000, 0, 2.5 }, /* many rows and many components             */
  { 'S', 20000, 8, 5, 0, 2.5 },       /* small, to count instructions              */
};

const bench_case *
bench_find (const char *name)
{
  for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++)
    if (name[0] == CASE[i].name && !name[1])
      return CASE + i;
  return NULL;
}

double
bench_useful (const bench_case *c)
{
  const double D = (double)c->dim, P = c->diagonal ? 1 + 2 * D : 1 + D + D * (D + 1) / 2;
  return 4 * (double)c->n * (double)c->ncomp * P;
}

double *
bench_doubles (size_t n)
{
  double *v = calloc (n, sizeof *v);
  if (!v)
    {
      fprintf (stderr, "elbo-bench: no memory for %zu numbers\n", n);
      exit (EXIT_FAILURE);
    }
  return v;
}

double
bench_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double
bench_cpu (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

long
bench_peak_kib (void)
{
  struct rusage use;
  return getrusage (RUSAGE_SELF, &use) == 0 ? use.ru_maxrss : 0;
}

/* --- the true mixture ---------------------------------------------------------------------- */

static void
draw_weights (bench_stream *s)
{
  double sum = 0;
  for (size_t k = 0; k < s->c->ncomp; k++)
    s->weight[k] = sum += gsl_ran_gamma (s->rng, 5, 1);
  for (size_t k = 0; k < s->c->ncomp; k++)
    s->weight[k] /= sum;
}

static void
draw_component (bench_stream *s, size_t k)
{
  const size_t D = s->c->dim;
  double *mean = s->mean + k * D, *root = s->root + k * D * D;
  for (size_t i = 0; i < D; i++)
    mean[i] = gsl_ran_gaussian_ziggurat (s->rng, s->c->spread);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j <= i; j++)
      root[i * D + j] = j < i ? gsl_ran_gaussian_ziggurat (s->rng, 0.7) / (double)D
                              : 0.5 + gsl_rng_uniform (s->rng);
}

static void
stream_open (bench_stream *s, const bench_case *c)
{
  s->c = c;
  s->rng = gsl_rng_alloc (gsl_rng_mt19937);
  gsl_rng_set (s->rng, 20240 + (unsigned long)c->name);
  s->weight = bench_doubles (c->ncomp);
  s->mean = bench_doubles (c->ncomp * c->dim);
  s->root = bench_doubles (c->ncomp * c->dim * c->dim);
  s->noise = bench_doubles (c->dim);
  draw_weights (s);
  for (size_t k = 0; k < c->ncomp; k++)
    draw_component (s, k);
}

static void
stream_close (bench_stream *s)
{
  gsl_rng_free (s->rng);
  free (s->weight);
  free (s->mean);
  free (s->root);
  free (s->noise);
}

static size_t
draw_label (bench_stream *s)
{
  const double u = gsl_rng_uniform (s->rng);
  size_t low = 0, high = s->c->ncomp - 1;
  while (low < high)
    {
      const size_t middle = (low + high) / 2;
      if (u < s->weight[middle])
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

static void
draw_row (bench_stream *s, double *x)
{
  const size_t D = s->c->dim, k = draw_label (s);
  const double *mean = s->mean + k * D, *root = s->root + k * D * D;
  for (size_t i = 0; i < D; i++)
    s->noise[i] = gsl_ran_gaussian_ziggurat (s->rng, 1);
  for (size_t i = 0; i < D; i++)
    {
      x[i] = mean[i];
      for (size_t j = 0; j <= i; j++)
        x[i] += root[i * D + j] * s->noise[j];
    }
}

/* --- rows and start ------------------------------------------------------------------------ */

/* Sums about the first row. */
static void
add_moments (bench_start *start, size_t D, const double *x, double *y)
{
  for (size_t i = 0; i < D; i++)
    start->centre[i] += y[i] = x[i] - start->mean[i];
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j <= i; j++)
      start->pooled[i * D + j] += y[i] * y[j];
}

static void
finish_moments (bench_start *start, size_t n, size_t D)
{
  const double N = (double)n;
  for (size_t i = 0; i < D; i++)
    start->centre[i] /= N;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j <= i; j++)
      {
        double *v = start->pooled + i * D + j;
        *v = (*v - N * (start->centre[i] * start->centre[j])) / (N - 1);
        start->pooled[j * D + i] = *v;
      }
  for (size_t i = 0; i < D; i++)
    start->centre[i] += start->mean[i];
}

void
bench_rows (const bench_case *c, bench_sink *sink, void *arg, bench_start *start)
{
  bench_stream stream;
  stream_open (&stream, c);
  double *x = bench_doubles (2 * c->dim);
  start->mean = bench_doubles (c->ncomp * c->dim);
  start->centre = bench_doubles (c->dim);
  start->pooled = bench_doubles (c->dim * c->dim);
  for (size_t n = 0; n < c->n; n++)
    {
      draw_row (&stream, x);
      if (n < c->ncomp)
        memcpy (start->mean + n * c->dim, x, c->dim * sizeof *x);
      add_moments (start, c->dim, x, x + c->dim);
      if (sink)
        sink (arg, n, x);
    }
  finish_moments (start, c->n, c->dim);
  free (x);
  stream_close (&stream);
}

void
bench_start_free (bench_start *start)
{
  free (start->mean);
  free (start->centre);
  free (start->pooled);
}
