#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vi-fit demo as a class meets it: text, names, parameters and exit codes.  The numbers are tested in
# t-demo.c.
load common

@test "the worked example, digit by digit" {
  fit demo binary
  is_status 0
  has out '  reconstruction        E_q log p(x | z)      -0.639031859650177'
  has out '- KL                    KL(q || p(z))          0.082282878505052'
  has out '= ELBO                                        -0.721314738155229'
  has out '  log p(x)                                    -0.693147180559945'
  has out '  gap                   log p(x) - ELBO        0.028167557595284'
  like out '^  log p\(x\) = ELBO \+ KL\(q \|\| p\(z \| x\)\), to [0-9.]+e-[0-9]+$'
  like out '^ 0\.8  -0\.500402423538188   0\.192744757021757  -0\.693147180559945   0\.000000000000000$'
  has out '13 checks: all hold.'
}

@test "numbers are ASCII with 15 decimals in every locale" {
  for locale in C de_DE.UTF-8 C.UTF-8; do
    LC_ALL=$locale fit demo uninorm
    is_status 0
    [ -z "$(LC_ALL=C grep '[^ -~]' out)" ]
    like out '^= ELBO  +-8\.426700086950[0-9]{3}$'
    hasnt out '-0.000000000000000'
  done
}

@test "the support condition, the right way round" {
  fit demo binary --q=1
  is_status 0
  has out 'q is 0 where the posterior is positive: harmless, KL(q || p(z | x)) is finite there.'
  like out '^  gap .* 0\.223143551314210$'
  [ -z "$(grep -w inf out)" ]
  fit demo binary --likelihood=0,0.8
  is_status 0
  has out 'q has mass where the posterior has none: KL(q || p(z | x)) is infinite and the ELBO -infinity.'
  like out '^  KL +KL\(q \|\| p\(z \| x\)\) +inf$'
}

@test "without a name, demo lists ten instances" {
  fit demo
  is_status 0
  for name in binary qsweep twocoin mc linvae iwae diffusion uninorm blr gmm1; do
    like out "^  $name +[A-Za-z]"
    "$VI_FIT" demo $name --help >help
    like help "^$name: "
    like help '^  --[a-z0-9]+=[-0-9.,]+ '
    "$VI_FIT" demo $name >page
    like page ' checks?: all hold\.$'
  done
  [ "$(grep -c '^  [a-z]' out)" -eq 10 ]
}

@test "names and parameters that are wrong" {
  fit demo binry
  is_status 2
  has err "vi-fit demo: no demo 'binry'; did you mean 'binary'?"
  fit demo binry --q=1
  is_status 2
  has err "did you mean 'binary'?"
  fit demo nothing
  is_status 2
  has err "vi-fit demo: no demo 'nothing'; vi-fit demo lists them"
  fit demo mc --draw=7
  is_status 2
  has err "vi-fit demo: unrecognized option '--draw'; did you mean '--draws'?"
  fit demo binary --q=1.3
  is_status 2
  has err 'vi-fit demo: --q=1.3: a number in [0,1] is needed'
  fit demo twocoin --heads=5,9,x
  is_status 2
  has err 'vi-fit demo: --heads=5,9,x: at most 64 whole numbers in [0,1000000], with commas between, are needed'
  fit demo twocoin --heads=11
  is_status 2
  has err 'vi-fit demo: --heads: 11 heads in 10 tosses'
  fit demo binary --likelihood=0,0
  is_status 2
  has err 'vi-fit demo: p(x) is zero: there is no posterior'
  fit demo binary --q
  is_status 2
  has err "vi-fit demo: option '--q' needs an argument"
  fit demo binary more
  is_status 2
  [ ! -s out ]
}

@test "parameters stand anywhere, with = or a blank" {
  fit demo binary --q=0.6
  cp out one
  fit demo --q 0.6 binary
  cmp out one
  fit demo --format=text binary --q 0.9 --q=0.6
  cmp out one
}

@test "the same seed, the same draws" {
  fit demo mc --draws=1000
  cp out one
  fit demo mc --draws=1000 -s 1
  cmp out one
  fit demo mc --draws=1000 -s 2
  [ "$(cat out)" != "$(cat one)" ]
}

