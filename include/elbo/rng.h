/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers as functions of a key, not as a stream.

   Parallel code asks for number (seed, stream, index) and gets the same answer for any order of
   rows, number of threads or ranks. */
#ifndef ELBO_RNG_H
#define ELBO_RNG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Mix seed, stream and index into one well-spread key (the finaliser of splitmix64, applied to
   each part; Steele, Lea & Flood 2014). */
uint64_t elbo_key (uint64_t seed, uint64_t stream, uint64_t index);

/* Turn a key into a number in the open interval (0, 1). */
double elbo_uniform (uint64_t key);

#ifdef __cplusplus
}
#endif

#endif
