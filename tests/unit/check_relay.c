#include "guest.h"
#include "relay.h"

/* ---- pairs ---- */

enum { PEOPLE = 200 };

static struct registry reg;
static struct relay relay;
static struct rng rng;
static const uint8_t map_key[MAP_KEY_LEN];

static uint32_t
person(uint32_t n)
{
	uint8_t key[KEY_LEN] = { (uint8_t)n, (uint8_t)(n >> 8), 1 };
	char name[NAME_SIZE];

	snprintf(name, sizeof name, "n%u", n);
	return account_new(&reg, key, name);
}

static void
pairs_setup(void)
{
	rng_init_test(&rng, test_seed(), "relay");
	ck_assert(registry_init(&reg, 1, PEOPLE, map_key, 0));
	ck_assert(relay_init(&relay, 1000, map_key));
	for (uint32_t n = 0; n < PEOPLE; n++)
		ck_assert_uint_eq(person(n), n);
}

static void
pairs_teardown(void)
{
	relay_fini(&relay);
	registry_fini(&reg);
}

static uint32_t
agree(uint32_t a, uint32_t b)
{
	uint32_t pair = relay_name(&relay, &reg, a, b);

	ck_assert_uint_ne(pair, NOBODY);
	ck_assert_uint_eq(relay_name(&relay, &reg, b, a), pair);
	return pair;
}

START_TEST(pair_is_agreed_when_both_named_each_other)
{
	uint32_t pair = relay_name(&relay, &reg, 7, 3);

	ck_assert_uint_eq(relay_find(&relay, &reg, 3, 7), pair);
	ck_assert(!relay_is_agreed(&relay, pair));
	ck_assert_uint_eq(relay_name(&relay, &reg, 7, 3), pair);
	ck_assert(!relay_is_agreed(&relay, pair));
	ck_assert_uint_eq(relay_name(&relay, &reg, 3, 7), pair);
	ck_assert(relay_is_agreed(&relay, pair));
	ck_assert_uint_eq(relay.count, 1);
}
END_TEST

START_TEST(route_leads_from_its_side_only)
{
	uint32_t pair = agree(3, 7);
	uint64_t a, b;
	int side;

	ck_assert_uint_eq(relay_route(&relay, pair, 0), 0);
	relay_open(&relay, &rng, 0, pair);
	a = relay_route(&relay, pair, relay_side(&relay, pair, 3));
	b = relay_route(&relay, pair, relay_side(&relay, pair, 7));
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 0, a, &side), pair);
	ck_assert_uint_eq(relay.pairs[pair].account[side], 3);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 0, b, &side), pair);
	ck_assert_uint_eq(relay.pairs[pair].account[side], 7);
	for (int bit = 0; bit < 64; bit++)
		ck_assert_uint_eq(relay_lookup(&relay, &reg, 0,
		    a ^ UINT64_C(1) << bit, &side), NOBODY);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 0, 0, &side), NOBODY);
}
END_TEST

START_TEST(opening_again_keeps_the_route)
{
	uint32_t pair = agree(3, 7);
	uint64_t a;

	relay_open(&relay, &rng, 0, pair);
	a = relay_route(&relay, pair, 0);
	relay_open(&relay, &rng, USEC_S, pair);
	ck_assert_uint_eq(relay_route(&relay, pair, 0), a);
}
END_TEST

START_TEST(idle_route_is_closed_after_five_minutes)
{
	uint32_t pair = agree(3, 7);
	uint64_t a;
	int side;

	relay_open(&relay, &rng, 0, pair);
	a = relay_route(&relay, pair, 0);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 300 * USEC_S, a, &side),
	    pair);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 300 * USEC_S + 1, a,
	    &side), NOBODY);
	relay_open(&relay, &rng, 301 * USEC_S, pair);
	ck_assert_uint_ne(relay_route(&relay, pair, 0), a);
}
END_TEST

