#include "figures.h"

#include <stdio.h>

/* Issue "Through any NAT", TCP: what guessing ports may cost, and what it
 * brings. */

/* Ports of a subscriber: MAP-E, and 256 to an address; 128 to an address. */
enum { SHARE = 240, SHARE_OF_128 = 504 };

/* Carriers' NATs that give few ports, another one for every destination. */
static struct nat_conf
with_few_ports(int i)
{
	struct nat_conf conf = nat_random;

	conf.alloc = i == 0 ? NAT_PORT_SET : i == 1 ? NAT_BLOCK : NAT_RANDOM;
	conf.block = SHARE;
	conf.subscriber_max = SHARE;
	return conf;
}

static uint32_t
ports_used(const struct user *u)
{
	return nat_count(router_nat(u->router), sim_now(u->sim));
}

/* Both registered for a while; a asks, b allows, and TCP is tried. */
static struct pair
meet(const struct nat_conf *a, const struct nat_conf *b, uint64_t seed)
{
	struct pair p = { .s = sim_new(test_seed() + seed) };

	sim_server(p.s);
	p.a = sim_client(p.s, "ann", behind(a));
	p.b = sim_client(p.s, "bob", behind(b));
	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	return p;
}

/* What a TCP connection took of a NAT lives for four minutes (RFC 5382 REQ-5):
 * whoever is thrown out meanwhile still has to get back to the server. */
static void
comes_back(struct user *u, uint32_t share)
{
	ck_assert_uint_le(ports_used(u), share - share / 8);
	user_kill(u, NODE_EXITS);
	sim_run(u->sim, USEC_S);
	user_mark(u);
	user_start(u);
	ck_assert(sim_until(u->sim, registered(u), 10 * USEC_S));
}

START_TEST(guessing_without_udp_leaves_ports_for_everything_else)
{
	struct nat_conf conf = with_few_ports(_i);
	struct pair p;

	conf.no_udp = true;
	p = meet(&conf, &nat_easy, 0);
	sim_run(p.s, 12 * USEC_S);
	ck_assert_int_ne(user_link(p.a, p.b), TRANSPORT_NONE);
	comes_back(p.a, SHARE);
	sim_free(p.s);
}
END_TEST

/* What is refused is opened again, and every time that is one port more. */
START_TEST(refusals_cost_no_further_ports)
{
	struct nat_conf conf = with_few_ports(_i), refusing = nat_easy;
	struct pair p;

	conf.no_udp = true;
	refusing.stray = NAT_STRAY_RST;
	p = meet(&conf, &refusing, 0);
	sim_run(p.s, 12 * USEC_S);
	comes_back(p.a, SHARE);
	sim_free(p.s);
}
END_TEST

/* Whoever looks for the port of a hard NAT from behind one of which nobody
 * knows that it is as hard pays with a port for each guess. */
START_TEST(looking_for_a_port_leaves_ports)
{
	struct nat_conf conf = with_few_ports(_i);
	struct pair p;

	conf.no_udp = true;
	p = meet(&conf, &nat_random, 0);
	sim_run(p.s, 12 * USEC_S);
	comes_back(p.a, SHARE);
	sim_free(p.s);
}
END_TEST

START_TEST(asking_for_tcp_again_and_again_leaves_ports)
{
	struct nat_conf conf = with_few_ports(_i);
	struct pair p = meet(&conf, &nat_easy, 0);

	sim_block_tcp(p.s);
	sim_run(p.s, 15 * USEC_S);
	for (int i = 0; i < 20; i++) {
		uint32_t serial = sim_do(p.a, "tcp");

		ck_assert(sim_until(p.s, ended(p.a, serial), 11 * USEC_S));
		ck_assert(!user_result(p.a, serial)->ev.ok);
	}
	comes_back(p.a, SHARE);
	sim_free(p.s);
}
END_TEST

/* Where both choose from all ports and one does not look at ports: whoever
 * looks for what was opened, and whoever opens. The other's network lets
 * nothing but the server be reached by TCP. */
START_TEST(guessing_between_two_hard_nats_leaves_ports)
{
	struct nat_conf conf = nat_random, other = nat_random;
	struct pair p;

	conf.subscriber_max = SHARE_OF_128;
	other.tcp_port_only = 9000;
	if (_i == 0)
		other.filter = NAT_AD;
	else
		conf.filter = NAT_AD;
	p = meet(&conf, &other, 0);
	sim_run(p.s, 140 * USEC_S);
	for (int i = 0; i < 3; i++) {
		uint32_t serial = sim_do(p.a, "tcp");

		ck_assert(sim_until(p.s, ended(p.a, serial), 11 * USEC_S));
		ck_assert(!user_result(p.a, serial)->ev.ok);
	}
	ck_assert_uint_gt(ports_used(p.a), SHARE);
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "tcp-ports");
	comes_back(p.a, SHARE_OF_128);
	sim_free(p.s);
}
END_TEST

