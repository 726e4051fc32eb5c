/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What uses of the engine share. */
#ifndef ELBO_STUDY_H
#define ELBO_STUDY_H

#include <elbo/predict.h>
#include <elbo/select.h>
#include "engine/engine.h"

#pragma GCC visibility push(hidden)

/* Sum over rows of -w log max_k r_nk: what the hard ICL adds to BIC, halved. */
int elbo_hardness (const elbo_model *model, const elbo_data *data, double *sum);

#pragma GCC visibility pop

#endif
