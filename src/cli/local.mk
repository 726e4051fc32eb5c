bin_PROGRAMS += vi-fit
vi_fit_SOURCES = %D%/cli.h %D%/build.c %D%/choose.c %D%/cmd_check.c %D%/cmd_fit.c \
  %D%/cmd_predict.c %D%/cmd_sample.c %D%/cmd_summary.c %D%/collinear.c %D%/columns.c \
  %D%/dataset.c %D%/generate.c %D%/main.c %D%/message.c %D%/options.c %D%/options.h %D%/output.c %D%/progress.c %D%/report.c \
  %D%/scores.c %D%/signals.c %D%/start_file.c %D%/steps.c %D%/sweep.c
vi_fit_LDADD = libelbo.la $(GSL_LIBS) $(LIBM)
vi_fit_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS)
