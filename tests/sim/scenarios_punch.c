#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* Issue line "Punch". Times count from `allow`, in round trips between the two
 * clients (80 ms). */

enum { SEEDS = 15 };

static const struct kind {
	const char *name;
	const struct nat_conf *nat; /* NULL: in the open */
} kinds[] = {
	{ "open", NULL },
	{ "eim/eif", &nat_full_cone },
	{ "eim/adf", &nat_restricted },
	{ "eim/apdf", &nat_easy },
	{ "linux", &nat_linux },
	{ "sequential", &nat_sequential },
	{ "random", &nat_random },
};

enum { OPEN, EIF, ADF, APDF, LINUX, SEQUENTIAL, RANDOM, KINDS };

static struct place
place_of(int kind)
{
	return kinds[kind].nat != NULL ? behind(kinds[kind].nat) :
	    in_the_open();
}

struct attempt {
	struct sim *s;
	struct user *a, *b;
	usec_t allowed;
};

static struct attempt
attempt(uint64_t seed, struct place a, struct place b, usec_t jitter)
{
	struct attempt t = { .s = sim_new(seed) };

	sim_server(t.s);
	t.a = sim_client(t.s, "ann", a);
	t.b = sim_client(t.s, "bob", b);
	if (t.a->router != NULL)
		router_cable(t.a->router)->jitter = jitter;
	if (t.b->router != NULL)
		router_cable(t.b->router)->jitter = jitter;
	t.allowed = sim_introduce(t.a, t.b);
	return t;
}

/* From `allow` to a direct path that both have confirmed, in thousandths of a
 * round trip; UINT64_MAX if none came within 10 s. */
static uint64_t
rounds(struct attempt *t)
{
	usec_t at;

	sim_until(t->s, direct(t->a, t->b), 10 * USEC_S);
	at = both_first(t->a, t->b, TRANSPORT_UDP);
	return at == USEC_NEVER ? UINT64_MAX :
	    (at - t->allowed) * 1000 / SIM_RT;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
median(uint64_t seed, struct place a, struct place b, usec_t jitter)
{
	uint64_t all[SEEDS];

	for (int i = 0; i < SEEDS; i++) {
		struct attempt t = attempt(seed + (uint64_t)i, a, b, jitter);

		all[i] = rounds(&t);
		sim_free(t.s);
	}
	qsort(all, SEEDS, sizeof all[0], by_size);
	return all[SEEDS / 2];
}

/* Every pair of open, full-cone, restricted and port-restricted hosts. */
START_TEST(easy_pair_is_direct_within_two_round_trips)
{
	for (int b = 0; b <= APDF; b++) {
		uint64_t m = median(test_seed(), place_of(_i), place_of(b), 0);

		ck_assert_msg(m <= 2000, "%s with %s: %u thousandths",
		    kinds[_i].name, kinds[b].name, (unsigned)m);
	}
}
END_TEST

START_TEST(jitter_of_5_ms_leaves_the_median_within_two_round_trips)
{
	uint64_t m = median(test_seed(), behind(&nat_easy),
	    behind(&nat_easy), 5 * USEC_MS);

	ck_assert_uint_le(m, 2000);
}
END_TEST

/* A router that takes early packets for its own: low TTL and a start within
 * the one-way delay keep its ports clean. */
START_TEST(poisonable_routers_are_no_obstacle)
{
	for (int b = 0; b <= LINUX; b++) {
		uint64_t m = median(test_seed(), place_of(LINUX), place_of(b),
		    2 * USEC_MS);

		ck_assert_msg(m <= 2000, "linux with %s: %u thousandths",
		    kinds[b].name, (unsigned)m);
	}
}
END_TEST

/* The hard side's own packet teaches its port, if it gets in. */
START_TEST(hard_side_is_direct_where_the_other_filters_by_address)
{
	for (int b = OPEN; b <= ADF; b++) {
		uint64_t m = median(test_seed(), place_of(_i), place_of(b), 0);

		ck_assert_msg(m <= 3000, "%s with %s: %u thousandths",
		    kinds[_i].name, kinds[b].name, (unsigned)m);
	}
}
END_TEST

START_TEST(either_may_be_the_one_who_asks)
{
	struct attempt t = attempt(test_seed(), behind(&nat_restricted),
	    behind(&nat_random), 0);

	ck_assert_uint_le(rounds(&t), 3000);
	sim_free(t.s);
}
END_TEST

/* ---- other places ---- */

START_TEST(neighbours_meet_in_their_own_network)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct addr addr;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", beside(a));
	at = sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), USEC_S));
	/* Half a round trip of 40 ms brings bob's addresses to ann. */
	ck_assert_uint_le(both_first(a, b, TRANSPORT_UDP) - at, 50 * USEC_MS);
	client_link(a->client, "bob", &addr);
	ck_assert_int_eq(addr_class(&addr), ADDR_IS_PRIVATE);
	sim_free(s);
}
END_TEST

