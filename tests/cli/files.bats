#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The files of -o, and starts and priors that come from files.
load common

@test "model.json: the keys in their order, valid JSON" {
  fit -q -o run "$faithful"
  is_status 0
  keys=$(grep -oE '^(\{| ) "[a-z_]+":' run.model.json | tr -dc 'a-z_\n' | tr '\n' ' ')
  [ "$keys" = "format format_version written_by command data columns model prior fit components elbo_terms selection warnings " ]
  has run.model.json '"command": ["vi-fit", "-q", "-o", "run", '
  has run.model.json '"method": "vb", "components": 2, "covariance": "full"'
  like run.model.json '"prior": \{"alpha": 1\.0, "kappa": 0\.01, "df": 4\.0, "mean": \[3\.48778308823529'
  like run.model.json '"fit": \{"elbo": -1163\.95295[0-9]+, "converged": true, "iterations": [78], "reason": "tolerance", "seed": 1, "start": [0-9]+, "starts": [0-9]+, "found_again": [0-9]+, "interrupted": false, "criterion": "elbo\+logP"\}'
  like run.model.json '\{"weight": [0-9.e-]+, "alpha": [0-9.e-]+, "kappa": [0-9.e-]+, "df": [0-9.e-]+, "mean": .*, "scale": .*, "covariance": '
  like run.model.json '\{"components": 1, "covariance": "full", "elbo": [0-9.e-]+, "log_p": [0-9.e-]+, "probability": [0-9.e-]+, "found_again": 1, "runs": 1, "iterations": [0-9]+\}'
  digest=$(sha256sum "$faithful" | cut -d' ' -f1)
  has run.model.json "\"sha256\": \"$digest\""
  fit summary --format=json run.model.json
  cmp out run.model.json
}

@test "model.json: jq reads the numbers that the report shows" {
  need jq
  fit -q -k 2 -o run "$faithful"
  is_status 0
  [ "$(jq -r '.components | length' run.model.json)" -eq 2 ]
  [ "$(jq -r '.fit.elbo | . * 100 | round' run.model.json)" -eq -116395 ]
}

@test "what is written has the permissions that the umask leaves" {
  for umask in 077 027 022; do
    (umask $umask; "$VI_FIT" -q -k 2 --report --no-plot -o run$umask "$faithful" >out 2>err)
    for kind in model.json labels.csv trace.csv html; do
      expected=$(printf '%o' $((0666 & ~0$umask)))
      actual=$(stat -c %a run$umask.$kind)
      [ "$actual" = "$expected" ] || { echo "run$umask.$kind: $actual, not $expected"; return 1; }
    done
  done
}

@test "model.json of em: prior null, criteria in the selection" {
  fit -q -m em -k 1..2 -o run "$faithful"
  is_status 0
  has run.model.json '"prior": null'
  like run.model.json '"elbo": -1130\.2639[56][0-9]+, "log_likelihood": -1130\.2639[56][0-9]+, .*"criterion": "bic"'
  like run.model.json '\{"weight": [0-9.e-]+, "mean": \[[^]]*\], "covariance": \[\[[^]]*\], \[[^]]*\]\]\}'
  like run.model.json '\{"components": 2, "covariance": "full", "elbo": [0-9.e-]+, "parameters": 11, "bic": [0-9.]+, "aic": [0-9.]+, "icl": [0-9.]+, "icl_hard": [0-9.]+, "found_again": [0-9]+, "runs": [0-9]+, "iterations": [0-9]+\}'
}

