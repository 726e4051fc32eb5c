/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column of codes 0 .. L - 1, without order.

       p (x | theta_k) = theta_kx,  sum_l theta_kl = 1
       p (theta_k)     = Dir (theta | alpha0), proportional to prod_l theta_l^(alpha0_l - 1)
       count_kl = sum_n w_n r_nk [x_n = l]

   point      theta_kl = (count_kl + alpha0_l - 1) / sum_l (count_kl + alpha0_l - 1), the mode on
              the simplex, which needs alpha0 >= 1
   posterior  alpha_kl = alpha0_l + count_kl  (Bishop 2006, 2.41),
              E log theta_kl = psi (alpha_kl) - psi (sum_l alpha_kl)
   peak       posterior: log B (alpha) - log B (alpha0), B (alpha) = prod Gamma (alpha_l) / Gamma
              (sum alpha), for each k
   predict    theta_kl = alpha_kl / sum_l alpha_kl

   Several such blocks make a latent class model.  A level that a component never saw has theta = 0
   in maximum likelihood; scores are looked up, not multiplied, so log 0 = -inf harms no other row.

   Check: x = 0, 0, 1, 2, 2, 1 under Dir (1, 1, 1) has log evidence -7.8320141805055. */
#include <config.h>

#include <math.h>
#include "family/family.h"

/* How far from 1 a sum of probabilities may lie: numbers typed with seven digits pass. */
#define SUM_TOLERANCE 1e-6

static const elbo_field prior_field[] = {
  { "alpha",
    { ELBO_LEVEL },
    ELBO_PURE,
    "Dirichlet parameter of each level, as if alpha rows of it were seen." },
  { "flat", { ELBO_ONE }, ELBO_PURE, NULL }, /* 1: no prior, so no normalising constant either */
  { NULL, { ELBO_ONE }, ELBO_PURE, NULL }
};

