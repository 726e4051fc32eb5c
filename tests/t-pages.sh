#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-pages.sh -- lesson.html and report.html in a real browser, from file:// with the network off: the
# slider is moved, keys are pressed, and what is shown is compared with trace and model files.
# ELBO_SHOTS names a folder for pictures of the pages.

top=${srcdir:-.}
VI_FIT=${VI_FIT:-./vi-fit}
for chromium in chromium-headless-shell chromium chromium-browser google-chrome ''; do
  command -v "$chromium" >/dev/null 2>&1 && break
done
if [ -z "$chromium" ]; then
  echo "1..0 # SKIP no chromium (Debian: apt install chromium-headless-shell)"
  exit 0
fi
if ! command -v node >/dev/null 2>&1; then
  echo "1..0 # SKIP no node (Debian: apt install nodejs)"
  exit 0
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# page NAME OPTION...: NAME.html, NAME.csv (its trace) and NAME.model.json by the same options
page () {
  name=$1
  shift
  "$VI_FIT" steps -q -o "$work/$name.html" --trace="$work/$name.csv" "$@" &&
    "$VI_FIT" -q --no-plot --search=starts -o "$work/$name" "$@" >/dev/null || exit 99
}
page em -m em -k 2 "$top/tests/data/faithful.csv"
page map -m map -k 3 -c 1-4 "$top/tests/data/iris.csv"
page vb "$top/tests/data/faithful.csv"
page one -k 2 -c 1 "$top/tests/data/faithful.csv"
page words -k 2 -c Species --categorical=Species "$top/tests/data/iris.csv"
"$VI_FIT" -q -k 1..3 --report -o "$work/report" "$top/tests/data/faithful.csv" >/dev/null || exit 99
node "$top/tests/pages.js" "$chromium" "$work" "$ELBO_SHOTS"
