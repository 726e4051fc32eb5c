/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One normal sample, q(mu) q(tau) (Bishop 2006, section 10.1.3):

       p(mu | tau) = N (mu0, 1 / (lambda0 tau)),   p(tau) = Gam (a0, rate b0)
       q(mu)  = N (mu_N, 1 / lambda_N):  mu_N = (lambda0 mu0 + N mean) / (lambda0 + N),
                                         lambda_N = (lambda0 + N) E tau
       q(tau) = Gam (a_N, b_N):  a_N = a0 + (N + 1) / 2,
                                 b_N = b0 + 1/2 E (lambda0 (mu - mu0)^2 + sum (x - mu)^2)

   a0 + N / 2, which some printings of (10.29) have, belongs to a prior of mu without tau; the
   last lines show what it costs.  The posterior is Normal-Gamma, so that log p(x) is exact. */
#include <config.h>
#include <math.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "x", "-0.5,0.2,0.9,1.4,2", "[-1000,1000]", 'R', "the sample" },
        { "mu0", "0", "[-1000,1000]", 'r', "prior mean" },
        { "lambda0", "1", "[0.001,1000]", 'r', "observations that the prior mean counts for" },
        { "a0", "1", "[0.001,1000]", 'r', "shape of tau" },
        { "b0", "1", "[0.001,1000]", 'r', "rate of tau" },
        { "start", "1", "[0.001,1000]", 'r', "E tau at the start" },
        { "passes", "3", "[1,100000]", 'n', "passes to show" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  CURVE = 240
}; /* steps of a contour of the picture */

typedef struct
{
  double n, mean, scatter; /* of the sample */
  double mu0, lambda0, a0, b0;
  double mu, lambda, a, b; /* q */
} world;

typedef struct
{
  double log_likelihood, log_p_mu, log_p_tau, entropy_mu, entropy_tau;
} ledger;

static double
expected_log (const world *w)
{
  return gsl_sf_psi (w->a) - log (w->b);
}

/* lambda0 (mu - mu0)^2 + sum (x - mu)^2 at the mean of q */
static double
square (const world *w)
{
  return w->lambda0 * gsl_pow_2 (w->mu - w->mu0) + w->scatter + w->n * gsl_pow_2 (w->mean - w->mu);
}

static void
step_mu (world *w, double tau)
{
  w->mu = (w->lambda0 * w->mu0 + w->n * w->mean) / (w->lambda0 + w->n);
  w->lambda = (w->lambda0 + w->n) * tau;
}

static void
step_tau (world *w, double a)
{
  w->a = a;
  w->b = w->b0 + 0.5 * (square (w) + (w->lambda0 + w->n) / w->lambda);
}

/* E_tau KL (q(mu) || N (mu | m, 1 / (kappa tau))) */
static double
place_divergence (const world *w, double m, double kappa)
{
  const double tau = w->a / w->b;
  return 0.5
         * (kappa * tau * (gsl_pow_2 (w->mu - m) + 1 / w->lambda) - 1 - log (kappa)
            - expected_log (w) + log (w->lambda));
}

static elbo_identity
identity (const world *w)
{
  const double kappa = w->lambda0 + w->n, a = w->a0 + 0.5 * w->n;
  const double m = (w->lambda0 * w->mu0 + w->n * w->mean) / kappa;
  const double b
      = w->b0 + 0.5 * (w->scatter + w->lambda0 * w->n / kappa * gsl_pow_2 (w->mean - w->mu0));
  elbo_identity v;
  v.reconstruction
      = 0.5 * w->n * (expected_log (w) - log (2 * M_PI))
        - 0.5 * w->a / w->b * (w->scatter + w->n * (gsl_pow_2 (w->mean - w->mu) + 1 / w->lambda));
  v.kl_prior = place_divergence (w, w->mu0, w->lambda0) + elbo_kl_gamma (w->a, w->b, w->a0, w->b0);
  v.elbo = v.reconstruction - v.kl_prior;
  v.log_evidence = gsl_sf_lngamma (a) - gsl_sf_lngamma (w->a0) + w->a0 * log (w->b0) - a * log (b)
                   + 0.5 * log (w->lambda0 / kappa) - 0.5 * w->n * log (2 * M_PI);
  v.gap = v.log_evidence - v.elbo;
  v.kl_posterior = place_divergence (w, m, kappa) + elbo_kl_gamma (w->a, w->b, a, b);
  return v;
}

