# SPDX-License-Identifier: GPL-3.0-or-later
# R's Mclust() as it comes: 1..9 components, fourteen shapes, chosen by BIC.
#
# usage: Rscript answer.R DATA.csv FIRST LAST LABELS
suppressMessages(library(mclust))
argument <- commandArgs(TRUE)
x <- read.csv(argument[1])[, as.integer(argument[2]):as.integer(argument[3])]
fit <- Mclust(x, verbose = FALSE)
writeLines(as.character(fit$classification), argument[4])
cat(sprintf("Mclust %s %s\t%d\t%.12g\n", packageVersion("mclust"), fit$modelName, as.integer(fit$G),
            fit$loglik))