START_TEST(who_names_nobody_any_more_has_no_route)
{
	uint32_t pair = agree(3, 7);
	uint64_t a;
	int side;

	relay_open(&relay, &rng, 0, pair);
	a = relay_route(&relay, pair, 0);
	relay_unname(&relay, &reg, 3, 7);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 0, a, &side), NOBODY);
	ck_assert(!relay_is_agreed(&relay, pair));
	ck_assert_uint_eq(relay_find(&relay, &reg, 3, 7), pair);
	relay_unname(&relay, &reg, 7, 3);
	ck_assert_uint_eq(relay_find(&relay, &reg, 3, 7), NOBODY);
	ck_assert_uint_eq(relay.count, 0);
	relay_unname(&relay, &reg, 7, 3);
}
END_TEST

START_TEST(one_names_at_most_64)
{
	for (uint32_t n = 1; n <= 64; n++)
		ck_assert_uint_ne(relay_name(&relay, &reg, 0, n), NOBODY);
	ck_assert_uint_eq(relay_name(&relay, &reg, 0, 65), NOBODY);
	ck_assert_uint_ne(relay_name(&relay, &reg, 65, 0), NOBODY);
	relay_unname(&relay, &reg, 0, 1);
	ck_assert_uint_ne(relay_name(&relay, &reg, 0, 65), NOBODY);
}
END_TEST

/* Nobody can use up what another may name. */
START_TEST(being_named_by_many_costs_nothing)
{
	for (uint32_t n = 1; n < PEOPLE; n++)
		ck_assert_uint_ne(relay_name(&relay, &reg, n, 0), NOBODY);
	ck_assert_uint_eq(reg.accounts[0].pairs, NOBODY);
	ck_assert_uint_ne(relay_name(&relay, &reg, 0, 5), NOBODY);
}
END_TEST

/* Some name everybody they can: there is room for those who name few. */
START_TEST(whoever_names_many_gives_way)
{
	uint32_t a, b, n;

	for (a = 0; a < 20; a++)
		for (b = 100; b < 164; b++)
			relay_name(&relay, &reg, a, b);
	ck_assert_uint_eq(relay.count, 1000);
	for (n = 20; n < 80; n += 2)
		agree(n, n + 1);
	for (a = 0; a < 20; a++)
		for (b = 100; b < 164; b++)
			relay_name(&relay, &reg, a, b);
	for (n = 20; n < 80; n += 2) {
		uint32_t pair = relay_find(&relay, &reg, n, n + 1);

		ck_assert_uint_ne(pair, NOBODY);
		ck_assert(relay_is_agreed(&relay, pair));
	}
	ck_assert_uint_eq(relay.count, 1000);
	for (n = 0; n < PEOPLE; n++)
		relay_unname_all(&relay, &reg, n);
	ck_assert_uint_eq(relay.count, 0);
}
END_TEST

START_TEST(pair_ends_when_an_account_goes_to_somebody_else)
{
	uint32_t pair = agree(3, 7);
	uint64_t a;
	int side;

	relay_open(&relay, &rng, 0, pair);
	a = relay_route(&relay, pair, 0);
	relay_unname_all(&relay, &reg, 7);
	account_free(&reg, 7);
	ck_assert_uint_eq(person(777), 7);
	ck_assert_uint_eq(relay_lookup(&relay, &reg, 0, a, &side), NOBODY);
	ck_assert_uint_eq(relay_find(&relay, &reg, 3, 7), NOBODY);
	ck_assert_uint_eq(relay.count, 0);
	ck_assert_uint_eq(reg.accounts[3].pairs, NOBODY);
}
END_TEST

/* Against a matrix of who has named whom. */
START_TEST(random_naming_agrees_with_a_matrix)
{
	static bool named[20][20];
	uint32_t pairs = 0;

	for (int step = 0; step < 50000; step++) {
		uint32_t a = rng_below(&rng, 20), b = rng_below(&rng, 20);
		uint32_t pair;

		if (a == b)
			continue;
		switch (rng_below(&rng, 12)) {
		case 0:
			relay_unname_all(&relay, &reg, a);
			memset(named[a], 0, sizeof named[a]);
			break;
		case 1: case 2: case 3: case 4:
			relay_unname(&relay, &reg, a, b);
			named[a][b] = false;
			break;
		default:
			pair = relay_name(&relay, &reg, a, b);
			ck_assert_uint_ne(pair, NOBODY);
			named[a][b] = true;
			ck_assert(relay_is_agreed(&relay, pair) ==
			    named[b][a]);
		}
		ck_assert((relay_find(&relay, &reg, a, b) != NOBODY) ==
		    (named[a][b] || named[b][a]));
	}
	for (int a = 0; a < 20; a++)
		for (int b = 0; b < a; b++)
			pairs += named[a][b] || named[b][a];
	ck_assert_uint_eq(relay.count, pairs);
	for (uint32_t a = 0; a < 20; a++)
		relay_unname_all(&relay, &reg, a);
	ck_assert_uint_eq(relay.count, 0);
	ck_assert_uint_eq(relay.by_accounts.count, 0);
}
END_TEST

