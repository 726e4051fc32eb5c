/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM and mean-field variational inference for mixture models.

   Include this; it includes the rest.  A fit of a gsl_matrix is elbo_mixture_fit (select.h); the
   page that explains the engine is factor.h; the loop is fit.h; the three verbs are model.h. */
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
