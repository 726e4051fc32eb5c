/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What elbo-bench can do; each prints one line of JSON or writes files. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdio.h>
#include <elbo/elbo.h>
#include "case.h"

/* Time iterations: `warm` passes that are not counted, then `timed` ones. */
int bench_time (const bench_case *c, elbo_method method, int threads, size_t warm, size_t timed);

/* Write CASE.bin (raw doubles, row by row), CASE.npy, CASE.start (weights, means, covariances)
   and CASE.meta (n D K) into a directory. */
int bench_write (const bench_case *c, const char *dir);

/* Write the first rows of a case as CSV with 17 digits. */
int bench_write_csv (const bench_case *c, size_t rows, const char *file);

/* Time reading of a CSV file of numbers. */
int bench_read_csv (const char *file, int threads);

/* Time dgemm of the fastest BLAS that can be loaded. */
int bench_peak (int threads);

#endif
