# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += vi-fit
vi_fit_SOURCES = %D%/cli.h %D%/added.c %D%/build.c %D%/canvas.c %D%/choose.c %D%/cmd_check.c \
  %D%/cmd_fit.c %D%/cmd_plot.c %D%/cmd_predict.c %D%/cmd_sample.c %D%/cmd_summary.c \
  %D%/collinear.c %D%/columns.c %D%/dataset.c %D%/draw_density.c %D%/draw_ellipse.c \
  %D%/draw_intervals.c %D%/draw_scatter.c %D%/draw_selection.c %D%/draw_steps.c %D%/draw_terms.c \
  %D%/draw_trace.c %D%/draw_uncertainty.c %D%/frames.c %D%/generate.c %D%/gnuplot.c %D%/html.c \
  %D%/illustrate.c %D%/main.c %D%/message.c %D%/options.c %D%/options.h %D%/output.c %D%/page.c \
  %D%/picture.c %D%/picture.h %D%/picture_file.c %D%/posterior.c %D%/progress.c %D%/report.c \
  %D%/scores.c %D%/signals.c %D%/sparkline.c %D%/staircase.c %D%/start_file.c %D%/steps.c \
  %D%/subject.c %D%/sweep.c %D%/trace_list.c
vi_fit_SOURCES += %D%/cmd_demo.c %D%/demo.h %D%/demo_blr.c %D%/demo_diffusion.c \
  %D%/demo_discrete.c %D%/demo_exact.c %D%/demo_exact.h %D%/demo_gmm1.c %D%/demo_iwae.c \
  %D%/demo_linvae.c %D%/demo_mc.c %D%/demo_page.c \
  %D%/demo_picture.c %D%/demo_table.c %D%/demo_twocoin.c %D%/demo_uninorm.c
vi_fit_SOURCES += %D%/cmd_steps.c %D%/lesson.h %D%/lesson_page.c %D%/lesson_plan.c \
  %D%/lesson_replay.c
nodist_vi_fit_SOURCES = %D%/assets.c
vi_fit_LDADD = libelbo.la $(GSL_LIBS) $(LIBM)
vi_fit_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS)

# What pages hold word for word, as lists of lines: no string is too long for a compiler.
assets = $(srcdir)/%D%/page.css $(srcdir)/%D%/lesson.css $(srcdir)/%D%/lesson.html \
  $(srcdir)/%D%/lesson.js
EXTRA_DIST += $(assets)
CLEANFILES += %D%/assets.c
%D%/assets.c: $(assets)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { \
	  echo '#include <config.h>'; echo '#include "cli/picture.h"'; \
	  for file in $(assets); do \
	    echo "const char *const asset_`basename $$file | tr . _`[] = {"; \
	    sed -e '/SPDX-License-Identifier/d' -e 's/[\\"]/\\&/g' -e 's/^/  "/' -e 's/$$/\\n",/' $$file || exit 1; \
	    echo '  NULL };'; \
	  done; } >$@.tmp && mv -f $@.tmp $@
