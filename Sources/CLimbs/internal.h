/* What the kernels of one level offer to the dispatching functions. */
#pragma once
#include "climbs.h"

#define CLIMBS_FR_RADIX_CUBED \
  {0x6a4295c90f65454c, 0x624d23ffae271699, 0xb1e55ef6f1c9d713, 0x0601dfa555c48dda}
#define CLIMBS_FQ_ONE                                             \
  {0x02cdffffffffff68, 0x51409f837fffffb1, 0x9f7db3a98a7d3ff2,    \
   0x7b4e97b76e7c6305, 0x4cf495bf803c84e8, 0x008d6661e2fdf49a}
#define CLIMBS_FQ_RADIX_CUBED                                     \
  {0x581f532f8815de20, 0xe50f4148be329585, 0x2be8b1180449f513,    \
   0x6a2a9516c804a20e, 0x3f72540713590cb9, 0x01065ab4c0e7dda5}

/* The bits of an index in reverse order. */
static inline size_t climbs_bit_reversed(size_t index, int bits) {
  size_t reversed = 0;
  for (int i = 0; i < bits; i++) reversed |= (index >> i & 1) << (bits - 1 - i);
  return reversed;
}

#define CLIMBS_INDEX(reference) ((size_t)((reference) & ~CLIMBS_NEGATED))

void climbs_fr_multiply_portable(climbs_fr *r, const climbs_fr *a, const climbs_fr *b);
void climbs_fq_multiply_portable(climbs_fq *r, const climbs_fq *a, const climbs_fq *b);

typedef void climbs_fr_transform_pass(
    climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch);
climbs_fr_transform_pass climbs_fr_transform_columns_portable, climbs_fr_transform_rows_portable;

/* Points of 12 words: x and y as climbs_fq. */
#define G1_PORTABLE_WORDS 12
#define G1_PORTABLE_BATCH 1024
size_t climbs_g1_add_pairs_portable(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch);

#if defined(__x86_64__)
void climbs_fr_multiply_adx(climbs_fr *r, const climbs_fr *a, const climbs_fr *b);
void climbs_fq_multiply_adx(climbs_fq *r, const climbs_fq *a, const climbs_fq *b);
void climbs_fr_square_adx(climbs_fr *r, const climbs_fr *a);
void climbs_fq_square_adx(climbs_fq *r, const climbs_fq *a);
/* Points of 16 words: x and y in 52-bit limbs, radix 2^416, below 2.2 q. */
#define G1_IFMA_WORDS 16
#define G1_IFMA_BATCH 2048
#define G1_IFMA_SCRATCH_WORDS (G1_IFMA_BATCH * 16)
void climbs_g1_import_ifma(
    uint64_t *arena, const uint8_t *points, size_t stride, const uint32_t *indices, size_t count);
void climbs_g1_export_ifma(climbs_fq xy[2], const uint64_t *arena, uint32_t reference);
size_t climbs_g1_add_pairs_ifma(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch);
size_t climbs_g1_double_each_ifma(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch);
void climbs_g1_scale_x_ifma(
    uint64_t *arena, uint32_t source, size_t count, uint32_t first, const climbs_fq *factor);

climbs_fr_transform_pass climbs_fr_transform_columns_adx, climbs_fr_transform_rows_adx;
climbs_fr_transform_pass climbs_fr_transform_columns_ifma, climbs_fr_transform_rows_ifma;

/* Operations on vectors whose count is a multiple of 8. */
void climbs_fr_multiply_each_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, size_t count);
void climbs_fr_add_multiples_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *scale, size_t count);
void climbs_fr_add_products_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, const climbs_fr *scale, size_t count);
void climbs_fr_multiply_by_powers_ifma(
    climbs_fr *r, const climbs_fr *start, const climbs_fr *base, size_t count);
#endif
