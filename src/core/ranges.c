#include "ranges.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 8 };

static struct range *
items(struct ranges *s)
{
	return s->heap != NULL ? s->heap : s->own;
}

const struct range *
ranges_at(const struct ranges *s, uint32_t i)
{
	assert(i < s->count);
	return s->heap != NULL ? &s->heap[i] : &s->own[i];
}

void
ranges_fini(struct ranges *s)
{
	free(s->heap);
	*s = (struct ranges){ 0 };
}

/* The first range that ends at n or later: it holds n, touches it or lies
 * above it. */
static uint32_t
lower(const struct ranges *s, uint64_t n)
{
	uint32_t lo = 0, hi = s->count;

	/* Almost everything happens at the upper end. */
	if (hi > 0 && ranges_at(s, hi - 1)->hi < n)
		return hi;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ranges_at(s, mid)->hi < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t
ranges_find(const struct ranges *s, uint64_t n)
{
	uint32_t i = lower(s, n);

	return i < s->count && ranges_at(s, i)->hi == n ? i + 1 : i;
}

static bool
grow(struct ranges *s)
{
	uint32_t cap = s->heap != NULL ? 2 * s->cap : FIRST_CAP;
	struct range *heap = realloc(s->heap, cap * sizeof(*heap));

	if (heap == NULL)
		return false;
	if (s->heap == NULL)
		memcpy(heap, s->own, sizeof(s->own));
	s->heap = heap;
	s->cap = cap;
	return true;
}

/* Opens a place at i; what was there moves up. */
static bool
open_at(struct ranges *s, uint32_t i, uint32_t max)
{
	if (s->count >= max)
		return false;
	if (s->count == (s->heap != NULL ? s->cap : RANGES_OWN) && !grow(s))
		return false;
	memmove(items(s) + i + 1, items(s) + i,
	    (s->count - i) * sizeof(struct range));
	s->count++;
	return true;
}

/* Closes the places i to j-1. */
static void
close_at(struct ranges *s, uint32_t i, uint32_t j)
{
	assert(i <= j && j <= s->count);
	memmove(items(s) + i, items(s) + j,
	    (s->count - j) * sizeof(struct range));
	s->count -= j - i;
	if (s->heap == NULL || s->count > 1)
		return;
	s->own[0] = s->heap[0];
	free(s->heap);
	s->heap = NULL;
}

bool
ranges_add(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max)
{
	uint32_t i = lower(s, lo), j = i;
	struct range *r;

	assert(lo < hi);
	while (j < s->count && ranges_at(s, j)->lo <= hi)
		j++;
	if (i == j) {
		if (!open_at(s, i, max))
			return false;
		items(s)[i] = (struct range){ lo, hi };
		return true;
	}
	r = &items(s)[i];
	if (r->lo > lo)
		r->lo = lo;
	r->hi = items(s)[j - 1].hi > hi ? items(s)[j - 1].hi : hi;
	close_at(s, i + 1, j);
	return true;
}

void
ranges_cover(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max)
{
	uint32_t i;
	bool is_added;

	if (ranges_add(s, lo, hi, max))
		return;
	/* It lies apart from every range, and there is at least one. */
	assert(s->count > 0);
	i = lower(s, lo);
	if (i < s->count)
		hi = ranges_at(s, i)->lo;
	else
		lo = ranges_at(s, i - 1)->hi;
	is_added = ranges_add(s, lo, hi, max);
	assert(is_added);
}

bool
ranges_cut(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max)
{
	uint32_t i = ranges_find(s, lo), j = i;
	struct range *r;

	assert(lo < hi);
	if (i == s->count || ranges_at(s, i)->lo >= hi)
		return true;
	r = &items(s)[i];
	if (r->lo < lo && r->hi > hi) {
		struct range upper = { hi, r->hi };

		if (!open_at(s, i + 1, max))
			return false;
		items(s)[i].hi = lo;
		items(s)[i + 1] = upper;
		return true;
	}
	if (r->lo < lo) {
		r->hi = lo;
		i = ++j;
	}
	while (j < s->count && ranges_at(s, j)->hi <= hi)
		j++;
	if (j < s->count && ranges_at(s, j)->lo < hi)
		items(s)[j].lo = hi;
	close_at(s, i, j);
	return true;
}
