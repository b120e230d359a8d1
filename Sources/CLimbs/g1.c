/* Batches of affine additions in G1: portable form, and the choice between the forms. */
#include <string.h>

#include "internal.h"
#include "level.h"

static const climbs_fq zero;

static inline int is_zero(climbs_fq a) {
  return (a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3] | a.limb[4] | a.limb[5]) == 0;
}

static inline void load(climbs_fq *x, climbs_fq *y, const uint64_t *arena, uint32_t reference) {
  const uint64_t *record = arena + CLIMBS_INDEX(reference) * G1_PORTABLE_WORDS;
  memcpy(x, record, sizeof *x);
  memcpy(y, record + 6, sizeof *y);
  if (reference & CLIMBS_NEGATED) *y = climbs_fq_subtract(zero, *y);
}

/* What the slope of the line through two points is divided by; 0 if their sum is the identity. */
static climbs_fq denominator(climbs_fq xa, climbs_fq ya, climbs_fq xb, climbs_fq yb) {
  const climbs_fq difference = climbs_fq_subtract(xb, xa);
  if (!is_zero(difference)) return difference;
  return is_zero(climbs_fq_subtract(yb, ya)) ? climbs_fq_add(ya, ya) : zero;
}

static void add_batch(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first,
    climbs_fq *denominators, climbs_fq *prefixes, size_t *identities) {
  climbs_fq xa, ya, xb, yb, product = {CLIMBS_FQ_ONE};
  for (size_t i = 0; i < count; i++) {
    load(&xa, &ya, arena, references[2 * i]);
    load(&xb, &yb, arena, references[2 * i + 1]);
    denominators[i] = denominator(xa, ya, xb, yb);
    prefixes[i] = product;
    if (!is_zero(denominators[i])) product = climbs_fq_multiply(product, denominators[i]);
  }
  climbs_fq inverse;
  climbs_fq_invert(&inverse, &product);
  for (size_t i = count; i-- > 0;) {
    climbs_fq result[2] = {zero, zero};
    if (is_zero(denominators[i])) {
      ++*identities;
    } else {
      load(&xa, &ya, arena, references[2 * i]);
      load(&xb, &yb, arena, references[2 * i + 1]);
      climbs_fq numerator = climbs_fq_subtract(yb, ya);
      if (is_zero(climbs_fq_subtract(xb, xa))) {
        const climbs_fq square = climbs_fq_square(xa);
        numerator = climbs_fq_add(climbs_fq_add(square, square), square);
      }
      const climbs_fq slope =
          climbs_fq_multiply(numerator, climbs_fq_multiply(inverse, prefixes[i]));
      inverse = climbs_fq_multiply(inverse, denominators[i]);
      const climbs_fq x =
          climbs_fq_subtract(climbs_fq_subtract(climbs_fq_square(slope), xa), xb);
      result[0] = x;
      result[1] = climbs_fq_subtract(climbs_fq_multiply(slope, climbs_fq_subtract(xa, x)), ya);
    }
    memcpy(arena + (first + i) * G1_PORTABLE_WORDS, result, sizeof result);
  }
}

size_t climbs_g1_add_pairs_portable(
    uint64_t *arena, const uint32_t *references, size_t count, uint32_t first, uint64_t *scratch) {
  climbs_fq *denominators = (climbs_fq *)scratch, *prefixes = denominators + G1_PORTABLE_BATCH;
  size_t identities = 0;
  for (size_t done = 0; done < count; done += G1_PORTABLE_BATCH) {
    const size_t rest = count - done;
    add_batch(
        arena, references + 2 * done, rest < G1_PORTABLE_BATCH ? rest : G1_PORTABLE_BATCH,
        first + (uint32_t)done, denominators, prefixes, &identities);
  }
  return identities;
}

size_t climbs_g1_words(int level) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA) return G1_IFMA_WORDS;
#endif
  (void)level;
  return G1_PORTABLE_WORDS;
}

size_t climbs_g1_scratch_words(int level) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA) return G1_IFMA_SCRATCH_WORDS;
#endif
  (void)level;
  return 2 * G1_PORTABLE_BATCH * 6;
}

void climbs_g1_import(
    int level, uint64_t *arena, const void *points, size_t stride, const uint32_t *indices,
    size_t count) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA) {
    climbs_g1_import_ifma(arena, points, stride, indices, count);
    return;
  }
#endif
  (void)level;
  for (size_t i = 0; i < count; i++)
    memcpy(
        arena + i * G1_PORTABLE_WORDS, (const uint8_t *)points + indices[i] * stride,
        8 * G1_PORTABLE_WORDS);
}

void climbs_g1_export(int level, climbs_fq xy[2], const uint64_t *arena, uint32_t reference) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA) {
    climbs_g1_export_ifma(xy, arena, reference);
    return;
  }
#endif
  (void)level;
  load(xy, xy + 1, arena, reference);
}

size_t climbs_g1_add_pairs(
    int level, uint64_t *arena, const uint32_t *references, size_t count, uint32_t first,
    uint64_t *scratch) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA)
    return climbs_g1_add_pairs_ifma(arena, references, count, first, scratch);
#endif
  (void)level;
  return climbs_g1_add_pairs_portable(arena, references, count, first, scratch);
}

size_t climbs_g1_double_each(
    int level, uint64_t *arena, const uint32_t *references, size_t count, uint32_t first,
    uint64_t *scratch) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA)
    return climbs_g1_double_each_ifma(arena, references, count, first, scratch);
#endif
  (void)level;
  uint32_t pairs[2 * G1_PORTABLE_BATCH];
  size_t identities = 0;
  for (size_t done = 0; done < count; done += G1_PORTABLE_BATCH) {
    const size_t rest = count - done;
    const size_t batch = rest < G1_PORTABLE_BATCH ? rest : G1_PORTABLE_BATCH;
    for (size_t i = 0; i < batch; i++) pairs[2 * i] = pairs[2 * i + 1] = references[done + i];
    identities +=
        climbs_g1_add_pairs_portable(arena, pairs, batch, first + (uint32_t)done, scratch);
  }
  return identities;
}

void climbs_g1_scale_x(
    int level, uint64_t *arena, uint32_t source, size_t count, uint32_t first,
    const climbs_fq *factor) {
#if defined(__x86_64__)
  if (level >= CLIMBS_IFMA) {
    climbs_g1_scale_x_ifma(arena, source, count, first, factor);
    return;
  }
#endif
  (void)level;
  for (size_t i = 0; i < count; i++) {
    climbs_fq xy[2];
    load(xy, xy + 1, arena, source + (uint32_t)i);
    xy[0] = climbs_fq_multiply(xy[0], *factor);
    memcpy(arena + (first + i) * G1_PORTABLE_WORDS, xy, sizeof xy);
  }
}

int climbs_g1_is_identity(int level, const uint64_t *arena, uint32_t index) {
  const size_t words = climbs_g1_words(level);
  uint64_t any = 0;
  for (size_t i = 0; i < words; i++) any |= arena[index * words + i];
  return any == 0;
}
