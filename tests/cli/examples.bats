# SPDX-License-Identifier: GPL-3.0-or-later
# The example programs run and print what their comments promise.
load common

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  examples=$top_builddir/examples
}

@test "em by hand: the bound never falls and the groups are found" {
  "$examples/01-em-by-hand" >out
  awk '/^ *[0-9]+ +M/ { if (NR > 1 && $3 < last - 1e-12 || $5 < $3 - 1e-12) exit 1; last = $5 }' out
  grep -qx 'means 1.2600 and 5.1200' out
}

@test "a Gaussian mixture from a gsl_matrix" {
  "$examples/02-gaussian-mixture" "$faithful" >out
  grep -qx 'ELBO -1163.952952 nats' out
  [ "$(sed -n 2p out)" = 1.000000 ]
}

@test "a model file of vi-fit is used from C" {
  "$VI_FIT" -q -k 2 -o run "$faithful" >/dev/null
  "$examples/03-predict" run.model.json 3.6 79 >out
  p1=$(sed -n 2p run.labels.csv | cut -d, -f4)
  [ "$(cut -d' ' -f2 out)" = "$(LC_ALL=C printf %.6f "$p1")" ]
}

@test "the ELBO of a model of one's own agrees with drawing" {
  "$examples/04-own-elbo" >out
  grep -q '^agree: ' out
  # the importance-weighted bound is higher
  awk '/^ELBO by drawing/ { elbo = $4 } /^bound/ { if ($6 <= elbo) exit 1; seen = 1 }
       END { exit !seen }' out
}
