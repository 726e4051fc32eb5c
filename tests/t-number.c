/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text to double: the bits of strtod for what is a number, no for what is none. */
#include <config.h>

#include <check.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "draw.h"
#include "data/scan.h"

static size_t
digits (uint64_t *state, char *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (char)('0' + draw (state) % 10);
  return n;
}

/* A number in one of many shapes; its length. */
static size_t
make (uint64_t *state, char *text, size_t size)
{
  uint64_t bits = draw (state);
  double value;
  size_t n = 0, whole = draw (state) % 20, part = draw (state) % 25;

  switch (draw (state) % 8)
    {
    case 0: /* any double, shortest form that comes back */
      memcpy (&value, &bits, sizeof value);
      return (size_t)snprintf (text, size, "%.17g", isfinite (value) ? value : 1.0);
    case 1: /* everyday doubles */
      value = ((double)(bits >> 11) * 0x1p-53 - 0.5) * pow (10, (double)(draw (state) % 12));
      return (size_t)snprintf (text, size, "%.*g", (int)(1 + draw (state) % 17), value);
    case 2: /* exactly between two doubles, the hardest case */
      value = (double)(bits >> 11 | UINT64_C (1) << 52);
      return (size_t)snprintf (text, size, "%.0f.5", value);
    case 3:
      bits = bits >> (draw (state) % 64);
      return (size_t)snprintf (text, size, "%" PRIu64 "e%d", bits, (int)(draw (state) % 160) - 80);
    case 4: /* near the ends of the range */
      return (size_t)snprintf (text, size, "%" PRIu64 "e%d", bits >> 20,
                               (int)(draw (state) % 30) + (bits & 1 ? 280 : -345));
    case 5: /* leading zeros, long tails */
      n = (size_t)snprintf (text, size, "-000.00000000000000000000000");
      return n + digits (state, text + n, 1 + draw (state) % 40);
    default:
      if (bits & 1)
        text[n++] = bits & 2 ? '-' : '+';
      n += digits (state, text + n, whole);
      text[n++] = '.';
      n += digits (state, text + n, part + (whole == 0));
      if (bits & 4)
        n += (size_t)snprintf (text + n, size - n, "%c%s%d", bits & 8 ? 'e' : 'E',
                               bits & 16 ? "+" : "", (int)(draw (state) % 90));
      return n;
    }
}

/* The other reader, which gives up on what is rare, says the same where it does not; returns 1
   then. */
static size_t
scanned (const char *text, size_t n, double want)
{
  char cell[2048 + ELBO_SCAN_SLACK] = { 0 };
  const char *stop;
  double got;

  ck_assert_uint_lt (n, sizeof cell - ELBO_SCAN_SLACK);
  memcpy (cell, text, n);
  cell[n] = ';';
  stop = elbo_scan (cell, '.', &got);
  if (!stop || stop != cell + n)
    return 0;
  if (memcmp (&want, &got, sizeof want) != 0)
    ck_abort_msg ("%s: scanned as %a, not %a", text, got, want);
  return 1;
}

/* Same bits as strtod, in both decimal styles. */
static size_t nscanned;

static void
same (const char *text, size_t n)
{
  char comma[2048];
  double want = strtod (text, NULL), got = 0, other = 0;
  elbo_number_verdict verdict = elbo_number (text, text + n, '.', &got);

  if (isinf (want))
    {
      ck_assert_msg (verdict == ELBO_NUMBER_LARGE, "%s: verdict %d", text, (int)verdict);
      return;
    }
  ck_assert_msg (verdict == ELBO_NUMBER_FINE, "%s: verdict %d", text, (int)verdict);
  ck_assert_msg (memcmp (&want, &got, sizeof want) == 0, "%s: %a, not %a", text, got, want);
  ck_assert_uint_lt (n, sizeof comma);
  for (size_t i = 0; i < n; i++)
    comma[i] = text[i] == '.' ? ',' : text[i];
  verdict = elbo_number (comma, comma + n, ',', &other);
  ck_assert_msg (verdict == ELBO_NUMBER_FINE && memcmp (&want, &other, sizeof want) == 0,
                 "%s with a decimal comma", text);
  nscanned += scanned (text, n, want);
}

