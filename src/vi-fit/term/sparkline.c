/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small drawings in a terminal that can show block elements; nothing anywhere else. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vi-fit/term/term.h"

enum
{
  WIDEST = 60,
  EIGHTHS = 8
};

/* Does the locale ask for UTF-8?  The first of the three variables that is set decides. */
static int
is_utf8_locale (void)
{
  static const char *const name[] = { "LC_ALL", "LC_CTYPE", "LANG" };
  for (size_t i = 0; i < 3; i++)
    {
      const char *value = getenv (name[i]);
      if (value && *value)
        return strstr (value, "UTF-8") || strstr (value, "utf8") || strstr (value, "utf-8");
    }
  return 0;
}

int
can_draw (void)
{
  const char *terminal = getenv ("TERM");
  return isatty (STDOUT_FILENO) && terminal && strcmp (terminal, "dumb") != 0 && is_utf8_locale ();
}

void
draw_sparkline (const elbo_outcome *outcome)
{
  static const char *const block[EIGHTHS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
  double low = INFINITY, high = -INFINITY;
  const size_t nrecord = elbo_outcome_records (outcome);
  size_t n = 0;
  for (size_t i = 0; i < nrecord; i++)
    {
      const elbo_trace *t = elbo_outcome_record (outcome, i);
      if (t->half != 'E')
        continue;
      low = fmin (low, t->elbo);
      high = fmax (high, t->elbo);
      n++;
    }
  if (n < 3 || !(high > low))
    return;
  printf ("            ");
  size_t seen = 0, drawn = 0;
  for (size_t i = 0; i < nrecord; i++)
    {
      const elbo_trace *t = elbo_outcome_record (outcome, i);
      if (t->half != 'E' || seen++ * (n < WIDEST ? n : WIDEST) < drawn * n)
        continue;
      const double level = (EIGHTHS - 1) * (t->elbo - low) / (high - low);
      fputs (block[(int)(level + 0.5)], stdout);
      drawn++;
    }
  printf ("  %zu iterations\n", n);
}

void
draw_bar (double share, int cell)
{
  static const char *const part[EIGHTHS] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  const int width = cell - 3, eighths = (int)(EIGHTHS * width * fmin (fmax (share, 0), 1) + 0.5);
  const int whole = eighths / EIGHTHS, rest = eighths % EIGHTHS;
  printf ("%*s", cell - whole - (rest > 0), "");
  for (int i = 0; i < whole; i++)
    fputs ("█", stdout);
  fputs (part[rest], stdout);
}
