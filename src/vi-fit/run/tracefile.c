/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace of a search: every half-step of every start. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/run/run.h"

static int
fill_trace (FILE *stream, const void *arg)
{
  const sweep *result = arg;
  int status = elbo_trace_write_header (stream);
  for (size_t i = 0; i < result->n && !status; i++)
    {
      const candidate *c = &result->list[i];
      for (size_t j = 0; j < c->search.nstart && !status; j++)
        status = elbo_trace_write (stream, c->ncomp, c->offset + j + 1, c->search.outcome[j].trace,
                                   c->search.outcome[j].nrecord);
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
