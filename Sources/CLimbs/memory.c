#include "climbs_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

void climbs_return_large_blocks(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

/* The size of a huge page. From here on blocks are mapped by themselves. */
#define LARGE ((size_t)1 << 21)

size_t climbs_block_size(size_t bytes) {
  const size_t unit = bytes < LARGE ? 4096 : LARGE;
  return (bytes + unit - 1) / unit * unit;
}

void *climbs_allocate_block(size_t size) {
  void *block = aligned_alloc(size < LARGE ? 64 : LARGE, size);
#ifdef MADV_HUGEPAGE
  if (block && size >= LARGE) madvise(block, size, MADV_HUGEPAGE);
#endif
  return block;
}

void climbs_discard_block(void *block, size_t size) {
#ifdef MADV_FREE
  if (size >= LARGE) madvise(block, size, MADV_FREE);
#else
  (void)block, (void)size;
#endif
}

void climbs_free_block(void *block) { free(block); }
