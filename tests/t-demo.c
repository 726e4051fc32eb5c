/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vi-fit demo: every number of the ten instances against values computed elsewhere (R,
   mpmath), as the program prints them; and random parameters, for which every check must hold. */
#include <config.h>
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <elbo/rng.h>

/* Run the program and read its JSON; NULL when it is none. */
static json_t *
run (const char *words, int *code)
{
  char command[1000];
  const char *program = getenv ("VI_FIT");
  json_error_t error;
  snprintf (command, sizeof command, "'%s' demo %s --format=json", program ? program : "./vi-fit",
            words);
  FILE *stream = popen (command, "r");
  ck_assert_ptr_nonnull (stream);
  json_t *root = json_loadf (stream, 0, &error);
  const int status = pclose (stream);
  *code = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  return root;
}

/* The value at "steps.2.elbo": members and places in arrays. */
static double
number (json_t *root, const char *path)
{
  char word[64];
  json_t *at = root;
  for (const char *p = path; *p && at;)
    {
      const size_t length = strcspn (p, ".");
      snprintf (word, sizeof word, "%.*s", (int)length, p);
      at = json_is_array (at) ? json_array_get (at, strtoul (word, NULL, 10))
                              : json_object_get (at, word);
      p += length + (p[length] == '.');
    }
  ck_assert_msg (json_is_number (at), "%s is no number", path);
  return json_number_value (at);
}

/* One unit of the last digit of a text, and the rounding of sums. */
static double
allowance (const char *text)
{
  const char *dot = strchr (text, '.');
  const double unit = dot ? pow (10, -(double)strspn (dot + 1, "0123456789")) : 1e-14;
  return unit + 1e-14 * fmax (1, fabs (strtod (text, NULL)));
}

typedef struct
{
  const char *path, *want;
} golden;

static void
compare (const char *words, const golden *list, size_t n)
{
  int code;
  json_t *root = run (words, &code);
  ck_assert_int_eq (code, 0);
  ck_assert_msg (root != NULL, "demo %s: not JSON", words);
  ck_assert_int_eq ((int)number (root, "failed"), 0);
  for (size_t i = 0; i < n; i++)
    {
      const double got = number (root, list[i].path), want = strtod (list[i].want, NULL);
      ck_assert_msg (fabs (got - want) <= allowance (list[i].want), "demo %s: %s: %.17g, not %s",
                     words, list[i].path, got, list[i].want);
    }
  json_decref (root);
}
#define COMPARE(words, list) compare (words, list, sizeof list / sizeof *list)

START_TEST (binary)
{
  static const golden list[] = { { "identity.log_evidence", "-0.693147180559945" },
                                 { "identity.reconstruction", "-0.639031859650177" },
                                 { "identity.kl_prior", "0.082282878505052" },
                                 { "identity.elbo", "-0.721314738155229" },
                                 { "identity.gap", "0.028167557595284" },
                                 { "identity.kl_posterior", "0.028167557595284" },
                                 { "sweep.5.q", "0.5" },
                                 { "sweep.5.reconstruction", "-0.916290731874155" },
                                 { "sweep.5.kl_prior", "0." },
                                 { "sweep.5.elbo", "-0.916290731874155" },
                                 { "sweep.5.gap", "0.223143551314210" },
                                 { "sweep.6.reconstruction", "-0.777661295762166" },
                                 { "sweep.6.kl_prior", "0.020135513550689" },
                                 { "sweep.6.elbo", "-0.797796809312855" },
                                 { "sweep.6.gap", "0.104649628752910" },
                                 { "sweep.7.reconstruction", "-0.639031859650177" },
                                 { "sweep.7.kl_prior", "0.082282878505052" },
                                 { "sweep.7.elbo", "-0.721314738155229" },
                                 { "sweep.7.gap", "0.028167557595284" },
                                 { "sweep.8.reconstruction", "-0.500402423538188" },
                                 { "sweep.8.kl_prior", "0.192744757021757" },
                                 { "sweep.8.elbo", "-0.693147180559945" },
                                 { "sweep.8.gap", "0.000000000000000" },
                                 { "sweep.9.reconstruction", "-0.361772987426199" },
                                 { "sweep.9.kl_prior", "0.368064207168497" },
                                 { "sweep.9.elbo", "-0.729837194594696" },
                                 { "sweep.9.gap", "0.036690014034751" },
                                 { "sweep.10.reconstruction", "-0.237006494925409" },
                                 { "sweep.10.kl_prior", "0.637145646205098" },
                                 { "sweep.10.elbo", "-0.874152141130507" },
                                 { "sweep.10.gap", "0.181004960570561" },
                                 { "sweep.11.elbo", "-0.916290731874155" },
                                 { "sweep.11.gap", "0.223143551314210" } };
  COMPARE ("binary", list);
  static const golden one[] = { { "identity.elbo", "-0.916290731874155" },
                                { "identity.gap", "0.223143551314210" },
                                { "identity.kl_posterior", "0.223143551314210" } };
  COMPARE ("binary --q=1", one);
}
END_TEST

