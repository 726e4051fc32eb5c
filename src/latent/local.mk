# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/latent.h
libelbo_all_la_SOURCES += %D%/registry.c %D%/mixture.c %D%/mixture_dirichlet.c %D%/mixture_fixed.c \
  %D%/mixture_stick.c
