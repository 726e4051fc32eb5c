/* latent.h -- what the latent structures share. */
#ifndef ELBO_LATENT_H
#define ELBO_LATENT_H

#include <elbo/factor.h>
#include "base/base.h"
#include "kernel/kernel.h"

#endif
