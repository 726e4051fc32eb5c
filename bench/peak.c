/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine can do: dgemm of a BLAS that is loaded while running.

   The library itself uses no BLAS; this is the yardstick for GFLOP/s.  OpenBLAS chooses its kernel
   by a list of processors and falls back to a slow one for those that it does not know, therefore
   OPENBLAS_CORETYPE is set here from what the processor can do, unless it is set already. */
#include <config.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "timing.h"

typedef void bench_dgemm (const char *, const char *, const int *, const int *, const int *,
                          const double *, const double *, const int *, const double *, const int *,
                          const double *, double *, const int *);

static void
advise (int threads)
{
  char number[16];
  snprintf (number, sizeof number, "%d", threads);
  setenv ("OPENBLAS_NUM_THREADS", number, 1);
  setenv ("BLIS_NUM_THREADS", number, 1);
  setenv ("OMP_NUM_THREADS", number, 1);
  if (!strcmp (elbo_isa (), "avx512"))
    setenv ("OPENBLAS_CORETYPE", "SkylakeX", 0);
  else if (!strcmp (elbo_isa (), "avx2"))
    setenv ("OPENBLAS_CORETYPE", "Haswell", 0);
}

static void *
load_blas (const char **name)
{
  static const char *const known[]
      = { "libopenblas.so.0", "libopenblas.so", "libblis.so.4", "libmkl_rt.so" };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    {
      void *library = dlopen (*name = known[i], RTLD_NOW | RTLD_LOCAL);
      if (library)
        return library;
    }
  return NULL;
}

static const char *
core_of (void *library)
{
  char *(*core) (void) = NULL;
  *(void **)&core = dlsym (library, "openblas_get_corename");
  return core ? core () : "unknown";
}

/* The best of some products of n x n matrices, GFLOP/s. */
static double
rate (bench_dgemm *dgemm, int n)
{
  const size_t size = (size_t)n * (size_t)n;
  const double one = 1, zero = 0;
  double *a = bench_doubles (3 * size), *b = a + size, *c = b + size, best = HUGE_VAL;
  for (size_t i = 0; i < 2 * size; i++)
    a[i] = 1 + 1e-6 * (double)(i % 1000);
  for (int i = 0; i < 8; i++)
    {
      const double began = bench_now ();
      dgemm ("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
      best = fmin (best, bench_now () - began);
    }
  free (a);
  return 2e-9 * (double)n * (double)n * (double)n / best;
}

int
bench_peak (int threads)
{
  const char *name;
  advise (threads);
  void *library = load_blas (&name);
  bench_dgemm *dgemm = NULL;
  if (library)
    *(void **)&dgemm = dlsym (library, "dgemm_");
  if (!dgemm)
    {
      fputs ("elbo-bench: no fast BLAS to compare with (Debian: libopenblas0-pthread)\n", stderr);
      return EXIT_FAILURE;
    }
  printf ("{\"program\": \"%s %s\", \"case\": \"dgemm\", \"method\": \"peak\", \"threads\": %d, ",
          name, core_of (library), threads);
  printf ("\"gflops\": %.4g}\n", rate (dgemm, 1536));
  return EXIT_SUCCESS;
}
