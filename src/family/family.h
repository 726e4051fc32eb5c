/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the families share. */
#ifndef ELBO_FAMILY_H
#define ELBO_FAMILY_H

#include <elbo/factor.h>
#include "base/base.h"
#include "kernel/kernel.h"

#define ELBO_LOG_2PI 1.8378770664093454836

#endif
