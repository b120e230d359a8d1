/* Transforms over Fr and operations on vectors of its elements, on eight lanes. */
#if defined(__x86_64__)
#include "internal.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512ifma,bmi2"))), apply_to = function)

#include "ifma_fr.h"

#define LANE_COUNT 8
/* Words of eight elements. */
#define VECTOR_WORDS 40

/* The radix-2^260 form of one element in all lanes, below 1.3 r. */
LANES_INLINE fr8 factor_in_all_lanes(const climbs_fr *from) {
  return fr8_multiply(fr8_gathered(from, 0), fr8_constant(fr52_from_64));
}

/* The radix-2^260 forms of root^(k · n / m) for k < m / 2, five words each. */
static void make_twiddles(
    uint64_t *twiddles, const climbs_fr *roots, size_t n, size_t m, int inverse) {
  for (size_t k = 0; k < m / 2; k++) {
    const size_t power = k * (n / m);
    const fr8 factor = factor_in_all_lanes(roots + (inverse ? (n - power) & (n - 1) : power));
    for (int i = 0; i < 5; i++)
      twiddles[5 * k + i] = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(factor.limb[i]));
  }
}

LANES_INLINE fr8 twiddle(const uint64_t *twiddles, size_t k) {
  return fr8_constant(twiddles + 5 * k);
}

/* (a, b) becomes (a + t, a - t + 2 r); limbs are not carried. */
LANES_INLINE void butterfly(uint64_t *a, uint64_t *b, fr8 low, fr8 t) {
  fr8_store(a, fr8_sum(low, t));
  fr8_store(b, fr8_plus_modulus(fr8_difference(low, t), 2));
}

/* Eight transforms of length m = 2^log >= 4 at once, one per lane: decimation in time of data in bit-reversed order.
 *
 * Data come in carried and below 1.3 r. The first two stages multiply by the fourth root of one only; every later one
 * adds at most 2 r to a bound of 8 r. Nothing is reduced in between: products are below 1.3 r whatever comes in. */
static void transform_lanes(uint64_t *data, const uint64_t *twiddles, int log) {
  const size_t m = (size_t)1 << log;
  const fr8 fourth_root = twiddle(twiddles, m / 4);
  for (size_t block = 0; block < m; block += 4) {
    uint64_t *x = data + block * VECTOR_WORDS;
    const fr8 a = fr8_load(x), b = fr8_load(x + VECTOR_WORDS);
    const fr8 c = fr8_load(x + 2 * VECTOR_WORDS), d = fr8_load(x + 3 * VECTOR_WORDS);
    const fr8 sum = fr8_sum(a, b), other = fr8_sum(c, d);
    const fr8 difference = fr8_plus_modulus(fr8_difference(a, b), 2);
    const fr8 turned = fr8_multiply(
        fr8_carried(fr8_plus_modulus(fr8_difference(c, d), 2)), fourth_root);
    fr8_store(x, fr8_sum(sum, other));
    fr8_store(x + 2 * VECTOR_WORDS, fr8_plus_modulus(fr8_difference(sum, other), 3));
    butterfly(x + VECTOR_WORDS, x + 3 * VECTOR_WORDS, difference, turned);
  }
  for (size_t half = 4; half < m; half *= 2) {
    const size_t step = m / (2 * half);
    for (size_t block = 0; block < m; block += 2 * half) {
      uint64_t *a = data + block * VECTOR_WORDS, *b = a + half * VECTOR_WORDS;
      for (size_t k = 0; k < half; k++) {
        const fr8 t = fr8_multiply(
            fr8_carried(fr8_load(b + k * VECTOR_WORDS)), twiddle(twiddles, k * step));
        butterfly(
            a + k * VECTOR_WORDS, b + k * VECTOR_WORDS, fr8_load(a + k * VECTOR_WORDS), t);
      }
    }
  }
}

/* Four-step transform (D. H. Bailey, "FFTs in external or hierarchical memory", 1990): the values are the rows of a
 * matrix of 2^log_rows times 2^log_columns; transform the columns, multiply entry (k, j) by root^(j k), transform the
 * rows, transpose. */
