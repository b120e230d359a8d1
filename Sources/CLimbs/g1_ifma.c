/* Batches of affine additions in G1 on eight lanes. */
#if defined(__x86_64__)
#include <string.h>

#include "internal.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512ifma,bmi2"))), apply_to = function)

#include "ifma_fq.h"

#define LANE_COUNT 8
/* Steps of eight sums between loading a record and asking for it. */
#define PREFETCH_STEPS 3

/* Words of 64 bits to limbs of 52; the radix stays. */
LANES_INLINE fq8 repacked(const __m512i *w) {
  const __m512i mask = _mm512_set1_epi64(LIMB_MASK);
#define JOIN(low, right, high, left) \
  _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(low, right), _mm512_slli_epi64(high, left)), mask)
  fq8 r;
  r.limb[0] = _mm512_and_si512(w[0], mask);
  r.limb[1] = JOIN(w[0], 52, w[1], 12);
  r.limb[2] = JOIN(w[1], 40, w[2], 24);
  r.limb[3] = JOIN(w[2], 28, w[3], 36);
  r.limb[4] = JOIN(w[3], 16, w[4], 48);
  r.limb[5] = _mm512_and_si512(_mm512_srli_epi64(w[4], 4), mask);
  r.limb[6] = JOIN(w[4], 56, w[5], 8);
  r.limb[7] = _mm512_srli_epi64(w[5], 44);
#undef JOIN
  return r;
}

/* Eight elements from radix 2^384 to radix 2^416; below 1.6 q. */
LANES_INLINE fq8 imported(
    const uint8_t *elements, size_t stride, const uint32_t *indices, size_t count) {
  fq8 rows;
#pragma clang loop unroll(full)
  for (size_t i = 0; i < LANE_COUNT; i++)
    rows.limb[i] =
        _mm512_maskz_loadu_epi64(0x3f, elements + indices[i < count ? i : 0] * stride);
  return fq8_multiply(repacked(fq8_transposed(rows).limb), fq8_constant(fq52_from_64));
}

/* The canonical forms of eight elements. */
static void exported(climbs_fq *to, fq8 a) {
  const fq8 rows = fq8_transposed(fq8_multiply(a, fq8_constant(fq52_to_64)));
  for (int i = 0; i < LANE_COUNT; i++) {
    uint64_t l[8];
    _mm512_storeu_si512(l, rows.limb[i]);
    const climbs_fq below_two_q = {
        {l[0] | l[1] << 52, l[1] >> 12 | l[2] << 40, l[2] >> 24 | l[3] << 28,
         l[3] >> 36 | l[4] << 16, l[4] >> 48 | l[5] << 4 | l[6] << 56, l[6] >> 8 | l[7] << 44}};
    to[i] = climbs_fq_reduce_once(below_two_q);
  }
}

LANES_INLINE void store_rows(uint64_t *to, fq8 a, size_t count) {
  const fq8 rows = fq8_transposed(a);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < LANE_COUNT; i++)
    if (i < count) _mm512_store_si512(to + i * G1_IFMA_WORDS, rows.limb[i]);
}

void climbs_g1_import_ifma(
    uint64_t *arena, const uint8_t *points, size_t stride, const uint32_t *indices, size_t count) {
  for (size_t i = 0; i < count; i += LANE_COUNT) {
    const size_t lanes = count - i < LANE_COUNT ? count - i : LANE_COUNT;
    uint64_t *record = arena + i * G1_IFMA_WORDS;
    store_rows(record, imported(points, stride, indices + i, lanes), lanes);
    store_rows(
        record + 8, imported(points + sizeof(climbs_fq), stride, indices + i, lanes), lanes);
  }
}

void climbs_g1_export_ifma(climbs_fq xy[2], const uint64_t *arena, uint32_t reference) {
  const uint64_t *record = arena + CLIMBS_INDEX(reference) * G1_IFMA_WORDS;
  fq8 rows;
  for (int i = 0; i < LANE_COUNT; i++) rows.limb[i] = _mm512_load_si512(record + (i & 1) * 8);
  climbs_fq elements[LANE_COUNT];
  exported(elements, fq8_transposed(rows));
  xy[0] = elements[0];
  const climbs_fq zero = {{0}};
  xy[1] = reference & CLIMBS_NEGATED ? climbs_fq_subtract(zero, elements[1]) : elements[1];
}

/* One coordinate (part 0 or 8) of eight references, every `stride`-th one from `references`. */
LANES_INLINE fq8 gathered(
    const uint64_t *arena, const uint32_t *references, int stride, int part) {
  fq8 rows;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANE_COUNT; i++)
    rows.limb[i] =
        _mm512_load_si512(arena + CLIMBS_INDEX(references[stride * i]) * G1_IFMA_WORDS + part);
  return fq8_transposed(rows);
}

