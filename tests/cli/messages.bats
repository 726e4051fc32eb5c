#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What is said about bad input, word for word, and with which exit code.
load common

# expect STATUS MESSAGE ARGUMENT...: the message is a whole line of standard error.
expect() {
  local code=$1 text=$2
  shift 2
  fit "$@"
  is_status "$code"
  grep -qxF -- "$text" err || { echo "expected: $text"; show; return 1; }
  [ "$code" -eq 0 ] || [ ! -s out ] || { show; return 1; }
}

@test "files that are not there, empty, or only a header" {
  expect 1 'vi-fit: nosuch.csv: cannot open: No such file or directory' nosuch.csv
  : >empty.csv
  expect 1 'vi-fit: empty.csv: the file is empty' empty.csv
  printf 'x,y\n' >h.csv
  expect 1 'vi-fit: h.csv: a header (x, y) but no data rows' h.csv
}

@test "ragged lines" {
  printf 'x,y\n1,2\n3\n4,5\n6\n2,2\n' >r.csv
  fit r.csv
  is_status 1
  like err '^vi-fit: r\.csv:3: 1 field where the header has 2: "3"$'
  has err '--ragged=drop'
  fit -k 1 --ragged=drop r.csv
  is_status 0
  has err 'vi-fit: warning: 2 lines with a wrong number of fields left out'
}

@test "cells that are no numbers" {
  printf 'a,income\n1,2\n2,12.5k\n3,4\n4,7\n' >t.csv
  fit t.csv
  is_status 1
  has err "vi-fit: t.csv:3: column 'income': \"12.5k\" is not a number"
  has err "vi-fit: if it marks a missing value: --na=12.5k; to leave the column out: --columns='!income'; as categories: --categorical=income"
  printf 'name,city\na,b\nc,d\n' >t.csv
  expect 1 'vi-fit: t.csv: no numeric column (name: text, line 2: "a"; city: text, line 2: "b"); to model categories: --categorical=name,city' t.csv
}

@test "missing cells" {
  printf 'a,b\n1,2\n,3\n4,5\n2,9\n' >t.csv
  fit t.csv
  is_status 1
  like err '^vi-fit: t\.csv:3: column .a.: missing value ""$'
  fit -k 1 --missing=drop t.csv
  is_status 0
  has err 'vi-fit: warning: 1 row with missing cells left out (25.0 %)'
  expect 2 'vi-fit: --missing=model: not there yet; use --missing=drop or --missing=error' --missing=model t.csv
}

@test "columns that are not there, or twice" {
  fit -c eruption "$faithful"
  is_status 2
  like err "faithful\.csv: no column 'eruption'; did you mean 'eruptions'\? \(columns: eruptions, waiting\)$"
  printf 'x,y,x\n1,2,3\n2,1,1\n5,5,2\n' >t.csv
  fit -c x t.csv
  is_status 1
  has err "vi-fit: t.csv: two columns are named 'x' (1 and 3); refer to them by number"
  fit t.csv
  is_status 1
  has err "vi-fit: t.csv: two columns are named 'x' (1 and 3); refer to them by number"
  fit -k 1 -c 1,y t.csv
  is_status 0
}

@test "constant columns and row numbers" {
  printf 'batch,v\n7,1\n7,2\n7,4\n' >t.csv
  fit -k 1 t.csv
  is_status 0
  has err "vi-fit: warning: column 'batch' is constant (7 in all 3 rows): not used"
  expect 1 "vi-fit: column 'batch' is constant (7 in all 3 rows)" -c batch,v t.csv
  has err "vi-fit: to leave it out: end the list of --columns with ,'!batch'"
  fit -k 1 -c "batch,v,!batch" t.csv
  is_status 0
  printf 'id,v\n1,1\n2,2\n3,4\n4,4\n5,9\n6,1\n' >t.csv
  fit -k 1 t.csv
  has err "vi-fit: warning: column 'id' numbers the rows (1, 2, 3, ...): not used; to use it: --columns=id,..."
  has err 'vi-fit: using 1 numeric column: v; no missing values'
  fit -k 1 -c id,v t.csv
  is_status 0
  has err 'vi-fit: using 2 numeric columns: id, v; no missing values'
}

