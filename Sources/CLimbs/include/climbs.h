/* Kernels for the two prime fields of BLS12-377, in portable C and for x86-64 extensions chosen at run time.
 *
 * Elements are little-endian 64-bit limbs in Montgomery form, always below the modulus:
 *   climbs_fr: 4 limbs, radix 2^256;   climbs_fq: 6 limbs, radix 2^384.
 * Every function is free of branches and memory addresses that depend on the value of an element, unless its
 * comment says "variable time". All levels give the same results to the bit. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Instruction sets, each including those before it. */
enum climbs_level {
  CLIMBS_PORTABLE = 0, /* C with 128-bit products */
  CLIMBS_ADX = 1,      /* mulx with two carry chains (BMI2, ADX) */
  CLIMBS_IFMA = 2,     /* eight lanes of 52-bit limbs (AVX-512 IFMA) for the batch kernels */
};

/* The best level of this processor. */
int climbs_best_level(void);
/* The level in use: the best one, unless the environment variable EZKL_KERNELS (portable, adx, ifma) asks for
 * less or climbs_set_level was called. */
int climbs_level(void);
/* Uses a level, or the best one if the processor lacks it. */
void climbs_set_level(int level);

typedef struct {
  uint64_t limb[4];
} climbs_fr;

typedef struct {
  uint64_t limb[6];
} climbs_fq;

#define CLIMBS_FR_MODULUS \
  {0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556}
#define CLIMBS_FR_NEGATIVE_INVERSE 0x0a117fffffffffff /* -1/r mod 2^64 */

#define CLIMBS_FQ_MODULUS                                         \
  {0x8508c00000000001, 0x170b5d4430000000, 0x1ef3622fba094800,    \
   0x1a22d9f300f5138f, 0xc63b05c06ca1493b, 0x01ae3a4617c510ea}
#define CLIMBS_FQ_NEGATIVE_INVERSE 0x8508bfffffffffff /* -1/q mod 2^64 */

#define CLIMBS_ELEMENT climbs_fr
#define CLIMBS_NAME(operation) climbs_fr_##operation
#define CLIMBS_LIMBS 4
#define CLIMBS_MODULUS CLIMBS_FR_MODULUS
#include "climbs_field.inc"

#define CLIMBS_ELEMENT climbs_fq
#define CLIMBS_NAME(operation) climbs_fq_##operation
#define CLIMBS_LIMBS 6
#define CLIMBS_MODULUS CLIMBS_FQ_MODULUS
#include "climbs_field.inc"

/* Sums of points of G1, many at a time.
 *
 * Points live in an arena: an array of records in the format of one level, 64-byte aligned. A reference is an index into
 * the arena, plus CLIMBS_NEGATED for the negative of that point. Records of all zeros stand for the identity; a
 * reference to one is not allowed. */
#define CLIMBS_NEGATED 0x80000000u

/* 64-bit words of a record. */
size_t climbs_g1_words(int level);
/* 64-bit words of scratch memory that climbs_g1_add_pairs needs, 64-byte aligned. */
size_t climbs_g1_scratch_words(int level);
/* Fills records 0 ... count - 1, record i with the point that starts at byte indices[i] * stride: x, then y. */
void climbs_g1_import(
    int level, uint64_t *arena, const void *points, size_t stride, const uint32_t *indices,
    size_t count);
/* The coordinates of the point that a reference means: x, then y. */
void climbs_g1_export(int level, climbs_fq xy[2], const uint64_t *arena, uint32_t reference);
/* Record first + i becomes the sum of references 2i and 2i + 1, for i below count, with six products and a small part
 * of an inversion each. Returns how many sums are the identity. Variable time in what the points are. */
size_t climbs_g1_add_pairs(
    int level, uint64_t *arena, const uint32_t *references, size_t count, uint32_t first,
    uint64_t *scratch);
/* Record first + i becomes twice reference i, for i below count, with seven products and a small part of an inversion
 * each. Returns how many results are the identity. Variable time in what the points are. */
size_t climbs_g1_double_each(
    int level, uint64_t *arena, const uint32_t *references, size_t count, uint32_t first,
    uint64_t *scratch);
/* Record first + i becomes record source + i with factor x in the place of x. */
void climbs_g1_scale_x(
    int level, uint64_t *arena, uint32_t source, size_t count, uint32_t first,
    const climbs_fq *factor);
/* Whether a record stands for the identity. */
int climbs_g1_is_identity(int level, const uint64_t *arena, uint32_t index);

/* Operations on vectors over Fr. */
/* r_i = a_i b_i. r may be a or b. */
void climbs_fr_multiply_each(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, size_t count);
/* r_i += scale a_i. r may be a. */
void climbs_fr_add_multiples(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *scale, size_t count);
/* r_i += scale a_i b_i. */
void climbs_fr_add_products(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, const climbs_fr *scale, size_t count);
/* r_i *= start base^i. */
void climbs_fr_multiply_by_powers(
    climbs_fr *r, const climbs_fr *start, const climbs_fr *base, size_t count);

/* The two passes of a transform of n = 2^(log_rows + log_columns) elements seen as a matrix, row by row; log_rows and
 * log_columns are at least 3, and their sum at most 47. `roots` are the n powers of a root of order n. With `inverse`
 * the inverse root is used, and the result divided by n. All canonical, but what is in `to` between the passes, which
 * has the form of one level.
 *
 * Columns first ... first + count - 1 (multiples of 8): transforms each, multiplies entry (k, j) by root^(j k) and writes
 * to the same place in `to`. */
void climbs_fr_transform_columns(
    int level, climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch);
/* Rows first ... first + count - 1 of what the columns gave: transforms each and writes them as columns. */
void climbs_fr_transform_rows(
    int level, climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch);
/* 64-bit words of scratch memory of either pass for rows and columns up to 2^log, 64-byte aligned. */
size_t climbs_fr_transform_scratch_words(int log);
