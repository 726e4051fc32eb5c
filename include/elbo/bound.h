/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ELBO of a model of your own: the small pieces that a check is made of.

       log p(x) = ELBO + KL (q || p(z|x)),   ELBO = E_q log p(x|z) - KL (q || p(z))

   For discrete z the three functions below the identity are exact; for anything else there is
   elbo_monte_carlo.  Everything is in nats, logarithms of probabilities or densities may be
   -infinity, and 0 log 0 = 0.  No function here allocates what the caller must free. */
#ifndef ELBO_BOUND_H
#define ELBO_BOUND_H

#include <gsl/gsl_rng.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The identity taken apart.  gap is computed as a difference and kl_posterior as a divergence:
   that they agree is the check.  Members may be added at the end. */
typedef struct
{
  double reconstruction; /* E_q log p(x|z)                        */
  double kl_prior;       /* KL (q || p(z))                        */
  double elbo;           /* E_q log p(x,z) - E_q log q            */
  double log_evidence;   /* log p(x)                              */
  double gap;            /* log_evidence - elbo                   */
  double kl_posterior;   /* KL (q || p(z|x)), by its own sum      */
} elbo_identity;

/* Take the bound apart for a latent variable with n states and the x that was seen.
   log_joint  [n], log p(x, z = i); x may be continuous, so that these are densities
   log_prior  [n], log p(z = i), or NULL: reconstruction and kl_prior are then NAN
   q          [n], >= 0, sums to 1
   The divergences are +infinity, and the bound -infinity, exactly where q has mass on a state
   that p(x, z) makes impossible; q = 0 where the posterior is positive is harmless.  With
   log_prior, states of zero prior must have zero joint.
   GSL_EDOM when q or the prior is no distribution, when p(x) is zero or not finite.
   Jordan, Ghahramani, Jaakkola & Saul (1999), section 6.
   size is that of *result for the program; elbo_discrete_bound knows it. */
int elbo_discrete_bound_sized (size_t n, const double *log_joint, const double *log_prior,
                               const double *q, elbo_identity *result, size_t size);
static inline int
elbo_discrete_bound (size_t n, const double *log_joint, const double *log_prior, const double *q,
                     elbo_identity *result)
{
  return elbo_discrete_bound_sized (n, log_joint, log_prior, q, result, sizeof *result);
}

/* Write the posterior p(z|x) of such a table; posterior [n].  The q that makes the bound tight.
   GSL_EDOM when p(x) is zero or not finite. */
int elbo_discrete_posterior (size_t n, const double *log_joint, double *posterior);

/* KL (q || p), at least 0.  Parameters of q come first.  Bad parameters and null pointers give NAN
   with a message (elbo_message).

   discrete   q, p [n], each sums to 1; +infinity where q has mass and p has none
   normal     means [dim], covariances [dim x dim] symmetric, row-major; the lower triangles are
              read; for dim = 1 a pointer to the variance.  Cost O(dim^3)
   gamma      shape and RATE
   beta       density proportional to v^(a - 1) (1 - v)^(b - 1)
   dirichlet  [n] each, all > 0
   wishart    INVERSE scale matrices [dim x dim] (the mean is df times the inverse of the
              matrix), degrees of freedom above dim - 1; Bishop (2006), B.78-B.82 */
double elbo_kl_discrete (size_t n, const double *q, const double *p);
double elbo_kl_normal (size_t dim, const double *mean, const double *cov, const double *mean0,
                       const double *cov0);
double elbo_kl_gamma (double shape, double rate, double shape0, double rate0);
double elbo_kl_beta (double a, double b, double a0, double b0);
double elbo_kl_dirichlet (size_t n, const double *alpha, const double *alpha0);
double elbo_kl_wishart (size_t dim, const double *inverse_scale, double df,
                        const double *inverse_scale0, double df0);

/* A model and its q as functions; arg is handed to each.  Members may be added at the end: name
   those that you set, { .dim = 2, ... }, so that the others are 0. */
typedef struct
{
  size_t dim;                                        /* length of z */
  double (*log_joint) (const double *z, void *arg);  /* log p(x, z), -infinity allowed  */
  double (*log_q) (const double *z, void *arg);      /* log q(z), finite where q draws  */
  void (*draw) (gsl_rng *rng, double *z, void *arg); /* z ~ q                           */
  void *arg;
} elbo_own_model;

/* A mean of independent draws and how far to trust it.  Members may be added at the end. */
typedef struct
{
  double mean;
  double error;    /* standard error of the mean: sqrt (variance / draws) */
  double variance; /* of one term, divisor draws - 1                      */
} elbo_estimate;

/* Estimate  E log (1/K sum_{i=1..K} p(x, z_i) / q(z_i)),  z_i ~ q, from `draws` terms of
   K = particles draws each.  K = 1 is the ELBO; K > 1 the importance-weighted bound, which rises
   with K towards log p(x) (Burda, Grosse & Salakhutdinov 2016).  The same generator in the same
   state gives the same result.  One term of log_joint = -infinity with K = 1 makes the mean
   -infinity and the error NAN.
   GSL_EINVAL: fewer than 2 draws, no particles, dim 0; ELBO_ENUMERIC: log_joint is NAN or
   +infinity, or log_q not finite; the message names the draw.  Cost O(draws * particles).
   model_size and size are those of *model and *result for the program; elbo_monte_carlo knows
   them. */
int elbo_monte_carlo_sized (const elbo_own_model *model, size_t model_size, size_t draws,
                            size_t particles, gsl_rng *rng, elbo_estimate *result, size_t size);
static inline int
elbo_monte_carlo (const elbo_own_model *model, size_t draws, size_t particles, gsl_rng *rng,
                  elbo_estimate *result)
{
  return elbo_monte_carlo_sized (model, sizeof *model, draws, particles, rng, result,
                                 sizeof *result);
}

#ifdef __cplusplus
}
#endif

#endif
