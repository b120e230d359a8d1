/* What the C library does with memory that is freed. */
#pragma once

/* Lets every block of 256 KiB or more go back to the operating system as soon as it is freed. Without it glibc keeps
 * blocks of up to 32 MiB once some of their size have been freed, and a process holds the sum of what its steps used.
 * Call it before threads are started. */
void climbs_return_large_blocks(void);
