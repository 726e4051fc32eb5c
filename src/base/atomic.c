/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are there whole or not at all: a temporary beside the target, written, synchronised,
   renamed, and the directory synchronised, so that a kill or a full disk leaves the old file.
   Devices, pipes and open descriptors (/dev/stdout, /dev/fd/3) are written to: a rename would put
   a file in the place of the device. */
#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <elbo/file.h>
#include "base/base.h"

struct elbo_file
{
  FILE *stream;
  char *path, *temporary; /* temporary: NULL when path itself is written */
  int clobber;
};

static void
release (elbo_file *file)
{
  free (file->path);
  free (file->temporary);
  free (file);
}

static void
remove_temporary (const elbo_file *file)
{
  if (file->temporary)
    unlink (file->temporary);
}

/* The open descriptor that a path names, or -1. */
static int
named_descriptor (const char *path)
{
  char *end;
  if (strcmp (path, "/dev/stdout") == 0)
    return STDOUT_FILENO;
  if (strcmp (path, "/dev/stderr") == 0)
    return STDERR_FILENO;
  if (strncmp (path, "/dev/fd/", 8) != 0 || path[8] < '0' || path[8] > '9')
    return -1;
  const long n = strtol (path + 8, &end, 10);
  return *end || n > 65535 ? -1 : (int)n;
}

static int
is_ordinary (const char *path)
{
  struct stat old;
  return named_descriptor (path) < 0
         && (stat (path, &old) || S_ISREG (old.st_mode) || S_ISDIR (old.st_mode));
}

/* Open a new file whose name ends in six letters for the X of a template.  Not mkstemp, whose files
   are for their owner only and stay open in programs that are run. */
static int
open_temporary (char *template)
{
  static const char letter[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char *end = template + strlen (template);
  struct timespec now;
  timespec_get (&now, TIME_UTC);
  const uint64_t stream = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t) template;
  for (uint64_t try = 0; try < 1000; try++)
    {
      uint64_t key = elbo_key ((uint64_t)now.tv_sec, stream ^ (uint64_t)getpid () << 32, try);
      for (int i = 6; i > 0; i--, key /= sizeof letter - 1)
        end[-i] = letter[key % (sizeof letter - 1)];
      const int descriptor = open (template, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor >= 0 || errno != EEXIST)
        return descriptor;
    }
  return -1;
}

/* Open what is to be written: the temporary, or what stands in its place already. */
static int
open_target (elbo_file *file)
{
  const int named = named_descriptor (file->path);
  struct stat old = { .st_mode = 0 };
  if (named >= 0)
    return fcntl (named, F_DUPFD_CLOEXEC, 0);
  if (!file->temporary)
    return open (file->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (stat (file->path, &old) == 0 && S_ISDIR (old.st_mode))
    {
      errno = EISDIR;
      return -1;
    }
  const int descriptor = open_temporary (file->temporary);
  /* a new file has the permissions that the process gives, a file that is replaced those it had */
  if (descriptor >= 0 && S_ISREG (old.st_mode))
    (void)fchmod (descriptor, old.st_mode & 0777); /* not every file system has permissions */
  return descriptor;
}

elbo_file *
elbo_file_create (const char *path, int clobber)
{
  if (!path)
    {
      elbo_fail (GSL_EFAULT, "no file is given");
      return NULL;
    }
  const int ordinary = is_ordinary (path);
  if (!clobber && ordinary && access (path, F_OK) == 0)
    {
      elbo_fail (ELBO_EEXIST, "%s: is there already and is not replaced", path);
      return NULL;
    }
  elbo_file *file = elbo_calloc (1, sizeof *file);
  const size_t length = strlen (path) + sizeof ".XXXXXX";
  if (!file)
    return NULL;
  file->clobber = clobber;
  file->path = strdup (path);
  file->temporary = ordinary ? malloc (length) : NULL;
  if (!file->path || (ordinary && !file->temporary))
    {
      release (file);
      elbo_fail (GSL_ENOMEM, "out of memory");
      return NULL;
    }
  if (ordinary)
    snprintf (file->temporary, length, "%s.XXXXXX", path);
  const int descriptor = open_target (file);
  if (descriptor >= 0)
    file->stream = fdopen (descriptor, "w");
  if (!file->stream)
    {
      elbo_fail (errno == ENOMEM ? GSL_ENOMEM : ELBO_EIO, "%s: cannot write: %s", path,
                 strerror (errno));
      if (descriptor >= 0)
        {
          close (descriptor);
          remove_temporary (file);
        }
      release (file);
      return NULL;
    }
  return file;
}

FILE *
elbo_file_stream (elbo_file *file)
{
  if (file)
    return file->stream;
  elbo_fail (GSL_EFAULT, "there is no file");
  return NULL;
}

/* The new name must survive a power cut as well. */
static void
sync_directory (const char *path)
{
  char *directory = strdup (path);
  char *slash = directory ? strrchr (directory, '/') : NULL;
  if (slash)
    slash[slash == directory] = '\0';
  const int descriptor = open (slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0)
    {
      (void)fsync (descriptor); /* some file systems cannot; the rename stands */
      close (descriptor);
    }
  free (directory);
}

/* Put the temporary in its place.  A link fails where the target exists, which a rename would
   replace: another program may have made it since. */
static int
put_in_place (const elbo_file *file)
{
  if (!file->temporary)
    return 0;
  if (file->clobber)
    return rename (file->temporary, file->path);
  if (link (file->temporary, file->path))
    return -1;
  return unlink (file->temporary);
}

int
elbo_file_commit (elbo_file *file)
{
  if (!file)
    return elbo_fail (GSL_EFAULT, "there is no file to put in its place");
  /* what went wrong in an earlier write is still in errno: nothing else has failed since */
  int error = ferror (file->stream) ? (errno ? errno : EIO) : 0;
  if (!error && fflush (file->stream))
    error = errno;
  if (!error && file->temporary && fsync (fileno (file->stream)))
    error = errno;
  if (fclose (file->stream) && !error)
    error = errno;
  if (!error && put_in_place (file))
    error = errno;
  int status = GSL_SUCCESS;
  if (error)
    {
      const int old = file->temporary && access (file->path, F_OK) == 0;
      remove_temporary (file);
      status = elbo_fail (ELBO_EIO, "%s: cannot write: %s%s", file->path, strerror (error),
                          old ? " (the old file is unchanged)" : "");
    }
  else if (file->temporary)
    sync_directory (file->path);
  release (file);
  return status;
}

void
elbo_file_abandon (elbo_file *file)
{
  if (!file)
    return;
  fclose (file->stream);
  remove_temporary (file);
  release (file);
}
