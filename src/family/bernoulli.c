/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of zeros and ones, independent given the component.

       p (x | theta_k) = prod_d theta_kd^x_d (1 - theta_kd)^(1 - x_d)
       p (theta_kd)    = Beta (theta | a0_d, b0_d), proportional to
                         theta^(a0 - 1) (1 - theta)^(b0 - 1)
       one_kd = sum_n w_n r_nk x_nd,  zero_kd = sum_n w_n r_nk (1 - x_nd)

   point      theta = (one + a0 - 1) / (one + zero + a0 + b0 - 2), the mode, which needs a0, b0 >= 1
   posterior  a = a0 + one,  b = b0 + zero  (Bishop 2006, 2.18),
              E log theta = psi (a) - psi (a + b),  E log (1 - theta) = psi (b) - psi (a + b)
   peak       posterior: log B (a, b) - log B (a0, b0) for each k and d
   predict    theta = a / (a + b)  (2.20)

   Both sums are kept, because one / N_k can round to more than 1.  The score is linear in x,

       sum_d [x_d log_one_d + (1 - x_d) log_zero_d] = const + sum_d x_d slope_d,

   unless theta is 0 or 1 in maximum likelihood, where log 0 = -inf meets 0 log 0 = 0.  Such a
   certain column is left out of const and slope, which stay finite, and a row that contradicts it
   gets the score -inf: its responsibility is exactly 0, and nothing else is rounded away as it
   would be by a large finite stand-in for log 0.

   Check: X = 10, 11, 01, 00, 10, 01 under Beta (1, 1) has log evidence -9.8832848452186. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <gsl/gsl_randist.h>
#include "family/family.h"

