#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# callgrind.sh -- count instructions of small fixed runs: make bench-count.  Counts do not depend
# on what else the machine does, so a slowdown shows that timings would hide.  Writes
# bench-count.json.  One thread and AVX2, because valgrind knows no AVX-512.
set -eu
export LC_ALL=C OMP_NUM_THREADS=1 ELBO_ISA=avx2
: "${ELBO_BENCH:=bench/elbo-bench}" "${VI_FIT:=./vi-fit}" "${LIBTOOL:=./libtool}" "${srcdir:=.}"
command -v valgrind >/dev/null || {
  echo "bench-count: valgrind is missing (Debian: valgrind)" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count NAME PROGRAM ARGUMENT...: instructions of one run
count () {
  name=$1
  shift
  # shellcheck disable=SC2086 # libtool is a command with arguments
  $LIBTOOL --mode=execute valgrind --tool=callgrind --callgrind-out-file="$work/out" "$@" \
    >"$work/stdout" 2>"$work/stderr" || { cat "$work/stderr" >&2; exit 1; }
  awk -v name="$name" '/Collected/ {
    printf "{\"run\": \"%s\", \"instructions\": %.0f}\n", name, $NF }' "$work/stderr" \
    | tee -a "$work/lines"
}

# The difference of two runs is what the iterations alone take.
count "S em 2 passes" "$ELBO_BENCH" -w 1 -r 1 S
count "S em 4 passes" "$ELBO_BENCH" -w 1 -r 3 S
count "S vb 2 passes" "$ELBO_BENCH" -m vb -w 1 -r 1 S
count "S vb 4 passes" "$ELBO_BENCH" -m vb -w 1 -r 3 S
count "faithful vb" "$VI_FIT" -q -k 2 -m vb --starts=1 -j 1 "$srcdir/examples/data/faithful.csv"
"$ELBO_BENCH" --write-csv "$work/S.csv" -n 5000 S
count "check 5000 x 8 csv" "$VI_FIT" check -q "$work/S.csv"

{
  echo '['
  sed '$!s/$/,/' "$work/lines"
  echo ']'
} >bench-count.json
awk -F'"instructions": ' '{ n[NR] = $2 + 0 }
  END { printf "an EM iteration of S: %.0f, a VB iteration of S: %.0f\n", (n[2] - n[1]) / 2,
               (n[4] - n[3]) / 2 }' "$work/lines"
echo "written: bench-count.json"
