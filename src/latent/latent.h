/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the latent structures share.

   Every mixture has one table of statistics and one of coefficients: rows are assigned given the
   logarithms of the weights, wherever those come from. */
#ifndef ELBO_LATENT_H
#define ELBO_LATENT_H

#include <elbo/factor.h>
#include "base/base.h"
#include "kernel/kernel.h"

/* count [COMP], then the pairs evidence, energy, entropy; log_weight [COMP]. */
extern const elbo_field mixture_stat[], mixture_coef[];

/* The members score, assign and base.sum of every mixture. */
int mixture_score (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                   double *score);
int mixture_assign (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                    double *score, double *count, double *stat);
int mixture_sum (const elbo_shape *shape, const double *coef, const double *stat,
                 elbo_quantity *to);

/* The member expect where the weights are known numbers: their logarithms, -inf for 0.
   GSL_EINVAL with a message unless they are >= 0 and sum to 1. */
int mixture_log (const elbo_shape *shape, const double *weight, double *coef);

#endif
