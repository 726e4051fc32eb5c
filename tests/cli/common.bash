# SPDX-License-Identifier: GPL-3.0-or-later
# What the command-line tests share.  VI_FIT is the program, data the folder of small data sets.
data=$BATS_TEST_DIRNAME/../data
faithful=$data/faithful.csv
: "${VI_FIT:=vi-fit}"
# run !
bats_require_minimum_version 1.5.0

# Run vi-fit; standard output goes to the file out, standard error to err, the exit code to $status.
fit() {
  status=0
  "$VI_FIT" "$@" >out 2>err || status=$?
}

# Complain with what was seen.
show() {
  echo "status $status"
  echo "--- out"; head -50 out
  echo "--- err"; head -50 err
}

is_status() {
  [ "$status" -eq "$1" ] || { show; return 1; }
}

# A fixed text in a file.
has() {
  grep -qF -- "$2" "$1" || { echo "not in $1: $2"; show; return 1; }
}

hasnt() {
  ! grep -qF -- "$2" "$1" || { echo "in $1: $2"; show; return 1; }
}

# A regular expression in a file.
like() {
  grep -qE -- "$2" "$1" || { echo "not in $1: $2"; show; return 1; }
}

# Every title of the script NAME.gp stands in the picture NAME.svg: gnuplot leaves out what it has no
# room for.
has_titles() {
  grep -oE " title '([^']|'')+'" "$1.gp" | sed -e "s/^ title '//" -e "s/'$//" -e "s/''/'/g" \
    -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' >"$1.titles"
  while read -r title; do has "$1.svg" "$title" || return 1; done <"$1.titles"
}

# No line of a file matches a regular expression.
unlike() {
  ! grep -qE -- "$2" "$1" || { echo "in $1: $2"; show; return 1; }
}

# What another program thinks of a file, where that program is; t-tests.sh says where it is not.
looks_well() {
  ! command -v "$1" >/dev/null || "$@" 2>&1 || { echo "$* complains"; return 1; }
}

# need PROGRAM: skip the test where it is missing
need() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Wait until a command succeeds, for half a minute at most.
await() {
  for _ in $(seq 600); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  echo "in vain: $*"
  return 1
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  unset COLUMNS NO_COLOR
}
