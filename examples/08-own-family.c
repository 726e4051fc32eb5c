/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family of your own: times between events, exponential given the component.

       p (x | rate_k) = rate_k exp (-rate_k x),   rate_k ~ Gam (shape0, rate0)
       weight_k = sum_n r_nk,  total_k = sum_n r_nk x_n
       q (rate_k) = Gam (shape0 + weight_k, rate0 + total_k)

   An elbo_block points to it, and everything else follows: restarts, the checked bound, prediction.
   With one component the ELBO is the evidence, which has a closed form; main compares. */
#include <math.h>
#include <stdio.h>
#include <gsl/gsl_sf_psi.h>
#include <elbo/elbo.h>

/* What the flat vectors hold.  A text behind a field goes to reports, NULL keeps it internal. */
#define END \
  { \
    NULL, { ELBO_ONE }, ELBO_PURE, NULL \
  }
static const elbo_field prior_field[] = { { "shape", { ELBO_ONE }, ELBO_PURE, "Gamma shape." },
                                          { "rate", { ELBO_ONE }, ELBO_PURE, "Gamma rate." },
                                          END };
static const elbo_field stat_field[] = { { "weight", { ELBO_COMP }, ELBO_PURE, "Rows." },
                                         { "total", { ELBO_COMP }, ELBO_PURE, "Sum of times." },
                                         END };
static const elbo_field param_field[] = { { "shape", { ELBO_COMP }, ELBO_PURE, "Gamma shape." },
                                          { "rate", { ELBO_COMP }, ELBO_PURE, "Gamma rate." },
                                          END };
static const elbo_field coef_field[] = { { "log_rate", { ELBO_COMP }, ELBO_PURE, NULL },
                                         { "rate", { ELBO_COMP }, ELBO_PURE, NULL },
                                         END };

/* log of the integral of rate^n exp (-rate total) under Gam (a, b): K = 1's evidence. */
static double
log_evidence (double a, double b, double n, double total)
{
  return a * log (b) - lgamma (a) + lgamma (a + n) - (a + n) * log (b + total);
}

/* Gam (1, mean): one event in the mean time, before any was seen. */
static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  if (shape->dim != 1)
    return elbo_fail (ELBO_EUNSUP, "exponential: give each column a block of its own");
  prior[0] = 1;
  prior[1] = pooled[1] / pooled[0];
  return GSL_SUCCESS;
}

static size_t
freedom (const elbo_shape *shape)
{
  return shape->ncomp;
}

static int
check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column)
{
  (void)shape;
  for (*row = *column = 0; *row < tile->n; ++*row)
    if (!(tile->x[*row] > 0))
      return elbo_fail (ELBO_EDATA, "%g is not a time above 0", tile->x[*row]);
  return GSL_SUCCESS;
}

static int
score (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *out)
{
  const double *log_rate = coef, *rate = coef + shape->ncomp;
  for (size_t k = 0; k < shape->ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      out[k * ELBO_TILE + i] += log_rate[k] - rate[k] * tile->x[i];
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  double *weight = stat, *total = stat + shape->ncomp;
  (void)coef;
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      weight[k] += tile->count[k];
      for (size_t i = 0; i < tile->n; i++)
        total[k] += resp[k * ELBO_TILE + i] * tile->x[i];
    }
  return GSL_SUCCESS;
}

static int
sum (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t K = shape->ncomp;
  for (size_t k = 0; k < K; k++)
    {
      to->value += stat[k] * coef[k] - stat[K + k] * coef[K + k];
      to->size += fabs (stat[k] * coef[k]) + stat[K + k] * coef[K + k];
    }
  return GSL_SUCCESS;
}

static int
solve (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp;
  for (size_t k = 0; k < K; k++)
    {
      param[k] = prior[0] + stat[k];
      param[K + k] = prior[1] + stat[K + k];
    }
  return GSL_SUCCESS;
}

static int
expect (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t K = shape->ncomp;
  for (size_t k = 0; k < K; k++)
    {
      if (!(param[k] > 0 && param[K + k] > 0))
        return elbo_fail (GSL_EINVAL, "exponential: Gamma of shape %g and rate %g", param[k],
                          param[K + k]);
      coef[k] = gsl_sf_psi (param[k]) - log (param[K + k]);
      coef[K + k] = param[k] / param[K + k];
    }
  return GSL_SUCCESS;
}

static int
cost (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  double kl = 0;
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      const double a = param[k], b = param[shape->ncomp + k];
      kl += elbo_kl_gamma (a, b, prior[0], prior[1]);
      to->size += fabs (a * gsl_sf_psi (a)) + fabs (lgamma (a)) + fabs (a * log (b / prior[1])) + a;
    }
  to->value += kl;
  return GSL_SUCCESS;
}

