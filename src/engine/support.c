/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the cells in the support of their families?  A data set remembers what it was asked, so that it
   is asked once, whoever scores or fits it then. */
#include <config.h>
#include <stdio.h>
#include <string.h>
#include "engine/engine.h"

int
elbo_tile_check (const elbo_model *model, const elbo_tile *tile, elbo_grade grade)
{
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      if (grade == ELBO_SCORABLE && part->family->scaling != ELBO_SCALE_NONE)
        continue;
      const elbo_tile mine = elbo_tile_of (tile, part);
      size_t row = 0, column = 0;
      const int status = part->family->check (&part->shape, &mine, &row, &column);
      if (status != GSL_SUCCESS)
        {
          char why[512];
          snprintf (why, sizeof why, "%s", elbo_message ());
          return elbo_fail (status, "row %zu, column %zu: %s", tile->first + row + 1,
                            part->column + column + 1, why);
        }
    }
  return GSL_SUCCESS;
}

int
elbo_source_check (const elbo_model *model, const elbo_source *source, elbo_grade grade)
{
  elbo_workspace w = { 0 };
  int status = elbo_workspace_init (model, &w);
  for (size_t t = 0; t < source->ntile && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = elbo_workspace_tile (&w, source, t, &tile);
      if (status == GSL_SUCCESS)
        status = elbo_tile_check (model, &tile, grade);
    }
  elbo_workspace_clear (&w);
  return status;
}

static int
same_block (const elbo_support *known, const elbo_block *block)
{
  return known->family == block->family && known->dim == block->dim && known->level == block->level
         && known->rank == block->rank;
}

int
elbo_data_supports (const elbo_model *model, const elbo_data *data, elbo_grade grade)
{
  for (size_t b = 0; b < model->nblock; b++)
    {
      const elbo_support *known = data->support + model->block[b].column;
      if (!data->asked || known->grade < grade || !same_block (known, model->block + b))
        return 0;
    }
  return 1;
}

static void
note_support (const elbo_model *model, elbo_data *data, elbo_grade grade)
{
  if (!data->asked)
    memset (data->support, 0, data->dim * sizeof *data->support);
  data->asked = 1;
  for (size_t b = 0; b < model->nblock; b++)
    {
      const elbo_block *block = model->block + b;
      elbo_support *known = data->support + block->column;
      if (known->grade < grade || !same_block (known, block))
        *known = (elbo_support){ block->family, block->dim, block->level, block->rank, grade };
    }
}

int
elbo_data_check (const elbo_model *model, const elbo_data *data, elbo_grade grade)
{
  elbo_source source;
  if (elbo_data_supports (model, data, grade))
    return GSL_SUCCESS;
  elbo_source_data (&source, model, data);
  return elbo_source_check (model, &source, grade);
}

int
elbo_data_ask (const elbo_model *model, elbo_data *data, elbo_grade grade)
{
  const int status = elbo_data_check (model, data, grade);
  if (status == GSL_SUCCESS)
    note_support (model, data, grade);
  return status;
}
