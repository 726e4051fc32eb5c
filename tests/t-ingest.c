/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader by threads and chunks is the reader record by record: same tables, same
   lines, same messages, wherever the file is cut. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "data/data.h"
#include "draw.h"
#include "scratch.h"

static char nasty[4096]; /* folder of the hostile files */
static char scratch[] = "/tmp/t-ingest.XXXXXX";

/* ---- what reading a file gave ---- */

typedef struct
{
  elbo_table *table;
  int status;
  char message[1024], digest[65];
} outcome;

/* The roles of the columns by turns. */
typedef enum
{
  NUMBERS,
  MIXED,
  FEW,
  NROLES
} roles;

static elbo_role
role_of (roles how, size_t column)
{
  static const elbo_role mixed[]
      = { ELBO_ROLE_NUMBER, ELBO_ROLE_LEVEL, ELBO_ROLE_SKIP, ELBO_ROLE_NUMBER, ELBO_ROLE_TEXT };
  return how == NUMBERS    ? ELBO_ROLE_NUMBER
         : how == MIXED    ? mixed[column % 5]
         : column % 3 == 1 ? ELBO_ROLE_NUMBER
                           : ELBO_ROLE_SKIP;
}

static elbo_table_options
defaults (void)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  return options;
}

static outcome
read_file (const char *path, const elbo_table_options *options, roles how, size_t chunk)
{
  outcome o = { .status = ELBO_EDATA };

  elbo_chunks_size (chunk);
  o.table = elbo_table_open (path, options);
  if (o.table)
    {
      elbo_table_want_digest (o.table);
      for (size_t i = 0; i < elbo_table_ncolumn (o.table); i++)
        ck_assert_int_eq (elbo_table_set_role (o.table, i, role_of (how, i)), GSL_SUCCESS);
      o.status = elbo_table_read (o.table, 0);
    }
  snprintf (o.message, sizeof o.message, "%s", o.status ? elbo_message () : "");
  if (o.table && !o.status)
    ck_assert_int_eq (elbo_table_digest (o.table, o.digest), GSL_SUCCESS);
  elbo_chunks_size (0);
  return o;
}

static void
same_column (const elbo_table *a, const elbo_table *b, size_t i, const char *where)
{
  ck_assert_msg (elbo_table_nmissing (a, i) == elbo_table_nmissing (b, i), "%s missing", where);
  ck_assert_msg (elbo_table_nlevel (a, i) == elbo_table_nlevel (b, i), "%s levels", where);
  for (size_t l = 0; l < elbo_table_nlevel (a, i); l++)
    {
      ck_assert_str_eq (elbo_table_level (a, i, l), elbo_table_level (b, i, l));
      ck_assert_uint_eq (elbo_table_level_count (a, i, l), elbo_table_level_count (b, i, l));
    }
  for (size_t row = 0; row < elbo_table_nrow (a); row++)
    {
      double x = elbo_table_value (a, row, i), y = elbo_table_value (b, row, i);
      /* every assertion of Check writes to a file, so only failures come to it */
      if (memcmp (&x, &y, sizeof x) != 0)
        ck_abort_msg ("%s row %zu column %zu: %.17g, not %.17g", where, row, i, y, x);
      if (strcmp (elbo_table_text (a, row, i), elbo_table_text (b, row, i)) != 0)
        ck_abort_msg ("%s row %zu column %zu: text", where, row, i);
    }
}

static void
same_outcome (const outcome *a, const outcome *b, const char *where)
{
  ck_assert_msg (a->status == b->status && strcmp (a->message, b->message) == 0,
                 "%s\n%d %s\nnot\n%d %s", where, b->status, b->message, a->status, a->message);
  if (a->status)
    return;
  ck_assert_msg (strcmp (a->digest, b->digest) == 0, "%s digest", where);
  ck_assert_msg (elbo_table_nrow (a->table) == elbo_table_nrow (b->table), "%s: %zu rows, not %zu",
                 where, elbo_table_nrow (b->table), elbo_table_nrow (a->table));
  ck_assert_uint_eq (elbo_table_ndropped (a->table), elbo_table_ndropped (b->table));
  ck_assert_uint_eq (elbo_table_nragged (a->table), elbo_table_nragged (b->table));
  for (size_t i = 0; i < elbo_table_ncolumn (a->table); i++)
    same_column (a->table, b->table, i, where);
  for (size_t row = 0; row < elbo_table_nrow (a->table); row++)
    {
      if (elbo_table_line (a->table, row) != elbo_table_line (b->table, row))
        ck_abort_msg ("%s row %zu: line %zu, not %zu", where, row, elbo_table_line (b->table, row),
                      elbo_table_line (a->table, row));
      if (elbo_table_number (a->table, row) != elbo_table_number (b->table, row))
        ck_abort_msg ("%s row %zu: its number", where, row);
    }
}

