# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += vi-fit
vi_fit_SOURCES =
vi_fit_LDADD = libelbo.la $(GSL_LIBS) $(LIBM)
vi_fit_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS) $(ORIGIN_LDFLAGS)
include src/vi-fit/term/local.mk
include src/vi-fit/option/local.mk
include src/vi-fit/input/local.mk
include src/vi-fit/run/local.mk
include src/vi-fit/view/local.mk
include src/vi-fit/picture/local.mk
include src/vi-fit/page/local.mk
include src/vi-fit/demo/local.mk
include src/vi-fit/command/local.mk
