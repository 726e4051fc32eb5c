/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two instances with a latent variable of few states.

   binary  z in {0, 1}, q = P_q (z = 1); the ELBO as a function of q
   qsweep  any finite table; q moves from one state, through the posterior, to the posterior of
           all other states:  q_t = (1 - t) e_s + t p(z | x, z != s), the posterior at
           t = 1 - p(z = s | x).  The ELBO is concave along any such segment. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "vi-fit/demo/demo.h"

enum
{
  CURVE = 240
}; /* steps of a curve of a picture */

typedef struct
{
  size_t n;
  double log_prior[MOST_NUMBERS], log_joint[MOST_NUMBERS], posterior[MOST_NUMBERS];
} world;

static int
make_world (world *w, size_t n, const double *prior, const double *likelihood)
{
  w->n = n;
  for (size_t i = 0; i < n; i++)
    {
      w->log_prior[i] = log (prior[i]);
      w->log_joint[i] = log (prior[i]) + log (likelihood[i]);
    }
  if (!elbo_discrete_posterior (n, w->log_joint, w->posterior))
    return 0;
  complain_status ();
  return EXIT_USAGE;
}

static int
bound (const world *w, const double *q, elbo_identity *v)
{
  if (!elbo_discrete_bound (w->n, w->log_joint, w->log_prior, q, v))
    return 0;
  complain_status ();
  return EXIT_USAGE;
}

/* Which way round the support condition stands, where q or the posterior has a zero. */
static void
say_support (demo_page *page, const world *w, const double *q)
{
  int harmless = 0, fatal = 0;
  for (size_t i = 0; i < w->n; i++)
    {
      harmless |= q[i] == 0 && w->posterior[i] > 0;
      fatal |= q[i] > 0 && w->posterior[i] == 0;
    }
  if (harmless)
    page_say (page, "q is 0 where the posterior is positive: harmless, KL(q || p(z | x)) is finite "
                    "there.");
  if (fatal)
    page_say (page, "q has mass where the posterior has none: KL(q || p(z | x)) is infinite and "
                    "the ELBO -infinity.");
}

/* --- binary ------------------------------------------------------------------------------- */

static const parameter_row binary_parameter[]
    = { { "q", "0.7", "[0,1]", 'r', "q(z = 1)" },
        { "prior", "0.5", "[0.000001,0.999999]", 'r', "p(z = 1)" },
        { "likelihood", "0.2,0.8", "[0,1000000]", 'R', "p(x | z = 0), p(x | z = 1)" },
        { NULL, NULL, NULL, 0, NULL } };

/* The curves of the picture, and the points that it names. */
static int
draw_binary (const world *w, double q, demo_page *page)
{
  elbo_identity v;
  char text[40];
  page_curve (page, "curve", "q elbo log_p reconstruction minus_kl");
  for (int i = 0; i <= CURVE; i++)
    {
      const double at = (double)i / CURVE, r[] = { 1 - at, at };
      if (bound (w, r, &v))
        return EXIT_USAGE;
      page_row (page, NULL,
                (double[]){ at, v.elbo, v.log_evidence, v.reconstruction, -v.kl_prior });
    }
  page_table_end (page);
  if (bound (w, (double[]){ 1 - q, q }, &v))
    return EXIT_USAGE;
  page_curve (page, "marks", "mark:8t q elbo log_p");
  const int same = fabs (q - w->posterior[1]) < 1e-9;
  snprintf (text, sizeof text, "q = %.4g, gap %.4g", q, v.gap);
  if (!same)
    page_row (page, text, (double[]){ q, v.elbo, v.log_evidence });
  snprintf (text, sizeof text, same ? "q = posterior = %.4g" : "posterior %.4g", w->posterior[1]);
  page_row (page, text, (double[]){ w->posterior[1], v.log_evidence, v.log_evidence });
  page_table_end (page);
  return 0;
}

