#include "err.h"
#include "frame.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

static struct frame_reader reader;

static void
setup(void)
{
	memset(&reader, 0, sizeof reader);
}

static void
teardown(void)
{
	frame_fini(&reader);
}

/* Feeds count bytes in one piece and expects one packet of len bytes. */
static const uint8_t *
take(const uint8_t **bytes, size_t *count, size_t len)
{
	const uint8_t *packet;
	size_t got;

	ck_assert_int_eq(frame_next(&reader, bytes, count, &packet, &got), 0);
	ck_assert_uint_eq(got, len);
	return packet;
}

static void
expect(const uint8_t *bytes, size_t count, int err)
{
	const uint8_t *packet;
	size_t len;

	ck_assert_int_eq(frame_next(&reader, &bytes, &count, &packet, &len),
	    err);
	if (err == E_AGAIN)
		ck_assert_uint_eq(count, 0);
}

START_TEST(header_is_the_length_in_network_order)
{
	uint8_t out[FRAME_HEADER];

	frame_put(out, 1);
	ck_assert_mem_eq(out, "\0\1", 2);
	frame_put(out, 16384);
	ck_assert_mem_eq(out, "\x40\0", 2);
}
END_TEST

START_TEST(whole_packets_are_not_copied)
{
	static const uint8_t stream[] = "\0\3abc\0\1d\0\2ef";
	const uint8_t *bytes = stream;
	size_t count = sizeof stream - 1;

	ck_assert_ptr_eq(take(&bytes, &count, 3), stream + 2);
	ck_assert_ptr_eq(take(&bytes, &count, 1), stream + 7);
	ck_assert_ptr_eq(take(&bytes, &count, 2), stream + 10);
	expect(bytes, count, E_AGAIN);
	ck_assert_ptr_null(reader.buf);
}
END_TEST

START_TEST(packet_in_pieces_is_put_together)
{
	static const uint8_t stream[] = "\0\5hello";
	const uint8_t *bytes = stream + 6;
	size_t count = 1;

	for (size_t i = 0; i < 6; i++) {
		expect(stream + i, 1, E_AGAIN);
		ck_assert(frame_is_open(&reader));
	}
	ck_assert_mem_eq(take(&bytes, &count, 5), "hello", 5);
}
END_TEST

START_TEST(nothing_is_held_between_packets)
{
	static const uint8_t stream[] = "\0\2ab";
	const uint8_t *bytes = stream + 3;
	size_t count = 1;

	expect(stream, 3, E_AGAIN);
	take(&bytes, &count, 2);
	expect(bytes, count, E_AGAIN);
	ck_assert_ptr_null(reader.buf);
	ck_assert(!frame_is_open(&reader));
}
END_TEST

START_TEST(memory_held_is_no_more_than_the_packet)
{
	static const uint8_t header[] = "\0\5";

	expect(header, 1, E_AGAIN);
	ck_assert_uint_eq(reader.have, 1);
	expect(header + 1, 1, E_AGAIN);
	ck_assert_uint_eq(reader.size, 7);
}
END_TEST

START_TEST(length_of_zero_ends_the_stream)
{
	expect((const uint8_t *)"\0\0", 2, E_BAD);
}
END_TEST

START_TEST(length_above_the_limit_ends_the_stream)
{
	expect((const uint8_t *)"\x40\1", 2, E_BAD);
	teardown();
	reader.limit = 100;
	expect((const uint8_t *)"\0\x65", 2, E_BAD);
	teardown();
	reader.limit = 100;
	expect((const uint8_t *)"\0\x64", 2, E_AGAIN);
}
END_TEST

START_TEST(longest_packet_passes)
{
	static uint8_t stream[FRAME_HEADER + FRAME_MAX];
	const uint8_t *bytes = stream + 1000;
	size_t count = sizeof stream - 1000;

	frame_put(stream, FRAME_MAX);
	stream[sizeof stream - 1] = 'z';
	expect(stream, 1000, E_AGAIN);
	ck_assert_uint_eq(take(&bytes, &count, FRAME_MAX)[FRAME_MAX - 1], 'z');
}
END_TEST

START_TEST(fini_works_at_any_time)
{
	frame_fini(&reader);
	expect((const uint8_t *)"\0\5a", 3, E_AGAIN);
	frame_fini(&reader);
	frame_fini(&reader);
	ck_assert(!frame_is_open(&reader));
}
END_TEST

/* The packets of a random stream, and how far it was compared. */
struct script {
	uint8_t bytes[60000];
	size_t len;
	uint16_t sizes[64];
	size_t count, compared, at;
};

static void
write_script(struct script *s, struct rng *rng)
{
	for (s->len = s->count = s->compared = s->at = 0; s->count < 64;) {
		size_t size = rng_below(rng, 8) == 0 ?
		    1 + rng_below(rng, 5000) : 1 + rng_below(rng, 40);

		if (s->len + FRAME_HEADER + size > sizeof s->bytes)
			break;
		frame_put(s->bytes + s->len, size);
		rng_fill(rng, s->bytes + s->len + FRAME_HEADER, size);
		s->len += FRAME_HEADER + size;
		s->sizes[s->count++] = (uint16_t)size;
	}
}

static void
compare(struct script *s, const uint8_t *bytes, size_t count)
{
	const uint8_t *packet;
	size_t len;
	int err;

	while ((err = frame_next(&reader, &bytes, &count, &packet,
	    &len)) == 0) {
		ck_assert_uint_eq(len, s->sizes[s->compared]);
		ck_assert_mem_eq(packet, s->bytes + s->at + FRAME_HEADER, len);
		s->at += FRAME_HEADER + len;
		s->compared++;
	}
	ck_assert_int_eq(err, E_AGAIN);
}

START_TEST(any_cutting_gives_the_same_packets)
{
	static struct script s;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "cuts");
	for (int round = 0; round < 200; round++) {
		size_t at = 0;

		write_script(&s, &rng);
		while (at < s.len) {
			size_t n = 1 + rng_below(&rng, round < 100 ? 9 : 3000);

			if (n > s.len - at)
				n = s.len - at;
			compare(&s, s.bytes + at, n);
			at += n;
		}
		ck_assert_uint_eq(s.compared, s.count);
		ck_assert(!frame_is_open(&reader));
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, header_is_the_length_in_network_order);
	tcase_add_test(tc, whole_packets_are_not_copied);
	tcase_add_test(tc, packet_in_pieces_is_put_together);
	tcase_add_test(tc, nothing_is_held_between_packets);
	tcase_add_test(tc, memory_held_is_no_more_than_the_packet);
	tcase_add_test(tc, length_of_zero_ends_the_stream);
	tcase_add_test(tc, length_above_the_limit_ends_the_stream);
	tcase_add_test(tc, longest_packet_passes);
	tcase_add_test(tc, fini_works_at_any_time);
	tcase_add_test(tc, any_cutting_gives_the_same_packets);
	suite_add_tcase(suite, tc);
	return suite;
}
