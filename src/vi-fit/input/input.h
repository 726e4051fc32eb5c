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

/* piped.c: a file that is read more than once, pipes too: what comes out of one is copied. */
typedef struct
{
  const char *path;
  FILE *copy;    /* NULL: the file itself can be read again */
  char name[32]; /* of the copy */
} piped_file;
/* 0 or an exit code with the message said. */
int piped_open (piped_file *file, const char *path);
/* The path under which it can be opened now, at its beginning. */
const char *piped_path (const piped_file *file);
void piped_close (piped_file *file);

/* kind.c: the first family of the registry for data of a kind ("number", "count"), or NULL. */
const elbo_family *family_of_kind (const char *kind);
/* Are cells the names of levels; has each column a block of its own, with its own levels? */
int has_levels (const elbo_family *family);
int stands_alone (const elbo_family *family);
/* The word for columns of a family: numeric, categorical, ... */
const char *kind_word (const elbo_family *family);
/* Are all cells of a column such that the family can make them?  0, or an exit code with the first
   that is not said.  name: of the column; level: its number of levels, or 0. */
int check_support (const elbo_table *table, const char *name, size_t column,
                   const elbo_family *family, size_t level);

/* dataset.c: the rows to fit. */
typedef struct
{
  elbo_table *table;
  elbo_data *data;
  size_t ncolumn;             /* columns of the model, blocks one after another */
  size_t *source;             /* [ncolumn] column of the table */
  const elbo_family **family; /* [ncolumn]; the columns whose covariance --covariance chooses come
                                 first and stand under the first family of numbers */
  elbo_column *column;        /* [ncolumn] */
  size_t ngauss;              /* columns with a covariance */
  long id, weight;            /* column of the table or NONE */
  char digest[65];
  elbo_ranks *ranks;
  piped_file prior; /* --prior=FILE, which each model reads */
} dataset;
elbo_table_options table_options (const settings *s);
/* Read, choose and check; 0 or an exit code with the message said. */
int dataset_read (const settings *s, dataset *set);
void dataset_free (dataset *set);
/* A header that was found, most of whose cells are numbers, may be a row of data. */
void warn_about_header (const elbo_table *table);
/* choose.c: which columns of the open table are modelled, and as what. */
int choose_columns (const settings *s, dataset *set, char *named);
/* screen.c: leave out constant columns and row numbers, unless named. */
int screen_columns (const settings *s, dataset *set, const char *named);

/* coded.c: does a number column hold codes rather than numbers? */
typedef enum
{
  CODE_NONE,
  CODE_BINARY, /* two values */
  CODE_FEW     /* few values in many rows */
} column_code_kind;
column_code_kind column_code (const elbo_column_summary *summary);
/* What to do about the Gaussian columns that hold codes, as notes; code [ncolumn].  0 or an exit
   code. */
int report_codes (const dataset *set, const char *code);

/* collinear.c: what a relation between columns is said with. */
typedef struct
{
  const char **name;       /* [n] */
  const double *mean, *sd; /* [n] */
} relation_columns;
/* Look for a linear relation between n columns; text receives "columns 'a', 'b' are linearly
   dependent (a = 2 b + 1)", *column the dependent one.  1 when there is one, 0 when there is none,
   -1 without memory. */
int collinear_find (size_t n, const relation_columns *of, const double *correlation, size_t *column,
                    word_list *text);
/* The correlation matrix of the first n columns of a data set, from every stride-th row, and means
   and standard deviations of all rows; 1 when it does not exist, -1 without memory. */
int correlation_matrix (const elbo_data *data, size_t n, size_t stride, double *correlation,
                        double *mean, double *sd);

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
