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

/* The prior of a factor with its limits: [3 x n], prior, low, high. */
static double *
read_prior (const elbo_model *model, size_t f, size_t *n)
{
  *n = elbo_field_total (elbo_model_factor (model, f)->prior, elbo_model_shape (model, f));
  double *v = calloc (3 * *n + 1, sizeof *v);
  if (v)
    {
      elbo_model_prior (model, f, v);
      elbo_model_learned (model, f, v + *n, v + 2 * *n);
    }
  return v;
}

/* Where one field stands in the prior of factor f; how many numbers it has, 0 where there is no
   such field. */
static size_t
find_field (const elbo_model *model, size_t f, const char *name, size_t *at)
{
  const elbo_shape *shape = elbo_model_shape (model, f);
  const elbo_field *field = elbo_field_find (elbo_model_factor (model, f)->prior, shape, name, at);
  return field ? elbo_field_size (field, shape) : 0;
}

/* Set prior and limits as they are now; frees v. */
static int
write_prior (elbo_model *model, size_t f, double *v, size_t n)
{
  const size_t learned = elbo_model_learned (model, f, NULL, NULL);
  int status = elbo_model_set_prior (model, f, v);
  if (!status && learned)
    status = elbo_model_set_learned (model, f, v + n, v + 2 * n);
  free (v);
  return status;
}

/* What becomes of a field: it is given a value, and not learned then; what is learned of it, with its
   limits, is multiplied; or is fixed at a share of its upper limit. */
typedef enum
{
  GIVE,
  MULTIPLY,
  FIX_SHARE
} change;

static void
change_number (change what, double by, double *prior, double *low, double *high)
{
  if (what == GIVE)
    *prior = *low = *high = by;
  else if (*low < *high && what == FIX_SHARE)
    *prior = *low = *high = by * *high;
  else if (*low < *high)
    {
      *prior *= by;
      *low *= by;
      *high *= by;
    }
}

/* Change one field of the prior of factor f, where the factor has such a field. */
static int
change_field (elbo_model *model, size_t f, const char *name, change what, double by)
{
  size_t at, n;
  const size_t size = find_field (model, f, name, &at);
  double *v = size ? read_prior (model, f, &n) : NULL;
  if (!size)
    return GSL_SUCCESS;
  if (!v)
    return GSL_ENOMEM;
  for (size_t i = at; i < at + size; i++)
    change_number (what, by, v + i, v + n + i, v + 2 * n + i);
  return write_prior (model, f, v, n);
}

/* NU degrees of freedom; one column of a Wishart matrix has NU - D + 1, halved they are the shape of
   a gamma distribution.  The expected variance, which is learned, stays what it was. */
static int
set_df (const settings *s, const dataset *set, elbo_model *model)
{
  const double dim = (double)set->ngauss, shape = (s->prior_df - dim + 1) / 2;
  int status = change_field (model, 1, "df", GIVE, s->prior_df);
  if (!status)
    status = change_field (model, 1, "shape", GIVE, shape);
  if (!status)
    status = change_field (model, 1, "scale", MULTIPLY, s->prior_df / (dim + 2));
  return status ? status : change_field (model, 1, "rate", MULTIPLY, shape / 1.5);
}

/* --prior-scale: the variance expected within a component, a share of that of each column. */
static int
set_scale (const settings *s, elbo_model *model)
{
  const int status = change_field (model, 1, "scale", FIX_SHARE, s->prior_scale);
  return status ? status : change_field (model, 1, "rate", FIX_SHARE, s->prior_scale);
}

/* --prior-alpha, --prior-kappa, --prior-df, --prior-scale; then --prior=FILE, which knows best. */
int
set_prior (const settings *s, const dataset *set, elbo_model *model)
{
  int status = GSL_SUCCESS;
  if (chosen_method (s) == ELBO_ML)
    return status;
  if (prior_is_named (s))
    {
      elbo_model_prefer_learned (model, 0);
      status = elbo_model_prepare (model, set->data);
    }
  if (!status && isfinite (s->prior_alpha))
    status = change_field (model, 0, "alpha", GIVE, s->prior_alpha);
  if (!status && set->ngauss && isfinite (s->prior_kappa))
    status = change_field (model, 1, "kappa", GIVE, s->prior_kappa);
  if (!status && set->ngauss && isfinite (s->prior_df))
    status = set_df (s, set, model);
  if (!status && set->ngauss && isfinite (s->prior_scale))
    status = set_scale (s, model);
  if (!status && s->prior && !prior_is_named (s))
    status = elbo_prior_load (piped_path (&set->prior), model);
  return status;
}

int
check_prior (const settings *s, const dataset *set)
{
  const double least = (double)set->ngauss - 1;
  if (isfinite (s->prior_scale) && prior_is_named (s))
    {
      complain ("--prior-scale=%g and --prior=%s both give the scale", s->prior_scale, s->prior);
      return EXIT_USAGE;
    }
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
