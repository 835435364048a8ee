#include "map.h"
#include "rng.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 1000 };

/* The owner: numbers in an array, found by their value. */
struct owner {
	uint32_t value[RECORDS];
};

static const uint8_t secret[MAP_KEY_LEN] = "a secret of boot";

static bool
eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct owner *o = owner;

	ck_assert_uint_eq(len, sizeof o->value[slot]);
	return memcmp(&o->value[slot], key, len) == 0;
}

static uint32_t
find(const struct map *m, uint32_t value)
{
	return map_find(m, &value, sizeof value);
}

static bool
add(struct map *m, struct owner *o, uint32_t value, uint32_t slot)
{
	o->value[slot] = value;
	return map_add(m, &value, sizeof value, slot);
}

START_TEST(added_keys_are_found_and_others_are_not)
{
	struct owner o = { .value = { 0 } };
	struct map m;

	ck_assert(map_init(&m, 10, secret, eq, &o));
	ck_assert_uint_eq(find(&m, 7), MAP_NONE);
	ck_assert(add(&m, &o, 7, 0));
	ck_assert(add(&m, &o, 8, 1));
	ck_assert_uint_eq(find(&m, 7), 0);
	ck_assert_uint_eq(find(&m, 8), 1);
	ck_assert_uint_eq(find(&m, 9), MAP_NONE);
	ck_assert_uint_eq(m.count, 2);
	map_fini(&m);
}
END_TEST

START_TEST(removed_keys_are_gone)
{
	struct owner o = { .value = { 0 } };
	struct map m;
	uint32_t key = 7;

	ck_assert(map_init(&m, 10, secret, eq, &o));
	add(&m, &o, key, 3);
	ck_assert(!map_remove(&m, &key, sizeof key, 4));
	ck_assert(map_remove(&m, &key, sizeof key, 3));
	ck_assert(!map_remove(&m, &key, sizeof key, 3));
	ck_assert(!map_remove(&m, &key, sizeof key, MAP_NONE));
	ck_assert_uint_eq(find(&m, key), MAP_NONE);
	ck_assert_uint_eq(m.count, 0);
	map_fini(&m);
}
END_TEST

START_TEST(has_room_for_its_capacity_and_refuses_when_full)
{
	for (uint32_t capacity = 0; capacity < 200; capacity++) {
		struct owner o = { .value = { 0 } };
		struct map m;
		uint32_t held = 0;

		ck_assert(map_init(&m, capacity, secret, eq, &o));
		while (held < RECORDS && add(&m, &o, held, held))
			held++;
		ck_assert_uint_ge(held, capacity);
		ck_assert_uint_le(held, ((uint64_t)m.mask + 1) * 3 / 4);
		ck_assert_uint_eq(find(&m, 12345), MAP_NONE);
		for (uint32_t i = 0; i < held; i++)
			ck_assert_uint_eq(find(&m, i), i);
		map_fini(&m);
	}
}
END_TEST

START_TEST(capacity_beyond_the_address_space_is_refused)
{
	struct map m;

	ck_assert(!map_init(&m, UINT32_MAX, secret, eq, NULL));
}
END_TEST

START_TEST(random_operations_agree_with_an_array)
{
	struct owner o = { .value = { 0 } };
	bool is_in[RECORDS] = { false };
	struct rng rng;
	struct map m;

	rng_init_test(&rng, test_seed(), "map");
	ck_assert(map_init(&m, RECORDS, secret, eq, &o));
	for (int i = 0; i < 100000; i++) {
		uint32_t slot = rng_below(&rng, RECORDS);
		uint32_t key = slot * 2654435761u;

		ck_assert_uint_eq(find(&m, key),
		    is_in[slot] ? slot : MAP_NONE);
		if (is_in[slot])
			ck_assert(map_remove(&m, &key, sizeof key, slot));
		else
			ck_assert(add(&m, &o, key, slot));
		is_in[slot] = !is_in[slot];
	}
	for (uint32_t slot = 0; slot < RECORDS; slot++)
		ck_assert_uint_eq(find(&m, slot * 2654435761u),
		    is_in[slot] ? slot : MAP_NONE);
	map_fini(&m);
}
END_TEST

static bool
eq_chosen(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const uint64_t *keys = owner;

	return memcmp(&keys[slot], key, len) == 0;
}

/* How far the entries lie from their home, in all. */
static uint64_t
distance(const struct map *m)
{
	uint64_t sum = 0;

	for (uint32_t at = 0; at <= m->mask; at++)
		if (m->places[at].number != 0)
			sum += (at - m->places[at].hash) & m->mask;
	return sum;
}

/* Keys that all fall into the first 1/32 of a table keyed with a known
 * secret spread evenly in one keyed with another. */
START_TEST(keys_chosen_to_collide_spread_under_another_secret)
{
	enum { CHOSEN = 100000, PLACES = 1 << 17, BINS = 32 };
	static const uint8_t other[MAP_KEY_LEN] = "the next secret!";
	uint64_t *keys = calloc(CHOSEN, sizeof *keys), candidate = 0;
	unsigned bins[BINS] = { 0 };
	struct map known, m;

	ck_assert(map_init(&known, 1, secret, eq_chosen, &candidate));
	ck_assert(map_init(&m, PLACES * 3 / 4, other, eq_chosen, keys));
	for (uint32_t n = 0; n < PLACES * 3 / 4; candidate++) {
		/* One entry in a map of two places shows the hash. */
		ck_assert(map_add(&known, &candidate, sizeof candidate, 0));
		for (uint32_t at = 0; at <= known.mask; at++)
			if (known.places[at].number == 1 &&
			    known.places[at].hash % PLACES < PLACES / BINS &&
			    n < CHOSEN)
				keys[n++] = candidate;
		ck_assert(map_remove(&known, &candidate, sizeof candidate, 0));
	}
	for (uint32_t n = 0; n < PLACES * 3 / 4; n++)
		ck_assert(map_add(&m, &keys[n], sizeof keys[n], n));
	for (uint32_t at = 0; at < PLACES; at++)
		if (m.places[at].number != 0)
			bins[m.places[at].hash % PLACES / (PLACES / BINS)]++;
	for (int i = 0; i < BINS; i++)
		ck_assert_uint_le(bins[i], 3 * (PLACES * 3 / 4) / BINS);
	/* Knuth 6.4: 1.5 places on average at this load; 7 would be odd. */
	ck_assert_uint_lt(distance(&m), (uint64_t)7 * PLACES * 3 / 4);
	map_fini(&known);
	map_fini(&m);
	free(keys);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("map");
	TCase *tc = tcase_create("map");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, added_keys_are_found_and_others_are_not);
	tcase_add_test(tc, removed_keys_are_gone);
	tcase_add_test(tc, has_room_for_its_capacity_and_refuses_when_full);
	tcase_add_test(tc, capacity_beyond_the_address_space_is_refused);
	tcase_add_test(tc, random_operations_agree_with_an_array);
	tcase_add_test(tc, keys_chosen_to_collide_spread_under_another_secret);
	suite_add_tcase(s, tc);
	return s;
}
