/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything on standard error. */
#include <config.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vi-fit/term/term.h"

const char *program_name = "vi-fit";

static int is_quiet;
static char **warnings;
static size_t nwarning;

void
message_level (int quiet)
{
  is_quiet = quiet;
}

static int with_color;

void
color_when (int when)
{
  const char *terminal = getenv ("TERM");
  with_color = when == COLOR_ALWAYS
               || (when == COLOR_AUTO && !getenv ("NO_COLOR") && isatty (STDOUT_FILENO) && terminal
                   && strcmp (terminal, "dumb") != 0);
}

int
use_color (void)
{
  return with_color;
}

static void
put_lines (const char *heading, const char *text)
{
  fprintf (stderr, "%s: %s", program_name, heading);
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if (*c == '\n')
      fprintf (stderr, "\n%s: ", program_name);
    else if (is_control (c))
      fprintf (stderr, "\\x%02x", *c);
    else
      fputc (*c, stderr);
  fputc ('\n', stderr);
}

/* The text of a format; "out of memory" when there is none. */
static char *
format_text (const char *format, va_list arg)
{
  va_list again;
  va_copy (again, arg);
  const int n = vsnprintf (NULL, 0, format, arg);
  char *text = n < 0 ? NULL : malloc ((size_t)n + 1);
  if (text)
    vsnprintf (text, (size_t)n + 1, format, again);
  va_end (again);
  return text;
}

void
complain (const char *format, ...)
{
  va_list arg;
  va_start (arg, format);
  char *text = format_text (format, arg);
  va_end (arg);
  put_lines ("", text ? text : "out of memory");
  free (text);
}

int
complain_status (void)
{
  complain ("%s%s", elbo_message (),
            elbo_message_status () == ELBO_EEXIST ? " (--no-clobber)" : "");
  return EXIT_DATA;
}

int
complain_memory (void)
{
  complain ("out of memory");
  return EXIT_DATA;
}

const char *
plural (size_t n)
{
  return n == 1 ? "" : "s";
}

char *
joined (const char *text, const char *end)
{
  const size_t size = strlen (text) + strlen (end) + 1;
  char *both = malloc (size);
  if (both)
    snprintf (both, size, "%s%s", text, end);
  else
    complain ("out of memory");
  return both;
}

void
note (const char *format, ...)
{
  va_list arg;
  if (is_quiet)
    return;
  va_start (arg, format);
  char *text = format_text (format, arg);
  va_end (arg);
  put_lines ("", text ? text : "out of memory");
  free (text);
}

void
warn (const char *format, ...)
{
  va_list arg;
  va_start (arg, format);
  char *text = format_text (format, arg);
  va_end (arg);
  if (!text)
    return;
  if (!is_quiet)
    put_lines ("warning: ", text);
  char **more = realloc (warnings, (nwarning + 1) * sizeof *more);
  if (!more)
    {
      free (text);
      return;
    }
  warnings = more;
  warnings[nwarning++] = text;
}

size_t
warning_count (void)
{
  return nwarning;
}

char *const *
warning_list (void)
{
  return warnings;
}
