#include "config.h"

#include "runner.h"

#include "io/looks.h"

#include <string.h>

static bool
are_alike(const char *a, const char *b)
{
	char x[SKELETON_SIZE], y[SKELETON_SIZE];

	looks_skeleton(a, x);
	looks_skeleton(b, y);
	return strcmp(x, y) == 0;
}

START_TEST(what_the_own_table_knows_is_known)
{
	ck_assert(are_alike("bob", "B0B"));
	ck_assert(are_alike("Bill", "BiII"));
	ck_assert(are_alike("maria", "rnaria"));
	ck_assert(are_alike("wanda", "vvanda"));
	ck_assert(are_alike("Bob", "\u0412\u043e\u0432"));
	ck_assert(are_alike("BOB", "\u0299\u1d0f\u0299"));
	ck_assert(!are_alike("Ian", "Lan"));
	ck_assert(!are_alike("bob", "rob"));
	ck_assert(!are_alike("J\u00fcrgen", "Jurgen"));
}
END_TEST

START_TEST(icu_knows_more)
{
#ifdef HAVE_ICU
	const bool has_icu = true;
#else
	const bool has_icu = false;
#endif
	/* Canadian syllabics; a cross of mathematics. */
	ck_assert(are_alike("JLP", "\u148d\u14aa\u146d") == has_icu);
	ck_assert(are_alike("max", "ma\u292b") == has_icu);
}
END_TEST

START_TEST(what_is_no_name_does_no_harm)
{
	char out[SKELETON_SIZE], big[1024];

	looks_skeleton("", out);
	ck_assert_str_eq(out, "");
	looks_skeleton("\xff\xfe", out);
	memset(big, 'm', sizeof big);
	big[sizeof big - 1] = '\0';
	looks_skeleton(big, out);
	ck_assert_uint_lt(strlen(out), SKELETON_SIZE);
	/* One character of three bytes that is worth thirty. */
	for (size_t i = 0; i < NAME_MAX_LEN - 2; i += 3)
		memcpy(big + i, "\ufdfa", 4);
	looks_skeleton(big, out);
	ck_assert_uint_lt(strlen(out), SKELETON_SIZE);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("looks");
	TCase *tc = tcase_create("looks");

	tcase_add_test(tc, what_the_own_table_knows_is_known);
	tcase_add_test(tc, icu_knows_more);
	tcase_add_test(tc, what_is_no_name_does_no_harm);
	suite_add_tcase(s, tc);
	return s;
}
