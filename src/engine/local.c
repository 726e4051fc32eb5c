/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local step: rows to additive statistics.

   Rows are cut into leaves by their number, a leaf being some tiles (a function of the model's
   shape alone), and leaves are added by the fixed tree of base/tree.c.  Threads take whole
   subtrees, which enter the tree in order, so the sum has the same bits for any number of
   threads. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

double *
elbo_pair_of (const elbo_model *model, double *stat, int which)
{
  return stat + model->ncomp + 2 * (size_t)which;
}

int
elbo_desk_make (const elbo_model *model, elbo_desk *desk)
{
  desk->scratch = elbo_doubles ((2 * model->dim + 8) * ELBO_TILE);
  desk->score = elbo_doubles (elbo_times (model->ncomp, ELBO_TILE));
  desk->count = elbo_doubles (model->ncomp);
  desk->x = elbo_doubles (model->dim * ELBO_TILE);
  desk->weight = elbo_doubles (ELBO_TILE);
  desk->kernel = elbo_kernel_pick ();
  return desk->scratch && desk->score && desk->count && desk->x && desk->weight ? GSL_SUCCESS
                                                                                : GSL_ENOMEM;
}

void
elbo_desk_clear (elbo_desk *desk)
{
  free (desk->scratch);
  free (desk->score);
  free (desk->count);
  free (desk->x);
  free (desk->weight);
}

void
elbo_score_tile (const elbo_model *model, const elbo_tile *tile, elbo_desk *desk)
{
  const elbo_part *latent = model->part;
  model->latent->score (&latent->shape, latent->coef, tile, desk->score);
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const elbo_tile mine = elbo_tile_of (tile, part);
      part->family->score (&part->shape, part->coef, &mine, desk->score);
    }
}

/* Given responsibilities take the place of score and assign: weigh, count, add their entropy. */
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
          elbo_pair_add (entropy, -w * *r * log (*r));
        *r = w > 0 ? w * *r : 0;
      }
  memset (count, 0, model->ncomp * sizeof *count);
  tile->kernel->totals (model->ncomp, resp, count);
  for (size_t k = 0; k < model->ncomp; k++)
    stat[k] += count[k];
}

/* Score, assign, tally: the three calls that every algorithm makes for every tile. */
static void
work_tile (const elbo_model *model, elbo_tile tile, const elbo_start *start, elbo_desk *desk,
           double *stat)
{
  tile.scratch = desk->scratch;
  if (start)
    {
      start->assign (start, &tile, model->ncomp, desk->score);
      assign_given (model, &tile, desk->score, desk->count, stat);
    }
  else
    {
      const elbo_part *latent = model->part;
      elbo_score_tile (model, &tile, desk);
      model->latent->assign (&latent->shape, latent->coef, &tile, desk->score, desk->count, stat);
    }
  tile.count = desk->count;
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const elbo_tile mine = elbo_tile_of (&tile, part);
      part->family->tally (&part->shape, part->coef, &mine, desk->score, stat + part->stat_at);
    }
}

/* Tiles in a leaf: 4, 8 or 16; more where a statistics vector is long, so that adding vectors
   stays cheap beside making them. */
static size_t
tiles_of_leaf (const elbo_model *model)
{
  size_t tiles = 4;
  while (tiles < 16 && tiles * 256 < model->nstat)
    tiles *= 2;
  return tiles;
}

/* Where tiles come from: packed data, or rows of the caller that are packed on the way. */
typedef struct
{
  const elbo_data *data;
  const elbo_rows *rows;
  const double *resp; /* given responsibilities of rows, or NULL */
  size_t tda_resp, ntile;
} supply;

