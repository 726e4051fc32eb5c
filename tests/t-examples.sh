#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-examples.sh -- the examples that check themselves say that all is well: exit code 0.  Every
# program and walk-through is on the list of examples/README, and that list names nothing else.

top=${srcdir:-.}
build=${top_builddir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
faithful=$(cd "$top/examples/data" && pwd)/faithful.csv
programs='05-vb-by-hand 06-half-steps 07-dirichlet-process 08-own-family'
walks=$(cd "$top/examples" && ls [0-9]*.sh)

# shellcheck disable=SC2086 # lists
set -- $programs $walks
echo 1..$(($# + 1))
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

for example in "$@"; do
  case $example in
    *.sh) sh "$top/examples/$example" ;;
    *) "$build/examples/$example" "$faithful" ;;
  esac >"$work/shown" 2>&1 </dev/null
  code=$?
  : >"$work/found"
  [ $code -eq 0 ] || { tail -20 "$work/shown"; echo "exit code $code"; } >"$work/found"
  [ "$(wc -l <"$work/shown")" -ge 3 ] || echo "it shows nothing" >>"$work/found"
  report "$example"
done

(cd "$top/examples" && ls [0-9]*.c [0-9]*.sh) | sort >"$work/there"
sed -n 's/^  \([0-9][^ ]*\) .*/\1/p' "$top/examples/README" | sort >"$work/listed"
{ comm -3 "$work/there" "$work/listed"; [ -s "$work/there" ] || echo "no examples"; } >"$work/found"
report "examples/README lists every example"
