/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separator, header, names and kinds from the first rows. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"

enum
{
  LINES = 50,
  SAMPLE = 1000,
  NCANDIDATE = 5
};

/* In order of trust; a comma may be a decimal comma, blanks may be part of names. */
static const char candidate[NCANDIDATE] = { '\t', ';', '|', ',', ' ' };

/* Count the fields of the first records for every candidate; returns the number of records. */
static size_t
count_fields (const elbo_records *records, size_t count[LINES][NCANDIDATE])
{
  const char *p = records->buf + records->pos, *end = records->buf + records->fill;
  size_t n = 0;

  while (n < LINES && p < end)
    {
      size_t *c = count[n], length = 0;
      int open = 0, blank = 1;
      for (int i = 0; i < NCANDIDATE; i++)
        c[i] = i + 1 < NCANDIDATE;
      for (; p < end && (open || (*p != '\n' && *p != '\r')); p++)
        {
          open ^= *p == '"';
          for (int i = 0; i + 1 < NCANDIDATE; i++)
            c[i] += !open && *p == candidate[i];
          c[NCANDIDATE - 1] += blank && *p != ' ' && *p != '\t';
          blank = !open && (*p == ' ' || *p == '\t');
          length += !blank;
        }
      if (p == end && !records->eof) /* cut off */
        break;
      p++;
      n += length > 0;
    }
  return n;
}

/* How many records have the most frequent number of fields, if that is two or more. */
static size_t
agreement (size_t count[LINES][NCANDIDATE], size_t n, int i, size_t *fields)
{
  size_t best = 0;

  for (size_t a = 0; a < n; a++)
    {
      size_t same = 0;
      for (size_t b = 0; b < n; b++)
        same += count[b][i] == count[a][i];
      if (count[a][i] >= 2 && same > best)
        {
          best = same;
          *fields = count[a][i];
        }
    }
  return best;
}

/* Do all commas of the head stand between digits, as decimal commas do? */
static int
decimal_commas (const elbo_records *records)
{
  const char *p = records->buf + records->pos, *end = records->buf + records->fill;

  for (const char *q = p; q < end && (q = memchr (q, ',', (size_t)(end - q))); q++)
    if (q == p || q + 1 == end || (unsigned char)(q[-1] - '0') > 9
        || (unsigned char)(q[1] - '0') > 9)
      return 0;
  return 1;
}

/* Does the head lack one of the fields on which all other records agree, as R writes tables with
   names of rows?  A head of one field must be in quotes: it could be a sentence. */
static int
is_short_head (const elbo_records *records, size_t count[LINES][NCANDIDATE], size_t n, int i)
{
  size_t row = 1;

  while (row < n && count[row][i] == count[0][i] + 1)
    row++;
  return n > 1 && row == n && (count[0][i] > 1 || records->buf[records->pos] == '"');
}

/* The candidate on which most records agree, of several the one that makes more fields.  One on
   which the first record does not agree must win by a majority (the record is then reported as
   ragged); blanks need all records, or all but a short head. */
static char
find_separator (const elbo_records *records)
{
  enum
  {
    COMMA = NCANDIDATE - 2,
    BLANK = NCANDIDATE - 1
  };
  size_t count[LINES][NCANDIDATE], n = count_fields (records, count), most = 0, best = 0;
  char separator = ',';

  for (int i = 0; i < BLANK; i++)
    {
      size_t fields = 0, same = agreement (count, n, i, &fields);
      if (2 * same < n || same == 0 || same < most || (same == most && fields <= best)
          || (same == most && i == COMMA && decimal_commas (records)))
        continue;
      most = same;
      best = fields;
      separator = candidate[i];
    }
  if (most == 0 && n > 0
      && (agreement (count, n, BLANK, &best) == n || is_short_head (records, count, n, BLANK)))
    separator = ' ';
  return separator;
}

/* Does a cell look like a number, be it written with the other decimal mark or infinite? */
static int
numeric_cell (const elbo_table *table, elbo_cell cell)
{
  double value;

  return elbo_number (cell.begin, cell.end, table->option.decimal, &value) != ELBO_NUMBER_NOT
         || elbo_number (cell.begin, cell.end, table->option.decimal == '.' ? ',' : '.', &value)
                != ELBO_NUMBER_NOT;
}

