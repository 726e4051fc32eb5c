/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM on two coins (Do & Batzoglou 2008): each set of tosses comes from coin A or B, with equal
   probability; heads_i ~ Bin (tosses, theta_z).  The posterior is a product over sets, so the
   identity is a sum of identities with two states.

       E   r_i = p(z_i = A | heads_i, theta):  the bound touches the log-likelihood
       M   theta_A = sum r_i heads_i / sum r_i tosses:  both rise, the gap is KL (r || posterior)

   Log-likelihoods are of the sequences; the constant of the binomial form is printed apart. */
#include <config.h>
#include <math.h>
#include <string.h>
#include <gsl/gsl_sf_gamma.h>
#include "vi-fit/demo/demo.h"

static const parameter_row parameter[]
    = { { "heads", "5,9,8,4,7", "[0,1000000]", 'N', "heads in each set" },
        { "tosses", "10", "[1,1000000]", 'n', "tosses in each set" },
        { "theta", "0.6,0.5", "[0.000001,0.999999]", 'R', "where EM starts: P(heads) of A and B" },
        { "passes", "10", "[1,1000]", 'n', "passes to show" },
        { NULL, NULL, NULL, 0, NULL } };

enum
{
  MOST_PASSES = 100000
};

typedef struct
{
  size_t n;
  const double *heads;
  double tosses, theta[2], resp[MOST_NUMBERS][2];
} coins;

/* x log p with 0 log 0 = 0 */
static double
times_log (double x, double p)
{
  return x > 0 ? x * log (p) : 0;
}

static void
log_joint (const coins *c, size_t i, double joint[2])
{
  for (int z = 0; z < 2; z++)
    joint[z] = log (0.5) + times_log (c->heads[i], c->theta[z])
               + times_log (c->tosses - c->heads[i], 1 - c->theta[z]);
}

/* The identity at the present responsibilities and parameters: the sum over the sets. */
static int
identity (const coins *c, elbo_identity *sum)
{
  const double log_prior[] = { log (0.5), log (0.5) };
  *sum = (elbo_identity){ 0, 0, 0, 0, 0, 0 };
  for (size_t i = 0; i < c->n; i++)
    {
      double joint[2];
      elbo_identity v;
      log_joint (c, i, joint);
      if (elbo_discrete_bound (2, joint, log_prior, c->resp[i], &v))
        {
          complain_status ();
          return EXIT_USAGE;
        }
      sum->reconstruction += v.reconstruction;
      sum->kl_prior += v.kl_prior;
      sum->elbo += v.elbo;
      sum->log_evidence += v.log_evidence;
      sum->kl_posterior += v.kl_posterior;
    }
  sum->gap = sum->log_evidence - sum->elbo;
  return 0;
}

static int
step_e (coins *c)
{
  for (size_t i = 0; i < c->n; i++)
    {
      double joint[2];
      log_joint (c, i, joint);
      if (elbo_discrete_posterior (2, joint, c->resp[i]))
        {
          complain_status ();
          return EXIT_USAGE;
        }
    }
  return 0;
}

/* Expected heads and tails of each coin; a coin that owns no toss keeps its theta.  Returns
   whether anything changed. */
static int
step_m (coins *c, double heads[2], double tails[2])
{
  int changed = 0;
  for (int z = 0; z < 2; z++)
    {
      heads[z] = tails[z] = 0;
      for (size_t i = 0; i < c->n; i++)
        {
          heads[z] += c->resp[i][z] * c->heads[i];
          tails[z] += c->resp[i][z] * (c->tosses - c->heads[i]);
        }
      const double next = heads[z] + tails[z] > 0 ? heads[z] / (heads[z] + tails[z]) : c->theta[z];
      changed |= fabs (next - c->theta[z]) > 1e-16;
      c->theta[z] = next;
    }
  return changed;
}

static void
first_step (const coins *c, demo_page *page)
{
  coins copy = *c;
  double heads[2], tails[2];
  page_table (page, "first_e", "The first E step: P(coin A | heads)", "heads:6 r_A");
  for (size_t i = 0; i < c->n; i++)
    page_row (page, NULL, (double[]){ c->heads[i], c->resp[i][0] });
  page_table_end (page);
  step_m (&copy, heads, tails);
  const page_number number[] = { { "heads_A", heads[0] },
                                 { "tails_A", tails[0] },
                                 { "heads_B", heads[1] },
                                 { "tails_B", tails[1] } };
  page_numbers (page, "expected", "Expected tosses", number, 4);
}