/* Not needed; with it the engine checks every M half-step by another route. */
static double
peak (const elbo_shape *shape, const double *prior, const double *stat)
{
  double value = 0;
  for (size_t k = 0; k < shape->ncomp; k++)
    value += log_evidence (prior[0], prior[1], stat[k], stat[shape->ncomp + k]);
  return value;
}

/* The rate integrated out: the Lomax density. */
static int
predict (const elbo_shape *shape, const double *param, const double *coef, const elbo_tile *tile,
         double *out)
{
  (void)coef;
  for (size_t k = 0; k < shape->ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      out[k * ELBO_TILE + i] += log_evidence (param[k], param[shape->ncomp + k], 1, tile->x[i]);
  return GSL_SUCCESS;
}

static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = param_field,
                                       .solve = solve,
                                       .expect = expect,
                                       .cost = cost,
                                       .peak = peak,
                                       .predict = predict };
static const elbo_factor factor = { .size = ELBO_SIZE (elbo_factor),
                                    .field_size = ELBO_SIZE (elbo_field),
                                    .name = "exponential",
                                    .source = "Gelman et al. (2013), section 2.6",
                                    .prior = prior_field,
                                    .stat = stat_field,
                                    .coef = coef_field,
                                    .guess = guess,
                                    .sum = sum,
                                    .freedom = freedom,
                                    .posterior = &posterior };
static const elbo_family exponential = { .size = ELBO_SIZE (elbo_family),
                                         .base = &factor,
                                         .scaling = ELBO_SCALE_NONE,
                                         .check = check,
                                         .score = score,
                                         .tally = tally };

/* Best of ten starts with K components: its bound and the mean time of each; the log density of
   one more row.  NAN on failure. */
static double
fit (elbo_data *data, size_t K, double more, double prior[2], double *density)
{
  const elbo_block block = ELBO_BLOCK (&exponential, 0, 1, 0);
  elbo_model *model = elbo_model_alloc (K, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_search *search = NULL;
  double bound = NAN;
  if (!model || elbo_model_prepare (model, data)
      || !(search = elbo_search_alloc (model, data, NULL, NULL))
      || elbo_search_run (search, NULL, NULL)
      || elbo_predict_row (elbo_search_model (search), &more, NULL, density))
    fprintf (stderr, "own-family: %s\n", elbo_message ());
  else
    {
      const elbo_model *found = elbo_search_model (search);
      const double *count = elbo_search_counts (search);
      const double *shape = elbo_model_field (found, "exponential.shape", NULL);
      const double *rate = elbo_model_field (found, "exponential.rate", NULL);
      bound = elbo_search_value (search);
      elbo_model_prior (model, 1, prior);
      printf ("K = %zu   ELBO %.6f   1 / E[rate]:", K, bound);
      for (size_t k = 0; k < K; k++)
        printf (" %.3f (%.0f rows)", rate[k] / shape[k], count[k]);
      printf ("\n");
    }
  elbo_search_free (search);
  elbo_model_free (model);
  return bound;
}

int
main (void)
{
  /* quantiles of two exponentials: 40 short times, mean 1, and 60 long ones, mean 30 */
  enum
  {
    SHORT = 40,
    LONG = 60
  };
  elbo_data *data = elbo_data_alloc (SHORT + LONG, 1);
  double total = 0, more = 5, prior[2] = { NAN, NAN }, density, unused;
  for (int i = 0; data && i < SHORT + LONG; i++)
    {
      const double x
          = i < SHORT ? -log (1 - (i + 0.5) / SHORT) : -30 * log (1 - (i - SHORT + 0.5) / LONG);
      elbo_data_put (data, (size_t)i, 0, x);
      total += x;
    }
  if (!data)
    return 1;
  const double one = fit (data, 1, more, prior, &density);
  const double exact = log_evidence (prior[0], prior[1], SHORT + LONG, total);
  const double both = log_evidence (prior[0], prior[1], SHORT + LONG + 1, total + more);
  const double two = fit (data, 2, more, prior, &unused);
  const int good = fabs (one - exact) < 1e-10 * fabs (exact)
                   && fabs (density - (both - exact)) < 1e-10 && two > one;
  printf ("K = 1: ELBO %.10f, evidence %.10f\n", one, exact);
  printf ("       log density of one more row %.10f, ratio of evidences %.10f\n", density,
          both - exact);
  printf ("%s\n", good ? "agree" : "DISAGREE");
  elbo_data_free (data);
  return !good;
}
