/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest Gaussian mixtures by enumeration, for demo_gmm1.c. */
#ifndef VI_FIT_DEMO_EXACT_H
#define VI_FIT_DEMO_EXACT_H

#include <stddef.h>

enum
{
  EXACT_ROWS = 10
};

/* Normal-Wishart belief in two dimensions: Lambda ~ W (inverse scale, df), mu | Lambda ~
   N (mean, (kappa Lambda)^-1). */
typedef struct
{
  double kappa, df, mean[2], inverse_scale[4];
} exact_belief;

/* Rows in two columns, K = 2 components, weights ~ Dir (alpha, alpha). */
typedef struct
{
  size_t n;
  double x[EXACT_ROWS][2], alpha;
  exact_belief prior;
} exact_mixture;

/* What is believed after the rows whose bit is set, and the log of their evidence. */
exact_belief exact_posterior (const exact_mixture *mixture, unsigned int rows);
double exact_group (const exact_mixture *mixture, unsigned int rows);

/* log p(x): the sum over all 2^n assignments. */
double exact_evidence (const exact_mixture *mixture);

/* KL (q || posterior) for q(z_n = 2) = second [n], Dirichlet weights [2] and beliefs [2]: the sum
   over all assignments of q(z) (log q(z) / p(z|x) + KL of the parameters given z). */
double exact_divergence (const exact_mixture *mixture, const double *second, const double *weight,
                         const exact_belief *belief);

/* log p(x) when the weights are a Dirichlet process of this concentration: the sum over all
   partitions of the rows. */
double exact_process (const exact_mixture *mixture, double concentration);

#endif
