/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elbo-bench -- times this build on fixed problems; one line of JSON a measurement.  bench/README
   says how to read it. */
#include <config.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "timing.h"

static const char USAGE[] = "Usage: elbo-bench [-m em|vb] [-t THREADS] [-w WARM] [-r TIMED] CASE\n"
                            "  or:  elbo-bench --write=DIR CASE\n"
                            "  or:  elbo-bench --write-csv=FILE [-n ROWS] CASE\n"
                            "  or:  elbo-bench [-t THREADS] --read-csv=FILE\n"
                            "  or:  elbo-bench [-t THREADS] --peak\n"
                            "CASE: one of A B C D E F G S (bench/case.c)\n";

typedef struct
{
  char action;
  const char *path, *name;
  elbo_method method;
  int threads;
  size_t warm, timed, rows;
} bench_options;

static const struct option LONG[]
    = { { "write", required_argument, NULL, 'W' },    { "write-csv", required_argument, NULL, 'C' },
        { "read-csv", required_argument, NULL, 'R' }, { "peak", no_argument, NULL, 'P' },
        { "help", no_argument, NULL, 'h' },           { NULL, 0, NULL, 0 } };

static size_t
count (const char *text)
{
  char *end;
  const unsigned long v = strtoul (text, &end, 10);
  return *end || !*text ? 0 : v;
}

/* 0 when the option is wrong. */
static int
take_option (bench_options *o, int letter)
{
  switch (letter)
    {
    case 'm':
      o->method = !strcmp (optarg, "vb") ? ELBO_VB : ELBO_ML;
      return !strcmp (optarg, "vb") || !strcmp (optarg, "em");
    case 't':
      o->threads = (int)count (optarg);
      return o->threads > 0;
    case 'w':
      o->warm = count (optarg);
      return o->warm > 0;
    case 'r':
      o->timed = count (optarg);
      return o->timed > 0;
    case 'n':
      o->rows = count (optarg);
      return o->rows > 0;
    case 'h':
    case 'W':
    case 'C':
    case 'R':
    case 'P':
      o->action = (char)letter;
      o->path = optarg;
      return 1;
    default:
      return 0;
    }
}

static int
take_options (bench_options *o, int argc, char **argv)
{
  int letter;
  while ((letter = getopt_long (argc, argv, "hm:n:r:t:w:", LONG, NULL)) != -1)
    if (!take_option (o, letter))
      return 0;
  o->name = optind < argc ? argv[optind] : "";
  return 1;
}

static int
act_on_case (const bench_options *o)
{
  const bench_case *c = bench_find (o->name);
  if (!c)
    {
      fprintf (stderr, "elbo-bench: no case '%s'\n%s", o->name, USAGE);
      return EXIT_FAILURE;
    }
  if (o->action == 'W')
    return bench_write (c, o->path);
  if (o->action == 'C')
    return bench_write_csv (c, o->rows, o->path);
  return bench_time (c, o->method, o->threads, o->warm, o->timed);
}

int
main (int argc, char **argv)
{
  bench_options o = { 'T', NULL, "", ELBO_ML, 1, 1, 5, 1000000 };
  if (!take_options (&o, argc, argv))
    {
      fputs (USAGE, stderr);
      return EXIT_FAILURE;
    }
  if (o.action == 'h')
    return fputs (USAGE, stdout) < 0;
  if (o.action == 'P')
    return bench_peak (o.threads);
  if (o.action == 'R')
    return bench_read_csv (o.path, o.threads);
  return act_on_case (&o);
}
