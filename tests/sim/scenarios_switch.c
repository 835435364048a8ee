#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Issue line "Switch to TCP". */

static const struct event *
outcome(struct user *u, uint32_t serial, usec_t within)
{
	ck_assert(sim_until(u->sim, ended(u, serial), within));
	return &user_result(u, serial)->ev;
}

/* A text each way arrives. */
static void
talk(struct pair *p, const char *text)
{
	char line[64];

	snprintf(line, sizeof line, "msg %s", text);
	user_mark(p->a);
	user_mark(p->b);
	sim_do(p->a, line);
	sim_do(p->b, line);
	ck_assert(sim_until(p->s, heard(p->b, text), 7 * USEC_S));
	ck_assert(sim_until(p->s, heard(p->a, text), 7 * USEC_S));
}

static struct nat_conf
with_stray(enum nat_stray stray)
{
	struct nat_conf conf = nat_easy;

	conf.stray = stray;
	conf.tcp_window = true;
	return conf;
}

START_TEST(tcp_moves_both_sides_and_udp_moves_them_back)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	usec_t at = sim_now(p.s);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert_uint_le(sim_now(p.s) - at, USEC_S);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	talk(&p, "over tcp");
	ck_assert(outcome(p.b, sim_do(p.b, "udp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 2 * USEC_S));
	talk(&p, "over udp");
	sim_free(p.s);
}
END_TEST

/* How often somebody was told of UDP after he was told of TCP. */
static int
told_in_vain(const struct user *u)
{
	int n = 0;
	bool was_tcp = false;

	for (size_t i = 0; i < u->count; i++) {
		const struct event *e = &u->records[i].ev;

		if (e->kind != EV_TRANSPORT)
			continue;
		n += was_tcp && e->transport == TRANSPORT_UDP;
		was_tcp |= e->transport == TRANSPORT_TCP;
	}
	return n;
}

/* Two networks in common, so that several streams come up at once, each side
 * uses the first that it hears of, and one closes those that are too many. */
START_TEST(of_streams_that_come_at_once_both_keep_one)
{
	const struct addr in[] = { addr_v4(10, 8, 0, 2, 0),
		addr_v4(10, 8, 0, 3, 0) };
	struct sim *s = sim_new(test_seed() + (uint64_t)_i);
	struct net *other = world_net(s->w, 0);
	struct user *u[2];

	sim_server(s);
	for (int i = 0; i < 2; i++) {
		struct cable cable = { .delay = 25, .jitter = 300 };

		u[i] = sim_user(s, i == 0 ? "ann" : "bob", i == 0 ?
		    behind(&nat_easy) : beside(u[0]));
		host_plug(u[i]->host, other, &in[i], NULL, cable);
		*host_cable(u[i]->host, 0) = cable;
		user_start(u[i]);
	}
	sim_introduce(u[0], u[1]);
	ck_assert(sim_until(s, direct(u[0], u[1]), USEC_S));
	sim_run(s, 2 * USEC_S);
	sim_do(u[0], "tcp");
	ck_assert(sim_until(s, on_tcp(u[0], u[1]), 2 * USEC_S));
	ck_assert(sim_never(s, direct(u[0], u[1]), 5 * USEC_S));
	ck_assert(sim_until(s, on_tcp(u[0], u[1]), 0));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(told_in_vain(u[i]), 0);
	sim_free(s);
}
END_TEST

START_TEST(either_side_may_ask_for_tcp)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.b, sim_do(p.b, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	ck_assert_int_eq(user_last(p.a, EV_TRANSPORT)->ev.transport,
	    TRANSPORT_TCP);
	sim_free(p.s);
}
END_TEST

START_TEST(both_may_ask_at_once)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	uint32_t a = sim_do(p.a, "tcp"), b = sim_do(p.b, "tcp");

	ck_assert(outcome(p.a, a, 10 * USEC_S)->ok);
	ck_assert(outcome(p.b, b, 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	talk(&p, "one link");
	sim_free(p.s);
}
END_TEST

START_TEST(asking_again_is_no_error)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	sim_free(p.s);
}
END_TEST

/* NATs that drop, answer with ICMP, reset, or take strays for their own. */
START_TEST(tcp_opens_through_every_easy_nat_within_a_second)
{
	struct nat_conf conf = with_stray((enum nat_stray)_i);
	struct pair p = sim_friends(&conf, &conf);
	usec_t at = sim_now(p.s);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, USEC_S);
	talk(&p, "over tcp");
	sim_free(p.s);
}
END_TEST

/* Learning takes 160 ms a side, telling, calling and proving 40 ms a way. */
START_TEST(whatever_nats_answer_the_first_call_gets_through)
{
	struct nat_conf conf = with_stray((enum nat_stray)_i);
	struct pair p = sim_friends(&conf, &conf);
	usec_t at = sim_now(p.s);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), USEC_S)->ok);
	ck_assert_uint_le(sim_now(p.s) - at, 620 * USEC_MS);
	sim_free(p.s);
}
END_TEST

