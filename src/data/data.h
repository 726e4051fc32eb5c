/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private side of a table: bytes -> records -> cells -> numbers -> blocks. */
#ifndef ELBO_DATA_PRIVATE_H
#define ELBO_DATA_PRIVATE_H

#include <csv.h>
#include <zlib.h>
#include <elbo/table.h>
#include "base/base.h"

#pragma GCC visibility push(hidden)

/* A piece of text that is not terminated. */
typedef struct
{
  const char *begin, *end;
} elbo_cell;

static inline int
elbo_is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* memory.c: make room for need items in a growing array; doubles the room.  Returns the array, or
   NULL with a message, the old one then being untouched. */
void *elbo_grow (void *old, size_t *room, size_t need, size_t size);
/* A copy of length bytes, terminated; NULL with a message. */
char *elbo_copy (const char *text, size_t length);

/* number.c: what a cell is as a number. */
typedef enum
{
  ELBO_NUMBER_FINE,
  ELBO_NUMBER_NOT,      /* something else                      */
  ELBO_NUMBER_INFINITE, /* the word inf or infinity            */
  ELBO_NUMBER_LARGE     /* its digits stand for more than DBL_MAX */
} elbo_number_verdict;
/* Read all of [begin, end) as one decimal number, correctly rounded to nearest; blanks around it
   are allowed.  decimal is '.' or ','.  *value is written only for ELBO_NUMBER_FINE. */
elbo_number_verdict elbo_number (const char *begin, const char *end, char decimal, double *value);

/* sha256.c: FIPS 180-4. */
typedef struct
{
  uint32_t state[8];
  uint64_t length; /* bytes so far */
  unsigned char block[64];
  int instructions; /* of the processor; 0: plain C, for tests */
} elbo_sha256;
void elbo_sha256_start (elbo_sha256 *sha);
void elbo_sha256_add (elbo_sha256 *sha, const void *bytes, size_t n);
/* Write 64 hexadecimal digits and a terminator; sha itself is left as it was. */
void elbo_sha256_text (const elbo_sha256 *sha, char text[65]);

/* show.c: text of a file as it may stand in a message.  Control bytes and bytes that are not UTF-8
   become \xNN, what is long is cut; each writes at most size bytes and returns to. */
char *elbo_show (char *to, size_t size, elbo_cell text);
char *elbo_show_name (char *to, size_t size, const char *name);
/* The name of a file, which may be a long path. */
char *elbo_show_file (char *to, size_t size, const char *name);
/* As an option (may be "") and its value, quoted for the shell. */
char *elbo_show_word (char *to, size_t size, const char *option, const char *text);
/* The same for an item of a list of columns, which CSV quotes protect; sign: "" or "!". */
char *elbo_show_item (char *to, size_t size, const char *option, const char *sign,
                      const char *name);
enum
{
  ELBO_SHOW = 96,
  ELBO_SHOW_FILE = 416
}; /* room for one shown text, one path */
/* Number of bytes of the UTF-8 character at begin, 0 when there is none. */
size_t elbo_utf8 (const char *begin, const char *end);

/* magic.c: refuse files of other formats by their first bytes; a message says what to do. */
int elbo_magic_check (const char *file, const char *path, const unsigned char *head, size_t n);

/* unpack.c: packed bytes, whoever reads them. */
typedef enum
{
  ELBO_PACKED_NOT,
  ELBO_PACKED_GZIP,
  ELBO_PACKED_ZIP
} elbo_packed;
typedef struct
{
  elbo_packed format;
  int member, inside, over; /* one was met; in one; behind the last */
  int stored, check;        /* the member is not deflated; its sum is known */
  uint64_t left;            /* of a stored one */
  uint32_t crc;
  uLong sum;
  const char *why; /* what is wrong, where something is */
  z_stream stream;
} elbo_unpacker;
/* Find the format from the first bytes of a file. */
int elbo_unpacker_open (elbo_unpacker *unpacker, const unsigned char *head, size_t n);
void elbo_unpacker_close (elbo_unpacker *unpacker);
/* Unpack up to size bytes from [*next, end), behind which eof says that nothing comes.  ELBO_END
   behind the last byte, GSL_CONTINUE when more must be read first, ELBO_EIO with why set. */
