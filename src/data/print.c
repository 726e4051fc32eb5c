/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A double as text with 17 significant digits, as printf's %.17g writes it in the C
   locale.

   x = m 2^e with 63 < log2 m < 64 becomes m 5^q 2^(e + q), q chosen so that 17 digits stand before
   the point; 5^q is known to 128 bits.  The 64 bits behind the point say how to round unless they
   lie within the error of 5^q of one half; then, and outside of the table, printf decides. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include "data/data.h"
#include "data/decimal.h"

#define LEAST UINT64_C (10000000000000000) /* 10^16, the first number of 17 digits */

/* printf's answer, with a point for the mark of the locale. */
static size_t
print_slowly (double value, char *text)
{
  char wide[2 * ELBO_NUMBER_TEXT]; /* a mark may have several bytes */
  size_t n = 0;
  int mark = 0;

  snprintf (wide, sizeof wide, "%.17g", value);
  for (const char *p = wide; *p; p++)
    {
      const int odd = !elbo_is_digit (*p) && !(*p >= 'a' && *p <= 'z') && *p != '-' && *p != '+';
      if (!odd)
        text[n++] = *p;
      else if (!mark)
        text[n++] = '.';
      mark = odd;
    }
  text[n] = '\0';
  return n;
}

#ifdef __SIZEOF_INT128__
/* x = digits 10^(power - 16) rounded to nearest, LEAST <= digits < 10 LEAST; 0 when it cannot be
   told here.  x > 0 and normal. */
static int
digits_of (double x, uint64_t *digits, int *power)
{
  enum
  {
    GUARD = 4
  }; /* more than the error, in units of the last of the 64 bits */
  uint64_t bits, m;
  int e, q;

  memcpy (&bits, &x, sizeof bits);
  m = (bits & ((UINT64_C (1) << 52) - 1)) | UINT64_C (1) << 52;
  e = (int)(bits >> 52) - 1075 - 11;
  m <<= 11;
  /* floor ((e + 63) log10 2): right, or one too small */
  for (*power = (e + 63) * 78913 >> 18;; ++*power)
    {
      q = 16 - *power;
      if (q < ELBO_POWER_FIRST || q > ELBO_POWER_LAST)
        return 0;
      const uint64_t *five = elbo_power_of_five[q - ELBO_POWER_FIRST];
      const elbo_wide low = (elbo_wide)m * five[1];
      const elbo_wide top = (elbo_wide)m * five[0] + (uint64_t)(low >> 64);
      /* 5^q = five 2^(floor (q log2 5) - 127), so the point stands 128 - shift bits from the top */
      const int shift = -(e + q + (q * 152170 >> 16) - 127 + 64);
      const uint64_t whole = (uint64_t)(top >> shift);
      const uint64_t rest = (uint64_t)(top >> (shift - 64));
      if (whole >= 10 * LEAST)
        continue;
      if (whole < LEAST || rest - (UINT64_C (1) << 63) + GUARD <= 2 * GUARD)
        return 0;
      *digits = whole + (rest >> 63);
      if (*digits == 10 * LEAST)
        {
          *digits = LEAST;
          ++*power;
        }
      return 1;
    }
}

/* Two digits. */
static char *
put_two (char *p, unsigned v)
{
  *p++ = (char)('0' + v / 10);
  *p++ = (char)('0' + v % 10);
  return p;
}

static char *
put_eight (char *p, unsigned v)
{
  const unsigned high = v / 10000, low = v % 10000;
  p = put_two (p, high / 100);
  p = put_two (p, high % 100);
  p = put_two (p, low / 100);
  return put_two (p, low % 100);
}

/* The digits as text; how many are left without the zeros behind them. */
static int
spell (uint64_t digits, char text[17])
{
  int n = 17;

  text[0] = (char)('0' + digits / LEAST);
  digits %= LEAST;
  put_eight (text + 1, (unsigned)(digits / 100000000));
  put_eight (text + 9, (unsigned)(digits % 100000000));
  while (n > 1 && text[n - 1] == '0')
    n--;
  return n;
}

static char *
put_text (char *p, const char *text, int n)
{
  memcpy (p, text, (size_t)n);
  return p + n;
}

static char *
put_exponent (char *p, int power)
{
  *p++ = 'e';
  *p++ = power < 0 ? '-' : '+';
  power = power < 0 ? -power : power;
  if (power >= 100)
    *p++ = (char)('0' + power / 100);
  return put_two (p, (unsigned)power % 100);
}

/* The layout of %g: an exponent below 1e-4 and from 1e17 on, no zeros behind the last digit. */
static char *
lay_out (char *p, const char *digit, int n, int power)
{
  if (power < -4 || power > 16)
    {
      *p++ = digit[0];
      if (n > 1)
        *p++ = '.';
      p = put_text (p, digit + 1, n - 1);
      return put_exponent (p, power);
    }
  if (power < 0)
    {
      p = put_text (p, "0.0000", 1 - power);
      return put_text (p, digit, n);
    }
  if (n <= power + 1)
    {
      p = put_text (p, digit, n);
      for (; n <= power; n++)
        *p++ = '0';
      return p;
    }
  p = put_text (p, digit, power + 1);
  *p++ = '.';
  return put_text (p, digit + power + 1, n - power - 1);
}

size_t
elbo_number_text (double value, char *text)
{
  uint64_t digits;
  char digit[17], *p = text;
  int power;

  if (!text)
    return 0;
  if (value == 0) /* most responsibilities */
    {
      const int minus = signbit (value) != 0;
      memcpy (text, minus ? "-0" : "0", (size_t)minus + 2);
      return (size_t)minus + 1;
    }
  if (!isnormal (value) || !digits_of (fabs (value), &digits, &power))
    return print_slowly (value, text);
  if (value < 0)
    *p++ = '-';
  p = lay_out (p, digit, spell (digits, digit), power);
  *p = '\0';
  return (size_t)(p - text);
}
#else
size_t
elbo_number_text (double value, char *text)
{
  return text ? print_slowly (value, text) : 0;
}
#endif
