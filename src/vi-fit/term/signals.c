/* SPDX-License-Identifier: GPL-3.0-or-later */
/* While there is nothing to save SIGINT and SIGTERM end the program at once.  During the search the
   first one asks it to end after its pass, and the second one kills.  While a program draws for us
   the first one ends that program, and files are then left as they were. */
#include <config.h>
#include <string.h>
#include <unistd.h>
#include "vi-fit/term/term.h"

volatile sig_atomic_t signal_caught, signal_status, signal_child;

static volatile sig_atomic_t deferred;

static void
catch_end (int number)
{
  static const char text[] = ": interrupted\n";
  if (signal_child)
    kill ((pid_t)signal_child, SIGTERM);
  if (deferred)
    {
      signal_caught = number;
      return;
    }
  ssize_t n = write (STDERR_FILENO, program_name, strlen (program_name));
  n += write (STDERR_FILENO, text, sizeof text - 1);
  (void)n;
  _exit (128 + number);
}

void
signals_defer (void)
{
  deferred = 1;
}

static void
catch_status (int number)
{
  (void)number;
  signal_status = 1;
}

void
signals_install (void)
{
  struct sigaction action;
  memset (&action, 0, sizeof action);
  sigemptyset (&action.sa_mask);
  action.sa_handler = catch_end;
  action.sa_flags = (int)SA_RESETHAND;
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  action.sa_handler = SIG_IGN; /* a file too large is an error of write */
  sigaction (SIGXFSZ, &action, NULL);
  action.sa_handler = catch_status;
  action.sa_flags = SA_RESTART;
  sigaction (SIGUSR1, &action, NULL);
}

int
signal_exit (void)
{
  return signal_caught == SIGTERM ? EXIT_SIGTERM : EXIT_SIGINT;
}
