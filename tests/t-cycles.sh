#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-cycles.sh -- no file uses itself round a corner: what nm says of the objects holds no cycle
# between the files of a room and none between rooms.  HACKING.md, "Rooms".

build=${top_builddir:-.}
top=${srcdir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
echo 1..4
# shellcheck source=tests/report.sh
. "$top/tests/report.sh"

# Objects of the library (as libtool keeps them for archives) and of the program.
for source in "$top"/src/*/*.c "$top"/src/vi-fit/*/*.c; do
  file=${source#"$top"/src/}
  file=${file%.c}
  folder=$build/src/${file%/*}
  for object in "$folder/.libs/${file##*/}.o" "$folder/${file##*/}.o" \
    "$folder"/.libs/*-"${file##*/}.o" "$folder"/*-"${file##*/}.o"; do
    [ -f "$object" ] || continue
    ${NM:-nm} "$object" | awk -v file="$file" 'NF == 2 && $1 == "U" { print file, "U", $2 }
      NF == 3 && $2 ~ /[A-TV-Z]/ { print file, "D", $3 }'
    break
  done
done >"$work/symbols"

# USER USED SYMBOL: which file uses which other one
awk '$2 == "D" { home[$3] = $1 } $2 == "U" { n++; user[n] = $1; symbol[n] = $3 }
     END { for (i = 1; i <= n; i++)
             if (symbol[i] in home && home[symbol[i]] != user[i])
               print user[i], home[symbol[i]], symbol[i] }' "$work/symbols" | sort -u >"$work/uses"

objects=$(awk '{ print $1 }' "$work/symbols" | sort -u | wc -l)
: >"$work/found"
[ "$objects" -gt 120 ] || echo "only $objects objects" >"$work/found"
[ "$(wc -l <"$work/uses")" -gt 500 ] || echo "only $(wc -l <"$work/uses") uses" >>"$work/found"
report "the objects were read"

# cycles: of "FROM TO SYMBOL" lines, what is left when those that use nothing, and those that
# nothing uses, are taken away again and again
cycles () {
  awk '$1 != $2 { from[++n] = $1; to[n] = $2; what[n] = $3 }
    END {
      do {
        changed = 0
        split ("", uses); split ("", used)
        for (i = 1; i <= n; i++) if (!gone[i]) { uses[from[i]] = 1; used[to[i]] = 1 }
        for (i = 1; i <= n; i++)
          if (!gone[i] && (!(to[i] in uses) || !(from[i] in used))) { gone[i] = 1; changed = 1 }
      } while (changed)
      for (i = 1; i <= n; i++) if (!gone[i]) print from[i] " uses " what[i] " of " to[i]
    }' | sort -u
}

printf 'a b x\nb c y\nc a z\nc d v\n' | cycles | grep -c uses >"$work/three"
: >"$work/found"
[ "$(cat "$work/three")" = 3 ] || cp "$work/three" "$work/found"
report "a cycle is found"

for room in $(awk '{ print $1; print $2 }' "$work/uses" | sed 's:/[^/]*$::' | sort -u); do
  awk -v room="$room" '
    function of (file) { sub ("/[^/]*$", "", file); return file }
    of($1) == room && of($2) == room' "$work/uses" | cycles
done >"$work/found"
report "no cycle between the files of a room"

awk '
  function of (file) { sub ("/[^/]*$", "", file); return file }
  { print of($1), of($2), $3 }' "$work/uses" | cycles >"$work/found"
report "no cycle between rooms"
