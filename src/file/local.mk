# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += %D%/file.h
libelbo_all_la_SOURCES += %D%/components_read.c %D%/fields.c \
  %D%/json.c %D%/model_read.c %D%/model_write.c %D%/names.c %D%/prior_file.c %D%/record.c \
  %D%/trace.c
