/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of vi-fit demo: text for people or one JSON object, from the same calls. */
#include <config.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/demo/demo.h"

enum
{
  WIDE = 19
};

typedef struct
{
  char name[24];
  int width, text; /* width 0: 15 decimals */
} column;

struct demo_page
{
  FILE *stream;
  char *text;
  size_t size;
  const char *name;
  int json, draws, hidden; /* hidden: the present table is for the picture only */
  demo_tables tables;
  size_t nrow, ncolumn, checks, failed;
  column column[DEMO_COLUMNS];
  gsl_rng *rng;
};

demo_page *
page_open (const settings *s, const demo *which)
{
  demo_page *page = calloc (1, sizeof *page);
  if (page)
    {
      page->name = which->about.name;
      page->json = s->format == FORMAT_JSON;
      page->draws = s->plot;
      page->stream = open_memstream (&page->text, &page->size);
      page->rng = gsl_rng_alloc (gsl_rng_mt19937);
    }
  if (!page || !page->stream || !page->rng)
    {
      complain ("out of memory");
      page_free (page);
      return NULL;
    }
  gsl_rng_set (page->rng, (unsigned long)(elbo_key (s->seed, 0, 0) & 0xffffffffU));
  if (page->json)
    fprintf (page->stream, "{\"demo\": \"%s\", \"title\": \"%s\", \"seed\": %zu", which->about.name,
             which->about.title, s->seed);
  else
    fprintf (page->stream, "%s: %s\n", which->about.name, which->about.title);
  return page;
}

void
page_free (demo_page *page)
{
  if (!page)
    return;
  if (page->stream)
    fclose (page->stream);
  free (page->text);
  tables_free (&page->tables);
  if (page->rng)
    gsl_rng_free (page->rng);
  free (page);
}

gsl_rng *
page_rng (demo_page *page)
{
  return page->rng;
}

int
page_print (demo_page *page)
{
  const int failed = page->failed > 0;
  if (page->json)
    fprintf (page->stream, ", \"checks\": %zu, \"failed\": %zu}\n", page->checks, page->failed);
  else if (!failed)
    fprintf (page->stream, "\n%zu check%s: all hold.\n", page->checks,
             page->checks == 1 ? "" : "s");
  fflush (page->stream);
  fwrite (page->text, 1, page->size, stdout);
  return failed ? EXIT_FELL : EXIT_DONE;
}

void
page_say (demo_page *page, const char *format, ...)
{
  va_list arg;
  if (page->json)
    return;
  va_start (arg, format);
  vfprintf (page->stream, format, arg);
  va_end (arg);
  fputc ('\n', page->stream);
}

/* What rounds to zero has no sign. */
static double
unsigned_zero (double v)
{
  return fabs (v) < 5e-16 ? 0 : v;
}

static void
put_number (demo_page *page, double v, int width)
{
  if (page->json && isfinite (v))
    fprintf (page->stream, "%.17g", v);
  else if (page->json)
    fputs ("null", page->stream);
  else if (isnan (v))
    fprintf (page->stream, "%*s", width ? width : WIDE, "-");
  else if (width)
    fprintf (page->stream, "%*.6g", width, v);
  else
    fprintf (page->stream, "%*.15f", WIDE, unsigned_zero (v));
}

static void
begin (demo_page *page, const char *key, const char *heading)
{
  if (page->json)
    fprintf (page->stream, ", \"%s\": ", key);
  else
    fprintf (page->stream, "\n%s\n", heading);
}

static void
put_parameter (demo_page *page, const parameter_row *parameter, const parameter_list *list)
{
  const int many = parameter->kind == 'R' || parameter->kind == 'N';
  const char *comma = page->json ? ", " : ",";
  fprintf (page->stream, page->json ? "\"%s\": %s" : "  --%s=%s", parameter->name,
           page->json && many ? "[" : "");
  for (size_t i = 0; i < list->n; i++)
    fprintf (page->stream, page->json ? "%s%.17g" : "%s%.9g", i ? comma : "", list->v[i]);
  if (page->json)
    fputs (many ? "]" : "", page->stream);
  else
    fprintf (page->stream, "  (%s)\n", parameter->doc);
}

void
page_parameters (demo_page *page, const parameter_row *parameter, const parameter_list *list)
{
  fputs (page->json ? ", \"parameters\": {" : "", page->stream);
  for (size_t i = 0; parameter[i].name; i++)
    {
      fputs (page->json && i ? ", " : "", page->stream);
      put_parameter (page, &parameter[i], &list[i]);
    }
  fputs (page->json ? "}" : "", page->stream);
}

void
page_numbers (demo_page *page, const char *key, const char *heading, const page_number *number,
              size_t n)
{
  begin (page, key, heading);
  for (size_t i = 0; i < n; i++)
    {
      const int length = (int)strcspn (number[i].name, ":"), whole = number[i].name[length] == ':';
      fprintf (page->stream, page->json ? "%s\"%.*s\": " : "%s  %-22.*s",
               page->json ? i ? ", " : "{" : "", length, number[i].name);
      put_number (page, number[i].value, whole ? 2 : 0);
      fputs (page->json ? "" : "\n", page->stream);
    }
  fputs (page->json ? "}" : "", page->stream);
}

