/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian linear regression, a line through points (Bishop 2006, section 10.3):

       t ~ N (Phi w, I / beta),  Phi = [1, x],  w ~ N (0, I / alpha),  alpha ~ Gam (a0, rate b0)
       q(w)     = N (m, S):  S^-1 = E alpha I + beta Phi'Phi,  m = beta S Phi't
       q(alpha) = Gam (a0 + 1, b0 + 1/2 (m'm + tr S))

   log p(t) is an integral over alpha alone: the trapezoidal rule in u = log alpha, which converges
   exponentially for integrands that are analytic and vanish at both ends.  With p(w | alpha, t)
   known, KL (q || posterior) is an integral of the same kind. */
#include <config.h>
#include <math.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "x", "0,1,2,3", "[-1000,1000]", 'R', "places" },
        { "t", "0.1,0.9,2.3,2.8", "[-1000,1000]", 'R', "values" },
        { "beta", "4", "[0.001,1000]", 'r', "precision of the values" },
        { "a0", "1", "[0.001,100]", 'r', "shape of alpha" },
        { "b0", "1", "[0.001,1000]", 'r', "rate of alpha" },
        { "alpha", "1", "[0.001,1000]", 'r', "E alpha at the start, and where it is held fixed" },
        { "passes", "2", "[1,100000]", 'n', "passes to show" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  MOST_PASSES = 100000,
  CURVE = 80
}; /* CURVE: steps in the picture */

typedef struct
{
  double m[2], S[4], logdet; /* logdet: log |S| */
} normal;

typedef struct
{
  double n, beta, a0, b0;
  const double *x, *t;
  double gram[3], det, target[2]; /* Phi'Phi (11, 12, 22), its determinant, Phi't */
  normal w;
  double a, b; /* q(alpha) */
} world;

/* The normal distribution of w given a precision alpha. */
static normal
given_alpha (const world *v, double alpha)
{
  const double p = alpha + v->beta * v->gram[0], q = v->beta * v->gram[1],
               r = alpha + v->beta * v->gram[2];
  const double det
      = alpha * (alpha + v->beta * (v->gram[0] + v->gram[2])) + v->beta * v->beta * v->det;
  normal w = { { 0, 0 }, { r / det, -q / det, -q / det, p / det }, -log (det) };
  for (int i = 0; i < 2; i++)
    w.m[i] = v->beta * (w.S[2 * i] * v->target[0] + w.S[2 * i + 1] * v->target[1]);
  return w;
}

/* |t - Phi m|^2 */
static double
residual (const world *v, const double m[2])
{
  double sum = 0;
  for (size_t i = 0; i < (size_t)v->n; i++)
    sum += gsl_pow_2 (v->t[i] - m[0] - m[1] * v->x[i]);
  return sum;
}

static double
second_moment (const normal *w)
{
  return w->m[0] * w->m[0] + w->m[1] * w->m[1] + w->S[0] + w->S[3];
}

static double
log_gamma_density (double alpha, double a, double b)
{
  return a * log (b) - gsl_sf_lngamma (a) + (a - 1) * log (alpha) - b * alpha;
}

/* log p(t | alpha), w integrated out */
static double
log_given_alpha (const world *v, double alpha, const normal *w)
{
  return log (alpha) + 0.5 * v->n * log (v->beta / (2 * M_PI)) + 0.5 * w->logdet
         - 0.5 * v->beta * residual (v, w->m)
         - 0.5 * alpha * (gsl_pow_2 (w->m[0]) + gsl_pow_2 (w->m[1]));
}

/* --- integrals over alpha ------------------------------------------------------------------ */

/* KL (q(w) || p(w | alpha, t)), by the precision of the latter, which may be nearly singular. */
static double
divergence (const world *v, double alpha, const normal *w)
{
  const double off[2] = { v->w.m[0] - w->m[0], v->w.m[1] - w->m[1] }, *S = v->w.S;
  double sum = alpha * (S[0] + S[3] + gsl_pow_2 (off[0]) + gsl_pow_2 (off[1])) - 2 - v->w.logdet
               + w->logdet;
  for (size_t i = 0; i < (size_t)v->n; i++)
    sum += v->beta
           * (S[0] + 2 * S[1] * v->x[i] + S[3] * gsl_pow_2 (v->x[i])
              + gsl_pow_2 (off[0] + off[1] * v->x[i]));
  return 0.5 * sum;
}

/* log p(t), and KL (q || posterior) less log p(t). */
static void
integrate (const world *v, double *evidence, double *rest)
{
  const double low = log (v->a / v->b) - 50;
  const double high = log (fmax (v->a / v->b, (v->a0 + 1) / v->b0)) + 8;
  const double h = fmin (0.02, 0.2 / sqrt (v->a)), centre = v->a / v->b;
  const normal middle = given_alpha (v, centre);
  const double top
      = log_gamma_density (centre, v->a0, v->b0) + log_given_alpha (v, centre, &middle);
  double sum = 0, mean = 0;
  for (double u = low; u <= high; u += h)
    {
      const double alpha = exp (u);
      const normal w = given_alpha (v, alpha);
      const double joint = log_gamma_density (alpha, v->a0, v->b0) + log_given_alpha (v, alpha, &w);
      const double q = log_gamma_density (alpha, v->a, v->b);
      sum += exp (joint - top) * alpha * h;
      if (exp (q) * alpha > 0)
        mean += exp (q) * alpha * h * (q - joint + divergence (v, alpha, &w));
    }
  *evidence = top + log (sum);
  *rest = mean;
}

static elbo_identity
identity (const world *v)
{
  const double alpha = v->a / v->b, log_alpha = gsl_sf_psi (v->a) - log (v->b);
  const double spread
      = v->w.S[0] * v->gram[0] + 2 * v->w.S[1] * v->gram[1] + v->w.S[3] * v->gram[2];
  elbo_identity r;
  r.reconstruction
      = 0.5 * v->n * log (v->beta / (2 * M_PI)) - 0.5 * v->beta * (residual (v, v->w.m) + spread);
  r.kl_prior = 0.5 * alpha * second_moment (&v->w) - 1 - 0.5 * v->w.logdet - log_alpha
               + elbo_kl_gamma (v->a, v->b, v->a0, v->b0);
  r.elbo = r.reconstruction - r.kl_prior;
  integrate (v, &r.log_evidence, &r.kl_posterior);
  r.kl_posterior += r.log_evidence;
  r.gap = r.log_evidence - r.elbo;
  return r;
}

/* --- the page ------------------------------------------------------------------------------ */

static void
step_alpha (world *v)
{
  v->a = v->a0 + 1;
  v->b = v->b0 + 0.5 * second_moment (&v->w);
}

static void
passes (world *v, double alpha, size_t n, demo_page *page)
{
  double last = -INFINITY;
  page_table (page, "steps", "Coordinate ascent (no bound before the first q(alpha))",
              "pass:4 after:5t m_1 m_2 E_alpha elbo gap");
  for (size_t i = 1; i <= n; i++)
    for (int half = 0; half < 2; half++)
      {
        if (half)
          step_alpha (v);
        else
          v->w = given_alpha (v, i > 1 ? v->a / v->b : alpha);
        if (i == 1 && !half)
          continue;
        const elbo_identity r = identity (v);
        page_row (page, half ? "alpha" : "w",
                  (double[]){ (double)i, v->w.m[0], v->w.m[1], v->a / v->b, r.elbo, r.gap });
        page_check_gap (page, "gap of a half-step", &r);
        page_check (page, "the ELBO never falls", fmin (r.elbo, last), last,
                    1e-12 * fmax (1, fabs (r.elbo)));
        last = r.elbo;
      }
  page_table_end (page);
}

static void
print_limit (world *v, demo_page *page)
{
  for (int i = 0; i < MOST_PASSES; i++)
    {
      const double before = v->b;
      v->w = given_alpha (v, v->a / v->b);
      step_alpha (v);
      if (fabs (v->b - before) <= 1e-16 * v->b)
        break;
    }
  const elbo_identity r = identity (v);
  const page_number number[]
      = { { "m_1", v->w.m[0] }, { "m_2", v->w.m[1] }, { "E_alpha", v->a / v->b } };
  page_numbers (page, "limit", "The limit", number, 3);
  page_identity (page, "identity", "The identity there", &r);
}

/* alpha known: q(w) is the posterior. */
static void
print_fixed (const world *v, double alpha, demo_page *page)
{
  const normal w = given_alpha (v, alpha);
  const double prior[4] = { 1 / alpha, 0, 0, 1 / alpha }, zero[2] = { 0, 0 };
  const double spread = w.S[0] * v->gram[0] + 2 * w.S[1] * v->gram[1] + w.S[3] * v->gram[2];
  elbo_identity r;
  r.reconstruction
      = 0.5 * v->n * log (v->beta / (2 * M_PI)) - 0.5 * v->beta * (residual (v, w.m) + spread);
  r.kl_prior = elbo_kl_normal (2, w.m, w.S, zero, prior);
  r.elbo = r.reconstruction - r.kl_prior;
  r.log_evidence = log_given_alpha (v, alpha, &w);
  r.gap = r.log_evidence - r.elbo;
  r.kl_posterior = elbo_kl_normal (2, w.m, w.S, w.m, w.S);
  page_identity (page, "fixed", "alpha held fixed: q(w) is the posterior", &r);
}

/* The line under q(w), with twice its standard deviation to either side. */
static void
draw_picture (const world *v, demo_page *page)
{
  const double *S = v->w.S;
  double least = v->x[0], most = v->x[0];
  for (size_t i = 0; i < (size_t)v->n; i++)
    {
      least = fmin (least, v->x[i]);
      most = fmax (most, v->x[i]);
    }
  const double room = most > least ? 0.15 * (most - least) : 1;
  page_curve (page, "line", "x mean low high");
  for (int i = 0; i <= CURVE; i++)
    {
      const double x = least - room + (most - least + 2 * room) * i / CURVE;
      const double mean = v->w.m[0] + v->w.m[1] * x;
      const double two = 2 * sqrt (S[0] + 2 * S[1] * x + S[3] * x * x);
      page_row (page, NULL, (double[]){ x, mean, mean - two, mean + two });
    }
  page_table_end (page);
  page_curve (page, "points", "x t");
  for (size_t i = 0; i < (size_t)v->n; i++)
    page_row (page, NULL, (double[]){ v->x[i], v->t[i] });
  page_table_end (page);
}

static int
run (const parameter_list *p, demo_page *page)
{
  world v = {
    .n = (double)p[0].n, .beta = *p[2].v, .a0 = *p[3].v, .b0 = *p[4].v, .x = p[0].v, .t = p[1].v
  };
  if (p[0].n != p[1].n)
    {
      complain ("--x and --t: equally many numbers are needed");
      return EXIT_USAGE;
    }
  for (size_t i = 0; i < p[0].n; i++)
    {
      const double x = p[0].v[i], t = p[1].v[i];
      v.gram[0] += 1;
      v.gram[1] += x;
      v.gram[2] += x * x;
      v.target[0] += t;
      v.target[1] += x * t;
      for (size_t j = 0; j < i; j++)
        v.det += gsl_pow_2 (x - p[0].v[j]);
    }
  passes (&v, *p[5].v, (size_t)*p[6].v, page);
  print_limit (&v, page);
  if (page_draws (page))
    draw_picture (&v, page);
  print_fixed (&v, *p[5].v, page);
  return 0;
}

const demo demo_blr
    = { { "blr", "Bayesian linear regression: q(w) q(alpha)", parameter },
        { { .title = "Coordinate ascent",
            .stairs = "steps: elbo gap",
            .second = "alpha",
            .kind = { "after q(w)", "after q(alpha)" },
            .touch = "log p(t)" },
          { .title = "The line under q(w), at the limit",
            .xlabel = "x",
            .ylabel = "t",
            .curve = { { DRAW_BETWEEN, "line: x low high", "+- 2 standard deviations", 6 },
                       { DRAW_LINE, "line: x mean", "mean", 1 },
                       { DRAW_POINTS, "points: x t", "what was seen", 0 } } } },
        run };
