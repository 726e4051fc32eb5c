/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times above 0, independent given the component: the toy family that tests/t-toy.sh adds to a
   scratch copy, to see that a family is one file and two lines of a registry.

       p (x | rate_k) = prod_d rate_kd exp (-rate_kd x_d),   p (rate_kd) = Gam (shape0_d, rate0_d)
       weight_k = sum_n w_n r_nk,  total_kd = sum_n w_n r_nk x_nd

   point      rate = (weight + shape0 - 1) / (total + rate0), the mode; shape0 = 1, rate0 = 0 is flat
   posterior  Gam (shape0 + weight, rate0 + total)  (Gelman et al. 2013, section 2.6)
   predict    Lomax: shape rate^shape / (rate + x)^(shape + 1) */
#include <config.h>
#include <math.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include "family/family.h"

#define END \
  { \
    NULL, { ELBO_ONE }, ELBO_PURE, NULL \
  }

static const elbo_field PRIOR[] = { { "shape", { ELBO_DIM }, ELBO_PURE, "Gamma shape." },
                                    { "rate", { ELBO_DIM }, ELBO_PURE, "Gamma rate." },
                                    END };
static const elbo_field STAT[] = { { "weight", { ELBO_COMP }, ELBO_PURE, "Rows." },
                                   { "total", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Sum of x." },
                                   END };
static const elbo_field COEF[] = { { "constant", { ELBO_COMP }, ELBO_PURE, "E log rates." },
                                   { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "E rate." },
                                   END };
static const elbo_field POINT[] = { { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Rate." }, END };
static const elbo_field POSTERIOR[]
    = { { "shape", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Gamma shape." },
        { "rate", { ELBO_COMP, ELBO_DIM }, ELBO_PURE, "Gamma rate." },
        END };
static const elbo_field VIEW[] = { { "rate", { ELBO_DIM }, ELBO_PURE, "rate" }, END };

static int
guess (const elbo_shape *s, const double *pooled, double *prior)
{
  for (size_t d = 0; d < s->dim; d++)
    {
      prior[d] = 1;
      prior[s->dim + d] = pooled[0] > 0 ? pooled[1 + d] / pooled[0] : 1;
    }
  return GSL_SUCCESS;
}

static void
flatten (const elbo_shape *s, double *prior)
{
  for (size_t d = 0; d < s->dim; d++)
    {
      prior[d] = 1;
      prior[s->dim + d] = 0;
    }
}

static size_t
freedom (const elbo_shape *s)
{
  return s->ncomp * s->dim;
}

static int
check (const elbo_shape *s, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (*row = 0; *row < tile->n; ++*row)
    for (*column = 0; *column < s->dim; ++*column)
      {
        const double x = tile->x[*column * ELBO_TILE + *row];
        if (!(x > 0) || isinf (x))
          return elbo_fail (ELBO_EDATA, "%g is not a time above 0", x);
      }
  return GSL_SUCCESS;
}

static int
score (const elbo_shape *s, const double *coef, const elbo_tile *tile, double *out)
{
  const double *rate = coef + s->ncomp;
  for (size_t k = 0; k < s->ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      {
        double sum = coef[k];
        for (size_t d = 0; d < s->dim; d++)
          sum -= rate[k * s->dim + d] * tile->x[d * ELBO_TILE + i];
        out[k * ELBO_TILE + i] += sum;
      }
  return GSL_SUCCESS;
}

static int
tally (const elbo_shape *s, const double *coef, const elbo_tile *tile, const double *resp,
       double *stat)
{
  double *total = stat + s->ncomp;
  (void)coef;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      stat[k] += tile->count[k];
      for (size_t d = 0; d < s->dim; d++)
        for (size_t i = 0; i < tile->n; i++)
          total[k * s->dim + d] += resp[k * ELBO_TILE + i] * tile->x[d * ELBO_TILE + i];
    }
  return GSL_SUCCESS;
}

static int
sum (const elbo_shape *s, const double *coef, const double *stat, elbo_quantity *to)
{
  const size_t K = s->ncomp;
  double pair[2] = { 0, 0 };
  for (size_t k = 0; k < K; k++)
    {
      elbo_sum_add (pair, stat[k] * coef[k]);
      to->size += fabs (stat[k] * coef[k]);
    }
  for (size_t i = 0; i < K * s->dim; i++)
    {
      elbo_sum_add (pair, -stat[K + i] * coef[K + i]);
      to->size += stat[K + i] * coef[K + i] + stat[i / s->dim];
    }
  to->value += pair[0] + pair[1];
  return GSL_SUCCESS;
}

/* --- point ------------------------------------------------------------------------------------ */

static int
point_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  for (size_t i = 0; i < K * D; i++)
    {
      const double n = stat[i / D] + prior[i % D] - 1, t = stat[K + i] + prior[D + i % D];
      if (!(prior[i % D] >= 1))
        return elbo_fail (GSL_EINVAL, "a Gamma shape of %g leaves the rate without a mode",
                          prior[i % D]);
      if (n > 0 && t > 0)
        param[i] = n / t;
      else if (!(param[i] > 0))
        param[i] = 1;
    }
  return GSL_SUCCESS;
}

static int
point_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim;
  for (size_t k = 0; k < K; k++)
    coef[k] = 0;
  for (size_t i = 0; i < K * D; i++)
    {
      if (!(param[i] > 0) || isinf (param[i]))
        return elbo_fail (GSL_EINVAL, "component %zu: rate %g is not > 0", i / D + 1, param[i]);
      coef[i / D] += log (param[i]);
      coef[K + i] = param[i];
    }
  return GSL_SUCCESS;
}

static int
point_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  for (size_t i = 0; i < s->ncomp * s->dim; i++)
    {
      const double a = prior[i % s->dim], b = prior[s->dim + i % s->dim];
      const double constant = b > 0 ? a * log (b) - elbo_lngamma (a) : 0;
      const double power = (a - 1) * log (param[i]), rest = b * param[i];
      to->value += -constant - power + rest;
      to->size += fabs (constant) + fabs (power) + rest;
    }
  return GSL_SUCCESS;
}

/* N log (N / T) - N with N = weight + shape0 - 1 and T = total + rate0, and the constant of the prior.
   Without N there is no mode: the rate stays where it was. */
static double
point_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  double pair[2] = { 0, 0 };
  for (size_t i = 0; i < K * D; i++)
    {
      const double a = prior[i % D], b = prior[D + i % D], n = stat[i / D] + a - 1;
      if (!(n > 0))
        return NAN;
      elbo_sum_add (pair, n * log (n / (stat[K + i] + b)) - n);
      if (b > 0)
        elbo_sum_add (pair, a * log (b) - elbo_lngamma (a));
    }
  return pair[0] + pair[1];
}

