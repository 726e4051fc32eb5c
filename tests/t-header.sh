#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-header.sh -- every public header stands on its own, in C11 and in C++, without a warning; a C++
# program that includes them links with the library and runs.
# Needs the variables that tests/local.mk exports: srcdir, top_builddir, CC, CXX, CPPFLAGS.

top=${srcdir:-.}
build=${top_builddir:-.}
flags="-I$top/include -I$build/include $CPPFLAGS"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

headers=$(cd "$top/include" && ls elbo/*.h)
# shellcheck disable=SC2086 # flags and headers are lists
set -- $headers elbo/version.h
echo "1..$((2 * $# + 1))"
n=0

# report WHAT: a TAP line for the last command, its complaints on failure
report () {
  status=$?
  n=$((n + 1))
  if [ $status -eq 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    sed 's/^/# /' "$work/log"
  fi
}

have_cxx=:
echo 'int main () { return 0; }' >"$work/try.cc"
${CXX:-c++} -o "$work/try" "$work/try.cc" >/dev/null 2>&1 || have_cxx=false

for header
do
  # twice: the guard; first in the file: it brings what it needs
  printf '#include <%s>\n#include <%s>\nint main (void) { return 0; }\n' "$header" "$header" \
    >"$work/one.c"
  # shellcheck disable=SC2086
  ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Wundef -Werror $flags \
    -fsyntax-only "$work/one.c" >"$work/log" 2>&1
  report "C: $header"
  if $have_cxx; then
    sed 's/(void)/()/' "$work/one.c" >"$work/one.cc"
    # shellcheck disable=SC2086
    ${CXX:-c++} -std=c++11 -Wall -Wextra -Wpedantic -Werror $flags -fsyntax-only "$work/one.cc" \
      >"$work/log" 2>&1
    report "C++: $header"
  else
    n=$((n + 1))
    echo "ok $n - C++: $header # SKIP no C++ compiler"
  fi
done

library=$build/.libs
if $have_cxx && [ -f "$library/libelbo.so" ] && ! nm "$library/libelbo.so" | grep -q __asan_init
then
  # shellcheck disable=SC2086
  ${CXX:-c++} -std=c++11 -Wall -Wextra -Wpedantic -Werror $flags "$top/tests/t-header.cc" \
    -o "$work/run" -L"$library" -lelbo $(${PKG_CONFIG:-pkg-config} --libs gsl) >"$work/log" 2>&1 \
    && LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$work/run" \
      >>"$work/log" 2>&1
  report "a C++ program links and runs"
else
  echo "ok $((n + 1)) - a C++ program links and runs # SKIP no C++ compiler or shared library"
fi
