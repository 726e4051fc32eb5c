# SPDX-License-Identifier: GPL-3.0-or-later
# Arguments: the shim (tests/r-shim.c, compiled), faithful.csv.  The numbers are those of the manual.
argument <- commandArgs(trailingOnly = TRUE)
shim <- dyn.load(argument[1])
x <- as.matrix(read.csv(argument[2]))
storage.mode(x) <- "double"

fit <- function(ncomp = 2L, starts = 10L, watch = NULL, catch = TRUE)
  .Call(getNativeSymbolInfo("fit", shim), x, ncomp, starts, watch, catch)

number <- 0
report <- function(what, good, seen = NULL) {
  number <<- number + 1
  cat(if (isTRUE(good)) "ok" else "not ok", number, "-", what, "\n")
  if (!isTRUE(good)) cat(paste("#", capture.output(str(seen))), sep = "\n")
}
near <- function(value, wanted) abs(value - wanted) < 5.001e-6

ELBO_ESTOP <- 1031L
cat("1..6\n")

result <- fit()
report("numbers of the manual", result[[1]] == 0 && near(result[[2]], -1163.95295)
       && near(sum(result[[3]]), 272) && result[[3]][1] > 175, result)

seen <- numeric()
result <- fit(watch = function(start, value) { seen[start] <<- value; FALSE })
report("a watch in R sees every start", length(seen) >= 10 && near(max(seen), -1163.95295), seen)

seen <- 0
result <- fit(watch = function(start, value) { seen <<- seen + 1; seen == 3 })
report("it cancels, and the best so far is kept",
       result[[1]] == ELBO_ESTOP && seen == 3 && near(result[[2]], -1163.95295), result)

result <- fit(watch = function(start, value) stop("from R"))
report("an error that is caught ends the search", result[[1]] == ELBO_ESTOP && is.na(result[[2]]),
       result)

said <- tryCatch(fit(watch = function(start, value) stop("from R"), catch = FALSE),
                 error = conditionMessage)
report("an error that jumps arrives, in_turn", identical(said, "from R"), said)

invisible(gc())
result <- fit()
report("searches after it run", result[[1]] == 0 && near(result[[2]], -1163.95295), result)
