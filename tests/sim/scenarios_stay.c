#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Issue line "Stay". */

static void
say(struct user *u, const char *text)
{
	char line[64];

	snprintf(line, sizeof line, "msg %s", text);
	sim_do(u, line);
}

/* A text each way arrives within that time. */
static void
talk(struct pair *p, const char *text, usec_t within)
{
	user_mark(p->a);
	user_mark(p->b);
	say(p->a, text);
	say(p->b, text);
	ck_assert(sim_until(p->s, heard(p->b, text), within));
	ck_assert(sim_until(p->s, heard(p->a, text), within));
}

/* Everything that was typed has arrived, and no conversation has ended. */
static void
all_is_well(struct pair *p)
{
	ck_assert(sim_until(p->s, all_delivered(p->a), 30 * USEC_S));
	ck_assert(sim_until(p->s, all_delivered(p->b), 30 * USEC_S));
	ck_assert_uint_eq(user_count(p->a, EV_DISCONNECTED), 0);
	ck_assert_uint_eq(user_count(p->b, EV_DISCONNECTED), 0);
	ck_assert_uint_eq(user_count(p->a, EV_UNDELIVERED), 0);
	ck_assert_uint_eq(user_count(p->b, EV_UNDELIVERED), 0);
}

/* A text each way every half second. */
static void
chat(struct pair *p, usec_t duration)
{
	usec_t until = sim_now(p->s) + duration;
	char text[32];

	while (sim_now(p->s) < until) {
		snprintf(text, sizeof text, "at %llu ms",
		    (unsigned long long)(sim_now(p->s) / USEC_MS));
		say(p->a, text);
		say(p->b, text);
		sim_run(p->s, USEC_S / 2);
	}
}

START_TEST(idle_path_outlives_a_nat_of_30_seconds)
{
	struct nat_conf conf = nat_easy;
	struct pair p;

	conf.udp_fresh = conf.udp_timer = 30 * USEC_S;
	p = sim_friends(&conf, &conf);
	user_mark(p.a);
	sim_run(p.s, 3600 * USEC_S);
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	talk(&p, "after an hour", USEC_S);
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(lost_path_in_use_is_bridged_within_seven_seconds)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	usec_t at;

	chat(&p, 3 * USEC_S);
	sim_block_udp(p.s);
	at = sim_now(p.s);
	say(p.a, "into the gap");
	say(p.b, "into the gap");
	ck_assert(sim_until(p.s, heard(p.b, "into the gap"), 7 * USEC_S));
	ck_assert(sim_until(p.s, heard(p.a, "into the gap"),
	    at + 7 * USEC_S - sim_now(p.s)));
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 10 * USEC_S));
	chat(&p, 20 * USEC_S);
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(direct_path_is_found_again_within_seven_seconds)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 3 * USEC_S);
	sim_block_udp(p.s);
	chat(&p, 30 * USEC_S);
	sim_unblock(p.s);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 7 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(direct_path_is_sought_every_minute)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 3 * USEC_S);
	sim_block_udp(p.s);
	sim_block_tcp(p.s);
	say(p.a, "into the gap");
	sim_run(p.s, 600 * USEC_S);
	sim_unblock(p.s);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 75 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Something between the two drops UDP: TCP does it meanwhile. */
START_TEST(tcp_takes_the_place_of_udp_that_is_blocked)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 3 * USEC_S);
	sim_block_udp(p.s);
	say(p.a, "into the gap");
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 120 * USEC_S));
	user_mark(p.a);
	chat(&p, 30 * USEC_S);
	sim_run(p.s, 600 * USEC_S);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 0));
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	sim_unblock(p.s);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 315 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Behind the relay it is tried again, five minutes later. */
START_TEST(tcp_that_was_impossible_is_tried_again)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_block_udp(p.s);
	sim_block_tcp(p.s);
	say(p.a, "into the gap");
	sim_run(p.s, 400 * USEC_S);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 0));
	sim_unblock(p.s);
	sim_block_udp(p.s);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 380 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Where UDP does not even reach the server, every minute. */
