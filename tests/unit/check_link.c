#include "err.h"
#include "link.h"
#include "runner.h"

#include <string.h>

enum { WIRE_MAX = 4096 };

/* Two ends, and a wire of 20 ms between them that a test can cut. */
struct end {
	struct self self;
	struct uplink up;
	struct link link;
	struct addr addr;
	struct keypair keys;
	uint64_t got;          /* messages */
	uint64_t marks;        /* delivered */
	bool is_wrong;         /* a message was not the next one */
};

struct flight {
	usec_t at;
	int to;
	struct addr from;
	size_t len;
	uint8_t buf[DGRAM_MAX];
};

struct rig {
	struct end ends[2];
	usec_t now;
	bool is_cut;
	uint64_t forge;        /* every so many-th packet comes damaged too */
	uint64_t sent, sent_bytes[2];
	struct rng rng;
	struct flight wire[WIRE_MAX];
	size_t wire_count;
};

static struct rig rig;

static void
handshake(struct noise *a, struct noise *b)
{
	uint8_t msg[256], none[1];
	size_t len, got;

	ck_assert_int_eq(noise_init(a, NOISE_IK, true, "t", 1,
	    &rig.ends[0].keys, rig.ends[1].keys.public), E_OK);
	ck_assert_int_eq(noise_init(b, NOISE_IK, false, "t", 1,
	    &rig.ends[1].keys, NULL), E_OK);
	ck_assert_int_eq(noise_write(a, &rig.rng, NULL, 0, msg, sizeof msg,
	    &len), E_OK);
	ck_assert_int_eq(noise_read(b, msg, len, none, 1, &got), E_OK);
	ck_assert_int_eq(noise_write(b, &rig.rng, NULL, 0, msg, sizeof msg,
	    &len), E_OK);
	ck_assert_int_eq(noise_read(a, msg, len, none, 1, &got), E_OK);
}

static void
set_up(void)
{
	struct noise a, b;
	int i;

	memset(&rig, 0, sizeof rig);
	rig.now = 1000 * USEC_S;
	rng_init_test(&rig.rng, test_seed(), "link");
	for (i = 0; i < 2; i++) {
		struct end *e = &rig.ends[i];

		ck_assert(outbox_init(&e->self.out, 1024, 1024 * 1024));
		rng_init_test(&e->self.rng, test_seed() + 1, i ? "b" : "a");
		e->self.is_open[SOCK_UDP4] = true;
		e->addr = addr_v4(192, 0, 2, (uint8_t)(1 + i), 9001);
		keypair_make(&e->keys, &rig.rng);
		link_init(&e->link);
	}
	handshake(&a, &b);
	link_open(&rig.ends[0].link, &a, true, 10, 20, rig.now);
	link_open(&rig.ends[1].link, &b, false, 20, 10, rig.now);
}

static void
tear_down(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		link_fini(&rig.ends[i].link);
		outbox_fini(&rig.ends[i].self.out);
	}
}

static void
drain(int i)
{
	struct end *e = &rig.ends[i];
	struct act act;

	while (outbox_next(&e->self.out, &act)) {
		struct flight *f = &rig.wire[rig.wire_count];

		ck_assert_int_eq(act.kind, ACT_SEND);
		ck_assert_uint_le(act.len, LINK_PACKET_MAX);
		rig.sent++;
		rig.sent_bytes[i] += act.len;
		if (rig.is_cut ||
		    !addr_eq(&act.to, &rig.ends[!i].addr))
			continue;
		ck_assert_uint_lt(rig.wire_count, WIRE_MAX - 1);
		f->at = rig.now + 20 * USEC_MS;
		f->to = !i;
		f->from = e->addr;
		f->len = act.len;
		memcpy(f->buf, act.buf, act.len);
		rig.wire_count++;
		if (rig.forge != 0 && rig.sent % rig.forge == 0) {
			rig.wire[rig.wire_count] = *f;
			rig.wire[rig.wire_count].buf[act.len - 1] ^= 1;
			rig.wire_count++;
		}
	}
}

static void
read_messages(struct end *e)
{
	const uint8_t *msg;
	uint64_t id;
	size_t len;

	while (chan_next_message(&e->link.chan, STREAM_TEXT, &msg, &len)) {
		struct rd r = rd_of(msg, len);

		e->is_wrong |= get_u64(&r) != e->got;
		e->got++;
		chan_pop_message(&e->link.chan, STREAM_TEXT);
	}
	while (chan_next_delivered(&e->link.chan, STREAM_TEXT, &id))
		e->marks++;
}