/* ---- packets ---- */

static struct world w;
static struct guest ann, bob, cat;
static uint64_t route_a, route_b;

static void
open_with(const struct server_conf *conf)
{
	world_open(&w, conf);
	guest_must_join(&ann, &w, "ann", guest_home(1));
	guest_must_join(&bob, &w, "bob", guest_home(2));
	guest_must_join(&cat, &w, "cat", guest_home(3));
}

static void
setup(void)
{
	open_with(NULL);
	guest_introduce(&ann, &bob, 1, &route_a, &route_b);
	ck_assert_uint_eq(server_stats(w.s)->pairs, 1);
	world_forget(&w);
}

static void
teardown(void)
{
	world_close(&w);
}

/* True if what g sends on a route comes out at to, and nowhere else. */
static bool
passes(struct guest *g, uint64_t route, struct guest *to)
{
	size_t before = w.count;
	struct sent *sent;

	guest_relay(g, route, 200);
	sent = world_take(&w, to->sock, &to->addr);
	ck_assert_uint_eq(w.count - before, sent != NULL);
	return sent != NULL && sent->buf[0] == PACKET_RELAY;
}

START_TEST(packet_comes_out_with_the_route_of_the_other_side)
{
	struct sent *sent;
	uint8_t packet[1232];
	struct wr wr = wr_of(packet, sizeof packet);

	put_u8(&wr, PACKET_RELAY);
	put_zeros(&wr, 3);
	put_u64(&wr, route_a);
	put_u8(&wr, PACKET_DATA);
	while (wr.len < sizeof packet)
		put_u8(&wr, (uint8_t)(wr.len * 7));
	guest_send(&ann, packet, sizeof packet);
	sent = world_take(&w, SERVER_UDP4, &bob.addr);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, sizeof packet);
	wr = wr_of(packet + 4, 8);
	put_u64(&wr, route_b);
	ck_assert_mem_eq(sent->buf, packet, sizeof packet);
	ck_assert_uint_eq(server_stats(w.s)->relayed_bytes, 1232);
}
END_TEST

START_TEST(only_the_two_can_use_a_route)
{
	ck_assert(passes(&ann, route_a, &bob));
	ck_assert(passes(&bob, route_b, &ann));
	ck_assert(!passes(&bob, route_a, &bob));
	ck_assert(!passes(&ann, route_b, &ann));
	ck_assert(!passes(&cat, route_a, &bob));
	ck_assert(!passes(&ann, route_a ^ 1, &bob));
	ck_assert(!passes(&ann, 0, &bob));
	ann.addr.port++;
	ck_assert(!passes(&ann, route_a, &bob));
}
END_TEST

START_TEST(only_data_packets_are_passed)
{
	uint8_t packet[200] = { PACKET_RELAY };
	struct wr wr = wr_of(packet + 4, 8);

	put_u64(&wr, route_a);
	for (int type = 0; type < 256; type++) {
		packet[12] = (uint8_t)type;
		world_forget(&w);
		guest_send(&ann, packet, sizeof packet);
		ck_assert_uint_eq(w.count, type == PACKET_DATA);
	}
}
END_TEST

START_TEST(short_packets_are_not_passed)
{
	uint8_t packet[200] = { PACKET_RELAY };
	struct wr wr = wr_of(packet + 4, 8);

	put_u64(&wr, route_a);
	packet[12] = PACKET_DATA;
	for (size_t len = 1; len < sizeof packet; len++) {
		world_forget(&w);
		guest_send(&ann, packet, len);
		ck_assert_uint_eq(w.count, len >= 12 + 32);
	}
}
END_TEST

