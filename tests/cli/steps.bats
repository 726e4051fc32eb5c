#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vi-fit steps: the page as a file.  What a browser makes of it is tested in t-pages.sh.
load common

# The records of a page, one line each: the numbers of its trace file in their order.
records() {
  sed -n 's/^{"n":[0-9]*,"pass":\([0-9]*\),"half":"\(.\)".*,"elbo":\(.*\)}[],]*$/\1,\2,\3/p' "$1" |
    sed -e 's/"[a-z_]*"://g' -e 's/null//g'
}

# Those of the trace file, without K, start, tau and seconds; the records of one start.
trace() {
  awk -F, -v OFS=, -v k="$2" -v start="$3" 'NR > 1 && $1 == k && $2 == start {
    print $3, $4, $5, $6, $8, $9, $10, $11, $12, $13, $14 }' "$1"
}

chosen_start() {
  sed -n 's/.*"start":\([0-9]*\),"total".*/\1/p' "$1"
}

# Nothing from elsewhere, one script of data and one of code.
is_alone() {
  hasnt "$1" '://'
  hasnt "$1" ' src='
  hasnt "$1" '@import'
  hasnt "$1" '<link'
  [ -z "$(grep -oE 'url\([^)]*' "$1" | grep -v 'url(#')" ]
  has "$1" "default-src 'none'"
  [ "$(grep -c '<script' "$1")" -eq 2 ]
  [ "$(grep -c '</script' "$1")" -eq 2 ]
}

@test "the records of the page are those of the trace file, digit by digit" {
  for method in em map vb; do
    fit steps -q -m $method -k 2 -o l.html --trace=t.csv "$faithful"
    is_status 0
    [ ! -s out ]
    is_alone l.html
    [ "$(wc -c <l.html)" -lt 200000 ]
    records l.html >shown
    trace t.csv 2 "$(chosen_start l.html)" >wanted
    [ "$(wc -l <wanted)" -ge 10 ]
    cmp shown wanted
    # the same start, and the same numbers, as without the page
    fit -q -m $method -k 2 --trace=u.csv "$faithful"
    trace u.csv 2 "$(chosen_start l.html)" | cmp - wanted
  done
}

@test "without -k the components that a fit would choose; lesson.html without -o" {
  fit steps "$faithful"
  is_status 0
  has err 'vi-fit steps: wrote lesson.html: K = 2, start 1, 24 of 24 half-steps'
  # a start that leaves nothing to see says how to see more
  has lesson.html '<code>--start=random</code>'
  fit steps -q -m em -k 2 --start=random --seed=7 -o random.html "$faithful"
  hasnt random.html '<code>--start=random</code>'
  fit steps --no-clobber "$faithful"
  is_status 1
  like err 'lesson.html'
}

@test "the last half-step holds the components of the model file, in its order" {
  for kind in full tied diag spherical; do
    fit -q -k 3 -s 3 --search=starts --covariance=$kind -c 1-4 -o run "$data/iris.csv"
    fit steps -q -k 3 -s 3 --covariance=$kind -c 1-4 "$data/iris.csv"
    is_status 0
    grep -oE '"mean": \[[^]]*\]' run.model.json | tail -3 | grep -oE '[0-9][0-9.e+-]*' >wanted
    awk '/^"beliefs"/ { on = 1 } /^"letters"/ { on = 0 } on && /^\{/ { line = $0 }
      END { sub (/.*"values":\[/, "", line); sub (/\].*/, "", line); n = split (line, v, ",")
        for (k = 1; k <= 3; k++) for (j = 1; j <= 4; j++) print v[3 * j + k] }' lesson.html >shown
    [ "$(wc -l <wanted)" -eq 12 ]
    paste shown wanted | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-9 * $2) bad = 1 }
      END { exit bad || NR != 12 }'
  done
}

