/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The instances of vi-fit demo: parameters in, numbers out. */
#ifndef VI_FIT_DEMO_H
#define VI_FIT_DEMO_H

#include "vi-fit/term/term.h"
#include "vi-fit/option/option.h"

typedef struct demo_page demo_page;

/* The picture of a page: panels side by side, of curves through columns of its tables. */
typedef enum
{
  DRAW_LINE,    /* x y    broken where a number is not finite                   */
  DRAW_DASHES,  /* x y    the same in dashes                                    */
  DRAW_POINTS,  /* x y                                                          */
  DRAW_BETWEEN, /* x y z  the room between two curves                           */
  DRAW_BARS,    /* x y z  from y to z                                           */
  DRAW_ERRORS,  /* x y z  y with 2 z to either side                             */
  DRAW_MARKS    /* x y z  a point, named by its row's text, and what it lacks to z */
} demo_manner;
typedef struct
{
  demo_manner manner;
  const char *columns; /* "table: x y"; the last one is NULL */
  const char *title;   /* in the legend, or NULL             */
  int tone;            /* 0 black, 1 ... the colours         */
} demo_curve;
enum
{
  DEMO_CURVES = 8,
  DEMO_PANELS = 2
};
typedef struct
{
  const char *title, *xlabel, *ylabel; /* title: the last one is NULL */
  demo_curve curve[DEMO_CURVES];
  int log_x, log_y;
  /* or a staircase of half-steps: its columns, "table: bound gap"; the text of the rows of the
     second kind; what the two kinds are called, and what the bound could reach */
  const char *stairs, *second, *kind[2], *touch;
} demo_panel;

typedef struct
{
  instance_row about; /* first: an instance chosen on the command line is the demo */
  demo_panel panel[DEMO_PANELS + 1];
  /* p: the parameters in their order; 0, or an exit code with the message said */
  int (*run) (const parameter_list *p, demo_page *page);
} demo;

extern const demo demo_binary, demo_qsweep, demo_twocoin, demo_mc, demo_linvae, demo_iwae,
    demo_diffusion, demo_uninorm, demo_blr, demo_gmm1;

/* All of them, ended by NULL. */
extern const instance_row *const demo_instances[];

/* demo_table.c: the tables of a page, kept for its picture. */
enum
{
  DEMO_COLUMNS = 12
};
typedef struct
{
  char key[24], column[DEMO_COLUMNS][24];
  size_t ncolumn, nrow, room;
  double *value;    /* [nrow x ncolumn]; NAN where a column is text */
  char (*text)[40]; /* [nrow] */
} demo_table;
typedef struct
{
  demo_table *table;
  size_t n;
  int failed; /* without memory: what is kept is not whole */
} demo_tables;
void tables_begin (demo_tables *list, const char *key);
void tables_column (demo_tables *list, const char *name);
void tables_row (demo_tables *list, const char *text, const double *v);
void tables_free (demo_tables *list);
/* The table of "table: x y" and the indices of x, y, ...; NULL where one is not there. */
const demo_table *tables_find (const demo_tables *list, const char *columns, size_t at[3]);

/* demo_picture.c: draw the panels of a demo through gnuplot; 0 or an exit code. */
int demo_picture_save (const settings *s, const demo *which, const demo_tables *tables);

/* demo_page.c: one page of results as text or JSON.  Numbers have 15 decimals in text and all
   their digits in JSON, where what is not finite is null.  Nothing is printed before the end. */
demo_page *page_open (const settings *s, const demo *which);
/* A sentence or two, for people: text only. */
void page_say (demo_page *page, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
/* The parameters as they were used. */
void page_parameters (demo_page *page, const parameter_row *parameter, const parameter_list *list);
/* Named numbers; "name:" is short. */
typedef struct
{
  const char *name;
  double value;
} page_number;
void page_numbers (demo_page *page, const char *key, const char *heading, const page_number *number,
                   size_t n);
/* The identity, checked. */
void page_identity (demo_page *page, const char *key, const char *heading,
                    const elbo_identity *identity);
/* A table; columns are names with blanks between.  "name:8" is short, 8 wide; "name:8t" takes the
   text of its rows.  Rows hold the numbers of the other columns. */
void page_table (demo_page *page, const char *key, const char *heading, const char *columns);
void page_row (demo_page *page, const char *text, const double *v);
void page_table_end (demo_page *page);
/* Is a picture asked for?  Then page_curve begins a table that only the picture sees; rows and end
   as above. */
int page_draws (const demo_page *page);
void page_curve (demo_page *page, const char *key, const char *columns);
const demo_tables *page_tables (const demo_page *page);
/* Does log p(x) - ELBO agree with the divergence to 1e-12, in units of the largest of 1
   and the parts? */
void page_check_gap (demo_page *page, const char *what, const elbo_identity *identity);
/* Is |got - want| <= allowed, or are they equal? */
void page_check (demo_page *page, const char *what, double got, double want, double allowed);
/* Is an estimate within 4 standard errors?  error: the standard error, exact where it is known. */
void page_check_estimate (demo_page *page, const char *what, double got, double want, double error);
/* The generator of this page, from --seed; owned by the page. */
gsl_rng *page_rng (demo_page *page);
/* Print; 0, or EXIT_FELL when a check failed. */
int page_print (demo_page *page);
void page_free (demo_page *page);

/* demo_exact.c: the smallest Gaussian mixtures by enumeration, for demo_gmm1.c. */
enum
{
  EXACT_ROWS = 10
};

/* Normal-Wishart belief in two dimensions: Lambda ~ W (inverse scale, df), mu | Lambda ~
   N (mean, (kappa Lambda)^-1). */
typedef struct
{
  double kappa, df, mean[2], inverse_scale[4];
} exact_belief;

/* Rows in two columns, K = 2 components, weights ~ Dir (alpha, alpha). */
typedef struct
{
  size_t n;
  double x[EXACT_ROWS][2], alpha;
  exact_belief prior;
} exact_mixture;

/* What is believed after the rows whose bit is set, and the log of their evidence. */
exact_belief exact_posterior (const exact_mixture *mixture, unsigned int rows);
double exact_group (const exact_mixture *mixture, unsigned int rows);

/* log p(x): the sum over all 2^n assignments. */
double exact_evidence (const exact_mixture *mixture);

/* KL (q || posterior) for q(z_n = 2) = second [n], Dirichlet weights [2] and beliefs [2]: the sum
   over all assignments of q(z) (log q(z) / p(z|x) + KL of the parameters given z). */
double exact_divergence (const exact_mixture *mixture, const double *second, const double *weight,
                         const exact_belief *belief);

/* log p(x) when the weights are a Dirichlet process of this concentration: the sum over all
   partitions of the rows. */
double exact_process (const exact_mixture *mixture, double concentration);

#endif
