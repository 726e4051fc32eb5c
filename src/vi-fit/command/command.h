/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs. */
#ifndef VI_FIT_COMMAND_H
#define VI_FIT_COMMAND_H

#include "vi-fit/page/page.h"
#include "vi-fit/demo/demo.h"

/* cmd_*.c */
int cmd_fit (const settings *s);
int cmd_check (const settings *s);
int cmd_predict (const settings *s);
int cmd_sample (const settings *s);
int cmd_summary (const settings *s);
int cmd_best (const settings *s);
int cmd_plot (const settings *s);
int cmd_demo (const settings *s);
int cmd_steps (const settings *s);
/* added.c: the names of the cells that predict adds to rows of this table, as an end of a header. */
void csv_added (const elbo_table *table, size_t ncomp, int outlier);

#endif
