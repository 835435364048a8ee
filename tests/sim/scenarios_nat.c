#include "lifetime.h"
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

/* ---- how long they keep a mapping ---- */

/* It forgets a mapping after that time; the next one has another port. */
static struct nat_conf
nat_of(usec_t timer)
{
	struct nat_conf conf = nat_easy;

	conf.alloc = NAT_RANDOM;
	conf.udp_fresh = conf.udp_timer = timer;
	return conf;
}

static const struct timer {
	unsigned timer_s, alive_s, dead_s, beat_s;
} timers[] = {
	{ 5, 0, 8, 6 },
	{ 10, 8, 13, 8 },
	{ 15, 13, 18, 13 },
	{ 30, 28, 58, 25 },
	{ 60, 58, 118, 25 },
	{ 300, 118, 0, 25 },
};

START_TEST(a_lifetime_is_measured_and_drives_the_heartbeat)
{
	const struct timer *t = &timers[_i];
	const struct nat_conf conf = nat_of(t->timer_s * USEC_S);
	struct sim *s = sim_new(test_seed());
	const struct why *why;
	struct addr before;
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&conf));
	sim_run(s, 130 * USEC_S);
	why = netcheck(a);
	ck_assert_uint_eq(why->alive_s, t->alive_s);
	ck_assert_uint_eq(why->dead_s, t->dead_s);
	ck_assert_uint_eq(why->beat_s, t->beat_s);
	/* Heartbeats keep the mapping now, if they may be that many. */
	before = why->own_public;
	for (int i = 0; i < 100 && t->timer_s > t->beat_s; i++) {
		sim_run(s, 7 * USEC_S);
		ck_assert(addr_eq(&netcheck(a)->own_public, &before));
	}
	sim_free(s);
}
END_TEST

START_TEST(a_short_lifetime_is_known_in_half_a_minute)
{
	const struct nat_conf conf = nat_of(15 * USEC_S);
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&conf));
	sim_run(s, 27 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 13);
	sim_free(s);
}
END_TEST

/* A NAT that only what goes out refreshes is no other. */
START_TEST(what_comes_in_need_not_refresh)
{
	struct nat_conf conf = nat_of(30 * USEC_S);
	struct sim *s = sim_new(test_seed());
	struct user *a;

	conf.no_refresh_in = true;
	sim_server(s);
	a = sim_client(s, "ann", behind(&conf));
	sim_run(s, 130 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 28);
	ck_assert_uint_eq(netcheck(a)->dead_s, 58);
	sim_free(s);
}
END_TEST

START_TEST(lost_packets_never_make_it_longer)
{
	const struct nat_conf conf = nat_of(15 * USEC_S);

	for (uint64_t seed = 0; seed < 30; seed++) {
		struct sim *s = sim_new(test_seed() + seed);
		struct user *a;

		sim_server(s);
		a = sim_client(s, "ann", behind(&conf));
		router_cable(a->router)->loss = 5 * PER_CENT;
		sim_run(s, 130 * USEC_S);
		ck_assert_uint_le(netcheck(a)->alive_s, 13);
		ck_assert_uint_le(netcheck(a)->beat_s, 25);
		sim_free(s);
	}
}
END_TEST

/* What leaves a home for the server. */
static void
count_home(void *ctx, const struct pkt *p)
{
	unsigned *count = ctx;

	*count += p->proto == PKT_UDP &&
	    addr_class(&p->src) == ADDR_IS_PRIVATE && p->src.port != 9001;
}

/* Beside what natcheck does every ten minutes: a question from a fresh socket,
 * four times. */
static unsigned
extras(struct sim *s, unsigned *count, usec_t span)
{
	unsigned often = (unsigned)(span / (600 * USEC_S)) + 1;

	*count = 0;
	sim_run(s, span);
	return *count > 4 * often ? *count - 4 * often : 0;
}

