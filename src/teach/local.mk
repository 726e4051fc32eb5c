# SPDX-License-Identifier: GPL-3.0-or-later
libelbo_all_la_SOURCES += %D%/discrete.c %D%/divergence.c %D%/montecarlo.c
