/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as files: whatever is composed on a canvas, drawn by gnuplot; script and data stand
   beside it. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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
close_file (elbo_file *file, int status)
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

/* The name of the script, as a shell, gnuplot and its options take it for a file; to be freed. */
static char *
script_name (const char *prefix)
{
  char *plain = joined (prefix, ".gp");
  char *name = plain ? joined (strchr ("-<|$~", prefix[0]) ? "./" : "", plain) : NULL;
  free (plain);
  return name;
}

/* The name of the script for gnuplot itself; to be freed. */
static char *
script_path (const char *prefix)
{
  char *plain = joined (prefix, ".gp");
  char *name = plain ? joined (prefix[0] == '/' ? "" : "./", plain) : NULL;
  free (plain);
  return name;
}

/* A path as a string of gnuplot.  gnuplot runs names that begin with < or | as commands: relative
   ones begin with a dot.  A line feed would end the string: control bytes stand as numbers in a
   string of their own, the only kind that knows such, in which nothing else could be obeyed. */
static void
put_path (FILE *stream, const char *path)
{
  fputs (path[0] == '/' ? "'" : "'./", stream);
  for (; *path; path++)
    if ((unsigned char)*path < 0x20 || *path == 0x7f)
      fprintf (stream, "'.\"\\%03o\".'", (unsigned int)*path);
    else
      fprintf (stream, *path == '\'' ? "''" : "%c", *path);
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
      status = close_file (script, compose (what, &c, suffix));
    }
  const int closed = close_file (data, status);
  return status ? status : closed;
}

static int
copy_stream (FILE *from, FILE *to)
{
  char part[8192];
  size_t n;
  /* not rewind, which forgets that a write failed */
  if (fseek (from, 0, SEEK_SET))
    return EXIT_DATA;
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
  return file ? close_file (file, copy_stream (picture, elbo_file_stream (file))) : EXIT_DATA;
}

/* Does what gnuplot drew end as a picture does?  gnuplot does not notice a full disk. */
static int
is_whole (FILE *picture, const char *suffix)
{
  const char *end = strcmp (suffix, ".svg") == 0   ? "</svg>"
                    : strcmp (suffix, ".png") == 0 ? "IEND"
                                                   : "%%EOF";
  char last[33] = "";
  if (fseek (picture, 0, SEEK_END)
      || fseek (picture, -(ftell (picture) < 32 ? ftell (picture) : 32), SEEK_END))
    return 0;
  const size_t n = fread (last, 1, sizeof last - 1, picture), m = strlen (end);
  for (size_t i = 0; i + m <= n; i++)
    if (memcmp (last + i, end, m) == 0)
      return 1;
  return 0;
}

static int
say_cut_short (const char *name, const char *suffix)
{
  complain ("%s%s: the picture could not be written whole: is the disk full?", clean (name),
            suffix);
  return EXIT_DATA;
}

static FILE *
open_temporary (void)
{
  FILE *stream = tmpfile ();
  if (!stream)
    complain ("cannot make a temporary file");
  return stream;
}

/* A picture that stood there before is not of the script that is there now. */
static void
remove_old (const char *prefix, const char *suffix)
{
  char *path = joined (prefix, suffix);
  if (path)
    unlink (path);
  free (path);
}

/* Run gnuplot on the script that was written and keep what it draws; 0 or an exit code. */
static int
draw_script (const char *prefix, const char *suffix, FILE *picture, int clobber, int *ran)
{
  char *script = script_name (prefix), *path = script ? script_path (prefix) : NULL;
  int status = path ? 0 : EXIT_DATA;
  if (!status)
    *ran = gnuplot_run (path, NULL, picture);
  if (*ran == GNUPLOT_MISSING)
    say_missing (script);
  else if (*ran == GNUPLOT_FAILED)
    complain ("gnuplot failed; to see why: gnuplot %s", shell_quoted (script));
  else if (*ran == GNUPLOT_STOPPED)
    status = say_stopped ();
  else if (!status && !is_whole (picture, suffix))
    status = say_cut_short (prefix, suffix);
  else if (!status)
    status = save_stream (picture, prefix, suffix, clobber);
  /* who interrupts keeps what there was */
  if ((status || *ran != GNUPLOT_DONE) && *ran != GNUPLOT_STOPPED && clobber)
    remove_old (prefix, suffix);
  free (script);
  free (path);
  return status;
}

int
picture_draw (picture_composer compose, const void *what, const char *prefix, const char *suffix,
              int clobber, int *ran)
{
  FILE *picture = open_temporary ();
  int status = EXIT_DATA;
  *ran = GNUPLOT_DONE;
  /* files are whole or not there, whenever a signal comes */
  signals_defer ();
  if (picture)
    status = write_script (compose, what, prefix, suffix, clobber);
  if (!status)
    status = draw_script (prefix, suffix, picture, clobber, ran);
  if (picture)
    fclose (picture);
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
  /* not rewind, which forgets that a write failed */
  return ferror (to) || fseek (to, 0, SEEK_SET) ? EXIT_DATA : 0;
}

/* What gnuplot draws goes to a stream; name: for messages; 0 or an exit code. */
static int
draw_stream (picture_composer compose, const void *what, const char *name, const char *suffix,
             FILE *picture, int *ran)
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
  if (!status && join (data, script, both))
    status = say_cut_short (name, suffix);
  *ran = status ? GNUPLOT_DONE : gnuplot_run (NULL, both, picture);
  if (!status && *ran == GNUPLOT_DONE && !is_whole (picture, suffix))
    status = say_cut_short (name, suffix);
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
    status = draw_stream (compose, what, prefix, suffix, picture, ran);
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
      complain ("cannot read a picture back");
      free (text);
      return NULL;
    }
  return text;
}

int
picture_draw_text (picture_composer compose, const void *what, const char *name, char **text)
{
  FILE *picture = open_temporary ();
  int ran, status = picture ? 0 : EXIT_DATA;
  *text = NULL;
  if (picture)
    status = draw_stream (compose, what, name, ".svg", picture, &ran);
  if (!status && ran == GNUPLOT_DONE)
    status = (*text = text_of (picture)) ? 0 : EXIT_DATA;
  if (picture)
    fclose (picture);
  return status;
}