START_TEST(bytes_of_one_client_are_limited)
{
	int passed = 0;

	for (int i = 0; i < 400; i++)
		passed += passes(&ann, route_a, &bob);
	ck_assert_int_eq(passed, 400);
	for (int i = 0; i < 400; i++)
		guest_relay(&ann, route_a, 1232);
	ck_assert_uint_le(server_stats(w.s)->relayed_bytes, 262144);
	ck_assert_uint_ge(server_stats(w.s)->relayed_bytes, 262144 - 1232);
	ck_assert(passes(&bob, route_b, &ann));
	world_pass(&w, USEC_S);
	for (int i = 0; i < 400; i++)
		guest_relay(&ann, route_a, 1232);
	ck_assert_uint_le(server_stats(w.s)->relayed_bytes,
	    262144 + 65536 + 200);
}
END_TEST

START_TEST(bytes_of_all_are_limited)
{
	struct server_conf conf = world_conf();

	teardown();
	conf.relay_total = 20000;
	open_with(&conf);
	guest_introduce(&ann, &bob, 1, &route_a, &route_b);
	for (int i = 0; i < 30; i++)
		guest_relay(&ann, route_a, 1000);
	ck_assert_uint_eq(server_stats(w.s)->relayed, 20);
	ck_assert(!passes(&bob, route_b, &ann));
	world_pass(&w, USEC_S);
	ck_assert(passes(&bob, route_b, &ann));
}
END_TEST

START_TEST(one_site_leaves_most_of_the_relay_to_others)
{
	struct server_conf conf = world_conf();
	uint64_t route_c, route_d;
	struct addr beside = guest_home(1);

	teardown();
	conf.relay_burst = 50000;
	conf.relay_total = 160000;
	open_with(&conf);
	beside.port++;
	cat.addr = beside;
	ck_assert_int_eq(guest_join(&cat, ""), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &route_a, &route_b);
	guest_introduce(&cat, &bob, 2, &route_c, &route_d);
	for (int i = 0; i < 60; i++)
		guest_relay(&ann, route_a, 1000);
	world_forget(&w);
	ck_assert(!passes(&cat, route_c, &bob));
	ck_assert(passes(&bob, route_b, &ann));
	world_pass(&w, USEC_S);
	ck_assert(passes(&cat, route_c, &bob));
}
END_TEST

START_TEST(route_ends_with_the_conversation)
{
	ck_assert_int_eq(guest_leave(&ann, &bob), STATUS_OK);
	ck_assert(!passes(&bob, route_b, &ann));
	ck_assert(!passes(&ann, route_a, &bob));
	ck_assert_int_eq(guest_leave(&ann, &bob), STATUS_OK);
	ck_assert_int_eq(guest_leave(&ann, &cat), STATUS_OK);
}
END_TEST

START_TEST(route_ends_when_one_side_goes)
{
	guest_goodbye(&bob);
	world_forget(&w);
	ck_assert(!passes(&ann, route_a, &bob));
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	world_forget(&w);
	ck_assert(!passes(&ann, route_a, &bob));
	ck_assert(!passes(&bob, route_b, &ann));
}
END_TEST

START_TEST(route_outlives_a_new_registration)
{
	bob.addr = guest_home(20);
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	world_forget(&w);
	ck_assert(passes(&ann, route_a, &bob));
	ck_assert(passes(&bob, route_b, &ann));
}
END_TEST

START_TEST(no_relay_means_no_routes)
{
	struct server_conf conf = world_conf();

	teardown();
	conf.relay = false;
	open_with(&conf);
	ck_assert_uint_eq(ann.accept.flags, 0);
	guest_introduce(&ann, &bob, 1, &route_a, &route_b);
	ck_assert_uint_eq(route_a, 0);
	ck_assert_uint_eq(route_b, 0);
}
END_TEST

START_TEST(reload_ends_the_relay_at_once)
{
	struct server_conf conf = w.conf;

	conf.relay = false;
	server_reload(w.s, &conf);
	ck_assert(!passes(&ann, route_a, &bob));
	conf.relay = true;
	server_reload(w.s, &conf);
	ck_assert(passes(&ann, route_a, &bob));
}
END_TEST

