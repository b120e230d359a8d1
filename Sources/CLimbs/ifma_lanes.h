/* Eight field elements at once, one per 64-bit lane, as limbs of 52 bits: the common part of both fields.
 *
 * Include with LANES, LANES_NAME, LANES_LIMBS and the field's constants defined; undefines them. Values are kept below
 * a small multiple of the modulus instead of below it; each function states its bounds.
 *
 * Reduction (the derivation for both fields). Let k = -1/p mod 2^52 and w = (k p + 1) / 2^52. Since k p = 2^52 w - 1,
 * adding m k p with m the lowest limb t_0 clears that limb and adds m w one limb higher: no product gives m. Each such
 * step adds less than 2^52 k p, too much only in the last step, which takes m = k t_0 and adds m p instead. The sum of
 * all steps is below 2^(52 n) (w + p), so the product of a and b is below a b / 2^(52 n) + w + p. */

typedef struct {
  __m512i limb[LANES_LIMBS];
} LANES;

/* Moves what exceeds 52 bits to the next limb; limbs may be negative, the value may not. */
LANES_INLINE LANES LANES_NAME(carried)(LANES a) {
  const __m512i mask = _mm512_set1_epi64(LIMB_MASK);
#pragma clang loop unroll(full)
  for (int i = 0; i + 1 < LANES_LIMBS; i++) {
    a.limb[i + 1] = _mm512_add_epi64(a.limb[i + 1], _mm512_srai_epi64(a.limb[i], 52));
    a.limb[i] = _mm512_and_si512(a.limb[i], mask);
  }
  return a;
}

/* Reduces the 2n limbs of a product to n and carries. */
LANES_INLINE LANES LANES_NAME(reduced)(__m512i *t) {
  const uint64_t w[LANES_LIMBS] = LANES_SHIFTED_MULTIPLE, p[LANES_LIMBS] = LANES_MODULUS;
  const __m512i mask = _mm512_set1_epi64(LIMB_MASK);
#pragma clang loop unroll(full)
  for (int i = 0; i + 1 < LANES_LIMBS; i++) {
    const __m512i m = _mm512_and_si512(t[i], mask);
    t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64(t[i], 52));
#pragma clang loop unroll(full)
    for (int j = 0; j < LANES_LIMBS; j++) {
      const __m512i factor = _mm512_set1_epi64((int64_t)w[j]);
      t[i + j + 1] = _mm512_madd52lo_epu64(t[i + j + 1], m, factor);
      t[i + j + 2] = _mm512_madd52hi_epu64(t[i + j + 2], m, factor);
    }
  }
  /* The lowest limb and m p_0 add up to 0 or 2^52 in their low 52 bits. */
  __m512i *last = t + LANES_LIMBS - 1;
  const __m512i m = _mm512_madd52lo_epu64(
      _mm512_setzero_si512(), last[0], _mm512_set1_epi64(LANES_NEGATIVE_INVERSE));
  last[1] = _mm512_add_epi64(last[1], _mm512_srli_epi64(_mm512_add_epi64(last[0], mask), 52));
#pragma clang loop unroll(full)
  for (int j = 0; j < LANES_LIMBS; j++) {
    const __m512i factor = _mm512_set1_epi64((int64_t)p[j]);
    if (j > 0) last[j] = _mm512_madd52lo_epu64(last[j], m, factor);
    last[j + 1] = _mm512_madd52hi_epu64(last[j + 1], m, factor);
  }
  LANES r;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) r.limb[i] = last[i + 1];
  return LANES_NAME(carried)(r);
}

/* a b / 2^(52 n), for carried limbs. */
LANES_INLINE LANES LANES_NAME(multiply)(LANES a, LANES b) {
  __m512i t[2 * LANES_LIMBS];
#pragma clang loop unroll(full)
  for (int i = 0; i < 2 * LANES_LIMBS; i++) t[i] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < LANES_LIMBS; j++) {
      t[i + j] = _mm512_madd52lo_epu64(t[i + j], a.limb[j], b.limb[i]);
      t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a.limb[j], b.limb[i]);
    }
  }
  return LANES_NAME(reduced)(t);
}

/* a a / 2^(52 n): products of different limbs once, doubled. */
LANES_INLINE LANES LANES_NAME(square)(LANES a) {
  __m512i t[2 * LANES_LIMBS];
#pragma clang loop unroll(full)
  for (int i = 0; i < 2 * LANES_LIMBS; i++) t[i] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) {
#pragma clang loop unroll(full)
    for (int j = i + 1; j < LANES_LIMBS; j++) {
      t[i + j] = _mm512_madd52lo_epu64(t[i + j], a.limb[j], a.limb[i]);
      t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a.limb[j], a.limb[i]);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 1; i < 2 * LANES_LIMBS; i++) t[i] = _mm512_add_epi64(t[i], t[i]);
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) {
    t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a.limb[i], a.limb[i]);
    t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a.limb[i], a.limb[i]);
  }
  return LANES_NAME(reduced)(t);
}

/* Limb by limb, not carried. */
LANES_INLINE LANES LANES_NAME(sum)(LANES a, LANES b) {
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) a.limb[i] = _mm512_add_epi64(a.limb[i], b.limb[i]);
  return a;
}

/* Limb by limb, not carried, possibly negative. */
LANES_INLINE LANES LANES_NAME(difference)(LANES a, LANES b) {
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) a.limb[i] = _mm512_sub_epi64(a.limb[i], b.limb[i]);
  return a;
}

/* a + factor p, not carried. */
LANES_INLINE LANES LANES_NAME(plus_modulus)(LANES a, int64_t factor) {
  const int64_t p[LANES_LIMBS] = LANES_MODULUS;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++)
    a.limb[i] = _mm512_add_epi64(a.limb[i], _mm512_set1_epi64(factor * p[i]));
  return a;
}

/* The element with these plain limbs in every lane. */
LANES_INLINE LANES LANES_NAME(constant)(const uint64_t *limbs) {
  LANES r;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) r.limb[i] = _mm512_set1_epi64((int64_t)limbs[i]);
  return r;
}

LANES_INLINE LANES LANES_NAME(load)(const uint64_t *from) {
  LANES r;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) r.limb[i] = _mm512_load_si512(from + 8 * i);
  return r;
}

LANES_INLINE void LANES_NAME(store)(uint64_t *to, LANES a) {
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES_LIMBS; i++) _mm512_store_si512(to + 8 * i, a.limb[i]);
}

#undef LANES
#undef LANES_NAME
#undef LANES_LIMBS
#undef LANES_MODULUS
#undef LANES_SHIFTED_MULTIPLE
#undef LANES_NEGATIVE_INVERSE