static elbo_tile
pack (const elbo_model *model, const elbo_rows *rows, size_t t, elbo_desk *desk)
{
  const size_t first = t * ELBO_TILE, left = rows->n - first;
  const size_t n = left < ELBO_TILE ? left : ELBO_TILE;
  memset (desk->x, 0, model->dim * ELBO_TILE * sizeof *desk->x);
  if (rows->weight)
    memcpy (desk->weight, rows->weight + first, n * sizeof *desk->weight);
  memset (desk->weight + n, 0, (ELBO_TILE - n) * sizeof *desk->weight);
  for (size_t i = 0; i < n; i++)
    {
      const double *row = rows->x + (first + i) * rows->tda;
      for (size_t d = 0; d < model->dim; d++)
        desk->x[d * ELBO_TILE + i] = (row[d] - model->shift[d]) / model->scale[d];
    }
  const elbo_tile tile = { .x = desk->x,
                           .n = n,
                           .dim = model->dim,
                           .weight = rows->weight ? desk->weight : NULL,
                           .first = rows->first + first };
  return tile;
}

/* A start whose state is a supply: copies the caller's responsibilities. */
static void
copy_given (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const supply *from = start->state;
  const size_t first = tile->first - from->rows->first;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      resp[k * ELBO_TILE + i] = i < tile->n ? from->resp[(first + i) * from->tda_resp + k] : 0;
}

typedef struct
{
  const elbo_model *model;
  const supply *from;
  const elbo_start *start;
  size_t leaf, tasks, level; /* tiles in a leaf; tasks of 2^level leaves */
} job;

/* One task: the subtree of leaves that begins at leaf task << level. */
static int
work_task (const job *j, size_t task, elbo_desk *desk, elbo_tree *tree)
{
  const size_t per = j->leaf << j->level, first = task * per;
  const size_t last = first + per < j->from->ntile ? first + per : j->from->ntile;
  for (size_t at = first; at < last; at += j->leaf)
    {
      double *stat = elbo_tree_leaf (tree);
      if (!stat)
        return GSL_ENOMEM;
      for (size_t t = at; t < at + j->leaf && t < last; t++)
        {
          elbo_tile tile = j->from->data ? elbo_data_tile (j->from->data, t)
                                         : pack (j->model, j->from->rows, t, desk);
          tile.kernel = desk->kernel;
          work_tile (j->model, tile, j->start, desk, stat);
        }
      const int status = elbo_tree_push (tree, 0);
      if (status != GSL_SUCCESS)
        return status;
    }
  return GSL_SUCCESS;
}

/* Sums of tasks on their way into the tree: it takes them in order, and nobody waits for a turn,
   since on a busy machine a thread that spins may keep the very core that another one needs. */
typedef struct
{
  elbo_tree *tree;
  double **sum; /* [tasks], NULL before a task is done and after the tree has it */
  size_t next;  /* the first task that the tree does not have */
  int status;
} gather;

/* Hand in the sum of a task, NULL after a failure, let the tree have what is next in order and
   take back a vector for the next task. */
static void
hand_in (const job *j, gather *to, size_t task, double *sum, elbo_tree *mine)
{
  if (!sum)
    to->status = GSL_ENOMEM;
  to->sum[task] = sum;
  while (to->next < j->tasks && to->sum[to->next])
    {
      const int status = elbo_tree_give (to->tree, to->sum[to->next], j->level);
      to->sum[to->next++] = NULL;
      if (status != GSL_SUCCESS)
        to->status = status;
    }
  if (mine)
    elbo_tree_lend (to->tree, mine);
}

/* What one thread does: tasks, as long as there are any. */
static void
work (const job *j, gather *to)
{
  const elbo_model *model = j->model;
  elbo_desk desk = { 0 };
  elbo_tree *mine = elbo_tree_alloc (model->nstat, model->pairs, model->npairs);
  const int ready = mine && elbo_desk_make (model, &desk) == GSL_SUCCESS;
#pragma omp for schedule(dynamic, 1) nowait
  for (size_t task = 0; task < j->tasks; task++)
    {
      double *sum
          = ready && work_task (j, task, &desk, mine) == GSL_SUCCESS ? elbo_tree_take (mine) : NULL;
#pragma omp critical(elbo_hand_in)
      hand_in (j, to, task, sum, mine);
    }
  elbo_tree_free (mine);
  elbo_desk_clear (&desk);
}

