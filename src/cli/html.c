/* The parts of an HTML page.  What comes from files is text: it is escaped, and bytes that are not
   UTF-8 or that no page may hold become the replacement character. */
#include <config.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/picture.h"

/* Bytes of the letter at c, or 0 when it is none that a page may hold. */
static size_t
letter_size (const unsigned char *c)
{
  const size_t n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
  if (n == 0 || *c > 0xf4 || (*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((c[i] & 0xc0) != 0x80)
      return 0;
  const int overlong = (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xf0 && c[1] < 0x90);
  const int outside = (*c == 0xed && c[1] > 0x9f) || (*c == 0xf4 && c[1] > 0x8f)
                      || (*c == 0xc2 && c[1] < 0xa0);
  return overlong || outside ? 0 : n;
}

void
html_text (FILE *stream, const char *text)
{
  const unsigned char *c = (const unsigned char *) text;
  while (*c)
    {
      const size_t n = letter_size (c);
      if (n == 0)
        fputs ("\xef\xbf\xbd", stream);
      else if (*c == '&')
        fputs ("&amp;", stream);
      else if (*c == '<')
        fputs ("&lt;", stream);
      else if (*c == '>')
        fputs ("&gt;", stream);
      else if (*c == '"')
        fputs ("&quot;", stream);
      else if (*c == '\'')
        fputs ("&#39;", stream);
      else
        fwrite (c, 1, n, stream);
      c += n ? n : 1;
    }
}

void
html_number (FILE *stream, double value, const char *format, ...)
{
  char text[100];
  va_list arg;
  va_start (arg, format);
  vsnprintf (text, sizeof text, format, arg);
  va_end (arg);
  fprintf (stream, "<span title=\"%.17g\">", value);
  for (const char *c = text; *c; c++)
    if (strncmp (c, "+-", 2) == 0)
      {
        fputs ("\xc2\xb1", stream);
        c++;
      }
    else if (*c == '-' && (c == text || c[-1] == ' '))
      fputs ("\xe2\x88\x92", stream);
    else
      putc (*c, stream);
  fputs ("</span>", stream);
}

/* Does the text begin with this?  Then *c goes behind it. */
static int
skip (const char **c, const char *begin)
{
  const size_t n = strlen (begin);
  if (strncmp (*c, begin, n) != 0)
    return 0;
  *c += n;
  return 1;
}

/* Go behind the next `end`. */
static void
skip_to (const char **c, const char *end)
{
  const char *at = strstr (*c, end);
  *c = at ? at + strlen (end) : *c + strlen (*c);
}

/* What stands in a tag: names get the prefix, those of groups go, and so do the addresses of
   namespaces, which HTML knows.  Returns 0 when nothing of this begins at c. */
static int
put_attribute (FILE *stream, const char **c, int number)
{
  if (skip (c, " xmlns=\"") || skip (c, "\n xmlns=\"") || skip (c, "\n xmlns:xlink=\"")
      || skip (c, " id=\"gnuplot_"))
    skip_to (c, "\"");
  else if (skip (c, " id='"))
    fprintf (stream, " id='p%d-", number);
  else if (skip (c, "href='#"))
    fprintf (stream, "href='#p%d-", number);
  else if (skip (c, "url(#"))
    fprintf (stream, "url(#p%d-", number);
  else
    return 0;
  return 1;
}

void
html_picture (FILE *stream, const char *svg, const char *title, int number)
{
  const char *c = strstr (svg, "<svg"), *box = strstr (svg, "viewBox=\"0 0 ");
  int inside = 1;
  if (!c || !box)
    return;
  /* no larger than it was drawn: its letters are those of the page then */
  fprintf (stream, "<figure><div class=\"wide\"><svg style=\"max-width:%ldpx\"",
           strtol (box + sizeof "viewBox=\"0 0 " - 1, NULL, 10));
  c += sizeof "<svg" - 1;
  while (*c)
    {
      /* a title is a tip that every part of the picture would show */
      if (skip (&c, "<title>"))
        skip_to (&c, "</title>");
      else if (skip (&c, "<desc>"))
        skip_to (&c, "</desc>");
      else if (!inside || !put_attribute (stream, &c, number))
        {
          inside = *c == '<' || (inside && *c != '>');
          putc (*c++, stream);
        }
    }
  fputs ("</div><figcaption>", stream);
  html_text (stream, title);
  fputs ("</figcaption></figure>\n", stream);
}
