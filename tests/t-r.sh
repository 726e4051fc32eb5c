#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-r.sh -- the library from R by .Call (tests/r-shim.c, tests/t-r.R): numbers, a watch in R, and an error
# in R that stops a search.

top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
library=$build/.libs
inputs=$(R CMD config --cppflags 2>/dev/null)
if ! command -v Rscript >/dev/null; then
  echo "1..0 # SKIP no Rscript"
  exit 0
fi
printf '#include <R.h>\n#include <Rinternals.h>\n' >"$work/try.c"
# shellcheck disable=SC2086 # lists
if ! ${CC:-cc} $inputs -fsyntax-only "$work/try.c" 2>/dev/null; then
  echo "1..0 # SKIP no headers of R"
  exit 0
fi
if [ ! -f "$library/libelbo.so" ] || nm "$library/libelbo.so" | grep -q __asan_init; then
  echo "1..0 # SKIP no shared library, or one with the sanitizers"
  exit 0
fi
# shellcheck disable=SC2046,SC2086 # lists
if ! ${CC:-cc} -std=gnu11 -fPIC -shared -I"$top/include" -I"$build/include" $CPPFLAGS $inputs \
  "$top/tests/r-shim.c" -o "$work/shim.so" -L"$library" -lelbo \
  $(${PKG_CONFIG:-pkg-config} --libs gsl) >"$work/log" 2>&1; then
  echo 1..1
  echo "not ok 1 - the shim compiles"
  sed 's/^/# /' "$work/log"
  exit 0
fi
LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
  Rscript --vanilla "$top/tests/t-r.R" "$work/shim.so" "$top/tests/data/faithful.csv"
