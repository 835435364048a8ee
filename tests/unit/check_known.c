#include "runner.h"

#include "err.h"
#include "known.h"
#include "rng.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400 };

static const uint8_t ka[KEY_LEN] = "a", kb[KEY_LEN] = "b", kc[KEY_LEN] = "c";

static int
pin(struct known *k, const uint8_t key[static KEY_LEN], const char *name)
{
	return known_pin(k, key, name, 20000 * (uint64_t)DAY_S + 5);
}

/* Alice has ka, Bob has kb; the key kc is blocked and was called Bob, too. */
static void
start(struct known *k)
{
	known_init(k);
	ck_assert_int_eq(pin(k, ka, "Alice"), E_OK);
	ck_assert_int_eq(pin(k, kb, "Bob"), E_OK);
	ck_assert_int_eq(known_block(k, kc, "bob", 0), E_OK);
}

/* ---- people ---- */

static const char *
alike(const struct known *k, const uint8_t key[static KEY_LEN],
    const char *name)
{
	const struct known_peer *peer;
	uint8_t id[KEY_ID_LEN];

	wire_key_id(key, id);
	peer = known_lookalike(k, name, id);
	return peer != NULL ? peer->name : "";
}

START_TEST(lookalikes_have_another_key)
{
	struct known k;

	start(&k);
	ck_assert_str_eq(alike(&k, kc, "A1ice"), "Alice");
	ck_assert_str_eq(alike(&k, kc, "b0b"), "Bob");
	ck_assert_str_eq(alike(&k, kc, "bob"), "Bob");
	ck_assert_str_eq(alike(&k, kb, "b0b"), "");
	ck_assert_str_eq(alike(&k, kb, "A1ice"), "Alice");
	ck_assert_str_eq(alike(&k, kc, "Bobby"), "");
	known_fini(&k);
}
END_TEST

START_TEST(a_lookalike_who_was_verified_is_himself)
{
	static const uint8_t kd[KEY_LEN] = "d";
	struct known k;

	start(&k);
	ck_assert_int_eq(pin(&k, kd, "A1ice"), E_OK);
	ck_assert_str_eq(alike(&k, kd, "A1ice"), "Alice");
	ck_assert_str_eq(alike(&k, ka, "Alice"), "A1ice");
	ck_assert_int_eq(known_verify(&k, kd, true), E_OK);
	ck_assert_str_eq(alike(&k, kd, "A1ice"), "");
	known_fini(&k);
}
END_TEST

START_TEST(whoever_is_blocked_is_nobodys_lookalike)
{
	struct known k;

	known_init(&k);
	ck_assert_int_eq(known_block(&k, kc, "bob", 0), E_OK);
	ck_assert_str_eq(alike(&k, ka, "b0b"), "");
	known_fini(&k);
}
END_TEST

/* All names look the same. */
static void
blind(const char *name, char out[static SKELETON_SIZE])
{
	(void)name;
	memcpy(out, "x", 2);
}

START_TEST(what_names_look_like_may_be_said_from_outside)
{
	struct known k;

	known_init(&k);
	k.skeleton = blind;
	ck_assert_int_eq(pin(&k, ka, "Alice"), E_OK);
	ck_assert_str_eq(alike(&k, kb, "Bob"), "Alice");
	known_fini(&k);
}
END_TEST

START_TEST(empty_store_knows_nobody)
{
	struct known k;

	memset(&k, 0xaa, sizeof k);
	known_init(&k);
	ck_assert_ptr_null(known_by_key(&k, ka));
	ck_assert_ptr_null(known_by_name(&k, "Alice"));
	ck_assert_int_eq(known_check(&k, ka, "Alice"), KNOWN_NEW);
	ck_assert_int_eq(known_verify(&k, ka, true), E_NONE);
	ck_assert_int_eq(known_unblock(&k, ka), E_NONE);
	ck_assert_int_eq(known_forget(&k, ka), E_NONE);
	ck_assert_int_eq(known_trust(&k, ka, "Alice", 0), E_NONE);
	known_fini(&k);
	known_fini(&k);
}
END_TEST

START_TEST(pinned_peer_is_found_by_key_and_by_name)
{
	const struct known_peer *peer;
	struct known k;

	start(&k);
	peer = known_by_key(&k, kb);
	ck_assert_str_eq(peer->name, "Bob");
	ck_assert_uint_eq(peer->first_day, 20000);
	ck_assert(!peer->verified);
	ck_assert(!peer->blocked);
	ck_assert_ptr_eq(known_by_name(&k, "BOB"), peer);
	known_fini(&k);
}
END_TEST

