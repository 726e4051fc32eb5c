/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace of a search: every half-step of every start. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/run/run.h"

int
trace_write (FILE *stream, size_t ncomp, size_t start, const elbo_outcome *outcome, size_t first)
{
  int status = GSL_SUCCESS;
  for (size_t i = first; i < elbo_outcome_records (outcome) && !status; i++)
    status = elbo_trace_write (stream, ncomp, start, elbo_outcome_record (outcome, i));
  return status;
}

void
trace_copy (elbo_trace *to, const elbo_outcome *outcome)
{
  for (size_t i = 0; i < elbo_outcome_records (outcome); i++)
    to[i] = *elbo_outcome_record (outcome, i);
}

static int
fill_trace (FILE *stream, const void *arg)
{
  const sweep *result = arg;
  int status = elbo_trace_write_header (stream);
  for (size_t i = 0; i < result->n && !status; i++)
    {
      const candidate *c = &result->list[i];
      for (size_t j = 0; j < elbo_search_starts (c->search) && !status; j++)
        status = trace_write (stream, c->ncomp, c->offset + j + 1,
                              elbo_search_outcome (c->search, j), 0);
    }
  return status;
}

int
trace_save (const settings *s, const sweep *result)
{
  int status = 0;
  if (s->output && s->verb == VERB_FIT)
    {
      char *path = joined (s->output, ".trace.csv");
      status = path ? write_file (s, path, fill_trace, result) : EXIT_DATA;
      free (path);
    }
  if (!status && s->trace)
    status = write_file (s, s->trace, fill_trace, result);
  return status;
}
