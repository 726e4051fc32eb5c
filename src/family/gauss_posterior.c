/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Normal-Wishart and the Normal-gamma beliefs share: one layout, one global step.

       kappa_k = kappa + N_k
       df      = df + N over the components of a block; shape = shape + 1/2 N times the columns
                 that share the precision
       scale   = scale + scatter (gauss_reduce.c); rate = rate + 1/2 scatter

   df grows by N_k (Bishop 2006, 10.63; N_k + 1 of the first printings is wrong). */
#include <config.h>
#include "family/gauss.h"

elbo_gauss_posterior
elbo_gauss_posterior_of (const elbo_shape *s, const double *param)
{
  const size_t K = s->ncomp, c = elbo_gauss_columns (s);
  double *kappa = (double *)param, *df = kappa + K * c, *mean = df + K / elbo_gauss_sharers (s) * c;
  const elbo_gauss_posterior view = { kappa, df, mean, mean + K * s->dim };
  return view;
}

/* The global step of block b. */
static void
solve_block (const elbo_shape *s, const elbo_gauss_prior *p, const double *stat, size_t b,
             const unsigned char *held, const elbo_gauss_posterior *q)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s), size = elbo_gauss_size (s);
  const size_t each = elbo_gauss_sharers (s);
  const int column = elbo_gauss_is_column (s);
  double rows = 0;
  elbo_gauss_begin (s, p, q->scale + b * size);
  for (size_t k = b * each; k < (b + 1) * each; k++)
    {
      const double n = elbo_gauss_reduce (s, p, stat, k, held ? held + k * D : NULL,
                                          q->mean + k * D, q->scale);
      for (size_t i = 0; i < c; i++)
        q->kappa[k * c + i] = p->kappa[i] + n;
      rows += n;
    }
  const double more = column ? 0.5 * (double)(D / c) * rows : rows;
  for (size_t i = 0; i < c; i++)
    q->df[b * c + i] = p->df[i] + more;
  for (size_t i = 0; i < size && column; i++)
    q->scale[b * size + i] *= 0.5;
}

int
elbo_gauss_posterior_solve (const elbo_shape *s, const double *prior, const double *stat,
                            double *param)
{
  const elbo_gauss_prior p = elbo_gauss_prior_of (s, prior);
  const elbo_gauss_posterior q = elbo_gauss_posterior_of (s, param);
  const unsigned char *held = s->held ? s->held + (q.mean - param) : NULL;
  for (size_t b = 0; b < s->ncomp / elbo_gauss_sharers (s); b++)
    solve_block (s, &p, stat, b, held, &q);
  return GSL_SUCCESS;
}

int
elbo_gauss_means_held (const elbo_shape *s, const unsigned char *mask)
{
  for (size_t k = 0; k < s->ncomp && !elbo_gauss_is_column (s); k++)
    if (elbo_held (s->dim, mask + k * s->dim) == ELBO_HELD_SOME)
      return 0;
  return 1;
}

/* Means can be held: given one, the best scale is about it, and everything else as usual.  In
   matrix forms the entries of one mean go together. */
int
elbo_gauss_posterior_holds (const elbo_shape *s)
{
  const size_t K = s->ncomp, D = s->dim, own = elbo_gauss_columns (s);
  const size_t nblock = K / elbo_gauss_sharers (s), before = (K + nblock) * own;
  const unsigned char *mean = s->held + before;
  if (!elbo_gauss_means_held (s, mean))
    return 0;
  const int first = elbo_held (before, s->held);
  const int last = elbo_held (nblock * elbo_gauss_size (s), mean + K * D);
  if (first == ELBO_HELD_NONE && last == ELBO_HELD_NONE)
    return 1;
  return first == ELBO_HELD_ALL && last == ELBO_HELD_ALL
         && elbo_held (K * D, mean) == ELBO_HELD_ALL;
}