START_TEST(neighbours_meet_behind_a_host_firewall)
{
	struct nat_conf wall = { .filter = NAT_APD };
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_user(s, "bob", beside(a));
	host_firewall(a->host, &wall);
	host_firewall(b->host, &wall);
	user_start(b);
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), USEC_S));
	sim_free(s);
}
END_TEST

/* Two who share a VPN, and no NAT lets them meet elsewhere. It is enough that
 * one of them asks for it. */
START_TEST(two_on_one_vpn_meet_there)
{
	const struct addr in[] = { addr_v4(10, 8, 0, 2, 0),
		addr_v4(10, 8, 0, 3, 0) };
	struct sim *s = sim_new(test_seed());
	struct net *vpn = world_net(s->w, 0);
	struct user *u[2];
	struct addr addr;

	sim_server(s);
	for (int i = 0; i < 2; i++) {
		u[i] = sim_user(s, i == 0 ? "ann" : "bob", behind(&nat_random));
		host_plug(u[i]->host, vpn, &in[i], NULL, cable_lan());
		u[i]->conf.lan = (_i & 1 << i) != 0;
		user_start(u[i]);
	}
	sim_introduce(u[0], u[1]);
	if (_i == 0) {
		ck_assert(sim_never(s, direct(u[0], u[1]), 5 * USEC_S));
	} else {
		ck_assert(sim_until(s, direct(u[0], u[1]), USEC_S));
		client_link(u[0]->client, "bob", &addr);
		ck_assert(addr_same_ip(&addr, &in[1]));
	}
	sim_free(s);
}
END_TEST

START_TEST(two_homes_behind_different_carriers)
{
	struct attempt t = attempt(test_seed(),
	    behind_carrier(&nat_easy, NULL), behind_carrier(&nat_easy, NULL),
	    0);

	ck_assert_uint_le(rounds(&t), 2000);
	sim_free(t.s);
}
END_TEST

START_TEST(customers_of_one_carrier_meet_at_its_hairpin)
{
	struct nat_conf carrier = nat_easy;
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	usec_t at;

	carrier.hairpin = NAT_HAIRPIN_EXTERNAL;
	sim_server(s);
	a = sim_client(s, "ann", behind_carrier(&carrier, NULL));
	b = sim_client(s, "bob", behind_carrier(&carrier, a));
	at = sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	ck_assert_uint_le(both_first(a, b, TRANSPORT_UDP) - at, 2 * SIM_RT);
	sim_free(s);
}
END_TEST

/* The allower learns the requester's IPv6 address with the first relayed
 * packet: half a round trip after `allow`, too late for the floor. */
START_TEST(ipv6_needs_holes_and_no_luck)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct addr addr;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", with_ipv6(behind(&nat_random)));
	b = sim_client(s, "bob", with_ipv6(behind(&nat_random)));
	at = sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	ck_assert_uint_le(both_first(a, b, TRANSPORT_UDP) - at,
	    21 * SIM_RT / 10);
	client_link(a->client, "bob", &addr);
	ck_assert_int_eq(addr.family, ADDR_V6);
	sim_free(s);
}
END_TEST

/* Both LANs look the same: the peer's inside address is one's own. */
START_TEST(equal_inside_addresses_confuse_nobody)
{
	struct attempt t = attempt(test_seed(), behind(&nat_easy),
	    behind(&nat_easy), 0);
	struct addr addr;

	ck_assert_uint_le(rounds(&t), 2000);
	client_link(t.a->client, "bob", &addr);
	ck_assert_int_eq(addr_class(&addr), ADDR_IS_PUBLIC);
	sim_free(t.s);
}
END_TEST

START_TEST(five_per_cent_loss_changes_no_outcome)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct sim *s = sim_new(test_seed() + seed);
		struct user *a, *b;

		sim_server(s);
		a = sim_client(s, "ann", behind(&nat_easy));
		b = sim_client(s, "bob", behind(&nat_linux));
		router_cable(a->router)->loss = 5 * PER_CENT;
		router_cable(b->router)->loss = 5 * PER_CENT;
		sim_introduce(a, b);
		ck_assert(sim_until(s, direct(a, b), 3 * USEC_S));
		sim_free(s);
	}
}
END_TEST

/* Bob learns of it so late that Ann's packets are there before his own, and
 * his router keeps the port that they came to. */
START_TEST(a_spoilt_port_is_replaced)
{
	struct sim *s = sim_new(test_seed() + (uint64_t)_i);
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", behind(_i & 1 ? &nat_linux : &nat_easy));
	b = sim_client(s, "bob", behind(&nat_linux));
	sim_run(s, 5 * USEC_S);
	router_cable(b->router)->jitter = 500 * USEC_MS;
	sim_introduce(_i & 2 ? a : b, _i & 2 ? b : a);
	ck_assert(sim_until(s, direct(a, b), 7 * USEC_S));
	ck_assert_uint_le(a->probes, 120);
	ck_assert_uint_le(b->probes, 120);
	sim_free(s);
}
END_TEST

