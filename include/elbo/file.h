/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as JSON text: fit with vi-fit, embed in C, and the other way round. */
#ifndef ELBO_FILE_H
#define ELBO_FILE_H

#include <stdio.h>
#include <elbo/select.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a model file says beside the model.  The library makes records, columns and choices and
   frees them; a program reads and sets their members.  Texts and arrays that it puts there come
   from malloc and are freed with the record.  Members may be added at the end. */

/* What a data column is called and was like when the model was fitted. */
typedef struct
{
  char *name;
  double mean, sd; /* weighted, divisor W - 1; 0 and 1 where the family is not Gaussian */
  char **level;    /* [nlevel] texts of the categories, or NULL                         */
  size_t nlevel;
} elbo_column;

/* One row of the selection table. */
typedef struct
{
  size_t components;
  const char *covariance; /* "full", "tied", "diag", "spherical"; NULL: no Gaussian columns */
  double elbo, log_p, probability; /* VB; log_p: elbo_model_multiplicity                   */
  size_t parameters;               /* ML, MAP; elbo is then the objective                  */
  double bic, aic, icl, icl_hard;
  size_t found_again, iterations;
  size_t runs; /* that went to their end; found_again of them ended there */
  elbo_doubt doubt;
} elbo_choice;

typedef struct
{
  char *written_by;
  char **command; /* [ncommand] */
  size_t ncommand;
  char *data_file, *data_sha256; /* or NULL */
  char **reading; /* [nreading] how the data were read, NAME=VALUE, in the words of the program */
  size_t nreading;
  size_t rows, rows_with_missing;
  double weight;
  elbo_column **column; /* [ncolumn], in model order; elbo_record_add_column */
  size_t ncolumn;
  double elbo, log_likelihood; /* log_likelihood: NAN for VB */
  double *term;                /* [nterm] terms of the bound, in the order of elbo_bound */
  size_t nterm;
  int converged, interrupted;
  size_t iterations, start, starts, found_again;
  char *reason; /* "tolerance", "iteration limit", "interrupted", "the bound fell" */
  unsigned long long seed;
  double *count;        /* [K] expected rows of the components, or NULL */
  elbo_choice **choice; /* [nchoice]: the table of the search; elbo_record_add_choice */
  size_t nchoice;
  char **warning; /* [nwarning] */
  size_t nwarning;
} elbo_record;

/* Make an empty record; NULL with a message without memory.  Free it with elbo_record_free. */
elbo_record *elbo_record_alloc (void);
void elbo_record_free (elbo_record *record);

/* Add a column or a row of the selection table, all zero, to a record, which owns it. */
elbo_column *elbo_record_add_column (elbo_record *record);
elbo_choice *elbo_record_add_choice (elbo_record *record);

/* Make a record of what a search found: everything but the file, its digest, the command and the
   warnings; columns are called V1, V2, ...  NULL with a message when the search has no model. */
elbo_record *elbo_record_of (const elbo_search *search);

/* Write a model and its record as JSON, 17 significant digits.  record may be NULL, or lack
   members: the file then says that the library wrote it and what the model itself knows.  Nothing
   is written unless all of it could be made.  GSL_SUCCESS, GSL_EFAULT, GSL_ENOMEM, ELBO_EIO,
   ELBO_ENUMERIC (a number is not finite), ELBO_EUNSUP (a family or a latent structure of the
   caller's own, which no reader would know) or GSL_EINVAL (no parameters, or a record of other
   columns). */
int elbo_model_write (FILE *stream, const elbo_model *model, const elbo_record *record);

/* The same into a file: written beside it, synchronised and renamed, so that the old or the new
   file is there at any moment, never half of one. */
int elbo_model_save (const char *path, const elbo_model *model, const elbo_record *record);

/* The same into memory: *text receives a text that ends in a null byte, to be freed with free;
   *length (may be NULL) its length. */
int elbo_model_to_text (const elbo_model *model, const elbo_record *record, char **text,
                        size_t *length);

/* Read a model.  NULL with a message that names the key or line.  *record receives a new record,
   NULL on failure; record may be NULL.  elbo_model_read takes an open stream,
   elbo_model_from_text a text in memory; `name` stands in messages. */
elbo_model *elbo_model_load (const char *path, elbo_record **record);
elbo_model *elbo_model_read (FILE *stream, const char *name, elbo_record **record);
elbo_model *elbo_model_from_text (const char *text, size_t length, const char *name,
                                  elbo_record **record);

/* What files and options call things: "full", "tied", "diag", "spherical" (NULL for another
   family); "dirichlet", "equal", "dp", "dp-truncated" (NULL for a latent structure of one's own);
   "em", "map", "vb" (NULL for no method).  The reverse accepts these names, for weights those of
   elbo_latent_find as well; NULL or ELBO_ENAME for another. */
const char *elbo_covariance_name (const elbo_family *family);
const elbo_family *elbo_covariance_find (const char *name);
const char *elbo_weights_name (const elbo_latent *latent);
const elbo_latent *elbo_weights_find (const char *name);
const char *elbo_method_name (elbo_method method);
int elbo_method_find (const char *name, elbo_method *method);
const char *elbo_doubt_name (elbo_doubt doubt);

/* The version of the JSON library that is linked. */
const char *elbo_json_version (void);

/* Open a file that replaces path only when elbo_file_commit is called; elbo_file_abandon removes
   what was written.  With clobber 0 a file that is there is not replaced, which is an error.  A
   device, a pipe or an open descriptor (/dev/stdout, /dev/fd/3) is written to as it is.  NULL
   with a message on failure. */
typedef struct elbo_file elbo_file;
elbo_file *elbo_file_create (const char *path, int clobber);
FILE *elbo_file_stream (elbo_file *file);
int elbo_file_commit (elbo_file *file);
void elbo_file_abandon (elbo_file *file);

/* Write a record of the trace as a row of the trace CSV (header separately). */
int elbo_trace_write_header (FILE *stream);
int elbo_trace_write (FILE *stream, size_t ncomp, size_t start, const elbo_trace *record);

/* Set the prior of a model from a JSON object file (keys alpha, kappa, df, mean, scale, shape,
   rate; other families under their names), user's units; missing keys keep their values.
   GSL_EINVAL for a model of maximum likelihood, which has no prior. */
int elbo_prior_load (const char *path, elbo_model *model);

#ifdef __cplusplus
}
#endif

#endif
