# SPDX-License-Identifier: GPL-3.0-or-later
libelbo_all_la_SOURCES += \
  %D%/data.h %D%/decimal.h %D%/powers.h %D%/scan.h %D%/chunk.c %D%/complain.c %D%/guess.c \
  %D%/level.c %D%/magic.c %D%/marks.c \
  %D%/memory.c %D%/npy.c %D%/number.c %D%/print.c %D%/read.c %D%/record.c %D%/sha256.c %D%/show.c %D%/source.c \
  %D%/store.c %D%/summary.c %D%/table.c