/* A satellite: more questions are under way than come back in that time. */
START_TEST(far_peers_are_direct_and_quiet)
{
	static const usec_t delays[] = { 150 * USEC_MS, 300 * USEC_MS,
		600 * USEC_MS };
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	uint64_t before;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), 10 * USEC_S));
	ck_assert(sim_until(s, registered(b), 10 * USEC_S));
	router_cable(a->router)->delay = delays[_i];
	router_cable(a->router)->jitter = delays[_i] / 2;
	at = sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 15 * USEC_S));
	ck_assert_uint_le(sim_now(s) - at, 8 * delays[_i] + USEC_S);
	ck_assert_uint_le(a->probes + b->probes, 150);
	sim_run(s, 10 * USEC_S);
	before = a->probes + b->probes;
	sim_run(s, 60 * USEC_S);
	ck_assert_uint_le(a->probes + b->probes - before, 60);
	sim_free(s);
}
END_TEST

/* ---- manners ---- */

/* security.md P3: 100 packets and 6.4 KB an accepted introduction (and one
 * request for a file). What hard NATs take is counted in scenarios_hard. */
START_TEST(attempt_in_vain_stays_within_its_limits)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	sim_block_udp(p.s);
	sim_introduce(p.a, p.b);
	ck_assert(sim_never(p.s, direct(p.a, p.b), 20 * USEC_S));
	ck_assert_uint_le(p.a->probes, 100 + 1);
	ck_assert_uint_le(p.b->probes, 100 + 1);
	ck_assert_uint_le(p.a->probe_bytes, 6400);
	ck_assert_uint_le(p.b->probe_bytes, 6400);
	sim_free(p.s);
}
END_TEST

START_TEST(easy_attempt_takes_a_handful_of_packets)
{
	struct attempt t = attempt(test_seed(), behind(&nat_easy),
	    behind(&nat_easy), 0);

	ck_assert_uint_le(rounds(&t), 2000);
	sim_run(t.s, 2 * USEC_S);
	ck_assert_uint_le(t.a->probes, 30);
	ck_assert_uint_le(t.b->probes, 30);
	sim_free(t.s);
}
END_TEST

START_TEST(low_ttl_opens_our_nat_and_dies_before_the_other)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_linux));
	b = sim_client(s, "bob", behind(&nat_linux));
	/* bob's START is late: without the low TTL ann's full packets would
	 * be there before bob's first. */
	router_cable(b->router)->jitter = 15 * USEC_MS;
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 2 * USEC_S));
	ck_assert_uint_eq(nat_lookup(router_nat(a->router), sim_now(s),
	    PKT_UDP, &(struct addr) { { 192, 168, 1, 2 }, 0, 9001, ADDR_V4 },
	    &(struct addr) { { 85, 2, 2, 1 }, 0, 9001, ADDR_V4 }).port, 9001);
	sim_free(s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("punch");
	TCase *t = tcase_create("time to direct");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, easy_pair_is_direct_within_two_round_trips, 0,
	    APDF + 1);
	tcase_add_test(t,
	    jitter_of_5_ms_leaves_the_median_within_two_round_trips);
	tcase_add_test(t, poisonable_routers_are_no_obstacle);
	tcase_add_loop_test(t,
	    hard_side_is_direct_where_the_other_filters_by_address,
	    SEQUENTIAL, KINDS);
	tcase_add_test(t, either_may_be_the_one_who_asks);
	suite_add_tcase(s, t);
	t = tcase_create("places");
	tcase_add_test(t, neighbours_meet_in_their_own_network);
	tcase_add_test(t, neighbours_meet_behind_a_host_firewall);
	tcase_add_loop_test(t, two_on_one_vpn_meet_there, 0, 4);
	tcase_add_test(t, two_homes_behind_different_carriers);
	tcase_add_test(t, customers_of_one_carrier_meet_at_its_hairpin);
	tcase_add_test(t, ipv6_needs_holes_and_no_luck);
	tcase_add_test(t, equal_inside_addresses_confuse_nobody);
	tcase_add_test(t, five_per_cent_loss_changes_no_outcome);
	tcase_add_loop_test(t, a_spoilt_port_is_replaced, 0, 16);
	tcase_add_loop_test(t, far_peers_are_direct_and_quiet, 0, 3);
	suite_add_tcase(s, t);
	t = tcase_create("manners");
	tcase_add_test(t, attempt_in_vain_stays_within_its_limits);
	tcase_add_test(t, easy_attempt_takes_a_handful_of_packets);
	tcase_add_test(t, low_ttl_opens_our_nat_and_dies_before_the_other);
	suite_add_tcase(s, t);
	return s;
}