/* Read a file both ways; 1 when it could be read. */
static size_t
compare (const char *path, elbo_table_options option, roles how, size_t chunk, int threads)
{
  char where[4200];
  outcome a = read_file (path, &option, how, (size_t)-1), b;

  option.threads = threads;
  b = read_file (path, &option, how, chunk);
  snprintf (where, sizeof where, "%s: %d threads, chunks of %zu bytes, roles %d", path, threads,
            chunk, (int)how);
  same_outcome (&a, &b, where);
  elbo_table_free (a.table);
  elbo_table_free (b.table);
  return a.status == GSL_SUCCESS;
}

/* ---- files ---- */

START_TEST (hostile_files)
{
  static const size_t chunk[] = { 3, 17, 64, 1000 };
  char path[sizeof nasty + 80], line[1024], file[64];
  struct stat about;
  elbo_table_options option;
  elbo_table_options_init (&option);
  size_t count = 0, cases = 0;
  FILE *manifest;

  snprintf (path, sizeof path, "%s/MANIFEST.tsv", nasty);
  manifest = fopen (path, "r");
  ck_assert_msg (manifest != NULL, "%s", path);
  ck_assert_ptr_nonnull (fgets (line, sizeof line, manifest));
  for (; fgets (line, sizeof line, manifest); count++)
    {
      ck_assert_int_eq (sscanf (line, "%63s", file), 1);
      snprintf (path, sizeof path, "%s/%s", nasty, file);
      if (stat (path, &about) != 0) /* the three that are made elsewhere */
        continue;
      for (int missing = ELBO_MISSING_ERROR; missing <= ELBO_MISSING_KEEP; missing++)
        for (int how = 0; how < NROLES; how++, cases++)
          {
            option.missing = (elbo_missing)missing;
            option.ragged_drop = how == MIXED;
            option.decimal = cases % 5 == 4 ? ',' : '.';
            compare (path, option, (roles)how, chunk[cases % 4] + (size_t)about.st_size / 500,
                     1 + (int)(cases / 4 % 3));
          }
    }
  fclose (manifest);
  ck_assert_uint_eq (count, 111);
}
END_TEST

/* Append a cell of some shape. */
static void
put_cell (FILE *f, uint64_t *state, char separator, int rare)
{
  static const char *const number[] = { "0",
                                        "-0",
                                        "1e5",
                                        "1E-7",
                                        "+3",
                                        ".5",
                                        "5.",
                                        "-.25e+2",
                                        "1e-300",
                                        "12345678901234567890",
                                        "0.00000000000000000001",
                                        "123456789012345678901234567890e-10",
                                        "4.9e-324",
                                        "1.7976931348623157e308",
                                        "00000000000000000000012",
                                        "2.2250738585072011e-308",
                                        "9007199254740993" };
  static const char *const odd[]
      = { "abc",  "1e400",    "inf", "\"1,5\"", "\"2\"", "1 2",  "NaN(1)", "1.2.3",
          "0x10", "\"a\nb\"", "1e",  "-",       ".",     "1e5e", "\"open" };
  uint64_t r = draw (state);
  double value = ((double)(r >> 11) * 0x1p-53 - 0.5) * pow (10, (double)(r % 9) - 3);

  if (draw (state) % 16 == 0)
    fputs (r % 3 ? " " : separator == '\t' ? "" : "\t ", f);
  if (rare && draw (state) % (uint64_t)rare == 0)
    fputs (odd[r % (sizeof odd / sizeof *odd)], f);
  else if (r % 13 == 0)
    fputs (r % 2 ? "NA" : r % 4 ? "" : "?", f);
  else if (r % 13 == 1)
    fputs (number[r / 13 % (sizeof number / sizeof *number)], f);
  else if (r % 13 == 2)
    fprintf (f, "%d", (int)(r / 13 % 7));
  else
    fprintf (f, r % 2 ? "%.*g" : "%.*e", (int)(1 + r / 26 % 18), value);
  if (draw (state) % 16 == 0)
    fputs (" ", f);
}

