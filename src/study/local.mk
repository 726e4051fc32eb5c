# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/study.h
libelbo_all_la_SOURCES += %D%/choose.c %D%/component.c %D%/criteria.c %D%/door.c %D%/kmeans.c \
  %D%/means.c %D%/order.c %D%/outcome.c %D%/predict.c %D%/search.c %D%/start.c
