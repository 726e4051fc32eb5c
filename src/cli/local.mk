bin_PROGRAMS += vi-fit
vi_fit_SOURCES = %D%/cli.h %D%/build.c %D%/canvas.c %D%/choose.c %D%/cmd_check.c %D%/cmd_fit.c \
  %D%/cmd_plot.c %D%/cmd_predict.c %D%/cmd_sample.c %D%/cmd_summary.c %D%/collinear.c \
  %D%/columns.c %D%/dataset.c %D%/draw_density.c %D%/draw_ellipse.c %D%/draw_intervals.c \
  %D%/draw_scatter.c %D%/draw_selection.c %D%/draw_steps.c %D%/draw_terms.c %D%/draw_trace.c \
  %D%/draw_uncertainty.c %D%/generate.c %D%/gnuplot.c %D%/html.c %D%/illustrate.c %D%/main.c \
  %D%/message.c %D%/options.c %D%/options.h %D%/output.c %D%/page.c %D%/picture.c %D%/picture.h \
  %D%/posterior.c %D%/progress.c %D%/report.c %D%/scores.c %D%/signals.c %D%/sparkline.c \
  %D%/start_file.c %D%/steps.c %D%/subject.c %D%/sweep.c %D%/trace_list.c
vi_fit_SOURCES += %D%/cmd_demo.c %D%/demo.h %D%/demo_blr.c %D%/demo_diffusion.c \
  %D%/demo_discrete.c %D%/demo_exact.c %D%/demo_exact.h %D%/demo_gmm1.c %D%/demo_iwae.c \
  %D%/demo_linvae.c %D%/demo_mc.c %D%/demo_page.c %D%/demo_twocoin.c %D%/demo_uninorm.c
vi_fit_LDADD = libelbo.la $(GSL_LIBS) $(LIBM)
vi_fit_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS)
