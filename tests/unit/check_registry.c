#include "hub.h"
#include "registry.h"
#include "rng.h"
#include "runner.h"

#include <stdio.h>
#include <string.h>

enum { MEMBERS = 8, ACCOUNTS = 16 };

static struct registry reg;
static const uint8_t map_key[MAP_KEY_LEN] = { 1 };
static const usec_t start = 5000 * USEC_S;

static void
setup(void)
{
	ck_assert(registry_init(&reg, MEMBERS, ACCOUNTS, map_key, start));
}

static void
teardown(void)
{
	registry_fini(&reg);
}

static const uint8_t *
key_of(uint32_t n)
{
	static uint8_t key[KEY_LEN];

	memset(key, 0, sizeof key);
	memcpy(key, &n, sizeof n);
	return key;
}

static uint32_t
live(usec_t now)
{
	uint32_t slot = member_new(&reg, now);

	ck_assert_uint_ne(slot, NOBODY);
	member_promote(&reg, now, slot, MEMBER_LIVE);
	return slot;
}

/* ---- members ---- */

START_TEST(index_is_never_zero_and_finds_the_member)
{
	for (int i = 0; i < MEMBERS; i++) {
		uint32_t slot = member_new(&reg, start);
		uint32_t index = member_index(&reg, slot);

		ck_assert_uint_ne(index, 0);
		ck_assert_uint_eq(member_find(&reg, index), slot);
	}
	ck_assert_uint_eq(member_new(&reg, start), NOBODY);
	ck_assert_uint_eq(member_find(&reg, 0), NOBODY);
	ck_assert_uint_eq(member_find(&reg, UINT32_MAX), NOBODY);
}
END_TEST

START_TEST(index_of_one_who_left_finds_nobody)
{
	uint32_t slot = member_new(&reg, start);
	uint32_t index = member_index(&reg, slot);

	member_free(&reg, slot);
	ck_assert_uint_eq(member_find(&reg, index), NOBODY);
	ck_assert_uint_eq(member_new(&reg, start), slot);
	ck_assert_uint_eq(member_find(&reg, index), NOBODY);
	ck_assert_uint_ne(member_index(&reg, slot), index);
}
END_TEST

START_TEST(index_is_not_used_again_for_a_thousand_members)
{
	uint32_t slot = member_new(&reg, start);
	uint32_t first = member_index(&reg, slot);

	for (int i = 0; i < 1022; i++) {
		member_free(&reg, slot);
		ck_assert_uint_eq(member_new(&reg, start), slot);
		ck_assert_uint_ne(member_index(&reg, slot), first);
		ck_assert_uint_ne(member_index(&reg, slot), 0);
	}
}
END_TEST

START_TEST(the_silent_one_comes_first)
{
	usec_t since;
	uint32_t a = live(start), b = live(start + 1 * USEC_S);

	ck_assert_uint_eq(member_oldest_live(&reg, start + 9 * USEC_S,
	    &since), a);
	ck_assert_uint_eq(since, start);
	member_heard(&reg, start + 2 * USEC_S, a);
	ck_assert_uint_eq(member_oldest_live(&reg, start + 9 * USEC_S,
	    &since), b);
	ck_assert_uint_eq(since, start + 1 * USEC_S);
	member_free(&reg, b);
	ck_assert_uint_eq(member_oldest_live(&reg, start + 9 * USEC_S,
	    &since), a);
	ck_assert_uint_eq(since, start + 2 * USEC_S);
	member_free(&reg, a);
	ck_assert_uint_eq(member_oldest_live(&reg, start + 9 * USEC_S,
	    &since), NOBODY);
	ck_assert_uint_eq(since, USEC_NEVER);
}
END_TEST

START_TEST(half_and_live_have_lists_of_their_own)
{
	usec_t since;
	uint32_t a = member_new(&reg, start), b = live(start + USEC_S);

	ck_assert_uint_eq(member_oldest_half(&reg, start, &since), a);
	ck_assert_uint_eq(member_oldest_live(&reg, start, &since), b);
	ck_assert_uint_eq(reg.half.count, 1);
	ck_assert_uint_eq(reg.live.count, 1);
	member_promote(&reg, start + 2 * USEC_S, a, MEMBER_SAVING);
	ck_assert_uint_eq(member_oldest_half(&reg, start, &since), NOBODY);
	ck_assert_uint_eq(reg.live.count, 2);
}
END_TEST

/* The counter of milliseconds wraps around after 49.7 days. */
START_TEST(silence_is_right_after_years)
{
	const usec_t later = start + UINT64_C(5) * 365 * 86400 * USEC_S;
	usec_t since;
	uint32_t a = live(later);

	ck_assert_uint_eq(member_oldest_live(&reg, later + 55 * USEC_S,
	    &since), a);
	ck_assert_uint_eq(since, later);
	ck_assert_uint_eq(member_online_s(&reg, later + 55 * USEC_S, a), 55);
}
END_TEST

START_TEST(keys_are_wiped_when_a_member_goes)
{
	static const struct session_small zero;
	uint32_t slot = member_new(&reg, start);
	struct session_small *session = member_session(&reg, slot);

	memset(session, 0xaa, sizeof *session);
	member_free(&reg, slot);
	ck_assert_mem_eq(session, &zero, sizeof zero);
}
END_TEST

/* ---- accounts ---- */

START_TEST(account_is_found_by_key_and_name)
{
	uint32_t a = account_new(&reg, key_of(1), "Anna");

	ck_assert_uint_eq(account_by_key(&reg, key_of(1)), a);
	ck_assert_uint_eq(account_by_name(&reg, "Anna"), a);
	ck_assert_uint_eq(account_by_name(&reg, "aNNA"), a);
	ck_assert_uint_eq(account_by_key(&reg, key_of(2)), NOBODY);
	ck_assert_uint_eq(account_by_name(&reg, "Ann"), NOBODY);
}
END_TEST

