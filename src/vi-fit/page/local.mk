# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/page.h %D%/html.c %D%/illustrate.c %D%/lesson_page.c %D%/lesson_plan.c \
  %D%/lesson_replay.c %D%/page.c %D%/prior.c
nodist_vi_fit_SOURCES = %D%/assets.c

# What pages hold word for word, as lists of lines: no string is too long for a compiler.
assets = $(srcdir)/%D%/page.css $(srcdir)/%D%/lesson.css $(srcdir)/%D%/lesson.html \
  $(srcdir)/%D%/lesson.js
EXTRA_DIST += $(assets)
CLEANFILES += %D%/assets.c
%D%/assets.c: $(assets)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { \
	  echo '#include <config.h>'; echo '#include "vi-fit/page/page.h"'; \
	  for file in $(assets); do \
	    echo "const char *const asset_`basename $$file | tr . _`[] = {"; \
	    sed -e '/SPDX-License-Identifier/d' -e 's/[\\"]/\\&/g' -e 's/^/  "/' -e 's/$$/\\n",/' $$file || exit 1; \
	    echo '  NULL };'; \
	  done; } >$@.tmp && mv -f $@.tmp $@
