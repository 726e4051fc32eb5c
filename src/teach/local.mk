# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/teach.h
libelbo_all_la_SOURCES += %D%/bregman.c %D%/discrete.c %D%/divergence.c %D%/montecarlo.c
