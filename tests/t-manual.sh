#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-manual.sh -- the manual, README and the man page say what is there: every public function has a
# @deftypefun, every structure that the manual shows stands in a header, every long option is in the
# manual, the man page and the completions, and every `$ ' example prints what is printed there.
# Times, thread counts and noise are normalised; a line `...' stands for any number of lines;
# numbers may differ by one in the last place or by 1e-9.  An example ends with status 0, or with
# that of a line `@c status N' behind its command, and says nothing on standard error beyond what a
# fit announces and the numbers of `vi-fit best'.

top=${srcdir:-.}
build=${top_builddir:-.}
VI_FIT=${VI_FIT:-$build/vi-fit}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
# one instruction set: iterations are counted alike on every machine
ELBO_ISA=baseline
export ELBO_ISA
unset COLUMNS NO_COLOR

texi="$top/doc/elbo.texi"
for chapter in $(sed -n 's/^@include \(.*\)/\1/p' "$texi" | grep -v version); do
  texi="$texi $top/doc/$chapter"
done
# shellcheck disable=SC2086 # a list of files
cat $texi >"$work/manual"

echo 1..16
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

# --- functions and structures ---------------------------------------------------------------

sed -n 's/^@deftypefunx* .*[} ]\(elbo_[a-z0-9_]*\) (.*/\1/p' "$work/manual" | sort >"$work/documented"
uniq -d "$work/documented" >"$work/found"
report "no function is documented twice"
cat "$top"/include/elbo/*.h "$build/include/elbo/version.h" >"$work/headers"
library=$build/.libs/libelbo.so
if [ -f "$library" ]; then
  ${NM:-nm} -D --defined-only "$library" | awk '$2 == "T" { print $3 }' | sed 's/@.*//' \
    | grep '^elbo_' | sort -u >"$work/exported"
else
  cp "$work/documented" "$work/exported"
fi
# functions that stand in the headers alone
sed -n '/^static inline/{n;s/^\(elbo_[a-z0-9_]*\) (.*/\1/p;}' "$work/headers" \
  | sort -u - "$work/exported" >"$work/callable"
mv "$work/callable" "$work/exported"
[ "$(wc -l <"$work/documented")" -gt 100 ] || echo "too few functions" >>"$work/exported"
comm -23 "$work/exported" "$work/documented" >"$work/found"
report "every exported function has a @deftypefun"
comm -13 "$work/exported" "$work/documented" >"$work/found"
report "every @deftypefun is exported"

# the declarations themselves, without the mark-up and the names of arguments in @var
tr '\n' ' ' <"$work/headers" | sed 's/[[:space:]][[:space:]]*/ /g' >"$work/declared"
sed -n 's/^@deftypefunx* //p' "$work/manual" | sed -e 's/@var{\([^}]*\)}/\1/g' -e 's/[{}]//g' \
  | while read -r line; do
      grep -qF -- "$(echo "$line" | sed 's/ \* *elbo_/ *elbo_/')" "$work/declared" || echo "$line"
    done >"$work/found"
report "every @deftypefun reads as in its header"

awk '/^@c header/ { on = 1; next } /^@end example/ { on = 0 } on && NF' "$work/manual" \
  | sed 's/@\([@{}]\)/\1/g' | while IFS= read -r line; do
      grep -qF -- "$line" "$work/headers" || echo "$line"
    done | grep -vF '#include <elbo/elbo.h>' >"$work/found"
report "what the manual shows of the headers stands there"

awk -v base="$work/program." '/^@c program/ { on = 1; n++; next } /^@end example/ { on = 0 }
    on { print >(base n ".c") } END { if (n < 2) print "too few programs" }' "$work/manual" >"$work/found"
for program in "$work"/program.*.c; do
  sed 's/@\([@{}]\)/\1/g' "$program" >"$work/program.c"
  # shellcheck disable=SC2086 # flags are a list
  ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$top/include" \
    -I"$build/include" $CPPFLAGS "$work/program.c" 2>>"$work/found"
done
report "the programs of the manual compile"

