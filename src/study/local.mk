# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/study.h
libelbo_all_la_SOURCES += %D%/child.c %D%/choose.c %D%/component.c %D%/criteria.c %D%/door.c %D%/feature.c %D%/kmeans.c %D%/ladder.c \
  %D%/means.c %D%/order.c %D%/outcome.c %D%/parent.c %D%/predict.c %D%/race.c %D%/run.c %D%/search.c %D%/start.c