static ledger
parts (const world *w)
{
  const double tau = w->a / w->b, log_tau = expected_log (w);
  ledger r;
  r.log_likelihood = identity (w).reconstruction;
  r.log_p_mu = 0.5 * (log (w->lambda0) + log_tau - log (2 * M_PI))
               - 0.5 * w->lambda0 * tau * (gsl_pow_2 (w->mu - w->mu0) + 1 / w->lambda);
  r.log_p_tau = w->a0 * log (w->b0) - gsl_sf_lngamma (w->a0) + (w->a0 - 1) * log_tau - w->b0 * tau;
  r.entropy_mu = 0.5 * (log (2 * M_PI / w->lambda) + 1);
  r.entropy_tau = w->a - log (w->b) + gsl_sf_lngamma (w->a) + (1 - w->a) * gsl_sf_psi (w->a);
  return r;
}

/* The fixed point with this shape: E tau (b0 + 1/2 square) = a - 1/2. */
static void
solve (world *w, double a)
{
  step_mu (w, 1);
  step_mu (w, (a - 0.5) / (w->b0 + 0.5 * square (w)));
  step_tau (w, a);
}

static void
passes (world *w, double tau, size_t n, demo_page *page)
{
  double last = -INFINITY;
  page_table (page, "steps", "Coordinate ascent (no bound before the first q(tau))",
              "pass:4 after:5t lambda_N b_N elbo gap");
  for (size_t i = 1; i <= n; i++)
    for (int half = 0; half < 2; half++)
      {
        if (half)
          step_tau (w, w->a0 + 0.5 * (w->n + 1));
        else
          step_mu (w, i > 1 ? w->a / w->b : tau);
        if (i == 1 && !half)
          continue;
        const elbo_identity v = identity (w);
        page_row (page, half ? "tau" : "mu",
                  (double[]){ (double)i, w->lambda, w->b, v.elbo, v.gap });
        page_check_gap (page, "gap of a half-step", &v);
        page_check (page, "the ELBO never falls", fmin (v.elbo, last), last,
                    1e-12 * fmax (1, fabs (v.elbo)));
        last = v.elbo;
      }
  page_table_end (page);
}

static void
print_limit (world *w, demo_page *page)
{
  solve (w, w->a0 + 0.5 * (w->n + 1));
  const elbo_identity v = identity (w);
  const ledger r = parts (w);
  const page_number limit[] = { { "mu_N", w->mu },
                                { "lambda_N", w->lambda },
                                { "a_N", w->a },
                                { "b_N", w->b },
                                { "E_tau", w->a / w->b } };
  const page_number part[] = { { "E_log_p_x", r.log_likelihood },
                               { "E_log_p_mu", r.log_p_mu },
                               { "E_log_p_tau", r.log_p_tau },
                               { "entropy_mu", r.entropy_mu },
                               { "entropy_tau", r.entropy_tau } };
  const double sum = r.log_likelihood + r.log_p_mu + r.log_p_tau + r.entropy_mu + r.entropy_tau;
  page_numbers (page, "limit", "The limit, in closed form", limit, 5);
  page_numbers (page, "ledger", "The ELBO there, term by term", part, 5);
  page_identity (page, "identity", "The identity there", &v);
  page_check (page, "the sum of the terms", sum, v.elbo, 1e-12 * fmax (1, fabs (v.elbo)));
}

/* --- the picture --------------------------------------------------------------------------- */

/* A density of mu and tau whose log is, less a constant,
   shape log tau - rate tau - 1/2 (fixed + scaled tau) (mu - centre)^2. */
typedef struct
{
  double centre, shape, rate, fixed, scaled;
} hill;

static double
ridge (const hill *h, double log_tau)
{
  return h->shape * log_tau - h->rate * exp (log_tau);
}

