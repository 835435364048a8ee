#include "history.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct history h;

static void
setup(void)
{
	history_init(&h);
}

static void
teardown(void)
{
	history_fini(&h);
}

static void
add(const char *line)
{
	history_add(&h, line, strlen(line));
}

START_TEST(lines_keep_their_numbers)
{
	char line[24];

	for (int i = 0; i < HISTORY_MAX + 10; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		add(line);
	}
	ck_assert_uint_eq(h.count, HISTORY_MAX);
	ck_assert_uint_eq(h.first, 10);
	ck_assert_uint_eq(history_end(&h), HISTORY_MAX + 10);
	ck_assert_ptr_null(history_get(&h, 9));
	ck_assert_str_eq(history_get(&h, 10)->text, "line 10");
	ck_assert_ptr_null(history_get(&h, history_end(&h)));
	ck_assert_ptr_null(history_get(&h, HISTORY_NONE));
}
END_TEST

START_TEST(some_lines_are_not_kept)
{
	add("");
	add(" secret");
	add("all");
	add("all");
	ck_assert_uint_eq(h.count, 1);
	add("help");
	add("all");
	ck_assert_uint_eq(h.count, 3);
}
END_TEST

START_TEST(bytes_have_a_bound)
{
	static char big[HISTORY_BYTES / 4 + 1];

	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 10; i++) {
		big[0] = (char)('a' + i);
		history_add(&h, big, sizeof(big));
		ck_assert_uint_le(h.bytes, HISTORY_BYTES);
	}
	ck_assert_uint_eq(h.count, 3);
	ck_assert_int_eq(history_get(&h, 9)->text[0], 'j');
}
END_TEST

START_TEST(find_goes_back_from_a_line)
{
	size_t at;

	add("connect Bob");
	add("msg hello");
	add("connect Carol");
	ck_assert_uint_eq(history_find(&h, 3, "NECT", 4, &at), 2);
	ck_assert_uint_eq(at, 3);
	ck_assert_uint_eq(history_find(&h, 2, "nect", 4, &at), 0);
	ck_assert_uint_eq(history_find(&h, 0, "nect", 4, &at), HISTORY_NONE);
	ck_assert_uint_eq(history_find(&h, 99, "o", 1, &at), 2);
	ck_assert_uint_eq(history_find(&h, 3, "zzz", 3, &at), HISTORY_NONE);
}
END_TEST

START_TEST(packed_lines_come_back)
{
	static const char line[] = "msg two\nlines and a \\ \u00e9";
	char packed[64];
	size_t len;

	add(line);
	len = history_pack(history_get(&h, 0), packed, sizeof(packed));
	ck_assert_str_eq(packed, "msg two\\nlines and a \\\\ \u00e9");
	ck_assert_uint_eq(len, strlen(packed));
	add("x");
	history_unpack(&h, packed, len);
	ck_assert_str_eq(history_get(&h, 2)->text, line);
	ck_assert_uint_eq(history_pack(history_get(&h, 0), packed, 10), 0);
}
END_TEST

START_TEST(unpack_takes_anything)
{
	history_unpack(&h, "", 0);
	history_unpack(&h, "\xff\xfe", 2);
	history_unpack(&h, "a\\", 2);
	history_unpack(&h, "b\\x", 3);
	history_unpack(&h, "c\033[2J", 5);
	ck_assert_uint_eq(h.count, 3);
	ck_assert_str_eq(h.lines[0].text, "a\\");
	ck_assert_str_eq(h.lines[1].text, "bx");
	ck_assert_str_eq(h.lines[2].text, "c\ufffd[2J");
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("history");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lines_keep_their_numbers);
	tcase_add_test(tc, some_lines_are_not_kept);
	tcase_add_test(tc, bytes_have_a_bound);
	tcase_add_test(tc, find_goes_back_from_a_line);
	tcase_add_test(tc, packed_lines_come_back);
	tcase_add_test(tc, unpack_takes_anything);
	suite_add_tcase(s, tc);
	return s;
}
