# SPDX-License-Identifier: GPL-3.0-or-later
# rand.awk -- adjusted Rand index (Hubert and Arabie 1985) of labels with known classes.
#   awk -v columns=1,2 -f rand.awk DATA.csv LABELS
# The classes are the combinations of the columns of DATA.csv, which has a header line and no
# quoted commas; LABELS has one label a line.  1: the same partition; about 0: no better than chance.

function pairs (n) { return n * (n - 1) / 2 }

BEGIN { FS = ","; ncolumns = split (columns, column, ",") }

FNR == NR {
  if (FNR > 1)
    for (i = 1; i <= ncolumns; i++)
      class[FNR - 1] = class[FNR - 1] SUBSEP $(column[i])
  next
}

{ both[class[FNR] SUBSEP $1]++; of_class[class[FNR]]++; of_label[$1]++ }

END {
  for (i in both)
    same += pairs(both[i])
  for (i in of_class)
    classes += pairs(of_class[i])
  for (i in of_label)
    labels += pairs(of_label[i])
  expected = classes * labels / pairs(FNR)
  largest = (classes + labels) / 2
  printf "%.4f\n", largest == expected ? 1 : (same - expected) / (largest - expected)
}
