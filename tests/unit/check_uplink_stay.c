#include "err.h"
#include "rig.h"
#include "runner.h"

#include <string.h>

/* ---- staying ---- */

START_TEST(a_heartbeat_goes_out_every_20_to_25_s)
{
	unsigned beats;

	rig_set_up_registered();
	beats = rig.fakes[0].beats;
	rig_run_for(1000 * USEC_S);
	ck_assert_uint_ge(rig.fakes[0].beats - beats, 40);
	ck_assert_uint_le(rig.fakes[0].beats - beats, 50);
	ck_assert_uint_eq(rig.told_count, 0);
	rig_tear_down();
}
END_TEST

/* What the server advertises is not always sane. */
START_TEST(no_server_makes_us_beat_all_the_time_or_never)
{
	static const uint8_t spans[][2] = { { 0, 0 }, { 0, 255 }, { 255, 255 },
		{ 255, 1 }, { 1, 1 } };
	size_t i;

	for (i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		rig_set_up(1, "198.51.100.1", NULL);
		rig.fakes[0].accept.beat_min_s = spans[i][0];
		rig.fakes[0].accept.beat_max_s = spans[i][1];
		rig_start();
		rig_run_for(600 * USEC_S);
		ck_assert_uint_ge(rig.fakes[0].beats, 10);
		ck_assert_uint_le(rig.fakes[0].beats, 121);
		rig_tear_down();
	}
}
END_TEST

START_TEST(lost_heartbeats_are_repeated_after_1_2_and_4_s)
{
	usec_t first;
	unsigned n;

	rig_set_up_registered();
	rig.sites[0].is_cut = rig.sites[0].hole = true;
	first = rig.up.beat_at;
	n = rig.packets;
	rig_run_until(first + 3 * USEC_S - 1);
	ck_assert_uint_eq(rig.packets - n, 2);
	ck_assert_uint_eq(rig.sent_at[n % 64], first);
	ck_assert_uint_eq(rig.sent_at[(n + 1) % 64], first + 1 * USEC_S);
	/* In doubt it knocks beside. */
	rig_run_for(1);
	ck_assert_int_eq(rig.up.state, UPLINK_KNOCKING);
	ck_assert(rig.up.is_up);
	rig_run_until(first + 11 * USEC_S - 1);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	rig_run_for(1);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 1);
	ck_assert(!rig.up.is_up);
	rig.sites[0].is_cut = false;
	rig_run_for(20 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_session_in_doubt_that_answers_goes_on)
{
	uint32_t index;

	rig_set_up_registered();
	index = rig.up.own_index;
	rig.fakes[0].silence = FAKE_MUTE;
	rig_run_until(rig.up.beat_at + 4 * USEC_S);
	ck_assert_int_eq(rig.up.state, UPLINK_KNOCKING);
	rig.fakes[0].silence = FAKE_NO_HELLO;
	rig_run_for(4 * USEC_S);
	ck_assert_int_eq(rig.up.state, UPLINK_IDLE);
	ck_assert_uint_eq(rig.up.own_index, index);
	rig_run_for(600 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 0);
	ck_assert(!rig.is_dialled);
	rig_tear_down();
}
END_TEST

START_TEST(a_restarted_server_is_found_again_within_30_s)
{
	usec_t at;

	rig_set_up_registered();
	rig_run_for(100 * USEC_S);
	fake_restart(&rig.fakes[0]);
	at = rig.now;
	while (rig_count(NEWS_REGISTERED) == 0) {
		rig_run_for(100 * USEC_MS);
		ck_assert_uint_le(rig.now - at, 30 * USEC_S);
	}
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	ck_assert_str_eq(rig.fakes[0].wanted, "ann");
	rig_tear_down();
}
END_TEST

START_TEST(a_goodbye_says_when_to_come_back)
{
	uint8_t out[FAKE_PACKET];
	unsigned hellos;

	rig_set_up_registered();
	hellos = rig.fakes[0].hellos;
	rig_fly(0, false, false, out, fake_goodbye(&rig.fakes[0], 7000, out));
	fake_restart(&rig.fakes[0]);
	rig_run_for(ONE_WAY);
	ck_assert_uint_eq(rig_count(NEWS_STOPPED), 1);
	ck_assert_uint_eq(rig_last(NEWS_STOPPED)->news.ms, 7000);
	ck_assert(!rig.up.is_up);
	rig_run_for(7 * USEC_S - 1);
	ck_assert_uint_eq(rig.fakes[0].hellos, hellos);
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(no_goodbye_keeps_us_away_for_more_than_a_minute)
{
	uint8_t out[FAKE_PACKET];

	rig_set_up_registered();
	rig_fly(0, false, false, out, fake_goodbye(&rig.fakes[0], UINT32_MAX,
	    out));
	rig_run_for(62 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig_tear_down();
}
END_TEST

START_TEST(keys_are_fresh_every_day)
{
	struct session_keys old;
	uint32_t index;

	rig_set_up_registered();
	old = rig.up.session.keys;
	index = rig.up.own_index;
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LEAVE, 1, "x",
	    1));
	rig_run_for(24 * 3600 * USEC_S - 2 * USEC_S);
	ck_assert_uint_eq(rig.up.own_index, index);
	rig_run_for(3601 * USEC_S);
	ck_assert_uint_ne(rig.up.own_index, index);
	ck_assert_mem_ne(old.send, rig.up.session.keys.send, KEY_LEN);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	rig_tear_down();
}
END_TEST

