# SPDX-License-Identifier: GPL-3.0-or-later
"""A Gaussian mixture of faithful.csv through ctypes.  Arguments: libelbo.so, libgsl.so, the data.

The numbers are those of the manual's tour (2 components by variational Bayes).
"""

import ctypes
import math
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_void_p

VB = 2  # elbo_method
ESTOP = 1031
WATCH = CFUNCTYPE(c_int, c_size_t, c_void_p, c_void_p, c_void_p)

gsl = ctypes.CDLL(sys.argv[2], mode=ctypes.RTLD_GLOBAL)
elbo = ctypes.CDLL(sys.argv[1])
libc = ctypes.CDLL(None)
libc.free.argtypes = [c_void_p]


def declare(library, result, name, *arguments):
    function = getattr(library, name)
    function.restype = result
    function.argtypes = arguments


declare(gsl, c_void_p, "gsl_matrix_alloc", c_size_t, c_size_t)
declare(gsl, None, "gsl_matrix_free", c_void_p)
declare(gsl, None, "gsl_matrix_set", c_void_p, c_size_t, c_size_t, c_double)
declare(gsl, c_double, "gsl_matrix_get", c_void_p, c_size_t, c_size_t)
declare(gsl, c_void_p, "gsl_vector_alloc", c_size_t)
declare(gsl, None, "gsl_vector_free", c_void_p)
declare(gsl, c_double, "gsl_vector_get", c_void_p, c_size_t)

declare(elbo, c_char_p, "elbo_version")
declare(elbo, c_int, "elbo_version_number")
declare(elbo, c_char_p, "elbo_message")
declare(elbo, c_int, "elbo_message_status")
declare(elbo, c_void_p, "elbo_family_find", c_char_p)
declare(elbo, c_int, "elbo_mixture_search", c_void_p, c_void_p, c_size_t, c_void_p, c_int,
        c_void_p, POINTER(c_void_p))
declare(elbo, c_void_p, "elbo_data_from_matrix", c_void_p, c_void_p)
declare(elbo, None, "elbo_data_free", c_void_p)
declare(elbo, c_int, "elbo_model_adopt", c_void_p, c_void_p)
declare(elbo, c_void_p, "elbo_search_alloc", c_void_p, c_void_p, c_void_p, c_void_p)
declare(elbo, c_int, "elbo_search_run", c_void_p, WATCH, c_void_p)
declare(elbo, None, "elbo_search_free", c_void_p)
declare(elbo, c_double, "elbo_search_value", c_void_p)
declare(elbo, c_void_p, "elbo_search_model", c_void_p)
declare(elbo, POINTER(c_double), "elbo_search_counts", c_void_p)
declare(elbo, c_double, "elbo_outcome_value", c_void_p)
declare(elbo, c_int, "elbo_component_weights", c_void_p, c_void_p)
declare(elbo, c_int, "elbo_component_mean", c_void_p, c_size_t, c_size_t, c_void_p)
declare(elbo, c_int, "elbo_component_covariance", c_void_p, c_size_t, c_size_t, c_void_p)
declare(elbo, c_int, "elbo_predict_row", c_void_p, POINTER(c_double), POINTER(c_double),
        POINTER(c_double))
declare(elbo, c_void_p, "elbo_record_of", c_void_p)
declare(elbo, None, "elbo_record_free", c_void_p)
declare(elbo, c_int, "elbo_model_to_text", c_void_p, c_void_p, POINTER(c_void_p),
        POINTER(c_size_t))
declare(elbo, c_void_p, "elbo_model_from_text", c_char_p, c_size_t, c_char_p, c_void_p)
declare(elbo, None, "elbo_model_free", c_void_p)
declare(elbo, c_size_t, "elbo_model_ncomp", c_void_p)

number = 0


def report(what, good, *seen):
    """A TAP line; what was seen where it is not good."""
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    if not good:
        print("#", *seen, elbo.elbo_message().decode())


def near(value, wanted, digits):
    return abs(value - wanted) <= 0.5001 * 10**-digits


def read_matrix(path):
    with open(path, encoding="ascii") as stream:
        rows = [line.split(",") for line in stream.read().split()[1:]]
    matrix = gsl.gsl_matrix_alloc(len(rows), len(rows[0]))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            gsl.gsl_matrix_set(matrix, i, j, float(cell))
    return matrix


