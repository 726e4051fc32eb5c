#!/usr/bin/env bats
# Interruptions: the best fit so far is kept.
load common

# A search that lasts minutes; interrupted after its first results.
begin() {
  "$VI_FIT" -k 1..200 --starts=200 --max-iter=100000 --tol=0 -o run "$data/quakes.csv" >out 2>err 3>&- &
  pid=$!
  for i in $(seq 300); do
    if grep -q 'K=1:' err; then break; fi
    sleep 0.1
  done
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
  [ -s run.model.json ] && [ -s run.labels.csv ] && [ -s run.trace.csv ]
}

@test "SIGTERM: status 143" {
  begin
  kill -TERM $pid
  status=0
  wait $pid || status=$?
  is_status 143
  has run.model.json '"interrupted": true'
}

@test "an interruption while reading ends at once" {
  (exec 3>&-; sleep 5) | "$VI_FIT" - >out 2>err 3>&- &
  pid=$!
  sleep 0.5
  kill -INT $pid
  status=0
  wait $pid || status=$?
  is_status 130
  has err 'vi-fit: interrupted'
}
