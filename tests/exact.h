/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian mixtures by other means: rows are taken one at a time, each adds the log of
   its predictive probability and updates the beliefs.  That gives the evidence of an assignment
   and the posterior given it, without any formula that the library uses; the sum over all
   assignments is the evidence. */
#ifndef TESTS_EXACT_H
#define TESTS_EXACT_H

#include <gsl/gsl_matrix.h>
#include <elbo/model.h>

enum
{
  EXACT_COMP = 8,
  EXACT_DIM = 4,
  EXACT_LEVEL = 6,
  EXACT_BLOCK = 5,
  EXACT_ROW = 10
};

/* A belief in the parameters of one component in one block.  Which members count depends on the
   family: kappa, mean, df, scale (Normal-Wishart); kappa, mean, a, b (Normal-gamma); a, b (Beta,
   gamma); a [level] (Dirichlet). */
typedef struct
{
  double kappa[EXACT_DIM], mean[EXACT_DIM], df, scale[EXACT_DIM * EXACT_DIM];
  double a[EXACT_LEVEL], b[EXACT_DIM];
} exact_belief;

/* Beliefs in everything.  Weights: a [K] of a Dirichlet, a and b [K] of sticks (b 0: a stick that
   is 1), a [K] given weights. */
typedef struct
{
  const elbo_model *model;
  double a[EXACT_COMP], b[EXACT_COMP];
  exact_belief part[EXACT_BLOCK][EXACT_COMP];
} exact_world;

/* What the model believes before and after the data. */
void exact_prior (const elbo_model *model, exact_world *world);
void exact_posterior (const elbo_model *model, exact_world *world);

/* The log predictive probability that the next row is x and comes from component k; the beliefs
   are updated. */
double exact_step (exact_world *world, const double *x, size_t k);

/* The same for x alone, given the component. */
double exact_component_step (exact_world *world, const double *x, size_t k);

/* KL (q || p) of weights and components. */
double exact_divergence (const exact_world *q, const exact_world *p);

/* Log evidence: the sum over all assignments of the rows to K components. */
double exact_evidence (const elbo_model *model, const gsl_matrix *x);

/* Log evidence of the Dirichlet process with this concentration: the sum over all partitions of at
   most EXACT_COMP rows (6 rows have 203). */
double exact_process (const elbo_model *model, const gsl_matrix *x, double alpha);

/* KL (q || posterior) for responsibilities [N x K] and beliefs q, given the log evidence. */
double exact_gap (const exact_world *q, const gsl_matrix *x, const double *resp,
                  double log_evidence);

#endif
