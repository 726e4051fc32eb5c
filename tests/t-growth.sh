#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-growth.sh -- a program compiled against this release's headers still runs, and says the same, after
# a member is added at the end of every public structure: the library is rebuilt from a scratch copy,
# the program (tests/growth.c) is not.

top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..3
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

grown="every public structure has one member more"
builds="the library builds with it"
runs="a program compiled before runs as before"
if [ ! -f "$build/.libs/libelbo.so" ] || nm "$build/.libs/libelbo.so" | grep -q __asan_init; then
  for what in "$grown" "$builds" "$runs"; do
    skip "$what" "no shared library, or one with the sanitizers"
  done
  exit 0
fi

# make_value NAME: what configure found
make_value () {
  sed -n "s/^$1 = //p" "$build/Makefile"
}
openmp=$(make_value OPENMP_CFLAGS)
inputs="$CPPFLAGS $(make_value JANSSON_CFLAGS) $(make_value CSV_CFLAGS) $(make_value ZLIB_CFLAGS)"
libraries="$(make_value GSL_LIBS) $(make_value JANSSON_LIBS) $(make_value CSV_LIBS) \
  $(make_value ZLIB_LIBS) -lm"

# --- the scratch copy -----------------------------------------------------------------------------

cp -R "$top/include" "$top/src" "$work"
cp "$build/config.h" "$work"
cp "$build/include/elbo/version.h" "$work/include/elbo"
printf '#undef KERNEL_AVX2\n#undef KERNEL_AVX512\n' >>"$work/config.h"
for header in "$work"/include/elbo/*.h; do
  awk '/^(typedef )?struct( [a-z_]+)?( *[{])?$/ { inside = 1 }
       inside && /^}.*;/ { print "  double added_for_the_test;"; inside = 0 }
       { print }' "$header" >"$work/new.h" && mv "$work/new.h" "$header"
done
opened=$(cat "$top"/include/elbo/*.h | grep -E '^ *(typedef +)?struct\>' | grep -vc ';')
added=$(cat "$work"/include/elbo/*.h | grep -c added_for_the_test)
: >"$work/found"
[ "$added" -eq "$opened" ] && [ "$added" -ge 20 ] \
  || echo "$opened structures with a body, $added of them have grown" >"$work/found"
report "$grown"

# --- the library of tomorrow ------------------------------------------------------------------------

# shellcheck disable=SC2016,SC2038 # for the inner shell; names without blanks
find "$work/src" -name '*.c' ! -path '*/vi-fit/*' | xargs -n 1 -P 2 sh -c '
  ${CC:-cc} -std=gnu11 -O1 -fPIC $0 -c "$1" -o "${1%.c}.o"' \
  "-I$work/include -I$work/src -I$work -DKERNEL_ISA=baseline -DKERNEL_BYTES=16 $openmp $inputs" \
  >"$work/log" 2>&1
soname=$(sed -n "s/^dlname='\(.*\)'/\1/p" "$build/libelbo.la")
mkdir "$work/lib"
: >"$work/found"
# shellcheck disable=SC2046,SC2086 # lists
${CC:-cc} -shared $openmp -Wl,-soname,"$soname" -o "$work/lib/$soname" \
  $(find "$work/src" -name '*.o') $libraries >>"$work/log" 2>&1 || cat "$work/log" >"$work/found"
report "$builds"

# --- the program of today ---------------------------------------------------------------------------

# run DIR: what it says with the library there; both libraries by the same kernel
run () {
  LD_LIBRARY_PATH=$1${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ELBO_ISA=baseline \
    "$work/program" "$top/tests/data/faithful.csv" 2>&1
  echo "exit code $?"
}
{
  # shellcheck disable=SC2046,SC2086 # lists
  ${CC:-cc} -std=gnu11 -I"$top/include" -I"$build/include" $CPPFLAGS "$top/tests/growth.c" \
    -o "$work/program" -L"$build/.libs" -lelbo $(make_value GSL_LIBS) -lm 2>&1
  run "$build/.libs" >"$work/today"
  run "$work/lib" >"$work/tomorrow"
  tail -n 1 "$work/today" | grep -vx 'exit code 0'
  diff "$work/today" "$work/tomorrow"
} >"$work/found"
report "$runs"
