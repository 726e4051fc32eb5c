/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many threads to use. */
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
