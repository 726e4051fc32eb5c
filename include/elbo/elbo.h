/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM and mean-field variational inference for mixture models.

   Include this; it includes the rest.  A fit of a gsl_matrix is elbo_mixture_fit (select.h); the
   page that explains the engine is factor.h; the loop is fit.h; the three verbs are model.h.

   Null pointers.  A pointer may be NULL where its function says so, as may the `arg` of a callback.
   For any other one a function that returns a status returns GSL_EFAULT, one that makes or finds
   something returns NULL and one that computes a number NAN, each with a message (elbo_message);
   one that only reads returns NULL or 0, NAN or "", as past the end of a list, and leaves the
   message of an earlier failure alone; one that returns nothing does nothing. */
#ifndef ELBO_H
#define ELBO_H

#include <elbo/version.h>
#include <elbo/status.h>
#include <elbo/field.h>
#include <elbo/rows.h>
#include <elbo/factor.h>
#include <elbo/families.h>
#include <elbo/rng.h>
#include <elbo/data.h>
#include <elbo/table.h>
#include <elbo/model.h>
#include <elbo/start.h>
#include <elbo/fit.h>
#include <elbo/predict.h>
#include <elbo/select.h>
#include <elbo/file.h>
#include <elbo/bound.h>

#endif
