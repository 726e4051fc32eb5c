/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importance-weighted bound of a latent variable with two states, exactly (Burda, Grosse &
   Salakhutdinov 2016):  w_z = p(x, z) / q(z), j of K draws fall on z = 1 with probability
   C(K, j) q^j (1 - q)^(K - j), and

       L_K = sum_j P(j) log ((j w_1 + (K - j) w_0) / K)
       gap = KL (q(z_1) ... q(z_K) || ...) = sum_j P(j) log (p(x) / mean w)

   The target of that KL is q(z_1) ... q(z_K) (mean w) / p(x).  K gap -> Var (w) / (2 p(x)^2)
   (Nowozin 2018). */
#include <config.h>
#include <math.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "q", "0.7", "[0.01,0.99]", 'r', "q(z = 1)" },
        { "prior", "0.5", "[0.01,0.99]", 'r', "p(z = 1)" },
        { "likelihood", "0.2,0.8", "[0.001,1000]", 'R', "p(x | z = 0), p(x | z = 1)" },
        { "particles", "1,2,3,5,10,100,1000", "[1,100000]", 'N', "K" },
        { "draws", "100000", "[1000,100000000]", 'n', "terms of the Monte Carlo check" },
        { "check", "5", "[1,1000]", 'n', "K of the Monte Carlo check" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  CURVE = 120
}; /* steps of the curves of the picture */

typedef struct
{
  double q, log_q[2], log_joint[2], weight[2], evidence;
} world;

static double
log_joint (const double *z, void *arg)
{
  const world *w = arg;
  return w->log_joint[*z > 0.5];
}

static double
log_q (const double *z, void *arg)
{
  const world *w = arg;
  return w->log_q[*z > 0.5];
}

static void
draw (gsl_rng *rng, double *z, void *arg)
{
  const world *w = arg;
  *z = gsl_rng_uniform (rng) < w->q;
}

static world
make_world (const parameter_list *p)
{
  world w = { .q = *p[0].v };
  for (int z = 0; z < 2; z++)
    {
      const double q = z ? w.q : 1 - w.q, prior = z ? *p[1].v : 1 - *p[1].v;
      w.log_q[z] = log (q);
      w.log_joint[z] = log (prior) + log (p[2].v[z]);
      w.weight[z] = prior * p[2].v[z] / q;
      w.evidence += prior * p[2].v[z];
    }
  return w;
}

/* mean w when this share of the draws falls on z = 1 */
static double
mean_weight (const world *w, double share)
{
  return share * w->weight[1] + (1 - share) * w->weight[0];
}

/* log (mean w / p(x)); mean w - p(x) = (share - q) (w_1 - w_0), which has no cancellation */
static double
log_ratio (const world *w, double share)
{
  const double off = (share - w->q) * (w->weight[1] - w->weight[0]) / w->evidence;
  return off > -0.5 ? log1p (off) : log (mean_weight (w, share) / w->evidence);
}

/* Sums over j with weights proportional to P (j). */
typedef struct
{
  double total, bound, square, divergence;
} sums;

/* Add j, j + step, ... until P is negligible; P is relative to that of the first. */
static void
add_tail (const world *w, long K, long j, int step, sums *sum)
{
  const double odds = w->q / (1 - w->q);
  for (double p = 1; j >= 0 && j <= K && p > 1e-40; j += step)
    {
      const double share = (double)j / (double)K, n = (double)(K - j), m = (double)j;
      const double term = log (mean_weight (w, share));
      sum->total += p;
      sum->bound += p * term;
      sum->square += p * term * term;
      sum->divergence -= p * log_ratio (w, share);
      p *= step > 0 ? n / (m + 1) * odds : m / (n + 1) / odds;
    }
}

/* L_K and its gap, each by its own sum, outwards from the most probable j; *variance of one term,
   unless it is NULL. */
static elbo_identity
exact (const world *w, long K, double *variance)
{
  const long mode = (long)((double)K * w->q);
  sums up = { 0, 0, 0, 0 }, down = { 0, 0, 0, 0 };
  add_tail (w, K, mode, 1, &up);
  add_tail (w, K, mode, -1, &down);
  /* the first stands in both */
  const double share = (double)mode / (double)K, total = up.total + down.total - 1;
  const double term = log (mean_weight (w, share));
  elbo_identity v = { NAN, NAN, 0, log (w->evidence), 0, 0 };
  v.elbo = (up.bound + down.bound - term) / total;
  v.kl_posterior = (up.divergence + down.divergence + log_ratio (w, share)) / total;
  v.gap = v.log_evidence - v.elbo;
  if (variance)
    *variance = fmax ((up.square + down.square - term * term) / total - v.elbo * v.elbo, 0);
  return v;
}

