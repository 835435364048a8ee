#include "err.h"
#include "rig.h"
#include "runner.h"

#include <string.h>

/* ---- registration ---- */

START_TEST(three_round_trips_register)
{
	rig_set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "ann", 4);
	rig.up.hidden = true;
	rig_start();
	rig_run_for(3 * RTT - 1);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 0);
	rig_run_for(1);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_str_eq(rig_last(NEWS_REGISTERED)->news.accept->name, "ann");
	ck_assert(rig.up.is_up && !rig.up.session_tcp);
	ck_assert_str_eq(rig.fakes[0].wanted, "ann");
	ck_assert_uint_eq(rig.fakes[0].flags, INIT_HIDDEN);
	ck_assert_mem_eq(rig.fakes[0].client, rig.self.identity.public,
	    KEY_LEN);
	ck_assert_mem_eq(rig.up.key, rig.fakes[0].keys.public, KEY_LEN);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[0].addr));
	ck_assert_uint_eq(rig.self.seen.port, 9001);
	ck_assert_uint_eq(rig.resolves + rig.dial_count, 0);
	rig_tear_down();
}
END_TEST

START_TEST(a_host_name_is_looked_up)
{
	rig_set_up(2, "server.example", NULL);
	rig_start();
	ck_assert_uint_eq(rig.resolves, 1);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig.fakes[0].hellos, 0);
	rig_resolved(2);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_name_that_is_not_found_is_looked_up_again)
{
	rig_set_up(1, "server.example", NULL);
	rig_start();
	rig_resolved(0);
	ck_assert_uint_eq(rig_count(NEWS_RESOLVE), 1);
	ck_assert_uint_ge(rig_last(NEWS_RESOLVE)->news.ms, 1000);
	ck_assert_uint_le(rig_last(NEWS_RESOLVE)->news.ms, 1250);
	rig_run_for(1250 * USEC_MS);
	ck_assert_uint_eq(rig.resolves, 2);
	/* And nobody answers at all. */
	rig_run_for(10 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_RESOLVE), 2);
	/* A late answer is none. */
	rig_resolved(1);
	ck_assert_uint_eq(rig.fakes[0].hellos, 0);
	rig_tear_down();
}
END_TEST

START_TEST(several_addresses_are_tried_in_turn)
{
	rig_set_up(3, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[0].hole = rig.sites[1].hole = true;
	rig_start();
	rig_resolved(3);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig.sites[0].hello_at, RIG_START);
	ck_assert_uint_eq(rig.sites[1].hello_at, RIG_START + 250 * USEC_MS);
	ck_assert_uint_eq(rig.sites[2].hello_at, RIG_START + 500 * USEC_MS);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[2].addr));
	rig_tear_down();
}
END_TEST

START_TEST(a_silent_server_is_unreachable_after_10_s)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 15, 30, 30 };
	usec_t began = RIG_START;
	size_t i;

	rig_set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = rig.sites[0].hole = true;
	rig_start();
	for (i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		rig_run_until(began + UPLINK_UNREACHABLE_US - 1);
		ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), i);
		rig_run_for(1);
		ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), i + 1);
		ck_assert_uint_ge(rig.told[i].news.ms, 1000 * waits[i]);
		ck_assert_uint_le(rig.told[i].news.ms, 1250 * waits[i]);
		began = rig.up.next_at;
	}
	rig.sites[0].is_cut = false;
	rig_run_for(50 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(without_a_network_it_says_so_at_once)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.sites[0].has_no_route = true;
	rig_start();
	rig_run_for(0);
	ck_assert_uint_eq(rig_count(NEWS_NO_NETWORK), 1);
	rig_run_for(60 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), 0);
	ck_assert_uint_eq(rig.dial_count, 0);
	rig.sites[0].has_no_route = false;
	rig_run_for(5 * USEC_S + RTT);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_way_to_one_address_is_enough)
{
	rig_set_up(3, "server.example", NULL);
	rig.sites[0].has_no_route = rig.sites[2].has_no_route = true;
	rig_start();
	rig_resolved(3);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_NO_NETWORK), 0);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(who_cannot_ask_for_a_name_has_no_network)
{
	const struct input failed = { .kind = IN_RESOLVED,
		.sock = SOCK_RESOLVE, .err = E_AGAIN };

	rig_set_up(1, "server.example", NULL);
	rig_start();
	uplink_input(&rig.up, &rig.self, rig.now, &failed);
	rig_run_for(0);
	ck_assert_uint_eq(rig_count(NEWS_NO_NETWORK), 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_session_is_not_given_up_for_a_moment_without_network)
{
	rig_set_up_registered();
	rig.sites[0].has_no_route = rig.sites[0].hole = true;
	uplink_doubt(&rig.up, rig.now);
	rig_run_for(6 * USEC_S);
	rig.sites[0].has_no_route = false;
	rig_run_for(5 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_NO_NETWORK), 0);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	ck_assert(rig.up.is_up);
	rig.sites[0].has_no_route = true;
	uplink_doubt(&rig.up, rig.now);
	rig_run_for(60 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 1);
	ck_assert_uint_ge(rig_count(NEWS_NO_NETWORK), 1);
	rig_tear_down();
}
END_TEST