static void
point_draw (const elbo_shape *s, const double *param, const double *coef, size_t k, gsl_rng *rng,
            double *x)
{
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    x[d] = gsl_ran_exponential (rng, 1 / param[k * s->dim + d]);
}

static int
point_describe (const elbo_shape *s, const double *param, size_t k, elbo_view *view)
{
  for (size_t d = 0; d < s->dim; d++)
    view->value[d] = param[k * s->dim + d];
  return GSL_SUCCESS;
}

/* --- posterior ---------------------------------------------------------------------------------- */

static int
posterior_solve (const elbo_shape *s, const double *prior, const double *stat, double *param)
{
  const size_t K = s->ncomp, D = s->dim;
  for (size_t i = 0; i < K * D; i++)
    {
      param[i] = prior[i % D] + stat[i / D];
      param[K * D + i] = prior[D + i % D] + stat[K + i];
      if (!(param[i] > 0 && param[K * D + i] > 0))
        return elbo_fail (GSL_EINVAL, "a Gamma prior of shape %g and rate %g is not proper",
                          prior[i % D], prior[D + i % D]);
    }
  return GSL_SUCCESS;
}

static int
posterior_expect (const elbo_shape *s, const double *param, double *coef)
{
  const size_t K = s->ncomp, D = s->dim;
  for (size_t k = 0; k < K; k++)
    coef[k] = 0;
  for (size_t i = 0; i < K * D; i++)
    {
      const double a = param[i], b = param[K * D + i];
      if (!(a > 0 && b > 0) || isinf (a) || isinf (b))
        return elbo_fail (GSL_EINVAL, "component %zu: Gamma of shape %g and rate %g", i / D + 1, a,
                          b);
      coef[i / D] += elbo_psi (a) - log (b);
      coef[K + i] = a / b;
    }
  return GSL_SUCCESS;
}

