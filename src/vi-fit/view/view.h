/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says, in words and numbers. */
#ifndef VI_FIT_VIEW_H
#define VI_FIT_VIEW_H

#include "vi-fit/run/run.h"

/* belief.c: a block's parameters by name, [K x ...]. */
const double *block_field (const elbo_model *model, size_t b, const char *name, size_t extent[3]);
/* The Gaussian block, or the number of blocks. */
size_t gauss_block (const elbo_model *model);
/* The covariances [K x D x D] of a Gaussian block, to be freed; NULL without memory. */
double *covariances (const elbo_model *model, size_t b);
/* The expected value of column j of another block, or the probability of its level l. */
double expected (const elbo_model *model, size_t b, size_t k, size_t j, size_t l);
/* The belief about the mean of column j of component k of Gaussian block b is a
   Student t with this scale and these degrees of freedom; NAN for a point. */
double mean_error (const elbo_model *model, size_t b, size_t k, size_t j);
double mean_freedom (const elbo_model *model, size_t b, size_t k, size_t j);
/* That about the weight of component k is a Beta (a, b); 0 for a point or another belief. */
int weight_beta (const elbo_model *model, size_t k, double *a, double *b);
/* The standard deviation of a weight, or NAN. */
double weight_error (const elbo_model *model, size_t k);

/* report.c */
void report_title (const elbo_model *model);
void report_selection (const elbo_model *model, const elbo_record *record);
void report_components (const elbo_model *model, const elbo_record *record);
/* steps.c: the iterations of one start. */
void report_iterations (const settings *s, const elbo_model *model, const elbo_outcome *outcome,
                        size_t start);
void report_steps (const elbo_model *model, const elbo_outcome *outcome);
/* report.c: "value +- error"; the mean of column j with its error, from the covariances. */
void cell_text (char *text, size_t size, double value, double error);
void mean_text (const elbo_model *model, size_t b, const double *covariance, size_t k, size_t j,
                char *text, size_t size);

#endif
