/* SPDX-License-Identifier: GPL-3.0-or-later */
/* While there is nothing to save SIGINT and SIGTERM end the program at once.  During the search the
   first one asks it to end after its pass, and a second one kills, unless it comes within a second:
   timeout and service managers send the first one twice.  While a program draws for us the first
   one ends that program, and files are then left as they were. */
#include <config.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "vi-fit/term/term.h"

volatile sig_atomic_t signal_caught, signal_status, signal_child;

static volatile sig_atomic_t deferred;

/* Keep the first signal; a repeated one ends the program when a second has passed since. */
static void
keep_signal (int number)
{
  static struct timespec first;
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  if (!signal_caught)
    first = now;
  else if (now.tv_sec - first.tv_sec > (now.tv_nsec < first.tv_nsec ? 1 : 0))
    {
      signal (number, SIG_DFL);
      raise (number);
    }
  signal_caught = number;
}

static void
catch_end (int number)
{
  static const char text[] = ": interrupted\n";
  if (signal_child)
    kill ((pid_t)signal_child, SIGTERM);
  if (deferred)
    {
      keep_signal (number);
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
  sigaddset (&action.sa_mask, SIGINT); /* one handler at a time */
  sigaddset (&action.sa_mask, SIGTERM);
  action.sa_handler = catch_end;
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
