/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program in a terminal needs: exit codes, messages, quoting, signals, time, small
   drawings. */
#ifndef VI_FIT_TERM_H
#define VI_FIT_TERM_H

#include <signal.h>
#include <stdio.h>
#include <elbo/elbo.h>

/* Exit codes. */
enum
{
  EXIT_DONE = 0,
  EXIT_DATA = 1, /* bad data, input or output failed */
  EXIT_USAGE = 2,
  EXIT_UNCONVERGED = 3, /* results are written */
  EXIT_FELL = 4,        /* the bound fell: a bug; results are written */
  EXIT_SIGINT = 130,
  EXIT_SIGTERM = 143
};

enum
{
  NONE = -1
}; /* no column, no word */

/* message.c: everything on standard error. */
extern const char *program_name; /* "vi-fit" or "vi-fit predict" */
void message_level (int quiet);
/* Colour on standard output: only on a terminal, and never the only carrier of information. */
enum
{
  COLOR_AUTO,
  COLOR_ALWAYS,
  COLOR_NEVER
};
void color_when (int when);
int use_color (void);
/* An error; a line feed begins a second line.  complain_status says elbo_message (), complain_memory
   that there is none; both return EXIT_DATA. */
void complain (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
int complain_status (void);
int complain_memory (void);
const char *plural (size_t n); /* "s" unless n is 1 */
/* One text behind the other, to be freed; NULL with a message. */
char *joined (const char *text, const char *end);
/* A warning, kept for the model file, and a note; both silenced by --quiet. */
void warn (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void note (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
size_t warning_count (void);
char *const *warning_list (void);
/* quote.c: is there a byte here that could drive a terminal? */
int is_control (const unsigned char *c);
/* The text without such bytes; valid for the next seven calls. */
const char *clean (const char *text);
/* Letters of a text in UTF-8: what it takes on the screen. */
int letters (const char *text);
/* The text as one word of a shell, and a column's name as an item of a list of columns (after sign,
   "" or "!") in a shell; clean, valid for the next seven calls. */
const char *shell_quoted (const char *text);
const char *list_item (const char *sign, const char *name);

/* list.c: words one behind another, in memory that grows. */
typedef struct
{
  char *text; /* NULL: none yet */
  size_t used, n;
  int failed; /* memory ran out: words are missing */
} word_list;
void words_add (word_list *list, const char *between, const char *word);
void words_free (word_list *list);

/* words.c: the index of the closest of n words, or n when none is close: spelling mistakes. */
size_t closest_word (const char *word, const char *const *list, size_t n);

/* clock.c: seconds since some moment, and threads that work when so many are asked for; 0: all. */
double seconds_now (void);
enum
{
  MOST_THREADS = 1024 /* more is a slip, and there may be no room for their stacks */
};
void threads_limit (void); /* of OMP_NUM_THREADS */
int threads_used (size_t asked);

/* signals.c */
extern volatile sig_atomic_t signal_caught; /* 0, SIGINT or SIGTERM */
extern volatile sig_atomic_t signal_status; /* SIGUSR1: a status line is asked for */
void signals_install (void);
/* From now on a signal sets signal_caught; before, it ends the program. */
void signals_defer (void);
/* A program that runs for this one, or 0: a signal ends it too. */
extern volatile sig_atomic_t signal_child;
/* The exit code of the signal caught. */
int signal_exit (void);

/* sparkline.c: may standard output show blocks, and what is drawn with them: the bound of the E
   half-steps, and a share as a bar right-aligned in a cell. */
int can_draw (void);
void draw_sparkline (const elbo_outcome *outcome);
void draw_bar (double share, int cell);

#endif
