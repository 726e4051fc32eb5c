/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit summary and vi-fit best: what model files say. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/command/command.h"

int
cmd_summary (const settings *s)
{
  elbo_record *record;
  elbo_model *model = elbo_model_load (s->operand[0], &record);
  if (!model)
    return complain_status ();
  int status = EXIT_DONE;
  if (s->format == FORMAT_JSON)
    {
      if (elbo_model_write (stdout, model, record))
        status = complain_status ();
    }
  else
    {
      const int posterior = elbo_model_method (model) == ELBO_VB;
      report_title (model);
      status = report_selection (model, record);
      printf ("\n%s, K = %zu, start %zu: %.6f after %zu iteration%s (%s)\n",
              posterior ? "ELBO" : "Objective", elbo_model_ncomp (model), record->start,
              record->elbo, record->iterations, plural (record->iterations),
              clean (record->reason));
      if (!status)
        status = report_components (model, record, s->correlations);
      printf ("\nFitted to %zu row%s of %s by %s, seed %llu.\n", record->rows,
              plural (record->rows), record->data_file ? clean (record->data_file) : "unnamed data",
              clean (record->written_by), record->seed);
      for (size_t i = 0; i < record->nwarning; i++)
        printf ("warning: %s\n", clean (record->warning[i]));
    }
  elbo_record_free (record);
  elbo_model_free (model);
  return status;
}

/* Higher is better: the ELBO with its relabellings, or minus the BIC of the fit. */
static double
score (const elbo_model *model, const elbo_record *record, const char *file)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const elbo_choice *best = NULL;
  if (elbo_model_method (model) == ELBO_VB)
    {
      const double value = record->elbo + elbo_model_multiplicity (model);
      note ("%s: K = %zu, ELBO + log P %.2f", clean (file), ncomp, value);
      return value;
    }
  for (size_t i = 0; i < record->nchoice; i++)
    if (record->choice[i]->components == ncomp && (!best || record->choice[i]->bic < best->bic))
      best = record->choice[i];
  note ("%s: K = %zu, %s %.2f", clean (file), ncomp, best ? "BIC" : "objective",
        best ? best->bic : record->elbo);
  return best ? -best->bic : record->elbo;
}

int
cmd_best (const settings *s)
{
  size_t best = 0;
  double highest = 0;
  char digest[80] = "";
  int method = 0;
  for (size_t i = 0; i < s->noperand; i++)
    {
      elbo_record *record;
      elbo_model *model = elbo_model_load (s->operand[i], &record);
      if (!model)
        return complain_status ();
      const double value = score (model, record, s->operand[i]);
      const int posterior = elbo_model_method (model) == ELBO_VB;
      const int other = *digest && record->data_sha256 && strcmp (digest, record->data_sha256) != 0;
      if (record->data_sha256)
        snprintf (digest, sizeof digest, "%s", record->data_sha256);
      elbo_record_free (record);
      elbo_model_free (model);
      if (other)
        {
          complain ("%s: fitted to other data than the models before it; their fits cannot be "
                    "compared",
                    s->operand[i]);
          return EXIT_DATA;
        }
      if (i && posterior != method)
        {
          complain ("%s: an ELBO and a BIC cannot be compared", s->operand[i]);
          return EXIT_DATA;
        }
      method = posterior;
      if (i == 0 || value > highest)
        {
          highest = value;
          best = i;
        }
    }
  puts (s->operand[best]);
  return EXIT_DONE;
}
