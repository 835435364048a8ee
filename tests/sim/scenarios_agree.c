#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Issue line "Agree". */

static struct pair
ready(void)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	return p;
}

/* The outcome of a command that ends within that time. */
static const struct event *
outcome(struct user *u, uint32_t serial, usec_t within)
{
	ck_assert(sim_until(u->sim, ended(u, serial), within));
	return &user_result(u, serial)->ev;
}

START_TEST(target_sees_who_asks_and_with_which_key)
{
	struct pair p = ready();
	const struct record *r;

	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	r = user_last(p.b, EV_REQUEST);
	ck_assert_str_eq(r->ev.peer, "ann");
	ck_assert_mem_eq(r->ev.key, p.a->identity.public, KEY_LEN);
	ck_assert(!r->ev.known);
	ck_assert(!r->ev.verified);
	ck_assert_uint_gt(r->ev.ms, 55000);
	ck_assert_uint_le(r->ev.ms, 60000);
	sim_free(p.s);
}
END_TEST

START_TEST(whoever_was_met_before_is_known)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.a, "disconnect");
	ck_assert(sim_until(p.s, apart(p.a, p.b), USEC_S));
	user_mark(p.b);
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	ck_assert(user_last(p.b, EV_REQUEST)->ev.known);
	sim_free(p.s);
}
END_TEST

START_TEST(allow_connects_both)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob"), allows;

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	allows = sim_do(p.b, "allow ann");
	ck_assert(outcome(p.a, asks, USEC_S)->ok);
	ck_assert(outcome(p.b, allows, USEC_S)->ok);
	ck_assert(sim_until(p.s, connected(p.a, p.b), USEC_S));
	ck_assert_uint_eq(user_count(p.a, EV_CONNECTED), 1);
	ck_assert_uint_eq(user_count(p.b, EV_CONNECTED), 1);
	ck_assert_str_eq(client_current(p.a->client), "bob");
	ck_assert_str_eq(client_current(p.b->client), "ann");
	sim_free(p.s);
}
END_TEST

START_TEST(deny_is_told_to_both)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob"), denies;

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	denies = sim_do(p.b, "deny ann");
	ck_assert(outcome(p.b, denies, USEC_S)->ok);
	ck_assert(!outcome(p.a, asks, USEC_S)->ok);
	ck_assert_int_eq(outcome(p.a, asks, 0)->exit_code, EXIT_CODE_DENIED);
	ck_assert_str_eq(user_last(p.a, EV_DENIED)->ev.peer, "bob");
	ck_assert_uint_eq(user_count(p.a, EV_CONNECTED), 0);
	ck_assert(sim_never(p.s, connected(p.a, p.b), 10 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(request_ends_after_a_minute_without_an_answer)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob");
	usec_t at = sim_now(p.s);
	const struct event *ev = outcome(p.a, asks, 62 * USEC_S);

	ck_assert(!ev->ok);
	ck_assert_uint_ge(sim_now(p.s), at + 59 * USEC_S);
	ck_assert_int_eq(user_last(p.a, EV_FAILED)->ev.reason,
	    REASON_TIMEOUT);
	ck_assert(sim_until(p.s, told(p.b, EV_REQUEST_ENDED), 2 * USEC_S));
	ck_assert_int_eq(user_last(p.b, EV_REQUEST_ENDED)->ev.reason,
	    REASON_TIMEOUT);
	sim_free(p.s);
}
END_TEST

START_TEST(unknown_name_fails_at_once)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect nobody");

	ck_assert(!outcome(p.a, asks, 200 * USEC_MS)->ok);
	ck_assert_int_eq(user_last(p.a, EV_FAILED)->ev.reason,
	    REASON_UNKNOWN_NAME);
	sim_free(p.s);
}
END_TEST

START_TEST(nobody_connects_to_himself)
{
	struct pair p = ready();

	ck_assert(!outcome(p.a, sim_do(p.a, "connect Ann"), USEC_S)->ok);
	ck_assert(sim_never(p.s, asked(p.a, p.a), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(target_that_leaves_ends_the_request)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob");

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.b, "exit");
	ck_assert(!outcome(p.a, asks, 2 * USEC_S)->ok);
	ck_assert_int_eq(user_last(p.a, EV_FAILED)->ev.reason, REASON_GONE);
	sim_free(p.s);
}
END_TEST

START_TEST(requester_that_leaves_ends_the_request)
{
	struct pair p = ready();

	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, told(p.b, EV_REQUEST_ENDED), 2 * USEC_S));
	ck_assert_int_eq(user_last(p.b, EV_REQUEST_ENDED)->ev.reason,
	    REASON_GONE);
	ck_assert(!outcome(p.b, sim_do(p.b, "allow ann"), USEC_S)->ok);
	sim_free(p.s);
}
END_TEST