/* How many of fifty pairs get to TCP over such cables. */
static int
count_opened(enum nat_stray stray, struct cable cable)
{
	struct nat_conf conf = with_stray(stray);
	int n = 0;

	for (uint64_t i = 0; i < 50; i++) {
		struct sim *s = sim_new(test_seed() + i);
		struct user *a, *b;

		sim_server(s);
		a = sim_client(s, "ann", behind(&conf));
		b = sim_client(s, "bob", behind(&conf));
		*router_cable(a->router) = cable;
		*router_cable(b->router) = cable;
		sim_introduce(a, b);
		ck_assert(sim_until(s, direct(a, b), 11 * USEC_S));
		n += outcome(a, sim_do(a, "tcp"), 11 * USEC_S)->ok;
		sim_free(s);
	}
	return n;
}

/* Where packets are late by more than they take, the SYN of one side is at the
 * NAT of the other before theirs has left, and is refused. */
START_TEST(syns_that_do_not_cross_get_through_as_well)
{
	ck_assert_int_eq(count_opened((enum nat_stray)_i, (struct cable) {
	    .delay = USEC_MS, .jitter = 20 * USEC_MS }), 50);
}
END_TEST

/* In 300 of 300, but for those whose talk about it is lost again and again. */
START_TEST(lost_syns_are_made_good)
{
	ck_assert_int_ge(count_opened((enum nat_stray)_i, (struct cable) {
	    .delay = 20 * USEC_MS, .loss = 5 * PER_CENT }), 49);
}
END_TEST

START_TEST(tcp_opens_behind_a_carrier_within_a_second)
{
	struct place other = _i < 2 ? behind(&nat_easy) :
	    behind_carrier(&nat_easy, NULL);
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", behind_carrier(&nat_easy, NULL));
	b = sim_client(s, "bob", other);
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	at = sim_now(s);
	ck_assert(outcome(_i % 2 ? a : b, sim_do(_i % 2 ? a : b, "tcp"),
	    10 * USEC_S)->ok);
	ck_assert(sim_until(s, on_tcp(a, b), USEC_S));
	ck_assert_uint_le(sim_now(s) - at, USEC_S);
	sim_free(s);
}
END_TEST

