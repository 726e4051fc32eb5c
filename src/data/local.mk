# SPDX-License-Identifier: GPL-3.0-or-later
libelbo_all_la_SOURCES += \
  %D%/data.h %D%/decimal.h %D%/powers.h %D%/scan.h \
  %D%/memory.c %D%/number.c %D%/print.c %D%/sha256.c %D%/show.c %D%/magic.c %D%/unpack.c %D%/source.c \
  %D%/record.c %D%/marks.c %D%/level.c %D%/store.c %D%/row.c %D%/column.c %D%/complain.c \
  %D%/chunk.c %D%/npy.c %D%/npy_head.c %D%/read.c %D%/guess.c %D%/table.c %D%/summary.c %D%/cache.c %D%/take.c
