/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian mixtures row by row; see exact.h.  Densities: Bishop (2006), appendix B and (10.81);
   the urn schemes of Dirichlet, Beta-binomial sticks and Chinese restaurant. */
#include <config.h>
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_sf_psi.h>
#include "exact.h"

/* --- small matrices ------------------------------------------------------------------------ */

/* Cholesky factor of a [n x n]; returns log |a|. */
static double
factor (size_t n, const double *a, double *l)
{
  double logdet = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      {
        double sum = a[i * n + j];
        for (size_t k = 0; k < j; k++)
          sum -= l[i * n + k] * l[j * n + k];
        ck_assert (i != j || sum > 0);
        l[i * n + j] = i == j ? sqrt (sum) : sum / l[j * n + j];
        logdet += i == j ? log (sum) : 0;
      }
  return logdet;
}

/* v' a^-1 v for the factor l of a. */
static double
quadratic (size_t n, const double *l, const double *v)
{
  double y[EXACT_DIM], square = 0;
  for (size_t i = 0; i < n; i++)
    {
      y[i] = v[i];
      for (size_t k = 0; k < i; k++)
        y[i] -= l[i * n + k] * y[k];
      y[i] /= l[i * n + i];
      square += y[i] * y[i];
    }
  return square;
}

/* tr (b a^-1) for the factor l of a: the sum over the columns c of a factor of b of c' a^-1 c. */
static double
trace_ratio (size_t n, const double *l, const double *b)
{
  double f[EXACT_DIM * EXACT_DIM] = { 0 }, v[EXACT_DIM], sum = 0;
  factor (n, b, f);
  for (size_t j = 0; j < n; j++)
    {
      for (size_t i = 0; i < n; i++)
        v[i] = i < j ? 0 : f[i * n + j];
      sum += quadratic (n, l, v);
    }
  return sum;
}

/* --- what the model says ------------------------------------------------------------------- */

static double *
member (exact_belief *belief, const char *name)
{
  static const struct
  {
    const char *name;
    size_t at;
  } list[]
      = { { "kappa", offsetof (exact_belief, kappa) }, { "mean", offsetof (exact_belief, mean) },
          { "df", offsetof (exact_belief, df) },       { "scale", offsetof (exact_belief, scale) },
          { "shape", offsetof (exact_belief, a) },     { "rate", offsetof (exact_belief, b) },
          { "a", offsetof (exact_belief, a) },         { "b", offsetof (exact_belief, b) },
          { "alpha", offsetof (exact_belief, a) } };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (strcmp (list[i].name, name) == 0)
      return (double *)((char *)belief + list[i].at);
  ck_abort_msg ("a field %s is not known", name);
  return NULL;
}

/* Component k of a flat vector. */
static void
load (const elbo_field *table, const elbo_shape *shape, const double *v, size_t k, exact_belief *to)
{
  for (const elbo_field *field = table; field->name; field++)
    {
      const size_t total = elbo_field_size (field, shape);
      const int own = field->extent[0] == ELBO_COMP;
      const size_t n = own ? total / shape->ncomp : total;
      if (field->doc)
        memcpy (member (to, field->name), v + (own ? k * n : 0), n * sizeof *v);
      v += total;
    }
}

static void
load_weights (const elbo_model *model, const double *v, int posterior, exact_world *world)
{
  const size_t K = elbo_model_ncomp (model);
  if (elbo_model_latent (model)->order == ELBO_ORDER_FREE)
    {
      memcpy (world->a, v, K * sizeof *v);
      return;
    }
  for (size_t k = 0; k < K; k++)
    {
      world->a[k] = posterior ? v[k] : 1;
      world->b[k] = posterior ? v[K + k] : v[0];
    }
  if (elbo_model_latent (model) == elbo_mixture_stick_closed)
    world->b[K - 1] = 0;
}

static void
load_world (const elbo_model *model, int posterior, exact_world *world)
{
  double v[512];
  const size_t K = elbo_model_ncomp (model);
  memset (world, 0, sizeof *world);
  world->model = model;
  ck_assert (K <= EXACT_COMP && elbo_model_nblock (model) <= EXACT_BLOCK);
  for (size_t f = 0; f <= elbo_model_nblock (model); f++)
    {
      const elbo_shape *shape = elbo_model_shape (model, f);
      const elbo_field *table
          = posterior ? elbo_model_belief (model, f)->param : elbo_model_factor (model, f)->prior;
      ck_assert (elbo_field_total (table, shape) <= sizeof v / sizeof *v);
      (posterior ? elbo_model_param : elbo_model_prior) (model, f, v);
      if (f == 0)
        load_weights (model, v, posterior, world);
      for (size_t k = 0; f > 0 && k < EXACT_COMP; k++)
        load (table, shape, v, posterior && k >= K ? 0 : k, &world->part[f - 1][k]);
    }
}

