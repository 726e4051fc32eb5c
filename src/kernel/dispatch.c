/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernel this machine runs. */
#include <config.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/version.h>
#include "kernel/isa.h"

/* Fastest first. */
static const elbo_kernel *const built[] = {
#ifdef KERNEL_AVX512
  &elbo_kernel_avx512,
#endif
#ifdef KERNEL_AVX2
  &elbo_kernel_avx2,
#endif
  &elbo_kernel_baseline,
  &elbo_kernel_scalar,
};

static bool
runs (const elbo_kernel *kernel)
{
#if defined __x86_64__ || defined __i386__
  __builtin_cpu_init ();
#ifdef KERNEL_AVX512
  if (kernel == &elbo_kernel_avx512)
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
           && __builtin_cpu_supports ("fma");
#endif
#ifdef KERNEL_AVX2
  if (kernel == &elbo_kernel_avx2)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#endif
#endif
  return kernel != NULL;
}

const elbo_kernel *
elbo_kernel_at (size_t i)
{
  for (size_t j = 0; j < sizeof built / sizeof *built; j++)
    if (runs (built[j]) && i-- == 0)
      return built[j];
  return NULL;
}

const elbo_kernel *
elbo_kernel_pick (void)
{
  const char *wanted = getenv ("ELBO_ISA");
  const elbo_kernel *kernel;
  if (wanted)
    for (size_t i = 0; (kernel = elbo_kernel_at (i)); i++)
      if (!strcmp (kernel->name, wanted))
        return kernel;
  return elbo_kernel_at (0);
}

const char *
elbo_isa (void)
{
  return elbo_kernel_pick ()->name;
}
