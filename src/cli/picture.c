/* Pictures as files: which there are, how large, and what they need; script and data stand
   beside them. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "cli/picture.h"

typedef struct {
  int rows, trace, columns; /* what must be at hand; columns: Gaussian ones */
  int (*draw) (const canvas *c, const subject *s, frame f);
} plan;

static const plan plans[] = { [PICTURE_FIT] = { 0, 0, 0, NULL },
                              [PICTURE_SCATTER] = { 1, 0, 1, draw_scatter },
                              [PICTURE_TRACE] = { 0, 1, 0, draw_trace },
                              [PICTURE_STEPS] = { 0, 1, 0, draw_steps },
                              [PICTURE_TERMS] = { 0, 1, 0, draw_terms },
                              [PICTURE_SELECTION] = { 0, 0, 0, draw_selection },
                              [PICTURE_UNCERTAINTY] = { 1, 0, 0, draw_uncertainty },
                              [PICTURE_INTERVALS] = { 0, 0, 1, draw_intervals } };

const char *
picture_lacks (picture_kind kind, const subject *s)
{
  size_t column[MOST_SCATTER];
  const plan *p = &plans[kind];
  if (p->columns && !scatter_columns (s, column))
    return "the model has no numeric columns";
  if (p->rows && !s->nshown)
    return "there are no rows to draw";
  if (p->trace && !subject_chosen (s))
    return "the trace of the chosen start is not there";
  if (kind == PICTURE_FIT && !subject_chosen (s) && picture_lacks (PICTURE_SCATTER, s))
    return picture_lacks (PICTURE_SCATTER, s);
  if (kind == PICTURE_SELECTION && !s->record->nchoice)
    return "the model names no search";
  if (kind == PICTURE_UNCERTAINTY && elbo_model_ncomp (s->model) < 2)
    return "the model has one component";
  return NULL;
}

/* Scatter and trace side by side, or the trace in the free corner of a matrix; one alone when the
   other is not there. */
static int
draw_fit (const canvas *c, const subject *s, frame f)
{
  size_t column[MOST_SCATTER];
  const size_t n = scatter_columns (s, column);
  const int scatter = !picture_lacks (PICTURE_SCATTER, s), trace = subject_chosen (s) != NULL;
  frame left = f, right = f;
  if (scatter && trace && n > 2)
    {
      const double wide = (f.right - f.left) / (double) n, high = (f.top - f.bottom) / (double) n;
      right.left = f.left + wide * (double) (n / 2) + 84;
      right.bottom = f.top - high * (double) (n / 2) + 62;
      right.top -= 14;
    }
  else if (scatter && trace)
    {
      left.right = f.left + 0.46 * (f.right - f.left);
      right.left = left.right + 110;
    }
  int status = 0;
  if (scatter)
    status = draw_scatter (c, s, left);
  if (!status && trace)
    status = draw_trace (c, s, right);
  return status;
}

static void
size_canvas (picture_kind kind, const subject *s, canvas *c)
{
  size_t column[MOST_SCATTER];
  const int matrix = kind <= PICTURE_SCATTER && !picture_lacks (PICTURE_SCATTER, s)
                     && scatter_columns (s, column) > 2;
  c->width = matrix ? 940 : kind == PICTURE_FIT ? 1060 : kind == PICTURE_SCATTER ? 560 : 720;
  c->height = matrix ? 900 : kind == PICTURE_SCATTER || kind == PICTURE_FIT ? 480 : 440;
  if (kind == PICTURE_TERMS)
    c->height = 760;
  if (kind == PICTURE_INTERVALS)
    c->height = intervals_height (s);
}

