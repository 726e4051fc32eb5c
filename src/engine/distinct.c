/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On how many different rows the components of a finished fit rest.

   Equal rows have equal responsibilities, so that the number of different rows of component k is the
   sum of r_nk over rows that differ: N_k itself where no rows are equal.  It is counted up to one
   row more than the component needs, which the first tiles decide unless it is small. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

/* Rows with a smaller share are counted without a look whether they were there before. */
#define SHARE 0.05

/* What was counted of one component. */
typedef struct
{
  double rows;
  size_t nseen;
  double *seen; /* [most x dim] rows of the share or more, each once */
} tally;

typedef struct
{
  const elbo_model *model;
  size_t need, most; /* rows that each needs; room for those seen */
  tally *of;         /* [K] */
  double *stat;      /* of the latent structure, thrown away */
  elbo_workspace w;
} count;

static int
count_alloc (count *c, const elbo_model *model, size_t need)
{
  *c = (count){ .model = model, .need = need };
  c->most = (size_t)((double)(need + 1) / SHARE) + 1;
  c->of = elbo_calloc (model->ncomp, sizeof *c->of);
  c->stat = elbo_doubles (model->part->nstat);
  int status = c->of && c->stat ? elbo_workspace_init (model, &c->w) : GSL_ENOMEM;
  for (size_t k = 0; k < model->ncomp && status == GSL_SUCCESS; k++)
    {
      c->of[k].seen = elbo_doubles (elbo_times (c->most, model->dim));
      status = c->of[k].seen ? GSL_SUCCESS : GSL_ENOMEM;
    }
  return status;
}

static void
count_clear (count *c)
{
  for (size_t k = 0; c->of && k < c->model->ncomp; k++)
    free (c->of[k].seen);
  free (c->of);
  free (c->stat);
  elbo_workspace_clear (&c->w);
}

/* Was row i of the tile seen with this component?  If not it is now. */
static int
is_seen (const count *c, tally *of, const elbo_tile *tile, size_t i)
{
  const size_t D = c->model->dim;
  for (size_t j = 0; j < of->nseen; j++)
    {
      size_t d = 0;
      while (d < D && of->seen[j * D + d] == tile->x[d * ELBO_TILE + i])
        d++;
      if (d == D)
        return 1;
    }
  for (size_t d = 0; d < D && of->nseen < c->most; d++)
    of->seen[of->nseen * D + d] = tile->x[d * ELBO_TILE + i];
  of->nseen += of->nseen < c->most;
  return 0;
}

/* Count the rows of a tile for the components that are not done; returns how many of them there are. */
static size_t
count_tile (count *c, const elbo_tile *tile)
{
  size_t open = 0;
  for (size_t k = 0; k < c->model->ncomp; k++)
    {
      tally *of = c->of + k;
      for (size_t i = 0; i < tile->n && of->rows < (double)c->need + 1; i++)
        {
          const double w = tile->weight ? tile->weight[i] : 1;
          const double r = w > 0 ? c->w.score[k * ELBO_TILE + i] / w : 0;
          if (r > 0 && (r < SHARE || !is_seen (c, of, tile, i)))
            of->rows += r;
        }
      open += of->rows < (double)c->need + 1;
    }
  return open;
}

static int
count_source (count *c, const elbo_source *source)
{
  const elbo_model *model = c->model;
  int status = GSL_SUCCESS;
  size_t open = model->ncomp;
  for (size_t t = 0; t < source->ntile && open > 0 && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = elbo_workspace_tile (&c->w, source, t, &tile);
      if (status == GSL_SUCCESS)
        status = elbo_explain_tile (model, &tile, &c->w, c->stat);
      if (status == GSL_SUCCESS)
        open = count_tile (c, &tile);
    }
  return status;
}

/* The most that a family of the model needs. */
static size_t
need_of (const elbo_model *model)
{
  size_t need = 0;
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const size_t own = part->belief->support ? part->belief->support (&part->shape) : 0;
      need = own > need ? own : need;
    }
  return need;
}

static int
measure_margin (elbo_fit *fit)
{
  const elbo_model *model = fit->model;
  fit->margin = INFINITY;
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const double own = part->belief->margin
                             ? part->belief->margin (&part->shape, part->prior, part->param)
                             : INFINITY;
      if (isnan (own))
        return GSL_ENOMEM;
      fit->margin = fmin (fit->margin, own);
    }
  return GSL_SUCCESS;
}

int
elbo_fit_inspect (elbo_fit *fit)
{
  const elbo_model *model = fit->model;
  count c;
  fit->thin = model->ncomp;
  fit->need = need_of (model);
  fit->rows = INFINITY;
  int status = measure_margin (fit);
  if (status != GSL_SUCCESS || model->ncomp == 1 || fit->need == 0)
    return status;
  status = count_alloc (&c, model, fit->need);
  if (status == GSL_SUCCESS)
    status = count_source (&c, &fit->source);
  for (size_t k = 0; k < model->ncomp && status == GSL_SUCCESS; k++)
    if (c.of[k].rows < fit->rows)
      {
        fit->rows = c.of[k].rows;
        fit->thin = k;
      }
  count_clear (&c);
  return status;
}