START_TEST(check_says_what_to_think)
{
	static const uint8_t other[KEY_LEN] = "x";
	struct known k;

	start(&k);
	ck_assert_int_eq(known_check(&k, ka, "Alice"), KNOWN_SAME);
	ck_assert_int_eq(known_check(&k, ka, "Alicia"), KNOWN_SAME);
	ck_assert_int_eq(known_check(&k, other, "Carol"), KNOWN_NEW);
	ck_assert_int_eq(known_check(&k, other, "alice"), KNOWN_CHANGED);
	/* A friend under the name of another one. */
	ck_assert_int_eq(known_check(&k, ka, "Bob"), KNOWN_CHANGED);
	ck_assert_int_eq(known_check(&k, kc, "bob"), KNOWN_BLOCKED);
	ck_assert_int_eq(known_check(&k, kc, "Dave"), KNOWN_BLOCKED);
	known_fini(&k);
}
END_TEST

START_TEST(known_key_takes_its_new_name_along)
{
	struct known k;

	start(&k);
	known_verify(&k, ka, true);
	ck_assert_int_eq(known_pin(&k, ka, "Alicia", 0), E_OK);
	ck_assert_uint_eq(k.peers.count, 3);
	ck_assert_ptr_null(known_by_name(&k, "Alice"));
	ck_assert_str_eq(known_by_key(&k, ka)->name, "Alicia");
	ck_assert_uint_eq(known_by_key(&k, ka)->first_day, 20000);
	ck_assert(known_by_key(&k, ka)->verified);
	/* The old name is free. */
	ck_assert_int_eq(pin(&k, (const uint8_t[KEY_LEN]){ 9 }, "Alice"), E_OK);
	known_fini(&k);
}
END_TEST

START_TEST(pin_refuses_another_key_for_a_name)
{
	static const uint8_t other[KEY_LEN] = "x";
	struct known k;

	start(&k);
	ck_assert_int_eq(pin(&k, other, "ALICE"), E_TAKEN);
	ck_assert_int_eq(pin(&k, kb, "Alice"), E_TAKEN);
	ck_assert_int_eq(pin(&k, kc, "Carol"), E_DENIED);
	ck_assert_int_eq(pin(&k, other, ""), E_BAD);
	ck_assert_int_eq(pin(&k, other, "two words"), E_BAD);
	ck_assert_int_eq(pin(&k, other, "line\nfeed"), E_BAD);
	ck_assert_int_eq(known_block(&k, other, "two words", 0), E_BAD);
	ck_assert_uint_eq(k.peers.count, 3);
	ck_assert_str_eq(known_by_key(&k, kb)->name, "Bob");
	known_fini(&k);
}
END_TEST

START_TEST(trust_gives_the_name_to_the_new_key)
{
	static const uint8_t other[KEY_LEN] = "x";
	struct known k;

	start(&k);
	known_verify(&k, ka, true);
	ck_assert_int_eq(known_trust(&k, other, "alice", 20001 * DAY_S), E_OK);
	ck_assert_ptr_null(known_by_key(&k, ka));
	ck_assert_ptr_eq(known_by_name(&k, "Alice"), known_by_key(&k, other));
	ck_assert_uint_eq(known_by_key(&k, other)->first_day, 20001);
	/* Nobody has compared safety numbers with this key. */
	ck_assert(!known_by_key(&k, other)->verified);
	known_fini(&k);
}
END_TEST

START_TEST(trust_can_give_the_name_to_another_friend)
{
	struct known k;

	start(&k);
	known_verify(&k, kb, true);
	ck_assert_int_eq(known_trust(&k, kb, "Alice", 0), E_OK);
	ck_assert_ptr_null(known_by_key(&k, ka));
	ck_assert_ptr_eq(known_by_name(&k, "Alice"), known_by_key(&k, kb));
	ck_assert(known_by_key(&k, kb)->verified);
	ck_assert_uint_eq(k.peers.count, 2);
	known_fini(&k);
}
END_TEST

START_TEST(trust_of_the_pinned_key_changes_nothing)
{
	struct known k;

	start(&k);
	known_verify(&k, ka, true);
	ck_assert_int_eq(known_trust(&k, ka, "Alice", 0), E_OK);
	ck_assert(known_by_key(&k, ka)->verified);
	ck_assert_uint_eq(known_by_key(&k, ka)->first_day, 20000);
	known_fini(&k);
}
END_TEST

