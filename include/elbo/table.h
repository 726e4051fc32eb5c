/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rectangular text file as a table of columns.

   CSV or TSV, plain or gzip, from a file or standard input.  Opening reads the head: separator,
   header, names and what each column looks like.  The caller then gives roles to columns and
   reads rows.  No cell is ever coded silently; a number is read correctly rounded and
   independently of the locale; every message names file:line. */
#ifndef ELBO_TABLE_H
#define ELBO_TABLE_H

#include <stddef.h>
#include <elbo/data.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct elbo_table elbo_table; /* opaque */

typedef enum
{
  ELBO_ROLE_SKIP,   /* not read                                                           */
  ELBO_ROLE_NUMBER, /* a finite number                                                    */
  ELBO_ROLE_LEVEL,  /* a category: its text is coded 0, 1, ... in sorted order (numbers by
                       value, then text by bytes); texts that are one number of up to 15
                       digits, as 1, 1.0 and 1e0, are one level, called as the shortest is */
  ELBO_ROLE_TEXT    /* kept word for word                                                 */
} elbo_role;

typedef enum
{
  ELBO_HEADER_AUTO,
  ELBO_HEADER_YES,
  ELBO_HEADER_NO
} elbo_header;
typedef enum
{
  ELBO_MISSING_ERROR,
  ELBO_MISSING_DROP,
  ELBO_MISSING_KEEP
} elbo_missing;

/* How a table is read.  Members may be added at the end; size says how many a program knows. */
typedef struct
{
  size_t size;    /* of this struct, filled by elbo_table_options_init              */
  char separator; /* 0: , ; TAB or | found in the first lines                       */
  char decimal;   /* '.' or ','                                                     */
  elbo_header header;
  const char *na;       /* comma-separated marks of a missing cell                        */
  elbo_missing missing; /* what a missing cell in a NUMBER or LEVEL column does;
                           KEEP: NAN (value) in the cell                                  */
  int ragged_drop;      /* 1: leave out lines with a wrong number of fields               */
  int threads;          /* to read a plain file with; 0: as many as OpenMP uses.  What is read,
                           and every message, is the same for any number.                 */
} elbo_table_options;

/* The default marks of a missing cell; those of pandas are among them. */
#define ELBO_TABLE_NA \
  "empty,NA,NaN,null,.,?,N/A,n/a,#N/A,#N/A N/A,#NA,<NA>,NULL,None,nan,-NaN,-nan,1.#IND,-1.#IND," \
  "1.#QNAN,-1.#QNAN"

/* Fill the first size bytes with defaults: separator found, decimal '.', header auto, na
   ELBO_TABLE_NA, missing error, threads 0. */
void elbo_table_options_fill (elbo_table_options *options, size_t size);
#define elbo_table_options_init(options) \
  elbo_table_options_fill ((options), sizeof (elbo_table_options))

/* Open a file ("-": standard input) and read its head.  Where the header has one name less than
   every row of the head has cells and the first cells name the rows, as R's write.table has it, a
   column row.names stands in front, which is text.  A file in NumPy's format .npy (doubles, floats,
   integers or booleans, the lowest byte first, in C or Fortran order, one or two dimensions) or an
   archive .npz of one such array is a table too: its columns are named V1, V2, ... or as FILE.names
   tells, NaN is a missing cell, and its lines are its rows; integers above 2^53 are rounded.
   options may be NULL, or begin with a size of at least sizeof (size_t); members beyond it have
   their defaults.  NULL with a message on failure. */
elbo_table *elbo_table_open (const char *path, const elbo_table_options *options);
void elbo_table_free (elbo_table *table);

/* Name used in messages: the path, or "standard input". */
const char *elbo_table_file (const elbo_table *table);
char elbo_table_separator (const elbo_table *table); /* '\0': the cells need none */
int elbo_table_has_header (const elbo_table *table);
/* How many cells of a header that was found, not asked for, are numbers.  If most are it may be a
   row of data with a slip of the pen. */
size_t elbo_table_header_numbers (const elbo_table *table);

size_t elbo_table_ncolumn (const elbo_table *table);
const char *elbo_table_name (const elbo_table *table, size_t column);

/* What most of a column's cells in the first rows are; EMPTY: all of them are missing. */
typedef enum
{
  ELBO_KIND_EMPTY,
  ELBO_KIND_NUMBER,
  ELBO_KIND_TEXT
} elbo_kind;
elbo_kind elbo_table_kind (const elbo_table *table, size_t column);

/* List the number columns: column [ncolumn of the table], *n how many.  ELBO_EDATA with a message
   that names the other columns when there is none. */
int elbo_table_numbers (const elbo_table *table, size_t *column, size_t *n);

/* Does the column look like numbers?  Decided on the first rows; a column whose cells there are
   mostly numbers is a number column, and a later cell that is none is an error with its line. */
int elbo_table_is_number (const elbo_table *table, size_t column);

/* Find a column by name.  ELBO_ENAME with a message (and a suggestion) when there is none or two
   columns have the name. */
int elbo_table_find (const elbo_table *table, const char *name, size_t *column);

