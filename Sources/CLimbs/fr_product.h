/* Products in Fr without the last subtraction, to be inlined into loops.
 *
 * w = (k r + 1) / 2^64 for k = -1/r mod 2^64. Since k r = 2^64 w - 1, adding t_0 k r to an accumulator clears its lowest
 * limb t_0 and adds t_0 w one limb higher: no product gives the factor. Each such step adds less than 2^64 k r, too much
 * only in the last step, which takes m = k t_0 and adds m r instead. The sum of all steps is below 2^256 (w + r), so
 * the result is below a b / 2^256 + w + r, where w = 0.04 r: below 2.04 r for a below r and any b of four limbs. */
#pragma once
#include "climbs.h"

#define CLIMBS_FR_SHIFTED_MULTIPLE \
  {0xb0cc68336fffffff, 0x34e3fcaeba5387fe, 0x9a8341f7db00d558, 0x00bbf8ad1ffd4882}

typedef unsigned __int128 fr_wide;

static inline __attribute__((always_inline)) climbs_fr fr_product_portable(
    const climbs_fr *a, const climbs_fr *b) {
  const uint64_t r[4] = CLIMBS_FR_MODULUS, w[4] = CLIMBS_FR_SHIFTED_MULTIPLE;
  uint64_t t[5] = {0};
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    fr_wide sum = 0;
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      sum = (fr_wide)a->limb[j] * b->limb[i] + t[j] + (uint64_t)(sum >> 64);
      t[j] = (uint64_t)sum;
    }
    t[4] += (uint64_t)(sum >> 64);
    if (i < 3) {
      const uint64_t lowest = t[0];
      sum = 0;
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; j++) {
        sum = (fr_wide)lowest * w[j] + t[j + 1] + (uint64_t)(sum >> 64);
        t[j] = (uint64_t)sum;
      }
      t[4] = (uint64_t)(sum >> 64);
    }
  }
  const uint64_t m = t[0] * CLIMBS_FR_NEGATIVE_INVERSE;
  fr_wide sum = (fr_wide)m * r[0] + t[0];
#pragma clang loop unroll(full)
  for (int j = 1; j < 4; j++) {
    sum = (fr_wide)m * r[j] + t[j] + (uint64_t)(sum >> 64);
    t[j - 1] = (uint64_t)sum;
  }
  return (climbs_fr){{t[0], t[1], t[2], t[4] + (uint64_t)(sum >> 64)}};
}

#if defined(__x86_64__)
static const struct {
  uint64_t w[4], r[4], k;
} fr_product_constants __attribute__((aligned(64))) = {
    CLIMBS_FR_SHIFTED_MULTIPLE, CLIMBS_FR_MODULUS, CLIMBS_FR_NEGATIVE_INVERSE};

/* t0 ... t4 += rdx (x0, x1, x2, x3), low words with OF, high words with CF; the sum has no carry. */
#define FR_ADD_ROW(x0, x1, x2, x3, t0, t1, t2, t3, t4)            \
  "xorl %%eax, %%eax\n\t"                                         \
  "mulx " x0 ", %%rax, %%rcx\n\tadoxq %%rax, " t0 "\n\tadcxq %%rcx, " t1 "\n\t" \
  "mulx " x1 ", %%rax, %%rcx\n\tadoxq %%rax, " t1 "\n\tadcxq %%rcx, " t2 "\n\t" \
  "mulx " x2 ", %%rax, %%rcx\n\tadoxq %%rax, " t2 "\n\tadcxq %%rcx, " t3 "\n\t" \
  "mulx " x3 ", %%rax, %%rcx\n\tadoxq %%rax, " t3 "\n\tadcxq %%rcx, " t4 "\n\t" \
  "movl $0, %%eax\n\tadoxq %%rax, " t4 "\n\t"

/* t1 ... t4, t0 = (t1 ... t4) + t0 w */
#define FR_CLEAR_LOWEST(t0, t1, t2, t3, t4)                       \
  "movq " t0 ", %%rdx\n\txorl %%eax, %%eax\n\t"                   \
  "mulx %[w0], %%rax, %%rcx\n\tadoxq %%rax, " t1 "\n\tadcxq %%rcx, " t2 "\n\t" \
  "mulx %[w1], %%rax, %%rcx\n\tadoxq %%rax, " t2 "\n\tadcxq %%rcx, " t3 "\n\t" \
  "mulx %[w2], %%rax, %%rcx\n\tadoxq %%rax, " t3 "\n\tadcxq %%rcx, " t4 "\n\t" \
  "mulx %[w3], %%rax, " t0 "\n\tadoxq %%rax, " t4 "\n\t"          \
  "movl $0, %%eax\n\tadcxq %%rax, " t0 "\n\tadoxq %%rax, " t0 "\n\t"

#define FR_NEXT_ROW(i, t0, t1, t2, t3, t4) \
  "movq " i "(%[b]), %%rdx\n\t"            \
  FR_ADD_ROW("(%[a])", "8(%[a])", "16(%[a])", "24(%[a])", t0, t1, t2, t3, t4)

/* For processors with BMI2 and ADX. */
static inline __attribute__((always_inline)) climbs_fr fr_product_adx(
    const climbs_fr *a, const climbs_fr *b) {
  uint64_t t0, t1, t2, t3, t4;
  __asm__(
      "movq (%[b]), %%rdx\n\t"
      "mulx (%[a]), %[t0], %[t1]\n\t"
      "mulx 8(%[a]), %%rax, %[t2]\n\taddq %%rax, %[t1]\n\t"
      "mulx 16(%[a]), %%rax, %[t3]\n\tadcq %%rax, %[t2]\n\t"
      "mulx 24(%[a]), %%rax, %[t4]\n\tadcq %%rax, %[t3]\n\tadcq $0, %[t4]\n\t"
      FR_CLEAR_LOWEST("%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[t4]")
      FR_NEXT_ROW("8", "%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t0]")
      FR_CLEAR_LOWEST("%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t0]")
      FR_NEXT_ROW("16", "%[t2]", "%[t3]", "%[t4]", "%[t0]", "%[t1]")
      FR_CLEAR_LOWEST("%[t2]", "%[t3]", "%[t4]", "%[t0]", "%[t1]")
      FR_NEXT_ROW("24", "%[t3]", "%[t4]", "%[t0]", "%[t1]", "%[t2]")
      "movq %[k], %%rdx\n\timulq %[t3], %%rdx\n\t"
      FR_ADD_ROW("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[t3]", "%[t4]", "%[t0]", "%[t1]", "%[t2]")
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4)
      : [a] "r"(a), [b] "r"(b), "m"(*a), "m"(*b),
        [w0] "m"(fr_product_constants.w[0]), [w1] "m"(fr_product_constants.w[1]),
        [w2] "m"(fr_product_constants.w[2]), [w3] "m"(fr_product_constants.w[3]),
        [r0] "m"(fr_product_constants.r[0]), [r1] "m"(fr_product_constants.r[1]),
        [r2] "m"(fr_product_constants.r[2]), [r3] "m"(fr_product_constants.r[3]),
        [k] "m"(fr_product_constants.k)
      : "rax", "rcx", "rdx", "cc");
  return (climbs_fr){{t4, t0, t1, t2}};
}
#endif
