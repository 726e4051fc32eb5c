#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A family is one file and one line of the registry: the exponential family of tests/toy is added to
# a scratch copy of the headers and linked, before the library's own registry, with a test of the
# library, with the tests that every family passes, and with the program.
top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..13
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

archive=$build/.libs/libelbo-all.a
if [ ! -f "$archive" ]; then
  while [ "$n" -lt 13 ]; do
    skip "the family of tests/toy ($((n + 1)))" "no archive of all objects"
  done
  exit 0
fi

cp -R "$top/include" "$work/include"
cp "$build/include/elbo/version.h" "$work/include/elbo/"
sed -i 's/^  ENTRY (categorical)$/  ENTRY (categorical) \\\n  ENTRY (exponential)/' \
  "$work/include/elbo/families.h"
flags="-I$work/include -I$build -I$top/src $CPPFLAGS ${SANITIZE_FLAGS-}"
libraries="$archive $(sed -n "s/^dependency_libs='\(.*\)'/\1/p" "$build/libelbo.la") \
  -lgsl -lgslcblas -ljansson -lcsv -lz -lm"
objects=$(for c in "$top"/src/vi-fit/*/*.c; do
  o=${c#"$top"/}
  echo "$build/${o%.c}.o"
done) # and the assets, whose source is made
toy="$work/exponential.o $work/registry.o"
# shellcheck disable=SC2086 # lists of words
{
  $CC $flags -O1 -c "$top/tests/toy/exponential.c" -o "$work/exponential.o" &&
    $CC $flags -O1 -c "$top/src/family/registry.c" -o "$work/registry.o" &&
    $CC $flags -O1 -fopenmp "$top/tests/toy/main.c" $toy $libraries -o "$work/toy" &&
    $CC $flags -fopenmp $objects "$build/src/vi-fit/page/assets.o" $toy $libraries \
      -o "$work/vi-fit"
} >"$work/found" 2>&1 && : >"$work/found"
report "the family builds with the registry and one file of its own"

grep -c exponential "$work/include/elbo/families.h" | grep -vx 1 >"$work/found"
report "one line names it"

"$work/toy" >"$work/found" 2>&1 && : >"$work/found"
report "it is fitted, described, predicted, drawn, written and read"

if pkg-config --exists check 2>/dev/null; then
  # shellcheck disable=SC2046,SC2086 # lists of words
  {
    $CC $flags -I"$top/tests" -DEXTRA_SPECIMEN=exponential_specimen -O1 -fopenmp \
      $(pkg-config --cflags check) "$top/tests/t-family.c" $toy $libraries \
      $(pkg-config --libs check) -o "$work/t-family" &&
      CK_FORK=no CK_RUN_CASE=exponential "$work/t-family"
  } >"$work/found" 2>&1 && : >"$work/found"
  report "it has the properties that every family must have"
else
  skip "it has the properties that every family must have" "no Check"
fi

cd "$work" || exit 99
awk 'BEGIN {
  srand (4)
  print "wait,serve,x"
  for (i = 0; i < 300; i++) {
    r = i % 2 ? 1 : 40
    printf "%.6g,%.6g,%.4g\n", -log (1 - rand ()) * r, -log (1 - rand ()) * r * 2, i % 2 + rand () / 5
  }
}' >t.csv
family=--family=exponential:wait,serve

# run WORDS: the program; what goes wrong is found
run () {
  ./vi-fit "$@" >out 2>err || { echo "vi-fit $* ended with $?" && cat err; } >>found
}
# need TEXT FILE: a line of the file holds the text
need () {
  grep -q -e "$1" "$2" || { echo "no '$1' in $2:" && cat "$2"; } >>found
}

: >found
run t.csv "$family" '--columns=!x' -o fit --report
need 'using 2 positive columns: wait, serve' err
need '^  rate of wait  *0\.[89][0-9]*  *0\.02' out
need 'mixture by variational inference' out
report "vi-fit fits it and reports its numbers by name"

: >found
need '"type": *"exponential"' fit.model.json
need '<td>exponential</td>' fit.html
need 'rate of serve' fit.html
need 'prior of the components' fit.html
[ ! -f fit.svg ] || need 'wait' fit.svg
report "the model file, the page and the picture tell of it"

: >found
for method in em map vb; do
  run t.csv "$family" -k 2 -m "$method" --threads=1 -o one
  run t.csv "$family" -k 2 -m "$method" --threads=3 -o three
  cmp one.labels.csv three.labels.csv >>found 2>&1
done
report "every method fits it beside Gaussian columns, with the same bits for every number of threads"

: >found
run t.csv "$family" '--columns=!x' -k 4 --weights-prior=dp -o dp
need 'rate of wait' out
report "a Dirichlet process mixes it"

: >found
run predict fit.model.json t.csv
cut -d, -f4 out | sed '1d' >labels
cut -d, -f2 fit.labels.csv | sed '1d' | cmp - labels >>found 2>&1
report "predict gives the rows the labels of the fit"

: >found
run sample fit.model.json -n 500
mv out drawn.csv
awk -F, 'NR > 1 && !($1 > 0 && $2 > 0)' drawn.csv >>found
run check drawn.csv "$family"
report "samples are times above 0"

: >found
run plot fit.model.json t.csv -o picture.svg
run plot fit.model.json --kind=intervals -o intervals.svg
run steps t.csv "$family" -k 2 -o lesson.html
need 'rate of wait' lesson.html
report "pictures and the lesson are made"

: >found
printf 'wait,serve\n1,2\n3,-4\n5,6\n' >bad.csv
./vi-fit bad.csv "$family" >out 2>err && echo "a time below 0 was fitted" >>found
need "bad.csv:3: column 'serve': -4 is not a time above 0" err
report "a cell that it cannot make is named by file, line and column"

: >found
run check t.csv "$family"
need "to fit: vi-fit .*$family t.csv" out
./vi-fit t.csv --family=exponentially:wait >out 2>err && echo "no such family was fitted" >>found
need 'the families are bernoulli, poisson, categorical, exponential' err
report "check repeats the option, and a wrong name is answered with the right ones"