/* A table with now and then a fault; rare: one cell of so many, 0: none. */
static void
write_random (const char *path, uint64_t *state, int rare)
{
  FILE *f = fopen (path, "wb");
  const size_t n = 1 + draw (state) % 300, p = 1 + draw (state) % 9;
  const char separator = ",;|\t"[draw (state) % 4];
  const int crlf = (int)(draw (state) % 3), cr = draw (state) % 8 == 0;

  ck_assert_ptr_nonnull (f);
  for (size_t row = 0; row <= n; row++)
    {
      size_t cells = p;
      if (rare && row && draw (state) % 100 == 0)
        cells += draw (state) % 3 - 1;
      for (size_t i = 0; i < cells; i++)
        {
          if (i)
            fputc (separator, f);
          if (row == 0)
            fprintf (f, p % 2 ? "c%zu" : "\"c%zu\"", i);
          else
            put_cell (f, state, separator, rare);
        }
      if (row < n || draw (state) % 4)
        fputs (cr && draw (state) % 9 == 0                         ? "\r"
               : crlf == 1 || (crlf == 2 && draw (state) % 2 == 0) ? "\r\n"
                                                                   : "\n",
               f);
      if (draw (state) % 40 == 0)
        fputs (draw (state) % 2 ? "\n" : " \r\n", f);
      if (rare && draw (state) % 2000 == 0)
        fputc ('\0', f);
    }
  fclose (f);
}

START_TEST (random_files)
{
  static const size_t chunk[] = { 1, 3, 17, 100, 700, 4000 };
  static const int rare[] = { 0, 20, 300, 3000 };
  uint64_t state = 7;
  size_t read = 0;
  int files = getenv ("ELBO_LONG") ? 20000 : getenv ("ELBO_QUICK") ? 60 : 400;

  for (int i = 0; i < files; i++)
    {
      elbo_table_options option;
      elbo_table_options_init (&option);
      uint64_t r = draw (&state);
      write_random ("random.csv", &state, rare[i % 4]);
      option.missing = (elbo_missing)(r % 8 == 0 ? 0 : 1 + r % 2);
      option.ragged_drop = r / 8 % 2;
      option.decimal = r / 16 % 16 == 0 ? ',' : '.';
      if (r / 256 % 4 == 0)
        option.na = "NA,?,empty,0,-0.25";
      read += compare ("random.csv", option, (roles)(r / 1024 % NROLES), chunk[r / 4096 % 6],
                       1 + (int)(r / 65536 % 3));
    }
  /* both ends of reading are there */
  ck_assert_msg (read > (size_t)files / 4 && read < (size_t)files * 3 / 4, "%zu of %d", read,
                 files);
}
END_TEST

/* Small files, each a trap of its own. */
START_TEST (traps)
{
  static const char *const text[] = {
    "x\n1\n \n2\n\t\n3\n\r\n4\n", /* blank lines of a single column */
    "x\n1\n\n\n2\n",
    "x,y\n1,2\n,\n3,4\n \n5,6\n", /* empty cells and a blank line */
    "x,y\n1,2\n3,4\r5,6\n7,8\n",  /* a CR alone ends a line */
    "x,y\n1,2\r\n3,4\r\n\r\n5,6\r\n",
    "x,y\n1,2\n3,\"4\n5\",6\n7,8\n",      /* too many cells behind a quoted line end */
    "x,y,z\n1,\"2\n5,6,7\n\",3\n4,5,6\n", /* what looks like a row stands in quotes */
    "x,y\n1,2\n3,4",                      /* the last line lacks its end */
    "x,y\n1,2\n3,",
    "x\ty\n1\t2\n\t\n3\t4\n",
    "x,y\n1, 2\n3 ,4 \n 5 , 6 \n-,7\n",
    "x,y\n.,1\n-.,2\n+.e,3\n",
    "x,y\n1e,2\n1e+,2\n1e5,2\n1e00000005,3\n1e-99999,4\n",
  };

  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    for (int missing = ELBO_MISSING_ERROR; missing <= ELBO_MISSING_KEEP; missing++)
      for (size_t chunk = 1; chunk<32; chunk += chunk> 8 ? 9 : 1)
        {
          elbo_table_options option;
          elbo_table_options_init (&option);
          FILE *f = fopen ("trap.csv", "wb");
          ck_assert_ptr_nonnull (f);
          fputs (text[i], f);
          fclose (f);
          option.missing = (elbo_missing)missing;
          compare ("trap.csv", option, (roles)(chunk % 2), chunk, 1 + (int)chunk % 2);
        }
}
END_TEST