START_TEST(trust_wants_a_name_and_no_blocked_key)
{
	struct known k;

	start(&k);
	ck_assert_int_eq(known_trust(&k, kc, "Alice", 0), E_DENIED);
	ck_assert_int_eq(known_trust(&k, ka, "Carol", 0), E_NONE);
	ck_assert_int_eq(known_trust(&k, ka, "two words", 0), E_BAD);
	ck_assert_ptr_nonnull(known_by_key(&k, ka));
	known_fini(&k);
}
END_TEST

START_TEST(verify_can_be_taken_back)
{
	struct known k;

	start(&k);
	ck_assert_int_eq(known_verify(&k, ka, true), E_OK);
	ck_assert(known_by_key(&k, ka)->verified);
	ck_assert_int_eq(known_verify(&k, ka, false), E_OK);
	ck_assert(!known_by_key(&k, ka)->verified);
	known_fini(&k);
}
END_TEST

/* Whoever is blocked may have called himself like a friend. */
START_TEST(blocked_key_does_not_hold_its_name)
{
	struct known k;

	start(&k);
	ck_assert_ptr_eq(known_by_name(&k, "bob"), known_by_key(&k, kb));
	known_forget(&k, kb);
	ck_assert_ptr_eq(known_by_name(&k, "bob"), known_by_key(&k, kc));
	ck_assert_int_eq(pin(&k, kb, "Bob"), E_OK);
	ck_assert_ptr_eq(known_by_name(&k, "bob"), known_by_key(&k, kb));
	known_fini(&k);
}
END_TEST

START_TEST(blocked_friend_can_be_unblocked)
{
	struct known k;

	start(&k);
	known_verify(&k, ka, true);
	ck_assert_int_eq(known_block(&k, ka, "ignored", 0), E_OK);
	ck_assert_int_eq(known_check(&k, ka, "Alice"), KNOWN_BLOCKED);
	ck_assert_int_eq(known_unblock(&k, ka), E_OK);
	ck_assert_int_eq(known_check(&k, ka, "Alice"), KNOWN_SAME);
	ck_assert(known_by_key(&k, ka)->verified);
	ck_assert_int_eq(known_unblock(&k, ka), E_NONE);
	known_fini(&k);
}
END_TEST

START_TEST(unblock_does_not_take_a_name_from_a_friend)
{
	struct known k;

	start(&k);
	ck_assert_int_eq(known_unblock(&k, kc), E_TAKEN);
	ck_assert_int_eq(known_check(&k, kc, "bob"), KNOWN_BLOCKED);
	known_forget(&k, kb);
	ck_assert_int_eq(known_unblock(&k, kc), E_OK);
	ck_assert_int_eq(known_check(&k, kc, "bob"), KNOWN_SAME);
	known_fini(&k);
}
END_TEST

START_TEST(forgotten_key_is_new_again)
{
	struct known k;

	start(&k);
	ck_assert_int_eq(known_forget(&k, ka), E_OK);
	ck_assert_int_eq(known_forget(&k, ka), E_NONE);
	ck_assert_int_eq(known_check(&k, ka, "Alice"), KNOWN_NEW);
	ck_assert_ptr_nonnull(known_by_key(&k, kb));
	ck_assert_ptr_nonnull(known_by_key(&k, kc));
	known_fini(&k);
}
END_TEST

/* A key that is number. */
static void
make_key(uint32_t number, uint8_t key[static KEY_LEN])
{
	memset(key, 0, KEY_LEN);
	memcpy(key, &number, sizeof number);
}

START_TEST(entry_is_added_as_it_stands)
{
	struct known_peer peer = { .first_day = 7, .verified = true,
	    .name = "Carol" };
	struct known k;

	start(&k);
	peer.key[0] = 'x';
	ck_assert_int_eq(known_add(&k, &peer), E_OK);
	ck_assert_uint_eq(known_by_name(&k, "carol")->first_day, 7);
	ck_assert(known_by_name(&k, "carol")->verified);
	ck_assert_int_eq(known_add(&k, &peer), E_TAKEN); /* the key */
	peer.key[0] = 'y';
	ck_assert_int_eq(known_add(&k, &peer), E_TAKEN); /* the name */
	peer.blocked = true;
	ck_assert_int_eq(known_add(&k, &peer), E_OK);
	ck_assert_int_eq(known_check(&k, peer.key, "x"), KNOWN_BLOCKED);
	peer.key[0] = 'z';
	peer.name[0] = ' ';
	ck_assert_int_eq(known_add(&k, &peer), E_BAD);
	ck_assert_uint_eq(k.peers.count, 5);
	known_fini(&k);
	known_fini(&k);
}
END_TEST

