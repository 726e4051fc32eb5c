/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest SHA-256, FIPS 180-4, section 6.2.

   "abc" gives ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#if defined __x86_64__ && defined __GNUC__
#define SHA_INSTRUCTIONS 1
#include <cpuid.h>
#include <immintrin.h>
#endif
#include "data/data.h"

static const uint32_t k[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t
rotate (uint32_t x, int n)
{
  return x >> n | x << (32 - n);
}

static void
block (uint32_t state[8], const unsigned char *bytes)
{
  uint32_t w[64], s[8];

  for (int t = 0; t < 16; t++)
    w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16
           | (uint32_t)bytes[4 * t + 2] << 8 | bytes[4 * t + 3];
  for (int t = 16; t < 64; t++)
    w[t] = w[t - 16] + w[t - 7] + (rotate (w[t - 15], 7) ^ rotate (w[t - 15], 18) ^ w[t - 15] >> 3)
           + (rotate (w[t - 2], 17) ^ rotate (w[t - 2], 19) ^ w[t - 2] >> 10);
  memcpy (s, state, sizeof s);
  for (int t = 0; t < 64; t += 8)
    {
      /* The eight words move up by one in each round; naming them anew moves nothing. */
#define ROUND(a, b, c, d, e, f, g, h, i) \
  h += (rotate (e, 6) ^ rotate (e, 11) ^ rotate (e, 25)) + (g ^ (e & (f ^ g))) + k[t + i] \
       + w[t + i]; \
  d += h; \
  h += (rotate (a, 2) ^ rotate (a, 13) ^ rotate (a, 22)) + ((a & b) | (c & (a | b)))
      ROUND (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], 0);
      ROUND (s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], 1);
      ROUND (s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], 2);
      ROUND (s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], 3);
      ROUND (s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], 4);
      ROUND (s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], 5);
      ROUND (s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], 6);
      ROUND (s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], 7);
#undef ROUND
    }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

static void
blocks_portable (uint32_t state[8], const unsigned char *bytes, size_t n)
{
  for (; n; n--, bytes += 64)
    block (state, bytes);
}

#ifdef SHA_INSTRUCTIONS
/* Four rounds with four words of the schedule. */
#define FOUR(w, t) \
  x = _mm_add_epi32 (w, _mm_loadu_si128 ((const __m128i *)(k + t))); \
  cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, x); \
  abef = _mm_sha256rnds2_epu32 (abef, cdgh, _mm_shuffle_epi32 (x, 0x0E))
/* The four words that follow a, b, c, d. */
#define NEXT(a, b, c, d) \
  a = _mm_sha256msg2_epu32 ( \
      _mm_add_epi32 (_mm_sha256msg1_epu32 (a, b), _mm_alignr_epi8 (d, c, 4)), d)

/* The same with the instructions of Intel's SHA extensions, which hold the state as (a b e f) and
   (c d g h): Gulley, Gopal, Yap, Feghali, Guilford and Wolrich, Intel SHA Extensions, 2013. */
__attribute__ ((target ("sha,sse4.1,ssse3"))) static void
blocks_sha (uint32_t state[8], const unsigned char *bytes, size_t n)
{
  const __m128i big = _mm_set_epi64x (0x0C0D0E0F08090A0B, 0x0405060700010203);
  const __m128i *p = (const __m128i *)bytes;
  const __m128i low = _mm_shuffle_epi32 (_mm_loadu_si128 ((const __m128i *)state), 0xB1);
  const __m128i high = _mm_shuffle_epi32 (_mm_loadu_si128 ((const __m128i *)(state + 4)), 0x1B);
  __m128i abef = _mm_alignr_epi8 (low, high, 8), cdgh = _mm_blend_epi16 (high, low, 0xF0);

  for (; n; n--, p += 4)
    {
      const __m128i abef0 = abef, cdgh0 = cdgh;
      __m128i w0 = _mm_shuffle_epi8 (_mm_loadu_si128 (p), big);
      __m128i w1 = _mm_shuffle_epi8 (_mm_loadu_si128 (p + 1), big);
      __m128i w2 = _mm_shuffle_epi8 (_mm_loadu_si128 (p + 2), big);
      __m128i w3 = _mm_shuffle_epi8 (_mm_loadu_si128 (p + 3), big), x;
      for (int t = 0; t < 48; t += 16)
        {
          FOUR (w0, t);
          NEXT (w0, w1, w2, w3);
          FOUR (w1, t + 4);
          NEXT (w1, w2, w3, w0);
          FOUR (w2, t + 8);
          NEXT (w2, w3, w0, w1);
          FOUR (w3, t + 12);
          NEXT (w3, w0, w1, w2);
        }
      FOUR (w0, 48);
      FOUR (w1, 52);
      FOUR (w2, 56);
      FOUR (w3, 60);
      abef = _mm_add_epi32 (abef, abef0);
      cdgh = _mm_add_epi32 (cdgh, cdgh0);
    }
  const __m128i feba = _mm_shuffle_epi32 (abef, 0x1B), dchg = _mm_shuffle_epi32 (cdgh, 0xB1);
  _mm_storeu_si128 ((__m128i *)state, _mm_blend_epi16 (feba, dchg, 0xF0));
  _mm_storeu_si128 ((__m128i *)(state + 4), _mm_alignr_epi8 (dchg, feba, 8));
}

/* Not every compiler's __builtin_cpu_supports knows "sha". */
static int
has_sha (void)
{
  unsigned a, b, c, d;

  return __builtin_cpu_supports ("sse4.1") && __builtin_cpu_supports ("ssse3")
         && __get_cpuid_count (7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#endif

static void
blocks (const elbo_sha256 *sha, uint32_t state[8], const unsigned char *bytes, size_t n)
{
#ifdef SHA_INSTRUCTIONS
  if (sha->instructions)
    {
      blocks_sha (state, bytes, n);
      return;
    }
#endif
  (void)sha;
  blocks_portable (state, bytes, n);
}

void
elbo_sha256_start (elbo_sha256 *sha)
{
  static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
  memcpy (sha->state, first, sizeof first);
  sha->length = 0;
  sha->instructions = 0;
#ifdef SHA_INSTRUCTIONS
  sha->instructions = has_sha ();
#endif
}

void
elbo_sha256_add (elbo_sha256 *sha, const void *bytes, size_t n)
{
  const unsigned char *p = bytes;
  size_t held = sha->length % 64;

  sha->length += n;
  if (held)
    {
      size_t part = n < 64 - held ? n : 64 - held;
      memcpy (sha->block + held, p, part);
      p += part;
      n -= part;
      if (held + part < 64)
        return;
      blocks (sha, sha->state, sha->block, 1);
    }
  if (n >= 64)
    blocks (sha, sha->state, p, n / 64);
  if (n % 64)
    memcpy (sha->block, p + n / 64 * 64, n % 64);
}

void
elbo_sha256_text (const elbo_sha256 *sha, char text[65])
{
  static const unsigned char padding[64] = { 0x80 };
  elbo_sha256 end = *sha;
  unsigned char length[8];
  size_t held = sha->length % 64;

  for (int i = 0; i < 8; i++)
    length[i] = (unsigned char)(sha->length * 8 >> (56 - 8 * i));
  elbo_sha256_add (&end, padding, held < 56 ? 56 - held : 120 - held);
  elbo_sha256_add (&end, length, sizeof length);
  for (int i = 0; i < 8; i++)
    snprintf (text + 8 * i, 9, "%08x", (unsigned)end.state[i]);
}
