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
  SAMPLE = 1000,
  TEXT = 40
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

/* The type of the cells: their size, or 0 with a message. */
static size_t
cell_size (const elbo_table *table, const char *p)
{
  char file[ELBO_SHOW_FILE], type[ELBO_SHOW];
  const char *end;

  elbo_show_file (file, sizeof file, elbo_source_file (table->records.source));
  if (p && *p == '[')
    return elbo_fail (ELBO_EDATA,
                      "%s: this NumPy array has named fields\n"
                      "to save one table of numbers: numpy.save (FILE, "
                      "numpy.lib.recfunctions.structured_to_unstructured (a).astype ('<f8'))",
                      file),
           0;
  end = p && *p == '\'' ? strchr (p + 1, '\'') : NULL;
  if (!end)
    return refuse (table, "a damaged NumPy file: its header names no type"), 0;
  if (strncmp (p, "'<f8'", 5) == 0)
    return 8;
  if (strncmp (p, "'<f4'", 5) == 0)
    return 4;
  elbo_show (type, sizeof type, (elbo_cell){ p + 1, end });
  return elbo_fail (ELBO_EDATA,
                    "%s: this NumPy array holds %s ('%s'), not doubles or floats ('<f8', '<f4')\n"
                    "to convert it: numpy.save (FILE, a.astype ('<f8'))",
                    file,
                    p[1] == '>'      ? "big-endian data"
                    : end[-1] == 'O' ? "Python objects"
                                     : "another type",
                    type),
         0;
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
  if (!(table->npy.size = cell_size (table, value_of (header, "'descr'"))))
    return ELBO_EDATA;
  order = value_of (header, "'fortran_order'");
  if (!order || (strncmp (order, "True", 4) != 0 && strncmp (order, "False", 5) != 0))
    return refuse (table, "a damaged NumPy file: its header tells no order");
  if (*order == 'T')
    return refuse (table, "this NumPy array stands in Fortran order\n"
                          "to convert it: numpy.save (FILE, numpy.ascontiguousarray (a))");
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
  char *name = elbo_room (strlen (path) + sizeof ".names", 1);

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

/* ---- cells ---- */

/* Four bytes, the lowest first, whatever the machine does. */
static uint32_t
word_at (const char *p)
{
  const unsigned char *b = (const unsigned char *)p;
  return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static double
cell_at (const char *p, size_t size)
{
  uint32_t word = word_at (p);
  uint64_t words;
  double value;
  float single;

  if (size == 4)
    {
      memcpy (&single, &word, sizeof single);
      return single;
    }
  words = (uint64_t)word_at (p + 4) << 32 | word;
  memcpy (&value, &words, sizeof value);
  return value;
}

/* The shortest text that comes back as the value, as cells of role LEVEL and TEXT have it. */
static elbo_cell
text_of (double value, size_t size, char text[TEXT])
{
  int n = 0;

  for (int digits = 1; digits <= 17; digits++)
    {
      double back;
      n = snprintf (text, TEXT, "%.*g", digits, value);
      back = strtod (text, NULL);
      if (back == value || (size == 4 && (float)back == (float)value))
        break;
    }
  for (int i = 0; i < n; i++) /* the mark of the locale */
    if (!isalnum ((unsigned char)text[i]) && text[i] != '-' && text[i] != '+')
      text[i] = '.';
  return (elbo_cell){ text, text + n };
}

static int
refuse_cell (const elbo_table *table, size_t column, const char *what)
{
  char file[ELBO_SHOW_FILE], name[ELBO_SHOW];
  return elbo_fail (ELBO_EDATA, "%s: row %zu: column '%s': %s",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    table->npy.row + 1,
                    elbo_show_name (name, sizeof name, table->column[column].name), what);
}

/* Read the active cells of a row into a lane of the block. */
static int
read_row (elbo_table *table, const char *row, double *lane, int *drop)
{
  const size_t size = table->npy.size;

  for (size_t i = 0; i < table->nactive; i++)
    {
      const size_t d = table->active[i];
      elbo_table_column *column = table->column + d;
      double value = cell_at (row + d * size, size);
      char text[TEXT];
      if (isinf (value))
        return refuse_cell (table, d, "infinite value; mixtures need finite numbers");
      if (column->role == ELBO_ROLE_TEXT)
        {
          if (elbo_table_add_text (table, table->nrow, column->place, text_of (value, size, text)))
            return GSL_ENOMEM;
          continue;
        }
      if (isnan (value) || (table->marks.nnumber && elbo_marks_number (&table->marks, value)))
        {
          if (table->option.missing == ELBO_MISSING_ERROR)
            return refuse_cell (table, d, "missing value\nto leave such rows out: --missing=drop");
          column->missing++;
          *drop |= table->option.missing == ELBO_MISSING_DROP;
          value = NAN;
        }
      else if (column->role == ELBO_ROLE_LEVEL)
        {
          size_t code = elbo_levels_code (&column->levels, text_of (value, size, text), '.');
          if (code == (size_t)-1)
            return GSL_ENOMEM;
          value = (double)code;
        }
      lane[column->place * ELBO_TILE] = value;
    }
  return GSL_SUCCESS;
}

/* Make a whole row stand at pos. */
static int
fetch_row (elbo_table *table)
{
  elbo_records *records = &table->records;
  const size_t bytes = table->ncolumn * table->npy.size;
  char file[ELBO_SHOW_FILE];
  int status = records->fill - records->pos < bytes ? elbo_records_fill (records, bytes) : 0;

  if (status || records->fill - records->pos >= bytes)
    return status;
  return elbo_fail (ELBO_EDATA,
                    "%s: the NumPy file is cut off: %zu rows where the header promises %zu",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    table->npy.row, table->npy.nrow);
}

/* Are all cells numbers that nothing but their being finite decides about? */
static int
is_plain (const elbo_table *table)
{
  size_t i = 0;

  while (i < table->nactive && table->column[table->active[i]].role == ELBO_ROLE_NUMBER)
    i++;
  return i == table->nactive && table->marks.nnumber == 0;
}

/* Read the rows of a whole block at once, *taken = 1; 0 when one is for the careful reader, who then
   writes over what stands in the block. */
static int
take_block (elbo_table *table, double *block, int *taken)
{
  elbo_records *records = &table->records;
  const size_t size = table->npy.size, row = table->ncolumn * size, bytes = row * ELBO_TILE;
  int status = records->fill - records->pos < bytes ? elbo_records_fill (records, bytes) : 0,
      odd = 0;

  *taken = 0;
  if (status || records->fill - records->pos < bytes)
    return status;
  for (size_t i = 0; i < table->nactive && !odd; i++)
    {
      const char *from = records->buf + records->pos + table->active[i] * size;
      double *lane = block + table->column[table->active[i]].place * ELBO_TILE;
      for (size_t r = 0; r < ELBO_TILE; r++)
        {
          lane[r] = cell_at (from + r * row, size);
          odd |= !isfinite (lane[r]);
        }
    }
  if (odd || (status = elbo_table_mark_row (table, table->npy.row + 1, table->number + 1)))
    return status;
  *taken = 1;
  records->pos += bytes;
  records->first = table->npy.row += ELBO_TILE;
  table->number += ELBO_TILE;
  table->nrow += ELBO_TILE;
  return GSL_SUCCESS;
}

int
elbo_npy_read (elbo_table *table, size_t limit)
{
  const int plain = limit == 0 && is_plain (table);
  double *block = NULL;
  int status;

  /* the header of a stream may promise anything; that of a file was held against its size */
  if (limit == 0 && !table->npy.stream && table->store.width && table->store.nblock == 0)
    elbo_store_expect (&table->store, table->npy.nrow);
  while (table->npy.row < table->npy.nrow && (!limit || table->nrow < limit))
    {
      const size_t text = table->ntext;
      int drop = 0, taken = 0;
      if ((status = fetch_row (table)))
        return status;
      if (table->store.width && (!block || table->nrow % ELBO_TILE == 0)
          && !(block = elbo_store_block (&table->store, table->nrow)))
        return GSL_ENOMEM;
      if (plain && table->nrow % ELBO_TILE == 0 && table->npy.nrow - table->npy.row >= ELBO_TILE
          && ((status = take_block (table, block, &taken)) || taken))
        {
          if (status)
            return status;
          continue;
        }
      if ((status = read_row (table, table->records.buf + table->records.pos,
                              block ? block + table->nrow % ELBO_TILE : NULL, &drop)))
        return status;
      table->records.pos += table->ncolumn * table->npy.size;
      table->records.first = ++table->npy.row;
      table->number++;
      if (drop)
        {
          table->ndropped++;
          table->ntext = text;
        }
      else if ((status = elbo_table_keep_row (table, block)))
        return status;
    }
  return GSL_SUCCESS;
}

/* ---- opening ---- */

static void
find_kinds (elbo_table *table)
{
  const elbo_records *records = &table->records;
  const char *first = records->buf + records->pos;
  const size_t size = table->npy.size, there = (records->fill - records->pos) / size;

  for (size_t i = 0; i < table->ncolumn; i++)
    {
      table->column[i].kind = ELBO_KIND_EMPTY;
      for (size_t row = 0; row < SAMPLE && row * table->ncolumn + i < there; row++)
        if (!isnan (cell_at (first + (row * table->ncolumn + i) * size, size)))
          table->column[i].kind = ELBO_KIND_NUMBER;
      if (i >= there) /* a row longer than what was read */
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
  if (!(table->column = elbo_room (table->ncolumn, sizeof *table->column)))
    return GSL_ENOMEM;
  for (size_t i = 0; i < table->ncolumn; i++)
    table->column[i].place = (size_t)-1;
  if ((status = name_columns (table)))
    return status;
  find_kinds (table);
  return GSL_SUCCESS;
}