int elbo_unpack (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end,
                 int eof, char *to, size_t size, size_t *got);

/* source.c: the bytes of a file or of standard input, decompressed. */
typedef struct elbo_source elbo_source;
elbo_source *elbo_source_open (const char *path);
void elbo_source_free (elbo_source *source);
const char *elbo_source_file (const elbo_source *source);
/* Read up to size bytes; *got is 0 at the end.  GSL_CONTINUE: a signal came, call again. */
int elbo_source_read (elbo_source *source, char *to, size_t size, size_t *got);
void elbo_source_progress (const elbo_source *source, size_t *done, size_t *all);
/* Stop computing the digest, which starts with the source; or tell it. */
void elbo_source_forget_digest (elbo_source *source);
int elbo_source_digest (const elbo_source *source, char digest[65]);
/* Size of a file that is neither packed nor a stream, which the following functions need, or 0. */
size_t elbo_source_plain (const elbo_source *source);
/* Where in the file the byte stands that elbo_source_read gives next. */
size_t elbo_source_place (const elbo_source *source);
/* Read bytes at a place, from any thread; fewer than size at the end and on errors. */
size_t elbo_source_peek (const elbo_source *source, size_t place, char *to, size_t size);
/* Bytes that were read at a place enter the digest, unless they are in it; no byte before them may
   be left out. */
void elbo_source_hash (elbo_source *source, size_t place, const void *bytes, size_t n);
/* Go on reading at a place; reach only tells elbo_source_progress. */
int elbo_source_seek (elbo_source *source, size_t place);
void elbo_source_reach (elbo_source *source, size_t place);

/* record.c: lines and records of the text.  Offsets count from buf. */
typedef struct
{
  elbo_source *source;
  char *buf;
  size_t room, pos, fill;    /* pos: the first byte not yet used                        */
  int eof, hold;             /* hold: keep what was read before pos                     */
  size_t lf, cr, quote, nul; /* 1 + where the next such byte is (fill: none); 0 unknown */
  size_t line;               /* lines used up                                           */
  char separator;            /* ' ': runs of blanks                                     */
  struct csv_parser parser;
  elbo_cell *cell; /* of the current record                                   */
  size_t ncell, cellroom;
  size_t most;    /* cells that are kept, those behind them are counted only            */
  size_t longest; /* bytes of a record                                                  */
  size_t first;   /* line on which the record starts                         */
  elbo_cell text; /* all of the record's first line                          */
  char *spare;    /* cells that libcsv unquoted                              */
  size_t nspare, spareroom;
  size_t *span; /* [2 x ncell]: where they stand in spare                  */
  size_t spanroom;
  int ended, nomemory;
  int (*watch) (void *); /* called now and then; non-zero stops                     */
  void *arg;
} elbo_records;
int elbo_records_open (elbo_records *records, const char *path);
void elbo_records_close (elbo_records *records);
void elbo_records_set_separator (elbo_records *records, char separator);
/* Read until want bytes from pos on are there, or all that exist. */
int elbo_records_fill (elbo_records *records, size_t want);
/* Step to the next record that is not blank; ELBO_END after the last. */
int elbo_records_next (elbo_records *records);
/* Go back to a place that `hold` kept. */
void elbo_records_rewind (elbo_records *records, size_t pos, size_t line);
/* Where the next record starts in a plain file; go to such a place. */
size_t elbo_records_place (const elbo_records *records);
int elbo_records_seek (elbo_records *records, size_t place, size_t line);

/* store.c: rows as blocks of ELBO_TILE rows, [block][column][ELBO_TILE], in chunks of memory. */
typedef struct
{
  size_t width; /* columns                         */
  size_t nchunk, room;
  double **chunk;
  size_t *first; /* number of a chunk's first block */
  size_t nblock; /* blocks in all chunks            */
} elbo_store;
/* Memory aligned to 64 bytes, or NULL. */
double *elbo_store_alloc (size_t bytes);
/* The block that holds a row, made if it does not exist; NULL with a message. */
double *elbo_store_block (elbo_store *store, size_t row);
double *elbo_store_find (const elbo_store *store, size_t row);
/* So many rows may come, none being there yet: one chunk shall take them if it can be had. */
void elbo_store_expect (elbo_store *store, size_t nrow);
void elbo_store_free (elbo_store *store);