/* ---- RESUME ---- */

/* What RESUME answered: the route, or 0 with *ok false. */
static uint64_t
resumed(struct guest *g, bool *ok)
{
	struct rd r = rd_of(g->reply, g->reply_len);
	uint64_t route;

	*ok = get_u8(&r) == 1;
	if (!*ok) {
		ck_assert(rd_done(&r));
		return 0;
	}
	addr_get(&r);
	route = get_u64(&r);
	ck_assert(rd_done(&r));
	return route;
}

START_TEST(resume_is_forwarded_between_those_who_talk)
{
	struct addr addr;
	struct rd r;
	bool ok;

	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	ck_assert_uint_eq(resumed(&ann, &ok), route_a);
	ck_assert(ok);
	ck_assert(guest_pushed(&bob, PUSH_RESUME, &r));
	ck_assert_mem_eq(get_bytes(&r, KEY_LEN), ann.keys.public, KEY_LEN);
	addr = addr_get(&r);
	ck_assert(addr_eq(&addr, &ann.addr));
	ck_assert_uint_eq(get_u64(&r), route_b);
	ck_assert_uint_eq(r.len, 56);
	ck_assert_uint_eq(r.p[0], PACKET_DATA);
}
END_TEST

START_TEST(resume_of_a_stranger_is_not_forwarded)
{
	struct rd r;
	bool ok;

	ck_assert_int_eq(guest_resume(&cat, &bob, 9), STATUS_OK);
	resumed(&cat, &ok);
	ck_assert(!ok);
	ck_assert(!guest_pushed(&bob, PUSH_RESUME, &r));
	/* Not even if the other resumes with a third. */
	ck_assert_int_eq(guest_resume(&bob, &ann, 9), STATUS_OK);
	ck_assert_int_eq(guest_resume(&cat, &bob, 10), STATUS_OK);
	resumed(&cat, &ok);
	ck_assert(!ok);
}
END_TEST

START_TEST(restarted_server_forwards_once_both_have_named_each_other)
{
	struct rd r;
	uint64_t route;
	bool ok;

	world_restart(&w);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	resumed(&ann, &ok);
	ck_assert(!ok);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_int_eq(guest_resume(&bob, &ann, 9), STATUS_OK);
	route = resumed(&bob, &ok);
	ck_assert(ok && route != 0);
	ck_assert(guest_pushed(&ann, PUSH_RESUME, &r));
	ck_assert_mem_eq(get_bytes(&r, KEY_LEN), bob.keys.public, KEY_LEN);
	addr_get(&r);
	route_a = get_u64(&r);
	world_forget(&w);
	ck_assert(passes(&bob, route, &ann));
	ck_assert(passes(&ann, route_a, &bob));
}
END_TEST

START_TEST(old_routes_mean_nothing_after_a_restart)
{
	world_restart(&w);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	world_forget(&w);
	ck_assert(!passes(&ann, route_a, &bob));
}
END_TEST

START_TEST(same_packet_is_forwarded_once)
{
	struct rd r;

	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	ck_assert(guest_pushed(&bob, PUSH_RESUME, &r));
	ck_assert(!guest_pushed(&bob, PUSH_RESUME, &r));
}
END_TEST

START_TEST(resumes_are_limited)
{
	int forwarded = 0;

	for (uint64_t i = 0; i < 20; i++)
		forwarded += guest_resume(&ann, &bob, i) == STATUS_OK;
	ck_assert_int_eq(forwarded, 5);
	ck_assert_int_eq(guest_resume(&bob, &ann, 1), STATUS_OK);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(guest_resume(&ann, &bob, 30), STATUS_OK);
}
END_TEST

START_TEST(resume_goes_without_relay_too)
{
	struct server_conf conf = world_conf();
	bool ok;
	struct rd r;

	teardown();
	conf.relay = false;
	open_with(&conf);
	guest_introduce(&ann, &bob, 1, &route_a, &route_b);
	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	ck_assert_uint_eq(resumed(&ann, &ok), 0);
	ck_assert(ok);
	ck_assert(guest_pushed(&bob, PUSH_RESUME, &r));
}
END_TEST

