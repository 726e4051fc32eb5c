# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/run.h %D%/build.c %D%/output.c %D%/progress.c %D%/scores.c %D%/sweep.c
