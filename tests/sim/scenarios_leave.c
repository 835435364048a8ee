#include "sim.h"

#include <string.h>

/* Issue line "Leave". */

static bool
server_knows(struct sim *s, size_t online)
{
	return server_stats(s->servers[0].server)->online == online;
}

/* By `exit`, or as a signal or the end of input does it. */
START_TEST(peer_and_server_are_told_at_once)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(server_knows(p.s, 2));
	if (_i == 0)
		sim_do(p.a, "exit");
	else
		sim_leave(p.a);
	ck_assert(sim_until(p.s, told(p.b, EV_DISCONNECTED),
	    100 * USEC_MS));
	ck_assert_int_eq(user_last(p.b, EV_DISCONNECTED)->ev.reason,
	    REASON_CLOSED);
	ck_assert(server_knows(p.s, 1));
	ck_assert(sim_until(p.s, gone(p.a), USEC_S));
	ck_assert_int_eq(user_last(p.a, EV_EXIT)->ev.exit_code,
	    EXIT_CODE_OK);
	sim_free(p.s);
}
END_TEST

START_TEST(exit_without_a_server_does_not_hang)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_kill_server(p.s, 0);
	router_cable(p.a->router)->is_cut = true;
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 5 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(exit_before_registration_ends_at_once)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_client(s, "ann", behind(&nat_easy));

	sim_do(a, "exit");
	ck_assert(sim_until(s, gone(a), USEC_S));
	ck_assert_int_eq(user_last(a, EV_EXIT)->ev.exit_code, EXIT_CODE_OK);
	sim_free(s);
}
END_TEST

START_TEST(undelivered_messages_are_reported)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	const struct record *r;

	sim_do(p.a, "msg delivered");
	ck_assert(sim_until(p.s, all_delivered(p.a), USEC_S));
	router_cable(p.a->router)->is_cut = true;
	sim_do(p.a, "msg too late");
	sim_do(p.a, "msg as well");
	ck_assert_uint_eq(client_undelivered(p.a->client), 2);
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 5 * USEC_S));
	ck_assert_uint_eq(user_count(p.a, EV_UNDELIVERED), 2);
	r = user_nth(p.a, EV_UNDELIVERED, 0);
	ck_assert_str_eq(r->text, "too late");
	ck_assert_str_eq(r->ev.peer, "bob");
	sim_free(p.s);
}
END_TEST

START_TEST(end_of_a_conversation_reports_the_undelivered)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.b, "disconnect");
	sim_do(p.a, "msg crossing");
	ck_assert(sim_until(p.s, told(p.a, EV_DISCONNECTED), USEC_S));
	ck_assert_uint_eq(user_count(p.a, EV_UNDELIVERED) +
	    user_count(p.b, EV_MESSAGE), 1);
	sim_free(p.s);
}
END_TEST

/* What has arrived may be reported as well, if its mark came too late. */
START_TEST(last_words_arrive_or_are_reported)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.a, "msg goodbye");
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, told(p.b, EV_DISCONNECTED), USEC_S));
	ck_assert_uint_ge(user_count(p.b, EV_MESSAGE) +
	    user_count(p.a, EV_UNDELIVERED), 1);
	sim_free(p.s);
}
END_TEST

START_TEST(whoever_left_can_come_back_and_connect_again)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), USEC_S));
	user_start(p.a);
	user_mark(p.a);
	user_mark(p.b);
	sim_introduce(p.a, p.b);
	ck_assert(user_last(p.b, EV_REQUEST)->ev.known);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 2 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Power cut: nobody is told. The old conversation gives way to the new one. */
START_TEST(crashed_client_can_connect_again)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.b, "msg before the crash");
	ck_assert(sim_until(p.s, all_delivered(p.b), USEC_S));
	user_kill(p.a, NODE_POWER);
	sim_run(p.s, USEC_S);
	sim_do(p.b, "msg into the void");
	user_start(p.a);
	user_mark(p.a);
	user_mark(p.b);
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 5 * USEC_S));
	sim_do(p.a, "msg back again");
	ck_assert(sim_until(p.s, heard(p.b, "back again"), USEC_S));
	sim_do(p.b, "msg welcome");
	ck_assert(sim_until(p.s, heard(p.a, "welcome"), USEC_S));
	ck_assert_uint_eq(user_count(p.b, EV_UNDELIVERED) +
	    user_count(p.a, EV_MESSAGE), 2);
	sim_free(p.s);
}
END_TEST

/* The end of the old conversation does not take the new one's way. */
START_TEST(crashed_client_can_connect_again_by_relay)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 2 * USEC_S));
	user_kill(p.a, NODE_POWER);
	sim_run(p.s, USEC_S);
	user_start(p.a);
	user_mark(p.a);
	user_mark(p.b);
	if (_i == 0)
		sim_introduce(p.a, p.b);
	else {
		ck_assert(sim_until(p.s, registered(p.a), 5 * USEC_S));
		sim_run(p.s, 40 * USEC_S);
		sim_introduce(p.b, p.a);
	}
	sim_do(p.a, "msg back again");
	ck_assert(sim_until(p.s, heard(p.b, "back again"), 200 * USEC_MS));
	sim_do(p.b, "msg welcome");
	ck_assert(sim_until(p.s, heard(p.a, "welcome"), 200 * USEC_MS));
	ck_assert_int_eq(user_last(p.b, EV_DISCONNECTED)->ev.reason,
	    REASON_RENEWED);
	sim_free(p.s);
}
END_TEST

