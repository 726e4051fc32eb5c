/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything on standard error, and text made safe for terminals. */
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

/* Is there a byte here that could drive a terminal?  C0, DEL, and C1 as UTF-8. */
static int
is_control (const unsigned char *c)
{
  return *c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f);
}

const char *
clean (const char *text)
{
  static char ring[8][256];
  static size_t turn;
  char *out = ring[turn = (turn + 1) % 8];
  size_t n = 0;
  for (const unsigned char *c = (const unsigned char *)text; *c && n < 240; c++)
    if (is_control (c))
      n += (size_t)snprintf (out + n, 8, "\\x%02x", *c);
    else
      out[n++] = (char)*c;
  out[n] = '\0';
  return out;
}

int
letters (const char *text)
{
  int n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

/* Copy text to out [size], a letter `twice` doubled; returns the length. */
static size_t
put_word (char *out, size_t size, const char *text, char twice)
{
  size_t n = 0;
  for (; *text && n + 3 < size; text++)
    {
      if (*text == twice)
        out[n++] = *text;
      out[n++] = *text;
    }
  out[n] = '\0';
  return n;
}

const char *
shell_quoted (const char *text)
{
  static char ring[8][520];
  static size_t turn;
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "_-+=./,:@%";
  char *out = ring[turn = (turn + 1) % 8];
  size_t n = 0;
  text = clean (text);
  if (*text && strspn (text, safe) == strlen (text))
    {
      snprintf (out, sizeof ring[0], "%s", text);
      return out;
    }
  out[n++] = '\'';
  for (; *text && n + 6 < sizeof ring[0]; text++)
    if (*text == '\'')
      n += (size_t)snprintf (out + n, sizeof ring[0] - n, "'\\''");
    else
      out[n++] = *text;
  out[n++] = '\'';
  out[n] = '\0';
  return out;
}

const char *
list_item (const char *sign, const char *name)
{
  char text[500];
  size_t n = (size_t)snprintf (text, sizeof text, "%s", sign);
  const int quote = strpbrk (name, ",\"") != NULL;
  if (quote)
    text[n++] = '"';
  n += put_word (text + n, 240, name, '"');
  if (quote)
    text[n++] = '"';
  text[n] = '\0';
  return shell_quoted (text);
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

void
complain_status (void)
{
  complain ("%s", elbo_message ());
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