START_TEST(tcp_is_tried_600_ms_after_an_unanswered_hello)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = true;
	rig_start();
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_uint_eq(rig.dials[0].at, RIG_START + 600 * USEC_MS);
	ck_assert(addr_eq(&rig.dials[0].to, &rig.sites[0].addr));
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_last(NEWS_REGISTERED)->at,
	    RIG_START + 600 * USEC_MS + 4 * RTT);
	ck_assert(rig.up.session_tcp);
	/* Who it is shows nowhere but in whom we dialled. */
	ck_assert(addr_eq(&rig.self.server, &rig.sites[0].addr));
	rig_tear_down();
}
END_TEST

START_TEST(udp_that_answers_in_time_wants_no_tcp)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig_start();
	rig_run_for(60 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 0);
	rig_tear_down();
}
END_TEST

START_TEST(a_stream_that_is_not_needed_is_closed)
{
	rig_set_up(1, "198.51.100.1", NULL);
	/* TCP is open when UDP answers. */
	rig.sites[0].late = 700 * USEC_MS;
	rig.fakes[0].silence = FAKE_NO_HELLO;
	rig_start();
	rig_run_for(640 * USEC_MS);
	rig.fakes[0].silence = 0;
	rig_run_for(10 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_int_eq(rig.is_dialled, rig.up.session_tcp);
	rig_tear_down();
}
END_TEST

START_TEST(tcp_goes_on_to_the_next_address_when_one_refuses)
{
	rig_set_up(3, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[2].is_cut = true;
	rig.sites[0].refuses = rig.sites[1].refuses = true;
	rig_start();
	rig_resolved(3);
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 3);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[2].addr));
	rig_tear_down();
}
END_TEST

START_TEST(tcp_goes_on_to_the_next_address_when_one_says_nothing)
{
	rig_set_up(2, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[0].hole = true;
	rig_start();
	rig_resolved(2);
	rig_run_for(6 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[1].addr));
	rig_tear_down();
}
END_TEST

/* ---- refusals ---- */

START_TEST(a_refused_name_waits_for_another_one)
{
	unsigned before;

	rig_set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "bob", 4);
	rig.fakes[0].accept.status = STATUS_NAME_TAKEN;
	memcpy(rig.fakes[0].accept.name, "bob-2", 6);
	rig_start();
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REFUSED), 1);
	ck_assert_uint_eq(rig_last(NEWS_REFUSED)->news.accept->status,
	    STATUS_NAME_TAKEN);
	ck_assert_str_eq(rig_last(NEWS_REFUSED)->news.accept->name, "bob-2");
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	before = rig.packets;
	rig_run_for(3600 * USEC_S);
	ck_assert_uint_eq(rig.packets, before);
	rig.fakes[0].accept.status = STATUS_OK;
	rig.fakes[0].accept.name[0] = '\0';
	memcpy(rig.up.wanted, "cid", 4);
	rig_start();
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_str_eq(rig.fakes[0].wanted, "cid");
	rig_tear_down();
}
END_TEST

START_TEST(a_full_server_is_asked_again)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.fakes[0].accept.status = STATUS_FULL;
	rig_start();
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REFUSED), 1);
	rig.fakes[0].accept.status = STATUS_OK;
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

