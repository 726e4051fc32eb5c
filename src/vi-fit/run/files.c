/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are written whole or not at all, and whether they can be, asked before the work. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "vi-fit/run/run.h"

int
write_file (const settings *s, const char *path, int (*fill) (FILE *, const void *),
            const void *arg)
{
  fflush (stdout); /* the path may name it */
  elbo_file *file = elbo_file_create (path, !s->no_clobber);
  if (!file)
    return complain_status ();
  const int status = fill (elbo_file_stream (file), arg);
  if (status == GSL_SUCCESS || status == ELBO_EIO)
    {
      /* a failed write shows again here, with its reason */
      if (!elbo_file_commit (file))
        return 0;
    }
  else
    elbo_file_abandon (file);
  return complain_status ();
}

/* Can a file be made here?  A device or a pipe is not opened: its reader would see an end. */
static int
check_path (const settings *s, const char *path)
{
  struct stat old;
  if (stat (path, &old) == 0 && !S_ISREG (old.st_mode) && !S_ISDIR (old.st_mode))
    return 0;
  elbo_file *file = elbo_file_create (path, !s->no_clobber);
  if (!file)
    return complain_status ();
  elbo_file_abandon (file);
  return 0;
}

int
check_files (const settings *s)
{
  static const char *const suffix[]
      = { ".model.json", ".labels.csv", ".trace.csv", ".svg", ".gp", ".dat", ".html" };
  const size_t nsuffix = sizeof suffix / sizeof *suffix;
  const int one = s->verb == VERB_STEPS;
  int status = one ? check_path (s, s->output) : 0;
  if (s->output && !one)
    {
      const char *slash = strrchr (s->output, '/'), *base = slash ? slash + 1 : s->output;
      if (!*base || strcmp (base, ".") == 0 || strcmp (base, "..") == 0)
        {
          complain ("--output=%s: the beginning of the names of files is needed; try %s%srun",
                    clean (s->output), clean (s->output), *base ? "/" : "");
          return EXIT_USAGE;
        }
    }
  for (size_t i = 0; i < nsuffix && s->output && !one && !status; i++)
    {
      if ((s->no_plot && i > 2 && i + 1 < nsuffix) || (!s->report && i + 1 == nsuffix))
        continue;
      char *path = joined (s->output, suffix[i]);
      status = path ? check_path (s, path) : EXIT_DATA;
      free (path);
    }
  return status || !s->trace ? status : check_path (s, s->trace);
}
