/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines and records of a CSV text.

   A record without a quote is one line, and is cut at its separators here.  A record with a quote
   goes through libcsv in strict mode, line by line until libcsv says that it is complete.  Lines
   end in LF, CRLF or CR; line numbers count them wherever they stand. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include "data/data.h"

enum
{
  CHUNK = 1 << 20
};
/* A record longer than this is no record: an open quote would swallow the file. */
static const size_t longest = (size_t)1 << 28;
static const char nul_byte[] = "a NUL byte; the file is damaged or no text";

static int
not_blank (unsigned char c)
{
  (void)c;
  return 0;
}

static int
fail_at (const elbo_records *records, size_t line, const char *what)
{
  char shown[ELBO_SHOW_FILE];
  return elbo_fail (ELBO_EDATA, "%s:%zu: %s",
                    elbo_show_file (shown, sizeof shown, elbo_source_file (records->source)), line,
                    what);
}

static void
start_parser (elbo_records *records)
{
  csv_init (&records->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_EMPTY_IS_NULL);
  csv_set_blk_size (&records->parser, 4096);
  csv_set_delim (&records->parser, (unsigned char)records->separator);
  /* where blanks separate they are never part of the quoting */
  if (records->separator == ' ')
    csv_set_space_func (&records->parser, not_blank);
}

int
elbo_records_open (elbo_records *records, const char *path)
{
  if (!(records->source = elbo_source_open (path)))
    return ELBO_EIO;
  records->separator = ',';
  records->most = (size_t)-1;
  records->longest = longest;
  start_parser (records);
  return GSL_SUCCESS;
}

void
elbo_records_close (elbo_records *records)
{
  if (!records->source)
    return;
  csv_free (&records->parser);
  elbo_source_free (records->source);
  free (records->buf);
  free (records->cell);
  free (records->spare);
  free (records->span);
}

void
elbo_records_set_separator (elbo_records *records, char separator)
{
  records->separator = separator;
  csv_free (&records->parser);
  start_parser (records);
}

/* Read once more; what stands before pos is given up unless hold is set. */
static int
refill (elbo_records *records)
{
  size_t got;
  int status;

  if (records->watch && records->watch (records->arg))
    return elbo_fail (ELBO_ESTOP, "stopped by the caller");
  if (records->pos > 0 && !records->hold)
    {
      memmove (records->buf, records->buf + records->pos, records->fill - records->pos);
      records->fill -= records->pos;
      records->pos = 0;
    }
  if (records->fill - records->pos > records->longest)
    return fail_at (records, records->line + 1, "this record is longer than 256 MB");
  if (records->room - records->fill < CHUNK / 2)
    {
      size_t need = records->fill + CHUNK;
      char *buf = elbo_grow (records->buf, &records->room, need, 1);
      if (!buf)
        return GSL_ENOMEM;
      records->buf = buf;
    }
  records->lf = records->cr = records->quote = records->nul = 0;
  status = elbo_source_read (records->source, records->buf + records->fill,
                             records->room - records->fill, &got);
  if (status == GSL_CONTINUE)
    return GSL_SUCCESS;
  records->fill += got;
  records->eof = got == 0 && !status;
  return status;
}

int
elbo_records_fill (elbo_records *records, size_t want)
{
  int status = GSL_SUCCESS;

  while (!status && !records->eof && records->fill - records->pos < want)
    status = refill (records);
  return status;
}

/* Where the next such byte stands at or after from; fill when there is none.  One search finds it
   for all lines up to there. */
static size_t
next (const elbo_records *records, size_t *known, char byte, size_t from)
{
  if (*known <= from)
    {
      const char *start = records->buf + from;
      const char *found = memchr (start, byte, records->fill - from);
      *known = 1 + (found ? (size_t)(found - records->buf) : records->fill);
    }
  return *known - 1;
}

/* Find the line that starts at pos + from: *end, counted from pos, is where its text ends and
   *after where the next line starts.  ELBO_END when no byte is left. */
