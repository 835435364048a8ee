/* A part of an endless byte stream, contiguous in memory: byte number n of the
 * stream is at flat_at(f, n). Grows by doubling, slides instead when enough of
 * its beginning is no longer needed. All zero is empty. */
#ifndef FLAT_H
#define FLAT_H

#include <stdbool.h>
#include <stdint.h>

struct flat {
	uint8_t *p;
	uint64_t base; /* stream offset of p[0] */
	uint32_t cap;
};

void flat_fini(struct flat *f);

/* Makes room for bytes lo to want-1, keeping what is there of bytes lo to
 * end-1 (lo <= end). Pointers into it become invalid. False without memory.
 * If want - lo never exceeds 7/8 of a power of two, cap never exceeds that
 * power. */
bool flat_reserve(struct flat *f, uint64_t lo, uint64_t end, uint64_t want);

/* Where byte number n is; it must be inside what was reserved. */
uint8_t *flat_at(const struct flat *f, uint64_t n);

#endif
