/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as files: whatever is composed on a canvas, drawn by gnuplot; script and data stand
   beside it. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/picture/picture.h"

int
picture_name (const char *output, char **prefix, const char **suffix)
{
  static const char *const known[] = { ".svg", ".png", ".pdf" };
  const char *dot = strrchr (output, '.');
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (dot && dot > output && dot[-1] != '/' && strcmp (dot, known[i]) == 0)
      {
        *suffix = known[i];
        *prefix = strndup (output, (size_t)(dot - output));
        if (!*prefix)
          complain ("out of memory");
        return *prefix ? 0 : EXIT_DATA;
      }
  complain ("--output=%s: a name that ends in .svg, .png or .pdf is needed", clean (output));
  return EXIT_USAGE;
}

/* Close a file that was written; 0 or an exit code with the message said. */
static int
settle (elbo_file *file, int status)
{
  if (status)
    {
      elbo_file_abandon (file);
      return status;
    }
  if (!elbo_file_commit (file))
    return 0;
  return complain_status ();
}

static elbo_file *
create (const char *prefix, const char *suffix, int clobber)
{
  char *path = joined (prefix, suffix);
  elbo_file *file = path ? elbo_file_create (path, clobber) : NULL;
  if (path && !file)
    complain_status ();
  free (path);
  return file;
}

/* The name of the script, as no program takes it for an option; to be freed. */
static char *
script_name (const char *prefix)
{
  char *plain = joined (prefix, ".gp");
  char *name = plain ? joined (prefix[0] == '-' ? "./" : "", plain) : NULL;
  free (plain);
  return name;
}

/* A path as a string of gnuplot. */
static void
put_path (FILE *stream, const char *path)
{
  putc ('\'', stream);
  for (; *path; path++)
    {
      if (*path == '\'')
        putc ('\'', stream);
      putc (*path, stream);
    }
  putc ('\'', stream);
}

static int
write_script (picture_composer compose, const void *what, const char *prefix, const char *suffix,
              int clobber)
{
  canvas c = { 0 };
  elbo_file *data = create (prefix, ".dat", clobber);
  elbo_file *script = data ? create (prefix, ".gp", clobber) : NULL;
  int status = EXIT_DATA;
  if (!data)
    return EXIT_DATA;
  if (script)
    {
      c.script = elbo_file_stream (script);
      c.data = elbo_file_stream (data);
      fputs ("# A picture by vi-fit, to be changed as you like and drawn again with gnuplot.\n"
             "name = ",
             c.script);
      put_path (c.script, prefix);
      fprintf (c.script, "\ndata = name.'.dat'\nif (!exists ('piped')) set output name.'%s'\n",
               suffix);
      status = settle (script, compose (what, &c, suffix));
    }
  const int unsettled = settle (data, status);
  return status ? status : unsettled;
}

static int
copy_stream (FILE *from, FILE *to)
{
  char part[8192];
  size_t n;
  rewind (from);
  while ((n = fread (part, 1, sizeof part, from)))
    if (fwrite (part, 1, n, to) != n)
      return EXIT_DATA;
  return ferror (from) ? EXIT_DATA : 0;
}

/* The same words whichever verb draws, so that people find them when they search for them. */
static void
say_missing (const char *script)
{
  const char *verb = program_name;
  program_name = "vi-fit";
  note ("gnuplot not found: wrote %s; run 'apt install gnuplot-nox', then 'gnuplot %s'",
        clean (script), shell_quoted (script));
  program_name = verb;
}

static int
say_stopped (void)
{
  complain ("interrupted");
  return signal_exit ();
}

/* What gnuplot drew becomes a file. */
static int
save_stream (FILE *picture, const char *prefix, const char *suffix, int clobber)
{
  elbo_file *file = create (prefix, suffix, clobber);
  return file ? settle (file, copy_stream (picture, elbo_file_stream (file))) : EXIT_DATA;
}

static FILE *
open_temporary (void)
{
  FILE *stream = tmpfile ();
  if (!stream)
    complain ("cannot make a temporary file");
  return stream;
}