static int
find_line (elbo_records *records, size_t from, size_t *end, size_t *after)
{
  while (1)
    {
      size_t start = records->pos + from, lf, cr, width = 1;
      int status;

      lf = start < records->fill ? next (records, &records->lf, '\n', start) : records->fill;
      cr = start < records->fill ? next (records, &records->cr, '\r', start) : records->fill;
      /* a CR at the end of what was read may be half of a CRLF */
      if (lf < records->fill || cr + 1 < records->fill || records->eof)
        {
          size_t stop = cr < lf ? cr : lf;
          if (start == records->fill)
            return ELBO_END;
          if (stop == records->fill)
            width = 0;
          else if (cr < lf && cr + 1 < records->fill && records->buf[cr + 1] == '\n')
            width = 2;
          *end = stop - records->pos;
          *after = stop + width - records->pos;
          return GSL_SUCCESS;
        }
      /* zeros without end are no line */
      if (start < records->fill && next (records, &records->nul, '\0', start) < records->fill)
        return fail_at (records, records->line + 1, nul_byte);
      if ((status = refill (records)))
        return status;
    }
}

static int
add_cell (elbo_records *records, const char *begin, const char *end)
{
  if (records->ncell >= records->most)
    {
      records->ncell++;
      return GSL_SUCCESS;
    }
  if (records->ncell == records->cellroom)
    {
      elbo_cell *cell
          = elbo_grow (records->cell, &records->cellroom, records->ncell + 1, sizeof *cell);
      if (!cell)
        return GSL_ENOMEM;
      records->cell = cell;
    }
  while (begin < end && elbo_is_blank (*begin))
    begin++;
  while (begin < end && elbo_is_blank (end[-1]))
    end--;
  records->cell[records->ncell++] = (elbo_cell){ begin, end };
  return GSL_SUCCESS;
}

/* Cut a line without quotes. */
static int
split (elbo_records *records, const char *p, const char *end)
{
  const char *stop;

  records->ncell = 0;
  if (records->separator != ' ')
    {
      for (; (stop = memchr (p, records->separator, (size_t)(end - p))); p = stop + 1)
        if (add_cell (records, p, stop))
          return GSL_ENOMEM;
      return add_cell (records, p, end);
    }
  while (1)
    {
      while (p < end && elbo_is_blank (*p))
        p++;
      if (p == end)
        return GSL_SUCCESS;
      for (stop = p; stop < end && !elbo_is_blank (*stop); stop++)
        ;
      if (add_cell (records, p, stop))
        return GSL_ENOMEM;
      p = stop;
    }
}

/* libcsv reports a field: keep it, its buffer is used again. */
static void
field (void *text, size_t n, void *arg)
{
  elbo_records *records = arg;
  size_t *span;
  char *spare;

  if (records->nomemory || (!text && records->separator == ' '))
    return;
  if (records->ncell >= records->most)
    {
      records->ncell++;
      return;
    }
  spare = elbo_grow (records->spare, &records->spareroom, records->nspare + n + 1, 1);
  if (spare)
    records->spare = spare;
  span = elbo_grow (records->span, &records->spanroom, 2 * records->ncell + 2, sizeof *span);
  if (span)
    records->span = span;
  if (!spare || !span)
    {
      records->nomemory = 1;
      return;
    }
  if (n)
    memcpy (spare + records->nspare, text, n);
  span[2 * records->ncell] = records->nspare;
  records->nspare += n;
  span[2 * records->ncell++ + 1] = records->nspare;
}

static void
finish (int c, void *arg)
{
  elbo_records *records = arg;
  (void)c;
  records->ended = 1;
}

