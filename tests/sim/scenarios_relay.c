#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Issue line "Relay from the start". */

START_TEST(first_texts_are_there_with_the_first_packets)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	usec_t at;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.a, "msg from the requester");
	at = sim_now(p.s);
	sim_do(p.b, "allow ann");
	sim_do(p.b, "msg from the allower");
	ck_assert(sim_until(p.s, heard(p.b, "from the requester"), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, SIM_RT + 20 * USEC_MS);
	ck_assert(sim_until(p.s, heard(p.a, "from the allower"), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, 3 * SIM_RT / 2 + 20 * USEC_MS);
	sim_free(p.s);
}
END_TEST

/* A script sends its text when `connect` has ended, and not before: what the
 * target allowed is a conversation as soon as the requester knows of it. */
START_TEST(text_of_a_script_waits_for_no_answer)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	uint32_t asks;
	usec_t at;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	asks = sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	at = sim_now(p.s);
	sim_do(p.b, "allow ann");
	ck_assert(sim_until(p.s, ended(p.a, asks), USEC_S));
	sim_do(p.a, "msg as soon as I may");
	ck_assert(sim_until(p.s, heard(p.b, "as soon as I may"), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, SIM_RT + 20 * USEC_MS);
	sim_free(p.s);
}
END_TEST

START_TEST(text_does_not_wait_for_a_path_that_never_comes)
{
	struct pair p = sim_pair(&nat_random, &nat_random);
	struct addr addr, relay = addr_v4(85, 1, 1, 1, 9000);
	usec_t at = sim_introduce(p.a, p.b);

	sim_do(p.b, "msg hello");
	ck_assert(sim_until(p.s, heard(p.a, "hello"), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, 3 * SIM_RT / 2 + 20 * USEC_MS);
	sim_run(p.s, 60 * USEC_S);
	ck_assert_int_eq(client_link(p.a->client, "bob", &addr),
	    TRANSPORT_RELAY);
	ck_assert(addr_eq(&addr, &relay));
	sim_do(p.a, "msg still here");
	ck_assert(sim_until(p.s, heard(p.b, "still here"), USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.b), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(relayed_link_says_why)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	sim_run(p.s, 15 * USEC_S);
	sim_do(p.a, "why");
	ck_assert_int_eq(user_last(p.a, EV_WHY)->ev.reason, REASON_NAT_HARD);
	sim_free(p.s);
}
END_TEST

/* A text every 3 ms from before `allow` until well after the change. */
START_TEST(change_to_the_direct_path_loses_nothing)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	char line[32];

	sim_introduce(p.a, p.b);
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof line, "msg number %d", i);
		sim_do(p.a, line);
		sim_do(p.b, line);
		sim_run(p.s, 3 * USEC_MS);
	}
	ck_assert(sim_until(p.s, heard_count(p.a, 200), 2 * USEC_S));
	ck_assert(sim_until(p.s, heard_count(p.b, 200), 2 * USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.a), USEC_S));
	ck_assert_int_eq(user_link(p.a, p.b), TRANSPORT_UDP);
	ck_assert_uint_eq(user_count(p.a, EV_CONNECTED), 1);
	ck_assert_int_eq(user_nth(p.a, EV_CONNECTED, 0)->ev.transport,
	    TRANSPORT_RELAY);
	sim_free(p.s);
}
END_TEST

START_TEST(idle_relayed_link_lasts)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	sim_run(p.s, 1800 * USEC_S);
	sim_do(p.a, "msg after half an hour");
	ck_assert(sim_until(p.s, heard(p.b, "after half an hour"),
	    USEC_S));
	sim_free(p.s);
}
END_TEST

/* ---- without a relay ---- */

static struct pair
without_relay(bool a, bool b, bool server, const struct nat_conf *nat)
{
	struct pair p = { .s = sim_new(test_seed()) };

	p.s->servers[0].conf.relay = server;
	sim_server(p.s);
	p.a = sim_user(p.s, "ann", behind(nat));
	p.b = sim_user(p.s, "bob", behind(nat));
	p.a->conf.no_relay = !a;
	p.b->conf.no_relay = !b;
	user_start(p.a);
	user_start(p.b);
	return p;
}

