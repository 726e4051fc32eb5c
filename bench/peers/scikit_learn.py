# SPDX-License-Identifier: GPL-3.0-or-later
"""scikit-learn: time E and M of GaussianMixture or BayesianGaussianMixture from the common start.

usage: scikit_learn.py DIR CASE em|vb full|diag ITERATIONS THREADS
"""
import json
import resource
import statistics
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

warnings.simplefilter("ignore")


def read_start(path, ncomp, dim):
    """Weights [K], means [K, D] and covariances [K, D, D] of a .start file."""
    v = np.fromfile(path)
    return np.split(v, [ncomp, ncomp + ncomp * dim])


def begin_em(ncomp, kind):
    return GaussianMixture(ncomp, covariance_type=kind, tol=0, reg_covar=0)


def begin_vb(ncomp, kind, x, weight):
    """Counts of N w_k rows on top of the default prior."""
    model = BayesianGaussianMixture(
        n_components=ncomp,
        covariance_type=kind,
        tol=0,
        reg_covar=0,
        weight_concentration_prior_type="dirichlet_distribution",
    )
    model._check_parameters(x)
    rows = len(x) * weight
    model.weight_concentration_ = model.weight_concentration_prior_ + rows
    model.mean_precision_ = model.mean_precision_prior_ + rows
    model.degrees_of_freedom_ = model.degrees_of_freedom_prior_ + rows
    return model


def main(folder, case, method, kind, iterations, threads):
    x = np.load(f"{folder}/{case}.npy")
    ncomp = int(open(f"{folder}/{case}.meta").read().split()[2])
    n, dim = x.shape
    weight, mean, cov = read_start(f"{folder}/{case}.start", ncomp, dim)
    cov = cov.reshape(ncomp, dim, dim)
    if kind == "diag":
        cov = np.diagonal(cov, axis1=1, axis2=2).copy()
    model = begin_em(ncomp, kind) if method == "em" else begin_vb(ncomp, kind, x, weight)
    model.weights_, model.means_, model.covariances_ = weight, mean.reshape(ncomp, dim), cov
    model.precisions_cholesky_ = _compute_precision_cholesky(cov, kind)
    seconds, cpu = [], []
    for _ in range(iterations):
        began, used = time.perf_counter(), time.process_time()
        value, log_resp = model._e_step(x)
        model._m_step(x, log_resp)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
        del log_resp
    # its Bayesian diagonal model takes digamma terms of a full Wishart: a known difference
    allowed = 2e-3 if (method, kind) == ("vb", "diag") else 1e-6
    print(json.dumps({
        "program": f"scikit-learn {sklearn.__version__}", "case": case, "method": method,
        "covariance": kind, "threads": threads, "n": n, "dim": dim, "ncomp": ncomp,
        "seconds": statistics.median(seconds), "fastest": min(seconds),
        "cpu": statistics.median(cpu), "at_pass": iterations,
        "loglik_per_row": float(value), "allowed": allowed,
        "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
