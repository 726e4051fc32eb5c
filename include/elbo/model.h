/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mixture model: one latent structure and one or more families. */
#ifndef ELBO_MODEL_H
#define ELBO_MODEL_H

#include <elbo/data.h>
#include <elbo/factor.h>
#include <elbo/families.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How parameters are believed: EM, MAP and VB are the same algorithm with another belief. */
typedef enum
{
  ELBO_ML,  /* point, flat prior: maximum likelihood, EM (Dempster, Laird & Rubin 1977)       */
  ELBO_MAP, /* point, proper prior: posterior mode in the (mean, covariance) parameterisation */
  ELBO_VB   /* distribution: mean-field variational Bayes (Bishop 2006, section 10.2)         */
} elbo_method;

/* Columns column .. column + dim - 1 of the data belong to one family (more where its row table
   says so); level is the number of categories of a categorical column and rank that of columns of
   a loading matrix, 0 where there are none.  ELBO_BLOCK fills size and leaves rank 0. */
typedef struct
{
  size_t size; /* sizeof (elbo_block) of the program, of every entry of an array */
  const elbo_family *family;
  size_t column, dim, level, rank;
} elbo_block;

/* The initialiser of a block. */
#define ELBO_BLOCK(family, column, dim, level) \
  { \
    sizeof (elbo_block), (family), (column), (dim), (level), 0 \
  }

typedef struct elbo_model elbo_model; /* opaque */

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

/* The name of term i, "reconstruction" and so on; NULL past the end. */
const char *elbo_term_name (size_t i);

/* Allocate a model of ncomp components.  The blocks are independent given the component and
   must not overlap.  NULL with a message on a bad argument, a belief that does not exist
   (sticks have no ML), a family that lacks a function, or memory.  Free with elbo_model_free. */
elbo_model *elbo_model_alloc (size_t ncomp, const elbo_latent *latent, const elbo_block *block,
                              size_t nblock, elbo_method method);
elbo_model *elbo_model_clone (const elbo_model *model);
void elbo_model_free (elbo_model *model);

/* Choose the units of the model from the data (shift and scale of each column, powers of two),
   check that every cell is in the support of its family, and set the default prior and the limits
   within which it is learned (see the manual) from the pooled data.  Must come before the first step.
   Parameters that the model has keep their values in the user's units.  Data that no model has
   used yet take over these units for good; others stay as they are and are converted tile by
   tile, so that models with other units may use one data set at the same time.
   Errors: GSL_EFAULT, GSL_EBADLEN, ELBO_EDATA, GSL_ENOMEM. */
int elbo_model_prepare (elbo_model *model, elbo_data *data);

/* Check that the model can score every cell of new rows (columns, support), however far out; data
   that no model has used yet take over its units.  Errors as above. */
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
   [dim] each; the same rule as elbo_model_prepare.  Prior and parameters keep their values in the
   user's units. */
int elbo_model_standardise (elbo_model *model, const double *mean, const double *sd);

/* Describe factor f: 0 is the latent structure, 1 + b is block b. */
const elbo_factor *elbo_model_factor (const elbo_model *model, size_t f);
const elbo_belief *elbo_model_belief (const elbo_model *model, size_t f);
const elbo_shape *elbo_model_shape (const elbo_model *model, size_t f);

/* Copy the whole prior or parameter vector of factor f in the user's units; the sizes are
   elbo_field_total of factor->prior and belief->param.  GSL_EINVAL without such a factor. */
int elbo_model_prior (const elbo_model *model, size_t f, double *prior);
int elbo_model_param (const elbo_model *model, size_t f, double *param);

/* Set them, user's units.  Setting parameters computes the coefficients; after an error (GSL_EINVAL
   or as expect) the model is as it was.  Maximum likelihood has no prior to set. */
int elbo_model_set_prior (elbo_model *model, size_t f, const double *prior);
int elbo_model_set_param (elbo_model *model, size_t f, const double *param);

/* Which numbers of the prior of factor f are learned, and within which limits, user's units; the
   sizes are those of the prior, a number is learned where low < high.  A learned prior follows the
   beliefs: after each M half-step of a fit it becomes the one within its limits under which the
   bound is highest (half-step H; empirical Bayes).  elbo_model_prepare sets limits where the family
   has some; elbo_model_set_prior fixes the prior of its factor; low and high NULL fix it where it
   stands.  A number outside its limits is brought to the nearest.  Errors: GSL_EFAULT; GSL_EINVAL (no
   such factor, low > high or not finite); ELBO_EUNSUP (the factor cannot learn, maximum likelihood
   has no prior). */
