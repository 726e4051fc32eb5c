/* isa.h -- the kernels that this build holds. */
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

#pragma GCC visibility pop

#endif
