/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the families share. */
#ifndef ELBO_FAMILY_H
#define ELBO_FAMILY_H

#include <float.h>
#include <elbo/factor.h>
#include "base/base.h"
#include "kernel/kernel.h"

#pragma GCC visibility push(hidden)

#define ELBO_LOG_2PI 1.8378770664093454836

/* How many of n parameters a mask holds. */
typedef enum
{
  ELBO_HELD_NONE,
  ELBO_HELD_SOME,
  ELBO_HELD_ALL
} elbo_held_part;
elbo_held_part elbo_held (size_t n, const unsigned char *mask);

/* Write entry i of a view: a point estimate; the probability of a Beta (a, b); the mean count of a
   Gamma (a, rate). */
void elbo_view_point (elbo_view *view, size_t i, double value);
void elbo_view_beta (elbo_view *view, size_t i, double a, double b);
void elbo_view_gamma (elbo_view *view, size_t i, double a, double rate);

#pragma GCC visibility pop

#endif
