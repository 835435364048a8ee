#include "bytes.h"
#include "rng.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

static const struct var_row {
	uint64_t v;
	const char *hex;
} var_rows[] = {
	/* RFC 9000 A.1 */
	{ UINT64_C(151288809941952652), "c2197c5eff14e88c" },
	{ 494878333, "9d7f3e7d" },
	{ 15293, "7bbd" },
	{ 37, "25" },
	/* the ends of every length */
	{ 0, "00" },
	{ 63, "3f" },
	{ 64, "4040" },
	{ 16383, "7fff" },
	{ 16384, "80004000" },
	{ 1073741823, "bfffffff" },
	{ 1073741824, "c000000040000000" },
	{ UINT64_C(4611686018427387903), "ffffffffffffffff" },
};

START_TEST(integers_are_in_network_order)
{
	uint8_t buf[15], want[15];
	struct wr w = wr_of(buf, sizeof buf);
	struct rd r;

	put_u8(&w, 0x01);
	put_u16(&w, 0x0203);
	put_u32(&w, 0x04050607);
	put_u64(&w, UINT64_C(0x08090a0b0c0d0e0f));
	unhex("01 0203 04050607 08090a0b0c0d0e0f", want, sizeof want);
	ck_assert(!w.bad);
	ck_assert_mem_eq(buf, want, sizeof want);
	r = rd_of(buf, sizeof buf);
	ck_assert_uint_eq(get_u8(&r), 0x01);
	ck_assert_uint_eq(get_u16(&r), 0x0203);
	ck_assert_uint_eq(get_u32(&r), 0x04050607);
	ck_assert_uint_eq(get_u64(&r), UINT64_C(0x08090a0b0c0d0e0f));
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(short_read_is_sticky_and_moves_nothing)
{
	const uint8_t buf[] = { 1, 2, 3 };
	struct rd r = rd_of(buf, sizeof buf);

	ck_assert_uint_eq(get_u32(&r), 0);
	ck_assert(r.bad);
	ck_assert_uint_eq(r.len, 3);
	ck_assert_uint_eq(get_u8(&r), 0);
	ck_assert_uint_eq(r.len, 3);
	ck_assert_ptr_null(get_bytes(&r, 0));
	ck_assert(!rd_done(&r));
}
END_TEST

START_TEST(rd_is_not_done_with_bytes_left)
{
	struct rd r = rd_of("ab", 2);

	get_u8(&r);
	ck_assert(!rd_done(&r));
	get_u8(&r);
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(empty_input_is_read_without_a_buffer)
{
	struct rd r = rd_of(NULL, 0);

	ck_assert_ptr_nonnull(get_bytes(&r, 0));
	get_copy(&r, NULL, 0);
	ck_assert(rd_done(&r));
	ck_assert_uint_eq(get_var(&r), 0);
	ck_assert(r.bad);
}
END_TEST

START_TEST(get_bytes_borrows_from_the_input)
{
	const uint8_t buf[] = { 1, 2, 3 };
	struct rd r = rd_of(buf, sizeof buf);

	ck_assert_ptr_eq(get_bytes(&r, 2), buf);
	ck_assert_uint_eq(r.len, 1);
	ck_assert_ptr_null(get_bytes(&r, 2));
	ck_assert(r.bad);
}
END_TEST

START_TEST(get_copy_zeroes_the_output_of_a_short_read)
{
	uint8_t out[4] = { 9, 9, 9, 9 };
	struct rd r = rd_of("abc", 3);

	get_copy(&r, out, 3);
	ck_assert_mem_eq(out, "abc\x09", 4);
	get_copy(&r, out, 4);
	ck_assert_mem_eq(out, "\0\0\0\0", 4);
	ck_assert(r.bad);
}
END_TEST

START_TEST(put_that_does_not_fit_writes_nothing)
{
	uint8_t buf[4] = { 9, 9, 9, 9 };
	struct wr w = wr_of(buf, 3);

	put_u16(&w, 0x0102);
	put_u16(&w, 0x0304);
	ck_assert(w.bad);
	ck_assert_uint_eq(w.len, 2);
	put_u8(&w, 5);
	ck_assert_uint_eq(w.len, 2);
	ck_assert_mem_eq(buf, "\x01\x02\x09\x09", 4);
}
END_TEST

START_TEST(put_bytes_and_zeros_fill_the_buffer_exactly)
{
	uint8_t buf[5] = { 9, 9, 9, 9, 9 };
	struct wr w = wr_of(buf, 4);

	put_bytes(&w, "ab", 2);
	put_zeros(&w, 2);
	put_bytes(&w, NULL, 0);
	ck_assert(!w.bad);
	ck_assert_mem_eq(buf, "ab\0\0\x09", 5);
	put_zeros(&w, 1);
	ck_assert(w.bad);
}
END_TEST

START_TEST(huge_lengths_do_not_wrap)
{
	uint8_t buf[8] = { 0 };
	struct rd r = rd_of(buf, sizeof buf);
	struct wr w = wr_of(buf, sizeof buf);

	put_u8(&w, 1);
	put_zeros(&w, SIZE_MAX);
	ck_assert(w.bad);
	ck_assert_ptr_null(get_bytes(&r, SIZE_MAX));
	ck_assert(r.bad);
}
END_TEST

START_TEST(var_has_the_encodings_of_rfc_9000)
{
	const struct var_row *row = &var_rows[_i];
	uint8_t buf[8], want[8];
	size_t len = unhex(row->hex, want, sizeof want);
	struct wr w = wr_of(buf, sizeof buf);
	struct rd r = rd_of(want, len);

	put_var(&w, row->v);
	ck_assert_msg(w.len == len && memcmp(buf, want, len) == 0, "%s",
	    row->hex);
	ck_assert_uint_eq(var_size(row->v), len);
	ck_assert_msg(get_var(&r) == row->v, "%s", row->hex);
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(every_prefix_of_a_var_is_short)
{
	uint8_t buf[8];
	size_t len = unhex(var_rows[_i].hex, buf, sizeof buf);

	for (size_t cut = 0; cut < len; cut++) {
		struct rd r = rd_of(buf, cut);

		ck_assert_uint_eq(get_var(&r), 0);
		ck_assert_msg(r.bad, "%s cut to %zu", var_rows[_i].hex, cut);
		ck_assert_uint_eq(r.len, cut);
	}
}
END_TEST

START_TEST(var_in_a_longer_form_than_needed_is_refused)
{
	static const char *const longer[] = {
		"4025", "403f", "80000025", "80003fff", "c000000000000025",
		"c00000003fffffff", "c000000000000000",
	};

	for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
		uint8_t buf[8];
		size_t len = unhex(longer[i], buf, sizeof buf);
		struct rd r = rd_of(buf, len);

		ck_assert_uint_eq(get_var(&r), 0);
		ck_assert_msg(r.bad, "%s", longer[i]);
	}
}
END_TEST

START_TEST(random_vars_come_back)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "bytes");
	for (int i = 0; i < 100000; i++) {
		uint64_t v = rng_u64(&rng) >> (2 + rng_below(&rng, 62));
		uint8_t buf[8];
		struct wr w = wr_of(buf, sizeof buf);
		struct rd r;

		put_var(&w, v);
		r = rd_of(buf, w.len);
		ck_assert_uint_eq(get_var(&r), v);
		ck_assert(rd_done(&r));
	}
}
END_TEST

