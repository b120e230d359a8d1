/* The level in use, read by every dispatching function. */
#pragma once
#include <stdatomic.h>

#include "climbs.h"

extern _Atomic int climbs_active_level;

static inline int climbs_current_level(void) {
  return atomic_load_explicit(&climbs_active_level, memory_order_relaxed);
}