/* The line on which the quote that is still open was opened. */
static size_t
opened (const elbo_records *records, size_t length)
{
  const char *p = records->buf + records->pos, *end = p + length;
  size_t line = records->first, at = line;
  int open = 0;

  for (; p < end; p++)
    if (*p == '"' && open && p + 1 < end && p[1] == '"')
      p++;
    else if (*p == '"')
      {
        open = !open;
        at = line;
      }
    else if (*p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n')))
      line++;
  return at;
}

static int
feed (elbo_records *records, const char *text, size_t n)
{
  char shown[ELBO_SHOW_FILE], cell[ELBO_SHOW];
  size_t used = csv_parse (&records->parser, text, n, field, finish, records);

  if (records->nomemory || (used < n && csv_error (&records->parser) == CSV_ENOMEM))
    return elbo_fail (GSL_ENOMEM, "out of memory");
  if (used == n)
    return GSL_SUCCESS;
  elbo_show_file (shown, sizeof shown, elbo_source_file (records->source));
  elbo_show (cell, sizeof cell, (elbo_cell){ text, text + n });
  if (text[used] == '"')
    return elbo_fail (ELBO_EDATA,
                      "%s:%zu: a quote inside a cell that is not quoted: %s\n"
                      "put the whole cell in quotes and double those within: \"5\"\" pipe\"",
                      shown, records->line, cell);
  return elbo_fail (ELBO_EDATA,
                    "%s:%zu: text behind a closing quote: %s\n"
                    "put the whole cell in quotes and double those within: \"5\"\" pipe\"",
                    shown, records->line, cell);
}

/* Read a record that holds a quote, whose first line is [0, end) from pos. */
static int
quoted (elbo_records *records, size_t end, size_t *after)
{
  size_t from = 0;
  int status;

  records->ncell = records->nspare = 0;
  records->ended = 0;
  while (1)
    {
      const char *line = records->buf + records->pos + from;
      const char *stop = records->buf + records->pos + end;
      size_t nul = next (records, &records->nul, '\0', records->pos + from);

      if (nul < records->pos + end)
        return fail_at (records, records->line, nul_byte);
      if ((status = feed (records, line, end - from)))
        return status;
      if (*after == end) /* the last line may lack its end */
        status = feed (records, "\n", 1);
      else
        status = feed (records, stop, *after - end);
      if (status)
        return status;
      if (records->ended)
        break;
      from = *after;
      status = find_line (records, from, &end, after);
      if (status == ELBO_END)
        return fail_at (records, opened (records, from), "quote opened here is never closed");
      if (status)
        return status;
      records->line++;
    }
  size_t n = records->ncell;
  for (records->ncell = 0; records->ncell < n && records->ncell < records->most;)
    if (add_cell (records, records->spare + records->span[2 * records->ncell],
                  records->spare + records->span[2 * records->ncell + 1]))
      return GSL_ENOMEM;
  records->ncell = n;
  return GSL_SUCCESS;
}

static int
blank (const elbo_records *records, size_t end)
{
  const char *p = records->buf + records->pos, *stop = p + end;

  while (p < stop && (*p == ' ' || (*p == '\t' && records->separator != '\t')))
    p++;
  return p == stop;
}

int
elbo_records_next (elbo_records *records)
{
  size_t end, after;
  int status;

  while (1)
    {
      if ((status = find_line (records, 0, &end, &after)))
        return status;
      records->line++;
      if (!blank (records, end))
        break;
      records->pos += after;
    }
  records->first = records->line;
  if (next (records, &records->nul, '\0', records->pos) < records->pos + end)
    return fail_at (records, records->line, nul_byte);
  if (next (records, &records->quote, '"', records->pos) < records->pos + end)
    {
      status = quoted (records, end, &after);
      if (status) /* libcsv keeps what it has of a broken record */
        elbo_records_set_separator (records, records->separator);
    }
  else
    status = split (records, records->buf + records->pos, records->buf + records->pos + end);
  records->text = (elbo_cell){ records->buf + records->pos, records->buf + records->pos + end };
  if (!status)
    records->pos += after;
  return status;
}

void
elbo_records_rewind (elbo_records *records, size_t pos, size_t line)
{
  records->pos = pos;
  records->line = line;
  records->lf = records->cr = records->quote = records->nul = 0;
}

size_t
elbo_records_place (const elbo_records *records)
{
  return elbo_source_place (records->source) - (records->fill - records->pos);
}

int
elbo_records_seek (elbo_records *records, size_t place, size_t line)
{
  records->fill = 0;
  records->eof = 0;
  elbo_records_rewind (records, 0, line);
  return elbo_source_seek (records->source, place);
}
