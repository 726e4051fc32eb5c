# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/run.h %D%/build.c %D%/files.c %D%/fit_job.c %D%/labels.c %D%/progress.c \
  %D%/record.c %D%/repeated.c %D%/scores.c %D%/sweep.c %D%/tracefile.c %D%/verdict.c