void
exact_prior (const elbo_model *model, exact_world *world)
{
  load_world (model, 0, world);
}

void
exact_posterior (const elbo_model *model, exact_world *world)
{
  load_world (model, 1, world);
}

/* --- one row at a time --------------------------------------------------------------------- */

/* Normal-Wishart; the matrix may belong to all components. */
static double
step_wishart (exact_belief *own, exact_belief *shared, size_t dim, const double *x)
{
  double l[EXACT_DIM * EXACT_DIM], off[EXACT_DIM];
  const double D = (double)dim, df = shared->df + 1 - D, kappa = own->kappa[0];
  const double share = kappa / (1 + kappa);
  for (size_t i = 0; i < dim; i++)
    off[i] = x[i] - own->mean[i];
  const double logdet = factor (dim, shared->scale, l);
  const double value = lgamma (0.5 * (df + D)) - lgamma (0.5 * df) + 0.5 * D * log (share / M_PI)
                       - 0.5 * logdet - 0.5 * (df + D) * log1p (share * quadratic (dim, l, off));
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++)
      shared->scale[i * dim + j] += share * off[i] * off[j];
  for (size_t i = 0; i < dim; i++)
    own->mean[i] += off[i] / (kappa + 1);
  own->kappa[0] += 1;
  shared->df += 1;
  return value;
}

/* Normal-gamma of D columns with one precision. */
static double
step_gamma (double *kappa, double *mean, double *a, double *b, size_t dim, const double *x)
{
  const double D = (double)dim, share = *kappa / (1 + *kappa);
  double square = 0;
  for (size_t i = 0; i < dim; i++)
    square += (x[i] - mean[i]) * (x[i] - mean[i]);
  const double value = lgamma (*a + 0.5 * D) - lgamma (*a) + 0.5 * D * log (share / (2 * M_PI * *b))
                       - (*a + 0.5 * D) * log1p (0.5 * share * square / *b);
  for (size_t i = 0; i < dim; i++)
    mean[i] += (x[i] - mean[i]) / (*kappa + 1);
  *kappa += 1;
  *a += 0.5 * D;
  *b += 0.5 * share * square;
  return value;
}

static double
step_bernoulli (exact_belief *q, size_t d, double x)
{
  const double value = log ((x > 0 ? q->a[d] : q->b[d]) / (q->a[d] + q->b[d]));
  *(x > 0 ? q->a + d : q->b + d) += 1;
  return value;
}

/* Negative binomial. */
static double
step_poisson (exact_belief *q, size_t d, double x)
{
  const double value = lgamma (q->a[d] + x) - lgamma (q->a[d]) - lgamma (x + 1)
                       - q->a[d] * log1p (1 / q->b[d]) - x * log1p (q->b[d]);
  q->a[d] += x;
  q->b[d] += 1;
  return value;
}

static double
step_categorical (exact_belief *q, size_t level, double x)
{
  double sum = 0;
  for (size_t l = 0; l < level; l++)
    sum += q->a[l];
  const double value = log (q->a[(size_t)x] / sum);
  q->a[(size_t)x] += 1;
  return value;
}

static double
step_block (const elbo_block *block, exact_belief *part, size_t k, const double *x)
{
  exact_belief *q = part + k;
  double value = 0;
  if (block->family == elbo_gauss_full || block->family == elbo_gauss_tied)
    return step_wishart (q, block->family == elbo_gauss_tied ? part : q, block->dim, x);
  if (block->family == elbo_gauss_iso)
    return step_gamma (q->kappa, q->mean, q->a, q->b, block->dim, x);
  if (block->family == elbo_categorical)
    return step_categorical (q, block->level, *x);
  for (size_t d = 0; d < block->dim; d++)
    if (block->family == elbo_gauss_diag)
      value += step_gamma (q->kappa + d, q->mean + d, q->a + d, q->b + d, 1, x + d);
    else if (block->family == elbo_bernoulli)
      value += step_bernoulli (q, d, x[d]);
    else if (block->family == elbo_poisson)
      value += step_poisson (q, d, x[d]);
    else
      ck_abort_msg ("no such family here");
  return value;
}

double
exact_component_step (exact_world *world, const double *x, size_t k)
{
  double value = 0;
  for (size_t b = 0; b < elbo_model_nblock (world->model); b++)
    {
      const elbo_block *block = elbo_model_block (world->model, b);
      value += step_block (block, world->part[b], k, x + block->column);
    }
  return value;
}

