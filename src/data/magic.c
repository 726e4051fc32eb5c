/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are no CSV, known by their first bytes, and what to do about each. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include "data/data.h"

typedef struct
{
  const char *bytes;
  size_t n;
  const char *what, *before, *after; /* the cure: before FILE after */
} magic;

static const magic table[] = {
  { "PK\3\4", 4, "a ZIP or Excel file", "xlsx2csv ", "" },
  { "\xD0\xCF\x11\xE0", 4, "an old Excel file", "ssconvert -T Gnumeric_stf:stf_csv ", " fd://1" },
  { "\xFF\xFE\0\0", 4, "UTF-32 text", "iconv -f UTF-32 -t UTF-8 ", "" },
  { "\xFF\xFE", 2, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 ", "" },
  { "\xFE\xFF", 2, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 ", "" },
  { "PAR1", 4, "a Parquet file", "duckdb -csv -c \"select * from '", "'\"" },
  { "ARROW1", 6, "an Arrow file", "duckdb -csv -c \"select * from '", "'\"" },
  { "SQLite format 3", 16, "an SQLite database", "sqlite3 -csv -header ",
    " 'select * from TABLE'" },
  { "\x89HDF\r\n\x1A\n", 8, "an HDF5 file", "h5dump -y -o /dev/stdout -d DATASET ", "" },
  { "BZh", 3, "a bzip2 file", "bzip2 -dc ", "" },
  { "\xFD"
    "7zXZ\0",
    6, "an xz file", "xz -dc ", "" },
  { "\x28\xB5\x2F\xFD", 4, "a zstd file", "zstd -dc ", "" },
  { "%PDF-", 5, "a PDF file", "pdftotext -layout ", " -" },
};

/* UTF-16 without a mark: Latin text has every other byte zero. */
static const char *
unmarked (const unsigned char *head, size_t n)
{
  size_t zero[2] = { 0, 0 }, half;

  n = n < 256 ? n & ~(size_t)1 : 256;
  half = n / 2;
  for (size_t i = 0; i < n; i++)
    zero[i % 2] += head[i] == 0;
  if (half < 2)
    return NULL;
  if (zero[0] == 0 && zero[1] > half * 3 / 4)
    return "UTF-16LE";
  if (zero[1] == 0 && zero[0] > half * 3 / 4)
    return "UTF-16BE";
  return NULL;
}

int
elbo_magic_check (const char *file, const char *path, const unsigned char *head, size_t n)
{
  char shown[ELBO_SHOW_FILE], word[ELBO_SHOW + 64];
  const char *coding = unmarked (head, n), *dot = strrchr (path, '.');

  elbo_show_file (shown, sizeof shown, file);
  if (strcmp (path, "-") == 0)
    snprintf (word, sizeof word, "FILE");
  else
    elbo_show_word (word, sizeof word, "", path);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    {
      const char *before = table[i].before;
      if (n < table[i].n || memcmp (head, table[i].bytes, table[i].n) != 0)
        continue;
      /* bzip2 goes on with a digit; text may well begin with these letters */
      if (head[0] == 'B' && (n < 4 || head[3] < '1' || head[3] > '9'))
        continue;
      if (i == 0 && dot && strcmp (dot, ".zip") == 0)
        before = "unzip -p ";
      return elbo_fail (ELBO_EDATA, "%s: this is %s, not CSV; try: %s%s%s | vi-fit -", shown,
                        table[i].what, before, word, table[i].after);
    }
  if (coding)
    return elbo_fail (ELBO_EDATA,
                      "%s: this is UTF-16 text, not CSV; try: iconv -f %s -t UTF-8 %s | vi-fit -",
                      shown, coding, word);
  return GSL_SUCCESS;
}