@test "labels.csv and trace.csv: columns, rows, identities" {
  fit -q -k 2 -o run "$faithful"
  [ "$(head -1 run.labels.csv)" = row,component,probability,p1,p2,log_density ]
  [ "$(wc -l <run.labels.csv)" -eq 273 ]
  [ "$(head -1 run.trace.csv)" = k,start,pass,half,elbo,gain,tau,reconstruction,kl_assignments,kl_weights,kl_components,log_prior,log_likelihood,gap,seconds ]
  # p1 + p2 = 1; the bound is the sum of its terms and never falls; each fit begins with an M
  awk -F, 'NR > 1 && ($4 + $5 < 1 - 1e-12 || $4 + $5 > 1 + 1e-12) { bad = 1 } END { exit bad }' run.labels.csv
  awk -F, 'NR > 1 { s = $8 - $9 - $10 - $11 + $12 - $5; if (s > 1e-6 || s < -1e-6) bad = 1
                    if ($6 != "" && $6 < -$7) bad = 2
                    if (($6 == "") != ($3 == 0 && $4 == "M")) bad = 3
                    if ($3 == 0 && $4 != "M" && $4 != "H") bad = 4
                    if ($13 != "" || $14 != "") bad = 5 } END { exit bad }' run.trace.csv
  [ "$(awk -F, 'NR > 1 { print $1 "," $2 }' run.trace.csv | uniq | sort | uniq -d | wc -l)" -eq 0 ]
  fit -q -m em -k 2 --trace=t.csv "$faithful"
  awk -F, 'NR > 1 { g = $13 + $12 - $5 - $14; if (g > 1e-6 || g < -1e-6) bad = 1 } END { exit bad }' t.csv
}

@test "the same bytes for any number of threads" {
  fit -q -k 1..4 -j 1 -o a "$faithful"
  fit -q -k 1..4 -j 3 -o b "$faithful"
  cmp a.labels.csv b.labels.csv
  cmp <(cut -d, -f1-14 a.trace.csv) <(cut -d, -f1-14 b.trace.csv)
  cmp <(grep -v '"command"' a.model.json) <(grep -v '"command"' b.model.json)
}

@test "the same model for any order of rows and any unit" {
  fit -q -k 2 -o a "$faithful"
  { head -1 "$faithful"; tail -n +2 "$faithful" | sort; } >sorted.csv
  fit -q -k 2 -o b sorted.csv
  paste -d, <(tail -n +2 "$faithful") <(tail -n +2 a.labels.csv | cut -d, -f2) | sort >a.txt
  paste -d, <(tail -n +2 sorted.csv) <(tail -n +2 b.labels.csv | cut -d, -f2) | sort >b.txt
  cmp a.txt b.txt
  awk -F, -v OFS=, 'NR > 1 { $1 = 4 * $1; $2 = $2 / 64 } { print }' "$faithful" >units.csv
  fit -q -k 2 -o c units.csv
  cmp <(cut -d, -f1,2 a.labels.csv) <(cut -d, -f1,2 c.labels.csv)
}

@test "weights are copies: 0, 1 and 2 of a row" {
  awk -F, 'NR == 1 { print $0 ",w" } NR > 1 { print $0 "," NR % 3 }' "$faithful" >w.csv
  awk 'NR == 1 { print } NR > 1 { for (i = 0; i < NR % 3; i++) print }' "$faithful" >copies.csv
  fit -q -k 1..3 --weights=w w.csv
  is_status 0
  sed -n '/^  K/,/^ELBO/p' out >one
  fit -q -k 1..3 copies.csv
  sed -n '/^  K/,/^ELBO/p' out | cmp - one
  # also in the count of sure rows
  fit -q -k 2 --weights=w w.csv
  grep 'rows belong' out >one
  fit -q -k 2 copies.csv
  grep 'rows belong' out | cmp - one
}

@test "format=json prints the model and nothing else" {
  fit -q -k 2 -o run --format=json "$faithful"
  is_status 0
  cmp <(grep -v '"command"' out) <(grep -v '"command"' run.model.json)
}

@test "the id is copied; rows keep their numbers when others are left out" {
  printf 'name,x\na,1\nb,NA\n"c,d",2\ne,5\n' >t.csv
  fit -q -k 1 --missing=drop --id=name -o run t.csv
  is_status 0
  [ "$(cut -d, -f1 run.labels.csv | head -1)" = name ]
  [ "$(sed -n 3p run.labels.csv | cut -c1-9)" = '"c,d",3,1' ]
}

@test "files are replaced, or not with --no-clobber; no temporary is left" {
  echo old >run.model.json
  fit -q -k 1 --no-clobber -o run "$faithful"
  is_status 1
  has err 'vi-fit: run.model.json: is there already and is not replaced (--no-clobber)'
  [ "$(cat run.model.json)" = old ]
  fit -q -k 1 -o run "$faithful"
  is_status 0
  for f in run*; do
    case ${f#run} in
      .model.json | .labels.csv | .trace.csv | .svg | .gp | .dat) ;;
      *) echo "left behind: $f"; return 1 ;;
    esac
  done
  fit -q -k 1 -o nowhere/run "$faithful"
  is_status 1
  has err 'vi-fit: nowhere/run.model.json: cannot write: No such file or directory'
}