static void
attend(int i)
{
	struct end *e = &rig.ends[i];

	read_messages(e);
	link_flush(&e->link, &e->self, &e->up, rig.now);
	drain(i);
}

static void
land(void)
{
	struct flight f = rig.wire[0];
	struct end *e = &rig.ends[f.to];

	rig.wire_count--;
	memmove(rig.wire, rig.wire + 1, rig.wire_count * sizeof f);
	link_input(&e->link, &e->self, &e->up, rig.now, TRANSPORT_UDP, -1,
	    &f.from, f.buf, f.len);
	attend(f.to);
}

static void
run_for(usec_t span)
{
	usec_t end = rig.now + span;

	for (;;) {
		usec_t at = end;
		int i;

		for (i = 0; i < 2; i++)
			at = usec_min(at, link_deadline(&rig.ends[i].link));
		if (rig.wire_count > 0)
			at = usec_min(at, rig.wire[0].at);
		if (at >= end)
			break;
		rig.now = at > rig.now ? at : rig.now;
		while (rig.wire_count > 0 && rig.wire[0].at <= rig.now)
			land();
		for (i = 0; i < 2; i++)
			if (link_deadline(&rig.ends[i].link) <= rig.now) {
				link_expire(&rig.ends[i].link,
				    &rig.ends[i].self, &rig.ends[i].up,
				    rig.now);
				attend(i);
			}
	}
	rig.now = end;
}

static void
ping(int i)
{
	struct end *e = &rig.ends[i];
	struct path *path = paths_add(&e->link.paths, rig.now, TRANSPORT_UDP,
	    CAND_SEEN, -1, &rig.ends[!i].addr, NULL);

	link_ping(&e->link, &e->self, &e->up, rig.now, path, 0);
	drain(i);
}

static void
say(int i, unsigned count)
{
	static uint64_t next[2];
	struct end *e = &rig.ends[i];

	if (e->marks == 0 && e->link.text_at == 0)
		next[i] = 0;
	for (; count > 0; count--) {
		uint8_t msg[8];
		struct wr w = wr_of(msg, sizeof msg);

		put_u64(&w, next[i]++);
		ck_assert_int_eq(link_text(&e->link, &e->self, &e->up,
		    rig.now, msg, sizeof msg, NULL), E_OK);
	}
	attend(i);
}

START_TEST(one_probe_proves_the_path_to_both_in_three_halves_of_a_round_trip)
{
	set_up();
	ping(0);
	run_for(41 * USEC_MS);
	ck_assert_ptr_nonnull(rig.ends[0].link.use);
	run_for(20 * USEC_MS);
	ck_assert_ptr_nonnull(rig.ends[1].link.use);
	tear_down();
}
END_TEST

/* No path was kept for the question. */
START_TEST(a_guess_that_is_answered_proves_the_path_as_soon)
{
	struct end *e = &rig.ends[0];

	set_up();
	link_probe(&e->link, &e->self, rig.now, -1, &rig.ends[1].addr, 0);
	ck_assert_ptr_null(paths_find(&e->link.paths, TRANSPORT_UDP, -1,
	    &rig.ends[1].addr));
	drain(0);
	run_for(41 * USEC_MS);
	ck_assert_ptr_nonnull(e->link.use);
	ck_assert_uint_eq(e->link.use->rtt_us, 40 * USEC_MS);
	run_for(20 * USEC_MS);
	ck_assert_ptr_nonnull(rig.ends[1].link.use);
	tear_down();
}
END_TEST

START_TEST(a_guess_is_answered_from_its_own_port_and_once)
{
	static struct guesses g;
	usec_t at = 0;
	uint64_t i;

	guesses_note(&g, 7, 99, 5000);
	ck_assert(!guesses_take(&g, 99, 5001, &at));
	ck_assert(!guesses_take(&g, 98, 5000, &at));
	ck_assert(!guesses_take(&g, 0, 0, &at));
	ck_assert(guesses_take(&g, 99, 5000, &at));
	ck_assert_uint_eq(at, 7);
	ck_assert(!guesses_take(&g, 99, 5000, &at));
	/* The oldest is forgotten. */
	for (i = 1; i <= GUESSES_MAX + 1; i++)
		guesses_note(&g, i, i, 5000);
	ck_assert(!guesses_take(&g, 1, 5000, &at));
	ck_assert(guesses_take(&g, 2, 5000, &at));
}
END_TEST

