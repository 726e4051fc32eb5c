# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/option.h %D%/chosen.c %D%/generate.c %D%/options.c %D%/parameters.c
