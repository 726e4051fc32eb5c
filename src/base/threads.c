/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many threads to use, and how long it takes. */
#include <config.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include "base/base.h"

int
elbo_cores (int threads)
{
#ifdef _OPENMP
  return threads > 0 ? threads : omp_get_max_threads ();
#else
  (void)threads;
  return 1;
#endif
}

double
elbo_seconds_since (const struct timespec *began)
{
  struct timespec now;
  timespec_get (&now, TIME_UTC);
  return (double)(now.tv_sec - began->tv_sec) + 1e-9 * (double)(now.tv_nsec - began->tv_nsec);
}
