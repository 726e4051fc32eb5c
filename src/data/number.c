/* number.c -- text to double, rounded to nearest even, whatever the locale.

   A cell is w 10^q with w < 10^19 in all but odd cases.  Three ways, the first that applies:
     w < 2^53, |q| <= 22    w and 10^|q| are doubles: one rounding (Clinger 1990)
     |q| <= 64              w times the first 128 bits of 5^q decides the rounding (Eisel and
                            Lemire; Lemire 2021, algorithm 1)
     otherwise              strtod on the digits and the exponent written without a decimal mark, so
                            that no locale can change what they mean
   strtod itself would skip line ends, accept hexadecimal, nan(...) and infinity, follow the locale
   and stop at garbage; so it never sees a cell. */
#include <config.h>

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "data/powers.h"

/* 768 digits decide any rounding of a double; a last digit stands for all that follow. */
enum { LONGEST = 800, EXACT = 22, WORD_DIGITS = 19 };
/* Exponents are cut here: more than any file has digits, less than overflows. */
static const int64_t far = INT64_C (1000000000000000);

static int
is_digit (char c)
{
  return (unsigned char) (c - '0') < 10;
}

static int
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* The digits of eight characters at once, or 0 in *all when one of them is none. */
static uint64_t
eight (const char *p, int *all)
{
  uint64_t v;
  memcpy (&v, p, 8);
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  *all = ((v & 0xF0F0F0F0F0F0F0F0) | (((v + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4))
         == 0x3333333333333333;
  v -= 0x3030303030303030;
  v = v * 10 + (v >> 8);
  return ((v & 0x000000FF000000FF) * 0x000F424000000064
          + ((v >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >> 32;
#else
  *all = 0;
  return v;
#endif
}

/* Step over digits, w = w 10^n + them modulo 2^64. */
static const char *
digits (const char *p, const char *end, uint64_t *w)
{
  while (end - p >= 8)
    {
      int all;
      uint64_t v = eight (p, &all);
      if (!all)
        break;
      *w = *w * 100000000 + v;
      p += 8;
    }
  for (; p < end && is_digit (*p); p++)
    *w = *w * 10 + (uint64_t) (*p - '0');
  return p;
}

static double
exact (uint64_t w, int64_t q)
{
  static const double ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  return q < 0 ? (double) w / ten[-q] : (double) w * ten[q];
}

/* w 10^q for POWER_FIRST <= q <= POWER_LAST and w > 0; no result is subnormal or infinite there. */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static double
lemire (uint64_t w, int q)
{
  const uint64_t *five = power[q - POWER_FIRST];
  int shift = __builtin_clzll (w), upper, binary;
  wide product;
  uint64_t high, low, bits;
  double value;

  w <<= shift;
  product = (wide) w * five[0];
  high = (uint64_t) (product >> 64);
  low = (uint64_t) product;
  if ((high & 0x1FF) == 0x1FF) /* the lower half of 5^q can still change the kept bits */
    {
      uint64_t carry = (uint64_t) (((wide) w * five[1]) >> 64);
      low += carry;
      high += low < carry;
    }
  upper = (int) (high >> 63);
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
  bits = (bits & ~(UINT64_C (1) << 52)) | (uint64_t) binary << 52;
  memcpy (&value, &bits, sizeof value);
  return value;
}
#endif

/* The digits in [begin, end), which may contain the decimal mark, times 10^q. */
static double
slow (const char *begin, const char *end, int64_t q)
{
  char text[LONGEST + 32];
  int n = 0, point = 0, rest = 0, saved = errno;
  double value;

  for (const char *p = begin; p < end; p++)
    if (!is_digit (*p))
      point = 1;
    else if (n == 0 && *p == '0')
      q -= point;
    else if (n < LONGEST)
      {
        text[n++] = *p;
        q -= point;
      }
    else
      {
        rest |= *p != '0';
        q += !point;
      }
  if (n == 0)
    return 0;
  if (rest)
    {
      text[n++] = '1';
      q--;
    }
  q = q > 100000 ? 100000 : q < -100000 ? -100000 : q;
  snprintf (text + n, sizeof text - (size_t) n, "e%d", (int) q);
  value = strtod (text, NULL);
  errno = saved; /* underflow is no event */
  return value;
}

/* The word inf or infinity, in any case. */
static elbo_number_verdict
word (const char *p, const char *end)
{
  static const char infinity[] = "infinity";
  size_t n = (size_t) (end - p);

  if (n != 3 && n != 8)
    return ELBO_NUMBER_NOT;
  for (size_t i = 0; i < n; i++)
    if ((p[i] | 0x20) != infinity[i])
      return ELBO_NUMBER_NOT;
  return ELBO_NUMBER_INFINITE;
}

/* Read e+12 and the like at p, if it is there; NULL when it is broken. */
static const char *
exponent (const char *p, const char *end, int64_t *q)
{
  int minus;
  int64_t e = 0;

  if (p == end || (*p != 'e' && *p != 'E'))
    return p;
  p++;
  minus = p < end && *p == '-';
  p += p < end && (*p == '-' || *p == '+');
  if (p == end || !is_digit (*p))
    return NULL;
  for (; p < end && is_digit (*p); p++)
    if (e < far)
      e = e * 10 + (*p - '0');
  *q = minus ? -e : e;
  return p;
}

elbo_number_verdict
elbo_number (const char *begin, const char *end, char decimal, double *value)
{
  const char *p, *first, *last, *stop;
  uint64_t w = 0;
  int64_t q = 0, fraction = 0;
  ptrdiff_t n;
  double v;
  int minus;

  while (begin < end && is_blank (*begin))
    begin++;
  while (begin < end && is_blank (end[-1]))
    end--;
  minus = begin < end && *begin == '-';
  first = begin + (begin < end && (*begin == '-' || *begin == '+'));
  p = digits (first, end, &w);
  n = p - first;
  if (p < end && *p == decimal)
    {
      const char *point = ++p;
      p = digits (p, end, &w);
      fraction = p - point;
      n += p - point;
    }
  if (n == 0)
    return word (first, end);
  last = p;
  stop = exponent (p, end, &q);
  if (stop != end)
    return ELBO_NUMBER_NOT;

  if (n > WORD_DIGITS) /* leading zeros are not significant */
    for (p = first; p < last && (*p == '0' || *p == decimal); p++)
      n -= *p == '0';
  if (n > WORD_DIGITS)
    v = slow (first, last, q);
  else if (w == 0)
    v = 0;
  else
    {
      int64_t ten = q - fraction;
      if (FLT_EVAL_METHOD == 0 && w < UINT64_C (1) << 53 && ten >= -EXACT && ten <= EXACT)
        v = exact (w, ten);
#ifdef __SIZEOF_INT128__
      else if (ten >= POWER_FIRST && ten <= POWER_LAST)
        v = lemire (w, (int) ten);
#endif
      else
        v = slow (first, last, q);
    }
  if (v > DBL_MAX)
    return ELBO_NUMBER_LARGE;
  *value = minus ? -v : v;
  return ELBO_NUMBER_FINE;
}
