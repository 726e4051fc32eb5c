#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# peers.sh -- the same iterations by other programs, in the same run: make bench-peers.  Checks
# that the log-likelihoods agree, writes bench-peers.json and the table bench-peers.md.
#   BENCH_CASES    default "A B C D E csv job"; csv reads 1e6 x 16 numbers of 17 digits, job is
#                  the whole way from that file to a fit by VB, K = 16, ten iterations
#   BENCH_THREADS  default "1 2"
#   BENCH_PEERS    default "scikit-learn armadillo vlfeat mclust pandas fread"
#   BENCH_SLOW     1: also what takes minutes an iteration (mclust C, E)
#   BENCH_DATA     a directory to keep the data in (1.1 GB); default: a temporary one
# A program that is not installed is named with its Debian package and left out.
set -eu
export LC_ALL=C
: "${ELBO_BENCH:=bench/elbo-bench}" "${VI_FIT:=./vi-fit}" "${srcdir:=.}" "${CC:=gcc}" "${CXX:=g++}"
cases=${BENCH_CASES:-A B C D E csv job}
threads=${BENCH_THREADS:-1 2}
peers=${BENCH_PEERS:-scikit-learn armadillo vlfeat mclust pandas fread}
scripts=$srcdir/bench/peers
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
data=${BENCH_DATA:-$work}
: >"$work/lines"

# Peers get the fastest BLAS kernel for this processor: OpenBLAS takes a slow one when it does not
# know the processor.
if grep -q avx512f /proc/cpuinfo 2>/dev/null; then
  export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE:-SkylakeX}"
elif grep -q avx2 /proc/cpuinfo 2>/dev/null; then
  export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE:-Haswell}"
fi

# --- which are there ---------------------------------------------------------------------------

ready=
without () { echo "bench-peers: no $1 (Debian: $2)" >&2; }
for peer in $peers; do
  case $peer in
    scikit-learn)
      if "$python" -c 'import sklearn.mixture' 2>/dev/null; then ready="$ready $peer"
      else without scikit-learn python3-sklearn; fi ;;
    armadillo)
      if $CXX -O3 -march=native -fopenmp -DARMA_NO_DEBUG -DARMA_USE_OPENMP \
        -o "$work/armadillo" "$scripts/armadillo.cpp" -larmadillo 2>/dev/null
      then ready="$ready $peer"; else without Armadillo libarmadillo-dev; fi ;;
    vlfeat)
      if $CC -O3 -fopenmp -o "$work/vlfeat" "$scripts/vlfeat.c" -lvl -lm 2>/dev/null
      then ready="$ready $peer"; else without VLFeat libvlfeat-dev; fi ;;
    mclust)
      if Rscript -e 'library(mclust)' >/dev/null 2>&1; then ready="$ready $peer"
      else without mclust r-cran-mclust; fi ;;
    pandas)
      if "$python" -c 'import pandas' 2>/dev/null; then ready="$ready $peer"
      else without pandas python3-pandas; fi ;;
    fread)
      if Rscript -e 'library(data.table)' >/dev/null 2>&1; then ready="$ready $peer"
      else without data.table r-cran-data.table; fi ;;
    *) echo "bench-peers: no peer '$peer'" >&2; exit 1 ;;
  esac
done

# --- runs --------------------------------------------------------------------------------------

add () {
  if "$@" >"$work/line"; then cat "$work/line" >>"$work/lines"
  else echo "bench-peers: failed: $*" >&2; fi
}

# Sets kind, and how many iterations each program does: enough for a median where it is fast.
plan () {
  kind=full sk=5 ar=2 mc=2
  case $1 in
    A) ar=4 mc=3 ;;
    C) sk=3 ar=1 mc=1 ;;
    D) kind=diag sk=4 ;;
    E) sk=2 ar=1 mc=1 ;;
    G) sk=0 ar=0 mc=0 ;;
  esac
}

