# SPDX-License-Identifier: GPL-3.0-or-later
# walk.sh -- what the walk-throughs share; they read it with `.'.  Each runs in a folder of its own
# that holds the data, and stops with exit code 1 where the output is not what its text says.
# shellcheck shell=sh
LC_ALL=C
export LC_ALL
unset COLUMNS NO_COLOR
vi_fit=${VI_FIT:-vi-fit}
command -v "$vi_fit" >/dev/null || { echo "$0: no program $vi_fit; VI_FIT names another" >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
# beside this file where it is installed, in data/ in the sources
for data in "$here"/data/*.csv "$here"/*.csv; do
  if [ -f "$data" ]; then cat "$data" >"${data##*/}"; fi
done

# say TEXT...: an explanation, a line each
say () {
  printf '\n'
  printf '# %s\n' "$@"
}

# run ARGUMENT...: show the command and what vi-fit prints, all of it in the file `shown'; its exit
# code is $code
run () {
  printf '$ vi-fit %s\n' "$*"
  code=0
  "$vi_fit" "$@" >shown 2>&1 || code=$?
  cat shown
}

# check WHAT COMMAND...: the command must succeed
check () {
  what=$1
  shift
  if "$@"; then
    printf '=> %s\n' "$what"
  else
    printf '=> NOT SO: %s\n' "$what" >&2
    exit 1
  fi
}
