#include "toy.h"

#include <stdlib.h>
#include <string.h>

enum { LISTENER = 1, STREAM = 2 };

/* The server listens, ann is connected to it. Returns the server's number of
 * the connection. */
static int
connect_to_server(struct stage *s)
{
	toy_listen(s->server, LISTENER, any_port(9000));
	toy_dial(s->ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s->w, USEC_S);
	ck_assert_uint_eq(toy_count(s->server, IN_ACCEPTED), 1);
	return toy_heard(s->server, IN_ACCEPTED, 0)->in.sock;
}

static int
dial_result(const struct toy *t, size_t i)
{
	const struct heard *h = toy_heard(t, IN_CONNECTED, i);

	ck_assert_ptr_nonnull(h);
	return h->in.err;
}

START_TEST(connection_takes_one_round_trip)
{
	struct stage s = stage_new(NULL);
	const struct heard *h;

	ck_assert_int_ge(connect_to_server(&s), ACT_ACCEPTED);
	h = toy_heard(s.ann, IN_CONNECTED, 0);
	ck_assert_int_eq(h->in.err, E_OK);
	ck_assert_uint_eq(h->at, 40 * USEC_MS + 100);
	ck_assert_uint_eq(h->in.to.port, 9001);
	h = toy_heard(s.server, IN_ACCEPTED, 0);
	ck_assert_int_eq(h->in.listener, LISTENER);
	ck_assert(addr_eq(&h->in.from, &(struct addr) { { 85, 1, 2, 1 }, 0,
	    9001, ADDR_V4 }));
	ck_assert_uint_eq(h->at, 60 * USEC_MS + 150);
	stage_free(&s);
}
END_TEST

START_TEST(closed_port_refuses_in_one_round_trip)
{
	struct stage s = stage_new(NULL);

	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_DENIED);
	ck_assert_uint_eq(toy_heard(s.ann, IN_CONNECTED, 0)->at,
	    40 * USEC_MS + 100);
	stage_free(&s);
}
END_TEST

/* 1 s four times, then 2, 4 and 8 s: Linux' tcp_syn_linear_timeouts. */
START_TEST(silence_is_given_up_after_six_more_syns)
{
	struct stage s = stage_new(NULL);

	host_silent(node_host(s.server->node), true);
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, 100 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_NONE);
	ck_assert_uint_eq(toy_heard(s.ann, IN_CONNECTED, 0)->at, 11 * USEC_S);
	stage_free(&s);
}
END_TEST

START_TEST(lost_syn_is_sent_again_after_a_second)
{
	struct stage s = stage_new(NULL);

	toy_listen(s.server, LISTENER, any_port(9000));
	router_cable(s.ann_nat)->is_cut = true;
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, USEC_S / 2);
	router_cable(s.ann_nat)->is_cut = false;
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_heard(s.ann, IN_CONNECTED, 0)->at,
	    1040 * USEC_MS + 100);
	stage_free(&s);
}
END_TEST

START_TEST(no_way_out_fails_at_once)
{
	struct stage s = stage_new(NULL);

	host_replug(node_host(s.ann->node), 0, NULL, NULL, NULL);
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, 1);
	ck_assert_int_eq(dial_result(s.ann, 0), E_NONE);
	stage_free(&s);
}
END_TEST

/* ---- both at once ---- */

/* Both listen on and dial from 9001; bob starts so much later. */
static void
open_both(struct stage *s, usec_t later)
{
	toy_listen(s->ann, LISTENER, any_port(9001));
	toy_listen(s->bob, LISTENER, any_port(9001));
	toy_dial(s->ann, STREAM, any_port(9001), bob_addr(9001));
	world_run(s->w, world_now(s->w) + later);
	toy_dial(s->bob, STREAM, any_port(9001), ann_addr(9001));
}

START_TEST(simultaneous_open_goes_through_two_strict_nats)
{
	const struct nat_conf conf = { .filter = NAT_APD };
	struct stage s = stage_new(&conf);

	open_both(&s, 0);
	world_run(s.w, USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_OK);
	ck_assert_int_eq(dial_result(s.bob, 0), E_OK);
	ck_assert_uint_eq(toy_count(s.ann, IN_ACCEPTED), 0);
	toy_write(s.ann, STREAM, "hello", 5);
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(s.bob->stream_len, 5);
	ck_assert_mem_eq(s.bob->stream, "hello", 5);
	stage_free(&s);
}
END_TEST

