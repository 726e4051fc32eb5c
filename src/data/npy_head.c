/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables in NumPy's format.

   NEP 1: "\x93NUMPY", two bytes of version, the length of the header (two bytes in version 1, four
   later), and the header, a Python dictionary
     {'descr': '<f8', 'fortran_order': False, 'shape': (150, 4), }
   which is followed by the cells.  They come through the same buffer as text does: so the digest,
   progress, pipes and gzip are the same, and a file that is cut short meanwhile does not kill the
   program as it would if it were mapped.  Names of columns stand in a file of their own,
   FILE.names, one CSV record each. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "data/data.h"

enum
{
  HEADER = 1 << 16,
  SAMPLE = 1000
};

static int
refuse (const elbo_table *table, const char *what)
{
  char file[ELBO_SHOW_FILE];
  return elbo_fail (ELBO_EDATA, "%s: %s",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    what);
}

/* ---- the header ---- */

/* The value that belongs to a key, or NULL. */
static const char *
value_of (const char *header, const char *key)
{
  const char *p = strstr (header, key);

  if (!p)
    return NULL;
  for (p += strlen (key); *p == ' ' || *p == ':'; p++)
    ;
  return p;
}

/* Find the type of the cells, or say why they cannot be read. */
static int
read_type (elbo_table *table, const char *p)
{
  static const char *const types[]
      = { "<f8", "<f4", "|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8" };
  char file[ELBO_SHOW_FILE], type[ELBO_SHOW];
  const char *end = p && *p == '\'' ? strchr (p + 1, '\'') : NULL;

  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  if (p && *p == '[')
    return elbo_fail (ELBO_EDATA,
                      "%s: this NumPy array has named fields\n"
                      "to save one table of numbers: numpy.save (FILE, "
                      "numpy.lib.recfunctions.structured_to_unstructured (a).astype ('<f8'))",
                      file);
  if (!end)
    return refuse (table, "a damaged NumPy file: its header names no type");
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (end - p == 4 && strncmp (p + 1, types[i], 3) == 0)
      {
        table->npy.type = types[i][1];
        table->npy.size = (size_t)(types[i][2] - '0');
        return GSL_SUCCESS;
      }
  elbo_show (type, sizeof type, (elbo_cell){ p + 1, end });
  return elbo_fail (ELBO_EDATA,
                    "%s: this NumPy array holds %s ('%s'), not doubles, floats, integers or "
                    "booleans ('<f8', '<f4', '<i8', ...)\n"
                    "to convert it: numpy.save (FILE, a.astype ('<f8'))",
                    file,
                    p[1] == '>'      ? "big-endian data"
                    : end[-1] == 'O' ? "Python objects"
                                     : "another type",
                    type);
}

/* Read (n,) or (n, p); a message tells what is wrong. */
static int
read_shape (elbo_table *table, const char *p)
{
  char file[ELBO_SHOW_FILE];
  size_t shape[2] = { 0, 1 }, n = 0;

  for (p = p && *p == '(' ? p + 1 : p; p && isdigit ((unsigned char)*p); n++)
    {
      char *end;
      errno = 0;
      unsigned long long v = strtoull (p, &end, 10);
      if (errno || v > SIZE_MAX / 16)
        break;
      if (n < 2)
        shape[n] = (size_t)v;
      for (p = end; *p == ',' || *p == ' ' || *p == 'L';)
        p++;
    }
  if (!p || *p != ')')
    return refuse (table, "a damaged NumPy file: its header has no shape");
  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  if (n < 1 || n > 2)
    return elbo_fail (ELBO_EDATA, "%s: this NumPy array has %zu dimensions, not 1 or 2", file, n);
  if (shape[0] == 0 || shape[1] == 0)
    return elbo_fail (ELBO_EDATA, "%s: this NumPy array is empty (%zu x %zu)", file, shape[0],
                      shape[1]);
  table->npy.nrow = shape[0];
  table->ncolumn = shape[1];
  return GSL_SUCCESS;
}

static int
read_header (elbo_table *table)
{
  elbo_records *records = &table->records;
  const unsigned char *b = (const unsigned char *)records->buf;
  char header[HEADER + 1];
  const char *order;
  size_t start, length;
  int status;

  if (records->fill < 12 || b[6] < 1 || b[6] > 3)
    return refuse (table, "a NumPy file of an unknown version");
  length = b[8] | (size_t)b[9] << 8;
  if (b[6] > 1)
    length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
  start = b[6] > 1 ? 12 : 10;
  if (length > HEADER || records->fill < start + length)
    return refuse (table, "a damaged NumPy file: its header is cut off");
  memcpy (header, records->buf + start, length);
  header[length] = '\0';
  if ((status = read_type (table, value_of (header, "'descr'"))))
    return status;
  order = value_of (header, "'fortran_order'");
  if (!order || (strncmp (order, "True", 4) != 0 && strncmp (order, "False", 5) != 0))
    return refuse (table, "a damaged NumPy file: its header tells no order");
  table->npy.fortran = *order == 'T';
  if (table->npy.fortran)
    records->longest = (size_t)-1; /* all cells are one record */
  records->pos = start + length;
  return read_shape (table, value_of (header, "'shape'"));
}

