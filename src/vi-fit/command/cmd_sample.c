/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit sample: new rows from the predictive density, as CSV. */
#include <config.h>
#include <stdlib.h>
#include <gsl/gsl_rng.h>
#include "vi-fit/command/command.h"

static void
print_row (const elbo_record *record, const double *x)
{
  for (size_t j = 0; j < record->ncolumn; j++)
    {
      const elbo_column *column = record->column[j];
      if (j)
        putchar (',');
      if (column->nlevel && x[j] >= 0 && x[j] < (double)column->nlevel)
        csv_cell (stdout, column->level[(size_t)x[j]]);
      else
        csv_number (stdout, x[j]);
    }
  putchar ('\n');
}

int
cmd_sample (const settings *s)
{
  elbo_record *record;
  if (!s->draws)
    {
      complain ("the number of rows is needed: -n N");
      return EXIT_USAGE;
    }
  elbo_model *model = elbo_model_load (s->operand[0], &record);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  double *x = model ? calloc (elbo_model_dim (model), sizeof *x) : NULL;
  int status = EXIT_DATA;
  if (!model)
    complain_status ();
  else if (!rng || !x)
    complain ("out of memory");
  else
    {
      status = EXIT_DONE;
      gsl_rng_set (rng, s->seed);
      for (size_t j = 0; j < record->ncolumn; j++)
        {
          if (j)
            putchar (',');
          csv_cell (stdout, record->column[j]->name);
        }
      putchar ('\n');
      for (size_t i = 0; i < s->draws && !status; i++)
        if (elbo_sample (model, rng, x, NULL))
          status = complain_status ();
        else
          print_row (record, x);
    }
  free (x);
  if (rng)
    gsl_rng_free (rng);
  elbo_record_free (record);
  elbo_model_free (model);
  return status;
}
