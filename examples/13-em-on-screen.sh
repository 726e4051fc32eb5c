#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# EM is coordinate ascent on the ELBO: watch it on the screen.  Usage: sh 13-em-on-screen.sh
. "$(dirname "$0")/walk.sh"

say 'Two coins and five sets of ten tosses; which coin a set was tossed with is not known.  The' \
  'smallest EM there is, with the bound after each half-step (Do and Batzoglou 2008).'
run demo twocoin
check 'the E half-step closes the gap between bound and log-likelihood' \
  awk '$1 == "E" && NF == 7 { n++; if ($7 > 1e-12 || $7 < -1e-12) bad = 1 } END { exit bad || n < 5 }' shown
check 'the M half-step raises the bound and opens it again' \
  awk '$1 == "M" && NF == 7 { n++; if ($5 < last - 1e-12 || $7 < 0) bad = 1 } NF == 7 { last = $5 }
       END { exit bad || n < 5 }' shown
check 'the coins come out as in the paper: 0.80 and 0.52' \
  awk '$1 == "theta_A" { a = $2 } $1 == "theta_B" { b = $2 }
       END { exit !(a > 0.795 && a < 0.805 && b > 0.515 && b < 0.525) }' shown

say 'Where EM starts matters: with two equal coins it cannot tell them apart, and stays there.'
run demo twocoin --theta=0.5,0.5
check 'both coins stay at 0.66, the share of heads' \
  awk '$1 == "theta_A" || $1 == "theta_B" { n++; if ($2 != 0.66) bad = 1 } END { exit bad || n != 2 }' shown

say 'The same climb on data, --steps: two Gaussians on Old Faithful, by maximum likelihood.'
run -q -m em -k 2 --steps --starts=1 faithful.csv
cp shown em
check 'the bound touches the log-likelihood after each E, and never falls' \
  awk '$2 == "E" && $1 ~ /^[0-9]+$/ { n++; if ($3 != $4 || $5 > 0) bad = 1 }
       ($2 == "E" || $2 == "M") && $1 ~ /^[0-9]+$/ { if (m++ && $3 < last) bad = 1; last = $3 }
       END { exit bad || n < 5 }' em

say 'Variational Bayes climbs likewise, with distributions in place of values: now the bound is on' \
  'the evidence, and what it is made of is shown instead of a gap.'
run -q -m vb -k 2 --steps --starts=1 faithful.csv
check 'every half-step raised the bound here too' \
  grep -q '^every half-step raised the ELBO, to rounding' shown
check 'the bound on the evidence lies below the highest likelihood' \
  awk '$2 == "E" && $1 ~ /^[0-9]+$/ { last[FILENAME] = $3 } END { exit !(last["shown"] < last["em"]) }' \
  em shown
