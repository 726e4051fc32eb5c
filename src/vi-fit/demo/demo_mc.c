/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Monte Carlo ELBO with reparameterisation: p(z) = N(0, 1), p(x|z) = N(w z, noise),
   q = N(m, s2), z = m + s e.  The integrand is a polynomial of e,

       log p(x,z) - log q(z) = a + b e + c e^2
       b = -m s + w s (x - w m) / noise,  c = 1/2 - 1/2 s2 (1 + w^2 / noise)

   so that ELBO = a + c and the variance of one draw is b^2 + 2 c^2.  The gradient in m is
   -m + w (x - w m) / noise, and has three unbiased estimators of one draw (Roeder, Wu & Duvenaud
   2017):
       reparameterised  -z + w (x - w z) / noise        variance s2 (1 + w^2 / noise)^2
       path             the same + (z - m) / s2         variance s2 (1/s2 - 1 - w^2 / noise)^2,
                        0 at the posterior ("sticking the landing")
       score            (log p(x,z) - log q(z)) (z - m) / s2 */
#include <config.h>
#include <math.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "m", "0.3", "[-1000,1000]", 'r', "mean of q" },
        { "s2", "0.25", "[0.001,1000]", 'r', "variance of q" },
        { "w", "1", "[-1000,1000]", 'r', "slope of the mean of x" },
        { "noise", "1", "[0.001,1000]", 'r', "variance of x given z" },
        { "x", "1", "[-1000,1000]", 'r', "what was seen" },
        { "draws", "1000000", "[1000,1000000000]", 'n', "draws" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  CURVE = 100,
  MOST_DRAWN = 1000000
}; /* of a picture: half its steps, and draws */

typedef struct
{
  double m, s2, w, noise, x;
} world;

static double
log_normal (double x, double mean, double variance)
{
  return -0.5 * (log (2 * M_PI * variance) + (x - mean) * (x - mean) / variance);
}

static double
log_joint (const double *z, void *arg)
{
  const world *v = arg;
  return log_normal (*z, 0, 1) + log_normal (v->x, v->w * *z, v->noise);
}

static double
log_q (const double *z, void *arg)
{
  const world *v = arg;
  return log_normal (*z, v->m, v->s2);
}

static void
draw (gsl_rng *rng, double *z, void *arg)
{
  const world *v = arg;
  *z = v->m + gsl_ran_gaussian (rng, sqrt (v->s2));
}

/* The exact identity; *variance of the integrand. */
static elbo_identity
exact (const world *v, double *variance)
{
  const double zero = 0, one = 1, s = sqrt (v->s2), off = v->x - v->w * v->m;
  const double post_var = 1 / (1 + v->w * v->w / v->noise);
  const double post_mean = post_var * v->w * v->x / v->noise;
  const double b = -v->m * s + v->w * s * off / v->noise;
  const double c = 0.5 - 0.5 * v->s2 / post_var;
  elbo_identity r;
  r.reconstruction
      = log_normal (v->x, v->w * v->m, v->noise) - 0.5 * v->w * v->w * v->s2 / v->noise;
  r.kl_prior = elbo_kl_normal (1, &v->m, &v->s2, &zero, &one);
  r.elbo = r.reconstruction - r.kl_prior;
  r.log_evidence = log_normal (v->x, 0, v->w * v->w + v->noise);
  r.gap = r.log_evidence - r.elbo;
  r.kl_posterior = elbo_kl_normal (1, &v->m, &v->s2, &post_mean, &post_var);
  *variance = b * b + 2 * c * c;
  return r;
}

/* --- the gradient in m -------------------------------------------------------------------- */

enum
{
  REPARAMETERISED,
  PATH,
  SCORE,
  ESTIMATORS
};

static void
one_gradient (const world *v, double z, double g[ESTIMATORS])
{
  const double pull = (z - v->m) / v->s2;
  world copy = *v;
  g[REPARAMETERISED] = -z + v->w * (v->x - v->w * z) / v->noise;
  g[PATH] = g[REPARAMETERISED] + pull;
  g[SCORE] = (log_joint (&z, &copy) - log_q (&z, &copy)) * pull;
}

static void
gradients (const world *v, size_t draws, demo_page *page)
{
  static const char *const name[] = { "reparameterised", "path", "score" };
  const double slope = 1 + v->w * v->w / v->noise, sharp = 1 / v->s2 - slope;
  const double exact_g = -v->m + v->w * (v->x - v->w * v->m) / v->noise;
  const double variance[] = { v->s2 * slope * slope, v->s2 * sharp * sharp, NAN };
  double mean[ESTIMATORS] = { 0 }, square[ESTIMATORS] = { 0 }, g[ESTIMATORS];
  world copy = *v;
  for (size_t i = 0; i < draws; i++)
    {
      double z;
      draw (page_rng (page), &z, &copy);
      one_gradient (v, z, g);
      for (int e = 0; e < ESTIMATORS; e++)
        {
          const double off = g[e] - mean[e];
          mean[e] += off / (double)(i + 1);
          square[e] += off * (g[e] - mean[e]);
        }
    }
  page_table (page, "gradient", "The gradient in m: three unbiased estimators",
              "estimator:15t exact estimate standard_error variance exact_variance");
  for (int e = 0; e < ESTIMATORS; e++)
    {
      const double seen = square[e] / (double)(draws - 1);
      page_row (page, name[e],
                (double[]){ exact_g, mean[e], sqrt (seen / (double)draws), seen, variance[e] });
    }
  page_table_end (page);
}

