/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diffusion bound for Gaussian data x_0 ~ N(m, s2) on a line (Ho, Jain & Abbeel 2020).

       q(x_t | x_{t-1}) = N (sqrt (alpha_t) x_{t-1}, beta_t),  alpha = 1 - beta,
       abar_t = prod alpha,  v_t = abar_t s2 + 1 - abar_t,  c_t = sqrt (abar_t) m
       p(x_{t-1} | x_t) = N (c_{t-1} + g_t (x_t - c_t), sigma2_t),
       g_t = sqrt (alpha_t) v_{t-1} / v_t

   ELBO(x_0) = -(L_T + sum_{t=2..T} L_{t-1} + L_0).  With sigma2_t = beta_t v_{t-1} / v_t and
   p(x_T) = N (c_T, v_T) the model reverses the noise exactly and the gap is 0; sigma2_t = beta_t
   and the posterior variance btilde_t are the two usual choices.

   log p(x_0) comes from the marginals of the model, V_{t-1} = g_t^2 V_t + sigma2_t.  The
   divergence of the paths takes neither: the model, a Markov chain, is turned round by Bayes'
   rule, and  KL = sum_t E KL (q(x_t | x_{t-1}) || p(x_t | x_{t-1})). */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <gsl/gsl_math.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "m", "1", "[-1000,1000]", 'r', "mean of the data" },
        { "s2", "0.25", "[0.001,1000]", 'r', "variance of the data" },
        { "x", "0.5", "[-1000,1000]", 'r', "the x_0 that was seen" },
        { "beta", "0.1,0.2,0.4,0.8", "[0.00001,0.999]", 'R', "variances of the noise, short" },
        { "steps", "1000", "[1,10000]", 'n', "T of the long chain" },
        { "first", "0.0001", "[0.000001,0.999]", 'r', "beta_1 of the long chain, linear to ..." },
        { "last", "0.02", "[0.000001,0.999]", 'r', "... beta_T" },
        { NULL, NULL, NULL, 0, NULL } };

typedef enum
{
  EXACT,
  FORWARD,
  POSTERIOR
} spread;

/* Arrays from 0 to T. */
typedef struct
{
  double m, s2, x;
  size_t T;
  double *beta, *abar, *rest, *v, *c, *g, *sigma2; /* rest: 1 - abar, without cancellation */
  double *mean, *variance;                         /* marginals of the model             */
} chain;

static int
chain_alloc (chain *h, size_t T)
{
  double *room = calloc (9 * (T + 1), sizeof *room);
  h->T = T;
  h->beta = room;
  if (!room)
    return complain_memory ();
  h->abar = room + (T + 1);
  h->v = room + 2 * (T + 1);
  h->c = room + 3 * (T + 1);
  h->g = room + 4 * (T + 1);
  h->sigma2 = room + 5 * (T + 1);
  h->mean = room + 6 * (T + 1);
  h->variance = room + 7 * (T + 1);
  h->rest = room + 8 * (T + 1);
  return 0;
}

static void
forward (chain *h)
{
  h->abar[0] = 1;
  h->rest[0] = 0;
  h->v[0] = h->s2;
  h->c[0] = h->m;
  for (size_t t = 1; t <= h->T; t++)
    {
      h->abar[t] = h->abar[t - 1] * (1 - h->beta[t]);
      h->rest[t] = h->rest[t - 1] * (1 - h->beta[t]) + h->beta[t];
      h->v[t] = h->abar[t] * h->s2 + h->rest[t];
      h->c[t] = sqrt (h->abar[t]) * h->m;
      h->g[t] = sqrt (1 - h->beta[t]) * h->v[t - 1] / h->v[t];
    }
}

/* Variance of q(x_{t-1} | x_t, x_0). */
static double
posterior_variance (const chain *h, size_t t)
{
  return h->beta[t] * h->rest[t - 1] / h->rest[t];
}

