#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Choose the number of components and the covariance.  Usage: sh 10-choose.sh
. "$(dirname "$0")/walk.sh"

say 'Iris: four measures of 150 flowers.  --covariance=auto tries every shape for every K; the' \
  'bounds are of the same rows in the same units, and so they compare.'
run -q --covariance=auto -k 1..4 -c '!Species' iris.csv
check 'full covariances are chosen' grep -q ' full .*<- chosen' shown
check 'the table is sorted, the best first, and P(K|data) is at most 1 in all' \
  awk '$2 ~ /^(full|tied|diag|spherical)$/ && $6 ~ /\// {
         if (n++ && $4 > last) bad = 1
         last = $4; sum += $5 }
       END { exit bad || n < 8 || sum > 1.01 }' shown

say 'The same by hand: a file for each shape, and vi-fit best to name the best of them.'
for shape in full tied diag; do
  run -q --covariance=$shape -k 2..3 -c '!Species' --no-plot -o $shape iris.csv >/dev/null
done
run best full.model.json tied.model.json diag.model.json
check 'vi-fit best agrees' grep -qx 'full.model.json' shown

say 'What a model file knows is printed again by vi-fit summary.  Read more than the choice: K is' \
  'what the model was offered, the line of rows is what it uses.'
run summary full.model.json
check 'K = 3 leads K = 2 by two to five nats' \
  awk '$1 == 2 && $5 ~ /\// { two = $2 } $1 == 3 && /<- chosen/ { three = $2 }
       END { exit !(three > two + 2 && three < two + 5) }' shown
check 'and all of its components have rows: 50 flowers of one kind are apart, the others are cut in two' \
  awk '$1 == "rows" && $2 == "(of" { for (i = 4; i <= NF; i++) { n++; sum += $i; apart += $i == "50.0" } }
       END { exit !(n == 3 && apart == 1 && sum > 149.9 && sum < 150.1) }' shown

say "The trace has every start of every K.  The best end of each K, for full covariances:"
awk -F, 'NR > 1 && $4 == "E" { end[$1 "," $2] = $5 }
         END { for (i in end) { split (i, id, ","); k = id[1]
                 if (!(k in best) || end[i] > best[k]) best[k] = end[i] }
               for (k in best) printf "K = %d  %.6f\n", k, best[k] }' full.trace.csv | sort >ends
cat ends
check 'they are the bounds of the table' \
  awk 'FNR == NR { end["" $3] = $4; next }
       $1 in end && $5 ~ /\// { n++; off = $2 - end[$1]; if (off > 0.006 || off < -0.006) bad = 1 }
       END { exit bad || n != 2 }' ends shown

say 'Not every run of K = 3 found that fit.  A second opinion asks for more starts.'
run -q -k 2..3 --starts=30 -c '!Species' iris.csv
check 'with thirty starts nothing better was found' \
  awk 'FNR == NR { end["" $3] = $4; next }
       $1 in end && $5 ~ /\// { n++; if ($2 > end[$1] + 0.01) bad = 1 }
       END { exit bad || n != 2 }' ends shown