/* The table of binary as a sweep, and the end points of another. */
START_TEST (qsweep)
{
  static const golden list[] = {
    { "sweep.5.elbo", "-0.916290731874155" },         { "sweep.7.elbo", "-0.721314738155229" },
    { "sweep.7.gap", "0.028167557595284" },           { "sweep.8.elbo", "-0.693147180559945" },
    { "sweep.10.kl_posterior", "0.223143551314210" }, { "posterior.elbo", "-0.693147180559945" },
    { "posterior.gap", "0.000000000000000" }
  };
  COMPARE ("qsweep --prior=0.5,0.5 --likelihood=0.2,0.8", list);
  /* log 0.44; log 0.1; log 0.34: one state, the others' posterior */
  static const golden three[] = { { "posterior.elbo", "-0.820980552069830" },
                                  { "sweep.0.elbo", "-2.302585092994046" },
                                  { "sweep.10.elbo", "-1.078809661371930" } };
  COMPARE ("qsweep", three);
}
END_TEST

START_TEST (twocoin)
{
  static const golden list[] = { { "first_e.0.r_A", "0.4491489261" },
                                 { "first_e.1.r_A", "0.8049855172" },
                                 { "first_e.2.r_A", "0.733467158" },
                                 { "first_e.3.r_A", "0.3521561338" },
                                 { "first_e.4.r_A", "0.6472151159" },
                                 { "expected.heads_A", "21.2974819" },
                                 { "expected.tails_A", "8.5722466" },
                                 { "expected.heads_B", "11.7025181" },
                                 { "expected.tails_B", "8.4277534" },
                                 { "steps.0.elbo", "-33.0938625198332" },
                                 { "limit.first_binomial_form", "-11.32058657605785" },
                                 { "limit.binomial_constant", "21.7732759437753" },
                                 { "steps.1.theta_A", "0.713012235400516" },
                                 { "steps.1.theta_B", "0.581339308313663" },
                                 { "steps.1.elbo", "-31.9972242449542" },
                                 { "steps.2.log_likelihood", "-31.8592579482274" },
                                 { "steps.3.theta_A", "0.745292036081995" },
                                 { "steps.3.theta_B", "0.569255750171873" },
                                 { "steps.3.elbo", "-31.7848043629224" },
                                 { "steps.4.elbo", "-31.7231160793606" },
                                 { "steps.5.theta_A", "0.768098834367321" },
                                 { "steps.5.theta_B", "0.549535914138348" },
                                 { "steps.6.elbo", "-31.6278273619141" },
                                 { "steps.20.pass", "10" },
                                 { "steps.20.theta_A", "0.796744149475212" },
                                 { "steps.20.theta_B", "0.519658662204112" },
                                 { "steps.20.elbo", "-31.5702005034795" },
                                 { "limit.theta_A", "0.796789066922647" },
                                 { "limit.theta_B", "0.519583120145135" },
                                 { "identity.elbo", "-31.5702002359969" },
                                 { "identity.log_evidence", "-31.5702002359969" } };
  COMPARE ("twocoin", list);
}
END_TEST