def score(model, row):
    """The responsibilities and the log density of a row."""
    x = (c_double * 2)(*row)
    resp = (c_double * 2)()
    density = c_double()
    status = elbo.elbo_predict_row(model, x, resp, byref(density))
    return status, list(resp), density.value


def look_at_components(model):
    weights = gsl.gsl_vector_alloc(2)
    mean = gsl.gsl_vector_alloc(2)
    covariance = gsl.gsl_matrix_alloc(2, 2)
    status = (elbo.elbo_component_weights(model, weights)
              or elbo.elbo_component_mean(model, 0, 0, mean)
              or elbo.elbo_component_covariance(model, 0, 0, covariance))
    weight = [gsl.gsl_vector_get(weights, k) for k in range(2)]
    centre = [gsl.gsl_vector_get(mean, d) for d in range(2)]
    spread = [gsl.gsl_matrix_get(covariance, i, j) for i in range(2) for j in range(2)]
    report("weights", status == 0 and near(sum(weight), 1, 12) and near(weight[0], WEIGHT, 3),
           status, weight)
    report("a mean", near(centre[0], MEAN[0], 3) and near(centre[1], MEAN[1], 2), centre)
    report("a covariance", spread[1] == spread[2] and near(math.sqrt(spread[0]), DEVIATION, 3), spread)
    gsl.gsl_vector_free(weights)
    gsl.gsl_vector_free(mean)
    gsl.gsl_matrix_free(covariance)


def round_trip(search):
    model = elbo.elbo_search_model(search)
    record = elbo.elbo_record_of(search)
    text, length = c_void_p(), c_size_t()
    status = elbo.elbo_model_to_text(model, record, byref(text), byref(length))
    written = ctypes.string_at(text.value, length.value)
    again = elbo.elbo_model_from_text(written, len(written), b"text", None)
    report("a model goes through a text", status == 0 and again
           and elbo.elbo_model_ncomp(again) == 2 and score(again, (3.6, 79)) == score(model, (3.6, 79)),
           status, written[:200])
    report("a text that is no model is an error with a sentence",
           not elbo.elbo_model_from_text(b"{}", 2, b"text", None)
           and elbo.elbo_message().startswith(b"text:") and elbo.elbo_message_status() != 0)
    elbo.elbo_model_free(again)
    elbo.elbo_record_free(record)
    libc.free(text)


def watched(model, matrix, stop):
    """A search by its parts: the status, and the objectives that the watch saw."""
    seen = []

    @WATCH
    def watch(start, fit, outcome, arg):
        if outcome:
            seen.append(elbo.elbo_outcome_value(outcome))
        return int(stop)

    data = elbo.elbo_data_from_matrix(matrix, None)
    elbo.elbo_model_adopt(model, data)
    search = elbo.elbo_search_alloc(model, data, None, None)
    status = elbo.elbo_search_run(search, watch, None)
    elbo.elbo_search_free(search)
    elbo.elbo_data_free(data)
    return status, seen


# the first component of the manual's tour
WEIGHT = 0.643
MEAN = (4.290, 79.97)
DEVIATION = 0.413

print("1..10")
report("the version", elbo.elbo_version().decode().split(".") == [
    str(elbo.elbo_version_number() // 10**p % 100) for p in (4, 2, 0)],
       elbo.elbo_version(), elbo.elbo_version_number())
faithful = read_matrix(sys.argv[3])
found = c_void_p()
result = elbo.elbo_mixture_search(faithful, None, 2, elbo.elbo_family_find(b"gauss_full"), VB, None,
                                  byref(found))
report("the bound", result == 0 and near(elbo.elbo_search_value(found), -1163.95295, 5),
       result, elbo.elbo_search_value(found))
counts = elbo.elbo_search_counts(found)[:2]
report("counts", near(sum(counts), 272, 9) and counts[0] > counts[1], counts)
best = elbo.elbo_search_model(found)
look_at_components(best)
result, probability, value = score(best, (3.6, 79))
report("a row is predicted", result == 0 and near(sum(probability), 1, 12)
       and probability[0] > 0.99 and math.isfinite(value), result, probability, value)
round_trip(found)
result, values = watched(best, faithful, stop=False)
halted, few = watched(best, faithful, stop=True)
report("a watch sees every start and can stop", result == 0 and len(values) >= 10
       and near(max(values), -1163.95295, 5) and halted == ESTOP and len(few) < 10, result, values,
       halted, few)
elbo.elbo_search_free(found)
gsl.gsl_matrix_free(faithful)
