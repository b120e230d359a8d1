/* Operations on vectors over Fr: portable form, and the choice between the forms. */
#include "internal.h"
#include "level.h"

/* How many elements the lanes take; the rest is done one by one. */
static size_t lanes(size_t count) {
#if defined(__x86_64__)
  if (climbs_current_level() >= CLIMBS_IFMA) return count & ~(size_t)7;
#endif
  (void)count;
  return 0;
}

#if defined(__x86_64__)
#define ON_LANES(call) \
  if (done > 0) call
#else
#define ON_LANES(call)
#endif

void climbs_fr_multiply_each(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, size_t count) {
  const size_t done = lanes(count);
  ON_LANES(climbs_fr_multiply_each_ifma(r, a, b, done));
  for (size_t i = done; i < count; i++) climbs_fr_multiply_into(&r[i], &a[i], &b[i]);
}

void climbs_fr_add_multiples(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *scale, size_t count) {
  const size_t done = lanes(count);
  ON_LANES(climbs_fr_add_multiples_ifma(r, a, scale, done));
  for (size_t i = done; i < count; i++)
    r[i] = climbs_fr_add(r[i], climbs_fr_multiply(a[i], *scale));
}

void climbs_fr_add_products(
    climbs_fr *r, const climbs_fr *a, const climbs_fr *b, const climbs_fr *scale, size_t count) {
  const size_t done = lanes(count);
  ON_LANES(climbs_fr_add_products_ifma(r, a, b, scale, done));
  for (size_t i = done; i < count; i++)
    r[i] = climbs_fr_add(r[i], climbs_fr_multiply(climbs_fr_multiply(a[i], b[i]), *scale));
}

void climbs_fr_multiply_by_powers(
    climbs_fr *r, const climbs_fr *start, const climbs_fr *base, size_t count) {
  const size_t done = lanes(count);
  ON_LANES(climbs_fr_multiply_by_powers_ifma(r, start, base, done));
  if (done == count) return;
  climbs_fr power = *start, square = *base;
  for (size_t bits = done; bits > 0; bits >>= 1) {
    if (bits & 1) power = climbs_fr_multiply(power, square);
    square = climbs_fr_square(square);
  }
  for (size_t i = done; i < count; i++) {
    r[i] = climbs_fr_multiply(r[i], power);
    power = climbs_fr_multiply(power, *base);
  }
}

static climbs_fr_transform_pass *chosen(
    int level, climbs_fr_transform_pass *portable, climbs_fr_transform_pass *adx,
    climbs_fr_transform_pass *ifma) {
  return level >= CLIMBS_IFMA ? ifma : level == CLIMBS_ADX ? adx : portable;
}

#if defined(__x86_64__)
#define CHOSEN(operation) chosen(level, operation##_portable, operation##_adx, operation##_ifma)
#else
#define CHOSEN(operation) \
  chosen(level, operation##_portable, operation##_portable, operation##_portable)
#endif

void climbs_fr_transform_columns(
    int level, climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch) {
  CHOSEN(climbs_fr_transform_columns)
  (to, values, roots, log_rows, log_columns, inverse, first, count, scratch);
}

void climbs_fr_transform_rows(
    int level, climbs_fr *to, const climbs_fr *values, const climbs_fr *roots, int log_rows,
    int log_columns, int inverse, size_t first, size_t count, uint64_t *scratch) {
  CHOSEN(climbs_fr_transform_rows)
  (to, values, roots, log_rows, log_columns, inverse, first, count, scratch);
}

/* Eight elements per place, and five words per twiddle. */
size_t climbs_fr_transform_scratch_words(int log) { return (size_t)43 << log; }
