# SPDX-License-Identifier: GPL-3.0-or-later
# pointers.awk TEST HEADER... -- name the pointer arguments of the functions that the headers declare
# which are NULL in no call of the test.  Run by t-sources.sh.

# The text of a file in one line, without comments, strings and lines of the preprocessor.
function clean (file,   text, line, from, to) {
  while ((getline line <file) > 0) {
    if (skip || line ~ /^ *#/) { skip = line ~ /\\$/; continue }
    gsub (/"([^"\\]|\\.)*"/, "S", line)
    text = text " " line
  }
  while ((from = index (text, "/*")) > 0) {
    to = index (substr (text, from), "*/")
    text = substr (text, 1, from - 1) " " substr (text, from + to + 1)
  }
  gsub (/extern S \{/, "", text)
  gsub (/[ \t]+/, " ", text)
  return text
}
# The arguments that stand between the parenthesis at `from` and its partner, in part[1 .. count].
function split_arguments (text, from,   at, c, depth) {
  count = 1
  part[1] = ""
  for (at = from; at <= length (text); at++) {
    c = substr (text, at, 1)
    depth += c ~ /[({]/
    depth -= c ~ /[)}]/
    if (depth == 0) return at
    if (c == "," && depth == 1) part[++count] = ""
    else if (at > from) part[count] = part[count] c
  }
  return at
}
# Declarations: what stands outside braces.
function outside (text,   at, c, depth, kept) {
  for (at = 1; at <= length (text); at++) {
    c = substr (text, at, 1)
    if (c == "{") depth++
    if (depth == 0) kept = kept c
    if (c == "}") { if (depth > 0) depth--; kept = kept ";" }
  }
  return kept
}
function declare (statement,   name, i) {
  if (statement ~ /typedef/ || !match (statement, /elbo_[a-z_]+ \(/)) return
  name = substr (statement, RSTART, RLENGTH - 2)
  split_arguments (statement, RSTART + RLENGTH - 1)
  functions++
  for (i = 1; i <= count; i++)
    if (part[i] ~ /[*[]/) need[name " " i] = 1
}
BEGIN {
  for (f = 2; f < ARGC; f++) {
    n = split (outside (clean (ARGV[f])), statement, ";")
    for (s = 1; s <= n; s++) declare (statement[s])
  }
  test = clean (ARGV[1])
  while (match (test, /elbo_[a-z_]+ \(/)) {
    name = substr (test, RSTART, RLENGTH - 2)
    split_arguments (test, RSTART + RLENGTH - 1)
    for (i = 1; i <= count; i++)
      if (part[i] ~ /^ *NULL *$/) delete need[name " " i]
    test = substr (test, RSTART + RLENGTH)
  }
  for (pointer in need) { split (pointer, w, " "); print w[1] ": argument " w[2] " is NULL nowhere" }
  if (functions < 200) print "too few functions: " functions
}