/* y, or -y limb by limb where the reference is negated; in (-2.2 q, 2.2 q). */
LANES_INLINE fq8 gathered_y(const uint64_t *arena, const uint32_t *references, int stride) {
  fq8 y = gathered(arena, references, stride, 8);
  __mmask8 negated = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANE_COUNT; i++)
    negated |= (__mmask8)((references[stride * i] >> 31) << i);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++)
    y.limb[i] = _mm512_mask_sub_epi64(y.limb[i], negated, _mm512_setzero_si512(), y.limb[i]);
  return y;
}

/* Eight terms of `stride` references each, the first term repeated for those beyond `count`. */
LANES_INLINE const uint32_t *padded(
    uint32_t *buffer, const uint32_t *references, int stride, size_t count) {
  if (__builtin_expect(count >= LANE_COUNT, 1)) return references;
  for (size_t i = 0; i < LANE_COUNT; i++)
    for (int j = 0; j < stride; j++)
      buffer[stride * i + j] = references[(i < count ? stride * i : 0) + j];
  return buffer;
}

/* Where what a batch does with a term differs: terms are pairs to be added, or points to be doubled. */
enum { DOUBLING = 1, ADDITION = 2 };

/* What the slope is divided by, carried: x_b - x_a + 3 q, or 2 y + 5 q. */
LANES_INLINE fq8 denominator(const uint64_t *arena, const uint32_t *here, int terms) {
  if (terms == DOUBLING) {
    const fq8 y = gathered_y(arena, here, 1);
    return fq8_carried(fq8_plus_modulus(fq8_sum(y, y), 5));
  }
  const fq8 d = fq8_difference(gathered(arena, here + 1, 2, 0), gathered(arena, here, 2, 0));
  return fq8_carried(fq8_plus_modulus(d, 3));
}

