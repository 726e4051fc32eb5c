# SPDX-License-Identifier: GPL-3.0-or-later
# Short programs and walk-throughs in shell, one idea each; make check builds and runs them.
example_programs = %D%/01-em-by-hand %D%/02-gaussian-mixture %D%/03-predict %D%/04-own-elbo \
  %D%/05-vb-by-hand %D%/06-half-steps %D%/07-dirichlet-process %D%/08-own-family
example_walks = %D%/09-fit.sh %D%/10-choose.sh %D%/11-predict.sh %D%/12-repair.sh \
  %D%/13-em-on-screen.sh
example_data = %D%/data/faithful.csv %D%/data/iris.csv
check_PROGRAMS += $(example_programs)
example_ldadd = libelbo.la $(GSL_LIBS) $(LIBM)
%C%_01_em_by_hand_SOURCES = %D%/01-em-by-hand.c
%C%_01_em_by_hand_LDADD = $(example_ldadd)
%C%_02_gaussian_mixture_SOURCES = %D%/02-gaussian-mixture.c
%C%_02_gaussian_mixture_LDADD = $(example_ldadd)
%C%_03_predict_SOURCES = %D%/03-predict.c
%C%_03_predict_LDADD = $(example_ldadd)
%C%_04_own_elbo_SOURCES = %D%/04-own-elbo.c
%C%_04_own_elbo_LDADD = $(example_ldadd)
%C%_05_vb_by_hand_SOURCES = %D%/05-vb-by-hand.c
%C%_05_vb_by_hand_LDADD = $(example_ldadd)
%C%_06_half_steps_SOURCES = %D%/06-half-steps.c
%C%_06_half_steps_LDADD = $(example_ldadd)
%C%_07_dirichlet_process_SOURCES = %D%/07-dirichlet-process.c
%C%_07_dirichlet_process_LDADD = $(example_ldadd)
%C%_08_own_family_SOURCES = %D%/08-own-family.c
%C%_08_own_family_LDADD = $(example_ldadd)
examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = $(example_data) %D%/README %D%/01-em-by-hand.c %D%/02-gaussian-mixture.c \
  %D%/03-predict.c %D%/04-own-elbo.c %D%/05-vb-by-hand.c %D%/06-half-steps.c \
  %D%/07-dirichlet-process.c %D%/08-own-family.c %D%/walk.sh
dist_examples_SCRIPTS = $(example_walks)
# make installcheck: lessons, not programs with options
AM_INSTALLCHECK_STD_OPTIONS_EXEMPT = $(example_walks)
