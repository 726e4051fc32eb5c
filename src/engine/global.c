/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The global step: beliefs from statistics, coefficients from beliefs. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

/* Put held parameters back; solve has seen which they are and took them as given. */
static void
restore (elbo_part *part, const double *before)
{
  for (size_t i = 0; i < part->nparam; i++)
    if (part->held[i])
      part->param[i] = before[i];
}

static int
solve (elbo_part *part, const double *stat)
{
  double *before = NULL;
  if (part->held)
    {
      before = elbo_doubles (part->nparam);
      if (!before)
        return GSL_ENOMEM;
      memcpy (before, part->param, part->nparam * sizeof *before);
    }
  const int status = part->belief->solve (&part->shape, part->prior, stat, part->param);
  if (before && status == GSL_SUCCESS)
    restore (part, before);
  free (before);
  return status;
}

int
elbo_global (elbo_model *model, const double *stat)
{
  if (!model || !stat)
    return elbo_fail (GSL_EFAULT, "a global step needs a model and statistics");
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      int status = solve (part, stat + part->stat_at);
      if (status == GSL_SUCCESS)
        status = elbo_part_round (model, part);
      if (status != GSL_SUCCESS)
        return status;
    }
  return GSL_SUCCESS;
}
