# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/engine.h %D%/start.h
libelbo_all_la_SOURCES += %D%/access.c %D%/bound.c %D%/data.c %D%/extrapolate.c %D%/fit.c %D%/global.c %D%/halfstep.c %D%/hold.c \
  %D%/learn.c %D%/ledger.c %D%/local.c %D%/merge.c %D%/model.c %D%/moments.c %D%/move.c %D%/part.c %D%/pass.c \
  %D%/prior.c %D%/rank.c %D%/ready.c %D%/reduce.c %D%/refit.c %D%/relabel.c %D%/resolution.c %D%/source.c %D%/support.c %D%/units.c \
  %D%/distinct.c %D%/trial.c %D%/nudge.c %D%/workspace.c
