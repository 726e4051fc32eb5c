/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit leaves behind for the eye: PREFIX.svg with its script and data, and PREFIX.html. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

static int
fill_page (FILE *stream, const void *text)
{
  fputs (text, stream);
  return ferror (stream) ? ELBO_EIO : GSL_SUCCESS;
}

/* The page takes as long as its pictures: its file is opened when all of it is there. */
static int
save_page (const settings *s, const page *about)
{
  char *path = joined (s->output, ".html"), *text = NULL;
  size_t size = 0;
  FILE *memory = path ? open_memstream (&text, &size) : NULL;
  int status = memory ? page_write (memory, about) : EXIT_DATA;
  if (memory && fclose (memory) && !status)
    {
      complain ("out of memory");
      status = EXIT_DATA;
    }
  if (!status)
    status = write_file (s, path, fill_page, text);
  free (path);
  free (text);
  return status;
}

int
illustrate (const fit_job *fit, scores *rows, page *about)
{
  const settings *s = fit->s;
  trace_list trace;
  subject what
      = { .model = elbo_search_model (sweep_chosen (&fit->result)->search), .record = fit->record };
  int ran = GNUPLOT_MISSING;
  if (!s->output || (s->no_plot && !s->report))
    return 0;
  int status = traces_of_sweep (&fit->result, &trace);
  what.trace = &trace;
  if (!status)
    status = subject_rows (&what, rows);
  if (!status && !s->no_plot && !picture_lacks (PICTURE_FIT, &what))
    status = picture_save (PICTURE_FIT, &what, s->output, ".svg", !s->no_clobber, &ran);
  if (!status && ran == GNUPLOT_DONE)
    note ("drew %s.svg", clean (s->output));
  about->subject = &what;
  if (!status && s->report)
    status = save_page (s, about);
  subject_free (&what);
  traces_free (&trace);
  return status;
}
