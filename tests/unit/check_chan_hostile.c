#include "chan.h"

#include "err.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

/* What a peer may try (security.md M7, M8). The chan under attack has sent
 * packet 3, "\3one\5three" on the text stream; numbers up to 9 are used. */

enum { NEXT_PN = 10 };

static void
init(struct chan *c)
{
	uint8_t buf[256];
	bool is_tracked;

	chan_init(c, 80000);
	ck_assert_int_eq(chan_send(c, STREAM_TEXT, "one", 3, NULL), 0);
	ck_assert_int_eq(chan_send(c, STREAM_TEXT, "three", 5, NULL), 0);
	ck_assert_uint_gt(chan_build(c, 1000, 3, buf, sizeof(buf),
	    &is_tracked), 0);
	ck_assert(is_tracked);
}

static int
take(struct chan *c, uint8_t type, const uint8_t *body, size_t len)
{
	struct rd r = rd_of(body, len);
	int err = chan_frame(c, 2000, NEXT_PN, type, &r);

	/* A passed assertion costs a write to a file: none in long loops. */
	if (err == 0 && r.len > 0)
		ck_abort_msg("%zu bytes of the frame are left", r.len);
	return err;
}

static const struct frame_row {
	const char *name;
	uint8_t type;
	const char *hex;
	int err;
} frame_rows[] = {
	{ "ack of our packet", FRAME_ACK, "03 00 00 00", 0 },
	{ "ack of all", FRAME_ACK, "09 00 00 09", 0 },
	{ "ack of what others sent", FRAME_ACK, "09 00 00 00", 0 },
	{ "ack of two ranges", FRAME_ACK, "09 00 01 00 00 00", 0 },
	{ "ack with a delay of an hour", FRAME_ACK,
	    "03 c0000000d693a400 00 00", 0 },
	{ "ack of what was never sent", FRAME_ACK, "0a 00 00 00", E_BAD },
	{ "ack of the far future", FRAME_ACK, "ffffffffffffffff 00 00 00",
	    E_BAD },
	{ "ack from below 0", FRAME_ACK, "03 00 00 04", E_BAD },
	{ "ack of everything there is", FRAME_ACK,
	    "09 00 00 ffffffffffffffff", E_BAD },
	{ "ack with a gap below 0", FRAME_ACK, "03 00 01 00 02 00", E_BAD },
	{ "ack with a range below 0", FRAME_ACK, "03 00 01 00 01 01", E_BAD },
	{ "ack with a gap that wraps", FRAME_ACK,
	    "03 00 01 00 ffffffffffffffff 00", E_BAD },
	{ "ack with fewer ranges than it says", FRAME_ACK, "03 00 02 00 00 00",
	    E_BAD },
	{ "ack with no end of ranges", FRAME_ACK, "03 00 ffffffffffffffff 00",
	    E_BAD },
	{ "window that takes nothing", FRAME_WINDOW, "01 00 8001c000", 0 },
	{ "window that takes a message", FRAME_WINDOW, "01 04 8001c004", 0 },
	{ "window that takes all", FRAME_WINDOW, "01 0a 8001c00a", 0 },
	{ "window that shrinks", FRAME_WINDOW, "01 04 05", 0 },
	{ "window that takes half a message", FRAME_WINDOW, "01 03 8001c003",
	    E_BAD },
	{ "window that takes what was never sent", FRAME_WINDOW,
	    "01 0b 8001c00b", E_BAD },
	{ "window on a silent stream", FRAME_WINDOW, "00 01 8001c001", E_BAD },
	{ "window below what was taken", FRAME_WINDOW, "01 04 03", E_BAD },
	{ "window of no stream", FRAME_WINDOW, "02 00 8001c000", E_BAD },
	{ "window of a far stream", FRAME_WINDOW, "ffffffffffffffff 00 00",
	    E_BAD },
	{ "stream", FRAME_STREAM, "01 00 04 036f6e65", 0 },
	{ "stream in the middle", FRAME_STREAM, "01 10 01 00", 0 },
	{ "stream up to the window", FRAME_STREAM, "01 8001bfff 01 00", 0 },
	{ "stream beyond the window", FRAME_STREAM, "01 8001bfff 02 0000",
	    E_BAD },
	{ "control beyond its window", FRAME_STREAM, "00 7800 01 00", E_BAD },
	{ "stream at the end of numbers", FRAME_STREAM,
	    "01 ffffffffffffffff 01 00", E_BAD },
	{ "stream without bytes", FRAME_STREAM, "01 00 00", E_BAD },
	{ "stream with fewer bytes than it says", FRAME_STREAM,
	    "01 00 04 036f6e", E_BAD },
	{ "stream with endless bytes", FRAME_STREAM,
	    "01 00 ffffffffffffffff 00", E_BAD },
	{ "no such stream", FRAME_STREAM, "02 00 01 01", E_BAD },
	{ "empty message", FRAME_STREAM, "01 00 01 00", E_BAD },
	{ "message over 64 KiB", FRAME_STREAM, "01 00 04 80010001", E_BAD },
	{ "control message over 8 KiB", FRAME_STREAM, "00 00 02 6001", E_BAD },
	{ "frame of others", FRAME_PING, "00", E_BAD },
};