# --- options --------------------------------------------------------------------------------

for what in man bash zsh fish; do
  "$VI_FIT" --generate=$what >"$work/$what" 2>"$work/found" || echo "--generate=$what fails" >>"$work/found"
done
for verb in fit $("$VI_FIT" --help | sed -n '/^  or:/,/^Fit/p' | grep -oE '[a-z]+ \(' | tr -d '('); do
  "$VI_FIT" "$verb" --help
  echo "verb $verb" >>"$work/verbs"
done >"$work/help"
sed -n 's/^  \(   \|-.,\) --\([a-z-]*\).*/\2/p' "$work/help" | sort -u >"$work/options"
[ "$(wc -l <"$work/options")" -gt 35 ] || echo "too few options" >>"$work/found"
report "the man page and the completions are made"
missing () { # FILE PREFIX: options that are not in it
  while read -r option; do
    grep -qE -- "$2$option([^a-z-]|\$)" "$1" || echo "--$option"
  done <"$work/options" >"$work/found"
}
missing "$work/manual" '@itemx? (-. )?--'
sed 's/^verb //' "$work/verbs" | while read -r verb; do
  grep -qE "^@itemx? vi-fit $verb" "$work/manual" || echo "verb $verb"
done >>"$work/found"
"$VI_FIT" demo | sed -n 's/^  \([a-z0-9]*\)  .*/\1/p' | while read -r demo; do
  grep -qE "^@item vi-fit demo $demo" "$work/manual" || echo "vi-fit demo $demo"
  grep -q "$demo" "$work/bash" || echo "$demo is not completed"
done >>"$work/found"
report "every verb, demonstration and long option is in the manual"
sed 's/\\-/-/g' "$work/man" >"$work/man.plain"
missing "$work/man.plain" '--'
report "every long option is in the man page"
missing "$work/bash" '--'
{ command -v bash && bash -n "$work/bash"; } >/dev/null 2>>"$work/found"
report "every long option is completed by bash"
missing "$work/zsh" '--'
report "every long option is completed by zsh"
missing "$work/fish" '-l '
report "every long option is completed by fish"
for shell in zsh fish; do
  what="$shell reads its completion"
  command -v $shell >/dev/null || { skip "$what" "$shell is not installed"; continue; }
  $shell -n "$work/$shell" 2>"$work/found" || echo "not read" >>"$work/found"
  report "$what"
done

# --- examples -------------------------------------------------------------------------------

