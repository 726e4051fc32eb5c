/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of tables share.  They work in a folder of their own. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include <check.h>
#include <stddef.h>
#include <elbo/status.h>
#include <elbo/table.h>

extern char nasty[4096]; /* folder of the hostile files */

void write_bytes (const char *name, const void *bytes, size_t n);
void write_text (const char *name, const char *text);
/* Write n times a character; returns where the text ends. */
char *repeat (char *to, char c, size_t n);
/* Path of a hostile file, made when it is too large to be kept. */
const char *nasty_path (const char *name);

/* Open, take the number columns (or all), read all rows.  NULL: elbo_message tells why. */
elbo_table *read_all (const char *path, const elbo_table_options *options, int all, size_t *n);
/* The message, with the folder of the file cut off. */
const char *message (void);
void same_cells (const elbo_table *a, const elbo_table *b);
/* A file of this text is refused with this message. */
void refuses (const char *text, const char *want);

/* Run the tests that a function adds, with TAP on standard output; returns what main does. */
int run_tests (const char *name, void (*add) (TCase *));

#endif
