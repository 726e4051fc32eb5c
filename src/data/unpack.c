/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed bytes: gzip, and ZIP as numpy.savez writes it.

   zlib's gzread hides the bytes on disk, which the digest and the progress need, and takes a file
   that ends in the middle of its compressed data for a whole one; so inflate is called here.

   Of ZIP (PKWARE, APPNOTE 6.3) one member is read, stored or deflated, in the order of the bytes;
   so pipes do.  What follows it may be the directory only. */
#include <config.h>

#include <string.h>
#include "data/data.h"

enum
{
  LOCAL = 30,     /* bytes of a local header in front of its name */
  DESCRIBED = 24, /* most bytes of what may stand between a member and the next signature */
  SIGNATURE = 4
};
static const unsigned char local[] = { 'P', 'K', 3, 4 }, directory[] = { 'P', 'K', 1, 2 };

/* n bytes as a number, the lowest first. */
static uint64_t
number_at (const unsigned char *p, size_t n)
{
  uint64_t value = 0;

  while (n-- > 0)
    value = value << 8 | p[n];
  return value;
}

static int
is_npz (const unsigned char *head, size_t n)
{
  const size_t length = n >= LOCAL ? number_at (head + 26, 2) : 0;

  return n >= LOCAL && memcmp (head, local, SIGNATURE) == 0 && length > 4 && n - LOCAL >= length
         && memcmp (head + LOCAL + length - 4, ".npy", 4) == 0;
}

int
elbo_unpacker_open (elbo_unpacker *unpacker, const unsigned char *head, size_t n)
{
  const int zip = is_npz (head, n);

  if (!zip && !(n >= 2 && head[0] == 0x1F && head[1] == 0x8B))
    return GSL_SUCCESS;
  if (inflateInit2 (&unpacker->stream, zip ? -MAX_WBITS : 16 + MAX_WBITS) != Z_OK)
    return elbo_fail (GSL_ENOMEM, "out of memory");
  unpacker->format = zip ? ELBO_PACKED_ZIP : ELBO_PACKED_GZIP;
  return GSL_SUCCESS;
}

void
elbo_unpacker_close (elbo_unpacker *unpacker)
{
  if (unpacker->format != ELBO_PACKED_NOT)
    inflateEnd (&unpacker->stream);
}

static int
broken (elbo_unpacker *unpacker, const char *why)
{
  unpacker->why = why;
  return ELBO_EIO;
}

/* At the start of the file or behind a member: is another one there?  Zeros pad tapes. */
static int
start_gzip (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end, int eof)
{
  static const char garbage[] = "garbage behind the gzip data";

  while (*next < end && **next == 0)
    ++*next;
  if (end - *next < 2 && !eof)
    return GSL_CONTINUE;
  if (end == *next)
    return ELBO_END;
  if (end - *next < 2 || (*next)[0] != 0x1F || (*next)[1] != 0x8B)
    return broken (unpacker, garbage);
  return GSL_SUCCESS;
}

/* The size of a stored member, which stands in the extra field where it does not fit. */
static uint64_t
stored_size (const unsigned char *header, size_t name, size_t extra)
{
  enum
  {
    ZIP64 = 1
  };
  const unsigned char *p = header + LOCAL + name, *end = p + extra;
  const uint64_t size = number_at (header + 22, 4);

  for (; size == UINT32_MAX && end - p >= 12; p += 4 + number_at (p + 2, 2))
    if (number_at (p, 2) == ZIP64)
      return number_at (p + 4, 8);
  return size;
}

/* Read the local header of the only member. */
static int
open_member (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end, int eof)
{
  enum
  {
    ENCRYPTED = 1,
    DESCRIPTOR = 8,
    DEFLATED = 8
  };
  const unsigned char *header = *next;
  const size_t there = (size_t)(end - header);
  const size_t name = there >= LOCAL ? number_at (header + 26, 2) : 0;
  const size_t extra = there >= LOCAL ? number_at (header + 28, 2) : 0;

  if (there < LOCAL + name + extra)
    return eof ? broken (unpacker, "the ZIP data end too early: the file is cut off")
               : GSL_CONTINUE;
  const unsigned flags = (unsigned)number_at (header + 6, 2);
  const unsigned method = (unsigned)number_at (header + 8, 2);
  unpacker->stored = method == 0;
  if ((flags & ENCRYPTED) || (method != 0 && method != DEFLATED)
      || (unpacker->stored && (flags & DESCRIPTOR)))
    return broken (unpacker, "this ZIP file is packed in an unusual way\n"
                             "to unpack it: unzip it and give the .npy file");
  unpacker->left = unpacker->stored ? stored_size (header, name, extra) : 0;
  unpacker->check = !(flags & DESCRIPTOR);
  unpacker->crc = (uint32_t)number_at (header + 14, 4);
  unpacker->sum = crc32 (0, NULL, 0);
  *next += LOCAL + name + extra;
  return GSL_SUCCESS;
}

