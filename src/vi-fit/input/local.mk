# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/input.h %D%/choose.c %D%/coded.c %D%/collinear.c %D%/columns.c %D%/dataset.c %D%/kind.c \
  %D%/piped.c %D%/screen.c %D%/start_file.c
