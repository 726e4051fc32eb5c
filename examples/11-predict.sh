#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Label new rows and flag those that are like no other.  Usage: sh 11-predict.sh
. "$(dirname "$0")/walk.sh"

say 'Fit the first 200 eruptions and keep the model; the other 72 are new.'
head -201 faithful.csv >old.csv
{ head -1 faithful.csv; tail -72 faithful.csv; } >new.csv
run -q -k 2 --no-plot -o old old.csv
check 'the model is there' test -s old.model.json

say 'Columns are matched by name; the responsibilities p1, p2 are those of an E half-step, and' \
  'log_density is the exact predictive density of the row.'
run predict old.model.json new.csv | head -5
cp shown labels.csv
check 'each of the 72 rows has a label, the more probable one' \
  awk -F, 'NR > 1 { n++; if ($3 != ($5 > $6 ? 1 : 2)) bad = 1 } END { exit bad || n != 72 }' labels.csv

say 'A summary, to compare with the rows that the model has seen: a model that has learned its' \
  'rows by heart would think much less of new ones.'
run predict --summary old.model.json old.csv
seen=$(awk '/^mean log density/ { print $4 }' shown)
run predict --summary old.model.json new.csv
unseen=$(awk '/^mean log density/ { print $4 }' shown)
check "new rows are nearly as probable as old ones: $unseen and $seen" \
  awk "BEGIN { exit !($unseen > $seen - 0.3 && $unseen < 0) }"

say 'Now three rows by hand: an eruption of seven minutes, one after hours of waiting, and one that' \
  'is nothing special.'
printf 'eruptions,waiting\n7.0,80\n4.4,150\n4.4,81\n' >odd.csv
run predict --outliers=0.001 old.model.json odd.csv
check 'the first two are flagged, the third is not' \
  awk -F, 'NR > 1 { flags = flags $NF } END { exit flags != "110" }' shown
check 'although their component is certain: only the density tells' \
  awk -F, 'NR > 1 { n++; if ($4 < 0.99 || (n < 3 && $7 > -15)) bad = 1 } END { exit bad || n != 3 }' \
  shown

say 'About one ordinary row in a hundred is beyond the 1 % point.'
"$vi_fit" predict --outliers=0.01 old.model.json faithful.csv >flags.csv || exit 1
awk -F, 'NR > 1 { n += $NF } END { print n " of 272 rows flagged" }' flags.csv
check 'between one and eight of 272 are flagged' \
  awk -F, 'NR > 1 { n += $NF } END { exit !(n >= 1 && n <= 8) }' flags.csv
