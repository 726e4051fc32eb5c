/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One part of a model: a factor with its vectors, and the checks of what a program hands over.

   Families and latent structures may come from the caller, compiled against an earlier header:
   their descriptors are copied by the size that they give, members which they lack are NULL, and
   what the engine calls must be there. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

enum
{
  DESCRIPTOR_SIZE = 4096 /* no descriptor is larger: a size beyond is none */
};

static const elbo_field ROW[]
    = { { "x", { ELBO_DIM }, ELBO_PLACE, "the columns" }, { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

const elbo_block *
elbo_block_at (const elbo_block *block, size_t b)
{
  return (const elbo_block *)((const char *)block + b * block->size);
}

/* --- checks -------------------------------------------------------------------------------------- */

/* The size of a structure that ends with this member, as the first header with a size had it. */
#define UP_TO(type, member) (offsetof (type, member) + sizeof ((type *)0)->member)

static int
sized (size_t size, size_t least)
{
  return size >= least && size <= DESCRIPTOR_SIZE;
}

static int
check_factor (const elbo_factor *factor, const char *what)
{
  if (!factor || !sized (factor->size, UP_TO (elbo_factor, posterior))
      || !sized (factor->field_size, UP_TO (elbo_field, doc)))
    return elbo_fail (GSL_EINVAL, "the factor of a %s has no size: begin it with ELBO_SIZE", what);
  if (!factor->name || !factor->prior || !factor->stat || !factor->coef)
    return elbo_fail (GSL_EINVAL, "a %s needs a name and its tables of fields", what);
  return GSL_SUCCESS;
}

/* The first function that is missing, or NULL. */
static const char *
factor_lacks (const elbo_factor *factor, elbo_method method)
{
  return !factor->guess                          ? "guess"
         : !factor->sum                          ? "sum"
         : !factor->freedom                      ? "freedom"
         : method == ELBO_ML && !factor->flatten ? "flatten"
                                                 : NULL;
}

static const char *
belief_lacks (const elbo_belief *belief, elbo_method method)
{
  return !belief->solve                       ? "solve"
         : !belief->expect                    ? "expect"
         : method != ELBO_ML && !belief->cost ? "cost"
                                              : NULL;
}

static int
complain (const char *what, const char *name, const char *lacks)
{
  return lacks ? elbo_fail (GSL_EINVAL, "the %s %s has no function %s", what, name, lacks)
               : GSL_SUCCESS;
}

/* What a method asks of a factor and its belief; *found is NULL where there is no such belief. */
static int
check_belief (const elbo_factor *factor, const char *what, elbo_method method,
              const elbo_belief **found)
{
  const elbo_belief *belief = method == ELBO_VB ? factor->posterior : factor->point;
  int status = complain (what, factor->name, factor_lacks (factor, method));
  *found = belief;
  if (status != GSL_SUCCESS || !belief)
    return status;
  if (!sized (belief->size, UP_TO (elbo_belief, degenerate)) || !belief->param)
    return elbo_fail (GSL_EINVAL, "a belief of the %s %s needs its size and a table of parameters",
                      what, factor->name);
  return complain (what, factor->name, belief_lacks (belief, method));
}

static int
check_family (const elbo_family *family, elbo_method method)
{
  const elbo_belief *belief;
  if (!sized (family->size, UP_TO (elbo_family, far)))
    return elbo_fail (GSL_EINVAL, "a family has no size: begin it with ELBO_SIZE");
  int status = check_factor (family->base, "family");
  if (status == GSL_SUCCESS)
    status = check_belief (family->base, "family", method, &belief);
  if (status != GSL_SUCCESS)
    return status;
  return complain ("family", family->base->name,
                   !family->check   ? "check"
                   : !family->score ? "score"
                   : !family->tally ? "tally"
                                    : NULL);
}

static int
check_latent (const elbo_latent *latent, elbo_method method)
{
  const elbo_belief *belief = NULL;
  if (!sized (latent->size, UP_TO (elbo_latent, weight)))
    return elbo_fail (GSL_EINVAL, "a latent structure has no size: begin it with ELBO_SIZE");
  int status = check_factor (latent->base, "latent structure");
  if (status == GSL_SUCCESS)
    status = check_belief (latent->base, "latent structure", method, &belief);
  if (status != GSL_SUCCESS)
    return status;
  const int sought = latent->order == ELBO_ORDER_SOUGHT && belief && !belief->peak;
  return complain ("latent structure", latent->base->name,
                   !latent->score    ? "score"
                   : !latent->assign ? "assign"
                   : !latent->weight ? "weight"
                   : sought          ? "peak, by which its order is sought"
                                     : NULL);
}

static int
check_block (const elbo_block *block, size_t b, size_t ncomp, elbo_method method)
{
  if (!block->family || block->dim == 0)
    return elbo_fail (GSL_EINVAL, "block %zu has no family or no columns", b + 1);
  const int status = check_family (block->family, method);
  if (status != GSL_SUCCESS)
    return status;
  const size_t size
      = elbo_times (elbo_times (ncomp, block->dim), block->dim + block->level + block->rank);
  if (size == 0 || size > (size_t)-1 / 64 || block->column > (size_t)-1 / 64)
    return elbo_fail (GSL_ENOMEM, "block %zu: %zu components of %zu columns are too large", b + 1,
                      ncomp, block->dim);
  return GSL_SUCCESS;
}

int
elbo_check_request (size_t ncomp, const elbo_latent *latent, const elbo_block *block, size_t nblock,
                    elbo_method method)
{
  if (method != ELBO_ML && method != ELBO_MAP && method != ELBO_VB)
    return elbo_fail (GSL_EINVAL, "there is no method %d", (int)method);
  if (!latent || !block)
    return elbo_check_given (0, "a latent structure or blocks");
  if (ncomp == 0 || nblock == 0)
    return elbo_fail (GSL_EINVAL, "a model needs at least one component and one block");
  if (!sized (block->size, UP_TO (elbo_block, level)))
    return elbo_fail (GSL_EINVAL, "a block has no size: begin it with ELBO_BLOCK");
  int status = check_latent (latent, method);
  for (size_t b = 0; b < nblock && status == GSL_SUCCESS; b++)
    {
      elbo_block copy;
      elbo_copy_sized (&copy, sizeof copy, elbo_block_at (block, b), block->size);
      status = check_block (&copy, b, ncomp, method);
    }
  return status;
}

/* --- making a part --------------------------------------------------------------------------------- */

static size_t
entries (const elbo_field *table, size_t stride)
{
  size_t n = 0;
  const char *at = (const char *)table;
  for (; table && ((const elbo_field *)at)->name; at += stride)
    n++;
  return n + 1;
}

/* Bring a table of entries of another size, of an earlier or a later header, to our stride. */
static elbo_field *
restride (const elbo_field **table, size_t stride, elbo_field *to)
{
  const size_t n = entries (*table, stride);
  for (size_t i = 0; *table && i < n; i++)
    elbo_copy_sized (to + i, sizeof *to, (const char *)*table + i * stride, stride);
  if (*table)
    *table = to;
  return to + n;
}

static int
adopt_tables (elbo_part *part)
{
  const size_t stride = part->own_factor.field_size;
  const elbo_field **const table[]
      = { &part->own_factor.prior, &part->own_factor.stat,  &part->own_factor.coef,
          &part->own_factor.view,  &part->own_belief.param, &part->own_family.row };
  const size_t ntable = sizeof table / sizeof *table;
  size_t total = 0;
  if (stride == sizeof (elbo_field))
    return GSL_SUCCESS;
  for (size_t i = 0; i < ntable; i++)
    total += entries (*table[i], stride);
  elbo_field *to = part->table = elbo_calloc (total, sizeof *to);
  for (size_t i = 0; to && i < ntable; i++)
    to = restride (table[i], stride, to);
  part->own_factor.field_size = sizeof (elbo_field);
  return to ? GSL_SUCCESS : GSL_ENOMEM;
}

static int
adopt_descriptors (elbo_part *part, const elbo_factor *factor, const elbo_family *family,
                   elbo_method method)
{
  if (family)
    {
      elbo_copy_sized (&part->own_family, sizeof part->own_family, family, family->size);
      factor = family->base;
      part->family = &part->own_family;
    }
  elbo_copy_sized (&part->own_factor, sizeof part->own_factor, factor, factor->size);
  part->factor = &part->own_factor;
  const elbo_belief *belief = method == ELBO_VB ? factor->posterior : factor->point;
  if (!belief)
    return elbo_fail (ELBO_EUNSUP, "%s has no %s; use another method", factor->name,
                      method == ELBO_VB ? "variational posterior" : "point estimate");
  elbo_copy_sized (&part->own_belief, sizeof part->own_belief, belief, belief->size);
  part->belief = &part->own_belief;
  if (family && !part->own_family.row)
    part->own_family.row = ROW;
  return adopt_tables (part);
}

int
elbo_part_init (elbo_part *part, const elbo_factor *factor, const elbo_family *family,
                const elbo_shape *shape, size_t column, elbo_method method)
{
  const int status = adopt_descriptors (part, factor, family, method);
  if (status != GSL_SUCCESS)
    return status;
  part->shape = *shape;
  part->shape.kind = part->factor->kind;
  part->column = column;
  part->width = family ? elbo_field_total (part->family->row, shape) : 0;
  part->nprior = elbo_field_total (part->factor->prior, shape);
  part->nparam = elbo_field_total (part->belief->param, shape);
  part->ncoef = elbo_field_total (part->factor->coef, shape);
  part->nstat = elbo_field_total (part->factor->stat, shape);
  part->nview = elbo_field_total (part->factor->view, shape);
  part->prior = elbo_doubles (part->nprior);
  part->param = elbo_doubles (part->nparam);
  part->user = elbo_doubles (part->nparam);
  part->coef = elbo_doubles (part->ncoef);
  return part->prior && part->param && part->user && part->coef ? GSL_SUCCESS : GSL_ENOMEM;
}

void
elbo_part_clear (elbo_part *part)
{
  free (part->table);
  free (part->prior);
  elbo_part_fix (part);
  free (part->param);
  free (part->user);
  free (part->coef);
  free (part->held);
}

elbo_shape
elbo_part_shape (const elbo_part *part, size_t ncomp)
{
  elbo_shape shape = part->shape;
  shape.ncomp = ncomp;
  shape.held = NULL;
  return shape;
}