/* A server may say what it likes: the name goes into the prompt. */
START_TEST(a_server_that_gives_what_is_no_name_is_not_believed)
{
	static const char *const names[] = { "\x1b[2J", "a b", "a\xff" "b",
		"\xe2\x80\xae" "evil", "" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		rig_set_up(1, "198.51.100.1", NULL);
		rig.fakes[0].accept.status = i & 1 ? STATUS_OK :
		    STATUS_NAME_TAKEN;
		rig.fakes[0].is_verbatim = true;
		memcpy(rig.fakes[0].accept.name, names[i],
		    strlen(names[i]) + 1);
		rig_start();
		rig_run_for(USEC_S);
		ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 0);
		if (rig_count(NEWS_REFUSED) > 0)
			ck_assert_str_eq(
			    rig_last(NEWS_REFUSED)->news.accept->name, "");
		rig_tear_down();
	}
}
END_TEST

/* ---- whom we talk to ---- */

START_TEST(a_pinned_key_is_used_whatever_a_cookie_shows)
{
	struct fake other;

	rig_set_up(1, "198.51.100.1", NULL);
	fake_init(&other, "other");
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	rig.fakes[0].shown = &other.keys;
	rig_start();
	rig_run_for(10 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_KEY_CHANGED), 0);
	rig_tear_down();
}
END_TEST

/* Nothing is ever encrypted to the key that came. */
START_TEST(a_changed_key_stops_us_after_3_s)
{
	struct fake old;

	fake_init(&old, "old");
	rig_set_up(1, "198.51.100.1", old.keys.public);
	rig_start();
	rig_run_for(3 * USEC_S - 1);
	ck_assert_uint_eq(rig_count(NEWS_KEY_CHANGED), 0);
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_KEY_CHANGED), 1);
	ck_assert_mem_eq(rig.up.other, rig.fakes[0].keys.public, KEY_LEN);
	ck_assert_uint_ge(rig.fakes[0].inits, 3);
	ck_assert_uint_eq(rig.fakes[0].rejects, rig.fakes[0].inits);
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	ck_assert_int_eq(rig.up.state, UPLINK_STOPPED);
	rig_run_for(3600 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_silent_server_with_a_pin_is_unreachable_and_no_more)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	rig.fakes[0].silence = FAKE_NO_INIT;
	rig_start();
	rig_run_for(12 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), 1);
	ck_assert_uint_eq(rig_count(NEWS_KEY_CHANGED), 0);
	rig_tear_down();
}
END_TEST

/* Somebody on the way answers faster, under a key of his own. */
START_TEST(whoever_answers_first_cannot_keep_us_from_the_pinned_key)
{
	struct fake thief;
	uint8_t hello[HELLO_LEN] = { PACKET_HELLO }, out[FAKE_PACKET];
	size_t len;

	rig_set_up(1, "198.51.100.1", NULL);
	fake_init(&thief, "thief");
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	rig_start();
	memcpy(hello + 4, rig.up.nonce, NONCE_LEN);
	len = fake_take(&thief, &rig.sites[0].addr, hello, sizeof hello, out);
	rig_hand(0, false, out, len);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

/* The right one of two addresses, whatever stands at the other. */
START_TEST(a_stranger_at_the_first_address_does_not_hide_the_second)
{
	rig_set_up(2, "server.example", NULL);
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[1].keys.public, KEY_LEN);
	rig_start();
	rig_resolved(2);
	rig_run_for(3 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[1].addr));
	rig_tear_down();
}
END_TEST

START_TEST(a_cookie_for_another_nonce_is_nothing)
{
	uint8_t hello[HELLO_LEN] = { PACKET_HELLO }, out[FAKE_PACKET];
	struct uplink before;
	size_t len;

	rig_set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = true;
	rig_start();
	len = fake_take(&rig.fakes[0], &rig.sites[0].addr, hello,
	    sizeof hello, out);
	before = rig.up;
	rig_hand(0, false, out, len);
	ck_assert_mem_eq(&before, &rig.up, sizeof before);
	rig_tear_down();
}
END_TEST

/* Whoever has read the answers of the server on their way sends them on from
 * his own address, and would be talked to from then on. */
START_TEST(an_answer_that_comes_from_elsewhere_is_nothing)
{
	const struct addr elsewhere = addr_v4(203, 0, 113, 66, 9000);
	static const uint8_t kinds[] = { PACKET_COOKIE, PACKET_ACCEPT };
	struct uplink before;
	struct flight f;

	rig_set_up(1, "198.51.100.1", NULL);
	rig_start();
	rig_run_for((_i + 1) * RTT - 1);
	ck_assert_uint_eq(rig.flight_count, 1);
	f = rig.flights[0];
	ck_assert_uint_eq(f.buf[0], kinds[_i]);
	before = rig.up;
	uplink_packet(&rig.up, &rig.self, rig.now, &elsewhere, f.buf, f.len);
	ck_assert_mem_eq(&before, &rig.up, sizeof before);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[0].addr));
	rig_tear_down();
}
END_TEST

