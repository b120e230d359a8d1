/* Which kernels run: decided when the program starts, by processor and environment. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "level.h"

_Atomic int climbs_active_level = CLIMBS_PORTABLE;

int climbs_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("adx")) return CLIMBS_PORTABLE;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512ifma"))
    return CLIMBS_ADX;
  return CLIMBS_IFMA;
#else
  return CLIMBS_PORTABLE;
#endif
}

int climbs_level(void) { return climbs_current_level(); }

void climbs_set_level(int level) {
  const int best = climbs_best_level();
  atomic_store_explicit(&climbs_active_level, level < best ? level : best, memory_order_relaxed);
}

__attribute__((constructor)) static void choose(void) {
  const char *wish = getenv("EZKL_KERNELS");
  int level = CLIMBS_IFMA;
  if (wish && strcmp(wish, "portable") == 0) level = CLIMBS_PORTABLE;
  if (wish && strcmp(wish, "adx") == 0) level = CLIMBS_ADX;
  climbs_set_level(level);
}