/* One fault somewhere in a regular file: the message is that of the first in the file. */
START_TEST (planted_faults)
{
  static const char *const fault[]
      = { "1,2,x\n",   "1,2\n",     "1,2,3,4\n", "1,\"2\"a,3\n", "1,NA,3\n",
          "1,2,inf\n", "1,2,\"3\n", "1,\0,3\n",  "1,2,1e999\n" };
  uint64_t state = 11;
  int files = getenv ("ELBO_QUICK") ? 20 : 100;

  for (int i = 0; i < files; i++)
    {
      const size_t n = 400, at = draw (&state) % n, also = draw (&state) % n;
      FILE *f = fopen ("fault.csv", "wb");
      ck_assert_ptr_nonnull (f);
      fputs ("a,b,c\n", f);
      for (size_t row = 0; row < n; row++)
        {
          const char *bad = fault[draw (&state) % 9];
          if (row == at || row == also)
            fwrite (bad, 1, bad[2] ? strlen (bad) : 6, f);
          else
            fprintf (f, "%zu,%.6f,-1e-3\n", row, (double)row / 7);
        }
      fclose (f);
      compare ("fault.csv", defaults (), NUMBERS, 1 + draw (&state) % 2000, 1 + i % 3);
    }
}
END_TEST

/* ---- a file of several chunks of the usual size ---- */

static void
write_large (const char *path, size_t n, size_t quoted)
{
  FILE *f = fopen (path, "wb");
  uint64_t state = 3;

  ck_assert_ptr_nonnull (f);
  fputs ("\"x\",y,z\n", f);
  for (size_t row = 0; row < n; row++)
    if (row == quoted)
      fputs ("\"1\",2,\"3\"\n", f);
    else
      fprintf (f, "%.17g,%.6g,%d\n", (double)draw (&state) * 0x1p-64 - 0.5,
               (double)draw (&state) * 0x1p-60, (int)(draw (&state) % 1000));
  fclose (f);
}

START_TEST (large_files)
{
  elbo_table_options option;
  elbo_table_options_init (&option);

  write_large ("large.csv", 60000, (size_t)-1);
  for (int threads = 1; threads <= 3; threads++)
    {
      compare ("large.csv", option, NUMBERS, 0, threads);
      compare ("large.csv", option, MIXED, 0, threads);
    }
  write_large ("large.csv", 60000, 30000);
  compare ("large.csv", option, NUMBERS, 0, 2);
}
END_TEST

/* ---- how many rows to expect ---- */

/* Lines of two lengths in a file of 16 parts, of which the reader samples the beginnings. */
static void
write_uneven (const char *path, size_t at_start, size_t behind)
{
  enum
  {
    PART = 1 << 16,
    SAMPLE = 1 << 14
  };
  FILE *f = fopen (path, "wb");
  size_t size = 0;

  ck_assert_ptr_nonnull (f);
  for (int i = 0; size < 16 * PART; i++)
    {
      size_t length = size % PART < 3 * SAMPLE / 2 ? at_start : behind;
      size += (size_t)fprintf (f, length ? "%d,%0*d\n" : "\n", i % 7, (int)length, i % 1000);
    }
  fputs ("8,9\n", f);
  fclose (f);
}

static size_t
count_chunks (const char *path, elbo_table_options option, int threads)
{
  outcome o;
  size_t n;

  option.threads = threads;
  o = read_file (path, &option, NUMBERS, 0);
  ck_assert_msg (o.status == GSL_SUCCESS, "%s", o.message);
  n = o.table->store.nchunk;
  elbo_table_free (o.table);
  return n;
}