/* The variances of the model and its marginals; `standard`: p(x_T) = N(0, 1). */
static void
reverse (chain *h, spread kind, int standard)
{
  h->mean[h->T] = standard ? 0 : h->c[h->T];
  h->variance[h->T] = standard ? 1 : h->v[h->T];
  for (size_t t = h->T; t > 0; t--)
    {
      /* btilde_1 is 0, which no density has */
      h->sigma2[t] = kind == FORWARD              ? h->beta[t]
                     : kind == POSTERIOR && t > 1 ? posterior_variance (h, t)
                                                  : h->beta[t] * h->v[t - 1] / h->v[t];
      h->mean[t - 1] = h->c[t - 1] + h->g[t] * (h->mean[t] - h->c[t]);
      h->variance[t - 1] = h->g[t] * h->g[t] * h->variance[t] + h->sigma2[t];
    }
}

static double
log_normal (double x, double mean, double variance)
{
  return -0.5 * (log (2 * M_PI * variance) + (x - mean) * (x - mean) / variance);
}

/* KL of two normal distributions with means `off` apart. */
static double
divergence (double variance, double off, double variance0)
{
  const double zero = 0;
  return elbo_kl_normal (1, &off, &variance, &zero, &variance0);
}

/* L_{t-1}, t >= 2: E KL (q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)) over x_t given x_0. */
static double
middle (const chain *h, size_t t)
{
  const double rest = h->rest[t], B = sqrt (1 - h->beta[t]) * h->rest[t - 1] / rest;
  const double A = sqrt (h->abar[t - 1]) * h->beta[t] / rest, tilt = B - h->g[t];
  const double off = A * h->x + tilt * sqrt (h->abar[t]) * h->x - h->c[t - 1] + h->g[t] * h->c[t];
  return divergence (posterior_variance (h, t), off, h->sigma2[t])
         + 0.5 * tilt * tilt * rest / h->sigma2[t];
}

static double
bound (const chain *h, double *reconstruction)
{
  const size_t T = h->T;
  const double rest = h->rest[1], at = h->c[0] + h->g[1] * (sqrt (h->abar[1]) * h->x - h->c[1]);
  double kl = divergence (h->rest[T], sqrt (h->abar[T]) * h->x - h->mean[T], h->variance[T]);
  for (size_t t = 2; t <= T; t++)
    kl += middle (h, t);
  *reconstruction
      = log_normal (h->x, at, h->sigma2[1]) - 0.5 * h->g[1] * h->g[1] * rest / h->sigma2[1];
  return *reconstruction - kl;
}

static double
path_divergence (const chain *h)
{
  double sum = 0;
  for (size_t t = 1; t <= h->T; t++)
    {
      /* p(x_t | x_{t-1}) = N (a + k x_{t-1}, 1 / precision) */
      const double g = h->g[t], precision = 1 / h->variance[t] + g * g / h->sigma2[t];
      const double k = g / h->sigma2[t] / precision;
      const double a
          = (h->mean[t] / h->variance[t] - g * (h->c[t - 1] - g * h->c[t]) / h->sigma2[t])
            / precision;
      const double tilt = sqrt (1 - h->beta[t]) - k;
      const double off = tilt * sqrt (h->abar[t - 1]) * h->x - a;
      sum += divergence (h->beta[t], off, 1 / precision)
             + 0.5 * tilt * tilt * h->rest[t - 1] * precision;
    }
  return sum;
}

static elbo_identity
identity (chain *h, spread kind, int standard)
{
  elbo_identity r;
  reverse (h, kind, standard);
  r.elbo = bound (h, &r.reconstruction);
  r.kl_prior = r.reconstruction - r.elbo;
  r.log_evidence = log_normal (h->x, h->mean[0], h->variance[0]);
  r.gap = r.log_evidence - r.elbo;
  r.kl_posterior = path_divergence (h);
  return r;
}

static void
table (chain *h, const char *key, const char *heading, demo_page *page)
{
  static const char *const name[] = { "exact", "beta", "btilde" };
  page_table (page, key, heading, "reverse_variance:16t p_x_T:6 elbo log_p gap kl_paths");
  for (spread kind = EXACT; kind <= POSTERIOR; kind++)
    for (int standard = 0; standard < 2; standard++)
      {
        const elbo_identity r = identity (h, kind, standard);
        page_row (page, name[kind],
                  (double[]){ standard, r.elbo, r.log_evidence, r.gap, r.kl_posterior });
        page_check_gap (page, heading, &r);
        if (kind == EXACT && !standard)
          page_check (page, "the exact reversal has no gap", r.gap, 0,
                      1e-12 * fmax (1, fabs (r.elbo)));
      }
  page_table_end (page);
}