static enum reason
why_no_tcp(const struct user *u, const char *peer)
{
	struct client_path path;

	ck_assert(client_path(u->client, sim_now(u->sim), peer, &path));
	return path.why.tcp_reason;
}

/* The ports that were opened for one are not there for the next. */
START_TEST(whoever_has_no_ports_left_says_so_at_once)
{
	struct nat_conf conf = with_few_ports(1);
	struct pair p = meet(&conf, &nat_easy, 0);
	struct user *c = sim_client(p.s, "carl", behind(&nat_easy));
	uint32_t serial;

	sim_block_tcp(p.s);
	sim_run(p.s, 15 * USEC_S);
	serial = sim_do(p.a, "tcp");
	ck_assert(sim_until(p.s, ended(p.a, serial), 11 * USEC_S));
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "tcp-failed");
	ck_assert_int_eq(why_no_tcp(p.a, "bob"), REASON_TCP_FAILED);
	sim_introduce(p.a, c);
	sim_run(p.s, 40 * USEC_S);
	serial = sim_do(p.a, "tcp");
	ck_assert(sim_until(p.s, ended(p.a, serial), 4 * USEC_S));
	ck_assert(!user_result(p.a, serial)->ev.ok);
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "tcp-ports");
	ck_assert_int_eq(why_no_tcp(p.a, "carl"), REASON_TCP_PORTS);
	sim_run(p.s, USEC_S);
	ck_assert_int_eq(why_no_tcp(c, "ann"), REASON_TCP_PORTS);
	sim_free(p.s);
}
END_TEST

/* ---- how soon `tcp` ---- */

enum { RUNS = 21, EASY = 8 };

/* Endpoint-independent mappings, whatever else they do. */
static struct place
easy_place(int i)
{
	struct nat_conf conf = nat_easy;

	switch (i) {
	case 0:
		return in_the_open();
	case 1:
		return behind(&nat_full_cone);
	case 2:
		return behind(&nat_restricted);
	case 3:
		conf.alloc = NAT_RANDOM;
		return behind(&conf);
	case 4:
		return behind_carrier(&conf, NULL);
	default:
		conf.stray = (enum nat_stray)(i - 5 + NAT_STRAY_ICMP);
		return behind(&conf);
	}
}

START_TEST(tcp_is_up_within_a_second_where_both_are_easy)
{
	for (int i = 0; i <= _i; i++) {
		char what[32];
		struct figures f;

		snprintf(what, sizeof what, "tcp, easy %d x %d", _i, i);
		f = figures_of_switch(RUNS, easy_place(_i), easy_place(i),
		    what);
		ck_assert_uint_le(f.worst, USEC_S);
	}
}
END_TEST

START_TEST(tcp_finds_the_port_of_one_hard_nat)
{
	static const struct nat_conf *const hard[] = { &nat_sequential,
		&nat_random };

	for (int i = 0; i < EASY; i++) {
		char what[32];
		struct figures f;

		snprintf(what, sizeof what, "tcp, easy %d x %s", i,
		    _i == 0 ? "seq" : "rnd");
		f = figures_of_switch(RUNS, easy_place(i), behind(hard[_i]),
		    what);
		ck_assert_int_ge(f.within_10_s, RUNS - 1);
		ck_assert_uint_le(f.median, _i == 0 ? USEC_S : 3 * USEC_S);
	}
}
END_TEST

/* As soon as UDP has found it: what guesses by UDP still keeps its sockets. */
START_TEST(tcp_right_after_udp_need_not_wait)
{
	const uint64_t runs = 4 * RUNS;
	usec_t all = 0;
	int misses = 0;

	for (uint64_t i = 0; i < runs; i++) {
		struct pair p = meet(&nat_easy, &nat_random, i);
		usec_t at;

		ck_assert(sim_until(p.s, direct(p.a, p.b), 20 * USEC_S));
		at = sim_now(p.s);
		sim_do(i % 2 ? p.a : p.b, "tcp");
		misses += !sim_until(p.s, on_tcp(p.a, p.b), 11 * USEC_S);
		all += sim_now(p.s) - at;
		sim_free(p.s);
	}
	ck_assert_int_le(misses, 2);
	ck_assert_uint_le(all / runs, 2600 * USEC_MS);
}
END_TEST

