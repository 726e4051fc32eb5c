/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of describe and holds that families of all kinds use. */
#include <config.h>
#include <math.h>
#include "family/family.h"

elbo_held_part
elbo_held (size_t n, const unsigned char *mask)
{
  size_t held = 0;
  for (size_t i = 0; i < n; i++)
    held += mask[i] != 0;
  return held == 0 ? ELBO_HELD_NONE : held < n ? ELBO_HELD_SOME : ELBO_HELD_ALL;
}

void
elbo_view_point (elbo_view *view, size_t i, double value)
{
  view->value[i] = value;
  view->error[i] = view->low[i] = view->high[i] = NAN;
}

void
elbo_view_beta (elbo_view *view, size_t i, double a, double b)
{
  const double mean = a / (a + b);
  view->value[i] = mean;
  view->error[i] = sqrt (mean * (b / (a + b)) / (a + b + 1));
  view->low[i] = elbo_beta_quantile (0.025, a, b);
  view->high[i] = elbo_beta_quantile (0.975, a, b);
}

void
elbo_view_gamma (elbo_view *view, size_t i, double a, double rate)
{
  view->value[i] = a / rate;
  view->error[i] = sqrt (a) / rate;
  view->low[i] = elbo_gamma_quantile (0.025, a) / rate;
  view->high[i] = elbo_gamma_quantile (0.975, a) / rate;
}