void
page_identity (demo_page *page, const char *key, const char *heading, const elbo_identity *v)
{
  const page_number number[] = { { "reconstruction", v->reconstruction },
                                 { "kl_prior", v->kl_prior },
                                 { "elbo", v->elbo },
                                 { "log_evidence", v->log_evidence },
                                 { "gap", v->gap },
                                 { "kl_posterior", v->kl_posterior } };
  static const char *const line[] = { "  reconstruction        E_q log p(x | z)     %*.15f\n",
                                      "- KL                    KL(q || p(z))        %*.15f\n",
                                      "= ELBO                                       %*.15f\n",
                                      "  log p(x)                                   %*.15f\n",
                                      "  gap                   log p(x) - ELBO      %*.15f\n",
                                      "  KL                    KL(q || p(z | x))    %*.15f\n" };
  if (page->json)
    page_numbers (page, key, heading, number, 6);
  else
    {
      begin (page, key, heading);
      for (size_t i = 0; i < 6; i++)
        fprintf (page->stream, line[i], WIDE, unsigned_zero (number[i].value));
      if (isfinite (v->gap))
        page_say (page, "  log p(x) = ELBO + KL(q || p(z | x)), to %.1e",
                  fabs (v->gap - v->kl_posterior));
    }
  page_check_gap (page, heading, v);
}

/* The columns of the table that begins. */
static void
read_columns (demo_page *page, const char *columns)
{
  page->nrow = page->ncolumn = 0;
  while (*columns && page->ncolumn < DEMO_COLUMNS)
    {
      column *c = &page->column[page->ncolumn++];
      const size_t length = strcspn (columns, " "), name = strcspn (columns, ": ");
      snprintf (c->name, sizeof c->name, "%.*s", (int)name, columns);
      c->width = name < length ? atoi (columns + name + 1) : 0;
      c->text = columns[length - 1] == 't' && c->width;
      columns += length + (columns[length] == ' ');
    }
}

static void
keep_columns (demo_page *page, const char *key)
{
  tables_begin (&page->tables, key);
  for (size_t i = 0; i < page->ncolumn; i++)
    tables_column (&page->tables, page->column[i].name);
}

void
page_table (demo_page *page, const char *key, const char *heading, const char *columns)
{
  begin (page, key, heading);
  read_columns (page, columns);
  if (page->draws)
    keep_columns (page, key);
  for (size_t i = 0; !page->json && i < page->ncolumn; i++)
    {
      const column *c = &page->column[i];
      fprintf (page->stream, c->text ? "%s%-*s" : "%s%*s", i ? " " : "", c->width ? c->width : WIDE,
               c->name);
    }
  fputs (page->json ? "[" : "\n", page->stream);
}

int
page_draws (const demo_page *page)
{
  return page->draws;
}

void
page_curve (demo_page *page, const char *key, const char *columns)
{
  page->hidden = 1;
  read_columns (page, columns);
  keep_columns (page, key);
}

const demo_tables *
page_tables (const demo_page *page)
{
  return &page->tables;
}

static void
keep_row (demo_page *page, const char *text, const double *v)
{
  double value[DEMO_COLUMNS];
  for (size_t i = 0; i < page->ncolumn; i++)
    value[i] = page->column[i].text ? NAN : *v++;
  tables_row (&page->tables, text, value);
}

static void
print_row (demo_page *page, const char *text, const double *v)
{
  fputs (!page->json ? "" : page->nrow ? ", {" : "{", page->stream);
  page->nrow++;
  for (size_t i = 0; i < page->ncolumn; i++)
    {
      const column *c = &page->column[i];
      fputs (!i ? "" : page->json ? ", " : " ", page->stream);
      if (page->json)
        fprintf (page->stream, "\"%s\": ", c->name);
      if (c->text)
        fprintf (page->stream, page->json ? "\"%*s\"" : "%*s", page->json ? 0 : -c->width, text);
      else
        put_number (page, *v++, c->width);
    }
  fputs (page->json ? "}" : "\n", page->stream);
}

void
page_row (demo_page *page, const char *text, const double *v)
{
  if (page->draws)
    keep_row (page, text, v);
  if (!page->hidden)
    print_row (page, text, v);
}

void
page_table_end (demo_page *page)
{
  fputs (page->json && !page->hidden ? "]" : "", page->stream);
  page->hidden = 0;
}

/* --- checks ------------------------------------------------------------------------------- */

static void
fail (demo_page *page, const char *what, double got, double want, const char *advice)
{
  page->failed++;
  complain ("%s: %s: %.15f where %.15f is expected%s", page->name, what, got, want, advice);
}

void
page_check (demo_page *page, const char *what, double got, double want, double allowed)
{
  page->checks++;
  if (!(got == want || fabs (got - want) <= allowed))
    fail (page, what, got, want, "; this is a bug");
}

void
page_check_gap (demo_page *page, const char *what, const elbo_identity *v)
{
  /* a part that is not known, NAN, does not count */
  const double parts = fmax (fabs (v->reconstruction), fabs (v->kl_prior));
  const double size = fmax (fmax (fabs (v->log_evidence), fabs (v->elbo)), parts);
  page_check (page, what, v->gap, v->kl_posterior, 1e-12 * (size < INFINITY ? fmax (1, size) : 1));
}

void
page_check_estimate (demo_page *page, const char *what, double got, double want, double error)
{
  page->checks++;
  if (!(fabs (got - want) <= 4 * error + 1e-12 * fmax (1, fabs (want))))
    fail (page, what, got, want,
          "\nmore than 4 standard errors: by chance one time in 16000; try another --seed");
}