static const uint32_t consecutive[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                       16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* The inverses of the lanes of a, or 0 if one of them is 0. */
static int inverted(fq8 *r, fq8 a) {
  climbs_fq element[LANE_COUNT], prefix[LANE_COUNT], inverse, product = {CLIMBS_FQ_ONE};
  exported(element, a);
  for (int i = 0; i < LANE_COUNT; i++) {
    prefix[i] = product;
    climbs_fq_multiply_into(&product, &product, &element[i]);
  }
  climbs_fq_invert(&inverse, &product);
  uint64_t any = 0;
  for (int i = 0; i < 6; i++) any |= inverse.limb[i];
  if (any == 0) return 0;
  for (int i = LANE_COUNT; i-- > 0;) {
    climbs_fq_multiply_into(&prefix[i], &prefix[i], &inverse);
    climbs_fq_multiply_into(&inverse, &inverse, &element[i]);
  }
  *r = imported((const uint8_t *)prefix, sizeof(climbs_fq), consecutive, LANE_COUNT);
  return 1;
}

/* The sums of a batch with equal or opposite points: by the portable form, a few at a time. */
static size_t add_carefully(
    uint64_t *arena, const uint32_t *references, int terms, size_t count, uint32_t first) {
  enum { PIECE = sizeof consecutive / sizeof *consecutive };
  uint64_t points[3 * PIECE * G1_PORTABLE_WORDS], scratch[2 * G1_PORTABLE_BATCH * 6];
  uint32_t pairs[2 * PIECE];
  size_t identities = 0;
  for (size_t done = 0; done < count; done += PIECE) {
    const size_t piece = count - done < PIECE ? count - done : PIECE;
    for (size_t i = 0; i < 2 * piece; i++) {
      climbs_fq xy[2];
      climbs_g1_export_ifma(xy, arena, references[terms * done + (terms == ADDITION ? i : i / 2)]);
      memcpy(points + i * G1_PORTABLE_WORDS, xy, sizeof xy);
      pairs[i] = (uint32_t)i;
    }
    identities +=
        climbs_g1_add_pairs_portable(points, pairs, piece, 2 * PIECE, scratch);
    climbs_g1_import_ifma(
        arena + (first + done) * G1_IFMA_WORDS,
        (const uint8_t *)(points + 2 * PIECE * G1_PORTABLE_WORDS), 8 * G1_PORTABLE_WORDS,
        consecutive, piece);
  }
  return identities;
}

/* Montgomery's trick in two chains per lane, so that products of one chain hide the latency of the other. */
LANES_INLINE size_t sum_batch(
    uint64_t *arena, const uint32_t *references, int terms, size_t count, uint32_t first,
    uint64_t *scratch) {
  const size_t steps = (count + LANE_COUNT - 1) / LANE_COUNT;
  uint64_t *denominators = scratch, *prefixes = scratch + G1_IFMA_SCRATCH_WORDS / 2;
  uint32_t buffer[ADDITION * LANE_COUNT];
  const uint64_t one[8] = {1};
  fq8 chain[2] = {fq8_constant(one), fq8_constant(one)};
  for (size_t step = 0; step < steps; step++) {
    const size_t lanes = count - step * LANE_COUNT;
    const uint32_t *here = padded(buffer, references + terms * LANE_COUNT * step, terms, lanes);
    if (step + PREFETCH_STEPS + 1 < steps) {
      const uint32_t *ahead = here + terms * LANE_COUNT * PREFETCH_STEPS;
#pragma clang loop unroll(full)
      for (int i = 0; i < terms * LANE_COUNT; i++) {
        const uint64_t *record = arena + CLIMBS_INDEX(ahead[i]) * G1_IFMA_WORDS;
        _mm_prefetch((const char *)record, _MM_HINT_T0);
        _mm_prefetch((const char *)(record + 8), _MM_HINT_T1);
      }
    }
    fq8 d = denominator(arena, here, terms);
    if (__builtin_expect(lanes < LANE_COUNT, 0)) {
      const __mmask8 valid = (__mmask8)((1u << lanes) - 1);
      for (int i = 0; i < 8; i++)
        d.limb[i] = _mm512_mask_mov_epi64(_mm512_set1_epi64(i == 0), valid, d.limb[i]);
    }
    fq8_store(denominators + 64 * step, d);
    fq8_store(prefixes + 64 * step, chain[0]);
    const fq8 next = fq8_multiply(chain[0], d);
    chain[0] = chain[1];
    chain[1] = next;
  }
  fq8 all;
  if (!inverted(&all, fq8_multiply(chain[0], chain[1])))
    return add_carefully(arena, references, terms, count, first);
  /* chain[1] was extended last. */
  fq8 inverse[2] = {fq8_multiply(all, chain[0]), fq8_multiply(all, chain[1])};
  for (size_t step = steps; step-- > 0;) {
    const size_t lanes = count - step * LANE_COUNT;
    const uint32_t *here = padded(buffer, references + terms * LANE_COUNT * step, terms, lanes);
    const fq8 reciprocal = fq8_multiply(inverse[0], fq8_load(prefixes + 64 * step));
    const fq8 d = fq8_load(denominators + 64 * step);
    const fq8 next = fq8_multiply(inverse[0], d);
    inverse[0] = inverse[1];
    inverse[1] = next;
    const fq8 ya = gathered_y(arena, here, terms);
    const fq8 xa = gathered(arena, here, terms, 0);
    fq8 rise, sum;
    if (terms == DOUBLING) {
      const fq8 square = fq8_square(xa);
      rise = fq8_carried(fq8_sum(fq8_sum(square, square), square));
      sum = fq8_sum(xa, xa);
    } else {
      rise = fq8_difference(gathered_y(arena, here + 1, terms), ya);
      rise = fq8_carried(fq8_plus_modulus(rise, 5));
      /* x_a + x_b = 2 x_a + d - 3 q */
      sum = fq8_plus_modulus(fq8_sum(fq8_sum(xa, xa), d), -3);
    }
    const fq8 slope = fq8_multiply(rise, reciprocal);
    const fq8 x = fq8_settled(fq8_difference(fq8_square(slope), sum));
    const fq8 run = fq8_carried(fq8_plus_modulus(fq8_difference(xa, x), 3));
    const fq8 y = fq8_settled(fq8_difference(fq8_multiply(slope, run), ya));
    uint64_t *to = arena + (first + step * LANE_COUNT) * G1_IFMA_WORDS;
    store_rows(to, x, lanes);
    store_rows(to + 8, y, lanes);
  }
  return 0;
}

size_t climbs_g1_add_pairs_ifma(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch) {
  size_t identities = 0;
  for (size_t done = 0; done < count; done += G1_IFMA_BATCH) {
    const size_t rest = count - done;
    identities += sum_batch(
        arena, references + 2 * done, ADDITION, rest < G1_IFMA_BATCH ? rest : G1_IFMA_BATCH,
        first + (uint32_t)done, scratch);
  }
  return identities;
}

size_t climbs_g1_double_each_ifma(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch) {
  size_t identities = 0;
  for (size_t done = 0; done < count; done += G1_IFMA_BATCH) {
    const size_t rest = count - done;
    identities += sum_batch(
        arena, references + done, DOUBLING, rest < G1_IFMA_BATCH ? rest : G1_IFMA_BATCH,
        first + (uint32_t)done, scratch);
  }
  return identities;
}

void climbs_g1_scale_x_ifma(
    uint64_t *arena, uint32_t source, size_t count, uint32_t first, const climbs_fq *factor) {
  const fq8 scale = imported((const uint8_t *)factor, 0, consecutive, LANE_COUNT);
  for (size_t i = 0; i < count; i += LANE_COUNT) {
    const size_t lanes = count - i < LANE_COUNT ? count - i : LANE_COUNT;
    uint32_t references[LANE_COUNT];
    for (size_t j = 0; j < LANE_COUNT; j++)
      references[j] = source + (uint32_t)(i + (j < lanes ? j : 0));
    uint64_t *to = arena + (first + i) * G1_IFMA_WORDS;
    store_rows(to, fq8_multiply(gathered(arena, references, 1, 0), scale), lanes);
    store_rows(to + 8, gathered(arena, references, 1, 8), lanes);
  }
}

#pragma clang attribute pop
#endif