START_TEST(random_bytes_are_never_read_beyond_their_end)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "bytes");
	for (int i = 0; i < 20000; i++) {
		size_t len = rng_below(&rng, 24);
		uint8_t *buf = malloc(len + (len == 0));
		struct rd r = rd_of(buf, len);

		rng_fill(&rng, buf, len);
		while (!r.bad && !rd_done(&r)) {
			size_t before = r.len;
			struct wr w;
			uint8_t again[8];
			uint64_t v = get_var(&r);

			w = wr_of(again, sizeof again);
			put_var(&w, v);
			if (!r.bad)
				ck_assert_mem_eq(again, buf + len - before,
				    w.len);
		}
		free(buf);
	}
}
END_TEST

START_TEST(put_var_aborts_on_more_than_62_bits)
{
	uint8_t buf[8];
	struct wr w = wr_of(buf, sizeof buf);

	put_var(&w, UINT64_C(1) << 62);
}
END_TEST

Suite *
make_suite(void)
{
	const int vars = sizeof var_rows / sizeof *var_rows;
	Suite *s = suite_create("bytes");
	TCase *fixed = tcase_create("fixed");
	TCase *var = tcase_create("var");

	tcase_add_test(fixed, integers_are_in_network_order);
	tcase_add_test(fixed, short_read_is_sticky_and_moves_nothing);
	tcase_add_test(fixed, rd_is_not_done_with_bytes_left);
	tcase_add_test(fixed, empty_input_is_read_without_a_buffer);
	tcase_add_test(fixed, get_bytes_borrows_from_the_input);
	tcase_add_test(fixed, get_copy_zeroes_the_output_of_a_short_read);
	tcase_add_test(fixed, put_that_does_not_fit_writes_nothing);
	tcase_add_test(fixed, put_bytes_and_zeros_fill_the_buffer_exactly);
	tcase_add_test(fixed, huge_lengths_do_not_wrap);
	suite_add_tcase(s, fixed);
	tcase_add_loop_test(var, var_has_the_encodings_of_rfc_9000, 0, vars);
	tcase_add_loop_test(var, every_prefix_of_a_var_is_short, 0, vars);
	tcase_add_test(var, var_in_a_longer_form_than_needed_is_refused);
	tcase_add_test(var, random_vars_come_back);
	tcase_add_test(var, random_bytes_are_never_read_beyond_their_end);
	tcase_add_test_raise_signal(var, put_var_aborts_on_more_than_62_bits,
	    SIGABRT);
	suite_add_tcase(s, var);
	return s;
}
