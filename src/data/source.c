/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a file or of standard input, plain or packed. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "data/data.h"

enum
{
  RAW = 1 << 16
};

struct elbo_source
{
  char *file; /* in messages */
  int fd, close, eof;
  size_t done, all; /* bytes on disk; all: of a regular file, from where it is read, or 0 */
  off_t size;       /* of a regular file when it was opened */
  struct timespec changed;
  size_t plain; /* size of a plain file that can be read anywhere, or 0 */
  int hashing;
  elbo_sha256 sha;
  size_t hashed; /* bytes that are in it: places are read again, but hashed once */
  unsigned char raw[RAW];
  size_t begin, end; /* bytes in raw not yet used */
  elbo_unpacker unpacker;
};

static int
broken (const elbo_source *source, const char *what)
{
  char shown[ELBO_SHOW_FILE];
  return elbo_fail (ELBO_EIO, "%s: %s", elbo_show_file (shown, sizeof shown, source->file), what);
}

/* Does the end come where it was when the file was opened?  Files of /sys claim a size that they
   never have; one that was cut short has changed. */
static int
check_end (const elbo_source *source)
{
  char shown[ELBO_SHOW_FILE];
  struct stat now;

  if (source->done >= source->all || fstat (source->fd, &now) != 0
      || (now.st_size == source->size && now.st_mtim.tv_sec == source->changed.tv_sec
          && now.st_mtim.tv_nsec == source->changed.tv_nsec))
    return GSL_SUCCESS;
  return elbo_fail (
      ELBO_EIO,
      "%s: the file became shorter while it was read: it ends after %zu bytes, not %zu\n"
      "wait until it is written, or read a copy",
      elbo_show_file (shown, sizeof shown, source->file), source->done, source->all);
}

/* Read from disk; *got = 0 at the end. */
static int
from_disk (elbo_source *source, void *to, size_t size, size_t *got)
{
  ssize_t n = source->eof ? 0 : read (source->fd, to, size);
  char shown[ELBO_SHOW_FILE];

  *got = 0;
  if (n < 0 && errno == EINTR)
    return GSL_CONTINUE;
  if (n < 0)
    return elbo_fail (ELBO_EIO, "%s: cannot read: %s",
                      elbo_show_file (shown, sizeof shown, source->file), strerror (errno));
  source->eof = n == 0;
  *got = (size_t)n;
  elbo_source_hash (source, source->done, to, *got);
  source->done += *got;
  return source->eof ? check_end (source) : GSL_SUCCESS;
}

static int
refill (elbo_source *source)
{
  size_t got;
  int status;

  if (source->begin > 0)
    memmove (source->raw, source->raw + source->begin, source->end - source->begin);
  source->end -= source->begin;
  source->begin = 0;
  status = from_disk (source, source->raw + source->end, RAW - source->end, &got);
  source->end += got;
  return status;
}

static int
unpack (elbo_source *source, char *to, size_t size, size_t *got)
{
  while (1)
    {
      const unsigned char *next = source->raw + source->begin;
      int status = elbo_unpack (&source->unpacker, &next, source->raw + source->end, source->eof,
                                to, size, got);
      source->begin = (size_t)(next - source->raw);
      if (status == ELBO_END)
        return GSL_SUCCESS;
      if (status == ELBO_EIO)
        return broken (source, source->unpacker.why);
      if (status != GSL_CONTINUE)
        return status;
      if ((status = refill (source)) != GSL_SUCCESS)
        return status;
    }
}

int
elbo_source_read (elbo_source *source, char *to, size_t size, size_t *got)
{
  if (source->unpacker.format != ELBO_PACKED_NOT)
    return unpack (source, to, size, got);
  if (source->begin == source->end)
    return from_disk (source, to, size, got);
  *got = source->end - source->begin < size ? source->end - source->begin : size;
  memcpy (to, source->raw + source->begin, *got);
  source->begin += *got;
  return GSL_SUCCESS;
}

