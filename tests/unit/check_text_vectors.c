/* Public collections of text that breaks programs. */
#include "runner.h"

#include "text_props.h"
#include "vectors.h"

#include <stdio.h>
#include <string.h>

static json_t *naughty;

START_TEST(the_big_list_of_naughty_strings_is_cleaned)
{
	json_t *string;
	size_t i;

	json_array_foreach(naughty, i, string) {
		char what[32];

		snprintf(what, sizeof what, "string %zu", i);
		ck_assert(json_is_string(string));
		check_input(json_string_value(string),
		    json_string_length(string), what);
	}
	ck_assert_uint_ge(json_array_size(naughty), 500);
}
END_TEST

START_TEST(the_stress_test_of_markus_kuhn_is_cleaned)
{
	static char buf[1 << 16];
	FILE *f = fopen(vectors_path("UTF-8-test.txt"), "r");
	size_t len, lines = 0;

	ck_assert_ptr_nonnull(f);
	len = fread(buf, 1, sizeof buf, f);
	ck_assert(feof(f));
	fclose(f);
	check_input(buf, len, "the whole file");
	for (char *p = buf, *end; (end = memchr(p, '\n',
	    (size_t)(buf + len - p))) != NULL; p = end + 1) {
		char what[32];

		snprintf(what, sizeof what, "line %zu", ++lines);
		check_input(p, (size_t)(end - p), what);
	}
	ck_assert_uint_gt(lines, 250);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("text_vectors");
	TCase *tc = tcase_create("vectors");

	naughty = vectors_load("blns.json");
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, the_big_list_of_naughty_strings_is_cleaned);
	tcase_add_test(tc, the_stress_test_of_markus_kuhn_is_cleaned);
	suite_add_tcase(s, tc);
	return s;
}