static int
half_step (const coins *c, const char *half, double pass, double *last, demo_page *page)
{
  elbo_identity v;
  if (identity (c, &v))
    return EXIT_USAGE;
  page_row (page, half,
            (double[]){ pass, c->theta[0], c->theta[1], v.elbo, v.log_evidence, v.gap });
  page_check_gap (page, "gap of a half-step", &v);
  page_check (page, "the ELBO never falls", fmin (v.elbo, *last), *last,
              1e-12 * fmax (1, fabs (v.elbo)));
  if (half[0] == 'E')
    page_check (page, "tight after E", v.elbo, v.log_evidence,
                1e-12 * fmax (1, fabs (v.log_evidence)));
  *last = v.elbo;
  return 0;
}

static int
em_table (coins *c, size_t passes, demo_page *page)
{
  double last = -INFINITY, heads[2], tails[2];
  page_table (page, "steps", "E and M half-steps",
              "half:4t pass:4 theta_A theta_B elbo log_likelihood gap");
  for (size_t pass = 0; pass <= passes; pass++)
    {
      if (pass)
        {
          step_m (c, heads, tails);
          if (half_step (c, "M", (double)pass, &last, page))
            return EXIT_USAGE;
        }
      if (step_e (c) || half_step (c, "E", (double)pass, &last, page))
        return EXIT_USAGE;
    }
  page_table_end (page);
  return 0;
}

/* Sum of log binomial coefficients. */
static double
constant (const coins *c)
{
  double sum = 0;
  for (size_t i = 0; i < c->n; i++)
    sum += gsl_sf_lnchoose ((unsigned int)c->tosses, (unsigned int)c->heads[i]);
  return sum;
}

static int
run (const parameter_list *p, demo_page *page)
{
  coins c = { .n = p[0].n, .heads = p[0].v, .tosses = *p[1].v };
  elbo_identity v, start;
  double heads[2], tails[2];
  int more = 1;
  for (size_t i = 0; i < c.n; i++)
    if (c.heads[i] > c.tosses)
      {
        complain ("--heads: %g heads in %g tosses", c.heads[i], c.tosses);
        return EXIT_USAGE;
      }
  if (p[2].n != 2)
    {
      complain ("--theta: two numbers are needed");
      return EXIT_USAGE;
    }
  memcpy (c.theta, p[2].v, sizeof c.theta);
  if (step_e (&c) || identity (&c, &start))
    return EXIT_USAGE;
  first_step (&c, page);
  if (em_table (&c, (size_t)*p[3].v, page))
    return EXIT_USAGE;
  for (int i = 0; i < MOST_PASSES && more; i++)
    {
      more = step_m (&c, heads, tails);
      if (step_e (&c))
        return EXIT_USAGE;
    }
  if (identity (&c, &v))
    return EXIT_USAGE;
  const page_number limit[] = { { "theta_A", c.theta[0] },
                                { "theta_B", c.theta[1] },
                                { "binomial_constant", constant (&c) },
                                { "first_binomial_form", start.log_evidence + constant (&c) } };
  page_numbers (page, "limit", "The limit of EM", limit, 4);
  page_identity (page, "identity", "The identity at the limit", &v);
  return 0;
}

const demo demo_twocoin
    = { { "twocoin", "EM: the bound is made tight, then raised", parameter },
        { { .title = "Half-steps of EM",
            .stairs = "steps: elbo gap",
            .second = "E",
            .kind = { "after M: parameters", "after E: assignments" },
            .touch = "log-likelihood" },
          { .title = "The coins",
            .xlabel = "pass",
            .ylabel = "P(heads)",
            .curve = { { DRAW_LINE, "steps: pass theta_A", "theta of coin A", 1 },
                       { DRAW_LINE, "steps: pass theta_B", "theta of coin B", 2 },
                       { DRAW_POINTS, "steps: pass theta_A", NULL, 1 },
                       { DRAW_POINTS, "steps: pass theta_B", NULL, 2 } } } },
        run };
