# SPDX-License-Identifier: GPL-3.0-or-later
# R's mclust from the common start.  It has no hook between iterations: the time of one is that of
# n + 1 less that of 1, divided by n.
#
# usage: Rscript mclust.R DIR CASE full|diag ITERATIONS
suppressMessages(library(mclust))

read_doubles <- function(path, count) {
  file <- file(path, "rb")
  on.exit(close(file))
  readBin(file, "double", count)
}

variance_of <- function(kind, sigma) {
  dim <- dim(sigma)[1]
  ncomp <- dim(sigma)[3]
  v <- mclustVariance(if (kind == "full") "VVV" else "VVI", d = dim, G = ncomp)
  if (kind == "full") {
    v$sigma <- sigma
    v$cholsigma <- array(apply(sigma, 3, chol), dim(sigma))
  } else {
    diagonal <- apply(sigma, 3, diag)
    v$scale <- apply(diagonal, 2, function(s) exp(mean(log(s))))
    v$shape <- sweep(diagonal, 2, v$scale, "/")
    v$sigma <- array(apply(diagonal, 2, diag), dim(sigma))
  }
  v
}

argument <- commandArgs(TRUE)
stem <- file.path(argument[1], argument[2])
kind <- argument[3]
iterations <- as.integer(argument[4])
size <- scan(paste0(stem, ".meta"), quiet = TRUE)
n <- size[1]; dim <- size[2]; ncomp <- size[3]
x <- matrix(read_doubles(paste0(stem, ".bin"), n * dim), ncol = dim, byrow = TRUE)
start <- read_doubles(paste0(stem, ".start"), ncomp * (1 + dim + dim * dim))
parameters <- list(
  pro = start[seq_len(ncomp)],
  mean = matrix(start[ncomp + seq_len(ncomp * dim)], nrow = dim),
  variance = variance_of(kind, array(start[-seq_len(ncomp * (1 + dim))], c(dim, dim, ncomp))))

run <- function(times) {
  gc()
  control <- emControl(tol = c(0, 0), itmax = c(times, times))
  name <- parameters$variance$modelName
  began <- proc.time()
  fit <- em(modelName = name, data = x, parameters = parameters, control = control)
  used <- proc.time() - began
  list(seconds = used[["elapsed"]], cpu = used[["user.self"]] + used[["sys.self"]],
       value = fit$loglik / n)
}
one <- run(1L)
all <- run(iterations + 1L)
peak <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
cat(sprintf(paste0(
  '{"program": "mclust %s", "case": "%s", "method": "em", "covariance": "%s", "threads": 1, ',
  '"n": %.0f, "dim": %.0f, "ncomp": %.0f, "seconds": %.6g, "cpu": %.6g, "at_pass": %d, ',
  '"loglik_per_row": %.12g, "allowed": 1e-4, "peak_rss_kib": %s}\n'),
  packageVersion("mclust"), argument[2], kind, n, dim, ncomp,
  (all$seconds - one$seconds) / iterations, (all$cpu - one$cpu) / iterations, iterations + 2L, all$value, gsub("[^0-9]", "", peak)))
