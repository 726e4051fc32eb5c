/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding statistics of different passes: about common pivots, pairs without rounding. */
#include <config.h>
#include "engine/engine.h"

void
elbo_stat_rebase (const elbo_model *model, double *stat)
{
  for (size_t f = 0; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      if (part->factor->rebase)
        part->factor->rebase (&part->shape, part->coef, stat + part->stat_at);
    }
}

int
elbo_stat_merge (const elbo_model *model, double *to, double *from)
{
  if (!model || !to || !from)
    return elbo_fail (GSL_EFAULT, "statistics are merged under a model: null pointers are neither");
  elbo_stat_rebase (model, to);
  elbo_stat_rebase (model, from);
  elbo_vector_add (model->nstat, model->pairs, model->npairs, to, from);
  return GSL_SUCCESS;
}
