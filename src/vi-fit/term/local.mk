# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/term.h %D%/clock.c %D%/list.c %D%/message.c %D%/quote.c %D%/signals.c %D%/sparkline.c \
  %D%/words.c