START_TEST(store_is_full_after_4096_people)
{
	uint8_t key[KEY_LEN];
	char name[NAME_SIZE];
	struct known k;

	known_init(&k);
	for (uint32_t i = 0; i < 4096; i++) {
		make_key(i, key);
		snprintf(name, sizeof name, "n%u", i);
		if (pin(&k, key, name) != E_OK)
			ck_abort_msg("%u", i);
	}
	make_key(4096, key);
	ck_assert_int_eq(pin(&k, key, "more"), E_FULL);
	ck_assert_int_eq(known_block(&k, key, "more", 0), E_FULL);
	ck_assert_uint_eq(k.peers.count, 4096);
	/* Full, but as alive as before. */
	ck_assert_int_eq(known_trust(&k, key, "n7", 0), E_OK);
	ck_assert_int_eq(known_forget(&k, key), E_OK);
	ck_assert_int_eq(pin(&k, key, "more"), E_OK);
	known_fini(&k);
}
END_TEST

/* ---- against a model: few keys and names, many operations ---- */

enum { KEYS = 6, NAMES = 4, OPS = 20000 };

struct model {
	int name[KEYS]; /* of a key, or -1: not known */
	bool blocked[KEYS], verified[KEYS];
};

static int
model_owner(const struct model *m, int name)
{
	for (int i = 0; i < KEYS; i++) {
		if (m->name[i] == name && !m->blocked[i])
			return i;
	}
	return -1;
}

static int
model_pin(struct model *m, int key, int name)
{
	int owner = model_owner(m, name);

	if (m->name[key] >= 0 && m->blocked[key])
		return E_DENIED;
	if (owner >= 0 && owner != key)
		return E_TAKEN;
	if (m->name[key] < 0)
		m->blocked[key] = m->verified[key] = false;
	m->name[key] = name;
	return E_OK;
}

static int
model_trust(struct model *m, int key, int name)
{
	int owner = model_owner(m, name);

	if (owner < 0)
		return E_NONE;
	if (m->name[key] >= 0 && m->blocked[key])
		return E_DENIED;
	if (owner != key)
		m->name[owner] = -1;
	return model_pin(m, key, name);
}

static int
model_block(struct model *m, int key, int name)
{
	if (m->name[key] < 0) {
		m->name[key] = name;
		m->verified[key] = false;
	}
	m->blocked[key] = true;
	return E_OK;
}

static int
model_unblock(struct model *m, int key)
{
	if (m->name[key] < 0 || !m->blocked[key])
		return E_NONE;
	if (model_owner(m, m->name[key]) >= 0)
		return E_TAKEN;
	m->blocked[key] = false;
	return E_OK;
}

static int
model_mark(struct model *m, int key, bool forget)
{
	if (m->name[key] < 0)
		return E_NONE;
	if (forget)
		m->name[key] = -1;
	else
		m->verified[key] = true;
	return E_OK;
}

static void
compare(const struct known *k, const struct model *m)
{
	static const char *const names[NAMES] = { "ann", "ben", "cid", "dot" };
	size_t count = 0;

	for (int i = 0; i < KEYS; i++) {
		const struct known_peer *peer;
		uint8_t key[KEY_LEN];

		make_key((uint32_t)i, key);
		peer = known_by_key(k, key);
		if ((peer != NULL) != (m->name[i] >= 0))
			ck_abort_msg("key %d", i);
		if (peer == NULL)
			continue;
		count++;
		if (strcmp(peer->name, names[m->name[i]]) != 0 ||
		    peer->blocked != m->blocked[i] ||
		    peer->verified != m->verified[i])
			ck_abort_msg("entry of key %d", i);
	}
	ck_assert_uint_eq(k->peers.count, count);
}

