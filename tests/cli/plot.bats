#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures through gnuplot and the page of --report.
load common

# A picture that is well formed, or at least a picture where xmllint is missing.
is_svg() {
  grep -q '^<svg' "$1" && grep -q '^</svg>' "$1" || { echo "no picture: $1"; return 1; }
  looks_well xmllint --noout "$1"
}

# A folder without gnuplot, where vi-fit is found by its path.
without_gnuplot() {
  mkdir -p empty
  status=0
  PATH=$PWD/empty "$VI_FIT" "$@" >out 2>err || status=$?
}

@test "-o draws run.svg; script and data are kept and draw it again" {
  need gnuplot
  fit -k 2 -o run "$faithful"
  is_status 0
  has err 'vi-fit: drew run.svg'
  is_svg run.svg
  [ -s run.gp ]
  [ -s run.dat ]
  cp run.svg first.svg
  rm run.svg
  gnuplot run.gp
  cmp run.svg first.svg
  fit -q -k 2 --no-plot -o bare "$faithful"
  is_status 0
  [ "$(echo bare.*)" = 'bare.labels.csv bare.model.json bare.trace.csv' ]
}

@test "every kind, every format" {
  need gnuplot
  fit -q -k 1..3 -o run "$faithful"
  for kind in scatter trace steps terms selection uncertainty intervals; do
    fit plot -q run.model.json --kind=$kind -o $kind.svg
    is_status 0
    is_svg $kind.svg
    has_titles $kind
  done
  for method in em map; do
    fit -q -m $method -k 1..3 --covariance=auto -o $method "$faithful"
    for kind in steps terms selection; do
      fit plot -q $method.model.json --kind=$kind -o m.svg
      is_status 0
      has_titles m
    done
  done
  fit plot -q run.model.json --steps -o s.svg
  is_status 0
  cmp s.svg steps.svg
  fit plot -q run.model.json -o p.png
  is_status 0
  [ "$(head -c 4 p.png | tail -c 3)" = PNG ]
  fit plot -q run.model.json -o p.pdf
  is_status 0
  [ "$(head -c 4 p.pdf)" = %PDF ]
  rm run.svg
  fit plot run.model.json
  is_status 0
  is_svg run.svg
}

@test "one column, three columns, ten columns, mixed columns, no numeric column, one row for each start" {
  need gnuplot
  for c in 1 1-3 1-10; do
    fit -q -k 2 -c $c -o run "$data/breast_cancer.csv"
    is_status 0
    is_svg run.svg
  done
  fit -q -k 2 --categorical=Species -o run "$data/iris.csv"
  is_svg run.svg
  fit plot -q run.model.json
  is_status 0
  fit -q -k 2 -c Species --categorical=Species -o run "$data/iris.csv"
  is_status 0
  is_svg run.svg
  for kind in scatter intervals uncertainty; do
    fit plot -q --kind=$kind run.model.json -o words.svg
    is_status 0
    is_svg words.svg
  done
  printf 'x\n1\n1.5\n2\n' >t.csv
  fit -q -k 1 --max-iter=1 -o run t.csv
  is_svg run.svg
}

@test "the points of an ellipse satisfy its quadratic form" {
  need gnuplot
  fit -q -k 2 -o run "$faithful"
  sed -n 's/.*"mean": \[\([^]]*\)\], "scale".*"covariance": \[\[\([^]]*\)\], \[\([^]]*\)\]\].*/\1, \2, \3/p' \
    run.model.json | tr -d ',' >numbers
  [ "$(wc -l <numbers)" -eq 2 ]
  awk 'NR == FNR { for (i = 1; i <= 6; i++) v[NR, i] = $i; next }
       /^# ellipses 1 2/ { on = 1; next }
       on && /^#/ { on = 0 }
       on && NF == 4 {
         k = $3; a = $1 - v[k, 1]; b = $2 - v[k, 2]
         det = v[k, 3] * v[k, 6] - v[k, 4] * v[k, 5]
         q = (v[k, 6] * a * a - (v[k, 4] + v[k, 5]) * a * b + v[k, 3] * b * b) / det
         c = $4 == 0.5 ? 1.3862943611198906 : 5.9914645471079799
         if (q / c > 1 + 1e-8 || q / c < 1 - 1e-8) bad = 1
         n++
       }
       END { exit bad || n != 4 * 97 }' numbers run.dat
}