START_TEST (rows_expected)
{
  /* lengths that the samples show and that they do not; 0: blank lines */
  static const struct
  {
    size_t seen, other;
    int low;
  } line[] = { { 20, 20, 0 }, { 300, 4, 1 }, { 4, 300, 0 }, { 9, 0, 0 }, { 0, 9, 0 } };
  elbo_table_options option;
  elbo_table_options_init (&option);

  for (size_t i = 0; i < sizeof line / sizeof *line; i++)
    {
      write_uneven ("large.csv", line[i].seen, line[i].other);
      ck_assert_int_eq (count_chunks ("large.csv", option, 1 + (int)i % 2) > 1, line[i].low);
      compare ("large.csv", option, NUMBERS, 0, 1);
      compare ("large.csv", option, NUMBERS, 50000, 2);
      option.missing = ELBO_MISSING_DROP;
      option.na = "7";
      compare ("large.csv", option, NUMBERS, 0, 2);
      elbo_table_options_init (&option);
    }
}
END_TEST

/* A line longer than what is read ahead, and one that covers several chunks. */
START_TEST (long_lines)
{
  FILE *f = fopen ("long.csv", "wb");

  ck_assert_ptr_nonnull (f);
  fputs ("x,y\n1,2\n", f);
  for (int i = 0; i < 4; i++)
    fprintf (f, "%*s1.5,%*s2\n%d,4\n", 30000 * i, "", 9000, "", i);
  fclose (f);
  for (size_t chunk = 100; chunk < 100000; chunk *= 9)
    for (int threads = 1; threads <= 3; threads++)
      compare ("long.csv", defaults (), NUMBERS, chunk, threads);
}
END_TEST

/* ---- watching ---- */

typedef struct
{
  size_t calls, stop, last;
} watching;

static int
count_calls (const elbo_table *table, void *arg)
{
  watching *w = arg;
  size_t done, all;

  elbo_table_progress (table, &done, &all);
  ck_assert_uint_ge (done, w->last);
  ck_assert_uint_le (done, all);
  w->last = done;
  return ++w->calls == w->stop;
}

START_TEST (watch_and_stop)
{
  write_large ("large.csv", 60000, (size_t)-1);
  for (int threads = 1; threads <= 3; threads++)
    for (size_t stop = 0; stop < 3; stop++)
      {
        elbo_table_options option;
        elbo_table_options_init (&option);
        watching w = { 0, stop, 0 };
        elbo_table *table;
        int status;
        option.threads = threads;
        elbo_chunks_size (20000);
        table = elbo_table_open ("large.csv", &option);
        ck_assert_ptr_nonnull (table);
        elbo_table_watch (table, count_calls, &w);
        elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
        status = elbo_table_read (table, 0);
        /* with several threads the caller may get few of the chunks */
        if (stop == 0 || (stop == 2 && w.calls < stop))
          ck_assert_int_eq (status, GSL_SUCCESS);
        else
          {
            ck_assert_int_eq (status, ELBO_ESTOP);
            ck_assert_str_eq (elbo_message (), "stopped by the caller");
          }
        ck_assert_uint_ge (w.calls, 1);
        if (threads == 1 && stop == 0)
          ck_assert_uint_ge (w.calls, 50);
        elbo_table_free (table);
        elbo_chunks_size (0);
      }
}
END_TEST

/* ---- columns that a model needs ---- */

/* All that is kept of a file, as text; to be freed. */
static char *
read_needed (size_t limit, size_t chunk, int threads)
{
  static const char *const level[] = { "b", "a", "1" };
  elbo_table_options option;
  elbo_table_options_init (&option);
  elbo_table *table;
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream (&text, &size);

  option.missing = ELBO_MISSING_DROP;
  option.threads = threads;
  elbo_chunks_size (chunk);
  ck_assert_ptr_nonnull (table = elbo_table_open ("data.csv", &option));
  elbo_table_set_role (table, 0, ELBO_ROLE_TEXT);
  elbo_table_set_role (table, 3, ELBO_ROLE_TEXT);
  ck_assert_int_eq (elbo_table_need (table, 1, NULL, 0, 0), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_need (table, 2, level, 3, 1), GSL_SUCCESS);
  while (elbo_table_read (table, limit) == GSL_SUCCESS)
    {
      ck_assert (limit == 0 || elbo_table_nrow (table) <= limit);
      for (size_t row = 0; row < elbo_table_nrow (table); row++)
        fprintf (f, "%zu %zu|%s|%s|%g|%s|%g|%s\n", elbo_table_line (table, row),
                 elbo_table_number (table, row), elbo_table_text (table, row, 0),
                 elbo_table_text (table, row, 1), elbo_table_value (table, row, 1),
                 elbo_table_text (table, row, 2), elbo_table_value (table, row, 2),
                 elbo_table_text (table, row, 3));
    }
  fprintf (f, "%zu dropped, %zu incomplete", elbo_table_ndropped (table),
           elbo_table_nincomplete (table));
  fclose (f);
  elbo_table_free (table);
  elbo_chunks_size (0);
  return text;
}

