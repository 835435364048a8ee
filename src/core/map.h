/* An index: a flat hash table from a keyed hash to a slot number, 8 bytes a
 * place. The owner keeps the records in an array of its own and compares keys
 * through a callback. Keyed with a secret per boot (SipHash), so that nobody
 * can choose keys that collide. */
#ifndef MAP_H
#define MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAP_KEY_LEN = 16 };

#define MAP_NONE UINT32_MAX

/* True if the record in slot has the key that is being looked up. */
typedef bool map_eq(const void *owner, uint32_t slot, const void *key,
    size_t len);

struct map {
	struct map_place {
		uint32_t hash;
		uint32_t number; /* of the slot, plus 1; 0: free */
	} *places;
	uint32_t mask;  /* places - 1 */
	uint32_t count;
	uint8_t key[MAP_KEY_LEN];
	map_eq *eq;
	const void *owner;
};

/* Room for capacity records at a load of at most 3/4, allocated once; it
 * never grows, and pages of it that nothing was put into are not touched.
 * False without memory. map_fini frees. */
bool map_init(struct map *m, uint32_t capacity,
    const uint8_t key[static MAP_KEY_LEN], map_eq *eq, const void *owner);
void map_fini(struct map *m);

/* The slot of key, or MAP_NONE. */
uint32_t map_find(const struct map *m, const void *key, size_t len);

/* Adds a key that is not there yet. False when full. */
bool map_add(struct map *m, const void *key, size_t len, uint32_t slot);

/* Removes the entry of key that points to slot; false if there is none.
 * The record must still be intact. */
bool map_remove(struct map *m, const void *key, size_t len, uint32_t slot);

#endif