static double
step_weights (exact_world *world, size_t k)
{
  const elbo_latent *latent = elbo_model_latent (world->model);
  const size_t K = elbo_model_ncomp (world->model);
  double sum = 0, value = 0;
  if (latent == elbo_mixture_fixed)
    return log (world->a[k]);
  if (latent == elbo_mixture_dirichlet)
    {
      for (size_t l = 0; l < K; l++)
        sum += world->a[l];
      value = log (world->a[k] / sum);
      world->a[k] += 1;
      return value;
    }
  for (size_t l = 0; l <= k; l++)
    if (world->b[l] > 0)
      {
        double *side = l < k ? world->b + l : world->a + l;
        value += log (*side / (world->a[l] + world->b[l]));
        *side += 1;
      }
  return value;
}

double
exact_step (exact_world *world, const double *x, size_t k)
{
  const double value = step_weights (world, k);
  return value + exact_component_step (world, x, k);
}

/* --- divergences --------------------------------------------------------------------------- */

static double
gamma_divergence (double a, double b, double a0, double b0)
{
  return (a - a0) * gsl_sf_psi (a) - lgamma (a) + lgamma (a0) + a0 * log (b / b0)
         + a * (b0 - b) / b;
}

static double
dirichlet_divergence (size_t n, const double *a, const double *a0)
{
  double sum = 0, sum0 = 0, value = 0;
  for (size_t i = 0; i < n; i++)
    {
      sum += a[i];
      sum0 += a0[i];
    }
  value = lgamma (sum) - lgamma (sum0);
  for (size_t i = 0; i < n; i++)
    value
        += lgamma (a0[i]) - lgamma (a[i]) + (a[i] - a0[i]) * (gsl_sf_psi (a[i]) - gsl_sf_psi (sum));
  return value;
}

static double
beta_divergence (double a, double b, double a0, double b0)
{
  const double q[] = { a, b }, p[] = { a0, b0 };
  return dirichlet_divergence (2, q, p);
}

static double
wishart_divergence_of (size_t dim, const exact_belief *q, const exact_belief *p)
{
  double l[EXACT_DIM * EXACT_DIM], l0[EXACT_DIM * EXACT_DIM];
  const double D = (double)dim, logdet = factor (dim, q->scale, l);
  const double logdet0 = factor (dim, p->scale, l0);
  double value = 0.5 * q->df * logdet - 0.5 * p->df * logdet0 - 0.5 * (q->df - p->df) * D * M_LN2;
  double elogdet = D * M_LN2 - logdet;
  for (size_t i = 0; i < dim; i++)
    {
      elogdet += gsl_sf_psi (0.5 * (q->df - (double)i));
      value += lgamma (0.5 * (p->df - (double)i)) - lgamma (0.5 * (q->df - (double)i));
    }
  return value + 0.5 * (q->df - p->df) * elogdet
         - 0.5 * q->df * (D - trace_ratio (dim, l, p->scale));
}

/* A mean given a precision whose expectation gives the squared distance of the two means. */
static double
mean_divergence (double D, double kappa, double kappa0, double distance)
{
  return 0.5 * (D * log (kappa / kappa0) - D + D * kappa0 / kappa + kappa0 * distance);
}

static double
normal_wishart_divergence (size_t dim, const exact_belief *q, const exact_belief *p,
                           const exact_belief *shared)
{
  double l[EXACT_DIM * EXACT_DIM], off[EXACT_DIM];
  for (size_t i = 0; i < dim; i++)
    off[i] = q->mean[i] - p->mean[i];
  factor (dim, shared->scale, l);
  return mean_divergence ((double)dim, q->kappa[0], p->kappa[0],
                          shared->df * quadratic (dim, l, off));
}

static double
normal_gamma_divergence (size_t dim, size_t d, const exact_belief *q, const exact_belief *p)
{
  double square = 0;
  for (size_t i = d; i < d + dim; i++)
    square += (q->mean[i] - p->mean[i]) * (q->mean[i] - p->mean[i]);
  return gamma_divergence (q->a[d], q->b[d], p->a[d], p->b[d])
         + mean_divergence ((double)dim, q->kappa[d], p->kappa[d], square * q->a[d] / q->b[d]);
}

static double
component_divergence (const elbo_block *block, const exact_belief *q, const exact_belief *p,
                      const exact_belief *shared)
{
  double value = 0;
  if (block->family == elbo_gauss_full)
    return wishart_divergence_of (block->dim, q, p)
           + normal_wishart_divergence (block->dim, q, p, q);
  if (block->family == elbo_gauss_tied)
    return normal_wishart_divergence (block->dim, q, p, shared);
  if (block->family == elbo_gauss_iso)
    return normal_gamma_divergence (block->dim, 0, q, p);
  if (block->family == elbo_categorical)
    return dirichlet_divergence (block->level, q->a, p->a);
  for (size_t d = 0; d < block->dim; d++)
    if (block->family == elbo_gauss_diag)
      value += normal_gamma_divergence (1, d, q, p);
    else if (block->family == elbo_bernoulli)
      value += beta_divergence (q->a[d], q->b[d], p->a[d], p->b[d]);
    else
      value += gamma_divergence (q->a[d], q->b[d], p->a[d], p->b[d]);
  return value;
}