static void
bound_table (const world *w, const parameter_list *K, demo_page *page)
{
  const double spread = w->q * (1 - w->q) * pow (w->weight[1] - w->weight[0], 2);
  double last = -INFINITY, before = 0;
  page_table (page, "bounds", "The bound rises with the number K of draws",
              "K:6 bound gap kl_extended K_gap");
  for (size_t i = 0; i < K->n; i++)
    {
      const elbo_identity v = exact (w, (long)K->v[i], NULL);
      page_row (page, NULL, (double[]){ K->v[i], v.elbo, v.gap, v.kl_posterior, K->v[i] * v.gap });
      page_check_gap (page, "gap of the extended space", &v);
      if (K->v[i] >= before)
        page_check (page, "the bound rises with K", fmin (v.elbo, last), last, 1e-12);
      last = v.elbo;
      before = K->v[i];
    }
  page_table_end (page);
  const page_number limit[] = { { "log_evidence", log (w->evidence) },
                                { "limit_of_K_gap", spread / (2 * w->evidence * w->evidence) } };
  page_numbers (page, "limit", "As K grows (delta method: K gap -> Var w / (2 p(x)^2))", limit, 2);
}

/* The bound at whole numbers spaced evenly on a logarithmic axis, and the check by drawing. */
static void
draw_picture (const world *w, const parameter_list *K, double drawn, const elbo_estimate *e,
              demo_page *page)
{
  const double spread = w->q * (1 - w->q) * pow (w->weight[1] - w->weight[0], 2);
  const double limit = spread / (2 * w->evidence * w->evidence);
  double most = fmax (drawn, 10), last = 0;
  for (size_t i = 0; i < K->n; i++)
    most = fmax (most, K->v[i]);
  page_curve (page, "curve", "K bound log_p K_gap limit");
  for (int i = 0; i <= CURVE; i++)
    {
      const double k = floor (pow (most, (double)i / CURVE) + 0.5);
      if (k == last)
        continue;
      const elbo_identity v = exact (w, (long)k, NULL);
      page_row (page, NULL, (double[]){ k, v.elbo, v.log_evidence, k * v.gap, limit });
      last = k;
    }
  page_table_end (page);
  page_curve (page, "check", "K estimate error");
  page_row (page, NULL, (double[]){ drawn, e->mean, e->error });
  page_table_end (page);
}

static int
run (const parameter_list *p, demo_page *page)
{
  elbo_identity v;
  elbo_estimate e;
  double variance;
  if (p[2].n != 2)
    {
      complain ("--likelihood: two numbers are needed");
      return EXIT_USAGE;
    }
  world w = make_world (p);
  const double q[] = { 1 - w.q, w.q }, log_prior[] = { log (1 - *p[1].v), log (*p[1].v) };
  const elbo_own_model model = { 1, log_joint, log_q, draw, &w };
  const size_t K = (size_t)*p[5].v;
  if (elbo_discrete_bound (2, w.log_joint, log_prior, q, &v)
      || elbo_monte_carlo (&model, (size_t)*p[4].v, K, page_rng (page), &e))
    {
      complain_status ();
      return EXIT_USAGE;
    }
  page_identity (page, "identity", "K = 1: the ELBO", &v);
  bound_table (&w, &p[3], page);
  const double want = exact (&w, (long)K, &variance).elbo;
  const double error = sqrt (variance / *p[4].v);
  const page_number check[] = { { "particles:", (double)K },
                                { "exact", want },
                                { "estimate", e.mean },
                                { "standard_error", e.error },
                                { "exact_standard_error", error } };
  page_numbers (page, "monte_carlo", "The same by drawing (elbo_monte_carlo)", check, 5);
  page_check_estimate (page, "the estimate of the bound", e.mean, want, error);
  if (page_draws (page))
    draw_picture (&w, &p[3], (double)K, &e, page);
  return 0;
}

const demo demo_iwae
    = { { "iwae", "importance weighting: K draws tighten the bound", parameter },
        { { .title = "The bound of K draws",
            .xlabel = "K",
            .ylabel = "nats",
            .log_x = 1,
            .curve = { { DRAW_BETWEEN, "curve: K bound log_p", "gap", 2 },
                       { DRAW_DASHES, "curve: K log_p", "log p(x)", 0 },
                       { DRAW_LINE, "curve: K bound", "bound", 1 },
                       { DRAW_POINTS, "bounds: K bound", "rows of the table", 1 },
                       { DRAW_ERRORS, "check: K estimate error", "drawn, +- 2 std errors", 3 } } },
          { .title = "The gap shrinks like 1/K",
            .xlabel = "K",
            .ylabel = "K times the gap, nats",
            .log_x = 1,
            .curve = { { DRAW_DASHES, "curve: K limit", "Var w / (2 p(x)^2)", 0 },
                       { DRAW_LINE, "curve: K K_gap", "K gap", 1 },
                       { DRAW_POINTS, "bounds: K K_gap", "rows of the table", 1 } } } },
        run };
