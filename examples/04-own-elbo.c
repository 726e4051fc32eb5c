/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check the ELBO of a model of your own: write log p(x, z), log q(z) and a draw from q, and compare
   the ELBO that you have derived with a Monte Carlo estimate and its error bar.

   Here: counts x_i ~ Poisson (exp z), z ~ N(0, 1), q = N(m, s^2).  By hand,
       E_q log p(x|z) = sum_i (x_i m - exp (m + s^2 / 2) - log x_i!)
       KL (q || p(z)) = 1/2 (s^2 + m^2 - 1 - log s^2)

   cc 04-own-elbo.c $(pkg-config --cflags --libs elbo) -o own && ./own */
#include <math.h>
#include <stdio.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <elbo/elbo.h>

enum
{
  N = 5
};
static const double x[N] = { 2, 4, 3, 1, 3 };

typedef struct
{
  double m, s;
} normal;

static double
log_joint (const double *z, void *arg)
{
  double sum = -0.5 * (log (2 * M_PI) + *z * *z);
  (void)arg;
  for (int i = 0; i < N; i++)
    sum += x[i] * *z - exp (*z) - lgamma (x[i] + 1);
  return sum;
}

static double
log_q (const double *z, void *arg)
{
  const normal *q = arg;
  const double e = (*z - q->m) / q->s;
  return -0.5 * (log (2 * M_PI) + e * e) - log (q->s);
}

static void
draw (gsl_rng *rng, double *z, void *arg)
{
  const normal *q = arg;
  *z = q->m + gsl_ran_gaussian (rng, q->s);
}

int
main (void)
{
  normal q = { 0.9, 0.3 };
  const double variance = q.s * q.s, zero = 0, one = 1;
  double by_hand = -elbo_kl_normal (1, &q.m, &variance, &zero, &one);
  for (int i = 0; i < N; i++)
    by_hand += x[i] * q.m - exp (q.m + variance / 2) - lgamma (x[i] + 1);

  const elbo_own_model model = { 1, log_joint, log_q, draw, &q };
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  elbo_estimate e, tighter;
  if (elbo_monte_carlo (&model, 100000, 1, rng, &e)
      || elbo_monte_carlo (&model, 10000, 50, rng, &tighter))
    return fprintf (stderr, "own-elbo: %s\n", elbo_message ()), 1;
  const double off = (e.mean - by_hand) / e.error;
  printf ("ELBO by hand        %.6f\n", by_hand);
  printf ("ELBO by drawing     %.6f +- %.6f\n", e.mean, e.error);
  printf ("bound with K = 50   %.6f +- %.6f\n", tighter.mean, tighter.error);
  printf ("%s: %.1f standard errors apart\n", fabs (off) < 4 ? "agree" : "DISAGREE", off);
  gsl_rng_free (rng);
  return fabs (off) < 4 ? 0 : 1;
}