@test "one column, mixed columns, no numeric column, sticks, one component, files of starts" {
  fit steps -q -k 2 -c 1 "$faithful"
  is_status 0
  is_alone lesson.html
  fit steps -q -k 2 --categorical=Species "$data/iris.csv"
  is_status 0
  has lesson.html 'Numeric columns are drawn; the others take part'
  for method in em map vb; do
    fit steps -q -m $method -k 2 -c Species --categorical=Species "$data/iris.csv"
    is_status 0
    has lesson.html 'no numeric columns'
    has lesson.html 'versicolor'
    is_alone lesson.html
  done
  for sticks in dp dp-truncated; do
    fit steps -q -k 4 --weights-prior=$sticks --starts=3 --trace=t.csv "$faithful"
    is_status 0
    records lesson.html >shown
    trace t.csv 4 "$(chosen_start lesson.html)" >all
    [ -s shown ]
    [ -z "$(grep -vxFf all shown)" ]
  done
  fit steps -q -k 1 "$faithful"
  is_status 0
  fit -q -k 2 -m em -o run "$faithful"
  for method in em vb; do
    fit steps -q -k 2 -m $method --start=run.model.json "$faithful"
    is_status 0
  done
  cut -d, -f2 run.labels.csv >labels.csv
  fit steps -q -k 2 --start=labels.csv "$faithful"
  is_status 0
}

@test "a long fit is thinned: first half-steps all, the last, and a climb in between" {
  fit steps -q -m em -k 3 --starts=1 --tol=0 --start=random --seed=7 --trace=t.csv "$faithful"
  is_status 0
  total=$(trace t.csv 3 1 | wc -l)
  [ "$total" -gt 300 ]
  records lesson.html >shown
  n=$(wc -l <shown)
  [ "$n" -gt 100 ]
  [ "$n" -le 200 ]
  like lesson.html "The fit took $total half-steps; $n of them are here"
  trace t.csv 3 1 >all
  head -80 all | cmp - <(head -80 shown)
  [ "$(tail -1 all)" = "$(tail -1 shown)" ]
  [ -z "$(grep -vxFf all shown)" ]
  # no step of what is shown takes more than a tenth of the way
  awk -F, '{ if (NR > 80 && $3 - last > 0.1 * ($3 - first) && $3 - last > 1) bad = 1
    if (NR == 1) first = $3; last = $3 } END { exit bad }' shown
}

@test "many rows and components: the page stays small" {
  awk 'BEGIN { srand (1); print "a,b,c,d,e,f,g,h"; for (i = 0; i < 30000; i++) {
    line = ""; for (j = 0; j < 8; j++) line = line (j ? "," : "") rand () + (i % 8 > j)
    print line } }' >big.csv
  fit steps -q -k 12 --starts=1 --max-iter=150 big.csv
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
  [ "$(wc -c <lesson.html)" -lt 5000000 ]
  like lesson.html '[0-9]+ of 30000 rows are drawn, each 15th'
}

@test "names are data: nothing in them is obeyed" {
  { echo "\"</script><b>x\",\"it's \\\\ \"\"q\"\"\""; tail -n +2 "$faithful"; } >'a<b>&.csv'
  fit steps -q -k 2 'a<b>&.csv'
  is_status 0
  is_alone lesson.html
  has lesson.html '<title>a&lt;b&gt;&amp;.csv: variational Bayes'
  has lesson.html '{"name":"\u003c/script>\u003cb>x"'
}

@test "wrong usage, unconverged fits, files that cannot be written" {
  fit steps -k 65 "$faithful"
  is_status 2
  has err 'vi-fit steps: -k 65: a page shows at most 64 components'
  fit steps -m em --prior-kappa=1 "$faithful"
  is_status 2
  fit steps --report "$faithful"
  is_status 2
  fit steps -q -o l.svg "$faithful"
  is_status 2
  has err "vi-fit steps: --output=l.svg: 'vi-fit steps' writes a page (HTML): name it l.html; for a picture: vi-fit plot --steps"
  [ ! -e l.svg ]
  fit steps -q -o nowhere/l.html "$faithful"
  is_status 1
  like err 'nowhere/l.html'
  fit steps -k 2 --max-iter=3 "$faithful"
  is_status 3
  has lesson.html 'NOT converged'
  has lesson.html 'class="warning"'
}

@test "valid HTML, for tidy" {
  need tidy
  for options in '-m em -k 2' '-k 2' '-k 2 -c 1' '-k 1'; do
    # shellcheck disable=SC2086
    fit steps -q $options "$faithful"
    tidy -q -e --drop-empty-elements no lesson.html 2>tidy.out || { cat tidy.out; false; }
  done
}
