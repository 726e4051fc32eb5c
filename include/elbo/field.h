/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flat vectors whose meaning is a table.

   Priors, statistics, parameters and coefficients are vectors of doubles; a table of fields says
   what stands where.  Everything that is not mathematics (files, reports, copying, sorting
   components, units) reads the table and is written once. */
#ifndef ELBO_FIELD_H
#define ELBO_FIELD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes that give meaning to a flat vector.  The library makes shapes and hands them to the
   functions of families; a program reads them (elbo_model_shape) or makes one by naming members. */
typedef struct
{
  size_t ncomp;              /* K, components                                                   */
  size_t dim;                /* D, columns that the factor models                               */
  size_t level;              /* L, categories of a column; 0 where there are none               */
  size_t rank;               /* Q, columns of a loading matrix; 0 where there are none          */
  const void *kind;          /* elbo_factor.kind: which structure a shared function serves      */
  const unsigned char *held; /* [parameters] 1 for one that a fit must not change; NULL: none   */
} elbo_shape;

/* One extent of an array.  ELBO_TRIANGLE is D (D + 1) / 2, a lower triangle by rows; ELBO_PAIR is
   2, a compensated sum as (high, low), added without rounding error. */
typedef enum
{
  ELBO_ONE,
  ELBO_COMP,
  ELBO_DIM,
  ELBO_LEVEL,
  ELBO_TRIANGLE,
  ELBO_PAIR,
  ELBO_RANK
} elbo_extent;

/* How a field follows a change of units x -> (x - shift) / scale of the columns. */
typedef enum
{
  ELBO_PURE,   /* a number without unit: stays                                       */
  ELBO_PLACE,  /* a position: (v - shift) / scale                                    */
  ELBO_LENGTH, /* a standard deviation: v / scale                                    */
  ELBO_SQUARE  /* a variance or a scatter: v / scale^2 or v / (scale_i scale_j)      */
} elbo_unit;

/* One named array inside a flat vector, dense and row-major. */
typedef struct
{
  const char *name;      /* key in model files and reports; NULL ends a table           */
  elbo_extent extent[3]; /* {ELBO_COMP, ELBO_DIM, ELBO_DIM}: [K x D x D]                 */
  elbo_unit unit;
  const char *doc; /* meaning and unit; NULL: internal, not written to files       */
} elbo_field;

/* The functions below read tables of the library and of models (elbo_model_factor), whose entries
   are as large as the library's elbo_field, whatever the program's is. */

/* Entry i of a table, NULL past its end: how a program walks a table that is not its own. */
const elbo_field *elbo_field_at (const elbo_field *table, size_t i);

/* Give the size of one extent. */
size_t elbo_extent_size (elbo_extent extent, const elbo_shape *shape);

/* Count the doubles of one field. */
size_t elbo_field_size (const elbo_field *field, const elbo_shape *shape);

/* Count the doubles of a whole table; a NULL table has none. */
size_t elbo_field_total (const elbo_field *table, const elbo_shape *shape);

/* Find a field by name; *at is where it starts in the flat vector.  NULL when there is none. */
const elbo_field *elbo_field_find (const elbo_field *table, const elbo_shape *shape,
                                   const char *name, size_t *at);

/* Change the units of a flat vector in place.  shift, scale: [D], scale > 0; with inverse = 0 from
   the user's units to standardised ones, with inverse = 1 back.  Fields of unit ELBO_LENGTH or
   ELBO_SQUARE without an ELBO_DIM extent use scale[0], which then holds for every column. */
void elbo_field_convert (const elbo_field *table, const elbo_shape *shape, const double *shift,
                         const double *scale, int inverse, double *v);

/* Reorder components: component k of the result is component order[k] of the input.
   Every extent ELBO_COMP is permuted.  spare: room for as many doubles as v has. */
void elbo_field_permute (const elbo_field *table, const elbo_shape *shape, const size_t *order,
                         double *v, double *spare);

#ifdef __cplusplus
}
#endif

#endif