run_peers () {
  case " $ready " in *" scikit-learn "*)
    [ $sk = 0 ] || add "$python" "$scripts/scikit_learn.py" "$data" "$1" em $kind $sk "$2"
    case $1 in B | D)
      add "$python" "$scripts/scikit_learn.py" "$data" "$1" vb $kind 3 "$2" ;;
    esac ;;
  esac
  case " $ready " in *" armadillo "*)
    [ $ar = 0 ] || add "$work/armadillo" "$data" "$1" $kind $ar "$2" ;;
  esac
  case " $ready  $kind " in *" vlfeat "*" diag "*) add "$work/vlfeat" "$data" "$1" 3 "$2" ;; esac
  # mclust uses one thread
  case "$2 $1 ${BENCH_SLOW:-0}" in 1\ [!CE]* | 1\ [CE]\ 1)
    case " $ready " in *" mclust "*)
      [ $mc = 0 ] || add Rscript "$scripts/mclust.R" "$data" "$1" $kind $mc ;;
    esac ;;
  esac
}

run_ours () {
  add "$ELBO_BENCH" -r 5 -t "$2" "$1"
  case $1 in B | D) add "$ELBO_BENCH" -r 5 -t "$2" -m vb "$1" ;; esac
}

have () { case " $ready " in *" $1 "*) return 0 ;; esac; return 1; }

# The file of the cases csv and job, once.
write_file () {
  [ -f "$data/B.csv" ] || "$ELBO_BENCH" --write-csv "$data/B.csv" -n 1000000 B
}

read_file () {
  add "$ELBO_BENCH" -t "$1" --read-csv "$data/B.csv"
  if have fread; then add Rscript "$scripts/fread.R" "$data/B.csv" "$1"; fi
  if have pandas; then add "$python" "$scripts/pandas_csv.py" "$data/B.csv" read "$1"; fi
}

# vi-fit ends with 3 since ten iterations are not enough to converge.
fit_file () {
  began=$(date +%s.%N)
  "$VI_FIT" -q -m vb -k 16 --starts=1 --max-iter=10 -j "$1" "$data/B.csv" >/dev/null || [ $? = 3 ]
  date +%s.%N | awk -v began="$began" -v threads="$1" '{
    printf "{\"program\": \"libelbo vi-fit\", \"case\": \"job\", \"method\": \"vb\", "
    printf "\"threads\": %d, \"seconds\": %.6g}\n", threads, $1 - began }' >>"$work/lines"
  if have pandas && have scikit-learn; then
    add "$python" "$scripts/pandas_csv.py" "$data/B.csv" job "$1" 16 10
  fi
}

for c in $cases; do
  case $c in csv | job)
    write_file
    for t in $threads; do
      export OMP_NUM_THREADS="$t" OPENBLAS_NUM_THREADS="$t"
      if [ "$c" = csv ]; then read_file "$t"; else fit_file "$t"; fi
    done
    continue ;;
  esac
  "$ELBO_BENCH" --write "$data" "$c"
  plan "$c"
  for t in $threads; do
    export OMP_NUM_THREADS="$t" OPENBLAS_NUM_THREADS="$t"
    run_ours "$c" "$t"
    run_peers "$c" "$t"
  done
  [ "$data" != "$work" ] || rm -f "$data/$c.bin" "$data/$c.npy"
done

{
  echo '['
  sed '$!s/$/,/' "$work/lines"
  echo ']'
} >bench-peers.json
status=0
# our lines first: the others are held against them
{ grep '"program": "libelbo' "$work/lines"; grep -v '"program": "libelbo' "$work/lines" || :; } \
  | awk -v what=peers -f "$srcdir/bench/table.awk" >bench-peers.md || status=1
cat bench-peers.md
[ $status = 0 ] || echo "bench-peers: some log-likelihoods disagree or could not be compared" >&2
echo "load of the machine: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || uptime)"
echo "written: bench-peers.json bench-peers.md"
exit $status