START_TEST(resume_opens_a_route_that_was_idle)
{
	uint64_t route;
	bool ok;

	for (int i = 0; i < 16; i++) {
		world_pass(&w, 20 * USEC_S);
		ck_assert(guest_beat(&ann));
		ck_assert(guest_beat(&bob));
	}
	world_forget(&w);
	ck_assert(!passes(&ann, route_a, &bob));
	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	route = resumed(&ann, &ok);
	ck_assert(ok && route != route_a);
	guest_listen(&bob);
	world_forget(&w);
	ck_assert(passes(&ann, route, &bob));
}
END_TEST

START_TEST(blocked_peer_cannot_resume)
{
	bool ok;

	ck_assert_int_eq(guest_block(&bob, &ann, true), STATUS_OK);
	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	resumed(&ann, &ok);
	ck_assert(!ok);
}
END_TEST

START_TEST(resume_after_leave_is_not_forwarded)
{
	bool ok;

	ck_assert_int_eq(guest_leave(&bob, &ann), STATUS_OK);
	ck_assert_int_eq(guest_resume(&ann, &bob, 9), STATUS_OK);
	resumed(&ann, &ok);
	ck_assert(!ok);
}
END_TEST

static TCase *
pairs_case(void)
{
	TCase *tc = tcase_create("pairs");

	tcase_add_checked_fixture(tc, pairs_setup, pairs_teardown);
	tcase_add_test(tc, pair_is_agreed_when_both_named_each_other);
	tcase_add_test(tc, route_leads_from_its_side_only);
	tcase_add_test(tc, opening_again_keeps_the_route);
	tcase_add_test(tc, idle_route_is_closed_after_five_minutes);
	tcase_add_test(tc, who_names_nobody_any_more_has_no_route);
	tcase_add_test(tc, one_names_at_most_64);
	tcase_add_test(tc, being_named_by_many_costs_nothing);
	tcase_add_test(tc, whoever_names_many_gives_way);
	tcase_add_test(tc, pair_ends_when_an_account_goes_to_somebody_else);
	tcase_add_test(tc, random_naming_agrees_with_a_matrix);
	return tc;
}

static TCase *
packets_case(void)
{
	TCase *tc = tcase_create("packets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    packet_comes_out_with_the_route_of_the_other_side);
	tcase_add_test(tc, only_the_two_can_use_a_route);
	tcase_add_test(tc, only_data_packets_are_passed);
	tcase_add_test(tc, short_packets_are_not_passed);
	tcase_add_test(tc, bytes_of_one_client_are_limited);
	tcase_add_test(tc, bytes_of_all_are_limited);
	tcase_add_test(tc, one_site_leaves_most_of_the_relay_to_others);
	tcase_add_test(tc, route_ends_with_the_conversation);
	tcase_add_test(tc, route_ends_when_one_side_goes);
	tcase_add_test(tc, route_outlives_a_new_registration);
	tcase_add_test(tc, no_relay_means_no_routes);
	tcase_add_test(tc, reload_ends_the_relay_at_once);
	return tc;
}

static TCase *
resume_case(void)
{
	TCase *tc = tcase_create("resume");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, resume_is_forwarded_between_those_who_talk);
	tcase_add_test(tc, resume_of_a_stranger_is_not_forwarded);
	tcase_add_test(tc,
	    restarted_server_forwards_once_both_have_named_each_other);
	tcase_add_test(tc, old_routes_mean_nothing_after_a_restart);
	tcase_add_test(tc, same_packet_is_forwarded_once);
	tcase_add_test(tc, resumes_are_limited);
	tcase_add_test(tc, resume_goes_without_relay_too);
	tcase_add_test(tc, resume_opens_a_route_that_was_idle);
	tcase_add_test(tc, blocked_peer_cannot_resume);
	tcase_add_test(tc, resume_after_leave_is_not_forwarded);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("relay");

	suite_add_tcase(suite, pairs_case());
	suite_add_tcase(suite, packets_case());
	suite_add_tcase(suite, resume_case());
	return suite;
}