@test "a file that cannot be written leaves the old one" {
  echo old >run.model.json
  status=0
  (ulimit -f 1; exec "$VI_FIT" -q -k 9 -o run "$faithful" >out 2>err) || status=$?
  is_status 1
  has err 'vi-fit: run.model.json: cannot write: File too large (the old file is unchanged)'
  [ "$(cat run.model.json)" = old ]
  [ "$(ls | grep -c '^run')" -eq 1 ]
}

@test "devices, pipes and descriptors are written to, never replaced" {
  mkfifo pipe
  cat pipe >through &
  fit -q -k 2 --trace=pipe "$faithful"
  is_status 0
  wait
  [ -p pipe ]
  fit -q -k 2 --trace=t.csv "$faithful"
  cmp <(cut -d, -f1-14 through) <(cut -d, -f1-14 t.csv)
  # links, so that a program which gets this wrong does no harm to the machine
  ln -s /dev/null nothing
  mkdir d
  fit -q -k 2 --format=json --trace=/dev/fd/1 "$faithful"
  is_status 0
  [ "$(head -c 8 out)" = k,start, ]
  like out '^\{ "format": "elbo-model"'
  fit -q -k 2 --no-clobber --trace=nothing "$faithful"
  is_status 0
  [ -c nothing ]
  fit -q -k 2 --trace=d "$faithful"
  is_status 1
  has err 'vi-fit: d: cannot write: Is a directory'
}

@test "names that cannot be written are refused before the work" {
  fit -k 2 -o nowhere/run "$faithful"
  is_status 1
  has err 'vi-fit: nowhere/run.model.json: cannot write: No such file or directory'
  hasnt err 'rows, separator'
  fit -k 2 --trace=nowhere/t "$faithful"
  is_status 1
  hasnt err 'rows, separator'
  mkdir d
  for o in d/ . .. ''; do
    fit -k 2 -o "$o" "$faithful"
    is_status 2
    has err 'the beginning of the names of files is needed'
  done
  [ -z "$(ls -A d)" ]
}

@test "a disk that is full: the report is shown all the same" {
  [ -e /dev/full ] || skip "no /dev/full"
  ln -s /dev/full full
  fit -q -k 2 --trace=full "$faithful"
  is_status 1
  has err 'vi-fit: full: cannot write: No space left on device'
  like out '^    waiting +79\.97'
  [ -c full ]
}

@test "a start from labels, responsibilities or a model" {
  awk -F, 'NR == 1 { print "label" } NR > 1 { print ($1 > 3) ? 2 : 1 }' "$faithful" >labels.csv
  fit -q -k 2 -o run --start=labels.csv "$faithful"
  is_status 0
  [ "$(sed -n 2p run.trace.csv | cut -d, -f1-4)" = 2,1,0,M ]
  [ "$(cut -d, -f2 run.trace.csv | sort -u | grep -c '^[0-9]')" -eq 1 ]
  has run.model.json '"starts": 1,'
  cut -d, -f4,5 run.labels.csv >resp.csv
  fit -q -k 2 -o again --start=resp.csv "$faithful"
  is_status 0
  [ "$(sed -n 2p again.trace.csv | cut -d, -f1-4)" = 2,1,0,M ]
  fit -q -k 2 -o model --start=run.model.json "$faithful"
  is_status 0
  [ "$(sed -n 2p model.trace.csv | cut -d, -f1,2,4)" = 2,1,E ]
  fit -q -m em -k 2 --start=run.model.json "$faithful"
  is_status 0
  fit --start=labels.csv "$faithful"
  is_status 2
  fit -k 3 --start=run.model.json "$faithful"
  is_status 1
  printf 'label\n1\n3\n' >bad.csv
  fit -k 2 --start=bad.csv "$faithful"
  is_status 1
  has err 'vi-fit: bad.csv: 2 rows where the data have 272'
  sed '5s/.*/7/' labels.csv >bad.csv
  fit -k 2 --start=bad.csv "$faithful"
  is_status 1
  has err 'vi-fit: bad.csv:5: 7 is not a label 1..2'
  sed '5s/.*/0.5,0.6/' resp.csv >bad.csv
  fit -k 2 --start=bad.csv "$faithful"
  is_status 1
  has err 'vi-fit: bad.csv:5: the responsibilities sum to 1.1, not to 1'
}