@test "the curves of one column hold the weights" {
  need gnuplot
  fit -q -k 2 -c 1 -o run "$faithful"
  # the area under all bars is 1, under the last curve (the sum) nearly so
  awk '/^# / { what = $2 }
       what == "histogram" && NF == 3 { bars += $2 * $3 }
       what == "curves" && NF == 3 { if ($3 == 3 && $1 > x) area += ($1 - x) * $2; x = $1 }
       END { exit bars < 0.999999 || bars > 1.000001 || area < 0.97 || area > 1.001 }' run.dat
}

@test "without gnuplot: the script is kept, and how to go on is said" {
  fit -q -k 2 --no-plot -o run "$faithful"
  without_gnuplot plot run.model.json -o out.svg
  is_status 0
  has err "vi-fit: gnuplot not found: wrote out.gp; run 'apt install gnuplot-nox', then 'gnuplot out.gp'"
  [ -s out.gp ]
  [ -s out.dat ]
  [ ! -e out.svg ]
  without_gnuplot -k 2 -o again --report "$faithful"
  is_status 0
  has err "vi-fit: gnuplot not found: wrote again.gp; run 'apt install gnuplot-nox', then 'gnuplot again.gp'"
  [ -s again.html ]
  hasnt again.html '<svg'
}

@test "names are data: nothing in them is obeyed" {
  need gnuplot
  { echo "\"a_b^2 {/Bold x}\",\"it's \`touch obeyed\` @x <b>&amp; id='q\",\"\\\""; tail -n +2 "$faithful" | awk -F, '{ print $1 "," $2 "," ($1 * 7 + $2 * 3) % 5 }'; } >t.csv
  fit -q -k 2 -o "it's" --report t.csv
  is_status 0
  is_svg "it's.svg"
  [ ! -e obeyed ]
  has "it's.svg" 'a_b^2 {/Bold x}'
  has "it's.html" '&lt;b&gt;&amp;amp;'
  hasnt "it's.html" '<b>&amp; id'
}

@test "the page holds the numbers of the model, and nothing from elsewhere" {
  fit -q -k 1..3 --report -o run "$faithful"
  is_status 0
  page=run.html
  [ "$(head -1 $page)" = '<!DOCTYPE html>' ]
  [ "$(wc -c <$page)" -lt 2000000 ]
  grep -oE '"(weight": 0|elbo": -)[0-9.e+-]+' run.model.json | cut -d' ' -f2 | sort -u >values
  [ "$(wc -l <values)" -eq 5 ]
  while read -r v; do has $page "\"$v\""; done <values
  grep -oE '"mean": \[[^]]*\], "scale"' run.model.json | grep -oE '[0-9][0-9.]+' >values
  [ "$(wc -l <values)" -ge 4 ]
  tail -n +3 values | while read -r v; do has $page "\"$v\""; done
  has $page 'vi-fit -q -k 1..3 --report -o run '
  has $page "$(sha256sum "$faithful" | cut -d' ' -f1)"
  has $page 'seed'
  hasnt $page '://'
  hasnt $page '<script'
  hasnt $page '<link'
  hasnt $page ' src='
  hasnt $page '@import'
  # no name twice
  [ -z "$(grep -oE " id='[^']*'" $page | sort | uniq -d)" ]
  looks_well tidy -q -e $page
  fit --report "$faithful"
  is_status 2
  has err 'vi-fit: --report needs -o PREFIX: it is written to PREFIX.html'
  need gnuplot
  [ "$(grep -c '<svg' $page)" -ge 4 ]
}

@test "data are read as the fit read them; what is not there is named" {
  need gnuplot
  awk -F, 'NR == 1 { print "a;b;w" } NR > 1 { print $1 ";" $2 ";" NR % 3 }' "$faithful" | tr . , >t.csv
  fit -q -k 2 --decimal=, --separator=';' --weights=w -o run t.csv
  is_status 0
  cp run.svg first.svg
  fit plot -q run.model.json
  is_status 0
  cmp run.svg first.svg
  mkdir d
  mv t.csv run.* d
  fit plot -q d/run.model.json -o again.svg
  is_status 0
  mv d/t.csv d/u.csv
  fit plot -q --kind=scatter d/run.model.json -o again.svg
  is_status 1
  has err "vi-fit plot: the data of the model, 't.csv', are not there; name the file: vi-fit plot d/run.model.json FILE"
  fit plot -q --kind=scatter d/run.model.json d/u.csv -o again.svg
  is_status 0
  rm d/run.trace.csv
  fit plot -q --kind=steps d/run.model.json -o again.svg
  is_status 1
  printf 'k,start\n1,1\n' >bad.csv
  fit plot -q --kind=steps --trace=bad.csv d/run.model.json -o again.svg
  is_status 1
  has err "vi-fit plot: bad.csv: not a trace: column 3 is not 'pass'"
  fit plot -q d/run.model.json -o again.jpg
  is_status 2
  has err 'again.jpg: a name that ends in .svg, .png or .pdf is needed'
}