static int
run (const job *j, int threads, double *stat)
{
  const elbo_model *model = j->model;
  gather to = { .tree = elbo_tree_alloc (model->nstat, model->pairs, model->npairs),
                .sum = elbo_room (j->tasks, sizeof *to.sum) };
  (void)threads; /* without OpenMP */
  if (!to.tree || !to.sum)
    to.status = GSL_ENOMEM;
  else
#pragma omp parallel num_threads(threads) if (threads > 1)
    work (j, &to);
  if (to.status == GSL_SUCCESS)
    elbo_tree_total (to.tree, stat);
  else
    elbo_fail (to.status, "out of memory in a pass over the data");
  for (size_t task = 0; to.sum && task < j->tasks; task++)
    free (to.sum[task]);
  free (to.sum);
  elbo_tree_free (to.tree);
  return to.status;
}

static int
pass (const elbo_model *model, const supply *from, const elbo_start *start, int threads,
      double *stat)
{
  job j = { .model = model, .from = from, .start = start, .leaf = tiles_of_leaf (model) };
  threads = elbo_cores (threads);
  const size_t leaves = (from->ntile + j.leaf - 1) / j.leaf;
  /* some tens of tasks a thread: even load, and little is held while tasks wait their turn */
  while ((leaves >> j.level) > 64 * (size_t)threads)
    j.level++;
  j.tasks = (leaves + ((size_t)1 << j.level) - 1) >> j.level;
  if (j.tasks < (size_t)threads)
    threads = (int)j.tasks;
  return run (&j, threads, stat);
}

int
elbo_pass (const elbo_model *model, const elbo_data *data, const elbo_start *start, int threads,
           double *stat)
{
  const supply from = { .data = data, .ntile = elbo_data_ntile (data) };
  return pass (model, &from, start, threads, stat);
}

static int
check_rows (const elbo_model *model, const elbo_rows *rows, const double *stat)
{
  if (!model || !rows || !rows->x || !stat)
    return elbo_fail (GSL_EINVAL, "a local step needs a model, rows and room for statistics");
  if (rows->dim != model->dim || rows->tda < rows->dim)
    return elbo_fail (GSL_EBADLEN, "the model has %zu columns, the rows %zu (of %zu)", model->dim,
                      rows->dim, rows->tda);
  for (size_t i = 0; i < rows->n; i++)
    for (size_t d = 0; d < rows->dim; d++)
      if (!isfinite (rows->x[i * rows->tda + d]))
        return elbo_fail (ELBO_EDATA, "row %zu, column %zu: %g is not finite", rows->first + i + 1,
                          d + 1, rows->x[i * rows->tda + d]);
  return GSL_SUCCESS;
}

int
elbo_local (const elbo_model *model, const elbo_rows *rows, double *stat)
{
  const int status = check_rows (model, rows, stat);
  if (status != GSL_SUCCESS || rows->n == 0)
    return status;
  const supply from = { .rows = rows, .ntile = (rows->n + ELBO_TILE - 1) / ELBO_TILE };
  return pass (model, &from, NULL, 1, stat);
}

int
elbo_local_given (const elbo_model *model, const elbo_rows *rows, const double *resp,
                  size_t tda_resp, double *stat)
{
  int status = check_rows (model, rows, stat);
  if (status == GSL_SUCCESS && (!resp || tda_resp < model->ncomp))
    status = elbo_fail (GSL_EBADLEN, "responsibilities have %zu columns for %zu components",
                        resp ? tda_resp : 0, model->ncomp);
  if (status != GSL_SUCCESS || rows->n == 0)
    return status;
  supply from = {
    .rows = rows, .resp = resp, .tda_resp = tda_resp, .ntile = (rows->n + ELBO_TILE - 1) / ELBO_TILE
  };
  const elbo_start start = { .name = "given", .assign = copy_given, .state = &from };
  return pass (model, &from, &start, 1, stat);
}