int
picture_draw (picture_composer compose, const void *what, const char *prefix, const char *suffix,
              int clobber, int *ran)
{
  char *script = script_name (prefix);
  FILE *picture = script ? open_temporary () : NULL;
  int status = EXIT_DATA;
  *ran = GNUPLOT_DONE;
  /* files are whole or not there, whenever a signal comes */
  signals_defer ();
  if (picture)
    status = write_script (compose, what, prefix, suffix, clobber);
  if (!status)
    *ran = gnuplot_run (script, NULL, picture);
  if (*ran == GNUPLOT_MISSING)
    say_missing (script);
  else if (*ran == GNUPLOT_FAILED)
    complain ("gnuplot failed; to see why: gnuplot %s", shell_quoted (script));
  else if (*ran == GNUPLOT_STOPPED)
    status = say_stopped ();
  else if (!status)
    status = save_stream (picture, prefix, suffix, clobber);
  if (picture)
    fclose (picture);
  free (script);
  return status;
}

int
picture_tell (int status, int ran, const char *prefix, const char *suffix)
{
  if (status || ran == GNUPLOT_MISSING)
    return status;
  if (ran == GNUPLOT_FAILED)
    return EXIT_DATA;
  if (signal_caught)
    return say_stopped ();
  char *script = script_name (prefix);
  if (script)
    note ("wrote %s%s; to change it: edit %s, then 'gnuplot %s'", clean (prefix), suffix,
          clean (script), shell_quoted (script));
  free (script);
  return 0;
}

/* --- without script and data beside it ------------------------------------------------------ */

/* Script and data in one file: the data as a block of it. */
static int
join (const char *data, const char *script, FILE *to)
{
  fputs ("$rows << END_OF_DATA\n", to);
  fputs (data, to);
  fputs ("END_OF_DATA\ndata = '$rows'\n", to);
  fputs (script, to);
  rewind (to);
  return ferror (to) ? EXIT_DATA : 0;
}

/* What gnuplot draws goes to a stream; 0 or an exit code. */
static int
draw_stream (picture_composer compose, const void *what, const char *suffix, FILE *picture,
             int *ran)
{
  char *script = NULL, *data = NULL;
  size_t script_size, data_size;
  canvas c = { open_memstream (&script, &script_size), open_memstream (&data, &data_size), 0, 0 };
  FILE *both = open_temporary ();
  int status = c.script && c.data && both ? compose (what, &c, suffix) : EXIT_DATA;
  if (c.script && fclose (c.script))
    status = EXIT_DATA;
  if (c.data && fclose (c.data))
    status = EXIT_DATA;
  if (!status)
    status = join (data, script, both);
  *ran = status ? GNUPLOT_DONE : gnuplot_run (NULL, both, picture);
  if (both)
    fclose (both);
  free (script);
  free (data);
  return status;
}

int
picture_draw_alone (picture_composer compose, const void *what, const char *prefix,
                    const char *suffix, int clobber, int *ran)
{
  FILE *picture = open_temporary ();
  int status = EXIT_DATA;
  *ran = GNUPLOT_DONE;
  signals_defer ();
  if (picture)
    status = draw_stream (compose, what, suffix, picture, ran);
  if (*ran == GNUPLOT_STOPPED)
    status = say_stopped ();
  if (!status && *ran == GNUPLOT_DONE)
    status = save_stream (picture, prefix, suffix, clobber);
  if (picture)
    fclose (picture);
  return status;
}

/* What a stream holds, as text; NULL without memory. */
static char *
text_of (FILE *stream)
{
  char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream (&text, &size);
  const int status = memory ? copy_stream (stream, memory) : EXIT_DATA;
  if ((memory && fclose (memory)) || status)
    {
      free (text);
      return NULL;
    }
  return text;
}

char *
picture_draw_text (picture_composer compose, const void *what)
{
  FILE *picture = open_temporary ();
  int ran;
  char *text = NULL;
  if (picture && !draw_stream (compose, what, ".svg", picture, &ran) && ran == GNUPLOT_DONE)
    text = text_of (picture);
  if (picture)
    fclose (picture);
  return text;
}
