#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh -- time this build: make bench.  Writes bench.json and prints a table.
#   BENCH_CASES    default "A B C D E F answer"; G takes long and runs only when named
#   BENCH_THREADS  default "1 2"
#   BENCH_TIMED    iterations that are timed, default 5
#   BENCH_PEERS    beside the case answer: default "mclust scikit-learn"
set -eu
export LC_ALL=C
: "${ELBO_BENCH:=bench/elbo-bench}" "${VI_FIT:=./vi-fit}" "${srcdir:=.}"
cases=${BENCH_CASES:-A B C D E F answer}
threads=${BENCH_THREADS:-1 2}
timed=${BENCH_TIMED:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

add () { "$@" >>"$work/lines"; }

for t in $threads; do
  add "$ELBO_BENCH" --peak -t "$t" || echo "bench: no share of dgemm in the table" >&2
done

for c in $cases; do
  if [ "$c" = answer ]; then
    add sh "$srcdir/bench/answer.sh"
    continue
  fi
  for t in $threads; do
    add "$ELBO_BENCH" -r "$timed" -t "$t" "$c"
    case $c in
      B | D) add "$ELBO_BENCH" -r "$timed" -t "$t" -m vb "$c" ;;
    esac
  done
done

# Reading of numbers with 17 digits: by the library, and by the program that also looks at the
# columns.  The file is read once before, so that the disk is not measured.
seconds_of () {
  began=$(date +%s.%N)
  "$@" >/dev/null
  date +%s.%N | awk -v began="$began" '{ print $1 - began }'
}
"$ELBO_BENCH" --write-csv "$work/B.csv" -n 400000 B
bytes=$(wc -c <"$work/B.csv")
for t in $threads; do
  add "$ELBO_BENCH" -t "$t" --read-csv "$work/B.csv"
  for _ in 1 2 3; do
    OMP_NUM_THREADS=$t seconds_of "$VI_FIT" check -q "$work/B.csv"
  done | sort -n | awk -v t="$t" -v bytes="$bytes" 'NR == 2 {
    printf "{\"program\": \"vi-fit\", \"case\": \"csv\", \"method\": \"check\", "
    printf "\"threads\": %d, \"seconds\": %.6g, \"mb_per_s\": %.4g}\n", t, $1, 1e-6 * bytes / $1 }' \
    >>"$work/lines"
done

{
  echo '['
  sed '$!s/$/,/' "$work/lines"
  echo ']'
} >bench.json
awk -v what=bench -f "$srcdir/bench/table.awk" "$work/lines"
echo "load of the machine: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || uptime)"
echo "written: bench.json"
