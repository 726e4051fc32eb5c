/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pieces of a bound share. */
#ifndef ELBO_TEACH_H
#define ELBO_TEACH_H

#include <elbo/bound.h>
#include "base/base.h"

#pragma GCC visibility push(hidden)

/* bregman.c: x - 1 - log x and x log x - x + 1, at least 0, without cancellation; e = x - 1 is what
   counts near 1 and x elsewhere. */
double elbo_excess (double x, double e);
double elbo_entropic (double x, double e);
/* g (a0) - g (a) - (a0 - a) g' (a), g (t) = lnGamma (t) - t log t + t; at least 0. */
double elbo_bregman (double a0, double a);

#pragma GCC visibility pop

#endif
