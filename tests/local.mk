# SPDX-License-Identifier: GPL-3.0-or-later
TEST_EXTENSIONS = .sh .bats
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
BATS_LOG_DRIVER = $(LOG_DRIVER)
BATS_LOG_COMPILER = $(BATS) --tap
AM_TESTS_ENVIRONMENT = VI_FIT='$(abs_top_builddir)/%D%/vi-fit$(EXEEXT)'; export VI_FIT; \
  top_builddir='$(abs_top_builddir)'; export top_builddir; \
  srcdir='$(abs_top_srcdir)'; export srcdir; \
  CC='$(CC)'; export CC; CXX='$(CXX)'; export CXX; NM='$(NM)'; export NM; \
  CPPFLAGS='$(GSL_CFLAGS)'; export CPPFLAGS; SANITIZE_FLAGS='$(SANITIZE_FLAGS)'; export SANITIZE_FLAGS; \
  LC_ALL=C; export LC_ALL; OMP_NUM_THREADS=2; export OMP_NUM_THREADS; \
  left_out='$(left_out)'; export left_out; unset CK_RUN_SUITE CK_RUN_CASE; \
  CK_DEFAULT_TIMEOUT=1200; export CK_DEFAULT_TIMEOUT;

# Programs in C with Check; they link every object of the library, private functions included.
LDADD = libelbo-all.la $(CHECK_LIBS) $(GSL_LIBS) $(JANSSON_LIBS) $(CSV_LIBS) $(ZLIB_LIBS) $(LIBM)
c_tests = %D%/t-default-prior %D%/t-learn %D%/t-describe %D%/t-draw %D%/t-hold %D%/t-rebase \
  %D%/t-base %D%/t-bound %D%/t-checks %D%/t-demo %D%/t-kernel %D%/t-number %D%/t-print %D%/t-csv %D%/t-csv-head %D%/t-csv-columns %D%/t-csv-records \
  %D%/t-source %D%/t-take %D%/t-npy %D%/t-ingest %D%/t-family \
  %D%/t-latent %D%/t-engine %D%/t-monotone %D%/t-moves %D%/t-invariance %D%/t-threads %D%/t-start %D%/t-search %D%/t-ladder \
  %D%/t-status %D%/t-model-file %D%/t-special %D%/t-exact %D%/t-evidence %D%/t-cavi \
  %D%/t-emcert %D%/t-mclust %D%/t-embed %D%/t-null %D%/t-nomem
# The program once more, without libtool's wrapper: the script costs ten times what a small fit does.
check_PROGRAMS += %D%/vi-fit
%C%_vi_fit_SOURCES =
%C%_vi_fit_LDADD = $(vi_fit_OBJECTS) $(vi_fit_LDADD)
%C%_vi_fit_DEPENDENCIES = vi-fit$(EXEEXT)
%C%_vi_fit_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS) -no-install
golden = %D%/golden.c %D%/golden.h
%C%_t_special_SOURCES = %D%/t-special.c $(golden)
%C%_t_exact_SOURCES = %D%/t-exact.c $(golden) %D%/exact.c %D%/exact.h
%C%_t_evidence_SOURCES = %D%/t-evidence.c $(golden) %D%/exact.c %D%/exact.h
%C%_t_cavi_SOURCES = %D%/t-cavi.c $(golden)
%C%_t_emcert_SOURCES = %D%/t-emcert.c $(golden)
%C%_t_mclust_SOURCES = %D%/t-mclust.c $(golden)
table = %D%/table.c %D%/table.h
%C%_t_csv_SOURCES = %D%/t-csv.c $(table)
%C%_t_csv_head_SOURCES = %D%/t-csv-head.c $(table)
%C%_t_csv_columns_SOURCES = %D%/t-csv-columns.c $(table)
%C%_t_csv_records_SOURCES = %D%/t-csv-records.c $(table)
%C%_t_source_SOURCES = %D%/t-source.c $(table)
%C%_t_take_SOURCES = %D%/t-take.c $(table)
%C%_t_npy_SOURCES = %D%/t-npy.c $(table)
noinst_HEADERS += %D%/call.h %D%/made.h %D%/gen.h %D%/draw.h %D%/scratch.h
shell_tests = %D%/t-tests.sh %D%/t-sources.sh %D%/t-install.sh %D%/t-header.sh %D%/t-rooms.sh \
  %D%/t-cycles.sh %D%/t-toy.sh %D%/t-manual.sh %D%/t-examples.sh %D%/t-pages.sh \
  %D%/t-growth.sh %D%/t-ctypes.sh %D%/t-r.sh
cli_tests = %D%/cli/fit.bats %D%/cli/files.bats %D%/cli/predict.bats %D%/cli/messages.bats \
  %D%/cli/plot.bats %D%/cli/steps.bats \
  %D%/cli/signals.bats %D%/cli/examples.bats %D%/cli/demo.bats

# What cannot be run is reported as skipped by t-tests.sh, and as failed by ./setup check.
left_out =
if HAVE_CHECK
check_PROGRAMS += $(c_tests)
TESTS += $(c_tests)
else
left_out += $(c_tests)
endif
TESTS += $(shell_tests)
if HAVE_BATS
TESTS += $(cli_tests)
else
left_out += $(cli_tests)
endif
EXTRA_DIST += $(shell_tests) %D%/toy/exponential.c %D%/toy/main.c %D%/report.sh %D%/pointers.awk %D%/summary.sh %D%/t-header.cc $(cli_tests) %D%/cli/common.bash %D%/data %D%/browser.js %D%/pages.js \
  %D%/growth.c %D%/t-ctypes.py %D%/r-shim.c %D%/t-r.R

.PHONY: registered-tests quick-tests check-quick check-valgrind check-long
registered-tests:
	@printf '%s\n' $(c_tests) $(shell_tests) $(cli_tests)
# what ./setup check runs with the sanitizers where the variable CI is set
quick_tests = %D%/t-base %D%/t-bound %D%/t-csv %D%/t-ingest %D%/t-latent %D%/t-engine %D%/t-threads \
  %D%/t-status %D%/t-model-file %D%/t-evidence %D%/cli/files.bats %D%/cli/predict.bats \
  %D%/cli/messages.bats
quick-tests:
	@printf '%s\n' $(quick_tests)
check-quick: all
	ELBO_QUICK=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(quick_tests)'
check-valgrind: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(c_tests)' OMP_NUM_THREADS=1 ELBO_QUICK=1 CK_TIMEOUT_MULTIPLIER=5 \
	  LOG_COMPILER='$(LIBTOOL) --mode=execute valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite'
check-long: all
	ELBO_LONG=1 CK_TIMEOUT_MULTIPLIER=20 $(MAKE) $(AM_MAKEFLAGS) check