START_TEST(every_damaged_answer_is_ignored_and_the_true_one_is_not)
{
	struct flight f;
	size_t i;

	rig_set_up(1, "198.51.100.1", NULL);
	rig_start();
	rig_run_for(2 * RTT - 1);
	ck_assert_uint_eq(rig.flight_count, 1);
	f = rig.flights[0];
	ck_assert_uint_eq(f.buf[0], PACKET_ACCEPT);
	for (i = 8; i < f.len; i++) {
		uint8_t copy[FAKE_PACKET];

		memcpy(copy, f.buf, f.len);
		copy[i] ^= 1;
		/* The server's index is not part of the handshake. */
		if (i >= 8 && i < 12)
			continue;
		rig_hand(0, false, copy, f.len);
		ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	}
	for (i = 0; i < f.len; i++) {
		rig_hand(0, false, f.buf, i);
		ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	}
	rig_run_for(RTT + 1);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

/* Which of our first 8 packets are lost. */
START_TEST(registration_survives_every_pattern_of_loss)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.mask = (uint32_t)_i;
	rig_start();
	rig_run_for(10 * USEC_S);
	/* Beats may be lost as well, and a second one begun beside it. */
	ck_assert_uint_ge(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), 0);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	ck_assert(rig.up.is_up);
	rig_tear_down();
}
END_TEST

START_TEST(a_registration_that_is_never_confirmed_is_none)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.fakes[0].silence = FAKE_NO_BEAT;
	rig_start();
	rig_run_for(11 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_UNREACHABLE), 1);
	ck_assert(!rig.up.is_up && !rig.up.has_session);
	rig.fakes[0].silence = 0;
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("uplink");
	TCase *tc = runner_case(s, "registration");

	tcase_add_test(tc, three_round_trips_register);
	tcase_add_test(tc, a_host_name_is_looked_up);
	tcase_add_test(tc, a_name_that_is_not_found_is_looked_up_again);
	tcase_add_test(tc, several_addresses_are_tried_in_turn);
	tcase_add_test(tc, a_silent_server_is_unreachable_after_10_s);
	tcase_add_test(tc, without_a_network_it_says_so_at_once);
	tcase_add_test(tc, a_way_to_one_address_is_enough);
	tcase_add_test(tc, who_cannot_ask_for_a_name_has_no_network);
	tcase_add_test(tc,
	    a_session_is_not_given_up_for_a_moment_without_network);
	tcase_add_test(tc, tcp_is_tried_600_ms_after_an_unanswered_hello);
	tcase_add_test(tc, udp_that_answers_in_time_wants_no_tcp);
	tcase_add_test(tc, a_stream_that_is_not_needed_is_closed);
	tcase_add_test(tc, tcp_goes_on_to_the_next_address_when_one_refuses);
	tcase_add_test(tc,
	    tcp_goes_on_to_the_next_address_when_one_says_nothing);
	tcase_add_loop_test(tc, registration_survives_every_pattern_of_loss,
	    0, 256);
	tcase_add_test(tc, a_registration_that_is_never_confirmed_is_none);
	tc = runner_case(s, "refusals");
	tcase_add_test(tc, a_refused_name_waits_for_another_one);
	tcase_add_test(tc, a_full_server_is_asked_again);
	tcase_add_test(tc,
	    a_server_that_gives_what_is_no_name_is_not_believed);
	tc = runner_case(s, "keys");
	tcase_add_test(tc, a_pinned_key_is_used_whatever_a_cookie_shows);
	tcase_add_test(tc, a_changed_key_stops_us_after_3_s);
	tcase_add_test(tc,
	    a_silent_server_with_a_pin_is_unreachable_and_no_more);
	tcase_add_test(tc,
	    whoever_answers_first_cannot_keep_us_from_the_pinned_key);
	tcase_add_test(tc,
	    a_stranger_at_the_first_address_does_not_hide_the_second);
	tcase_add_test(tc, a_cookie_for_another_nonce_is_nothing);
	tcase_add_loop_test(tc,
	    an_answer_that_comes_from_elsewhere_is_nothing, 0, 2);
	tcase_add_test(tc,
	    every_damaged_answer_is_ignored_and_the_true_one_is_not);
	return s;
}
