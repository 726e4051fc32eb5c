/* What a fit leaves behind for the eye: PREFIX.svg with its script and data, and PREFIX.html. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "cli/picture.h"

static int
write_page (const settings *s, const page *about)
{
  const size_t size = strlen (s->output) + sizeof ".html";
  char *path = malloc (size);
  if (path)
    snprintf (path, size, "%s.html", s->output);
  elbo_file *file = path ? elbo_file_create (path, !s->no_clobber) : NULL;
  int status = file ? page_write (elbo_file_stream (file), about) : ELBO_EIO;
  free (path);
  if (file && status && status != ELBO_EIO)
    elbo_file_abandon (file);
  else if (file)
    status = elbo_file_commit (file);
  if (!status)
    return 0;
  complain_status ();
  return EXIT_DATA;
}

int
illustrate (const settings *s, const elbo_record *record, scores *rows, const sweep *result,
            page *about)
{
  trace_list trace;
  subject what = { .model = result->list[result->best].search.model, .record = record };
  int ran = GNUPLOT_MISSING;
  if (!s->output || (s->no_plot && !s->report))
    return 0;
  int status = traces_of_sweep (result, &trace);
  what.trace = &trace;
  if (!status)
    status = subject_rows (&what, rows);
  if (!status && !s->no_plot && !picture_lacks (PICTURE_FIT, &what))
    status = picture_save (PICTURE_FIT, &what, s->output, ".svg", !s->no_clobber, &ran);
  if (!status && ran == GNUPLOT_DONE)
    note ("drew %s.svg", clean (s->output));
  about->subject = &what;
  if (!status && s->report)
    status = write_page (s, about);
  subject_free (&what);
  traces_free (&trace);
  return status;
}
