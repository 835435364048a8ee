/* A sorted set of numbers, kept as ranges. Two ranges live in the struct, more
 * are allocated and released again when at most one is left. All zero is an
 * empty set. */
#ifndef RANGES_H
#define RANGES_H

#include <stdbool.h>
#include <stdint.h>

enum { RANGES_OWN = 2 };

struct range {
	uint64_t lo; /* first number */
	uint64_t hi; /* first number after it */
};

struct ranges {
	struct range own[RANGES_OWN];
	struct range *heap; /* NULL: own is in use */
	uint32_t count;
	uint32_t cap; /* of heap */
};

void ranges_fini(struct ranges *s);

/* Range i (< count), in rising order; ranges never touch each other. */
const struct range *ranges_at(const struct ranges *s, uint32_t i);

/* The first range that ends after n (so it holds n or lies above it), as an
 * index; count if there is none. */
uint32_t ranges_find(const struct ranges *s, uint64_t n);

/* Adds lo to hi-1 (lo < hi). False and unchanged if that would take more than
 * max ranges, or memory that is not there. */
bool ranges_add(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max);

/* Adds lo to hi-1 in any case: where ranges_add would refuse, numbers between
 * it and a neighbour are added as well. */
void ranges_cover(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max);

/* Removes lo to hi-1. False and unchanged if a range would have to be split
 * and there is no memory, or max ranges already. */
bool ranges_cut(struct ranges *s, uint64_t lo, uint64_t hi, uint32_t max);

#endif
