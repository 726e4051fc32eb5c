#!/usr/bin/env bats
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