/* log tau on one side of the mode where the ridge falls to this level. */
static double
foot (const hill *h, double level, double side)
{
  const double mode = log (h->shape / h->rate);
  double in = 0, out = 1;
  while (ridge (h, mode + side * out) > level)
    out *= 2;
  for (int i = 0; i < 60; i++)
    {
      const double middle = 0.5 * (in + out);
      if (ridge (h, mode + side * middle) > level)
        in = middle;
      else
        out = middle;
    }
  return mode + side * in;
}

/* The closed line where the density is this share of its highest; a row that breaks the line. */
static void
contour (const hill *h, double share, demo_page *page)
{
  const double level = ridge (h, log (h->shape / h->rate)) + log (share);
  const double low = foot (h, level, -1), high = foot (h, level, 1);
  for (int i = 0; i <= CURVE; i++)
    {
      const double turn = 2 * M_PI * i / CURVE, side = turn < M_PI ? 1 : -1;
      const double u = 0.5 * (low + high) - 0.5 * (high - low) * cos (turn), tau = exp (u);
      const double fall = fmax (ridge (h, u) - level, 0);
      page_row (
          page, NULL,
          (double[]){ h->centre + side * sqrt (2 * fall / (h->fixed + h->scaled * tau)), tau });
    }
  page_row (page, NULL, (double[]){ NAN, NAN });
}

static void
draw_picture (const world *w, demo_page *page)
{
  const double kappa = w->lambda0 + w->n, m = (w->lambda0 * w->mu0 + w->n * w->mean) / kappa;
  const double b
      = w->b0 + 0.5 * (w->scatter + w->lambda0 * w->n / kappa * gsl_pow_2 (w->mean - w->mu0));
  const hill posterior = { m, w->a0 + 0.5 * w->n - 0.5, b, 0, kappa };
  const hill belief = { w->mu, w->a - 1, w->b, w->lambda, 0 };
  page_curve (page, "posterior", "mu tau");
  contour (&posterior, 0.5, page);
  contour (&posterior, 0.05, page);
  page_table_end (page);
  page_curve (page, "belief", "mu tau");
  contour (&belief, 0.5, page);
  contour (&belief, 0.05, page);
  page_table_end (page);
}

/* --- the page ------------------------------------------------------------------------------ */

static int
run (const parameter_list *p, demo_page *page)
{
  world w
      = { .n = (double)p[0].n, .mu0 = *p[1].v, .lambda0 = *p[2].v, .a0 = *p[3].v, .b0 = *p[4].v };
  for (size_t i = 0; i < p[0].n; i++)
    w.mean += p[0].v[i] / w.n;
  for (size_t i = 0; i < p[0].n; i++)
    w.scatter += gsl_pow_2 (p[0].v[i] - w.mean);
  passes (&w, *p[5].v, (size_t)*p[6].v, page);
  print_limit (&w, page);
  if (page_draws (page))
    draw_picture (&w, page);
  const double best = identity (&w).elbo;
  solve (&w, w.a0 + 0.5 * w.n);
  const elbo_identity v = identity (&w);
  const page_number misprint[] = { { "elbo", v.elbo }, { "loss", best - v.elbo } };
  page_numbers (page, "misprint", "With a_N = a0 + N / 2, as some printings have it", misprint, 2);
  page_check_gap (page, "gap with the misprint", &v);
  page_check (page, "the misprint is no better", fmax (v.elbo, best), best,
              1e-12 * fmax (1, fabs (best)));
  return 0;
}

const demo demo_uninorm
    = { { "uninorm", "one normal sample: q(mu) q(tau) against the exact evidence", parameter },
        { { .title = "Coordinate ascent",
            .stairs = "steps: elbo gap",
            .second = "tau",
            .kind = { "after q(mu)", "after q(tau)" },
            .touch = "log p(x)" },
          { .title = "The limit: 1/2 and 1/20 of the highest density",
            .xlabel = "mu",
            .ylabel = "tau",
            .curve = { { DRAW_LINE, "posterior: mu tau", "posterior", 2 },
                       { DRAW_LINE, "belief: mu tau", "q(mu) q(tau)", 1 } } } },
        run };
