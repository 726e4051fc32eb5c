TEST_EXTENSIONS = .bats
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_DRIVER = $(LOG_DRIVER)
BATS_LOG_COMPILER = bats
AM_BATS_LOG_FLAGS = --tap
AM_TESTS_ENVIRONMENT = VI_FIT='$(abs_top_builddir)/vi-fit$(EXEEXT)'; export VI_FIT; \
  top_builddir='$(abs_top_builddir)'; export top_builddir; \
  srcdir='$(abs_srcdir)'; export srcdir; LC_ALL=C; export LC_ALL; OMP_NUM_THREADS=2; export OMP_NUM_THREADS;
