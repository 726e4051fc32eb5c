/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of counts, independent given the component.

       p (x | lambda_k) = prod_d lambda_kd^x_d exp (-lambda_kd) / x_d!
       p (lambda_kd)    = Gam (lambda | shape0_d, rate0_d), RATE: proportional to
                          lambda^(shape0 - 1) exp (-rate0 lambda), mean shape0 / rate0
       weight_k = sum_n w_n r_nk,  total_kd = sum_n w_n r_nk x_nd,
       base     = sum_n w_n sum_d log x_nd!

   point      lambda = (total + shape0 - 1) / (weight + rate0), the mode, which needs shape0 >= 1;
              shape0 = 1, rate0 = 0 is flat and gives total / weight, maximum likelihood; the
              constant of an improper prior (rate0 = 0) is left out
   posterior  shape = shape0 + total,  rate = rate0 + weight  (Gelman et al. 2013, section 2.6),
              E log lambda = psi (shape) - log (rate),  E lambda = shape / rate
   peak       posterior: for each k and d
              lnGamma (shape) - lnGamma (shape0) + shape0 log rate0 - shape log rate, less base
   predict    negative binomial: Gamma (shape + x) / (Gamma (shape) x!)
                                 (rate / (rate + 1))^shape (1 / (rate + 1))^x

   log x! is part of score, sum and peak, so that bounds compare with an exact evidence.  A count
   that a component never saw above 0 has lambda = 0 in maximum likelihood.  Such a column is left
   out of the linear score, which stays finite, and a row with x > 0 there gets the score -inf.

   Check: x = 0, 1, 2, 5, 7, 6 under Gam (1, 1) has log evidence -18.014935877157. */
#include <config.h>

#include <math.h>
#include <gsl/gsl_randist.h>
#include "family/family.h"

