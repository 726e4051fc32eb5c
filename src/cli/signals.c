/* The first SIGINT or SIGTERM asks the search to end after its pass; the second one kills. */
#include <config.h>
#include <string.h>
#include "cli/cli.h"

volatile sig_atomic_t signal_caught, signal_status;

static void
catch_end (int number)
{
  signal_caught = number;
}

static void
catch_status (int number)
{
  (void) number;
  signal_status = 1;
}

void
signals_install (void)
{
  struct sigaction action;
  memset (&action, 0, sizeof action);
  sigemptyset (&action.sa_mask);
  action.sa_handler = catch_end;
  action.sa_flags = (int) SA_RESETHAND;
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  action.sa_handler = catch_status;
  action.sa_flags = SA_RESTART;
  sigaction (SIGUSR1, &action, NULL);
}

int
signal_exit (void)
{
  return signal_caught == SIGTERM ? EXIT_SIGTERM : EXIT_SIGINT;
}
