#include "sim.h"

#include <string.h>

/* What clients learn of their own NATs beyond mapping and filtering, and what
 * they make of it. */

/* What netcheck says now. */
static const struct why *
netcheck(struct user *u)
{
	uint32_t serial = sim_do(u, "netcheck");

	ck_assert(sim_until(u->sim, ended(u, serial), USEC_S));
	return user_last(u, EV_NETCHECK)->why;
}

/* ---- how far they reach ---- */

/* After two seconds, of somebody there. */
static const struct why *
depth_at(struct sim *s, struct place place, bool is_silent)
{
	struct user *u = sim_user(s, "ann", place);

	if (is_silent)
		net_hops(u->wan, NULL);
	user_start(u);
	ck_assert(sim_until(s, registered(u), 2 * USEC_S));
	sim_run(s, 2 * USEC_S);
	return netcheck(u);
}

START_TEST(one_router_at_home)
{
	struct sim *s = sim_new(test_seed());
	const struct why *why;

	sim_server(s);
	why = depth_at(s, behind(&nat_easy), false);
	ck_assert_uint_eq(why->own_depth, 1);
	ck_assert_mem_eq(why->hops[0].ip, "\300\250\1\1", 4);
	sim_free(s);
}
END_TEST

START_TEST(a_carrier_is_seen_behind_the_own_router)
{
	struct sim *s = sim_new(test_seed());
	const struct why *why;

	sim_server(s);
	why = depth_at(s, behind_carrier(&nat_random, NULL), false);
	ck_assert_uint_eq(why->own_depth, 3);
	ck_assert_int_eq(addr_class(&why->hops[0]), ADDR_IS_PRIVATE);
	ck_assert_int_eq(addr_class(&why->hops[1]), ADDR_IS_SHARED);
	ck_assert_int_eq(addr_class(&why->hops[2]), ADDR_IS_SHARED);
	sim_free(s);
}
END_TEST

START_TEST(a_silent_router_between_two_is_counted)
{
	struct sim *s = sim_new(test_seed());
	const struct why *why;

	sim_server(s);
	why = depth_at(s, behind_carrier(&nat_easy, NULL), true);
	ck_assert_uint_eq(why->own_depth, 3);
	ck_assert(!addr_is_set(&why->hops[1]));
	sim_free(s);
}
END_TEST

START_TEST(where_all_are_silent_nothing_is_known)
{
	struct nat_conf quiet = nat_easy;
	struct sim *s = sim_new(test_seed());

	quiet.quiet = true;
	sim_server(s);
	ck_assert_uint_eq(depth_at(s, behind(&quiet), true)->own_depth, 0);
	sim_free(s);
}
END_TEST

START_TEST(who_has_no_nat_is_behind_nothing)
{
	struct sim *s = sim_new(test_seed());

	sim_server(s);
	ck_assert_uint_eq(depth_at(s, in_the_open(), false)->own_depth, 0);
	sim_free(s);
}
END_TEST

/* Datagrams to the server whose TTL is low: the first hop counts. */
static void
count_low(void *ctx, const struct pkt *p)
{
	unsigned *count = ctx;

	*count += p->proto == PKT_UDP && p->ttl <= HOPS_MAX + 1;
}

START_TEST(a_network_is_asked_once_and_another_one_anew)
{
	struct sim *s = sim_new(test_seed());
	unsigned count = 0;
	struct user *a, *b;

	sim_server(s);
	s->tap = count_low;
	s->tap_ctx = &count;
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_user(s, "bob", behind_carrier(&nat_easy, NULL));
	sim_run(s, 3600 * USEC_S);
	ck_assert_uint_ge(count, HOPS_MAX);
	ck_assert_uint_le(count, 2 * HOPS_MAX);
	ck_assert_uint_eq(netcheck(a)->own_depth, 1);
	count = 0;
	sim_move(a, b);
	sim_run(s, 60 * USEC_S);
	ck_assert_uint_ge(count, HOPS_MAX);
	ck_assert_uint_le(count, 2 * HOPS_MAX);
	ck_assert_uint_eq(netcheck(a)->own_depth, 3);
	sim_free(s);
}
END_TEST

/* What the first probe from a home to a public address was sent with. */
struct first {
	struct addr to;
	uint8_t ttl;
};

static void
note_first(void *ctx, const struct pkt *p)
{
	struct first *f = ctx;

	if (f->ttl == 0 && p->proto == PKT_UDP &&
	    addr_class(&p->src) == ADDR_IS_PRIVATE &&
	    addr_same_ip(&p->dst, &f->to))
		f->ttl = p->ttl;
}

static uint8_t
first_ttl(uint64_t seed, struct place place, bool is_silent)
{
	struct first first = { .ttl = 0 };
	struct sim *s = sim_new(seed);
	struct user *a, *b;

	sim_server(s);
	a = sim_user(s, "ann", place);
	if (is_silent)
		net_hops(a->wan, NULL);
	user_start(a);
	b = sim_client(s, "bob", behind(&nat_linux));
	sim_run(s, 5 * USEC_S);
	first.to = netcheck(b)->own_public;
	s->tap = note_first;
	s->tap_ctx = &first;
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	sim_free(s);
	return first.ttl;
}

START_TEST(the_first_probe_ends_behind_the_last_nat)
{
	struct nat_conf quiet = nat_easy;

	quiet.quiet = true;
	ck_assert_uint_eq(first_ttl(test_seed(), behind(&nat_easy), false), 2);
	ck_assert_uint_eq(first_ttl(test_seed(),
	    behind_carrier(&nat_easy, NULL), false), 4);
	/* A guess where nobody says anything. */
	ck_assert_uint_eq(first_ttl(test_seed(), behind(&quiet), true), 2);
}
END_TEST

/* The short SYN opens the carrier's NAT as well. */
static usec_t
tcp_took(uint64_t seed, struct place place)
{
	struct sim *s = sim_new(seed);
	struct user *a, *b;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", place);
	b = sim_client(s, "bob", place);
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	sim_run(s, 2 * USEC_S);
	at = sim_now(s);
	user_mark(a);
	user_mark(b);
	sim_do(a, "tcp");
	ck_assert(sim_until(s, on_tcp(a, b), 5 * USEC_S));
	at = both_first(a, b, TRANSPORT_TCP) - at;
	sim_free(s);
	return at;
}

START_TEST(tcp_behind_carriers_is_as_soon_as_at_home)
{
	usec_t far = tcp_took(test_seed(), behind_carrier(&nat_easy, NULL));
	usec_t home = tcp_took(test_seed(), behind(&nat_easy));

	ck_assert_uint_le(far, home + home / 10);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("nat");
	TCase *t = tcase_create("depth");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, one_router_at_home);
	tcase_add_test(t, a_carrier_is_seen_behind_the_own_router);
	tcase_add_test(t, a_silent_router_between_two_is_counted);
	tcase_add_test(t, where_all_are_silent_nothing_is_known);
	tcase_add_test(t, who_has_no_nat_is_behind_nothing);
	tcase_add_test(t, a_network_is_asked_once_and_another_one_anew);
	tcase_add_test(t, the_first_probe_ends_behind_the_last_nat);
	tcase_add_test(t, tcp_behind_carriers_is_as_soon_as_at_home);
	suite_add_tcase(s, t);
	return s;
}
