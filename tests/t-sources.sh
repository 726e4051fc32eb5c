#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-sources.sh -- what holds of every source file: the licence line, the dialect of .clang-format, the
# prefix of external symbols (a static library hides nothing), no address that nobody reads, and what
# the public functions make of null pointers.

top=${srcdir:-.}
build=${top_builddir:-.}
VI_FIT=${VI_FIT:-$build/vi-fit}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..5
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

(cd "$top" && find src include tests examples bench -name '*.[ch]' ! -path '*/data/*' \
  ! -path '*/peers/*') | grep -v '^include/elbo/version\.h$' | sort >"$work/sources"
while read -r file; do
  head -n 1 "$top/$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file"
done <"$work/sources" >"$work/found"
[ "$(wc -l <"$work/sources")" -gt 150 ] || echo "too few sources" >>"$work/found"
report "the first line names the licence"

what="clang-format leaves every source as it is"
for format in clang-format-14 clang-format ''; do
  command -v "$format" >/dev/null || continue
  case $("$format" --version) in *version\ 14.*) break ;; esac
done
if [ ! -f "$top/.clang-format" ]; then
  skip "$what" "no .clang-format: these are not the sources of git"
elif [ -z "$format" ]; then
  skip "$what" "no clang-format of version 14, which others than that do not agree with"
else
  (cd "$top" && xargs "$format" --dry-run -Werror <"$work/sources") >"$work/found" 2>&1 \
    && : >"$work/found"
  report "$what"
fi

# libelbo-all.a holds the objects that a static libelbo.a would hold; what OpenMP names after a
# critical section of ours has our prefix behind its own
${NM:-nm} -g --defined-only "$build/.libs/libelbo-all.a" 2>/dev/null | awk 'NF == 3 { print $3 }' \
  | sort -u >"$work/symbols"
grep -vE '^(elbo_|\.gomp_critical_user_elbo_|__odr_asan|__asan)' "$work/symbols" >"$work/found"
[ "$(wc -l <"$work/symbols")" -gt 200 ] || echo "too few symbols" >>"$work/found"
report "every external symbol begins with elbo_"

{
  grep -rnE 'bug-elbo|[a-z]@example\.(org|com)' "$top/configure.ac" "$top/README.md" "$top/doc" \
    "$top/src"
  "$VI_FIT" --help | grep -niE 'bugs|@|<[a-z]*@'
  "$VI_FIT" --generate=man | grep -niE 'reporting|bugs|[a-z]@[a-z]'
} >"$work/found"
report "no line names an address for bugs, as long as there is none"

awk -f "$top/tests/pointers.awk" "$top/tests/t-null.c" "$top"/include/elbo/*.h >"$work/found"
report "t-null.c hands NULL to every pointer argument of every public function"