/* Behind the only member comes the directory, perhaps after a descriptor, and is passed over. */
static int
close_archive (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end,
               int eof)
{
  const size_t there = (size_t)(end - *next);

  if (!unpacker->over && there < DESCRIBED + SIGNATURE && !eof)
    return GSL_CONTINUE;
  for (size_t at = 0; at + SIGNATURE <= there && at <= DESCRIBED && !unpacker->over; at += 4)
    if (memcmp (*next + at, local, SIGNATURE) == 0)
      return broken (unpacker,
                     "this NumPy archive holds several arrays\n"
                     "to save one of them: numpy.save (FILE, numpy.load (ARCHIVE)[NAME])");
    else
      unpacker->over = memcmp (*next + at, directory, SIGNATURE) == 0;
  if (!unpacker->over)
    return broken (unpacker, "the ZIP data end too early: the file is cut off");
  *next = end;
  return eof ? ELBO_END : GSL_CONTINUE;
}

static int
start (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end, int eof)
{
  const int zip = unpacker->format == ELBO_PACKED_ZIP;
  const int status = !zip               ? start_gzip (unpacker, next, end, eof)
                     : unpacker->member ? close_archive (unpacker, next, end, eof)
                                        : open_member (unpacker, next, end, eof);

  if (status != GSL_SUCCESS)
    return status;
  if (inflateReset (&unpacker->stream) != Z_OK)
    return broken (unpacker, "cannot decompress");
  unpacker->inside = unpacker->member = 1;
  return GSL_SUCCESS;
}

/* Take bytes of a member; Z_STREAM_END with its last. */
static int
take_bytes (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end, char *to,
            size_t size, size_t *got)
{
  z_stream *stream = &unpacker->stream;
  const uInt room = size > 1u << 30 ? 1u << 30 : (uInt)size;
  const size_t there = (size_t)(end - *next);
  int result = Z_OK;

  if (unpacker->stored)
    {
      *got = there < room ? there : room;
      *got = *got < unpacker->left ? *got : (size_t)unpacker->left;
      memcpy (to, *next, *got);
      *next += *got;
      unpacker->left -= *got;
      result = unpacker->left == 0 ? Z_STREAM_END : Z_OK;
    }
  else
    {
      stream->next_in = (Bytef *)(uintptr_t)*next;
      stream->avail_in = (uInt)there;
      stream->next_out = (Bytef *)to;
      stream->avail_out = room;
      result = inflate (stream, Z_NO_FLUSH);
      *next = end - stream->avail_in;
      *got = room - stream->avail_out;
    }
  if (unpacker->format == ELBO_PACKED_ZIP)
    unpacker->sum = crc32 (unpacker->sum, (const Bytef *)to, (uInt)*got);
  return result;
}

int
elbo_unpack (elbo_unpacker *unpacker, const unsigned char **next, const unsigned char *end, int eof,
             char *to, size_t size, size_t *got)
{
  const int zip = unpacker->format == ELBO_PACKED_ZIP;

  *got = 0;
  while (*got == 0)
    {
      const int status = unpacker->inside ? GSL_SUCCESS : start (unpacker, next, end, eof);
      if (status != GSL_SUCCESS)
        return status;
      if (*next == end && !(unpacker->stored && unpacker->left == 0))
        return !eof  ? GSL_CONTINUE
               : zip ? broken (unpacker, "the ZIP data end too early: the file is cut off")
                     : broken (unpacker, "the gzip data end too early: the file is cut off");
      const int result = take_bytes (unpacker, next, end, to, size, got);
      if (result == Z_STREAM_END)
        unpacker->inside = 0;
      if ((result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
          || (result == Z_STREAM_END && zip && unpacker->check && unpacker->sum != unpacker->crc))
        return broken (unpacker, zip ? "the ZIP data are damaged" : "the gzip data are damaged");
    }
  return GSL_SUCCESS;
}