START_TEST(names_beyond_ascii_are_compared_folded)
{
	uint32_t a = account_new(&reg, key_of(1), "Straße");

	ck_assert_uint_eq(account_by_name(&reg, "STRASSE"), a);
	ck_assert_uint_eq(account_by_name(&reg, "straße"), a);
	ck_assert(account_has_prefix(&reg.accounts[a], "stras"));
	ck_assert(account_has_prefix(&reg.accounts[a], ""));
	ck_assert(!account_has_prefix(&reg.accounts[a], "x"));
}
END_TEST

START_TEST(rename_frees_the_old_name)
{
	uint32_t a = account_new(&reg, key_of(1), "anna");

	account_rename(&reg, a, "bea");
	ck_assert_uint_eq(account_by_name(&reg, "anna"), NOBODY);
	ck_assert_uint_eq(account_by_name(&reg, "bea"), a);
	account_rename(&reg, a, "BEA");
	ck_assert_uint_eq(account_by_name(&reg, "bea"), a);
	ck_assert_str_eq(reg.accounts[a].name, "BEA");
}
END_TEST

START_TEST(account_that_is_reused_has_another_generation)
{
	uint32_t a = account_new(&reg, key_of(1), "anna");
	uint16_t before = reg.accounts[a].generation;

	account_free(&reg, a);
	ck_assert_uint_eq(account_by_key(&reg, key_of(1)), NOBODY);
	ck_assert_uint_eq(account_by_name(&reg, "anna"), NOBODY);
	ck_assert_uint_eq(account_new(&reg, key_of(2), "bea"), a);
	ck_assert_uint_ne(reg.accounts[a].generation, before);
}
END_TEST

START_TEST(full_table_takes_nobody)
{
	for (uint32_t n = 0; n < ACCOUNTS; n++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof name, "n%u", n);
		ck_assert_uint_ne(account_new(&reg, key_of(n), name), NOBODY);
	}
	ck_assert_uint_eq(account_new(&reg, key_of(99), "x"), NOBODY);
	ck_assert_uint_eq(reg.accounts_count, ACCOUNTS);
}
END_TEST

/* ---- both, against a model ---- */

static void
name_of(uint32_t n, uint32_t version, char out[static NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "N%u-%u", n, version);
}

START_TEST(random_changes_keep_both_indexes_right)
{
	enum { KEYS = 24 };
	uint32_t slot[KEYS], version[KEYS] = { 0 };
	char name[NAME_SIZE];
	struct rng rng;

	rng_init_test(&rng, test_seed(), "registry");
	for (int n = 0; n < KEYS; n++)
		slot[n] = NOBODY;
	for (int step = 0; step < 50000; step++) {
		uint32_t n = rng_below(&rng, KEYS);

		name_of(n, version[n], name);
		ck_assert_uint_eq(account_by_key(&reg, key_of(n)), slot[n]);
		ck_assert_uint_eq(account_by_name(&reg, name), slot[n]);
		if (slot[n] == NOBODY) {
			slot[n] = account_new(&reg, key_of(n), name);
		} else if (rng_below(&rng, 2) == 0) {
			name_of(n, ++version[n], name);
			account_rename(&reg, slot[n], name);
		} else {
			account_free(&reg, slot[n]);
			slot[n] = NOBODY;
		}
	}
}
END_TEST

/* ---- perf.md goal 5 ---- */

/* Everything that a server for 100,000 clients has for each of them, all
 * tables at their full size, the names of those who are offline apart. */
START_TEST(idle_client_costs_at_most_320_bytes)
{
	const struct server_conf conf = server_conf_default();
	const double n = conf.clients_max;
	struct registry r;
	double places, bytes;

	ck_assert_uint_eq(conf.clients_max, 100000);
	ck_assert(registry_init(&r, 1, conf.names_max, map_key, 0));
	places = (double)r.by_key.mask + 1;
	bytes = sizeof(struct member) + sizeof(struct fifo_link) +
	    sizeof(struct session_small) + sizeof(struct account) +
	    2 * places * sizeof(struct map_place) / n +
	    SITE_ROWS * sizeof(struct site_cell) / (double)SITE_SHARE +
	    PRESENCE_RING * sizeof(struct notice) / n;
	ck_assert_double_le(bytes, 320);
	registry_fini(&r);
}
END_TEST

static TCase *
members_case(void)
{
	TCase *tc = tcase_create("members");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, index_is_never_zero_and_finds_the_member);
	tcase_add_test(tc, index_of_one_who_left_finds_nobody);
	tcase_add_test(tc, index_is_not_used_again_for_a_thousand_members);
	tcase_add_test(tc, the_silent_one_comes_first);
	tcase_add_test(tc, half_and_live_have_lists_of_their_own);
	tcase_add_test(tc, silence_is_right_after_years);
	tcase_add_test(tc, keys_are_wiped_when_a_member_goes);
	return tc;
}

static TCase *
accounts_case(void)
{
	TCase *tc = tcase_create("accounts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, account_is_found_by_key_and_name);
	tcase_add_test(tc, names_beyond_ascii_are_compared_folded);
	tcase_add_test(tc, rename_frees_the_old_name);
	tcase_add_test(tc, account_that_is_reused_has_another_generation);
	tcase_add_test(tc, full_table_takes_nobody);
	tcase_add_test(tc, random_changes_keep_both_indexes_right);
	tcase_add_test(tc, idle_client_costs_at_most_320_bytes);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("registry");

	suite_add_tcase(suite, members_case());
	suite_add_tcase(suite, accounts_case());
	return suite;
}