@test "a start from labels counts dropped rows" {
  printf 'x\n1\nNA\n2\n9\n10\n8\n' >t.csv
  printf 'label\n1\n1\n1\n2\n2\n2\n' >l.csv
  fit -q -k 2 --missing=drop --start=l.csv -o run t.csv
  is_status 0
  [ "$(cut -d, -f1 run.labels.csv | tr '\n' ' ')" = "row 1 3 4 5 6 " ]
}

@test "a prior from a file and from options" {
  echo '{"alpha": 2, "kappa": 0.5, "df": 7, "mean": [3, 70], "scale": [[1, 0.5], [0.5, 100]]}' >p.json
  fit -q -k 2 --prior=p.json -o run "$faithful"
  is_status 0
  has run.model.json '"prior": {"alpha": 2.0, "kappa": 0.5, "df": 7.0, "mean": [3.0, 70.0], "scale": [[1.0, 0.5], [0.5, 100.0]]}'
  fit -q -k 2 --prior-alpha=2 --prior-kappa=0.5 --prior-df=7 -o run "$faithful"
  like run.model.json '"prior": \{"alpha": 2\.0, "kappa": 0\.5, "df": 7\.0, '
  fit -q -k 2 --covariance=diag --prior-df=7 -o run "$faithful"
  like run.model.json '"shape": \[3\.0, 3\.0\]'
  echo '{"shape": 2, "rate": [0.1, 50], "kappa": [0.1, 0.2]}' >p.json
  fit -q -k 2 --covariance=diag --prior=p.json -o run "$faithful"
  is_status 0
  has run.model.json '"kappa": [0.10000000000000001, 0.20000000000000001], "shape": [2.0, 2.0]'
  echo '{"alpha": [1, 2]}' >p.json
  fit -q -k 2 --prior=p.json -o run "$faithful"
  is_status 0
  like run.model.json '"prior": \{"alpha": \[(1\.0, 2|2\.0, 1)\.0\], '
  fit -q -k 6 --weights-prior=dp --prior-alpha=3 -o run "$faithful"
  has run.model.json '"prior": {"alpha": 3.0, '
}

@test "bad priors" {
  bad() {
    echo "$1" >p.json
    fit -q -k 2 --prior=p.json "$faithful"
    is_status 1
    has err "vi-fit: p.json: not a prior: $2"
  }
  bad '{"kapa": 1}' 'kapa: unknown key'
  bad '{"kappa": -1}' 'kappa: -1 is not above 0'
  bad '{"df": 1}' 'df: 1 is not above 1'
  bad '{"mean": [1]}' 'mean: 2 values are expected, 1 are there'
  bad '{"scale": [[1, 2], [3, 4]]}' 'scale: a symmetric positive definite matrix is expected'
  bad '{"scale": [[1, 2], [2, 1]]}' 'scale: a symmetric positive definite matrix is expected'
  bad '{"kapa": 1}' 'kapa: unknown key; known here: alpha, kappa, df, mean, scale'
  bad '{"kappa": 1, "kappa": 2}' 'line 1 column 20: duplicate object key'
  bad '[1]' 'an object is expected'
  fit -k 2 --prior=nosuch.json "$faithful"
  is_status 1
  has err 'vi-fit: nosuch.json: cannot open: No such file or directory'
}

@test "cells with line ends and quotes are written so that they are read again" {
  {
    printf 'id,x,note\n'
    printf '"a\nb",1,"say ""so"""\n"c\rd",2,"e\r\nf"\n"g,h",5,plain\ni,7,"""\n"""\n'
  } >cells.csv
  fit -q -k 1 --columns=x --id=id --no-plot -o run cells.csv
  is_status 0
  has run.labels.csv $'b",1,1,1,1,'
  fit check cells.csv
  grep -E '^(id|note) ' out >before
  has before 'a\x0ab 1, c\x0dd 1, g,h 1, i 1'
  fit predict run.model.json cells.csv
  is_status 0
  has out $'b",1,"say ""so""",1,1,1,'
  # vi-fit reads what it wrote: the same cells, the same rows
  cp out again.csv
  fit check again.csv
  has out ', 4 rows, 0 bad lines'
  grep -E '^(id|note) ' out >after
  cmp before after
  fit predict run.model.json again.csv
  is_status 0
}