@test "columns that are constant or empty, weights that are named, and nothing left: all are told" {
  expect 1 "vi-fit: columns 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7', 'i8', 'i9', 'i10', 'i11', 'i12' are constant" --categorical=1-30 "$data/introns.csv"
  cure=$(sed -n 's/^vi-fit: to leave them out: //p' err)
  eval "fit -k 1 --categorical=1-30 $cure $data/introns.csv"
  is_status 0
  has err '18 categorical columns: i13, '
  printf 'x,y\n1,\n2,\n4,\n3,\n' >t.csv
  fit -k 1 t.csv
  has err 'vi-fit: left out 1 empty column: y'
  printf 'x,w\n1,2\n2,1\n4,1\n3,1\n' >t.csv
  fit -k 1 -c x,w --weights=w t.csv
  is_status 0
  has err "vi-fit: column 'w' holds the weights: it is not modelled"
  printf 'id,batch\n1,7\n2,7\n3,7\n4,7\n5,7\n' >t.csv
  expect 1 "vi-fit: t.csv: no column is left to model: 'id' numbers the rows, 'batch' is constant" -q t.csv
}

@test "number columns that look like codes" {
  awk 'BEGIN { print "x,q1,q2,class"; for (i = 0; i < 200; i++) print i * i % 199 "," i % 2 "," int(i / 7) % 2 "," i % 3 }' >t.csv
  fit -k 1 t.csv
  is_status 0
  has err 'vi-fit: q1, q2 have only the values 0 and 1; as yes/no: --binary=q1,q2'
  has err "vi-fit: class has only 3 different values in 200 rows; as categories: --categorical=class; to leave it out: --columns='!class'"
  fit check t.csv
  is_status 0
  like out '^q1 .*only 0 and 1; as yes/no: --binary=q1$'
  like out "^class .*3 values; as categories: --categorical=class; or leave it out: --columns='!class'$"
  [ "$(tail -1 out)" = 'to fit: vi-fit --binary=q1,q2 --categorical=class t.csv' ]
  eval "fit $(tail -1 out | sed 's/^to fit: vi-fit//') -k 1"
  is_status 0
  has err 'using 1 numeric column: x; 2 binary columns: q1, q2; 1 categorical column: class'
  hasnt err 'only the values'
  # few rows, or many values, are nobody's codes
  fit -k 1 "$data/iris.csv"
  hasnt err 'different values'
  printf 'a,b\n0,1\n1,3\n1,2\n' >t.csv
  fit -k 1 t.csv
  hasnt err 'only the values'
  printf 'a;b\n0,5;x\n1,5;\n1,0;y\n2;x\n3;y\n' >t.csv
  fit check --separator=';' --decimal=, t.csv
  [ "$(tail -1 out)" = "to fit: vi-fit '--separator=;' --decimal=, --categorical=b t.csv" ] || [ "$(tail -1 out)" = "to fit: vi-fit --'separator=;' --decimal=, --categorical=b t.csv" ]
}

