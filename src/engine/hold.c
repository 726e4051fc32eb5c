/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Held parameters: numbers that every M half-step leaves as they are.

   Whole components can be held wherever components are solved for one by one.  Anything finer needs
   a solve that finds the maximum over the others with these given (elbo_belief.holds): a
   covariance about a held mean is not the one about the mean of the rows. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

/* Is field entry by entry held in whole components?  whole [K] receives which; -1 unknown yet. */
static int
whole_in_field (const elbo_field *field, const elbo_shape *shape, const unsigned char *mask,
                int *whole)
{
  const size_t K = shape->ncomp, size = elbo_field_size (field, shape);
  const int own = field->extent[0] == ELBO_COMP;
  for (size_t i = 0; i < size; i++)
    {
      const size_t k = own ? i / (size / K) : 0;
      const int held = mask[i] != 0;
      if (!own && held)
        return 0;
      if (own && whole[k] >= 0 && whole[k] != held)
        return 0;
      if (own)
        whole[k] = held;
    }
  return 1;
}

static int
only_whole_components (const elbo_part *part, const unsigned char *mask)
{
  int *whole = elbo_calloc (part->shape.ncomp, sizeof *whole), all = whole != NULL;
  for (size_t k = 0; whole && k < part->shape.ncomp; k++)
    whole[k] = -1;
  for (const elbo_field *f = part->belief->param; all && f->name; f++)
    {
      all = whole_in_field (f, &part->shape, mask, whole);
      mask += elbo_field_size (f, &part->shape);
    }
  free (whole);
  return all;
}

static int
can_hold (elbo_part *part, unsigned char *mask)
{
  const unsigned char *before = part->shape.held;
  part->shape.held = mask;
  int can = part->belief->holds && part->belief->holds (&part->shape);
  part->shape.held = before;
  return can || (!part->belief->coupled && only_whole_components (part, mask));
}

int
elbo_model_hold (elbo_model *model, size_t f, const unsigned char *mask)
{
  if (!model)
    return elbo_fail (GSL_EFAULT, "there is no model to hold parameters of");
  if (f > model->nblock)
    return elbo_fail (GSL_EINVAL, "the model has no factor %zu", f);
  elbo_part *part = model->part + f;
  if (mask && !part->known)
    return elbo_fail (GSL_EINVAL, "the model has no parameters to hold yet");
  unsigned char *copy = mask ? elbo_calloc (part->nparam, 1) : NULL;
  if (mask && !copy)
    return GSL_ENOMEM;
  if (copy)
    memcpy (copy, mask, part->nparam);
  if (copy && !can_hold (part, copy))
    {
      free (copy);
      return elbo_fail (ELBO_EUNSUP, "%s cannot hold these parameters alone", part->factor->name);
    }
  free (part->held);
  part->held = copy;
  part->shape.held = copy;
  return GSL_SUCCESS;
}