START_TEST(request_can_be_taken_back)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob");

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	ck_assert(outcome(p.a, sim_do(p.a, "disconnect"), USEC_S)->ok);
	ck_assert(!outcome(p.a, asks, USEC_S)->ok);
	ck_assert(sim_until(p.s, told(p.b, EV_REQUEST_ENDED), USEC_S));
	ck_assert_int_eq(user_last(p.b, EV_REQUEST_ENDED)->ev.reason,
	    REASON_CANCELLED);
	sim_free(p.s);
}
END_TEST

START_TEST(a_yes_can_be_taken_back)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob"), allows;

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	allows = sim_do(p.b, "allow ann");
	sim_run(p.s, _i * 15 * USEC_MS);
	ck_assert(outcome(p.b, sim_do(p.b, "disconnect ann"), USEC_S)->ok);
	ck_assert_ptr_nonnull(user_result(p.b, allows));
	ck_assert(sim_until(p.s, ended(p.a, asks), 2 * USEC_S));
	ck_assert(sim_until(p.s, apart(p.a, p.b), 2 * USEC_S));
	ck_assert(sim_never(p.s, connected(p.a, p.b), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(a_request_can_be_taken_back_beside_the_yes)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob"), allows;

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	allows = sim_do(p.b, "allow ann");
	sim_run(p.s, _i * 15 * USEC_MS);
	ck_assert(outcome(p.a, sim_do(p.a, "disconnect bob"), USEC_S)->ok);
	ck_assert_ptr_nonnull(user_result(p.a, asks));
	ck_assert(sim_until(p.s, ended(p.b, allows), 2 * USEC_S));
	ck_assert(sim_until(p.s, apart(p.a, p.b), 2 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Neither side has to do anything again. */
START_TEST(request_survives_a_restart_of_the_server)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob");

	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_run(p.s, 2 * USEC_S);
	sim_stop_server(p.s, 0);
	sim_run(p.s, USEC_S);
	sim_start_server(p.s, 0);
	user_mark(p.a);
	user_mark(p.b);
	ck_assert(sim_until(p.s, registered(p.a), 20 * USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), 20 * USEC_S));
	sim_run(p.s, USEC_S);
	ck_assert_uint_eq(user_count(p.b, EV_REQUEST), 0);
	sim_do(p.b, "allow ann");
	ck_assert(outcome(p.a, asks, USEC_S)->ok);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 2 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Two requests that cross become one: nobody needs to allow. b asks so much
 * later. */
static const usec_t crossing[] = { 0, 10 * USEC_MS, 21 * USEC_MS,
	39 * USEC_MS, 45 * USEC_MS, 79 * USEC_MS, 85 * USEC_MS, 5 * USEC_S };

START_TEST(both_connecting_at_once_are_connected)
{
	struct pair p = ready();
	uint32_t asks = sim_do(p.a, "connect bob"), too;

	sim_run(p.s, crossing[_i]);
	too = sim_do(p.b, "connect ann");
	ck_assert_msg(sim_until(p.s, connected(p.a, p.b), 2 * USEC_S),
	    "%d ms apart", (int)(crossing[_i] / USEC_MS));
	ck_assert(outcome(p.a, asks, USEC_S)->ok);
	ck_assert(outcome(p.b, too, USEC_S)->ok);
	ck_assert_uint_eq(user_count(p.a, EV_CONNECTED), 1);
	ck_assert_uint_eq(user_count(p.b, EV_CONNECTED), 1);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 5 * USEC_S));
	sim_do(p.a, "msg one");
	sim_do(p.b, "msg two");
	ck_assert(sim_until(p.s, heard(p.a, "two"), USEC_S));
	ck_assert(sim_until(p.s, heard(p.b, "one"), USEC_S));
	sim_free(p.s);
}
END_TEST

/* Over a link that loses a third, and the other way round. */
START_TEST(crossing_requests_survive_loss)
{
	struct pair p = ready();

	router_cable(p.a->router)->loss = 30 * PER_CENT;
	router_cable(p.b->router)->loss = 30 * PER_CENT;
	sim_do(p.b, "connect ann");
	sim_run(p.s, 15 * USEC_MS);
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, connected(p.a, p.b), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(introduction_survives_loss)
{
	struct pair p = ready();

	router_cable(p.a->router)->loss = 40 * PER_CENT;
	router_cable(p.b->router)->loss = 40 * PER_CENT;
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), 30 * USEC_S));
	sim_do(p.b, "allow ann");
	ck_assert(sim_until(p.s, connected(p.a, p.b), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* ---- several peers ---- */

START_TEST(messages_go_to_the_current_peer_or_to_the_named_one)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct user *c = sim_client(p.s, "cid", behind(&nat_easy));

	sim_introduce(p.a, c);
	ck_assert(sim_until(p.s, connected(p.a, c), 2 * USEC_S));
	ck_assert_str_eq(client_current(p.a->client), "cid");
	sim_do(p.a, "msg for cid");
	ck_assert(sim_until(p.s, heard(c, "for cid"), USEC_S));
	sim_do(p.a, "msg @bob for bob");
	ck_assert(sim_until(p.s, heard(p.b, "for bob"), USEC_S));
	ck_assert_str_eq(client_current(p.a->client), "bob");
	ck_assert_uint_eq(user_count(p.b, EV_MESSAGE), 1);
	ck_assert_uint_eq(user_count(c, EV_MESSAGE), 1);
	sim_do(p.a, "connect cid");
	sim_run(p.s, USEC_S);
	ck_assert_str_eq(client_current(p.a->client), "cid");
	ck_assert_uint_eq(user_count(c, EV_REQUEST), 1);
	sim_free(p.s);
}
END_TEST

START_TEST(ten_people_talk_with_one)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *u[10];
	char line[64];

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof line, "friend-%d", i);
		u[i] = sim_client(s, line, behind(&nat_easy));
	}
	for (int i = 0; i < 10; i++)
		sim_introduce(u[i], a);
	for (int i = 0; i < 10; i++)
		ck_assert(sim_until(s, direct(a, u[i]), 5 * USEC_S));
	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof line, "msg @friend-%d hello %d", i, i);
		sim_do(a, line);
	}
	for (int i = 0; i < 10; i++)
		ck_assert(sim_until(s, heard_count(u[i], 1), USEC_S));
	ck_assert(sim_until(s, all_delivered(a), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(requests_of_several_are_shown_and_answered_by_name)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b, *c;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", behind(&nat_easy));
	c = sim_client(s, "cid", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	ck_assert(sim_until(s, registered(b), USEC_S));
	ck_assert(sim_until(s, registered(c), USEC_S));
	sim_do(b, "connect ann");
	sim_do(c, "connect ann");
	ck_assert(sim_until(s, asked(a, b), USEC_S));
	ck_assert(sim_until(s, asked(a, c), USEC_S));
	sim_do(a, "requests");
	ck_assert_uint_eq(user_last(a, EV_REQUESTS)->ev.count, 2);
	ck_assert(!outcome(a, sim_do(a, "allow zoe"), USEC_S)->ok);
	sim_do(a, "allow cid");
	ck_assert(sim_until(s, connected(a, c), USEC_S));
	ck_assert(sim_never(s, connected(a, b), 5 * USEC_S));
	sim_do(a, "deny bob");
	ck_assert(sim_until(s, told(b, EV_DENIED), USEC_S));
	sim_free(s);
}
END_TEST

/* ---- manners ---- */

START_TEST(asking_again_while_asking_changes_nothing)
{
	struct pair p = ready();

	sim_do(p.a, "connect bob");
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.a, "connect bob");
	sim_run(p.s, USEC_S);
	ck_assert_uint_eq(user_count(p.b, EV_REQUEST), 1);
	sim_do(p.b, "allow ann");
	ck_assert(sim_until(p.s, connected(p.a, p.b), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(blocked_key_never_reaches_the_screen)
{
	struct pair p = ready();

	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.b, "block ann");
	sim_run(p.s, USEC_S);
	user_mark(p.b);
	sim_run(p.s, 70 * USEC_S);
	sim_do(p.a, "connect bob");
	ck_assert(sim_never(p.s, asked(p.b, p.a), 30 * USEC_S));
	sim_do(p.b, "unblock ann");
	sim_run(p.s, 40 * USEC_S);
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_free(p.s);
}
END_TEST

/* To whom he is blocked he looks as if he were away, after a restart of the
 * server or of himself as well. */
START_TEST(blocker_is_away_after_a_restart)
{
	struct pair p = ready();
	uint32_t asks;

	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_do(p.b, "block ann");
	sim_run(p.s, USEC_S);
	if (_i == 0) {
		sim_kill_server(p.s, 0);
		sim_start_server(p.s, 0);
	} else {
		user_kill(p.b, NODE_POWER);
		user_start(p.b);
	}
	sim_run(p.s, 90 * USEC_S);
	user_mark(p.a);
	user_mark(p.b);
	asks = sim_do(p.a, "connect bob");
	ck_assert(!outcome(p.a, asks, USEC_S)->ok);
	ck_assert_int_eq(user_last(p.a, EV_FAILED)->ev.reason,
	    REASON_UNKNOWN_NAME);
	ck_assert_uint_eq(user_count(p.b, EV_REQUEST), 0);
	sim_free(p.s);
}
END_TEST

/* Whoever keeps asking is stopped by the server before he is a nuisance. */
START_TEST(insistence_is_limited)
{
	struct pair p = ready();

	for (int i = 0; i < 60; i++) {
		sim_do(p.a, "connect bob");
		sim_run(p.s, USEC_S / 2);
		sim_do(p.a, "disconnect");
		sim_run(p.s, USEC_S / 2);
	}
	ck_assert_uint_ge(user_count(p.b, EV_REQUEST), 1);
	ck_assert_uint_le(user_count(p.b, EV_REQUEST), 30);
	sim_free(p.s);
}
END_TEST

START_TEST(disconnect_ends_it_on_both_sides)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.a, sim_do(p.a, "disconnect"), USEC_S)->ok);
	ck_assert(sim_until(p.s, told(p.b, EV_DISCONNECTED), USEC_S));
	ck_assert_int_eq(user_last(p.b, EV_DISCONNECTED)->ev.reason,
	    REASON_CLOSED);
	ck_assert_int_eq(user_last(p.a, EV_DISCONNECTED)->ev.reason,
	    REASON_LEFT);
	ck_assert(sim_until(p.s, apart(p.a, p.b), USEC_S));
	ck_assert(!outcome(p.b, sim_do(p.b, "msg hello?"), USEC_S)->ok);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("agree");
	TCase *t = tcase_create("outcomes");

	tcase_add_test(t, target_sees_who_asks_and_with_which_key);
	tcase_add_test(t, whoever_was_met_before_is_known);
	tcase_add_test(t, allow_connects_both);
	tcase_add_test(t, deny_is_told_to_both);
	tcase_add_test(t, request_ends_after_a_minute_without_an_answer);
	tcase_add_test(t, unknown_name_fails_at_once);
	tcase_add_test(t, nobody_connects_to_himself);
	tcase_add_test(t, target_that_leaves_ends_the_request);
	tcase_add_test(t, requester_that_leaves_ends_the_request);
	tcase_add_test(t, request_survives_a_restart_of_the_server);
	tcase_add_test(t, request_can_be_taken_back);
	tcase_add_loop_test(t, a_yes_can_be_taken_back, 0, 10);
	tcase_add_loop_test(t, a_request_can_be_taken_back_beside_the_yes, 0,
	    10);
	tcase_add_loop_test(t, both_connecting_at_once_are_connected, 0,
	    sizeof crossing / sizeof crossing[0]);
	tcase_add_test(t, crossing_requests_survive_loss);
	tcase_add_test(t, introduction_survives_loss);
	suite_add_tcase(s, t);
	t = tcase_create("several");
	tcase_add_test(t,
	    messages_go_to_the_current_peer_or_to_the_named_one);
	tcase_add_test(t, ten_people_talk_with_one);
	tcase_add_test(t, requests_of_several_are_shown_and_answered_by_name);
	suite_add_tcase(s, t);
	t = tcase_create("manners");
	tcase_add_test(t, asking_again_while_asking_changes_nothing);
	tcase_add_test(t, blocked_key_never_reaches_the_screen);
	tcase_add_loop_test(t, blocker_is_away_after_a_restart, 0, 2);
	tcase_add_test(t, insistence_is_limited);
	tcase_add_test(t, disconnect_ends_it_on_both_sides);
	suite_add_tcase(s, t);
	return s;
}
