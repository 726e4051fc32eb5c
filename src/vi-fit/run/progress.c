/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live line on a terminal: what is fitted, which start, its bound, the best so far.  At most
   ten times a second, cut to the width, and gone when the report begins.  Elsewhere a line a
   minute, so that a long search does not look like one that hangs. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "vi-fit/run/run.h"

/* Seconds between two lines where none is drawn. */
static const double SILENCE = 60;

static size_t
width (void)
{
  struct winsize size;
  const char *columns = getenv ("COLUMNS");
  if (columns && atoi (columns) > 10)
    return (size_t)atoi (columns);
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10)
    return size.ws_col;
  return 80;
}

void
progress_begin (progress *p, const settings *s)
{
  const char *terminal = getenv ("TERM");
  memset (p, 0, sizeof *p);
  p->s = s;
  p->best = NAN;
  p->noted = seconds_now ();
  p->live = !s->quiet && isatty (STDERR_FILENO) && terminal && strcmp (terminal, "dumb") != 0;
}

void
progress_clear (progress *p)
{
  if (p->live && p->last > 0)
    fprintf (stderr, "\r%*s\r", (int)width () - 1, "");
  p->last = 0;
}

static void
line (const progress *p, size_t start, const elbo_fit *fit, char *text, size_t size)
{
  int n = snprintf (text, size, "K %zu  run %zu  iter %zu  ELBO %.5f",
                    elbo_model_ncomp (elbo_fit_model (fit)), start + 1, elbo_fit_iterations (fit),
                    elbo_fit_value (fit));
  if (isfinite (p->best) && n > 0 && (size_t)n < size)
    snprintf (text + n, size - (size_t)n, "  [best K=%zu %.5f]", p->best_k, p->best);
}

int
progress_watch (size_t start, const elbo_fit *fit, const elbo_outcome *outcome, void *arg)
{
  progress *p = arg;
  char text[200];
  (void)outcome;
  if (fit && signal_status)
    {
      signal_status = 0;
      line (p, start, fit, text, sizeof text);
      fprintf (stderr, "%s: %s\n", program_name, text);
    }
  const double now = seconds_now ();
  if (p->live && fit && now - p->last >= 0.1)
    {
      const size_t most = width () - 1;
      line (p, start, fit, text, sizeof text);
      text[most < sizeof text ? most : sizeof text - 1] = '\0';
      fprintf (stderr, "\r%-*s", (int)(most < sizeof text ? most : sizeof text - 1), text);
      p->last = now;
    }
  else if (!p->live && fit && now - p->noted >= SILENCE)
    {
      line (p, start, fit, text, sizeof text);
      note ("%s", text);
      p->noted = now;
    }
  return signal_caught != 0;
}
