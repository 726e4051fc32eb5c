/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction: the sums of nodes enter one tree in the order of their numbers, whoever made them.

   Nobody waits for a turn: a sum that comes early is kept until those before it are there, since
   on a busy machine a thread that spins may keep the very core that another one needs. */
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include "engine/engine.h"

struct elbo_reduce
{
  elbo_tree *tree;
  double **sum;       /* [nnode], NULL before a node is there and after the tree has it */
  size_t nnode, next; /* the first node that the tree does not have */
  size_t level;
  int status;
  size_t failed; /* lowest node that failed, or nnode */
  char why[512];
};

elbo_reduce *
elbo_reduce_alloc (const elbo_model *model, size_t nnode, size_t level)
{
  elbo_reduce *r = elbo_calloc (1, sizeof *r);
  if (!r)
    return NULL;
  r->tree = elbo_tree_alloc (model->nstat, model->pairs, model->npairs);
  r->sum = elbo_calloc (nnode, sizeof *r->sum);
  r->nnode = r->failed = nnode;
  r->level = level;
  if (r->tree && r->sum)
    return r;
  elbo_reduce_free (r);
  return NULL;
}

void
elbo_reduce_free (elbo_reduce *r)
{
  if (!r)
    return;
  for (size_t node = 0; r->sum && node < r->nnode; node++)
    free (r->sum[node]);
  free (r->sum);
  elbo_tree_free (r->tree);
  free (r);
}

static void
fail (elbo_reduce *r, size_t node, int status)
{
  if (node >= r->failed)
    return;
  r->failed = node;
  r->status = status;
  snprintf (r->why, sizeof r->why, "%s", elbo_message ());
}

void
elbo_reduce_fail (elbo_reduce *r, size_t node, int status)
{
#pragma omp critical(elbo_reduce)
  fail (r, node, status);
}

int
elbo_reduce_failed (const elbo_reduce *r, size_t node)
{
  int before;
#pragma omp critical(elbo_reduce)
  before = r->failed < node;
  return before;
}

void
elbo_reduce_accept (elbo_reduce *r, size_t node, double *sum, elbo_tree *mine)
{
#pragma omp critical(elbo_reduce)
  {
    r->sum[node] = sum;
    while (r->next < r->nnode && r->sum[r->next])
      {
        const int status = elbo_tree_add (r->tree, r->sum[r->next], r->level);
        r->sum[r->next] = NULL;
        if (status != GSL_SUCCESS)
          fail (r, r->next, status);
        r->next++;
      }
    elbo_tree_recycle (r->tree, mine);
  }
}

int
elbo_reduce_total (elbo_reduce *r, double *total)
{
  if (r->status != GSL_SUCCESS)
    return elbo_fail (r->status, "%s", r->why);
  elbo_tree_total (r->tree, total);
  return GSL_SUCCESS;
}