# The one check that can fail without a bug: a seed that draws far from the mean.
@test "a check that fails is exit code 4, with the page and a reason" {
  fit demo mc --s2=5.563651 --w=0.5191336 --noise=18.54131 --x=0.009849793 --draws=3000 -s 244766
  is_status 4
  like err '^vi-fit demo: mc: the estimate of the ELBO: -4\.13857[0-9]+ where -3\.88864[0-9]+ is expected$'
  has err 'vi-fit demo: more than 4 standard errors: by chance one time in 16000; try another --seed'
  has out '= ELBO'
  hasnt out 'all hold'
  fit demo mc --s2=5.563651 --w=0.5191336 --noise=18.54131 --x=0.009849793 --draws=3000 -s 244766 \
    --format=json
  is_status 4
  has out '"failed": 1}'
}

# --- pictures -------------------------------------------------------------------------------------

# A whole picture, drawn without a complaint of gnuplot: what runs out of its blocks is one.
is_drawn() {
  grep -q '^<svg' "$1.svg" && grep -q '^</svg>' "$1.svg" || { echo "no picture: $1"; return 1; }
  rm "$1.svg"
  LC_ALL=C.UTF-8 gnuplot "$1.gp" 2>complaints
  [ ! -s complaints ] || { cat complaints; return 1; }
  [ -s "$1.svg" ]
  [ -s "$1.dat" ]
}

