/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spelling mistakes. */
#include <config.h>
#include <string.h>
#include "vi-fit/term/term.h"

/* Levenshtein distance, for words of at most 40 bytes. */
static size_t
distance (const char *a, const char *b)
{
  const size_t n = strlen (a), m = strlen (b);
  size_t row[41];
  if (n > 40 || m > 40)
    return 100;
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++)
    {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= m; j++)
        {
          const size_t change = diagonal + (a[i - 1] != b[j - 1]);
          diagonal = row[j];
          row[j] = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
          if (change < row[j])
            row[j] = change;
        }
    }
  return row[m];
}

size_t
closest_word (const char *word, const char *const *list, size_t n)
{
  size_t best = n, least = 1 + strlen (word) / 4;
  for (size_t i = 0; i < n; i++)
    {
      const size_t d = distance (word, list[i]);
      if (d < least || (d == least && best == n))
        {
          best = i;
          least = d;
        }
    }
  return best;
}
