/* What the C library does with memory that is freed, and blocks of memory for kernels. */
#pragma once
#include <stddef.h>

/* Lets every block of 256 KiB or more go back to the operating system as soon as it is freed. Without it glibc keeps
 * blocks of up to 32 MiB once some of their size have been freed, and a process holds the sum of what its steps used.
 * Call it before threads are started. */
void climbs_return_large_blocks(void);

/* A block of at least so many bytes, aligned to 64 bytes, on huge pages if it is large; NULL if there is no memory. */
void *climbs_allocate_block(size_t bytes);
/* How many bytes a block has. */
size_t climbs_block_size(void *block);
/* Lets the system have the pages of a large block when memory gets scarce; its contents are lost, the block stays. */
void climbs_discard_block(void *block);
void climbs_free_block(void *block);