static const elbo_field stat_field[]
    = { { "count", { ELBO_COMP, ELBO_LEVEL }, ELBO_PURE, "Expected number of rows of each level." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field point_field[]
    = { { "probability",
          { ELBO_COMP, ELBO_LEVEL },
          ELBO_PURE,
          "Probability of each level; they sum to 1 in a component." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field posterior_field[]
    = { { "alpha",
          { ELBO_COMP, ELBO_LEVEL },
          ELBO_PURE,
          "Dirichlet parameter of each level: of the prior plus the expected number of rows." },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field coef_field[] = { { "log_probability",
                                           { ELBO_COMP, ELBO_LEVEL },
                                           ELBO_PURE,
                                           "Expected log probability of each level, nats." },
                                         { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static const elbo_field view_field[]
    = { { "probability", { ELBO_LEVEL }, ELBO_PURE, "probability of each level" },
        { NULL, { ELBO_ONE }, ELBO_PURE, NULL } };

static double
total (size_t n, const double *x)
{
  double value = 0;

  for (size_t i = 0; i < n; i++)
    value += x[i];
  return value;
}

/* log B (alpha + add), add may be NULL; *size += |summands|. */
static double
log_beta (size_t nlevel, const double *alpha, const double *add, double *size)
{
  double all = 0, value = 0, term;

  for (size_t l = 0; l < nlevel; l++)
    {
      double shape = alpha[l] + (add != NULL ? add[l] : 0);

      term = elbo_lngamma (shape);
      value += term;
      *size += fabs (term);
      all += shape;
    }
  term = elbo_lngamma (all);
  *size += fabs (term);
  return value - term;
}

static int
guess (const elbo_shape *shape, const double *pooled, double *prior)
{
  (void)pooled;
  for (size_t l = 0; l < shape->level; l++)
    prior[l] = 1;
  prior[shape->level] = 0;
  return GSL_SUCCESS;
}

static void
flatten (const elbo_shape *shape, double *prior)
{
  for (size_t l = 0; l <= shape->level; l++)
    prior[l] = 1;
}

static int
is_flat (const elbo_shape *shape, const double *prior)
{
  return prior[shape->level] > 0;
}

static size_t
freedom (const elbo_shape *shape)
{
  return shape->ncomp * (shape->level - 1);
}

static int
sum (const elbo_shape *shape, const double *coef, const double *stat, elbo_quantity *to)
{
  elbo_quantity_counts (to, shape->ncomp * shape->level, stat, coef);
  return GSL_SUCCESS;
}

static int
check (const elbo_shape *shape, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (size_t i = 0; i < tile->n; i++)
    {
      double x = tile->x[i];

      if (x >= 0 && x < (double)shape->level && x == floor (x))
        continue;
      *row = i;
      *column = 0;
      return elbo_fail (ELBO_EDATA, "%g is not a level 0 .. %zu", x, shape->level - 1);
    }
  return GSL_SUCCESS;
}

/* Add table [K x L] at the level of each row. */
static void
look_up (const elbo_shape *shape, const double *table, const elbo_tile *tile, double *out)
{
  for (size_t k = 0; k < shape->ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      out[k * ELBO_TILE + i] += table[k * shape->level + (size_t)tile->x[i]];
}

static int
score (const elbo_shape *shape, const double *coef, const elbo_tile *tile, double *out)
{
  look_up (shape, coef, tile, out);
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *shape, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  (void)coef;
  for (size_t k = 0; k < shape->ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      stat[k * shape->level + (size_t)tile->x[i]] += resp[k * ELBO_TILE + i];
  return GSL_SUCCESS;
}

static int
solve_point (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t L = shape->level;

  for (size_t l = 0; l < L; l++)
    if (!(prior[l] >= 1) || isinf (prior[l]))
      return elbo_fail (GSL_EINVAL,
                        "level %zu: a Dirichlet parameter of %g leaves the "
                        "probabilities without a mode, it must be >= 1",
                        l, prior[l]);
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      const double *count = stat + k * L;
      double *theta = param + k * L, all = 0;

      for (size_t l = 0; l < L; l++)
        all += count[l] + (prior[l] - 1);
      if (all > 0)
        for (size_t l = 0; l < L; l++)
          theta[l] = (count[l] + (prior[l] - 1)) / all;
      else if (total (L, theta) == 0) /* neither rows nor a belief yet */
        for (size_t l = 0; l < L; l++)
          theta[l] = 1.0 / (double)L;
    }
  return GSL_SUCCESS;
}

static int
expect_point (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t L = shape->level;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      double all = total (L, param + k * L);

      for (size_t l = 0; l < L; l++)
        {
          double theta = param[k * L + l];

          if (!(theta >= 0))
            return elbo_fail (GSL_EINVAL, "component %zu, level %zu: probability %g is not >= 0",
                              k + 1, l, theta);
          coef[k * L + l] = log (theta);
        }
      if (!(fabs (all - 1) <= SUM_TOLERANCE))
        return elbo_fail (GSL_EINVAL, "component %zu: the probabilities sum to %.10g, not to 1",
                          k + 1, all);
    }
  return GSL_SUCCESS;
}

static int
cost_point (const elbo_shape *shape, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t L = shape->level;
  double value = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      if (!is_flat (shape, prior))
        value += log_beta (L, prior, NULL, &to->size);
      for (size_t l = 0; l < L; l++)
        {
          double term = elbo_xlogy (prior[l] - 1, param[k * L + l]);

          value -= term;
          to->size += fabs (term);
        }
    }
  to->value += value;
  return GSL_SUCCESS;
}

static double
peak_point (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t L = shape->level;
  double unused = 0, value = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      double all = 0;

      if (!is_flat (shape, prior))
        value -= log_beta (L, prior, NULL, &unused);
      for (size_t l = 0; l < L; l++)
        {
          double count = stat[k * L + l] + (prior[l] - 1);

          value += elbo_xlogy (count, count);
          all += count;
        }
      value -= elbo_xlogy (all, all);
    }
  return value;
}

/* Draw a level with probability proportional to weight; rounding may leave u just short of the
   end, and the last level of positive weight takes it. */
static double
draw (size_t nlevel, const double *weight, gsl_rng *rng)
{
  double u = gsl_rng_uniform (rng) * total (nlevel, weight);
  size_t level = 0;

  for (size_t l = 0; l < nlevel; l++)
    if (weight[l] > 0)
      {
        level = l;
        u -= weight[l];
        if (u < 0)
          break;
      }
  return (double)level;
}

/* A point draws by its probabilities, a distribution by their expectation given one row only;
   both are proportional to param. */
static void
draw_level (const elbo_shape *shape, const double *param, const double *coef, size_t comp,
            gsl_rng *rng, double *x)
{
  (void)coef;
  x[0] = draw (shape->level, param + comp * shape->level, rng);
}

static int
solve_posterior (const elbo_shape *shape, const double *prior, const double *stat, double *param)
{
  const size_t L = shape->level;

  for (size_t l = 0; l < L; l++)
    if (!(prior[l] > 0) || isinf (prior[l]))
      return elbo_fail (GSL_EINVAL, "level %zu: Dirichlet parameter %g is not > 0", l, prior[l]);
  for (size_t i = 0; i < shape->ncomp * L; i++)
    param[i] = prior[i % L] + stat[i];
  return GSL_SUCCESS;
}

static int
expect_posterior (const elbo_shape *shape, const double *param, double *coef)
{
  const size_t L = shape->level;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      const double *alpha = param + k * L;
      double psi;

      for (size_t l = 0; l < L; l++)
        if (!(alpha[l] > 0) || isinf (alpha[l]))
          return elbo_fail (GSL_EINVAL,
                            "component %zu, level %zu: Dirichlet parameter %g is not "
                            "> 0",
                            k + 1, l, alpha[l]);
      psi = elbo_psi (total (L, alpha));
      for (size_t l = 0; l < L; l++)
        coef[k * L + l] = elbo_psi (alpha[l]) - psi;
    }
  return GSL_SUCCESS;
}

/* KL (Dir (alpha) || Dir (alpha0)). */
static int
cost_posterior (const elbo_shape *shape, const double *prior, const double *param,
                elbo_quantity *to)
{
  const size_t L = shape->level;
  double value = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    {
      const double *alpha = param + k * L;
      double psi = elbo_psi (total (L, alpha));

      value += log_beta (L, prior, NULL, &to->size) - log_beta (L, alpha, NULL, &to->size);
      for (size_t l = 0; l < L; l++)
        {
          double term = (alpha[l] - prior[l]) * (elbo_psi (alpha[l]) - psi);

          value += term;
          to->size += fabs (term);
        }
    }
  to->value += value;
  return GSL_SUCCESS;
}

static double
peak_posterior (const elbo_shape *shape, const double *prior, const double *stat)
{
  const size_t L = shape->level;
  double unused = 0, value = 0;

  for (size_t k = 0; k < shape->ncomp; k++)
    value += log_beta (L, prior, stat + k * L, &unused) - log_beta (L, prior, NULL, &unused);
  return value;
}

static int
predict (const elbo_shape *shape, const double *param, const double *coef, const elbo_tile *tile,
         double *out)
{
  const size_t L = shape->level;

  (void)coef;
  for (size_t k = 0; k < shape->ncomp; k++)
    {
      const double *alpha = param + k * L, log_total = log (total (L, alpha));

      for (size_t i = 0; i < tile->n; i++)
        out[k * ELBO_TILE + i] += log (alpha[(size_t)tile->x[i]]) - log_total;
    }
  return GSL_SUCCESS;
}

static int
describe_point (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view)
{
  for (size_t l = 0; l < shape->level; l++)
    elbo_view_point (view, l, param[comp * shape->level + l]);
  return GSL_SUCCESS;
}

/* The probability of one level of a Dirichlet is Beta (alpha_l, the sum of the others). */
static int
describe_posterior (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view)
{
  const size_t L = shape->level;
  const double *alpha = param + comp * L;

  for (size_t l = 0; l < L; l++)
    elbo_view_beta (view, l, alpha[l], total (l, alpha) + total (L - l - 1, alpha + l + 1));
  return GSL_SUCCESS;
}

static const elbo_belief point = { .size = ELBO_SIZE (elbo_belief),
                                   .param = point_field,
                                   .solve = solve_point,
                                   .expect = expect_point,
                                   .cost = cost_point,
                                   .peak = peak_point,
                                   .draw = draw_level,
                                   .describe = describe_point };

static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = posterior_field,
                                       .solve = solve_posterior,
                                       .expect = expect_posterior,
                                       .cost = cost_posterior,
                                       .peak = peak_posterior,
                                       .predict = predict,
                                       .draw = draw_level,
                                       .describe = describe_posterior };

static const elbo_factor factor
    = { .size = ELBO_SIZE (elbo_factor),
        .field_size = ELBO_SIZE (elbo_field),
        .name = "categorical",
        .source = "Bishop (2006), Pattern Recognition and Machine Learning, section 2.2, "
                  "equations 2.26-2.41",
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
                                    .data_kind = "category" };
const elbo_family *const elbo_categorical = &family;