START_TEST (mc)
{
  static const golden list[] = { { "identity.log_evidence", "-1.515512123485" },
                                 { "choices.0.elbo", "-1.515512123485" },
                                 { "choices.0.variance", "0.000000000000000" },
                                 { "choices.0.gap", "0.00000000000" },
                                 { "choices.1.elbo", "-1.918938533205" },
                                 { "choices.1.variance", "1.5" },
                                 { "choices.1.gap", ".40342640972" },
                                 { "choices.2.elbo", "-1.668938533205" },
                                 { "choices.2.variance", "0.500000000000000" },
                                 { "choices.2.gap", ".15342640972" },
                                 { "choices.3.elbo", "-1.652085713765" },
                                 { "choices.3.variance", "0.165000000000000" },
                                 { "choices.3.gap", ".13657359028" },
                                 { "monte_carlo.exact", "-1.652085713765" } };
  static const char *const q[]
      = { "mc --m=0.5 --s2=0.5", "mc --m=0 --s2=1", "mc --m=0.5 --s2=1", "mc --m=0.3 --s2=0.25" };
  static const double gradient[][3] = { { 0, 2, 0 }, { 1, 4, 1 }, { 0, 4, 1 }, { 0.4, 1, 1 } };
  COMPARE ("mc", list);
  for (int i = 0; i < 4; i++)
    {
      int code;
      json_t *root = run (q[i], &code);
      ck_assert_int_eq (code, 0);
      const double error = number (root, "monte_carlo.exact_standard_error");
      ck_assert_double_le (
          fabs (number (root, "monte_carlo.estimate") - number (root, "monte_carlo.exact")),
          4 * error + 1e-12);
      for (int e = 0; e < 3; e++)
        {
          static const char *const key[]
              = { "exact", "estimate", "standard_error", "variance", "exact_variance" };
          double v[5] = { 0 };
          char path[64];
          for (int k = 0; k < (e < 2 ? 5 : 4); k++)
            {
              snprintf (path, sizeof path, "gradient.%d.%s", e, key[k]);
              v[k] = number (root, path);
            }
          ck_assert_double_eq_tol (v[0], gradient[i][0], 1e-14);
          ck_assert_double_le (fabs (v[1] - v[0]), 5 * v[2] + 1e-12);
          if (e < 2)
            ck_assert_double_eq_tol (v[4], gradient[i][1 + e], 1e-14);
          if (e < 2)
            ck_assert_double_eq_tol (v[3], v[4], 0.01 * v[4] + 1e-14);
        }
      json_decref (root);
    }
}
END_TEST

START_TEST (linvae)
{
  static const golden list[] = { { "identity.elbo", "-5.046536370454" },
                                 { "identity.log_evidence", "-5.046536370454" },
                                 { "turned.0.elbo", "-5.046536370454" },
                                 { "turned.1.gap", ".01538582933338" },
                                 { "turned.2.gap", ".04480607934484" },
                                 { "turned.3.gap", ".05889151782819" },
                                 { "turned.3.hadamard", "0.058891517828192" },
                                 { "turned.3.reconstruction", "-4.048482266281" },
                                 { "turned.3.kl_prior", "1.056945622001" },
                                 { "learned.sigma2", "0.5000000000" },
                                 { "learned.longer_column^2", "3.500000000" },
                                 { "learned.shorter_column^2", "1.500000000" },
                                 { "learned.elbo", "-4.949962780174" },
                                 { "learned.log_likelihood", "-4.949962780174" },
                                 { "learned.gap", "0.000000000000" },
                                 { "collapse.0.column^2", "1.000000000000" },
                                 { "collapse.1.column^2", "0.000000000000" },
                                 { "collapse.1.d", "1.000000000000" },
                                 { "collapse.0.kl", "0.143841036226" },
                                 { "collapse.1.kl", "0.000000000000" },
                                 { "collapse.0.curvature_at_0", "0.055555555555556" },
                                 { "collapse.1.curvature_at_0", "-0.055555555555556" },
                                 { "collapsed.elbo", "-5.465241735509" },
                                 { "collapsed.gap", "0.000000000000" } };
  COMPARE ("linvae", list);
  /* beta raises the threshold: 2.2 > 2 at noise 1 */
  static const golden beta[] = { { "collapse.0.used", "1" },
                                 { "collapse.1.used", "0" },
                                 { "collapse.1.kl", "0.000000000000" } };
  COMPARE ("linvae --collapse=1 --beta=2.2", beta);
  static const golden without[] = { { "collapse.1.used", "1" } };
  COMPARE ("linvae --collapse=1", without);
}
END_TEST

