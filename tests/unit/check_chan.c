#include "pair.h"

#include "err.h"
#include "runner.h"

#include <string.h>

static struct pair_end *
end(struct pair *p, int i)
{
	return &p->end[i];
}

/* The guess of the round trip is right from the start. */
static void
init(struct pair *p, uint64_t seed)
{
	pair_init(p, seed);
	for (int i = 0; i < 2; i++) {
		chan_fini(&p->end[i].chan);
		chan_init(&p->end[i].chan, 80 * USEC_MS);
	}
}

START_TEST(lone_message_is_there_at_once_and_marked_after_the_ack_delay)
{
	struct pair p;

	init(&p, 1);
	pair_send(&p, 0, STREAM_TEXT, 1);
	pair_turn(&p);
	ck_assert(pair_step(&p, USEC_NEVER - 1));
	ck_assert_uint_eq(p.end[1].taken[STREAM_TEXT], 1);
	ck_assert_uint_eq(p.now, USEC_S + 40 * USEC_MS);
	while (p.end[0].delivered[STREAM_TEXT] == 0)
		ck_assert(pair_step(&p, USEC_NEVER - 1));
	ck_assert_uint_eq(p.now, USEC_S + 105 * USEC_MS);
	ck_assert(pair_run(&p, 2 * USEC_S));
	/* message; ack and window; ack of the window */
	ck_assert_uint_eq(p.end[0].packets, 2);
	ck_assert_uint_eq(p.end[1].packets, 1);
	pair_fini(&p);
}
END_TEST

START_TEST(idle_chan_holds_no_memory_and_waits_for_nothing)
{
	struct pair p;

	init(&p, 1);
	for (int i = 0; i < 2; i++) {
		pair_send(&p, i, STREAM_TEXT, 100);
		pair_send(&p, i, STREAM_CONTROL, 10);
	}
	ck_assert(pair_run(&p, 60 * USEC_S));
	while (pair_step(&p, 120 * USEC_S))
		continue;
	for (int i = 0; i < 2; i++) {
		const struct chan *c = &end(&p, i)->chan;

		ck_assert_uint_eq(chan_deadline(c), USEC_NEVER);
		ck_assert(!chan_wants_send(c, p.now));
		ck_assert(!chan_has_unacked(c));
		ck_assert(!chan_has_undelivered(c, STREAM_TEXT));
		ck_assert_ptr_null(c->recovery.ring);
		ck_assert_ptr_null(c->acks.seen.heap);
		for (int s = 0; s < STREAM_COUNT; s++) {
			ck_assert_ptr_null(c->streams[s].out.data.p);
			ck_assert_ptr_null(c->streams[s].out.unacked.heap);
			ck_assert_ptr_null(c->streams[s].out.lost.heap);
			ck_assert_ptr_null(c->streams[s].in.data.p);
			ck_assert_ptr_null(c->streams[s].in.have.heap);
		}
	}
	pair_fini(&p);
}
END_TEST

START_TEST(waiting_messages_share_packets)
{
	struct pair p;

	init(&p, 1);
	p.len_min = p.len_max = 64;
	pair_send(&p, 0, STREAM_TEXT, 1500);
	ck_assert(pair_run(&p, 10 * USEC_S));
	ck_assert_uint_le(p.end[0].packets, 1500 / 15);
	ck_assert_uint_le(p.end[1].packets, p.end[0].packets / 2 + 2);
	pair_fini(&p);
}
END_TEST