@test "a terminal that can shows blocks; a pipe shows plain text" {
  need script
  LC_ALL=C.UTF-8 TERM=xterm script -qec "'$VI_FIT' -q -k 2 '$faithful'" /dev/null >tty
  grep -q '█' tty
  LC_ALL=C TERM=xterm script -qec "'$VI_FIT' -q -k 2 '$faithful'" /dev/null >tty
  hasnt tty '█'
  LC_ALL=C.UTF-8 fit -q -k 2 "$faithful"
  hasnt out '█'
}

@test "em and several covariances: BIC, ICL and AIC side by side" {
  need gnuplot
  fit -q -m em -k 1..3 --covariance=auto -o run "$faithful"
  fit plot -q --kind=selection run.model.json -o s.svg
  is_status 0
  is_svg s.svg
  for title in BIC ICL AIC; do has s.gp "set title '$title (lower is better)'"; done
  fit -q -m em -k 1..3 -o run "$faithful"
  fit plot -q --kind=selection run.model.json -o s.svg
  has s.gp "set title 'lower is better'"
}

@test "a name that begins with a hyphen; a gnuplot that draws nothing" {
  need gnuplot
  fit -q -k 2 -o -x "$faithful"
  is_status 0
  is_svg ./-x.svg
  mkdir bin
  printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
  chmod +x bin/gnuplot
  PATH=$PWD/bin:$PATH fit plot ./-x.model.json -o none.svg
  is_status 1
  has err 'vi-fit plot: gnuplot failed; to see why: gnuplot none.gp'
  [ ! -e none.svg ]
}

@test "nothing in the name of a picture is run" {
  need gnuplot
  fit -q -k 2 --no-plot -o plain "$faithful"
  lf=$'n\nsystem "touch obeyed"\n#'
  for name in "$lf" '<touch obeyed' '|touch obeyed' "a'.system('touch obeyed').'" \
    '`touch obeyed`' '$x' '~' '@x' $'tab\t"\\'; do
    cp plain.model.json "$name.model.json"
    fit plot -q "$name.model.json"
    is_status 0
    is_svg "./$name.svg"
    rm "./$name.svg"
    # as people draw it again
    gnuplot "./$name.gp"
    is_svg "./$name.svg"
    [ ! -e obeyed ]
  done
  fit -q -k 2 -o '<touch obeyed' "$faithful"
  is_status 0
  is_svg './<touch obeyed.svg'
  mkdir "$PWD/d"
  fit plot -q plain.model.json -o "$PWD/d/p.svg"
  is_svg d/p.svg
  [ ! -e obeyed ]
}

@test "a disk that is full while a picture is drawn: a message, exit 1, no half picture" {
  need gnuplot
  fit -q -m em -k 2 --no-plot -o run "$faithful"
  # as a disk of 1 KB and of 8 KB: the script in front of gnuplot, and what gnuplot draws
  for room in 1 8; do
    status=0
    (trap '' XFSZ; ulimit -f $room; exec "$VI_FIT" plot --steps --frames=f run.model.json) \
      >out 2>err || status=$?
    is_status 1
    like err 'frame-0001\.png: .*(whole|cannot write)'
    [ -z "$(ls f)" ]
  done
  # gnuplot itself says nothing of it
  mkdir bin
  printf '#!/bin/sh\necho "<svg>"\n' >bin/gnuplot
  chmod +x bin/gnuplot
  PATH=$PWD/bin:$PATH fit -k 2 --report -o cut "$faithful"
  is_status 1
  has err 'could not be written whole'
  [ ! -e cut.html ]
  [ ! -e cut.svg ]
}

@test "a gnuplot that fails leaves no picture of another fit" {
  need gnuplot
  fit -q -k 2 -o run "$faithful"
  [ -s run.svg ]
  mkdir bin
  printf '#!/bin/sh\nexit 1\n' >bin/gnuplot
  chmod +x bin/gnuplot
  PATH=$PWD/bin:$PATH fit -q -k 3 -o run "$faithful"
  [ -s run.gp ]
  [ ! -e run.svg ]
}

@test "closed standard streams: no file takes their place" {
  status=0
  "$VI_FIT" -k 2 --no-plot -o run "$faithful" <&- >&- 2>&- || status=$?
  is_status 1
  fit -q -k 2 --no-plot -o again "$faithful"
  grep -v '"command"' again.model.json >wanted
  grep -v '"command"' run.model.json | cmp - wanted
  cmp run.labels.csv again.labels.csv
}

