# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/engine.h
libelbo_all_la_SOURCES += %D%/data.c %D%/model.c %D%/local.c %D%/global.c %D%/bound.c %D%/fit.c