START_TEST(frame_has_its_verdict)
{
	const struct frame_row *row = &frame_rows[_i];
	uint8_t buf[32];
	size_t len = unhex(row->hex, buf, sizeof(buf));
	struct chan c;
	int err;

	init(&c);
	err = take(&c, row->type, buf, len);
	ck_assert_msg(err == row->err, "%s: %d", row->name, err);
	chan_fini(&c);
}
END_TEST

START_TEST(every_prefix_of_a_frame_is_refused)
{
	const struct frame_row *row = &frame_rows[_i];
	uint8_t buf[32];
	size_t len = unhex(row->hex, buf, sizeof(buf));

	for (size_t i = 0; row->err == 0 && i < len; i++) {
		struct chan c;

		init(&c);
		ck_assert_msg(take(&c, row->type, buf, i) == E_BAD, "%s",
		    row->name);
		chan_fini(&c);
	}
}
END_TEST

START_TEST(message_cannot_be_changed_afterwards)
{
	const uint8_t half[] = { 1, 0, 3, 3, 'o', 'n' };
	const uint8_t other[] = { 1, 1, 3, 'o', 'f', 'f' };
	struct chan c;

	init(&c);
	ck_assert_int_eq(take(&c, FRAME_STREAM, half, sizeof(half)), 0);
	ck_assert_int_eq(take(&c, FRAME_STREAM, half, sizeof(half)), 0);
	ck_assert_int_eq(take(&c, FRAME_STREAM, other, sizeof(other)), E_BAD);
	chan_fini(&c);
}
END_TEST

START_TEST(early_acks_do_not_open_the_window)
{
	/* Acknowledging numbers of others and the same again and again. */
	const uint8_t all[] = { 9, 0, 0, 9 };
	struct chan_stats stats;
	struct chan c;

	init(&c);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(take(&c, FRAME_ACK, all, sizeof(all)), 0);
	chan_stats(&c, &stats);
	ck_assert_uint_eq(stats.window, CONGEST_INITIAL);
	chan_fini(&c);
}
END_TEST

/* The first byte never comes. Bytes are zeros, so they never contradict. */
static void
flood(struct chan *c, struct rng *rng, size_t len)
{
	static const uint8_t zeros[1200];
	const struct recvbuf *in = &c->streams[STREAM_TEXT].in;
	uint8_t buf[1300];
	struct wr w = wr_of(buf, sizeof(buf));
	int err;

	put_var(&w, STREAM_TEXT);
	put_var(&w, 1 + rng_below(rng, (uint32_t)(CHAN_TEXT_WINDOW - len)));
	put_var(&w, len);
	put_bytes(&w, zeros, len);
	err = take(c, FRAME_STREAM, buf, w.len);
	if ((err != 0 && err != E_FULL) || in->data.cap > 131072 ||
	    in->have.count > RECVBUF_RANGES)
		ck_abort_msg("err %d, %u bytes, %u ranges", err, in->data.cap,
		    in->have.count);
}

