/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from a file on its way into a message.

   A cell can hold anything: escape sequences that repaint a terminal, bytes that are not UTF-8, a
   megabyte of letters, quotes that break out of a suggested command line. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include "data/data.h"

/* Bytes of a text, and of the name of a file, that are shown before they are cut. */
enum
{
  LONGEST = 60,
  LONGEST_FILE = 400
};

size_t
elbo_utf8 (const char *begin, const char *end)
{
  const unsigned char *p = (const unsigned char *)begin;
  size_t left = (size_t)(end - begin), n;
  uint32_t code;

  if (left == 0)
    return 0;
  if (p[0] < 0x80)
    return 1;
  n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || left < n)
    return 0;
  code = p[0] & (0x7Fu >> n);
  for (size_t i = 1; i < n; i++)
    {
      if ((p[i] & 0xC0) != 0x80)
        return 0;
      code = code << 6 | (p[i] & 0x3F);
    }
  /* longer than need be, a surrogate, or past the last character */
  if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10FFFF
      || (code >= 0xD800 && code <= 0xDFFF))
    return 0;
  return n;
}

/* Is a character one that a terminal obeys or does not show: C0 and C1 controls, the unbreakable
   blank, zero-width and direction marks? */
static int
hidden (const char *begin, size_t n)
{
  const unsigned char *p = (const unsigned char *)begin;

  if (n == 1)
    return p[0] < 0x20 || p[0] == 0x7F;
  if (n == 2)
    return p[0] == 0xC2 && p[1] <= 0xA0;
  if (n == 3 && p[0] == 0xE2)
    return (p[1] == 0x80 && ((p[2] >= 0x8B && p[2] <= 0x8F) || (p[2] >= 0xA8 && p[2] <= 0xAF)))
           || (p[1] == 0x81 && p[2] >= 0xA0 && p[2] <= 0xAF);
  return n == 0 || memcmp (p, "\xEF\xBB\xBF", 3) == 0;
}

static char *
show (char *to, size_t size, elbo_cell text, long longest)
{
  size_t at = 0;
  const char *p = text.begin;

  while (p < text.end)
    {
      size_t n = elbo_utf8 (p, text.end);

      /* the longest character takes 12 bytes, the dots and the end 4 */
      if (p - text.begin >= longest || at + 16 > size)
        {
          at += (size_t)snprintf (to + at, size - at, "...");
          break;
        }
      if (!hidden (p, n))
        {
          memcpy (to + at, p, n);
          at += n;
          p += n;
        }
      else
        for (n = n ? n : 1; n > 0; n--)
          at += (size_t)snprintf (to + at, size - at, "\\x%02x", (unsigned char)*p++);
    }
  to[at] = '\0';
  return to;
}

char *
elbo_show (char *to, size_t size, elbo_cell text)
{
  return show (to, size, text, LONGEST);
}

char *
elbo_show_file (char *to, size_t size, const char *name)
{
  return show (to, size, (elbo_cell){ name, name + strlen (name) }, LONGEST_FILE);
}

char *
elbo_show_name (char *to, size_t size, const char *name)
{
  return show (to, size, (elbo_cell){ name, name + strlen (name) }, LONGEST);
}

char *
elbo_show_word (char *to, size_t size, const char *option, const char *text)
{
  static const char safe[]
      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:/@%+-=";
  char shown[ELBO_SHOW];
  size_t at;

  elbo_show_name (shown, sizeof shown, text);
  if (shown[0] && strspn (shown, safe) == strlen (shown))
    {
      snprintf (to, size, "%s%s", option, shown);
      return to;
    }
  at = (size_t)snprintf (to, size, "%s'", option);
  for (const char *p = shown; *p && at + 8 < size; p++)
    if (*p == '\'')
      at += (size_t)snprintf (to + at, size - at, "'\\''");
    else
      to[at++] = *p;
  snprintf (to + at, size - at, "'");
  return to;
}

char *
elbo_show_item (char *to, size_t size, const char *option, const char *sign, const char *name)
{
  char item[ELBO_SHOW];
  int quote = strpbrk (name, ",\"") != NULL;
  size_t at = (size_t)snprintf (item, sizeof item, "%s%s", sign, quote ? "\"" : "");

  for (const char *p = name; *p && at + 4 < sizeof item; p++)
    {
      if (*p == '"')
        item[at++] = '"';
      item[at++] = *p;
    }
  snprintf (item + at, sizeof item - at, "%s", quote ? "\"" : "");
  return elbo_show_word (to, size, option, item);
}