START_TEST(store_agrees_with_a_model)
{
	static const char *const names[NAMES] = { "ann", "ben", "cid", "dot" };
	struct model m = { .name = { -1, -1, -1, -1, -1, -1 } };
	struct known k;
	struct rng rng;

	known_init(&k);
	rng_init_test(&rng, test_seed(), "known");
	for (int i = 0; i < OPS; i++) {
		uint32_t key_no = rng_below(&rng, KEYS);
		uint32_t name = rng_below(&rng, NAMES);
		uint8_t key[KEY_LEN];
		int got = 0, want = 0, at = (int)key_no, to = (int)name;

		make_key(key_no, key);
		switch (rng_below(&rng, 6)) {
		case 0:
			got = pin(&k, key, names[name]);
			want = model_pin(&m, at, to);
			break;
		case 1:
			got = known_trust(&k, key, names[name], 0);
			want = model_trust(&m, at, to);
			break;
		case 2:
			got = known_block(&k, key, names[name], 0);
			want = model_block(&m, at, to);
			break;
		case 3:
			got = known_unblock(&k, key);
			want = model_unblock(&m, at);
			break;
		case 4:
			got = known_verify(&k, key, true);
			want = model_mark(&m, at, false);
			break;
		case 5:
			got = known_forget(&k, key);
			want = model_mark(&m, at, true);
			break;
		}
		ck_assert_int_eq(got, want);
		compare(&k, &m);
	}
	known_fini(&k);
}
END_TEST

/* ---- servers ---- */

START_TEST(server_is_pinned_to_its_first_key)
{
	struct known k;

	known_init(&k);
	ck_assert_ptr_null(known_server_find(&k, "example.org", 9000));
	ck_assert_int_eq(known_server_pin(&k, "example.org", 9000, ka,
	    20000 * (uint64_t)DAY_S), E_OK);
	ck_assert_int_eq(known_server_pin(&k, "example.org", 9000, ka, 0),
	    E_OK);
	ck_assert_int_eq(known_server_pin(&k, "example.org", 9000, kb, 0),
	    E_TAKEN);
	ck_assert_int_eq(known_server_pin(&k, "example.org", 9001, kb, 0),
	    E_OK);
	ck_assert_mem_eq(known_server_find(&k, "example.org", 9000)->key, ka,
	    KEY_LEN);
	ck_assert_uint_eq(
	    known_server_find(&k, "example.org", 9000)->first_day, 20000);
	known_fini(&k);
}
END_TEST

