/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counter-based random numbers: the finaliser of splitmix64 (Steele, Lea & Flood 2014, "Fast
   splittable pseudorandom number generators", OOPSLA) applied to each part of the key. */
#include <config.h>
#include "base/base.h"

static uint64_t
mix (uint64_t z)
{
  z += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

uint64_t
elbo_key (uint64_t seed, uint64_t stream, uint64_t index)
{
  return mix (mix (mix (seed) ^ stream) ^ index);
}

double
elbo_uniform (uint64_t key)
{
  /* 52 bits and a half: never 0 and never 1 */
  return ((double)(key >> 12) + 0.5) * 0x1p-52;
}
