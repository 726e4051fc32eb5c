/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a function that can fail returns.

   0 (GSL_SUCCESS) is done; GSL_CONTINUE (negative) is news; positive numbers are errors.  Where
   GSL has a number for a class of error it is used (GSL_EINVAL, GSL_EBADLEN, GSL_ENOMEM,
   GSL_EMAXITER, GSL_EFAULT for a null pointer); the classes below are ours.  The library never
   calls gsl_error: a failure is its number and one sentence, kept for each thread. */
#ifndef ELBO_STATUS_H
#define ELBO_STATUS_H

#include <gsl/gsl_errno.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ELBO_STATUS_LIST(ENTRY) \
  ENTRY (ELBO_END, 1024, "no more rows") \
  ENTRY (ELBO_EDATA, 1025, "bad data") \
  ENTRY (ELBO_EIO, 1026, "input or output failed") \
  ENTRY (ELBO_EMODEL, 1027, "bad model file") \
  ENTRY (ELBO_EFALL, 1028, "the bound fell") \
  ENTRY (ELBO_EDEGENERATE, 1029, "a component collapsed") \
  ENTRY (ELBO_ENUMERIC, 1030, "numerical breakdown") \
  ENTRY (ELBO_ESTOP, 1031, "stopped by the caller") \
  ENTRY (ELBO_EUNSUP, 1032, "not supported") \
  ENTRY (ELBO_ENAME, 1033, "no such name") \
  ENTRY (ELBO_EEXIST, 1034, "there already")

#define ELBO_STATUS_ENUM(name, value, text) name = value,
enum
{
  ELBO_STATUS_LIST (ELBO_STATUS_ENUM)
};
#undef ELBO_STATUS_ENUM

/* Describe what class of event a code is; static storage, never NULL. */
const char *elbo_status_text (int status);

/* Tell what the last failure in this thread was about: one sentence, lower case, no full stop,
   never NULL; valid until the next failure in the same thread. */
const char *elbo_message (void);

/* The number of that failure: what a function that returned NULL would have returned as a status.
   GSL_SUCCESS before the first failure. */
int elbo_message_status (void);

/* Keep such a sentence, format as printf's, and return status: for the functions of a family or a
   start of your own, which fail as those of the library do.  No sentence where format is NULL. */
int elbo_fail (int status, const char *format, ...)
#if defined __GNUC__
    __attribute__ ((format (printf, 2, 3)))
#endif
    ;

#ifdef __cplusplus
}
#endif

#endif
