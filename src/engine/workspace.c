/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory with which one thread works on tiles. */
#include <config.h>
#include <stdlib.h>
#include "engine/engine.h"

/* The most that a family asks for. */
static size_t
scratch_of (const elbo_model *model)
{
  size_t most = 8 * ELBO_TILE;
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const size_t need = part->family->scratch ? part->family->scratch (&part->shape)
                                                : (2 * part->shape.dim + 8) * ELBO_TILE;
      most = need > most ? need : most;
    }
  return most;
}

int
elbo_workspace_init (const elbo_model *model, elbo_workspace *w)
{
  w->scratch = elbo_doubles (scratch_of (model));
  w->score = elbo_doubles (elbo_times (model->ncomp, ELBO_TILE));
  w->count = elbo_doubles (model->ncomp);
  w->buffer = elbo_doubles ((model->dim + 1) * ELBO_TILE);
  w->kernel = elbo_kernel_pick ();
  return w->scratch && w->score && w->count && w->buffer ? GSL_SUCCESS : GSL_ENOMEM;
}

void
elbo_workspace_clear (elbo_workspace *w)
{
  free (w->scratch);
  free (w->score);
  free (w->count);
  free (w->buffer);
}

int
elbo_workspace_tile (elbo_workspace *w, const elbo_source *source, size_t t, elbo_tile *tile)
{
  const int status = source->tile (source, t, w->buffer, tile);
  tile->scratch = w->scratch;
  tile->kernel = w->kernel;
  return status;
}

elbo_tile
elbo_tile_of (const elbo_tile *tile, const elbo_part *part)
{
  elbo_tile mine = *tile;
  mine.x += part->column * ELBO_TILE;
  mine.dim = part->width;
  if (mine.present)
    mine.present += part->column * (ELBO_TILE / 64);
  return mine;
}

int
elbo_score_tile (const elbo_model *model, const elbo_tile *tile, elbo_workspace *w)
{
  const elbo_part *latent = model->part;
  int status = model->latent.score (&latent->shape, latent->coef, tile, w->score);
  for (size_t f = 1; f <= model->nblock && status == GSL_SUCCESS; f++)
    {
      const elbo_part *part = model->part + f;
      const elbo_tile mine = elbo_tile_of (tile, part);
      status = part->family->score (&part->shape, part->coef, &mine, w->score);
    }
  return status;
}

int
elbo_explain_tile (const elbo_model *model, const elbo_tile *tile, elbo_workspace *w, double *stat)
{
  const elbo_part *latent = model->part;
  const int status = elbo_score_tile (model, tile, w);
  return status == GSL_SUCCESS
             ? model->latent.assign (&latent->shape, latent->coef, tile, w->score, w->count, stat)
             : status;
}
