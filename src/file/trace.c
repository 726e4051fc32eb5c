/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace as CSV: one line for each half-step, numbers with 17 significant digits, a cell
   without a value empty. */
#include <config.h>
#include <math.h>
#include <elbo/table.h>
#include "file/file.h"

int
elbo_trace_write_header (FILE *stream)
{
  if (!stream)
    return elbo_fail (GSL_EFAULT, "a trace is written to a stream, not to a null pointer");
  const int n = fputs ("k,start,pass,half,elbo,gain,tau,reconstruction,kl_assignments,kl_weights,"
                       "kl_components,log_prior,log_likelihood,gap,seconds\n",
                       stream);
  return n < 0 ? elbo_fail (ELBO_EIO, "cannot write the trace") : GSL_SUCCESS;
}

static void
cell (FILE *stream, double value)
{
  char text[ELBO_NUMBER_TEXT];
  fputc (',', stream);
  if (isfinite (value))
    fwrite (text, 1, elbo_number_text (value + 0.0, text), stream); /* no "-0" */
}

int
elbo_trace_write (FILE *stream, size_t ncomp, size_t start, const elbo_trace *record)
{
  if (!stream || !record)
    return elbo_fail (GSL_EFAULT, "a trace needs a stream and a record, not null pointers");
  fprintf (stream, "%zu,%zu,%zu,%c", ncomp, start, record->pass, record->half);
  cell (stream, record->elbo);
  cell (stream, record->gain);
  cell (stream, record->tau);
  for (size_t i = 0; i < ELBO_NTERM; i++)
    cell (stream, record->term[i]);
  cell (stream, record->log_likelihood);
  cell (stream, record->gap);
  cell (stream, record->seconds);
  fputc ('\n', stream);
  return ferror (stream) ? elbo_fail (ELBO_EIO, "cannot write the trace") : GSL_SUCCESS;
}
