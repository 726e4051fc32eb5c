/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The global step: beliefs from statistics, coefficients from beliefs. */
#include <config.h>
#include "engine/engine.h"

int
elbo_global (elbo_model *model, const double *stat)
{
  if (!model || !stat)
    return elbo_fail (GSL_EINVAL, "a global step needs a model and statistics");
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      int status
          = part->belief->solve (&part->shape, part->prior, stat + part->stat_at, part->param);
      if (status == GSL_SUCCESS)
        status = elbo_part_settle (model, part);
      if (status != GSL_SUCCESS)
        return status;
    }
  return GSL_SUCCESS;
}