/* nat.md section 4: no coincidence is needed while a SYN_SENT socket waits. */
START_TEST(open_works_when_one_side_is_late)
{
	const struct nat_conf conf = { .filter = NAT_APD };
	struct stage s = stage_new(&conf);

	open_both(&s, 1500 * USEC_MS);
	world_run(s.w, 3 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_OK);
	ck_assert_int_eq(dial_result(s.bob, 0), E_OK);
	stage_free(&s);
}
END_TEST

START_TEST(socket_closed_too_early_leaves_the_other_hanging)
{
	const struct nat_conf conf = { .filter = NAT_APD };
	struct stage s = stage_new(&conf);

	toy_dial(s.ann, STREAM, any_port(9001), bob_addr(9001));
	world_run(s.w, 30 * USEC_MS);
	toy_close(s.ann, STREAM);
	host_silent(node_host(s.ann->node), true);
	toy_dial(s.bob, STREAM, any_port(9001), ann_addr(9001));
	world_run(s.w, 2500 * USEC_MS);
	ck_assert_uint_eq(toy_count(s.bob, IN_CONNECTED), 0);
	stage_free(&s);
}
END_TEST

/* The laboratory: gaps below the one-way delay (40 ms) work, larger ones
 * fail, where NATs answer with resets. */
static const struct gap_row {
	usec_t gap;
	int result;
} gap_rows[] = {
	{ 0, E_OK },
	{ 15 * USEC_MS, E_OK },
	{ 39 * USEC_MS, E_OK },
	{ 45 * USEC_MS, E_DENIED },
	{ 100 * USEC_MS, E_DENIED },
};

START_TEST(resetting_nats_need_a_start_within_the_one_way_delay)
{
	const struct nat_conf conf = { .filter = NAT_APD,
		.stray = NAT_STRAY_RST };
	struct stage s = stage_new(&conf);

	open_both(&s, gap_rows[_i].gap);
	world_run(s.w, 3 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), gap_rows[_i].result);
	ck_assert_int_eq(dial_result(s.bob, 0), gap_rows[_i].result);
	stage_free(&s);
}
END_TEST

START_TEST(fast_retries_get_through_resetting_nats)
{
	const struct nat_conf conf = { .filter = NAT_APD,
		.stray = NAT_STRAY_RST };
	struct stage s = stage_new(&conf);
	struct toy *side[] = { s.ann, s.bob };
	struct addr to[] = { bob_addr(9001), ann_addr(9001) };
	size_t tries = 0;

	open_both(&s, 200 * USEC_MS);
	while (tries++ < 60) {
		usec_t pause = rng_range(world_rng(s.w), 10 * USEC_MS,
		    100 * USEC_MS);

		world_run(s.w, world_now(s.w) + pause);
		for (int i = 0; i < 2; i++) {
			size_t n = toy_count(side[i], IN_CONNECTED);

			if (n > 0 && dial_result(side[i], n - 1) == E_DENIED &&
			    side[i]->expired < n) {
				side[i]->expired = (unsigned)n;
				toy_dial(side[i], STREAM, any_port(9001),
				    to[i]);
			}
		}
	}
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(dial_result(side[i],
		    toy_count(side[i], IN_CONNECTED) - 1), E_OK);
	stage_free(&s);
}
END_TEST

/* Ford, Srisuresh and Kegel, section 4.3. */
START_TEST(other_stacks_give_the_syn_to_the_listener)
{
	const struct nat_conf conf = { .filter = NAT_APD };
	struct stage s = stage_new(&conf);

	host_syn_to_listener(node_host(s.ann->node), true);
	open_both(&s, 100 * USEC_MS);
	world_run(s.w, 3 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_TAKEN);
	ck_assert_uint_eq(toy_count(s.ann, IN_ACCEPTED), 1);
	ck_assert_int_eq(dial_result(s.bob, 0), E_OK);
	stage_free(&s);
}
END_TEST

/* ---- the stream ---- */