/* Who has a relay: requester, allower, server. */
static const struct relay_row {
	bool a, b, server;
} relay_rows[] = {
	{ false, true, true },
	{ true, false, true },
	{ true, true, false },
};

START_TEST(without_a_relay_the_direct_path_comes_all_the_same)
{
	const struct relay_row *row = &relay_rows[_i];
	struct pair p = without_relay(row->a, row->b, row->server, &nat_easy);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 2 * USEC_S));
	ck_assert_uint_eq(user_first(p.a, p.b, TRANSPORT_RELAY), USEC_NEVER);
	ck_assert_uint_eq(user_first(p.b, p.a, TRANSPORT_RELAY), USEC_NEVER);
	sim_do(p.a, "msg hello");
	ck_assert(sim_until(p.s, heard(p.b, "hello"), USEC_S));
	ck_assert_uint_eq(server_stats(p.s->servers[0].server)->relayed, 0);
	sim_free(p.s);
}
END_TEST

START_TEST(without_a_relay_failure_is_honest)
{
	const struct relay_row *row = &relay_rows[_i];
	struct pair p = without_relay(row->a, row->b, row->server,
	    &nat_random);
	const struct record *r;

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, ended(p.a, 1), 30 * USEC_S));
	ck_assert(sim_until(p.s, ended(p.b, 1), 30 * USEC_S));
	ck_assert_int_eq(user_result(p.a, 1)->ev.exit_code,
	    EXIT_CODE_NO_PATH);
	ck_assert_int_eq(user_result(p.b, 1)->ev.exit_code,
	    EXIT_CODE_NO_PATH);
	r = user_last(p.a, EV_FAILED);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->ev.reason, REASON_NO_PATH);
	ck_assert_uint_eq(server_stats(p.s->servers[0].server)->relayed, 0);
	sim_free(p.s);
}
END_TEST

/* ---- TCP to the server ---- */

START_TEST(relay_works_where_udp_is_blocked)
{
	struct pair p = sim_pair(&nat_no_udp, &nat_random);

	sim_introduce(p.a, p.b);
	sim_do(p.a, "msg over tcp");
	sim_do(p.b, "msg back");
	ck_assert(sim_until(p.s, heard(p.b, "over tcp"), USEC_S));
	ck_assert(sim_until(p.s, heard(p.a, "back"), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(relay_works_where_udp_is_blocked_on_both_sides)
{
	struct nat_conf conf = nat_no_udp;
	struct pair p;

	conf.mapping = NAT_APD;
	conf.alloc = NAT_RANDOM;
	p = sim_pair(&conf, &conf);
	sim_introduce(p.a, p.b);
	sim_do(p.a, "msg over tcp");
	ck_assert(sim_until(p.s, heard(p.b, "over tcp"), USEC_S));
	sim_run(p.s, 600 * USEC_S);
	sim_do(p.b, "msg later");
	ck_assert(sim_until(p.s, heard(p.a, "later"), USEC_S));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("relay");
	TCase *t = tcase_create("from the start");

	tcase_add_test(t, first_texts_are_there_with_the_first_packets);
	tcase_add_test(t, text_of_a_script_waits_for_no_answer);
	tcase_add_test(t, text_does_not_wait_for_a_path_that_never_comes);
	tcase_add_test(t, relayed_link_says_why);
	tcase_add_test(t, change_to_the_direct_path_loses_nothing);
	tcase_add_test(t, idle_relayed_link_lasts);
	suite_add_tcase(s, t);
	t = tcase_create("without");
	tcase_add_loop_test(t,
	    without_a_relay_the_direct_path_comes_all_the_same, 0, 3);
	tcase_add_loop_test(t, without_a_relay_failure_is_honest, 0, 3);
	suite_add_tcase(s, t);
	t = tcase_create("tcp");
	tcase_add_test(t, relay_works_where_udp_is_blocked);
	tcase_add_test(t, relay_works_where_udp_is_blocked_on_both_sides);
	suite_add_tcase(s, t);
	return s;
}