static const elbo_field prior_field[]
    = { { "shape", { ELBO_DIM }, ELBO_PURE, "Gamma shape of the mean count of each column." },
        { "rate",
          { ELBO_DIM },
          ELBO_PURE,
          "Gamma rate of the mean count of each column; the prior mean is shape / rate." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field stat_field[]
    = { { "weight", { ELBO_COMP }, ELBO_PURE, "Expected number of rows." },
        { "total", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected sum of the counts." },
        { "base", { ELBO_PAIR }, ELBO_PURE, "Sum over rows of weight times log x!, nats." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field point_field[]
    = { { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Mean count." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field posterior_field[]
    = { { "shape",
          { ELBO_COMP, ELBO_DIM },
          ELBO_PURE,
          "Gamma shape of the mean count: of the prior plus the expected sum of counts." },
        { "rate",
          { ELBO_COMP, ELBO_DIM },
          ELBO_PURE,
          "Gamma rate of the mean count: of the prior plus the expected number of rows." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field coef_field[] = {
  { "const", { ELBO_COMP }, ELBO_PURE, "Minus the expected mean counts, summed over columns." },
  { "slope",
    { ELBO_COMP, ELBO_DIM },
    ELBO_PURE,
    "Expected log mean count, nats; 0 for columns whose mean count is 0." },
  { "log_rate", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected log mean count, nats." },
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

/* log x! of the counts that most data consist of: it is needed for every cell of every pass. */
static const double log_factorial_table[] = { 0,
                                              0,
                                              0.693147180559945309,
                                              1.791759469228055,
                                              3.17805383034794562,
                                              4.78749174278204599,
                                              6.579251212010101,
                                              8.5251613610654143,
                                              10.6046029027452502,
                                              12.8018274800814696,
                                              15.1044125730755153,
                                              17.5023078458738858,
                                              19.9872144956618861,
                                              22.5521638531234229,
                                              25.1912211827386815,
                                              27.8992713838408916,
                                              30.6718601060806728,
                                              33.5050734501368889,
                                              36.3954452080330536,
                                              39.339884187199494,
                                              42.335616460753485,
                                              45.380138898476908,
                                              48.4711813518352239,
                                              51.6066755677643736,
                                              54.7847293981123192,
                                              58.0036052229805199,
                                              61.261701761002002,
                                              64.5575386270063311,
                                              67.889743137181535,
                                              71.257038967168009,
                                              74.6582363488301644,
                                              78.0922235533153106 };

static double
log_factorial (double x)
{
  const double end = sizeof log_factorial_table / sizeof *log_factorial_table;

  return x < end ? log_factorial_table[(size_t)x] : elbo_lngamma (x + 1);
}

static const elbo_field view_field[]
    = { { "rate", { ELBO_DIM }, ELBO_PURE, "mean" }, { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

/* Write sum_d log x_d! of each row to the first column of the scratch. */
static const double *
base_measure (size_t dim, const elbo_tile *tile)
{
  double *base = tile->scratch;

  for (size_t i = 0; i < tile->n; i++)
    base[i] = 0;
  for (size_t d = 0; d < dim; d++)
    for (size_t i = 0; i < tile->n; i++)
      base[i] += log_factorial (tile->x[d * ELBO_TILE + i]);
  return base;
}

/* Gam (1, 1 / pooled mean): its mean is the pooled mean.  A column of zeros is taken as if one
   event had been seen. */
static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  const size_t D = shape->dim;
  const double weight = pooled[0], *total = pooled + 1;

  for (size_t d = 0; d < D; d++)
    {
      double rate = weight / (total[d] > 0 ? total[d] : 1);

      prior[d] = 1;
      prior[D + d] = rate > 0 && isfinite (rate) ? rate : 1;
    }
  return GSL_SUCCESS;
}

static void
flatten (const elbo_shape *shape, double *prior)
{
  for (size_t d = 0; d < shape->dim; d++)
    {
      prior[d] = 1;
      prior[shape->dim + d] = 0;
    }
}

static size_t
freedom (const elbo_shape *shape)
{
  return shape->ncomp * shape->dim;
}

static int
sum (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t K = shape->ncomp, KD = K * shape->dim;
  const double *weight = stat, *total = stat + K, *base = total + KD;
  const double *log_rate = coef + K + KD;

  for (size_t k = 0; k < K; k++)
    elbo_quantity_add (to, weight[k] * coef[k]);
  elbo_quantity_counts (to, KD, total, log_rate);
  elbo_quantity_add (to, -(base[0] + base[1]));
  return GSL_SUCCESS;
}

static int
check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (size_t d = 0; d < shape->dim; d++)
    for (size_t i = 0; i < tile->n; i++)
      {
        double x = tile->x[d * ELBO_TILE + i];

        if (x >= 0 && x == floor (x) && !isinf (x))
          continue;
        *row = i;
        *column = d;
        return elbo_fail (ELBO_EDATA, "%g is not a count 0, 1, 2, ...", x);
      }
  return GSL_SUCCESS;
}

/* Where the mean count is 0 every other count is impossible.  Real rows only: the scores of the
   padding stay finite. */
static void
exclude (size_t n, const double *x, double *score)
{
  for (size_t i = 0; i < n; i++)
    if (x[i] > 0)
      score[i] = -INFINITY;
}

static int
score (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *out)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *slope = coef + K, *log_rate = slope + K * D;
  const double *base = base_measure (D, tile);

  tile->kernel->linear (tile->n, D, K, tile->x, slope, coef, out);
  for (size_t k = 0; k < K; k++)
    {
      for (size_t i = 0; i < tile->n; i++)
        out[k * ELBO_TILE + i] -= base[i];
      for (size_t d = 0; d < D; d++)
        if (isinf (log_rate[k * D + d]))
          exclude (tile->n, tile->x + d * ELBO_TILE, out + k * ELBO_TILE);
    }
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  const size_t K = shape->ncomp, D = shape->dim;
  double *weight = stat, *total = stat + K, *pair = total + K * D;
  const double *base;

  (void)coef;
  tile->kernel->moments_diagonal (tile->n, D, K, tile->x, NULL, resp, tile->scratch, total, NULL);
  base = base_measure (D, tile); /* after the kernel, which used the scratch */
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i < tile->n; i++)
      weight[k] += resp[k * ELBO_TILE + i];
  for (size_t i = 0; i < tile->n; i++)
    {
      double share = 0;

      for (size_t k = 0; k < K; k++)
        share += resp[k * ELBO_TILE + i];
      elbo_sum_add (pair, share * base[i]);
    }
  return GSL_SUCCESS;
}

/* const and slope from the expected rates [K x D] in slope and their logarithms in log_rate. */
static void
linearise (const elbo_shape *shape, double *coef)
{
  const size_t K = shape->ncomp, D = shape->dim;
  double *slope = coef + K, *log_rate = slope + K * D;

  for (size_t k = 0; k < K; k++)
    {
      coef[k] = 0;
      for (size_t i = k * D; i < (k + 1) * D; i++)
        {
          coef[k] -= slope[i];
          slope[i] = isinf (log_rate[i]) ? 0 : log_rate[i];
        }
    }
}

static int
solve_point (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *weight = stat, *total = stat + K;

  for (size_t d = 0; d < D; d++)
    if (!(prior[d] >= 1 && prior[D + d] >= 0) || isinf (prior[d]) || isinf (prior[D + d]))
      return elbo_fail (GSL_EINVAL,
                        "column %zu: a Gamma prior of shape %g and rate %g leaves the "
                        "mean count without a mode, the shape must be >= 1",
                        d + 1, prior[d], prior[D + d]);
  for (size_t i = 0; i < K * D; i++)
    {
      double rate = weight[i / D] + prior[D + i % D];

      if (rate > 0) /* no rows and no prior: keep the old value */
        param[i] = (total[i] + (prior[i % D] - 1)) / rate;
    }
  return GSL_SUCCESS;
}

static int
expect_point (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t K = shape->ncomp, D = shape->dim;
  double *slope = coef + K, *log_rate = slope + K * D;

  for (size_t i = 0; i < K * D; i++)
    {
      if (!(param[i] >= 0) || isinf (param[i]))
        return elbo_fail (GSL_EINVAL, "component %zu, column %zu: mean count %g is not >= 0",
                          i / D + 1, i % D + 1, param[i]);
      slope[i] = param[i];
      log_rate[i] = log (param[i]);
    }
  linearise (shape, coef);
  return GSL_SUCCESS;
}

/* The log normalising constant of Gam (shape, rate); 0 for an improper one. */
static double
log_constant (double shape, double rate)
{
  return rate > 0 ? shape * log (rate) - elbo_lngamma (shape) : 0;
}

static int
cost_point (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t D = shape->dim;

  for (size_t i = 0; i < shape->ncomp * D; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];

      elbo_quantity_add (to, -log_constant (a, b));
      elbo_quantity_add (to, -elbo_xlogy (a - 1, param[i]));
      elbo_quantity_add (to, b * param[i]);
    }
  return GSL_SUCCESS;
}

static double
peak_point (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *weight = stat, *total = stat + K, *base = total + K * D;
  double value = -(base[0] + base[1]);

  for (size_t i = 0; i < K * D; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];
      double events = total[i] + (a - 1), exposure = weight[i / D] + b;

      /* events log (events / exposure) - exposure events / exposure */
      value += log_constant (a, b) + elbo_xlogy (events, events / exposure) - events;
    }
  return value;
}

/* GSL counts in unsigned int; beyond it the normal approximation is good to 1e-5 of a standard
   deviation. */
static double
draw (gsl_rng *rng, double mean)
{
  if (mean < 1e9)
    return (double)gsl_ran_poisson (rng, mean);
  return floor (mean + gsl_ran_gaussian (rng, sqrt (mean)) + 0.5);
}

static void
draw_point (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
            gsl_rng *rng, double *x)
{
  (void)coef;
  for (size_t d = 0; d < shape->dim; d++)
    x[d] = draw (rng, param[comp * shape->dim + d]);
}

static int
solve_posterior (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *weight = stat, *total = stat + K;

  for (size_t d = 0; d < D; d++)
    if (!(prior[d] > 0 && prior[D + d] > 0) || isinf (prior[d]) || isinf (prior[D + d]))
      return elbo_fail (GSL_EINVAL,
                        "column %zu: a Gamma prior of shape %g and rate %g needs both "
                        "> 0",
                        d + 1, prior[d], prior[D + d]);
  for (size_t i = 0; i < K * D; i++)
    {
      param[i] = prior[i % D] + total[i];
      param[K * D + i] = prior[D + i % D] + weight[i / D];
    }
  return GSL_SUCCESS;
}

static int
expect_posterior (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *a = param, *b = param + K * D;
  double *slope = coef + K, *log_rate = slope + K * D;

  for (size_t i = 0; i < K * D; i++)
    {
      if (!(a[i] > 0 && b[i] > 0) || isinf (a[i]) || isinf (b[i]))
        return elbo_fail (GSL_EINVAL,
                          "component %zu, column %zu: Gamma of shape %g and rate %g "
                          "needs both > 0",
                          i / D + 1, i % D + 1, a[i], b[i]);
      slope[i] = a[i] / b[i];
      log_rate[i] = elbo_psi (a[i]) - log (b[i]);
    }
  linearise (shape, coef);
  return GSL_SUCCESS;
}

/* KL (Gam (a, b) || Gam (a0, b0)). */
static int
cost_posterior (const elbo_shape *shape, const double *prior, const double *param,
                elbo_quantity *to)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;

  for (size_t i = 0; i < KD; i++)
    {
      double a0 = prior[i % D], b0 = prior[D + i % D], a = param[i], b = param[KD + i];

      elbo_quantity_add (to, (a - a0) * elbo_psi (a));
      elbo_quantity_add (to, -elbo_lngamma (a));
      elbo_quantity_add (to, elbo_lngamma (a0));
      elbo_quantity_add (to, a0 * log (b / b0));
      elbo_quantity_add (to, a * ((b0 - b) / b));
    }
  return GSL_SUCCESS;
}

static double
peak_posterior (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *weight = stat, *total = stat + K, *base = total + K * D;
  double value = -(base[0] + base[1]);

  for (size_t i = 0; i < K * D; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];

      value += log_constant (a, b) - log_constant (a + total[i], b + weight[i / D]);
    }
  return value;
}

static int
predict (const elbo_shape *shape, const double *param, const double *coef, const elbo_tile *tile,
         double *out)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;

  (void)coef;
  for (size_t i = 0; i < KD; i++)
    {
      const double *x = tile->x + i % D * ELBO_TILE, a = param[i], b = param[KD + i];
      double none = -a * log1p (1 / b), each = -log1p (b);

      for (size_t n = 0; n < tile->n; n++)
        out[i / D * ELBO_TILE + n]
            += none + x[n] * each + (elbo_lngamma_step (a, x[n]) - log_factorial (x[n]));
    }
  return GSL_SUCCESS;
}

static void
draw_posterior (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
                gsl_rng *rng, double *x)
{
  const size_t D = shape->dim;
  const double *a = param + comp * D, *b = a + shape->ncomp * D;

  (void)coef;
  for (size_t d = 0; d < D; d++)
    x[d] = draw (rng, gsl_ran_gamma (rng, a[d], 1 / b[d]));
}

static int
describe_point (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view)
{
  for (size_t d = 0; d < shape->dim; d++)
    elbo_view_point (view, d, param[comp * shape->dim + d]);
  return GSL_SUCCESS;
}

static int
describe_posterior (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view)
{
  const double *a = param + comp * shape->dim, *b = a + shape->ncomp * shape->dim;

  for (size_t d = 0; d < shape->dim; d++)
    elbo_view_gamma (view, d, a[d], b[d]);
  return GSL_SUCCESS;
}

static const elbo_belief point = { .size = ELBO_SIZE (elbo_belief),
                                   .param = point_field,
                                   .solve = solve_point,
                                   .expect = expect_point,
                                   .cost = cost_point,
                                   .peak = peak_point,
                                   .draw = draw_point,
                                   .describe = describe_point };

static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = posterior_field,
                                       .solve = solve_posterior,
                                       .expect = expect_posterior,
                                       .cost = cost_posterior,
                                       .peak = peak_posterior,
                                       .predict = predict,
                                       .draw = draw_posterior,
                                       .describe = describe_posterior };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "poisson",
        .source = "Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 2.6",
        .prior = prior_field,
        .stat = stat_field,
        .coef = coef_field,
        .guess = guess,
        .flatten = flatten,
        .sum = sum,
        .freedom = freedom,
        .point = &point,
        .posterior = &posterior,
        .view = view_field };
static const elbo_family family = { .size = ELBO_SIZE (elbo_family),
                                    .base = &factor,
                                    .scaling = ELBO_SCALE_NONE,
                                    .check = check,
                                    .score = score,
                                    .tally = tally,
                                    .data_kind = "count" };
const elbo_family *const elbo_poisson = &family;
