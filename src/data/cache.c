/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table written in NumPy's format, to be read again faster than text. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/file.h>
#include "data/data.h"

static void
write_name (FILE *f, const char *name)
{
  if (!strpbrk (name, "\"\r\n\x1F"))
    {
      fprintf (f, "%s\n", name);
      return;
    }
  fputc ('"', f);
  for (; *name; name++)
    fprintf (f, *name == '"' ? "\"\"" : "%c", *name);
  fputs ("\"\n", f);
}

static void
write_double (FILE *f, double value)
{
  unsigned char bytes[8];
  uint64_t bits;

  memcpy (&bits, &value, sizeof bits);
  for (int i = 0; i < 8; i++)
    bytes[i] = (unsigned char)(bits >> 8 * i);
  fwrite (bytes, 1, sizeof bytes, f);
}

static void
write_names (FILE *f, const elbo_table *table, const size_t *column, size_t n)
{
  for (size_t i = 0; i < n; i++)
    write_name (f, table->column[column[i]].name);
}

static void
write_cells (FILE *f, const elbo_table *table, const size_t *column, size_t n)
{
  char header[160];
  int length = snprintf (header, sizeof header,
                         "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }",
                         table->nrow, n);

  for (; (length + 11) % 64; length++) /* blanks and a line feed end the header at 64 bytes */
    header[length] = ' ';
  header[length++] = '\n';
  fwrite (ELBO_NPY_MAGIC, 1, ELBO_NPY_MAGIC_SIZE, f);
  fprintf (f, "%c%c%c%c", 1, 0, length & 0xFF, length >> 8);
  fwrite (header, 1, (size_t)length, f);
  for (size_t row = 0; row < table->nrow && !ferror (f); row++)
    {
      const double *block = elbo_store_find (&table->store, row) + row % ELBO_TILE;
      for (size_t i = 0; i < n; i++)
        write_double (f, block[table->column[column[i]].place * ELBO_TILE]);
    }
}

/* Write one of the two files through a function, whole or not at all. */
static int
write_whole (const char *path, void (*write) (FILE *, const elbo_table *, const size_t *, size_t),
             const elbo_table *table, const size_t *column, size_t n)
{
  elbo_file *file = elbo_file_create (path, 1);

  if (!file)
    return ELBO_EIO;
  write (elbo_file_stream (file), table, column, n);
  return elbo_file_commit (file);
}

int
elbo_table_cache (const elbo_table *table, const char *path)
{
  int status = elbo_check_given (table && path, "a table or a path");
  if (status != GSL_SUCCESS)
    return status;
  size_t *column = elbo_calloc (table->ncolumn, sizeof *column), n = 0;
  char *names = elbo_npy_names_path (path);
  status = column && names ? GSL_SUCCESS : GSL_ENOMEM;

  for (size_t i = 0; i < table->ncolumn && !status; i++)
    if (table->column[i].role == ELBO_ROLE_NUMBER && table->column[i].place != (size_t)-1)
      column[n++] = i;
  if (!status && (n == 0 || table->nrow == 0))
    status = elbo_fail (GSL_EINVAL, "no numbers were read that could be cached");
  if (!status)
    status = write_whole (names, write_names, table, column, n);
  if (!status)
    status = write_whole (path, write_cells, table, column, n);
  free (column);
  free (names);
  return status;
}
