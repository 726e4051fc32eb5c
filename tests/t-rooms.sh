#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-rooms.sh -- rooms look to their left only, the library keeps its manners, and it exports the
# public functions and nothing else.  HACKING.md, "Rooms" and "Rules".

top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..29
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

# room NAME ROOM...: the private headers that NAME includes come from the rooms listed
room () {
  name=$1
  allowed=$(echo "$*" | tr ' ' '|')
  grep -HnE '^ *# *include *"' "$top/src/$name"/*.[ch] \
    | grep -vE "\"($allowed)/[a-z0-9_]+\\.h\"" >"$work/found"
  [ -n "$(ls "$top/src/$name")" ] || echo "no room $name" >"$work/found"
  report "src/$name includes private headers of: $*"
}

room base
room kernel base
room data base
room family base kernel
room latent base kernel
room engine base kernel data
room study base kernel data engine
room teach base family
room file base data engine study

# the program: public headers of the library, and rooms to the left
program () { # ROOM [ROOM]... to its left
  name=$1
  shift
  # shellcheck disable=SC2046 # a list of words
  room "vi-fit/$name" $(for left in "$@"; do echo "vi-fit/$left"; done)
}

program term
program option term
program input term option
program run term option input
program view term option input run
program picture term option input run view
program page term option input run view picture
program demo term option picture
program command term option input run view picture page demo

# a room that the list above forgets
for dir in "$top"/src/*/ "$top"/src/vi-fit/*/; do
  case $(basename "$dir") in
    base | kernel | data | family | latent | engine | study | teach | file) ;;
    vi-fit | term | option | input | run | view | picture | page | demo | command) ;;
    *) echo "$dir is not in tests/t-rooms.sh" ;;
  esac
done >"$work/found"
report "every room is known"

# public headers include public ones
grep -HnE '^ *# *include *"' "$top"/include/elbo/* >"$work/found"
report "public headers include no private one"

# code without comments and strings: those may name anything
code () {
  for file in "$@"; do
    sed -e 's/"\([^"\\]\|\\.\)*"/""/g' -e 's://.*::' "$file" \
      | awk -v name="$file" '
          { line = $0; out = ""
            while (line != "") {
              if (inside) { at = index (line, "*/"); if (!at) { line = ""; break }
                            line = substr (line, at + 2); inside = 0 }
              else { at = index (line, "/*"); if (!at) { out = out line; line = ""; break }
                     out = out substr (line, 1, at - 1); line = substr (line, at + 2)
                     inside = 1 } }
            if (out ~ /[^ ]/) print name ":" NR ": " out }'
  done
}

library=$(for r in base kernel data family latent engine study teach file; do
            ls "$top/src/$r"/*.[ch]; done)
# shellcheck disable=SC2086 # a list of files
code $library >"$work/library"
lines=$(wc -l <"$work/library")
[ "$lines" -gt 5000 ] || echo "too little code: $lines lines" >>"$work/library"

grep 'too little code' "$work/library" >"$work/found"
report "there is code to look at"

families='gauss|bernoulli|poisson|categorical|mixture|wishart'
grep -E "[^a-z_]($families)_?[a-z]* *[(.]|elbo_($families)" "$work/library" | grep '/src/engine/' \
  >"$work/found"
report "the engine names no family and no latent structure"

calls='v?printf|puts|putchar|perror|exit|_exit|abort|assert'
grep -E "[^a-z_]($calls) *\\(|[^a-z_](stdout|stderr)[^a-z_]" "$work/library" >"$work/found"
report "the library does not print and does not stop the program"

calls='gsl_(matrix|vector|permutation|block)_c?alloc|gsl_linalg_|gsl_[a-z_]*_alloc *\('
grep -E "$calls|gsl_set_error|gsl_error|GSL_ERROR" "$work/library" >"$work/found"
report "the library does not touch GSL's error handler or what can raise it"

grep -E 'reduction *\(|omp atomic (update|capture)' "$work/library" >"$work/found"
report "no sum depends on threads"

grep -E '[^a-z_](rand|srand|random|drand48|time|clock|getpid) *\(' "$work/library" \
  | grep -v '/src/base/atomic.c:' >"$work/found" # names of temporary files are random
report "no random number depends on the clock"

# --- exported symbols ------------------------------------------------------------------------

headers=$(ls "$top"/include/elbo/*.h "$build/include/elbo/version.h" 2>/dev/null)
# shellcheck disable=SC2086
code $headers >"$work/public"
# functions, except types of functions, and the objects of the registries
awk '/static inline/ { skip = 2 } skip-- > 0 { next } { print }' "$work/public" \
  | grep -v typedef | grep -oE '(^|[^a-z0-9_])elbo_[a-z0-9_]+ \(([^*]|$)' \
  | grep -oE 'elbo_[a-z0-9_]+' | sort -u >"$work/declared"
sed -n 's/.*ENTRY (\([a-z_]*\)).*/elbo_\1/p' "$top/include/elbo/families.h" | sort -u >"$work/objects"
sort -u "$work/declared" "$work/objects" >"$work/wanted"

if [ -f "$build/.libs/libelbo.so" ]; then
  ${NM:-nm} -D --defined-only "$build/.libs/libelbo.so" | awk '{ print $NF }' | sed 's/@.*//' \
    | grep -vE '^(_init|_fini|_edata|_end|__bss_start|__odr_asan.*)$' | sort -u >"$work/exported"
  comm -13 "$work/wanted" "$work/exported" >"$work/found"
  report "no private symbol is exported"
  comm -23 "$work/wanted" "$work/exported" >"$work/found"
  report "every public function is exported"
  [ "$(wc -l <"$work/wanted")" -gt 80 ] && : >"$work/found" || cp "$work/wanted" "$work/found"
  report "the public headers were read"
else
  for what in private public read; do
    n=$((n + 1))
    echo "ok $n - exported symbols, $what # SKIP no shared library"
  done
fi
