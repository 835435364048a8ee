#include "map.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Linear probing. Removal moves later entries back over the gap, so that
 * there are no tombstones and a table never degrades. */

static uint32_t
hash_of(const struct map *m, const void *key, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t v;

	_Static_assert(MAP_KEY_LEN == crypto_shorthash_KEYBYTES, "SipHash key");
	crypto_shorthash(hash, key, len, m->key);
	memcpy(&v, hash, sizeof v);
	return v;
}

bool
map_init(struct map *m, uint32_t capacity,
    const uint8_t key[static MAP_KEY_LEN], map_eq *eq, const void *owner)
{
	const uint64_t wanted = ((uint64_t)capacity * 4 + 2) / 3;
	uint64_t size = 1;
	struct map_place *places;

	while (size < wanted)
		size *= 2;
	if (size > UINT32_C(1) << 31 || size > SIZE_MAX / sizeof *places)
		return false;
	places = calloc(size, sizeof *places);
	if (places == NULL)
		return false;
	*m = (struct map){ .places = places, .mask = (uint32_t)(size - 1),
		.eq = eq, .owner = owner };
	memcpy(m->key, key, MAP_KEY_LEN);
	return true;
}

void
map_fini(struct map *m)
{
	free(m->places);
	sodium_memzero(m, sizeof *m);
}

/* The place of key, or the free place where it would go. */
static uint32_t
probe(const struct map *m, const void *key, size_t len, uint32_t hash)
{
	uint32_t at = hash & m->mask;

	for (;; at = (at + 1) & m->mask) {
		const struct map_place *place = &m->places[at];

		if (place->number == 0)
			return at;
		if (place->hash == hash &&
		    m->eq(m->owner, place->number - 1, key, len))
			return at;
	}
}

uint32_t
map_find(const struct map *m, const void *key, size_t len)
{
	const uint32_t at = probe(m, key, len, hash_of(m, key, len));

	_Static_assert(MAP_NONE == (uint32_t)0 - 1, "the slot of number 0");
	return m->places[at].number - 1;
}

bool
map_add(struct map *m, const void *key, size_t len, uint32_t slot)
{
	const uint32_t hash = hash_of(m, key, len);
	const uint64_t room = ((uint64_t)m->mask + 1) * 3 / 4;
	uint32_t at;

	assert(slot != MAP_NONE);
	if (m->count >= room)
		return false;
	at = probe(m, key, len, hash);
	assert(m->places[at].number == 0);
	m->places[at] = (struct map_place){ hash, slot + 1 };
	m->count++;
	return true;
}

/* Closes the gap: an entry moves into it unless its home lies behind. */
static void
close_gap(struct map *m, uint32_t gap)
{
	uint32_t at = gap;

	for (;;) {
		uint32_t home;

		at = (at + 1) & m->mask;
		if (m->places[at].number == 0)
			break;
		home = m->places[at].hash & m->mask;
		if (((at - home) & m->mask) < ((at - gap) & m->mask))
			continue;
		m->places[gap] = m->places[at];
		gap = at;
	}
	m->places[gap] = (struct map_place){ 0 };
}

bool
map_remove(struct map *m, const void *key, size_t len, uint32_t slot)
{
	uint32_t at = probe(m, key, len, hash_of(m, key, len));

	if (slot == MAP_NONE || m->places[at].number != slot + 1)
		return false;
	close_gap(m, at);
	assert(m->count > 0);
	m->count--;
	return true;
}
