/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes, texts and the one sentence that each thread keeps about its last failure. */
#include <config.h>
#include <stdarg.h>
#include <stdio.h>
#include <gsl/gsl_errno.h>
#include "base/base.h"

enum
{
  MESSAGE = 1024
};
static _Thread_local char message[MESSAGE];
static _Thread_local int message_status;

const char *
elbo_status_text (int status)
{
  switch (status)
    {
#define STATUS_CASE(name, value, text) \
  case name: \
    return text;
      ELBO_STATUS_LIST (STATUS_CASE)
#undef STATUS_CASE
    default:
      return gsl_strerror (status);
    }
}

const char *
elbo_message (void)
{
  return message;
}

int
elbo_fail (int status, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  if (format)
    vsnprintf (message, sizeof message, format, arguments);
  else
    message[0] = '\0';
  va_end (arguments);
  message_status = status;
  return status;
}

int
elbo_check_given (int given, const char *what)
{
  return given ? GSL_SUCCESS : elbo_fail (GSL_EFAULT, "a null pointer in place of %s", what);
}

int
elbo_message_status (void)
{
  return message_status;
}

const char *
elbo_version (void)
{
  return ELBO_VERSION;
}

int
elbo_version_number (void)
{
  return ELBO_VERSION_NUMBER;
}