static int
run_binary (const parameter_list *p, demo_page *page)
{
  static const double place_of[] = { 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1 };
  const double prior[] = { 1 - *p[1].v, *p[1].v }, q[] = { 1 - *p[0].v, *p[0].v };
  world w;
  elbo_identity v;
  if (p[2].n != 2)
    {
      complain ("--likelihood: two numbers are needed");
      return EXIT_USAGE;
    }
  if (make_world (&w, 2, prior, p[2].v) || bound (&w, q, &v))
    return EXIT_USAGE;
  page_identity (page, "identity", "The identity at this q", &v);
  say_support (page, &w, q);
  page_table (page, "sweep", "The ELBO over q = q(z = 1)", "q:4 reconstruction kl_prior elbo gap");
  for (size_t i = 0; i < sizeof place_of / sizeof *place_of; i++)
    {
      const double r[] = { 1 - place_of[i], place_of[i] };
      if (bound (&w, r, &v))
        return EXIT_USAGE;
      page_row (page, NULL, (double[]){ place_of[i], v.reconstruction, v.kl_prior, v.elbo, v.gap });
      page_check_gap (page, "gap over q", &v);
    }
  page_table_end (page);
  page_say (page, "The ELBO is highest, and the gap 0, at the posterior: q = %.15f.",
            w.posterior[1]);
  page_say (page, "KL(q || p(z | x)) is infinite only where q has mass and the posterior none;");
  page_say (page, "q = 0 or 1 with a positive posterior is harmless.");
  return page_draws (page) ? draw_binary (&w, *p[0].v, page) : 0;
}

const demo demo_binary
    = { { "binary", "two states, one observation: the bound and its gap", binary_parameter },
        { { .title = "The bound over q",
            .xlabel = "q = q(z = 1)",
            .ylabel = "nats",
            .curve = { { DRAW_BETWEEN, "curve: q elbo log_p", "gap = KL(q || p(z | x))", 2 },
                       { DRAW_DASHES, "curve: q log_p", "log p(x)", 0 },
                       { DRAW_LINE, "curve: q elbo", "ELBO", 1 },
                       { DRAW_MARKS, "marks: q elbo log_p", NULL, 0 } } },
          { .title = "Its two parts",
            .xlabel = "q = q(z = 1)",
            .ylabel = "nats",
            .curve = { { DRAW_LINE, "curve: q reconstruction", "E_q log p(x | z)", 3 },
                       { DRAW_LINE, "curve: q minus_kl", "-KL(q || p(z))", 4 },
                       { DRAW_LINE, "curve: q elbo", "their sum, the ELBO", 1 } } } },
        run_binary };

/* --- qsweep ------------------------------------------------------------------------------- */

static const parameter_row qsweep_parameter[]
    = { { "prior", "0.5,0.3,0.2", "[0,1]", 'R', "p(z)" },
        { "likelihood", "0.2,0.8,0.5", "[0,1000000]", 'R', "p(x | z)" },
        { "state", "1", "[1,64]", 'n', "the state that q starts from" },
        { "steps", "10", "[2,10000]", 'n', "steps of the sweep" },
        { NULL, NULL, NULL, 0, NULL } };

static int
check_qsweep (const parameter_list *p)
{
  if (p[0].n != p[1].n || p[0].n < 2)
    complain ("--prior and --likelihood: equally many numbers are needed, two or more");
  else if (*p[2].v > (double)p[0].n)
    complain ("--state=%g: there are %zu states", *p[2].v, p[0].n);
  else
    return 0;
  return EXIT_USAGE;
}

/* q_t from state s. */
static void
place (const world *w, size_t s, double t, double *q)
{
  double rest = 0;
  for (size_t i = 0; i < w->n; i++)
    rest += i == s ? 0 : w->posterior[i];
  for (size_t i = 0; i < w->n; i++)
    q[i] = i == s ? 1 - t : t * w->posterior[i] / rest;
}

