# SPDX-License-Identifier: GPL-3.0-or-later
# report.sh -- for the tests in shell that look for lines which should not be there.  The caller has
# the folder $work and says how many tests follow; it sources this file.
n=0

# skip WHAT WHY: something that cannot be tested here
skip () {
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

# report WHAT: fails when the file `found` in $work holds a line
report () {
  n=$((n + 1))
  if [ -s "$work/found" ]; then
    echo "not ok $n - $1"
    sed 's/^/# /' "$work/found"
  else
    echo "ok $n - $1"
  fi
}
