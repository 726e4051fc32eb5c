/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a function that can fail returns.

   0 (GSL_SUCCESS) is done; GSL_CONTINUE (negative) is news; positive numbers are errors.  Where
   GSL has a number for a class of error it is used (GSL_EINVAL, GSL_EBADLEN, GSL_ENOMEM,
   GSL_EMAXITER); the classes below are ours.  The library never calls gsl_error: a failure is
   its number and one sentence, kept for each thread. */
#ifndef ELBO_STATUS_H
#define ELBO_STATUS_H

#include <gsl/gsl_errno.h>

#define ELBO_STATUS_LIST(X) \
  X (ELBO_END, 1024, "no more rows") \
  X (ELBO_EDATA, 1025, "bad data") \
  X (ELBO_EIO, 1026, "input or output failed") \
  X (ELBO_EMODEL, 1027, "bad model file") \
  X (ELBO_EFALL, 1028, "the bound fell") \
  X (ELBO_EDEGENERATE, 1029, "a component collapsed") \
  X (ELBO_ENUMERIC, 1030, "numerical breakdown") \
  X (ELBO_ESTOP, 1031, "stopped by the caller") \
  X (ELBO_EUNSUP, 1032, "not supported") \
  X (ELBO_ENAME, 1033, "no such name")

#define X(name, value, text) name = value,
enum
{
  ELBO_STATUS_LIST (X)
};
#undef X

/* Describe what class of event a code is; static storage, never NULL. */
const char *elbo_status_text (int status);

/* Tell what the last failure in this thread was about: one sentence, lower case, no full stop,
   never NULL; valid until the next failure in the same thread. */
const char *elbo_message (void);

/* Keep such a sentence, format as printf's, and return status: for the functions of a family or a
   start of your own, which fail as those of the library do. */
int elbo_fail (int status, const char *format, ...)
#if defined __GNUC__
    __attribute__ ((format (printf, 2, 3)))
#endif
    ;

#endif
