/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an HTML page.  What comes from files is text: it is escaped, and bytes that are not
   UTF-8 or that no page may hold become the replacement character. */
#include <config.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

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
  const int outside
      = (*c == 0xed && c[1] > 0x9f) || (*c == 0xf4 && c[1] > 0x8f) || (*c == 0xc2 && c[1] < 0xa0);
  return overlong || outside ? 0 : n;
}

void
html_text (FILE *stream, const char *text)
{
  const unsigned char *c = (const unsigned char *)text;
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
    else if (*c == '-' && (c == text || c[-1] == ' ' || c[-1] == 'e'))
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

/* Nothing from elsewhere, which the browser is told to see to; scripts only where there are some. */
void
html_begin (FILE *stream, const char *title, const char *const *const *style, int scripts)
{
  fprintf (stream,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'%s; base-uri 'none'; form-action 'none'\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
           scripts ? "; script-src 'unsafe-inline'" : "");
  html_text (stream, title);
  fputs ("</title>\n<style>\n", stream);
  for (; *style; style++)
    html_asset (stream, *style);
  fputs ("</style>\n</head>\n<body>\n<main>\n<h1>", stream);
  html_text (stream, title);
  fputs ("</h1>\n", stream);
}

void
html_end (FILE *stream)
{
  fputs ("</main>\n</body>\n</html>\n", stream);
}

void
html_asset (FILE *stream, const char *const *line)
{
  for (; *line; line++)
    fputs (*line, stream);
}

/* As the pictures have them. */
const char *
html_colour (size_t k)
{
  static const char *const colour[HTML_COLOURS]
      = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D", "#F0E442" };
  return colour[k % HTML_COLOURS];
}

void
html_table (FILE *stream)
{
  fputs ("<div class=\"wide\"><table>\n", stream);
}

void
html_table_end (FILE *stream)
{
  fputs ("</tbody></table></div>\n", stream);
}

void
html_fact (FILE *stream, const char *word, const char *text)
{
  fprintf (stream, "<tr><td>%s</td><td class=\"text\">", word);
  html_text (stream, text ? text : "-");
  fputs ("</td></tr>\n", stream);
}

void
html_fact_number (FILE *stream, const char *word, double value, const char *format)
{
  char text[60];
  snprintf (text, sizeof text, format, value);
  fprintf (stream, "<tr><td>%s</td><td class=\"text\">", word);
  html_number (stream, value, "%s", text);
  fputs ("</td></tr>\n", stream);
}

void
html_row (FILE *stream, const char *name, int inner)
{
  fprintf (stream, "<tr><td%s>", inner ? " class=\"in\"" : "");
  html_text (stream, name);
  fputs ("</td>", stream);
}

void
html_heading (FILE *stream, const char *name, size_t ncomp)
{
  fputs ("<tr class=\"part\"><th>", stream);
  html_text (stream, name);
  fprintf (stream, "</th><th colspan=\"%zu\"></th></tr>\n", ncomp);
}

void
html_components (FILE *stream, size_t ncomp)
{
  fputs ("<thead><tr><th></th>", stream);
  for (size_t k = 0; k < ncomp; k++)
    fprintf (stream, "<th><span style=\"color:%s\">&#9679;</span> %zu</th>", html_colour (k),
             k + 1);
  fputs ("</tr></thead><tbody>\n", stream);
}

/* "<" is escaped: no text can end the script element. */
void
html_json (FILE *stream, const char *text)
{
  const unsigned char *c = (const unsigned char *)text;
  putc ('"', stream);
  while (*c)
    {
      const size_t n = letter_size (c);
      if (n == 0)
        fputs ("\\ufffd", stream);
      else if (*c < 0x20 || *c == '"' || *c == '\\' || *c == '<')
        fprintf (stream, "\\u%04x", *c);
      else
        fwrite (c, 1, n, stream);
      c += n ? n : 1;
    }
  putc ('"', stream);
}

void
html_json_number (FILE *stream, double value, const char *format)
{
  if (isfinite (value))
    fprintf (stream, format, value);
  else
    fputs ("null", stream);
}
