/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics of the Gaussian families together with their conjugate prior.

   Point estimates and posteriors rest on the same sums: with S_k the scatter about the mean xbar_k
   of N_k rows,

       mean_k    = xbar_k + kappa / (kappa + N_k) (m0 - xbar_k)
       scatter_k = S_k + kappa N_k / (kappa + N_k) (xbar_k - m0)(xbar_k - m0)'

   (Bishop 2006, 10.60-10.62; Fraley & Raftery 2007), added up over the components and columns that
   share them.  A mean m that is held changes the second to  sum w r (x - m)(x - m)' + kappa
   (m - m0)(m - m0)'. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "family/gauss.h"

elbo_gauss_prior
elbo_gauss_prior_of (const elbo_shape *s, const double *prior)
{
  const size_t D = s->dim, c = elbo_gauss_columns (s), size = elbo_gauss_size (s);
  const double *df = prior + c, *mean = df + c, *scale = mean + D;
  const elbo_gauss_prior v = { prior, df, mean, scale, scale + size, c > 1 };
  return v;
}

static double
flat_df (const elbo_shape *s)
{
  return elbo_gauss_is_column (s) ? -1 : -((double)s->dim + 1);
}

void
elbo_gauss_flatten (const elbo_shape *s, double *prior)
{
  const size_t c = elbo_gauss_columns (s);
  for (size_t d = 0; d < c; d++)
    {
      prior[d] = 0;
      prior[c + d] = flat_df (s);
    }
  memset (prior + 2 * c + s->dim, 0, elbo_gauss_size (s) * sizeof *prior);
}

int
elbo_gauss_is_flat (const elbo_shape *s, const double *prior)
{
  return prior[0] == 0 && prior[elbo_gauss_columns (s)] == flat_df (s);
}

void
elbo_gauss_begin (const elbo_shape *s, const elbo_gauss_prior *p, double *scatter)
{
  const size_t n = elbo_gauss_size (s);
  const double by = elbo_gauss_is_column (s) ? 2 : 1;
  for (size_t i = 0; i < n; i++)
    scatter[i] = by * p->scale[i];
}

/* What the mean of one column is about, and by how much its distance from the prior mean counts. */
typedef struct
{
  double step;   /* from the pivot to the point that the scatter is about */
  double off;    /* of that point from the prior mean */
  double weight; /* of off^2 */
} centre;

static centre
centre_of (const elbo_gauss_prior *p, const elbo_gauss_sums *v, size_t d, int held, double *mean)
{
  const double n = v->count, kappa = p->kappa[d * p->step];
  const double place = n > 0 ? v->place[d] / n : 0;
  if (held)
    return (centre){ *mean - place, *mean - p->mean[d], kappa };
  const double xbar = n > 0 ? (v->place[d] + v->first[d]) / n : 0;
  if (n > 0 || kappa > 0)
    *mean = xbar + (kappa > 0 ? kappa / (kappa + n) * (p->mean[d] - xbar) : 0);
  const double product = kappa * n; /* may overflow */
  const double weight = kappa > 0 ? (isfinite (product) ? product / (kappa + n) : n) : 0;
  return (centre){ n > 0 ? v->first[d] / n : 0, xbar - p->mean[d], weight };
}

/* sum w r (x_i - point_i)(x_j - point_j); about the mean it is a plain difference */
static double
scatter_of (const elbo_gauss_sums *v, size_t t, size_t i, size_t j, int held, double a, double b)
{
  if (!(v->count > 0))
    return 0;
  if (!held)
    return v->second[t] - v->first[i] * (v->first[j] / v->count);
  return v->second[t] - (v->first[i] * b + a * (v->first[j] - v->count * b));
}

static void
reduce_columns (const elbo_shape *s, const elbo_gauss_prior *p, const elbo_gauss_sums *v,
                const unsigned char *held, double *mean, double *scatter)
{
  for (size_t d = 0; d < s->dim; d++)
    {
      const int keep = held && held[d];
      const centre c = centre_of (p, v, d, keep, mean + d);
      double *to = scatter + elbo_gauss_group (s, d);
      *to = fmax (0, scatter_of (v, d, d, d, keep, c.step, c.step))
            + (*to + c.weight * c.off * c.off);
    }
}

/* In matrix forms a mean is held as a whole: the others of its entries would move with it. */
static void
reduce_matrix (const elbo_shape *s, const elbo_gauss_prior *p, const elbo_gauss_sums *v,
               const unsigned char *held, double *mean, double *scatter)
{
  const int keep = held && held[0];
  for (size_t i = 0, t = 0; i < s->dim; i++)
    {
      const centre a = centre_of (p, v, i, keep, mean + i);
      for (size_t j = 0; j <= i; j++, t++)
        {
          double other = mean[j];
          const centre b = centre_of (p, v, j, keep, &other);
          double *to = scatter + i * s->dim + j;
          scatter[j * s->dim + i] = *to
              = scatter_of (v, t, i, j, keep, a.step, b.step) + (*to + a.weight * (a.off * b.off));
        }
    }
}

double
elbo_gauss_reduce (const elbo_shape *s, const elbo_gauss_prior *p, const double *stat, size_t k,
                   const unsigned char *held, double *mean, double *scatter)
{
  const elbo_gauss_sums v = elbo_gauss_at (s, stat, k);
  scatter += elbo_gauss_block (s, k) * elbo_gauss_size (s);
  if (elbo_gauss_is_column (s))
    reduce_columns (s, p, &v, held, mean, scatter);
  else
    reduce_matrix (s, p, &v, held, mean, scatter);
  return v.count;
}