START_TEST(it_is_measured_once_a_day_and_quietly)
{
	struct sim *s = sim_new(test_seed());
	unsigned count = 0;

	sim_server(s);
	s->tap = count_home;
	s->tap_ctx = &count;
	sim_client(s, "ann", behind(&nat_easy));
	/* Beside it, how far the NAT reaches. */
	ck_assert_uint_le(extras(s, &count, 600 * USEC_S),
	    HOPS_MAX + 2 * LIFETIME_TIMES);
	ck_assert_uint_eq(extras(s, &count, 20 * 3600 * USEC_S), 0);
	ck_assert_uint_gt(extras(s, &count, 5 * 3600 * USEC_S), 0);
	sim_free(s);
}
END_TEST

START_TEST(networks_are_remembered)
{
	const struct nat_conf here = nat_of(15 * USEC_S);
	struct sim *s = sim_new(test_seed());
	struct user *a, *b, *home;

	sim_server(s);
	a = sim_client(s, "ann", behind(&here));
	b = sim_user(s, "bob", behind(&nat_easy));
	home = sim_user(s, "home", beside(a));
	sim_run(s, 130 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 13);
	sim_move(a, b);
	sim_run(s, 60 * USEC_S);
	/* Not known yet, and not measured before ten minutes are over. */
	ck_assert_uint_eq(netcheck(a)->alive_s, 0);
	ck_assert_uint_eq(netcheck(a)->dead_s, 0);
	sim_run(s, 700 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 118);
	sim_move(a, home);
	sim_run(s, 30 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 13);
	sim_free(s);
}
END_TEST

START_TEST(a_server_that_restarts_costs_ten_minutes)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	sim_run(s, 25 * USEC_S);
	sim_kill_server(s, 0);
	sim_start_server(s, 0);
	sim_run(s, 300 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 0);
	sim_run(s, 700 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 118);
	sim_free(s);
}
END_TEST

START_TEST(sleep_is_no_lifetime)
{
	const struct nat_conf conf = nat_of(300 * USEC_S);
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&conf));
	sim_run(s, 10 * USEC_S);
	host_suspend(a->host, true);
	sim_run(s, 600 * USEC_S);
	host_suspend(a->host, false);
	sim_run(s, 60 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->dead_s, 0);
	sim_run(s, 900 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 118);
	sim_free(s);
}
END_TEST

/* Both have NATs of 15 s and nothing to say. */
START_TEST(an_idle_path_lives_as_long_as_the_conversation)
{
	const struct nat_conf conf = nat_of(15 * USEC_S);
	struct pair p = sim_pair(&conf, &conf);

	sim_run(p.s, 30 * USEC_S);
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 5 * USEC_S));
	sim_run(p.s, USEC_S);
	user_mark(p.a);
	user_mark(p.b);
	sim_run(p.s, 3600 * USEC_S);
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 0);
	ck_assert_int_eq(user_link(p.a, p.b), TRANSPORT_UDP);
	sim_free(p.s);
}
END_TEST

START_TEST(who_is_behind_nothing_measures_nothing)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", in_the_open());
	sim_run(s, 130 * USEC_S);
	ck_assert_uint_eq(netcheck(a)->alive_s, 0);
	ck_assert_uint_eq(netcheck(a)->beat_s, 25);
	sim_free(s);
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
	t = tcase_create("lifetime");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_lifetime_is_measured_and_drives_the_heartbeat,
	    0, sizeof timers / sizeof timers[0]);
	tcase_add_test(t, a_short_lifetime_is_known_in_half_a_minute);
	tcase_add_test(t, what_comes_in_need_not_refresh);
	tcase_add_test(t, lost_packets_never_make_it_longer);
	tcase_add_test(t, it_is_measured_once_a_day_and_quietly);
	tcase_add_test(t, networks_are_remembered);
	tcase_add_test(t, a_server_that_restarts_costs_ten_minutes);
	tcase_add_test(t, sleep_is_no_lifetime);
	tcase_add_test(t, an_idle_path_lives_as_long_as_the_conversation);
	tcase_add_test(t, who_is_behind_nothing_measures_nothing);
	suite_add_tcase(s, t);
	return s;
}
