/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsibilities and densities of rows, old or new. */
#ifndef ELBO_PREDICT_H
#define ELBO_PREDICT_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_rng.h>
#include <elbo/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Score every row of a data set that the model has prepared or adopted.
   resp         [n x K] row-major, or NULL: the responsibilities of an E half-step, unweighted
   log_density  [n], or NULL: log predictive density, nats, user's units: the mixture density for
                point beliefs, the exact Student-t (beta-binomial, ...) mixture for VB; nested
                sticks add the leftover mass times the prior predictive
   threads      0: what OpenMP would use; does not change the result
   GSL_EFAULT, GSL_EBADLEN; GSL_EINVAL: the data are standardised for another model, or the model
   has no parameters; ELBO_EDATA: a cell outside the support, named by row and column. */
int elbo_predict_data (const elbo_model *model, const elbo_data *data, int threads, double *resp,
                       double *log_density);

/* The same for rows first .. first + n - 1 of the data; first is a multiple of ELBO_TILE, resp
   [n x K] and log_density [n] belong to these rows: for data whose n x K does not fit memory. */
int elbo_predict_part (const elbo_model *model, const elbo_data *data, size_t first, size_t n,
                       int threads, double *resp, double *log_density);

/* The same for a matrix in the user's units (any tda); resp [n x K] and log_density [n] may be
   NULL.  ELBO_EDATA also for a cell that is not finite. */
int elbo_predict (const elbo_model *model, const gsl_matrix *x, int threads, gsl_matrix *resp,
                  gsl_vector *log_density);

/* The same for one row x [dim] in the user's units; resp [K] and *log_density may be NULL.  For
   many rows elbo_predict is some twenty times as fast. */
int elbo_predict_row (const elbo_model *model, const double *x, double *resp, double *log_density);

/* Draw one row from the predictive density, user's units; x [dim].  *component receives where it
   came from, K for the rest of nested sticks; may be NULL. */
int elbo_sample (const elbo_model *model, gsl_rng *rng, double *x, size_t *component);

/* What a model says about its components, k = 0 .. K-1, in GSL's types and the user's units.
   weights [K]; the mean [dim of the block] and covariance [dim x dim] of Gaussian block b: the
   parameters themselves for point beliefs, E[mu] and E[Sigma] for VB; where that expectation does
   not exist (few degrees of freedom), the inverse of the expected precision.  GSL_EFAULT,
   GSL_EBADLEN; GSL_EINVAL: no such block or component, no parameters yet; ELBO_EUNSUP: the block
   has none. */
int elbo_component_weights (const elbo_model *model, gsl_vector *weight);
int elbo_component_mean (const elbo_model *model, size_t b, size_t k, gsl_vector *mean);
int elbo_component_covariance (const elbo_model *model, size_t b, size_t k, gsl_matrix *covariance);

#ifdef __cplusplus
}
#endif

#endif