/* The plot commands of a picture, after what says where data and output are. */
static int
compose (picture_kind kind, const subject *s, canvas *c, const char *suffix)
{
  const int legend = kind != PICTURE_TRACE && kind != PICTURE_STEPS && kind != PICTURE_TERMS
                     && kind != PICTURE_SELECTION
                     && !(kind == PICTURE_FIT && picture_lacks (PICTURE_SCATTER, s));
  size_canvas (kind, s, c);
  canvas_begin (c, suffix);
  const double wide = c->width - 100;
  if (legend)
    canvas_legend (c, s, 84, c->height - 18, wide);
  const frame f = { 84, c->width - 20, 58,
                    c->height - (legend ? 20 + canvas_legend_height (s, wide) : 30) };
  const int status = kind == PICTURE_FIT ? draw_fit (c, s, f) : plans[kind].draw (c, s, f);
  canvas_end (c);
  return status;
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
  complain_status ();
  return EXIT_DATA;
}

static elbo_file *
create (const char *prefix, const char *suffix, int clobber, char **path)
{
  const size_t size = strlen (prefix) + strlen (suffix) + 1;
  *path = malloc (size);
  elbo_file *file = NULL;
  if (*path)
    {
      snprintf (*path, size, "%s%s", prefix, suffix);
      file = elbo_file_create (*path, clobber);
    }
  if (!file)
    complain_status ();
  return file;
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
write_script (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
              int clobber, char **path)
{
  char *data_path = NULL;
  canvas c = { 0 };
  elbo_file *data = create (prefix, ".dat", clobber, &data_path), *script = NULL;
  int status = EXIT_DATA;
  free (data_path);
  if (!data)
    return EXIT_DATA;
  if ((script = create (prefix, ".gp", clobber, path)))
    {
      c.script = elbo_file_stream (script);
      c.data = elbo_file_stream (data);
      fputs ("# A picture by vi-fit, to be changed as you like and drawn again with gnuplot.\n"
             "name = ", c.script);
      put_path (c.script, prefix);
      fprintf (c.script, "\ndata = name.'.dat'\nif (!exists ('piped')) set output name.'%s'\n",
               suffix);
      status = settle (script, compose (kind, s, &c, suffix));
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

int
picture_save (picture_kind kind, const subject *s, const char *prefix, const char *suffix,
              int clobber, int *ran)
{
  char *script = NULL, *path = NULL;
  FILE *picture = tmpfile ();
  elbo_file *file = NULL;
  *ran = GNUPLOT_DONE;
  int status = picture ? write_script (kind, s, prefix, suffix, clobber, &script) : EXIT_DATA;
  if (!picture)
    complain ("cannot make a temporary file");
  if (!status)
    *ran = gnuplot_run (script, NULL, picture);
  if (*ran == GNUPLOT_MISSING)
    say_missing (script);
  else if (*ran == GNUPLOT_FAILED)
    complain ("gnuplot failed; to see why: gnuplot %s", shell_quoted (script));
  else if (!status)
    {
      status = EXIT_DATA;
      if ((file = create (prefix, suffix, clobber, &path)))
        status = settle (file, copy_stream (picture, elbo_file_stream (file)));
    }
  if (picture)
    fclose (picture);
  free (script);
  free (path);
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

char *
picture_text (picture_kind kind, const subject *s)
{
  char *script = NULL, *data = NULL, *text = NULL;
  size_t script_size, data_size;
  canvas c = { open_memstream (&script, &script_size), open_memstream (&data, &data_size), 0, 0 };
  FILE *both = tmpfile (), *picture = tmpfile ();
  int status = c.script && c.data && both && picture ? 0 : EXIT_DATA;
  if (!status)
    status = compose (kind, s, &c, ".svg");
  if (c.script && fclose (c.script))
    status = EXIT_DATA;
  if (c.data && fclose (c.data))
    status = EXIT_DATA;
  if (!status && !join (data, script, both)
      && gnuplot_run (NULL, both, picture) == GNUPLOT_DONE)
    text = text_of (picture);
  if (both)
    fclose (both);
  if (picture)
    fclose (picture);
  free (script);
  free (data);
  return text;
}