void climbs_fr_transform_columns_ifma(
    climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch) {
  const size_t rows = (size_t)1 << log_rows, columns = (size_t)1 << log_columns;
  const size_t n = rows * columns;
  /* 1/n is 2^256 / n in radix 2^256, which is below r. */
  const climbs_fr inverse_of_n = {{0, 0, 0, (uint64_t)1 << (64 - log_rows - log_columns)}};
  const climbs_fr *scale = inverse ? &inverse_of_n : roots;
  uint64_t *twiddles = scratch + rows * VECTOR_WORDS;
  make_twiddles(twiddles, roots, n, rows, inverse);
  for (size_t j = first; j < first + count; j += LANE_COUNT) {
    for (size_t i = 0; i < rows; i++)
      fr8_store(
          scratch + i * VECTOR_WORDS,
          fr8_gathered(values + climbs_bit_reversed(i, log_rows) * columns + j, 1));
    transform_lanes(scratch, twiddles, log_rows);
    climbs_fr lane_roots[LANE_COUNT];
    for (size_t l = 0; l < LANE_COUNT; l++)
      lane_roots[l] = roots[inverse ? (n - j - l) & (n - 1) : j + l];
    /* Powers of the lanes' roots in four chains, which hide each other's latency. */
    const fr8 root = fr8_gathered_factors(lane_roots, 1);
    fr8 power[4];
    power[0] = factor_in_all_lanes(scale);
    for (int i = 1; i < 4; i++) power[i] = fr8_multiply(power[i - 1], root);
    const fr8 step = fr8_square(fr8_square(root));
    for (size_t k = 0; k < rows; k += 4) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 4; i++) {
        const fr8 value = fr8_carried(fr8_load(scratch + (k + i) * VECTOR_WORDS));
        fr8_scatter(to + (k + i) * columns + j, fr8_multiply(value, power[i]));
        power[i] = fr8_multiply(power[i], step);
      }
    }
  }
}

void climbs_fr_transform_rows_ifma(
    climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch) {
  const size_t rows = (size_t)1 << log_rows, columns = (size_t)1 << log_columns;
  uint64_t *twiddles = scratch + columns * VECTOR_WORDS;
  make_twiddles(twiddles, roots, rows * columns, columns, inverse);
  for (size_t i = first; i < first + count; i += LANE_COUNT) {
    for (size_t j = 0; j < columns; j++)
      fr8_store(
          scratch + j * VECTOR_WORDS,
          fr8_gathered(values + i * columns + climbs_bit_reversed(j, log_columns), columns));
    transform_lanes(scratch, twiddles, log_columns);
    for (size_t k = 0; k < columns; k++)
      fr8_scatter(to + k * rows + i, fr8_canonical(fr8_load(scratch + k * VECTOR_WORDS)));
  }
}

void climbs_fr_multiply_each_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, size_t count) {
  for (size_t i = 0; i < count; i += LANE_COUNT)
    fr8_scatter(
        r + i, fr8_canonical(fr8_multiply(fr8_gathered(a + i, 1), fr8_gathered_factors(b + i, 1))));
}

void climbs_fr_add_multiples_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *scale, size_t count) {
  const fr8 factor = factor_in_all_lanes(scale);
  for (size_t i = 0; i < count; i += LANE_COUNT)
    fr8_scatter(
        r + i, fr8_canonical(fr8_sum(
                   fr8_gathered(r + i, 1), fr8_multiply(fr8_gathered(a + i, 1), factor))));
}

void climbs_fr_add_products_ifma(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, const climbs_fr *scale, size_t count) {
  const fr8 factor = factor_in_all_lanes(scale);
  for (size_t i = 0; i < count; i += LANE_COUNT) {
    const fr8 product =
        fr8_multiply(fr8_gathered(a + i, 1), fr8_gathered_factors(b + i, 1));
    fr8_scatter(
        r + i, fr8_canonical(fr8_sum(fr8_gathered(r + i, 1), fr8_multiply(product, factor))));
  }
}

void climbs_fr_multiply_by_powers_ifma(
    climbs_fr *r, const climbs_fr *start, const climbs_fr *base, size_t count) {
  climbs_fr powers[LANE_COUNT];
  powers[0] = *start;
  for (int l = 1; l < LANE_COUNT; l++) powers[l] = climbs_fr_multiply(powers[l - 1], *base);
  /* Four chains of vectors, eight places apart in each other. */
  climbs_fr eighth = climbs_fr_square(climbs_fr_square(climbs_fr_square(*base)));
  const fr8 step = factor_in_all_lanes(&eighth);
  const fr8 long_step = fr8_square(fr8_square(step));
  fr8 power[4];
  power[0] = fr8_gathered_factors(powers, 1);
  for (int k = 1; k < 4; k++) power[k] = fr8_multiply(power[k - 1], step);
  for (size_t i = 0; i < count; i += LANE_COUNT) {
    const size_t k = i / LANE_COUNT % 4;
    fr8_scatter(r + i, fr8_canonical(fr8_multiply(fr8_gathered(r + i, 1), power[k])));
    power[k] = fr8_multiply(power[k], long_step);
  }
}

#pragma clang attribute pop
#endif