START_TEST(without_udp_tcp_is_sought_every_minute)
{
	struct pair p = sim_pair(&nat_no_udp, &nat_easy);

	sim_block_tcp(p.s);
	sim_introduce(p.a, p.b);
	sim_run(p.s, 400 * USEC_S);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 0));
	sim_unblock(p.s);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 75 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(message_after_a_silent_loss_goes_by_relay)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_run(p.s, 120 * USEC_S);
	sim_block_udp(p.s);
	talk(&p, "right away", 7 * USEC_S);
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(nat_that_forgets_everything_loses_no_message)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 5 * USEC_S);
	nat_reboot(router_nat(p.a->router), _i == 1);
	chat(&p, 10 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 10 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(both_nats_may_forget_at_once)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 5 * USEC_S);
	nat_reboot(router_nat(p.a->router), true);
	nat_reboot(router_nat(p.b->router), true);
	chat(&p, 60 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 30 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Nobody knows that his address is another one before he has asked. */
START_TEST(new_ports_are_found_at_once_where_a_path_was_lost)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 5 * USEC_S);
	nat_reboot(router_nat(p.a->router), true);
	if (_i == 1)
		nat_reboot(router_nat(p.b->router), true);
	say(p.a, "still there?");
	say(p.b, "still there?");
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 10 * USEC_S));
	ck_assert(sim_until(p.s, direct(p.a, p.b), USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* "Rebinding every 5 s" of the issue on hard NATs. */
START_TEST(rebinding_every_five_seconds_loses_no_message)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	for (int i = 0; i < 12; i++) {
		nat_reboot(router_nat(p.a->router), true);
		chat(&p, 5 * USEC_S);
	}
	ck_assert(sim_until(p.s, direct(p.a, p.b), 30 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(outage_of_ten_seconds_is_survived)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 5 * USEC_S);
	router_cable(p.a->router)->is_cut = true;
	chat(&p, 10 * USEC_S);
	router_cable(p.a->router)->is_cut = false;
	ck_assert(sim_until(p.s, direct(p.a, p.b), 7 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Another Wi-Fi: other NAT, other addresses. */
START_TEST(change_of_address_keeps_the_conversation)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct user *c = sim_user(p.s, "cid", behind(&nat_easy));

	chat(&p, 5 * USEC_S);
	sim_move(p.a, c);
	chat(&p, 5 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 7 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(change_of_the_providers_address_keeps_the_conversation)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct addr at = addr_v4(85, 7, 7, 7, 0);

	chat(&p, 5 * USEC_S);
	nat_readdress(router_nat(p.a->router), &at, 1);
	chat(&p, 10 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 10 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(unplugged_and_plugged_in_again)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct addr at = *host_addr(p.a->host, 0, ADDR_V4);

	host_replug(p.a->host, 0, NULL, NULL, NULL);
	chat(&p, 120 * USEC_S);
	host_replug(p.a->host, 0, p.a->lan, &at, NULL);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 10 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* ---- sleep ---- */

static const usec_t naps[] = { 5 * USEC_S, 30 * USEC_S, 300 * USEC_S,
	8 * 3600 * USEC_S };

START_TEST(sleep_and_wake)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 3 * USEC_S);
	host_suspend(p.a->host, true);
	say(p.b, "good night");
	sim_run(p.s, naps[_i]);
	host_suspend(p.a->host, false);
	ck_assert(sim_until(p.s, heard(p.a, "good night"), 10 * USEC_S));
	say(p.a, "good morning");
	ck_assert(sim_until(p.s, heard(p.b, "good morning"), 10 * USEC_S));
	ck_assert(sim_until(p.s, direct(p.a, p.b), 20 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(both_sleep)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	host_suspend(p.a->host, true);
	host_suspend(p.b->host, true);
	sim_run(p.s, 3600 * USEC_S);
	host_suspend(p.b->host, false);
	sim_run(p.s, 20 * USEC_S);
	host_suspend(p.a->host, false);
	talk(&p, "morning", 15 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 90 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* ---- the server ---- */

START_TEST(direct_peers_go_on_without_the_server)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_kill_server(p.s, 0);
	user_mark(p.a);
	user_mark(p.b);
	for (int i = 0; i < 20; i++) {
		sim_run(p.s, 180 * USEC_S);
		say(p.a, "still there?");
		ck_assert(sim_until(p.s, heard_count(p.b, (size_t)i + 1),
		    USEC_S));
	}
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(restart_of_the_server_disturbs_no_direct_link)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	user_mark(p.a);
	user_mark(p.b);
	sim_stop_server(p.s, 0);
	chat(&p, 10 * USEC_S);
	sim_server(p.s);
	chat(&p, 60 * USEC_S);
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 0);
	ck_assert(sim_until(p.s, registered(p.a), 30 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Killed, or stopped in good order. */
START_TEST(relayed_conversation_survives_a_restart_of_the_server)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, connected(p.a, p.b), 5 * USEC_S));
	chat(&p, 5 * USEC_S);
	if (_i == 0)
		sim_kill_server(p.s, 0);
	else
		sim_stop_server(p.s, 0);
	chat(&p, 5 * USEC_S);
	sim_server(p.s);
	chat(&p, 60 * USEC_S);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 60 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(relayed_conversation_survives_an_hour_without_a_server)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, connected(p.a, p.b), 5 * USEC_S));
	sim_kill_server(p.s, 0);
	say(p.a, "patience");
	sim_run(p.s, 3600 * USEC_S);
	sim_server(p.s);
	ck_assert(sim_until(p.s, heard(p.b, "patience"), 180 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(path_lost_while_the_server_is_away_comes_back_with_it)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	chat(&p, 3 * USEC_S);
	sim_kill_server(p.s, 0);
	nat_reboot(router_nat(p.a->router), true);
	nat_reboot(router_nat(p.b->router), true);
	chat(&p, 30 * USEC_S);
	sim_server(p.s);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 120 * USEC_S));
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

START_TEST(relayed_conversation_survives_changes_of_address)
{
	struct pair p = sim_pair(&nat_random, &nat_random);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, connected(p.a, p.b), 5 * USEC_S));
	for (int i = 0; i < 5; i++) {
		struct addr at = addr_v4(85, 7, 7, (uint8_t)(1 + i), 0);

		nat_readdress(router_nat(p.a->router), &at, 1);
		chat(&p, 20 * USEC_S);
	}
	all_is_well(&p);
	sim_free(p.s);
}
END_TEST

/* Another port at every beat shows it; then the beats come often enough. */
START_TEST(mappings_that_live_ten_seconds_are_kept)
{
	struct nat_conf conf = nat_easy;
	struct pair p;
	struct addr addr;

	conf.alloc = NAT_RANDOM;
	conf.udp_fresh = conf.udp_timer = 10 * USEC_S;
	p = sim_pair(&conf, &nat_easy);
	sim_run(p.s, 200 * USEC_S);
	addr = nat_lookup(router_nat(p.a->router), sim_now(p.s), PKT_UDP,
	    &(struct addr) { { 192, 168, 1, 2 }, 0, 9001, ADDR_V4 },
	    &(struct addr) { { 85, 1, 1, 1 }, 0, 9000, ADDR_V4 });
	ck_assert_uint_ne(addr.port, 0);
	for (int i = 0; i < 60; i++) {
		struct addr at;

		sim_run(p.s, 5 * USEC_S);
		at = nat_lookup(router_nat(p.a->router), sim_now(p.s),
		    PKT_UDP,
		    &(struct addr) { { 192, 168, 1, 2 }, 0, 9001, ADDR_V4 },
		    &(struct addr) { { 85, 1, 1, 1 }, 0, 9000, ADDR_V4 });
		ck_assert(addr_eq(&at, &addr));
	}
	sim_do(p.b, "connect ann");
	ck_assert(sim_until(p.s, asked(p.a, p.b), SIM_RT * 2));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("stay");
	TCase *t = tcase_create("paths");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, idle_path_outlives_a_nat_of_30_seconds);
	tcase_add_test(t, lost_path_in_use_is_bridged_within_seven_seconds);
	tcase_add_test(t, direct_path_is_found_again_within_seven_seconds);
	tcase_add_test(t, direct_path_is_sought_every_minute);
	tcase_add_test(t, tcp_takes_the_place_of_udp_that_is_blocked);
	tcase_add_test(t, tcp_that_was_impossible_is_tried_again);
	tcase_add_test(t, without_udp_tcp_is_sought_every_minute);
	tcase_add_test(t, message_after_a_silent_loss_goes_by_relay);
	tcase_add_loop_test(t,
	    new_ports_are_found_at_once_where_a_path_was_lost, 0, 2);
	tcase_add_loop_test(t, nat_that_forgets_everything_loses_no_message,
	    0, 2);
	tcase_add_test(t, both_nats_may_forget_at_once);
	tcase_add_test(t, rebinding_every_five_seconds_loses_no_message);
	tcase_add_test(t, outage_of_ten_seconds_is_survived);
	tcase_add_test(t, change_of_address_keeps_the_conversation);
	tcase_add_test(t,
	    change_of_the_providers_address_keeps_the_conversation);
	tcase_add_test(t, unplugged_and_plugged_in_again);
	suite_add_tcase(s, t);
	t = tcase_create("sleep");
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, sleep_and_wake, 0,
	    sizeof naps / sizeof naps[0]);
	tcase_add_test(t, both_sleep);
	suite_add_tcase(s, t);
	t = tcase_create("server");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, direct_peers_go_on_without_the_server);
	tcase_add_test(t, restart_of_the_server_disturbs_no_direct_link);
	tcase_add_loop_test(t,
	    relayed_conversation_survives_a_restart_of_the_server, 0, 2);
	tcase_add_test(t,
	    relayed_conversation_survives_an_hour_without_a_server);
	tcase_add_test(t,
	    path_lost_while_the_server_is_away_comes_back_with_it);
	tcase_add_test(t, relayed_conversation_survives_changes_of_address);
	tcase_add_test(t, mappings_that_live_ten_seconds_are_kept);
	suite_add_tcase(s, t);
	return s;
}
