dnl SPDX-License-Identifier: GPL-3.0-or-later
# ELBO_ARG_KERNELS
# ----------------
# --enable-kernels[=LIST]: the instruction sets beyond the machine's baseline for which the hot
# loops are compiled a second and a third time; the choice among them is made at run time.
# Sets the conditionals KERNEL_AVX2 and KERNEL_AVX512 and the shell variable elbo_kernels.
AC_DEFUN([ELBO_ARG_KERNELS], [
AC_ARG_ENABLE([kernels],
  [AS_HELP_STRING([--enable-kernels@<:@=LIST@:>@], [also build kernels for LIST @<:@avx2,avx512@:>@])],
  [], [enable_kernels=auto])
AS_CASE([$enable_kernels], [yes|auto], [elbo_wanted=avx2,avx512], [no], [elbo_wanted=], [elbo_wanted=$enable_kernels])
elbo_kernels=baseline
elbo_avx2=no
elbo_avx512=no
AS_CASE([$host_cpu], [x86_64|i?86], [
  AS_CASE([",$elbo_wanted,"], [*,avx2,*],
    [AX_CHECK_COMPILE_FLAG([-mavx2 -mfma], [elbo_avx2=yes; elbo_kernels="$elbo_kernels avx2"])])
  AS_CASE([",$elbo_wanted,"], [*,avx512,*],
    [AX_CHECK_COMPILE_FLAG([-mavx512f -mavx512dq -mfma -mprefer-vector-width=512], [elbo_avx512=yes; elbo_kernels="$elbo_kernels avx512"])])])
AM_CONDITIONAL([KERNEL_AVX2], [test "x$elbo_avx2" = xyes])
AM_CONDITIONAL([KERNEL_AVX512], [test "x$elbo_avx512" = xyes])
AS_IF([test "x$elbo_avx2" = xyes], [AC_DEFINE([KERNEL_AVX2], [1], [the kernels are built for AVX2 and FMA])])
AS_IF([test "x$elbo_avx512" = xyes], [AC_DEFINE([KERNEL_AVX512], [1], [the kernels are built for AVX-512])])
])
