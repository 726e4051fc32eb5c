/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digits to doubles: what the two readers of cells (number.c, scan.h) inline.

   A number is w 10^q with w < 10^19 in all but odd cases.  Two ways are here, the first that fits:
     w < 10^15, |q| <= 22   w and 10^|q| are doubles: one rounding (Clinger 1990)
     -64 <= q <= 128        w times the first 128 bits of 5^q decides the rounding (Eisel and
                            Lemire; Lemire 2021, algorithm 1) */
#ifndef ELBO_DATA_DECIMAL_H
#define ELBO_DATA_DECIMAL_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ELBO_DECIMAL_WORDS 1 /* digits are read eight at a time */
#else
#define ELBO_DECIMAL_WORDS 0
#endif

#pragma GCC visibility push(hidden)

enum
{
  ELBO_DECIMAL_DIGITS = 19
}; /* any such number of digits fits a uint64_t */

/* number.c: the first 128 bits of 5^q for q = ELBO_POWER_FIRST ... ELBO_POWER_LAST. */
enum
{
  ELBO_POWER_FIRST = -64,
  ELBO_POWER_LAST = 128
};
extern const uint64_t elbo_power_of_five[ELBO_POWER_LAST - ELBO_POWER_FIRST + 1][2];

#pragma GCC visibility pop

static inline int
elbo_is_digit (char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* The number whose eight digits, each 0 ... 9, are the bytes of t, the first one lowest. */
static inline uint64_t
elbo_eight (uint64_t t)
{
  t = t * 10 + (t >> 8);
  return ((t & 0x000000FF000000FF) * 0x000F424000000064
          + ((t >> 16) & 0x000000FF000000FF) * 0x0000271000000001)
         >> 32;
}

/* The top bit of every byte of t = (eight characters) ^ "00000000" up to the first that is no digit
   is clear, that one's is set; those behind it tell nothing. */
static inline uint64_t
elbo_not_digits (uint64_t t)
{
  return ((t + 0x7676767676767676) | t) & 0x8080808080808080;
}

static inline double
elbo_decimal_exact (uint64_t w, int64_t q)
{
  static const double ten[]
      = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
          1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  return q < 0 ? (double)w / ten[-q] : (double)w * ten[q];
}

/* w 10^q for q in the range of the powers and w > 0; no result is subnormal or infinite there. */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 elbo_wide;

static inline double
elbo_decimal_lemire (uint64_t w, int q)
{
  const uint64_t *five = elbo_power_of_five[q - ELBO_POWER_FIRST];
  int shift = __builtin_clzll (w), upper, binary;
  elbo_wide product;
  uint64_t high, low, bits;
  double value;

  w <<= shift;
  product = (elbo_wide)w * five[0];
  high = (uint64_t)(product >> 64);
  low = (uint64_t)product;
  if ((high & 0x1FF) == 0x1FF) /* the lower half of 5^q can still change the kept bits */
    {
      uint64_t carry = (uint64_t)(((elbo_wide)w * five[1]) >> 64);
      low += carry;
      high += low < carry;
    }
  upper = (int)(high >> 63);
  bits = high >> (upper + 9);
  /* floor (q log2 (10)) + 63 */
  binary = ((217706 * q) >> 16) + 63 + upper - shift + 1023;
  /* A tie is possible only where 5^q is exact; bits carries one bit more than a double. */
  if (low <= 1 && q >= -4 && q <= 23 && (bits & 3) == 1 && (bits << (upper + 9)) == high)
    bits &= ~UINT64_C (1);
  bits += bits & 1;
  bits >>= 1;
  if (bits >> 53)
    {
      bits >>= 1;
      binary++;
    }
  bits = (bits & ~(UINT64_C (1) << 52)) | (uint64_t)binary << 52;
  memcpy (&value, &bits, sizeof value);
  return value;
}
#endif

/* w 10^q correctly rounded, where w was written in n digits; 0 when neither way applies.  The way is
   chosen by n where that will do: the cells of a file mostly have about as many digits, so that the
   processor foresees the branch, while w is now below 2^53 and now above. */
static inline int
elbo_decimal (uint64_t w, ptrdiff_t n, int64_t q, double *value)
{
  enum
  {
    EXACT = 22,
    SURE = 15
  };
#ifdef __SIZEOF_INT128__
  const int fits = n <= SURE;
#else
  const int fits = n <= SURE || w < UINT64_C (1) << 53;
#endif

  if (FLT_EVAL_METHOD == 0 && fits && q >= -EXACT && q <= EXACT)
    *value = elbo_decimal_exact (w, q);
  else if (w == 0)
    *value = 0;
#ifdef __SIZEOF_INT128__
  else if (q >= ELBO_POWER_FIRST && q <= ELBO_POWER_LAST)
    *value = elbo_decimal_lemire (w, (int)q);
#endif
  else
    return 0;
  return 1;
}

#endif