START_TEST(tcp_opens_where_ports_of_udp_and_tcp_differ)
{
	struct nat_conf conf = nat_easy;
	struct pair p;

	conf.alloc = NAT_RANDOM;
	p = sim_friends(&conf, &conf);
	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(tcp_opens_between_an_open_host_and_a_hard_nat)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", in_the_open());
	b = sim_client(s, "bob", behind(&nat_random));
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	ck_assert(outcome(a, sim_do(a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(s, on_tcp(a, b), USEC_S));
	sim_free(s);
}
END_TEST

/* 1,800 SYNs at 256 of 64,512 ports miss once in a thousand times. */
START_TEST(tcp_finds_a_random_port_by_birthday)
{
	struct nat_conf conf = with_stray((enum nat_stray)_i);
	usec_t all = 0;

	for (uint64_t i = 0; i < 5; i++) {
		struct sim *s = sim_new(test_seed() + i);
		struct user *a, *b;
		usec_t at;

		sim_server(s);
		a = sim_client(s, "ann", behind(&conf));
		b = sim_client(s, "bob", behind(&nat_random));
		sim_run(s, 5 * USEC_S);
		sim_introduce(a, b);
		ck_assert(sim_until(s, direct(a, b), 15 * USEC_S));
		at = sim_now(s);
		ck_assert(outcome(i % 2 ? a : b, sim_do(i % 2 ? a : b, "tcp"),
		    10 * USEC_S)->ok);
		all += sim_now(s) - at;
		ck_assert(sim_until(s, on_tcp(a, b), USEC_S));
		sim_free(s);
	}
	ck_assert_uint_le(all / 5, 5 * USEC_S);
}
END_TEST

/* Hosts that give every SYN to the listener (Ford, section 4.3). */
START_TEST(other_stacks_open_as_well)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	host_syn_to_listener(p.a->host, true);
	host_syn_to_listener(p.b->host, true);
	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	talk(&p, "over tcp");
	sim_free(p.s);
}
END_TEST

START_TEST(neighbours_switch_in_their_own_network)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct addr addr;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", beside(a));
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), USEC_S));
	ck_assert(outcome(a, sim_do(a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(s, on_tcp(a, b), USEC_S));
	client_link(a->client, "bob", &addr);
	ck_assert_int_eq(addr_class(&addr), ADDR_IS_PRIVATE);
	sim_free(s);
}
END_TEST

START_TEST(switch_under_way_loses_no_message)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	char line[32];

	for (int i = 0; i < 300; i++) {
		if (i == 50)
			sim_do(p.a, "tcp");
		if (i == 200)
			sim_do(p.b, "udp");
		snprintf(line, sizeof line, "msg number %d", i);
		sim_do(p.a, line);
		sim_do(p.b, line);
		sim_run(p.s, 5 * USEC_MS);
	}
	ck_assert(sim_until(p.s, heard_count(p.a, 300), 2 * USEC_S));
	ck_assert(sim_until(p.s, heard_count(p.b, 300), 2 * USEC_S));
	ck_assert_uint_ne(user_first(p.a, p.b, TRANSPORT_TCP), USEC_NEVER);
	sim_free(p.s);
}
END_TEST

/* ---- when it does not work ---- */

START_TEST(failure_within_ten_seconds_leaves_udp_as_it_was)
{
	struct nat_conf conf = nat_easy;
	struct pair p;
	const struct event *ev;

	conf.no_tcp = true;
	p = sim_friends(&conf, &nat_easy);
	user_mark(p.a);
	ev = outcome(p.a, sim_do(p.a, "tcp"), 11 * USEC_S);
	ck_assert(!ev->ok);
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "tcp-failed");
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	ck_assert_int_eq(user_link(p.a, p.b), TRANSPORT_UDP);
	talk(&p, "still over udp");
	sim_free(p.s);
}
END_TEST

START_TEST(two_hard_nats_fail_honestly)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 5 * USEC_S));
	sim_run(p.s, 15 * USEC_S);
	ck_assert(!outcome(p.a, sim_do(p.a, "tcp"), 5 * USEC_S)->ok);
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "tcp-nat-hard");
	ck_assert(sim_until(p.s, relayed(p.a, p.b), USEC_S));
	talk(&p, "still relayed");
	sim_free(p.s);
}
END_TEST

/* ---- how it lasts ---- */

START_TEST(dead_connection_falls_back_to_udp_at_once)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	usec_t at;

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	sim_run(p.s, 10 * USEC_S);
	sim_block_tcp(p.s);
	at = sim_now(p.s);
	talk(&p, "by whatever way");
	ck_assert_uint_le(sim_now(p.s) - at, 7 * USEC_S);
	sim_free(p.s);
}
END_TEST