START_TEST (random_strings)
{
  uint64_t state = 1;
  char text[128];
  size_t large = 0;
  int strings = getenv ("ELBO_LONG") ? 10000000 : getenv ("ELBO_QUICK") ? 20000 : 1000000;

  for (int i = 0; i < strings; i++)
    {
      size_t n = make (&state, text, sizeof text - 64);
      text[n] = '\0';
      same (text, n);
      large += n > 19;
    }
    /* the shapes are all there, and a half of them is read where it stands; fewer without products of
     128 bits */
#ifdef __SIZEOF_INT128__
  ck_assert_uint_gt (nscanned, (size_t)strings / 2);
#else
  ck_assert_uint_gt (nscanned, (size_t)strings / 8);
#endif
  ck_assert_uint_gt (large, (size_t)strings / 5);
}
END_TEST

START_TEST (random_strings_round_trip)
{
  uint64_t state = 2;
  char text[64];

  for (int i = 0; i < 200000; i++)
    {
      uint64_t bits = draw (&state);
      double value, back = 0;
      memcpy (&value, &bits, sizeof value);
      if (!isfinite (value))
        continue;
      int n = snprintf (text, sizeof text, "%.17g", value);
      ck_assert_int_eq (elbo_number (text, text + n, '.', &back), ELBO_NUMBER_FINE);
      ck_assert_msg (memcmp (&value, &back, sizeof value) == 0, "%s", text);
    }
}
END_TEST

/* Halfway cases, ends of the range, known bugs of PHP, Java, gcc and glibc. */
static const char *const hard[]
    = { "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327208e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "179769313486231570000000000000000000000e270",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740991.5",
        "18446744073709551615",
        "18446744073709551616",
        "1e23",
        "8.5e22",
        "9.5e21",
        "6929495644600919.5",
        "3.518437208883201171875e13",
        "62.5364939768271845828",
        "8.10109172351e-10",
        "1.50000000000000011102230246251565",
        "9007199254740991.4999999999999",
        "1448997445238699",
        "0.500000000000000166533453693773481063544750213623046875",
        "1e-400",
        "0e999999999999999999999",
        "0.0e-99999999999",
        "1e-999999999999999999999999",
        "1e64",
        "1e-64",
        "1e65",
        "1e-65",
        "1.8446744073709551616e-44",
        "123456789012345678e-40",
        "9214843084008499",
        "30078505129381147446200",
        "1777820000000000000001",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000001e75",
        "-0",
        "-0.0",
        "+0",
        "5e-324",
        "3e-324",
        "2e-324",
        "1e308",
        "1e309",
        "1e22",
        "1e-22",
        "00000000000000000000000000000000000012",
        "9999999999999999999",
        "99999999999999999999" };

START_TEST (hard_cases)
{
  char text[1200];

  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
    same (hard[i], strlen (hard[i]));
  for (size_t zeros = 0; zeros < 1000; zeros += 37) /* a tie, and a digit far behind it */
    {
      int n = snprintf (text, sizeof text, "9007199254740993.%0*d", (int)zeros + 1, 0);
      same (text, (size_t)n);
      text[n - 1] = '1';
      same (text, (size_t)n);
    }
  memset (text, '7', 1000);
  text[1000] = '\0';
  text[3] = '.';
  same (text, 1000);
  text[3] = '7';
  same (text, 1000); /* too large */
  strcpy (text + 900, "e-890");
  same (text, 905);
}
END_TEST

/* Halfway between two neighbours stands a number of 400 to 767 digits, the last of which decides.
   It is made by hand: printf writes doubles exactly, their digits are added and halved. */