@test "one bad model does not flatten the others; each panel says which way is better" {
  need gnuplot
  fit -q -m em -k 1..6 --covariance=auto -o run "$faithful"
  fit plot -q --kind=selection run.model.json -o s.svg
  is_status 0
  has_titles s
  has s.gp "title 'beyond the axis'"
  # the axis of BIC: best + 10 times the spread of the best five, and a little room
  grep -o '"bic": [0-9.]*' run.model.json | cut -d' ' -f2 | sort -n >bic
  low=$(head -1 bic) fifth=$(sed -n 5p bic)
  sed -n 's/^set yrange \[\([0-9.]*\):\([0-9.]*\)\]/\1 \2/p' s.gp | head -1 |
    awk -v low="$low" -v fifth="$fifth" '{ room = 0.06 * 10 * (fifth - low)
      exit !($2 < low + 10 * (fifth - low) + room + 1e-6 && $2 > low + 10 * (fifth - low)) }'
  # what lies beyond is there with its value
  awk -v RS= '/^# beyond 1/' s.dat | awk 'NF == 3 && !/^#/ { print $3 }' | sort -n >beyond
  awk -v low="$low" -v fifth="$fifth" '$1 > low + 10.6 * (fifth - low)' bic >wanted
  [ -s wanted ]
  paste beyond wanted | awk 'NF != 2 || ($1 - $2) ^ 2 > 1e-6 { bad = 1 } END { exit bad }'
}

@test "every axis with numbers has two of them" {
  need gnuplot
  for method in em map vb; do
    fit -q -m $method -k 3 -c 1-4 -o run "$data/iris.csv"
    for kind in terms trace intervals; do
      fit plot -q --kind=$kind run.model.json -o p.svg
      awk '/^set [xy]range \[/ { high = $0; sub (/.*:/, "", high); sub (/\].*/, "", high) }
           /^set [xy]tics nomirror [-0-9.e+]+,/ { split ($4, t, ","); n = 0
             for (at = t[1] + 0; at <= high + 1e-9 * t[2]; at += t[2]) n++
             if (n < 2) { print; bad = 1 } seen++ }
           END { exit bad || !seen }' p.gp
    done
  done
}

@test "the data of a picture are those of the other files" {
  need gnuplot
  for method in vb map em; do
    fit -q -m $method -k 3 -c 1-4 -o run "$data/iris.csv"
    # rows in the colour of the component that labels.csv names
    fit plot -q --kind=scatter run.model.json -o s.svg
    awk '/^# / { on = $2 == "rows"; next } on && NF == 6 { print $5 }' s.dat >shown
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "component") at = i; next } { print $at }' \
      run.labels.csv >wanted
    [ "$(wc -l <wanted)" -eq 150 ]
    cmp shown wanted
    # the terms sum to the bound, and the last bound is the model's
    fit plot -q --kind=terms run.model.json -o t.svg
    elbo=$(sed -n 's/.*"fit": {"elbo": \([-0-9.e]*\).*/\1/p' run.model.json)
    awk -v elbo="$elbo" '/^# / { on = $2 == "terms"; next }
      on && NF == 7 { n++; last = $2; sum = $3 + $4 + $5 + $6 + $7
        if ((sum - $2) ^ 2 > 1e-16 * sum * sum) bad = 1
        if ($4 > 1e-9 || $5 > 1e-9 || $6 > 1e-9) bad = 1 }
      END { exit bad || !n || (last - elbo) ^ 2 > 1e-12 }' t.dat
  done
}

@test "the ends of the intervals are quantiles of the posterior" {
  need gnuplot
  fit -q -k 2 -o run "$faithful"
  fit plot -q --kind=intervals run.model.json -o i.svg
  is_status 0
  alpha=$(grep -o '"alpha": [0-9.]*' run.model.json | tail -2 | cut -d' ' -f2 | tr '\n' ' ')
  # P(weight < end) by the sum over a fine grid of the Beta density: 2.5 % and 97.5 %
  awk '/^# / { on = $3 == 1; next } on && NF == 4 { print $1, $3, $4 }' i.dat | sed "s/$/ $alpha/" |
    awk '{ a = $1 == 1 ? $4 : $5; b = $1 == 1 ? $5 : $4; n = 100000; total = below = upto = 0
           top = (a - 1) / (a + b - 2)
           for (i = 1; i < n; i++) { x = i / n
             d = exp ((a - 1) * log (x / top) + (b - 1) * log ((1 - x) / (1 - top)))
             total += d; if (x < $2) below += d; if (x < $3) upto += d }
           if ((below / total - 0.025) ^ 2 > 1e-7 || (upto / total - 0.975) ^ 2 > 1e-7) bad = 1 }
         END { exit bad || NR != 2 }'
}