START_TEST(stream_arrives_whole_and_in_order_over_a_bad_link)
{
	struct stage s = stage_new(NULL);
	uint8_t bytes[100000];
	struct cable *cable = router_cable(s.ann_nat);
	size_t at = 0;

	connect_to_server(&s);
	cable->loss = 20 * PER_CENT;
	cable->dup = cable->reorder = 10 * PER_CENT;
	rng_fill(world_rng(s.w), bytes, sizeof bytes);
	while (at < sizeof bytes) {
		size_t len = rng_range(world_rng(s.w), 1, 5000);

		len = len < sizeof bytes - at ? len : sizeof bytes - at;
		toy_write(s.ann, STREAM, bytes + at, len);
		at += len;
		world_run(s.w, world_now(s.w) + 20 * USEC_MS);
	}
	world_run(s.w, 600 * USEC_S);
	ck_assert_uint_eq(s.server->stream_len, sizeof bytes);
	ck_assert_mem_eq(s.server->stream, bytes, sizeof bytes);
	stage_free(&s);
}
END_TEST

START_TEST(both_ways_at_once)
{
	struct stage s = stage_new(NULL);
	int sock = connect_to_server(&s);

	for (int i = 0; i < 50; i++) {
		toy_write(s.ann, STREAM, "0123456789", 10);
		toy_write(s.server, sock, "abcde", 5);
		world_run(s.w, world_now(s.w) + 7 * USEC_MS);
	}
	world_run(s.w, 10 * USEC_S);
	ck_assert_uint_eq(s.server->stream_len, 500);
	ck_assert_uint_eq(s.ann->stream_len, 250);
	stage_free(&s);
}
END_TEST

/* act.h: with more than ACT_WRITE_QUEUE bytes unsent a frame is dropped. */
START_TEST(full_queue_drops_whole_frames)
{
	static uint8_t frame[16384];
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	router_cable(s.ann_nat)->is_cut = true;
	for (int i = 0; i < 100; i++)
		toy_write(s.ann, STREAM, frame, sizeof frame);
	router_cable(s.ann_nat)->is_cut = false;
	world_run(s.w, 60 * USEC_S);
	ck_assert_uint_eq(s.server->stream_len % sizeof frame, 0);
	ck_assert_uint_eq(s.server->stream_len, 13 * sizeof frame);
	stage_free(&s);
}
END_TEST

START_TEST(close_delivers_the_rest_first)
{
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	toy_write(s.ann, STREAM, "last words", 10);
	toy_close(s.ann, STREAM);
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(s.server->stream_len, 10);
	ck_assert_uint_eq(toy_count(s.server, IN_CLOSED), 1);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_OK);
	ck_assert_uint_eq(toy_count(s.ann, IN_CLOSED), 0);
	stage_free(&s);
}
END_TEST

START_TEST(cut_resets_the_other_end)
{
	struct stage s = stage_new(NULL);
	struct act act = { .kind = ACT_CLOSE, .sock = STREAM, .is_cut = true };

	connect_to_server(&s);
	toy_do(s.ann, &act);
	world_run(s.w, 2 * USEC_S);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_DENIED);
	stage_free(&s);
}
END_TEST

START_TEST(closed_socket_is_not_heard_of_again)
{
	struct stage s = stage_new(NULL);
	int sock = connect_to_server(&s);

	toy_write(s.server, sock, "too late", 8);
	toy_close(s.ann, STREAM);
	world_run(s.w, 5 * USEC_S);
	ck_assert_uint_eq(s.ann->stream_len, 0);
	ck_assert_uint_eq(toy_count(s.ann, IN_CLOSED), 0);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_OK);
	stage_free(&s);
}
END_TEST

/* ---- ends that nobody planned ---- */

START_TEST(exit_of_a_program_closes_its_streams)
{
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	node_stop(s.ann->node, NODE_EXITS);
	world_run(s.w, 2 * USEC_S);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_OK);
	stage_free(&s);
}
END_TEST

START_TEST(power_cut_leaves_the_other_end_open)
{
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	node_stop(s.ann->node, NODE_POWER);
	world_run(s.w, 100 * USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_CLOSED), 0);
	toy_write(s.server, toy_heard(s.server, IN_ACCEPTED, 0)->in.sock,
	    "hello", 5);
	world_run(s.w, 101 * USEC_S);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_DENIED);
	stage_free(&s);
}
END_TEST

/* RFC 9293 section 3.5.1: the old connection answers the new SYN, is reset,
 * and the repeated SYN gets through. */
