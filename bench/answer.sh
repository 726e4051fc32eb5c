#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# answer.sh -- from a file to the mixture that a program chooses by itself: seconds of the whole
# process, and what it reached.  Prints lines of flat JSON; bench.sh runs it as the case answer.
#   BENCH_THREADS  default "1 2"; the others run once, with as many threads as they take
#   BENCH_PEERS    default "mclust scikit-learn"; of other names it takes no notice
set -eu
export LC_ALL=C
: "${VI_FIT:=./vi-fit}" "${srcdir:=.}"
threads=${BENCH_THREADS:-1 2}
peers=${BENCH_PEERS-mclust scikit-learn}
python=${PYTHON:-/usr/bin/python3}
data=$srcdir/tests/data
scripts=$srcdir/bench/peers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Data sets: name, first and last column of the measurements, columns of the known classes.
sets='faithful 1 2 -
iris 1 4 5
wine 1 13 14
crabs 4 8 1,2
quakes 1 3 -
wreath 1 2 -'

# Runs a command and prints the seconds that it took; its output goes to the file "reached".
seconds_of () {
  began=$(date +%s.%N)
  "$@" >"$work/reached" 2>"$work/errors" || return
  date +%s.%N | awk -v began="$began" '{ print $1 - began }'
}

failed () {
  echo "bench: answer: failed: $*" >&2
  cat "$work/errors" >&2
}

# Ends a line: adjusted Rand index of the labels with the known classes, where there are some.
agreement () {
  [ "$classes" != - ] || { echo null; return; }
  awk -v columns="$classes" -f "$srcdir/bench/rand.awk" "$data/$set.csv" "$work/labels"
}

line () { # program method threads seconds ncomp value
  printf '{"program": "%s", "case": "answer", "set": "%s", "method": "%s", "threads": %s, ' \
    "$1" "$set" "$2" "$3"
  printf '"seconds": %.6g, "ncomp": %d, "value": %.12g, "rand": %s}\n' "$4" "$5" "$6" "$(agreement)"
}

# vi-fit ends with 3 when the chosen fit has not converged: that counts.
fit () { "$VI_FIT" -q "$@" || [ $? = 3 ]; }

# The value is the ELBO (vb) or the log-likelihood (em); seconds are the median of three.
ours () { # method threads
  for _ in 1 2 3; do
    seconds_of fit -m "$1" -j "$2" --columns="$first-$last" --no-plot -o "$work/fit" "$data/$set.csv"
  done | sort -n >"$work/seconds"
  [ "$(wc -l <"$work/seconds")" = 3 ] || { failed "vi-fit -m $1 $set"; return; }
  awk -F, 'NR > 1 { print $2 }' "$work/fit.labels.csv" >"$work/labels"
  line vi-fit "$1" "$2" "$(sed -n 2p "$work/seconds")" \
    "$(sed -n 's/.*"model": {.*"components": \([0-9]*\).*/\1/p' "$work/fit.model.json")" \
    "$(sed -n 's/.*"fit": {"elbo": \([^,]*\),.*/\1/p' "$work/fit.model.json")"
}

# Peers print program, components and log-likelihood, tab separated, and write their labels.
peer () { # command
  if seconds=$(seconds_of "$@" "$data/$set.csv" "$first" "$last" "$work/labels"); then
    IFS='	' read -r program ncomp value <"$work/reached"
    line "$program" em 0 "$seconds" "$ncomp" "$value"
  else failed "$@"; fi
}

ready=
for name in $peers; do
  case $name in
    mclust)
      if Rscript -e 'library(mclust)' >/dev/null 2>&1; then ready="$ready $name"
      else echo "bench: answer: no mclust (Debian: r-cran-mclust)" >&2; fi ;;
    scikit-learn)
      if "$python" -c 'import sklearn.mixture' 2>/dev/null; then ready="$ready $name"
      else echo "bench: answer: no scikit-learn (Debian: python3-sklearn)" >&2; fi ;;
  esac
done

echo "$sets" | while read -r set first last classes; do
  for t in $threads; do
    ours vb "$t"
    ours em "$t"
  done
  for name in $ready; do
    case $name in
      mclust) peer Rscript "$scripts/answer.R" ;;
      scikit-learn) peer "$python" "$scripts/answer.py" ;;
    esac
  done
done