/* The old keys are gone, and the new ones were never confirmed. */
START_TEST(a_new_registration_that_is_not_confirmed_leaves_none)
{
	rig_set_up_registered();
	rig_run_until(rig.up.rekey_at - 1);
	rig.fakes[0].silence = FAKE_NO_BEAT;
	rig_run_for(11 * USEC_S);
	ck_assert(!rig.up.has_session);
	ck_assert(!rig.up.is_up);
	rig.fakes[0].silence = 0;
	rig_run_for(30 * USEC_S);
	ck_assert(rig.up.is_up);
	rig_tear_down();
}
END_TEST

START_TEST(doubt_asks_at_once)
{
	unsigned beats;

	rig_set_up_registered();
	rig_run_for(5 * USEC_S);
	beats = rig.fakes[0].beats;
	uplink_doubt(&rig.up, rig.now);
	rig_run_for(ONE_WAY);
	ck_assert_uint_eq(rig.fakes[0].beats, beats + 1);
	rig_tear_down();
}
END_TEST

START_TEST(another_address_seen_is_news)
{
	rig_set_up_registered();
	rig.fakes[0].accept.seen = addr_v4(192, 0, 2, 99, 1234);
	rig_run_for(26 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_SEEN), 1);
	ck_assert_uint_eq(rig.self.seen.port, 1234);
	rig_run_for(100 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_SEEN), 1);
	rig_tear_down();
}
END_TEST

/* ---- over TCP ---- */

static void
set_up_over_tcp_from(uint16_t port)
{
	rig_set_up(1, "198.51.100.1", NULL);
	rig.self.port = port;
	rig.sites[0].is_cut = true;
	rig_start();
	rig_run_for(2 * USEC_S);
	ck_assert(rig.up.is_up && rig.up.session_tcp);
	rig.told_count = 0;
}

static void
set_up_over_tcp(void)
{
	set_up_over_tcp_from(9001);
}

START_TEST(a_session_over_tcp_beats_on_its_stream)
{
	unsigned beats;

	set_up_over_tcp();
	beats = rig.fakes[0].beats;
	rig_run_for(100 * USEC_S);
	ck_assert_uint_ge(rig.fakes[0].beats - beats, 4);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_uint_eq(rig.told_count, 0);
	rig_tear_down();
}
END_TEST

/* It was dialled from the port that peers dial. */
START_TEST(the_server_sees_our_tcp_address)
{
	set_up_over_tcp();
	ck_assert_uint_eq(rig.self.seen_tcp.port, 5555);
	ck_assert(rig.self.is_tcp_only);
	rig_tear_down();
}
END_TEST

/* It was dialled from any port: that is of no use to a peer. */
START_TEST(the_port_of_a_free_stream_is_not_our_tcp_address)
{
	set_up_over_tcp_from(0);
	ck_assert_uint_eq(rig.self.seen_tcp.port, 0);
	rig_tear_down();
}
END_TEST

START_TEST(a_stream_that_ends_is_dialled_again)
{
	set_up_over_tcp();
	rig_run_for(5 * USEC_S);
	rig_stream_ends(E_IO);
	rig_run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 2);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	rig_tear_down();
}
END_TEST

START_TEST(udp_that_works_again_is_used)
{
	set_up_over_tcp();
	rig.sites[0].is_cut = false;
	rig_run_for(35 * USEC_S);
	ck_assert(rig.up.is_up && !rig.up.session_tcp);
	ck_assert(!rig.is_dialled);
	ck_assert_uint_eq(rig.self.seen.port, 9001);
	rig_run_for(100 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_LOST), 0);
	rig_tear_down();
}
END_TEST

