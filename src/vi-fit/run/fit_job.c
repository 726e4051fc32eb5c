/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit from the command line, as far as it is the same for every verb that fits: read, search,
   warn, record. */
#include <config.h>
#include "vi-fit/run/run.h"

int
fit_job_run (fit_job *j, const settings *s)
{
  *j = (fit_job){ .s = s, .begin = seconds_now () };
  int status = check_files (s);
  if (!status)
    status = dataset_read (s, &j->set);
  if (!status)
    status = given_start_read (s, &j->set, &j->given);
  signals_defer ();
  if (!status)
    status = sweep_run (s, &j->set, &j->given, &j->result);
  if (status)
    return status;
  warn_about_fit (s, elbo_data_total (j->set.data), &j->result);
  return record_make (s, &j->set, &j->result, &j->record);
}

int
fit_job_verdict (const fit_job *j)
{
  if (report_fall (&j->result))
    return EXIT_FELL;
  return elbo_outcome_status (sweep_outcome (&j->result)) == GSL_EMAXITER ? EXIT_UNCONVERGED
                                                                          : EXIT_DONE;
}

void
fit_job_free (fit_job *j)
{
  elbo_record_free (j->record);
  sweep_free (&j->result);
  given_start_free (&j->given);
  dataset_free (&j->set);
}
