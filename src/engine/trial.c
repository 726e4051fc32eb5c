/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nothing rests on yet: a state to come back to, and an E half-step for a look. */
#include <config.h>
#include <math.h>
#include <string.h>
#include "engine/engine.h"

double *
elbo_beliefs_alloc (const elbo_model *model)
{
  size_t n = 0;
  for (size_t f = 0; f <= model->nblock; f++)
    n += 2 * model->part[f].nparam + model->part[f].ncoef;
  return elbo_doubles (n);
}

static double *
carry (double *part, size_t n, double *saved, int back)
{
  if (back)
    memcpy (part, saved, n * sizeof *part);
  else
    memcpy (saved, part, n * sizeof *part);
  return saved + n;
}

static void
carry_all (elbo_model *model, double *saved, int back)
{
  for (size_t f = 0; f <= model->nblock; f++)
    {
      elbo_part *part = model->part + f;
      saved = carry (part->param, part->nparam, saved, back);
      saved = carry (part->user, part->nparam, saved, back);
      saved = carry (part->coef, part->ncoef, saved, back);
    }
}

void
elbo_beliefs_save (elbo_model *model, double *saved)
{
  carry_all (model, saved, 0);
}

void
elbo_beliefs_restore (elbo_model *model, double *saved)
{
  carry_all (model, saved, 1);
}

int
elbo_fit_look (elbo_fit *fit, double *value)
{
  elbo_ledger ledger;
  memset (fit->spare, 0, fit->model->nstat * sizeof *fit->spare);
  int status = elbo_pass_source (fit->model, &fit->source, &fit->plan, NULL, fit->options.threads,
                                 fit->spare);
  if (status == GSL_SUCCESS)
    status = elbo_evaluate (fit->model, fit->spare, 'E', &ledger);
  *value = status == GSL_SUCCESS ? ledger.elbo : NAN;
  return status;
}
