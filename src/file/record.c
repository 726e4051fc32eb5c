/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model file says beside the model. */
#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "file/file.h"

void
elbo_record_clear (elbo_record *record)
{
  free (record->written_by);
  elbo_texts_free (record->command, record->ncommand);
  free (record->data_file);
  free (record->data_sha256);
  elbo_texts_free (record->reading, record->nreading);
  for (size_t j = 0; j < record->ncolumn; j++)
    {
      free (record->column[j].name);
      elbo_texts_free (record->column[j].level, record->column[j].nlevel);
    }
  free (record->column);
  free (record->reason);
  free (record->count);
  free (record->choice);
  elbo_texts_free (record->warning, record->nwarning);
  memset (record, 0, sizeof *record);
}
