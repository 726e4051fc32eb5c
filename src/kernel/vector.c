/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hot loops in GNU C vectors.

   Compiled once for every instruction set, with KERNEL_ISA its name and KERNEL_BYTES the width of
   its vectors; see local.mk.  The files below are parts of this one translation unit: every loop
   over registers is inlined and unrolled, so that tiles of rows stay in registers at -O2 already.
   Three vectors of rows against eight (AVX-512, NEON) or four numbers are what 32 or 16 registers
   hold; each number is then used three times for one load. */
#include <config.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "kernel/isa.h"
#include "kernel/lanes.h"
#include "kernel/scores.h"
#include "kernel/moments.h"
#include "kernel/softmax.h"

#define TEXT(name) #name
#define RECORD(isa) \
  const elbo_kernel elbo_kernel_##isa \
      = { TEXT (isa), fill,    whiten,           distance, nearest, \
          linear,     moments, moments_diagonal, totals,   softmax };
#define RECORD_OF(isa) RECORD (isa)

RECORD_OF (KERNEL_ISA)
