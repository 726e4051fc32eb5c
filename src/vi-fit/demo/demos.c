/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of demos. */
#include <config.h>
#include "vi-fit/demo/demo.h"

const instance_row *const demo_instances[] = { &demo_binary.about,
                                               &demo_qsweep.about,
                                               &demo_twocoin.about,
                                               &demo_mc.about,
                                               &demo_linvae.about,
                                               &demo_iwae.about,
                                               &demo_diffusion.about,
                                               &demo_uninorm.about,
                                               &demo_blr.about,
                                               &demo_gmm1.about,
                                               NULL };