START_TEST(text_waits_for_a_path_and_then_flows)
{
	set_up();
	say(0, 10);
	say(1, 5);
	run_for(5 * USEC_S);
	ck_assert_uint_eq(rig.ends[1].got, 0);
	ping(0);
	run_for(USEC_S);
	ck_assert_uint_eq(rig.ends[1].got, 10);
	ck_assert_uint_eq(rig.ends[0].got, 5);
	ck_assert_uint_eq(rig.ends[0].marks, 10);
	ck_assert_uint_eq(rig.ends[1].marks, 5);
	ck_assert(!rig.ends[0].is_wrong && !rig.ends[1].is_wrong);
	tear_down();
}
END_TEST

START_TEST(whoever_allowed_says_nothing_before_the_asker_has_proved_itself)
{
	struct addr *to = &rig.ends[0].addr;
	struct path *path;

	set_up();
	say(1, 5);
	/* A path would be there, but nothing was heard from the asker. */
	path = paths_add(&rig.ends[1].link.paths, rig.now, TRANSPORT_UDP,
	    CAND_SEEN, -1, to, NULL);
	path->state = PATH_VALID;
	path->proved_at = rig.now;
	attend(1);
	run_for(USEC_S);
	ck_assert_uint_eq(rig.ends[0].got, 0);
	ping(0);
	run_for(USEC_S);
	ck_assert_uint_eq(rig.ends[0].got, 5);
	tear_down();
}
END_TEST

START_TEST(a_cut_of_30_s_loses_and_doubles_nothing)
{
	set_up();
	ping(0);
	run_for(USEC_S);
	rig.is_cut = true;
	say(0, 100);
	run_for(30 * USEC_S);
	ck_assert_uint_eq(rig.ends[1].got, 0);
	ck_assert_ptr_null(rig.ends[0].link.use);
	ck_assert(rig.ends[0].link.wants_resume);
	rig.is_cut = false;
	run_for(10 * USEC_S);
	ck_assert_uint_eq(rig.ends[1].got, 100);
	ck_assert_uint_eq(rig.ends[0].marks, 100);
	ck_assert(!rig.ends[1].is_wrong);
	tear_down();
}
END_TEST

START_TEST(an_active_path_is_given_up_within_7_s)
{
	usec_t cut_at;

	set_up();
	ping(0);
	run_for(USEC_S);
	say(0, 1);
	run_for(USEC_S);
	rig.is_cut = true;
	cut_at = rig.now;
	say(0, 1);
	while (rig.ends[0].link.use != NULL) {
		run_for(10 * USEC_MS);
		ck_assert_uint_le(rig.now - cut_at, 7 * USEC_S);
	}
	tear_down();
}
END_TEST

/* A minute from when it was given up, however long before it was used. */
START_TEST(a_lost_path_is_sought_for_a_minute)
{
	usec_t lost = 0;
	int i;

	set_up();
	ping(0);
	run_for(60 * USEC_S);
	rig.is_cut = true;
	for (i = 0; i < 60 && lost == 0; i++) {
		run_for(USEC_S);
		if (rig.ends[0].link.use == NULL &&
		    rig.ends[1].link.use == NULL)
			lost = rig.now;
	}
	ck_assert_uint_ne(lost, 0);
	run_for(50 * USEC_S);
	rig.is_cut = false;
	run_for(3 * USEC_S);
	ck_assert_ptr_nonnull(rig.ends[0].link.use);
	ck_assert_ptr_nonnull(rig.ends[1].link.use);
	tear_down();
}
END_TEST

/* Ping, pong with a ping of their own: the pong to that is lost. */
START_TEST(a_lost_answer_leaves_nobody_without_a_path)
{
	set_up();
	ping(0);
	run_for(30 * USEC_MS);
	rig.is_cut = true;
	run_for(20 * USEC_MS);
	rig.is_cut = false;
	ck_assert_ptr_nonnull(rig.ends[0].link.use);
	ck_assert_ptr_null(rig.ends[1].link.use);
	run_for(USEC_S);
	ck_assert_ptr_nonnull(rig.ends[1].link.use);
	tear_down();
}
END_TEST

/* Whoever is heard once and never again, perhaps under an address that is not
 * his own, gets no more than three times of what he sent. */
