/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass: rows to additive statistics.

   Rows are cut into leaves by their number, a leaf being some tiles, and leaves are added by the
   fixed tree of base/tree.c.  Threads take whole nodes of that tree, whose sums are reduced in
   order, so the sum has the same bits for any number of threads. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"
#include "engine/start.h"

/* Given responsibilities take the place of score and assign: weight, count, add their entropy. */
static void
assign_given (const elbo_model *model, const elbo_tile *tile, double *resp, double *count,
              double *stat)
{
  double *entropy = elbo_pair_of (model, stat, ELBO_ENTROPY);
  for (size_t k = 0; k < model->ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      {
        double *r = resp + k * ELBO_TILE + i;
        const double w = i < tile->n ? (tile->weight ? tile->weight[i] : 1) : 0;
        if (w > 0 && *r > 0)
          elbo_sum_add (entropy, -w * *r * log (*r));
        *r = w > 0 ? w * *r : 0;
      }
  memset (count, 0, model->ncomp * sizeof *count);
  tile->kernel->totals (model->ncomp, resp, count);
  for (size_t k = 0; k < model->ncomp; k++)
    stat[k] += count[k];
}

/* Responsibilities of a tile: from a start, or by score and assign. */
static int
assign_tile (const elbo_model *model, const elbo_tile *tile, const elbo_start *start,
             elbo_workspace *w, double *stat)
{
  if (!start)
    return elbo_explain_tile (model, tile, w, stat);
  const int status = start->assign (start, tile, model->ncomp, w->score);
  if (status == GSL_SUCCESS)
    assign_given (model, tile, w->score, w->count, stat);
  return status;
}

/* Score, assign, tally: the three calls that every algorithm makes for every tile. */
static int
work_tile (const elbo_model *model, elbo_tile tile, const elbo_start *start, elbo_workspace *w,
           double *stat)
{
  tile.scratch = w->scratch;
  tile.kernel = w->kernel;
  int status = assign_tile (model, &tile, start, w, stat);
  tile.count = w->count;
  for (size_t f = 1; f <= model->nblock && status == GSL_SUCCESS; f++)
    {
      const elbo_part *part = model->part + f;
      const elbo_tile mine = elbo_tile_of (&tile, part);
      status
          = part->family->tally (&part->shape, part->coef, &mine, w->score, stat + part->stat_at);
    }
  return status;
}

/* Leaves of 4, 8 or 16 tiles: more where a statistics vector is long, so that adding vectors stays
   cheap beside making them.  At most 512 nodes: even load for some tens of threads, and little is
   held while nodes wait their turn. */
elbo_plan
elbo_plan_of (const elbo_model *model, const elbo_source *source)
{
  elbo_plan plan = { 4, 0 };
  while (plan.leaf < 16 && plan.leaf * 256 < model->nstat)
    plan.leaf *= 2;
  while (((source->ntile + plan.leaf - 1) / plan.leaf >> plan.level) > 512)
    plan.level++;
  return plan;
}

typedef struct
{
  const elbo_model *model;
  const elbo_source *source;
  const elbo_start *start;
  size_t leaf, level, nnode;
} job;

static int
work_leaf (const job *j, size_t first, size_t last, elbo_workspace *w, double *stat)
{
  int status = GSL_SUCCESS;
  for (size_t t = first; t < last && status == GSL_SUCCESS; t++)
    {
      elbo_tile tile;
      status = j->source->tile (j->source, t, w->buffer, &tile);
      if (status == GSL_SUCCESS)
        status = work_tile (j->model, tile, j->start, w, stat);
    }
  return status;
}

/* One node: the subtree of leaves that begins at leaf node << level. */
static int
work_node (const job *j, size_t node, elbo_workspace *w, elbo_tree *tree)
{
  const size_t per = j->leaf << j->level, first = node * per, ntile = j->source->ntile;
  const size_t last = first + per < ntile ? first + per : ntile;
  int status = GSL_SUCCESS;
  for (size_t at = first; at < last && status == GSL_SUCCESS; at += j->leaf)
    {
      double *stat = elbo_tree_leaf (tree);
      if (!stat)
        return GSL_ENOMEM;
      status = work_leaf (j, at, at + j->leaf < last ? at + j->leaf : last, w, stat);
      if (status == GSL_SUCCESS)
        status = elbo_tree_push (tree, 0);
    }
  return status;
}

/* What one thread does: nodes, as long as there are any. */
static void
work (const job *j, elbo_reduce *reduce)
{
  const elbo_model *model = j->model;
  elbo_workspace w = { 0 };
  elbo_tree *mine = elbo_tree_alloc (model->nstat, model->pairs, model->npairs);
  const int ready = mine ? elbo_workspace_init (model, &w) : GSL_ENOMEM;
#pragma omp for schedule(dynamic, 1) nowait
  for (size_t node = 0; node < j->nnode; node++)
    {
      if (elbo_reduce_failed (reduce, node))
        continue;
      const int status = ready != GSL_SUCCESS ? ready : work_node (j, node, &w, mine);
      if (status == GSL_SUCCESS)
        elbo_reduce_accept (reduce, node, elbo_tree_detach (mine), mine);
      else
        {
          elbo_reduce_fail (reduce, node, status);
          if (mine)
            elbo_tree_reset (mine);
        }
    }
  elbo_tree_free (mine);
  elbo_workspace_clear (&w);
}

int
elbo_pass_source (const elbo_model *model, const elbo_source *source, const elbo_plan *plan,
                  const elbo_start *start, int threads, double *stat)
{
  const size_t leaves = (source->ntile + plan->leaf - 1) / plan->leaf;
  const job j = { .model = model,
                  .source = source,
                  .start = start,
                  .leaf = plan->leaf,
                  .level = plan->level,
                  .nnode = (leaves + ((size_t)1 << plan->level) - 1) >> plan->level };
  elbo_reduce *reduce = elbo_reduce_alloc (model, j.nnode, plan->level);
  if (!reduce)
    return GSL_ENOMEM;
  threads = elbo_cores (threads);
  if (j.nnode < (size_t)threads)
    threads = (int)j.nnode;
#pragma omp parallel num_threads(threads) if (threads > 1)
  work (&j, reduce);
  const int status = elbo_reduce_total (reduce, stat);
  elbo_reduce_free (reduce);
  return status;
}

int
elbo_pass (const elbo_model *model, const elbo_data *data, const elbo_start *start, int threads,
           double *stat)
{
  elbo_source source;
  elbo_source_data (&source, model, data);
  const elbo_plan plan = elbo_plan_of (model, &source);
  return elbo_pass_source (model, &source, &plan, start, threads, stat);
}
