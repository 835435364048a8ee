#include "recvbuf.h"

#include "bytes.h"
#include "err.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

enum { WINDOW = 14336, LONGEST = 8192 };

static int
put(struct recvbuf *b, uint64_t offset, const char *data)
{
	return recvbuf_put(b, offset, (const uint8_t *)data, strlen(data));
}

static void
ck_assert_takes(struct recvbuf *b, const char *text)
{
	const uint8_t *msg;
	size_t len;

	ck_assert(recvbuf_next(b, &msg, &len));
	ck_assert_uint_eq(len, strlen(text));
	ck_assert_mem_eq(msg, text, len);
	recvbuf_pop(b);
}

START_TEST(chunks_in_any_order_make_messages)
{
	const uint8_t *msg;
	struct recvbuf b;
	size_t len;

	recvbuf_init(&b, WINDOW, LONGEST);
	ck_assert_int_eq(put(&b, 6, "hree"), 0);
	ck_assert_int_eq(put(&b, 2, "ne\5t"), 0);
	ck_assert(!recvbuf_next(&b, &msg, &len));
	ck_assert_int_eq(put(&b, 0, "\3o"), 0);
	ck_assert(!b.window_is_due);
	ck_assert_takes(&b, "one");
	ck_assert(b.window_is_due);
	ck_assert_uint_eq(b.consumed, 4);
	ck_assert_takes(&b, "three");
	ck_assert(!recvbuf_next(&b, &msg, &len));
	ck_assert_ptr_null(b.data.p);
	recvbuf_fini(&b);
}
END_TEST

START_TEST(repeated_bytes_change_nothing)
{
	const uint8_t *msg;
	struct recvbuf b;
	size_t len;

	recvbuf_init(&b, WINDOW, LONGEST);
	ck_assert_int_eq(put(&b, 0, "\3one\5th"), 0);
	ck_assert_int_eq(put(&b, 0, "\3one\5th"), 0);
	ck_assert_takes(&b, "one");
	ck_assert_int_eq(put(&b, 0, "\3one"), 0);
	ck_assert_int_eq(put(&b, 2, "ne\5thre"), 0);
	ck_assert(!recvbuf_next(&b, &msg, &len));
	ck_assert_int_eq(put(&b, 0, "\3one\5three"), 0);
	ck_assert_takes(&b, "three");
	recvbuf_fini(&b);
}
END_TEST

START_TEST(contradicting_bytes_are_refused)
{
	struct recvbuf b;

	recvbuf_init(&b, WINDOW, LONGEST);
	ck_assert_int_eq(put(&b, 4, "abc"), 0);
	ck_assert_int_eq(put(&b, 10, "xyz"), 0);
	ck_assert_int_eq(put(&b, 4, "abd"), E_BAD);
	ck_assert_int_eq(put(&b, 2, "..b"), E_BAD);
	ck_assert_int_eq(put(&b, 6, "c...xyy"), E_BAD);
	ck_assert_int_eq(put(&b, 6, "c...xyz"), 0);
	recvbuf_fini(&b);
}
END_TEST

START_TEST(window_is_exact)
{
	struct recvbuf b;

	recvbuf_init(&b, WINDOW, LONGEST);
	ck_assert_int_eq(put(&b, WINDOW - 1, "xy"), E_BAD);
	ck_assert_int_eq(put(&b, WINDOW, "x"), E_BAD);
	ck_assert_int_eq(put(&b, UINT64_MAX >> 2, "x"), E_BAD);
	ck_assert_int_eq(put(&b, WINDOW - 1, "x"), 0);
	ck_assert_int_eq(put(&b, 0, "\3one"), 0);
	ck_assert_int_eq(put(&b, WINDOW, "x"), E_BAD);
	recvbuf_pop(&b);
	ck_assert_int_eq(put(&b, WINDOW, "xyzw"), 0);
	ck_assert_int_eq(put(&b, WINDOW + 4, "x"), E_BAD);
	recvbuf_fini(&b);
}
END_TEST

static const struct length_row {
	const char *name, *hex;
	int err;
} length_rows[] = {
	{ "no bytes", "00", E_BAD },
	{ "longest", "6000", 0 },
	{ "one too long", "6001", E_BAD },
	{ "1 in two bytes", "4001", E_BAD },
	{ "far too long", "ffffffffffffffff", E_BAD },
	{ "half a length", "60", 0 },
};