@test "categories: bars are the probabilities of the model file; counts: shares of the rows" {
  need gnuplot
  fit -q -m em -k 2 -c Species --categorical=Species -o run "$data/iris.csv"
  is_status 0
  fit plot -q --kind=scatter run.model.json -o s.svg
  is_status 0
  has s.svg 'versicolor'
  awk '/^# / { on = $2 == "column"; next } on && NF == 4 { sum[$3] += $2; n++ }
       END { exit n != 6 || (sum[1] - 1) ^ 2 > 1e-18 || (sum[2] - 1) ^ 2 > 1e-18 }' s.dat
  grep -o '"probability": \[[^]]*\]' run.model.json | head -1 | grep -oE '[0-9.]+(e[-+][0-9]+)?' >wanted
  [ "$(wc -l <wanted)" -eq 3 ]
  awk '/^# / { on = $2 == "column"; next } on && NF == 4 && $3 == 1 { print $2 }' s.dat |
    paste - wanted | awk '($1 - $2) ^ 2 > 1e-18 { bad = 1 } END { exit bad }'
  fit -q -m em -k 2 --count=deaths -o run "$data/hasselblad_deaths.csv"
  is_status 0
  is_svg run.svg
  fit plot -q --kind=scatter run.model.json -o s.svg
  is_status 0
  # the bars are the shares of the days, and the curves hold next to all of them
  awk 'NR > 1 { n[$1 + 0]++; total++ } END { for (i in n) print i, n[i]; print "total", total }' \
    "$data/hasselblad_deaths.csv" >days
  awk 'NR == FNR { if ($1 == "total") total = $2; else day[$1] = $2; next }
       /^# / { on = NF == 3 ? 1 : 2; next }
       on == 1 && NF == 2 { n++; if (($2 - day[$1] / total) ^ 2 > 1e-18) bad = 1 }
       on == 2 && NF == 3 && $3 == 3 { sum += $2 }
       END { exit bad || n != 10 || sum < 0.99 || sum > 1 }' days s.dat
}

@test "a staircase of hundreds of half-steps is a line" {
  need gnuplot
  fit -q -m em -k 5 -c 1-6 --starts=2 --search=starts --accelerate=no --no-plot -o run "$data/breast_cancer.csv"
  fit plot -q --steps run.model.json -o s.pdf
  is_status 0
  grep -q 'Half-steps 1 to [1-9][0-9][0-9]\? of' s.gp
  has s.gp 'with filledcurves'
  hasnt s.gp 'with points'
}

@test "--frames: one picture for each half-step that --steps shows, on the same axes" {
  need gnuplot
  fit -q -m em -k 2 --no-plot -o run "$faithful"
  fit plot --steps --frames=new/em run.model.json
  is_status 1
  has err 'vi-fit plot: --frames=new/em: cannot make the folder: No such file or directory'
  fit plot --steps --frames=em run.model.json
  is_status 0
  n=$(ls em | wc -l)
  [ "$n" -ge 12 ]
  [ "$n" -eq "$(ls em/frame-00??.png | wc -l)" ]
  [ "$(head -c 4 em/frame-0001.png | tail -c 3)" = PNG ]
  has err "vi-fit plot: wrote $n frames, frame-0001.png to frame-00$n.png in em: half-steps 1 to $n of "
  [ ! -e run.svg ]
  [ ! -e run.gp ]
  run ! cmp -s em/frame-0001.png em/frame-0002.png
  # as -o ends, which is drawn as well, and is the last frame
  fit plot --steps --frames=em/ run.model.json -o s.svg
  is_status 0
  is_svg em/frame-0001.svg
  cmp em/frame-00$n.svg s.svg
  [ "$(grep -c "KL" em/frame-0001.svg)" -ge 1 ]
  touch em/frame-00$((n + 1)).svg
  fit plot --steps --frames=em run.model.json -o s.svg
  is_status 0
  has err "em/frame-00$((n + 1)).svg was there before, and is not of this run"
  fit plot --steps --frames=em --no-clobber run.model.json
  is_status 1
  has err 'em/frame-0001.png: is there already and is not replaced (--no-clobber)'
  fit plot --frames=em run.model.json
  is_status 2
  has err 'vi-fit plot: --frames needs --steps'
  fit plot --steps --frames=run.model.json run.model.json
  is_status 1
  has err 'cannot make the folder: File exists'
  without_gnuplot plot --steps --frames=none run.model.json
  is_status 1
  has err "gnuplot not found: --frames needs it; run 'apt install gnuplot-nox'"
  [ -z "$(ls none)" ]
}
