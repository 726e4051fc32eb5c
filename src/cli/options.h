/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options, for those who parse it and those who print it. */
#ifndef VI_FIT_OPTIONS_H
#define VI_FIT_OPTIONS_H

#include "cli/cli.h"

typedef enum
{
  FLAG,
  TALLY,
  TEXT,
  WORD,
  NUMBER,
  WHOLE
} option_kind;
typedef enum
{
  DATA,
  MODEL,
  SEARCH,
  OUTPUT,
  NSECTION
} section;

typedef struct
{
  const char *name;
  char letter; /* or 0 */
  int verbs;
  section part;
  option_kind kind;
  size_t at;        /* offset in settings */
  const char *arg;  /* NULL: takes none */
  const char *rule; /* WORD: the words, '|' between; NUMBER, WHOLE: ">LEAST" or ">=LEAST" */
  const char *doc;  /* may hold line feeds */
} option_row;

/* Row i of the table; NULL past the end. */
const option_row *option_at (size_t i);
extern const char *const option_heading[NSECTION];

#endif