/* Set the role of a column before reading; columns start as ELBO_ROLE_SKIP. */
int elbo_table_set_role (elbo_table *table, size_t column, elbo_role role);

/* A model needs this column, to be told before reading: of numbers, or, where level [nlevel] are
   given (copied; different), of categories, which are coded by their places in that list.  A text
   that is no such level is refused; with drop_new its row is left out.  The text of the cells is
   kept as well.  It sets the role. */
int elbo_table_need (elbo_table *table, size_t column, const char *const *level, size_t nlevel,
                     int drop_new);

/* Read up to limit rows (0: all), replacing those read before.  New levels may change the codes of
   old ones from one call to the next; their texts stay.  GSL_SUCCESS, ELBO_END when no row was left,
   or an error with a message file:line: ... and, after a line feed, the way out. */
int elbo_table_read (elbo_table *table, size_t limit);

/* Bytes read and, where known, bytes in all (0: unknown): for progress. */
void elbo_table_progress (const elbo_table *table, size_t *done, size_t *all);

/* Ask to be called now and then while reading; non-zero stops with ELBO_ESTOP.  NULL: not any more. */
void elbo_table_watch (elbo_table *table, int (*watch) (const elbo_table *, void *), void *arg);

size_t elbo_table_nrow (const elbo_table *table);     /* rows read and kept                     */
size_t elbo_table_ndropped (const elbo_table *table); /* rows left out: missing cells, new levels */
/* Rows that had a missing cell in a column that is read, those left out included. */
size_t elbo_table_nincomplete (const elbo_table *table);
size_t elbo_table_nragged (const elbo_table *table); /* lines left out by ragged_drop          */
size_t elbo_table_nmissing (const elbo_table *table, size_t column); /* missing cells met      */

/* The number or the code of a level; NAN where missing (ELBO_MISSING_KEEP). */
double elbo_table_value (const elbo_table *table, size_t row, size_t column);
/* The text of a cell of role TEXT, or of a column that elbo_table_need was called for. */
const char *elbo_table_text (const elbo_table *table, size_t row, size_t column);
size_t elbo_table_nlevel (const elbo_table *table, size_t column);
const char *elbo_table_level (const elbo_table *table, size_t column, size_t level);
/* Rows, of all that were read so far, with that level. */
size_t elbo_table_level_count (const elbo_table *table, size_t column, size_t level);

/* What the rows read hold in a column of role NUMBER or LEVEL.  Members may be added at the end. */
typedef struct
{
  size_t count;          /* cells that are not missing                                     */
  size_t missing;        /* cells that are, in the kept rows                               */
  size_t distinct;       /* different values, counted up to ELBO_DISTINCT                  */
  double min, mean, max; /* of the numbers, or the codes; NAN when count is 0              */
  int whole;             /* 1: all values are integers                                     */
  int numbering;         /* 1: the values number the rows, from 0 or from 1 (five or more) */
} elbo_column_summary;
enum
{
  ELBO_DISTINCT = 100000
}; /* a column with more reports this + 1 */

/* Summarise a column; it is constant when count > 0 and min equals max.  GSL_EINVAL for another
   role, or after elbo_table_take.  Cost O(n).  size is that of *summary for the program;
   elbo_table_summary knows it. */
int elbo_table_summary_sized (const elbo_table *table, size_t column, elbo_column_summary *summary,
                              size_t size);
static inline int
elbo_table_summary (const elbo_table *table, size_t column, elbo_column_summary *summary)
{
  return elbo_table_summary_sized (table, column, summary, sizeof *summary);
}

/* Where a kept row stood: line in the file (from 1, header included) and number among all data
   rows (from 1, dropped ones included). */
size_t elbo_table_line (const elbo_table *table, size_t row);
size_t elbo_table_number (const elbo_table *table, size_t row);

/* SHA-256 of all bytes read (as on disk), as 64 hexadecimal digits; digest [65].  Only when asked
   for before the first elbo_table_read. */
void elbo_table_want_digest (elbo_table *table);
int elbo_table_digest (const elbo_table *table, char *digest);

/* Move columns (roles NUMBER or LEVEL) into a data set without a second copy of the cells; the
   values of those columns cannot be read from the table afterwards.  weight: a NUMBER column or
   (size_t) -1.  NULL with a message: a negative weight (with its line), weights all zero. */
elbo_data *elbo_table_take (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight);

/* Write the NUMBER columns of the rows read as doubles to path, in NumPy's format, and their names
   to path with .names behind it, one CSV record each: elbo_table_open reads both again without
   parsing numbers.  A missing cell (ELBO_MISSING_KEEP) is NaN.  The old files stay until the new
   ones are complete.  ELBO_EIO, or GSL_EINVAL where no numbers are there or elbo_table_take has them. */
int elbo_table_cache (const elbo_table *table, const char *path);

/* Write a number as printf's %.17g does in the C locale, whatever the locale, and several times as
   fast: the 17 significant digits that read back as the same double.  text has room for
   ELBO_NUMBER_TEXT characters.  Returns the length. */
enum
{
  ELBO_NUMBER_TEXT = 32
};
size_t elbo_number_text (double value, char *text);

#ifdef __cplusplus
}
#endif

#endif