/* --- the page ----------------------------------------------------------------------------- */

static void
table_of_q (const world *here, demo_page *page)
{
  static const double q[][2] = { { 0.5, 0.5 }, { 0, 1 }, { 0.5, 1 }, { 0.3, 0.25 } };
  page_table (page, "choices", "Other q = N(m, s2): exact",
              "m:4 s2:5 elbo gap kl_posterior variance");
  for (size_t i = 0; i < sizeof q / sizeof *q; i++)
    {
      double variance;
      world v = *here;
      v.m = q[i][0];
      v.s2 = q[i][1];
      const elbo_identity r = exact (&v, &variance);
      page_row (page, NULL, (double[]){ v.m, v.s2, r.elbo, r.gap, r.kl_posterior, variance });
      page_check_gap (page, "gap of a choice of q", &r);
    }
  page_table_end (page);
  page_say (page, "Where q is the posterior, every draw gives log p(x): variance 0.");
}

/* Estimates from more and more draws, and what each draw gives. */
static int
draw_picture (const world *v, const elbo_own_model *model, double draws, demo_page *page)
{
  static const double lead[] = { 1, 2, 5 };
  const double reach = 3.5 * sqrt (v->s2), most = fmin (draws, MOST_DRAWN);
  double variance;
  const elbo_identity r = exact (v, &variance);
  world copy = *v;
  page_curve (page, "running", "draws estimate error elbo log_p");
  for (int i = 6; 1; i++)
    {
      const double n = fmin (lead[i % 3] * gsl_pow_int (10, i / 3), most);
      elbo_estimate e;
      if (elbo_monte_carlo (model, (size_t)n, 1, page_rng (page), &e))
        {
          complain_status ();
          return EXIT_USAGE;
        }
      page_row (page, NULL, (double[]){ n, e.mean, e.error, r.elbo, r.log_evidence });
      if (n >= most)
        break;
    }
  page_table_end (page);
  page_curve (page, "integrand", "z value elbo log_p");
  for (int i = -CURVE; i <= CURVE; i++)
    {
      const double z = v->m + reach * i / CURVE;
      page_row (page, NULL,
                (double[]){ z, log_joint (&z, &copy) - log_q (&z, &copy), r.elbo, r.log_evidence });
    }
  page_table_end (page);
  return 0;
}

static int
run (const parameter_list *p, demo_page *page)
{
  world v = { *p[0].v, *p[1].v, *p[2].v, *p[3].v, *p[4].v };
  const size_t draws = (size_t)*p[5].v;
  const elbo_own_model model = { 1, log_joint, log_q, draw, &v };
  elbo_estimate e;
  double variance;
  const elbo_identity r = exact (&v, &variance);
  if (elbo_monte_carlo (&model, draws, 1, page_rng (page), &e))
    {
      complain_status ();
      return EXIT_USAGE;
    }
  page_identity (page, "identity", "The exact identity at this q", &r);
  const double error = sqrt (variance / (double)draws);
  const page_number number[] = { { "exact", r.elbo },           { "estimate", e.mean },
                                 { "standard_error", e.error }, { "exact_standard_error", error },
                                 { "variance", e.variance },    { "exact_variance", variance } };
  page_numbers (page, "monte_carlo", "The ELBO by drawing (elbo_monte_carlo)", number, 6);
  page_check_estimate (page, "the estimate of the ELBO", e.mean, r.elbo, error);
  gradients (&v, draws, page);
  table_of_q (&v, page);
  return page_draws (page) ? draw_picture (&v, &model, *p[5].v, page) : 0;
}

const demo demo_mc = {
  { "mc", "the Monte Carlo ELBO, reparameterised, with its error bar", parameter },
  { { .title = "Estimates from more and more draws",
      .xlabel = "draws",
      .ylabel = "nats",
      .log_x = 1,
      .curve = { { DRAW_BETWEEN, "running: draws elbo log_p", "gap = KL(q || p(z | x))", 2 },
                 { DRAW_DASHES, "running: draws log_p", "log p(x)", 0 },
                 { DRAW_LINE, "running: draws elbo", "ELBO, exact", 1 },
                 { DRAW_ERRORS, "running: draws estimate error", "mean +- 2 std errors", 3 } } },
    { .title = "What is averaged",
      .xlabel = "z, over 3.5 standard deviations of q",
      .ylabel = "nats",
      .curve = { { DRAW_LINE, "integrand: z value", "log p(x, z) - log q(z)", 3 },
                 { DRAW_DASHES, "integrand: z log_p", "log p(x)", 0 },
                 { DRAW_LINE, "integrand: z elbo", "ELBO, its mean under q", 1 } } } },
  run
};
