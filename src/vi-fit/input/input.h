/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data: which rows and columns of a file are modelled, and where a fit begins. */
#ifndef VI_FIT_INPUT_H
#define VI_FIT_INPUT_H

#include "vi-fit/option/option.h"

/* columns.c: the grammar of --columns and of the lists of columns. */
typedef struct
{
  size_t *column; /* [n], as listed, each once */
  size_t n;
  char *excluded; /* [ncolumn of the table] */
} column_list;
int columns_parse (const elbo_table *table, const char *option, const char *list,
                   column_list *result);
void columns_free (column_list *list);
/* One column by name or number, for --weights and --id. */
int column_one (const elbo_table *table, const char *option, const char *text, size_t *column);

/* dataset.c: the rows to fit. */
typedef enum
{
  KIND_GAUSS,
  KIND_BINARY,
  KIND_COUNT,
  KIND_CATEGORY,
  KIND_UNUSED
} column_kind;
typedef struct
{
  elbo_table *table;
  elbo_data *data;
  size_t ncolumn;      /* columns of the model, blocks one after another */
  size_t *source;      /* [ncolumn] column of the table */
  column_kind *kind;   /* [ncolumn] */
  elbo_column *column; /* [ncolumn] */
  size_t ngauss;
  long id, weight; /* column of the table or NONE */
  char digest[65];
  elbo_ranks *ranks;
} dataset;
elbo_table_options table_options (const settings *s);
/* Read, choose and check; 0 or an exit code with the message said. */
int dataset_read (const settings *s, dataset *set);
void dataset_free (dataset *set);
/* A header that was found, most of whose cells are numbers, may be a row of data. */
void warn_about_header (const elbo_table *table);
/* choose.c: which columns of the open table are modelled, and as what. */
int choose_columns (const settings *s, dataset *set, char *named);
/* Leave out constant columns and row numbers, unless named. */
int screen_columns (const settings *s, dataset *set, const char *named);

/* collinear.c: look for a linear relation between the Gaussian columns; text [size] receives
   "columns 'a', 'b' are linearly dependent (a = 2 b)", *column the dependent one.  Returns 1 when
   there is one.  correlation [n x n] is overwritten. */
int collinear_find (size_t n, const char *const *name, double *correlation, const double *sd,
                    size_t *column, char *text, size_t size);
/* The correlation matrix of the first n columns of a data set, from every stride-th row, and the
   standard deviations of all rows; non-zero when it does not exist. */
int correlation_matrix (const elbo_data *data, size_t n, size_t stride, double *correlation,
                        double *sd);

/* start_file.c: --start=FILE. */
typedef struct
{
  elbo_model *model; /* a model, or ... */
  size_t ncomp;
  double *resp; /* ... responsibilities [rows x ncomp] */
  elbo_start *start;
  int ready;
} given_start;
int given_start_read (const settings *s, const dataset *set, given_start *given);
/* Point the options of a search at it; sets parameters of the prepared model. */
int given_start_use (given_start *given, elbo_model *prepared, const dataset *set,
                     elbo_search_options *options);
void given_start_free (given_start *given);

#endif
