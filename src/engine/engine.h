/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of data sets, models and passes. */
#ifndef ELBO_ENGINE_H
#define ELBO_ENGINE_H

#include <elbo/fit.h>
#include "base/base.h"
#include "kernel/kernel.h"

#pragma GCC visibility push(hidden)

struct elbo_data
{
  size_t n, dim;
  double *x;             /* [ntile x dim x ELBO_TILE], padding 0                        */
  double *weight;        /* [ntile x ELBO_TILE], padding 0, or NULL for 1 each          */
  double total, sum[2];  /* sum of weights, and as a compensated pair                    */
  double *shift, *scale; /* [dim]: x holds (value - shift) / scale                      */
  double *mean, *sd;     /* [dim], user's units; valid once `known`                     */
  int known;
};

size_t elbo_data_ntile (const elbo_data *data);
/* Take over packed cells and weights (or NULL); NULL with a message, memory then still the
   caller's. */
elbo_data *elbo_data_adopt (size_t n, size_t dim, double *x, double *weight);
/* The rows of tile t, without scratch and kernel. */
elbo_tile elbo_data_tile (const elbo_data *data, size_t t);
/* Change the standardisation in place. */
void elbo_data_standardise (elbo_data *data, const double *shift, const double *scale);
/* Compute mean and sd of every column if they are not known. */
int elbo_data_summarise (elbo_data *data);

/* A factor with its vectors, in standardised units; `shown` mirrors param in the user's. */
typedef struct
{
  const elbo_factor *factor;
  const elbo_belief *belief;
  const elbo_family *family; /* NULL for the latent structure */
  elbo_shape shape;
  size_t column; /* first data column */
  size_t nprior, nparam, ncoef, nstat, stat_at;
  double *prior, *param, *coef, *shown;
} elbo_part;

struct elbo_model
{
  size_t ncomp, dim, nblock, nstat, npairs;
  elbo_method method;
  const elbo_latent *latent;
  elbo_block *block;
  elbo_part *part;       /* [1 + nblock], the latent structure first */
  double *shift, *scale; /* [dim] */
  double jacobian;       /* -sum log scale: what a row's log density gains in user's units */
  size_t *pairs;         /* where the compensated pairs stand in stat */
};

/* Where the four fields of every latent stand, in its part of stat. */
enum
{
  ELBO_EVIDENCE,
  ELBO_ENERGY,
  ELBO_ENTROPY
};
double *elbo_pair_of (const elbo_model *model, double *stat, int which);

/* Room that one thread needs to work on tiles. */
typedef struct
{
  double *scratch, *score, *count, *x, *weight;
  const elbo_kernel *kernel;
} elbo_desk;
int elbo_desk_make (const elbo_model *model, elbo_desk *desk);
void elbo_desk_clear (elbo_desk *desk);

/* Add the scores of every family to desk->score [K x ELBO_TILE], which is zeroed first. */
void elbo_score_tile (const elbo_model *model, const elbo_tile *tile, elbo_desk *desk);
/* The part of a tile that a family sees. */
elbo_tile elbo_tile_of (const elbo_tile *tile, const elbo_part *part);

/* One pass over packed data: stat [nstat] += statistics; start may be NULL (E half-step). */
int elbo_pass (const elbo_model *model, const elbo_data *data, const elbo_start *start, int threads,
               double *stat);

/* The bound with everything that the checks need. */
typedef struct
{
  double elbo;
  double term[ELBO_NTERM];
  double size, inflation; /* A and V */
  double curvature;       /* cost of a step of every place by delta, over delta^2 */
  double evidence;        /* sum of w log sum exp, with Jacobian; E half-steps only */
  double tight;           /* evidence - (energy + entropy) */
  double peak;            /* closed form of the bound after M, or NAN */
} elbo_ledger;

/* Weigh statistics and beliefs.  half: 'E' takes the evidence of the rows, 'M' the statistics. */
void elbo_weigh (const elbo_model *model, const double *stat, char half, elbo_ledger *ledger);

/* The rounding allowance of a ledger, nats. */
double elbo_allowance (const elbo_model *model, const elbo_ledger *ledger);

/* Round parameters to what the user's units hold, compute coefficients and the mirror. */
int elbo_part_settle (const elbo_model *model, elbo_part *part);

#pragma GCC visibility pop

#endif
