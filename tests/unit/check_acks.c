#include "acks.h"

#include "rng.h"
#include "runner.h"

#include <string.h>

static void
ck_assert_body(struct acks *a, usec_t now, size_t cap, const char *hex)
{
	uint8_t buf[256], want[256];
	size_t len = unhex(hex, want, sizeof(want));
	struct wr w = wr_of(buf, cap);

	acks_put(a, now, &w);
	ck_assert_uint_eq(w.len, len);
	ck_assert_mem_eq(buf, want, len);
}

START_TEST(second_packet_makes_the_ack_due)
{
	struct acks a;

	acks_init(&a);
	acks_received(&a, 1000, 0, true);
	ck_assert(acks_pending(&a));
	ck_assert(!a.is_due);
	ck_assert_uint_eq(a.due_at, 26000);
	acks_received(&a, 2000, 1, true);
	ck_assert(a.is_due);
	ck_assert_uint_eq(a.due_at, USEC_NEVER);
	acks_fini(&a);
}
END_TEST

START_TEST(lone_packet_waits_for_the_delay)
{
	struct acks a;

	acks_init(&a);
	acks_received(&a, 1000, 7, true);
	acks_expire(&a, 25999);
	ck_assert(!a.is_due);
	acks_expire(&a, 26000);
	ck_assert(a.is_due);
	ck_assert_body(&a, 26000, 256, "07 800061a8 00 00");
	ck_assert(!acks_pending(&a));
	ck_assert(!a.is_due);
	ck_assert_uint_eq(a.due_at, USEC_NEVER);
	acks_fini(&a);
}
END_TEST

START_TEST(reordered_packets_are_told_at_once)
{
	static const uint64_t second[] = { 9, 12 };

	for (int i = 0; i < 2; i++) {
		struct acks a;
		uint8_t buf[64];
		struct wr w = wr_of(buf, sizeof(buf));

		acks_init(&a);
		acks_received(&a, 1000, 10, true);
		acks_put(&a, 1000, &w);
		acks_received(&a, 1000, second[i], true);
		ck_assert(a.is_due);
		acks_fini(&a);
	}
}
END_TEST

START_TEST(acks_alone_call_for_no_ack)
{
	struct acks a;

	acks_init(&a);
	acks_repeat(&a);
	ck_assert(!acks_pending(&a));
	for (uint64_t pn = 0; pn < 10; pn += 2)
		acks_received(&a, 1000, pn, false);
	ck_assert(!acks_pending(&a));
	ck_assert_uint_eq(a.due_at, USEC_NEVER);
	acks_repeat(&a);
	ck_assert(a.is_due);
	acks_fini(&a);
}
END_TEST

START_TEST(gaps_are_written_as_in_quic)
{
	static const uint64_t seen[] = { 1, 2, 3, 5, 8, 9, 100 };
	struct acks a;

	acks_init(&a);
	for (int i = 0; i < 7; i++)
		acks_received(&a, 1000, seen[i], true);
	/* 100; 16 us; 3 more; 1 long; 10-99, 8-9; 6-7, 5; 4, 1-3 */
	ck_assert_body(&a, 1016, 256, "4064 10 03 00 4059 01 01 00 00 02");
	acks_fini(&a);
}
END_TEST

START_TEST(newest_ranges_are_told_when_room_is_short)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, ACKS_BODY_MIN);
	struct acks a;

	acks_init(&a);
	for (uint64_t pn = 0; pn < 40; pn += 2)
		acks_received(&a, 1000, pn, true);
	ck_assert_body(&a, 1000, ACKS_BODY_MIN, "26 00 00 00");
	ck_assert_body(&a, 1000, ACKS_BODY_MIN + 5, "26 00 02 00 00 00 00 00");
	ck_assert(!w.bad);
	acks_fini(&a);
}
END_TEST

