#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# summary.sh BUILD NAME... -- what make check left in the folder BUILD of the test programs NAME:
# names every test that failed, was skipped (and why) or did not run, and ends with
# `PASSED FAILED SKIPPED'.  A program without results failed, as did one with fewer results than its
# plan promises, and one that skips without a reason.
build=$1
shift
for name in "$@"; do
  base=$build/${name%.*}
  echo "program $name"
  # the driver of make check writes its verdicts between the lines of the program, and the .trs last
  [ -f "$base.trs" ] && [ -f "$base.log" ] || continue
  sed -nE -e 's/^1\.\.([0-9]+).*/plan \1/p' \
    -e "s,^(PASS|FAIL|SKIP|XPASS|XFAIL|ERROR): $name ?(.*),result \1 \2,p" "$base.log"
done | awk '
  function close_program() {
    if (program == "")
      return
    # a program that fails also ends with a status: one failure, not two
    if (!fail)
      fail = error
    if (plan == "" || pass + fail + skip == 0) {
      print "did not run: " program
      if (!fail) fail = 1
    } else if (results < plan) {
      print "ran " results " of " plan " tests: " program
      if (fail < plan - results) fail = plan - results
    }
    passed += pass; failed += fail; skipped += skip
  }
  $1 == "program" {
    close_program()
    program = $2; plan = ""; pass = fail = error = skip = results = 0
  }
  $1 == "plan" { plan = $2 }
  $1 == "result" {
    what = $2
    sub (/^result [A-Z]+ */, "")
    if (what == "PASS" || what == "XFAIL") { pass++; results++ }
    else if (what == "SKIP" && /^- .|# *SKIP +./) {
      skip++; results++
      print "skipped: " program ": " $0
    } else if (what == "ERROR" || what == "SKIP") {
      error++
      print (what == "ERROR" ? "failed: " : "skipped without a reason: ") program ": " $0
    } else {
      fail++; results++
      print "failed: " program ": " $0
    }
  }
  END { close_program(); print passed + 0, failed + 0, skipped + 0 }'