START_TEST(messages_of_any_length_arrive)
{
	struct pair p;

	init(&p, 1);
	p.len_min = p.len_max = MSG_MAX;
	pair_send(&p, 0, STREAM_TEXT, 3);
	pair_send(&p, 0, STREAM_CONTROL, 3);
	p.len_min = p.len_max = 1;
	ck_assert_int_eq(chan_send(&p.end[0].chan, STREAM_TEXT, "", 0, NULL),
	    E_BAD);
	p.len_min = p.len_max = MSG_MAX;
	ck_assert(pair_run(&p, 10 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(messages_that_are_too_long_are_refused)
{
	static uint8_t buf[MSG_MAX + 1];
	struct chan c;

	chan_init(&c, 0);
	ck_assert_int_eq(chan_send(&c, STREAM_TEXT, buf, 0, NULL), E_BAD);
	ck_assert_int_eq(chan_send(&c, STREAM_TEXT, buf, MSG_MAX + 1, NULL),
	    E_BAD);
	ck_assert_int_eq(chan_send(&c, STREAM_TEXT, buf, MSG_MAX, NULL), 0);
	ck_assert_int_eq(chan_send(&c, STREAM_CONTROL, buf,
	    CHAN_CONTROL_MSG_MAX + 1, NULL), E_BAD);
	ck_assert_int_eq(chan_send(&c, STREAM_CONTROL, buf,
	    CHAN_CONTROL_MSG_MAX, NULL), 0);
	chan_fini(&c);
}
END_TEST

START_TEST(sender_is_full_until_the_peer_has_taken_messages)
{
	static const uint8_t buf[MSG_MAX];
	struct pair p;
	uint64_t id;
	int err;

	init(&p, 1);
	p.len_min = p.len_max = 10000;
	pair_send(&p, 0, STREAM_TEXT, 366);
	err = chan_send(&p.end[0].chan, STREAM_TEXT, buf, 10000, &id);
	ck_assert_int_eq(err, E_FULL);
	/* The streams do not take each other's room. */
	pair_send(&p, 0, STREAM_CONTROL, 1);
	pair_turn(&p);
	while (p.end[0].delivered[STREAM_TEXT] == 0)
		ck_assert(pair_step(&p, 60 * USEC_S));
	pair_send(&p, 0, STREAM_TEXT, 1);
	ck_assert(pair_run(&p, 60 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(undelivered_messages_can_be_listed)
{
	struct chan c;
	const uint8_t *msg;
	uint64_t at = 0, id;
	size_t len;

	chan_init(&c, 0);
	ck_assert_int_eq(chan_send(&c, STREAM_TEXT, "one", 3, NULL), 0);
	ck_assert_int_eq(chan_send(&c, STREAM_TEXT, "three", 5, &id), 0);
	ck_assert_uint_eq(id, 2);
	ck_assert(chan_has_undelivered(&c, STREAM_TEXT));
	ck_assert(chan_next_undelivered(&c, STREAM_TEXT, &at, &id, &msg, &len));
	ck_assert_uint_eq(id, 1);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(msg, "one", 3);
	ck_assert(chan_next_undelivered(&c, STREAM_TEXT, &at, &id, &msg, &len));
	ck_assert_uint_eq(id, 2);
	ck_assert_mem_eq(msg, "three", 5);
	ck_assert(
	    !chan_next_undelivered(&c, STREAM_TEXT, &at, &id, &msg, &len));
	chan_fini(&c);
}
END_TEST

START_TEST(delivered_messages_are_not_listed)
{
	const uint8_t *msg;
	uint64_t at = 0, id;
	struct pair p;
	size_t len;

	init(&p, 1);
	pair_send(&p, 0, STREAM_TEXT, 5);
	ck_assert(pair_run(&p, 10 * USEC_S));
	p.path[0].loss_permille = 1000;
	pair_send(&p, 0, STREAM_TEXT, 1);
	ck_assert(!pair_run(&p, 20 * USEC_S));
	ck_assert(chan_next_undelivered(&p.end[0].chan, STREAM_TEXT, &at, &id,
	    &msg, &len));
	ck_assert_uint_eq(id, 6);
	ck_assert(!chan_next_undelivered(&p.end[0].chan, STREAM_TEXT, &at, &id,
	    &msg, &len));
	pair_fini(&p);
}
END_TEST

START_TEST(slow_application_holds_the_sender_back)
{
	const struct sendbuf *out;
	struct pair p;

	init(&p, 1);
	out = &p.end[0].chan.streams[STREAM_TEXT].out;
	p.end[1].is_slow = true;
	pair_send(&p, 0, STREAM_TEXT, 10000);
	ck_assert(!pair_run(&p, 60 * USEC_S));
	ck_assert_uint_eq(out->sent, CHAN_TEXT_WINDOW);
	ck_assert_uint_eq(out->unacked.count, 0);
	ck_assert_uint_eq(p.end[0].delivered[STREAM_TEXT], 0);
	/* Nothing is lost, so nobody asks. */
	ck_assert_uint_eq(chan_deadline(&p.end[0].chan), USEC_NEVER);
	p.end[1].is_slow = false;
	ck_assert(pair_run(&p, 120 * USEC_S));
	pair_fini(&p);
}
END_TEST

/* Builds what is to be sent, and drops it; there must be something. */
static void
drop_packets(struct chan *c, usec_t now, uint64_t *pn)
{
	uint64_t before = *pn;
	uint8_t buf[PAIR_PACKET];
	bool is_tracked;

	while (chan_wants_send(c, now) &&
	    chan_build(c, now, *pn, buf, sizeof(buf), &is_tracked) > 0)
		++*pn;
	ck_assert_uint_gt(*pn, before);
}

START_TEST(any_ack_of_what_was_taken_will_do)
{
	const uint8_t text[] = { 1, 0, 2, 1, 'x' }, ack[] = { 5, 0, 0, 0 };
	struct rd r = rd_of(text, sizeof(text));
	uint8_t buf[PAIR_PACKET];
	usec_t now = USEC_S;
	uint64_t pn = 5;
	bool is_tracked;
	struct chan c;

	chan_init(&c, 80 * USEC_MS);
	ck_assert_int_eq(chan_frame(&c, now, pn, FRAME_STREAM, &r), 0);
	chan_packet_received(&c, now, 0, true);
	chan_pop_message(&c, STREAM_TEXT);
	for (int i = 0; i < 3; i++) {
		now = chan_deadline(&c);
		chan_expire(&c, now);
		drop_packets(&c, now, &pn);
	}
	/* Of five packets with the same word, the first is acknowledged. */
	ck_assert_uint_eq(pn, 10);
	r = rd_of(ack, sizeof(ack));
	ck_assert_int_eq(chan_frame(&c, now, pn, FRAME_ACK, &r), 0);
	now = chan_deadline(&c);
	chan_expire(&c, now);
	ck_assert_uint_eq(chan_build(&c, now, pn, buf, sizeof(buf),
	    &is_tracked), 0);
	ck_assert(!chan_has_unacked(&c));
	ck_assert_uint_eq(chan_deadline(&c), USEC_NEVER);
	chan_fini(&c);
}
END_TEST

START_TEST(what_the_peer_knows_is_not_told_again)
{
	struct pair p;

	init(&p, test_seed());
	p.path[0].loss_permille = 200;
	for (int i = 0; i < 20; i++) {
		if (i == 19)
			p.path[0].loss_permille = 0;
		pair_send(&p, 0, STREAM_TEXT, 200);
		pair_send(&p, 1, STREAM_TEXT, 200);
		ck_assert(pair_run(&p, p.now + 60 * USEC_S));
	}
	ck_assert_uint_lt(p.end[0].chan.acks.seen.count, ACKS_RANGES / 2);
	ck_assert_uint_lt(p.end[1].chan.acks.seen.count, ACKS_RANGES / 2);
	pair_fini(&p);
}
END_TEST

START_TEST(faultless_path_sees_no_byte_twice)
{
	struct chan_stats stats;
	struct pair p;

	init(&p, 1);
	p.len_min = p.len_max = 1000;
	pair_send(&p, 0, STREAM_TEXT, 2000);
	ck_assert(pair_run(&p, 30 * USEC_S));
	chan_stats(&p.end[0].chan, &stats);
	ck_assert_uint_eq(stats.bytes_out, 2000 * 1002);
	ck_assert_uint_eq(stats.packets_lost, 0);
	ck_assert_uint_eq(stats.loss_permille, 0);
	ck_assert_uint_eq(stats.rtt_min, 80 * USEC_MS);
	/* 2 MB at a window of 112 KiB every 80 ms: 1.5 s and slow start */
	ck_assert_uint_le(p.now, USEC_S + 2200 * USEC_MS);
	pair_fini(&p);
}
END_TEST

START_TEST(thousand_messages_survive_30_percent_loss)
{
	usec_t sum = 0;

	for (uint64_t i = 0; i < 100; i++) {
		struct pair p;

		pair_init(&p, test_seed() + i);
		p.path[0].loss_permille = 300;
		pair_send(&p, 0, STREAM_TEXT, 1000);
		ck_assert_msg(pair_run(&p, 40 * USEC_S), "seed %#llx",
		    (unsigned long long)(test_seed() + i));
		sum += p.now - USEC_S;
		pair_fini(&p);
	}
	ck_assert_uint_le(sum / 100, 6 * USEC_S);
}
END_TEST

START_TEST(lone_messages_do_not_wait_long_at_30_percent_loss)
{
	usec_t sum = 0;

	for (uint64_t i = 0; i < 1000; i++) {
		struct pair p;

		init(&p, test_seed() + i);
		p.path[0].loss_permille = 300;
		pair_send(&p, 0, STREAM_TEXT, 1);
		pair_turn(&p);
		while (p.end[1].taken[STREAM_TEXT] == 0)
			ck_assert(pair_step(&p, 20 * USEC_S));
		sum += p.now - USEC_S;
		pair_fini(&p);
	}
	ck_assert_uint_le(sum / 1000, 200 * USEC_MS);
}
END_TEST

START_TEST(path_that_loses_70_percent_still_carries_messages)
{
	struct pair p;

	pair_init(&p, test_seed());
	p.path[0].loss_permille = 700;
	pair_send(&p, 0, STREAM_TEXT, 100);
	pair_send(&p, 1, STREAM_TEXT, 100);
	ck_assert(pair_run(&p, 600 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(outage_ends_within_the_longest_back_off)
{
	struct pair p;

	init(&p, 1);
	pair_send(&p, 0, STREAM_TEXT, 1);
	ck_assert(pair_run(&p, 10 * USEC_S));
	p.path[0].loss_permille = 1000;
	pair_send(&p, 0, STREAM_TEXT, 1);
	ck_assert(!pair_run(&p, 600 * USEC_S));
	p.path[0].loss_permille = 0;
	while (p.end[1].taken[STREAM_TEXT] < 2)
		ck_assert(pair_step(&p, p.now + 1100 * USEC_MS));
	pair_fini(&p);
}
END_TEST

/* Both ends talk, so that every kind of packet is among the first 12. */
START_TEST(every_loss_of_the_first_12_packets_is_survived)
{
	for (uint64_t mask = 0; mask < 1 << 12; mask++) {
		struct pair p;

		init(&p, 1);
		p.mask = mask;
		p.mask_len = 12;
		pair_send(&p, 0, STREAM_CONTROL, 1);
		pair_send(&p, 0, STREAM_TEXT, 100);
		pair_send(&p, 1, STREAM_TEXT, 2);
		ck_assert_msg(pair_run(&p, 20 * USEC_S), "mask %#llx",
		    (unsigned long long)mask);
		pair_fini(&p);
	}
}
END_TEST

/* Draws a world: faults, lengths, who sends how much and when. */
static void
random_world(uint64_t seed)
{
	struct pair p;

	pair_init(&p, seed);
	for (int i = 0; i < PAIR_PATHS; i++) {
		p.path[i].delay = rng_range(&p.rng, 0, 200 * USEC_MS);
		p.path[i].jitter = rng_range(&p.rng, 0, 50 * USEC_MS);
		p.path[i].loss_permille = rng_below(&p.rng, 400);
		p.path[i].twice_permille = rng_below(&p.rng, 300);
	}
	p.len_max = rng_range(&p.rng, 50, rng_below(&p.rng, 8) ? 500 : 20000);
	for (int i = 0; i < 20; i++) {
		int from = (int)rng_below(&p.rng, 2);
		struct pair_end *e = &p.end[from];
		unsigned act = rng_below(&p.rng, 8);

		if (act == 0) {
			e->path = 1 - e->path;
			chan_path_changed(&e->chan, p.now,
			    rng_range(&p.rng, 0, 200 * USEC_MS),
			    rng_below(&p.rng, 2) == 0);
		} else if (act == 1) {
			e->copies = !e->copies;
		} else if (act == 2) {
			e->is_slow = !e->is_slow;
		} else {
			pair_send(&p, from, act == 3 ? STREAM_CONTROL :
			    STREAM_TEXT, rng_below(&p.rng, 40));
		}
		pair_run(&p, p.now + rng_range(&p.rng, 0, 500 * USEC_MS));
	}
	p.end[0].is_slow = p.end[1].is_slow = false;
	ck_assert_msg(pair_run(&p, p.now + 600 * USEC_S), "seed %#llx",
	    (unsigned long long)seed);
	pair_fini(&p);
}

START_TEST(random_worlds_keep_the_promise)
{
	for (uint64_t i = 0; i < 300; i++)
		random_world(test_seed() + i);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("chan");
	TCase *calm = tcase_create("calm");
	TCase *loss = tcase_create("loss");

	tcase_add_test(calm,
	    lone_message_is_there_at_once_and_marked_after_the_ack_delay);
	tcase_add_test(calm, idle_chan_holds_no_memory_and_waits_for_nothing);
	tcase_add_test(calm, waiting_messages_share_packets);
	tcase_add_test(calm, messages_of_any_length_arrive);
	tcase_add_test(calm, messages_that_are_too_long_are_refused);
	tcase_add_test(calm, sender_is_full_until_the_peer_has_taken_messages);
	tcase_add_test(calm, undelivered_messages_can_be_listed);
	tcase_add_test(calm, delivered_messages_are_not_listed);
	tcase_add_test(calm, slow_application_holds_the_sender_back);
	tcase_add_test(calm, any_ack_of_what_was_taken_will_do);
	tcase_add_test(calm, what_the_peer_knows_is_not_told_again);
	tcase_add_test(calm, faultless_path_sees_no_byte_twice);
	suite_add_tcase(s, calm);
	tcase_set_timeout(loss, 60);
	tcase_add_test(loss, thousand_messages_survive_30_percent_loss);
	tcase_add_test(loss, lone_messages_do_not_wait_long_at_30_percent_loss);
	tcase_add_test(loss, path_that_loses_70_percent_still_carries_messages);
	tcase_add_test(loss, outage_ends_within_the_longest_back_off);
	tcase_add_test(loss, every_loss_of_the_first_12_packets_is_survived);
	tcase_add_test(loss, random_worlds_keep_the_promise);
	suite_add_tcase(s, loss);
	return s;
}
