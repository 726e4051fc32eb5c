#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fit a file and read the report.  Usage: sh 09-fit.sh
. "$(dirname "$0")/walk.sh"

say 'Old Faithful: 272 eruptions, their length and the waiting time to the next, in minutes.' \
  'Look at the file first.'
run check faithful.csv
check 'both columns are numbers and in use' \
  awk '$2 == "number" && $3 == "yes" { n++ } END { exit n != 2 }' shown

say 'Fit it.  Nothing has to be chosen: K = 1, 2, ... is tried until nothing more is gained.'
run -q -o run --no-plot faithful.csv
check 'K = 2 has the highest ELBO of the table' \
  awk '/<- chosen/ { k = $1; chosen = $2 }
       NF >= 6 && $1 ~ /^[0-9]+$/ && $5 ~ /\// { if (n++ == 0 || $2 > best) best = $2 }
       END { exit !(k == 2 && chosen == best && n >= 3) }' shown
check 'nearly all runs of K = 2 found the same optimum' \
  awk '/<- chosen/ { split ($5, found, "/") } END { exit !(found[1] > 0.9 * found[2] && found[2] >= 10) }' shown
check 'about two thirds of the eruptions are long: 4.3 minutes, and then 80 minutes of waiting' \
  awk '$1 == "weight" { w = $2 } $1 == "eruptions" && !e { e = $2 } $1 == "waiting" && !t { t = $2 }
       END { exit !(w > 0.62 && w < 0.67 && e > 4.2 && e < 4.4 && t > 79 && t < 81) }' shown

say 'Three files were written.  Each row has a line in run.labels.csv,'
head -3 run.labels.csv
check '272 rows, and their responsibilities sum to 1' \
  awk -F, 'NR > 1 { n++; off = $4 + $5 - 1; if (off > 1e-12 || off < -1e-12) bad = 1 }
           END { exit bad || n != 272 }' run.labels.csv
check 'the report counts the rows of component 1 alike' \
  awk -F, 'NR > 1 { sum += $4 } END { exit !(sum > 175.15 && sum < 175.25) }' run.labels.csv

say 'and each half-step of each start has one in run.trace.csv, with the bound and its terms.'
head -3 run.trace.csv
check 'the bound never fell by more than rounding (tau)' \
  awk -F, 'NR > 1 { n++; if ($6 != "" && $6 < -$7) bad = 1 } END { exit bad || n < 100 }' run.trace.csv
check 'elbo = reconstruction - the three divergences, line by line' \
  awk -F, 'NR > 1 { off = $5 - ($8 - $9 - $10 - $11); if (off > 1e-8 || off < -1e-8) bad = 1 }
           END { exit bad }' run.trace.csv
