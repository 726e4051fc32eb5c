/* show.c -- text from a file on its way into a message.

   A cell can hold anything: escape sequences that repaint a terminal, bytes that are not UTF-8, a
   megabyte of letters, quotes that break out of a suggested command line. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include "data/data.h"

/* Bytes of a text that are shown before it is cut. */
enum { LONGEST = 60 };

size_t
elbo_utf8 (const char *begin, const char *end)
{
  const unsigned char *p = (const unsigned char *) begin;
  size_t left = (size_t) (end - begin), n;
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

char *
elbo_show (char *to, size_t size, elbo_cell text)
{
  size_t at = 0;
  const char *p = text.begin;

  while (p < text.end)
    {
      size_t n = elbo_utf8 (p, text.end), long_way = (size_t) (text.end - text.begin) > LONGEST;
      unsigned char c = (unsigned char) *p;
      /* C1 controls are C2 80 ... C2 9F in UTF-8 and obeyed by some terminals */
      int plain = n > 0 && c >= 0x20 && c != 0x7F && !(c == 0xC2 && (unsigned char) p[1] < 0xA0);

      if ((long_way && p - text.begin >= LONGEST) || at + 8 > size)
        {
          if (at + 4 <= size)
            at += (size_t) snprintf (to + at, size - at, "...");
          break;
        }
      if (plain)
        memcpy (to + at, p, n);
      else
        snprintf (to + at, size - at, "\\x%02x", c);
      at += plain ? n : 4;
      p += plain ? n : 1;
    }
  to[at] = '\0';
  return to;
}

char *
elbo_show_name (char *to, size_t size, const char *name)
{
  return elbo_show (to, size, (elbo_cell) { name, name + strlen (name) });
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
  at = (size_t) snprintf (to, size, "%s'", option);
  for (const char *p = shown; *p && at + 8 < size; p++)
    if (*p == '\'')
      at += (size_t) snprintf (to + at, size - at, "'\\''");
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
  size_t at = (size_t) snprintf (item, sizeof item, "%s%s", sign, quote ? "\"" : "");

  for (const char *p = name; *p && at + 4 < sizeof item; p++)
    {
      if (*p == '"')
        item[at++] = '"';
      item[at++] = *p;
    }
  snprintf (item + at, sizeof item - at, "%s", quote ? "\"" : "");
  return elbo_show_word (to, size, option, item);
}