static const elbo_field prior_field[] = {
  { "a", { ELBO_DIM }, ELBO_PURE, "First Beta parameter of each column, as if a ones were seen." },
  { "b",
    { ELBO_DIM },
    ELBO_PURE,
    "Second Beta parameter of each column, as if b zeros were seen." },
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

static const elbo_field stat_field[]
    = { { "one", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected number of ones." },
        { "zero", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected number of zeros." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field point_field[]
    = { { "probability", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Probability of a one." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field posterior_field[]
    = { { "a",
          { ELBO_COMP, ELBO_DIM },
          ELBO_PURE,
          "First Beta parameter: of the prior plus the expected number of ones." },
        { "b",
          { ELBO_COMP, ELBO_DIM },
          ELBO_PURE,
          "Second Beta parameter: of the prior plus the expected number of zeros." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field coef_field[] = {
  { "const", { ELBO_COMP }, ELBO_PURE, "Score of a row of zeros over uncertain columns, nats." },
  { "slope",
    { ELBO_COMP, ELBO_DIM },
    ELBO_PURE,
    "What a one in place of a zero adds to the score, nats; 0 for certain columns." },
  { "log_one", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected log probability of a one, nats." },
  { "log_zero", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Expected log probability of a zero, nats." },
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

static const elbo_field view_field[] = { { "probability", { ELBO_DIM }, ELBO_PURE, "probability" },
                                         { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static double
log_beta (double a, double b)
{
  return elbo_lngamma (a) + elbo_lngamma (b) - elbo_lngamma (a + b);
}

static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  (void)pooled;
  for (size_t i = 0; i < 2 * shape->dim; i++)
    prior[i] = 1;
  return GSL_SUCCESS;
}

static void
flatten (const elbo_shape *shape, double *prior)
{
  for (size_t i = 0; i < 2 * shape->dim; i++)
    prior[i] = 1;
}

static size_t
freedom (const elbo_shape *shape)
{
  return shape->ncomp * shape->dim;
}

static int
sum (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t KD = shape->ncomp * shape->dim;
  const double *logs = coef + shape->ncomp + KD; /* log_one, log_zero, as stat has one, zero */

  elbo_quantity_counts (to, 2 * KD, stat, logs);
  return GSL_SUCCESS;
}

static int
check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (size_t d = 0; d < shape->dim; d++)
    for (size_t i = 0; i < tile->n; i++)
      {
        double x = tile->x[d * ELBO_TILE + i];

        if (x == 0 || x == 1)
          continue;
        *row = i;
        *column = d;
        return elbo_fail (ELBO_EDATA, "%g is neither 0 nor 1", x);
      }
  return GSL_SUCCESS;
}

/* The rows of a certain column that are not `must` are impossible.  Real rows only: the scores of
   the padding stay finite. */
static void
exclude (size_t n, const double *x, double must, double *score)
{
  for (size_t i = 0; i < n; i++)
    if (x[i] != must)
      score[i] = -INFINITY;
}

static int
score (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *out)
{
  const size_t K = shape->ncomp, D = shape->dim;
  const double *slope = coef + K, *log_one = slope + K * D, *log_zero = log_one + K * D;

  tile->kernel->linear (tile->n, D, K, tile->x, slope, coef, out);
  for (size_t k = 0; k < K; k++)
    for (size_t d = 0; d < D; d++)
      if (isinf (log_one[k * D + d]) || isinf (log_zero[k * D + d]))
        exclude (tile->n, tile->x + d * ELBO_TILE, isinf (log_one[k * D + d]) ? 0 : 1,
                 out + k * ELBO_TILE);
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  const size_t K = shape->ncomp, D = shape->dim;
  double *complement = tile->scratch + (D + 4) * ELBO_TILE; /* past what the kernel uses */

  (void)coef;
  for (size_t i = 0; i < D * ELBO_TILE; i++)
    complement[i] = 1 - tile->x[i];
  tile->kernel->moments_diagonal (tile->n, D, K, tile->x, NULL, resp, tile->scratch, stat, NULL);
  tile->kernel->moments_diagonal (tile->n, D, K, complement, NULL, resp, tile->scratch,
                                  stat + K * D, NULL);
  return GSL_SUCCESS;
}

/* Split the logarithms of the probabilities, written already, into const and slope. */
static void
linearise (const elbo_shape *shape, double *coef)
{
  const size_t K = shape->ncomp, D = shape->dim;
  double *slope = coef + K, *log_one = slope + K * D, *log_zero = log_one + K * D;

  for (size_t k = 0; k < K; k++)
    {
      coef[k] = 0;
      for (size_t i = k * D; i < (k + 1) * D; i++)
        {
          int certain = isinf (log_one[i]) || isinf (log_zero[i]);

          slope[i] = certain ? 0 : log_one[i] - log_zero[i];
          coef[k] += certain ? 0 : log_zero[i];
        }
    }
}

static int
solve_point (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;

  for (size_t i = 0; i < KD; i++)
    {
      double a = prior[i % D], b = prior[D + i % D], one, zero, theta;

      if (!(a >= 1 && b >= 1) || isinf (a) || isinf (b))
        return elbo_fail (GSL_EINVAL,
                          "column %zu: a Beta (%g, %g) prior leaves the probability "
                          "without a mode, both must be >= 1",
                          i % D + 1, a, b);
      one = stat[i] + (a - 1);
      zero = stat[KD + i] + (b - 1);
      if (!(one + zero > 0))
        continue; /* no rows, no prior: every probability is as good, keep the old one */
      theta = one / (one + zero);
      /* a probability is certain only when nothing at all speaks against it */
      if (one > 0)
        theta = fmax (theta, DBL_MIN);
      if (zero > 0)
        theta = fmin (theta, 1 - DBL_EPSILON / 2);
      param[i] = theta;
    }
  return GSL_SUCCESS;
}

static int
expect_point (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  double *log_one = coef + shape->ncomp + KD, *log_zero = log_one + KD;

  for (size_t i = 0; i < KD; i++)
    {
      if (!(param[i] >= 0 && param[i] <= 1))
        return elbo_fail (GSL_EINVAL, "component %zu, column %zu: probability %g is not in [0, 1]",
                          i / D + 1, i % D + 1, param[i]);
      log_one[i] = log (param[i]);
      log_zero[i] = log1p (-param[i]);
    }
  linearise (shape, coef);
  return GSL_SUCCESS;
}

static int
cost_point (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  double value = 0;

  for (size_t i = 0; i < KD; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];
      double term[] = { log_beta (a, b), -elbo_xlogy (a - 1, param[i]),
                        b == 1 ? 0 : -(b - 1) * log1p (-param[i]) };

      for (size_t t = 0; t < sizeof term / sizeof *term; t++)
        {
          value += term[t];
          to->size += fabs (term[t]);
        }
    }
  to->value += value;
  return GSL_SUCCESS;
}

static double
peak_point (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  double value = 0;

  for (size_t i = 0; i < KD; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];
      double one = stat[i] + (a - 1), zero = stat[KD + i] + (b - 1);

      value += elbo_xlogy (one, one) + elbo_xlogy (zero, zero) - elbo_xlogy (one + zero, one + zero)
               - log_beta (a, b);
    }
  return value;
}

static void
draw_point (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
            gsl_rng *rng, double *x)
{
  (void)coef;
  for (size_t d = 0; d < shape->dim; d++)
    x[d] = (double)gsl_ran_bernoulli (rng, param[comp * shape->dim + d]);
}

static int
solve_posterior (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;

  for (size_t d = 0; d < D; d++)
    if (!(prior[d] > 0 && prior[D + d] > 0) || isinf (prior[d]) || isinf (prior[D + d]))
      return elbo_fail (GSL_EINVAL, "column %zu: a Beta (%g, %g) prior needs both > 0", d + 1,
                        prior[d], prior[D + d]);
  for (size_t i = 0; i < KD; i++)
    {
      param[i] = prior[i % D] + stat[i];
      param[KD + i] = prior[D + i % D] + stat[KD + i];
    }
  return GSL_SUCCESS;
}

static int
expect_posterior (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  const double *a = param, *b = param + KD;
  double *log_one = coef + shape->ncomp + KD, *log_zero = log_one + KD;

  for (size_t i = 0; i < KD; i++)
    {
      double psi;

      if (!(a[i] > 0 && b[i] > 0) || isinf (a[i]) || isinf (b[i]))
        return elbo_fail (GSL_EINVAL, "component %zu, column %zu: Beta (%g, %g) needs both > 0",
                          i / D + 1, i % D + 1, a[i], b[i]);
      psi = elbo_psi (a[i] + b[i]);
      log_one[i] = elbo_psi (a[i]) - psi;
      log_zero[i] = elbo_psi (b[i]) - psi;
    }
  linearise (shape, coef);
  return GSL_SUCCESS;
}

/* KL (Beta (a, b) || Beta (a0, b0)). */
static int
cost_posterior (const elbo_shape *shape, const double *prior, const double *param,
                elbo_quantity *to)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  double value = 0;

  for (size_t i = 0; i < KD; i++)
    {
      double a0 = prior[i % D], b0 = prior[D + i % D], a = param[i], b = param[KD + i];
      double psi = elbo_psi (a + b);
      double term[] = { log_beta (a0, b0) - log_beta (a, b), (a - a0) * (elbo_psi (a) - psi),
                        (b - b0) * (elbo_psi (b) - psi) };

      value += term[0] + term[1] + term[2];
      to->size += fabs (elbo_lngamma (a)) + fabs (elbo_lngamma (b)) + fabs (elbo_lngamma (a + b))
                  + fabs (term[0]) + fabs (term[1]) + fabs (term[2]);
    }
  to->value += value;
  return GSL_SUCCESS;
}

static double
peak_posterior (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t D = shape->dim, KD = shape->ncomp * D;
  double value = 0;

  for (size_t i = 0; i < KD; i++)
    {
      double a = prior[i % D], b = prior[D + i % D];

      value += log_beta (a + stat[i], b + stat[KD + i]) - log_beta (a, b);
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
      double log_one = -log1p (b / a), log_zero = -log1p (a / b);

      for (size_t n = 0; n < tile->n; n++)
        out[i / D * ELBO_TILE + n] += x[n] > 0 ? log_one : log_zero;
    }
  return GSL_SUCCESS;
}

/* Given one row only, a column is a one with probability E theta. */
static void
draw_posterior (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
                gsl_rng *rng, double *x)
{
  const size_t D = shape->dim;
  const double *a = param + comp * D, *b = a + shape->ncomp * D;

  (void)coef;
  for (size_t d = 0; d < D; d++)
    x[d] = (double)gsl_ran_bernoulli (rng, a[d] / (a[d] + b[d]));
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
    elbo_view_beta (view, d, a[d], b[d]);
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
        .name = "bernoulli",
        .source = "Bishop (2006), Pattern Recognition and Machine Learning, section 2.1, "
                  "equations 2.13-2.20, and section 9.3.3",
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
                                    .data_kind = "binary" };
const elbo_family *const elbo_bernoulli = &family;
