/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of descriptors as expressions, for tests that call them one by one. */
#ifndef ELBO_CALL_H
#define ELBO_CALL_H

#include <math.h>
#include <elbo/factor.h>

/* factor->sum; value NAN when it fails. */
static inline elbo_quantity
sum_of (const elbo_factor *factor, const elbo_shape *shape, const double *coef, const double *stat)
{
  elbo_quantity sum = { 0, 0, 1, 0 };
  if (factor->sum (shape, coef, stat, &sum) != 0)
    sum.value = NAN;
  return sum;
}

/* belief->cost, its size added to *size; NAN when it fails. */
static inline double
cost_of (const elbo_belief *belief, const elbo_shape *shape, const double *prior,
         const double *param, double *size)
{
  elbo_quantity cost = { 0, 0, 1, 0 };
  const int status = belief->cost (shape, prior, param, &cost);
  *size += cost.size;
  return status == 0 ? cost.value : NAN;
}

#endif
