#include "sendbuf.h"

#include "err.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

enum { MAX = 14336, WINDOW = 1000 };

static void
write_text(struct sendbuf *b, const char *text)
{
	uint64_t id;

	ck_assert_int_eq(sendbuf_write(b, (const uint8_t *)text, strlen(text),
	    &id), 0);
}

/* Sends what comes next, at most cap bytes. */
static struct chunk
send_next(struct sendbuf *b, size_t cap)
{
	struct chunk chunk = { 0 };
	const uint8_t *data;

	ck_assert(sendbuf_next(b, cap, &chunk, &data));
	sendbuf_sent(b, &chunk);
	return chunk;
}

static void
ck_assert_chunk(struct chunk chunk, uint64_t offset, size_t len)
{
	ck_assert_uint_eq(chunk.offset, offset);
	ck_assert_uint_eq(chunk.len, len);
}

START_TEST(messages_are_sent_with_their_lengths)
{
	struct chunk chunk = { 0 };
	const uint8_t *data;
	struct sendbuf b;

	sendbuf_init(&b, MAX, WINDOW);
	ck_assert(!sendbuf_has_data(&b));
	ck_assert(!sendbuf_next(&b, 100, &chunk, &data));
	write_text(&b, "one");
	write_text(&b, "three");
	ck_assert(sendbuf_next(&b, 100, &chunk, &data));
	ck_assert_chunk(chunk, 0, 10);
	ck_assert_mem_eq(data, "\3one\5three", 10);
	sendbuf_fini(&b);
}
END_TEST

START_TEST(lost_bytes_come_before_new_ones)
{
	struct chunk first, second;
	struct sendbuf b;

	sendbuf_init(&b, MAX, WINDOW);
	write_text(&b, "0123456789");
	first = send_next(&b, 4);
	second = send_next(&b, 4);
	ck_assert_chunk(second, 4, 4);
	sendbuf_lost(&b, &first);
	ck_assert_chunk(send_next(&b, 3), 0, 3);
	ck_assert_chunk(send_next(&b, 9), 3, 1);
	ck_assert_chunk(send_next(&b, 9), 8, 3);
	ck_assert(!sendbuf_has_data(&b));
	sendbuf_fini(&b);
}
END_TEST

START_TEST(acknowledged_bytes_are_never_sent_again)
{
	struct chunk part[3], all = { .offset = 0, .len = 9 };
	struct sendbuf b;

	sendbuf_init(&b, MAX, WINDOW);
	write_text(&b, "01234567");
	for (int i = 0; i < 3; i++)
		part[i] = send_next(&b, 3);
	sendbuf_acked(&b, &part[1]);
	sendbuf_lost(&b, &all);
	sendbuf_acked(&b, &part[2]);
	ck_assert_chunk(send_next(&b, 99), 0, 3);
	ck_assert(!sendbuf_has_data(&b));
	sendbuf_acked(&b, &part[0]);
	sendbuf_lost(&b, &all);
	ck_assert(!sendbuf_has_data(&b));
	sendbuf_fini(&b);
}
END_TEST

START_TEST(peers_room_is_not_exceeded)
{
	struct sendbuf b;

	sendbuf_init(&b, MAX, 5);
	write_text(&b, "0123456789");
	ck_assert_chunk(send_next(&b, 99), 0, 5);
	ck_assert(!sendbuf_has_data(&b));
	ck_assert_int_eq(sendbuf_window(&b, 0, 8), 0);
	ck_assert_chunk(send_next(&b, 99), 5, 3);
	/* A word that was overtaken takes nothing back. */
	ck_assert_int_eq(sendbuf_window(&b, 0, 5), 0);
	ck_assert_int_eq(sendbuf_window(&b, 0, 9), 0);
	ck_assert_chunk(send_next(&b, 99), 8, 1);
	sendbuf_fini(&b);
}
END_TEST

START_TEST(what_was_taken_is_reported_once_and_freed)
{
	struct sendbuf b;
	uint64_t id;

	sendbuf_init(&b, MAX, WINDOW);
	write_text(&b, "one");
	write_text(&b, "three");
	send_next(&b, 99);
	ck_assert(!sendbuf_next_delivered(&b, &id));
	ck_assert_int_eq(sendbuf_window(&b, 10, WINDOW), 0);
	ck_assert_int_eq(sendbuf_window(&b, 4, WINDOW), 0);
	ck_assert(sendbuf_next_delivered(&b, &id));
	ck_assert_uint_eq(id, 1);
	ck_assert(sendbuf_next_delivered(&b, &id));
	ck_assert_uint_eq(id, 2);
	ck_assert(!sendbuf_next_delivered(&b, &id));
	ck_assert_ptr_null(b.data.p);
	ck_assert_uint_eq(b.unacked.count, 0);
	sendbuf_fini(&b);
}
END_TEST

