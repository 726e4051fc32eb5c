/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mixture model: one latent structure and one or more families. */
#ifndef ELBO_MODEL_H
#define ELBO_MODEL_H

#include <elbo/data.h>
#include <elbo/factor.h>
#include <elbo/families.h>

/* How parameters are believed: EM, MAP and VB are the same algorithm with another belief. */
typedef enum
{
  ELBO_ML,  /* point, flat prior: maximum likelihood, EM (Dempster, Laird & Rubin 1977)       */
  ELBO_MAP, /* point, proper prior: posterior mode in the (mean, covariance) parameterisation */
  ELBO_VB   /* distribution: mean-field variational Bayes (Bishop 2006, section 10.2)         */
} elbo_method;

/* Columns column .. column + dim - 1 of the data belong to one family; level is the number of
   categories of a categorical column and 0 otherwise. */
typedef struct
{
  const elbo_family *family;
  size_t column, dim, level;
} elbo_block;

typedef struct elbo_model elbo_model; /* opaque */

/* A named part of the bound, nats. */
typedef struct
{
  const char *name;
  double value;
} elbo_term;

/* The terms of elbo_bound, in this order.  Their identity:
   elbo = reconstruction - kl_assignments - kl_weights - kl_components + log_prior. */
enum
{
  ELBO_RECONSTRUCTION, /* expected log-likelihood, with all constants and the Jacobian           */
  ELBO_KL_ASSIGNMENTS, /* KL (q(z) || p(z | weights)), expected under q(weights)                 */
  ELBO_KL_WEIGHTS,     /* KL of the weights; 0 for point beliefs                                 */
  ELBO_KL_COMPONENTS,  /* KL of the component parameters; 0 for point beliefs                    */
  ELBO_LOG_PRIOR,      /* log prior density of a MAP value, user's units; 0 otherwise            */
  ELBO_NTERM
};

/* Allocate a model of ncomp components.  The blocks are independent given the component and
   must not overlap.  NULL with a message on a bad argument, a belief that does not exist
   (sticks have no ML), a family that lacks a function, or memory.  Free with elbo_model_free. */
elbo_model *elbo_model_alloc (size_t ncomp, const elbo_latent *latent, const elbo_block *block,
                              size_t nblock, elbo_method method);
elbo_model *elbo_model_clone (const elbo_model *model);
void elbo_model_free (elbo_model *model);

/* Standardise the data for this model (in place, exact powers of two), check that every cell is
   in the support of its family, and set the default prior (Fraley & Raftery 2007; see the
   manual) from the pooled data.  Must come before the first step; models that share a data set
   may be prepared one after another.  Errors: GSL_EBADLEN, ELBO_EDATA. */
int elbo_model_prepare (elbo_model *model, elbo_data *data);

/* Take over the standardisation of a model for new rows: after this the data can be scored. */
int elbo_model_adopt (const elbo_model *model, elbo_data *data);

size_t elbo_model_ncomp (const elbo_model *model);
size_t elbo_model_dim (const elbo_model *model);
size_t elbo_model_nblock (const elbo_model *model);
const elbo_block *elbo_model_block (const elbo_model *model, size_t b);
const elbo_latent *elbo_model_latent (const elbo_model *model);
elbo_method elbo_model_method (const elbo_model *model);

/* The standardisation in use, [dim] each: y = (x - shift) / scale. */
const double *elbo_model_shift (const elbo_model *model);
const double *elbo_model_scale (const elbo_model *model);

/* Set the standardisation from column means and standard deviations (as model files keep them),
   [dim] each; the same rule as elbo_model_prepare. */
int elbo_model_standardise (elbo_model *model, const double *mean, const double *sd);

/* Describe factor f: 0 is the latent structure, 1 + b is block b. */
const elbo_factor *elbo_model_factor (const elbo_model *model, size_t f);
const elbo_belief *elbo_model_belief (const elbo_model *model, size_t f);
const elbo_shape *elbo_model_shape (const elbo_model *model, size_t f);

/* Copy the whole prior or parameter vector of factor f in the user's units; the sizes are
   elbo_field_total of factor->prior and belief->param. */
void elbo_model_prior (const elbo_model *model, size_t f, double *prior);
void elbo_model_param (const elbo_model *model, size_t f, double *param);

/* Set them, user's units.  Setting parameters computes the coefficients; errors as expect. */
int elbo_model_set_prior (elbo_model *model, size_t f, const double *prior);
int elbo_model_set_param (elbo_model *model, size_t f, const double *param);

/* Read one array of parameters by path, "gauss_full.mean" or "mixture_dirichlet.alpha"; where a
   family stands in several blocks "categorical:1.alpha" is the second.  User's units; extent
   [3] receives the sizes.  Owned by the model, valid until it changes.  NULL with a message when
   there is no such path. */
const double *elbo_model_field (const elbo_model *model, const char *path, size_t extent[3]);

/* The expected weight of each component, [K]. */
void elbo_model_weights (const elbo_model *model, double *weight);

/* Component k of the result is component order[k] of the model. */
int elbo_model_permute (elbo_model *model, const size_t *order);

/* Free parameters, for AIC and BIC. */
size_t elbo_model_freedom (const elbo_model *model);

/* The number log P of distinguishable relabellings: log of K! over the factorials of the sizes of
   groups of components with equal beliefs; 0 for ordered latents (Bishop 2006, section
   10.2.4, Exercise 10.22). */
double elbo_model_multiplicity (const elbo_model *model);

/* Size of the statistics vector. */
size_t elbo_model_nstat (const elbo_model *model);

/* The three verbs of every algorithm, on rows in the user's units.
   elbo_local:  stat [nstat] += statistics of these rows under the present beliefs
   elbo_global: beliefs from statistics
   elbo_bound:  the bound for statistics and beliefs, nats; term [ELBO_NTERM] or NULL receives
                its named parts.  Right after elbo_local this is the tight bound (for EM the
                log-likelihood), right after elbo_global the bound that the M half-step reached. */
int elbo_local (const elbo_model *model, const elbo_rows *rows, double *stat);
int elbo_global (elbo_model *model, const double *stat);
double elbo_bound (const elbo_model *model, const double *stat, elbo_term *term);

/* The statistics of rows whose responsibilities are given, [n x tda_resp] row-major, >= 0. */
int elbo_local_given (const elbo_model *model, const elbo_rows *rows, const double *resp,
                      size_t tda_resp, double *stat);

#endif
