#include "climbs_memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

void climbs_return_large_blocks(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

/* The size of a huge page. */
#define LARGE ((size_t)1 << 21)

void *climbs_allocate_block(size_t bytes) {
  const size_t alignment = bytes < LARGE ? 64 : LARGE;
  const size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *block = aligned_alloc(alignment, size);
#ifdef MADV_HUGEPAGE
  if (block && size >= LARGE) madvise(block, size, MADV_HUGEPAGE);
#endif
  return block;
}

size_t climbs_block_size(void *block) { return malloc_usable_size(block); }

void climbs_discard_block(void *block) {
  /* Whole huge pages, of blocks that begin with one. */
  const size_t size = malloc_usable_size(block) / LARGE * LARGE;
#ifdef MADV_FREE
  if (size > 0 && (uintptr_t)block % LARGE == 0) madvise(block, size, MADV_FREE);
#else
  (void)size;
#endif
}

void climbs_free_block(void *block) { free(block); }
