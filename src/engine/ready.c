/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has a model parameters?  What reads them asks first. */
#include <config.h>
#include "engine/engine.h"

int
elbo_model_ready (const elbo_model *model)
{
  for (size_t f = 0; f <= model->nblock; f++)
    if (!model->part[f].known)
      return elbo_fail (GSL_EINVAL, "the model has no parameters yet: fit it, or set them");
  return GSL_SUCCESS;
}
