#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-install.sh -- make install prefix=DIR, a prefix that configure was not told of: the program finds
# its library, a program finds it through pkg-config, and the manual is there.

top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..4
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

# report_log WHAT: a TAP line for the last command; what it said where it failed
report_log () {
  [ $? -ne 0 ] || : >"$work/found"
  report "$1"
}

to=$work/to
unset DESTDIR MAKEFLAGS MAKELEVEL MFLAGS LD_LIBRARY_PATH
make -C "$build" install prefix="$to" >"$work/found" 2>&1
report_log "make install prefix=DIR"

{ "$to/bin/vi-fit" --version && "$to/bin/vi-fit" -q -k 1 "$top/tests/data/faithful.csv"; } \
  >"$work/found" 2>&1
report_log "vi-fit finds its library"

what="a program compiles and links by pkg-config"
if nm "$to"/lib/libelbo.so 2>/dev/null | grep -q __asan_init; then
  skip "$what" "the library wants a program with the sanitizers"
else
  PKG_CONFIG_PATH=$to/lib/pkgconfig
  export PKG_CONFIG_PATH
  {
    # shellcheck disable=SC2046 # lists
    ${CC:-cc} "$top/examples/02-gaussian-mixture.c" -o "$work/program" \
      $(${PKG_CONFIG:-pkg-config} --cflags --libs elbo) \
      && LD_LIBRARY_PATH=$to/lib "$work/program" "$top/examples/data/faithful.csv"
  } >"$work/found" 2>&1
  report_log "$what"
fi

what="the manual: info and one page for a browser"
if ! grep -q '^have_makeinfo = yes' "$build/Makefile"; then
  skip "$what" "no makeinfo"
else
  for file in share/info/elbo.info share/doc/elbo/elbo.html; do
    [ -s "$to/$file" ] || echo "no $file"
  done >"$work/found"
  report "$what"
fi
