/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder for the files of a test program, which works in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Make the folder, whose name ends in XXXXXX, and go there; nasty [4096] becomes the path of the
   hostile files. */
static inline void
enter_scratch (char *scratch, char *nasty)
{
  const char *srcdir = getenv ("srcdir");
  char here[2048];

  if (!getcwd (here, sizeof here))
    exit (99);
  if (!srcdir || srcdir[0] != '/')
    snprintf (nasty, 4096, "%s/%s/tests/data/nasty", here, srcdir ? srcdir : ".");
  else
    snprintf (nasty, 4096, "%s/tests/data/nasty", srcdir);
  if (!mkdtemp (scratch) || chdir (scratch) != 0)
    exit (99);
}

/* Remove the files of a list that ends with NULL, and the folder. */
static inline void
leave_scratch (const char *scratch, const char *const *name)
{
  for (; *name; name++)
    remove (*name);
  if (chdir ("/") == 0)
    rmdir (scratch);
}

#endif