START_TEST (iwae)
{
  static const golden list[] = {
    { "identity.elbo", "-0.721314738155229" },      { "bounds.0.bound", "-0.721314738155229" },
    { "bounds.1.bound", "-0.706243710497597" },     { "bounds.2.bound", "-0.701617021818545" },
    { "bounds.3.bound", "-0.698100635437549" },     { "bounds.4.bound", "-0.695575756660516" },
    { "bounds.5.bound", "-0.693385748636638" },     { "bounds.6.bound", "-0.693170994808298" },
    { "limit.log_evidence", "-0.693147180559945" }, { "limit.limit_of_K_gap", "0.0238095238" }
  };
  COMPARE ("iwae", list);
}
END_TEST

START_TEST (diffusion)
{
  static const golden list[]
      = { { "short.0.elbo", "-0.725791352644727" }, { "short.0.gap", "0.000000000000000" },
          { "short.1.elbo", "-0.72688878705687" },  { "short.1.log_p", "-0.68073767916693" },
          { "short.1.gap", ".046151108" },          { "short.2.elbo", "-0.82497405647231" },
          { "short.2.log_p", "-0.74899901908115" }, { "short.4.elbo", "-0.90879877688775" },
          { "short.4.log_p", "-0.74480546351314" }, { "long.0.elbo", "-0.72579135264473" },
          { "long.1.elbo", "-0.725791352874" },     { "long.3.elbo", "-0.726883607955" },
          { "long.5.elbo", "-1.18213976611" } };
  COMPARE ("diffusion", list);
  static const golden any[]
      = { { "short.0.elbo", "-0.725791352644727" }, { "long.0.elbo", "-0.725791352644727" } };
  COMPARE ("diffusion --beta=0.3 --steps=7 --first=0.5", any);
}
END_TEST

START_TEST (uninorm)
{
  static const golden list[] = {
    { "steps.0.lambda_N", "6.00000000000000" }, { "steps.0.b_N", "3.69666666666667" },
    { "steps.0.elbo", "-8.42853898218600" },    { "steps.1.elbo", "-8.42694245328795" },
    { "steps.2.elbo", "-8.42673059171803" },    { "steps.3.elbo", "-8.42670392637115" },
    { "steps.4.elbo", "-8.42670056729295" },    { "limit.lambda_N", "6.56934306569343" },
    { "limit.b_N", "3.65333333333333" },        { "limit.E_tau", "1.09489051094891" },
    { "identity.elbo", "-8.42670008695044" },   { "identity.log_evidence", "-8.35697889908565" },
    { "identity.gap", ".0697211878647937" },    { "identity.kl_posterior", ".0697211878647937" },
    { "ledger.E_log_p_x", "-7.27196563036" },   { "ledger.E_log_p_mu", "-1.26534203118" },
    { "ledger.E_log_p_tau", "-1.09489051095" }, { "ledger.entropy_mu", ".477731614457" },
    { "ledger.entropy_tau", ".727766471081" },  { "misprint.elbo", "-8.47131" }
  };
  COMPARE ("uninorm", list);
}
END_TEST

START_TEST (blr)
{
  static const golden list[] = { { "steps.0.m_1", ".1435114503817" },
                                 { "steps.0.m_2", ".9150127226463" },
                                 { "steps.0.E_alpha", "1.313137719749" },
                                 { "steps.0.elbo", "-4.92026274282493" },
                                 { "steps.1.elbo", "-4.918440219171" },
                                 { "steps.2.elbo", "-4.91838327429419" },
                                 { "limit.m_1", ".1541619282053" },
                                 { "limit.m_2", ".9053912310544" },
                                 { "limit.E_alpha", "1.323411076813" },
                                 { "identity.elbo", "-4.91838148675628" },
                                 { "identity.log_evidence", "-4.90392894512447" },
                                 { "identity.gap", ".01445254163" },
                                 { "fixed.elbo", "-4.60187683228962" },
                                 { "fixed.gap", "0.000000000000000" } };
  COMPARE ("blr", list);
}
END_TEST

