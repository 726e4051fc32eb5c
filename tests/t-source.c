/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a file: gzip, digests, watching. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "data/data.h"
#include "table.h"

static int
stop_at_once (const elbo_table *table, void *arg)
{
  (void)table;
  ++*(int *)arg;
  return 1;
}

START_TEST (gzip)
{
  gzFile f = gzopen ("data.csv.gz", "wb");
  elbo_table *table;
  size_t used;
  char bytes[4096];
  size_t n;

  gzputs (f, "x,y\n1,2\n3,4\n");
  gzclose (f);
  f = gzopen ("data.csv.gz", "ab"); /* a second member */
  gzputs (f, "5,6\n");
  gzclose (f);
  table = read_all ("data.csv.gz", NULL, 0, &used);
  ck_assert_msg (table != NULL, "%s", elbo_message ());
  ck_assert_uint_eq (elbo_table_nrow (table), 3);
  ck_assert_double_eq (elbo_table_value (table, 2, 1), 6);
  elbo_table_free (table);
  FILE *raw = fopen ("data.csv.gz", "rb");
  n = fread (bytes, 1, sizeof bytes, raw);
  fclose (raw);
  write_bytes ("cut.csv.gz", bytes, n - 6);
  ck_assert_ptr_null (read_all ("cut.csv.gz", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (),
                    "cut.csv.gz: the gzip data end too early: the file is cut off");
  bytes[n] = 'x';
  write_bytes ("tail.csv.gz", bytes, n + 1);
  ck_assert_ptr_null (read_all ("tail.csv.gz", NULL, 0, &used));
  ck_assert_str_eq (elbo_message (), "tail.csv.gz: garbage behind the gzip data");
}
END_TEST

START_TEST (digests)
{
  static const struct
  {
    const char *text, *digest;
  } vector[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnop",
      "aa353e009edbaebfc6e494c8d847696896cb8b398e0173a4b5c1b636292d87c7" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  };
  elbo_sha256 sha;
  char digest[65], *million = malloc (1000000);
  elbo_table *table;

  for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
    {
      elbo_sha256_start (&sha);
      elbo_sha256_add (&sha, vector[i].text, strlen (vector[i].text));
      elbo_sha256_text (&sha, digest);
      ck_assert_str_eq (digest, vector[i].digest);
    }
  repeat (million, 'a', 1000000);
  elbo_sha256_start (&sha);
  for (size_t at = 0, n = 1; at < 1000000; at += n, n = n * 3 % 1009)
    {
      n = n < 1000000 - at ? n : 1000000 - at;
      elbo_sha256_add (&sha, million + at, n);
    }
  elbo_sha256_text (&sha, digest);
  ck_assert_str_eq (digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free (million);

  write_text ("data.csv", "x\n1\n");
  table = elbo_table_open ("data.csv", NULL);
  elbo_table_want_digest (table);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  ck_assert_int_eq (elbo_table_read (table, 0), GSL_SUCCESS);
  ck_assert_int_eq (elbo_table_digest (table, digest), GSL_SUCCESS);
  ck_assert_str_eq (digest, "daff832f802000e645771a60983c76c963f6ee602a6230e45237bd360e91cc1a");
  elbo_table_free (table);
}
END_TEST

START_TEST (watching)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  elbo_table *table;
  int calls = 0;
  FILE *f = fopen ("data.csv", "w");
  size_t done, all;

  for (int i = 0; i < 400000; i++)
    fprintf (f, "%d\n", i);
  fclose (f);
  options.threads = 1; /* others could be at the end before the first call */
  table = elbo_table_open ("data.csv", &options);
  elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
  elbo_table_watch (table, stop_at_once, &calls);
  ck_assert_int_eq (elbo_table_read (table, 0), ELBO_ESTOP);
  ck_assert_int_eq (calls, 1);
  elbo_table_progress (table, &done, &all);
  ck_assert (done > 0 && done < all);
  elbo_table_free (table);
}
END_TEST

static int
cut_file (const elbo_table *table, void *arg)
{
  (void)table;
  return truncate ("data.csv", *(const off_t *)arg) != 0;
}

/* A file that gets shorter while it is read is not fitted. */
START_TEST (shorter_while_read)
{
  enum
  {
    N = 2000000
  };
  off_t length = 3000000; /* the end of a row */
  char *text = malloc (2 * N + 1);

  for (int i = 0; i < N; i++)
    memcpy (text + 2 * i, "7\n", 2);
  for (int threads = 0; threads < 3; threads++) /* 0: record by record */
    {
      elbo_table_options options;
      elbo_table_options_init (&options);
      elbo_table *table;
      write_bytes ("data.csv", text, 2 * N);
      options.threads = threads ? threads : 1;
      table = elbo_table_open ("data.csv", &options);
      elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER);
      elbo_table_watch (table, cut_file, &length);
      ck_assert_int_eq (elbo_table_read (table, threads ? 0 : N), ELBO_EIO);
      ck_assert_str_eq (elbo_message (),
                        "data.csv: the file became shorter while it was read: it ends after "
                        "3000000 bytes, not 4000000\nwait until it is written, or read a copy");
      elbo_table_free (table);
    }
  free (text);
}
END_TEST

static void
add (TCase *tc)
{
  tcase_add_test (tc, gzip);
  tcase_add_test (tc, digests);
  tcase_add_test (tc, watching);
  tcase_add_test (tc, shorter_while_read);
}

int
main (void)
{
  return run_tests ("source", add);
}