/* One word that he is silent, one that he is lost; whatever the server says of
 * him afterwards, and however often, is no news of him. */
START_TEST(crashed_peer_is_seen_as_lost)
{
	struct pair p = sim_pair(_i == 0 ? &nat_easy : &nat_random,
	    &nat_random);
	const struct record *r;

	sim_introduce(p.a, p.b);
	sim_run(p.s, 30 * USEC_S);
	user_mark(p.b);
	user_kill(p.a, NODE_POWER);
	sim_do(p.b, "msg hello?");
	ck_assert(sim_until(p.s, told(p.b, EV_LINK), 30 * USEC_S));
	sim_run(p.s, 30 * USEC_S);
	r = user_last(p.b, EV_LINK);
	ck_assert_int_eq(r->ev.link, LINK_LOST);
	ck_assert_int_eq(user_link(p.b, p.a), TRANSPORT_NONE);
	ck_assert_uint_le(user_count(p.b, EV_LINK), 2);
	user_mark(p.b);
	sim_run(p.s, 600 * USEC_S);
	ck_assert_uint_eq(user_count(p.b, EV_LINK), 0);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 0);
	sim_free(p.s);
}
END_TEST

START_TEST(connect_to_a_crashed_peer_tries_again)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	uint32_t asks;

	user_kill(p.a, NODE_POWER);
	sim_do(p.b, "msg hello?");
	sim_run(p.s, 30 * USEC_S);
	user_start(p.a);
	ck_assert(sim_until(p.s, registered(p.a), 5 * USEC_S));
	user_mark(p.a);
	asks = sim_do(p.b, "connect ann");
	ck_assert(sim_until(p.s, asked(p.a, p.b), USEC_S));
	sim_do(p.a, "allow bob");
	ck_assert(sim_until(p.s, ended(p.b, asks), 2 * USEC_S));
	ck_assert(user_result(p.b, asks)->ev.ok);
	sim_do(p.b, "msg there you are");
	ck_assert(sim_until(p.s, heard(p.a, "there you are"), USEC_S));
	sim_free(p.s);
}
END_TEST

/* It ends in either way, as soon as he is heard. */
START_TEST(connect_to_a_peer_who_only_slept)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	uint32_t asks;

	host_suspend(p.a->host, true);
	sim_do(p.b, "msg hello?");
	sim_run(p.s, 40 * USEC_S);
	asks = sim_do(p.b, "connect ann");
	sim_run(p.s, 2 * USEC_S);
	host_suspend(p.a->host, false);
	ck_assert(sim_until(p.s, ended(p.b, asks), 10 * USEC_S));
	ck_assert(user_result(p.b, asks)->ev.ok);
	ck_assert(sim_until(p.s, heard(p.a, "hello?"), 10 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* After everybody has gone the server keeps names and nothing else. */
START_TEST(tables_are_empty_when_all_have_left)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	const struct server_stats *st;

	sim_do(p.a, "exit");
	sim_do(p.b, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, gone(p.b), 5 * USEC_S));
	sim_run(p.s, 120 * USEC_S);
	st = server_stats(p.s->servers[0].server);
	ck_assert_uint_eq(st->online, 0);
	ck_assert_uint_eq(st->pairs, 0);
	ck_assert_uint_eq(st->half_open, 0);
	ck_assert_uint_eq(st->streams, 0);
	ck_assert_uint_eq(st->names, 2);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("leave");
	TCase *t = tcase_create("leave");

	tcase_add_loop_test(t, peer_and_server_are_told_at_once, 0, 2);
	tcase_add_test(t, exit_without_a_server_does_not_hang);
	tcase_add_test(t, exit_before_registration_ends_at_once);
	tcase_add_test(t, undelivered_messages_are_reported);
	tcase_add_test(t, end_of_a_conversation_reports_the_undelivered);
	tcase_add_test(t, last_words_arrive_or_are_reported);
	tcase_add_test(t, whoever_left_can_come_back_and_connect_again);
	tcase_add_test(t, crashed_client_can_connect_again);
	tcase_add_loop_test(t, crashed_client_can_connect_again_by_relay, 0,
	    2);
	tcase_add_loop_test(t, crashed_peer_is_seen_as_lost, 0, 2);
	tcase_add_test(t, connect_to_a_crashed_peer_tries_again);
	tcase_add_test(t, connect_to_a_peer_who_only_slept);
	tcase_add_test(t, tables_are_empty_when_all_have_left);
	suite_add_tcase(s, t);
	return s;
}
