/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear variational autoencoder, which is probabilistic PCA (Lucas, Tucker, Grosse & Norouzi
   2019; Tipping & Bishop 1999), with two latent variables and data of covariance S = diag
   (variances).  Averages for one row:

       p(x|z) = N (W z, sigma2 I),   q(z|x) = N (V x, diag (d)): one linear encoder for all rows
       rec  = -D/2 log (2 pi sigma2) - (tr S - 2 tr (W V S) + tr (W G W')) / (2 sigma2)
       KL   = 1/2 (sum d + tr (V S V') - 2 - sum log d),       G = V S V' + diag (d)
       encoder step  M = W'W + sigma2 I,  V = M^-1 W',  d_i = sigma2 / M_ii
       decoder step  W = S V' G^-1,  sigma2 = (tr S - 2 tr (W V S) + tr (W G W')) / D

   After an encoder step the gap is 1/2 (sum log M_ii - log |M|), 0 where W'W is diagonal: the
   likelihood is blind to rotations of W, the ELBO is not.  A direction is used only when its
   variance is above beta sigma2 (posterior collapse); beta weighs the KL as in a beta-VAE. */
#include <config.h>
#include <math.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "variances", "4,2,0.5", "[0.001,1000]", 'R', "of the data, along their principal axes" },
        { "sigma2", "1", "[0.001,1000]", 'r', "noise of the decoder" },
        { "angle", "0,15,30,45", "[-360,360]", 'R', "degrees by which W is turned" },
        { "collapse", "3", "[0.001,1000]", 'r', "noise at which collapse is shown" },
        { "beta", "1", "[0.001,1000]", 'r', "weight of the KL where collapse is shown" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  MOST = 16,
  MOST_PASSES = 100000,
  CURVE = 180
}; /* CURVE: steps in the picture */

typedef struct
{
  size_t dim;
  double variance[MOST], sigma2, W[MOST][2], V[2][MOST], d[2];
} vae;

/* W'W + noise I */
static void
precision (const vae *a, double noise, double M[2][2])
{
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      {
        M[i][j] = i == j ? noise : 0;
        for (size_t c = 0; c < a->dim; c++)
          M[i][j] += a->W[c][i] * a->W[c][j];
      }
}

/* |W'W + noise I| as a sum of squares (Cauchy and Binet): columns may be nearly parallel. */
static double
determinant (const vae *a, double noise)
{
  double sum = noise * noise;
  for (size_t c = 0; c < a->dim; c++)
    {
      sum += noise * (a->W[c][0] * a->W[c][0] + a->W[c][1] * a->W[c][1]);
      for (size_t e = 0; e < c; e++)
        sum += gsl_pow_2 (a->W[c][0] * a->W[e][1] - a->W[c][1] * a->W[e][0]);
    }
  return sum;
}

static void
invert (double M[2][2], double det, double inverse[2][2])
{
  inverse[0][0] = M[1][1] / det;
  inverse[1][1] = M[0][0] / det;
  inverse[0][1] = inverse[1][0] = -M[0][1] / det;
}

/* M^-1 W', M = W'W + noise I */
static void
mean_map (const vae *a, double noise, double V[2][MOST])
{
  double M[2][2], inverse[2][2];
  precision (a, noise, M);
  invert (M, determinant (a, noise), inverse);
  for (int i = 0; i < 2; i++)
    for (size_t c = 0; c < a->dim; c++)
      V[i][c] = inverse[i][0] * a->W[c][0] + inverse[i][1] * a->W[c][1];
}

/* The encoder for this noise: sigma2, or beta sigma2. */
static void
encode (vae *a, double noise)
{
  double M[2][2];
  precision (a, noise, M);
  mean_map (a, noise, a->V);
  for (int i = 0; i < 2; i++)
    a->d[i] = noise / M[i][i];
}

static void
second_moment (const vae *a, double G[2][2])
{
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      {
        G[i][j] = i == j ? a->d[i] : 0;
        for (size_t c = 0; c < a->dim; c++)
          G[i][j] += a->V[i][c] * a->variance[c] * a->V[j][c];
      }
}

/* E |x - W V x|^2 */
static double
distance (const vae *a, double V[2][MOST])
{
  double sum = 0;
  for (size_t c = 0; c < a->dim; c++)
    for (size_t e = 0; e < a->dim; e++)
      sum += a->variance[e]
             * gsl_pow_2 ((double)(c == e) - a->W[c][0] * V[0][e] - a->W[c][1] * V[1][e]);
  return sum;
}

/* E |x - W z|^2 = tr S - 2 tr (W V S) + tr (W G W'), as a sum of squares */
static double
residual (vae *a)
{
  double sum = distance (a, a->V);
  for (size_t c = 0; c < a->dim; c++)
    sum += a->d[0] * gsl_pow_2 (a->W[c][0]) + a->d[1] * gsl_pow_2 (a->W[c][1]);
  return sum;
}

static void
decode (vae *a)
{
  double G[2][2], inverse[2][2];
  second_moment (a, G);
  invert (G, G[0][0] * G[1][1] - G[0][1] * G[1][0], inverse);
  for (size_t c = 0; c < a->dim; c++)
    for (int i = 0; i < 2; i++)
      a->W[c][i] = a->variance[c] * (a->V[0][c] * inverse[0][i] + a->V[1][c] * inverse[1][i]);
  a->sigma2 = residual (a) / (double)a->dim;
}

/* KL of direction i, for one row. */
static double
direction_kl (const vae *a, int i)
{
  double sum = a->d[i] - 1 - log (a->d[i]);
  for (size_t c = 0; c < a->dim; c++)
    sum += a->V[i][c] * a->V[i][c] * a->variance[c];
  return 0.5 * sum;
}

/* tr (C^-1 S) = E |x - W V x|^2 / sigma2 + E |V x|^2 at the V of the posterior. */
static double
log_likelihood (const vae *a)
{
  const double D = (double)a->dim;
  double V[2][MOST], trace;
  mean_map (a, a->sigma2, V);
  trace = distance (a, V) / a->sigma2;
  for (size_t c = 0; c < a->dim; c++)
    trace += a->variance[c] * (V[0][c] * V[0][c] + V[1][c] * V[1][c]);
  return -0.5
         * (D * log (2 * M_PI) + (D - 2) * log (a->sigma2) + log (determinant (a, a->sigma2))
            + trace);
}

/* KL (q(z|x) || p(z|x)), p(z|x) = N (M^-1 W' x, sigma2 M^-1), averaged over x. */
static double
divergence (const vae *a)
{
  double M[2][2], V[2][MOST], sum;
  precision (a, a->sigma2, M);
  mean_map (a, a->sigma2, V);
  sum = -0.5 * log (determinant (a, a->sigma2));
  for (int i = 0; i < 2; i++)
    sum += 0.5 * (a->d[i] * M[i][i] / a->sigma2 - 1 - log (a->d[i] / a->sigma2));
  for (size_t c = 0; c < a->dim; c++)
    {
      const double x = a->V[0][c] - V[0][c], y = a->V[1][c] - V[1][c];
      sum += 0.5 * a->variance[c] / a->sigma2
             * (x * x * M[0][0] + 2 * x * y * M[0][1] + y * y * M[1][1]);
    }
  return sum;
}

static elbo_identity
identity (vae *a)
{
  elbo_identity v;
  v.reconstruction
      = -0.5 * (double)a->dim * log (2 * M_PI * a->sigma2) - residual (a) / (2 * a->sigma2);
  v.kl_prior = direction_kl (a, 0) + direction_kl (a, 1);
  v.elbo = v.reconstruction - v.kl_prior;
  v.log_evidence = log_likelihood (a);
  v.gap = v.log_evidence - v.elbo;
  v.kl_posterior = divergence (a);
  return v;
}

/* W along the first two axes, of the length that is best at this noise, turned. */
static void
place (vae *a, double noise, double degrees)
{
  const double c = cos (degrees * M_PI / 180), s = sin (degrees * M_PI / 180);
  const double first = sqrt (fmax (a->variance[0] - noise, 0));
  const double second = sqrt (fmax (a->variance[1] - noise, 0));
  for (size_t i = 0; i < a->dim; i++)
    a->W[i][0] = a->W[i][1] = 0;
  a->W[0][0] = first * c;
  a->W[0][1] = -first * s;
  a->W[1][0] = second * s;
  a->W[1][1] = second * c;
}

/* --- the page ----------------------------------------------------------------------------- */

static void
turned (vae *a, const parameter_list *angle, demo_page *page)
{
  page_table (page, "turned", "W turned: the likelihood does not see it, the ELBO does",
              "angle:6 reconstruction kl_prior elbo gap hadamard");
  for (size_t i = 0; i < angle->n; i++)
    {
      double M[2][2];
      place (a, a->sigma2, angle->v[i]);
      encode (a, a->sigma2);
      const elbo_identity v = identity (a);
      precision (a, a->sigma2, M);
      const double hadamard = 0.5 * log (M[0][0] * M[1][1] / determinant (a, a->sigma2));
      page_row (page, NULL,
                (double[]){ angle->v[i], v.reconstruction, v.kl_prior, v.elbo, v.gap, hadamard });
      page_check_gap (page, "gap of W turned", &v);
      page_check (page, "1/2 (sum log M_ii - log |M|)", hadamard, v.gap,
                  1e-12 * fmax (1, fabs (v.elbo)));
    }
  page_table_end (page);
}

static double
check_step (vae *a, double last, demo_page *page)
{
  const elbo_identity v = identity (a);
  page_check_gap (page, "gap of a half-step", &v);
  page_check (page, "the ELBO never falls", fmin (v.elbo, last), last,
              1e-12 * fmax (1, fabs (v.elbo)));
  return v.elbo;
}

/* Encoder and decoder in turn, from a random W, until nothing moves. */
static void
learn (const parameter_list *p, demo_page *page)
{
  vae a = { .dim = p[0].n, .sigma2 = *p[1].v };
  double last = -INFINITY, moved = 1, norm[2] = { 0, 0 }, rest = 0;
  int passes = 0;
  for (size_t c = 0; c < a.dim; c++)
    {
      a.variance[c] = p[0].v[c];
      a.W[c][0] = gsl_ran_gaussian (page_rng (page), sqrt (a.variance[c]));
      a.W[c][1] = gsl_ran_gaussian (page_rng (page), sqrt (a.variance[c]));
      rest += c < 2 ? 0 : a.variance[c] / (double)(a.dim - 2);
    }
  for (; passes < MOST_PASSES && moved > 1e-14; passes++)
    {
      const vae before = a;
      encode (&a, a.sigma2);
      last = check_step (&a, last, page);
      decode (&a);
      last = check_step (&a, last, page);
      moved = 0;
      for (size_t c = 0; c < 2 * a.dim; c++)
        moved = fmax (moved, fabs (a.W[c / 2][c % 2] - before.W[c / 2][c % 2]));
    }
  for (size_t c = 0; c < 2 * a.dim; c++)
    norm[c % 2] += a.W[c / 2][c % 2] * a.W[c / 2][c % 2];
  const elbo_identity v = identity (&a);
  const page_number number[] = { { "passes:", passes },
                                 { "sigma2", a.sigma2 },
                                 { "sigma2_pca", rest },
                                 { "longer_column^2", fmax (norm[0], norm[1]) },
                                 { "shorter_column^2", fmin (norm[0], norm[1]) },
                                 { "log_likelihood", v.log_evidence },
                                 { "elbo", v.elbo },
                                 { "gap", v.gap } };
  page_numbers (page, "learned", "Encoder and decoder in turn, from a random W", number, 8);
}

static void
collapse (vae *a, double beta, demo_page *page)
{
  const double noise = beta * a->sigma2;
  place (a, noise, 0);
  encode (a, noise);
  page_table (page, "collapse",
              "Posterior collapse: a direction is used when its variance > beta "
              "sigma2",
              "direction:9 variance:9 used:4 column^2 d kl curvature_at_0");
  for (int i = 0; i < 2; i++)
    {
      const double lambda = a->variance[i], used = lambda > noise, kl = direction_kl (a, i);
      page_row (page, NULL,
                (double[]){ i + 1, lambda, used, a->W[i][i] * a->W[i][i], a->d[i], kl,
                            (lambda - noise) / (2 * noise * a->sigma2) });
      page_check (page, "KL of a direction: 1/2 log (variance / noise)", kl,
                  used > 0 ? 0.5 * log (lambda / noise) : 0, 1e-12 * fmax (1, kl));
    }
  page_table_end (page);
  const elbo_identity v = identity (a);
  page_identity (page, "collapsed", "The identity there", &v);
}

/* The bound over the angle, and the KL of both directions over the noise of the decoder. */
static void
draw_picture (vae *a, const parameter_list *p, demo_page *page)
{
  const double beta = *p[4].v, chosen = *p[3].v;
  double least = 0, most = 90, tallest = 0;
  for (size_t i = 0; i < p[2].n; i++)
    {
      least = fmin (least, p[2].v[i]);
      most = fmax (most, p[2].v[i]);
    }
  a->sigma2 = *p[1].v;
  page_curve (page, "turn", "angle elbo log_p");
  for (int i = 0; i <= CURVE; i++)
    {
      const double angle = least + (most - least) * i / CURVE;
      place (a, a->sigma2, angle);
      encode (a, a->sigma2);
      const elbo_identity v = identity (a);
      page_row (page, NULL, (double[]){ angle, v.elbo, v.log_evidence });
    }
  page_table_end (page);
  const double low = 0.2 * fmin (a->variance[1] / beta, chosen);
  const double high = 3 * fmax (a->variance[0] / beta, chosen);
  page_curve (page, "noise", "sigma2 kl_1 kl_2");
  for (int i = 0; i <= CURVE; i++)
    {
      a->sigma2 = low * pow (high / low, (double)i / CURVE);
      place (a, beta * a->sigma2, 0);
      encode (a, beta * a->sigma2);
      tallest = fmax (tallest, direction_kl (a, 0));
      page_row (page, NULL, (double[]){ a->sigma2, direction_kl (a, 0), direction_kl (a, 1) });
    }
  page_table_end (page);
  page_curve (page, "here", "sigma2 kl");
  page_row (page, NULL, (double[]){ chosen, 0 });
  page_row (page, NULL, (double[]){ chosen, tallest });
  page_table_end (page);
}

static int
run (const parameter_list *p, demo_page *page)
{
  vae a = { .dim = p[0].n, .sigma2 = *p[1].v };
  if (a.dim < 3 || a.dim > MOST)
    {
      complain ("--variances: 3 to %d numbers are needed", MOST);
      return EXIT_USAGE;
    }
  for (size_t c = 0; c < a.dim; c++)
    {
      a.variance[c] = p[0].v[c];
      if (c && a.variance[c] > a.variance[c - 1])
        {
          complain ("--variances: largest first");
          return EXIT_USAGE;
        }
    }
  place (&a, a.sigma2, p[2].v[0]);
  encode (&a, a.sigma2);
  const elbo_identity v = identity (&a);
  page_identity (page, "identity", "The identity for the first angle, mean of the rows", &v);
  turned (&a, &p[2], page);
  learn (p, page);
  a.sigma2 = *p[3].v;
  collapse (&a, *p[4].v, page);
  if (page_draws (page))
    draw_picture (&a, p, page);
  return 0;
}

const demo demo_linvae
    = { { "linvae", "the linear VAE is PCA: axes, learning, posterior collapse", parameter },
        { { .title = "W turned: only the ELBO sees it",
            .xlabel = "angle, degrees",
            .ylabel = "nats per row",
            .curve = { { DRAW_BETWEEN, "turn: angle elbo log_p", "gap", 2 },
                       { DRAW_DASHES, "turn: angle log_p", "log p(x)", 0 },
                       { DRAW_LINE, "turn: angle elbo", "ELBO", 1 },
                       { DRAW_POINTS, "turned: angle elbo", "rows of the table", 1 } } },
          { .title = "Posterior collapse",
            .xlabel = "noise sigma2 of the decoder",
            .ylabel = "KL of a direction, nats per row",
            .log_x = 1,
            .curve = { { DRAW_LINE, "noise: sigma2 kl_1", "direction 1", 1 },
                       { DRAW_LINE, "noise: sigma2 kl_2", "direction 2", 2 },
                       { DRAW_DASHES, "here: sigma2 kl", "the noise of --collapse", 0 } } } },
        run };
