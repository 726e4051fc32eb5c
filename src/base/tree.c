/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One summation tree for threads, ranks and batches: leaves are added pairwise in an order that
   depends on their numbers alone, so the sum has the same bits whoever computed the leaves.

   A binary counter holds at most one partial sum a level; a pushed node of 2^level leaves is
   carried upwards while its level is taken.  Nodes must be pushed in order, and a node of level l
   must begin at a multiple of 2^l leaves. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"

enum
{
  LEVELS = 64
};

struct elbo_tree
{
  size_t length, npairs;
  size_t *pairs;
  double *slot[LEVELS];  /* partial sum of each level, or NULL */
  double *spare[LEVELS]; /* vectors without a use at present */
  size_t nspare;
  double *leaf; /* handed out, not yet pushed */
};

elbo_tree *
elbo_tree_alloc (size_t length, const size_t *pairs, size_t npairs)
{
  elbo_tree *tree = elbo_calloc (1, sizeof *tree);
  if (!tree)
    return NULL;
  tree->length = length;
  tree->npairs = npairs;
  tree->pairs = elbo_calloc (npairs, sizeof *tree->pairs);
  if (!tree->pairs)
    {
      free (tree);
      return NULL;
    }
  if (npairs > 0)
    memcpy (tree->pairs, pairs, npairs * sizeof *pairs);
  return tree;
}

void
elbo_tree_free (elbo_tree *tree)
{
  if (!tree)
    return;
  elbo_tree_reset (tree);
  for (size_t i = 0; i < tree->nspare; i++)
    free (tree->spare[i]);
  free (tree->pairs);
  free (tree);
}

static void
keep (elbo_tree *tree, double *vector)
{
  if (tree->nspare < LEVELS)
    tree->spare[tree->nspare++] = vector;
  else
    free (vector);
}

void
elbo_tree_reset (elbo_tree *tree)
{
  for (size_t i = 0; i < LEVELS; i++)
    if (tree->slot[i])
      {
        keep (tree, tree->slot[i]);
        tree->slot[i] = NULL;
      }
  if (tree->leaf)
    keep (tree, tree->leaf);
  tree->leaf = NULL;
}

double *
elbo_tree_leaf (elbo_tree *tree)
{
  if (!tree->leaf)
    {
      if (tree->nspare == 0)
        return tree->leaf = elbo_doubles (tree->length);
      tree->leaf = tree->spare[--tree->nspare];
    }
  memset (tree->leaf, 0, tree->length * sizeof *tree->leaf);
  return tree->leaf;
}

void
elbo_vector_add (size_t length, const size_t *pairs, size_t npairs, double *a, const double *b)
{
  size_t from = 0;
  for (size_t p = 0; p <= npairs; p++)
    {
      const size_t to = p < npairs ? pairs[p] : length;
      for (size_t i = from; i < to; i++)
        a[i] += b[i];
      if (p < npairs)
        elbo_pair_merge (a + to, b + to);
      from = to + 2;
    }
}

static void
add (const elbo_tree *tree, double *a, const double *b)
{
  elbo_vector_add (tree->length, tree->pairs, tree->npairs, a, b);
}

int
elbo_tree_add (elbo_tree *tree, double *vector, size_t level)
{
  double *carry = vector;
  for (; level < LEVELS && tree->slot[level]; level++)
    {
      add (tree, tree->slot[level], carry);
      keep (tree, carry);
      carry = tree->slot[level];
      tree->slot[level] = NULL;
    }
  if (level == LEVELS)
    {
      keep (tree, carry);
      return elbo_fail (GSL_EINVAL, "more leaves than a summation tree can hold");
    }
  tree->slot[level] = carry;
  return GSL_SUCCESS;
}

int
elbo_tree_push (elbo_tree *tree, size_t level)
{
  double *leaf = tree->leaf;
  tree->leaf = NULL;
  return elbo_tree_add (tree, leaf, level);
}

double *
elbo_tree_detach (elbo_tree *tree)
{
  double *sum = NULL;
  for (size_t level = 0; level < LEVELS; level++)
    if (tree->slot[level])
      {
        if (sum)
          {
            add (tree, tree->slot[level], sum);
            keep (tree, sum);
          }
        sum = tree->slot[level];
        tree->slot[level] = NULL;
      }
  return sum;
}

void
elbo_tree_total (elbo_tree *tree, double *total)
{
  double *sum = elbo_tree_detach (tree);
  if (sum)
    {
      add (tree, total, sum);
      keep (tree, sum);
    }
}

void
elbo_tree_recycle (elbo_tree *from, elbo_tree *to)
{
  if (from->nspare > 0)
    keep (to, from->spare[--from->nspare]);
}