static int
posterior_cost (const elbo_shape *s, const double *prior, const double *param, elbo_quantity *to)
{
  const size_t KD = s->ncomp * s->dim;
  for (size_t i = 0; i < KD; i++)
    {
      const double a0 = prior[i % s->dim], b0 = prior[s->dim + i % s->dim];
      const double a = param[i], b = param[KD + i];
      const double term[] = { (a - a0) * elbo_psi (a), -elbo_lngamma (a), elbo_lngamma (a0),
                              a0 * log (b / b0), a * ((b0 - b) / b) };
      for (size_t t = 0; t < sizeof term / sizeof *term; t++)
        {
          to->value += term[t];
          to->size += fabs (term[t]);
        }
    }
  return GSL_SUCCESS;
}

static double
posterior_peak (const elbo_shape *s, const double *prior, const double *stat)
{
  const size_t K = s->ncomp, D = s->dim;
  double pair[2] = { 0, 0 };
  for (size_t i = 0; i < K * D; i++)
    {
      const double a0 = prior[i % D], b0 = prior[D + i % D];
      const double a = a0 + stat[i / D], b = b0 + stat[K + i];
      elbo_sum_add (pair, a0 * log (b0) - a * log (b));
      elbo_sum_add (pair, elbo_lngamma (a) - elbo_lngamma (a0));
    }
  return pair[0] + pair[1];
}

static int
posterior_predict (const elbo_shape *s, const double *param, const double *coef,
                   const elbo_tile *tile, double *out)
{
  const size_t KD = s->ncomp * s->dim;
  (void)coef;
  for (size_t j = 0; j < KD; j++)
    for (size_t i = 0; i < tile->n; i++)
      {
        const double a = param[j], b = param[KD + j], x = tile->x[j % s->dim * ELBO_TILE + i];
        out[j / s->dim * ELBO_TILE + i] += log (a / b) - (a + 1) * log1p (x / b);
      }
  return GSL_SUCCESS;
}

static void
posterior_draw (const elbo_shape *s, const double *param, const double *coef, size_t k,
                gsl_rng *rng, double *x)
{
  const size_t at = k * s->dim, KD = s->ncomp * s->dim;
  (void)coef;
  for (size_t d = 0; d < s->dim; d++)
    {
      const double rate = gsl_ran_gamma (rng, param[at + d], 1 / param[KD + at + d]);
      x[d] = gsl_ran_exponential (rng, 1 / rate);
    }
}

static int
posterior_describe (const elbo_shape *s, const double *param, size_t k, elbo_view *view)
{
  for (size_t d = 0; d < s->dim; d++)
    {
      const double a = param[k * s->dim + d], b = param[(s->ncomp + k) * s->dim + d];
      view->value[d] = a / b;
      view->error[d] = sqrt (a) / b;
      view->low[d] = gsl_cdf_gamma_Pinv (0.025, a, 1 / b);
      view->high[d] = gsl_cdf_gamma_Pinv (0.975, a, 1 / b);
    }
  return GSL_SUCCESS;
}

static const elbo_belief point = { .size = ELBO_SIZE (elbo_belief),
                                   .param = POINT,
                                   .solve = point_solve,
                                   .expect = point_expect,
                                   .cost = point_cost,
                                   .peak = point_peak,
                                   .draw = point_draw,
                                   .describe = point_describe };
static const elbo_belief posterior = { .size = ELBO_SIZE (elbo_belief),
                                       .param = POSTERIOR,
                                       .solve = posterior_solve,
                                       .expect = posterior_expect,
                                       .cost = posterior_cost,

                                       .peak = posterior_peak,
                                       .predict = posterior_predict,
                                       .draw = posterior_draw,
                                       .describe = posterior_describe };
static const elbo_factor factor = { .size = ELBO_SIZE (elbo_factor),
                                    .field_size = ELBO_SIZE (elbo_field),
                                    .name = "exponential",
                                    .source = "Gelman et al. (2013), section 2.6",
                                    .prior = PRIOR,
                                    .stat = STAT,
                                    .coef = COEF,
                                    .view = VIEW,
                                    .guess = guess,
                                    .flatten = flatten,
                                    .sum = sum,
                                    .freedom = freedom,
                                    .point = &point,
                                    .posterior = &posterior };
static const elbo_family family = { .size = ELBO_SIZE (elbo_family),
                                    .base = &factor,
                                    .scaling = ELBO_SCALE_NONE,
                                    .check = check,
                                    .score = score,
                                    .tally = tally,
                                    .data_kind = "positive" };
const elbo_family *const elbo_exponential = &family;
