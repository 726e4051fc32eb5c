/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as text: the bytes that printf's %.17g writes. */
#include <config.h>

#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/table.h>
#include "draw.h"

static void
same (double value)
{
  char want[64], got[ELBO_NUMBER_TEXT];
  const int length = snprintf (want, sizeof want, "%.17g", value);
  const size_t n = elbo_number_text (value, got);

  ck_assert_msg (strcmp (want, got) == 0, "%a: '%s', not '%s'", value, got, want);
  ck_assert_uint_eq (n, (size_t)length);
}

START_TEST (hard_numbers)
{
  static const double value[] = { 0,
                                  -0.0,
                                  1,
                                  -1,
                                  0.1,
                                  0.5,
                                  2.5,
                                  9.5,
                                  1e-4,
                                  9.9999999999999999e-5,
                                  0.00012345678901234567,
                                  1e16,
                                  1e17,
                                  99999999999999999.0,
                                  123456789012345678.0,
                                  1e22,
                                  1e23,
                                  1e80,
                                  1e81,
                                  1e100,
                                  1e-100,
                                  1e-111,
                                  1e-112,
                                  1e-113,
                                  1e300,
                                  DBL_MAX,
                                  DBL_MIN,
                                  DBL_MIN / 2,
                                  5e-324,
                                  DBL_EPSILON,
                                  NAN,
                                  INFINITY,
                                  -INFINITY,
                                  9007199254740993.0,
                                  4503599627370497.5,
                                  2251799813685248.25,
                                  562949953421312.0625,
                                  0.3,
                                  2.0 / 3,
                                  1e15 + 0.3,
                                  5e-5,
                                  1e-5 };

  for (size_t i = 0; i < sizeof value / sizeof *value; i++)
    same (value[i]);
  for (int power = -320; power <= 308; power++)
    {
      const double ten = pow (10, power);
      same (ten);
      same (nextafter (ten, 0));
      same (nextafter (ten, INFINITY));
      same (ldexp (1, power));
      same (-nextafter (ldexp (1, power), 0));
    }
}
END_TEST

START_TEST (random_numbers)
{
  const long count = getenv ("ELBO_LONG") ? 5000000 : getenv ("ELBO_QUICK") ? 10000 : 300000;
  uint64_t state = 1;

  for (long i = 0; i < count; i++)
    {
      const uint64_t bits = draw (&state);
      const double unit = (double)(bits >> 11) * 0x1p-53;
      double any;
      memcpy (&any, &bits, sizeof any);
      same (any);
      same (unit);
      same (exp (-240 * unit));
      same (-1e4 * unit);
      /* few digits, many zeros; then ties, which stand half way between 17 digits */
      same ((double)(bits % 100000) / 1000);
      same (((double)(bits >> 12) + 0.5) / (double)(1 << bits % 8));
    }
}
END_TEST

/* A locale with a decimal comma changes nothing. */
START_TEST (decimal_comma)
{
  char text[ELBO_NUMBER_TEXT];

  if (!setlocale (LC_NUMERIC, "de_DE.UTF-8"))
    return;
  elbo_number_text (1.5, text);
  ck_assert_str_eq (text, "1.5");
  elbo_number_text (2.5e-320, text);
  ck_assert_ptr_nonnull (strchr (text, '.'));
  ck_assert_ptr_null (strchr (text, ','));
  setlocale (LC_NUMERIC, "C");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("print");
  TCase *tcase = tcase_create ("numbers");
  SRunner *runner;
  int failed;

  tcase_add_test (tcase, hard_numbers);
  tcase_add_test (tcase, random_numbers);
  tcase_add_test (tcase, decimal_comma);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
