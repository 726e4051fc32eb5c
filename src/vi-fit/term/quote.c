/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text made safe for terminals and shells. */
#include <config.h>
#include <stdio.h>
#include <string.h>
#include "vi-fit/term/term.h"

/* C0, DEL, and C1 as UTF-8. */
int
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
