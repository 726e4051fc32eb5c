/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files named by options are read more than once: a pipe, such as <(...) of a shell, gives its bytes
   once, so they are copied to a file without a name. */
#include <config.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "vi-fit/input/input.h"

static int
copy_stream (FILE *from, FILE *to)
{
  char bytes[65536];
  size_t n;
  while ((n = fread (bytes, 1, sizeof bytes, from)) > 0)
    if (fwrite (bytes, 1, n, to) != n)
      return -1;
  return ferror (from) || fflush (to) ? -1 : 0;
}

int
piped_open (piped_file *file, const char *path)
{
  struct stat is;
  *file = (piped_file){ .path = path };
  FILE *from = fopen (path, "rb");
  int status = from ? 0 : -1;
  if (!status && fstat (fileno (from), &is) == 0 && S_ISFIFO (is.st_mode))
    {
      file->copy = tmpfile ();
      status = file->copy ? copy_stream (from, file->copy) : -1;
    }
  if (status)
    complain ("%s: cannot %s: %s", clean (path), from ? "read" : "open", strerror (errno));
  if (from)
    fclose (from);
  if (file->copy)
    snprintf (file->name, sizeof file->name, "/dev/fd/%d", fileno (file->copy));
  return status ? EXIT_DATA : 0;
}

const char *
piped_path (const piped_file *file)
{
  if (!file->copy)
    return file->path;
  rewind (file->copy); /* where opening a descriptor again means to share its position */
  return file->name;
}

void
piped_close (piped_file *file)
{
  if (file->copy)
    fclose (file->copy);
  file->copy = NULL;
}