START_TEST(server_is_the_same_in_every_spelling)
{
	static const char *const rows[][2] = {
		{ "Example.ORG", "example.org" },
		{ "AZaz09", "azaz09" },
		{ "2001:DB8:0::1", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
	};
	struct known k;

	known_init(&k);
	ck_assert_int_eq(known_server_pin(&k, rows[_i][0], 9000, ka, 0), E_OK);
	ck_assert_str_eq(k.servers.items[0].host, rows[_i][1]);
	ck_assert_ptr_nonnull(known_server_find(&k, rows[_i][1], 9000));
	ck_assert_int_eq(known_server_pin(&k, rows[_i][1], 9000, kb, 0),
	    E_TAKEN);
	known_fini(&k);
}
END_TEST

START_TEST(what_is_no_host_is_refused)
{
	static const char *const bad[] = { "", "two words", "a\nb", "[::1]",
	    "#", "192.0.2.1:9000", "a:b", "a/b", "\xff", "user@host",
	    "a\x7f" };
	char too_long[HOST_SIZE + 1];
	struct known k;

	known_init(&k);
	ck_assert_int_eq(known_server_pin(&k, bad[_i], 9000, ka, 0), E_BAD);
	ck_assert_int_eq(known_server_pin(&k, "host", 0, ka, 0), E_BAD);
	memset(too_long, 'a', sizeof too_long);
	too_long[HOST_SIZE] = '\0';
	ck_assert_int_eq(known_server_pin(&k, too_long, 9000, ka, 0), E_BAD);
	too_long[HOST_SIZE - 1] = '\0';
	ck_assert_int_eq(known_server_pin(&k, too_long, 9000, ka, 0), E_OK);
	known_fini(&k);
}
END_TEST

START_TEST(new_key_of_a_server_is_trusted_on_demand)
{
	struct known k;

	known_init(&k);
	ck_assert_int_eq(known_server_trust(&k, "host", 9000, kb, 0), E_NONE);
	known_server_pin(&k, "host", 9000, ka, 0);
	ck_assert_int_eq(known_server_trust(&k, "HOST", 9000, kb,
	    20000 * (uint64_t)DAY_S), E_OK);
	ck_assert_mem_eq(known_server_find(&k, "host", 9000)->key, kb, KEY_LEN);
	ck_assert_uint_eq(known_server_find(&k, "host", 9000)->first_day,
	    20000);
	ck_assert_int_eq(known_server_trust(&k, "host", 9000, kb, 0), E_OK);
	ck_assert_uint_eq(known_server_find(&k, "host", 9000)->first_day,
	    20000);
	ck_assert_uint_eq(k.servers.count, 1);
	known_fini(&k);
}
END_TEST

START_TEST(forgotten_server_is_new_again)
{
	static const char *const hosts[] = { "one", "two", "three", "four" };
	struct known_server server = { .port = 9000, .host = "One" };
	struct known k;

	known_init(&k);
	for (int i = 0; i < 4; i++)
		known_server_pin(&k, hosts[i], 9000, i < 2 ? ka : kb, 0);
	ck_assert_int_eq(known_server_add(&k, &server), E_TAKEN);
	ck_assert_int_eq(known_server_forget(&k, "three", 9000), E_OK);
	ck_assert_int_eq(known_server_forget(&k, "three", 9000), E_NONE);
	ck_assert_int_eq(known_server_forget(&k, "one", 9000), E_OK);
	ck_assert_ptr_null(known_server_find(&k, "one", 9000));
	ck_assert_mem_eq(known_server_find(&k, "two", 9000)->key, ka, KEY_LEN);
	ck_assert_mem_eq(known_server_find(&k, "four", 9000)->key, kb, KEY_LEN);
	ck_assert_uint_eq(k.servers.count, 2);
	known_fini(&k);
}
END_TEST

START_TEST(store_is_full_after_256_servers)
{
	char host[16];
	struct known k;

	known_init(&k);
	for (int i = 0; i < 256; i++) {
		snprintf(host, sizeof host, "s%d", i);
		ck_assert_int_eq(known_server_pin(&k, host, 9000, ka, 0), E_OK);
	}
	ck_assert_int_eq(known_server_pin(&k, "more", 9000, ka, 0), E_FULL);
	ck_assert_uint_eq(k.servers.count, 256);
	known_fini(&k);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("known");
	TCase *people = tcase_create("people"), *servers;

	tcase_add_test(people, empty_store_knows_nobody);
	tcase_add_test(people, lookalikes_have_another_key);
	tcase_add_test(people, a_lookalike_who_was_verified_is_himself);
	tcase_add_test(people, whoever_is_blocked_is_nobodys_lookalike);
	tcase_add_test(people, what_names_look_like_may_be_said_from_outside);
	tcase_add_test(people, pinned_peer_is_found_by_key_and_by_name);
	tcase_add_test(people, check_says_what_to_think);
	tcase_add_test(people, known_key_takes_its_new_name_along);
	tcase_add_test(people, pin_refuses_another_key_for_a_name);
	tcase_add_test(people, trust_gives_the_name_to_the_new_key);
	tcase_add_test(people, trust_can_give_the_name_to_another_friend);
	tcase_add_test(people, trust_of_the_pinned_key_changes_nothing);
	tcase_add_test(people, trust_wants_a_name_and_no_blocked_key);
	tcase_add_test(people, verify_can_be_taken_back);
	tcase_add_test(people, blocked_key_does_not_hold_its_name);
	tcase_add_test(people, blocked_friend_can_be_unblocked);
	tcase_add_test(people, unblock_does_not_take_a_name_from_a_friend);
	tcase_add_test(people, forgotten_key_is_new_again);
	tcase_add_test(people, entry_is_added_as_it_stands);
	tcase_add_test(people, store_is_full_after_4096_people);
	tcase_add_test(people, store_agrees_with_a_model);
	suite_add_tcase(suite, people);
	servers = tcase_create("servers");
	tcase_add_test(servers, server_is_pinned_to_its_first_key);
	tcase_add_loop_test(servers, server_is_the_same_in_every_spelling, 0,
	    4);
	tcase_add_loop_test(servers, what_is_no_host_is_refused, 0, 11);
	tcase_add_test(servers, new_key_of_a_server_is_trusted_on_demand);
	tcase_add_test(servers, forgotten_server_is_new_again);
	tcase_add_test(servers, store_is_full_after_256_servers);
	suite_add_tcase(suite, servers);
	return suite;
}
