# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/view.h %D%/belief.c %D%/learned.c %D%/report.c %D%/steps.c %D%/tables.c
