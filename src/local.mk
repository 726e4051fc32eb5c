# SPDX-License-Identifier: GPL-3.0-or-later
# libelbo-all.la holds every object; libelbo.la exports the public names of it, tests of private
# functions link it as it is.
noinst_LTLIBRARIES += libelbo-all.la
libelbo_all_la_SOURCES =
libelbo_all_la_LIBADD =
lib_LTLIBRARIES += libelbo.la
libelbo_la_SOURCES =
libelbo_la_LIBADD = libelbo-all.la $(GSL_LIBS) $(JANSSON_LIBS) $(CSV_LIBS) $(ZLIB_LIBS) $(LIBM)
libelbo_la_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS) -no-undefined -version-info $(ELBO_LTVERSION) \
  -export-symbols-regex '^elbo_'
elboincludedir = $(includedir)/elbo
elboinclude_HEADERS = \
  include/elbo/elbo.h include/elbo/status.h include/elbo/field.h include/elbo/rows.h \
  include/elbo/factor.h include/elbo/families.h include/elbo/table.h include/elbo/data.h \
  include/elbo/model.h include/elbo/fit.h include/elbo/start.h include/elbo/predict.h \
  include/elbo/select.h include/elbo/bound.h include/elbo/file.h include/elbo/rng.h
nodist_elboinclude_HEADERS = include/elbo/version.h
include src/base/local.mk
include src/data/local.mk
include src/kernel/local.mk
include src/family/local.mk
include src/latent/local.mk
include src/engine/local.mk
include src/study/local.mk
include src/teach/local.mk
include src/file/local.mk
include src/vi-fit/local.mk
