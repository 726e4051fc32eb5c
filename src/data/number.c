/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text to double, rounded to nearest even, whatever the locale.

   A cell is w 10^q with w < 10^19 in all but odd cases, and decimal.h rounds those.  The others go
   to strtod as digits and an exponent written without a decimal mark, so that no locale can change
   what they mean.
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
#include "data/decimal.h"
#include "data/powers.h"

/* 768 digits decide any rounding of a double; a last digit stands for all that follow. */
enum
{
  LONGEST = 800
};
/* Exponents are cut here: more than any file has digits, less than overflows. */
static const int64_t far = INT64_C (1000000000000000);

/* Step over digits, w = w 10^n + them modulo 2^64. */
static const char *
digits (const char *p, const char *end, uint64_t *w)
{
#if ELBO_DECIMAL_WORDS
  while (end - p >= 8)
    {
      uint64_t t;
      memcpy (&t, p, 8);
      t ^= 0x3030303030303030;
      if (elbo_not_digits (t))
        break;
      *w = *w * 100000000 + elbo_eight (t);
      p += 8;
    }
#endif
  for (; p < end && elbo_is_digit (*p); p++)
    *w = *w * 10 + (uint64_t)(*p - '0');
  return p;
}

/* The digits in [begin, end), which may contain the decimal mark, times 10^q. */
static double
slow (const char *begin, const char *end, int64_t q)
{
  char text[LONGEST + 32];
  int n = 0, point = 0, rest = 0, saved = errno;
  double value;

  for (const char *p = begin; p < end; p++)
    if (!elbo_is_digit (*p))
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
  snprintf (text + n, sizeof text - (size_t)n, "e%d", (int)q);
  value = strtod (text, NULL);
  errno = saved; /* underflow is no event */
  return value;
}

/* The word inf or infinity, in any case. */
static elbo_number_verdict
word (const char *p, const char *end)
{
  static const char infinity[] = "infinity";
  size_t n = (size_t)(end - p);

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
  if (p == end || !elbo_is_digit (*p))
    return NULL;
  for (; p < end && elbo_is_digit (*p); p++)
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

  while (begin < end && elbo_is_blank (*begin))
    begin++;
  while (begin < end && elbo_is_blank (end[-1]))
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

  if (n > ELBO_DECIMAL_DIGITS) /* leading zeros are not significant */
    for (p = first; p < last && (*p == '0' || *p == decimal); p++)
      n -= *p == '0';
  if (n > ELBO_DECIMAL_DIGITS || !elbo_decimal (w, n, q - fraction, &v))
    v = slow (first, last, q);
  if (v > DBL_MAX)
    return ELBO_NUMBER_LARGE;
  *value = minus ? -v : v;
  return ELBO_NUMBER_FINE;
}