START_TEST (far_digits)
{
  enum
  {
    PLACES = 1100
  };
  uint64_t state = 11;
  char a[PLACES + 8], b[PLACES + 8], half[PLACES + 8];

  for (int i = 0; i < 300; i++)
    {
      const double low = (1 + (double)(draw (&state) >> 11) * 0x1p-53) * pow (2, -400 - i * 2),
                   high = nextafter (low, 1);
      uint64_t bits;
      int carry = 0, n = snprintf (a, sizeof a, "%.*f", PLACES, low);
      double value;
      snprintf (b, sizeof b, "%.*f", PLACES, high);
      for (int k = n - 1; k >= 0; k--) /* the sum: below 2, so the first digit takes the carry */
        {
          int sum = k == 1 ? 0 : a[k] - '0' + b[k] - '0' + carry;
          carry = k == 1 ? carry : sum / 10;
          half[k] = (char)(k == 1 ? '.' : '0' + sum % 10);
        }
      for (int k = 0, rest = 0; k < n; k++)
        if (k != 1)
          {
            int digit = half[k] - '0' + 10 * rest;
            half[k] = (char)('0' + digit / 2);
            rest = digit % 2;
          }
      while (n > 0 && half[n - 1] == '0')
        n--;
      memcpy (&bits, &low, sizeof bits);
      ck_assert_int_eq (elbo_number (half, half + n, '.', &value), ELBO_NUMBER_FINE);
      ck_assert_msg (value == (bits & 1 ? high : low), "%.*s", n, half);
      half[n - 1]++; /* it is a 5 */
      ck_assert_int_eq (elbo_number (half, half + n, '.', &value), ELBO_NUMBER_FINE);
      ck_assert_msg (value == high, "%.*s", n, half);
      half[n - 1] -= 2;
      ck_assert_int_eq (elbo_number (half, half + n, '.', &value), ELBO_NUMBER_FINE);
      ck_assert_msg (value == low, "%.*s", n, half);
    }
}
END_TEST

/* Every number of digits on both sides of the mark: the ways to round change with it. */
START_TEST (all_shapes)
{
  static const char *const tail[] = { "", "e5", "E-7", "e+22", "e-40" };
  uint64_t state = 4;
  char text[128];

  for (size_t whole = 0; whole <= 20; whole++)
    for (size_t part = 0; part <= 25; part++)
      for (int i = 0; whole + part > 0 && i < 40; i++)
        {
          size_t n = 0, zeros = draw (&state) % (whole + part + 1);
          if (i % 2)
            text[n++] = '-';
          n += digits (&state, text + n, whole);
          if (part || i % 3 == 0)
            text[n++] = '.';
          n += digits (&state, text + n, part);
          for (size_t k = 0; i % 4 == 3 && k < zeros && 1 + k < n; k++) /* leading zeros */
            if (elbo_is_digit (text[1 + k]))
              text[1 + k] = '0';
          for (size_t k = 0; i % 8 == 4 && k < n; k++) /* as large as they get */
            if (elbo_is_digit (text[k]))
              text[k] = '9';
          strcpy (text + n, i < 20 ? "" : tail[i % 5]);
          same (text, strlen (text));
        }
}
END_TEST

static elbo_number_verdict
read_text (const char *text, size_t n, char decimal, double *value)
{
  return elbo_number (text, text + n, decimal, value);
}

START_TEST (known_values)
{
  double v = 7;

  ck_assert_int_eq (read_text ("  12.5\t", 7, '.', &v), ELBO_NUMBER_FINE);
  ck_assert_double_eq (v, 12.5);
  ck_assert_int_eq (read_text ("-0", 2, '.', &v), ELBO_NUMBER_FINE);
  ck_assert (signbit (v) && v == 0);
  /* nothing behind the end is looked at */
  ck_assert_int_eq (read_text ("123456789", 4, '.', &v), ELBO_NUMBER_FINE);
  ck_assert_double_eq (v, 1234);
  errno = 0;
  ck_assert_int_eq (read_text ("1e-400", 6, '.', &v), ELBO_NUMBER_FINE);
  ck_assert (v == 0 && errno == 0);
}
END_TEST

static const char *const none[] = { "",
                                    " ",
                                    "+",
                                    "-",
                                    ".",
                                    "-.",
                                    "e5",
                                    "1e",
                                    "1e+",
                                    "1e-",
                                    "1.5abc",
                                    "abc",
                                    "0x10",
                                    "0x1p3",
                                    "nan",
                                    "NaN",
                                    "-nan",
                                    "nan(0x7ff)",
                                    "NA",
                                    "1 2",
                                    "1\n",
                                    "\n1",
                                    "1\r",
                                    "1\v",
                                    "\f1",
                                    "1,5",
                                    "1,000",
                                    "1.2.3",
                                    "1..2",
                                    "--1",
                                    "+-1",
                                    "1-",
                                    "$5",
                                    "5%",
                                    "1.0d0",
                                    "2.0D+01",
                                    "1_000",
                                    "\xE2\x88\x92\065",
                                    "\xEF\xBC\x95",
                                    "1\xC2\xA0",
                                    "12.5k",
                                    "2024-01-01",
                                    "1e5.5",
                                    "1e5 e",
                                    "in",
                                    "infinit",
                                    "infx",
                                    "inf inity",
                                    "1f",
                                    "1l",
                                    "'1'",
                                    "\"1\"",
                                    "(1)",
                                    "1/2",
                                    "i nf" };

