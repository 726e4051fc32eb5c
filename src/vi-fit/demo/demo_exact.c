/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian mixtures of a handful of rows, by enumeration: given the assignment everything is
   conjugate.  Evidence of a group of n rows, D = 2 (Bishop 2006, exercise 2.45 and B.78):

       p(X) = pi^-n Gamma_2 (df_n / 2) / Gamma_2 (df / 2) |B|^(df/2) / |B_n|^(df_n/2)
              kappa / kappa_n

   B is the inverse scale.  Partitions are walked as restricted growth strings. */
#include <config.h>
#include <math.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <elbo/bound.h>
#include "vi-fit/demo/demo.h"

exact_belief
exact_posterior (const exact_mixture *m, unsigned int rows)
{
  exact_belief b = m->prior;
  for (size_t i = 0; i < m->n; i++)
    if (rows >> i & 1)
      {
        /* one row at a time: no scatter is ever a difference */
        const double share = b.kappa / (b.kappa + 1);
        const double off[2] = { m->x[i][0] - b.mean[0], m->x[i][1] - b.mean[1] };
        for (int j = 0; j < 4; j++)
          b.inverse_scale[j] += share * off[j / 2] * off[j % 2];
        b.kappa += 1;
        b.df += 1;
        for (int j = 0; j < 2; j++)
          b.mean[j] += off[j] / b.kappa;
      }
  return b;
}

static double
log_determinant (const exact_belief *b)
{
  const double *s = b->inverse_scale;
  return log (s[0] * s[3] - s[1] * s[2]);
}

/* Gamma_2 (a) less a constant */
static double
log_gamma_2 (double a)
{
  return gsl_sf_lngamma (a) + gsl_sf_lngamma (a - 0.5);
}

double
exact_group (const exact_mixture *m, unsigned int rows)
{
  const exact_belief b = exact_posterior (m, rows), *b0 = &m->prior;
  return log_gamma_2 (b.df / 2) - log_gamma_2 (b0->df / 2) + b0->df / 2 * log_determinant (b0)
         - b.df / 2 * log_determinant (&b) + log (b0->kappa / b.kappa) - (b.df - b0->df) * M_LNPI;
}

static unsigned int
count (unsigned int rows)
{
  unsigned int n = 0;
  for (; rows; rows &= rows - 1)
    n++;
  return n;
}

/* log p(x, z), z given by the rows of component 2 */
static double
log_joint (const exact_mixture *m, unsigned int second)
{
  const unsigned int first = ~second & ((1U << m->n) - 1);
  const double a = m->alpha, n = (double)m->n;
  return gsl_sf_lngamma (a + count (first)) + gsl_sf_lngamma (a + count (second))
         - 2 * gsl_sf_lngamma (a) + gsl_sf_lngamma (2 * a) - gsl_sf_lngamma (2 * a + n)
         + exact_group (m, first) + exact_group (m, second);
}

/* log (exp a + exp b) */
static double
log_add (double a, double b)
{
  const double top = fmax (a, b);
  return top == -INFINITY ? top : top + log1p (exp (fmin (a, b) - top));
}

double
exact_evidence (const exact_mixture *m)
{
  double sum = -INFINITY;
  for (unsigned int z = 0; z < 1U << m->n; z++)
    sum = log_add (sum, log_joint (m, z));
  return sum;
}

/* KL of two Normal-Wishart distributions */
static double
belief_divergence (const exact_belief *q, const exact_belief *p)
{
  const double *s = q->inverse_scale, det = s[0] * s[3] - s[1] * s[2];
  const double x = q->mean[0] - p->mean[0], y = q->mean[1] - p->mean[1];
  const double square = (s[3] * x * x - 2 * s[1] * x * y + s[0] * y * y) / det;
  return elbo_kl_wishart (2, s, q->df, p->inverse_scale, p->df) + p->kappa / q->kappa - 1
         + log (q->kappa / p->kappa) + 0.5 * p->kappa * q->df * square;
}

double
exact_divergence (const exact_mixture *m, const double *second, const double *weight,
                  const exact_belief *belief)
{
  const double evidence = exact_evidence (m);
  double sum = 0;
  for (unsigned int z = 0; z < 1U << m->n; z++)
    {
      const unsigned int first = ~z & ((1U << m->n) - 1);
      const double alpha[2] = { m->alpha + count (first), m->alpha + count (z) };
      const exact_belief a = exact_posterior (m, first), b = exact_posterior (m, z);
      double q = 0;
      for (size_t i = 0; i < m->n; i++)
        q += log (z >> i & 1 ? second[i] : 1 - second[i]);
      if (exp (q) > 0)
        sum += exp (q)
               * (q - (log_joint (m, z) - evidence) + elbo_kl_dirichlet (2, weight, alpha)
                  + belief_divergence (&belief[0], &a) + belief_divergence (&belief[1], &b));
    }
  return sum;
}

/* Rows from `row` on join one of the blocks or open a new one; value: log of what stands so far. */
static double
partitions (const exact_mixture *m, double log_alpha, size_t row, unsigned int *block,
            size_t nblock)
{
  double sum = -INFINITY;
  if (row == m->n)
    {
      sum = 0;
      for (size_t b = 0; b < nblock; b++)
        sum += log_alpha + gsl_sf_lngamma (count (block[b])) + exact_group (m, block[b]);
      return sum;
    }
  for (size_t b = 0; b <= nblock; b++)
    {
      block[b] |= 1U << row;
      sum = log_add (sum, partitions (m, log_alpha, row + 1, block, nblock + (b == nblock)));
      block[b] &= ~(1U << row);
    }
  return sum;
}

double
exact_process (const exact_mixture *m, double alpha)
{
  unsigned int block[EXACT_ROWS + 1] = { 0 };
  return partitions (m, log (alpha), 0, block, 0) + gsl_sf_lngamma (alpha)
         - gsl_sf_lngamma (alpha + (double)m->n);
}