@test "check: names of any length stand in columns" {
  long=a_name_of_thirty_two_letters_here
  printf '%s,b\n1,2\n2,1\n4,7\n' "$long" >t.csv
  fit check t.csv
  is_status 0
  a=$(grep "^$long" out) b=$(grep '^b ' out)
  [ "$(expr index "${a#"$long"}" y)" -gt 0 ]
  [ "$(echo "$a" | grep -bo ' yes ' | cut -d: -f1)" = "$(echo "$b" | grep -bo ' yes ' | cut -d: -f1)" ]
}

@test "lists of columns: ranges of names, all, all but" {
  printf 'V1,V2,a-b,c,k\n1,2,3,4,x\n2,1,5,3,y\n5,4,1,1,x\n3,7,2,2,y\n' >t.csv
  fit -k 1 -c V1-a-b t.csv
  is_status 0
  has err 'using 3 numeric columns: V1, V2, a-b;'
  fit -k 1 -c a-b-c t.csv
  has err 'using 2 numeric columns: a-b, c;'
  expect 2 'vi-fit: t.csv: --columns=c-V1: empty range' -c c-V1 t.csv
  fit -k 1 --categorical='!V1,!V2' t.csv
  is_status 0
  has err 'using 2 numeric columns: V1, V2; 3 categorical columns: a-b, c, k;'
  fit -k 1 -c V1 --categorical=V2-k t.csv
  is_status 0
  fit -k 1 --categorical=all t.csv
  is_status 0
  has err 'using 5 categorical columns: V1, V2, a-b, c, k;'
}

@test "linear relations" {
  printf 'a,b,total\n1,2,3\n2,5,7\n3,3,6\n4,1,5\n7,2,9\n8,8,16\n' >t.csv
  for c in full tied; do
    fit -m em -k 1 --covariance=$c t.csv
    is_status 1
    has err "vi-fit: columns 'total', 'a', 'b' are linearly dependent (total = 1 a + 1 b): $c covariance cannot be estimated"
    has err "vi-fit: drop one (--columns='!total') or use --covariance=diag"
  done
  fit -k 1 t.csv
  is_status 0
  has err "vi-fit: warning: columns 'total', 'a', 'b' are linearly dependent (total = 1 a + 1 b)"
  fit -m em -k 1 --covariance=diag t.csv
  is_status 0
  printf 'sleep,awake\n1,23\n2,22\n7,17\n9,15\n' >t.csv
  fit -k 1 t.csv
  like err 'linearly dependent \((awake = -1 sleep|sleep = -1 awake) \+ 24\)$'
  fit check t.csv
  like out 'linearly dependent \((awake = -1 sleep|sleep = -1 awake) \+ 24\)$'
  # r^2 = 1 - 1e-9 is chance, 1 - 1e-13 is not
  awk -v e=3e-5 'BEGIN { print "x,y"; for (i = 0; i < 40; i++) printf "%d,%.17g\n", i * i % 41, i * i % 41 + 12 * e * (i % 2 * 2 - 1) }' >t.csv
  fit -k 1 t.csv
  hasnt err 'linearly dependent'
  awk -v e=3e-7 'BEGIN { print "x,y"; for (i = 0; i < 40; i++) printf "%d,%.17g\n", i * i % 41, i * i % 41 + 12 * e * (i % 2 * 2 - 1) }' >t.csv
  fit -k 1 t.csv
  has err 'linearly dependent'
}

@test "too few rows for em" {
  printf 'x,y\n1,2\n3,1\n2,5\n7,7\n4,9\n' >t.csv
  expect 1 'vi-fit: 5 rows cannot support 10 components; use -k 5 or fewer' -m em -k 10 t.csv
  fit -k 10 --starts=2 t.csv
  is_status 0
  printf 'x\n' >t.csv
  for i in 1 2 3 4 5; do printf '1\n2\n5\n' >>t.csv; done
  expect 1 'vi-fit: only 3 distinct rows among 15: -k must be 3 or fewer' -m em -k 4 t.csv
  fit -m em -k 1..9 t.csv
  has err 'vi-fit: only 3 distinct rows among 15: K is tried up to 3'
  printf 'a,b,c,d\n1.2,0.3,2.2,0.5\n0.7,1.9,0.4,1.1\n2.5,1.1,0.9,1.7\n' >t.csv
  expect 1 'vi-fit: 3 distinct rows cannot support a full covariance of 4 columns; use -m vb or --covariance=diag' -m em -k 1 t.csv
  hasnt err 'linearly dependent'
}

@test "too many components for the rows under a prior" {
  printf 'x,y\n1,2\n3,1\n2,5\n7,7\n4,9\n' >t.csv
  expect 1 'vi-fit: 5 rows cannot support 100000 components; use -k 50 or fewer' -k 100000 t.csv
  printf 'x\n1\n2\n4\n' >t.csv
  fit t.csv
  is_status 0
  has err 'vi-fit: only 3 distinct rows among 3: K is tried up to 3'
}

@test "every start collapsed" {
  printf 'x,y\n1,2\n3,1\n2,5\n7,7\n4,9\n' >t.csv
  expect 1 'vi-fit: every start with K = 4 collapsed; use -m vb, fewer components, or --covariance=tied' -m em -k 4 t.csv
  like err '^vi-fit: warning: K = 4, start 1: component [1-4] collapsed onto 1 row \(line [2-6]\); start abandoned$'
}

@test "weights" {
  printf 'x,w\n1,2\n3,-1\n2,1\n' >t.csv
  expect 1 "vi-fit: t.csv:3: weight -1 in column 'w' is negative" --weights=w t.csv
  printf 'x,w\n1,0\n3,0\n2,0\n' >t.csv
  fit --weights=w t.csv
  is_status 1
  like err "weights in column 'w' are all zero"
}

@test "categories without end; binary with three values; counts that are none" {
  printf 'zip\n' >t.csv
  for i in $(seq 100); do echo "z$i" >>t.csv; done
  expect 1 "vi-fit: column 'zip' has 100 different values in 100 rows; as categories it would fit every row by itself (allow: --max-levels=100)" --categorical=zip t.csv
  awk 'BEGIN { print "name,genus,vore,x"; for (i = 0; i < 60; i++) print "n" i ",g" int(i / 1.5) "," (i % 2 ? "c" : "h") "," i % 7 }' >m.csv
  fit -k 1 --categorical=name,genus,vore m.csv
  is_status 1
  has err "vi-fit: columns 'name' (60), 'genus' (40) have nearly as many different values as there are rows (60)"
  has err 'vi-fit: without: --categorical=vore'
  fit -k 1 --max-levels=100 --categorical=zip t.csv
  is_status 0
  printf 'b\nx\ny\nz\n' >t.csv
  fit --binary=b t.csv
  is_status 1
  has err "vi-fit: column 'b' has 3 different values; --binary needs two"
  printf 'n\n1\n2.5\n3\n' >t.csv
  expect 1 "vi-fit: t.csv:3: column 'n': 2.5 is not a count 0, 1, 2, ..." --count=n t.csv
}

@test "options: spelling, ranges, words" {
  expect 2 "vi-fit: unrecognized option '--componets'; did you mean '--components'?" --componets=3 "$faithful"
  fit --components=1 -q "$faithful"
  is_status 0
  expect 2 'vi-fit: -k 0: the number of components must be at least 1' -k 0 "$faithful"
  expect 2 'vi-fit: -k 5..2: empty range' -k 5..2 "$faithful"
  expect 2 'vi-fit: -k x: a number, a range A..B or auto is needed' -k x "$faithful"
  expect 2 'vi-fit: --covariance=fll: one of full|tied|diag|spherical|auto is needed' --covariance=fll "$faithful"
  expect 2 'vi-fit: --tol=-1: a number of at least 0 is needed' --tol=-1 "$faithful"
  expect 2 'vi-fit: --starts=0: a whole number of at least 1 is needed' --starts=0 "$faithful"
  expect 2 "vi-fit: option '-k' needs an argument: K" -k
  expect 2 'vi-fit: --weights-prior=dp needs -m vb' -m em --weights-prior=dp "$faithful"
  expect 2 'vi-fit: --prior-df=0.5: a number above 1 is needed with 2 numeric columns' -q --prior-df=0.5 "$faithful"
  expect 2 'vi-fit sample: the number of rows is needed: -n N' sample run.model.json
  expect 2 "vi-fit: extra operand 'b.csv'; see vi-fit --help" a.csv b.csv
  expect 2 "vi-fit: no verb 'chekc'; did you mean 'vi-fit check'?" chekc "$faithful"
  expect 2 'vi-fit: --threads=100000: a whole number of at most 1024 is needed' -j 100000 "$faithful"
  expect 2 'vi-fit: --separator=ab: one character or TAB is needed' --separator=ab "$faithful"
  expect 2 'vi-fit: --separator=: one character or TAB is needed' --separator= "$faithful"
  expect 2 'vi-fit: --prior-kappa needs -m vb or -m map: maximum likelihood has no prior' -m em --prior-kappa=1 "$faithful"
  expect 2 'vi-fit: --id=waiting: the column of the weights cannot be the id as well' --id=waiting --weights=waiting "$faithful"
  printf 'a\tb\n1\t2\n2\t7\n3\t3\n4\t9\n' >t.tsv
  for c in TAB tab '\t'; do
    fit -k 1 -c a,b --separator="$c" t.tsv
    is_status 0
    has err "separator 'TAB'"
  done
  cp "$faithful" f.csv
  expect 2 'vi-fit: f.csv: --columns=2-1: empty range' -c 2-1 f.csv
  expect 2 'vi-fit: f.csv: --columns=!3: the columns are numbered 1 to 2' -c '!3' f.csv
}

# What a message advises can be pasted into a shell.
@test "names are quoted in advice" {
  printf 'v,"a,b",c d\n1,x,p\n2,y,q\n3,x,p\n7,y,p\n' >t.csv
  fit -k 1 t.csv
  is_status 0
  has err "--categorical='\"a,b\"','c d'"
  eval "fit -k 1 $(sed -n 's/.*\(--categorical=.*\)/\1/p' err) t.csv"
  is_status 0
  has err '2 categorical columns: a,b, c d'
  fit check t.csv
  has out "use --categorical='\"a,b\"'"
  printf 'n' >w.csv
  for i in $(seq 17); do printf ',name%02d' $i >>w.csv; done
  printf '\n1' >>w.csv
  for i in $(seq 17); do printf ',x' >>w.csv; done
  printf '\n5' >>w.csv
  for i in $(seq 17); do printf ',y' >>w.csv; done
  printf '\n' >>w.csv
  fit -k 1 w.csv
  like err 'left out 17 text columns; .*,name17$'
}

# A suggestion must itself be an option.
@test "every suggestion parses" {
  suggested=0
  for word in componet colums covarianc weigths-prior start-s max-itr treads verbos; do
    fit --$word=1 "$faithful"
    is_status 2
    suggestion=$(sed -n "s/.*did you mean '\(--[a-z-]*\)'?.*/\1/p" err)
    [ -n "$suggestion" ] || continue
    suggested=$((suggested + 1))
    "$VI_FIT" --help >help
    like help " $suggestion[= ]"
  done
  [ "$suggested" -ge 6 ]
}

@test "help of a verb, and verbs that write to standard output" {
  fit help predict
  is_status 0
  cp out one
  fit predict --help
  cmp one out
  fit help
  cp out one
  fit --help
  cmp one out
  expect 2 "vi-fit help: no verb 'nothing'; see vi-fit --help" help nothing
  fit --help
  tr -s '\n ' '  ' <out >flat
  for v in 'check (look at data)' 'predict (label rows)' 'help (of a verb)'; do has flat "$v"; done
  # the texts of the options begin under each other
  [ "$(grep -cE '^  (-.,|   ) --.{18} [^ ]' out)" -eq "$(grep -cE '^  (-.,|   ) --' out)" ]
  expect 2 'vi-fit sample: -o: vi-fit sample writes to standard output; redirect it: > FILE' sample -o x m.json
  expect 2 'vi-fit predict: --output=x: vi-fit predict writes to standard output; redirect it: > FILE' predict --output=x m.json
}

@test "hostile bytes do not reach the terminal" {
  printf '\033[31mx,y\n1,2\n3,1\n2,5\n' >t.csv
  fit -k 1 t.csv
  is_status 0
  hasnt out $'\033'
  hasnt err $'\033'
  has out '\x1b[31mx'
  for f in "$data"/nasty/*.csv; do
    status=0
    "$VI_FIT" -k 1..2 --starts=2 "$f" >out 2>err || status=$?
    case $status in 0 | 1 | 3) ;; *) echo "$f"; show; return 1 ;; esac
    if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037]')" out err; then echo "$f"; return 1; fi
    if [ "$status" -eq 0 ] && grep -qiE '\b-?nan\b' out; then echo "$f"; show; return 1; fi
  done
}

@test "a header made of numbers, empty columns, arrays without separators" {
  printf '5.1,3.5,1.4,O.2\n4.9,3.0,1.4,0.2\n4.7,3.2,1.3,0.3\n4.6,3.1,1.5,0.2\n5.0,3.6,1.4,0.4\n5.4,3.9,1.7,0.3\n' >c7.csv
  fit -k 1 c7.csv
  is_status 0
  has err 'vi-fit: warning: c7.csv: 3 of 4 names in the header are numbers (5.1, ...)'
  has err 'if it is a row of data with a slip: --header=no; if it is a header: --header=yes'
  fit check c7.csv
  has err '3 of 4 names in the header are numbers'
  fit -k 1 --header=yes c7.csv
  hasnt err 'names in the header'
  printf 'x,y,z\n1,,\n2,,NA\n4,,\n3,,\n' >empty.csv
  fit -k 1 empty.csv
  is_status 0
  has err 'vi-fit: left out 2 empty columns: y, z'
  has err 'vi-fit: using 1 numeric column: x; no missing values'
  fit check --cache=c.npy "$faithful"
  fit -k 1 c.npy
  has err 'vi-fit: c.npy: 272 rows of a NumPy array'
  hasnt err separator
  fit check c.npy
  like out '^NumPy array, 272 rows'
  printf 'x\n$5\n$6\n' >money.csv
  expect 1 'vi-fit: money.csv: no numeric column (x: text, line 2: "$5"); to model categories: --categorical=x' money.csv
}

@test "rows with missing cells are counted in the record and on the page" {
  printf 'x,y\n1,2\n2,NA\n3,4\nNA,NA\n5,7\n6,6\n' >t.csv
  fit -q -k 1 --missing=drop --report -o run t.csv
  is_status 0
  has run.model.json '"rows_with_missing": 2'
  like run.html 'rows with missing cells[^0-9]*2[^0-9]'
}

@test "what R writes by default" {
  printf '"eruptions" "waiting"\n"1" 3.6 79\n"2" 1.8 54\n"3" 3.333 74\n"4" 2.2 60\n' >r.txt
  fit -k 1 r.txt
  is_status 0
  has err "vi-fit: using 2 numeric columns: eruptions, waiting; no missing values"
  fit -q -k 1 --id=row.names -o run r.txt
  is_status 0
  like run.labels.csv '^row\.names,row,'
}
