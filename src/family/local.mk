# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/family.h %D%/gauss.h %D%/wishart.h
libelbo_all_la_SOURCES += %D%/registry.c %D%/gauss.c %D%/wishart.c %D%/gauss_full.c %D%/gauss_tied.c \
  %D%/gauss_diag.c %D%/gauss_iso.c %D%/bernoulli.c %D%/categorical.c %D%/poisson.c