/* level.c: the different texts of a column. */
typedef struct
{
  char *text;
  size_t length, count;
  double value; /* the number that the text is, if it is one */
  int number;
  int exact; /* of so few digits that no other such number has this value */
  uint64_t hash;
  size_t id; /* before sorting */
} elbo_level;
typedef struct
{
  elbo_level *level;
  size_t n, room;
  size_t *slot, nslot; /* 1 + index of a level, 0 empty */
} elbo_levels;
/* Find or make a level; (size_t) -1 with a message when memory runs out. */
size_t elbo_levels_code (elbo_levels *levels, elbo_cell text, char decimal);
/* The code of a level, or of one that is the same number; (size_t) -1 when there is none. */
size_t elbo_levels_find (const elbo_levels *levels, elbo_cell text, char decimal);
/* Sort the levels that occur, drop the others; rank [old n] receives the new code of each.  Levels
   that are the same number, as 1, 1.0 and 1e0, become one. */
int elbo_levels_sort (elbo_levels *levels, size_t *rank);
void elbo_levels_free (elbo_levels *levels);

/* Missing marks. */
typedef struct
{
  char *list; /* the option, cut into terminated marks */
  elbo_cell *mark;
  unsigned char first[256]; /* does a mark begin with this byte? */
  size_t n, nnumber;
  double *number; /* marks that are numbers are met by value */
  int empty;      /* the empty cell is a mark */
} elbo_marks;
int elbo_marks_make (elbo_marks *marks, const char *list, char decimal);
void elbo_marks_free (elbo_marks *marks);
int elbo_marks_text (const elbo_marks *marks, elbo_cell cell);
int elbo_marks_number (const elbo_marks *marks, double value);

typedef struct
{
  char *name;
  elbo_kind kind;
  elbo_role role;
  size_t missing;
  char *sample;       /* a cell that is no number, as shown, or NULL */
  size_t sample_line; /* where it stands */
  size_t place;       /* column of the store; -1: none */
  size_t text;        /* number among the columns whose text is kept; -1: none */
  int needed;         /* by a model: the text is kept beside the value */
  int fixed;          /* the levels are those of the model, in its order */
  int drop_new;       /* rows with another level are left out */
  elbo_levels levels;
} elbo_table_column;

/* From here on, line = row + const and number = row + const. */
typedef struct
{
  size_t row, line, number;
} elbo_stretch;

/* A table in NumPy's format. */
typedef struct
{
  char type;        /* of a cell: f, i, u, b */
  size_t size;      /* bytes of a cell */
  int fortran;      /* columns stand one behind the other */
  size_t nrow, row; /* rows in all, rows read */
  int stream;       /* not a file that others can stand beside */
} elbo_npy;

/* A format of files. */
typedef struct
{
  /* Columns, their names and kinds from the head of the file, of which up to ELBO_HEAD bytes stand
     in the buffer and are held; the records then stand in front of the first row.  GSL_CONTINUE:
     the file is of another format. */
  int (*guess) (elbo_table *);
  /* Read up to limit rows, 0: all. */
  int (*read) (elbo_table *, size_t limit);
} elbo_format;
enum
{
  ELBO_HEAD = 1 << 20
};

struct elbo_table
{
  elbo_table_options option;
  const elbo_format *format;
  elbo_marks marks;
  elbo_records records;
  int header;
  size_t header_numbers; /* cells of a header found that are numbers */
  int needed;            /* by a model: some columns */
  int row_names;         /* the first column has no name in the header */
  size_t ncolumn;
  elbo_table_column *column;

  /* what is read: active columns in file order */
  size_t *active, nactive;
  int begun, want_digest;
  elbo_store store;
  char *text; /* cells of role TEXT, terminated */
  size_t ntext, textroom;
  size_t *at, nat, atroom; /* [nrow x textwidth] where they start */
  size_t textwidth;
  elbo_stretch *stretch;
  size_t nstretch, stretchroom;
  size_t nrow, number, ndropped, nragged, nkept;
  size_t nincomplete; /* rows that had a missing cell, dropped ones included */
  elbo_npy npy;
  int (*watch) (const elbo_table *, void *);
  void *watcharg;
};

