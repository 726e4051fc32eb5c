# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/base.h
libelbo_all_la_SOURCES += %D%/atomic.c %D%/chol.c %D%/field.c %D%/math.c %D%/memory.c \
  %D%/quantile.c %D%/rng.c %D%/sized.c \
  %D%/status.c %D%/threads.c %D%/tree.c