@test "every instance draws its picture, and prints what it prints without" {
  need gnuplot
  for name in binary qsweep twocoin mc linvae iwae diffusion uninorm blr gmm1; do
    "$VI_FIT" demo $name >plain
    fit demo $name --plot
    is_status 0
    cmp out plain
    has err "vi-fit demo: wrote $name.svg; to change it: edit $name.gp, then 'gnuplot $name.gp'"
    is_drawn $name
    has_titles $name
    grep -q 'nats' $name.gp
  done
  # no colour but those of the project and greys
  grep -ohE "rgb '#[0-9A-F]+'" ./*.gp | sort -u >colours
  [ -s colours ]
  [ -z "$(grep -vE '#(0072B2|D55E00|(..)\2\2)' colours)" ]
}

@test "pictures of other parameters, and what has no finite bound" {
  need gnuplot
  while read -r words; do
    # shellcheck disable=SC2086 # a list of words
    fit demo $words --plot
    is_status 0
    is_drawn "${words%% *}"
    has_titles "${words%% *}"
  done <<'END'
binary --q=0.3
binary --q=0.8
binary --q=1 --likelihood=0,0.8
binary --likelihood=0.5,0.5
qsweep --prior=0.5,0.5,0 --likelihood=0,1,1
twocoin --heads=0 --passes=1
twocoin --passes=1000
mc --m=0.5 --s2=0.5
mc --draws=1000
linvae --angle=-360,360 --sigma2=5
linvae --variances=1,1,1 --sigma2=1
iwae --particles=7 --check=1
iwae --q=0.8
diffusion --beta=0.5 --steps=1
diffusion --steps=2
uninorm --x=3 --passes=1
uninorm --x=1,1,1 --a0=0.001 --b0=0.001
blr --x=2 --t=1 --passes=1
blr --x=1,1 --t=1,1
gmm1 --passes=1
gmm1 --passes=200
END
}

@test "the bound of the picture is that of the table" {
  need gnuplot
  fit demo qsweep --plot
  is_status 0
  # each row of the table lies on the curve, and the gap ends at log p(x)
  awk 'NR == FNR { if (NF == 4 && $4 ~ /^[0-9.]+$/) { n++; t[n] = $1; bound[n] = $2; gap[n] = $3 } next }
       /^# / { on = /curve 1$/ }
       on && NF == 3 { for (i = 1; i <= n; i++) if ($1 == t[i]) {
           seen++
           if (($2 - bound[i]) ^ 2 + ($3 - bound[i] - gap[i]) ^ 2 > 1e-20) bad = 1 } }
       END { exit bad || n != 11 || seen != n }' out qsweep.dat
}

@test "-o names the picture; --no-clobber; without gnuplot; without a name" {
  fit demo --plot
  is_status 2
  has err 'vi-fit demo: --plot: the name of a demo is needed; vi-fit demo lists them'
  fit demo binary -o p.jpg
  is_status 2
  has err 'p.jpg: a name that ends in .svg, .png or .pdf is needed'
  mkdir empty
  status=0
  PATH=$PWD/empty "$VI_FIT" demo binary --plot >out 2>err || status=$?
  is_status 0
  has err "vi-fit: gnuplot not found: wrote binary.gp; run 'apt install gnuplot-nox', then 'gnuplot binary.gp'"
  [ -s binary.gp ]
  [ -s binary.dat ]
  [ ! -e binary.svg ]
  need gnuplot
  fit demo binary -q -o p.png
  is_status 0
  [ "$(head -c 4 p.png | tail -c 3)" = PNG ]
  [ -s p.gp ]
  [ -s p.dat ]
  fit demo binary -q -o p.pdf --no-clobber
  is_status 1
  has err 'p.dat: is there already and is not replaced (--no-clobber)'
  [ ! -e p.pdf ]
  fit demo binary --q=0.2 --format=json -q -o p.pdf
  is_status 0
  [ "$(head -c 4 p.pdf)" = %PDF ]
  has p.gp 'q = 0.2, gap'
}

# --- completion -----------------------------------------------------------------------------------

# The words that bash offers for a command line, the last one being typed.
completed() {
  cat >complete.bash <<'END'
# what bash-completion does for us, as far as these lines need it
_init_completion() {
  words=("${COMP_WORDS[@]}") cword=$COMP_CWORD split=false
  cur=${words[cword]} prev=${words[cword - 1]}
  if [[ $cur == --*=* ]]; then prev=${cur%%=*} cur=${cur#*=} split=true; fi
}
_filedir() { COMPREPLY+=(a-file); }
compopt() { :; }
source ./bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_vi_fit
printf '%s\n' "${COMPREPLY[@]}"
END
  bash complete.bash "$@" >words
}

@test "completions know the parameters of each instance" {
  for shell in bash zsh fish; do "$VI_FIT" --generate=$shell >$shell; done
  for name in binary qsweep twocoin mc linvae iwae diffusion uninorm blr gmm1; do
    "$VI_FIT" demo $name --help | sed -n 's/^  --\([a-z0-9]*\)=.* (*.*/\1/p' >parameters
    [ "$(wc -l <parameters)" -ge 3 ]
    completed vi-fit demo $name --
    while read -r parameter; do
      grep -qx -- "--$parameter=" words
      grep -q -- "__vi_fit_demo $name' -l $parameter -x" fish
      sed -n "/^      $name) parameters/,/;;\$/p" zsh | grep -q -- "'--$parameter=\["
    done <parameters
    grep -qx -- '--plot' words
  done
  run ! grep -x -- '--likelihood=' words
  # a value is free, also where an option of the same name has words
  completed vi-fit demo gmm1 --start=
  [ -z "$(cat words)" ]
  completed vi-fit --start=
  grep -qx 'random' words
  completed vi-fit demo bi
  [ "$(cat words)" = binary ]
}

@test "fish completes the parameters of an instance" {
  need fish
  "$VI_FIT" --generate=fish >fish
  HOME=$PWD fish --no-config -c 'source ./fish; complete -C "vi-fit demo binary --l"' >words
  like words '^--likelihood	p\(x \| z = 0\), p\(x \| z = 1\)$'
  HOME=$PWD fish --no-config -c 'source ./fish; complete -C "vi-fit demo blr --l"' >words
  [ ! -s words ]
}

@test "zsh reads each array of parameters as it stands" {
  need zsh
  "$VI_FIT" --generate=zsh >zsh
  sed -n '/local -a parameters/,/^    esac/p' zsh >case.zsh
  zsh -f -c 'f() { words=(vi-fit demo --plot iwae --q=); source ./case.zsh; print -rl -- $parameters }; f' >words
  [ "$(wc -l <words)" -eq 6 ]
  like words '^--q=\[q\(z = 1\)\]:value: $'
}
