# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/command.h %D%/added.c %D%/cmd_check.c %D%/cmd_demo.c %D%/cmd_fit.c \
  %D%/cmd_plot.c %D%/cmd_predict.c %D%/cmd_sample.c %D%/cmd_steps.c %D%/cmd_summary.c %D%/main.c
