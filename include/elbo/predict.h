/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsibilities and densities of rows, old or new. */
#ifndef ELBO_PREDICT_H
#define ELBO_PREDICT_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_rng.h>
#include <elbo/model.h>

/* Score every row of a data set that the model has prepared or adopted.
   resp         [n x K] row-major, or NULL: the responsibilities of an E half-step, unweighted
   log_density  [n], or NULL: log predictive density, nats, user's units: the mixture density for
                point beliefs, the exact Student-t (beta-binomial, ...) mixture for VB; nested
                sticks add the leftover mass times the prior predictive
   threads      0: what OpenMP would use; does not change the result */
int elbo_predict_data (const elbo_model *model, const elbo_data *data, int threads, double *resp,
                       double *log_density);

/* The same for rows first .. first + n - 1 of the data; first is a multiple of ELBO_TILE, resp
   [n x K] and log_density [n] belong to these rows: for data whose n x K does not fit memory. */
int elbo_predict_part (const elbo_model *model, const elbo_data *data, size_t first, size_t n,
                       int threads, double *resp, double *log_density);

/* The same for a matrix in the user's units (any tda); resp [n x K] and log_density [n] may be
   NULL. */
int elbo_predict (const elbo_model *model, const gsl_matrix *x, gsl_matrix *resp,
                  gsl_vector *log_density);

/* Draw one row from the predictive density, user's units; x [dim].  *component receives where it
   came from; may be NULL. */
int elbo_sample (const elbo_model *model, gsl_rng *rng, double *x, size_t *component);

#endif
