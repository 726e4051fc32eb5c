# SPDX-License-Identifier: GPL-3.0-or-later
"""scikit-learn: GaussianMixture, full covariance, over 1..9 components, n_init 10, chosen by BIC.

usage: answer.py DATA.csv FIRST LAST LABELS
"""
import sys
import warnings

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture

warnings.simplefilter("ignore")


def main(path, first, last, labels):
    x = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(first - 1, last))
    fits = [GaussianMixture(k, n_init=10, random_state=1).fit(x) for k in range(1, 10)]
    best = min(fits, key=lambda fit: fit.bic(x))
    np.savetxt(labels, best.predict(x), fmt="%d")
    print(f"scikit-learn {sklearn.__version__}", best.n_components, best.score(x) * len(x), sep="\t")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