static int
open_file (elbo_source *source, const char *path)
{
  struct stat about;
  char shown[ELBO_SHOW_FILE];

  if (strcmp (path, "-") == 0)
    source->fd = STDIN_FILENO;
  else
    {
      source->fd = open (path, O_RDONLY | O_CLOEXEC);
      if (source->fd < 0)
        return elbo_fail (ELBO_EIO, "%s: cannot open: %s",
                          elbo_show_file (shown, sizeof shown, source->file), strerror (errno));
      source->close = 1;
    }
  if (fstat (source->fd, &about) == 0 && S_ISREG (about.st_mode))
    {
      const off_t from = lseek (source->fd, 0, SEEK_CUR); /* a shell may have read a part */
      source->size = about.st_size;
      source->changed = about.st_mtim;
      source->all = from >= 0 && from < about.st_size ? (size_t)(about.st_size - from) : 0;
      source->plain = source->close ? source->all : 0;
    }
  return GSL_SUCCESS;
}

elbo_source *
elbo_source_open (const char *path)
{
  elbo_source *source = elbo_calloc (1, sizeof *source);
  const char *file = strcmp (path, "-") == 0 ? "standard input" : path;
  int status = GSL_SUCCESS;

  if (!source)
    return NULL;
  source->fd = -1;
  source->hashing = 1;
  elbo_sha256_start (&source->sha);
  if (!(source->file = elbo_copy (file, strlen (file))) || open_file (source, path))
    goto fail;
  while (!source->eof && source->end < RAW)
    if ((status = refill (source)) && status != GSL_CONTINUE)
      goto fail;
  if (elbo_unpacker_open (&source->unpacker, source->raw, source->end))
    goto fail;
  if (source->unpacker.format != ELBO_PACKED_NOT)
    source->plain = 0;
  else if (elbo_magic_check (file, path, source->raw, source->end))
    goto fail;
  return source;
fail:
  elbo_source_free (source);
  return NULL;
}

void
elbo_source_free (elbo_source *source)
{
  if (!source)
    return;
  elbo_unpacker_close (&source->unpacker);
  if (source->close)
    close (source->fd);
  free (source->file);
  free (source);
}

const char *
elbo_source_file (const elbo_source *source)
{
  return source->file;
}

void
elbo_source_progress (const elbo_source *source, size_t *done, size_t *all)
{
  *done = source->done - (source->end - source->begin);
  *all = source->all;
}

size_t
elbo_source_plain (const elbo_source *source)
{
  return source->plain;
}

size_t
elbo_source_place (const elbo_source *source)
{
  return source->done - (source->end - source->begin);
}

size_t
elbo_source_peek (const elbo_source *source, size_t place, char *to, size_t size)
{
  size_t done = 0;

  while (done < size)
    {
      ssize_t n = pread (source->fd, to + done, size - done, (off_t)(place + done));
      if (n > 0)
        done += (size_t)n;
      else if (n == 0 || errno != EINTR)
        break;
    }
  return done;
}

void
elbo_source_hash (elbo_source *source, size_t place, const void *bytes, size_t n)
{
  size_t known = source->hashed - place;

  if (!source->hashing || known >= n)
    return;
  elbo_sha256_add (&source->sha, (const char *)bytes + known, n - known);
  source->hashed = place + n;
}

int
elbo_source_seek (elbo_source *source, size_t place)
{
  char shown[ELBO_SHOW_FILE];

  if (lseek (source->fd, (off_t)place, SEEK_SET) == (off_t)-1)
    return elbo_fail (ELBO_EIO, "%s: cannot read: %s",
                      elbo_show_file (shown, sizeof shown, source->file), strerror (errno));
  elbo_source_reach (source, place);
  source->eof = 0;
  return GSL_SUCCESS;
}

void
elbo_source_reach (elbo_source *source, size_t place)
{
  source->done = place;
  source->begin = source->end = 0;
}

void
elbo_source_forget_digest (elbo_source *source)
{
  source->hashing = 0;
}

int
elbo_source_digest (const elbo_source *source, char digest[65])
{
  if (!source->hashing)
    return elbo_fail (GSL_EINVAL, "the digest was not asked for before reading");
  elbo_sha256_text (&source->sha, digest);
  return GSL_SUCCESS;
}
