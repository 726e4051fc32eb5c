#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A dirty file, and the options that read it.  No row is left out and no cell is coded silently.
# Usage: sh 12-repair.sh
. "$(dirname "$0")/walk.sh"

cat >dirty.csv <<'END'
day;length;wait;state
1;3,6;79;ok
2;1,8;54;ok
3;3,333;ask;ok
4;2,283;62;ok
5;4,533;85
6;2,883;55;bad
7;4,7;88;ok
8;3,6;85;ok
9;1,95;51;ok
10;4,35;x85;ok
11;1,833;54;ok
12;3,917;84;ok
END
say 'Semicolons, decimal commas, two odd cells and a line that is too short:'
cat dirty.csv

say 'Ask what is wrong.  Each message names the line and the way out; take one after the other.'
run check dirty.csv
check 'line 2 has a decimal comma' grep -q 'dirty.csv:2: .*--decimal=,' shown
check 'and that is an error, exit code 1' test "$code" -eq 1
run check --decimal=, dirty.csv
check 'line 4 has a mark of a missing value that nobody announced' \
  grep -q 'dirty.csv:4: .*"ask"' shown
check 'the way out is told' grep -q -- '--na=ask' shown
run check --decimal=, --na=ask dirty.csv
check 'line 11 has a letter in a number: no announced mark either, so it is told' \
  grep -q 'dirty.csv:11: .*"x85"' shown
run check --decimal=, --na=ask,x85 dirty.csv
check 'the command that fits it leaves out the bad line and the rows with missing cells' \
  grep -q 'to fit: .*--missing=drop --ragged=drop dirty.csv' shown
check 'now the file is understood: one bad line, two missing cells' \
  awk '$1 == "wait" && $4 == 2 { a = 1 } /, 1 bad line/ { b = 1 } END { exit !(a && b) }' shown

say 'A fit asks what to do with them before it leaves anything out.'
run -k 1 --decimal=, --na=ask,x85 dirty.csv
check 'it is refused, exit code 1' test "$code" -eq 1
check 'line 4 has a missing cell' grep -q 'dirty.csv:4: .*missing value' shown
run -k 1 --decimal=, --na=ask,x85 --missing=drop dirty.csv
check 'line 6 has a field too few' grep -q 'dirty.csv:6: .*3 fields' shown
run -k 1 --decimal=, --na=ask,x85 --ragged=drop --missing=drop --id=day --no-plot -o clean dirty.csv
check 'it is fitted' test "$code" -eq 0
check 'what was left out is said' \
  awk '/1 line with a wrong number/ { a = 1 } /2 rows with missing cells/ { b = 1 }
       END { exit !(a && b) }' shown

say 'Each output row names its day and its data row of the file, so that nothing shifts.'
cat clean.labels.csv
check 'days 3, 5 and 10 are not there, the others keep their numbers' \
  test "$(cut -d, -f1 clean.labels.csv | tail -n +2 | tr '\n' ' ')" = '1 2 4 6 7 8 9 11 12 '
