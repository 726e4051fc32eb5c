/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same rows and the same start for other programs. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "timing.h"

typedef struct
{
  FILE *bin, *npy, *csv;
  size_t dim, rows;
} bench_files;

static FILE *
open_file (const char *dir, char name, const char *suffix)
{
  const size_t size = strlen (dir) + strlen (suffix) + 4;
  char *path = calloc (size, 1);
  if (!path)
    return NULL;
  snprintf (path, size, "%s/%c%s", dir, name, suffix);
  FILE *f = fopen (path, "wb");
  if (!f)
    perror (path);
  free (path);
  return f;
}

static int
close_file (FILE *f)
{
  return f && !ferror (f) && fclose (f) == 0;
}

static void
write_row (void *arg, size_t row, const double *x)
{
  const bench_files *f = arg;
  (void)row;
  fwrite (x, sizeof *x, f->dim, f->bin);
  fwrite (x, sizeof *x, f->dim, f->npy);
}

/* The header of a NumPy file: magic, version 1.0, length, a Python dictionary padded so that the
   numbers begin at a multiple of 64. */
static void
write_npy_header (FILE *f, const bench_case *c)
{
  const unsigned one = 1;
  const char order = *(const char *)&one ? '<' : '>';
  char text[119];
  memset (text, ' ', sizeof text);
  const int n = snprintf (text, sizeof text,
                          "{'descr': '%cf8', 'fortran_order': False, 'shape': (%zu, %zu), }", order,
                          c->n, c->dim);
  text[n] = ' ';
  text[117] = '\n';
  fwrite ("\x93NUMPY\x01\x00\x76\x00", 1, 10, f);
  fwrite (text, 1, 118, f);
}

static void
write_start (FILE *f, const bench_case *c, const bench_start *start)
{
  const size_t D = c->dim;
  const double weight = 1 / (double)c->ncomp;
  for (size_t k = 0; k < c->ncomp; k++)
    fwrite (&weight, sizeof weight, 1, f);
  fwrite (start->mean, sizeof weight, c->ncomp * D, f);
  for (size_t i = 0; i < D * D; i++)
    start->pooled[i] *= 0.5;
  for (size_t k = 0; k < c->ncomp; k++)
    fwrite (start->pooled, sizeof weight, D * D, f);
}

int
bench_write (const bench_case *c, const char *dir)
{
  bench_start start;
  bench_files files
      = { open_file (dir, c->name, ".bin"), open_file (dir, c->name, ".npy"), NULL, c->dim, c->n };
  FILE *begin = open_file (dir, c->name, ".start"), *meta = open_file (dir, c->name, ".meta");
  if (!files.bin || !files.npy || !begin || !meta)
    return EXIT_FAILURE;
  write_npy_header (files.npy, c);
  bench_rows (c, write_row, &files, &start);
  write_start (begin, c, &start);
  fprintf (meta, "%zu %zu %zu\n", c->n, c->dim, c->ncomp);
  bench_start_free (&start);
  const int good
      = close_file (files.bin) & close_file (files.npy) & close_file (begin) & close_file (meta);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
write_csv_row (void *arg, size_t row, const double *x)
{
  const bench_files *f = arg;
  if (row < f->rows)
    for (size_t d = 0; d < f->dim; d++)
      fprintf (f->csv, "%.17g%c", x[d], d + 1 < f->dim ? ',' : '\n');
}

int
bench_write_csv (const bench_case *c, size_t rows, const char *file)
{
  bench_start start;
  bench_files files = { NULL, NULL, fopen (file, "w"), c->dim, rows };
  if (!files.csv)
    {
      perror (file);
      return EXIT_FAILURE;
    }
  for (size_t d = 0; d < c->dim; d++)
    fprintf (files.csv, "x%zu%c", d + 1, d + 1 < c->dim ? ',' : '\n');
  bench_rows (c, write_csv_row, &files, &start);
  bench_start_free (&start);
  return close_file (files.csv) ? EXIT_SUCCESS : EXIT_FAILURE;
}