START_TEST (gmm1)
{
  static const golden list[] = { { "vb_steps.0.reconstruction", "-22.755651229839959" },
                                 { "vb_steps.0.elbo", "-33.435982642895" },
                                 { "vb_steps.1.elbo", "-32.961217332685" },
                                 { "vb_steps.2.elbo", "-31.950148993817" },
                                 { "vb_steps.3.elbo", "-30.941522654730" },
                                 { "vb_steps.4.elbo", "-29.373847098641" },
                                 { "vb_steps.5.elbo", "-29.337529581887" },
                                 { "identity.elbo", "-29.326340839673" },
                                 { "identity.log_evidence", "-27.599613587952" },
                                 { "exact.alpha_1", "3.42658034626893" },
                                 { "exact.alpha_2", "4.57341965373107" },
                                 { "exact.log_p_x_one", "-28.007723671810" },
                                 { "vb_limit.0.q", ".906813724" },
                                 { "vb_limit.1.q", ".783320216" },
                                 { "vb_limit.2.q", ".736446406" },
                                 { "em_steps.0.elbo", "-19.902421301780" },
                                 { "em_steps.1.elbo", "-19.770122548946" },
                                 { "em_steps.2.elbo", "-19.551246262251" },
                                 { "em_steps.3.elbo", "-19.218696785889" },
                                 { "em_steps.4.elbo", "-18.408427417445" },
                                 { "em_steps.5.elbo", "-17.327407390487" },
                                 { "em_steps.6.elbo", "-14.139427285829" },
                                 { "em_steps.7.elbo", "-13.700366896577" },
                                 { "process.log_p_x", "-27.755548347001" },
                                 { "process.elbo", "-29.7906131" } };
  COMPARE ("gmm1", list);
  static const golden two[]
      = { { "process.log_p_x", "-27.931943051027" }, { "process.elbo", "-30.9822093" } };
  COMPARE ("gmm1 --concentration=2", two);
}
END_TEST

/* --- random parameters: every check of the program must hold ------------------------------- */

static size_t turn;

/* A number in an interval, from a stream of their own. */
static double
between (double least, double most)
{
  return least + (most - least) * elbo_uniform (elbo_key (23, 1, turn++));
}

/* Add " --name=v,v,..." to words. */
static void
add (char *words, const char *name, size_t n, double least, double most)
{
  size_t at = strlen (words);
  at += (size_t)sprintf (words + at, " --%s=", name);
  for (size_t i = 0; i < n; i++)
    at += (size_t)sprintf (words + at, "%s%.6f", i ? "," : "", between (least, most));
}

/* The identity in the JSON, and whether it moved with the parameters. */
static void
check_random (const char *words, const char *key, double *last)
{
  int code;
  char path[64];
  double v[4];
  static const char *const name[] = { "elbo", "log_evidence", "gap", "kl_posterior" };
  json_t *root = run (words, &code);
  ck_assert_msg (code == 0 && root, "demo %s: exit code %d", words, code);
  for (int i = 0; i < 4; i++)
    {
      snprintf (path, sizeof path, "%s.%s", key, name[i]);
      v[i] = number (root, path);
    }
  const double size = fmax (1, fabs (v[0]));
  ck_assert_msg (fabs (v[1] - v[0] - v[2]) <= 1e-12 * size, "demo %s: gap", words);
  ck_assert_msg (fabs (v[2] - v[3]) <= 1e-12 * size, "demo %s: %.17g and %.17g", words, v[2], v[3]);
  ck_assert_msg (v[3] > -1e-12 * size, "demo %s: KL %.17g", words, v[3]);
  ck_assert_msg (v[0] != *last, "demo %s: the parameters change nothing", words);
  ck_assert_double_gt (number (root, "checks"), 0.5);
  *last = v[0];
  json_decref (root);
}

