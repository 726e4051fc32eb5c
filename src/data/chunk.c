/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The regular parts of a plain file, read by threads.

   The file is cut into chunks at line feeds.  A thread reads the cells of a chunk into a buffer of
   its own; in the order of the file the chunks then get their rows, and each thread moves its cells
   to the blocks of the table.  Nothing depends on the number of threads.

   Only what needs no thought is read here: records on one line, of the right number of cells, none
   with a quote, a NUL byte or a cell that is to be refused.  Where anything else is met the chunk
   is as if it had not been touched, and elbo_text_read goes through it record by record: there is
   one reader that decides about odd records and words the messages, and it is not this one.  The
   same goes for a lack of memory and for errors of the disk.

   With a limit, chunks are entered as long as all their rows may come; the careful reader takes the
   rest.

   Chunks are read, not mapped: a file that is cut short meanwhile does not kill the program, and
   the buffer stays in the cache. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "data/data.h"
#include "data/scan.h"

enum
{
  CHUNK = 1 << 18,   /* stays, with its cells, in a second-level cache    */
  AHEAD = 1 << 12,   /* read beyond a chunk, to find the end of its last line */
  LONGEST = 1 << 24, /* a longer line is read one by one                  */
  PATIENCE = 1 << 26 /* longest part that is read so before a new attempt */
};
static size_t chunk_bytes = CHUNK;

static const size_t never = (size_t)-1;

void
elbo_chunks_size (size_t bytes)
{
  chunk_bytes = bytes ? bytes : CHUNK;
}

/* A column that is read. */
typedef struct
{
  size_t skip; /* columns to step over in front of it */
  char stop;   /* what ends its cells */
  int number;  /* role NUMBER */
  size_t text; /* where the text of a number or a level stands among the cells of a row, or 0 */
  elbo_table_column *column;
} reader;

typedef struct
{
  elbo_table *table;
  reader *reader; /* [width] */
  size_t width;   /* columns that are read */
  size_t stride;  /* cells of a row: those columns and their texts */
  size_t trail;   /* columns to step over behind the last of them */
  size_t ahead;   /* columns from the first on that are numbers and not the last of a line */
  size_t start, size, chunk, nchunk, limit;
  char separator, decimal;

  /* what the threads share: changed by one at a time */
  struct worker *worker;
  size_t nworker;
  size_t next;        /* the next chunk to read */
  size_t turn;        /* the next chunk to enter */
  int entering;       /* a thread is at it */
  size_t place, line; /* all before this place is in the table */
  size_t told;        /* the same for progress */
  int stopped, full, status;
} job;

/* WAITING: until all chunks before it are entered; MOVING: its cells are on their way. */
typedef enum
{
  FREE,
  BUSY,
  WAITING,
  MOVING
} chunk_state;

/* What reads a chunk and holds its cells. */
typedef struct worker
{
  chunk_state state;
  size_t chunk;
  char *text;
  size_t room, fill, begin, end; /* the chunk is [begin, end) of text */
  double *cell;                  /* [nrow][stride]; texts and levels to come: a span */
  size_t cellroom, nrow;
  elbo_stretch *stretch; /* relative to what stands before the chunk */
  size_t nstretch, stretchroom;
  size_t nline, number, ndropped, nincomplete;
  size_t *missing; /* [width] */
  double **block;  /* where the rows go */
  size_t blockroom, base;
  int ready;
} worker;

/* ---- cells ---- */

/* The next byte that can end a cell or must not be in one. */
static inline const char *
find_end (const char *p, char separator)
{
#ifdef __SSE2__
  const __m128i s = _mm_set1_epi8 (separator), lf = _mm_set1_epi8 ('\n'), cr = _mm_set1_epi8 ('\r'),
                quote = _mm_set1_epi8 ('"'), nul = _mm_setzero_si128 ();
  for (;; p += 16)
    {
      __m128i v = _mm_loadu_si128 ((const __m128i *)p);
      __m128i ends = _mm_or_si128 (_mm_cmpeq_epi8 (v, s), _mm_cmpeq_epi8 (v, lf));
      ends = _mm_or_si128 (ends, _mm_cmpeq_epi8 (v, cr));
      ends = _mm_or_si128 (ends, _mm_cmpeq_epi8 (v, quote));
      ends = _mm_or_si128 (ends, _mm_cmpeq_epi8 (v, nul));
      int mask = _mm_movemask_epi8 (ends);
      if (mask)
        return p + __builtin_ctz ((unsigned)mask);
    }
#else
  while (*p != separator && *p != '\n' && *p != '\r' && *p != '"' && *p != '\0')
    p++;
  return p;
#endif
}

