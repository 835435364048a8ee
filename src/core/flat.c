#include "flat.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 2048 };

void
flat_fini(struct flat *f)
{
	free(f->p);
	*f = (struct flat){ 0 };
}

/* Bytes lo to end-1 move to the beginning of p. */
static void
move_to(struct flat *f, uint8_t *p, uint64_t lo, uint64_t end)
{
	if (lo < end)
		memmove(p, flat_at(f, lo), end - lo);
	if (p != f->p)
		free(f->p);
	f->p = p;
	f->base = lo;
}

bool
flat_reserve(struct flat *f, uint64_t lo, uint64_t end, uint64_t want)
{
	uint64_t cap = f->cap > 0 ? f->cap : FIRST_CAP;
	uint8_t *p;

	assert(f->base <= lo && lo <= end);
	if (want <= f->base + f->cap)
		return true;
	/* Sliding is worth it when it frees an eighth: so each byte moves a
	 * few times at most, however long the stream is. */
	if (f->cap > 0 && want - lo <= f->cap - f->cap / 8) {
		move_to(f, f->p, lo, end);
		return true;
	}
	while (want - lo > cap - cap / 8)
		cap *= 2;
	assert(cap <= UINT32_MAX);
	p = malloc(cap);
	if (p == NULL)
		return false;
	move_to(f, p, lo, end);
	f->cap = (uint32_t)cap;
	return true;
}

uint8_t *
flat_at(const struct flat *f, uint64_t n)
{
	assert(n >= f->base && n - f->base < f->cap);
	return f->p + (n - f->base);
}