START_TEST (random_parameters)
{
  double last[8] = { 0 };
  char words[900];
  for (int i = 0; i < 12; i++)
    {
      const size_t n = 3 + (size_t)i % 5;
      strcpy (words, "binary");
      add (words, "q", 1, 0, 1);
      add (words, "prior", 1, 0.01, 0.99);
      add (words, "likelihood", 2, 0, 3);
      check_random (words, "identity", &last[0]);
      strcpy (words, "twocoin");
      add (words, "theta", 2, 0.01, 0.99);
      sprintf (words + strlen (words), " --tosses=30 --heads=%d,%d,%d", i, 25 - i, 2 * i);
      check_random (words, "identity", &last[1]);
      strcpy (words, "mc --draws=20000");
      add (words, "m", 1, -2, 2);
      add (words, "s2", 1, 0.05, 3);
      add (words, "w", 1, -3, 3);
      add (words, "noise", 1, 0.1, 3);
      add (words, "x", 1, -3, 3);
      check_random (words, "identity", &last[2]);
      sprintf (words, "linvae --variances=%f,%f,1,0.3", 4 + between (0, 4), 1 + between (0, 3));
      add (words, "sigma2", 1, 0.05, 2);
      add (words, "angle", 3, -90, 90);
      add (words, "beta", 1, 0.3, 3);
      check_random (words, "identity", &last[3]);
      strcpy (words, "iwae --draws=5000");
      add (words, "q", 1, 0.05, 0.95);
      add (words, "prior", 1, 0.05, 0.95);
      add (words, "likelihood", 2, 0.05, 3);
      check_random (words, "identity", &last[4]);
      strcpy (words, "diffusion");
      add (words, "m", 1, -3, 3);
      add (words, "s2", 1, 0.01, 5);
      add (words, "x", 1, -3, 3);
      add (words, "beta", n, 0.01, 0.9);
      check_random (words, "identity", &last[5]);
      strcpy (words, "uninorm");
      add (words, "x", n, -20, 40);
      add (words, "mu0", 1, -5, 5);
      add (words, "lambda0", 1, 0.01, 5);
      add (words, "a0", 1, 0.05, 5);
      add (words, "b0", 1, 0.05, 5);
      check_random (words, "identity", &last[6]);
      strcpy (words, "blr");
      add (words, "x", n, -5, 5);
      add (words, "t", n, -5, 5);
      add (words, "beta", 1, 0.05, 20);
      add (words, "a0", 1, 0.05, 20);
      add (words, "b0", 1, 0.05, 20);
      check_random (words, "identity", &last[7]);
    }
}
END_TEST

/* The table's prior must sum to 1; the mixtures take longer. */
START_TEST (random_tables)
{
  double last[2] = { 0 };
  char words[900];
  for (int i = 0; i < 6; i++)
    {
      const int a = (int)between (50, 500), b = (int)between (50, 400);
      sprintf (words, "qsweep --prior=0.%03d,0.%03d,0.%03d --state=%d", a, b, 1000 - a - b,
               1 + i % 3);
      add (words, "likelihood", 3, 0.01, 2);
      check_random (words, "posterior", &last[0]);
      strcpy (words, "gmm1");
      add (words, "x", 10, -4, 4);
      add (words, "start", 5, 0, 1);
      add (words, "alpha", 1, 0.2, 3);
      add (words, "kappa", 1, 0.1, 3);
      add (words, "df", 1, 1.5, 6);
      add (words, "scale", 1, 0.1, 3);
      add (words, "concentration", 1, 0.2, 3);
      check_random (words, "identity", &last[1]);
    }
}
END_TEST

int
main (void)
{
  const TTest *const tests[]
      = { binary, qsweep, twocoin,           mc,           linvae, iwae, diffusion, uninorm,
          blr,    gmm1,   random_parameters, random_tables };
  Suite *suite = suite_create ("demo");
  TCase *all = tcase_create ("demo");
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    tcase_add_test (all, tests[i]);
  suite_add_tcase (suite, all);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
