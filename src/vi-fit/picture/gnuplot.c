/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot as a program: found on the PATH, no shell between, its picture on standard output.  A
   signal that we get ends it. */
#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vi-fit/picture/picture.h"

extern char **environ;

/* Wait for the program; non-zero when it cannot be waited for.  before: the signal caught before it
   began, such as one that ended a search. */
static int
await (pid_t child, int before, int *status)
{
  signal_child = child;
  /* what came since did not know of the program */
  if (signal_caught != before)
    kill (child, SIGTERM);
  pid_t ended;
  while ((ended = waitpid (child, status, 0)) < 0 && errno == EINTR)
    continue;
  signal_child = 0;
  return ended < 0;
}

/* What gnuplot left, from its exit status. */
static int
outcome (int status, FILE *picture)
{
  struct stat drawn;
  if (WIFEXITED (status) && WEXITSTATUS (status) == 127)
    return GNUPLOT_MISSING;
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    return GNUPLOT_FAILED;
  return fstat (fileno (picture), &drawn) == 0 && drawn.st_size > 0 ? GNUPLOT_DONE : GNUPLOT_FAILED;
}

int
gnuplot_run (const char *path, FILE *script, FILE *picture)
{
  /* -d: without the user's settings, so that the same script draws the same picture */
  char *word[] = { "gnuplot", "-d", "-e", "piped = 1", (char *)(path ? path : "-"), NULL };
  posix_spawn_file_actions_t actions;
  pid_t child;
  int status = 0;
  const int before = signal_caught;
  if (posix_spawn_file_actions_init (&actions))
    return GNUPLOT_FAILED;
  if (script)
    posix_spawn_file_actions_adddup2 (&actions, fileno (script), STDIN_FILENO);
  else
    posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2 (&actions, fileno (picture), STDOUT_FILENO);
  /* complaints about fonts are of no use to anyone; a failure is in the exit status */
  posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int failed = posix_spawnp (&child, word[0], &actions, NULL, word, environ);
  posix_spawn_file_actions_destroy (&actions);
  if (failed)
    return failed == ENOENT || failed == EACCES || failed == ENOTDIR ? GNUPLOT_MISSING
                                                                     : GNUPLOT_FAILED;
  if (await (child, before, &status))
    return GNUPLOT_FAILED;
  return signal_caught != before ? GNUPLOT_STOPPED : outcome (status, picture);
}
