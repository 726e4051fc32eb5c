#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Interruptions: the best fit so far is kept.
load common

# A search that lasts minutes; interrupted after its first results.
begin() {
  "$VI_FIT" -k 1..200 --starts=200 --max-iter=100000 --tol=0 -o run "$data/quakes.csv" >out 2>err 3>&- &
  pid=$!
  await grep -q 'K=1:' err
}

# Does the process $pid run vi-fit, and handle SIGINT?  Bit 1 of SigCgt is signal 2.
handles_sigint() {
  [ "$(basename "$(readlink "/proc/$pid/exe")" | sed 's/^lt-//')" = vi-fit ] || return 1
  [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$pid/status") & 2)) -ne 0 ]
}

@test "SIGINT: the best so far is written, status 130" {
  begin
  kill -INT $pid
  status=0
  wait $pid || status=$?
  is_status 130
  like err '^vi-fit: interrupted: wrote the best fit so far \(K = [0-9]+, ELBO -[0-9.]+\) to run\.model\.json$'
  has run.model.json '"interrupted": true'
  fit summary run.model.json
  is_status 0
  [ -s run.model.json ]
  [ -s run.labels.csv ]
  [ -s run.trace.csv ]
}

@test "SIGTERM: status 143" {
  begin
  kill -TERM $pid
  status=0
  wait $pid || status=$?
  is_status 143
  has run.model.json '"interrupted": true'
}

@test "a second SIGTERM at once does not kill what the first one ends" {
  begin
  kill -TERM $pid
  # until it has arrived: two that wait would be one
  for i in $(seq 100); do
    if grep -q '^ShdPnd:.*[1-9a-f]' /proc/$pid/status; then sleep 0.01; else break; fi
  done
  kill -TERM $pid || true
  status=0
  wait $pid || status=$?
  is_status 143
  like err 'interrupted: wrote the best fit so far'
  has run.model.json '"interrupted": true'
}

@test "an interruption while reading ends at once" {
  [ -e /proc/self/status ] || skip "no /proc"
  mkfifo rows
  "$VI_FIT" - <rows >out 2>err 3>&- &
  pid=$!
  # rows that never end
  exec 4>rows
  await handles_sigint
  kill -INT $pid
  status=0
  wait $pid || status=$?
  is_status 130
  exec 4>&-
  has err 'vi-fit: interrupted'
}

# gnuplot that never ends; it says when it has begun.
slow_gnuplot() {
  mkdir -p bin
  printf '#!/bin/sh\necho half of a picture\necho $$ >begun\nexec sleep 60\n' >bin/gnuplot
  chmod +x bin/gnuplot
}

# Run vi-fit with it and send a signal while it draws.
interrupt_drawing() {
  signal=$1
  shift
  rm -f begun
  PATH=$PWD/bin:$PATH "$VI_FIT" "$@" >out 2>err 3>&- &
  pid=$!
  await test -s begun
  kill -"$signal" $pid
  status=0
  wait $pid || status=$?
  # gnuplot has gone too
  if kill -0 "$(cat begun)" 2>/dev/null; then echo 'gnuplot goes on'; return 1; fi
}

@test "a signal while gnuplot draws: status 130 or 143, the old picture stays, nothing is left behind" {
  slow_gnuplot
  fit -q -m em -k 2 --no-plot -o run "$faithful"
  interrupt_drawing INT plot --steps run.model.json
  is_status 130
  [ "$(cat err)" = 'vi-fit plot: interrupted' ]
  [ ! -e run.svg ]
  [ "$(ls run.*)" = "$(printf '%s\n' run.dat run.gp run.labels.csv run.model.json run.trace.csv)" ]
  echo old >run.svg
  interrupt_drawing TERM plot run.model.json
  is_status 143
  [ "$(cat run.svg)" = old ]
  [ "$(ls run.* | wc -l)" -eq 6 ]
  interrupt_drawing INT plot --steps --frames=em run.model.json
  is_status 130
  [ -z "$(ls -A em)" ]
  interrupt_drawing INT demo binary --plot
  is_status 130
  has out '13 checks: all hold.'
  [ "$(ls binary.*)" = "$(printf '%s\n' binary.dat binary.gp)" ]
  interrupt_drawing INT -k 2 -o fresh "$faithful"
  is_status 130
  [ -s fresh.model.json ]
  [ ! -e fresh.svg ]
}