/* Does a file on disk have the size that its header promises? */
static int
check_size (const elbo_table *table)
{
  char file[ELBO_SHOW_FILE];
  const size_t size = elbo_source_plain (table->records.source);
  const size_t cells = elbo_times (table->npy.nrow, table->ncolumn);
  const size_t want = cells < SIZE_MAX / 16 ? table->records.pos + cells * table->npy.size : 0;

  if (!cells || !want)
    return refuse (table, "a damaged NumPy file: its shape is out of range");
  if (size == 0 || size == want)
    return GSL_SUCCESS;
  return elbo_fail (ELBO_EDATA, "%s: %s: %zu bytes where the header promises %zu",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    size < want ? "the NumPy file is cut off" : "something follows the NumPy array",
                    size, want);
}

/* ---- names ---- */

char *
elbo_npy_names_path (const char *path)
{
  char *name = elbo_calloc (strlen (path) + sizeof ".names", 1);

  if (name)
    strcat (strcpy (name, path), ".names");
  return name;
}

static int
take_names (elbo_table *table, elbo_records *names, const char *path)
{
  char file[ELBO_SHOW_FILE];
  size_t n = 0;
  int status;

  while ((status = elbo_records_next (names)) == GSL_SUCCESS)
    {
      if (n < table->ncolumn && !(table->column[n].name = elbo_clean_name (names->cell[0])))
        return GSL_ENOMEM;
      n++;
    }
  if (status != ELBO_END)
    return status;
  if (n == table->ncolumn)
    return GSL_SUCCESS;
  return elbo_fail (ELBO_EDATA, "%s: %zu names for %zu columns\nto do without names: remove it",
                    elbo_show_file (file, sizeof file, path), n, table->ncolumn);
}

/* Names from FILE.names if it is there; V1, V2, ... for the others. */
static int
name_columns (elbo_table *table)
{
  elbo_records names = { 0 };
  char *path = elbo_npy_names_path (elbo_source_file (table->records.source)), number[32];
  int status = path ? GSL_SUCCESS : GSL_ENOMEM;

  if (!status && !table->npy.stream && access (path, F_OK) == 0)
    {
      status = elbo_records_open (&names, path);
      if (!status)
        {
          elbo_records_set_separator (&names, '\x1F'); /* a comma may stand in a name */
          status = take_names (table, &names, path);
          elbo_records_close (&names);
        }
    }
  free (path);
  for (size_t i = 0; i < table->ncolumn && !status; i++)
    if (!table->column[i].name)
      {
        snprintf (number, sizeof number, "V%zu", i + 1);
        if (!(table->column[i].name = elbo_copy (number, strlen (number))))
          status = GSL_ENOMEM;
      }
  return status;
}

/* ---- opening ---- */

static void
find_kinds (elbo_table *table)
{
  for (size_t i = 0; i < table->ncolumn; i++)
    {
      const char *cell = elbo_npy_find (table, 0, i);
      /* a row longer than what was read */
      table->column[i].kind = cell ? ELBO_KIND_EMPTY : ELBO_KIND_NUMBER;
      for (size_t row = 0; row < SAMPLE && row < table->npy.nrow && cell; row++)
        if ((cell = elbo_npy_find (table, row, i)) && !isnan (elbo_npy_cell (&table->npy, cell)))
          table->column[i].kind = ELBO_KIND_NUMBER;
    }
}

int
elbo_npy_guess (elbo_table *table)
{
  const elbo_records *records = &table->records;
  int status;

  if (records->fill < ELBO_NPY_MAGIC_SIZE
      || memcmp (records->buf, ELBO_NPY_MAGIC, ELBO_NPY_MAGIC_SIZE) != 0)
    return GSL_CONTINUE;
  table->npy.stream = elbo_source_plain (records->source) == 0;
  if ((status = read_header (table)) || (status = check_size (table)))
    return status;
  if (!(table->column = elbo_calloc (table->ncolumn, sizeof *table->column)))
    return GSL_ENOMEM;
  for (size_t i = 0; i < table->ncolumn; i++)
    table->column[i].place = table->column[i].text = (size_t)-1;
  if ((status = name_columns (table)))
    return status;
  find_kinds (table);
  table->records.separator = '\0';
  return GSL_SUCCESS;
}
