/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problems that are timed: rows and a start, functions of a fixed seed. */
#ifndef BENCH_CASE_H
#define BENCH_CASE_H

#include <stddef.h>
#include <gsl/gsl_rng.h>

typedef struct
{
  char name;
  size_t n, dim, ncomp;
  int diagonal;  /* 1: covariances are taken as diagonal                             */
  double spread; /* standard deviation of the true means; that of the noise is near 1 */
} bench_case;

/* The true mixture, and where in its random numbers we are. */
typedef struct
{
  const bench_case *c;
  gsl_rng *rng;
  double *weight; /* [K] cumulated         */
  double *mean;   /* [K x D]               */
  double *root;   /* [K x D x D] lower     */
  double *noise;  /* [D]                   */
} bench_stream;

/* What every program starts from: equal weights, the first K rows (their order is random) as
   means, half the pooled covariance for all. */
typedef struct
{
  double *mean;   /* [K x D]                                     */
  double *centre; /* [D] mean of all rows                        */
  double *pooled; /* [D x D] covariance of all rows, divisor n-1 */
} bench_start;

typedef void bench_sink (void *arg, size_t row, const double *x);

/* Find a case by its one-letter name; NULL when there is none. */
const bench_case *bench_find (const char *name);

/* Make all rows of a case, hand them to a sink one by one, and make the start.  The sink may be
   NULL.  Exits when memory runs out. */
void bench_rows (const bench_case *c, bench_sink *sink, void *arg, bench_start *start);
void bench_start_free (bench_start *start);

/* Floating-point operations of one iteration that no exact algorithm can do without. */
double bench_useful (const bench_case *c);

/* Memory or exit. */
double *bench_doubles (size_t n);

/* Time of day in seconds, only ever subtracted. */
double bench_now (void);

/* Processor time of all threads of this process, seconds: what a busy machine disturbs least. */
double bench_cpu (void);

/* Largest memory of this process so far. */
long bench_peak_kib (void);

#endif
