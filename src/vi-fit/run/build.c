/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A prepared model for the columns of a data set: blocks, default prior, and what the options say
   about the prior. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/run/run.h"

/* Cut the columns into blocks: one for each family, but one for each column with categories of its
   own.  Returns how many. */
size_t
make_blocks (const dataset *set, const elbo_family *gauss, elbo_block *block)
{
  size_t n = 0;
  for (size_t i = 0; i < set->ncolumn; i++)
    {
      const elbo_family *family = set->family[i];
      const int alone = stands_alone (family);
      if (i && family == set->family[i - 1] && !alone)
        block[n - 1].dim++;
      else
        block[n++] = (elbo_block){ .size = sizeof (elbo_block),
                                   .family = family->structure ? gauss : family,
                                   .column = i,
                                   .dim = 1,
                                   .level = alone ? set->column[i].nlevel : 0 };
    }
  return n;
}

/* Give one field of the prior of factor f a value, where the factor has such a field. */
static int
set_field (elbo_model *model, size_t f, const char *name, double value)
{
  const elbo_field *prior = elbo_model_factor (model, f)->prior;
  const elbo_shape *shape = elbo_model_shape (model, f);
  size_t at;
  const elbo_field *field = elbo_field_find (prior, shape, name, &at);
  if (!field)
    return GSL_SUCCESS;
  double *v = calloc (elbo_field_total (prior, shape), sizeof *v);
  if (!v)
    return GSL_ENOMEM;
  elbo_model_prior (model, f, v);
  for (size_t i = 0; i < elbo_field_size (field, shape); i++)
    v[at + i] = value;
  const int status = elbo_model_set_prior (model, f, v);
  free (v);
  return status;
}

/* --prior-alpha, --prior-kappa, --prior-df; then --prior=FILE, which knows best. */
int
set_prior (const settings *s, const dataset *set, elbo_model *model)
{
  int status = GSL_SUCCESS;
  if (chosen_method (s) == ELBO_ML)
    return status;
  if (isfinite (s->prior_alpha))
    status = set_field (model, 0, "alpha", s->prior_alpha);
  if (!status && set->ngauss && isfinite (s->prior_kappa))
    status = set_field (model, 1, "kappa", s->prior_kappa);
  if (!status && set->ngauss && isfinite (s->prior_df))
    {
      /* NU - D + 1 degrees of freedom of one column of a Wishart matrix, halved, are the shape */
      const double shape = (s->prior_df - (double)set->ngauss + 1) / 2;
      status = set_field (model, 1, "df", s->prior_df);
      if (!status)
        status = set_field (model, 1, "shape", shape);
    }
  if (!status && s->prior)
    status = elbo_prior_load (piped_path (&set->prior), model);
  return status;
}

int
check_prior (const settings *s, const dataset *set)
{
  const double least = (double)set->ngauss - 1;
  if (!set->ngauss || chosen_method (s) == ELBO_ML || !isfinite (s->prior_df)
      || s->prior_df > least)
    return 0;
  complain ("--prior-df=%g: a number above %g is needed with %zu numeric columns", s->prior_df,
            least, set->ngauss);
  return EXIT_USAGE;
}

elbo_model *
build_model (const settings *s, const dataset *set, const elbo_family *gauss, size_t ncomp)
{
  elbo_block *block = calloc (set->ncolumn, sizeof *block);
  if (!block)
    {
      complain ("out of memory");
      return NULL;
    }
  const size_t nblock = make_blocks (set, gauss, block);
  elbo_model *model
      = elbo_model_alloc (ncomp, chosen_weights (s), block, nblock, chosen_method (s));
  free (block);
  if (!model || elbo_model_prepare (model, set->data) || set_prior (s, set, model))
    {
      complain_status ();
      elbo_model_free (model);
      return NULL;
    }
  return model;
}