START_TEST(windows_that_cannot_be_are_refused)
{
	struct sendbuf b;
	uint64_t id;

	sendbuf_init(&b, MAX, WINDOW);
	write_text(&b, "one");
	write_text(&b, "three");
	send_next(&b, 6);
	ck_assert_int_eq(sendbuf_window(&b, 3, WINDOW), E_BAD);
	ck_assert_int_eq(sendbuf_window(&b, 5, WINDOW), E_BAD);
	ck_assert_int_eq(sendbuf_window(&b, 10, WINDOW), E_BAD);
	ck_assert_int_eq(sendbuf_window(&b, 4, 3), E_BAD);
	ck_assert_int_eq(sendbuf_window(&b, UINT64_MAX >> 2, UINT64_MAX >> 2),
	    E_BAD);
	ck_assert(!sendbuf_next_delivered(&b, &id));
	ck_assert_int_eq(sendbuf_window(&b, 4, WINDOW), 0);
	ck_assert(sendbuf_next_delivered(&b, &id));
	sendbuf_fini(&b);
}
END_TEST

START_TEST(repeat_takes_the_first_bytes_under_way)
{
	struct chunk chunk;
	struct sendbuf b;

	sendbuf_init(&b, MAX, WINDOW);
	write_text(&b, "0123456789");
	send_next(&b, 2);
	chunk = send_next(&b, 2);
	send_next(&b, 99);
	sendbuf_acked(&b, &chunk);
	ck_assert_uint_eq(sendbuf_repeat(&b, 4), 4);
	ck_assert_chunk(send_next(&b, 99), 0, 2);
	ck_assert_chunk(send_next(&b, 99), 4, 2);
	ck_assert(!sendbuf_has_data(&b));
	ck_assert_uint_eq(sendbuf_repeat(&b, UINT64_MAX), 9);
	sendbuf_fini(&b);
}
END_TEST

START_TEST(bytes_kept_are_bounded)
{
	uint8_t msg[1000] = { 0 };
	struct sendbuf b;
	uint64_t id;

	sendbuf_init(&b, MAX, MAX);
	for (int i = 0; i < 14; i++)
		ck_assert_int_eq(sendbuf_write(&b, msg, 1000, &id), 0);
	ck_assert_int_eq(sendbuf_write(&b, msg, 1000, &id), E_FULL);
	ck_assert_uint_eq(id, 14);
	ck_assert_int_eq(sendbuf_write(&b, msg, 306, &id), 0);
	ck_assert_int_eq(sendbuf_write(&b, msg, 1, &id), E_FULL);
	ck_assert_uint_le(b.data.cap, 16384);
	sendbuf_fini(&b);
}
END_TEST

enum state { NEW, FLYING, LOST, ACKED };

/* Every byte has one state; the model keeps them in an array. */
START_TEST(random_fates_match_an_array)
{
	enum { LEN = 3000 };
	uint8_t msg[LEN - 2] = { 0 };
	enum state state[LEN] = { NEW };
	struct sendbuf b;
	struct rng rng;
	uint64_t id;

	rng_init_test(&rng, test_seed(), "sendbuf");
	sendbuf_init(&b, MAX, MAX);
	ck_assert_int_eq(sendbuf_write(&b, msg, sizeof(msg), &id), 0);
	for (int i = 0; i < 20000; i++) {
		struct chunk c = { .offset = rng_below(&rng, LEN) };
		unsigned act = rng_below(&rng, 3);
		const uint8_t *data;

		if (act == 0) {
			if (!sendbuf_next(&b, 1 + rng_below(&rng, 50), &c,
			    &data))
				continue;
			sendbuf_sent(&b, &c);
			for (int k = 0; k < c.len; k++) {
				ck_assert(state[c.offset + k] == LOST ||
				    state[c.offset + k] == NEW);
				state[c.offset + k] = FLYING;
			}
			continue;
		}
		c.len = (uint16_t)(1 + rng_below(&rng, 50));
		if (c.offset + c.len > b.sent)
			continue;
		if (act == 1)
			sendbuf_lost(&b, &c);
		else if (i % 10 == 0)
			sendbuf_acked(&b, &c);
		for (int k = 0; k < c.len; k++) {
			enum state *s = &state[c.offset + k];

			if (act == 1 && *s == FLYING)
				*s = LOST;
			if (act == 2 && i % 10 == 0)
				*s = ACKED;
		}
	}
	for (int k = 0; k < LEN; k++) {
		uint32_t r = ranges_find(&b.lost, (uint64_t)k);
		bool is_lost = r < b.lost.count &&
		    ranges_at(&b.lost, r)->lo <= (uint64_t)k;

		ck_assert_int_eq(is_lost, state[k] == LOST);
	}
	sendbuf_fini(&b);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("sendbuf");
	TCase *t = tcase_create("sendbuf");

	tcase_add_test(t, messages_are_sent_with_their_lengths);
	tcase_add_test(t, lost_bytes_come_before_new_ones);
	tcase_add_test(t, acknowledged_bytes_are_never_sent_again);
	tcase_add_test(t, peers_room_is_not_exceeded);
	tcase_add_test(t, what_was_taken_is_reported_once_and_freed);
	tcase_add_test(t, windows_that_cannot_be_are_refused);
	tcase_add_test(t, repeat_takes_the_first_bytes_under_way);
	tcase_add_test(t, bytes_kept_are_bounded);
	tcase_add_test(t, random_fates_match_an_array);
	suite_add_tcase(s, t);
	return s;
}
