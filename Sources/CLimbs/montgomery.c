/* Montgomery products of single elements: portable form, and the choice between the forms.
 *
 * A portable square by the products of different limbs gains nothing over a product: both wait for the reduction. */
#include "internal.h"
#include "level.h"

typedef unsigned __int128 wide;

/* Coarsely integrated operand scanning without a carry limb, for moduli whose top bit is free and that are not
 * all ones (the "no-carry" condition in the field documentation of gnark-crypto). n is a constant at each use. */
static inline __attribute__((always_inline)) void multiply(
    uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *modulus,
    uint64_t negative_inverse, const int n) {
  uint64_t t[6] = {0};
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    wide product = (wide)a[0] * b[i] + t[0];
    const uint64_t m = (uint64_t)product * negative_inverse;
    wide reduced = (wide)m * modulus[0] + (uint64_t)product;
#pragma clang loop unroll(full)
    for (int j = 1; j < n; j++) {
      product = (wide)a[j] * b[i] + t[j] + (uint64_t)(product >> 64);
      reduced = (wide)m * modulus[j] + (uint64_t)product + (uint64_t)(reduced >> 64);
      t[j - 1] = (uint64_t)reduced;
    }
    t[n - 1] = (uint64_t)(product >> 64) + (uint64_t)(reduced >> 64);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) r[i] = t[i];
}

void climbs_fr_multiply_portable(climbs_fr *r, const climbs_fr *a, const climbs_fr *b) {
  const uint64_t modulus[4] = CLIMBS_FR_MODULUS;
  climbs_fr t;
  multiply(t.limb, a->limb, b->limb, modulus, CLIMBS_FR_NEGATIVE_INVERSE, 4);
  *r = climbs_fr_reduce_once(t);
}

void climbs_fq_multiply_portable(climbs_fq *r, const climbs_fq *a, const climbs_fq *b) {
  const uint64_t modulus[6] = CLIMBS_FQ_MODULUS;
  climbs_fq t;
  multiply(t.limb, a->limb, b->limb, modulus, CLIMBS_FQ_NEGATIVE_INVERSE, 6);
  *r = climbs_fq_reduce_once(t);
}

void climbs_fr_multiply_into(climbs_fr *r, const climbs_fr *a, const climbs_fr *b) {
#if defined(__x86_64__)
  if (__builtin_expect(climbs_current_level() >= CLIMBS_ADX, 1)) {
    climbs_fr_multiply_adx(r, a, b);
    return;
  }
#endif
  climbs_fr_multiply_portable(r, a, b);
}

void climbs_fq_multiply_into(climbs_fq *r, const climbs_fq *a, const climbs_fq *b) {
#if defined(__x86_64__)
  if (__builtin_expect(climbs_current_level() >= CLIMBS_ADX, 1)) {
    climbs_fq_multiply_adx(r, a, b);
    return;
  }
#endif
  climbs_fq_multiply_portable(r, a, b);
}

void climbs_fr_square_into(climbs_fr *r, const climbs_fr *a) {
#if defined(__x86_64__)
  if (__builtin_expect(climbs_current_level() >= CLIMBS_ADX, 1)) {
    climbs_fr_square_adx(r, a);
    return;
  }
#endif
  climbs_fr_multiply_portable(r, a, a);
}

void climbs_fq_square_into(climbs_fq *r, const climbs_fq *a) {
#if defined(__x86_64__)
  if (__builtin_expect(climbs_current_level() >= CLIMBS_ADX, 1)) {
    climbs_fq_square_adx(r, a);
    return;
  }
#endif
  climbs_fq_multiply_portable(r, a, a);
}
