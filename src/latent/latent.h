/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the latent structures share.

   Every mixture has one table of statistics and one of coefficients: rows are assigned given the
   logarithms of the weights, wherever those come from. */
#ifndef ELBO_LATENT_H
#define ELBO_LATENT_H

#include <elbo/factor.h>
#include "base/base.h"
#include "kernel/kernel.h"

#pragma GCC visibility push(hidden)

/* count [COMP], then the pairs evidence, energy, entropy; log_weight [COMP]. */
extern const elbo_field elbo_mixture_stat[], elbo_mixture_coef[];

/* The members score, assign and base.sum of every mixture. */
int elbo_mixture_score (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                        double *score);
int elbo_mixture_assign (const elbo_shape *shape, const double *coef, const elbo_tile *tile,
                         double *score, double *count, double *stat);
int elbo_mixture_sum (const elbo_shape *shape, const double *coef, const double *stat,
                      elbo_quantity *to);

/* The member expect where the weights are known numbers: their logarithms, -inf for 0.
   GSL_EINVAL with a message unless they are >= 0 and sum to 1. */
int elbo_mixture_log (const elbo_shape *shape, const double *weight, double *coef);

/* The member holds of beliefs whose parameters can be held all together only. */
int elbo_mixture_holds_all (const elbo_shape *shape);

#pragma GCC visibility pop

#endif
