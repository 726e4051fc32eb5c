# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/family.h %D%/gauss.h
libelbo_all_la_SOURCES += %D%/registry.c %D%/view.c %D%/gauss.c %D%/gauss_stat.c %D%/gauss_reduce.c \
  %D%/gauss_learn.c %D%/gauss_matrix.c %D%/gauss_form.c %D%/gauss_point.c %D%/gauss_posterior.c \
  %D%/gauss_wishart.c %D%/gauss_gamma.c %D%/gauss_view.c %D%/bernoulli.c %D%/categorical.c \
  %D%/poisson.c