/* A stream of a handshake that is not needed any more takes nothing along. */
START_TEST(a_stream_that_ends_in_a_handshake_leaves_the_session_alone)
{
	rig_set_up_registered();
	rig.sites[0].is_cut = true;
	rig.fakes[0].silence = FAKE_NO_INIT;
	rig_run_until(rig.up.beat_at + 3 * USEC_S + 800 * USEC_MS);
	ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	ck_assert(rig.up.is_tcp);
	rig_stream_ends(E_IO);
	rig.sites[0].is_cut = false;
	rig_run_for(4 * USEC_S);
	ck_assert(rig.up.is_up && rig.up.has_session);
	ck_assert_uint_eq(rig.told_count, rig_count(NEWS_UNREACHABLE));
	rig_tear_down();
}
END_TEST

/* ---- calls and pushes ---- */

START_TEST(a_call_is_repeated_until_it_is_answered_once)
{
	uint8_t out[FAKE_PACKET];
	const struct fake_call *call;

	rig_set_up_registered();
	rig.fakes[0].is_forgetful = true;
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LOOKUP, 77,
	    "\x03" "bob", 4));
	rig_drain();
	rig_run_for(USEC_S);
	ck_assert_uint_eq(fake_count(&rig.fakes[0], OP_LOOKUP), 3);
	call = fake_called(&rig.fakes[0], OP_LOOKUP);
	ck_assert_uint_eq(call->len, 4);
	rig_fly(0, false, false, out, fake_reply(&rig.fakes[0], call->id,
	    STATUS_OK, "yes", 3, out));
	rig_fly(0, false, false, out, fake_reply(&rig.fakes[0], call->id,
	    STATUS_GONE, "no", 2, out));
	rig_run_for(10 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 1);
	ck_assert_int_eq(rig.told[0].news.kind, NEWS_REPLY);
	ck_assert_uint_eq(rig.told[0].news.op, OP_LOOKUP);
	ck_assert_uint_eq(rig.told[0].news.tag, 77);
	ck_assert_uint_eq(rig.told[0].news.status, STATUS_OK);
	ck_assert_mem_eq(rig.told[0].body, "yes", 3);
	ck_assert_uint_eq(fake_count(&rig.fakes[0], OP_LOOKUP), 3);
	rig_tear_down();
}
END_TEST

START_TEST(a_call_made_early_leaves_with_the_registration)
{
	rig_set_up(1, "198.51.100.1", NULL);
	fake_answers(&rig.fakes[0], OP_LIST, STATUS_OK, "", 0);
	rig_start();
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 1, "", 0));
	rig_run_for(USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REPLY), 1);
	rig_tear_down();
}
END_TEST

START_TEST(a_call_survives_a_restart_of_the_server)
{
	rig_set_up_registered();
	fake_restart(&rig.fakes[0]);
	uplink_doubt(&rig.up, rig.now);
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 1, "", 0));
	fake_answers(&rig.fakes[0], OP_LIST, STATUS_OK, "", 0);
	rig_run_for(15 * USEC_S);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig_count(NEWS_REPLY), 1);
	ck_assert_uint_eq(rig_count(NEWS_CALL_FAILED), 0);
	rig_tear_down();
}
END_TEST

START_TEST(a_call_that_nobody_answers_fails_after_20_s)
{
	rig_set_up_registered();
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 5, "", 0));
	rig_run_for(20 * USEC_S - 1);
	ck_assert_uint_eq(rig.told_count, 0);
	rig_run_for(1);
	ck_assert_uint_eq(rig.told_count, 1);
	ck_assert_int_eq(rig.told[0].news.kind, NEWS_CALL_FAILED);
	ck_assert_uint_eq(rig.told[0].news.op, OP_LIST);
	ck_assert_uint_eq(rig.told[0].news.tag, 5);
	rig_tear_down();
}
END_TEST

START_TEST(a_push_is_acknowledged_and_told)
{
	uint8_t out[FAKE_PACKET];

	rig_set_up_registered();
	rig_fly(0, false, false, out, fake_push(&rig.fakes[0], PUSH_DENY,
	    "sixteen bytes...\x01", 17, out));
	rig_run_for(RTT);
	ck_assert_uint_eq(rig_count(NEWS_PUSH), 1);
	ck_assert_uint_eq(rig_last(NEWS_PUSH)->news.push, PUSH_DENY);
	ck_assert_uint_eq(rig_last(NEWS_PUSH)->news.body.len, 17);
	ck_assert_mem_eq(rig_last(NEWS_PUSH)->body, "sixteen bytes...\x01", 17);
	ck_assert_uint_eq(rig.fakes[0].acked, rig.fakes[0].pushes);
	rig_tear_down();
}
END_TEST

