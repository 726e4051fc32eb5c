# Short programs, one idea each; make check builds and runs them.
example_programs = %D%/01-em-by-hand %D%/02-gaussian-mixture %D%/03-predict %D%/04-own-elbo
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
EXTRA_DIST += $(example_data)
examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = $(example_data) %D%/01-em-by-hand.c %D%/02-gaussian-mixture.c %D%/03-predict.c \
  %D%/04-own-elbo.c
