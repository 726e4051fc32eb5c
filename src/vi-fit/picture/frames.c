/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One picture for each half-step of the chosen run, for an animation: the staircase as it grows, on
   the axes of the whole.  A trace holds bounds, not parameters: there is nothing else to move. */
#include <config.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vi-fit/picture/picture.h"

static int
make_folder (const char *folder)
{
  struct stat there;
  if (mkdir (folder, 0777) == 0
      || (errno == EEXIST && stat (folder, &there) == 0 && S_ISDIR (there.st_mode)))
    return 0;
  complain ("--frames=%s: cannot make the folder: %s", clean (folder), strerror (errno));
  return EXIT_DATA;
}

/* The name of frame i without its end, to be freed. */
static char *
frame_name (const char *folder, size_t i)
{
  const size_t size = strlen (folder) + 40, length = strlen (folder);
  char *name = malloc (size);
  if (name)
    snprintf (name, size, "%s%sframe-%04zu", folder, length && folder[length - 1] == '/' ? "" : "/",
              i);
  else
    complain ("out of memory");
  return name;
}

static int
save_frame (subject *s, const char *folder, const char *suffix, int clobber, size_t i)
{
  char *name = frame_name (folder, i);
  int ran = GNUPLOT_DONE;
  s->steps = i;
  int status
      = name ? picture_save_alone (PICTURE_STEPS, s, name, suffix, clobber, &ran) : EXIT_DATA;
  s->steps = 0;
  if (!status && ran == GNUPLOT_MISSING)
    complain ("gnuplot not found: --frames needs it; run 'apt install gnuplot-nox'");
  else if (!status && ran == GNUPLOT_FAILED)
    complain ("gnuplot failed on %s%s", clean (name), suffix);
  free (name);
  return status ? status : ran == GNUPLOT_DONE ? 0 : EXIT_DATA;
}

/* Frames of a longer run that stood there before would be in the animation. */
static void
warn_about_more (const char *folder, const char *suffix, size_t n)
{
  char *name = frame_name (folder, n + 1), *path = name ? malloc (strlen (name) + 5) : NULL;
  if (path)
    {
      strcat (strcpy (path, name), suffix);
      if (access (path, F_OK) == 0)
        warn ("%s was there before, and is not of this run", clean (path));
    }
  free (name);
  free (path);
}

int
frames_save (subject *s, const char *folder, const char *suffix, int clobber)
{
  const size_t n = steps_shown (s);
  int status = n ? make_folder (folder) : EXIT_DATA;
  for (size_t i = 1; i <= n && !status; i++)
    status = signal_caught ? signal_exit () : save_frame (s, folder, suffix, clobber, i);
  if (status)
    return status;
  note ("wrote %zu frames, frame-0001%s to frame-%04zu%s in %s: half-steps 1 to %zu of %zu", n,
        suffix, n, suffix, clean (folder), n, subject_chosen (s)->nrecord);
  warn_about_more (folder, suffix, n);
  return 0;
}
