# SPDX-License-Identifier: GPL-3.0-or-later
# The manual: elbo.info, and elbo.html for one page, installed where makeinfo is.  elbo.info is
# distributed: makeinfo is needed from git only, and configure puts a stand-in in its place where it
# is missing.
info_TEXINFOS = %D%/elbo.texi
%C%_elbo_TEXINFOS = %D%/tour.texi %D%/lesson.texi %D%/notation.texi %D%/models.texi \
  %D%/invoking.texi %D%/files.texi %D%/api.texi %D%/numerics.texi %D%/performance.texi \
  %D%/families.texi
AM_MAKEINFOFLAGS = --no-split
AM_MAKEINFOHTMLFLAGS = --no-split --css-include=$(srcdir)/%D%/elbo.css
AM_DISTCHECK_DVI_TARGET = info
if HAVE_MAKEINFO
all-local: html
install-data-local: install-html
endif
EXTRA_DIST += %D%/elbo.css

# The man page and the completions of shells come from the program's own table of options.  They
# are distributed, and made again wherever the program runs; elsewhere (cross-compilation) the
# distributed ones serve.
dist_man_MANS = %D%/vi-fit.1
bashcompdir = $(datadir)/bash-completion/completions
dist_bashcomp_DATA = %D%/completion/vi-fit
zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = %D%/completion/_vi-fit
fishcompdir = $(datadir)/fish/vendor_completions.d
dist_fishcomp_DATA = %D%/completion/vi-fit.fish
generated_doc = $(dist_man_MANS) $(dist_bashcomp_DATA) $(dist_zshcomp_DATA) $(dist_fishcomp_DATA)
generate = $(MKDIR_P) $(@D); \
  if ./vi-fit$(EXEEXT) --generate=$$what >$@.tmp 2>/dev/null; then mv -f $@.tmp $@; \
  else rm -f $@.tmp; if test -f $@; then touch $@; else cp $(srcdir)/$@ $@; fi; fi

%D%/vi-fit.1: vi-fit$(EXEEXT)
	$(AM_V_GEN)what=man; $(generate)
%D%/completion/vi-fit: vi-fit$(EXEEXT)
	$(AM_V_GEN)what=bash; $(generate)
%D%/completion/_vi-fit: vi-fit$(EXEEXT)
	$(AM_V_GEN)what=zsh; $(generate)
%D%/completion/vi-fit.fish: vi-fit$(EXEEXT)
	$(AM_V_GEN)what=fish; $(generate)

MAINTAINERCLEANFILES = $(generated_doc)
distclean-local:
	test "$(srcdir)" = . || rm -f $(generated_doc)
dist-hook: $(INFO_DEPS)
	@test -f $(srcdir)/%D%/elbo.info || test -f %D%/elbo.info || \
	  { echo 'make dist: makeinfo is needed (Debian: apt install texinfo)' >&2; exit 1; }
