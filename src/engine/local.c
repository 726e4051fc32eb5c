/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local step for rows of the caller. */
#include <config.h>
#include <math.h>
#include "engine/engine.h"
#include "engine/start.h"

/* Check model and rows; source and copy are ready for a pass when there are any rows. */
static int
open_rows (const elbo_model *model, const elbo_rows *rows, const double *stat, elbo_rows *copy,
           elbo_source *source)
{
  if (!model || !rows || !stat)
    return elbo_fail (GSL_EFAULT, "a local step needs a model, rows and room for statistics");
  int status = elbo_rows_check (model, rows, copy);
  if (status == GSL_SUCCESS)
    {
      elbo_source_rows (source, model, copy);
      status = elbo_source_check (model, source, ELBO_FITTABLE);
    }
  return status;
}

static int
pass_rows (const elbo_model *model, const elbo_source *source, const elbo_start *start,
           double *stat)
{
  const elbo_plan plan = elbo_plan_of (model, source);
  return source->nrow == 0 ? GSL_SUCCESS : elbo_pass_source (model, source, &plan, start, 1, stat);
}

int
elbo_local (const elbo_model *model, const elbo_rows *rows, double *stat)
{
  elbo_rows copy;
  elbo_source source;
  int status = open_rows (model, rows, stat, &copy, &source);
  if (status == GSL_SUCCESS)
    status = elbo_model_ready (model);
  return status == GSL_SUCCESS ? pass_rows (model, &source, NULL, stat) : status;
}

/* Responsibilities of the caller on their way into a pass. */
typedef struct
{
  const elbo_rows *rows;
  const double *resp;
  size_t tda;
} given;

static int
copy_given (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const given *from = start->state;
  const size_t first = tile->first - from->rows->first;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < ELBO_TILE; i++)
      resp[k * ELBO_TILE + i] = i < tile->n ? from->resp[(first + i) * from->tda + k] : 0;
  return GSL_SUCCESS;
}

static int
check_given (const elbo_model *model, const elbo_rows *rows, const double *resp, size_t tda)
{
  if (!resp)
    return elbo_fail (GSL_EFAULT, "the responsibilities are a null pointer");
  if (tda < model->ncomp)
    return elbo_fail (GSL_EBADLEN, "responsibilities have %zu columns for %zu components", tda,
                      model->ncomp);
  for (size_t i = 0; i < rows->n; i++)
    for (size_t k = 0; k < model->ncomp; k++)
      if (!(resp[i * tda + k] >= 0) || !isfinite (resp[i * tda + k]))
        return elbo_fail (GSL_EDOM, "row %zu: responsibility %g is not a number of 0 or more",
                          rows->first + i + 1, resp[i * tda + k]);
  return GSL_SUCCESS;
}

int
elbo_local_given (const elbo_model *model, const elbo_rows *rows, const double *resp,
                  size_t tda_resp, double *stat)
{
  elbo_rows copy;
  elbo_source source;
  int status = open_rows (model, rows, stat, &copy, &source);
  if (status == GSL_SUCCESS)
    status = check_given (model, &copy, resp, tda_resp);
  const given state = { &copy, resp, tda_resp };
  const elbo_start start = { .name = "given", .assign = copy_given, .state = (void *)&state };
  return status == GSL_SUCCESS ? pass_rows (model, &source, &start, stat) : status;
}
