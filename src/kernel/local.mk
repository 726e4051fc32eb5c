# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/kernel.h %D%/isa.h %D%/lanes.h %D%/scores.h %D%/moments.h %D%/softmax.h
libelbo_all_la_SOURCES += %D%/dispatch.c %D%/scalar.c

# vector.c once for every instruction set.  Contraction is on here and nowhere else: results
# depend on the build and the machine type, and the scalar code stays as it is written.
KERNEL_CFLAGS = $(AM_CFLAGS) -O3 -ffp-contract=fast

noinst_LTLIBRARIES += %D%/libbaseline.la
%C%_libbaseline_la_SOURCES = %D%/vector.c
%C%_libbaseline_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNEL_ISA=baseline -DKERNEL_BYTES=16
%C%_libbaseline_la_CFLAGS = $(KERNEL_CFLAGS)
libelbo_all_la_LIBADD += %D%/libbaseline.la

if KERNEL_AVX2
noinst_LTLIBRARIES += %D%/libavx2.la
%C%_libavx2_la_SOURCES = %D%/vector.c
%C%_libavx2_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNEL_ISA=avx2 -DKERNEL_BYTES=32
%C%_libavx2_la_CFLAGS = $(KERNEL_CFLAGS) -mavx2 -mfma
libelbo_all_la_LIBADD += %D%/libavx2.la
endif

if KERNEL_AVX512
noinst_LTLIBRARIES += %D%/libavx512.la
%C%_libavx512_la_SOURCES = %D%/vector.c
%C%_libavx512_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNEL_ISA=avx512 -DKERNEL_BYTES=64
%C%_libavx512_la_CFLAGS = $(KERNEL_CFLAGS) -mavx512f -mavx512dq -mfma -mprefer-vector-width=512
libelbo_all_la_LIBADD += %D%/libavx512.la
endif
