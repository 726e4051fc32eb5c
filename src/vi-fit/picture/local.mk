# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/picture.h %D%/canvas.c %D%/draw_columns.c %D%/draw_density.c %D%/draw_ellipse.c \
  %D%/draw_intervals.c %D%/draw_scatter.c %D%/draw_selection.c %D%/draw_steps.c %D%/draw_terms.c \
  %D%/draw_trace.c %D%/draw_uncertainty.c %D%/frames.c %D%/gnuplot.c %D%/legend.c %D%/picture.c \
  %D%/picture_file.c %D%/staircase.c %D%/subject.c %D%/trace_list.c
