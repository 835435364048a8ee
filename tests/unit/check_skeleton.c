#include "runner.h"

#include "skeleton.h"

#include <string.h>

static const struct row {
	const char *a, *b;
} alike[] = {
	{ "bob", "b0b" },
	{ "bob", "B0B" },
	{ "Bill", "BiII" },
	{ "Bill", "Bi11" },
	{ "Bill", "BiIl" },
	{ "maria", "rnaria" },
	{ "wanda", "vvanda" },
	{ "Bob", "\u0412\u043e\u0432" },           /* all Cyrillic */
	{ "Peco", "\u0420\u0435\u0441\u043e" },
	{ "scope", "\u0455\u0441\u043e\u0440\u0435" },
	{ "HOPE", "\u0397\u039f\u03a1\u0395" },    /* all Greek */
	{ "nou", "\u0578\u0585\u057d" },           /* all Armenian */
	{ "JAVA", "\u13ab\u13aa\u13d9\u13aa" },    /* all Cherokee */
	{ "BOB", "\ua4d0\ua4f3\ua4d0" },           /* all Lisu */
	{ "\u0420\u041e\u0422", "\u03a1\u039f\u03a4" }, /* Cyrillic, Greek */
	{ "bob", "\uff42\uff4f\uff42" },           /* full width */
	{ "BOB", "\u0299\u1d0f\u0299" },           /* small capitals */
	{ "ivy", "\u0131vy" },                     /* without a dot */
	{ "gala", "\u0261al\u0251" },
	{ "O'Neill", "O\u2019Neill" },
	{ "ann-1", "ann\u2010l" },
	{ "caesar", "c\u00e6sar" },
	{ "J\u00fcrgen", "Ju\u0308rgen" },
	{ "\u5de5\u53e3", "\u30a8\u30ed" },        /* Han, Katakana */
}, different[] = {
	{ "bob", "rob" },
	{ "Ian", "Lan" },
	{ "ian", "lan" },
	{ "Max", "rnax" },
	{ "Jurgen", "J\u00fcrgen" },
	{ "ann1", "ann2" },
	{ "\u041c\u0430\u0448\u0430", "\u041c\u0438\u0448\u0430" },
	{ "\u0645\u0631\u064a\u0645", "\u0645\u0631\u0648\u0645" },
	{ "\u7530\u4e2d", "\u5c71\u4e2d" },
	{ "\U0001f9a6", "\U0001f984" },
};

enum {
	ALIKE = sizeof alike / sizeof *alike,
	DIFFERENT = sizeof different / sizeof *different,
};

static bool
are_alike(const struct row *r)
{
	char a[SKELETON_SIZE], b[SKELETON_SIZE];

	skeleton_of(r->a, a);
	skeleton_of(r->b, b);
	return strcmp(a, b) == 0;
}

START_TEST(names_that_look_alike_have_one_skeleton)
{
	ck_assert_msg(are_alike(&alike[_i]), "%s, %s", alike[_i].a,
	    alike[_i].b);
}
END_TEST

START_TEST(names_that_do_not_have_two)
{
	ck_assert_msg(!are_alike(&different[_i]), "%s, %s",
	    different[_i].a, different[_i].b);
}
END_TEST

START_TEST(skeletons_are_small_letters_and_what_they_were)
{
	char out[SKELETON_SIZE];

	skeleton_of("B0b-Ian_W1m", out);
	ck_assert_str_eq(out, "bob-lan_vvlrn");
	skeleton_of("Lola", out);
	ck_assert_str_eq(out, "Lola");
	skeleton_of("", out);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(what_is_no_name_has_a_skeleton_too)
{
	char out[SKELETON_SIZE], big[1024];

	skeleton_of("\xff\xfe", out);
	ck_assert_str_eq(out, "");
	memset(big, 'm', sizeof big);
	big[sizeof big - 1] = '\0';
	skeleton_of(big, out);
	ck_assert_uint_eq(strlen(out), SKELETON_SIZE - 2);
	memset(big, 'x', sizeof big - 1);
	skeleton_of(big, out);
	ck_assert_uint_eq(strlen(out), SKELETON_SIZE - 1);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("skeleton");
	TCase *tc = tcase_create("skeleton");

	tcase_add_loop_test(tc, names_that_look_alike_have_one_skeleton, 0,
	    ALIKE);
	tcase_add_loop_test(tc, names_that_do_not_have_two, 0, DIFFERENT);
	tcase_add_test(tc, skeletons_are_small_letters_and_what_they_were);
	tcase_add_test(tc, what_is_no_name_has_a_skeleton_too);
	suite_add_tcase(s, tc);
	return s;
}
