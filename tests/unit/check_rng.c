#include "rng.h"
#include "runner.h"

#include <string.h>

START_TEST(same_seed_gives_the_same_stream)
{
	struct rng a, b;
	uint8_t x[3000], y[3000];

	rng_init_test(&a, 7, "alice");
	rng_init_test(&b, 7, "alice");
	rng_fill(&a, x, sizeof x);
	for (size_t at = 0; at < sizeof y; at += 100)
		rng_fill(&b, y + at, 100);
	ck_assert_mem_eq(x, y, sizeof x);
}
END_TEST

START_TEST(other_seeds_and_labels_give_other_streams)
{
	struct rng a, b, c;
	uint64_t x, y, z;

	rng_init_test(&a, 7, "alice");
	rng_init_test(&b, 7, "bob");
	rng_init_test(&c, 8, "alice");
	x = rng_u64(&a);
	y = rng_u64(&b);
	z = rng_u64(&c);
	ck_assert(x != y && y != z && x != z);
}
END_TEST

/* RFC 8439 A.1, test vector 1: keystream of the zero key, from byte 32. */
START_TEST(stream_is_that_of_chacha20)
{
	static const uint8_t seed[RNG_SEED_LEN];
	uint8_t got[32], want[32];
	struct rng rng;

	unhex("da41597c5157488d7724e03fb8d84a37"
	    "6a43b8f41518a11cc387b669b2ee6586", want, sizeof want);
	rng_init(&rng, seed);
	rng_fill(&rng, got, sizeof got);
	ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

START_TEST(numbers_are_the_bytes_in_network_order)
{
	static const uint8_t seed[RNG_SEED_LEN];
	struct rng rng;

	rng_init(&rng, seed);
	ck_assert_uint_eq(rng_u32(&rng), 0xda41597c);
	ck_assert_uint_eq(rng_u64(&rng), UINT64_C(0x5157488d7724e03f));
}
END_TEST

START_TEST(what_was_given_is_erased)
{
	struct rng rng;
	uint8_t given[RNG_POOL * 3 + 17];

	rng_init_test(&rng, test_seed(), "erase");
	rng_fill(&rng, given, sizeof given);
	for (size_t i = RNG_SEED_LEN; i < rng.used; i++)
		ck_assert_uint_eq(rng.pool[i], 0);
	for (size_t at = 0; at + 8 <= sizeof given; at++)
		for (size_t i = 0; i + 8 <= RNG_POOL; i++)
			ck_assert(memcmp(given + at, rng.pool + i, 8) != 0);
}
END_TEST

START_TEST(fini_wipes_the_state)
{
	static const struct rng zero;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "fini");
	rng_fini(&rng);
	ck_assert_mem_eq(&rng, &zero, sizeof rng);
}
END_TEST

START_TEST(below_stays_below_and_reaches_all)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "below");
	for (uint32_t bound = 1; bound < 40; bound++) {
		uint64_t seen = 0;

		for (int i = 0; i < 2000; i++) {
			uint32_t v = rng_below(&rng, bound);

			ck_assert_uint_lt(v, bound);
			seen |= UINT64_C(1) << v;
		}
		ck_assert_uint_eq(seen, (UINT64_C(1) << bound) - 1);
	}
}
END_TEST

/* v % 3 * 2^30 would put half of all values into the first third. */
START_TEST(below_has_no_bias_for_large_bounds)
{
	const uint32_t third = UINT32_C(1) << 30, bound = 3 * third;
	unsigned count[3] = { 0 };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "bias");
	for (int i = 0; i < 30000; i++)
		count[rng_below(&rng, bound) / third]++;
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_gt(count[i], 9500);
		ck_assert_uint_lt(count[i], 10500);
	}
}
END_TEST

START_TEST(range_includes_both_ends)
{
	bool lo = false, hi = false;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "range");
	for (int i = 0; i < 1000; i++) {
		uint64_t v = rng_range(&rng, 1000, 1007);

		ck_assert(v >= 1000 && v <= 1007);
		lo |= v == 1000;
		hi |= v == 1007;
	}
	ck_assert(lo && hi);
}
END_TEST

START_TEST(range_takes_the_extremes)
{
	struct rng rng;
	bool high = false, low = false;

	rng_init_test(&rng, test_seed(), "range");
	ck_assert_uint_eq(rng_range(&rng, 5, 5), 5);
	ck_assert_uint_eq(rng_range(&rng, UINT64_MAX, UINT64_MAX), UINT64_MAX);
	for (int i = 0; i < 200; i++) {
		uint64_t v = rng_range(&rng, 0, UINT64_MAX);

		high |= v >> 63;
		low |= !(v >> 63);
	}
	ck_assert(high && low);
}
END_TEST

START_TEST(below_nothing_aborts)
{
	struct rng rng;

	rng_init_test(&rng, 0, "");
	rng_below(&rng, 0);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("rng");
	TCase *stream = tcase_create("stream");
	TCase *number = tcase_create("number");

	tcase_add_test(stream, same_seed_gives_the_same_stream);
	tcase_add_test(stream, other_seeds_and_labels_give_other_streams);
	tcase_add_test(stream, stream_is_that_of_chacha20);
	tcase_add_test(stream, numbers_are_the_bytes_in_network_order);
	tcase_add_test(stream, what_was_given_is_erased);
	tcase_add_test(stream, fini_wipes_the_state);
	suite_add_tcase(s, stream);
	tcase_add_test(number, below_stays_below_and_reaches_all);
	tcase_add_test(number, below_has_no_bias_for_large_bounds);
	tcase_add_test(number, range_includes_both_ends);
	tcase_add_test(number, range_takes_the_extremes);
	tcase_add_test_raise_signal(number, below_nothing_aborts, SIGABRT);
	suite_add_tcase(s, number);
	return s;
}