START_TEST(gigabyte_of_unfinished_messages_stays_within_the_window)
{
	struct chan c;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "flood");
	for (int i = 0; i < 10; i++) {
		init(&c);
		/* First in crumbs, for as many gaps as possible. */
		for (int k = 0; k < 20000; k++)
			flood(&c, &rng, 1);
		for (int k = 0; k < 90000; k++)
			flood(&c, &rng, 1199);
		chan_fini(&c);
	}
}
END_TEST

START_TEST(messages_that_nobody_takes_stay_within_the_window)
{
	const uint8_t beyond[] = { 1, 0x80, 1, 0xc0, 0, 1, 1 };
	uint8_t buf[1300];
	struct chan c;

	init(&c);
	for (uint64_t at = 0; at < CHAN_TEXT_WINDOW; at += 1024) {
		struct wr w = wr_of(buf, sizeof(buf));

		put_var(&w, STREAM_TEXT);
		put_var(&w, at);
		put_var(&w, 1024);
		for (int i = 0; i < 512; i++)
			put_u16(&w, 0x0161);
		ck_assert_int_eq(take(&c, FRAME_STREAM, buf, w.len), 0);
	}
	ck_assert_uint_eq(c.streams[STREAM_TEXT].in.data.cap, 131072);
	ck_assert_int_eq(take(&c, FRAME_STREAM, beyond, sizeof(beyond)),
	    E_BAD);
	chan_fini(&c);
}
END_TEST

START_TEST(random_frames_are_survived)
{
	static const uint8_t types[] = { FRAME_ACK, FRAME_STREAM,
		FRAME_WINDOW };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "frames");
	for (int i = 0; i < 20000; i++) {
		uint8_t out[256];
		bool is_tracked;
		struct chan c;
		int err = 0;

		chan_init(&c, 0);
		chan_send(&c, STREAM_TEXT, "one", 3, NULL);
		for (int k = 0; k < 20 && err != E_BAD; k++) {
			uint8_t buf[24], type = types[rng_below(&rng, 3)];
			size_t len = 1 + rng_below(&rng, sizeof(buf));
			struct rd r = rd_of(buf, len);

			rng_fill(&rng, buf, len);
			/* Small numbers get further. */
			for (size_t n = 0; n < len; n++)
				if (rng_below(&rng, 8) > 0)
					buf[n] &= 0x0f;
			err = chan_frame(&c, 2000, NEXT_PN, type, &r);
			chan_packet_received(&c, 2000, (uint64_t)k, true);
			if (chan_wants_send(&c, 2000))
				chan_build(&c, 2000, (uint64_t)k, out,
				    sizeof(out), &is_tracked);
		}
		chan_fini(&c);
	}
}
END_TEST

Suite *
make_suite(void)
{
	const int rows = sizeof(frame_rows) / sizeof(*frame_rows);
	Suite *s = suite_create("chan_hostile");
	TCase *frames = tcase_create("frames");
	TCase *floods = tcase_create("floods");

	tcase_add_loop_test(frames, frame_has_its_verdict, 0, rows);
	tcase_add_loop_test(frames, every_prefix_of_a_frame_is_refused, 0,
	    rows);
	tcase_add_test(frames, message_cannot_be_changed_afterwards);
	tcase_add_test(frames, early_acks_do_not_open_the_window);
	tcase_add_test(frames, random_frames_are_survived);
	suite_add_tcase(s, frames);
	tcase_set_timeout(floods, 60);
	tcase_add_test(floods,
	    gigabyte_of_unfinished_messages_stays_within_the_window);
	tcase_add_test(floods,
	    messages_that_nobody_takes_stay_within_the_window);
	suite_add_tcase(s, floods);
	return s;
}
