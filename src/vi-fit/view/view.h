/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says, in words and numbers. */
#ifndef VI_FIT_VIEW_H
#define VI_FIT_VIEW_H

#include "vi-fit/run/run.h"

/* belief.c: the view of a block, as its family describes it.  A field by its unit and how many of
   its extents are columns: its index, or NOT_SEEN. */
enum
{
  NOT_SEEN = 64
};
size_t view_find (const elbo_model *model, size_t b, elbo_unit unit, size_t ndim);
/* Field i of the view of every component, [K x its size], to be freed; NULL with the message left
   with the library. */
typedef enum
{
  VIEW_VALUE,
  VIEW_ERROR,
  VIEW_LOW,
  VIEW_HIGH
} view_part;
double *view_take (const elbo_model *model, size_t b, size_t i, view_part part);
/* The block whose components have places, lengths and covariances, which pictures draw, or the number of
   blocks; of such a block the places [K x D] and covariances [K x D x D]. */
size_t place_block (const elbo_model *model);
double *places (const elbo_model *model, size_t b, view_part part);
double *covariances (const elbo_model *model, size_t b);
/* What the covariance of a model is called, or NULL; is a line of the search the model that was
   chosen? */
const char *covariance_of (const elbo_model *model);
int is_chosen (const elbo_model *model, const elbo_choice *choice);
/* That about the weight of component k is a Beta (a, b); 0 for a point or another belief. */
int weight_beta (const elbo_model *model, size_t k, double *a, double *b);
/* The standard deviation of a weight, or NAN. */
double weight_error (const elbo_model *model, size_t k);

/* learned.c: what of its prior a model has learned.  The standard deviation that a component of block b
   is expected to have in each column, [D], to be freed; NULL where none is learned. */
double *learned_widths (const elbo_model *model, size_t b);
/* One line about it; nothing where nothing is learned. */
void report_learned (const elbo_model *model, const elbo_record *record);

/* tables.c: rows of numbers, one for each component. */
typedef enum
{
  TABLE_WEIGHT,
  TABLE_ROWS,
  TABLE_COLUMN, /* of one column, or of a level of it */
  TABLE_PAIR    /* of two columns */
} table_kind;
typedef struct
{
  table_kind kind;
  size_t block, column; /* of the block */
  const char *heading;  /* the same pointer for rows that share it; NULL: none */
  char *name;
  double *value; /* [K] */
  double *error; /* [K] shown behind +-; below 0: minus the precision of the value; 0, NAN: none */
  int digits;    /* without an error; -1: three significant ones */
} table_row;
typedef struct
{
  table_row *row;
  size_t nrow, ncomp, nweight; /* nweight: rows about the weights, which come first */
  size_t nhidden;              /* correlations that were left out: there are too many */
} number_table;
/* GSL_SUCCESS or GSL_ENOMEM; free it in either case.  The second with every correlation. */
int table_make (number_table *t, const elbo_model *model, const elbo_record *record);
int table_make_all (number_table *t, const elbo_model *model, const elbo_record *record);
void table_free (number_table *t);
/* The number of row and component; its length. */
enum
{
  CELL_TEXT = 80
};
int table_text (const table_row *row, size_t k, char text[CELL_TEXT]);
/* A number with so many digits behind the point, with an exponent when it is huge. */
const char *fixed_text (double value, int digits, char text[CELL_TEXT]);
/* Does a heading go before row i? */
int table_heads (const number_table *t, size_t i);

/* report.c: the second and third return 0 or an exit code with the message said; correlations: all
   of them are shown. */
void report_title (const elbo_model *model);
int report_selection (const elbo_model *model, const elbo_record *record);
int report_components (const elbo_model *model, const elbo_record *record, int correlations);
/* steps.c: the iterations of one start. */
void report_iterations (const settings *s, const elbo_model *model, const elbo_outcome *outcome,
                        size_t start);
void report_steps (const elbo_model *model, const elbo_outcome *outcome);
#endif
