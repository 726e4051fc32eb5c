# SPDX-License-Identifier: GPL-3.0-or-later
"""pandas and scikit-learn: read a CSV file, or do a whole fit from it.

usage: pandas_csv.py FILE read THREADS
       pandas_csv.py FILE job THREADS COMPONENTS ITERATIONS
"""
import json
import resource
import statistics
import sys
import time
import warnings

began, used = time.perf_counter(), time.process_time()
import pandas as pd  # noqa: E402 (starting up is a part of a job)

warnings.simplefilter("ignore")


def emit(program, case, method, threads, seconds, cpu):
    print(json.dumps({
        "program": program, "case": case, "method": method, "threads": threads,
        "seconds": seconds, "cpu": cpu,
        "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def read(path, threads):
    seconds, cpu = [], []
    for _ in range(5):
        start, spent = time.perf_counter(), time.process_time()
        pd.read_csv(path)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - spent)
    emit(f"pandas {pd.__version__}", "csv", "read", threads, statistics.median(seconds),
         statistics.median(cpu))


def job(path, threads, ncomp, iterations):
    import sklearn
    from sklearn.mixture import BayesianGaussianMixture

    model = BayesianGaussianMixture(
        n_components=ncomp, n_init=1, max_iter=iterations, tol=0, random_state=1,
        weight_concentration_prior_type="dirichlet_distribution")
    model.fit(pd.read_csv(path).to_numpy())
    emit(f"pandas {pd.__version__} + scikit-learn {sklearn.__version__}", "job", "vb", threads,
         time.perf_counter() - began, time.process_time() - used)


if sys.argv[2] == "read":
    read(sys.argv[1], int(sys.argv[3]))
else:
    job(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