/* The ELBO of a chain from its reconstruction down, a bar for each of its terms. */
static void
draw_terms_of (chain *h, demo_page *page)
{
  const elbo_identity r = identity (h, EXACT, 1);
  const size_t T = h->T;
  double level = r.reconstruction;
  page_curve (page, "first", "term from to");
  page_row (page, NULL, (double[]){ 1, 0, level });
  page_table_end (page);
  page_curve (page, "terms", "term from to");
  for (size_t t = 2; t <= T; t++)
    {
      const double next = level - middle (h, t);
      page_row (page, NULL, (double[]){ (double)t, level, next });
      level = next;
    }
  page_row (page, NULL, (double[]){ (double)T + 1, level, r.elbo });
  page_table_end (page);
  page_curve (page, "levels", "term elbo log_p");
  for (int end = 0; end < 2; end++)
    page_row (page, NULL, (double[]){ end ? (double)T + 1.6 : 0.4, r.elbo, r.log_evidence });
  page_table_end (page);
}

/* The steps of a chain, for each variance of the model. */
static void
draw_steps_of (chain *h, demo_page *page)
{
  static const char *const key[] = { "by_exact", "by_beta", "by_btilde" };
  for (spread kind = EXACT; kind <= POSTERIOR; kind++)
    {
      reverse (h, kind, 1);
      page_curve (page, key[kind], "t kl");
      for (size_t t = 2; t <= h->T; t++)
        page_row (page, NULL, (double[]){ (double)t, middle (h, t) });
      page_table_end (page);
    }
}

static int
run (const parameter_list *p, demo_page *page)
{
  chain h = { .m = *p[0].v, .s2 = *p[1].v, .x = *p[2].v };
  const size_t T = (size_t)*p[4].v;
  const double first = *p[5].v, last = *p[6].v;
  if (chain_alloc (&h, p[3].n))
    return EXIT_DATA;
  for (size_t t = 1; t <= h.T; t++)
    h.beta[t] = p[3].v[t - 1];
  forward (&h);
  const elbo_identity r = identity (&h, EXACT, 1);
  page_identity (page, "identity", "Short chain, exact reverse variance, p(x_T) = N(0, 1)", &r);
  table (&h, "short", "Short chain (p_x_T 0: exact, 1: N(0, 1))", page);
  if (page_draws (page))
    draw_terms_of (&h, page);
  free (h.beta);
  if (chain_alloc (&h, T))
    return EXIT_DATA;
  for (size_t t = 1; t <= T; t++)
    h.beta[t] = T > 1 ? first + (last - first) * (double)(t - 1) / (double)(T - 1) : first;
  forward (&h);
  table (&h, "long", "Long chain", page);
  if (page_draws (page))
    draw_steps_of (&h, page);
  page_say (page, "log p(x_0) is that of the model, which changes with its variances and p(x_T):\n"
                  "an ELBO may be compared only with its own.");
  free (h.beta);
  return 0;
}

const demo demo_diffusion
    = { { "diffusion", "the diffusion bound, for data where all of it is Gaussian", parameter },
        { { .title = "Short chain: the ELBO, term by term",
            .xlabel = "term: 1 x_0 given x_1, then the steps, last x_T",
            .ylabel = "nats",
            .curve = { { DRAW_BARS, "first: term from to", "reconstruction", 3 },
                       { DRAW_BARS, "terms: term from to", "-KL of a step", 2 },
                       { DRAW_DASHES, "levels: term log_p", "log p(x_0)", 0 },
                       { DRAW_LINE, "levels: term elbo", "ELBO, the sum", 1 } } },
          { .title = "Long chain: the KL of each step",
            .xlabel = "t",
            .ylabel = "nats",
            .log_x = 1,
            .log_y = 1,
            .curve = { { DRAW_LINE, "by_btilde: t kl", "posterior variance", 3 },
                       { DRAW_LINE, "by_exact: t kl", "exact reverse variance", 1 },
                       { DRAW_DASHES, "by_beta: t kl", "variance beta_t", 2 } } } },
        run };
