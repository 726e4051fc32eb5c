/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The everyday number, read where it stands.

   elbo_scan reads from the first character on without knowing where the cell ends; who calls it
   looks at what it stopped at.  It gives up on all that is rare, and elbo_number decides then.
   Where it does not give up, the value is elbo_number's. */
#ifndef ELBO_DATA_SCAN_H
#define ELBO_DATA_SCAN_H

#include <stddef.h>
#include "data/decimal.h"

/* Bytes that must be readable from the first one on that ends every scan. */
enum
{
  ELBO_SCAN_SLACK = 64
};

/* Step over digits, w = w 10^n + them modulo 2^64. */
static inline const char *
elbo_scan_digits (const char *p, uint64_t *w)
{
#if ELBO_DECIMAL_WORDS
  static const uint64_t ten[8] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
  uint64_t t, mask;

  while (1)
    {
      memcpy (&t, p, 8);
      t ^= 0x3030303030303030;
      mask = elbo_not_digits (t);
      if (mask)
        break;
      *w = *w * 100000000 + elbo_eight (t);
      p += 8;
    }
  /* the n < 8 digits left move to the end of a word of zeros: one way for every n */
  int n = __builtin_ctzll (mask) >> 3;
  *w = *w * ten[n] + elbo_eight (t << 8 << (56 - 8 * n));
  return p + n;
#else
  for (; elbo_is_digit (*p); p++)
    *w = *w * 10 + (uint64_t)(*p - '0');
  return p;
#endif
}

/* Read e-05 and the like; NULL when it is broken or long. */
static inline const char *
elbo_scan_exponent (const char *p, int64_t *q)
{
  int minus = p[1] == '-';
  const char *first = p + 1 + (p[1] == '-' || p[1] == '+');
  int64_t e = 0;

  for (p = first; elbo_is_digit (*p) && p - first < 4; p++)
    e = e * 10 + (*p - '0');
  if (p == first)
    return NULL;
  *q += minus ? -e : e;
  return p;
}

/* How many of the digits in [first, last) lead as zeros. */
static inline ptrdiff_t
elbo_scan_zeros (const char *first, const char *last, char decimal)
{
  ptrdiff_t n = 0;

  for (; first < last && (*first == '0' || *first == decimal); first++)
    n += *first == '0';
  return n;
}

/* Read a number; where it stops, or NULL.  What is at that place may still belong to the cell. */
static inline const char *
elbo_scan (const char *p, char decimal, double *value)
{
  const int minus = *p == '-';
  const char *const first = p + minus, *last;
  uint64_t w = 0, bits;
  int64_t q = 0;
  ptrdiff_t n;

  /* before the point most numbers have one digit or two: a branch that is foreseen costs less */
  for (p = first; elbo_is_digit (*p); p++)
    w = w * 10 + (uint64_t)(*p - '0');
  n = p - first;
  if (*p == decimal)
    {
      const char *point = ++p;
      p = elbo_scan_digits (p, &w);
      q = point - p;
      n -= q;
    }
  last = p;
  if ((*p | 0x20) == 'e' && !(p = elbo_scan_exponent (p, &q)))
    return NULL;
  if (n > ELBO_DECIMAL_DIGITS)
    n -= elbo_scan_zeros (first, last, decimal);
  if (n > ELBO_DECIMAL_DIGITS || last == first || !elbo_decimal (w, n, q, value))
    return NULL;
  if (n == 0 && last - first == 1 && *first == decimal) /* a lonely mark */
    return NULL;
  memcpy (&bits, value, sizeof bits);
  bits |= (uint64_t)minus << 63;
  memcpy (value, &bits, sizeof bits);
  return p;
}

#endif
