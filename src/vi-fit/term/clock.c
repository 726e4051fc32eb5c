/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that passes, and threads that work. */
#include <config.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include "vi-fit/term/term.h"

double
seconds_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void
threads_limit (void)
{
#ifdef _OPENMP
  if (omp_get_max_threads () > MOST_THREADS)
    omp_set_num_threads (MOST_THREADS);
#endif
}

int
threads_used (size_t asked)
{
#ifdef _OPENMP
  return asked ? (int)asked : omp_get_max_threads ();
#else
  (void)asked;
  return 1;
#endif
}
