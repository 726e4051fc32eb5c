#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A family is one file and one line of the registry: the exponential family of tests/toy is added to
# a scratch copy of the headers and linked before the library's own registry.
top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..3
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

archive=$build/.libs/libelbo-all.a
if [ ! -f "$archive" ]; then
  for what in builds 'names it' works; do
    n=$((n + 1))
    echo "ok $n - the family $what # SKIP no archive of all objects"
  done
  exit 0
fi

cp -R "$top/include" "$work/include"
cp "$build/include/elbo/version.h" "$work/include/elbo/"
sed -i 's/^  ENTRY (poisson)$/  ENTRY (poisson)                                                    \\\n  ENTRY (exponential)/' \
  "$work/include/elbo/families.h"
flags="-I$work/include -I$build -I$top/src $CPPFLAGS ${SANITIZE_FLAGS-}"
# shellcheck disable=SC2086 # lists of words
{
  $CC $flags -O1 -c "$top/tests/toy/exponential.c" -o "$work/exponential.o" &&
    $CC $flags -O1 -c "$top/src/family/registry.c" -o "$work/registry.o" &&
    $CC $flags -O1 -fopenmp "$top/tests/toy/main.c" "$work/exponential.o" "$work/registry.o" \
      "$archive" $(sed -n "s/^dependency_libs='\(.*\)'/\1/p" "$build/libelbo.la") \
      -lgsl -lgslcblas -ljansson -lcsv -lz -lm -o "$work/toy"
} >"$work/found" 2>&1 && : >"$work/found"
report "the family builds with the registry and one file of its own"

grep -c exponential "$work/include/elbo/families.h" | grep -vx 1 >"$work/found"
report "one line names it"

"$work/toy" >"$work/found" 2>&1 && : >"$work/found"
report "it is fitted, described, predicted, drawn, written and read"