/* Two hard NATs, one of which lets in any port of an address that was sent
 * to: each of the two spends some hundred ports, and six times of a
 * hundred no two of them meet: of 21, hardly ever more than five. */
START_TEST(tcp_gets_through_two_hard_nats_if_one_does_not_look_at_ports)
{
	struct nat_conf adf = nat_random, seq_adf = nat_sequential;
	const struct nat_conf *const nats[][2] = { { &adf, &nat_random },
		{ &adf, &adf }, { &adf, &nat_sequential },
		{ &seq_adf, &nat_random } };
	char what[32];
	struct figures f;

	adf.filter = seq_adf.filter = NAT_AD;
	snprintf(what, sizeof what, "tcp, hard x hard, %d", _i);
	f = figures_of_switch(RUNS, behind(nats[_i][0]), behind(nats[_i][1]),
	    what);
	ck_assert_int_ge(f.within_10_s, RUNS - 5);
	ck_assert_uint_le(f.median, 2 * USEC_S);
}
END_TEST

START_TEST(tcp_matches_two_nats_that_count)
{
	struct nat_conf a = nat_sequential, b = nat_sequential;
	struct figures f;

	a.step = _i;
	a.cross_per_s = 10;
	b.stray = NAT_STRAY_RST;
	f = figures_of_switch(RUNS, behind(&a), behind(&b), "tcp, seq x seq");
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
	ck_assert_uint_le(f.median, USEC_S);
}
END_TEST

/* 5 % of all packets are lost, and the times vary. */
START_TEST(bad_links_change_none_of_it)
{
	struct nat_conf reset = nat_easy, poison = nat_easy;
	const struct nat_conf *const nats[][2] = {
		{ &nat_easy, &nat_easy }, { &nat_easy, &nat_sequential },
		{ &nat_sequential, &nat_sequential },
		{ &nat_easy, &nat_random }, { &reset, &reset },
		{ &poison, &poison } };

	int failed = 0;

	reset.stray = NAT_STRAY_RST;
	poison.stray = NAT_STRAY_POISON;

	for (uint64_t i = 0; i < 20; i++) {
		struct pair p = { .s = sim_new(test_seed() + i) };
		uint32_t serial;

		sim_server(p.s);
		p.a = sim_client(p.s, "ann", behind(nats[_i][0]));
		p.b = sim_client(p.s, "bob", behind(nats[_i][1]));
		router_cable(p.a->router)->loss = 5 * PER_CENT / 2;
		router_cable(p.b->router)->loss = 5 * PER_CENT / 2;
		router_cable(p.a->router)->jitter = 10 * USEC_MS;
		router_cable(p.b->router)->jitter = 10 * USEC_MS;
		sim_run(p.s, 5 * USEC_S);
		sim_introduce(p.a, p.b);
		sim_run(p.s, 15 * USEC_S);
		serial = sim_do(p.a, "tcp");
		ck_assert(sim_until(p.s, ended(p.a, serial), 11 * USEC_S));
		if (!user_result(p.a, serial)->ev.ok)
			failed++;
		else
			ck_assert(sim_until(p.s, on_tcp(p.a, p.b),
			    5 * USEC_S));
		sim_free(p.s);
	}
	ck_assert_int_le(failed, 1);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("ports");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
	    guessing_without_udp_leaves_ports_for_everything_else, 0, 3);
	tcase_add_loop_test(tc, refusals_cost_no_further_ports, 0, 3);
	tcase_add_loop_test(tc, looking_for_a_port_leaves_ports, 0, 3);
	tcase_add_loop_test(tc, asking_for_tcp_again_and_again_leaves_ports,
	    0, 2);
	tcase_add_loop_test(tc, guessing_between_two_hard_nats_leaves_ports,
	    0, 2);
	tcase_add_test(tc, whoever_has_no_ports_left_says_so_at_once);
	suite_add_tcase(s, tc);
	tc = tcase_create("time");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, tcp_is_up_within_a_second_where_both_are_easy,
	    0, EASY);
	tcase_add_loop_test(tc, tcp_finds_the_port_of_one_hard_nat, 0, 2);
	tcase_add_test(tc, tcp_right_after_udp_need_not_wait);
	tcase_add_loop_test(tc,
	    tcp_gets_through_two_hard_nats_if_one_does_not_look_at_ports,
	    0, 4);
	tcase_add_loop_test(tc, tcp_matches_two_nats_that_count, 1, 4);
	tcase_add_loop_test(tc, bad_links_change_none_of_it, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}
