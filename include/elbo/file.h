/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as JSON text: fit with vi-fit, embed in C, and the other way round. */
#ifndef ELBO_FILE_H
#define ELBO_FILE_H

#include <stdio.h>
#include <elbo/select.h>

/* What a data column is called and was like when the model was fitted. */
typedef struct
{
  char *name;
  double mean, sd; /* weighted, divisor W - 1; 0 and 1 where the family is not Gaussian */
  char **level;    /* [nlevel] texts of the categories, or NULL                         */
  size_t nlevel;
} elbo_column;

/* What a model file says beside the model. */
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
  elbo_column *column; /* [ncolumn], in model order */
  size_t ncolumn;
  double elbo, log_likelihood; /* log_likelihood: NAN for VB */
  double term[ELBO_NTERM];
  int converged, interrupted;
  size_t iterations, start, starts, found_again;
  char *reason; /* "tolerance", "iteration limit", "interrupted", "the bound fell" */
  unsigned long long seed;
  double *count;              /* [K] expected rows of the components, or NULL */
  struct elbo_choice *choice; /* [nchoice]: the table of the search */
  size_t nchoice;
  char **warning; /* [nwarning] */
  size_t nwarning;
} elbo_record;

/* One row of the selection table. */
typedef struct elbo_choice
{
  size_t components;
  const char
      *covariance; /* "full", "tied", "diag", "spherical", or NULL without Gaussian columns */
  double elbo, log_p, probability; /* VB; log_p: elbo_model_multiplicity */
  elbo_criteria criteria;          /* ML, MAP; elbo is then the objective */
  size_t found_again, iterations;
} elbo_choice;

/* Free what a record holds, not the record. */
void elbo_record_clear (elbo_record *record);

/* Write a model and its record as JSON, 17 significant digits; GSL_SUCCESS, ELBO_EIO,
   ELBO_ENUMERIC (a number is not finite) or ELBO_EUNSUP (a family of the caller's own, which no
   reader would know). */
int elbo_model_write (FILE *stream, const elbo_model *model, const elbo_record *record);

/* The same into a file: written beside it, synchronised and renamed, so that the old or the new
   file is there at any moment, never half of one. */
int elbo_model_save (const char *path, const elbo_model *model, const elbo_record *record);

/* Read a model.  NULL with a message that names the key or line; record may be NULL.  What was
   in the record is overwritten; free it with elbo_record_clear.  elbo_model_read takes an open
   stream, `name` stands in messages. */
elbo_model *elbo_model_load (const char *path, elbo_record *record);
elbo_model *elbo_model_read (FILE *stream, const char *name, elbo_record *record);

/* The covariance of component k of Gaussian block b, [dim x dim] row-major, user's units: the
   parameter itself for point beliefs, E[Sigma] for VB.  Where the expectation does not exist (few
   degrees of freedom) it is the inverse of the expected precision. */
int elbo_component_covariance (const elbo_model *model, size_t b, size_t k, double *covariance);

/* What files and options call things: "full", "tied", "diag", "spherical" (NULL for another
   family); "dirichlet", "equal", "dp", "dp-truncated"; "em", "map", "vb". */
const char *elbo_covariance_name (const elbo_family *family);
const elbo_family *elbo_covariance_find (const char *name);
const char *elbo_weights_name (const elbo_latent *latent);
const elbo_latent *elbo_weights_find (const char *name);
const char *elbo_method_name (elbo_method method);
int elbo_method_find (const char *name, elbo_method *method);

/* The version of the JSON library that is linked. */
const char *elbo_json_version (void);

/* Open a file that replaces path only when elbo_file_commit is called; elbo_file_abandon removes
   what was written.  A device, a pipe or an open descriptor (/dev/stdout, /dev/fd/3) is written to
   as it is.  NULL with a message on failure. */
typedef struct elbo_file elbo_file;
elbo_file *elbo_file_create (const char *path, int clobber);
FILE *elbo_file_stream (elbo_file *file);
int elbo_file_commit (elbo_file *file);
void elbo_file_abandon (elbo_file *file);

/* Write trace records of one start as rows of the trace CSV (header separately). */
int elbo_trace_write_header (FILE *stream);
int elbo_trace_write (FILE *stream, size_t ncomp, size_t start, const elbo_trace *record,
                      size_t nrecord);

/* Set the prior of a model from a JSON object file (keys alpha, kappa, df, mean, scale, shape,
   rate; other families under their names), user's units; missing keys keep their values. */
int elbo_prior_load (const char *path, elbo_model *model);

#endif
