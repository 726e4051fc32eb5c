/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vector of doubles as wide as the instruction set at hand.

   KERNEL_BYTES is the width of a vector.  This is GNU C that gcc and clang turn into the
   instructions of the machine; named are only a maximum, and for AVX-512 the masks and the look-up
   in a table. */
#ifndef ELBO_LANES_H
#define ELBO_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif
#include <elbo/rows.h>

typedef double vec __attribute__ ((vector_size (KERNEL_BYTES), may_alias));
typedef uint64_t bits __attribute__ ((vector_size (KERNEL_BYTES), may_alias));
/* the same at any address, for arrays that are not rows of a tile */
typedef double loose __attribute__ ((vector_size (KERNEL_BYTES), may_alias, aligned (8)));

/* UNIT rows are worked on at once, three vectors of them; WIDE is how many outputs (or features)
   go with three vectors before the registers run out. */
enum
{
  LANES = KERNEL_BYTES / 8,
  UNIT = 3 * LANES
};
#if defined __AVX512F__ || defined __aarch64__
enum
{
  WIDE = 8
};
#else
enum
{
  WIDE = 4
};
#endif

#define INLINE static inline __attribute__ ((always_inline))
/* Loops over registers must disappear whatever the optimisation level. */
#ifdef __clang__
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 8")
#endif

/* The number of rows to compute on for n real ones: a multiple of every UNIT. */
INLINE size_t
padded (size_t n)
{
  return (n + 23) / 24 * 24;
}

INLINE vec
load (const double *p)
{
  return *(const vec *)p;
}

INLINE void
store (double *p, vec v)
{
  *(vec *)p = v;
}

/* v in a register: gcc would rather load it again as an operand of every product it is in. */
INLINE vec
held (vec v)
{
#ifdef __SSE2__
  __asm__("" : "+v"(v));
#endif
  return v;
}

INLINE vec
all (double a)
{
#if KERNEL_BYTES == 64
  return (vec){ a, a, a, a, a, a, a, a };
#elif KERNEL_BYTES == 32
  return (vec){ a, a, a, a };
#else
  return (vec){ a, a };
#endif
}

/* a > b ? a : b, so b where one of them is not a number.  The machine has this very instruction;
   gcc finds it only from here. */
INLINE vec
larger (vec a, vec b)
{
#if defined __SSE2__ && KERNEL_BYTES == 64
  return (vec)_mm512_max_pd ((__m512d)a, (__m512d)b);
#elif defined __SSE2__ && KERNEL_BYTES == 32
  return (vec)_mm256_max_pd ((__m256d)a, (__m256d)b);
#elif defined __SSE2__
  return (vec)_mm_max_pd ((__m128d)a, (__m128d)b);
#else
  const bits mask = (bits)(a > b);
  return (vec)((mask & (bits)a) | (~mask & (bits)b));
#endif
}

/* Some of the lanes.  AVX-512 has registers for this and masks an operation at no cost. */
#if KERNEL_BYTES == 64 && defined __AVX512F__
typedef __mmask8 lanes;

INLINE lanes
below (vec a, vec b)
{
  return _mm512_cmp_pd_mask ((__m512d)a, (__m512d)b, _CMP_LT_OQ);
}

INLINE lanes
not_below (vec a, vec b)
{
  return _mm512_cmp_pd_mask ((__m512d)a, (__m512d)b, _CMP_NLT_UQ);
}

INLINE lanes
differ (vec a, vec b)
{
  return _mm512_cmp_pd_mask ((__m512d)a, (__m512d)b, _CMP_NEQ_UQ);
}

/* v in the lanes, 0 elsewhere */
INLINE vec
keep (lanes l, vec v)
{
  return (vec)_mm512_maskz_mov_pd (l, (__m512d)v);
}

/* v in the lanes, other elsewhere */
INLINE vec
choose (lanes l, vec v, vec other)
{
  return (vec)_mm512_mask_mov_pd ((__m512d)other, l, (__m512d)v);
}

/* sum + a b in the lanes, sum elsewhere, whatever b is there; a is finite everywhere */
INLINE vec
add_product (lanes l, vec sum, vec a, vec b)
{
  return (vec)_mm512_mask3_fmadd_pd ((__m512d)a, (__m512d)b, (__m512d)sum, l);
}

