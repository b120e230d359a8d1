/* Transforms over Fr on single elements: four-step, with nothing reduced that does not have to be. */
#include <string.h>

#include "fr_product.h"
#include "internal.h"

/* Columns or rows that are transformed together: two cache lines. */
#define FR_GROUP 4

/* 3 r, 4 r and 5 r */
static const climbs_fr fr_thrice = {
    {0x1e34800000000003, 0x0cff64fc70000003, 0x221ce75b14a71004, 0x3802301bce85f003}};
#define FR_TIMES_FOUR \
  {{0x2846000000000004, 0x66a9dbfb40000004, 0x82d1347970dec005, 0x4aad957a68b29559}}
#define FR_TIMES_FIVE \
  {{0x3257800000000005, 0xc05452fa10000005, 0xe3858197cd167006, 0x5d58fad902df3aaf}}

static inline __attribute__((always_inline)) climbs_fr fr_sum(climbs_fr a, climbs_fr b) {
  climbs_fr s;
  unsigned long long carry = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) s.limb[i] = __builtin_addcll(a.limb[i], b.limb[i], carry, &carry);
  return s;
}

/* a - b + multiple, for b below the multiple. */
static inline __attribute__((always_inline)) climbs_fr fr_difference(
    climbs_fr a, climbs_fr b, climbs_fr multiple) {
  climbs_fr d;
  unsigned long long borrow = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++)
    d.limb[i] = __builtin_subcll(multiple.limb[i], b.limb[i], borrow, &borrow);
  return fr_sum(a, d);
}

/* Brings any four limbs below 2 r.
 *
 * r is a bit less than h = 0x12ab655f units of 2^224: with x the highest 32 bits, x floor(2^60 / h) / 2^60 is below the
 * quotient by r and more than it minus 1, before and after rounding down. */
static inline __attribute__((always_inline)) climbs_fr fr_settled(climbs_fr a) {
  const uint64_t r[4] = CLIMBS_FR_MODULUS;
  const uint64_t quotient = (a.limb[3] >> 32) * (((uint64_t)1 << 60) / 0x12ab655f) >> 60;
  unsigned long long borrow = 0;
  fr_wide multiple = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    multiple = (fr_wide)quotient * r[i] + (uint64_t)(multiple >> 64);
    a.limb[i] = __builtin_subcll(a.limb[i], (uint64_t)multiple, borrow, &borrow);
  }
  return a;
}

/* a / 2^times modulo r, for times of at most 47; below 1 + 13.7 / 2^times times r.
 *
 * r is 1 modulo 2^47: adding m r with m = -a modulo 2^times makes a divisible. */
static inline __attribute__((always_inline)) climbs_fr fr_halved(climbs_fr a, int times) {
  const uint64_t r[4] = CLIMBS_FR_MODULUS;
  const uint64_t m = (0 - a.limb[0]) & (((uint64_t)1 << times) - 1);
  fr_wide sum = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    sum = (fr_wide)m * r[i] + a.limb[i] + (uint64_t)(sum >> 64);
    a.limb[i] = (uint64_t)sum;
  }
  const uint64_t next[4] = {a.limb[1], a.limb[2], a.limb[3], (uint64_t)(sum >> 64)};
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) a.limb[i] = a.limb[i] >> times | next[i] << (64 - times);
  return a;
}

static inline size_t root_index(size_t power, size_t n, int inverse) {
  return (inverse ? n - power : power) & (n - 1);
}

/* root^(k n / m) for k < m / 2 */
static void copy_twiddles(
    climbs_fr *twiddles, const climbs_fr *roots, size_t n, size_t m, int inverse) {
  for (size_t k = 0; k < m / 2; k++) twiddles[k] = roots[root_index(k * (n / m), n, inverse)];
}

#define FR_NAME(operation) operation##_portable
#define FR_PRODUCT fr_product_portable
#include "fr_transform.inc"

#if defined(__x86_64__)
#define FR_NAME(operation) operation##_adx
#define FR_PRODUCT fr_product_adx
#include "fr_transform.inc"
#endif