/* A first row with a cell that is neither a number nor missing is a header; numbers in one that was
   not asked for are counted. */
static int
is_header (elbo_table *table)
{
  const elbo_records *records = &table->records;
  size_t numbers = 0, others = 0;

  if (table->option.header != ELBO_HEADER_AUTO)
    return table->option.header == ELBO_HEADER_YES;
  for (size_t i = 0; i < records->ncell; i++)
    if (numeric_cell (table, records->cell[i]))
      numbers++;
    else if (!elbo_marks_text (&table->marks, records->cell[i])
             && records->cell[i].begin < records->cell[i].end)
      others++;
  table->header_numbers = others ? numbers : 0;
  return others > 0;
}

static int
make_columns (elbo_table *table)
{
  const elbo_records *records = &table->records;

  table->ncolumn = table->records.most = records->ncell;
  if (!(table->column = elbo_calloc (table->ncolumn + 1, sizeof *table->column)))
    return GSL_ENOMEM;
  for (size_t i = 0; i < table->ncolumn; i++)
    {
      elbo_table_column *column = table->column + i;
      elbo_cell cell = records->cell[i];
      char number[32];
      column->place = column->text = (size_t)-1;
      if (!table->header || cell.begin == cell.end)
        {
          snprintf (number, sizeof number, "V%zu", i + 1);
          cell = (elbo_cell){ number, number + strlen (number) };
        }
      if (!(column->name = elbo_clean_name (cell)))
        return GSL_ENOMEM;
    }
  return GSL_SUCCESS;
}

/* Is the first cell of the record a name that R would give to a row: in quotes, no number, or a
   number that is greater than the last one? */
static int
is_row_name (const elbo_table *table, double *last)
{
  const elbo_cell cell = table->records.cell[0];
  double value;

  if (elbo_number (cell.begin, cell.end, table->option.decimal, &value) == ELBO_NUMBER_FINE)
    {
      const int grows = value >= 1 && value == floor (value) && value > *last;
      *last = value;
      return grows || table->records.text.begin[0] == '"';
    }
  return cell.begin < cell.end && !numeric_cell (table, cell);
}

/* Has every row of the head one field more than the header, the first being a name? */
static int
has_row_names (elbo_table *table)
{
  elbo_records *records = &table->records;
  const size_t pos = records->pos, line = records->line;
  size_t n = 0;
  double last = 0;
  int status;

  records->most = table->ncolumn + 1;
  while ((status = elbo_records_next (records)) == GSL_SUCCESS && n < SAMPLE
         && (n == 0 || records->pos < ELBO_HEAD) && records->ncell == table->ncolumn + 1
         && is_row_name (table, &last))
    n++;
  const int all = status == ELBO_END || n == SAMPLE || records->pos >= ELBO_HEAD;
  elbo_records_rewind (records, pos, line);
  records->most = table->ncolumn;
  return n > 0 && all;
}

/* The names become the first column, which is text whatever they look like. */
static int
add_row_names (elbo_table *table)
{
  static const char name[] = "row.names";
  elbo_table_column *column = table->column;

  memmove (column + 1, column, table->ncolumn * sizeof *column);
  memset (column, 0, sizeof *column);
  column->place = column->text = (size_t)-1;
  table->records.most = ++table->ncolumn;
  table->row_names = 1;
  return (column->name = elbo_copy (name, strlen (name))) ? GSL_SUCCESS : GSL_ENOMEM;
}

/* The first cell of a column that is no number, as a message shows it. */
static int
keep_sample (elbo_table_column *column, const elbo_records *records, elbo_cell cell)
{
  char shown[ELBO_SHOW];

  elbo_show (shown, sizeof shown, cell);
  column->sample_line = records->first;
  return (column->sample = elbo_copy (shown, strlen (shown))) ? GSL_SUCCESS : GSL_ENOMEM;
}

