/* Eight elements of Fr: 5 limbs of 52 bits, radix 2^260. Use inside a region compiled for AVX-512 IFMA.
 *
 * Data stay in their radix-2^256 form; only the factors they are multiplied by have radix 2^260, so that products keep
 * the form of the data. r is 0.58 · 2^253: the limbs have room for 219 r, four words of 64 bits for 13 r. */
#pragma once
#include <immintrin.h>
#include <stdint.h>

#include "climbs.h"

#define LANES_INLINE static inline __attribute__((always_inline))
#define LIMB_MASK ((INT64_C(1) << 52) - 1)

#define FR52_MODULUS \
  {0x1800000000001, 0xfed00000010a1, 0xc37b00159aa76, 0xa55660b44d1e5, 0x012ab655e9a2c}
#define LANES fr8
#define LANES_NAME(operation) fr8_##operation
#define LANES_LIMBS 5
#define LANES_MODULUS FR52_MODULUS
#define LANES_SHIFTED_MULTIPLE \
  {0x1b6ffffffef5f, 0x64687fea65718, 0xe4fd274db9615, 0x2e5562bafd980, 0x001c01180de74}
#define LANES_NEGATIVE_INVERSE 0x17fffffffffff
#include "ifma_lanes.h"

/* 2^264: times the radix-2^256 form of an element, it gives the radix-2^260 form. */
static const uint64_t fr52_from_64[5] = {
    0xefffffffff24a, 0x481ffff1bff40, 0xc78cd7c98c476, 0x11ae17e6a1bb9, 0x0060020ea1fdd};

/* Words of 64 bits, word i of eight elements in vector i. */
typedef struct {
  __m512i word[4];
} fr8_words;

/* Eight elements, lane l from element l · stride. */
LANES_INLINE fr8_words fr8_gathered_words(const climbs_fr *from, size_t stride) {
  __m512i pair[4];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 4; i++) {
    const __m256i low = _mm256_loadu_si256((const __m256i *)(from + i * stride));
    const __m256i high = _mm256_loadu_si256((const __m256i *)(from + (i + 4) * stride));
    pair[i] = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
  const __m512i second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  const __m512i even01 = _mm512_unpacklo_epi64(pair[0], pair[1]);
  const __m512i even23 = _mm512_unpacklo_epi64(pair[2], pair[3]);
  const __m512i odd01 = _mm512_unpackhi_epi64(pair[0], pair[1]);
  const __m512i odd23 = _mm512_unpackhi_epi64(pair[2], pair[3]);
  return (fr8_words){
      {_mm512_permutex2var_epi64(even01, first, even23),
       _mm512_permutex2var_epi64(odd01, first, odd23),
       _mm512_permutex2var_epi64(even01, second, even23),
       _mm512_permutex2var_epi64(odd01, second, odd23)}};
}

#define JOIN(low, right, high, left) \
  _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(low, right), _mm512_slli_epi64(high, left)), mask)

LANES_INLINE fr8 fr8_gathered(const climbs_fr *from, size_t stride) {
  const __m512i mask = _mm512_set1_epi64(LIMB_MASK);
  const fr8_words w = fr8_gathered_words(from, stride);
  return (fr8){
      {_mm512_and_si512(w.word[0], mask), JOIN(w.word[0], 52, w.word[1], 12),
       JOIN(w.word[1], 40, w.word[2], 24), JOIN(w.word[2], 28, w.word[3], 36),
       _mm512_srli_epi64(w.word[3], 16)}};
}

/* 16 times the elements: a factor of radix 2^260 without a multiplication, below 16 r. */
LANES_INLINE fr8 fr8_gathered_factors(const climbs_fr *from, size_t stride) {
  const __m512i mask = _mm512_set1_epi64(LIMB_MASK);
  const fr8_words w = fr8_gathered_words(from, stride);
  return (fr8){
      {_mm512_and_si512(_mm512_slli_epi64(w.word[0], 4), mask),
       JOIN(w.word[0], 48, w.word[1], 16), JOIN(w.word[1], 36, w.word[2], 28),
       JOIN(w.word[2], 24, w.word[3], 40), _mm512_srli_epi64(w.word[3], 12)}};
}
#undef JOIN

/* Eight consecutive elements from carried limbs of values below 2^256. */
LANES_INLINE void fr8_scatter(climbs_fr *to, fr8 a) {
  const __m512i *l = a.limb;
#define JOIN(low, right, high, left) \
  _mm512_or_si512(_mm512_srli_epi64(low, right), _mm512_slli_epi64(high, left))
  const __m512i w0 = JOIN(l[0], 0, l[1], 52), w1 = JOIN(l[1], 12, l[2], 40);
  const __m512i w2 = JOIN(l[2], 24, l[3], 28), w3 = JOIN(l[3], 36, l[4], 16);
#undef JOIN
  const __m512i even01 = _mm512_unpacklo_epi64(w0, w1), odd01 = _mm512_unpackhi_epi64(w0, w1);
  const __m512i even23 = _mm512_unpacklo_epi64(w2, w3), odd23 = _mm512_unpackhi_epi64(w2, w3);
  /* even01 has words 0, 1 of elements 0, 2, 4, 6. */
  const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  const __m512i e02 = _mm512_permutex2var_epi64(even01, low, even23);
  const __m512i e46 = _mm512_permutex2var_epi64(even01, high, even23);
  const __m512i e13 = _mm512_permutex2var_epi64(odd01, low, odd23);
  const __m512i e57 = _mm512_permutex2var_epi64(odd01, high, odd23);
  _mm512_storeu_si512(to, _mm512_shuffle_i64x2(e02, e13, 0x44));
  _mm512_storeu_si512(to + 2, _mm512_shuffle_i64x2(e02, e13, 0xee));
  _mm512_storeu_si512(to + 4, _mm512_shuffle_i64x2(e46, e57, 0x44));
  _mm512_storeu_si512(to + 6, _mm512_shuffle_i64x2(e46, e57, 0xee));
}

/* The canonical form of a value in [0, 64 r). */
LANES_INLINE fr8 fr8_canonical(fr8 a) {
  const uint64_t p[5] = FR52_MODULUS;
  a = fr8_carried(a);
  /* A quotient from the highest limb, which is at most 1 too small: r is a bit less than 20527349406253 units of it. */
  const __m512d highest = _mm512_cvtepi64_pd(a.limb[4]);
  const __m512i quotient =
      _mm512_cvttpd_epi64(_mm512_mul_pd(highest, _mm512_set1_pd(1.0 / 20527349406254.0)));
  /* a - quotient r modulo 2^260, as a + quotient (2^260 - r). */
#pragma clang loop unroll(full)
  for (int i = 0; i < 5; i++) {
    const uint64_t complement = (~p[i] & LIMB_MASK) + (i == 0);
    const __m512i factor = _mm512_set1_epi64((int64_t)complement);
    a.limb[i] = _mm512_madd52lo_epu64(a.limb[i], quotient, factor);
    if (i < 4) a.limb[i + 1] = _mm512_madd52hi_epu64(a.limb[i + 1], quotient, factor);
  }
  a = fr8_carried(a);
  a.limb[4] = _mm512_and_si512(a.limb[4], _mm512_set1_epi64(LIMB_MASK));
  const fr8 less = fr8_carried(fr8_plus_modulus(a, -1));
  const __mmask8 negative = _mm512_movepi64_mask(less.limb[4]);
#pragma clang loop unroll(full)
  for (int i = 0; i < 5; i++)
    a.limb[i] = _mm512_mask_mov_epi64(less.limb[i], negative, a.limb[i]);
  return a;
}
