/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A latent variable with finitely many states: everything in the identity is a sum.

       ELBO      = sum q (log p(x,z) - log q)
       posterior = exp (log p(x,z) - log p(x))
       KL        = sum q (log q - log posterior)

   Terms with q = 0 are 0 whatever the posterior is there; terms with q > 0 and p(x,z) = 0 are
   infinite.

   Check: prior (.5, .5), likelihood (.2, .8), q = (.3, .7): ELBO -0.721314738155229,
   KL to the posterior 0.028167557595284. */
#include <config.h>
#include <math.h>
#include "teach/teach.h"

/* How far from 1 the sum of n probabilities may be. */
static double
slack (size_t n)
{
  return 1e-12 * (double)(n + 10);
}

static int
check_sum (const char *what, size_t n, double sum)
{
  if (fabs (sum - 1) <= slack (n))
    return GSL_SUCCESS;
  return elbo_fail (GSL_EDOM, "%s sums to %.15g, not to 1", what, sum);
}

static int
check_distribution (const char *what, size_t n, const double *q)
{
  double pair[2] = { 0, 0 };
  for (size_t i = 0; i < n; i++)
    {
      if (!(q[i] >= 0))
        return elbo_fail (GSL_EDOM, "%s of state %zu is %g, not a probability", what, i, q[i]);
      elbo_sum_add (pair, q[i]);
    }
  return check_sum (what, n, pair[0] + pair[1]);
}

static int
check_prior (size_t n, const double *log_joint, const double *log_prior)
{
  double pair[2] = { 0, 0 };
  for (size_t i = 0; i < n; i++)
    {
      const double p = exp (log_prior[i]);
      if (isnan (p))
        return elbo_fail (GSL_EDOM, "log prior of state %zu is not a number", i);
      if (p == 0 && log_prior[i] == -INFINITY && log_joint[i] > -INFINITY)
        return elbo_fail (GSL_EDOM, "state %zu has prior 0 and a joint of exp (%g)", i,
                          log_joint[i]);
      elbo_sum_add (pair, p);
    }
  return check_sum ("the prior", n, pair[0] + pair[1]);
}

static int
log_evidence (size_t n, const double *log_joint, double *value)
{
  for (size_t i = 0; i < n; i++)
    if (isnan (log_joint[i]) || log_joint[i] == INFINITY)
      return elbo_fail (GSL_EDOM, "log p(x, z) of state %zu is %g", i, log_joint[i]);
  *value = elbo_logsumexp (log_joint, n);
  if (isfinite (*value))
    return GSL_SUCCESS;
  return elbo_fail (GSL_EDOM, "p(x) is zero: there is no posterior");
}

int
elbo_discrete_posterior (size_t n, const double *log_joint, double *posterior)
{
  double evidence, pair[2] = { 0, 0 };
  if (!log_joint || !posterior)
    return elbo_fail (GSL_EFAULT, "a posterior needs the joint and a place for the result");
  const int status = log_evidence (n, log_joint, &evidence);
  if (status != GSL_SUCCESS)
    return status;
  for (size_t i = 0; i < n; i++)
    elbo_sum_add (pair, posterior[i] = exp (log_joint[i] - evidence));
  /* the rounding of a large log p(x) is common to all */
  for (size_t i = 0; i < n; i++)
    posterior[i] /= pair[0] + pair[1];
  return GSL_SUCCESS;
}

/* sum q (log q - log p), p given by its logarithm. */
static double
divergence (size_t n, const double *q, const double *log_p, double shift)
{
  double pair[2] = { 0, 0 };
  for (size_t i = 0; i < n; i++)
    if (q[i] > 0)
      elbo_sum_add (pair, q[i] * (log (q[i]) - (log_p[i] - shift)));
  return pair[0] + pair[1];
}

int
elbo_discrete_bound_sized (size_t n, const double *log_joint, const double *log_prior,
                           const double *q, elbo_identity *result, size_t size)
{
  double evidence = 0, pair[2] = { 0, 0 };
  elbo_identity known;
  if (!log_joint || !q || !result)
    return elbo_fail (GSL_EFAULT, "a bound needs the joint, q and a place for the result");
  int status = check_distribution ("q", n, q);
  if (status == GSL_SUCCESS)
    status = log_evidence (n, log_joint, &evidence);
  if (status == GSL_SUCCESS && log_prior)
    status = check_prior (n, log_joint, log_prior);
  if (status != GSL_SUCCESS)
    return status;
  known.reconstruction = known.kl_prior = NAN;
  if (log_prior)
    {
      for (size_t i = 0; i < n; i++)
        if (q[i] > 0)
          elbo_sum_add (pair, log_joint[i] == -INFINITY ? -INFINITY
                                                        : q[i] * (log_joint[i] - log_prior[i]));
      known.reconstruction = pair[0] + pair[1];
      known.kl_prior = divergence (n, q, log_prior, 0);
    }
  known.log_evidence = evidence;
  known.elbo = -divergence (n, q, log_joint, 0);
  known.gap = evidence - known.elbo;
  known.kl_posterior = divergence (n, q, log_joint, evidence);
  elbo_copy_sized (result, size, &known, sizeof known);
  return GSL_SUCCESS;
}

double
elbo_kl_discrete (size_t n, const double *q, const double *p)
{
  double pair[2] = { 0, 0 };
  if (!q || !p)
    {
      elbo_fail (GSL_EFAULT, "a divergence needs both distributions");
      return NAN;
    }
  if (check_distribution ("q", n, q) || check_distribution ("p", n, p))
    return NAN;
  for (size_t i = 0; i < n; i++)
    if (q[i] > 0)
      elbo_sum_add (pair, q[i] * (log (q[i]) - log (p[i])));
  return pair[0] + pair[1];
}
