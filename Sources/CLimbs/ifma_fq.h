/* Eight elements of Fq: 8 limbs of 52 bits, radix 2^416. Use inside a region compiled for AVX-512 IFMA. */
#pragma once
#include <immintrin.h>
#include <stdint.h>

#define LANES_INLINE static inline __attribute__((always_inline))
#define LIMB_MASK ((INT64_C(1) << 52) - 1)

#define FQ52_MODULUS                                                                      \
  {0x8c00000000001, 0x4430000000850, 0xa094800170b5d, 0x138f1ef3622fb, 0xb1a22d9f300f5,   \
   0x3b05c06ca1493, 0xa4617c510eac6, 0x0000000001ae3}
#define LANES fq8
#define LANES_NAME(operation) fq8_##operation
#define LANES_LIMBS 8
#define LANES_MODULUS FQ52_MODULUS
#define LANES_SHIFTED_MULTIPLE                                                            \
  {0xc85fffffff7b0, 0x60b5bffe8f92e, 0x8842170d6773b, 0x5510174de9a2c, 0x8a1ef0866cff2,   \
   0xc3e5a8ea5987a, 0x7de54ffc52580, 0x0000000000eb4}
#define LANES_NEGATIVE_INVERSE 0x8bfffffffffff
#include "ifma_lanes.h"

/* 2^448: times the radix-2^384 form of an element, it gives the radix-2^416 form. */
static const uint64_t fq52_from_64[8] = {
    0x07ccefe7c5a25, 0x9dee49ccfcf9a, 0x3dc3ff79f2a81, 0xb7eaa16af28b0,
    0xe5d18e3b07d04, 0x85efd62fb7463, 0x8c84314d2bbc1, 0x0000000000197};
/* 2^384: the way back. */
static const uint64_t fq52_to_64[8] = {
    0xdffffffffff68, 0x837fffffb102c, 0xa7d3ff251409f, 0x63059f7db3a98,
    0x87b4e97b76e7c, 0xf495bf803c84e, 0x661e2fdf49a4c, 0x00000000008d6};

/* One limb of 1, -1, -2, -3, 5, 4, 3, 2 times the modulus: indexed by a signed quotient modulo 8. */
#define MULTIPLES(p) {p, -p, -2 * p, -3 * p, 5 * p, 4 * p, 3 * p, 2 * p}
static const int64_t fq52_multiples[8][8] __attribute__((aligned(64))) = {
    MULTIPLES(INT64_C(0x8c00000000001)), MULTIPLES(INT64_C(0x4430000000850)),
    MULTIPLES(INT64_C(0xa094800170b5d)), MULTIPLES(INT64_C(0x138f1ef3622fb)),
    MULTIPLES(INT64_C(0xb1a22d9f300f5)), MULTIPLES(INT64_C(0x3b05c06ca1493)),
    MULTIPLES(INT64_C(0xa4617c510eac6)), MULTIPLES(INT64_C(0x0000000001ae3))};

/* Brings a value in (-4.7 q, 4.7 q) with limbs below 2^54 in magnitude to [0, 2.2 q), carried.
 *
 * The highest limb divided by 2^13 is the quotient j by 1.19 q, rounded down (q is 6883.6 units of that limb; the lower
 * limbs change it by at most 3 units). j > 0 takes away j q, j <= 0 adds (1 - j) q: the result is in (0, 2.2 q). */
LANES_INLINE fq8 fq8_settled(fq8 a) {
  const __m512i quotient = _mm512_srai_epi64(a.limb[7], 13);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    const __m512i multiple =
        _mm512_permutexvar_epi64(quotient, _mm512_load_si512(fq52_multiples[i]));
    a.limb[i] = _mm512_add_epi64(a.limb[i], multiple);
  }
  return fq8_carried(a);
}

/* Rows to columns: limb i of lane j goes to lane i of limb j. */
LANES_INLINE fq8 fq8_transposed(fq8 a) {
  const __m512i *r = a.limb;
  __m512i even[4], odd[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    even[i] = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]);
    odd[i] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]);
  }
  const __m512i e0 = _mm512_shuffle_i64x2(even[0], even[1], 0x88);
  const __m512i e1 = _mm512_shuffle_i64x2(even[0], even[1], 0xdd);
  const __m512i e2 = _mm512_shuffle_i64x2(even[2], even[3], 0x88);
  const __m512i e3 = _mm512_shuffle_i64x2(even[2], even[3], 0xdd);
  const __m512i o0 = _mm512_shuffle_i64x2(odd[0], odd[1], 0x88);
  const __m512i o1 = _mm512_shuffle_i64x2(odd[0], odd[1], 0xdd);
  const __m512i o2 = _mm512_shuffle_i64x2(odd[2], odd[3], 0x88);
  const __m512i o3 = _mm512_shuffle_i64x2(odd[2], odd[3], 0xdd);
  fq8 c;
  c.limb[0] = _mm512_shuffle_i64x2(e0, e2, 0x88);
  c.limb[4] = _mm512_shuffle_i64x2(e0, e2, 0xdd);
  c.limb[2] = _mm512_shuffle_i64x2(e1, e3, 0x88);
  c.limb[6] = _mm512_shuffle_i64x2(e1, e3, 0xdd);
  c.limb[1] = _mm512_shuffle_i64x2(o0, o2, 0x88);
  c.limb[5] = _mm512_shuffle_i64x2(o0, o2, 0xdd);
  c.limb[3] = _mm512_shuffle_i64x2(o1, o3, 0x88);
  c.limb[7] = _mm512_shuffle_i64x2(o1, o3, 0xdd);
  return c;
}