START_TEST(idle_connection_lasts_an_hour)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	sim_run(p.s, 3600 * USEC_S);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 0));
	talk(&p, "after an hour");
	sim_free(p.s);
}
END_TEST

/* UDP between the two is kept in reserve: it works when TCP goes. */
START_TEST(udp_stays_in_reserve)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), USEC_S));
	sim_run(p.s, 600 * USEC_S);
	sim_block_tcp(p.s);
	talk(&p, "anybody?");
	ck_assert(sim_until(p.s, direct(p.a, p.b), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(udp_blocked_on_one_side_ends_in_tcp_or_relay)
{
	struct pair p = sim_pair(&nat_no_udp, &nat_easy);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, connected(p.a, p.b), 5 * USEC_S));
	talk(&p, "hello");
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 15 * USEC_S));
	talk(&p, "direct by tcp");
	sim_free(p.s);
}
END_TEST

START_TEST(lossy_link_switches_all_the_same)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	router_cable(p.a->router)->loss = 5 * PER_CENT;
	router_cable(p.b->router)->loss = 5 * PER_CENT;
	ck_assert(outcome(p.a, sim_do(p.a, "tcp"), 10 * USEC_S)->ok);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 5 * USEC_S));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("switch");
	TCase *t = tcase_create("opening");

	tcase_add_test(t, tcp_moves_both_sides_and_udp_moves_them_back);
	tcase_add_loop_test(t, of_streams_that_come_at_once_both_keep_one, 0,
	    200);
	tcase_add_test(t, either_side_may_ask_for_tcp);
	tcase_add_test(t, both_may_ask_at_once);
	tcase_add_test(t, asking_again_is_no_error);
	tcase_add_loop_test(t,
	    tcp_opens_through_every_easy_nat_within_a_second,
	    NAT_STRAY_DROP, NAT_STRAY_POISON + 1);
	tcase_add_loop_test(t,
	    whatever_nats_answer_the_first_call_gets_through,
	    NAT_STRAY_DROP, NAT_STRAY_POISON + 1);
	tcase_add_loop_test(t, syns_that_do_not_cross_get_through_as_well,
	    NAT_STRAY_DROP, NAT_STRAY_POISON + 1);
	tcase_add_loop_test(t, lost_syns_are_made_good,
	    NAT_STRAY_DROP, NAT_STRAY_POISON + 1);
	tcase_add_loop_test(t, tcp_opens_behind_a_carrier_within_a_second,
	    0, 4);
	tcase_add_test(t, tcp_opens_where_ports_of_udp_and_tcp_differ);
	tcase_add_test(t, tcp_opens_between_an_open_host_and_a_hard_nat);
	tcase_add_loop_test(t, tcp_finds_a_random_port_by_birthday,
	    NAT_STRAY_DROP, NAT_STRAY_POISON + 1);
	tcase_add_test(t, other_stacks_open_as_well);
	tcase_add_test(t, neighbours_switch_in_their_own_network);
	tcase_add_test(t, switch_under_way_loses_no_message);
	tcase_add_test(t, lossy_link_switches_all_the_same);
	suite_add_tcase(s, t);
	t = tcase_create("failing");
	tcase_add_test(t, failure_within_ten_seconds_leaves_udp_as_it_was);
	tcase_add_test(t, two_hard_nats_fail_honestly);
	suite_add_tcase(s, t);
	t = tcase_create("lasting");
	tcase_add_test(t, dead_connection_falls_back_to_udp_at_once);
	tcase_add_test(t, idle_connection_lasts_an_hour);
	tcase_add_test(t, udp_stays_in_reserve);
	tcase_add_test(t, udp_blocked_on_one_side_ends_in_tcp_or_relay);
	suite_add_tcase(s, t);
	return s;
}