INLINE bool
any (lanes l)
{
  return l != 0;
}
#else
typedef bits lanes;

INLINE lanes
below (vec a, vec b)
{
  return (bits)(a < b);
}

INLINE lanes
not_below (vec a, vec b)
{
  return ~below (a, b);
}

INLINE lanes
differ (vec a, vec b)
{
  return (bits)(a != b);
}

INLINE vec
keep (lanes l, vec v)
{
  return (vec)(l & (bits)v);
}

INLINE vec
choose (lanes l, vec v, vec other)
{
  return (vec)((l & (bits)v) | (~l & (bits)other));
}

INLINE vec
add_product (lanes l, vec sum, vec a, vec b)
{
  return sum + a * keep (l, b);
}

INLINE bool
any (lanes l)
{
  uint64_t either = l[0];
  UNROLL
  for (int i = 1; i < LANES; i++)
    either |= l[i];
  return either != 0;
}
#endif

/* Half of the lanes from a, half from b: neighbours added. */
INLINE vec
add_neighbours (vec a, vec b)
{
#if KERNEL_BYTES == 64
  return __builtin_shufflevector (a, b, 0, 8, 2, 10, 4, 12, 6, 14)
         + __builtin_shufflevector (a, b, 1, 9, 3, 11, 5, 13, 7, 15);
#elif KERNEL_BYTES == 32
  return __builtin_shufflevector (a, b, 0, 4, 2, 6) + __builtin_shufflevector (a, b, 1, 5, 3, 7);
#else
  return __builtin_shufflevector (a, b, 0, 2) + __builtin_shufflevector (a, b, 1, 3);
#endif
}

#if KERNEL_BYTES > 16
/* The same with pairs of lanes. */
INLINE vec
add_pairs (vec a, vec b)
{
#if KERNEL_BYTES == 64
  return __builtin_shufflevector (a, b, 0, 1, 4, 5, 8, 9, 12, 13)
         + __builtin_shufflevector (a, b, 2, 3, 6, 7, 10, 11, 14, 15);
#else
  return __builtin_shufflevector (a, b, 0, 1, 4, 5) + __builtin_shufflevector (a, b, 2, 3, 6, 7);
#endif
}
#endif

/* sum[q] += the sum of the lanes of a[q], q < count <= WIDE, where the vectors from count on are 0;
   count is known at compile time.  This transposes as it adds, which takes a third of the
   instructions of separate sums.  Overwrites a. */
INLINE void
add_lanes (const size_t count, vec a[WIDE], double *sum)
{
  UNROLL
  for (size_t q = 0; q < WIDE; q += 2)
    a[q / 2] = add_neighbours (a[q], a[q + 1]);
#if KERNEL_BYTES > 16
  UNROLL
  for (size_t q = 0; q < WIDE / 2; q += 2)
    a[q / 2] = add_pairs (a[q], a[q + 1]);
#endif
#if KERNEL_BYTES > 32
  a[0] = add_pairs (a[0], a[1]);
#endif
  UNROLL
  for (size_t q = 0; q < WIDE; q += LANES)
    if (q + LANES <= count)
      *(loose *)(sum + q) += a[q / LANES];
    else
      UNROLL
  for (size_t l = 0; l < LANES; l++)
    if (q + l < count)
      sum[q + l] += a[q / LANES][l];
}

/* 1.5 2^52: adding it rounds to an integer, which then stands in the low bits. */
#define ROUNDER 6755399441055744.0
/* log 2 in two parts; the first has 33 bits, so that its multiples are exact */
#define LOG_2_HIGH 6.93147180369123816490e-01
#define LOG_2_LOW 1.90821492927058770002e-10

#if KERNEL_BYTES == 64 && defined __AVX512F__
/* 2^(lane / 16), low and high half, less lane 2^48 in the bits: the two shares of an exponent that
   counts sixteenths meet in one addition. */
