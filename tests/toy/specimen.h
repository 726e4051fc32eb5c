/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests/t-family.c needs to know of the toy family; it includes this with
   EXTRA_SPECIMEN defined as `exponential_specimen`. */
static void
row_exponential (const elbo_shape *shape, gsl_rng *rng, double *x)
{
  for (size_t d = 0; d < shape->dim; d++)
    x[d] = gsl_ran_exponential (rng, gsl_rng_uniform (rng) < 0.5 ? 0.5 : 20);
}

#define exponential_specimen \
  { \
    "exponential", 4, 0, row_exponential, free_column, { 0, -1, -1e-300 }, 3 \
  }