/* A column of a table; NULL where there is none, also without a table. */
static inline const elbo_table_column *
elbo_table_column_at (const elbo_table *table, size_t column)
{
  return table && column < table->ncolumn ? table->column + column : NULL;
}

/* row.c: what became of a cell. */
typedef enum
{
  ELBO_CELL_PRESENT,
  ELBO_CELL_MISSING,
  ELBO_CELL_UNKNOWN, /* no level of the model: its row is left out */
  ELBO_CELL_REFUSED
} elbo_cell_fate;
/* Read a cell of role NUMBER; *verdict is written for cells that are refused. */
elbo_cell_fate elbo_table_number_cell (const elbo_table *table, elbo_cell cell, double *value,
                                       elbo_number_verdict *verdict);
/* Read a cell of role LEVEL; *value is written where the levels are fixed. */
elbo_cell_fate elbo_table_level_cell (const elbo_table *table, const elbo_table_column *column,
                                      elbo_cell cell, double *value);
/* Append the text of a cell to those of a row, place [textwidth]. */
int elbo_table_add_text (elbo_table *table, size_t row, size_t place, elbo_cell cell);
/* Row nrow, whose cells are in the block, is kept; it started on line records.first. */
int elbo_table_keep_row (elbo_table *table, double *block);
/* Row nrow, not counted yet, stands on that line and is that data row. */
int elbo_table_mark_row (elbo_table *table, size_t line, size_t number);

/* column.c: a copy of a name in which bytes that are not UTF-8 are U+FFFD. */
char *elbo_clean_name (elbo_cell cell);
/* Write "a, b, c, ...". */
void elbo_table_list_names (const elbo_table *table, char *to, size_t size);

/* complain.c: why a cell or a line is refused. */
int elbo_table_refuse_cell (const elbo_table *table, size_t column, elbo_cell cell,
                            elbo_number_verdict verdict);
int elbo_table_refuse_level (const elbo_table *table, size_t column, elbo_cell cell);
int elbo_table_refuse_missing (const elbo_table *table, size_t column, elbo_cell cell);
/* Reads the rest of the file to count such lines. */
int elbo_table_refuse_ragged (elbo_table *table);

/* chunk.c: read what is regular from the current place on, by threads.  *careful: a place up to
   which records must be read one by one before this is tried again.  ELBO_ESTOP, or GSL_SUCCESS
   whatever was found: where something must be looked at, reading stops in front of it. */
typedef struct
{
  size_t careful, stretch;
} elbo_chunks;
int elbo_chunks_read (elbo_table *table, size_t limit, elbo_chunks *chunks);
/* Can this file be read that way at all? */
int elbo_chunks_apply (const elbo_table *table);
/* Bytes of a chunk from now on, 0: as usual, -1: read record by record.  For tests: files are cut
   everywhere by small ones. */
void elbo_chunks_size (size_t bytes);

/* npy_head.c and npy.c: NumPy's format; the lines of such a table are its rows. */
#define ELBO_NPY_MAGIC "\x93NUMPY"
enum
{
  ELBO_NPY_MAGIC_SIZE = 6
};
int elbo_npy_guess (elbo_table *table);
int elbo_npy_read (elbo_table *table, size_t limit);
/* A cell of a row that comes, 0 the next one, or NULL where it is not in the buffer yet. */
const char *elbo_npy_find (const elbo_table *table, size_t ahead, size_t column);
double elbo_npy_cell (const elbo_npy *npy, const char *cell);
/* The name of the file that holds the names of the columns; to be freed. */
char *elbo_npy_names_path (const char *path);

/* guess.c and read.c: text. */
int elbo_text_guess (elbo_table *table);
int elbo_text_read (elbo_table *table, size_t limit);

/* take.c: hand the rows of some columns over, freeing the table's copy as it goes.
   *x  [nblock][ncolumn][ELBO_TILE], zero in the padding; *w  [nblock][ELBO_TILE] likewise, or NULL
   when weight is (size_t) -1.  Both aligned to 64 bytes, for free.  *n rows.  ELBO_EDATA with a
   message for a weight that is negative or missing, and for weights that are all zero. */
int elbo_table_release (elbo_table *table, const size_t *column, size_t ncolumn, size_t weight,
                        double **x, double **w, size_t *n);

#pragma GCC visibility pop

#endif