START_TEST (rejects)
{
  double v = 7;

  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    {
      const char *p = none[i];
      ck_assert_msg (elbo_number (p, p + strlen (p), '.', &v) == ELBO_NUMBER_NOT, "'%s'", p);
    }
  ck_assert_int_eq (read_text ("1\0", 2, '.', &v), ELBO_NUMBER_NOT);
  ck_assert_int_eq (read_text ("1.5", 3, ',', &v), ELBO_NUMBER_NOT);
  ck_assert_double_eq (v, 7);
}
END_TEST

START_TEST (infinities)
{
  static const char *const word[] = { "inf", "Inf", "-INF", "+inf", "infinity", "-Infinity" };
  double v = 7;

  for (size_t i = 0; i < sizeof word / sizeof *word; i++)
    ck_assert_msg (elbo_number (word[i], word[i] + strlen (word[i]), '.', &v)
                       == ELBO_NUMBER_INFINITE,
                   "'%s'", word[i]);
  ck_assert_int_eq (read_text ("1e400", 5, '.', &v), ELBO_NUMBER_LARGE);
  ck_assert_int_eq (read_text ("-1e309", 6, '.', &v), ELBO_NUMBER_LARGE);
  ck_assert_double_eq (v, 7);
}
END_TEST

/* Every prefix and every single-byte change of a number is what strtod says, or is refused. */
START_TEST (damage)
{
  static const char text[] = "-12345678.90123456789e-12";
  char copy[sizeof text];
  uint64_t state = 3;

  for (int i = 0; i < 200000; i++)
    {
      size_t n = 1 + draw (&state) % (sizeof text - 1);
      char *stop;
      double want, got = 0;
      memcpy (copy, text, sizeof text);
      copy[draw (&state) % n] = (char)(32 + draw (&state) % 95);
      copy[n] = '\0';
      want = strtod (copy, &stop);
      if (elbo_number (copy, copy + n, '.', &got) == ELBO_NUMBER_FINE)
        scanned (copy, n, got);
      else if (scanned (copy, n, 0))
        ck_abort_msg ("'%s' is scanned as a number", copy);
      if (stop == copy)
        {
          ck_assert_int_eq (elbo_number (copy, copy + n, '.', &got), ELBO_NUMBER_NOT);
          continue;
        }
      while (*stop == ' ')
        stop++;
      if (elbo_number (copy, copy + n, '.', &got) == ELBO_NUMBER_FINE)
        ck_assert_msg (*stop == '\0' && want == got, "'%s'", copy);
      else
        ck_assert_msg (*stop || isinf (want) || isnan (want) || strpbrk (copy, "xX"), "'%s'", copy);
    }
}
END_TEST

START_TEST (other_locale)
{
  static const char *const name[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8" };
  static const char *const text[] = { "1.5", "1.50000000000000011102230246251565", "-3.25e-300" };
  double want[3], got = 0;
  size_t i = 0;

  for (int t = 0; t < 3; t++)
    want[t] = strtod (text[t], NULL);
  while (i < sizeof name / sizeof *name && !setlocale (LC_NUMERIC, name[i]))
    i++;
  /* where no such locale is installed the values must hold all the same */
  for (int t = 0; t < 3; t++)
    {
      ck_assert_int_eq (elbo_number (text[t], text[t] + strlen (text[t]), '.', &got),
                        ELBO_NUMBER_FINE);
      ck_assert_msg (got == want[t], "%s", text[t]);
    }
  setlocale (LC_NUMERIC, "C");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("number");
  TCase *tc = tcase_create ("number");
  SRunner *sr;
  int failed;

  tcase_add_test (tc, random_strings);
  tcase_add_test (tc, random_strings_round_trip);
  tcase_add_test (tc, hard_cases);
  tcase_add_test (tc, far_digits);
  tcase_add_test (tc, all_shapes);
  tcase_add_test (tc, known_values);
  tcase_add_test (tc, rejects);
  tcase_add_test (tc, infinities);
  tcase_add_test (tc, damage);
  tcase_add_test (tc, other_locale);
  suite_add_tcase (suite, tc);
  sr = srunner_create (suite);
  srunner_set_tap (sr, "-");
  srunner_run_all (sr, CK_SILENT);
  failed = srunner_ntests_failed (sr);
  srunner_free (sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
