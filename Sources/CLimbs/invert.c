/* Inverses by the binary greatest common divisor with 31 steps at a time on approximations of 64 bits.
 *
 * T. Pornin, "Optimized Binary GCD for Modular Inversion" (ePrint 2020/972), algorithm 2. With y the element and m
 * the modulus, a = y u and b = y v modulo m hold throughout; after 2 bits(m) - 1 steps a = 0 and b = 1. */
#include "internal.h"

typedef unsigned __int128 wide;
typedef __int128 signed_wide;

#define STEPS 31
#define LOW_BITS ((UINT64_C(1) << STEPS) - 1)
#define MOST_LIMBS 6

/* What 31 steps do to a pair: (a, b) becomes ((f0 a + g0 b) / 2^31, (f1 a + g1 b) / 2^31). */
typedef struct {
  int64_t f0, g0, f1, g1;
} steps;

/* The highest 33 and the lowest 31 bits of a and b at the length of the longer one; exact if both fit 64 bits. */
static inline void approximate(
    uint64_t *approximation_a, uint64_t *approximation_b, const uint64_t *a, const uint64_t *b,
    int n) {
  uint64_t high_a = 0, low_a = 0, high_b = 0, low_b = 0;
  uint64_t wants_high = ~UINT64_C(0), wants_low = ~UINT64_C(0);
  for (int i = n - 1; i >= 0; i--) {
    high_a ^= (high_a ^ a[i]) & wants_high;
    high_b ^= (high_b ^ b[i]) & wants_high;
    low_a ^= (low_a ^ a[i]) & wants_low;
    low_b ^= (low_b ^ b[i]) & wants_low;
    wants_low = wants_high;
    const uint64_t both = a[i] | b[i];
    wants_high &= ((both | (0 - both)) >> 63) - 1;
  }
  /* wants_low is left set when the highest non-zero limb is limb 0. */
  const int shift = __builtin_clzll(high_a | high_b | 1);
  const uint64_t top_a = (uint64_t)((((wide)high_a << 64 | low_a) << shift) >> 64);
  const uint64_t top_b = (uint64_t)((((wide)high_b << 64 | low_b) << shift) >> 64);
  const uint64_t near_a = (top_a & ~LOW_BITS) | (a[0] & LOW_BITS);
  const uint64_t near_b = (top_b & ~LOW_BITS) | (b[0] & LOW_BITS);
  *approximation_a = near_a ^ ((near_a ^ a[0]) & wants_low);
  *approximation_b = near_b ^ ((near_b ^ b[0]) & wants_low);
}

/* 31 steps: halve a if it is even, otherwise replace the larger by half the difference; b stays odd. */
static inline steps advance(uint64_t a, uint64_t b) {
  uint64_t f0 = 1, g0 = 0, f1 = 0, g1 = 1;
  for (int i = 0; i < STEPS; i++) {
    const uint64_t odd = 0 - (a & 1);
    const uint64_t swap = odd & (0 - (uint64_t)(a < b));
    uint64_t t = (a ^ b) & swap;
    a ^= t;
    b ^= t;
    t = (f0 ^ f1) & swap;
    f0 ^= t;
    f1 ^= t;
    t = (g0 ^ g1) & swap;
    g0 ^= t;
    g1 ^= t;
    a = (a - (b & odd)) >> 1;
    f0 -= f1 & odd;
    g0 -= g1 & odd;
    f1 <<= 1;
    g1 <<= 1;
  }
  return (steps){(int64_t)f0, (int64_t)g0, (int64_t)f1, (int64_t)g1};
}

/* r = f a + g b in two's complement; returns the limb above. */
static inline int64_t combine(
    uint64_t *r, const uint64_t *a, const uint64_t *b, int64_t f, int64_t g, int n) {
  signed_wide sum = 0;
  for (int i = 0; i < n; i++) {
    sum += (signed_wide)a[i] * f + (signed_wide)b[i] * g;
    r[i] = (uint64_t)sum;
    sum >>= 64;
  }
  return (int64_t)sum;
}

static inline void shift_down(uint64_t *r, int64_t top, int n) {
  for (int i = 0; i < n; i++) {
    const uint64_t next = i + 1 < n ? r[i + 1] : (uint64_t)top;
    r[i] = r[i] >> STEPS | next << (64 - STEPS);
  }
}

/* r = |f a + g b| / 2^31; returns all ones if the sum was negative. The division is exact. */
static inline uint64_t combine_exactly(
    uint64_t *r, const uint64_t *a, const uint64_t *b, int64_t f, int64_t g, int n) {
  const int64_t top = combine(r, a, b, f, g, n);
  shift_down(r, top, n);
  const uint64_t negative = (uint64_t)(top >> 63);
  uint64_t carry = negative & 1;
  for (int i = 0; i < n; i++) {
    const wide sum = (wide)(r[i] ^ negative) + carry;
    r[i] = (uint64_t)sum;
    carry = (uint64_t)(sum >> 64);
  }
  return negative;
}