@test "columns: names, numbers, ranges, exclusions, quotes" {
  names() {
    fit -q -k 1 --format=json "$@"
    is_status 0
    sed -n 's/^    {"name": "\(.*\)", "type".*/\1/p' out | tr '\n' '|'
  }
  printf 'a,2,b-c,"d,e",f\n1,5,3,4,9\n2,1,8,1,3\n7,2,1,6,6\n' >t.csv
  [ "$(names t.csv)" = 'a|2|b-c|d,e|f|' ]
  [ "$(names -c f,a t.csv)" = 'f|a|' ]
  [ "$(names -c 2 t.csv)" = '2|' ]
  [ "$(names -c 1 t.csv)" = 'a|' ]
  [ "$(names -c 3-5 t.csv)" = 'b-c|d,e|f|' ]
  [ "$(names -c b-c t.csv)" = 'b-c|' ]
  [ "$(names -c '"d,e",a' t.csv)" = 'd,e|a|' ]
  [ "$(names -c '!a,!f' t.csv)" = '2|b-c|d,e|' ]
  [ "$(names -c '1-4,!b-c' t.csv)" = 'a|2|d,e|' ]
  [ "$(names --id=a --weights=f t.csv)" = '2|b-c|d,e|' ]
}

@test "check --cache: a binary file that fits like the CSV file, bit for bit" {
  fit check --cache=f.npy "$faithful"
  is_status 0
  [ "$(cat f.npy.names)" = "$(head -1 "$faithful" | tr , '\n')" ]
  [ "$(stat -c %a f.npy)" = "$(stat -c %a "$(: >new; echo new)")" ]
  fit -q -k 2 -o csv "$faithful"
  fit -q -k 2 -o npy f.npy
  cmp csv.labels.csv npy.labels.csv
  fit check --cache=nowhere/f.npy "$faithful"
  is_status 1
  has err 'nowhere/f.npy'
}

@test "options that name pipes: what comes out is read as often as it is needed" {
  echo '{"kappa": 1}' >prior.json
  fit -q -k 1..2 --prior=prior.json "$faithful"
  is_status 0
  grep -v 'Nothing was saved' out >one
  fit -q -k 1..2 --prior=<(cat prior.json) "$faithful"
  is_status 0
  grep -v 'Nothing was saved' out | diff - one
  fit -q -k 2 --no-plot -o run "$faithful"
  fit -q -k 2 --start=<(cat run.model.json) "$faithful"
  is_status 0
  like out '^ELBO, K = 2, start 1$'
  cut -d, -f2 run.labels.csv >labels.csv
  mkfifo labels
  cat labels.csv >labels &
  fit -q -k 2 --start=labels "$faithful"
  is_status 0
  fit -q -k 2 --start=nosuch "$faithful"
  is_status 1
  has err 'vi-fit: nosuch: cannot open: No such file or directory'
}

@test "a start from a model of other categories is refused" {
  printf 'u,x\nred,1\ngreen,2\nblue,7\nred,8\ngreen,3\nblue,1\n' >old.csv
  sed 's/red/cat/; s/green/dog/; s/blue/emu/' old.csv >new.csv
  fit -q -k 2 --categorical=u --no-plot -o run old.csv
  fit -q -k 2 --categorical=u --start=run.model.json new.csv
  is_status 1
  has err "vi-fit: run.model.json: column 'u': category 1 of the model is 'blue', that of the data 'cat'"
  fit -q -k 2 --categorical=u --start=run.model.json old.csv
  is_status 0
}

@test "the record counts the rows that missing cells left out" {
  printf 'a,b\n1,2\n,3\n4,5\n2,9\nNA,1\n' >t.csv
  fit -q -k 1 --missing=drop --no-plot -o run t.csv
  is_status 0
  has run.model.json '"rows": 3, "weight": 3.0, "rows_with_missing": 2'
}

@test "more threads than any machine has are not made" {
  OMP_NUM_THREADS=100000 fit -q -k 1 "$faithful"
  is_status 0
  has out ' 1024 threads, '
}
