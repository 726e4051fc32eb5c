# SPDX-License-Identifier: GPL-3.0-or-later
# R's data.table: read a CSV file.
#
# usage: Rscript fread.R FILE THREADS
suppressMessages(library(data.table))
argument <- commandArgs(TRUE)
threads <- as.integer(argument[2])
setDTthreads(threads)
timed <- replicate(5, {
  t <- system.time(fread(argument[1], showProgress = FALSE))
  c(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]])
})
peak <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
cat(sprintf(
  paste0("{\"program\": \"data.table %s\", \"case\": \"csv\", \"method\": \"read\", ",
         "\"threads\": %d, \"seconds\": %.6g, \"cpu\": %.6g, \"peak_rss_kib\": %s}\n"),
  packageVersion("data.table"), threads, median(timed[1, ]), median(timed[2, ]),
  gsub("[^0-9]", "", peak)))