# The directory that the examples run in.
mkdir -p "$work/bin" "$work/run/examples"
cp -R "$top/examples/data" "$work/run/examples/"
chmod -R u+w "$work/run"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$VI_FIT" >"$work/bin/vi-fit"
chmod +x "$work/bin/vi-fit"
PATH=$work/bin:$PATH
cd "$work/run" || exit 99
cp examples/data/*.csv .
printf 'eruptions,waiting\n3.6,79\n1.8,54\n2.9,63\n1.0,95\n' >new.csv
printf 'x\n1.1\n2.3\n2.9\n4.2\n4.2\n4.2\n5.8\n7.0\n' >ties.csv
printf '{ "kappa": 0.1, "df": 10 }\n' >prior.json

# compare: expected and actual to what differs.
cat >"$work/compare.awk" <<'EOF'
function trim (s) { sub (/[ \t]+$/, "", s); return s }
function plain (s) {
  s = trim(s)
  sub (/^[0-9.]+ s, [0-9]+ threads?, seed/, "T s, J threads, seed", s)
  sub (/, [0-9]+ s$/, ", T s", s)
  sub (/, to [-+.0-9]+e[-+][0-9]+$/, ", to E", s)
  sub (/smallest gain [-+.0-9e]+/, "smallest gain G", s)
  gsub (/-0\.0000/, " 0.0000", s)
  return s
}
# one unit of the last place that is written
function unit (t,  e, at, places) {
  e = 0
  if ((at = match (t, /[eE]/))) { e = substr (t, at + 1) + 0; t = substr (t, 1, at - 1) }
  at = index (t, ".")
  places = at ? length (t) - at : 0
  return at || e ? 10 ^ (e - places) : 0
}
function near (a, b,  d, u) {
  if (a == b) return 1
  if (a !~ /^[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$/) return 0
  if (b !~ /^[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$/) return 0
  d = a - b; if (d < 0) d = -d
  u = 1.01 * unit(a)
  m = 1e-9 * (a < 0 ? -a : a)
  return d <= 2e-14 || d <= u || d <= m
}
function same (a, b,  x, y, i, k) {
  if ((a = plain(a)) == (b = plain(b))) return 1
  k = split (a, x, /[ ,:()\[\]{}]+/)
  if (k != split (b, y, /[ ,:()\[\]{}]+/)) return 0
  for (i = 1; i <= k; i++) if (!near(x[i], y[i])) return 0
  return 1
}
FNR == NR { want[++nw] = $0; next }
{ got[++ng] = $0 }
END {
  j = 1
  for (i = 1; i <= nw; i++) {
    if (trim(want[i]) == "...") {
      if (i == nw) { j = ng + 1; break }
      while (j <= ng && !same(want[i + 1], got[j])) j++
      continue
    }
    if (j > ng || !same(want[i], got[j])) {
      print "expected: " want[i]; print "printed:  " (j > ng ? "(nothing)" : got[j]); exit
    }
    j++
  }
  while (j <= ng && trim(got[j]) == "") j++
  if (j <= ng) { print "expected: (nothing)"; print "printed:  " got[j] }
}
EOF

# examples FILE: runs what `examples` holds, lines "$ command" each followed by its output
examples () {
  : >"$work/found"
  rm -f "$work"/case.*
  awk -v base="$work/case." '/^\$ / { n++; print substr ($0, 3) >(base n ".run"); next }
    n && /^@c status / { print $3 >(base n ".status"); next }
    n { print >(base n ".want") } END { print n + 0 }' "$work/examples" >"$work/count"
  count=$(cat "$work/count")
  [ "$count" -ge "$1" ] || echo "only $count examples" >>"$work/found"
  i=0
  while [ "$i" -lt "$count" ]; do
    i=$((i + 1))
    touch "$work/case.$i.want"
    # blank lines at the end belong to the text around
    awk '{ line[NR] = $0 } /[^ \t]/ { last = NR } END { for (i = 1; i <= last; i++) print line[i] }' \
      "$work/case.$i.want" >"$work/want"
    status=0 wanted=0
    [ ! -f "$work/case.$i.status" ] || wanted=$(cat "$work/case.$i.status")
    sh "$work/case.$i.run" >"$work/got" 2>"$work/said" </dev/null || status=$?
    awk -f "$work/compare.awk" "$work/want" "$work/got" >"$work/difference" 2>&1 \
      || echo "the comparison failed" >>"$work/difference"
    [ "$status" = "$wanted" ] || echo "status $status, not $wanted" >>"$work/difference"
    grep -vE '^vi-fit: (.*: [0-9]+ rows, |using [0-9]|K=[0-9])|^vi-fit best: .*: K = [0-9]+, ' "$work/said" >>"$work/difference"
    if [ -s "$work/difference" ]; then
      sed 's/^/$ /' "$work/case.$i.run"
      cat "$work/difference"
    fi >>"$work/found"
  done
}

awk '/^@example/ { on = 1; next } /^@end example/ { on = 0; print "$ :" } on && (/^@c status/ || !/^@c /) && !/^@noindent/' \
  "$work/manual" | sed 's/@\([@{}]\)/\1/g' | awk '/^\$ / { run = 1 } run; $0 == "$ :" { run = 0 }' \
  | awk '!($0 == "$ :")' >"$work/examples"
examples 30
report "the examples of the manual print what it says"

awk '/^    / { print substr ($0, 5); next } /^[ \t]*$/ { print ""; next } { print "$ :" }' \
  "$top/README.md" | awk '/^\$ / { run = $0 != "$ :" } run' >"$work/examples"
examples 3
report "the examples of README print what it says"