/* The cell that starts at p, without the blanks around it; where it ends, or NULL. */
static const char *
cut (const job *j, const char *p, elbo_cell *cell)
{
  const char *stop = find_end (p, j->separator), *end = stop;

  if (*stop == '"' || *stop == '\0')
    return NULL;
  while (p < end && elbo_is_blank (*p))
    p++;
  while (p < end && elbo_is_blank (end[-1]))
    end--;
  *cell = (elbo_cell){ p, end };
  /* in a table of one column this may be a blank line, which is no record */
  return p == end && j->table->ncolumn == 1 ? NULL : stop;
}

/* Two numbers below 2^31 in the place of a double; their bits are no NAN. */
static double
pack (const char *text, elbo_cell cell)
{
  uint64_t bits = (uint64_t)(cell.begin - text) << 32 | (uint64_t)(cell.end - cell.begin);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static elbo_cell
unpack (const char *text, double value)
{
  uint64_t bits;

  memcpy (&bits, &value, sizeof bits);
  text += bits >> 32;
  return (elbo_cell){ text, text + (bits & 0xFFFFFFFF) };
}

/* What a row lacks. */
enum
{
  MISSING = 1, /* a cell */
  UNKNOWN = 2  /* a level that the model has */
};

/* Read the cell at p, whatever it is; where it ends, or NULL. */
static const char *
read_cell (const job *j, worker *w, size_t i, const char *p, int *lacks)
{
  const reader *r = j->reader + i;
  double *value = w->cell + w->nrow * j->stride + i;
  elbo_number_verdict verdict;
  elbo_cell_fate fate;
  elbo_cell cell;
  const char *stop = cut (j, p, &cell);

  if (!stop)
    return NULL;
  if (r->number)
    fate = elbo_table_number_cell (j->table, cell, value, &verdict);
  else
    {
      *value = pack (w->text, cell);
      fate = r->column->role == ELBO_ROLE_LEVEL
                 ? elbo_table_level_cell (j->table, r->column, cell, value)
                 : ELBO_CELL_PRESENT;
    }
  if (r->text)
    value[r->text - i] = pack (w->text, cell);
  if (fate == ELBO_CELL_REFUSED)
    return NULL;
  if (fate == ELBO_CELL_UNKNOWN)
    *lacks |= UNKNOWN;
  if (fate == ELBO_CELL_MISSING)
    {
      if (j->table->option.missing == ELBO_MISSING_ERROR)
        return NULL;
      w->missing[i]++;
      *lacks |= MISSING;
      *value = NAN;
    }
  return stop;
}

/* Step over cells; where the next one starts, or NULL. */
static const char *
skip (const job *j, const char *p, size_t n)
{
  for (; n; n--)
    {
      p = find_end (p, j->separator);
      if (*p != j->separator)
        return NULL;
      p++;
    }
  return p;
}

/* The everyday line: read cells as long as they are numbers with nothing around them.  How many
   were; *line moves to the next cell. */
static size_t
read_numbers (const job *j, const char **line, double *value)
{
  const char separator = j->separator, decimal = j->decimal;
  const size_t ahead = j->ahead;
  const char *p = *line;
  size_t i = 0;

  for (; i < ahead; i++)
    {
      const char *stop = elbo_scan (p, decimal, value + i);
      if (!stop || *stop != separator)
        break;
      p = stop + 1;
    }
  *line = p;
  return i;
}

/* Read the cells of a line; where the next line starts, or NULL. */
static const char *
read_row (const job *j, worker *w, const char *p, int *lacks)
{
  const char separator = j->separator, decimal = j->decimal;
  const size_t width = j->width;
  const int plain = j->table->marks.nnumber == 0;
  double *value = w->cell + w->nrow * j->stride;

  for (size_t i = read_numbers (j, &p, value); i < width; i++)
    {
      const reader *r = j->reader + i;
      const char *stop;
      if (r->skip && !(p = skip (j, p, r->skip)))
        return NULL;
      while (*p == ' ')
        p++;
      stop = r->number && plain ? elbo_scan (p, decimal, value + i) : NULL;
      if (!stop || (*stop != separator && *stop != '\n' && *stop != '\r'))
        {
          stop = read_cell (j, w, i, p, lacks);
          if (!stop)
            return NULL;
        }
      else if (r->text)
        value[r->text] = pack (w->text, (elbo_cell){ p, stop });
      p = stop;
      if (r->stop != '\n')
        {
          if (*p != separator)
            return NULL;
          p++;
        }
    }
  if (j->trail)
    {
      if (!(p = skip (j, p, j->trail - 1)))
        return NULL;
      p = find_end (p, separator);
    }
  p += *p == '\r';
  return *p == '\n' ? p + 1 : NULL;
}

/* The row that was just read is kept. */
static int
keep (worker *w)
{
  const elbo_stretch *last = w->nstretch ? w->stretch + w->nstretch - 1 : NULL;

  if (!last || w->nline - last->line != w->nrow - last->row)
    {
      elbo_stretch *stretch
          = elbo_grow (w->stretch, &w->stretchroom, w->nstretch + 1, sizeof *stretch);
      if (!stretch)
        return GSL_ENOMEM;
      w->stretch = stretch;
      stretch[w->nstretch++] = (elbo_stretch){ w->nrow, w->nline, w->number };
    }
  w->nrow++;
  return GSL_SUCCESS;
}

/* Read the cells of a chunk; 0 when something must be looked at. */
static int
read_lines (const job *j, worker *w)
{
  const char *p = w->text + w->begin, *end = w->text + w->end;

  w->nrow = w->nstretch = w->nline = w->number = w->ndropped = w->nincomplete = 0;
  memset (w->missing, 0, j->width * sizeof *w->missing);
  while (p < end)
    {
      int lacks = 0;
      w->nline++;
      if (*p == '\n' || (*p == '\r' && p[1] == '\n')) /* a blank line */
        {
          p += 1 + (*p == '\r');
          continue;
        }
      if ((w->nrow + 1) * j->stride > w->cellroom)
        {
          double *cell = elbo_grow (w->cell, &w->cellroom, (w->nrow + 1) * j->stride, sizeof *cell);
          if (!cell)
            return 0;
          w->cell = cell;
        }
      w->number++;
      if (!(p = read_row (j, w, p, &lacks)))
        return 0;
      w->nincomplete += (lacks & MISSING) != 0;
      if ((lacks & UNKNOWN) || ((lacks & MISSING) && j->table->option.missing == ELBO_MISSING_DROP))
        w->ndropped++;
      else if (keep (w))
        return 0;
    }
  return 1;
}

/* ---- chunks ---- */

/* Read text up to a place of the file, zeros behind it; 0 when there is no memory. */
static int
load (const job *j, worker *w, size_t from, size_t to)
{
  size_t n = to - from;
  char *text = elbo_grow (w->text, &w->room, n + ELBO_SCAN_SLACK, 1);

  if (!text)
    return 0;
  w->text = text;
  w->fill
      += elbo_source_peek (j->table->records.source, from + w->fill, text + w->fill, n - w->fill);
  memset (text + w->fill, 0, ELBO_SCAN_SLACK);
  return w->fill == n;
}

/* Find the lines of chunk number i: those that start in its part of the file.  0 when they cannot
   be had. */
static int
find_lines (const job *j, size_t i, worker *w)
{
  const size_t low = j->start + i * j->chunk - (i > 0);
  const size_t high = j->size - low > j->chunk + (i > 0) ? low + j->chunk + (i > 0) : j->size;
  const size_t nominal = high - 1 - low; /* a line feed there or behind ends the chunk */
  size_t want = AHEAD;
  const char *found;

  w->fill = w->begin = w->end = 0;
  while (1)
    {
      const size_t to = j->size - high > want ? high + want : j->size;
      if (!load (j, w, low, to))
        return 0;
      if (w->begin == 0 && i > 0)
        {
          found = memchr (w->text, '\n', nominal + 1);
          w->begin = w->end = found ? (size_t)(found - w->text) + 1 : nominal + 1;
          if (w->begin > nominal) /* no line starts here */
            return 1;
        }
      if ((found = memchr (w->text + nominal, '\n', w->fill - nominal)))
        break;
      if (to == j->size)
        {
          for (found = w->text + w->fill; found > w->text + w->begin && found[-1] != '\n';)
            found--;
          w->end = (size_t)(found - w->text);
          return 1;
        }
      if (want >= LONGEST)
        return 0;
      want *= 8;
    }
  w->end = (size_t)(found - w->text) + 1;
  return 1;
}

/* Keep the texts of a column; at: where they stand among the cells of a row. */
static int
enter_texts (job *j, worker *w, const elbo_table_column *column, size_t at)
{
  for (size_t row = 0; row < w->nrow; row++)
    if (elbo_table_add_text (j->table, j->table->nrow + row, column->text,
                             unpack (w->text, w->cell[row * j->stride + at])))
      return GSL_ENOMEM;
  return GSL_SUCCESS;
}

/* Code the categories of a column. */
static int
enter_levels (job *j, worker *w, elbo_table_column *column, size_t at)
{
  for (size_t row = 0; row < w->nrow; row++)
    {
      double *value = w->cell + row * j->stride + at;
      size_t code;
      if (isnan (*value))
        continue;
      code = elbo_levels_code (&column->levels, unpack (w->text, *value), j->decimal);
      if (code == (size_t)-1)
        return GSL_ENOMEM;
      *value = (double)code;
    }
  return GSL_SUCCESS;
}

static int
enter_cells (job *j, worker *w)
{
  const size_t text = j->table->ntext;
  int status = GSL_SUCCESS;

  for (size_t i = 0; i < j->width && status == GSL_SUCCESS; i++)
    {
      elbo_table_column *column = j->reader[i].column;
      if (column->text != (size_t)-1)
        status = enter_texts (j, w, column, j->reader[i].text ? j->reader[i].text : i);
      if (column->role == ELBO_ROLE_LEVEL && !column->fixed && status == GSL_SUCCESS)
        status = enter_levels (j, w, column, i);
    }
  if (status != GSL_SUCCESS)
    j->table->ntext = text;
  return status;
}

/* Make the blocks that the rows of the chunk go to. */
static int
make_blocks (job *j, worker *w)
{
  elbo_store *store = &j->table->store;
  const size_t first = j->table->nrow / ELBO_TILE;
  const size_t n = (j->table->nrow + w->nrow + ELBO_TILE - 1) / ELBO_TILE - first;
  double **block = elbo_grow (w->block, &w->blockroom, n, sizeof *block);

  if (!block)
    return GSL_ENOMEM;
  w->block = block;
  for (size_t b = 0; b < n; b++)
    if (!(block[b] = elbo_store_block (store, (first + b) * ELBO_TILE)))
      return GSL_ENOMEM;
  return GSL_SUCCESS;
}

/* The lines of the rows become known.  Nothing has been counted before the last thing that can
   fail. */
static int
mark_rows (job *j, worker *w)
{
  elbo_table *table = j->table;
  const size_t nrow = table->nrow, nstretch = table->nstretch;

  for (size_t s = 0; s < w->nstretch; s++)
    {
      table->nrow = nrow + w->stretch[s].row;
      if (elbo_table_mark_row (table, j->line + w->stretch[s].line,
                               table->number + w->stretch[s].number))
        {
          table->nrow = nrow;
          table->nstretch = nstretch;
          return GSL_ENOMEM;
        }
    }
  table->nrow = nrow;
  return GSL_SUCCESS;
}

static void
count_levels (const job *j, const worker *w)
{
  for (size_t i = 0; i < j->width; i++)
    {
      elbo_table_column *column = j->reader[i].column;
      for (size_t row = 0; row < w->nrow && column->role == ELBO_ROLE_LEVEL; row++)
        {
          double code = w->cell[row * j->stride + i];
          if (!isnan (code))
            column->levels.level[(size_t)code].count++;
        }
    }
}

/* Give the rows of a chunk their places; 0 when that must be left to the careful reader. */
static int
enter_chunk (job *j, worker *w)
{
  elbo_table *table = j->table;

  j->full = j->limit && w->nrow > j->limit - table->nrow;
  if (!w->ready || j->full || enter_cells (j, w) || (table->store.width && make_blocks (j, w))
      || mark_rows (j, w))
    return 0;
  w->base = table->nrow;
  table->nrow += w->nrow;
  table->number += w->number;
  table->ndropped += w->ndropped;
  table->nincomplete += w->nincomplete;
  for (size_t i = 0; i < j->width; i++)
    j->reader[i].column->missing += w->missing[i];
  count_levels (j, w);
  elbo_source_hash (table->records.source, j->place, w->text + w->begin, w->end - w->begin);
  j->place += w->end - w->begin;
  j->line += w->nline;
  return 1;
}

/* Columns that are moved at once: their rows are one line of the cache. */
enum
{
  GROUP = 8
};

/* Move cells [n][stride] to n lanes of a block. */
static void
move_rows (const job *j, const double *from, double *to, size_t n)
{
  double *column[GROUP];
  size_t i = 0;

  while (i < j->width)
    {
      size_t k = 0, first = i;
      for (; i < j->width && k < GROUP && j->reader[i].column->role != ELBO_ROLE_TEXT; i++)
        column[k++] = to + j->reader[i].column->place * ELBO_TILE;
      if (k == GROUP)
        for (size_t row = 0; row < n; row++)
          for (k = 0; k < GROUP; k++)
            column[k][row] = from[row * j->stride + first + k];
      else
        for (size_t row = 0; row < n; row++)
          for (size_t c = 0; c < k; c++)
            column[c][row] = from[row * j->stride + first + c];
      i += k < GROUP && i < j->width; /* a text */
    }
}

static void
move_chunk (const job *j, const worker *w)
{
  for (size_t row = 0, n; row < w->nrow; row += n)
    {
      const size_t at = w->base + row, lane = at % ELBO_TILE;
      n = w->nrow - row < ELBO_TILE - lane ? w->nrow - row : ELBO_TILE - lane;
      move_rows (j, w->cell + row * j->stride,
                 w->block[at / ELBO_TILE - w->base / ELBO_TILE] + lane, n);
    }
}

/* The thread that called is the one that calls back. */
static int
is_caller (void)
{
#ifdef _OPENMP
  return omp_get_thread_num () == 0;
#else
  return 1;
#endif
}

static int
count_threads (const job *j)
{
  const int threads = elbo_cores (j->table->option.threads);
  return (size_t)threads < j->nchunk ? threads : (int)j->nchunk;
}

/* A free worker with the next chunk.  NULL: none is left (*over is 1), or all workers hold chunks
   that wait for their turn. */
static worker *
take_chunk (job *j, int *over)
{
  worker *w = NULL;

#pragma omp critical(elbo_chunks)
  {
    *over = j->stopped || j->next == j->nchunk;
    for (size_t i = 0; i < j->nworker && !*over && !w; i++)
      if (j->worker[i].state == FREE)
        w = j->worker + i;
    if (w)
      {
        w->state = BUSY;
        w->chunk = j->next++;
      }
  }
  return w;
}

static void
set_state (worker *w, chunk_state state)
{
#pragma omp critical(elbo_chunks)
  w->state = state;
}

/* Enter the next chunk in the order of the file, if it is there and no thread is at it.  Outside of
   the critical sections, which are short: a digest takes time. */
static worker *
enter_next (job *j)
{
  worker *w = NULL;
  int entered;

#pragma omp critical(elbo_chunks)
  {
    for (size_t i = 0; i < j->nworker && !w && !j->stopped && !j->entering; i++)
      if (j->worker[i].state == WAITING && j->worker[i].chunk == j->turn)
        w = j->worker + i;
    if (w)
      j->entering = 1;
  }
  if (!w)
    return NULL;
  entered = enter_chunk (j, w);
#pragma omp critical(elbo_chunks)
  {
    j->entering = 0;
    j->turn++;
    j->told = j->place;
    w->state = MOVING;
    if (!entered)
      j->stopped = 1;
  }
  return entered ? w : NULL;
}

/* Tell the caller how far reading is, in the thread that called. */
static void
watch (job *j)
{
  elbo_records *records = &j->table->records;
  size_t place;

  if (!records->watch || !is_caller ())
    return;
#pragma omp critical(elbo_chunks)
  place = j->told;
  elbo_source_reach (records->source, place);
  if (!records->watch (records->arg))
    return;
#pragma omp critical(elbo_chunks)
  j->stopped = j->status = ELBO_ESTOP;
}

/* What a thread does.  It never waits for another one as long as workers are free: OpenMP's own
   ways to wait spin, which costs a time slice at every chunk where other programs run. */
static void
work (job *j)
{
  static const struct timespec moment = { .tv_nsec = 50000 };
  int over;

  for (worker *w = take_chunk (j, &over); !over; w = take_chunk (j, &over))
    {
      if (!w)
        {
          nanosleep (&moment, NULL);
          continue;
        }
      w->ready = find_lines (j, w->chunk, w) && read_lines (j, w);
      set_state (w, WAITING);
      while ((w = enter_next (j)))
        {
          if (j->table->store.width)
            move_chunk (j, w);
          set_state (w, FREE);
        }
      watch (j);
    }
}

static void
read_chunks (job *j)
{
  enum
  {
    SPARE = 4
  };
  const int threads = count_threads (j);
  size_t *missing;

  j->nworker = threads > 1 ? SPARE * (size_t)threads : 1;
  j->worker = elbo_calloc (j->nworker, sizeof *j->worker);
  missing = elbo_calloc (j->width, j->nworker * sizeof *missing);
  if (!j->worker || !missing)
    j->nchunk = 0;
  for (size_t i = 0; i < j->nworker && j->nchunk; i++)
    j->worker[i].missing = missing + i * j->width;
#pragma omp parallel num_threads(threads) if (threads > 1) default(none) shared(j)
  work (j);
  for (size_t i = 0; i < j->nworker && j->worker; i++)
    {
      free (j->worker[i].text);
      free (j->worker[i].cell);
      free (j->worker[i].stretch);
      free (j->worker[i].block);
    }
  free (j->worker);
  free (missing);
}

/* ---- */

static int
plan (elbo_table *table, job *j)
{
  size_t next = 0, needed = 0;

  if (!(j->reader = elbo_calloc (table->nactive, sizeof *j->reader)))
    return GSL_ENOMEM;
  for (; j->width < table->nactive; j->width++)
    {
      const size_t d = table->active[j->width];
      j->reader[j->width]
          = (reader){ .skip = d - next,
                      .stop = d + 1 < table->ncolumn ? j->separator : '\n',
                      .number = table->column[d].role == ELBO_ROLE_NUMBER,
                      .text = table->column[d].needed ? table->nactive + needed++ : 0,
                      .column = table->column + d };
      next = d + 1;
    }
  j->trail = table->ncolumn - next;
  j->stride = j->width + needed;
  while (table->marks.nnumber == 0 && needed == 0 && j->ahead < j->width
         && j->reader[j->ahead].number && j->reader[j->ahead].skip == 0
         && j->reader[j->ahead].stop != '\n')
    j->ahead++;
  return GSL_SUCCESS;
}

int
elbo_chunks_apply (const elbo_table *table)
{
  const elbo_records *records = &table->records;
  const char c = records->separator;

  return table->nactive > 0 && chunk_bytes != never && elbo_source_plain (records->source)
         && (c == '\t' || (ispunct ((unsigned char)c) && !strchr ("+-.\"", c)))
         && c != table->option.decimal;
}

/* The most rows that can come. */
static size_t
most_rows (const job *j)
{
  const size_t shortest = j->table->ncolumn > 1 ? j->table->ncolumn : 2; /* bytes of a record */
  const size_t rows = (j->size - j->start) / shortest;
  return j->limit && j->limit < rows ? j->limit : rows;
}

/* How many rows will come, by the line feeds in samples of the file, and some more.  Where the lines
   differ it is wrong, which costs time only. */
static size_t
guess_rows (const job *j)
{
  enum
  {
    SAMPLES = 16,
    SAMPLE = 1 << 14
  };
  const size_t all = j->size - j->start, part = all / SAMPLES + 1, most = most_rows (j);
  size_t seen = 0, lines = 0, rows;
  char *text = elbo_calloc (SAMPLE, 1);

  for (size_t place = j->start; text && place < j->size; place += part)
    {
      const char *p = text, *end = text
                                   + elbo_source_peek (j->table->records.source, place, text,
                                                       part < SAMPLE ? part : SAMPLE);
      seen += (size_t)(end - p);
      for (; p < end && (p = memchr (p, '\n', (size_t)(end - p))); p++)
        lines++;
    }
  free (text);
  if (seen == 0)
    return 0;
  rows = (size_t)((double)lines / (double)seen * (double)all * 1.06) + ELBO_TILE;
  return rows < most ? rows : most;
}

/* How many chunks hold the rows that are wanted, by the lines at the start, and one more. */
static size_t
enough_chunks (const job *j)
{
  const size_t wanted = j->limit - j->table->nrow;
  char text[1 << 12];
  const char *p = text,
             *end = text + elbo_source_peek (j->table->records.source, j->start, text, sizeof text);
  size_t lines = 1, n;

  for (; p < end && (p = memchr (p, '\n', (size_t)(end - p))); p++)
    lines++;
  n = (size_t)((double)wanted / (double)lines * sizeof text / (double)j->chunk) + 1;
  return n < j->nchunk ? n : j->nchunk;
}

int
elbo_chunks_read (elbo_table *table, size_t limit, elbo_chunks *chunks)
{
  elbo_records *records = &table->records;
  job j = { .table = table,
            .start = elbo_records_place (records),
            .size = elbo_source_plain (records->source),
            .chunk = chunk_bytes,
            .limit = limit,
            .separator = records->separator,
            .decimal = table->option.decimal,
            .line = records->line };
  int status;

  /* the last lines are not worth the threads, and the very last may lack its end */
  if (j.start >= j.size || (j.size - j.start < j.chunk && chunk_bytes == CHUNK))
    {
      chunks->careful = (size_t)-1;
      return GSL_SUCCESS;
    }
  if (plan (table, &j))
    return GSL_ENOMEM;
  j.place = j.told = j.start;
  j.nchunk = (j.size - j.start + j.chunk - 1) / j.chunk;
  if (limit)
    j.nchunk = enough_chunks (&j);
  if (table->store.width && table->store.nblock == 0)
    elbo_store_expect (&table->store, limit ? most_rows (&j) : guess_rows (&j));
  read_chunks (&j);
  free (j.reader);
  /* where every attempt fails at once they become rare */
  if (j.place - j.start > chunks->stretch)
    chunks->stretch = 0;
  chunks->stretch = chunks->stretch ? 2 * chunks->stretch : j.chunk;
  if (chunks->stretch > PATIENCE)
    chunks->stretch = PATIENCE;
  chunks->careful = j.full ? (size_t)-1 : j.stopped ? j.place + chunks->stretch : j.place;
  if ((status = elbo_records_seek (records, j.place, j.line)))
    return status;
  return j.status ? elbo_fail (j.status, "stopped by the caller") : GSL_SUCCESS;
}
