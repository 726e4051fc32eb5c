/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that runs out.  The program has an allocator of its own, under which allocation number i of
   a call fails, for every i: the call must say GSL_ENOMEM or have the result that it has with memory,
   leave no block behind and no damaged file. */
#define _GNU_SOURCE
#include <config.h>
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <elbo/elbo.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define FOREIGN_ALLOCATOR
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FOREIGN_ALLOCATOR
#endif
#endif

#if !defined __GLIBC__ || defined FOREIGN_ALLOCATOR

int
main (void)
{
  puts ("1..0 # SKIP the allocator cannot be replaced here");
  return 0;
}

#else

/* --- the allocator ----------------------------------------------------------------------------- */

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t count, size_t size);
void *__libc_realloc (void *block, size_t size);
void *__libc_memalign (size_t align, size_t size);
void __libc_free (void *block);
void *memalign (size_t align, size_t size);

static long count, fail_at, live; /* one thread allocates */
static int armed, parsing;
static ElfW (Addr) omp_first,
    omp_last; /* where libgomp lies, which ends the program without memory */

static int
find_omp (struct dl_phdr_info *info, size_t size, void *arg)
{
  (void)size;
  (void)arg;
  for (int i = 0; strstr (info->dlpi_name, "libgomp") && i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      {
        const ElfW (Addr) first = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        const ElfW (Addr) last = first + info->dlpi_phdr[i].p_memsz;
        omp_first = omp_first && omp_first < first ? omp_first : first;
        omp_last = omp_last > last ? omp_last : last;
      }
  return 0;
}

static int
refuse (void *caller)
{
  const ElfW (Addr) from = (ElfW (Addr))caller;
  if (!armed || parsing || (from >= omp_first && from < omp_last) || ++count != fail_at)
    return 0;
  errno = ENOMEM;
  return 1;
}

static void *
counted (void *block)
{
  live += block != NULL;
  return block;
}

#define REFUSED refuse (__builtin_return_address (0))

void *
malloc (size_t size)
{
  return REFUSED ? NULL : counted (__libc_malloc (size));
}

void *
calloc (size_t n, size_t size)
{
  return REFUSED ? NULL : counted (__libc_calloc (n, size));
}

void *
realloc (void *block, size_t size)
{
  if (REFUSED)
    return NULL;
  return block ? __libc_realloc (block, size) : counted (__libc_realloc (block, size));
}

void *
aligned_alloc (size_t align, size_t size)
{
  return REFUSED ? NULL : counted (__libc_memalign (align, size));
}

void *
memalign (size_t align, size_t size)
{
  return REFUSED ? NULL : counted (__libc_memalign (align, size));
}

int
posix_memalign (void **block, size_t align, size_t size)
{
  if (REFUSED)
    return ENOMEM;
  *block = counted (__libc_memalign (align, size));
  return *block ? 0 : ENOMEM;
}

void
free (void *block)
{
  live -= block != NULL;
  __libc_free (block);
}

/* Jansson 2.14 corrupts its heap when memory fails while it parses (its lexer writes behind the
   token that it could not lengthen), so that what it allocates there is left alone. */
json_t *
json_loadf (FILE *stream, size_t flags, json_error_t *error)
{
  static json_t *(*next) (FILE *, size_t, json_error_t *);
  parsing = 1;
  if (!next)
    *(void **)&next = dlsym (RTLD_NEXT, "json_loadf");
  json_t *root = next (stream, flags, error);
  parsing = 0;
  return root;
}

json_t *
json_loadb (const char *text, size_t length, size_t flags, json_error_t *error)
{
  static json_t *(*next) (const char *, size_t, size_t, json_error_t *);
  parsing = 1;
  if (!next)
    *(void **)&next = dlsym (RTLD_NEXT, "json_loadb");
  json_t *root = next (text, length, flags, error);
  parsing = 0;
  return root;
}

/* --- what is called ------------------------------------------------------------------------------ */

enum
{
  N = 40,
  K = 2,
  DIM = 3
};

static gsl_matrix *x;
static elbo_model *model;   /* fitted */
static elbo_record *record; /* of it */
static char *text;          /* of both */
static size_t length;
static double result; /* of the last call */

/* A model of both kinds of columns, prepared for data; *data is NULL when memory ran out. */
static elbo_model *
prepare (elbo_method method, elbo_data **data)
{
  const elbo_block block[]
      = { ELBO_BLOCK (elbo_gauss_full, 0, 2, 0), ELBO_BLOCK (elbo_categorical, 2, 1, 3) };
  *data = elbo_data_from_matrix (x, NULL);
  elbo_model *made = *data ? elbo_model_alloc (K, elbo_mixture_dirichlet, block, 2, method) : NULL;
  if (made && elbo_model_prepare (made, *data) == GSL_SUCCESS)
    return made;
  elbo_model_free (made);
  return NULL;
}

static double
sum_of_bytes (const char *from, size_t n)
{
  uint64_t sum = 1469598103934665603u;
  for (size_t i = 0; i < n; i++)
    sum = (sum ^ (unsigned char)from[i]) * 1099511628211u;
  return (double)(sum >> 12);
}

/* The bounds after the first M, which tell one start from another, and the best at the end. */
static int
run_search (elbo_method method, elbo_start_kind kind)
{
  elbo_data *data;
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 2;
  options.kind = kind;
  elbo_model *made = prepare (method, &data);
  elbo_search *all = made ? elbo_search_alloc (made, data, NULL, &options) : NULL;
  const int status = all ? elbo_search_run (all, NULL, NULL) : elbo_message_status ();
  result = elbo_search_value (all);
  for (size_t i = 0; status == GSL_SUCCESS && i < elbo_search_starts (all); i++)
    result += elbo_outcome_record (elbo_search_outcome (all, i), 0)->elbo;
  elbo_search_free (all);
  elbo_model_free (made);
  elbo_data_free (data);
  return status;
}

static int
search (void)
{
  return run_search (ELBO_VB, ELBO_START_KMEANS);
}

static int
search_random (void)
{
  return run_search (ELBO_ML, ELBO_START_RANDOM);
}

static int
predict (void)
{
  double resp[N * K], density[N];
  gsl_matrix_view to = gsl_matrix_view_array (resp, N, K);
  gsl_vector_view log_density = gsl_vector_view_array (density, N);
  const int status = elbo_predict (model, x, 1, &to.matrix, &log_density.vector);
  if (status == GSL_SUCCESS)
    result = sum_of_bytes ((const char *)resp, sizeof resp)
             + sum_of_bytes ((const char *)density, sizeof density);
  return status;
}

/* The file that is there is the result, whatever the status. */
static int
save (void)
{
  static char read[1 << 16];
  const int status = elbo_model_save ("good.json", model, record);
  armed = 0;
  FILE *stream = fopen ("good.json", "rb");
  ck_assert_ptr_nonnull (stream);
  result = sum_of_bytes (read, fread (read, 1, sizeof read, stream));
  fclose (stream);
  return status;
}

static int
to_text (void)
{
  char *made;
  size_t n = 0;
  const int status = elbo_model_to_text (model, record, &made, &n);
  if (status == GSL_SUCCESS)
    result = sum_of_bytes (made, n);
  free (made);
  return status;
}

static int
from_text (void)
{
  elbo_record *read;
  elbo_model *made = elbo_model_from_text (text, length, "text", &read);
  const int status = made ? GSL_SUCCESS : elbo_message_status ();
  armed = 0;
  if (made)
    {
      char *again;
      size_t n;
      ck_assert_int_eq (elbo_model_to_text (made, read, &again, &n), GSL_SUCCESS);
      result = sum_of_bytes (again, n);
      free (again);
    }
  elbo_record_free (read);
  elbo_model_free (made);
  return status;
}

static int
load (void)
{
  elbo_record *read;
  elbo_model *made = elbo_model_load ("good.json", &read);
  const int status = made ? GSL_SUCCESS : elbo_message_status ();
  elbo_record_free (read);
  elbo_model_free (made);
  result = 1;
  return status;
}

static int
refit (void)
{
  elbo_model *made = elbo_model_clone (model);
  elbo_data *data = made ? elbo_data_from_matrix (x, NULL) : NULL;
  const int status = data ? elbo_model_refit (made, data, NULL, &result) : elbo_message_status ();
  elbo_data_free (data);
  elbo_model_free (made);
  return status;
}

static int
set_roles (elbo_table *table)
{
  static const elbo_role role[] = { ELBO_ROLE_NUMBER, ELBO_ROLE_NUMBER, ELBO_ROLE_LEVEL };
  int status = table ? GSL_SUCCESS : elbo_message_status ();
  for (size_t j = 0; j < DIM && status == GSL_SUCCESS; j++)
    status = elbo_table_set_role (table, j, role[j]);
  return status == GSL_SUCCESS ? elbo_table_read (table, 0) : status;
}

static int
table (void)
{
  static const size_t column[] = { 0, 1, 2 };
  elbo_table_options options;
  elbo_table_options_init (&options);
  options.threads = 1;
  elbo_table *read = elbo_table_open ("rows.csv", &options);
  int status = set_roles (read);
  elbo_data *data = status == GSL_SUCCESS ? elbo_table_take (read, column, DIM, (size_t)-1) : NULL;
  if (status == GSL_SUCCESS && !data)
    status = elbo_message_status ();
  result = 0;
  for (size_t i = 0; data && i < elbo_data_rows (data); i++)
    for (size_t j = 0; j < DIM; j++)
      result += (double)(1 + j) * elbo_data_value (data, i, j);
  if (data && strcmp (elbo_table_level (read, 2, 2), "\xc3\xa9t\xc3\xa9") != 0)
    result = NAN;
  elbo_data_free (data);
  elbo_table_free (read);
  return status;
}

/* --- every allocation fails once ------------------------------------------------------------------- */

static const struct
{
  const char *name;
  int (*call) (void);
  int keeps; /* the result is there after a failure, too */
} CALLS[] = { { "search", search, 0 },   { "random starts", search_random, 0 },
              { "predict", predict, 0 }, { "save", save, 1 },
              { "to text", to_text, 0 }, { "from text", from_text, 0 },
              { "load", load, 0 },       { "refit", refit, 0 },
              { "table", table, 0 } };

static int
call_with (size_t which, long at)
{
  elbo_fail (GSL_SUCCESS, "none");
  result = NAN;
  count = 0;
  fail_at = at;
  armed = 1;
  const int status = CALLS[which].call ();
  armed = 0;
  return status;
}

START_TEST (fails_once)
{
  const size_t which = (size_t)_i;
  const char *name = CALLS[which].name;
  ck_assert_int_eq (call_with (which, 0), GSL_SUCCESS); /* what is made once is made here */
  long before = live, bad = 0;
  ck_assert_int_eq (call_with (which, 0), GSL_SUCCESS);
  const long total = count, step = total < 2000 ? 1 : total / 1000;
  const double right = result;
  ck_assert_msg (live == before, "%s: %ld blocks are left", name, live - before);
  ck_assert (total > 0 && isfinite (right));
  for (long at = 1; at <= total; at += at < 300 ? 1 : step)
    {
      before = live;
      const int status = call_with (which, at), told = elbo_message_status ();
      const int good = status == GSL_SUCCESS || (status == GSL_ENOMEM && told == status);
      const int same = (status != GSL_SUCCESS && !CALLS[which].keeps) || result == right;
      if (good && same && live == before)
        continue;
      bad++;
      fprintf (stderr, "%s, allocation %ld of %ld: status %d (%d: %s), %s, %ld blocks left\n", name,
               at, total, status, told, elbo_message (), same ? "same" : "DIFFERS", live - before);
    }
  ck_assert_int_eq (bad, 0);
}
END_TEST

static void
make_rows (void)
{
  static const char *const level[] = { "a", "\xc3\xa9t\xc3\xa9", "\"z, z\"" };
  FILE *stream = fopen ("rows.csv", "w");
  ck_assert_ptr_nonnull (stream);
  x = gsl_matrix_alloc (N, DIM);
  fputs ("u,v,\"group\"\n", stream);
  for (size_t i = 0; i < N; i++)
    {
      for (size_t d = 0; d < 2; d++)
        gsl_matrix_set (x, i, d,
                        elbo_uniform (elbo_key (7, i, d)) + elbo_uniform (elbo_key (8, i, d))
                            + (i % 3 ? 0 : 1));
      gsl_matrix_set (x, i, 2, (double)(i % 3));
      fprintf (stream, "%.17g,%.17g,%s\n", gsl_matrix_get (x, i, 0), gsl_matrix_get (x, i, 1),
               level[i % 3]);
    }
  fclose (stream);
}

static void
make_model (void)
{
  elbo_data *data;
  elbo_model *made = prepare (ELBO_VB, &data);
  elbo_search *all = elbo_search_alloc (made, data, NULL, NULL);
  ck_assert_int_eq (elbo_search_run (all, NULL, NULL), GSL_SUCCESS);
  record = elbo_record_of (all);
  ck_assert_ptr_nonnull (record);
  record->data_file = strdup ("\xc3\xa9t\xc3\xa9.csv"); /* UTF-8 is kept as it is */
  model = elbo_search_take_model (all);
  ck_assert_int_eq (elbo_model_to_text (model, record, &text, &length), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_save ("good.json", model, record), GSL_SUCCESS);
  elbo_search_free (all);
  elbo_model_free (made);
  elbo_data_free (data);
}

static void
make (void)
{
  make_rows ();
  make_model ();
}

static void
clear (void)
{
  free (text);
  elbo_record_free (record);
  elbo_model_free (model);
  gsl_matrix_free (x);
}

int
main (void)
{
  char folder[] = "/tmp/t-nomem.XXXXXX";
  if (!mkdtemp (folder) || chdir (folder))
    return 99;
  dl_iterate_phdr (find_omp, NULL);
  Suite *suite = suite_create ("memory");
  TCase *tcase = tcase_create ("every allocation fails");
  tcase_add_checked_fixture (tcase, make, clear);
  tcase_add_loop_test (tcase, fails_once, 0, sizeof CALLS / sizeof *CALLS);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  remove ("good.json");
  remove ("rows.csv");
  if (chdir ("/") || rmdir (folder))
    return 99;
  return failed != 0;
}

#endif
