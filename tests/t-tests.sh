#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-tests.sh -- the tests can fail, all of them run, and what cannot run here is named: no line of a
# test whose result bash ignores, no timeout that a loaded machine reaches, no test that is written
# and not registered; and the count of ./setup check (tests/summary.sh) is honest.
# left_out, from make: the registered programs that configure could not provide for.

top=${srcdir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
tests=$top/tests
# programs that the tests use where they are: looks_well PROGRAM in tests/cli, and others
tools=$(sed -n 's/.*looks_well \([a-z]*\) .*/\1/p' "$tests"/cli/*.bats | sort -u)
# shellcheck disable=SC2086 # lists
echo "1..$(set -- $left_out $tools; echo $(($# + 9)))"
# shellcheck source=tests/report.sh
. "$tests/report.sh"

# a negated command fails a test only as its last one: `run !', hasnt and lacks do always
grep -nE '^ *! ' "$tests"/cli/*.ba* | grep -vE '\|\| \{.*return 1; \}$' >"$work/found"
report "no negated command, which bash lets pass"
grep -nE '^ *(\[|test ).*&&' "$tests"/cli/*.ba* >"$work/found"
report "one condition a line: of a list only the last one counts"
grep -nE '^ *if command -v' "$tests"/cli/*.ba* "$tests"/t-*.sh | grep -v 't-tests.sh' >"$work/found"
report "nothing is left out because a program is missing, without a word"
grep -nE '^ *sleep ' "$tests"/cli/*.bats >"$work/found"
report "no test waits for a while and hopes"

grep -n 'tcase_set_timeout' "$tests"/*.c >"$work/found"
report "the time that a test in C may take stands in tests/local.mk only"
for file in "$tests"/*.c; do
  sed -n 's/^START_TEST (\([a-z0-9_]*\))$/\1/p' "$file" | while read -r name; do
    [ "$(grep -cw "$name" "$file")" -ge 2 ] || echo "$file: $name is not added to a case"
  done
done >"$work/found"
report "every test in C is added to a case"
(cd "$tests" && ls t-*.c t-*.sh cli/*.bats) | sed 's/\.c$//' | while read -r name; do
  grep -qE "%D%/$name( |\$)" "$tests/local.mk" || echo "tests/$name is not in tests/local.mk"
done >"$work/found"
report "every test is registered"

# --- the count of ./setup check -------------------------------------------------------------------

# result NAME PLAN RESULT...: what a test program leaves behind
result () {
  name=$1
  echo "1..$2" >"$work/${name%.*}.log"
  shift 2
  for line in "$@"; do
    echo "ok or not, whatever the program says"
    echo "${line%% *}: $name ${line#* }"
  done >>"$work/${name%.*}.log"
  echo ":test-result: PASS" >"$work/${name%.*}.trs"
}
result good 2 'PASS 1 a' 'PASS 2 b'
result skips 2 'PASS 1 a' 'SKIP 2 b # SKIP no gnuplot'
result all.sh 0 'SKIP - no chromium'
result fails 2 'PASS 1 a' 'FAIL 2 b' 'ERROR - exited with status 1'
result short 3 'PASS 1 a' 'ERROR - too few tests run (expected 3, got 1)'
result empty 0 'SKIP '
result killed 2 'PASS 1 a' 'PASS 2 b'
rm "$work/killed.trs"
sh "$tests/summary.sh" "$work" good skips all.sh fails short empty killed nothing >"$work/shown"
cat >"$work/wanted" <<'EOF'
skipped: skips: 2 b # SKIP no gnuplot
skipped: all.sh: - no chromium
failed: fails: 2 b
failed: fails: - exited with status 1
failed: short: - too few tests run (expected 3, got 1)
ran 1 of 3 tests: short
skipped without a reason: empty: 
did not run: killed
did not run: nothing
5 6 2
EOF
diff "$work/wanted" "$work/shown" >"$work/found"
report "the count: what did not run has failed, what was skipped is named"

# --- what this machine lacks ----------------------------------------------------------------------

# shellcheck disable=SC2154 # from make
for name in $left_out; do
  skip "$name" "left out: configure found no Check or no bats"
done
for tool in $tools; do
  if command -v "$tool" >/dev/null; then
    : >"$work/found"
    report "$tool looks at what the tests of vi-fit write"
  else
    skip "$tool looks at what the tests of vi-fit write" "$tool is not installed"
  fi
done
if locale -a 2>/dev/null | grep -qi '^de_DE.utf'; then
  : >"$work/found"
  report "numbers are read under a locale with a decimal comma"
else
  skip "numbers are read under a locale with a decimal comma" "no locale de_DE.UTF-8"
fi