/* Count what the cells of a record are. */
static int
look_at (elbo_table *table, size_t (*seen)[2])
{
  const elbo_records *records = &table->records;
  int status = GSL_SUCCESS;

  for (size_t i = 0; i < table->ncolumn && status == GSL_SUCCESS; i++)
    {
      const elbo_cell cell = records->cell[i];
      if (elbo_marks_text (&table->marks, cell))
        continue;
      const int other = (i == 0 && table->row_names) || !numeric_cell (table, cell);
      if (other && !seen[i][1])
        status = keep_sample (table->column + i, records, cell);
      seen[i][other]++;
    }
  return status;
}

/* Look at the rows of the head; the records then stand on the first data row. */
static int
find_kinds (elbo_table *table, size_t pos, size_t line)
{
  elbo_records *records = &table->records;
  size_t (*seen)[2] = elbo_calloc (table->ncolumn, sizeof *seen); /* numbers, others */
  int status = GSL_SUCCESS, whole = 0;

  if (!seen)
    return GSL_ENOMEM;
  for (size_t n = 0; n < SAMPLE && (n == 0 || records->pos < ELBO_HEAD); n++)
    {
      if ((status = elbo_records_next (records)))
        break;
      if (records->ncell != table->ncolumn)
        continue;
      whole = 1;
      if ((status = look_at (table, seen)))
        break;
    }
  for (size_t i = 0; i < table->ncolumn; i++)
    table->column[i].kind = seen[i][0] > seen[i][1] ? ELBO_KIND_NUMBER
                            : seen[i][1]            ? ELBO_KIND_TEXT
                                                    : ELBO_KIND_EMPTY;
  free (seen);
  elbo_records_rewind (records, pos, line);
  records->hold = 0; /* a complaint reads all of the file */
  /* not one row has as many fields as the header */
  if (!whole && !table->option.ragged_drop && elbo_records_next (records) == GSL_SUCCESS)
    return elbo_table_refuse_ragged (table);
  /* a bad record is reported, with its line, by the reading that comes to it */
  return status == ELBO_END || status == ELBO_EDATA ? GSL_SUCCESS : status;
}

static int
refuse_empty (const elbo_table *table, int bom)
{
  char file[ELBO_SHOW_FILE];
  const char *what = table->records.line > 0 ? "the file holds nothing but blank lines"
                     : bom ? "the file is empty (it holds nothing but a byte order mark)"
                           : "the file is empty";

  return elbo_fail (ELBO_EDATA, "%s: %s",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    what);
}

static int
refuse_header_only (const elbo_table *table)
{
  char file[ELBO_SHOW_FILE], names[4 * ELBO_SHOW];

  elbo_table_list_names (table, names, sizeof names);
  return elbo_fail (ELBO_EDATA, "%s: a header (%s) but no data rows",
                    elbo_show_file (file, sizeof file, elbo_source_file (table->records.source)),
                    names);
}

/* Is a record left? */
static int
more_rows (elbo_records *records)
{
  size_t pos = records->pos, line = records->line;
  int status = elbo_records_next (records);

  elbo_records_rewind (records, pos, line);
  return status;
}

int
elbo_text_guess (elbo_table *table)
{
  elbo_records *records = &table->records;
  int status, bom;
  size_t pos, line;

  bom = records->fill >= 3 && memcmp (records->buf, "\xEF\xBB\xBF", 3) == 0;
  records->pos = bom ? 3 : 0;
  elbo_records_set_separator (records, table->option.separator ? table->option.separator
                                       : records->fill         ? find_separator (records)
                                                               : ',');
  pos = records->pos;
  status = elbo_records_next (records);
  if (status)
    return status == ELBO_END ? refuse_empty (table, bom) : status;
  table->header = is_header (table);
  if ((status = make_columns (table)))
    return status;
  if (table->header)
    {
      pos = records->pos;
      line = records->line;
      status = more_rows (records);
      if (status)
        return status == ELBO_END ? refuse_header_only (table) : status;
      if (has_row_names (table) && (status = add_row_names (table)))
        return status;
    }
  else
    line = 0;
  elbo_records_rewind (records, pos, line);
  return find_kinds (table, pos, line);
}
