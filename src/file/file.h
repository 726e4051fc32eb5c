/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers and writers of model files share. */
#ifndef ELBO_FILE_PRIVATE_H
#define ELBO_FILE_PRIVATE_H

#include <jansson.h>
#include <elbo/file.h>
#include <elbo/predict.h>
#include "base/base.h"

#pragma GCC visibility push(hidden)

/* json.c: reading with the path of the bad key in the message. */
typedef struct
{
  const char *file; /* name of the file */
  const char *what; /* what the file is not, when it is bad */
} read_source;

/* Fail with "FILE: WHAT: PATH: reason". */
int elbo_read_bad (const read_source *source, const char *path, const char *format, ...)
#if defined __GNUC__
    __attribute__ ((format (printf, 3, 4)))
#endif
    ;
/* The same about a part of the library that failed, with its sentence; memory stays memory. */
int elbo_read_worse (const read_source *source, const char *path, int status);
/* Open a file to read; NULL with a message. */
FILE *elbo_read_open (const char *path);
/* Is all of a text UTF-8, as JSON wants it? */
int elbo_is_utf8 (const char *text);
/* Parse JSON; NULL with a message. */
json_t *elbo_read_stream (const read_source *source, FILE *stream);
json_t *elbo_read_memory (const read_source *source, const char *text, size_t length);
/* Write "path.key" or "key" into a buffer. */
enum
{
  READ_PATH = 160
};
void elbo_read_path (char out[READ_PATH], const char *path, const char *key);
/* Refuse keys that are not in the list, whose end is NULL. */
int elbo_read_keys (const read_source *source, json_t *object, const char *path,
                    const char *const *known);
/* Find a value of a type; NULL with a message. */
json_t *elbo_read_need (const read_source *source, json_t *object, const char *path,
                        const char *key, json_type type);
int elbo_read_real (const read_source *source, json_t *object, const char *path, const char *key,
                    double *value);
int elbo_read_size (const read_source *source, json_t *object, const char *path, const char *key,
                    size_t *value);
int elbo_read_flag (const read_source *source, json_t *object, const char *path, const char *key,
                    int *value);
/* A text, copied; null gives NULL where it is allowed. */
int elbo_read_text (const read_source *source, json_t *object, const char *path, const char *key,
                    int null, char **value);
/* An array of texts, copied one by one; free with elbo_texts_free. */
int elbo_read_texts (const read_source *source, json_t *object, const char *path, const char *key,
                     char ***text, size_t *ntext);
void elbo_texts_free (char **text, size_t ntext);

/* record.c: a copy from malloc, NULL with a message. */
char *elbo_text_copy (const char *text);
/* Give a record the columns of a model that it lacks, V1, V2, ... */
int elbo_record_columns (elbo_record *record, const elbo_model *model);

/* fields.c: the arrays of a field table as JSON. */
enum
{
  WHOLE = -1
}; /* all components */
/* The array of one component (or WHOLE) of a field as nested arrays of finite numbers; NULL when
   memory runs out. */
json_t *elbo_field_write (const elbo_field *field, const elbo_shape *shape, long comp,
                          const double *v);
/* The reverse; v is the start of the whole field.  A number stands for a vector of equal ones
   when `spread` is set. */
int elbo_field_read (const read_source *source, const json_t *value, const char *path,
                     const elbo_field *field, const elbo_shape *shape, long comp, int spread,
                     double *v);

/* Numbers in the user's units may overflow in standardised ones. */
int elbo_all_finite (const double *v, size_t n);

/* Is the block one of the Gaussian families? */
int elbo_block_is_gauss (const elbo_block *block);
/* The key of a block that is not Gaussian: the family's name, ":1" for its second block, ... */
void elbo_block_key (const elbo_model *model, size_t b, char key[READ_PATH]);

/* prior_file.c: read the prior of every factor from an object.  sd: of the columns of the
   data, for a model from a file, where no key may be left out; NULL: keys may be left out. */
int elbo_prior_read (const read_source *source, json_t *object, const char *path, elbo_model *model,
                     const double *sd);
/* The prior as a JSON object. */
json_t *elbo_prior_write (const elbo_model *model);

/* elbo_components_read.c: the parameters of every factor from the array of components. */
int elbo_components_read (const read_source *source, json_t *array, elbo_model *model);
/* Expected rows of the components, [K], from the beliefs about the weights; *count stays NULL where
   these say nothing.  Free it. */
int elbo_components_rows (const elbo_model *model, double weight, double **count);

/* names.c: "gaussian" or the name of the family. */
const char *elbo_type_name (const elbo_family *family);

#pragma GCC visibility pop

#endif