START_TEST(largest_numbers_fit_the_least_room)
{
	uint8_t buf[ACKS_BODY_MIN];
	struct wr w = wr_of(buf, sizeof(buf));
	struct acks a;

	acks_init(&a);
	acks_received(&a, 0, (UINT64_MAX >> 2) - 1, true);
	ck_assert_uint_eq(acks_put(&a, USEC_NEVER, &w), (UINT64_MAX >> 2) - 1);
	ck_assert(!w.bad);
	acks_fini(&a);
}
END_TEST

START_TEST(oldest_ranges_are_dropped)
{
	struct acks a;

	acks_init(&a);
	for (uint64_t pn = 100; pn < 1000; pn += 2)
		acks_received(&a, 1000, pn, true);
	ck_assert_uint_eq(a.seen.count, ACKS_RANGES);
	ck_assert_uint_eq(ranges_at(&a.seen, 0)->lo, 998 - 2 * 31);
	/* What is older than all that is kept cannot be told any more. */
	acks_received(&a, 1000, 50, true);
	ck_assert_uint_eq(a.seen.count, ACKS_RANGES);
	ck_assert_uint_eq(ranges_at(&a.seen, 0)->lo, 998 - 2 * 31);
	acks_fini(&a);
}
END_TEST

START_TEST(what_the_peer_knows_is_forgotten_but_the_newest_range)
{
	struct acks a;

	acks_init(&a);
	for (uint64_t pn = 0; pn < 20; pn += 2)
		acks_received(&a, 1000, pn, true);
	acks_forget(&a, 7);
	ck_assert_uint_eq(ranges_at(&a.seen, 0)->lo, 8);
	acks_forget(&a, 18);
	ck_assert_uint_eq(a.seen.count, 1);
	ck_assert_uint_eq(ranges_at(&a.seen, 0)->lo, 18);
	acks_fini(&a);
}
END_TEST

/* Reads a body back into a table. */
static void
read_body(struct rd r, bool *is_told)
{
	uint64_t largest = get_var(&r), count, hi;

	get_var(&r);
	count = get_var(&r);
	hi = largest + 1;
	for (uint64_t i = 0; i <= count; i++) {
		uint64_t length = get_var(&r) + 1;

		memset(is_told + hi - length, 1, length);
		hi -= length;
		if (i < count)
			hi -= get_var(&r) + 1;
	}
	ck_assert(rd_done(&r));
}

START_TEST(frames_tell_exactly_what_came)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "acks");
	for (int i = 0; i < 2000; i++) {
		bool has_come[64] = { false }, is_told[64] = { false };
		uint8_t buf[200];
		struct wr w = wr_of(buf, sizeof(buf));
		struct acks a;

		acks_init(&a);
		for (int k = 0; k < 30; k++) {
			uint64_t pn = rng_below(&rng, 64);

			if (!has_come[pn])
				acks_received(&a, 1000, pn, true);
			has_come[pn] = true;
		}
		acks_put(&a, 1000, &w);
		read_body(rd_of(buf, w.len), is_told);
		ck_assert_mem_eq(is_told, has_come, sizeof(has_come));
		acks_fini(&a);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("acks");
	TCase *t = tcase_create("acks");

	tcase_add_test(t, second_packet_makes_the_ack_due);
	tcase_add_test(t, lone_packet_waits_for_the_delay);
	tcase_add_test(t, reordered_packets_are_told_at_once);
	tcase_add_test(t, acks_alone_call_for_no_ack);
	tcase_add_test(t, gaps_are_written_as_in_quic);
	tcase_add_test(t, newest_ranges_are_told_when_room_is_short);
	tcase_add_test(t, largest_numbers_fit_the_least_room);
	tcase_add_test(t, oldest_ranges_are_dropped);
	tcase_add_test(t,
	    what_the_peer_knows_is_forgotten_but_the_newest_range);
	tcase_add_test(t, frames_tell_exactly_what_came);
	suite_add_tcase(s, t);
	return s;
}