static int
sweep_table (const world *w, size_t s, size_t steps, demo_page *page)
{
  double q[MOST_NUMBERS], last = NAN, before = NAN;
  page_table (page, "sweep", "The ELBO from t = 0 (this state) to t = 1 (all others)",
              "t:8 elbo gap kl_posterior");
  for (size_t i = 0; i <= steps; i++)
    {
      const double t = (double)i / (double)steps;
      elbo_identity v;
      place (w, s, t, q);
      if (bound (w, q, &v))
        return EXIT_USAGE;
      page_row (page, NULL, (double[]){ t, v.elbo, v.gap, v.kl_posterior });
      page_check_gap (page, "gap over t", &v);
      page_check (page, "the ELBO above log p(x)", fmax (v.elbo, v.log_evidence), v.log_evidence,
                  1e-12 * fmax (1, fabs (v.log_evidence)));
      if (isfinite (before) && isfinite (v.elbo))
        page_check (page, "the curve is concave", fmax (before + v.elbo - 2 * last, 0), 0,
                    1e-12 * fmax (1, fabs (v.elbo)));
      before = last;
      last = v.elbo;
    }
  page_table_end (page);
  return 0;
}

static int
draw_qsweep (const world *w, size_t s, demo_page *page)
{
  double q[MOST_NUMBERS];
  elbo_identity v;
  char text[40];
  page_curve (page, "curve", "t elbo log_p");
  for (int i = 0; i <= CURVE; i++)
    {
      const double t = (double)i / CURVE;
      place (w, s, t, q);
      if (bound (w, q, &v))
        return EXIT_USAGE;
      page_row (page, NULL, (double[]){ t, v.elbo, v.log_evidence });
    }
  page_table_end (page);
  page_curve (page, "marks", "mark:8t t elbo log_p");
  snprintf (text, sizeof text, "posterior, t = %.4g", 1 - w->posterior[s]);
  page_row (page, text, (double[]){ 1 - w->posterior[s], v.log_evidence, v.log_evidence });
  page_table_end (page);
  return 0;
}

static int
run_qsweep (const parameter_list *p, demo_page *page)
{
  world w;
  elbo_identity v;
  if (check_qsweep (p) || make_world (&w, p[0].n, p[0].v, p[1].v))
    return EXIT_USAGE;
  const size_t s = (size_t)*p[2].v - 1;
  if (!(w.posterior[s] < 1))
    {
      complain ("--state=%zu: the posterior is this state, there is nowhere to go", s + 1);
      return EXIT_USAGE;
    }
  if (sweep_table (&w, s, (size_t)*p[3].v, page) || bound (&w, w.posterior, &v))
    return EXIT_USAGE;
  page_identity (page, "posterior", "At the posterior", &v);
  page_check (page, "the gap at the posterior", v.gap, 0, 1e-12 * fmax (1, fabs (v.log_evidence)));
  page_say (page, "The sweep meets the posterior at t = %.15f: there the ELBO is log p(x).",
            1 - w.posterior[s]);
  return page_draws (page) ? draw_qsweep (&w, s, page) : 0;
}

const demo demo_qsweep
    = { { "qsweep",
          "any finite table: the ELBO is concave in q, highest at the "
          "posterior",
          qsweep_parameter },
        { { .title = "The bound from one state to all others",
            .xlabel = "t: q is the state at 0, the others at 1",
            .ylabel = "nats",
            .curve = { { DRAW_BETWEEN, "curve: t elbo log_p", "gap = KL(q || p(z | x))", 2 },
                       { DRAW_DASHES, "curve: t log_p", "log p(x)", 0 },
                       { DRAW_LINE, "curve: t elbo", "ELBO", 1 },
                       { DRAW_POINTS, "sweep: t elbo", "rows of the table", 1 },
                       { DRAW_MARKS, "marks: t elbo log_p", NULL, 0 } } } },
        run_qsweep };