INLINE vec
sixteenth_power (bits n)
{
  const bits low
      = { 0x3ff0000000000000, 0x3fefb5586cf9890f, 0x3fef72b83c7d517b, 0x3fef387a6e756238,
          0x3fef06fe0a31b715, 0x3feedea64c123422, 0x3feebfdad5362a27, 0x3feeab07dd485429 };
  const bits high
      = { 0x3feea09e667f3bcd, 0x3feea11473eb0187, 0x3feeace5422aa0db, 0x3feec49182a3f090,
          0x3feee89f995ad3ad, 0x3fef199bdd85529c, 0x3fef5818dcfba487, 0x3fefa4afa2a490da };
  const bits part = (bits)_mm512_permutex2var_epi64 ((__m512i)low, (__m512i)n, (__m512i)high);
  return (vec)(part + (n << 48));
}

/* exp (x) for -700 <= x <= 0, within 1.12 ulp; any number for x below.  x = n log 2 / 16 + r, and
   the table of 2^(n / 16) leaves a polynomial of degree 4, the minimax one for
   (exp (r) - 1 - r) / r^2 in the relative error of exp, 1.2e-17. */
INLINE vec
exp_negative (vec x)
{
  const vec t = x * 0x1.71547652b82fep+4 + ROUNDER;
  const vec n = t - ROUNDER;
  vec r = x - n * (LOG_2_HIGH / 16);
  r = r - n * (LOG_2_LOW / 16);
  const vec power = sixteenth_power ((bits)t), r2 = r * r;
  const vec odd = r2 * 0x1.11123aae74323p-7 + 0x1.555555548f890p-3;
  const vec even = (r2 * 0x1.6c14c6eb8be36p-10 + 0x1.55555558fca6dp-5) * r2 + 0x1.fffffffffffb9p-2;
  return power * ((odd * r + even) * r2 + r) + power;
}
#else
/* exp (x) for -700 <= x <= 0, within 1.1 ulp; any number for x below.  x = n log 2 + r,
   |r| <= log 2 / 2; the polynomial is the minimax one of degree 9 for (exp (r) - 1 - r) / r^2 in
   the relative error of exp, 4e-18. */
INLINE vec
exp_negative (vec x)
{
  const vec t = x * 1.4426950408889634 + ROUNDER;
  const vec n = t - ROUNDER;
  vec r = x - n * LOG_2_HIGH;
  r = r - n * LOG_2_LOW;
  /* even and odd powers apart: two short chains of operations keep both multipliers busy */
  const vec r2 = r * r;
  vec odd = r2 * 0x1.ad7cdb7df7089p-26 + 0x1.71df270c449eep-19;
  vec even = r2 * 0x1.28ad63cc7da86p-22 + 0x1.a0199a1e49046p-16;
  odd = odd * r2 + 0x1.a01a012984f2ap-13;
  even = even * r2 + 0x1.6c16c184228a9p-10;
  odd = odd * r2 + 0x1.1111111127e76p-7;
  even = even * r2 + 0x1.55555555508a5p-5;
  odd = odd * r2 + 0x1.55555555554f9p-3;
  even = even * r2 + 0x1.000000000000ap-1;
  const vec p = (odd * r + even) * r2 + r + 1.0;
  return (vec)((bits)p + ((bits)t << 52));
}
#endif

/* log (x) for normal x > 0, within 1 ulp: x = 2^n (1 + f) and the series in s = f / (2 + f) of
   fdlibm's e_log.c. */
INLINE vec
log_positive (vec x)
{
  const uint64_t root_half = 0x3fe6a09e667f3bcd;
  const bits exponent = ((bits)x - root_half + ((uint64_t)1024 << 52)) >> 52;
  const vec n = (vec)(exponent + (bits)all (ROUNDER)) - (ROUNDER + 1024);
  const vec f = (vec)((bits)x - ((exponent - 1024) << 52)) - 1.0;
  const vec s = f / (f + 2.0);
  const vec z = s * s;
  vec p = z * 1.479819860511658591e-01 + 1.531383769920937332e-01;
  p = p * z + 1.818357216161805012e-01;
  p = p * z + 2.222219843214978396e-01;
  p = p * z + 2.857142874366239149e-01;
  p = p * z + 3.999999999940941908e-01;
  p = p * z + 6.666666666666735130e-01;
  p = p * z;
  const vec half = f * f * 0.5;
  return n * LOG_2_HIGH - ((half - (s * (half + p) + n * LOG_2_LOW)) - f);
}

#endif