START_TEST (needed_columns)
{
  static const char *const x[] = { "1.50", " -2", "NA", "3e0 ", "7" }, *const c[] = { "a",   "b",
                                                                                      "1.0", "new",
                                                                                      "1",   "a",
                                                                                      "",    "b" },
                           *const note[] = { "", "plain", " two words ", "\"quoted, \nlines\"" };
  uint64_t state = 8;
  FILE *f = fopen ("data.csv", "wb");
  char *want;

  fputs ("id,x,c,note\n", f);
  for (int i = 0; i < 3000; i++)
    fprintf (f, "r%d,%s,%s,%s\n", i, x[draw (&state) % 5], c[draw (&state) % 8],
             note[draw (&state) % 64 ? draw (&state) % 3 : 3]);
  fclose (f);
  want = read_needed (0, (size_t)-1, 1);
  ck_assert_ptr_nonnull (strstr (want, "|1.50|1.5|a|1|"));
  ck_assert_ptr_nonnull (strstr (want, "|1.0|2|"));
  ck_assert_ptr_null (strstr (want, "new"));
  for (size_t limit = 0; limit < 3000; limit = 2 * limit + 97)
    for (size_t chunk = 3; chunk < 100000; chunk *= 11)
      for (int threads = 1; threads <= 3; threads++)
        {
          char *got = read_needed (limit, chunk, threads);
          ck_assert_msg (strcmp (got, want) == 0, "limit %zu, chunk %zu, %d threads", limit, chunk,
                         threads);
          free (got);
        }
  free (want);
}
END_TEST

/* ---- digests ---- */

START_TEST (digest_both_ways)
{
  unsigned char bytes[3000];
  char a[65], b[65];
  uint64_t state = 1;

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)draw (&state);
  for (size_t n = 0; n < sizeof bytes; n += n < 300 ? 1 : 97)
    {
      elbo_sha256 plain, other;
      elbo_sha256_start (&plain);
      elbo_sha256_start (&other);
      plain.instructions = 0;
      elbo_sha256_add (&plain, bytes, n);
      elbo_sha256_add (&other, bytes, n / 3);
      elbo_sha256_add (&other, bytes + n / 3, n - n / 3);
      elbo_sha256_text (&plain, a);
      elbo_sha256_text (&other, b);
      ck_assert_str_eq (a, b);
      if (n == 0)
        ck_assert_str_eq (a, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
END_TEST

/* ---- */

/* What tests may leave in the folder. */
static const char *const files[]
    = { "random.csv", "fault.csv", "large.csv", "long.csv", "trap.csv", "data.csv", NULL };

int
main (void)
{
  Suite *suite = suite_create ("ingest");
  TCase *tc = tcase_create ("ingest");
  SRunner *sr;
  int failed;

  enter_scratch (scratch, nasty);
  tcase_add_test (tc, hostile_files);
  tcase_add_test (tc, random_files);
  tcase_add_test (tc, traps);
  tcase_add_test (tc, planted_faults);
  tcase_add_test (tc, large_files);
  tcase_add_test (tc, rows_expected);
  tcase_add_test (tc, long_lines);
  tcase_add_test (tc, watch_and_stop);
  tcase_add_test (tc, needed_columns);
  tcase_add_test (tc, digest_both_ways);
  suite_add_tcase (suite, tc);
  sr = srunner_create (suite);
  srunner_set_tap (sr, "-");
  srunner_run_all (sr, CK_SILENT);
  failed = srunner_ntests_failed (sr);
  srunner_free (sr);
  leave_scratch (scratch, files);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