START_TEST(lengths_are_checked_as_they_come)
{
	const struct length_row *row = &length_rows[_i];
	uint8_t buf[8];
	size_t len = unhex(row->hex, buf, sizeof(buf));
	struct recvbuf b;
	int err;

	recvbuf_init(&b, WINDOW, LONGEST);
	/* After a message, in one piece and byte by byte. */
	ck_assert_int_eq(put(&b, 0, "\3one"), 0);
	err = recvbuf_put(&b, 4, buf, len);
	ck_assert_msg(err == row->err, "%s", row->name);
	recvbuf_fini(&b);

	recvbuf_init(&b, WINDOW, LONGEST);
	ck_assert_int_eq(put(&b, 0, "\3one"), 0);
	for (size_t i = len; i > 0; i--)
		err = recvbuf_put(&b, 3 + i, buf + i - 1, 1);
	ck_assert_msg(err == row->err, "%s", row->name);
	recvbuf_fini(&b);
}
END_TEST

START_TEST(too_many_gaps_are_refused_until_the_first_closes)
{
	uint8_t zeros[1024] = { 0 };
	struct recvbuf b;

	recvbuf_init(&b, WINDOW, LONGEST);
	for (uint64_t i = 1; i <= RECVBUF_RANGES; i++)
		ck_assert_int_eq(recvbuf_put(&b, 2 * i + 1, zeros, 1), 0);
	ck_assert_int_eq(recvbuf_put(&b, 1000, zeros, 1), E_FULL);
	/* 1,000 bytes in two bytes of length, one byte at a time */
	ck_assert_int_eq(put(&b, 0, "\x43"), 0);
	ck_assert_int_eq(put(&b, 1, "\xe8"), 0);
	ck_assert_int_eq(recvbuf_put(&b, 2, zeros, 1000), 0);
	recvbuf_pop(&b);
	ck_assert_uint_eq(b.consumed, 1002);
	ck_assert_uint_eq(b.have.count, 0);
	recvbuf_fini(&b);
}
END_TEST

/* A stream of random messages, cut at random, comes back. */
START_TEST(random_cuts_give_the_same_messages)
{
	static uint8_t stream[200000];
	struct wr w = wr_of(stream, sizeof(stream));
	uint64_t taken = 0;
	struct recvbuf b;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "recvbuf");
	while (sizeof(stream) - w.len > 2010) {
		size_t len = rng_range(&rng, 1, 2000);

		put_var(&w, len);
		for (size_t i = 0; i < len; i++)
			put_u8(&w, (uint8_t)rng_u32(&rng));
	}
	recvbuf_init(&b, WINDOW, LONGEST);
	while (taken < w.len) {
		uint64_t from = taken + rng_below(&rng, WINDOW - 100);
		size_t len = rng_range(&rng, 1, 1200);
		const uint8_t *msg;

		if (from >= w.len)
			continue;
		if (from + len > w.len)
			len = w.len - from;
		if (from + len > taken + WINDOW)
			len = taken + WINDOW - from;
		ck_assert_int_eq(recvbuf_put(&b, from, stream + from, len), 0);
		while (recvbuf_next(&b, &msg, &len)) {
			taken += var_size(len);
			ck_assert_mem_eq(msg, stream + taken, len);
			taken += len;
			recvbuf_pop(&b);
			ck_assert_uint_eq(b.consumed, taken);
		}
		ck_assert_uint_le(b.data.cap, 16384);
	}
	ck_assert_ptr_null(b.data.p);
	recvbuf_fini(&b);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("recvbuf");
	TCase *t = tcase_create("recvbuf");

	tcase_add_test(t, chunks_in_any_order_make_messages);
	tcase_add_test(t, repeated_bytes_change_nothing);
	tcase_add_test(t, contradicting_bytes_are_refused);
	tcase_add_test(t, window_is_exact);
	tcase_add_loop_test(t, lengths_are_checked_as_they_come, 0,
	    sizeof(length_rows) / sizeof(*length_rows));
	tcase_add_test(t, too_many_gaps_are_refused_until_the_first_closes);
	tcase_add_test(t, random_cuts_give_the_same_messages);
	suite_add_tcase(s, t);
	return s;
}