/* r = (f u + g v) / 2^31 modulo m, in [0, m), for u and v in [0, m) and |f| + |g| <= 2^31. */
static inline void combine_modulo(
    uint64_t *r, const uint64_t *u, const uint64_t *v, int64_t f, int64_t g, const uint64_t *m,
    uint64_t negative_inverse, int n) {
  int64_t top = combine(r, u, v, f, g, n);
  const uint64_t factor = (r[0] * negative_inverse) & LOW_BITS;
  uint64_t carry = 0;
  for (int i = 0; i < n; i++) {
    const wide sum = (wide)m[i] * factor + r[i] + carry;
    r[i] = (uint64_t)sum;
    carry = (uint64_t)(sum >> 64);
  }
  top += (int64_t)carry;
  shift_down(r, top, n);
  /* In (-m, 2m): add m if negative, then subtract m if that does not make it negative. */
  const uint64_t negative = (uint64_t)(top >> 63);
  carry = 0;
  for (int i = 0; i < n; i++) {
    const wide sum = (wide)r[i] + (m[i] & negative) + carry;
    r[i] = (uint64_t)sum;
    carry = (uint64_t)(sum >> 64);
  }
  uint64_t reduced[MOST_LIMBS];
  uint64_t borrow = 0;
  for (int i = 0; i < n; i++) {
    const wide difference = (wide)r[i] - m[i] - borrow;
    reduced[i] = (uint64_t)difference;
    borrow = (uint64_t)(difference >> 64) & 1;
  }
  const uint64_t keep = 0 - borrow;
  for (int i = 0; i < n; i++) r[i] = reduced[i] ^ ((reduced[i] ^ r[i]) & keep);
}

/* r = y^-1 modulo m, or 0 for 0; as plain integers. */
static inline __attribute__((always_inline)) void invert(
    uint64_t *r, const uint64_t *y, const uint64_t *m, uint64_t negative_inverse, const int n,
    const int bits) {
  uint64_t a[MOST_LIMBS], b[MOST_LIMBS], u[MOST_LIMBS] = {1}, v[MOST_LIMBS] = {0};
  for (int i = 0; i < n; i++) {
    a[i] = y[i];
    b[i] = m[i];
  }
  for (int done = 0; done < 2 * bits - 1; done += STEPS) {
    uint64_t near_a, near_b, na[MOST_LIMBS], nb[MOST_LIMBS], nu[MOST_LIMBS], nv[MOST_LIMBS];
    approximate(&near_a, &near_b, a, b, n);
    steps s = advance(near_a, near_b);
    const int64_t sign_a = (int64_t)combine_exactly(na, a, b, s.f0, s.g0, n);
    const int64_t sign_b = (int64_t)combine_exactly(nb, a, b, s.f1, s.g1, n);
    combine_modulo(nu, u, v, (s.f0 ^ sign_a) - sign_a, (s.g0 ^ sign_a) - sign_a, m, negative_inverse, n);
    combine_modulo(nv, u, v, (s.f1 ^ sign_b) - sign_b, (s.g1 ^ sign_b) - sign_b, m, negative_inverse, n);
    for (int i = 0; i < n; i++) {
      a[i] = na[i];
      b[i] = nb[i];
      u[i] = nu[i];
      v[i] = nv[i];
    }
  }
  for (int i = 0; i < n; i++) r[i] = v[i];
}

/* The integer of an element a is a R; its inverse times R^3, divided by R in the product, is a^-1 R. */
void climbs_fr_invert(climbs_fr *r, const climbs_fr *a) {
  const uint64_t modulus[4] = CLIMBS_FR_MODULUS;
  const climbs_fr radix_cubed = {CLIMBS_FR_RADIX_CUBED};
  climbs_fr inverse;
  invert(inverse.limb, a->limb, modulus, CLIMBS_FR_NEGATIVE_INVERSE, 4, 253);
  climbs_fr_multiply_into(r, &inverse, &radix_cubed);
}

void climbs_fq_invert(climbs_fq *r, const climbs_fq *a) {
  const uint64_t modulus[6] = CLIMBS_FQ_MODULUS;
  const climbs_fq radix_cubed = {CLIMBS_FQ_RADIX_CUBED};
  climbs_fq inverse;
  invert(inverse.limb, a->limb, modulus, CLIMBS_FQ_NEGATIVE_INVERSE, 6, 377);
  climbs_fq_multiply_into(r, &inverse, &radix_cubed);
}
