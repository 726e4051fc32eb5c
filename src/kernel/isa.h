/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels that this build holds. */
#ifndef ELBO_ISA_H
#define ELBO_ISA_H

#include "kernel/kernel.h"

#pragma GCC visibility push(hidden)

extern const elbo_kernel elbo_kernel_scalar, elbo_kernel_baseline;
#ifdef KERNEL_AVX2
extern const elbo_kernel elbo_kernel_avx2;
#endif
#ifdef KERNEL_AVX512
extern const elbo_kernel elbo_kernel_avx512;
#endif

/* An exponential below this, relative to the largest of its row, is a responsibility of 0.  With
   ncomp < 2^b the sum of a row is below 2^b, so that no responsibility under 1e-100 is left. */
static inline double
least_exponent (size_t ncomp)
{
  double least = -230.25850929940458; /* log 1e-100 */
  for (; ncomp; ncomp /= 2)
    least += 0.6931471805599453;
  return least;
}

#pragma GCC visibility pop

#endif
