# SPDX-License-Identifier: GPL-3.0-or-later
# table.awk -- tables from lines of flat JSON (elbo-bench and bench/peers/*).
#   awk -v what=bench -f table.awk LINES      this build
#   awk -v what=peers -f table.awk LINES      ratios, Markdown; status 1 when results disagree

function get (key, at, rest) {
  at = index ($0, "\"" key "\": ")
  if (!at)
    return ""
  rest = substr ($0, at + length (key) + 4)
  if (rest ~ /^"/) {
    rest = substr (rest, 2)
    return substr (rest, 1, index (rest, "\"") - 1)
  }
  match (rest, /^(\[[^]]*\]|[^,}]*)/)
  return substr (rest, 1, RLENGTH)
}

function off (x, y) {
  y += 0
  x = (x - y) / y
  return x < 0 ? -x : x + 0
}

{
  program = get("program"); id = get("case") " " get("method"); t = get("threads")
  seconds = get("seconds")
}

# --- this build

get("method") == "peak" { peak[t] = get("gflops"); blas[t] = program; next }
what == "bench" && get("case") == "answer" {
  agreement = get("rand") == "null" ? "-" : get("rand")
  answer[++nanswer] = sprintf ("%-9s %-22s %7s %8.3f %4d %14.4f %7s", get("set"),
                               program (program == "vi-fit" ? " " get("method") : ""), t > 0 ? t : "-",
                               seconds, get("ncomp"), get("value"), agreement)
  next
}
what == "bench" && get("case") == "csv" {
  csv[++ncsv] = sprintf ("%-28s %2d threads %8.3f s %6.0f MB/s", program " " get("method"), t,
                         seconds, get("mb_per_s"))
  next
}
what == "bench" {
  share = t in peak ? sprintf ("%4.0f %%", 100 * get("gflops") / peak[t]) : "     -"
  sub (/\].*/, "", $0); n = split ($0, part, /[][ ,]+/)
  row[++nrow] = sprintf ("%-5s %2d %10.4f %10.4f", id, t, seconds, get("cpu"))
  row[nrow] = row[nrow] sprintf (" %8.1f %s %8.0f %16s", get("gflops"), share,
                                 get("peak_rss_kib") / 1024, part[n])
  next
}

# --- peers

program ~ /^libelbo/ {
  ours[id, t] = seconds; cpu[id, t] = get("cpu"); memory[id, t] = get("peak_rss_kib")
  path = get("loglik_per_row"); gsub (/[][ ]/, "", path)
  n = split (path, part, ",")
  for (i = 1; i <= n; i++)
    value[id, i] = part[i]
  next
}
what == "peers" {
  v = get("loglik_per_row"); pass = get("at_pass"); allowed = get("allowed") + 0
  agree = "not compared"
  if (v == "") # files: nothing to compare
    agree = "-"
  else if ((id, pass) in value) {
    agree = sprintf ("%.1e", off(v, value[id, pass]))
    if (off(v, value[id, pass]) > allowed || v !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/) {
      agree = agree " (DISAGREES)"
      bad++
    }
  } else
    bad++
  ratio = (id, t) in ours ? sprintf ("%.1f", seconds / ours[id, t]) : "-"
  used = cpu[id, t] > 0 ? sprintf ("%.1f", get("cpu") / cpu[id, t]) : "-"
  row[++nrow] = sprintf ("| %s | %d | %.4f | %s | %.4f | **%sx** | %sx | %.0f / %.0f | %s |", id, t,
                         ours[id, t], program, seconds, ratio, used, memory[id, t] / 1024,
                         get("peak_rss_kib") / 1024, agree)
}

END {
  if (what == "bench") {
    for (t in peak)
      printf "dgemm, %s, %d threads: %.0f GFLOP/s\n", blas[t], t, peak[t]
    print "case  threads  s/iteration cpu s    GFLOP/s of dgemm  MiB  log-likelihood a row"
  } else {
    print "| case | threads | libelbo, s | program | s | ratio | of processor time | MiB, ours / theirs | log-likelihoods differ by |"
    print "|---|---|---|---|---|---|---|---|---|"
  }
  for (i = 1; i <= nrow; i++)
    print row[i]
  for (i = 1; i <= ncsv; i++)
    print csv[i]
  if (nanswer)
    print "answer    program                threads  seconds    K          value    Rand"
  for (i = 1; i <= nanswer; i++)
    print answer[i]
  exit bad > 0
}
