# SPDX-License-Identifier: GPL-3.0-or-later
# Measurements; built and run only when asked for.  Timings never decide a test.
EXTRA_PROGRAMS = %D%/elbo-bench
%C%_elbo_bench_SOURCES = %D%/bench.c %D%/case.c %D%/case.h %D%/peak.c %D%/timing.c %D%/timing.h \
  %D%/write.c
%C%_elbo_bench_LDADD = libelbo.la $(GSL_LIBS) $(LIBM) -ldl
# no wrapper script: valgrind and the largest memory are about the program itself
%C%_elbo_bench_LDFLAGS = $(AM_LDFLAGS) -no-install
EXTRA_DIST += %D%/README %D%/answer.sh %D%/bench.sh %D%/callgrind.sh %D%/peers.sh \
  %D%/rand.awk %D%/table.awk %D%/peers/answer.R %D%/peers/answer.py \
  %D%/peers/scikit_learn.py %D%/peers/pandas_csv.py %D%/peers/fread.R \
  %D%/peers/armadillo.cpp %D%/peers/mclust.R %D%/peers/vlfeat.c
CLEANFILES += %D%/elbo-bench$(EXEEXT) bench.json bench-count.json bench-peers.json bench-peers.md

bench_environment = srcdir='$(srcdir)'; export srcdir; ELBO_BENCH='%D%/elbo-bench$(EXEEXT)'; \
  export ELBO_BENCH; VI_FIT='./vi-fit$(EXEEXT)'; export VI_FIT; LIBTOOL='$(LIBTOOL)'; \
  export LIBTOOL; CC='$(CC)'; export CC; CXX='$(CXX)'; export CXX;
bench_programs = %D%/elbo-bench$(EXEEXT) vi-fit$(EXEEXT)

.PHONY: bench bench-count bench-peers
bench: $(bench_programs)
	@$(bench_environment) $(SHELL) $(srcdir)/%D%/bench.sh
bench-count: $(bench_programs)
	@$(bench_environment) $(SHELL) $(srcdir)/%D%/callgrind.sh
bench-peers: $(bench_programs)
	@$(bench_environment) $(SHELL) $(srcdir)/%D%/peers.sh