/* Nothing has changed, but for the room that packets are opened in. */
static void
ck_same(const struct uplink *before)
{
	static struct uplink after;

	after = rig.up;
	memcpy(after.plain, before->plain, sizeof after.plain);
	must(memcmp(before, &after, sizeof after) == 0, "something changed");
}

/* security.md P1: not a bit of the state moves. */
START_TEST(forged_packets_change_nothing)
{
	uint8_t out[FAKE_PACKET];
	struct uplink before;
	size_t len, i;

	rig_set_up_registered();
	len = fake_push(&rig.fakes[0], PUSH_DENY, "sixteen bytes...\x01", 17,
	    out);
	before = rig.up;
	for (i = 0; i < 8 * len; i++) {
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		rig_hand(0, false, out, len);
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_same(&before);
	}
	for (i = 0; i < len; i++)
		rig_hand(0, false, out, i);
	ck_same(&before);
	rig_hand(0, false, out, len);
	ck_assert_uint_eq(rig.told_count, 1);
	/* Nor does the same one again. */
	before = rig.up;
	rig_hand(0, false, out, len);
	ck_same(&before);
	ck_assert_uint_eq(rig.told_count, 1);
	rig_tear_down();
}
END_TEST

START_TEST(the_longest_call_fits_a_datagram)
{
	static const uint8_t body[DGRAM_MAX];
	size_t len;

	rig_set_up_registered();
	for (len = 1100; len <= DGRAM_MAX; len++)
		uplink_call(&rig.up, &rig.self, rig.now, OP_RESUME, len, body,
		    len);
	rig_drain();
	rig_tear_down();
}
END_TEST

/* ---- the end ---- */

START_TEST(leaving_says_goodbye_and_keeps_no_key)
{
	static const uint8_t zeros[KEY_LEN];
	unsigned n;

	rig_set_up_registered();
	uplink_stop(&rig.up, &rig.self, rig.now);
	rig_drain();
	rig_run_for(ONE_WAY);
	ck_assert_uint_eq(rig.fakes[0].goodbyes, 1);
	ck_assert(!rig.up.is_up);
	ck_assert_mem_eq(rig.up.session.keys.send, zeros, KEY_LEN);
	ck_assert_mem_eq(rig.up.session.keys.recv, zeros, KEY_LEN);
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	n = rig.packets;
	rig_run_for(100 * USEC_S);
	ck_assert_uint_eq(rig.packets, n);
	rig_tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("uplink staying");
	TCase *tc = runner_case(s, "staying");

	tcase_add_test(tc, a_heartbeat_goes_out_every_20_to_25_s);
	tcase_add_test(tc, no_server_makes_us_beat_all_the_time_or_never);
	tcase_add_test(tc, lost_heartbeats_are_repeated_after_1_2_and_4_s);
	tcase_add_test(tc, a_session_in_doubt_that_answers_goes_on);
	tcase_add_test(tc, a_restarted_server_is_found_again_within_30_s);
	tcase_add_test(tc, a_goodbye_says_when_to_come_back);
	tcase_add_test(tc, no_goodbye_keeps_us_away_for_more_than_a_minute);
	tcase_add_test(tc, keys_are_fresh_every_day);
	tcase_add_test(tc,
	    a_new_registration_that_is_not_confirmed_leaves_none);
	tcase_add_test(tc, doubt_asks_at_once);
	tcase_add_test(tc, another_address_seen_is_news);
	tc = runner_case(s, "tcp");
	tcase_add_test(tc, a_session_over_tcp_beats_on_its_stream);
	tcase_add_test(tc, the_server_sees_our_tcp_address);
	tcase_add_test(tc,
	    the_port_of_a_free_stream_is_not_our_tcp_address);
	tcase_add_test(tc, a_stream_that_ends_is_dialled_again);
	tcase_add_test(tc, udp_that_works_again_is_used);
	tcase_add_test(tc,
	    a_stream_that_ends_in_a_handshake_leaves_the_session_alone);
	tc = runner_case(s, "calls");
	tcase_add_test(tc, a_call_is_repeated_until_it_is_answered_once);
	tcase_add_test(tc, a_call_made_early_leaves_with_the_registration);
	tcase_add_test(tc, a_call_survives_a_restart_of_the_server);
	tcase_add_test(tc, a_call_that_nobody_answers_fails_after_20_s);
	tcase_add_test(tc, a_push_is_acknowledged_and_told);
	tcase_add_test(tc, forged_packets_change_nothing);
	tcase_add_test(tc, the_longest_call_fits_a_datagram);
	tc = runner_case(s, "the end");
	tcase_add_test(tc, leaving_says_goodbye_and_keeps_no_key);
	return s;
}
