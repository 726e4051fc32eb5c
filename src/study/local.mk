# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/study.h
libelbo_all_la_SOURCES += %D%/start.c %D%/kmeans.c %D%/predict.c %D%/search.c
