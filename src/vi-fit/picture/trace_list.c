/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The starts whose half-steps are drawn: from a search that has just ended, or from its file. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

/* Room for the runs of a sweep and for their records. */
static int
make_room (const sweep *result, trace_list *list)
{
  size_t nrun = 0, nrecord = 0;
  for (size_t i = 0; i < result->n; i++)
    for (size_t j = 0; j < elbo_search_starts (result->list[i].search); j++, nrun++)
      nrecord += elbo_outcome_records (elbo_search_outcome (result->list[i].search, j));
  list->run = calloc (nrun + 1, sizeof *list->run);
  list->own = calloc (nrecord + 1, sizeof *list->own);
  return list->run && list->own ? 0 : complain_memory ();
}

int
traces_of_sweep (const sweep *result, trace_list *list)
{
  memset (list, 0, sizeof *list);
  const int status = make_room (result, list);
  if (status)
    return status;
  elbo_trace *to = list->own;
  for (size_t i = 0; i < result->n; i++)
    for (size_t j = 0; j < elbo_search_starts (result->list[i].search); j++)
      {
        const candidate *c = &result->list[i];
        const elbo_outcome *o = elbo_search_outcome (c->search, j);
        const size_t n = elbo_outcome_records (o);
        trace_copy (to, o);
        list->run[list->nrun++] = (trace_run){ c->ncomp, c->offset + j + 1, n, to };
        to += n;
      }
  return 0;
}

/* The columns of a trace file, in their order: K, start, pass, half, then the numbers. */
enum
{
  AT_K,
  AT_START,
  AT_PASS,
  AT_HALF,
  AT_ELBO,
  AT_GAIN,
  AT_TAU,
  AT_TERM
};
enum
{
  AT_LIKELIHOOD = AT_TERM + ELBO_NTERM,
  AT_GAP,
  AT_SECONDS,
  NCELL
};

static const char *const title[NCELL] = { "k",
                                          "start",
                                          "pass",
                                          "half",
                                          "elbo",
                                          "gain",
                                          "tau",
                                          "reconstruction",
                                          "kl_assignments",
                                          "kl_weights",
                                          "kl_components",
                                          "log_prior",
                                          "log_likelihood",
                                          "gap",
                                          "seconds" };

static elbo_trace
record_of (const elbo_table *table, size_t row)
{
  elbo_trace t = { .pass = (size_t)elbo_table_value (table, row, AT_PASS),
                   .half = *elbo_table_text (table, row, AT_HALF),
                   .elbo = elbo_table_value (table, row, AT_ELBO),
                   .gain = elbo_table_value (table, row, AT_GAIN),
                   .tau = elbo_table_value (table, row, AT_TAU),
                   .log_likelihood = elbo_table_value (table, row, AT_LIKELIHOOD),
                   .gap = elbo_table_value (table, row, AT_GAP),
                   .seconds = elbo_table_value (table, row, AT_SECONDS) };
  for (size_t i = 0; i < ELBO_NTERM; i++)
    t.term[i] = elbo_table_value (table, row, AT_TERM + i);
  return t;
}

/* Is the cell a number from 0 to 1e15, as numbers of starts are? */
static int
is_number (const elbo_table *table, size_t row, size_t column)
{
  const double v = elbo_table_value (table, row, column);
  return v >= 0 && v < 1e15;
}

static int
take_rows (const elbo_table *table, trace_list *list)
{
  const size_t n = elbo_table_nrow (table);
  list->own = calloc (n + 1, sizeof *list->own);
  list->run = calloc (n + 1, sizeof *list->run);
  if (!list->own || !list->run)
    return complain_memory ();
  for (size_t i = 0; i < n; i++)
    {
      if (!is_number (table, i, AT_K) || !is_number (table, i, AT_START)
          || !is_number (table, i, AT_PASS) || !isfinite (elbo_table_value (table, i, AT_ELBO)))
        {
          complain ("%s:%zu: not a line of a trace", elbo_table_file (table),
                    elbo_table_line (table, i));
          return EXIT_DATA;
        }
      const size_t ncomp = (size_t)elbo_table_value (table, i, AT_K);
      const size_t start = (size_t)elbo_table_value (table, i, AT_START);
      trace_run *run = list->nrun ? &list->run[list->nrun - 1] : NULL;
      if (!run || run->ncomp != ncomp || run->start != start)
        {
          run = &list->run[list->nrun++];
          *run = (trace_run){ ncomp, start, 0, list->own + i };
        }
      list->own[i] = record_of (table, i);
      run->nrecord++;
    }
  return 0;
}

int
traces_read (const char *path, trace_list *list)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  int status = 0;
  memset (list, 0, sizeof *list);
  options.separator = ',';
  options.header = ELBO_HEADER_YES;
  options.missing = ELBO_MISSING_KEEP;
  elbo_table *table = elbo_table_open (path, &options);
  for (size_t j = 0; table && j < NCELL && !status; j++)
    if (j >= elbo_table_ncolumn (table) || strcmp (elbo_table_name (table, j), title[j]) != 0)
      {
        complain ("%s: not a trace: column %zu is not '%s'", path, j + 1, title[j]);
        status = EXIT_DATA;
      }
    else
      elbo_table_set_role (table, j, j == AT_HALF ? ELBO_ROLE_TEXT : ELBO_ROLE_NUMBER);
  if (!status && table && !elbo_table_read (table, 0))
    status = take_rows (table, list);
  else if (!status)
    status = complain_status ();
  elbo_table_free (table);
  return status;
}

void
traces_free (trace_list *list)
{
  free (list->run);
  free (list->own);
}