static double
weight_divergence (const exact_world *q, const exact_world *p)
{
  const elbo_latent *latent = elbo_model_latent (q->model);
  const size_t K = elbo_model_ncomp (q->model);
  double value = 0;
  if (latent == elbo_mixture_fixed)
    return 0;
  if (latent == elbo_mixture_dirichlet)
    return dirichlet_divergence (K, q->a, p->a);
  for (size_t k = 0; k < K; k++)
    if (q->b[k] > 0)
      value += beta_divergence (q->a[k], q->b[k], p->a[k], p->b[k]);
  return value;
}

double
exact_divergence (const exact_world *q, const exact_world *p)
{
  double value = weight_divergence (q, p);
  for (size_t b = 0; b < elbo_model_nblock (q->model); b++)
    {
      const elbo_block *block = elbo_model_block (q->model, b);
      if (block->family == elbo_gauss_tied)
        value += wishart_divergence_of (block->dim, q->part[b], p->part[b]);
      for (size_t k = 0; k < elbo_model_ncomp (q->model); k++)
        value += component_divergence (block, q->part[b] + k, p->part[b] + k, q->part[b]);
    }
  return value;
}

/* --- all assignments ----------------------------------------------------------------------- */

/* log (e^sum + e^value) */
static double
log_add (double sum, double value)
{
  const double top = fmax (sum, value);
  return isinf (top) ? top : top + log1p (exp (fmin (sum, value) - top));
}

typedef struct
{
  const gsl_matrix *x;
  double sum;           /* log evidence so far */
  const exact_world *q; /* for the divergence */
  const double *resp;
  double gap;
} walk;

/* Rows i, i + 1, ... to every component; value: log joint probability of the rows before, weight:
   their q (z). */
static void
assign (walk *w, const exact_world *world, size_t i, double value, double weight)
{
  const size_t K = elbo_model_ncomp (world->model);
  if (i == w->x->size1)
    {
      w->sum = log_add (w->sum, value);
      if (w->q && weight > 0)
        w->gap += weight * (log (weight) - value + exact_divergence (w->q, world));
      return;
    }
  for (size_t k = 0; k < K; k++)
    {
      const double r = w->resp ? w->resp[i * K + k] : 1;
      exact_world next = *world;
      const double step = exact_step (&next, w->x->data + i * w->x->tda, k);
      assign (w, &next, i + 1, value + step, weight * r);
    }
}

double
exact_evidence (const elbo_model *model, const gsl_matrix *x)
{
  walk w = { .x = x, .sum = -INFINITY };
  exact_world world;
  exact_prior (model, &world);
  assign (&w, &world, 0, 0, 1);
  return w.sum;
}

double
exact_gap (const exact_world *q, const gsl_matrix *x, const double *resp, double log_evidence)
{
  walk w = { .x = x, .sum = -INFINITY, .q = q, .resp = resp };
  exact_world world;
  exact_prior (q->model, &world);
  assign (&w, &world, 0, 0, 1);
  return w.gap + log_evidence;
}

/* Row i to every block of a partition that has nblock blocks of these sizes, or to a new one. */
static void
seat (walk *w, const exact_world *world, size_t i, const size_t *size, size_t nblock, double alpha,
      double value)
{
  if (i == w->x->size1)
    {
      w->sum = log_add (w->sum, value);
      return;
    }
  for (size_t k = 0; k <= nblock; k++)
    {
      size_t after[EXACT_COMP];
      exact_world next = *world;
      memcpy (after, size, sizeof after);
      const double chance = (k < nblock ? (double)size[k] : alpha) / (alpha + (double)i);
      const double step = exact_component_step (&next, w->x->data + i * w->x->tda, k);
      after[k]++;
      seat (w, &next, i + 1, after, nblock + (k == nblock), alpha, value + log (chance) + step);
    }
}

double
exact_process (const elbo_model *model, const gsl_matrix *x, double alpha)
{
  walk w = { .x = x, .sum = -INFINITY };
  size_t size[EXACT_COMP] = { 0 };
  exact_world world;
  ck_assert (x->size1 <= EXACT_COMP);
  exact_prior (model, &world);
  seat (&w, &world, 0, size, 0, alpha, 0);
  return w.sum;
}