START_TEST(an_address_that_does_not_answer_gets_little)
{
	set_up();
	ping(0);
	rig.is_cut = true;
	rig.sent_bytes[1] = 0;
	run_for(60 * USEC_S);
	ck_assert_uint_gt(rig.sent_bytes[1], 0);
	ck_assert_uint_le(rig.sent_bytes[1], 3 * (SESSION_OVERHEAD + 9));
	tear_down();
}
END_TEST

START_TEST(forged_packets_change_nothing)
{
	set_up();
	rig.forge = 2;
	ping(0);
	say(0, 500);
	run_for(20 * USEC_S);
	ck_assert_uint_eq(rig.ends[1].got, 500);
	ck_assert(!rig.ends[1].is_wrong);
	ck_assert(!rig.ends[1].link.is_closed && !rig.ends[0].link.is_closed);
	tear_down();
}
END_TEST

START_TEST(a_rekey_in_full_flow_loses_nothing)
{
	struct noise a, b;
	uint64_t pn;

	set_up();
	ping(0);
	run_for(USEC_S);
	say(0, 200);
	say(1, 200);
	run_for(25 * USEC_MS);
	handshake(&a, &b);
	pn = rig.ends[1].link.next_pn;
	/* The answering side has the keys first, and goes on under the old. */
	link_rekey_receive(&rig.ends[1].link, &b, 21, 11, rig.now);
	say(1, 10);
	run_for(25 * USEC_MS);
	link_rekey(&rig.ends[0].link, &a, 11, 21, rig.now);
	say(0, 10);
	run_for(20 * USEC_S);
	ck_assert_uint_eq(rig.ends[0].got, 210);
	ck_assert_uint_eq(rig.ends[1].got, 210);
	ck_assert(!rig.ends[0].is_wrong && !rig.ends[1].is_wrong);
	ck_assert_uint_eq(rig.ends[1].link.index, 21);
	ck_assert_uint_gt(rig.ends[1].link.next_pn, pn);
	/* The old keys are gone. */
	ck_assert(!link_has_index(&rig.ends[0].link, 10));
	ck_assert(!link_has_index(&rig.ends[1].link, 20));
	tear_down();
}
END_TEST

START_TEST(a_close_ends_it_on_the_other_side)
{
	set_up();
	ping(0);
	run_for(USEC_S);
	link_close(&rig.ends[0].link, &rig.ends[0].self, &rig.ends[0].up,
	    rig.now, REASON_CLOSED);
	drain(0);
	run_for(30 * USEC_MS);
	ck_assert(rig.ends[1].link.is_closed);
	ck_assert_int_eq(rig.ends[1].link.closed_by, REASON_CLOSED);
	tear_down();
}
END_TEST

START_TEST(an_idle_link_is_quiet)
{
	uint64_t before;

	set_up();
	ping(0);
	say(0, 1);
	run_for(60 * USEC_S);
	before = rig.sent;
	run_for(600 * USEC_S);
	/* Each side asks every 20 to 25 s, and is answered. */
	ck_assert_uint_le(rig.sent - before, 2 * 2 * 600 / 20);
	ck_assert_uint_ge(rig.sent - before, 2 * 2 * 600 / 26);
	tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("link");
	TCase *tc = tcase_create("paths");

	tcase_add_test(tc,
	    one_probe_proves_the_path_to_both_in_three_halves_of_a_round_trip);
	tcase_add_test(tc, an_active_path_is_given_up_within_7_s);
	tcase_add_test(tc, a_lost_path_is_sought_for_a_minute);
	tcase_add_test(tc, a_lost_answer_leaves_nobody_without_a_path);
	tcase_add_test(tc, an_address_that_does_not_answer_gets_little);
	tcase_add_test(tc, an_idle_link_is_quiet);
	suite_add_tcase(s, tc);
	tc = tcase_create("messages");
	tcase_add_test(tc,
	    a_guess_that_is_answered_proves_the_path_as_soon);
	tcase_add_test(tc, a_guess_is_answered_from_its_own_port_and_once);
	tcase_add_test(tc, text_waits_for_a_path_and_then_flows);
	tcase_add_test(tc,
	    whoever_allowed_says_nothing_before_the_asker_has_proved_itself);
	tcase_add_test(tc, a_cut_of_30_s_loses_and_doubles_nothing);
	tcase_add_test(tc, forged_packets_change_nothing);
	tcase_add_test(tc, a_rekey_in_full_flow_loses_nothing);
	tcase_add_test(tc, a_close_ends_it_on_the_other_side);
	suite_add_tcase(s, tc);
	return s;
}