int elbo_model_set_learned (elbo_model *model, size_t f, const double *low, const double *high);

/* Copy these limits, each may be NULL; a fixed number is its own limits.  How many numbers are
   learned; 0 without such a factor. */
size_t elbo_model_learned (const elbo_model *model, size_t f, double *low, double *high);

/* What elbo_model_prepare makes of the default prior from now on: 1, as in a new model, limits
   within which it is learned; 0 a fixed prior (Fraley & Raftery 2007 for Gaussian families). */
void elbo_model_prefer_learned (elbo_model *model, int learned);

/* Hold parameters of factor f at their present values in every fit from now on.
   mask [elbo_field_total (belief->param)]: 1 for a number that is held, NULL to hold none.  Every
   belief whose components are apart (elbo_belief.coupled 0) can hold whole components; means of
   Gaussian families and point weights of mixture_dirichlet can be held alone.  Errors: GSL_EINVAL
   (no such factor, no parameters yet), ELBO_EUNSUP (solve would miss the maximum). */
int elbo_model_hold (elbo_model *model, size_t f, const unsigned char *mask);

/* Read one array of parameters by path, "gauss_full.mean" or "mixture_dirichlet.alpha"; where a
   family stands in several blocks "categorical:1.alpha" is the second.  User's units; extent
   [3] receives the sizes, may be NULL.  Owned by the model, valid until it changes.  NULL with a message when
   there is no such path. */
const double *elbo_model_field (const elbo_model *model, const char *path, size_t extent[3]);

/* The expected weight of each component, [K]. */
void elbo_model_weights (const elbo_model *model, double *weight);

/* Component k of the result is component order[k] of the model. */
int elbo_model_permute (elbo_model *model, const size_t *order);

/* Free parameters, for AIC and BIC. */
size_t elbo_model_freedom (const elbo_model *model);

/* What component k of block b looks like, in the layout of elbo_model_factor (model, 1 + b)->view,
   user's units: value, standard error and central 95 % limits, [elbo_field_total (view)] each, any
   of them NULL.  Errors and limits of point beliefs are NAN.  ELBO_EUNSUP when the family has no
   view. */
int elbo_model_describe (const elbo_model *model, size_t b, size_t k, double *value, double *error,
                         double *low, double *high);

/* The number log P of distinguishable relabellings: log of K! over the factorials of the sizes of
   groups of components with equal beliefs; 0 for ordered latents (Bishop 2006, section
   10.2.4, Exercise 10.22). */
double elbo_model_multiplicity (const elbo_model *model);

/* Size of the statistics vector. */
size_t elbo_model_nstat (const elbo_model *model);

/* The verbs of every algorithm, on rows in the user's units.
   elbo_local:  stat [nstat] += statistics of these rows under the present beliefs
   elbo_global: beliefs from statistics
   elbo_learn:  learned priors from beliefs, after elbo_global; nothing where none is learned
   elbo_bound:  the bound for statistics and beliefs, nats; term [nterm] receives its first nterm
                named parts, NULL with 0 for none.  Right after elbo_local this is the tight bound
                (for EM the log-likelihood), right after elbo_global the bound that the M half-step
                reached.  NAN with a message on failure.
   Errors: GSL_EFAULT, GSL_EINVAL, GSL_EBADLEN, ELBO_EDATA (a cell is not finite, outside the
   support, or a weight is negative), GSL_ENOMEM. */
int elbo_local (const elbo_model *model, const elbo_rows *rows, double *stat);
int elbo_global (elbo_model *model, const double *stat);
int elbo_learn (elbo_model *model);
double elbo_bound (const elbo_model *model, const double *stat, double *term, size_t nterm);

/* to [nstat] += from [nstat]: pairs without rounding, and statistics about different pivots
   rightly; both are about the pivots of the model afterwards.  from is changed by that alone. */
int elbo_stat_merge (const elbo_model *model, double *to, double *from);

/* The statistics of rows whose responsibilities are given, [n x tda_resp] row-major, >= 0. */
int elbo_local_given (const elbo_model *model, const elbo_rows *rows, const double *resp,
                      size_t tda_resp, double *stat);

#ifdef __cplusplus
}
#endif

#endif