START_TEST(restarted_machine_recovers_the_same_ports)
{
	struct stage s = stage_new(NULL);
	struct toy *again;

	connect_to_server(&s);
	node_stop(s.ann->node, NODE_POWER);
	again = toy_new(s.w, node_host(s.ann->node), "ann");
	toy_dial(again, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, 5 * USEC_S);
	ck_assert_int_eq(dial_result(again, 0), E_OK);
	ck_assert_uint_eq(toy_heard(again, IN_CONNECTED, 0)->at,
	    2040 * USEC_MS + 100);
	ck_assert_int_eq(toy_heard(s.server, IN_CLOSED, 0)->in.err, E_DENIED);
	ck_assert_uint_eq(toy_count(s.server, IN_ACCEPTED), 2);
	toy_free(again);
	stage_free(&s);
}
END_TEST

START_TEST(dead_path_ends_in_a_timeout)
{
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	router_cable(s.ann_nat)->is_cut = true;
	toy_write(s.ann, STREAM, "hello", 5);
	world_run(s.w, 3600 * USEC_S);
	ck_assert_int_eq(toy_heard(s.ann, IN_CLOSED, 0)->in.err, E_NONE);
	stage_free(&s);
}
END_TEST

/* ---- ports ---- */

START_TEST(one_node_may_listen_and_dial_on_one_port)
{
	struct stage s = stage_new(NULL);
	struct toy *other = toy_new(s.w, node_host(s.ann->node), "other");

	toy_listen(s.server, LISTENER, any_port(9000));
	toy_listen(s.ann, LISTENER, any_port(9001));
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	toy_listen(other, LISTENER, any_port(9001));
	toy_dial(other, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 0), E_OK);
	ck_assert_int_eq(dial_result(other, 0), E_TAKEN);
	ck_assert_int_eq(toy_heard(other, IN_OPENED, 0)->in.err, E_TAKEN);
	toy_free(other);
	stage_free(&s);
}
END_TEST

START_TEST(same_ports_are_taken_for_a_minute_after_a_close)
{
	struct stage s = stage_new(NULL);

	connect_to_server(&s);
	toy_close(s.ann, STREAM);
	world_run(s.w, 10 * USEC_S);
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, 11 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 1), E_TAKEN);
	world_run(s.w, 65 * USEC_S);
	toy_dial(s.ann, STREAM, any_port(9001), server_addr(9000));
	world_run(s.w, 70 * USEC_S);
	ck_assert_int_eq(dial_result(s.ann, 2), E_OK);
	stage_free(&s);
}
END_TEST

static void
add_opening_cases(Suite *s)
{
	TCase *t = tcase_create("opening");

	tcase_add_test(t, connection_takes_one_round_trip);
	tcase_add_test(t, closed_port_refuses_in_one_round_trip);
	tcase_add_test(t, silence_is_given_up_after_six_more_syns);
	tcase_add_test(t, lost_syn_is_sent_again_after_a_second);
	tcase_add_test(t, no_way_out_fails_at_once);
	suite_add_tcase(s, t);
	t = tcase_create("both at once");
	tcase_add_test(t, simultaneous_open_goes_through_two_strict_nats);
	tcase_add_test(t, open_works_when_one_side_is_late);
	tcase_add_test(t, socket_closed_too_early_leaves_the_other_hanging);
	tcase_add_loop_test(t,
	    resetting_nats_need_a_start_within_the_one_way_delay, 0, 5);
	tcase_add_test(t, fast_retries_get_through_resetting_nats);
	tcase_add_test(t, other_stacks_give_the_syn_to_the_listener);
	suite_add_tcase(s, t);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("tcp");
	TCase *t = tcase_create("stream");

	add_opening_cases(s);
	tcase_add_test(t, stream_arrives_whole_and_in_order_over_a_bad_link);
	tcase_add_test(t, both_ways_at_once);
	tcase_add_test(t, full_queue_drops_whole_frames);
	tcase_add_test(t, close_delivers_the_rest_first);
	tcase_add_test(t, cut_resets_the_other_end);
	tcase_add_test(t, closed_socket_is_not_heard_of_again);
	suite_add_tcase(s, t);
	t = tcase_create("ends");
	tcase_add_test(t, exit_of_a_program_closes_its_streams);
	tcase_add_test(t, power_cut_leaves_the_other_end_open);
	tcase_add_test(t, restarted_machine_recovers_the_same_ports);
	tcase_add_test(t, dead_path_ends_in_a_timeout);
	suite_add_tcase(s, t);
	t = tcase_create("ports");
	tcase_add_test(t, one_node_may_listen_and_dial_on_one_port);
	tcase_add_test(t, same_ports_are_taken_for_a_minute_after_a_close);
	suite_add_tcase(s, t);
	return s;
}
